"""Run a sync here and now, and tell what it did."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from syncapp import models
from syncapp.engine import vocabulary
from syncapp.services import lane, ports, runs


class Command(BaseCommand):
    """`manage.py run_sync NAME` or `--all`, with `--preview` and `--json`."""

    help = "Run one sync by its name, or all active ones, in the foreground. With --preview nothing is written."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Name the arguments."""
        parser.add_argument("name", nargs="?", help="The sync's name, as on its page.")
        parser.add_argument("--all", action="store_true", help="Run every active sync, one after the other.")
        parser.add_argument("--preview", action="store_true", help="Plan only; write nothing at either vendor.")
        parser.add_argument("--json", action="store_true", help="Print one JSON object a run instead of sentences.")

    def handle(self, *args: Any, **options: Any) -> None:
        """Run them; exit code 1 when one failed or was stopped by a brake."""
        bad = [run for run in map(lambda config: self._run(config, options), self._configs(options)) if run.state not in _GOOD]
        if bad:
            raise CommandError(f"{len(bad)} of the runs need a person: {', '.join(str(run) for run in bad)}.")

    def _configs(self, options: dict[str, Any]) -> list[models.SyncConfig]:
        if options["all"] == bool(options["name"]):
            raise CommandError("Give the name of one sync, or --all.")
        rows = models.SyncConfig.objects.select_related("left", "right").order_by("pk")
        found = list(rows.filter(active=True) if options["all"] else rows.filter(name=options["name"]))
        if not found and not options["all"]:
            known = ", ".join(rows.values_list("name", flat=True)) or "none yet"
            raise CommandError(f"There is no sync called {options['name']!r}. There is: {known}.")
        return found

    def _run(self, config: models.SyncConfig, options: dict[str, Any]) -> models.SyncRun:
        kind = vocabulary.RunKind.PREVIEW if options["preview"] else vocabulary.RunKind.DELTA
        try:
            run = runs.start(config=config, kind=kind, trigger=vocabulary.RunTrigger.COMMAND, now=ports.REAL.now(), enqueue=False)
        except runs.CannotStart as reason:
            raise CommandError(str(reason)) from reason
        run = lane.to_the_end(run_id=run.pk)
        told = {
            "sync": config.name,
            "run": run.pk,
            "kind": run.kind,
            "state": run.state,
            "words": run.words,
            "brakes": run.brakes,
            "counts": run.counts,
        }
        if options["json"]:
            self.stdout.write(json.dumps(told))
        else:
            self.stdout.write(f"{config.name}, run {run.pk}: {vocabulary.RunState(run.state).label}. {run.words}".strip())
            for name, number in sorted(run.counts.items()):
                self.stdout.write(f"  {name.replace('_', ' ')}: {number}")
            for sentence in run.brakes:
                self.stdout.write(f"  brake: {sentence}")
        return run


_GOOD = {vocabulary.RunState.SUCCEEDED, vocabulary.RunState.PARTIAL}
