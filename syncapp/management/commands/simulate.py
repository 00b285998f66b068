"""`manage.py simulate`: let the sync work in a made-up world where much goes wrong, for as long as it is asked to."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser


class Command(BaseCommand):
    """Hand everything to the simulation, which runs with the settings of the tests in a process of its own."""

    help = (
        "Play random scenarios on a sandbox in memory, with faults at any call and any commit, and hold what comes of them against the "
        "promises; then let a process die at every place of the reference scenarios. Touches no account and no database of yours."
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare how much is to be played."""
        parser.add_argument("--scenarios", type=int, default=2_000, help="How many random scenarios (default: 2000).")
        parser.add_argument("--seed", type=int, default=0, help="The number of the first one (default: 0).")
        parser.add_argument("--crashes", type=int, default=1, help="Die at one in so many places (default: 1, every place; 0: none).")
        parser.add_argument("--planted", action="store_true", help="Plant bugs as well, each in memory alone, and hunt for each.")
        parser.add_argument("--keep", default="", help="Make what fails small and write it to this folder.")
        parser.add_argument("--json", action="store_true", help="End with the figures as one line of JSON.")

    def handle(self, *args: object, **options: Any) -> None:
        """Play, and end with the simulation's own exit code."""
        command = [sys.executable, "-m", "tests.simulation"]
        for name in ("scenarios", "seed", "crashes"):
            command += [f"--{name}", str(options[name])]
        if options["keep"]:
            command += ["--keep", options["keep"]]
        command += [f"--{name}" for name in ("planted", "json") if options[name]]
        sys.exit(subprocess.run(command, cwd=settings.BASE_DIR, check=False).returncode)
