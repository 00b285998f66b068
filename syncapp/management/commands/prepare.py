"""Bring the database up to date, before the parts are started one by one."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from syncapp.management import preparation


class Command(BaseCommand):
    """`manage.py prepare`: what `serve` does first, alone."""

    help = "Bring the database up to date and stop. Run it on one machine before `serve --only` starts on any; twice is harmless."

    def handle(self, *args: Any, **options: Any) -> None:
        """Do it."""
        preparation.prepare(tell=self.stdout.write)
        self.stdout.write("The database is up to date.")
