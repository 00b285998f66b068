"""Check that nothing of the audit was changed, or remove what is older than it has to be kept."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from syncapp.services import audit_check, ports


class Command(BaseCommand):
    """`manage.py audit --verify [--expect NUMBER:HASH]`, or `--remove [--years 8]`."""

    help = "Follow the chain of the audit and name the first entry that was changed or taken out; or remove entries that are old enough."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Name the arguments."""
        what = parser.add_mutually_exclusive_group(required=True)
        what.add_argument("--verify", action="store_true", help="Follow the whole chain; exit code 1 where it is broken.")
        what.add_argument("--remove", action="store_true", help="Remove what is older than --years, and write that down.")
        parser.add_argument("--expect", metavar="NUMBER:HASH", help="An end that --verify printed before: the chain must still hold it.")
        parser.add_argument("--years", type=int, default=audit_check.YEARS, help="How many years are kept.")
        parser.add_argument("--sooner", action="store_true", help="Really keep less than eight years. Ask whoever answers for the books.")

    def handle(self, *args: Any, **options: Any) -> None:
        """Do the one or the other."""
        if options["verify"]:
            self._verify(options["expect"])
        else:
            self._remove(options["years"], options["sooner"])

    def _verify(self, expect: str | None) -> None:
        found = audit_check.verify(expect=self._expected(expect))
        if found.wrong:
            raise CommandError(f"The audit is broken, {found.followed} entries are whole. {' '.join(found.wrong)}")
        self.stdout.write(f"The audit is whole: {found.followed} entries. Keep its end somewhere else:")
        self.stdout.write(f"{found.number}:{found.hash}")

    def _expected(self, expect: str | None) -> tuple[int, str] | None:
        if expect is None:
            return None
        number, _, digest = expect.partition(":")
        if not number.isdecimal() or not digest:
            raise CommandError("Give --expect as --verify printed it: the number, a colon, the hash.")
        return int(number), digest

    def _remove(self, years: int, sooner: bool) -> None:
        try:
            told = audit_check.remove(years=years, now=ports.REAL.now(), sooner=sooner)
        except audit_check.RemovalRefused as refused:
            raise CommandError(str(refused)) from refused
        self.stdout.write(
            f"Nothing is older than {years} years. Nothing was removed." if told is None
            else f"Removed entries {told.before_and_after['entries'][0]}; entry {told.number} tells of it."
        )
