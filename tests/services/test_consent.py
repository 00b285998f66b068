from __future__ import annotations

import logging
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from pytest_django.fixtures import Settings

from syncapp import models
from syncapp.engine.vocabulary import ConnectionStatus, Environment, System
from syncapp.services import connections, consent, credentials
from tests.services import made
from tests.services.conftest import HUBSPOT, QUICKBOOKS, Vendors
from tests.services.made import NOW

pytestmark = pytest.mark.django_db
BOTH = pytest.mark.parametrize("system", ["HUBSPOT", "QUICKBOOKS"])


@pytest.fixture
def alice() -> User:
    return made.alice()


def begin(system: str, session: dict[str, Any], user: User, **more: Any) -> str:
    return consent.begin(system=system, environment=Environment.LOCAL_SANDBOX, session=session, user=user, now=NOW, **more)


def finish(system: str, answer: dict[str, str], session: dict[str, Any], user: User, *, later: int = 60) -> models.Connection:
    return consent.finish(system=system, params=answer, session=session, user=user, now=NOW + timedelta(seconds=later))


def account_in(system: str, vendors: Vendors) -> str:
    """An account of its own in the sandbox, beside the first."""
    made_there = vendors.control(system.lower(), "tokens", {"scopes": None, "limits": None, "realm_id": "9999", "portal_id": 9999})
    return str(made_there.get("realm_id") or made_there["portal_id"])


class TestHappyPath:
    @BOTH
    def test_connects_the_account_that_the_person_chose(self, system: str, vendors: Vendors, alice: User) -> None:
        session: dict[str, Any] = {}
        answer = vendors.person(begin(system, session, alice))

        connection = finish(system, answer, session, alice)

        assert connection.status == ConnectionStatus.CONNECTED
        assert (connection.system, connection.environment) == (system, Environment.LOCAL_SANDBOX)
        assert connection.name
        assert len(connection.currency) == 3
        assert connection.connected_by == alice
        assert vendors.token_calls(system.lower()) == 1

    @BOTH
    def test_keeps_tokens_that_open_the_account(self, system: str, vendors: Vendors, alice: User) -> None:
        session: dict[str, Any] = {}
        connection = finish(system, vendors.person(begin(system, session, alice)), session, alice)

        words = connections.test(connection=connection, now=NOW)

        assert f"{connection} answers." in words
        assert connections.health(connection=connection, now=NOW).good

    @pytest.mark.parametrize(
        ("system", "fields"),
        [
            ("HUBSPOT", {"email", "companies.name", "invoices.hs_invoice_status"}),
            ("QUICKBOOKS", {"PrimaryEmailAddr.Address", "DisplayName"}),
        ],
    )
    def test_reads_the_fields_of_the_account(self, system: str, fields: set[str], vendors: Vendors, alice: User) -> None:
        session: dict[str, Any] = {}

        connection = finish(system, vendors.person(begin(system, session, alice)), session, alice)

        assert fields <= set(connection.vendor_fields.values_list("name", flat=True))
        connection.refresh_from_db()
        assert connection.last_error == ""

    def test_remembers_what_was_granted(self, vendors: Vendors, alice: User) -> None:
        session: dict[str, Any] = {}

        connection = finish("HUBSPOT", vendors.person(begin("HUBSPOT", session, alice)), session, alice)

        shown = connections.health(connection=connection, now=NOW)
        assert "crm.objects.contacts.read" in shown.scopes
        assert shown.missing_scopes == ()


