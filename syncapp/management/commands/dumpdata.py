"""Django's own dump, without the vendors' tokens."""

from __future__ import annotations

from typing import Any

from django.core.management.commands import dumpdata

TOKENS = "syncapp.credential"


class Command(dumpdata.Command):
    """`manage.py dumpdata`: a dump travels and lies about, so even sealed tokens stay where they are."""

    def handle(self, *app_labels: str, **options: Any) -> None:
        """Dump everything asked for but the tokens."""
        super().handle(*app_labels, **{**options, "exclude": [*options["exclude"], TOKENS]})
