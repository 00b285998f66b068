"""One QuickBooks company as the sync sees it, against the sandbox over HTTP."""
from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from integrations.quickbooks import environments
from integrations.quickbooks.entities import Kind, entity
from integrations.quickbooks.environments import Environment
from integrations.sandbox import serve
from syncapp.connectors import base, quickbooks_fields
from syncapp.connectors.quickbooks import LAST_REVISION, QuickBooksConnector
from syncapp.engine import errors, records, schema
from syncapp.engine.vocabulary import FieldType, OperationKind, RecordState
from tests.integrations.conftest import ScriptedServer
from tests.integrations.quickbooks_client.sandboxed import Company, NotedLimits, connected

FIELDS = (
    "DisplayName",
    "GivenName",
    "FamilyName",
    "CompanyName",
    "PrimaryEmailAddr.Address",
    "PrimaryPhone.FreeFormNumber",
    "WebAddr.URI",
    "BillAddr.Line1",
    "BillAddr.City",
    "Notes",
    "Taxable",
    "Balance",
    "Active",
    "CreateTime",
)
WANTED = base.Wanted(kind="customer", fields=FIELDS)
WITH_PARENTS = base.Wanted(kind="customer", fields=("DisplayName",), links=("customer",))
PAGE = "https://app.qbo.intuit.com/app/{page}{id}"


@pytest.fixture(scope="module")
def quickbooks_url() -> Iterator[str]:
    with serve.build(seed="empty") as built:
        yield built.quickbooks.url


@pytest.fixture
def company(quickbooks_url: str) -> Iterator[Company]:
    made = Company(quickbooks_url)
    yield made
    made.control("faults", method="DELETE")


@pytest.fixture
def connector(company: Company) -> QuickBooksConnector:
    return QuickBooksConnector(client=company.client(), app_url=PAGE)


def create(key: str, **values: records.Value) -> base.Write:
    return write(OperationKind.CREATE, key, values)


def write(kind: OperationKind, key: str, values: Mapping[str, records.Value], *, of: records.Record | None = None) -> base.Write:
    return base.Write(
        key=key,
        kind=kind,
        record_kind="customer",
        values=values,
        external_id=of.ref.external_id if of else "",
        revision_token=of.revision.token if of else "",
    )


def update(key: str, of: records.Record, values: Mapping[str, records.Value]) -> base.Write:
    return write(OperationKind.UPDATE, key, values, of=of)


def shown(connector: QuickBooksConnector, external_id: str) -> records.Record:
    return connector.read(wanted=WANTED, ids=[external_id]).records[0]


def one(connector: QuickBooksConnector, wanted: base.Write) -> base.Written:
    (result,) = connector.write(writes=[wanted])
    return result


def record_of(result: base.Written) -> records.Record:
    assert result.record is not None, result.error
    return result.record


def error_of(result: base.Written) -> errors.SyncError:
    assert result.error is not None
    return result.error


def whole_listing(connector: QuickBooksConnector, *, archived: bool = False) -> list[records.Record]:
    found: list[records.Record] = []
    token: str | None = None
    while True:
        page = connector.listing(wanted=WANTED, token=token, archived=archived)
        found += page.records
        token = page.next_token
        if token is None:
            return found


def of(connector: QuickBooksConnector) -> base.Connector:
    """Holds the connector against the protocol when types are checked."""
    return connector


class TestTheAccount:
    def test_is_known_by_its_company(self, company: Company, connector: QuickBooksConnector) -> None:
        account = of(connector).account()

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

        found = whole_listing(connector)

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

        assert [record.ref.external_id for record in whole_listing(connector)] == ids
        assert [record.ref.external_id for record in whole_listing(connector, archived=True)] == [ids[1]]

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
        assert connector.key_on_record() == ""
        assert connector.history(kind="customer", ids=["1"], fields=["Notes"]) == {}


