"""The settings of a sync as a file, for scripts: write it, compare with it, take it over."""

from __future__ import annotations

import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from syncapp import models
from syncapp.engine import vocabulary
from syncapp.selectors import refusals
from syncapp.services import configs, import_files, import_settings, ports, settings_files

DIFFERENT, TROUBLE = 1, 2


class Command(BaseCommand):
    """`manage.py config export|diff|import`: ends with 0 where all is the same or done, 1 where something differs, 2 in trouble."""

    help = "Export the settings of a sync as a file, compare with such a file, or import one. Only `import --apply` changes anything."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Name the three things it does, with their arguments."""
        verbs = parser.add_subparsers(dest="verb", required=True)
        export = verbs.add_parser("export", help="Write the settings of a sync.")
        export.add_argument("name", help="The sync's name, as on its page.")
        export.add_argument("--output", help="The file to write. Without it they are printed.")
        compare = verbs.add_parser("diff", help="Say what differs between a sync and a file. Exit code 1 if anything does.")
        compare.add_argument("name", help="The sync's name, as on its page.")
        compare.add_argument("file", help="The file.")
        taking = verbs.add_parser("import", help="Say what would come of a file, and with --apply do it, all or nothing.")
        taking.add_argument("file", help="The file.")
        taking.add_argument("--left", required=True, help="The HubSpot account, by its name or id.")
        taking.add_argument("--right", required=True, help="The QuickBooks company, by its name or id.")
        taking.add_argument("--name", default="", help="The name of a new sync. Without it the name that stands in the file.")
        taking.add_argument("--apply", action="store_true", help="Do it. Without it nothing is changed; exit code 1 if anything would.")

    def handle(self, *args: Any, **options: Any) -> None:
        """Do one of them."""
        try:
            different = {"export": self._export, "diff": self._diff, "import": self._import}[options["verb"]](options)
        except (import_files.FileRefused, configs.ConfigRefused, refusals.VendorTrouble) as refused:
            raise CommandError(str(refused), returncode=TROUBLE) from refused
        except OSError as error:
            raise CommandError(f"{error.filename}: {error.strerror}.", returncode=TROUBLE) from error
        if different:
            sys.exit(DIFFERENT)

    def _export(self, options: dict[str, Any]) -> bool:
        text = settings_files.text(config=self._config(options["name"]))
        if options["output"]:
            Path(options["output"]).write_text(text, encoding="utf-8", newline="\n")
        else:
            self.stdout.write(text, ending="")
        return False

    def _diff(self, options: dict[str, Any]) -> bool:
        config, wished = self._config(options["name"]), settings_files.read(content=Path(options["file"]).read_bytes())
        changes = import_settings.compared(config=config, wished=wished)
        self._tell([one.words for one in changes] or ["Nothing differs."])
        return bool(changes)

    def _import(self, options: dict[str, Any]) -> bool:
        wished = settings_files.read(content=Path(options["file"]).read_bytes())
        left = self._account(vocabulary.System.HUBSPOT, options["left"])
        right = self._account(vocabulary.System.QUICKBOOKS, options["right"])
        rows = models.SyncConfig.objects.select_related("left", "right")
        config = rows.filter(left=left, right=right, object_pair=wished.object_pair).first()
        if config is None:
            return self._new(wished, left, right, options)
        if options["apply"]:
            plan = import_settings.apply(config=config, wished=wished, actor=None, now=ports.REAL.now())
        else:
            plan = import_settings.settings(config=config, wished=wished)
        self._tell([*(one.words for one in plan.verdicts), *plan.refusals])
        if plan.wrong:
            raise CommandError(f"“{config}” was not changed: the file does not fit.", returncode=TROUBLE)
        changes = plan.number(vocabulary.ImportOutcome.CHANGE)
        self.stdout.write(f"“{config}”: {changes} {'changed' if options['apply'] else 'would change'}.")
        return bool(changes) and not options["apply"]

    def _new(self, wished: Any, left: models.Connection, right: models.Connection, options: dict[str, Any]) -> bool:
        made = import_settings.create(
            wished=wished, left=left, right=right, name=options["name"], actor=None, now=ports.REAL.now(), only_look=not options["apply"]
        )
        done = "is set up" if options["apply"] else "would be set up"
        self.stdout.write(f"“{made}” {done} between {left} and {right}, switched off, with {len(wished.mappings)} field mappings.")
        return not options["apply"]

    def _tell(self, sentences: list[str]) -> None:
        for sentence in sentences:
            self.stdout.write(sentence)

    def _config(self, name: str) -> models.SyncConfig:
        found = models.SyncConfig.objects.select_related("left", "right").filter(name=name).first()
        if found is None:
            known = ", ".join(models.SyncConfig.objects.values_list("name", flat=True)) or "none yet"
            raise CommandError(f"There is no sync called {name!r}. There is: {known}.", returncode=TROUBLE)
        return found

    def _account(self, system: vocabulary.System, wanted: str) -> models.Connection:
        known = list(models.Connection.objects.filter(system=system))
        found = [one for one in known if wanted in (one.external_id, one.name, str(one))]
        if len(found) != 1:
            names = ", ".join(f"{one.name} ({one.external_id})" for one in known) or "none yet"
            several = "several accounts" if found else "no account"
            raise CommandError(f"{system.label} has {several} called {wanted!r}. There is: {names}.", returncode=TROUBLE)
        return found[0]
