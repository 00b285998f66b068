"""Seal the stored tokens with the newest key."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from syncapp.services import credentials


class Command(BaseCommand):
    """`manage.py rotate_credentials`: afterwards the older keys can be taken out of CREDENTIAL_KEYS."""

    help = "Seal every stored token with the first key of CREDENTIAL_KEYS. Syncs may go on meanwhile."

    def handle(self, *args: Any, **options: Any) -> None:
        """Re-seal what is not sealed with the newest key yet."""
        try:
            number = credentials.rotate()
        except credentials.KeyMissing as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"{number} connections were sealed anew. Older keys can be taken out of CREDENTIAL_KEYS now.")
