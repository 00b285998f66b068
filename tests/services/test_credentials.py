from __future__ import annotations

import contextlib
import json
import logging
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import requests
from django.db import connection as database
from pytest_django import DjangoAssertNumQueries
from pytest_django.fixtures import Settings

from integrations.discretion import Secret
from syncapp import models
from syncapp.connectors import factory
from syncapp.engine import errors
from syncapp.engine.vocabulary import ConnectionStatus, Environment, System
from syncapp.services import connections, credentials, leases, ports
from tests.services import made
from tests.services.conftest import HUBSPOT, QUICKBOOKS, Vendors
from tests.services.made import NOW, Clock

pytestmark = pytest.mark.django_db
FIRST, SECOND = ("first", b"1" * 32), ("second", b"2" * 32)
BOTH = pytest.mark.parametrize("system", [HUBSPOT, QUICKBOOKS])


def granted(access: str = "access", refresh: str = "refresh", *, expires_in: int = 3600) -> factory.TokenSet:
    return factory.TokenSet(access_token=access, refresh_token=refresh, expires_in=expires_in)


def opened(connection: models.Connection) -> tuple[str, str]:
    row = models.Credential.objects.get(connection=connection)
    return (
        credentials.unseal(connection_id=connection.pk, name="access_token", sealed=row.access_token),
        credentials.unseal(connection_id=connection.pk, name="refresh_token", sealed=row.refresh_token),
    )


def connected(system: str, vendors: Vendors, settings: Settings, *, now: datetime = NOW) -> models.Connection:
    """A connection with tokens that the sandbox gave out."""
    found = vendors.control(system, "tokens", {"scopes": None, "limits": None})
    setattr(settings, f"{system.upper()}_CLIENT_ID", found["client_id"])
    setattr(settings, f"{system.upper()}_CLIENT_SECRET", found["client_secret"])
    account = str(found.get("portal_id") or found.get("realm_id"))
    row = made.hubspot(account) if system == HUBSPOT else made.quickbooks(account)
    credentials.store(
        connection=row, tokens=granted(found["access_token"], found["refresh_token"], expires_in=found["expires_in"]), now=now
    )
    return row


def tokens_of(connection: models.Connection, clock: Clock | None = None) -> credentials.TokenKeeper:
    app = connections.app(system=System(connection.system), environment=Environment(connection.environment))
    return credentials.TokenKeeper(connection_id=connection.pk, app=app, outside=clock.ports if clock else ports.REAL)


class TestSealing:
    def test_opens_what_it_sealed(self) -> None:
        sealed = credentials.seal(connection_id=1, name="access_token", value="a tøken")

        assert sealed.startswith("v1:test:")
        assert "tøken" not in sealed
        assert credentials.unseal(connection_id=1, name="access_token", sealed=sealed) == "a tøken"

    def test_seals_the_same_token_differently_each_time(self) -> None:
        sealed = {credentials.seal(connection_id=1, name="access_token", value="x") for _ in range(20)}

        assert len(sealed) == 20

    @pytest.mark.parametrize(("connection_id", "name"), [(2, "access_token"), (1, "refresh_token")])
    def test_does_not_open_in_another_place(self, connection_id: int, name: str) -> None:
        sealed = credentials.seal(connection_id=1, name="access_token", value="x")

        with pytest.raises(credentials.KeyMissing, match="connect again"):
            credentials.unseal(connection_id=connection_id, name=name, sealed=sealed)

    def test_does_not_open_without_its_key(self, settings: Settings) -> None:
        settings.CREDENTIAL_KEYS = (FIRST,)
        sealed = credentials.seal(connection_id=1, name="access_token", value="x")
        settings.CREDENTIAL_KEYS = (SECOND,)

        with pytest.raises(credentials.KeyMissing, match="“first” is not in the settings"):
            credentials.unseal(connection_id=1, name="access_token", sealed=sealed)

    def test_does_not_open_with_another_key_of_the_same_name(self, settings: Settings) -> None:
        settings.CREDENTIAL_KEYS = (FIRST,)
        sealed = credentials.seal(connection_id=1, name="access_token", value="x")
        settings.CREDENTIAL_KEYS = (("first", b"3" * 32),)

        with pytest.raises(credentials.KeyMissing):
            credentials.unseal(connection_id=1, name="access_token", sealed=sealed)

    @pytest.mark.parametrize("sealed", ["", "plain text", "v1:test:", "v1:test:%%%", "v2:test:AAAA", "v1:test:" + "A" * 40])
    def test_takes_nothing_for_a_token_that_it_did_not_seal(self, sealed: str) -> None:
        with pytest.raises(credentials.KeyMissing):
            credentials.unseal(connection_id=1, name="access_token", sealed=sealed)

    def test_seals_nothing_without_a_key(self, settings: Settings) -> None:
        settings.CREDENTIAL_KEYS = ()

        with pytest.raises(credentials.KeyMissing, match="Set CREDENTIAL_KEYS"):
            credentials.seal(connection_id=1, name="access_token", value="x")


