"""The arithmetic of the figures on deals."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from itertools import permutations

from hypothesis import given
from hypothesis import strategies as some

from syncapp.engine import records
from syncapp.services import deal_pairs, figures

TODAY = date(2026, 11, 26)
CENTS = some.integers(0, 10**9).map(lambda cents: Decimal(cents).scaleb(-2))


def invoice(external_id: str = "1", **found: records.Value) -> figures.Invoice:
    given: dict[str, records.Value] = {
        "InvoiceStatus": "open", "TotalAmt": "100", "Balance": "100", "CurrencyRef.value": "USD",
        "LastUpdatedTime": "2026-11-01T09:00:00.000Z", **found,
    }
    return figures.invoice(external_id=external_id, found=given, home="USD")


def shown(*invoices: figures.Invoice, today: date = TODAY) -> dict[str, records.Value]:
    return figures.of_deal(deal="7", invoices=invoices, today=today)


class TestSums:
    @given(amounts=some.lists(some.tuples(CENTS, CENTS), min_size=1, max_size=8))
    def test_are_right_to_the_cent(self, amounts: list[tuple[Decimal, Decimal]]) -> None:
        made = [invoice(str(at), TotalAmt=str(total), Balance=str(min(total, left))) for at, (total, left) in enumerate(amounts)]

        found = shown(*made)

        billed, still_open, paid = (Decimal(str(found[name])) for name in ("Billed", "Open", "Paid"))
        assert billed * 100 == sum(int(total * 100) for total, _ in amounts)
        assert still_open * 100 == sum(int(min(total, left) * 100) for total, left in amounts)
        assert paid + still_open == billed

    @given(
        amounts=some.lists(some.tuples(CENTS, some.sampled_from(["USD", "EUR", "PLN", None]), some.integers(0, 3)), min_size=1, max_size=6)
    )
    def test_hold_one_currency_that_of_the_invoice_last_updated(self, amounts: list[tuple[Decimal, str | None, int]]) -> None:
        made = [
            invoice(str(at), **{"TotalAmt": str(total), "CurrencyRef.value": code, "LastUpdatedTime": f"2026-11-0{day + 1}T09:00:00.000Z"})
            for at, (total, code, day) in enumerate(amounts)
        ]

        found = shown(*made)

        counted = [total for total, code, _ in amounts if (code or "USD") == found["InvoiceCurrency"]]
        assert Decimal(str(found["Billed"])) == sum(counted)
        assert found["InvoiceCount"] == str(len(amounts))
        assert (found["Note"] is None) is (len(counted) == len(amounts))

    def test_say_how_many_invoices_they_leave_out(self) -> None:
        home, *foreign = invoice("9"), *(invoice(one, **{"CurrencyRef.value": "EUR"}) for one in "12")

        assert shown(home)["Note"] is None
        assert shown(home, foreign[0])["Note"] == "1 invoice in another currency is left out"
        assert shown(home, *foreign)["Note"] == "2 invoices in other currencies are left out"

    def test_count_a_voided_invoice_with_nothing(self) -> None:
        found = shown(invoice(InvoiceStatus="voided", DueDate="2026-01-01"), invoice("2"))

        assert [found[name] for name in ("Billed", "Open", "InvoiceCount", "OldestOverdue")] == ["100", "100", "2", None]


class TestTheLastUpdatedInvoice:
    def test_does_not_depend_on_the_order_in_which_invoices_are_seen(self) -> None:
        early = invoice("30", DocNumber="early", LastUpdatedTime="2026-11-01T09:00:00.000Z")
        late = invoice("4", DocNumber="late", LastUpdatedTime="2026-11-02T09:00:00.000Z")
        tied = invoice("12", DocNumber="tied", LastUpdatedTime="2026-11-02T09:00:00.000Z")

        assert {shown(*order)["InvoiceNumber"] for order in permutations([early, late, tied])} == {"tied"}
        assert shown(early, late)["InvoiceNumber"] == "late"

    def test_is_open_partly_paid_overdue_paid_or_voided(self) -> None:
        due = {"DueDate": "2026-11-25"}
        assert shown(invoice())["InvoiceStatus"] == "open"
        assert shown(invoice(Balance="99.99"))["InvoiceStatus"] == "partial"
        assert shown(invoice(**due))["InvoiceStatus"] == "overdue"
        assert shown(invoice(InvoiceStatus="paid", Balance="0", **due))["InvoiceStatus"] == "paid"
        assert shown(invoice(InvoiceStatus="voided", **due))["InvoiceStatus"] == "voided"


class TestOverdue:
    def test_begins_on_the_day_after(self) -> None:
        due = invoice(DueDate=TODAY.isoformat())

        assert shown(due)["OldestOverdue"] is None
        assert shown(due, today=TODAY + timedelta(days=1))["OldestOverdue"] == TODAY.isoformat()

    def test_tells_the_earliest_of_what_is_still_open(self) -> None:
        paid = invoice("1", DueDate="2026-01-01", Balance="0", InvoiceStatus="paid")
        oldest = invoice("2", DueDate="2026-02-01", Balance="0.01")
        newer = invoice("3", DueDate="2026-03-01")

        assert shown(paid, newer, oldest)["OldestOverdue"] == "2026-02-01"


class TestNoInvoices:
    def test_leave_no_figure_behind(self) -> None:
        found = shown()

        assert set(found) == {spec.name for spec in deal_pairs.FIELDS} == set(shown(invoice()))
        assert {name: value for name, value in found.items() if value is not None} == {
            "Deal": "7", "Billed": "0", "Paid": "0", "Open": "0", "InvoiceCount": "0",
        }

    def test_are_named_so(self) -> None:
        assert figures.label(invoices=()) == "No invoices"
        assert figures.label(invoices=[invoice("8", DocNumber="1008")]) == "Invoice 1008"
        assert figures.label(invoices=[invoice("8"), invoice("7"), invoice("6")]) == "Invoice 8 and 2 more"
