"""`manage.py doctor` says how everything is and what to do, and touches nothing."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.cache import cache
from django.core.management import call_command
from django.db import OperationalError
from django.db.migrations.recorder import MigrationRecorder
from django.utils import timezone
from django_q.models import OrmQ, Schedule
from django_q.status import Stat, Status
from pytest_django.fixtures import Settings

from integrations.oauth import TokenSet
from syncapp import models, queue
from syncapp.engine.vocabulary import ConnectionStatus
from syncapp.services import credentials
from tests.services import made
from tests.services.conftest import HUBSPOT, QUICKBOOKS, Vendors, vendors
from tests.services.test_connections import connected

__all__ = ["vendors"]
pytestmark = pytest.mark.django_db
SECRETS = ("hush-client", "hush-hook", "hush-mail", "canary@example.com")


@pytest.fixture(autouse=True)
def well(settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Everything is as it should be, but that nobody connected an account."""
    settings.VAR_DIR, settings.EXPORT_DIR = tmp_path, tmp_path / "exports"
    settings.HUBSPOT_CLIENT_SECRET, settings.QUICKBOOKS_WEBHOOK_TOKEN = "hush-client", ["hush-hook"]
    settings.EMAIL_HOST_PASSWORD = "hush-mail"
    User.objects.create_superuser("alice", "canary@example.com", "a long enough pass phrase")
    queue.ensure_schedule()
    beat = Status(pid=1, cluster_id="c1")
    monkeypatch.setattr(Stat, "get_all", lambda: [beat])


def asked(*options: str) -> tuple[int, dict[str, list[dict[str, str]]], str]:
    """The exit code, what was found of each thing, and all that was said."""
    said = io.StringIO()
    try:
        call_command("doctor", "--json", *options, stdout=said)
        code = 0
    except SystemExit as ended:
        code = int(str(ended.code))
    found: dict[str, list[dict[str, str]]] = {}
    for line in said.getvalue().splitlines():
        found.setdefault((one := json.loads(line))["about"], []).append(one)
    return code, found, said.getvalue()


def gone(*_: Any, **__: Any) -> None:
    raise OperationalError("could not connect to server db-7.internal")


def without_migration() -> None:
    MigrationRecorder.Migration.objects.filter(app="sessions").delete()


def deaf_queue() -> None:
    OrmQ.objects.create(key="sync", payload="x", lock=timezone.now() - timedelta(minutes=30))


def lost_schedule() -> None:
    Schedule.objects.filter(name="Look after exports").delete()


def late_schedule() -> None:
    Schedule.objects.update(next_run=timezone.now() - timedelta(minutes=20))


def strange_schedule() -> None:
    Schedule.objects.create(name="x", func="os.system", minutes=1)


def lost_key() -> None:
    row = made.hubspot(status=ConnectionStatus.NEEDS_RECONNECT)
    models.Credential.objects.create(connection=row, access_token="v1:gone:AAAA", key_id="gone")


def ended_access() -> None:
    made.hubspot(status=ConnectionStatus.NEEDS_RECONNECT)


def wrong_clock() -> None:
    made.hubspot(clock_lead=-400, last_call_at=timezone.now(), status=ConnectionStatus.DISCONNECTED)


def other_place() -> None:
    cache.set("export-places", {"web-9": ("another", timezone.now().timestamp())}, 60)


def nobody() -> None:
    User.objects.update(is_active=False)


BROKEN: list[tuple[str, Callable[[], None], str, str]] = [
    ("migrations", without_migration, "are not applied", "manage.py prepare"),
    ("queue", deaf_queue, "has waited for 30 minutes", "Restart syncapp-worker"),
    ("schedules", lost_schedule, "Missing: Look after exports", "manage.py prepare"),
    ("schedules", late_schedule, "Overdue: Look after exports", "restart syncapp-worker"),
    ("schedules", strange_schedule, "1 are none of this program's", "who else can write"),
    ("keys", lost_key, "cannot be read", "Put the old key back"),
    ("connections", ended_access, "HubSpot 111: the vendor ended the access", "Connect the account again"),
    ("clock", wrong_clock, "differs from that of HubSpot 111 by 400 seconds", "timedatectl set-ntp true"),
    ("exports", other_place, "web-9 keeps files of exports in another place", "EXPORT_DIR"),
    ("people", nobody, "Nobody can sign in", "createsuperuser"),
]


