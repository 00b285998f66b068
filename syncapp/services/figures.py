"""The figures of a deal, from the QuickBooks invoices that belong to it.

Owns the arithmetic: which invoice is the last updated one, what is billed, paid, open and overdue. Reads and writes nothing.
Amounts of different currencies are never added.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from syncapp.engine import records, values
from syncapp.services import deal_pairs

_VOIDED = "voided"
_OPEN = "open"


@dataclass(frozen=True, kw_only=True)
class Invoice:
    """One QuickBooks invoice, as far as figures are made of it. Nothing is left of the amounts of a voided one."""

    external_id: str
    updated_at: str
    number: str | None
    status: str
    total: Decimal
    balance: Decimal
    currency: str
    made_on: date | None
    due_on: date | None
    link: str | None

    @property
    def order(self) -> tuple[str, int, str]:
        """By what QuickBooks updated last; of two at the same moment, by the later id."""
        return self.updated_at, len(self.external_id), self.external_id

    def overdue(self, *, today: date) -> bool:
        """Whether something of it is still to be paid that was due before today."""
        return self.balance > 0 and self.due_on is not None and self.due_on < today


def invoice(*, external_id: str, found: Mapping[str, records.Value], home: str) -> Invoice:
    """Read an invoice from its mirrored values. `home` is the currency of one that names none."""
    status = _text(found.get("InvoiceStatus")) or _OPEN
    voided = status == _VOIDED
    return Invoice(
        external_id=external_id,
        updated_at=_text(found.get("LastUpdatedTime")) or "",
        number=_text(found.get("DocNumber")),
        status=status,
        total=Decimal() if voided else _amount(found.get("TotalAmt")),
        balance=Decimal() if voided else _amount(found.get("Balance")),
        currency=_text(found.get("CurrencyRef.value")) or home,
        made_on=values.as_date(found.get("TxnDate")),
        due_on=values.as_date(found.get("DueDate")),
        link=_text(found.get("Link")),
    )


def of_deal(*, deal: str, invoices: Sequence[Invoice], today: date) -> dict[str, records.Value]:
    """Tell what a deal is to show of its invoices; of none, that there is none."""
    if not invoices:
        nothing: dict[str, records.Value] = dict.fromkeys((spec.name for spec in deal_pairs.FIELDS), None)
        return {**nothing, deal_pairs.DEAL: deal, "Billed": "0", "Paid": "0", "Open": "0", "InvoiceCount": "0"}
    last = max(invoices, key=lambda one: one.order)
    added = [one for one in invoices if one.currency == last.currency]
    billed, still_open = (sum(amounts, Decimal()) for amounts in zip(*((one.total, one.balance) for one in added), strict=True))
    late = [one.due_on for one in invoices if one.due_on is not None and one.overdue(today=today)]
    return {
        deal_pairs.DEAL: deal,
        **_last(last, today=today),
        "Billed": values.number_text(billed),
        "Paid": values.number_text(billed - still_open),
        "Open": values.number_text(still_open),
        "OldestOverdue": _day(min(late, default=None)),
        "InvoiceCount": str(len(invoices)),
        "Note": _left_out(len(invoices) - len(added)),
    }


def label(*, invoices: Sequence[Invoice]) -> str:
    """Name the figures by the invoices they are made of."""
    if not invoices:
        return "No invoices"
    last = max(invoices, key=lambda one: one.order)
    name = f"Invoice {last.number or last.external_id}"
    return name if len(invoices) == 1 else f"{name} and {len(invoices) - 1} more"


def _last(last: Invoice, *, today: date) -> dict[str, records.Value]:
    return {
        "InvoiceNumber": last.number,
        "InvoiceStatus": _state(last, today=today),
        "InvoiceTotal": values.number_text(last.total),
        "InvoiceBalance": values.number_text(last.balance),
        "InvoiceDate": _day(last.made_on),
        "InvoiceDueDate": _day(last.due_on),
        "InvoiceCurrency": last.currency or None,
        "InvoiceLink": last.link,
        "InvoiceUpdatedAt": last.updated_at or None,
    }


def _state(one: Invoice, *, today: date) -> str:
    """How far an invoice is paid today; the mirror only knows how it was on the day it was read."""
    if one.status != _OPEN:
        return one.status
    if one.overdue(today=today):
        return "overdue"
    return "partial" if one.balance < one.total else _OPEN


def _left_out(number: int) -> str | None:
    if not number:
        return None
    return "1 invoice in another currency is left out" if number == 1 else f"{number} invoices in other currencies are left out"


def _text(value: records.Value) -> str | None:
    return value if isinstance(value, str) and value else None


def _amount(value: records.Value) -> Decimal:
    return values.as_decimal(value) or Decimal()


def _day(day: date | None) -> str | None:
    return day.isoformat() if day else None
