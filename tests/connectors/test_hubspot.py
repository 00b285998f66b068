"""One HubSpot account as the sync sees it, against the sandbox over HTTP."""

from __future__ import annotations

import datetime
import time
from typing import Any

import pytest

from syncapp.connectors import base, hubspot_fields
from syncapp.connectors.hubspot import HubSpotConnector
from syncapp.engine import errors, records
from syncapp.engine.vocabulary import FieldType, OperationKind, RecordState
from tests.connectors import listings
from tests.connectors.contacts import KEY, WANTED, person, update


@pytest.fixture
def connector(sandbox: Any, make_client: Any) -> HubSpotConnector:
    client = make_client(sandbox.url, sandbox.token())
    return HubSpotConnector(client=client, sleep=lambda seconds: time.sleep(0.01), portal_id="7", pages_url="https://app.hubspot.com/")


def create(key: str, **values: records.Value) -> base.Write:
    return base.Write(key=key, kind=OperationKind.CREATE, record_kind="contacts", values=values)


class TestTheAccount:
    def test_is_known_by_its_portal(self, connector: HubSpotConnector) -> None:
        account = connector.account()

        assert account.external_id.isdigit()
        assert account.name and len(account.currency) == 3 and account.time_zone
        assert "type" in account.details

    def test_tells_the_time(self, connector: HubSpotConnector) -> None:
        assert abs((connector.server_time() - datetime.datetime.now(datetime.UTC)).total_seconds()) < 60

    def test_has_pages_for_its_records(self, connector: HubSpotConnector) -> None:
        assert connector.record_url(kind="contacts", external_id="51") == "https://app.hubspot.com/contacts/7/record/0-1/51"
        assert connector.record_url(kind="unicorns", external_id="51") == ""


class TestFields:
    def test_have_types_people_know(self, connector: HubSpotConnector) -> None:
        found = {spec.name: spec for spec in connector.fields(kind="contacts")}

        types = {name: found[name].type for name in ("email", "phone", "website", "firstname", "lifecyclestage", "createdate")}
        assert types == {
            "email": FieldType.EMAIL, "phone": FieldType.PHONE, "website": FieldType.URL, "firstname": FieldType.TEXT,
            "lifecyclestage": FieldType.CHOICE, "createdate": FieldType.DATETIME,
        }
        assert ("customer", "Customer") in found["lifecyclestage"].choices
        assert found["email"].unique

    def test_say_what_cannot_be_written(self, connector: HubSpotConnector) -> None:
        found = {spec.name: spec for spec in connector.fields(kind="contacts")}

        assert found["firstname"].writable
        assert not found["createdate"].writable
        assert found["associatedcompanyid"].reason and not found["associatedcompanyid"].writable

    def test_offer_owners_by_name(self, connector: HubSpotConnector) -> None:
        found = {spec.name: spec for spec in connector.fields(kind="contacts")}

        assert found["hubspot_owner_id"].type is FieldType.CHOICE
        assert all(value.isdigit() and label for value, label in found["hubspot_owner_id"].choices)

    def test_reach_associated_records_for_reading_only(self, connector: HubSpotConnector) -> None:
        found = {spec.name: spec for spec in connector.fields(kind="contacts")}

        assert found["companies.name"].associated_kind == "companies"
        assert found["invoices.hs_invoice_status"].type is FieldType.CHOICE
        assert not found["companies.name"].writable

    def test_leave_out_kinds_that_the_connection_may_not_read(self, sandbox: Any, make_client: Any) -> None:
        token = sandbox.token(["oauth", "crm.objects.contacts.read", "crm.schemas.contacts.read"])
        limited = HubSpotConnector(client=make_client(sandbox.url, token), sleep=time.sleep)

        names = {spec.name for spec in limited.fields(kind="contacts")}

        assert "email" in names
        assert not [name for name in names if name.startswith("invoices.")]


