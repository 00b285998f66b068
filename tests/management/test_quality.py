"""How `manage.py test` adds up, and the server it starts."""

from __future__ import annotations

import io
import subprocess
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.core.management import call_command
from django.db import connection

from syncapp.management.commands.test import Command
from syncapp.management.quality import audit, checks, postgres
from syncapp.management.quality.tally import Tally, from_report

REPORT = '<testsuites><testsuite name="pytest" tests="10" failures="2" errors="1" skipped="3"/></testsuites>'


class TestTally:
    def test_adds_up_several_runs(self) -> None:
        assert str(Tally(5, 0, 1) + Tally(3, 2, 0)) == "8 passed, 2 failed, 1 skipped"

    def test_is_read_from_a_report(self, tmp_path: Path) -> None:
        report = tmp_path / "report.xml"
        report.write_text(REPORT, encoding="utf-8")

        assert from_report(report, exit_code=1, may_be_empty=False) == Tally(passed=4, failed=3, skipped=3)

    @pytest.mark.parametrize(("exit_code", "may_be_empty", "failed"), [(3, False, 1), (5, False, 1), (5, True, 0), (0, False, 0)])
    def test_counts_a_run_that_ended_badly_as_a_failure(self, tmp_path: Path, exit_code: int, may_be_empty: bool, failed: int) -> None:
        assert from_report(tmp_path / "missing.xml", exit_code=exit_code, may_be_empty=may_be_empty).failed == failed


class TestChecks:
    def test_make_new_secrets_each_time(self) -> None:
        first, second = (checks.every(root=Path("/"))[-1].env for _ in range(2))

        assert first["SECRET_KEY"] != second["SECRET_KEY"]


LOOKED_UP = '{"dependencies": [{"name": "a", "version": "1", "vulns": []}]}'
FAULTY = '{"dependencies": [{"name": "a", "version": "1", "vulns": [{"id": "CVE-1", "fix_versions": ["2", "3"]}]}]}'
LEFT_OUT = '{"dependencies": [{"name": "a", "version": "1", "vulns": []}, {"name": "b", "skip_reason": "not found"}]}'


class TestAudit:
    def test_is_fine_where_every_package_was_looked_up(self) -> None:
        assert audit.judged(code=0, out=LOOKED_UP, errors="") == audit.Audit()

    def test_names_every_fault_with_its_remedy(self) -> None:
        assert audit.judged(code=1, out=FAULTY, errors="Found 1 known vulnerability").faults == ("a 1: CVE-1, fixed in 2, 3",)

    @pytest.mark.parametrize(
        ("code", "out", "errors", "why"),
        [
            (1, "", "WARNING: x\nERROR: a: not found on PyPI\n", "ERROR: a: not found on PyPI"), (1, "", "", "it said nothing"),
            (0, LEFT_OUT, "", "1 of 2 packages could not be looked up"), (0, '{"dependencies": []}', "", "0 of 0 packages could not"),
            (2, LOOKED_UP, "", "0 of 1 packages could not"), (0, "[]", "odd", "odd"), (0, '{"dependencies": [5]}', "odd", "odd"),
        ],
    )
    def test_was_not_run_where_anything_is_missing(self, code: int, out: str, errors: str, why: str) -> None:
        found = audit.judged(code=code, out=out, errors=errors)

        assert (found.faults, found.not_run.startswith(why)) == ((), True)

    def test_was_not_run_where_no_answer_comes(self, monkeypatch: pytest.MonkeyPatch) -> None:
        def silent(*arguments: object, **options: object) -> None:
            raise subprocess.TimeoutExpired("pip_audit", audit.SECONDS)

        monkeypatch.setattr(audit.subprocess, "run", silent)

        assert audit.run(root=Path("/")).not_run == f"no answer within {audit.SECONDS} seconds"


