"""One QuickBooks company as the sync sees it, against the sandbox over HTTP."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from integrations.quickbooks import environments
from integrations.quickbooks.entities import Kind, entity
from integrations.quickbooks.environments import Environment
from syncapp.connectors import base, quickbooks_fields
from syncapp.connectors.quickbooks import LAST_REVISION, QuickBooksConnector
from syncapp.engine import errors, records, schema
from syncapp.engine.vocabulary import FieldType, RecordState
from tests.connectors import listings
from tests.connectors.customers import FIELDS, WANTED, create, shown
from tests.connectors.invoicing import one, record_of
from tests.integrations.conftest import ScriptedServer
from tests.integrations.quickbooks_client.sandboxed import Company, NotedLimits, connected

WITH_PARENTS = base.Wanted(kind="customer", fields=("DisplayName",), links=("customer",))


class TestTheAccount:
    def test_is_known_by_its_company(self, company: Company, connector: QuickBooksConnector) -> None:
        account = connector.account()

        assert account.external_id == company.id
        assert account.name
        assert account.currency == "USD"
        assert account.time_zone == "UTC"
        assert account.details["country"] == "US"
        assert account.details["custom transaction numbers"] == "no"

    def test_tells_the_time_of_quickbooks(self, company: Company, connector: QuickBooksConnector) -> None:
        now = datetime.fromisoformat(company.control("clock", method="GET")["now"])

        assert abs((connector.server_time() - now).total_seconds()) < 60
        assert connector.server_time().utcoffset() == timedelta(0)

    def test_has_pages_for_its_records(self, company: Company, connector: QuickBooksConnector) -> None:
        assert connector.record_url(kind="customer", external_id="7") == "https://app.qbo.intuit.com/app/customerdetail?nameId=7"
        assert connector.record_url(kind="unicorn", external_id="7") == ""

    def test_in_the_local_sandbox_has_pages_there(self, company: Company) -> None:
        places = environments.addresses(environment=Environment.LOCAL, port=8802)
        connector = QuickBooksConnector(client=company.client(), app_url=places.app)

        url = connector.record_url(kind="customer", external_id="7")

        assert url == f"http://127.0.0.1:8802/_sandbox/records?realm={company.id}&id=7"


class TestFields:
    def specs(self, connector: QuickBooksConnector) -> dict[str, schema.FieldSpec]:
        return {spec.name: spec for spec in connector.fields(kind="customer")}

    def test_have_types_and_limits(self, connector: QuickBooksConnector) -> None:
        specs = self.specs(connector)

        assert specs["PrimaryEmailAddr.Address"].type is FieldType.EMAIL
        assert specs["PrimaryPhone.FreeFormNumber"].type is FieldType.PHONE
        assert specs["BillAddr.City"].max_length == 255
        assert specs["DisplayName"].unique is True
        assert dict(specs["PreferredDeliveryMethod"].choices).keys() == {"Print", "Email", "None"}

    def test_that_quickbooks_fills_in_cannot_be_written(self, connector: QuickBooksConnector) -> None:
        specs = self.specs(connector)

        assert [name for name in ("Balance", "Active", "FullyQualifiedName", "Id", "CreateTime", "ParentRef") if specs[name].writable] == []
        assert specs["ParentRef"].reason

    def test_never_include_a_masked_tax_id(self, connector: QuickBooksConnector) -> None:
        assert "PrimaryTaxIdentifier" not in self.specs(connector)

    def test_of_an_unknown_kind_are_none(self, connector: QuickBooksConnector) -> None:
        assert connector.fields(kind="unicorn") == ()

    def test_can_all_be_written_and_read_back_as_offered(self, connector: QuickBooksConnector) -> None:
        examples: dict[FieldType, records.Value] = {
            FieldType.TEXT: "x",
            FieldType.EMAIL: "ada@larkspur.example",
            FieldType.PHONE: "+1 555 0100",
            FieldType.URL: "https://larkspur.example",
            FieldType.BOOLEAN: False,
            FieldType.CHOICE: "Email",
        }
        values = {name: examples[spec.type] for name, spec in self.specs(connector).items() if spec.writable}

        record = record_of(one(connector, create("a", **values)))

        assert {name: record.values[name] for name in values} == values

    def test_take_values_as_long_as_offered(self, connector: QuickBooksConnector) -> None:
        lengths = {
            name: "x" * (spec.max_length or 0)
            for name, spec in self.specs(connector).items()
            if spec.writable and spec.type in (FieldType.TEXT, FieldType.PHONE) and not name.endswith(("Line4", "Line5"))
        }

        record = record_of(one(connector, create("a", **lengths)))

        assert {name: record.values[name] for name in lengths} == lengths


class TestValues:
    def test_are_canonical(self, company: Company, connector: QuickBooksConnector) -> None:
        identity = company.customer(
            "Ada", PrimaryEmailAddr={"Address": "Ada@Larkspur.example"}, Balance=85.10, Taxable=False, BillAddr={"City": "Tucson"}
        )

        record = shown(connector, identity)

        assert record.values["PrimaryEmailAddr.Address"] == "Ada@Larkspur.example"
        assert record.values["Balance"] == "85.1"
        assert record.values["Taxable"] is False
        assert record.values["BillAddr.City"] == "Tucson"
        assert record.values["Notes"] is None
        assert str(record.values["CreateTime"]).endswith(".000Z")
        assert set(record.values) == set(FIELDS)
        assert record.label == "Ada"
        assert (record.revision.number, record.revision.token) == (0, "0")
        assert record.created_at.utcoffset() == timedelta(0)

    def test_of_an_inactive_customer_have_its_own_name(self, company: Company, connector: QuickBooksConnector) -> None:
        for _ in range(2):
            company.edit(type="Customer", id=company.customer("Ada"), delete=True)

        found = listings.whole(connector, wanted=WANTED)

        assert [(record.values["DisplayName"], record.label, record.state) for record in found] == [
            ("Ada", "Ada", RecordState.ARCHIVED),
            ("Ada", "Ada", RecordState.ARCHIVED),
        ]

    def test_of_an_active_customer_keep_a_name_that_looks_deleted(self, company: Company, connector: QuickBooksConnector) -> None:
        identity = company.customer("Ada (deleted)")

        assert shown(connector, identity).values["DisplayName"] == "Ada (deleted)"

    def test_move_the_revision_when_quickbooks_computes_them_anew(self, company: Company, connector: QuickBooksConnector) -> None:
        identity = company.customer("Ada")
        before = shown(connector, identity).revision
        company.edit(type="Customer", id=identity, set={"Notes": "x"})

        assert shown(connector, identity).revision > before

    def test_lead_to_the_parent(self, company: Company, connector: QuickBooksConnector) -> None:
        parent = company.customer("Larkspur")
        child = company.customer("Kitchen", Job=True, ParentRef={"value": parent})

        found = {one.ref.external_id: one.links for one in connector.read(wanted=WITH_PARENTS, ids=[parent, child]).records}

        assert found == {parent: {"customer": ()}, child: {"customer": (parent,)}}


class TestReading:
    def test_lists_everything_inactive_ones_too(self, company: Company, connector: QuickBooksConnector) -> None:
        ids = [company.customer(f"Customer {number}") for number in range(5)]
        company.edit(type="Customer", id=ids[1], delete=True)

        assert [record.ref.external_id for record in listings.whole(connector, wanted=WANTED)] == ids
        assert [record.ref.external_id for record in listings.whole(connector, wanted=WANTED, archived=True)] == [ids[1]]

    def test_goes_on_from_a_stored_token(self, company: Company, connector: QuickBooksConnector) -> None:
        company.control("generate", {"customers": 1100, "realm_id": company.id, "random_seed": 1})

        first = connector.listing(wanted=WANTED, token=None)
        second = QuickBooksConnector(client=company.client()).listing(wanted=WANTED, token=first.next_token)

        ids = [record.ref.external_id for record in (*first.records, *second.records)]
        assert len(first.records) == 1000
        assert second.next_token is None
        assert len(set(ids)) == len(ids) >= 1100

    def test_refuses_a_token_that_is_not_its_own(self, connector: QuickBooksConnector) -> None:
        with pytest.raises(errors.Misconfigured):
            connector.listing(wanted=WANTED, token="nonsense")

    def test_by_id_tells_what_is_missing(self, company: Company, connector: QuickBooksConnector) -> None:
        identity = company.customer("Ada")
        company.edit(type="Customer", id=identity, delete=True)

        found = connector.read(wanted=WANTED, ids=[identity, "999", "not-an-id"])

        assert [(record.ref.external_id, record.state) for record in found.records] == [(identity, RecordState.ARCHIVED)]
        assert found.missing == ("999", "not-an-id")

    def test_of_an_unknown_kind_is_refused(self, connector: QuickBooksConnector) -> None:
        with pytest.raises(errors.Misconfigured, match="unicorn"):
            connector.read(wanted=base.Wanted(kind="unicorn", fields=()), ids=["1"])

    def test_translates_the_clients_errors(self, company: Company, connector: QuickBooksConnector) -> None:
        company.breaks("rate_limited", "/query")

        with pytest.raises(errors.RateLimited) as refused:
            connector.listing(wanted=WANTED, token=None)

        assert (refused.value.wait, refused.value.system) == (60, "QuickBooks Online")


class TestChanges:
    def window(self, connector: QuickBooksConnector, *, back: timedelta = timedelta(minutes=5)) -> base.Window:
        now = connector.server_time()
        return base.Window(since=now - back, until=now + timedelta(minutes=5))

    def everything(self, connector: QuickBooksConnector, window: base.Window) -> list[records.Record]:
        found: list[records.Record] = []
        token: str | None = None
        while True:
            page = connector.changes(wanted=WANTED, window=window, token=token)
            found += page.records
            token = page.next_token
            if token is None:
                return found

    def test_are_live_inactive_and_merged_records_from_one_call(self, company: Company) -> None:
        limits = NotedLimits()
        connector = QuickBooksConnector(client=company.client(limits=limits))
        live, inactive, merged = (company.customer(name) for name in ("Ada", "Grace", "Ada Lovelace"))
        company.edit(type="Customer", id=inactive, delete=True)
        company.edit(type="Customer", merge=[live, merged])
        window = self.window(connector)
        limits.acquired.clear()

        found = {record.ref.external_id: record for record in self.everything(connector, window)}

        assert {identity: record.state for identity, record in found.items()} == {
            live: RecordState.LIVE,
            inactive: RecordState.ARCHIVED,
            merged: RecordState.GONE,
        }
        assert found[merged].revision.number == LAST_REVISION
        assert found[merged].values == {}
        assert len(limits.acquired) == 1

    def test_outside_the_window_are_left_out(self, company: Company, connector: QuickBooksConnector) -> None:
        company.customer("Earlier")
        company.control("clock", {"advance_seconds": 1000})
        company.customer("Within")
        since = datetime.fromisoformat(company.control("clock", method="GET")["now"])
        company.control("clock", {"advance_seconds": 1000})
        company.customer("Later")
        window = base.Window(since=since - timedelta(seconds=10), until=since + timedelta(seconds=10))

        assert [record.label for record in self.everything(connector, window)] == ["Within"]

    def test_are_complete_beyond_the_limit_of_capture(self) -> None:
        now = datetime(2026, 11, 26, 12, tzinfo=UTC)
        bodies = [
            {"Id": str(number), "SyncToken": "0", "MetaData": {"CreateTime": now.isoformat(), "LastUpdatedTime": now.isoformat()}}
            for number in range(1, 1201)
        ]
        stub = {"Id": "2000", "status": "Deleted", "MetaData": {"LastUpdatedTime": now.isoformat()}}
        server = ScriptedServer()
        time = {"time": now.isoformat()}
        server.says(body={"CompanyInfo": {"Id": "1"}, **time})
        server.says(body={"CDCResponse": [{"QueryResponse": [{"Customer": [stub, *bodies[:999]]}]}], **time})
        server.says(body={"QueryResponse": {"Customer": bodies[:1000], "startPosition": 1, "maxResults": 1000}, **time})
        server.says(body={"QueryResponse": {"Customer": bodies[999:], "startPosition": 1000, "maxResults": 201}, **time})
        connector = QuickBooksConnector(client=connected(server.url))

        found = self.everything(connector, base.Window(since=now - timedelta(hours=1), until=now))
        server.close()

        assert {record.ref.external_id for record in found} == {*(str(number) for number in range(1, 1201)), "2000"}
        assert [record.state for record in found if record.ref.external_id == "2000"] == [RecordState.GONE]

    def test_of_longer_ago_than_capture_reaches_are_read_by_query(self, company: Company, connector: QuickBooksConnector) -> None:
        identity = company.customer("Ada")

        found = self.everything(connector, self.window(connector, back=timedelta(days=400)))

        assert identity in {record.ref.external_id for record in found}


class TestFinding:
    def found(self, connector: QuickBooksConnector, name: str, *values: str) -> set[str]:
        return {record.ref.external_id for record in connector.find(wanted=WANTED, field_name=name, values=values)}

    def test_by_email_ignores_case_and_includes_inactive_ones(self, company: Company, connector: QuickBooksConnector) -> None:
        ada = company.customer("Ada", PrimaryEmailAddr={"Address": "Ada@larkspur.example"})
        grace = company.customer("Grace", PrimaryEmailAddr={"Address": "grace@larkspur.example"})
        company.customer("Other", PrimaryEmailAddr={"Address": "other@larkspur.example"})
        company.edit(type="Customer", id=grace, delete=True)

        found = self.found(connector, "PrimaryEmailAddr.Address", " ada@LARKSPUR.example ", "grace@larkspur.example", "nobody@x.example")

        assert found == {ada, grace}

    @pytest.mark.parametrize("name", ["O'Brien", "back\\slash", "Müller & Söhne 🐦", "100% \"real\"; DROP"])
    def test_by_name_takes_any_character(self, company: Company, connector: QuickBooksConnector, name: str) -> None:
        identity = company.customer(name)

        assert self.found(connector, "DisplayName", name) == {identity}

    def test_by_a_name_with_a_line_break_finds_nobody(self, company: Company, connector: QuickBooksConnector) -> None:
        company.customer("Ada")

        assert self.found(connector, "DisplayName", "Ada\nLovelace") == set()

    def test_by_a_field_without_a_query_looks_at_everybody(self, company: Company, connector: QuickBooksConnector) -> None:
        identity = company.customer("Ada", WebAddr={"URI": "https://Larkspur.example"})
        company.customer("Grace", WebAddr={"URI": "https://other.example"})

        assert self.found(connector, "WebAddr.URI", "https://larkspur.example") == {identity}

    def test_by_an_unknown_field_or_no_value_makes_no_call(self, company: Company) -> None:
        limits = NotedLimits()
        connector = QuickBooksConnector(client=company.client(limits=limits))

        assert self.found(connector, "ShoeSize", "42") == set()
        assert self.found(connector, "DisplayName", " ", "") == set()
        assert limits.acquired == []

    def test_by_our_key_finds_nothing(self, connector: QuickBooksConnector) -> None:
        assert connector.find_created(wanted=WANTED, keys=["a"]) == {}
        assert connector.key_state(kind="customer") is None
        assert connector.history(kind="customer", ids=["1"], fields=["Notes"]) == {}


class TestTheTableOfFields:
    def test_sends_no_map_position_back(self) -> None:
        address = {"Id": "4", "Line1": "1 Main St", "Lat": "INVALID", "Long": "INVALID"}
        known = entity(kind=Kind.CUSTOMER, data={"Id": "7", "BillAddr": address})

        assert quickbooks_fields.whole(entity=known, head="BillAddr") == {"Id": "4", "Line1": "1 Main St"}
        assert quickbooks_fields.whole(entity=known, head="ShipAddr") == {}

    def test_names_only_what_queries_know(self, connector: QuickBooksConnector) -> None:
        for name, field in quickbooks_fields.of("customer").items():
            if field.query_name:
                assert connector.find(wanted=WANTED, field_name=name, values=["nobody"]) == (), name
