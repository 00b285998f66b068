"""The lines of QuickBooks invoices as lines of ours: every kind of line there is, and that they add up to the total."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from integrations.quickbooks.entities import Entity, Kind, entity
from syncapp.connectors import quickbooks_lines
from syncapp.connectors.quickbooks import QuickBooksConnector
from syncapp.engine import lines, values
from syncapp.engine.lines import Line, LineKind
from tests.connectors import invoicing
from tests.connectors.invoicing import invoice, item, lines_of, shown, sold
from tests.integrations.quickbooks_client import sandboxed
from tests.integrations.quickbooks_client.sandboxed import Company

TEN_PERCENT = {"DetailType": "DiscountLineDetail", "DiscountLineDetail": {"PercentBased": True, "DiscountPercent": 10}}
FIFTEEN = {"DetailType": "DiscountLineDetail", "Amount": 15, "DiscountLineDetail": {"PercentBased": False}}
CENTS = st.integers(min_value=1, max_value=500_000).map(lambda cents: Decimal(cents) / 100)


def form(*told: dict[str, Any], **more: Any) -> Entity:
    return entity(kind=Kind.INVOICE, data={"Id": "7", "Line": list(told), **more})


def sale(amount: object, **detail: object) -> dict[str, Any]:
    return {"DetailType": "SalesItemLineDetail", "Amount": amount, "SalesItemLineDetail": {"ItemRef": {"value": "4"}, **detail}}


def read(*told: dict[str, Any]) -> tuple[Line, ...]:
    return quickbooks_lines.of(form(*told))


def summed(found: tuple[Line, ...]) -> Decimal:
    signs = {LineKind.PRODUCT: 1, LineKind.DISCOUNT: -1, LineKind.FEE: 1, LineKind.TAX: 1}
    return sum((signs[line.kind] * lines.worth(line) for line in found), Decimal(0))


class TestProducts:
    def test_are_read_with_all_they_say(self, company: Company, connector: QuickBooksConnector, ada: str) -> None:
        above = item(company, "Advice", Type="Category")
        audit = item(company, "Audit", UnitPrice=120, ParentRef={"value": above})
        line = {**sold("Advice:Audit", Qty=1.5, UnitPrice=99.99, ServiceDate="2026-10-30"), "Description": "Books\nof October"}

        (found,) = lines_of(shown(connector, invoice(company, ada, line)))

        assert found == Line(
            record=audit, name="Audit", description="Books\nof October", quantity="1.5", price="99.99", amount="149.99",
            service_date="2026-10-30",
        )

    def test_keep_their_order(self, company: Company, connector: QuickBooksConnector, ada: str) -> None:
        item(company, "Travel")
        number = invoice(company, ada, sold("Travel", 45), sold("Review", Qty=1, UnitPrice=100), sold("Travel", 5))

        assert [(line.name, line.amount) for line in lines_of(shown(connector, number))] == [
            ("Travel", "45"), ("Review", "100"), ("Travel", "5"),
        ]

    @pytest.mark.parametrize(
        ("amount", "detail", "pieces"),
        [
            ("100", {}, ("1", "100")),
            ("100", {"Qty": "0", "UnitPrice": "0"}, ("1", "100")),
            ("100", {"Qty": "2"}, ("1", "100")),
            ("100", {"UnitPrice": "50"}, ("1", "100")),
            ("90", {"Qty": "2", "UnitPrice": "50", "DiscountRate": "10"}, ("1", "90")),
            ("1861.08", {"Qty": "14.5", "UnitPrice": "128.35"}, ("14.5", "128.35")),
            ("0.01", {"Qty": "1", "UnitPrice": "0.005"}, ("1", "0.005")),
            ("0", {"Qty": "0", "UnitPrice": "50"}, ("0", "50")),
            ("0", {}, ("1", "0")),
        ],
    )
    def test_come_to_what_quickbooks_says(self, amount: str, detail: dict[str, str], pieces: tuple[str, str]) -> None:
        (found,) = read(sale(Decimal(amount), **{name: Decimal(number) for name, number in detail.items()}))

        assert (found.quantity, found.price) == pieces
        assert lines.worth(found) == lines.cents(Decimal(found.quantity) * Decimal(found.price)) == Decimal(amount)

    def test_lose_the_suffix_of_an_item_that_went(self) -> None:
        (found,) = read(sale(Decimal(5), ItemRef={"value": "4", "name": "Design:Garden (deleted)"}))

        assert (found.record, found.name) == ("4", "Garden")

    def test_without_an_item_have_a_name(self) -> None:
        (found,) = read(sale(Decimal(5), ItemRef=None))

        assert (found.record, found.name) == ("", "Item")

    def test_of_a_void_invoice_are_worth_nothing(self, company: Company, connector: QuickBooksConnector, ada: str) -> None:
        number = invoice(company, ada, sold("Review", Qty=2, UnitPrice=100))
        company.edit(type="Invoice", id=number, void=True)

        (found,) = lines_of(shown(connector, number))

        assert (found.quantity, found.price, found.amount) == ("0", "100", "0")

    def test_of_a_bundle_stand_for_it(self, company: Company, connector: QuickBooksConnector, ada: str) -> None:
        item(company, "Travel", UnitPrice=45)
        item(company, "Kit", Type="Group", Members={"Review": 2, "Travel": 1})
        number = invoice(company, ada, {"GroupName": "Kit", "GroupLineDetail": {"Quantity": 3}})

        found = lines_of(shown(connector, number))

        assert [(line.name, line.quantity, line.amount) for line in found] == [("Review", "6", "600"), ("Travel", "3", "135")]

    def test_may_be_shipping(self, company: Company, connector: QuickBooksConnector, ada: str) -> None:
        company.edit(type="Preferences", set={"SalesFormsPrefs": {"AllowShipping": True}})
        number = invoice(
            company, ada, sold("Review", 10),
            {"DetailType": "SalesItemLineDetail", "Amount": 8.5, "SalesItemLineDetail": {"ItemRef": {"value": "SHIPPING_ITEM_ID"}}},
        )

        shipping = lines_of(shown(connector, number))[-1]

        assert (shipping.record, shipping.name, shipping.quantity, shipping.price) == ("", "Shipping", "1", "8.5")


class TestTexts:
    def test_are_notes(self, company: Company, connector: QuickBooksConnector, ada: str) -> None:
        number = invoice(
            company, ada, {"DetailType": "DescriptionOnly", "Description": "Phase one"}, sold("Review", 10),
            {"DetailType": "DescriptionOnly", "Description": "Subtotal:"}, sold("Review", 5),
        )

        found = lines_of(shown(connector, number))

        assert found[0] == Line(name="Note", description="Phase one", quantity="1", price="0", amount="0")
        assert [line.name for line in found] == ["Note", "Review", "Review"]

    def test_without_a_word_are_nothing(self) -> None:
        assert read({"DetailType": "DescriptionOnly", "DescriptionLineDetail": {}}) == ()


class TestDiscounts:
    @pytest.mark.parametrize(("discount", "amount"), [(TEN_PERCENT, "10"), (FIFTEEN, "15")], ids=["percent", "fixed"])
    def test_are_read_as_an_amount(
        self, discount: dict[str, Any], amount: str, company: Company, connector: QuickBooksConnector, ada: str
    ) -> None:
        number = invoice(company, ada, sold("Review", Qty=1, UnitPrice=100), discount)

        assert lines_of(shown(connector, number))[1:] == (Line(kind=LineKind.DISCOUNT, name="Discount", amount=amount),)

    def test_may_be_a_product_below_zero(self, company: Company, connector: QuickBooksConnector, ada: str) -> None:
        item(company, "Goodwill")
        number = invoice(company, ada, sold("Goodwill", Qty=-1, UnitPrice=20), sold("Review", 100))

        found = lines_of(shown(connector, number))

        assert found[1:] == (Line(kind=LineKind.DISCOUNT, name="Goodwill", amount="20"),)
        assert found[0].name == "Review"

    def test_of_nothing_are_left_out(self) -> None:
        assert read({"DetailType": "DiscountLineDetail", "Amount": 0, "DiscountLineDetail": {}}) == ()

    def test_below_zero_are_added(self) -> None:
        assert read({"DetailType": "DiscountLineDetail", "Amount": Decimal(-3), "DiscountLineDetail": {}})[0].kind is LineKind.FEE


class TestTax:
    def test_is_one_line_at_the_end(self, company: Company, connector: QuickBooksConnector, ada: str) -> None:
        company.switch(automated_tax=True)
        item(company, "Handbook", Taxable=True)
        number = invoice(company, ada, sold("Handbook", Qty=1, UnitPrice=100), TEN_PERCENT)

        record = shown(connector, number)

        tax = lines_of(record)[-1]
        assert tax == Line(kind=LineKind.TAX, name="Tax", amount=str(record.values["Tax"]))
        assert summed(lines_of(record)) == Decimal(str(record.values["TotalAmt"])) > 90

    def test_abroad_adds_up_too(self, quickbooks_url: str) -> None:
        abroad = invoicing.switched_off(quickbooks_url)
        abroad.id = "4620816365000000001"
        token = abroad.control("tokens", {"realm_id": abroad.id, "country": "GB", "home_currency": "GBP"})["access_token"]
        connector = QuickBooksConnector(client=sandboxed.connected(quickbooks_url, token=token, company_id=abroad.id))
        customer, code = abroad.customer("Grace"), next(one["Id"] for one in invoicing.books(abroad)["TaxCode"] if one["Name"] == "20.0% S")
        item(abroad, "Review", UnitPrice=100)
        taxed = {"Qty": 3, "UnitPrice": 33.33, "TaxCodeRef": {"value": code}}
        ids = [invoice(abroad, customer, sold("Review", **taxed), GlobalTaxCalculation=how) for how in ("TaxExcluded", "TaxInclusive")]

        for number in ids:
            record = shown(connector, number)
            assert summed(lines_of(record)) == Decimal(str(record.values["TotalAmt"]))


class TestSums:
    @given(
        pieces=st.lists(st.tuples(CENTS, st.integers(1, 900)), min_size=1, max_size=6),
        percent=st.integers(0, 10_000),
        tax=st.integers(0, 99_999),
        low=st.integers(0, 100),
    )
    @settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
    def test_of_lines_are_the_total(
        self, pieces: list[tuple[Decimal, int]], percent: int, tax: int, low: int, company: Company, connector: QuickBooksConnector,
        ada: str,
    ) -> None:
        told = [sold("Review", Qty=tenths / 10, UnitPrice=float(price)) for price, tenths in pieces]
        if percent:
            detail = {"PercentBased": True, "DiscountPercent": percent / 100}
            told.append({"DetailType": "DiscountLineDetail", "DiscountLineDetail": detail})
        if percent == 0 and low:
            told += [sold("Review", -low / 100), sold("Review", Qty=1, UnitPrice=1)]
        number = invoice(company, ada, *told, TxnTaxDetail={"TotalTax": tax / 100})

        record = shown(connector, number)

        assert summed(lines_of(record)) == values.as_decimal(record.values["TotalAmt"])

    def test_of_generated_invoices_are_the_totals(self, company: Company, connector: QuickBooksConnector) -> None:
        company.switch(automated_tax=True, multicurrency=True)
        company.control("generate", {"customers": 20, "items": 10, "realm_id": company.id, "random_seed": 5, "messy": True})
        company.control("generate", {"invoices": 150, "realm_id": company.id, "random_seed": 5})

        found = connector.listing(wanted=invoicing.WANTED, token=None).records

        assert len(found) == 150
        assert [one.label for one in found if summed(lines_of(one)) != values.as_decimal(one.values["TotalAmt"])] == []
        assert {one.values["PaymentState"] for one in found} >= {"open", "paid", "overdue", "voided"}
