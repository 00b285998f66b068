"""The rules of Invoice, CreditMemo and RefundReceipt: which steps each takes.

Owns due dates, and what a refund needs beyond the rest.
"""

from __future__ import annotations

import calendar
from datetime import date, timedelta

from integrations.sandbox.messages import Json
from integrations.sandbox.quickbooks import closing, faults, numbering, sales
from integrations.sandbox.quickbooks.change import Change, Rules


def _settle(change: Change) -> None:
    by_hand = change.write.by_hand
    if change.old and not by_hand:
        closing.check(change.company, change.old_body)
    theirs = sales.customer(change)
    sales.settle_date(change)
    if not by_hand:
        closing.check(change.company, change.body)
    sales.settle_currency(change, theirs)
    sales.settle_custom(change)
    tax = sales.settle_lines(change, theirs)
    sales.settle_addresses(change, theirs)
    sales.settle_totals(change, tax=tax)
    sales.settle_email(change)


def _settle_invoice(change: Change) -> None:
    _settle(change)
    _settle_due_date(change)
    numbering.settle(change)


def _settle_credit(change: Change) -> None:
    _settle(change)
    numbering.settle(change)


def _settle_refund(change: Change) -> None:
    number = change.ref("DepositToAccountRef")
    if not number:
        raise faults.missing("DepositToAccountRef")
    row = change.company.shelves["Account"].get(number)
    if row is not None and row["body"]["AccountType"] not in ("Bank", "Other Current Asset"):
        detail = f"Invalid account type : A refund cannot be paid from {row['body']['FullyQualifiedName']}. You need another account type."
        raise faults.problem("6430", detail, "DepositToAccountRef")
    _settle(change)
    numbering.settle(change)


def _settle_due_date(change: Change) -> None:
    body, company = change.body, change.company
    if "DueDate" not in body:
        default = company.preferences("SalesFormsPrefs").get("DefaultTerms", {}).get("value", "")
        theirs = company.shelves["Customer"].get(change.ref("CustomerRef"))
        own = theirs["body"].get("SalesTermRef", {}).get("value", "") if theirs else ""
        term = company.shelves["Term"].get(change.ref("SalesTermRef") or own or default)
        body["DueDate"] = _due(date.fromisoformat(body["TxnDate"]), term["body"] if term else {}).isoformat()


def _due(written: date, term: Json) -> date:
    if term.get("Type") != "DATE_DRIVEN":
        return written + timedelta(days=int(term.get("DueDays", 0)))
    day = int(term["DayOfMonthDue"])
    due = _day_of_month(written, day)
    if (due - written).days <= int(term.get("DueNextMonthDays", 0)) or due < written:
        following = written.replace(day=28) + timedelta(days=4)
        due = _day_of_month(following, day)
    return due


def _day_of_month(month: date, day: int) -> date:
    return month.replace(day=min(day, calendar.monthrange(month.year, month.month)[1]))


RULES = {
    "Invoice": Rules(settle=_settle_invoice, after=sales.after, ending=sales.ending, voided=sales.voided),
    "CreditMemo": Rules(settle=_settle_credit, after=sales.after, ending=sales.ending, voided=sales.voided),
    "RefundReceipt": Rules(settle=_settle_refund, after=sales.after, ending=sales.ending, voided=sales.voided),
}
