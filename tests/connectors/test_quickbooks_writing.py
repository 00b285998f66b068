"""Customers written into QuickBooks: what is sent, what is refused, and what an answer left out leads to."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from syncapp.connectors import base
from syncapp.connectors.quickbooks import QuickBooksConnector
from syncapp.engine import errors, records
from syncapp.engine.vocabulary import OperationKind, RecordState
from tests.connectors import listings
from tests.connectors.customers import WANTED, create, shown, write
from tests.connectors.invoicing import error_of, one, record_of
from tests.integrations.quickbooks_client.sandboxed import Company, NotedLimits


def update(key: str, of: records.Record, values: Mapping[str, records.Value]) -> base.Write:
    return write(OperationKind.UPDATE, key, values, of=of)


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
        assert len(listings.whole(connector, wanted=WANTED)) == 2

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
        assert listings.whole(connector, wanted=WANTED) == []


class TestSingly:
    def singly(self, connector: QuickBooksConnector, wanted: base.Write) -> base.Written:
        (result,) = connector.write(writes=[wanted], singly=True)
        return result

    def test_makes_what_a_batch_makes_without_taking_from_the_limit_of_batches(self, company: Company) -> None:
        limits = NotedLimits()
        connector = QuickBooksConnector(client=company.client(limits=limits))

        record = record_of(self.singly(connector, create("a", DisplayName="Ada", **{"BillAddr.City": "Tucson"})))

        assert shown(connector, record.ref.external_id).values["BillAddr.City"] == "Tucson"
        assert limits.acquired[0] == ("minute", "second", "concurrent")

    def test_again_with_the_same_key_makes_nothing_new(self, company: Company, connector: QuickBooksConnector) -> None:
        company.breaks("drop_after_commit", "/customer")

        lost = self.singly(connector, create("a", DisplayName="One"))
        again = self.singly(connector, create("a", DisplayName="One"))

        assert isinstance(error_of(lost), errors.OutcomeUnknown)
        assert record_of(again).label == "One"
        assert len(listings.whole(connector, wanted=WANTED)) == 1

    def test_never_has_the_id_of_a_batch(self, connector: QuickBooksConnector) -> None:
        one(connector, create("a", DisplayName="One"))

        error = error_of(self.singly(connector, create("a", DisplayName="One")))

        assert isinstance(error, errors.AlreadyExists)

    def test_names_the_customer_that_has_the_name_without_a_batch(self, company: Company) -> None:
        identity = company.customer("O'Brien")
        limits = NotedLimits()

        error = error_of(self.singly(QuickBooksConnector(client=company.client(limits=limits)), create("a", DisplayName="o'brien")))

        assert isinstance(error, errors.AlreadyExists)
        assert (error.existing_id, error.field) == (identity, "DisplayName")
        assert not any("batch" in buckets for buckets in limits.acquired)

    @pytest.mark.parametrize("wrong", [{"GivenName": "A" * 120}, {"ParentRef": "999999"}, {"DisplayName": "Taken"}, {"ShoeSize": "42"}])
    def test_is_refused_as_in_a_batch(self, company: Company, connector: QuickBooksConnector, wrong: dict[str, str]) -> None:
        company.customer("Taken")

        alone, together = (
            error_of(connector.write(writes=[create(key, **{"DisplayName": "Ada", **wrong})], singly=singly)[0])
            for key, singly in (("a", True), ("b", False))
        )

        assert type(alone) is type(together)
        assert (str(alone), alone.code, alone.field) == (str(together), together.code, together.field)

    @pytest.mark.parametrize(
        ("fault", "error"),
        [("drop_before", errors.OutcomeUnknown), ("status", errors.OutcomeUnknown), ("html", errors.OutcomeUnknown),
         ("rate_limited", errors.RateLimited)],
    )
    def test_breaks_as_a_batch_does(self, company: Company, connector: QuickBooksConnector, fault: str, error: type[Exception]) -> None:
        company.breaks(fault, "/(customer|batch)", times=2)

        alone, together = (connector.write(writes=[create("a", DisplayName="Ada")], singly=singly)[0] for singly in (True, False))

        assert type(error_of(alone)) is type(error_of(together)) is error

    def test_update_of_a_record_that_moved_is_stale(self, company: Company, connector: QuickBooksConnector) -> None:
        record = shown(connector, company.customer("Ada"))
        company.edit(type="Customer", id=record.ref.external_id, set={"ResaleNum": "R-2"})

        error = error_of(self.singly(connector, update("a", record, {"GivenName": "x"})))

        assert isinstance(error, errors.StaleRevision)


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
