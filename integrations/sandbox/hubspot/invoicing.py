"""What HubSpot computes of an invoice: its amounts, what is paid and due, and what follows from that.

Owns which values of an invoice follow from its line items, discounts, fees, taxes and payments. Refuses nothing, keeps nothing.
"""
from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from integrations.sandbox.hubspot import kinds, limits, moments, money, totals
from integrations.sandbox.hubspot.kinds import Kind
from integrations.sandbox.hubspot.links import End
from integrations.sandbox.hubspot.portal import Portal
from integrations.sandbox.hubspot.shelf import Record

DRAFT, OPEN, PAID, VOIDED = "draft", "open", "paid", "voided"
PARTS = (kinds.LINE_ITEMS, *kinds.ADJUSTMENTS, kinds.COMMERCE_PAYMENTS)
SHOWN = (kinds.CONTACTS, kinds.COMPANIES)
RECEIVED = frozenset(
    {"succeeded", "partially_refunded", "processing_refund", "disputed_won", "disputed_action_required", "disputed_awaiting_decision"}
)
COMPUTED = frozenset(
    {
        "hs_amount_billed", "hs_amount_paid", "hs_balance_due", "hs_days_overdue", "hs_invoice_latest_company_name",
        "hs_invoice_latest_contact_email", "hs_invoice_latest_contact_firstname", "hs_invoice_latest_contact_lastname",
        "hs_payment_date", "hs_subtotal", "hs_total_discount",
    }
)  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class _Received:
    amount: Decimal = money.NOTHING
    last: str = ""


def billable(values: Mapping[str, str]) -> bool:
    """Whether HubSpot itself bills by an invoice with these values."""
    return values.get("hs_invoice_billable", "true") != "false"


def affected(portal: Portal, ends: Iterable[End]) -> list[Record]:
    """The live invoices whose computed values may have changed with one of these records."""
    found: dict[int, Record] = {}
    for end in ends:
        if end.kind is kinds.INVOICES:
            invoice_ids = [end.id]
        elif end.kind in PARTS:
            invoice_ids = [one for one, _ in portal.linked(end, kinds.INVOICES)]
        else:
            continue
        found.update((one.id, one) for number in invoice_ids if (one := portal.shelf(kinds.INVOICES).find(number)) is not None)
    return list(found.values())


def given_after(record: Record | None, values: Mapping[str, str], written: Iterable[str]) -> list[str]:
    """Which values of an invoice are its own after a write: those written, if it is not billable, and a status that was set to paid."""
    given = set(record.given) if record is not None else set()
    own = not billable({**(record.values if record is not None else {}), **values})
    for name in written:
        if name == "hs_invoice_status":
            stays = values.get(name) == PAID
        elif name in COMPUTED:
            stays = own and bool(values.get(name))
        else:
            continue
        given = given | {name} if stays else given - {name}
    return sorted(given)


def computed_values(portal: Portal, invoice: Record) -> dict[str, str]:
    """What the computed values of an invoice are now; blank for none."""
    end, held = End(kind=kinds.INVOICES, id=invoice.id), invoice.values
    sums = totals.of(
        _parts(portal, end, kinds.LINE_ITEMS),
        discounts=_parts(portal, end, kinds.DISCOUNTS),
        fees=_parts(portal, end, kinds.FEES),
        taxes=_parts(portal, end, kinds.TAXES),
    )
    received = _received(portal, end, currency=held.get("hs_currency", ""))
    billed = money.read(held, "hs_amount_billed") if "hs_amount_billed" in invoice.given else sums.billed
    paid = money.read(held, "hs_amount_paid") if "hs_amount_paid" in invoice.given else received.amount
    status = _status(invoice, billed=billed, received=received.amount)
    due = money.NOTHING if status == VOIDED else max(billed - paid, money.NOTHING)
    found = {
        "hs_subtotal": money.text(sums.subtotal),
        "hs_total_discount": money.text(sums.discount),
        "hs_amount_billed": money.text(billed),
        "hs_amount_paid": money.text(paid),
        "hs_balance_due": money.text(due),
        "hs_days_overdue": days_overdue(portal, status=status, due_date=held.get("hs_due_date", "")),
        **({"hs_payment_date": received.last} if received.last else {}),
        **_latest(portal, end),
    }
    return {**{name: value for name, value in found.items() if name not in invoice.given}, "hs_invoice_status": status}


def _parts(portal: Portal, end: End, kind: Kind) -> list[Mapping[str, str]]:
    return [record.values for one, _ in portal.linked(end, kind) if (record := portal.shelf(kind).find(one)) is not None]


def _received(portal: Portal, end: End, *, currency: str) -> _Received:
    """What was paid in the invoice's currency; a payment without a currency is in that of the account."""
    counted = [
        one
        for one in _parts(portal, end, kinds.COMMERCE_PAYMENTS)
        if one.get("hs_latest_status") in RECEIVED and (one.get("hs_currency_code") or portal.currency()) == currency
    ]
    amounts = (money.cents(money.read(one, "hs_initial_amount") - money.read(one, "hs_refunds_amount")) for one in counted)
    return _Received(
        amount=sum(amounts, money.NOTHING), last=max((one.get("hs_initiated_date", "") for one in counted), default="")
    )


def _status(invoice: Record, *, billed: Decimal, received: Decimal) -> str:
    """A payment of all that is billed makes an open invoice a paid one; when it is taken back, the invoice is open again."""
    held = invoice.values.get("hs_invoice_status", DRAFT)
    if held == OPEN and received > 0 and received >= billed:
        return PAID
    if held == PAID and "hs_invoice_status" not in invoice.given and received < billed:
        return OPEN
    return held


def _latest(portal: Portal, end: End) -> dict[str, str]:
    contact, company = (next(reversed(_parts(portal, end, kind)), {}) for kind in SHOWN)
    return {
        "hs_invoice_latest_contact_email": contact.get("email", ""),
        "hs_invoice_latest_contact_firstname": contact.get("firstname", ""),
        "hs_invoice_latest_contact_lastname": contact.get("lastname", ""),
        "hs_invoice_latest_company_name": company.get("name", ""),
    }


def today(portal: Portal) -> date:
    """The day it is where the account is."""
    return limits.local_time(moments.from_ms(portal.now()), portal.facts["time_zone"]).date()


def days_overdue(portal: Portal, *, status: str, due_date: str) -> str:
    """How many days an open invoice is past its due date."""
    if status != OPEN or not due_date:
        return "0"
    return str(max((today(portal) - date.fromisoformat(due_date[:10])).days, 0))
