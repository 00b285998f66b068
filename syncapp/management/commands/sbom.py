"""Write which packages this program runs with, for tools that watch them."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from syncapp.management.quality import locks


class Command(BaseCommand):
    """`manage.py sbom --output FILE`: CycloneDX 1.6, from the lock."""

    help = "Write the packages of requirements.lock with their versions and digests as a CycloneDX list (JSON)."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Name the argument."""
        parser.add_argument("--output", help="The file to write. Without it the list is printed.")

    def handle(self, *args: Any, **options: Any) -> None:
        """Write or print it; the same lock always gives the same text."""
        found = {
            "bomFormat": "CycloneDX", "specVersion": "1.6", "version": 1,
            "metadata": {"component": {"type": "application", "name": "syncapp"}},
            "components": [self._component(pin) for pin in locks.pins(file=Path(settings.BASE_DIR) / locks.RUNTIME)],
        }
        text = json.dumps(found, indent=2) + "\n"
        if options["output"]:
            Path(options["output"]).write_text(text, encoding="utf-8")
        else:
            self.stdout.write(text, ending="")

    def _component(self, pin: locks.Pin) -> dict[str, Any]:
        """One package; its digests are those of the files that may be installed, on any machine."""
        purl = f"pkg:pypi/{pin.name}@{pin.version}"
        files = [{"type": "distribution", "url": purl, "hashes": [{"alg": "SHA-256", "content": one}]} for one in pin.digests]
        return {
            "type": "library", "bom-ref": purl, "name": pin.name, "version": pin.version, "purl": purl, "externalReferences": files,
        }
