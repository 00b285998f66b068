"""Bodies of QuickBooks' writes: the technical fields, and what is refused before it is sent."""
from __future__ import annotations

import pytest

from integrations.quickbooks import bodies
from integrations.quickbooks.bodies import BatchItem, Operation
from integrations.quickbooks.entities import Kind


def new_customer(bid: str = "1", name: str = "Ada") -> BatchItem:
    return BatchItem(bid=bid, operation=Operation.CREATE, kind=Kind.CUSTOMER, body={"DisplayName": name})


class TestBody:
    def test_of_a_create_is_the_values_alone(self) -> None:
        assert bodies.body(operation=Operation.CREATE, kind=Kind.CUSTOMER, fields={"DisplayName": "Ada"}) == {"DisplayName": "Ada"}

    @pytest.mark.parametrize(("operation", "sparse"), [(Operation.SPARSE_UPDATE, True), (Operation.FULL_UPDATE, False)])
    def test_of_an_update_says_whether_it_is_sparse(self, operation: Operation, sparse: bool) -> None:
        body = bodies.body(operation=operation, kind=Kind.ITEM, fields={"Name": "Hour"}, identity="7", sync_token="3")

        assert body == {"Id": "7", "SyncToken": "3", "sparse": sparse, "Name": "Hour"}

    @pytest.mark.parametrize(("identity", "sync_token"), [("", "0"), ("7", ""), ("7; x", "0")])
    def test_of_an_update_needs_id_and_sync_token(self, identity: str, sync_token: str) -> None:
        with pytest.raises(ValueError, match="digits"):
            bodies.body(operation=Operation.SPARSE_UPDATE, kind=Kind.ITEM, fields={}, identity=identity, sync_token=sync_token)

    @pytest.mark.parametrize("field", ["Id", "SyncToken", "sparse", "MetaData", "domain"])
    def test_takes_no_technical_field_among_the_values(self, field: str) -> None:
        with pytest.raises(ValueError, match=field):
            bodies.body(operation=Operation.SPARSE_UPDATE, kind=Kind.ITEM, fields={field: "x"}, identity="7", sync_token="0")

    def test_deletes_transactions_but_not_names(self) -> None:
        assert bodies.body(operation=Operation.DELETE, kind=Kind.INVOICE, fields={}, identity="7", sync_token="0") == {
            "Id": "7",
            "SyncToken": "0",
        }
        with pytest.raises(ValueError, match="only made inactive"):
            bodies.body(operation=Operation.DELETE, kind=Kind.CUSTOMER, fields={}, identity="7", sync_token="0")


class TestRequestId:
    def test_passes_up_to_the_limit(self) -> None:
        assert bodies.request_id("a" * 50) == "a" * 50
        assert bodies.request_id("a" * 36, longest=36) == "a" * 36

    @pytest.mark.parametrize("value", ["", "a" * 51, "with blank", "tab\t", "ümlaut"])
    def test_is_refused_when_intuit_would_not_take_it(self, value: str) -> None:
        with pytest.raises(ValueError, match="request id"):
            bodies.request_id(value)


class TestBatch:
    def test_names_every_item(self) -> None:
        update = BatchItem(bid="2", operation=Operation.SPARSE_UPDATE, kind=Kind.ITEM, body={"Sku": "A"}, id="9", sync_token="1")

        assert bodies.batch(items=[new_customer(), update]) == {
            "BatchItemRequest": [
                {"bId": "1", "operation": "create", "Customer": {"DisplayName": "Ada"}},
                {"bId": "2", "operation": "update", "Item": {"Id": "9", "SyncToken": "1", "sparse": True, "Sku": "A"}},
            ]
        }

    @pytest.mark.parametrize(
        ("items", "words"),
        [
            ([], "1 to 30"),
            ([new_customer(bid=str(number)) for number in range(31)], "1 to 30"),
            ([new_customer(), new_customer()], "same id"),
            ([new_customer(bid="a" * 11)], "1 to 10"),
            ([new_customer(bid="")], "1 to 10"),
        ],
    )
    def test_is_refused_when_intuit_would_not_take_it(self, items: list[BatchItem], words: str) -> None:
        with pytest.raises(ValueError, match=words):
            bodies.batch(items=items)