class TestAListing:
    def test_is_whole(self, sandbox: Any, connector: HubSpotConnector) -> None:
        sandbox.control("generate", {"contacts": 230, "random_seed": 1})

        found = listings.whole(connector, wanted=WANTED)

        assert len({record.ref.external_id for record in found}) == 230

    def test_shows_canonical_values_a_label_and_the_state(self, sandbox: Any, connector: HubSpotConnector) -> None:
        person(sandbox, email="Jan@Nowak.pl", firstname="Jan", lastname="Nowak", phone="", hs_lead_status="NEW")

        record = listings.whole(connector, wanted=WANTED)[0]

        assert record.label == "Jan Nowak"
        assert record.state is RecordState.LIVE
        assert record.values["firstname"] == "Jan" and record.values["hs_lead_status"] == "NEW"
        assert record.values["phone"] is None
        assert record.revision.number == round(record.revision.updated_at.timestamp() * 1000)

    def test_shows_the_full_name_only_where_it_is_asked_for(self, sandbox: Any, connector: HubSpotConnector) -> None:
        person(sandbox, email="jan@nowak.pl", firstname="Jan", lastname="Nowak")
        named = base.Wanted(kind="contacts", fields=("email", hubspot_fields.FULL_NAME))

        (with_name,), (without,) = listings.whole(connector, wanted=named), listings.whole(connector, wanted=WANTED)

        assert with_name.values == {"email": "jan@nowak.pl", hubspot_fields.FULL_NAME: "Jan Nowak"}
        assert set(without.values) == set(WANTED.fields)

    def test_of_archived_records_is_one_of_its_own(self, sandbox: Any, connector: HubSpotConnector) -> None:
        person(sandbox, email="live@x.pl")
        gone = person(sandbox, email="gone@x.pl")
        sandbox.edit(type="contacts", id=gone, delete=True)

        found = listings.whole(connector, wanted=WANTED, archived=True)

        assert [(record.ref.external_id, record.state) for record in found] == [(gone, RecordState.ARCHIVED)]


class TestChanges:
    def test_are_found_within_the_window_and_end_with_an_empty_page(self, sandbox: Any, connector: HubSpotConnector) -> None:
        ids = sorted(person(sandbox, email=f"p{number}@x.pl") for number in range(3))
        now = connector.server_time()
        window = base.Window(since=now - datetime.timedelta(minutes=5), until=now + datetime.timedelta(minutes=5))

        first = connector.changes(wanted=WANTED, window=window, token=None)
        last = connector.changes(wanted=WANTED, window=window, token=first.next_token)

        assert sorted(record.ref.external_id for record in first.records) == ids
        assert (last.records, last.next_token) == ((), None)

    def test_of_an_earlier_window_are_found_in_the_same_call(self, sandbox: Any, connector: HubSpotConnector) -> None:
        early = person(sandbox, email="early@x.pl")
        sandbox.control("clock", {"advance_seconds": 600})
        person(sandbox, email="between@x.pl")
        sandbox.control("clock", {"advance_seconds": 600})
        late = person(sandbox, email="late@x.pl")
        now = connector.server_time()
        minute = datetime.timedelta(minutes=1)
        before = now - datetime.timedelta(minutes=20)
        also = base.Window(since=before - minute, until=before + minute)

        page = connector.changes(wanted=WANTED, window=base.Window(since=now - minute, until=now + minute, also=also), token=None)

        assert sorted(record.ref.external_id for record in page.records) == sorted([early, late])

    def test_outside_of_the_window_are_not_shown(self, sandbox: Any, connector: HubSpotConnector) -> None:
        person(sandbox, email="a@x.pl")
        now = connector.server_time()
        window = base.Window(since=now - datetime.timedelta(days=2), until=now - datetime.timedelta(days=1))

        assert connector.changes(wanted=WANTED, window=window, token=None).records == ()

    def test_go_on_through_more_pages_than_one(self, sandbox: Any, connector: HubSpotConnector) -> None:
        sandbox.control("generate", {"contacts": 450, "random_seed": 1})
        now = connector.server_time()
        window = base.Window(since=now - datetime.timedelta(days=3650), until=now + datetime.timedelta(minutes=5))
        seen: list[str] = []
        token: str | None = None

        while True:
            page = connector.changes(wanted=WANTED, window=window, token=token)
            seen += [record.ref.external_id for record in page.records]
            token = page.next_token
            if token is None:
                break

        assert len(seen) == len(set(seen)) == 450