class TestPage:
    def test_asks_hubspot_with_a_proof_key(self, vendors: Vendors, alice: User) -> None:
        session: dict[str, Any] = {}

        url = begin("HUBSPOT", session, alice)

        (entry,) = session[consent.SESSION_KEY].values()
        assert "code_challenge_method=S256" in url
        assert entry["verifier"] not in url

    @BOTH
    def test_names_the_way_back_from_the_settings_only(self, system: str, vendors: Vendors, alice: User, settings: Settings) -> None:
        settings.PUBLIC_URL = "http://127.0.0.1:8123"

        url = begin(system, {}, alice)

        assert f"redirect_uri=http%3A%2F%2F127.0.0.1%3A8123%2Fconnect%2F{system.lower()}%2Fcallback" in url

    def test_keeps_the_state_as_a_digest(self, vendors: Vendors, alice: User) -> None:
        session: dict[str, Any] = {}

        answer = vendors.person(begin("QUICKBOOKS", session, alice))

        assert len(answer["state"]) >= 22
        assert answer["state"] not in repr(session)

    def test_says_what_is_missing_where_the_vendor_does_not_know_us(self, vendors: Vendors, alice: User, settings: Settings) -> None:
        settings.HUBSPOT_CLIENT_ID = ""

        with pytest.raises(consent.NotStarted, match="Set HUBSPOT_CLIENT_ID and HUBSPOT_CLIENT_SECRET"):
            begin("HUBSPOT", {}, alice)

    @BOTH
    def test_says_when_there_is_no_sandbox(self, system: str, vendors: Vendors, alice: User, settings: Settings) -> None:
        setattr(settings, f"LOCAL_SANDBOX_{system}_URL", "")

        with pytest.raises(consent.NotStarted):
            begin(system, {}, alice)

    def test_refuses_an_environment_that_is_none(self, vendors: Vendors, alice: User) -> None:
        with pytest.raises(consent.NotStarted, match="Choose which account"):
            consent.begin(system="HUBSPOT", environment="https://evil.example", session={}, user=alice, now=NOW)


class TestRefusals:
    @BOTH
    def test_connects_nothing_when_the_person_says_no(self, system: str, vendors: Vendors, alice: User) -> None:
        session: dict[str, Any] = {}
        answer = vendors.person(begin(system, session, alice), decision="deny")

        with pytest.raises(consent.ConsentDenied, match="was not granted"):
            finish(system, answer, session, alice)

        assert vendors.token_calls(system.lower()) == 0
        assert not models.Connection.objects.exists()

    @BOTH
    def test_shows_nothing_of_what_the_callback_says_of_itself(self, system: str, vendors: Vendors, alice: User) -> None:
        session: dict[str, Any] = {}
        answer = vendors.person(begin(system, session, alice), decision="deny")

        with pytest.raises(consent.ConsentDenied) as denied:
            finish(system, {**answer, "error": "<b>odd</b>", "error_description": "<script>alert(1)</script>"}, session, alice)

        assert "<" not in str(denied.value)

    @BOTH
    @pytest.mark.parametrize("wrong", ["none", "unknown", "expired", "other person", "other vendor", "other session"])
    def test_makes_no_token_call_for_a_state_that_does_not_fit(
        self, system: str, wrong: str, vendors: Vendors, alice: User, caplog: pytest.LogCaptureFixture
    ) -> None:
        session: dict[str, Any] = {}
        answer = vendors.person(begin(system, session, alice))
        user, later, asked = alice, 60, system
        if wrong == "none":
            del answer["state"]
        elif wrong == "unknown":
            answer["state"] = "x" * 43
        elif wrong == "expired":
            later = 600
        elif wrong == "other person":
            user = User.objects.create_user("mallory")
        elif wrong == "other vendor":
            asked = "QUICKBOOKS" if system == "HUBSPOT" else "HUBSPOT"
        else:
            session = {}

        with pytest.raises(consent.StateRefused, match="Start again"):
            finish(asked, {"realmId": "1", **answer}, session, user, later=later)

        assert vendors.token_calls(HUBSPOT) + vendors.token_calls(QUICKBOOKS) == 0
        assert not models.Connection.objects.exists()
        label = System(asked).label
        assert f"A consent callback for {label} by user {user.pk} fits nothing that was started" in caplog.messages

    @BOTH
    def test_says_that_a_repeated_callback_has_connected_already(self, system: str, vendors: Vendors, alice: User) -> None:
        session: dict[str, Any] = {}
        answer = vendors.person(begin(system, session, alice))
        connection = finish(system, answer, session, alice)

        with pytest.raises(consent.ConsentUsed, match="is connected already") as used:
            finish(system, answer, session, alice)

        assert used.value.connection == connection
        assert vendors.token_calls(system.lower()) == 1
        assert "answers" in connections.test(connection=connection, now=NOW)

    def test_uses_a_callback_once_even_if_two_come_before_the_session_is_saved(self, vendors: Vendors, alice: User) -> None:
        session: dict[str, Any] = {}
        answer = vendors.person(begin("QUICKBOOKS", session, alice))
        as_it_was = dict(session)
        finish("QUICKBOOKS", answer, session, alice)

        with pytest.raises(consent.ConsentUsed):
            finish("QUICKBOOKS", answer, as_it_was, alice)

        assert vendors.token_calls(QUICKBOOKS) == 1

    def test_refuses_a_company_that_the_consent_was_not_given_for(self, vendors: Vendors, alice: User) -> None:
        other = account_in("QUICKBOOKS", vendors)
        session: dict[str, Any] = {}
        answer = vendors.person(begin("QUICKBOOKS", session, alice))
        assert answer["realmId"] != other

        with pytest.raises(consent.StateRefused, match=f"does not open company {other}"):
            finish("QUICKBOOKS", {**answer, "realmId": other}, session, alice)

        assert not models.Connection.objects.exists()

    @pytest.mark.parametrize("realm", ["", "12/../34", "１２３"])
    def test_refuses_a_company_that_is_no_number(self, realm: str, vendors: Vendors, alice: User) -> None:
        session: dict[str, Any] = {}
        answer = vendors.person(begin("QUICKBOOKS", session, alice))

        with pytest.raises(consent.StateRefused, match="incomplete answer"):
            finish("QUICKBOOKS", {**answer, "realmId": realm}, session, alice)

        assert vendors.token_calls(QUICKBOOKS) == 0

    @BOTH
    def test_says_so_when_the_vendor_does_not_take_its_own_code(self, system: str, vendors: Vendors, alice: User) -> None:
        session: dict[str, Any] = {}
        answer = vendors.person(begin(system, session, alice))

        with pytest.raises(consent.VendorRefused, match="is not connected"):
            finish(system, {**answer, "code": "made-up-code"}, session, alice)