class TestCreating:
    def test_puts_values_in_their_places(self, company: Company, connector: QuickBooksConnector) -> None:
        values: dict[str, records.Value] = {
            "DisplayName": "Ada Lovelace",
            "GivenName": "Ada",
            "CompanyName": None,
            "PrimaryEmailAddr.Address": "ada@larkspur.example",
            "BillAddr.Line1": "1 Main St",
            "BillAddr.City": "Tucson",
            "Taxable": False,
        }

        result = one(connector, create("a", **values))

        record = record_of(result)
        assert {name: record.values[name] for name in values} == values
        assert result.request_id
        assert shown(connector, record.ref.external_id).values["BillAddr.City"] == "Tucson"

    def test_gives_results_in_the_order_of_the_writes(self, company: Company, connector: QuickBooksConnector) -> None:
        company.customer("Taken")

        results = connector.write(writes=[create("a", DisplayName="One"), create("b", DisplayName="taken"), create("c", DisplayName="Two")])

        assert [result.key for result in results] == ["a", "b", "c"]
        assert [record_of(results[at]).label for at in (0, 2)] == ["One", "Two"]
        assert isinstance(results[1].error, errors.AlreadyExists)

    def test_names_the_customer_that_has_the_name(self, company: Company, connector: QuickBooksConnector) -> None:
        identity = company.customer("O'Brien")

        error = error_of(one(connector, create("a", DisplayName="o'brien")))

        assert isinstance(error, errors.AlreadyExists)
        assert (error.existing_id, error.field) == (identity, "DisplayName")
        assert "customer" in str(error)

    def test_says_when_a_vendor_has_the_name(self, company: Company, connector: QuickBooksConnector) -> None:
        company.edit(type="Vendor", create={"DisplayName": "Ada"})

        error = error_of(one(connector, create("a", DisplayName="Ada")))

        assert isinstance(error, errors.AlreadyExists)
        assert error.existing_id == ""
        assert "vendor" in str(error)

    def test_below_a_parent_makes_a_sub_customer(self, company: Company, connector: QuickBooksConnector) -> None:
        parent = company.customer("Larkspur")

        record = record_of(one(connector, create("a", DisplayName="Ada", ParentRef=parent)))

        assert record.values["FullyQualifiedName"] == "Larkspur:Ada"
        assert record.values["Job"] is True

    def test_names_the_sister_that_has_the_name(self, company: Company, connector: QuickBooksConnector) -> None:
        parent = company.customer("Larkspur")
        company.customer("Ada")
        sister = record_of(one(connector, create("a", DisplayName="Ada", ParentRef=parent))).ref.external_id

        error = error_of(one(connector, create("b", DisplayName="Ada", ParentRef=parent)))

        assert isinstance(error, errors.AlreadyExists)
        assert error.existing_id == sister

    @pytest.mark.parametrize(("field", "value"), [("Balance", "5"), ("ShoeSize", "42"), ("Taxable", "perhaps")])
    def test_refuses_what_cannot_be_written_and_writes_the_rest(
        self, connector: QuickBooksConnector, field: str, value: str
    ) -> None:
        bad, good = connector.write(writes=[create("a", DisplayName="Bad", **{field: value}), create("b", DisplayName="Good")])

        error = error_of(bad)
        assert isinstance(error, errors.Rejected)
        assert error.field == field
        assert record_of(good).label == "Good"

    def test_again_with_the_same_keys_makes_nothing_new(self, company: Company, connector: QuickBooksConnector) -> None:
        writes = [create("a", DisplayName="One"), create("b", DisplayName="Two")]
        company.breaks("drop_after_commit", "/batch")

        lost = connector.write(writes=writes)
        again = connector.write(writes=writes)

        assert [type(error_of(result)) for result in lost] == [errors.OutcomeUnknown] * 2
        assert [record_of(result).label for result in again] == ["One", "Two"]
        assert len(whole_listing(connector)) == 2

    def test_again_with_the_same_key_and_another_body_is_a_new_write(self, connector: QuickBooksConnector) -> None:
        first = record_of(one(connector, create("a", DisplayName="One")))
        second = record_of(one(connector, create("a", DisplayName="Two")))

        assert first.ref != second.ref
        assert second.label == "Two"

    def test_refused_as_a_whole_fails_every_write_alike(self, company: Company, connector: QuickBooksConnector) -> None:
        company.breaks("rate_limited", "/batch")

        first, second = connector.write(writes=[create("a", DisplayName="One"), create("b", DisplayName="Two")])

        assert isinstance(first.error, errors.RateLimited)
        assert first.error is second.error
        assert whole_listing(connector) == []


