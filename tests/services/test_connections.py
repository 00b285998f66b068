from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.contrib.auth.models import User
from pytest_django.fixtures import Settings

from syncapp import models
from syncapp.connectors import factory
from syncapp.engine import errors
from syncapp.engine.vocabulary import ConnectionStatus, Environment, ObjectPair, System
from syncapp.services import connections, credentials
from tests.services import made
from tests.services.conftest import HUBSPOT, QUICKBOOKS, Vendors
from tests.services.made import NOW

pytestmark = pytest.mark.django_db
BOTH = pytest.mark.parametrize("system", [HUBSPOT, QUICKBOOKS])


@pytest.fixture
def alice() -> User:
    return made.alice()


def connected(system: str, vendors: Vendors, settings: Settings) -> models.Connection:
    found = vendors.control(system, "tokens", {"scopes": None, "limits": None})
    setattr(settings, f"{system.upper()}_CLIENT_ID", found["client_id"])
    setattr(settings, f"{system.upper()}_CLIENT_SECRET", found["client_secret"])
    account = str(found.get("portal_id") or found.get("realm_id"))
    row = made.hubspot(account) if system == HUBSPOT else made.quickbooks(account)
    tokens = factory.TokenSet(access_token=found["access_token"], refresh_token=found["refresh_token"], expires_in=found["expires_in"])
    credentials.store(connection=row, tokens=tokens, now=datetime.now(UTC))
    return row


class TestTest:
    @BOTH
    def test_says_who_answers_and_brings_the_facts_up_to_date(self, system: str, vendors: Vendors, settings: Settings) -> None:
        row = connected(system, vendors, settings)
        models.Connection.objects.filter(pk=row.pk).update(last_error="Old trouble.", name="Old name")

        words = connections.test(connection=row, now=NOW)

        row.refresh_from_db()
        assert f"The account is {row.name} ({row.external_id}), its currency is {row.currency}." in words
        assert (row.last_error, row.last_call_at, row.name != "Old name") == ("", NOW, True)

    @BOTH
    def test_says_what_is_wrong(self, system: str, vendors: Vendors, settings: Settings) -> None:
        row = connected(system, vendors, settings)
        vendors.control(system, "faults", {"match": {}, "times": 50, "fault": "status", "status": 403})

        words = connections.test(connection=row, now=NOW)

        row.refresh_from_db()
        assert "could not be reached" in words
        assert row.last_error
        assert row.last_error in words

    def test_says_that_a_connection_without_access_needs_to_be_connected(self) -> None:
        row = made.hubspot(environment=Environment.PRODUCTION, status=ConnectionStatus.DISCONNECTED)

        words = connections.test(connection=row, now=NOW)

        assert "Connect the account again." in words

    @BOTH
    def test_counts_against_the_shared_budget(self, system: str, vendors: Vendors, settings: Settings) -> None:
        row = connected(system, vendors, settings)

        connections.test(connection=row, now=NOW)

        assert models.Bucket.objects.filter(name__startswith=f"{row.pk}:", tat__gt=0).exists()

    def test_notices_that_the_access_leads_elsewhere(self, vendors: Vendors, settings: Settings) -> None:
        row = connected(HUBSPOT, vendors, settings)
        models.Connection.objects.filter(pk=row.pk).update(external_id="1")
        row.refresh_from_db()

        assert f"not to {row}. Connect again." in connections.test(connection=row, now=NOW)


class TestDisconnect:
    @BOTH
    def test_ends_the_access_at_the_vendor_and_wipes_the_tokens(
        self, system: str, vendors: Vendors, settings: Settings, alice: User
    ) -> None:
        row = connected(system, vendors, settings)
        app = connections.app(system=System(row.system), environment=Environment.LOCAL_SANDBOX)
        token = credentials.revocable(connection=row)

        connections.disconnect(connection=row, actor=alice, now=NOW)

        assert row.status == ConnectionStatus.DISCONNECTED
        assert not models.Credential.objects.exists()
        with pytest.raises(errors.NeedsReconnect):
            factory.refresh(app=app, refresh_token=token)

    def test_stops_the_syncs_of_the_account_and_keeps_them(self, vendors: Vendors, settings: Settings, alice: User) -> None:
        row = connected(QUICKBOOKS, vendors, settings)
        config = models.SyncConfig.objects.create(
            name="Contacts", left=made.hubspot(), right=row, object_pair=ObjectPair.CONTACT_CUSTOMER, active=True, next_due_at=NOW
        )
        record = models.Record.objects.create(connection=row, kind="customer", external_id="1", observed_at=NOW)
        models.RecordPair.objects.create(config=config, right=record)

        words = connections.disconnect(connection=row, actor=alice, now=NOW)

        config.refresh_from_db()
        assert "1 sync stopped" in words
        assert (config.active, config.next_due_at, models.RecordPair.objects.count()) == (False, None, 1)

    @BOTH
    def test_makes_no_call_afterwards(self, system: str, vendors: Vendors, settings: Settings, alice: User) -> None:
        row = connected(system, vendors, settings)
        connections.disconnect(connection=row, actor=alice, now=NOW)
        before = len(vendors.log(system))

        connections.test(connection=row, now=NOW)

        assert len(vendors.log(system)) == before

    @BOTH
    def test_wipes_the_tokens_even_if_the_vendor_cannot_be_told(
        self, system: str, vendors: Vendors, settings: Settings, alice: User
    ) -> None:
        row = connected(system, vendors, settings)
        vendors.control(system, "faults", {"match": {"path_regex": "revoke"}, "times": 2, "fault": "status", "status": 503})

        words = connections.disconnect(connection=row, actor=alice, now=NOW)

        assert "Remove the app in" in words
        assert not models.Credential.objects.exists()
        assert models.Notice.objects.filter(closed_at=None, words__contains="Remove the app in").exists()

    @BOTH
    def test_asks_the_vendor_once_more_before_a_person_has_to(
        self, system: str, vendors: Vendors, settings: Settings, alice: User
    ) -> None:
        row = connected(system, vendors, settings)
        vendors.control(system, "faults", {"match": {"path_regex": "revoke"}, "times": 1, "fault": "status", "status": 503})

        words = connections.disconnect(connection=row, actor=alice, now=NOW)

        assert "Remove the app in" not in words
        assert not models.Notice.objects.exists()

    def test_wipes_tokens_that_it_cannot_even_open(self, vendors: Vendors, settings: Settings, alice: User) -> None:
        row = connected(HUBSPOT, vendors, settings)
        settings.CREDENTIAL_KEYS = (("other", b"x" * 32),)

        connections.disconnect(connection=row, actor=alice, now=NOW)

        assert not models.Credential.objects.exists()