class TestLastLines:
    def told(self, found: audit.Audit, monkeypatch: pytest.MonkeyPatch) -> tuple[object, list[str]]:
        """The exit code and what is said at the end of a run in which all else is fine."""
        out = io.StringIO()
        monkeypatch.setattr(checks, "every", lambda root: [])
        monkeypatch.setattr(audit, "run", lambda root: found)
        monkeypatch.setattr(Command, "_pytest", lambda *arguments, **options: Tally(passed=5))
        with pytest.raises(SystemExit) as ended:
            call_command("test", fast=True, stdout=out)
        return ended.value.code, out.getvalue().splitlines()

    def test_say_that_the_packages_were_not_looked_up(self, monkeypatch: pytest.MonkeyPatch) -> None:
        code, lines = self.told(audit.Audit(not_run="ERROR: no network"), monkeypatch)

        assert lines[-3] == (
            "!!! NOT RUN, and so not passed: whether any package has a known fault (pip-audit). ERROR: no network"
        )
        assert (code, lines[-1]) == (0, "5 passed, 0 failed, 0 skipped")

    def test_count_a_fault_as_a_failure(self, monkeypatch: pytest.MonkeyPatch) -> None:
        code, lines = self.told(audit.Audit(faults=("a 1: CVE-1, fixed in 2",)), monkeypatch)

        assert (code, lines[-1]) == (1, "5 passed, 1 failed, 0 skipped")
        assert "a 1: CVE-1, fixed in 2" in lines

    def test_say_nothing_of_it_where_all_is_fine(self, monkeypatch: pytest.MonkeyPatch) -> None:
        code, lines = self.told(audit.Audit(), monkeypatch)

        assert (code, "NOT RUN" in "".join(lines), "fine" in lines) == (0, False, True)


class TestBytecode:
    def test_is_kept_for_the_other_workers_whatever_the_machine_says(self, monkeypatch: pytest.MonkeyPatch) -> None:
        started: list[dict[str, str]] = []

        def noted(command: list[str], **options: Any) -> subprocess.CompletedProcess[str]:
            started.append(options["env"])
            return subprocess.CompletedProcess(command, 0)

        monkeypatch.setenv("PYTHONDONTWRITEBYTECODE", "1")
        monkeypatch.setattr(subprocess, "run", noted)

        with pytest.raises(SystemExit):
            call_command("test", "tests/engine", fast=True, stdout=io.StringIO())

        assert [env["PYTHONDONTWRITEBYTECODE"] for env in started] == [""]


class TestPostgres:
    @pytest.mark.postgresql
    @pytest.mark.django_db
    def test_vacuums_no_table_of_the_tests(self) -> None:
        with connection.cursor() as cursor:
            cursor.execute("select reloptions from pg_class where oid = 'syncapp_vendorfield'::regclass")

            assert cursor.fetchone() == (["autovacuum_enabled=off"],)

    def test_is_the_server_that_is_named(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("TEST_DATABASE_URL", "postgres://someone@somewhere/tests")

        with postgres.server() as server:
            assert server is not None
            assert server.url == "postgres://someone@somewhere/tests"

    def test_is_none_where_there_are_no_programs(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.delenv("TEST_DATABASE_URL", raising=False)
        monkeypatch.setattr(postgres, "_system_binaries", lambda: None)
        monkeypatch.setattr(postgres, "_packaged_binaries", lambda: None)

        with postgres.server() as server:
            assert server is None

    def test_from_the_package_index_runs_and_leaves_nothing(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.delenv("TEST_DATABASE_URL", raising=False)
        monkeypatch.setattr(postgres, "_system_binaries", lambda: None)

        with postgres.server() as server:
            assert server is not None
            folder = Path(server.url.removeprefix("postgres://postgres@/").removesuffix("/postgres"))
            with psycopg.connect(host=str(folder), user="postgres", dbname="postgres") as connection:
                answer = connection.execute("select 1 + 1").fetchone()

        assert answer == (2,)
        assert not folder.exists()