class TestUpdating:
    def customer(self, company: Company, connector: QuickBooksConnector, **more: Any) -> records.Record:
        address = {"Line1": "1 Main St", "Line2": "Floor 2", "City": "Tucson", "PostalCode": "85719"}
        identity = company.customer("Ada", GivenName="Ada", Notes="Likes tea", BillAddr=address, ResaleNum="R-1", **more)
        return shown(connector, identity)

    def body(self, company: Company, record: records.Record) -> dict[str, Any]:
        dump = company.control("dump", method="GET")
        mine = next(one for one in dump["companies"] if one["realm_id"] == company.id)
        return next(one for one in mine["Customer"] if one["Id"] == record.ref.external_id)

    def test_changes_only_what_is_given(self, company: Company, connector: QuickBooksConnector) -> None:
        record = self.customer(company, connector)

        changed = record_of(one(connector, update("a", record, {"GivenName": "Augusta", "PrimaryPhone.FreeFormNumber": "555 0100"})))

        assert changed.revision.number == 1
        body = self.body(company, record)
        assert body["GivenName"] == "Augusta"
        assert body["PrimaryPhone"] == {"FreeFormNumber": "555 0100"}
        assert (body["Notes"], body["ResaleNum"], body["BillAddr"]["Line2"]) == ("Likes tea", "R-1", "Floor 2")

    def test_of_one_part_of_an_address_keeps_the_others(self, company: Company, connector: QuickBooksConnector) -> None:
        record = self.customer(company, connector)

        record_of(one(connector, update("a", record, {"BillAddr.City": "Phoenix"})))

        address = self.body(company, record)["BillAddr"]
        assert {name: address[name] for name in ("Line1", "Line2", "City", "PostalCode")} == {
            "Line1": "1 Main St",
            "Line2": "Floor 2",
            "City": "Phoenix",
            "PostalCode": "85719",
        }

    def test_that_empties_a_field_keeps_all_others(self, company: Company, connector: QuickBooksConnector) -> None:
        record = self.customer(company, connector, Mobile={"FreeFormNumber": "555 0199"}, PreferredDeliveryMethod="Email")
        before = self.body(company, record)

        changed = record_of(one(connector, update("a", record, {"Notes": None, "BillAddr.Line2": None, "GivenName": "Augusta"})))

        assert changed.values["Notes"] is None
        after = self.body(company, record)
        expected = {**before, "GivenName": "Augusta", "SyncToken": "1", "MetaData": after["MetaData"]}
        del expected["Notes"]
        expected["BillAddr"] = {name: part for name, part in before["BillAddr"].items() if name != "Line2"}
        for body in (after, expected):
            body["BillAddr"].pop("Id", None)
        assert after == expected

    def test_that_empties_a_whole_address_takes_it_away(self, company: Company, connector: QuickBooksConnector) -> None:
        record = self.customer(company, connector)
        nothing = dict.fromkeys(("BillAddr.Line1", "BillAddr.Line2", "BillAddr.City", "BillAddr.PostalCode"))

        record_of(one(connector, update("a", record, nothing)))

        assert "BillAddr" not in self.body(company, record)

    def test_never_sends_a_masked_tax_id_back(self, company: Company, connector: QuickBooksConnector) -> None:
        record = self.customer(company, connector, PrimaryTaxIdentifier="123456789")

        error = error_of(one(connector, update("a", record, {"Notes": None})))
        record_of(one(connector, update("b", record, {"GivenName": "Augusta"})))

        assert isinstance(error, errors.Rejected)
        assert "tax id" in str(error)
        assert self.body(company, record)["Notes"] == "Likes tea"

    def test_cannot_empty_the_name(self, company: Company, connector: QuickBooksConnector) -> None:
        record = self.customer(company, connector)

        error = error_of(one(connector, update("a", record, {"DisplayName": None})))

        assert isinstance(error, errors.Rejected)
        assert error.field == "DisplayName"

    @pytest.mark.parametrize("values", [{"GivenName": "x"}, {"BillAddr.City": "x"}, {"Notes": None}])
    def test_of_a_record_that_moved_is_stale(
        self, company: Company, connector: QuickBooksConnector, values: dict[str, records.Value]
    ) -> None:
        record = self.customer(company, connector)
        company.edit(type="Customer", id=record.ref.external_id, set={"ResaleNum": "R-2"})

        error = error_of(one(connector, update("a", record, values)))

        assert isinstance(error, errors.StaleRevision)
        assert self.body(company, record)["ResaleNum"] == "R-2"

    def test_without_a_known_version_is_stale(self, company: Company, connector: QuickBooksConnector) -> None:
        identity = company.customer("Ada")
        blind = base.Write(key="a", kind=OperationKind.UPDATE, record_kind="customer", values={"Notes": "x"}, external_id=identity)

        assert isinstance(error_of(one(connector, blind)), errors.StaleRevision)

    @pytest.mark.parametrize("values", [{"GivenName": "x"}, {"BillAddr.City": "x"}])
    def test_of_a_record_that_is_gone_says_so(
        self, company: Company, connector: QuickBooksConnector, values: dict[str, records.Value]
    ) -> None:
        record = self.customer(company, connector)
        company.edit(type="Customer", merge=[company.customer("Survivor"), record.ref.external_id])

        assert isinstance(error_of(one(connector, update("a", record, values))), errors.Gone)

    def test_to_a_taken_name_tells_the_holder(self, company: Company, connector: QuickBooksConnector) -> None:
        holder = company.customer("Grace")
        record = self.customer(company, connector)

        error = error_of(one(connector, update("a", record, {"DisplayName": "Grace"})))

        assert isinstance(error, errors.AlreadyExists)
        assert error.existing_id == holder

    def test_reads_once_for_a_whole_batch(self, company: Company) -> None:
        limits = NotedLimits()
        connector = QuickBooksConnector(client=company.client(limits=limits))
        found = [shown(connector, company.customer(f"Customer {number}")) for number in range(5)]
        limits.acquired.clear()

        results = connector.write(writes=[update(record.ref.external_id, record, {"BillAddr.City": "Tucson"}) for record in found])

        assert [record_of(result).values["BillAddr.City"] for result in results] == ["Tucson"] * 5
        assert len(limits.acquired) == 2


class TestArchiving:
    def test_makes_inactive(self, company: Company, connector: QuickBooksConnector) -> None:
        record = shown(connector, company.customer("Ada"))

        archived = record_of(one(connector, write(OperationKind.ARCHIVE, "a", {}, of=record)))

        assert archived.state is RecordState.ARCHIVED
        assert shown(connector, record.ref.external_id).state is RecordState.ARCHIVED


class TestWritingNothing:
    def test_makes_no_call(self, company: Company) -> None:
        limits = NotedLimits()

        assert QuickBooksConnector(client=company.client(limits=limits)).write(writes=[]) == ()
        assert limits.acquired == []


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