class TestDoctor:
    def test_has_a_line_for_everything_and_ends_well_where_nothing_is_broken(self) -> None:
        code, found, _ = asked()

        assert code == 0
        assert list(found) == [
            "settings", "migrations", "database", "queue", "schedules", "keys", "connections", "webhooks", "mail", "clock", "disk",
            "exports", "people",
        ]
        states = {about: one["state"] for about, (one,) in found.items()}
        assert {about for about, state in states.items() if state != "fine"} == {"connections"}
        assert found["connections"][0]["remedy"] == "Sign in and follow the steps of the first page."

    @pytest.mark.parametrize(("about", "spoil", "words", "remedy"), BROKEN, ids=[one[1].__name__ for one in BROKEN])
    def test_tells_what_is_broken_and_what_to_do(self, about: str, spoil: Callable[[], None], words: str, remedy: str) -> None:
        spoil()

        code, found, _ = asked("--no-calls") if about != "connections" else asked()

        broken = [one for one in found[about] if one["state"] == "broken"]
        assert code == 1
        assert words in broken[0]["words"]
        assert remedy in broken[0]["remedy"]

    def test_looks_at_nothing_more_while_the_database_is_away(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("syncapp.management.examination.MigrationExecutor", gone)

        code, found, said = asked()

        assert (code, list(found)) == (1, ["settings", "database"])
        assert "compare DATABASE_URL" in found["database"][0]["remedy"]
        assert "db-7" not in said

    def test_tells_that_the_queue_does_not_run(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(Stat, "get_all", list)

        code, found, _ = asked()

        assert (code, found["queue"][0]["state"]) == (1, "broken")
        assert "manage.py serve" in found["queue"][0]["remedy"]

    def test_tells_that_the_mail_server_does_not_answer(self, settings: Settings) -> None:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 9

        code, found, _ = asked()

        assert (code, found["mail"][0]["state"]) == (1, "broken")
        assert "EMAIL_URL" in found["mail"][0]["remedy"]

    def test_tells_that_a_place_cannot_be_written(self, settings: Settings, tmp_path: Path) -> None:
        (tmp_path / "file").write_text("in the way")
        settings.EXPORT_DIR = tmp_path / "file"

        code, found, _ = asked()

        assert (code, found["disk"][0]["state"]) == (1, "broken")
        assert "EXPORT_DIR cannot be written" in found["disk"][0]["words"]

    def test_finds_what_a_start_would_refuse(self, settings: Settings) -> None:
        settings.IMPORT_EXPORT_EXPORT_PERMISSION_CODE = None

        code, found, _ = asked()

        assert (code, found["settings"][0]["state"]) == (1, "broken")
        assert "everybody with a page may export" in found["settings"][0]["words"]

    def test_writes_sentences_for_people(self) -> None:
        said = io.StringIO()

        call_command("doctor", stdout=said)

        assert "fine     migrations   All are applied.\n" in said.getvalue()


class TestCalls:
    def test_ask_each_account_once_within_its_limits_and_write_nothing(self, vendors: Vendors, settings: Settings) -> None:
        rows = [connected(system, vendors, settings) for system in (HUBSPOT, QUICKBOOKS)]
        settings.HUBSPOT_WEBHOOK_SECRET = ["hush-hook"]

        _, found, said = asked()

        assert [one["state"] for one in found["connections"]] == ["fine", "fine"]
        for system in (HUBSPOT, QUICKBOOKS):
            assert {entry["method"] for entry in vendors.log(system)} == {"GET"}
            assert not any(vendors.control(system, "counts")["written"].values())
        assert all(models.Bucket.objects.filter(name__startswith=f"{row.pk}:", tat__gt=0).exists() for row in rows)
        opened = [credentials.unseal(connection_id=row.pk, name="access_token", sealed=row.credential.access_token) for row in rows]
        assert [secret for secret in (*SECRETS, *opened) if secret in said] == []

    def test_tell_which_account_cannot_be_reached(self, vendors: Vendors, settings: Settings) -> None:
        connected(HUBSPOT, vendors, settings)
        vendors.control(HUBSPOT, "faults", {"match": {}, "times": 50, "fault": "status", "status": 403})

        code, found, _ = asked()

        assert (code, found["connections"][0]["state"]) == (1, "broken")
        assert "could not be reached" in found["connections"][0]["words"]

    def test_are_left_out_where_that_is_wished(self, vendors: Vendors, settings: Settings) -> None:
        connected(HUBSPOT, vendors, settings)

        _, found, _ = asked("--no-calls")

        assert "connections" not in found
        assert vendors.log(HUBSPOT) == []


class TestKeys:
    def test_have_old_ones_that_are_still_used_named(self, settings: Settings) -> None:
        settings.CREDENTIAL_KEYS = (("old", b"o" * 32),)
        tokens = TokenSet(access_token="a", refresh_token="r", expires_in=60)
        credentials.store(connection=made.hubspot(status=ConnectionStatus.DISCONNECTED), tokens=tokens, now=datetime.now(UTC))
        settings.CREDENTIAL_KEYS = (("new", b"n" * 32), ("old", b"o" * 32))

        _, found, _ = asked()

        assert found["keys"][0]["state"] == "warning"
        assert "rotate_credentials" in found["keys"][0]["remedy"]
