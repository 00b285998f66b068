"""A dump carries no token, sealed or not; and tokens that came from elsewhere open nothing."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import pytest
from django.core import serializers
from django.core.management import call_command

from integrations.oauth import TokenSet
from syncapp import models
from syncapp.engine.vocabulary import AuditKind
from syncapp.services import audit_check, connections, credentials
from tests.services.auditing import behind_the_lock, written
from tests.services.made import NOW, hubspot

ACCESS, REFRESH = "canary-access-7Qx", "canary-refresh-9Zk"


@pytest.fixture
def connected(db: None) -> models.Connection:
    connection = hubspot()
    credentials.store(connection=connection, tokens=TokenSet(access_token=ACCESS, refresh_token=REFRESH, expires_in=60), now=NOW)
    connections.connected(connection=connection, actor=None, now=NOW)
    return connection


def dumped(*what: str) -> str:
    said = io.StringIO()
    call_command("dumpdata", *what, stdout=said)
    return said.getvalue()


class TestADump:
    @pytest.mark.parametrize("what", [[], ["syncapp"]])
    def test_holds_no_token_in_any_form(self, connected: models.Connection, what: list[str]) -> None:
        sealed = models.Credential.objects.get()

        text = dumped(*what)

        assert "syncapp.connection" in text
        assert "syncapp.credential" not in text
        for secret in (ACCESS, REFRESH, ACCESS[:12], REFRESH[:12], sealed.access_token, sealed.refresh_token):
            assert secret not in text

    def test_that_is_loaded_elsewhere_asks_for_a_reconnection(self, connected: models.Connection, tmp_path: Path) -> None:
        file = tmp_path / "dump.json"
        file.write_text(dumped("syncapp.connection"), encoding="utf-8")
        models.Connection.objects.all().delete()

        call_command("loaddata", str(file), verbosity=0)

        health = connections.health(connection=models.Connection.objects.get(), now=NOW)
        assert (health.good, "Connect the account again" in health.words) == (False, True)

    def test_holds_the_audit_which_is_whole_where_it_is_loaded(self, connected: models.Connection, tmp_path: Path) -> None:
        written(1, 2)
        before, file = audit_check.verify(), tmp_path / "dump.json"
        file.write_text(dumped("syncapp.auditentry", "syncapp.audithead"), encoding="utf-8")
        behind_the_lock("DELETE FROM syncapp_auditentry")

        call_command("loaddata", str(file), verbosity=0)

        assert audit_check.verify() == before
        assert before.wrong == ()


class TestForeignTokens:
    """Sealed with another key, or for another connection."""

    @pytest.fixture
    def foreign(self, connected: models.Connection) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = json.loads(serializers.serialize("json", models.Credential.objects.all()))
        return found

    def load(self, rows: list[dict[str, Any]]) -> None:
        for one in serializers.deserialize("json", json.dumps(rows)):
            one.save()

    def test_of_another_installation_open_nothing(self, connected: models.Connection, foreign: list[dict[str, Any]], settings: Any) -> None:
        settings.CREDENTIAL_KEYS = (("test", b"x" * 32),)

        self.load(foreign)

        with pytest.raises(credentials.KeyMissing):
            credentials.revocable(connection=connected)
        assert connections.health(connection=connected, now=NOW).good is False

    def test_of_another_connection_open_nothing(self, connected: models.Connection, foreign: list[dict[str, Any]]) -> None:
        other = hubspot("222")

        self.load([{**foreign[0], "pk": None, "fields": {**foreign[0]["fields"], "connection": other.pk}}])

        with pytest.raises(credentials.KeyMissing):
            credentials.revocable(connection=other)


def test_the_audit_tells_an_access_by_its_fingerprint_alone(connected: models.Connection) -> None:
    told = models.AuditEntry.objects.get(kind=AuditKind.CONNECTION)

    assert told.before_and_after["access"][1].startswith("sha256:")
    assert not any(secret in told.changes for secret in (ACCESS, REFRESH, ACCESS[:12], REFRESH[:12]))
