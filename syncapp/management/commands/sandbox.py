"""`manage.py sandbox`: both vendors on this machine, for trying things out."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from integrations.sandbox import messages, serve, store


class Command(BaseCommand):
    """Serve the sandbox until stopped."""

    help = "Serve a HubSpot and a QuickBooks Online of our own on this machine, with made-up companies, until stopped."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the ports, the data to begin with, and the file to keep it in."""
        parser.add_argument("--hubspot-port", type=int, default=8801, help="Port of the HubSpot face (default: 8801).")
        parser.add_argument("--quickbooks-port", type=int, default=8802, help="Port of the QuickBooks face (default: 8802).")
        parser.add_argument("--seed", default="demo", help="demo (default), empty, or the path of a file with records.")
        parser.add_argument(
            "--state", type=Path, default=None, help="File that keeps the records between two starts (default: memory only)."
        )

    def handle(self, *args: object, **options: Any) -> None:
        """Serve both faces."""
        try:
            serve.serve_forever(
                hubspot_port=options["hubspot_port"],
                quickbooks_port=options["quickbooks_port"],
                seed=options["seed"],
                state=options["state"],
            )
        except (messages.BadControl, store.StateFileUnusable, OSError) as error:
            raise CommandError(f"The sandbox cannot start: {error}") from error