class TestReconnect:
    @BOTH
    def test_keeps_the_row_of_an_account_that_was_known(self, system: str, vendors: Vendors, alice: User) -> None:
        session: dict[str, Any] = {}
        first = finish(system, vendors.person(begin(system, session, alice)), session, alice)
        credentials.mark_ended(connection_id=first.pk, words="Ended.")

        again = finish(system, vendors.person(begin(system, session, alice, reconnect=first.pk)), session, alice)

        assert again.pk == first.pk
        assert again.status == ConnectionStatus.CONNECTED
        assert not models.Notice.objects.filter(closed_at=None).exists()
        assert "answers" in connections.test(connection=again, now=NOW)

    def test_refuses_another_account_than_the_one_to_be_connected_again(self, vendors: Vendors, alice: User) -> None:
        other = account_in("QUICKBOOKS", vendors)
        session: dict[str, Any] = {}
        first = finish("QUICKBOOKS", vendors.person(begin("QUICKBOOKS", session, alice)), session, alice)
        answer = vendors.person(begin("QUICKBOOKS", session, alice, reconnect=first.pk), account=other)

        with pytest.raises(consent.OtherAccount, match=f"Connect again and choose {first.name}"):
            finish("QUICKBOOKS", answer, session, alice)

        assert models.Connection.objects.count() == 1
        assert "answers" in connections.test(connection=first, now=NOW)

    def test_says_when_the_connection_is_gone(self, vendors: Vendors, alice: User) -> None:
        with pytest.raises(consent.NotStarted, match="not there any more"):
            begin("HUBSPOT", {}, alice, reconnect=12345)


class TestSecrets:
    @BOTH
    def test_no_token_code_or_state_reaches_a_log(
        self, system: str, vendors: Vendors, alice: User, caplog: pytest.LogCaptureFixture
    ) -> None:
        session: dict[str, Any] = {}
        with caplog.at_level(logging.DEBUG):
            answer = vendors.person(begin(system, session, alice))
            connection = finish(system, answer, session, alice)
            connections.test(connection=connection, now=NOW)

        row = models.Credential.objects.get()
        sealed = {"access_token": row.access_token, "refresh_token": row.refresh_token}
        opened = [credentials.unseal(connection_id=connection.pk, name=name, sealed=value) for name, value in sealed.items()]
        ours = [record for record in caplog.records if not record.name.startswith("integrations.sandbox")]
        said = "\n".join(record.getMessage() for record in ours)
        assert ours
        assert not [secret for secret in (*opened, answer["code"], answer["state"]) if secret in said]
        assert not [secret for secret in opened if secret in repr(row) + repr(vars(row)) + repr(connection)]
