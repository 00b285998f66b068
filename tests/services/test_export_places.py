"""Machines that keep the files of exports in different places hear of it."""

from __future__ import annotations

import dataclasses
from datetime import timedelta
from pathlib import Path

import pytest
from pytest_django.fixtures import Settings

from syncapp.services import export_places, exports
from tests.services import made
from tests.services.made import NOW

pytestmark = pytest.mark.django_db


@pytest.fixture
def folder(settings: Settings, tmp_path: Path) -> Path:
    settings.EXPORT_DIR = tmp_path / "one"
    return tmp_path


def announce(host: str, *, at: float = 0) -> None:
    outside = dataclasses.replace(made.Clock().ports, process=lambda: f"{host}:1", new_key=lambda: f"{host}-{at}")
    export_places.announce(now=NOW - timedelta(hours=at), outside=outside)


class TestPlaces:
    def test_are_one_where_all_see_the_same_directory(self, folder: Path) -> None:
        announce("web-1")
        announce("worker-1")

        assert export_places.elsewhere(now=NOW) == []

    def test_name_the_machine_that_sees_another(self, folder: Path, settings: Settings) -> None:
        announce("web-1")
        settings.EXPORT_DIR = folder / "two"
        announce("worker-1")

        assert export_places.elsewhere(now=NOW) == ["web-1"]

    def test_forget_a_machine_that_is_no_more(self, folder: Path, settings: Settings) -> None:
        announce("web-1", at=25)
        settings.EXPORT_DIR = folder / "two"
        announce("worker-1")

        assert export_places.elsewhere(now=NOW) == []

    def test_are_not_swept_away(self, folder: Path) -> None:
        announce("web-1")

        exports.sweep(now=NOW + timedelta(days=3650))

        assert [file.name for file in (folder / "one").iterdir()] == [export_places.MARK]
