"""The lines of HubSpot invoices: what they are read as, and that they become the wanted ones however often and from wherever."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from syncapp.connectors import base
from syncapp.connectors.hubspot import HubSpotConnector
from syncapp.engine import errors, lines, records
from syncapp.engine.lines import Line, LineKind
from syncapp.engine.vocabulary import OperationKind

WANTED = base.Wanted(kind="invoices", fields=("line_items", "contacts", "hs_comments"))
PARTS = ("line_items", "discounts", "fees", "taxes")
A, B, C, D = (Line(name=name, quantity="1", price=price) for name, price in (("A", "10"), ("B", "20"), ("C", "30"), ("D", "40")))
DISCOUNT = Line(kind=LineKind.DISCOUNT, name="Loyal", amount="5")
FEE = Line(kind=LineKind.FEE, name="Travel", amount="7")
TAX = Line(kind=LineKind.TAX, name="VAT", percent="23")

pytestmark = pytest.mark.usefixtures("strict")


@pytest.fixture
def connector(sandbox: Any, make_client: Any) -> HubSpotConnector:
    return HubSpotConnector(client=make_client(sandbox.url, sandbox.token()), sleep=lambda seconds: time.sleep(0.01))


@pytest.fixture
def one(sandbox: Any) -> str:
    return invoice(sandbox)


def invoice(sandbox: Any, *typed: Mapping[str, str]) -> str:
    made = {"hs_currency": "USD", "hs_invoice_billable": "false"}
    return str(sandbox.edit(type="invoices", create=made, line_items=list(typed))["id"])


def wish(external_id: str, *wanted: Line, key: str = "a", **more: records.Value) -> base.Write:
    values = {"line_items": lines.compose(wanted), **more}
    current: Mapping[str, records.Value] = {"hs_currency": "USD"}
    return base.Write(
        key=key, kind=OperationKind.UPDATE, record_kind="invoices", values=values, external_id=external_id, current=current
    )


def put(connector: HubSpotConnector, external_id: str, *wanted: Line) -> tuple[Line, ...]:
    """Write lines and return those that the answer shows."""
    (written,) = connector.write(writes=[wish(external_id, *wanted)])
    assert written.record is not None, written.error
    return lines.parse(written.record.values["line_items"])


def there(connector: HubSpotConnector, external_id: str) -> tuple[Line, ...]:
    return lines.parse(connector.read(wanted=WANTED, ids=[external_id]).records[0].values["line_items"])


def bare(found: Sequence[Line]) -> list[tuple[str, ...]]:
    return [(line.kind, line.name, line.quantity, line.price, "" if line.quantity else line.amount, line.percent) for line in found]


def children(connector: HubSpotConnector, type_: str = "line_items") -> dict[str, str]:
    """All live records of a type, as name or label by id."""
    found = connector._client.list_page(object_type=type_, properties=["name", "hs_label"]).entries
    return {entry.id: entry.properties.get("name") or entry.properties.get("hs_label") or "" for entry in found}


def written_calls(sandbox: Any) -> list[tuple[str, str]]:
    """The writing calls since the log was emptied."""
    return [
        (one["method"], one["path"].partition("2026-09/")[2])
        for one in sandbox.control("log", method="GET")
        if one["method"] != "GET" and not one["path"].endswith(("/read", "/search"))
    ]


class TestConverging:
    def test_makes_every_kind_of_line(self, connector: HubSpotConnector, one: str) -> None:
        shown = put(connector, one, TAX, A, B, DISCOUNT, FEE)

        assert bare(shown) == bare([A, B, DISCOUNT, FEE, TAX])
        assert shown == there(connector, one)

    @pytest.mark.parametrize(
        "wanted",
        [
            (), (A,), (B, A), (C, A, B), (A, C), (A, B, C, D), (D, A, B, C), (A, A, A), (A, DISCOUNT), (DISCOUNT, DISCOUNT, FEE, TAX),
            (B, C, D, A), (A, B, C, TAX),
        ],
    )
    def test_leads_from_any_lines_to_the_wanted_ones(
        self, sandbox: Any, connector: HubSpotConnector, one: str, wanted: tuple[Line, ...]
    ) -> None:
        put(connector, one, A, B, C, FEE, TAX)

        shown = put(connector, one, *wanted)
        sandbox.control("log", method="DELETE")
        again = put(connector, one, *wanted)

        assert bare(shown) == bare(again) == bare(lines.ordered(wanted))
        assert sum(len(children(connector, part)) for part in PARTS) == len(wanted)
        assert written_calls(sandbox) == []

    def test_changes_in_place_what_differs_and_leaves_the_rest(self, sandbox: Any, connector: HubSpotConnector, one: str) -> None:
        put(connector, one, A, B, C)
        before = children(connector)
        sandbox.control("log", method="DELETE")

        put(connector, one, A, Line(name="B", quantity="2", price="25"), C)

        assert children(connector) == before
        assert written_calls(sandbox) == [("POST", "line_items/batch/update")]

    def test_moves_lines_without_making_new_ones(self, connector: HubSpotConnector, one: str) -> None:
        put(connector, one, A, B, C)
        before = children(connector)

        assert bare(put(connector, one, C, A, B)) == bare([C, A, B])
        assert children(connector) == before

    def test_keeps_lines_that_people_typed_in_the_same_way(self, sandbox: Any, connector: HubSpotConnector) -> None:
        one = invoice(sandbox, {"name": "A", "price": "10", "quantity": "1"}, {"name": "B", "price": "20.00", "quantity": "1"})
        before = children(connector)
        sandbox.control("log", method="DELETE")

        assert bare(put(connector, one, A, B)) == bare([A, B])
        assert written_calls(sandbox) == []
        assert bare(put(connector, one, C, A, B)) == bare([C, A, B])
        assert before.items() <= children(connector).items()

    def test_gives_new_lines_their_product_place_and_currency(self, sandbox: Any, connector: HubSpotConnector, one: str) -> None:
        audit = str(sandbox.edit(type="products", create={"name": "Audit", "price": "5", "description": "From the product"})["id"])

        shown = put(connector, one, Line(record=audit, quantity="3", price="20"), A)

        assert shown[0] == Line(record=audit, name="Audit", quantity="3", price="20", amount="60")
        (first, _) = connector._client.list_page(
            object_type="line_items", properties=["hs_position_on_quote", "hs_line_item_currency_code"]
        ).entries
        assert (first.properties["hs_position_on_quote"], first.properties["hs_line_item_currency_code"]) == ("0", "USD")

    def test_compares_only_what_hubspot_holds(self, sandbox: Any, connector: HubSpotConnector, one: str) -> None:
        put(connector, one, Line(name="A", quantity="2", price="10.10", amount="20.20", service_date="2026-05-01"))
        sandbox.control("log", method="DELETE")

        put(connector, one, Line(name="A", quantity="2.0", price="10.1", amount="20.2", service_date="2026-06-01"))

        assert written_calls(sandbox) == []

    @pytest.mark.parametrize(
        ("line", "quantity", "price"),
        [
            (Line(name="A", amount="45"), "1", "45"),
            (Line(name="A", quantity="3", amount="45"), "3", "15"),
            (Line(name="A", quantity="3", amount="10"), "1", "10"),
            (Line(name="A", quantity="0", amount="10"), "1", "10"),
            (Line(name="A"), "1", "0"),
        ],
    )
    def test_makes_a_price_of_an_amount(
        self, connector: HubSpotConnector, one: str, line: Line, quantity: str, price: str
    ) -> None:
        (shown,) = put(connector, one, line)

        assert (shown.quantity, shown.price) == (quantity, price)
        assert put(connector, one, line) == (shown,)

    def test_takes_away_a_discount_for_each_unit_with_the_figures_it_belonged_to(
        self, sandbox: Any, connector: HubSpotConnector
    ) -> None:
        one = invoice(sandbox, {"name": "A", "price": "10", "quantity": "2", "discount": "1"})

        kept = put(connector, one, Line(name="A", quantity="2", price="10", amount="18"))
        changed = put(connector, one, Line(name="A", quantity="2", price="9", amount="18"))

        assert [line.amount for line in (*kept, *changed)] == ["18", "18"]

    def test_does_without_places_where_the_account_takes_none(self, sandbox: Any, connector: HubSpotConnector, one: str) -> None:
        sandbox.switch(read_only_properties="line_items.hs_position_on_quote,discounts.hs_sort_order")
        try:
            shown = put(connector, one, A, B, DISCOUNT)
        finally:
            sandbox.switch(read_only_properties="")

        assert bare(shown) == bare([A, B, DISCOUNT])


class TestALineThatIsRefused:
    def test_by_hubspot_is_the_error_of_its_invoice(self, sandbox: Any, connector: HubSpotConnector, one: str) -> None:
        other = invoice(sandbox)

        bad, good = connector.write(writes=[wish(one, Line(name="A", quantity="many", price="1")), wish(other, A, key="b")])

        assert isinstance(bad.error, errors.Rejected) and bad.error.field == "line_items"
        assert good.record is not None and bare(there(connector, other)) == bare([A])

    def test_below_zero_is_not_even_sent(self, sandbox: Any, connector: HubSpotConnector, one: str) -> None:
        sandbox.control("log", method="DELETE")

        (written,) = connector.write(writes=[wish(one, A, Line(name="Credit", quantity="1", price="-5"))])

        assert isinstance(written.error, errors.Rejected) and written.error.field == "line_items"
        assert '"Credit"' in str(written.error)
        assert written_calls(sandbox) == []

    def test_because_it_is_none(self, connector: HubSpotConnector, one: str) -> None:
        write = base.Write(
            key="a", kind=OperationKind.UPDATE, record_kind="invoices", values={"line_items": ("nonsense",)}, external_id=one
        )

        (written,) = connector.write(writes=[write])

        assert isinstance(written.error, errors.Rejected) and written.error.field == "line_items"


class TestAfterACrash:
    BEFORE = (A, B, C, DISCOUNT, DISCOUNT, FEE)
    AFTER = (
        D, B, Line(name="A", quantity="3", price="11"), A, A, Line(kind=LineKind.DISCOUNT, name="Loyal", percent="10"), TAX,
    )

    def test_at_any_call_the_same_write_ends_the_same(self, sandbox: Any, connector: HubSpotConnector) -> None:
        contact = str(sandbox.edit(type="contacts", create={"email": "ann@x.pl"})["id"])
        broken = 0
        for call in self.calls(sandbox, connector, contact):
            one = self.start(sandbox, connector)
            sandbox.breaks("drop_after_commit", f"{call}$")
            write = wish(one, *self.AFTER, contacts=contact, hs_comments="Hi")

            (first,) = connector.write(writes=[write])
            (second,) = connector.write(writes=[write])

            broken += first.error is not None
            assert first.error is None or isinstance(first.error, errors.OutcomeUnknown)
            assert second.record is not None, (call, second.error)
            assert (second.record.values["contacts"], second.record.values["hs_comments"]) == (contact, "Hi")
            assert bare(there(connector, one)) == bare(lines.ordered(self.AFTER)), call
            sandbox.edit(type="invoices", id=one, delete=True)
            assert not any(children(connector, part) for part in PARTS), call
        assert broken == 8  # contact, two kinds changed, two made, two put away, properties

    def test_without_an_answer_before_it_was_done_too(self, sandbox: Any, connector: HubSpotConnector) -> None:
        for call in self.calls(sandbox, connector, None):
            one = self.start(sandbox, connector)
            sandbox.breaks("drop_before", f"{call}$")

            connector.write(writes=[wish(one, *self.AFTER)])
            connector.write(writes=[wish(one, *self.AFTER)])

            assert bare(there(connector, one)) == bare(lines.ordered(self.AFTER)), call
            sandbox.edit(type="invoices", id=one, delete=True)

    def start(self, sandbox: Any, connector: HubSpotConnector) -> str:
        one = invoice(sandbox)
        put(connector, one, *self.BEFORE)
        return one

    def calls(self, sandbox: Any, connector: HubSpotConnector, contact: str | None) -> list[str]:
        """The paths of every call that the write makes when nothing goes wrong."""
        one = self.start(sandbox, connector)
        sandbox.control("log", method="DELETE")
        (written,) = connector.write(writes=[wish(one, *self.AFTER, contacts=contact, hs_comments="Hi")])
        assert written.record is not None
        paths = list(dict.fromkeys(entry["path"] for entry in sandbox.control("log", method="GET")))
        sandbox.edit(type="invoices", id=one, delete=True)
        return paths


class TestCalls:
    def test_for_a_hundred_invoices_are_few(self, sandbox: Any, connector: HubSpotConnector) -> None:
        ids = [invoice(sandbox) for _ in range(100)]
        connector.fields(kind="invoices")
        sandbox.control("log", method="DELETE")

        written = connector.write(writes=[wish(each, A, B, C, key=f"k{each}", hs_comments="Hi") for each in ids])

        assert all(one.record is not None and len(lines.parse(one.record.values["line_items"])) == 3 for one in written)
        seen, made, told = 4, 3, 1 + 1 + 4 + 3
        assert len(sandbox.control("log", method="GET")) == seen + made + told