class TestRotate:
    def test_seals_everything_again_with_the_newest_key(self, settings: Settings) -> None:
        settings.CREDENTIAL_KEYS = (FIRST,)
        row, key_only = made.hubspot("1"), made.hubspot("2")
        credentials.store(connection=row, tokens=granted(), now=NOW)
        credentials.store_key(connection=key_only, key="pat-na1", now=NOW)
        settings.CREDENTIAL_KEYS = (SECOND, FIRST)

        assert credentials.rotate() == 2

        settings.CREDENTIAL_KEYS = (SECOND,)
        assert opened(row) == ("access", "refresh")
        assert tokens_of(key_only).token() == "pat-na1"

    def test_has_nothing_left_to_do_the_second_time(self, settings: Settings) -> None:
        credentials.store(connection=made.hubspot(), tokens=granted(), now=NOW)
        settings.CREDENTIAL_KEYS = (SECOND, *settings.CREDENTIAL_KEYS)
        credentials.rotate()

        assert credentials.rotate() == 0

    def test_does_not_undo_a_refresh_at_the_same_moment(self, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
        settings.CREDENTIAL_KEYS = (FIRST,)
        row = made.hubspot()
        credentials.store(connection=row, tokens=granted(), now=NOW)
        settings.CREDENTIAL_KEYS = (SECOND, FIRST)
        sealing = credentials.seal
        refreshed: list[bool] = []

        def seal_while_somebody_refreshes(**facts: Any) -> str:
            if not refreshed:
                refreshed.append(True)
                credentials.store(connection=row, tokens=granted("newer", "newer still"), now=NOW)
            return sealing(**facts)

        monkeypatch.setattr(credentials, "seal", seal_while_somebody_refreshes)
        credentials.rotate()

        assert opened(row) == ("newer", "newer still")

    def test_leaves_the_age_of_a_token_alone(self, settings: Settings) -> None:
        row = made.hubspot()
        credentials.store(connection=row, tokens=granted(), now=NOW)
        settings.CREDENTIAL_KEYS = (SECOND, *settings.CREDENTIAL_KEYS)

        credentials.rotate()

        assert models.Credential.objects.get().updated_at == NOW


class TestToken:
    def test_gives_the_stored_token_while_it_is_good(self) -> None:
        row = made.hubspot()
        credentials.store(connection=row, tokens=granted(), now=NOW)

        assert tokens_of(row, Clock(NOW + timedelta(seconds=3299))).token() == "access"

    @BOTH
    def test_renews_it_five_minutes_before_its_end(self, system: str, vendors: Vendors, settings: Settings) -> None:
        row = connected(system, vendors, settings)
        before = opened(row)
        ends = models.Credential.objects.get().access_expires_at
        assert ends is not None

        token = tokens_of(row, Clock(ends - timedelta(minutes=5))).token()

        assert token != before[0]
        assert token == opened(row)[0]
        assert vendors.token_calls(system) == 1

    def test_renews_a_short_lived_token_shortly_before_its_end(self) -> None:
        row = made.hubspot()
        credentials.store(connection=row, tokens=granted(expires_in=60), now=NOW)

        assert tokens_of(row, Clock(NOW + timedelta(seconds=49))).token() == "access"

    @BOTH
    def test_keeps_the_newest_refresh_token(self, system: str, vendors: Vendors, settings: Settings) -> None:
        vendors.control(system, "switch", {"rotate_refresh_tokens": True} if system == HUBSPOT else {"rotate_always": True})
        row = connected(system, vendors, settings)
        given = {opened(row)[1]}

        for hours in (2, 4, 6):
            tokens_of(row, Clock(NOW + timedelta(hours=hours))).token()
            given.add(opened(row)[1])

        assert len(given) == 4
        assert vendors.token_calls(system) == 3

    @BOTH
    def test_renews_a_token_that_the_vendor_rejects(self, system: str, vendors: Vendors, settings: Settings) -> None:
        row = connected(system, vendors, settings)
        rejected = opened(row)[0]

        renewed = tokens_of(row, Clock()).renewed(rejected)

        assert renewed != rejected
        assert renewed == opened(row)[0]

    def test_takes_the_token_that_somebody_else_renewed(self, vendors: Vendors, settings: Settings) -> None:
        row = connected(QUICKBOOKS, vendors, settings)

        renewed = tokens_of(row, Clock()).renewed("an older token")

        assert renewed == opened(row)[0]
        assert vendors.token_calls(QUICKBOOKS) == 0

    @BOTH
    def test_carries_a_call_through_an_early_end(self, system: str, vendors: Vendors, settings: Settings) -> None:
        row = connected(system, vendors, settings, now=datetime.now(UTC))
        vendors.control(system, "clock", {"advance_seconds": 4000})

        assert "answers" in connections.test(connection=row, now=NOW)

    def test_gives_out_nothing_of_a_connection_that_is_not_connected(self) -> None:
        row = made.hubspot(status=ConnectionStatus.DISCONNECTED)

        with pytest.raises(errors.NeedsReconnect, match="Connect the account again"):
            tokens_of(row, Clock()).token()

    @pytest.mark.parametrize("taken", ["its status", "its tokens"])
    def test_gives_out_nothing_more_once_access_was_taken_away(self, taken: str) -> None:
        row = made.hubspot()
        credentials.store(connection=row, tokens=granted(), now=NOW)
        keeper = tokens_of(row, Clock())
        assert keeper.token() == "access"

        if taken == "its status":
            models.Connection.objects.filter(pk=row.pk).update(status=ConnectionStatus.DISCONNECTED)
        else:
            models.Credential.objects.filter(connection=row).delete()

        with pytest.raises(errors.NeedsReconnect):
            keeper.token()

    def test_gives_the_token_that_somebody_else_stored_since_it_was_last_asked(self) -> None:
        row = made.hubspot()
        credentials.store(connection=row, tokens=granted(), now=NOW)
        keeper = tokens_of(row, Clock())
        assert keeper.token() == "access"

        credentials.store(connection=row, tokens=granted("newer"), now=NOW)

        assert keeper.token() == "newer"

    def test_opens_a_token_that_is_still_the_same_no_second_time(self, django_assert_num_queries: DjangoAssertNumQueries) -> None:
        row = made.hubspot()
        credentials.store(connection=row, tokens=granted(), now=NOW)
        keeper = tokens_of(row, Clock())
        keeper.token()

        with django_assert_num_queries(1):
            assert keeper.token() == "access"

    def test_shows_no_token_in_its_repr(self) -> None:
        row = made.hubspot()
        credentials.store(connection=row, tokens=granted("secret-a", "secret-r"), now=NOW)
        one = tokens_of(row, Clock())
        one.token()

        shown = repr(one) + repr(vars(one)) + repr(credentials.Tokens(access="secret-a", refresh="secret-r", fresh_until=None))

        assert "secret" not in shown


class TestFailure:
    @BOTH
    def test_asks_for_a_reconnection_once_when_the_grant_has_ended(self, system: str, vendors: Vendors, settings: Settings) -> None:
        row = connected(system, vendors, settings)
        factory.revoke(
            app=connections.app(system=System(row.system), environment=Environment.LOCAL_SANDBOX), refresh_token=opened(row)[1]
        )
        clock = Clock(NOW + timedelta(days=1))

        for _ in range(2):
            with pytest.raises(errors.NeedsReconnect):
                tokens_of(row, clock).token()

        row.refresh_from_db()
        (notice,) = models.Notice.objects.all()
        assert row.status == ConnectionStatus.NEEDS_RECONNECT
        assert notice.urgent
        assert f"{row} needs to be connected again" in notice.words
        assert vendors.token_calls(system) == 1

    def test_uses_what_a_sibling_saved_when_its_own_token_is_refused(
        self, vendors: Vendors, settings: Settings, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        row = connected(QUICKBOOKS, vendors, settings)
        clock = Clock(NOW + timedelta(days=1))

        def refused(*, app: factory.App, refresh_token: str) -> factory.TokenSet:
            credentials.store(connection=row, tokens=granted("sibling's", "sibling's refresh"), now=clock.now())
            raise errors.NeedsReconnect("Refused.")

        monkeypatch.setattr(factory, "refresh", refused)

        assert tokens_of(row, clock).token() == "sibling's"
        row.refresh_from_db()
        assert row.status == ConnectionStatus.CONNECTED

    def test_looks_once_for_what_a_sibling_saved_and_then_gives_up(
        self, vendors: Vendors, settings: Settings, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        row = connected(QUICKBOOKS, vendors, settings)
        clock = Clock(NOW + timedelta(days=1))
        tried: list[Secret] = []

        def refused(*, app: factory.App, refresh_token: Secret) -> factory.TokenSet:
            tried.append(refresh_token)
            if len(tried) == 1:
                credentials.store(connection=row, tokens=granted(refresh="sibling's"), now=NOW)
            raise errors.NeedsReconnect("Refused.")

        monkeypatch.setattr(factory, "refresh", refused)

        with pytest.raises(errors.NeedsReconnect):
            tokens_of(row, clock).token()

        row.refresh_from_db()
        assert tried[1:] == [Secret("sibling's")]
        assert row.status == ConnectionStatus.NEEDS_RECONNECT

    @pytest.mark.parametrize("lives", [3600, None])
    def test_keeps_the_refresh_token_where_the_vendor_sends_no_other(
        self, lives: int | None, vendors: Vendors, settings: Settings, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        row = connected(QUICKBOOKS, vendors, settings)
        before = opened(row)[1]
        body = {"access_token": "newer", "token_type": "bearer", **({"expires_in": lives} if lives else {})}
        answer = requests.Response()
        answer.status_code, answer._content = 200, json.dumps(body).encode()
        monkeypatch.setattr("requests.Session.request", lambda *_, **__: answer)

        with contextlib.suppress(errors.Transient):
            tokens_of(row, Clock(NOW + timedelta(hours=2))).token()

        assert opened(row)[1] == before
        assert (opened(row)[0] == "newer") == bool(lives)

    @BOTH
    @pytest.mark.parametrize(
        "fault",
        [{"fault": "status", "status": 500}, *({"fault": name} for name in ("html", "malformed", "drop_before", "rate_limited"))],
        ids=lambda fault: fault["fault"],
    )
    def test_changes_nothing_when_the_vendor_is_in_trouble(
        self, system: str, fault: dict[str, Any], vendors: Vendors, settings: Settings
    ) -> None:
        row = connected(system, vendors, settings)
        before = models.Credential.objects.values().get()
        vendors.control(system, "faults", {"match": {"method": "POST", "path_regex": "token"}, "times": 1, **fault})
        clock = Clock(NOW + timedelta(hours=2))

        with pytest.raises(errors.Transient):
            tokens_of(row, clock).token()

        row.refresh_from_db()
        assert row.status == ConnectionStatus.CONNECTED
        assert models.Credential.objects.values().get() == before
        assert not models.Notice.objects.exists()
        assert tokens_of(row, clock).token() == opened(row)[0]

    @BOTH
    def test_blames_the_settings_when_our_secret_is_wrong(self, system: str, vendors: Vendors, settings: Settings) -> None:
        row = connected(system, vendors, settings)
        setattr(settings, f"{system.upper()}_CLIENT_SECRET", "wrong")

        with pytest.raises(errors.Misconfigured):
            tokens_of(row, Clock(NOW + timedelta(hours=2))).token()

        row.refresh_from_db()
        assert row.status == ConnectionStatus.CONNECTED

    def test_asks_for_a_new_key_when_a_key_is_rejected(self) -> None:
        row = made.hubspot()
        credentials.store_key(connection=row, key="pat-na1", now=NOW)

        with pytest.raises(errors.NeedsReconnect, match="Paste a new one"):
            tokens_of(row, Clock()).renewed("pat-na1")

        row.refresh_from_db()
        assert row.status == ConnectionStatus.NEEDS_RECONNECT

    def test_logs_no_token_when_it_fails(self, vendors: Vendors, settings: Settings, caplog: pytest.LogCaptureFixture) -> None:
        row = connected(QUICKBOOKS, vendors, settings)
        secrets = opened(row)
        vendors.control(QUICKBOOKS, "faults", {"match": {"path_regex": "tokens/bearer"}, "times": 1, "fault": "status", "status": 500})

        with caplog.at_level(logging.DEBUG), pytest.raises(errors.Transient) as raised:
            tokens_of(row, Clock(NOW + timedelta(hours=2))).token()

        said = caplog.text + str(raised.value) + repr(raised.value) + repr(vars(raised.value))
        assert raised.value.__cause__ is None
        assert not [secret for secret in secrets if secret in said]


class TestWaiting:
    def test_waits_for_the_process_that_is_renewing(self) -> None:
        row = made.hubspot()
        credentials.store(connection=row, tokens=granted(), now=NOW)
        clock = Clock(NOW + timedelta(hours=2))
        leases.take(name=f"token:{row.pk}", owner="sibling", ttl_seconds=60, now=clock.now())
        naps = []

        def sleep(seconds: float) -> None:
            clock.sleep(seconds)
            naps.append(seconds)
            if len(naps) == 3:
                credentials.store(connection=row, tokens=granted("sibling's"), now=clock.now())

        one = tokens_of(row, clock)
        one._outside = ports.Ports(now=clock.now, sleep=sleep, new_key=clock.new_key)

        assert one.token() == "sibling's"
        assert len(naps) == 3

    def test_takes_over_from_a_process_that_died_while_renewing(self, vendors: Vendors, settings: Settings) -> None:
        row = connected(QUICKBOOKS, vendors, settings)
        clock = Clock(NOW + timedelta(hours=2))
        leases.take(name=f"token:{row.pk}", owner="dead", ttl_seconds=60, now=clock.now())

        token = tokens_of(row, clock).token()

        assert token == opened(row)[0]
        assert clock.at - NOW - timedelta(hours=2) >= timedelta(seconds=60)

    def test_gives_up_on_a_process_that_never_ends(self) -> None:
        row = made.hubspot()
        credentials.store(connection=row, tokens=granted(), now=NOW)
        clock = Clock(NOW + timedelta(hours=2))
        leases.take(name=f"token:{row.pk}", owner="sibling", ttl_seconds=10_000, now=clock.now())

        with pytest.raises(errors.Transient, match="Another process"):
            tokens_of(row, clock).token()

    def test_makes_the_call_outside_any_transaction(self, vendors: Vendors, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
        row = connected(QUICKBOOKS, vendors, settings)
        before = len(database.savepoint_ids)
        during = []
        refreshing = factory.refresh

        def watched(*, app: factory.App, refresh_token: str) -> factory.TokenSet:
            during.append(len(database.savepoint_ids))
            return refreshing(app=app, refresh_token=refresh_token)

        monkeypatch.setattr(factory, "refresh", watched)
        tokens_of(row, Clock(NOW + timedelta(hours=2))).token()

        assert during == [before]