class TestARead:
    def test_shows_archived_records_and_names_the_missing(self, sandbox: Any, connector: HubSpotConnector) -> None:
        live, gone = person(sandbox, email="live@x.pl"), person(sandbox, email="gone@x.pl")
        sandbox.edit(type="contacts", id=gone, delete=True)

        found = connector.read(wanted=WANTED, ids=[live, gone, "99999999999"])

        assert {record.ref.external_id: record.state for record in found.records} == {live: RecordState.LIVE, gone: RecordState.ARCHIVED}
        assert found.missing == ("99999999999",)

    @pytest.mark.parametrize("strict", [False, True])
    def test_leads_from_a_merged_id_to_the_survivor(self, sandbox: Any, connector: HubSpotConnector, strict: bool) -> None:
        first, second = person(sandbox, email="a@x.pl"), person(sandbox, email="b@x.pl")
        sandbox.edit(type="contacts", merge=[first, second])
        sandbox.switch(strict_unknown=strict)

        found = connector.read(wanted=WANTED, ids=[first, second])

        assert found.missing == ()
        assert len({record.ref.external_id for record in found.records}) == 1
        record = found.records[0]
        assert {first, second} <= {record.ref.external_id, *record.merged_ids}

    def test_shows_the_primary_company_first(self, sandbox: Any, make_client: Any, connector: HubSpotConnector) -> None:
        contact = person(sandbox, email="a@x.pl")
        companies = [str(sandbox.edit(type="companies", create={"name": name})["id"]) for name in ("First", "Second")]
        client = make_client(sandbox.url, sandbox.token())
        for company in companies:
            client.associate(from_type="contacts", from_id=contact, to_type="companies", to_id=company)
        wanted = base.Wanted(kind="contacts", fields=("email",), links=("companies",))

        by_read = connector.read(wanted=wanted, ids=[contact]).records[0]
        by_listing = connector.listing(wanted=wanted, token=None).records[0]

        assert by_read.links == by_listing.links == {"companies": (companies[0], companies[1])}

    def test_of_nothing_asks_nothing(self, connector: HubSpotConnector) -> None:
        assert connector.read(wanted=WANTED, ids=[]) == base.Found(records=())


class TestFind:
    def test_by_address_ignores_case(self, sandbox: Any, connector: HubSpotConnector) -> None:
        wanted_one = person(sandbox, email="jan@nowak.pl")
        person(sandbox, email="other@nowak.pl")

        found = connector.find(wanted=WANTED, field_name="email", values=["JAN@nowak.pl ", "nobody@x.pl", ""])

        assert [record.ref.external_id for record in found] == [wanted_one]

    def test_by_address_sees_what_search_does_not_show_yet(self, sandbox: Any, connector: HubSpotConnector) -> None:
        sandbox.switch(index_delay=30.0)
        fresh = person(sandbox, email="jan@nowak.pl")

        found = connector.find(wanted=WANTED, field_name="email", values=["jan@nowak.pl"])

        assert [record.ref.external_id for record in found] == [fresh]

    def test_by_another_field_compares_whole_values(self, sandbox: Any, connector: HubSpotConnector) -> None:
        wanted_one = person(sandbox, email="a@x.pl", lastname="O'Brien")
        person(sandbox, email="b@x.pl", lastname="O'Brien Smith")

        found = connector.find(wanted=WANTED, field_name="lastname", values=["o'brien"])

        assert [record.ref.external_id for record in found] == [wanted_one]

    def test_by_a_field_that_does_not_exist_finds_nothing(self, connector: HubSpotConnector) -> None:
        assert connector.find(wanted=WANTED, field_name="unicorn", values=["x"]) == ()


