"""HubSpot notes on the timelines of deals, and the properties of those deals."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

import pytest

from syncapp.connectors import base
from syncapp.connectors.hubspot import HubSpotConnector
from syncapp.engine import errors, records
from syncapp.engine.vocabulary import FieldType, OperationKind, RecordState

WANTED = base.Wanted(kind="notes", fields=("hs_timestamp", "hs_note_body", "qbo_payment_id", "deals"))
WHEN = "2026-11-20T00:00:00.000Z"
KEY = "0" * 31


@pytest.fixture
def connector(sandbox: Any, make_client: Any) -> HubSpotConnector:
    client = make_client(sandbox.url, sandbox.token())
    return HubSpotConnector(client=client, sleep=lambda seconds: time.sleep(0.01), portal_id="7", pages_url="https://app.hubspot.com")


@pytest.fixture
def deals(sandbox: Any) -> tuple[str, str, str]:
    first, second, third = (str(sandbox.edit(type="deals", create={"dealname": name})["id"]) for name in ("One", "Two", "Three"))
    return first, second, third


@pytest.fixture
def keyless(sandbox: Any) -> None:
    """An account that keeps no unique property on notes, as far as our key is concerned."""
    refused = {"match": {"method": "POST", "path_regex": "/properties/2026-09/notes$"}, "times": 1, "fault": "status", "status": 400}
    sandbox.control("faults", refused)


def create(key: str, **values: records.Value) -> base.Write:
    given: dict[str, records.Value] = {"hs_timestamp": WHEN, "hs_note_body": "Payment received", **values}
    return base.Write(key=key, kind=OperationKind.CREATE, record_kind="notes", values=given)


def update(key: str, external_id: str, **values: records.Value) -> base.Write:
    return base.Write(key=key, kind=OperationKind.UPDATE, record_kind="notes", values=values, external_id=external_id)


def made(connector: HubSpotConnector, *on: str, key: str = KEY + "1", **values: records.Value) -> records.Record:
    (written,) = connector.write(writes=[create(key, deals=on, **values)])
    assert written.record is not None, written.error
    return written.record


def shown(written: base.Written) -> Mapping[str, records.Value]:
    assert written.record is not None, written.error
    return written.record.values


def notes(connector: HubSpotConnector) -> tuple[records.Record, ...]:
    return connector.listing(wanted=WANTED, token=None).records


class TestFields:
    def test_name_the_deals(self, connector: HubSpotConnector) -> None:
        found = {spec.name: spec for spec in connector.fields(kind="notes")}

        assert (found["deals"].label, found["deals"].type, found["deals"].refers_to) == ("Deals", FieldType.REFERENCE, "deals")
        assert not found["deals"].later and found["deals"].writable
        assert found["hs_timestamp"].type is FieldType.DATETIME and found["hs_timestamp"].required
        assert found["hs_note_body"].type is FieldType.TEXT


class TestNotesOfPeople:
    def test_are_left_out_once_the_account_can_tell_them_from_ours(
        self, sandbox: Any, connector: HubSpotConnector, deals: tuple[str, str, str]
    ) -> None:
        theirs = str(sandbox.edit(type="notes", create={"hs_timestamp": WHEN, "hs_note_body": "Likes blue"})["id"])
        before = [one.ref.external_id for one in notes(connector)]
        connector.install_fields(kind="notes")
        ours = made(connector, deals[0], qbo_payment_id="payment:5").ref.external_id
        window = base.Window(since=connector.server_time().replace(year=2000), until=connector.server_time().replace(year=2100))

        changed = connector.changes(wanted=WANTED, window=window, token=None).records

        assert before == [theirs]
        assert [one.ref.external_id for one in notes(connector)] == [one.ref.external_id for one in changed] == [ours]
        assert [one.ref.external_id for one in connector.read(wanted=WANTED, ids=[theirs]).records] == [theirs]


@pytest.mark.usefixtures("strict")
class TestACreate:
    def test_stands_on_its_deals_from_the_first_moment(
        self, sandbox: Any, connector: HubSpotConnector, deals: tuple[str, str, str]
    ) -> None:
        connector.install_fields(kind="notes")
        sandbox.control("log", method="DELETE")

        record = made(connector, deals[1], deals[0], qbo_payment_id="9:5")

        paths = [one["path"] for one in sandbox.control("log", method="GET")]
        assert [path for path in paths if "associations" in path] == []
        assert record.values["deals"] == tuple(sorted(deals[:2]))
        assert record.label == "Payment received"
        (found,) = notes(connector)
        assert (found.ref, dict(found.values)) == (
            record.ref,
            {"hs_timestamp": WHEN, "hs_note_body": "Payment received", "qbo_payment_id": "9:5", "deals": tuple(sorted(deals[:2]))},
        )

    def test_sent_twice_makes_one(self, connector: HubSpotConnector, deals: tuple[str, str, str]) -> None:
        first = made(connector, deals[0])
        second = made(connector, deals[0])

        assert first.ref == second.ref
        assert second.values["deals"] == (deals[0],)
        assert [record.ref for record in notes(connector)] == [first.ref]
        assert connector.find_created(wanted=WANTED, keys=[KEY + "1"])[KEY + "1"].ref == first.ref

    def test_without_an_answer_is_found_by_our_key(
        self, sandbox: Any, connector: HubSpotConnector, deals: tuple[str, str, str]
    ) -> None:
        sandbox.breaks("drop_after_commit", "notes/batch/create$")

        (lost,) = connector.write(writes=[create(KEY + "1", deals=deals[:1])])

        assert isinstance(lost.error, errors.OutcomeUnknown)
        (found,) = connector.find_created(wanted=WANTED, keys=[KEY + "1"]).values()
        assert found.values["deals"] == deals[:1]

    @pytest.mark.usefixtures("keyless")
    def test_without_a_key_is_found_by_the_payment(self, sandbox: Any, connector: HubSpotConnector, deals: tuple[str, str, str]) -> None:
        record = made(connector, deals[0])
        connector.install_fields(kind="notes")
        connector.write(writes=[update("a", record.ref.external_id, qbo_payment_id="9:5")])

        found = connector.find(wanted=WANTED, field_name="qbo_payment_id", values=["9:5"])

        assert connector.find_created(wanted=WANTED, keys=[KEY + "1"]) == {}
        assert [(one.ref, one.values["deals"]) for one in found] == [(record.ref, (deals[0],))]

    def test_for_a_deal_that_is_gone_is_refused_and_stops_no_other(
        self, sandbox: Any, connector: HubSpotConnector, deals: tuple[str, str, str]
    ) -> None:
        sandbox.edit(type="deals", id=deals[0], delete=True)

        bad, good = connector.write(writes=[create(KEY + "1", deals=deals[:1]), create(KEY + "2", deals=deals[1:2])])

        assert isinstance(bad.error, errors.Rejected)
        assert shown(good)["deals"] == deals[1:2]
        assert len(notes(connector)) == 1

    def test_of_a_payment_that_has_a_note_is_not_made_twice(self, connector: HubSpotConnector, deals: tuple[str, str, str]) -> None:
        connector.install_fields(kind="notes")
        made(connector, deals[0], qbo_payment_id="9:5")

        (second,) = connector.write(writes=[create(KEY + "2", deals=deals[:1], qbo_payment_id="9:5")])

        assert isinstance(second.error, errors.AlreadyExists)


@pytest.mark.usefixtures("strict")
class TestAnUpdate:
    def test_changes_words_time_and_deals(self, connector: HubSpotConnector, deals: tuple[str, str, str]) -> None:
        one = made(connector, deals[0], deals[1]).ref.external_id

        (written,) = connector.write(
            writes=[update("a", one, hs_note_body="<b>Refund</b> of 5", hs_timestamp="2026-11-21T00:00:00.000Z", deals=deals[1:])]
        )

        values = shown(written)
        assert (values["hs_note_body"], values["hs_timestamp"]) == ("<b>Refund</b> of 5", "2026-11-21T00:00:00.000Z")
        assert values["deals"] == notes(connector)[0].values["deals"] == tuple(sorted(deals[1:]))
        assert written.record is not None and written.record.label == "Refund of 5"

    def test_of_words_alone_takes_one_call(self, sandbox: Any, connector: HubSpotConnector, deals: tuple[str, str, str]) -> None:
        one = made(connector, deals[0]).ref.external_id
        sandbox.control("log", method="DELETE")

        (written,) = connector.write(writes=[update("a", one, hs_note_body="New")])

        assert shown(written)["hs_note_body"] == "New" and "deals" not in shown(written)
        assert len(sandbox.control("log", method="GET")) == 1

    def test_takes_a_note_off_its_deals(self, connector: HubSpotConnector, deals: tuple[str, str, str]) -> None:
        one = made(connector, deals[0]).ref.external_id

        (written,) = connector.write(writes=[update("a", one, deals=None)])

        assert shown(written)["deals"] is None

    def test_for_a_deal_that_is_gone_is_refused(self, sandbox: Any, connector: HubSpotConnector, deals: tuple[str, str, str]) -> None:
        one, other = (made(connector, deals[0], key=key).ref.external_id for key in (KEY + "1", KEY + "2"))
        sandbox.edit(type="deals", id=deals[2], delete=True)

        bad, good = connector.write(writes=[update("a", one, deals=deals[1:]), update("b", other, deals=deals[1:2])])

        assert isinstance(bad.error, errors.Rejected) and bad.error.field == "deals"
        assert shown(good)["deals"] == deals[1:2]

    def test_shows_what_hubspot_made_of_the_words(self, connector: HubSpotConnector, deals: tuple[str, str, str]) -> None:
        one = made(connector, deals[0]).ref.external_id

        (written,) = connector.write(writes=[update("a", one, hs_note_body="<script>x</script><b>Paid</b>")])

        assert shown(written)["hs_note_body"] == "<b>Paid</b>"


class TestAnArchive:
    def test_puts_a_note_away(self, connector: HubSpotConnector, deals: tuple[str, str, str]) -> None:
        one = made(connector, deals[0]).ref.external_id

        (written,) = connector.write(
            writes=[base.Write(key="a", kind=OperationKind.ARCHIVE, record_kind="notes", values={}, external_id=one)]
        )

        assert written.record is not None and written.record.state is RecordState.ARCHIVED

    def test_has_a_page(self, connector: HubSpotConnector) -> None:
        assert connector.record_url(kind="notes", external_id="5") == "https://app.hubspot.com/contacts/7/record/0-46/5"


@pytest.mark.usefixtures("strict")
class TestADeal:
    def test_gets_the_figures_of_its_invoices(self, connector: HubSpotConnector, deals: tuple[str, str, str]) -> None:
        connector.install_fields(kind="deals")
        wanted = base.Wanted(kind="deals", fields=("qbo_billed", "qbo_invoice_status", "qbo_oldest_overdue", "qbo_invoice_updated_at"))
        figures: dict[str, records.Value] = {
            "qbo_billed": "120.5", "qbo_invoice_status": "overdue", "qbo_oldest_overdue": "2026-10-01",
            "qbo_invoice_updated_at": "2026-11-20T10:00:00.000Z",
        }

        (written,) = connector.write(
            writes=[base.Write(key="a", kind=OperationKind.UPDATE, record_kind="deals", values=figures, external_id=deals[0])]
        )

        assert figures.items() <= shown(written).items()
        (record,) = connector.read(wanted=wanted, ids=deals[:1]).records
        assert (record.values, record.label) == (figures, "One")
