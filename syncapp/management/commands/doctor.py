"""Look at everything that this installation needs, and say what to do."""

from __future__ import annotations

import json
import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from syncapp.management import examination
from syncapp.services import ports


class Command(BaseCommand):
    """`manage.py doctor`: a line for each thing, exit code 1 where one is broken."""

    help = "Look at settings, database, queue, keys, accounts, mail, clock and disk; say what to do. Changes nothing at a vendor."
    requires_system_checks: list[str] = []  # what they find is told among the rest

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Name the arguments."""
        parser.add_argument("--no-calls", action="store_true", help="Ask the vendors nothing.")
        parser.add_argument("--json", action="store_true", help="Print one JSON object a line instead of sentences.")

    def handle(self, *args: Any, **options: Any) -> None:
        """Look, and tell at once what was found."""
        broken = 0
        for found in examination.examine(now=ports.REAL.now(), calls=not options["no_calls"]):
            broken += found.state is examination.State.BROKEN
            self._tell(found, as_json=options["json"])
        if broken:
            sys.exit(1)

    def _tell(self, found: examination.Finding, *, as_json: bool) -> None:
        if as_json:
            told = {"about": found.about, "state": found.state.value, "words": found.words, "remedy": found.remedy}
            self.stdout.write(json.dumps(told))
        else:
            self.stdout.write(f"{found.state.value:8} {found.about:12} {' '.join(filter(None, [found.words, found.remedy]))}")
        self.stdout.flush()
