"""Three people and everything there is to see."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from pytest_django.fixtures import Settings

from tests.admin.scene import Scene, person
from tests.services import made
from tests.services.conftest import vendors  # noqa: F401 - a fixture

OPERATOR = (
    "syncapp.view_syncconfig", "syncapp.view_syncrun", "syncapp.view_recordpair", "syncapp.view_conflict", "syncapp.view_notice",
    "syncapp.view_connection", "syncapp.view_auditentry", "syncapp.run_syncconfig", "syncapp.change_recordpair",
    "syncapp.see_personal_values",
)


@pytest.fixture(autouse=True)
def own_directory(settings: Settings, tmp_path: Path) -> None:
    """Exported files of one test are no other's, nor another process'."""
    settings.EXPORT_DIR = tmp_path / "exports"


@pytest.fixture
def scene(db: Any) -> Scene:
    return Scene()


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def alice(db: Any) -> Client:
    """May do everything."""
    return signed_in(made.alice())


@pytest.fixture
def bob(db: Any) -> Client:
    """Operates: may look, run and decide, and change no settings."""
    return signed_in(person("bob", *OPERATOR))


@pytest.fixture
def charlie(db: Any) -> Client:
    """May sign in, and nothing else."""
    return signed_in(person("charlie"))


@pytest.fixture
def nobody(db: Any) -> Client:
    """Has not signed in."""
    return Client()
