"""The demo's sales once both faces hold them: every kind of invoice is there, and all sums agree."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import pytest

from fixtures.sandbox import catalog, sales
from integrations.sandbox import seeds
from integrations.sandbox.hubspot.face import HubSpotFace
from integrations.sandbox.quickbooks import times
from integrations.sandbox.quickbooks.face import QuickBooksFace
from integrations.sandbox.world import Clock, World

NOON = datetime(2026, 11, 24, 20, tzinfo=UTC)
TODAY = "2026-11-24"
ITEM, GROUP, DISCOUNT, TEXT = "SalesItemLineDetail", "GroupLineDetail", "DiscountLineDetail", "DescriptionOnly"


@pytest.fixture(scope="module")
def world() -> World:
    return World(clock=Clock(real=lambda: NOON))


@pytest.fixture(scope="module")
def books(world: World) -> Any:
    face = QuickBooksFace(world)
    face.reset(seeds.load("demo")["quickbooks"])
    return face.dump()["companies"][0]


@pytest.fixture(scope="module")
def portal(world: World) -> Any:
    face = HubSpotFace(world)
    face.reset(seeds.load("demo")["hubspot"])
    return face.dump()["portals"][0]


def exact(value: Any) -> Decimal:
    return Decimal(str(value or 0))


def item_lines(form: Any) -> Iterator[Any]:
    for line in form["Line"]:
        if line["DetailType"] == ITEM:
            yield line
        yield from line.get(GROUP, {}).get("Line", [])


def details(form: Any) -> list[Any]:
    return [line[ITEM] for line in item_lines(form)]


def discounts(form: Any) -> list[Any]:
    return [line for line in form["Line"] if line["DetailType"] == DISCOUNT]


def texts(form: Any) -> list[str]:
    return [line["Description"] for line in form["Line"] if line["DetailType"] == TEXT]


def tax(form: Any) -> Decimal:
    return exact(form["TxnTaxDetail"]["TotalTax"])


def state(invoice: Any) -> str:
    if not invoice["TotalAmt"]:
        return "voided" if "Voided" in invoice.get("PrivateNote", "") else "for nothing"
    if not invoice["Balance"]:
        return "paid"
    return "open" if invoice["Balance"] == invoice["TotalAmt"] else "partial"


def overdue(invoice: Any) -> bool:
    return bool(invoice["Balance"]) and invoice["DueDate"] < TODAY


def of_today(invoice: Any) -> bool:
    return bool(invoice["MetaData"]["CreateTime"][:10] == TODAY)


def finer_than_a_cent(invoice: Any) -> bool:
    return any(exact(one.get("UnitPrice")).as_tuple().exponent < -2 for one in details(invoice))  # type: ignore[operator]


KINDS: dict[str, Callable[[Any], object]] = {
    "open": lambda invoice: state(invoice) == "open",
    "overdue": overdue,
    "partial": lambda invoice: state(invoice) == "partial",
    "paid": lambda invoice: state(invoice) == "paid",
    "voided": lambda invoice: state(invoice) == "voided",
    "in euros": lambda invoice: invoice["CurrencyRef"]["value"] == "EUR",
    "in pounds": lambda invoice: invoice["CurrencyRef"]["value"] == "GBP",
    "discount by share": lambda invoice: any(one[DISCOUNT].get("PercentBased") for one in discounts(invoice)),
    "discount by sum": lambda invoice: any(not one[DISCOUNT].get("PercentBased") for one in discounts(invoice)),
    "taxed before the discount": lambda invoice: tax(invoice) and discounts(invoice) and not invoice["ApplyTaxAfterDiscount"],
    "taxed after the discount": lambda invoice: tax(invoice) and discounts(invoice) and invoice["ApplyTaxAfterDiscount"],
    "taxed on some lines": lambda invoice: {one["TaxCodeRef"]["value"] for one in details(invoice)} == {"TAX", "NON"},
    "deposit": lambda invoice: invoice.get("Deposit"),
    "shipping": lambda invoice: any(one["ItemRef"]["value"] == "SHIPPING_ITEM_ID" for one in details(invoice)),
    "text": lambda invoice: any(one != "Subtotal:" for one in texts(invoice)),
    "subtotals": lambda invoice: texts(invoice).count("Subtotal:") > 1,
    "bundle": lambda invoice: any(line["DetailType"] == GROUP for line in invoice["Line"]),
    "line without quantity": lambda invoice: any("Qty" not in line[ITEM] and line["Amount"] for line in item_lines(invoice)),
    "line for nothing": lambda invoice: invoice["TotalAmt"] and any(not line["Amount"] for line in item_lines(invoice)),
    "price finer than a cent": finer_than_a_cent,
    "many lines": lambda invoice: len(list(item_lines(invoice))) > 20,
    "memo": lambda invoice: invoice.get("CustomerMemo"),
    "custom fields": lambda invoice: len([one for one in invoice["CustomField"] if one.get("StringValue")]) == 2,
    "terms": lambda invoice: invoice.get("SalesTermRef"),
    "class": lambda invoice: invoice.get("ClassRef"),
    "e-mailed": lambda invoice: invoice["EmailStatus"] == "EmailSent" and invoice.get("BillEmail"),
    "to be e-mailed": lambda invoice: invoice["EmailStatus"] == "NeedToSend",
    "not e-mailed": lambda invoice: invoice["EmailStatus"] == "NotSet",
    "dated back": lambda invoice: of_today(invoice) and invoice["TxnDate"] < TODAY,
}


class TestInvoices:
    def test_are_nine_hundred_of_which_forty_were_made_today(self, books: Any) -> None:
        invoices = books["Invoice"]

        assert (len(invoices), sum(map(of_today, invoices))) == (900, 40)

    @pytest.mark.parametrize("kind", KINDS)
    def test_hold_each_kind_also_among_those_of_today(self, books: Any, kind: str) -> None:
        found = [invoice for invoice in books["Invoice"] if KINDS[kind](invoice)]

        assert any(map(of_today, found))

    def test_are_in_every_state_in_every_currency_that_hubspot_has(self, books: Any) -> None:
        counts = Counter((state(one), one["CurrencyRef"]["value"]) for one in books["Invoice"])

        for wanted in ("open", "partial", "paid"):
            assert min(counts[wanted, currency] for currency in ("USD", "EUR", "GBP")) > 0
        assert counts["voided", "USD"] in range(5, 30)
        assert sum(map(overdue, books["Invoice"])) > 50
        assert not [wanted for wanted, _ in counts if wanted == "for nothing"]

    def test_go_to_few_customers_often_and_to_many_rarely(self, books: Any) -> None:
        counts = Counter(one["CustomerRef"]["value"] for one in books["Invoice"])

        assert max(counts.values()) > 30
        assert sum(number <= 2 for number in counts.values()) > 50

    def test_are_numbered_in_the_order_of_their_making(self, books: Any) -> None:
        numbers = [int(one["DocNumber"]) for one in books["Invoice"]]
        made = [datetime.fromisoformat(one["MetaData"]["CreateTime"]) for one in books["Invoice"]]

        assert numbers == list(range(2001, 2901))
        assert made == sorted(made)


class TestSums:
    @pytest.mark.parametrize("kind", ["Invoice", "CreditMemo", "RefundReceipt"])
    def test_of_lines_less_discount_plus_tax_is_the_total(self, books: Any, kind: str) -> None:
        for form in books[kind]:
            sold = sum((exact(line["Amount"]) for line in item_lines(form)), Decimal(0))
            less = sum((exact(line["Amount"]) for line in discounts(form)), Decimal(0))
            parts = sum((exact(line["Amount"]) for line in form["TxnTaxDetail"].get("TaxLine", [])), Decimal(0))

            assert exact(form["TotalAmt"]) == sold - less + tax(form), form["DocNumber"]
            assert tax(form) == parts, form["DocNumber"]

    def test_of_a_line_is_quantity_by_price_rounded_half_up(self, books: Any) -> None:
        for invoice in books["Invoice"]:
            for line in item_lines(invoice):
                quantity, price = exact(line[ITEM].get("Qty")), exact(line[ITEM].get("UnitPrice"))
                if quantity and price:
                    assert exact(line["Amount"]) == (quantity * price).quantize(Decimal("0.01"), rounding=ROUND_HALF_UP)

    def test_that_are_open_are_what_deposits_and_payments_left(self, books: Any) -> None:
        applied: dict[tuple[str, str], Decimal] = defaultdict(Decimal)
        for payment in books["Payment"]:
            for line in payment["Line"]:
                (linked,) = line["LinkedTxn"]
                applied[linked["TxnType"], linked["TxnId"]] += exact(line["Amount"])

        for kind in ("Invoice", "CreditMemo"):
            for form in books[kind]:
                left = exact(form["TotalAmt"]) - exact(form.get("Deposit")) - applied[kind, form["Id"]]
                assert exact(form["Balance"]) == left >= 0, form["DocNumber"]

    def test_of_a_customer_are_what_its_documents_leave(self, books: Any) -> None:
        owed: dict[str, Decimal] = defaultdict(Decimal)
        for kind, field, sign in (("Invoice", "Balance", 1), ("CreditMemo", "Balance", -1), ("Payment", "UnappliedAmt", -1)):
            for form in books[kind]:
                owed[form["CustomerRef"]["value"]] += exact(form[field]) * sign

        assert all(exact(one["Balance"]) == owed[one["Id"]] for one in books["Customer"])

    def test_leave_no_stock_below_nothing(self, books: Any) -> None:
        assert min(one["QtyOnHand"] for one in books["Item"] if one["Type"] == "Inventory") >= 0


class TestReceipts:
    def test_come_for_one_invoice_for_several_in_part_and_for_none(self, books: Any) -> None:
        received = [one for one in books["Payment"] if one["TotalAmt"]]
        covered = Counter(len(one["Line"]) for one in received)
        times_paid = Counter(line["LinkedTxn"][0]["TxnId"] for one in received for line in one["Line"])

        assert min(covered[0], covered[1], covered[2], covered[3]) > 0
        assert max(times_paid.values()) > 1
        assert any(one["UnappliedAmt"] and one["Line"] for one in received)
        assert all(one.get("PaymentMethodRef") for one in received)
        assert sum("PaymentRefNum" in one for one in received) > len(received) * 0.8

    def test_use_credits_by_payments_of_nothing(self, books: Any) -> None:
        used = [one for one in books["Payment"] if not one["TotalAmt"]]
        left = Counter((one["Balance"] > 0) + (one["Balance"] == one["TotalAmt"]) for one in books["CreditMemo"])

        assert len(used) >= 10
        assert all({line["LinkedTxn"][0]["TxnType"] for line in one["Line"]} == {"Invoice", "CreditMemo"} for one in used)
        assert min(left[0], left[1], left[2]) > 0
        assert len(books["RefundReceipt"]) == 2

    def test_lie_between_their_invoice_and_the_present(self, books: Any, world: World) -> None:
        made = {one["Id"]: one["MetaData"]["CreateTime"] for one in books["Invoice"]}

        for payment in books["Payment"]:
            for line in payment["Line"]:
                linked = line["LinkedTxn"][0]
                if linked["TxnType"] == "Invoice":
                    assert times.parse_instant(made[linked["TxnId"]]) <= times.parse_instant(payment["MetaData"]["CreateTime"])  # type: ignore[operator]
        for kind in ("Invoice", "CreditMemo", "RefundReceipt", "Payment"):
            assert max(one["TxnDate"] for one in books[kind]) <= TODAY
            assert all(datetime.fromisoformat(one["MetaData"]["LastUpdatedTime"]) <= world.clock.now() for one in books[kind])


class TestCurrencies:
    def test_are_those_of_the_customers(self, books: Any) -> None:
        theirs = {one["Id"]: one["CurrencyRef"]["value"] for one in books["Customer"]}
        active = {one["DisplayName"]: one["CurrencyRef"]["value"] for one in books["Customer"] if one["Active"]}

        for kind in ("Invoice", "CreditMemo", "RefundReceipt", "Payment"):
            assert all(one["CurrencyRef"]["value"] == theirs[one["CustomerRef"]["value"]] for one in books[kind])
        assert {name: currency for name, currency in active.items() if currency != "USD"} == sales.ABROAD

    def test_are_known_to_hubspot_but_for_one_with_one_invoice(self, books: Any, portal: Any) -> None:
        counts = Counter(one["CurrencyRef"]["value"] for one in books["Invoice"])

        assert [portal["currency"], *portal["currencies"]] == ["USD", "EUR", "GBP"]
        assert counts.pop(sales.NOT_IN_HUBSPOT) == 1
        assert min(counts["EUR"], counts["GBP"]) >= 30
        assert set(counts) == {"USD", "EUR", "GBP"}

    def test_leave_no_tax_abroad(self, books: Any) -> None:
        assert not [one for one in books["Invoice"] if one["CurrencyRef"]["value"] != "USD" and tax(one)]


class TestCatalog:
    def test_has_about_a_hundred_and_fifty_entries_on_both_sides_together(self, books: Any, portal: Any) -> None:
        names = {one["Name"] for one in books["Item"] if one["Type"] not in ("Category", "Group")}
        skus = {one["Sku"] for one in books["Item"] if "Sku" in one}
        products = [one["properties"] for one in portal["objects"]["products"]]
        shared = [one for one in products if one.get("hs_sku") in skus or one["name"] in names]

        assert (len(books["Item"]), len(products)) == (110, 96)
        assert len(names) + len(products) - len(shared) in range(140, 161)
        assert [one for one in shared if one["name"] not in names]
        assert [one for one in shared if not one.get("hs_sku")]

    def test_has_items_of_every_type(self, books: Any) -> None:
        counts = Counter(one["Type"] for one in books["Item"])

        assert min(counts["Service"], counts["NonInventory"], counts["Inventory"]) >= 12
        assert (counts["Category"], counts["Group"]) == (len(catalog.CATEGORIES), len(catalog.BUNDLES))
        assert sum(not one["Active"] for one in books["Item"]) == len(catalog.GONE)


class TestDeals:
    def test_are_sixty_with_people_who_are_billed(self, books: Any, portal: Any) -> None:
        invoiced = {one["CustomerRef"]["value"] for one in books["Invoice"]}
        emails = {
            one["PrimaryEmailAddr"]["Address"].lower() for one in books["Customer"] if one["Id"] in invoiced and "PrimaryEmailAddr" in one
        }
        by_id = {one["id"]: one["properties"].get("email", "").lower() for one in portal["objects"]["contacts"]}
        deals = portal["objects"]["deals"]

        assert len(deals) == 60
        for deal in deals:
            (contact,) = deal["associations"]["contacts"]
            assert by_id[contact] in emails
            assert deal["associations"]["companies"]
        assert sum(one["properties"]["dealstage"] == "closedwon" for one in deals) >= 12
        assert {one["properties"]["deal_currency_code"] for one in deals} == {"USD", "EUR", "GBP"}
