"""Print what the vendors have to be told so that they send their webhooks here."""

from __future__ import annotations

import json
from typing import Any

from django.core.management.base import BaseCommand

from syncapp.engine.vocabulary import System
from syncapp.services import webhook_setup, webhooks


class Command(BaseCommand):
    """`manage.py webhooks`: the two addresses of this installation, and the file for the HubSpot app."""

    help = "Print the two addresses for webhooks and the file webhooks-hsmeta.json for the HubSpot app. Nothing is changed anywhere."

    def handle(self, *args: Any, **options: Any) -> None:
        """Print it."""
        for system in System:
            missing = "" if webhooks.secrets(system=system) else "   (no webhook is taken yet: its secret is not set)"
            self.stdout.write(f"{system.label} sends to {webhooks.address(system=system)}{missing}")
        self.stdout.write("\nwebhooks-hsmeta.json of the HubSpot app:\n")
        self.stdout.write(json.dumps(webhook_setup.hubspot_app(), indent=2))
