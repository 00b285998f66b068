"""`manage.py test`: everything that must hold before a change is handed in."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser

from syncapp.management.quality import audit, checks, postgres, tally

MOST_WORKERS = 4
RULE = "=" * 100


class Command(BaseCommand):
    """Style, types, import contracts, migrations, the strict set-up, known faults of packages, and the tests on both databases."""

    help = (
        "Run every check and every test. What follows goes to pytest (`test tests/engine -k merge`); naming tests this way leaves "
        "the other checks out."
    )
    requires_system_checks: list[str] = []

    def run_from_argv(self, argv: list[str]) -> None:
        """Take --fast for ourselves and hand every other argument to pytest, which has too many to declare."""
        arguments = [argument for argument in argv[2:] if argument != "--fast"]
        if {"-h", "--help"} & set(arguments):
            self.print_help(argv[0], argv[1])
            return
        sys.exit(self._run(arguments, fast="--fast" in argv[2:]))

    def add_arguments(self, parser: CommandParser) -> None:
        """Describe the arguments for --help."""
        parser.add_argument("--fast", action="store_true", help="Leave PostgreSQL out.")
        parser.add_argument("pytest", nargs="*", help="Arguments and paths for pytest.")

    def handle(self, *args: object, **options: Any) -> None:
        """Run everything, when called from Python."""
        sys.exit(self._run(list(options["pytest"]), fast=options["fast"]))

    def _run(self, arguments: list[str], *, fast: bool) -> int:
        started = time.monotonic()
        names_tests = any(not argument.startswith("-") or argument in ("-k", "-m", "--lf", "--ff") for argument in arguments)
        total, looked_up = tally.Tally(), audit.Audit()
        if names_tests:
            self._say("Only the named tests; style, types, contracts and set-up are left out.")
        else:
            total += self._run_checks()
            looked_up = self._look_up_packages()
            total += tally.Tally(failed=len(looked_up.faults))
        total += self._pytest("SQLite", arguments, env={"TEST_DATABASE_URL": ""}, whole=not names_tests)
        if fast:
            self._say("PostgreSQL left out (--fast).")
        else:
            total += self._run_on_postgres(arguments, whole=not names_tests)
        if looked_up.not_run:
            self._say(f"!!! NOT RUN, and so not passed: whether any package has a known fault (pip-audit). {looked_up.not_run}")
        self.stdout.write(f"Took {time.monotonic() - started:.0f} seconds.")
        self.stdout.write(str(total))
        self.stdout.flush()
        return 1 if total.failed else 0

    def _run_checks(self) -> tally.Tally:
        """Run the checks; each one that fails counts as a failure."""
        failures = 0
        for check in checks.every(root=Path(settings.BASE_DIR)):
            self._title(check.title)
            code = subprocess.run(check.argv, cwd=settings.BASE_DIR, env={**os.environ, **check.env}, check=False).returncode
            self._say("fine" if code == 0 else f"FAILED ({check.title})")
            failures += code != 0
        return tally.Tally(failed=failures)

    def _look_up_packages(self) -> audit.Audit:
        """Ask for known faults of the packages. Each one is a failure; that its data is out of reach is said, here and at the end."""
        self._title("known faults of packages (pip-audit)")
        found = audit.run(root=Path(settings.BASE_DIR))
        for fault in found.faults:
            self._say(fault)
        self._say(f"NOT RUN: {found.not_run}" if found.not_run else "FAILED (pip-audit)" if found.faults else "fine")
        return found

    def _run_on_postgres(self, arguments: Sequence[str], *, whole: bool) -> tally.Tally:
        """Run the tests that touch the database on PostgreSQL; without a server that is said aloud, and is a failure in CI."""
        try:
            with postgres.server() as server:
                if server is not None:
                    env = {"TEST_DATABASE_URL": server.url}
                    return self._pytest(
                        f"PostgreSQL, {server.origin}", [*arguments, "--only-database"], env=env, whole=whole, may_be_empty=True
                    )
            reason = "no server was found; install postgresql, or set TEST_DATABASE_URL"
        except RuntimeError as error:
            reason = str(error)
        self._title(f"!!! THE TESTS WERE NOT RUN ON POSTGRESQL: {reason}")
        return tally.Tally(failed=1 if os.environ.get("CI") == "true" else 0)

    def _pytest(self, title: str, arguments: Sequence[str], *, env: dict[str, str], whole: bool, may_be_empty: bool = False) -> tally.Tally:
        self._title(f"tests on {title}")
        with tempfile.TemporaryDirectory(prefix="syncapp-report-") as folder:
            report = Path(folder) / "report.xml"
            workers = min(os.cpu_count() or 1, MOST_WORKERS)
            spread = ["-n", str(workers), "--dist", "worksteal"] if whole and workers > 1 else []
            command = [sys.executable, "-m", "pytest", f"--junitxml={report}", *spread, *arguments]
            # Without bytecode each worker, and each command that a test starts, would compile everything anew.
            environment = {**os.environ, **env, "PYTHONDONTWRITEBYTECODE": ""}
            code = subprocess.run(command, cwd=settings.BASE_DIR, env=environment, check=False).returncode
            return tally.from_report(report, exit_code=code, may_be_empty=may_be_empty)

    def _title(self, words: str) -> None:
        self._say(f"\n{RULE}\n{words}\n{RULE}")

    def _say(self, words: str) -> None:
        self.stdout.write(words)
        self.stdout.flush()
