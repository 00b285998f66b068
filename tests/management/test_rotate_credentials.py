"""`manage.py rotate_credentials` seals what older keys sealed, and says how much that was."""

from __future__ import annotations

import io
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from integrations.oauth import TokenSet
from syncapp import models
from syncapp.services import credentials
from tests.services.made import NOW, hubspot

OLD, NEW = ("old", b"o" * 32), ("new", b"n" * 32)


@pytest.fixture
def sealed_with_old(db: None, settings: Any) -> models.Connection:
    settings.CREDENTIAL_KEYS = (OLD,)
    connection = hubspot()
    credentials.store(connection=connection, tokens=TokenSet(access_token="a", refresh_token="r", expires_in=60), now=NOW)
    return connection


class TestRotateCredentials:
    def test_seals_with_the_newest_key(self, sealed_with_old: models.Connection, settings: Any) -> None:
        settings.CREDENTIAL_KEYS = (NEW, OLD)
        said = io.StringIO()

        call_command("rotate_credentials", stdout=said)

        assert models.Credential.objects.get(connection=sealed_with_old).key_id == "new"
        assert said.getvalue().startswith("1 connections and 0 second factors were sealed anew.")

    def test_says_which_key_is_missing(self, sealed_with_old: models.Connection, settings: Any) -> None:
        settings.CREDENTIAL_KEYS = (NEW,)

        with pytest.raises(CommandError, match="old"):
            call_command("rotate_credentials")
