"""Believable invoices, credit memos and payments in bulk, in every state that books know.

Owns the mixture: what is open, overdue, partly paid, paid and voided, and how often there is discount or tax.
"""

from __future__ import annotations

import random
from datetime import date, timedelta
from decimal import Decimal

from integrations.sandbox.messages import BadControl, Json
from integrations.sandbox.quickbooks import lines, records, seeding, taxes, times
from integrations.sandbox.quickbooks.change import Write
from integrations.sandbox.quickbooks.companies import Company
from integrations.sandbox.quickbooks.ledger import cents, exact, money

_STATES = ("open", "overdue", "partial", "paid", "voided")
_WEIGHTS = (25, 15, 12, 40, 8)
_FRESH_DAYS, _OLDEST_DAYS, _TERM_DAYS = 15, 180, 30
_PAID_AFTER_DAYS = 25
_MOST_LINES, _MOST_PIECES = 4, 24
_DISCOUNTED, _TAXED, _APPLIED = 0.15, 0.3, 0.7
_PERCENTS = (5, 7.5, 10)
_SHARES = (Decimal("0.25"), Decimal("0.4"), Decimal("0.5"))


class _Maker:
    """One run over one company: customers and items to choose from, and the chances of it."""

    def __init__(self, company: Company, *, what: str, seed: int) -> None:
        self.company = company
        self.chances = random.Random(f"{seed}/{what}")  # noqa: S311 - made-up data
        self.write = Write(at=company.epoch(), by_hand=True)
        self.customers = sorted(company.shelves["Customer"].active)
        if not self.customers:
            raise BadControl("There is no active customer to invoice. Generate customers first.")
        shelf = company.shelves["Item"]
        self.items = [each for each in sorted(shelf.active) if "UnitPrice" in shelf.row(each)["body"]]
        if not self.items:
            self.items = [int(seeding.put(company, "Item", {"Name": "Services", "UnitPrice": 100})["body"]["Id"])]
        self.recognition = bool(company.preferences("ProductAndServicesPrefs").get("RevenueRecognition"))
        self.codes = [str(row["body"]["Id"]) for row in company.shelves["TaxCode"].rows() if row["body"]["TaxGroup"]]

    def day(self, *, at_least: int, at_most: int) -> date:
        """A day of the past."""
        return times.today(self.company.now() - timedelta(days=self.chances.randint(at_least, at_most)))

    def form(self, day: date, *, number: str, most_lines: int = _MOST_LINES) -> Json:
        """An invoice or credit memo of a day."""
        sold = [self._line(day) for _ in range(self.chances.randint(1, most_lines))]
        body: Json = {"CustomerRef": {"value": str(self.chances.choice(self.customers))}, "TxnDate": day.isoformat(), "Line": sold}
        if self.company.preferences("SalesFormsPrefs").get("CustomTxnNumbers"):
            body["DocNumber"] = number
        if self.chances.random() < _DISCOUNTED:
            percent = self.chances.choice(_PERCENTS)
            sold.append({"DetailType": lines.DISCOUNT, lines.DISCOUNT: {"PercentBased": True, "DiscountPercent": percent}})
        self._tax(body)
        return body

    def _line(self, day: date) -> Json:
        body = self.company.shelves["Item"].row(self.chances.choice(self.items))["body"]
        pieces = self.chances.randint(1, _MOST_PIECES)
        detail: Json = {"ItemRef": {"value": body["Id"]}, "Qty": pieces, "UnitPrice": body["UnitPrice"] or 100}
        if self.recognition:
            detail["ServiceDate"] = day.isoformat()
        line: Json = {"DetailType": lines.ITEM, lines.ITEM: detail}
        return {**line, "Description": body["Description"]} if "Description" in body else line

    def _tax(self, body: Json) -> None:
        """Tax as the company has it: a code on every line abroad, here now and then."""
        chance = self.chances.random()
        sold = [line[lines.ITEM] for line in body["Line"] if line["DetailType"] == lines.ITEM]
        if not self.company.american:
            code = self.codes[0] if chance >= _TAXED else self.chances.choice(self.codes)
            for detail in sold:
                detail["TaxCodeRef"] = {"value": code}
        elif chance < _TAXED and self.company.preferences("TaxPrefs").get("UsingSalesTax"):
            for detail in sold:
                detail["TaxCodeRef"] = {"value": taxes.TAXED}
            body["TxnTaxDetail"] = {"TxnTaxCodeRef": {"value": self.codes[0]}}

    def pay(self, invoice: Json, amount: Decimal, day: date) -> None:
        """Receive money for an invoice."""
        self.receive(invoice["CustomerRef"], amount, day, [(amount, "Invoice", invoice["Id"])])

    def receive(self, customer: Json, amount: Decimal, day: date, laid_on: list[tuple[Decimal, str, str]]) -> None:
        """Receive money and lay it on documents, or on none."""
        ways = sorted(self.company.shelves["PaymentMethod"].active)
        body: Json = {"CustomerRef": {"value": customer["value"]}, "TotalAmt": money(amount), "TxnDate": day.isoformat()}
        body["Line"] = [{"Amount": money(part), "LinkedTxn": [{"TxnId": number, "TxnType": kind}]} for part, kind, number in laid_on]
        if amount:
            body["PaymentMethodRef"] = {"value": str(self.chances.choice(ways))}
            body["PaymentRefNum"] = str(self.chances.randint(1000, 9999))
        records.create(self.company, "Payment", body, self.write)


