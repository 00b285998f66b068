"""Somebody who imports files into the sync of the scene: what the tests of imports share."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import pytest

from syncapp import models
from syncapp.engine.vocabulary import ImportKind, ImportOutcome
from syncapp.services import imports
from syncapp.services.import_lines import Plan
from tests.admin.scene import Scene, person
from tests.services import made
from tests.services.uploads import csv_file


class Importer:
    """Uploads, looks, carries out."""

    def __init__(self) -> None:
        self.scene = Scene()
        self.config = self.scene.config
        self.user = person("zoe")
        self.now: datetime = made.NOW

    def upload(
        self, kind: ImportKind, *lines: Sequence[str], mapping: models.FieldMapping | None = None, replaces: bool = False
    ) -> models.ImportDraft:
        return self.upload_file(kind, csv_file(*lines), mapping=mapping, replaces=replaces)

    def upload_file(
        self, kind: ImportKind, content: bytes, name: str = "my lines.csv", mapping: models.FieldMapping | None = None,
        replaces: bool = False,
    ) -> models.ImportDraft:
        place = imports.Place(kind=kind, config=self.config, mapping=mapping)
        made_of_it = imports.keep(owner=self.user, place=place, name=name, content=content, now=self.now, replaces=replaces)
        return imports.mine(owner=self.user, config=self.config, pk=made_of_it.pk, now=self.now)

    def carry_out(self, draft: models.ImportDraft, seen: Plan | None = None) -> str:
        looked_at = seen or imports.plan(draft=draft)
        return imports.carry_out(draft=draft, seen=looked_at.digest, actor=self.user, now=self.now)

    def refusal(self, draft: models.ImportDraft, seen: Plan | None = None) -> str:
        """Try to carry it out, expect that nothing at all is changed, and tell what was said."""
        before = everything()
        with pytest.raises(imports.ImportRefused) as refused:
            self.carry_out(draft, seen)
        assert everything() == before
        return str(refused.value)


def told(draft: models.ImportDraft) -> list[tuple[int, ImportOutcome, str]]:
    return [(one.number, one.outcome, one.words) for one in imports.plan(draft=draft).verdicts]


def wrong(draft: models.ImportDraft) -> str:
    """What is said of the only line, which is wrong."""
    ((_, outcome, words),) = told(draft)
    assert outcome is ImportOutcome.WRONG, words
    return words


def everything() -> list[list[dict[str, object]]]:
    watched = (
        models.RecordPair, models.Operation, models.Conflict, models.Record, models.SyncConfig, models.FieldMapping, models.ValueMapping,
        models.ImportDraft,
    )
    return [list(model.objects.order_by("pk").values()) for model in watched]
