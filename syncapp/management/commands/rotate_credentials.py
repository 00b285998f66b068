"""Seal the stored tokens, and the secrets of second factors, with the newest key."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from syncapp.services import credentials, second_factor


class Command(BaseCommand):
    """`manage.py rotate_credentials`: afterwards the older keys can be taken out of CREDENTIAL_KEYS."""

    help = "Seal every stored token and second factor with the first key of CREDENTIAL_KEYS. Syncs may go on meanwhile."

    def handle(self, *args: Any, **options: Any) -> None:
        """Re-seal what is not sealed with the newest key yet."""
        try:
            number, others = credentials.rotate(), second_factor.rotate()
        except credentials.KeyMissing as error:
            raise CommandError(str(error)) from error
        sealed = f"{number} connections and {others} second factors were sealed anew."
        self.stdout.write(f"{sealed} Older keys can be taken out of CREDENTIAL_KEYS now.")