def invoices(company: Company, number: int, *, seed: int) -> int:
    """Invoices in all states, with the payments that belong to them."""
    maker = _Maker(company, what="invoices", seed=seed)
    for place in range(1, number + 1):
        state = maker.chances.choices(_STATES, _WEIGHTS)[0]
        fresh = state == "open"
        day = maker.day(at_least=0 if fresh else _TERM_DAYS + 1, at_most=_FRESH_DAYS if fresh else _OLDEST_DAYS)
        body = maker.form(day, number=f"G{seed}-{place:05d}")
        body["DueDate"] = (day + timedelta(days=_TERM_DAYS)).isoformat()
        made = records.create(company, "Invoice", body, maker.write)["body"]
        total = exact(made["TotalAmt"])
        if state == "voided":
            records.void(company, "Invoice", {"Id": made["Id"], "SyncToken": made["SyncToken"]}, maker.write)
        elif state in ("paid", "partial") and total:
            share = cents(total * maker.chances.choice(_SHARES))
            parts = [share] if state == "partial" else [total] if maker.chances.random() < _APPLIED else [share, total - share]
            for part in parts:
                maker.pay(made, part, day + timedelta(days=maker.chances.randint(1, _PAID_AFTER_DAYS)))
    return number


def credit_memos(company: Company, number: int, *, seed: int) -> int:
    """Credit memos, some of them used for an open invoice of the same customer."""
    maker = _Maker(company, what="credit memos", seed=seed)
    for place in range(1, number + 1):
        day = maker.day(at_least=1, at_most=_TERM_DAYS)
        form = maker.form(day, number=f"C{seed}-{place:05d}", most_lines=1)
        memo = records.create(company, "CreditMemo", form, maker.write)["body"]
        owing = [row["body"] for row in _open_invoices(company) if row["body"]["CustomerRef"] == memo["CustomerRef"]]
        if owing and maker.chances.random() < _APPLIED:
            used = min(exact(memo["Balance"]), exact(owing[0]["Balance"]))
            maker.receive(memo["CustomerRef"], Decimal(0), day, [(used, "Invoice", owing[0]["Id"]), (used, "CreditMemo", memo["Id"])])
    return number


def payments(company: Company, number: int, *, seed: int) -> int:
    """Payments: most of them for an invoice that is open, the rest not yet laid on any."""
    maker = _Maker(company, what="payments", seed=seed)
    for _ in range(number):
        day = maker.day(at_least=0, at_most=_FRESH_DAYS)
        owing = _open_invoices(company)
        if owing and maker.chances.random() < _APPLIED:
            invoice = maker.chances.choice(owing)["body"]
            balance = exact(invoice["Balance"])
            maker.pay(invoice, balance if maker.chances.random() < _APPLIED else max(cents(balance / 2), Decimal("0.01")), day)
        else:
            customer = {"value": str(maker.chances.choice(maker.customers))}
            maker.receive(customer, Decimal(maker.chances.randint(5, 200) * 10), day, [])
    return number


def _open_invoices(company: Company) -> list[Json]:
    shelf = company.shelves["Invoice"]
    return [row for row in map(shelf.row, shelf.ids) if exact(row["body"]["Balance"]) > 0]