class TestConnectWithKey:
    def test_connects_the_account_of_the_key(self, vendors: Vendors, alice: User) -> None:
        key = vendors.control(HUBSPOT, "tokens", {"scopes": None, "limits": None})

        row = connections.connect_with_key(
            environment=Environment.LOCAL_SANDBOX, key=f"  {key['access_token']}\n", actor=alice, now=NOW
        )

        assert row.external_id == str(key["portal_id"])
        assert "does not expire" in connections.health(connection=row, now=NOW).words
        assert "answers" in connections.test(connection=row, now=NOW)

    @pytest.mark.parametrize("key", ["pat-na1-nonsense", "", "two words"])
    def test_connects_nothing_with_a_key_that_does_not_work(self, key: str, vendors: Vendors, alice: User) -> None:
        with pytest.raises(errors.SyncError):
            connections.connect_with_key(environment=Environment.LOCAL_SANDBOX, key=key, actor=alice, now=NOW)

        assert not models.Connection.objects.exists()

    def test_tells_a_person_to_delete_the_key_there(self, vendors: Vendors, alice: User) -> None:
        key = vendors.control(HUBSPOT, "tokens", {"scopes": None, "limits": None})["access_token"]
        row = connections.connect_with_key(environment=Environment.LOCAL_SANDBOX, key=key, actor=alice, now=NOW)

        words = connections.disconnect(connection=row, actor=alice, now=NOW)

        assert "The key itself still works: delete it in HubSpot's settings." in words


class TestHealth:
    def test_describes_access_that_renews_itself(self) -> None:
        row = made.quickbooks()
        tokens = factory.TokenSet(access_token="a", refresh_token="r", expires_in=3600, refresh_expires_in=8_640_000)
        credentials.store(connection=row, tokens=tokens, now=NOW)

        shown = connections.health(connection=row, now=NOW)

        assert (shown.good, shown.words) == (True, "Connected. The access renews itself; left unused it ends on 2027-03-06.")

    def test_warns_of_an_end_that_is_near(self) -> None:
        row = made.quickbooks()
        tokens = factory.TokenSet(
            access_token="a", refresh_token="r", expires_in=3600, refresh_expires_in=8_640_000, refresh_hard_expires_in=864_000
        )
        credentials.store(connection=row, tokens=tokens, now=NOW)

        assert "ends on 2026-12-06. Connect the account again before then." in connections.health(connection=row, now=NOW).words

    @pytest.mark.parametrize(
        ("status", "words"),
        [(ConnectionStatus.DISCONNECTED, "Disconnected."), (ConnectionStatus.NEEDS_RECONNECT, "The vendor ended the access.")],
    )
    def test_says_why_a_connection_is_not_good(self, status: ConnectionStatus, words: str) -> None:
        shown = connections.health(connection=made.hubspot(status=status), now=NOW)

        assert not shown.good
        assert shown.words.startswith(words)
        assert "Connect the account again" in shown.words

    def test_says_that_an_encryption_key_is_missing(self, settings: Settings) -> None:
        row = made.hubspot()
        credentials.store(connection=row, tokens=factory.TokenSet(access_token="a", refresh_token="r", expires_in=60), now=NOW)
        settings.CREDENTIAL_KEYS = (("other", b"x" * 32),)

        assert "is not in the settings" in connections.health(connection=row, now=NOW).words

    def test_names_scopes_that_were_not_granted(self) -> None:
        row = made.hubspot()
        tokens = factory.TokenSet(access_token="a", refresh_token="r", expires_in=60, scopes=("oauth", "crm.objects.contacts.read"))
        credentials.store(connection=row, tokens=tokens, now=NOW)

        assert "crm.objects.contacts.write" in connections.health(connection=row, now=NOW).missing_scopes

    def test_names_scopes_that_were_granted_though_nobody_asked_for_them(self) -> None:
        row = made.hubspot()
        asked = factory.all_scopes(system=System.HUBSPOT)
        tokens = factory.TokenSet(access_token="a", refresh_token="r", expires_in=60, scopes=(*asked, "crm.objects.orders.write"))
        credentials.store(connection=row, tokens=tokens, now=NOW)

        shown = connections.health(connection=row, now=NOW)

        assert (shown.missing_scopes, shown.further_scopes) == ((), ("crm.objects.orders.write",))

    def test_says_that_a_connection_is_paused(self) -> None:
        row = made.hubspot(paused=True)
        credentials.store(connection=row, tokens=factory.TokenSet(access_token="a", refresh_token="r", expires_in=60), now=NOW)

        assert connections.health(connection=row, now=NOW + timedelta(days=1)).words.endswith("Paused: no sync uses it.")