class TestACreate:
    def test_makes_a_record_that_is_found_by_our_key(self, connector: HubSpotConnector) -> None:
        written = connector.write(writes=[create(KEY + "1", email="new@x.pl", firstname="Ann", phone=None)])

        record = written[0].record
        assert record is not None and written[0].error is None
        assert record.values["firstname"] == "Ann"
        assert connector.find_created(wanted=WANTED, keys=[KEY + "1", KEY + "2"]).keys() == {KEY + "1"}

    def test_sent_twice_makes_one_record(self, connector: HubSpotConnector) -> None:
        write = create(KEY + "1", email="new@x.pl")

        first, second = connector.write(writes=[write]), connector.write(writes=[write])

        assert first[0].record is not None and second[0].record is not None
        assert first[0].record.ref == second[0].record.ref
        assert len(listings.whole(connector, wanted=WANTED)) == 1

    def test_is_found_by_its_key_after_a_lost_answer(self, sandbox: Any, connector: HubSpotConnector) -> None:
        connector.write(writes=[create(KEY + "0", email="before@x.pl")])
        sandbox.breaks("drop_after_commit", "batch/upsert")

        written = connector.write(writes=[create(KEY + "1", email="new@x.pl")])

        assert isinstance(written[0].error, errors.OutcomeUnknown)
        found = connector.find_created(wanted=WANTED, keys=[KEY + "1"])
        assert found[KEY + "1"].values["email"] == "new@x.pl"

    def test_is_found_by_its_key_when_it_was_archived_since(self, sandbox: Any, connector: HubSpotConnector) -> None:
        written = connector.write(writes=[create(KEY + "1", email="new@x.pl")])
        assert written[0].record is not None
        sandbox.edit(type="contacts", id=written[0].record.ref.external_id, delete=True)

        found = connector.find_created(wanted=WANTED, keys=[KEY + "1"])

        assert {key: record.state for key, record in found.items()} in ({KEY + "1": RecordState.ARCHIVED}, {})

    def test_that_is_bad_stops_no_other(self, sandbox: Any, connector: HubSpotConnector) -> None:
        taken = person(sandbox, email="taken@x.pl")
        writes = [
            create(KEY + "1", email="good@x.pl"),
            create(KEY + "2", email="taken@x.pl"),
            create(KEY + "3", email="bad@x.pl", hs_lead_status="canary-no-such-option"),
            create(KEY + "4", email="fine@x.pl"),
        ]

        good, conflict, bad, fine = connector.write(writes=writes)

        assert good.record and fine.record
        assert isinstance(conflict.error, errors.AlreadyExists) and conflict.error.existing_id == taken
        assert isinstance(bad.error, errors.Rejected) and bad.error.field == "hs_lead_status"
        assert "canary" not in str(bad.error)

    def test_looks_for_keys_nowhere_before_there_are_any(self, connector: HubSpotConnector) -> None:
        assert connector.find_created(wanted=WANTED, keys=[KEY + "1"]) == {}

    def test_refuses_to_take_over_a_property_of_another_kind(self, make_client: Any, sandbox: Any, connector: HubSpotConnector) -> None:
        client = make_client(sandbox.url, sandbox.token())
        client.create_group(object_type="contacts", name="mine", label="Mine")
        client.create_property(
            object_type="contacts", name=hubspot_fields.KEY_PROPERTY, label="Mine", group="mine", type="string", field_type="text"
        )

        written = connector.write(writes=[create(KEY + "1", email="new@x.pl")])

        assert isinstance(written[0].error, errors.Misconfigured)
        assert hubspot_fields.KEY_PROPERTY in str(written[0].error)
        assert connector.key_state(kind="contacts") is base.OwnState.WRONG

    def test_tells_whether_a_kind_keeps_keys(self, connector: HubSpotConnector) -> None:
        before = connector.key_state(kind="contacts")
        connector.write(writes=[create(KEY + "1", email="new@x.pl")])

        assert (before, connector.key_state(kind="contacts")) == (base.OwnState.MISSING, base.OwnState.THERE)


class TestHistory:
    def test_is_newest_first_and_tells_programs_from_people(self, sandbox: Any, connector: HubSpotConnector) -> None:
        contact = person(sandbox, email="a@x.pl", lastname="Old")
        connector.write(writes=[update(KEY + "1", contact, lastname="Ours")])
        sandbox.edit(type="contacts", id=contact, set={"lastname": "Theirs"})

        past = connector.history(kind="contacts", ids=[contact], fields=["lastname"])[contact]["lastname"]

        assert [(entry.value, entry.by_us) for entry in past] == [("Theirs", False), ("Ours", True), ("Old", False)]
        assert past[0].changed_at >= past[1].changed_at >= past[2].changed_at


class TestARefusedConnection:
    def test_asks_to_connect_again(self, sandbox: Any, make_client: Any) -> None:
        refused = HubSpotConnector(client=make_client(sandbox.url, "no-such-token"), sleep=time.sleep)

        with pytest.raises(errors.NeedsReconnect) as caught:
            refused.account()

        assert "no-such-token" not in str(caught.value)
        assert caught.value.__context__ is None

    def test_names_the_scopes_it_lacks(self, sandbox: Any, make_client: Any) -> None:
        limited = HubSpotConnector(client=make_client(sandbox.url, sandbox.token(["oauth"])), sleep=time.sleep)

        with pytest.raises(errors.Rejected, match="crm"):
            limited.listing(wanted=WANTED, token=None)
