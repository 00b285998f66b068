"""Somebody who exports records: what the tests of exports share."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from django_q.models import OrmQ

from syncapp import models
from syncapp.engine.vocabulary import ExportFormat
from syncapp.services import export_mail, exports
from tests.admin.scene import Scene, person
from tests.services import made

OPERATES = ("syncapp.view_recordpair", "syncapp.export_recordpair", "syncapp.see_personal_values")
MAY_EXPORT = (*OPERATES, "syncapp.change_syncconfig")


class Desk:
    """Everything there is to export, and somebody who may."""

    def __init__(self) -> None:
        self.scene = Scene()
        self.user = person("zoe", *MAY_EXPORT)
        self.user.email = "zoe@example.com"
        self.user.save()
        self.clock = made.Clock()

    def ask(self, format: ExportFormat = ExportFormat.CSV, query: str = "", keys: Sequence[str] = ("left_name",)) -> models.ExportFile:
        return exports.ask(
            owner=self.user, format=format, query=query, columns=list(keys), config=self.scene.config, name="My, records!",
            outside=self.clock.ports,
        )

    def queued(self, monkeypatch: pytest.MonkeyPatch, **facts: Any) -> models.ExportFile:
        monkeypatch.setattr(exports, "AT_ONCE", 2)
        monkeypatch.setattr(exports, "CHUNK", 2)
        return self.ask(**facts)

    def write(self, export: models.ExportFile) -> models.ExportFile:
        exports.write(export_id=export.pk, outside=self.clock.ports)
        export.refresh_from_db()
        return export

    def send(self, export: models.ExportFile) -> models.ExportFile:
        export_mail.send(export_id=export.pk, outside=self.clock.ports)
        export.refresh_from_db()
        return export

    def files(self) -> list[str]:
        """The files of exports; the mark of the place is none."""
        return sorted(path.name for path in exports.directory().iterdir() if not path.name.startswith("."))


def path_of(export: models.ExportFile) -> Path:
    path = exports.path_of(export)
    assert path is not None
    return path


def rings() -> list[str]:
    return [entry.func() for entry in OrmQ.objects.order_by("pk")]


def csv_lines(path: Path) -> list[list[str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.reader(file))
