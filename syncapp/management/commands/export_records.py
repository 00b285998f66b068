"""Write what a saved view shows into a file."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from syncapp import models
from syncapp.engine.vocabulary import ExportContent, ExportFormat
from syncapp.services import exports


class Command(BaseCommand):
    """`manage.py export_records VIEW --format xlsx --output FILE`."""

    help = "Write the records that a saved view shows, in its columns, into a file that its owner alone can read."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Name the arguments."""
        parser.add_argument("view", help="The name of the saved view.")
        parser.add_argument("--format", default="csv", choices=[one.extension for one in ExportFormat], help="The kind of file.")
        parser.add_argument("--output", required=True, help="The file to write. It appears once it is complete.")
        parser.add_argument("--force", action="store_true", help="Replace the file if there is one.")
        parser.add_argument("--owner", default="", help="Whose view it is, where several people have one of that name.")

    def handle(self, *args: Any, **options: Any) -> None:
        """Write it, or say what is in the way."""
        view = self._view(name=options["view"], owner=options["owner"])
        output, format = Path(options["output"]), ExportFormat(options["format"].upper())
        try:
            number = exports.save_to(path=output, view=view, format=format, replace=options["force"])
        except FileExistsError as error:
            raise CommandError(f"{output} is there already. Name another file, or replace it with --force.") from error
        except OSError as error:
            raise CommandError(f"{output} cannot be written: {error.strerror}.") from error
        self.stdout.write(f"{ExportContent.RECORDS.counted(number)} of “{view.name}” in {output}.")

    def _view(self, *, name: str, owner: str) -> models.SavedView:
        named = models.SavedView.objects.exclude(name="").select_related("config", "config__left", "config__right", "owner")
        found = list(named.filter(name=name, **({"owner__username": owner} if owner else {})))
        if len(found) > 1:
            owners = ", ".join(sorted(view.owner.get_username() for view in found))
            raise CommandError(f"Several people have a view called {name!r}: {owners}. Name one of them with --owner.")
        if not found:
            known = ", ".join(sorted(set(named.values_list("name", flat=True)))) or "none yet"
            raise CommandError(f"There is no view called {name!r}. There is: {known}.")
        return found[0]
