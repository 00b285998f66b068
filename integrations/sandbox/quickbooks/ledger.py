"""Money, and balances that follow from other objects: a customer's from its documents, a parent's from its sub-customers.

Owns Balance and BalanceWithJobs. A change of balance moves LastUpdatedTime and leaves SyncToken alone, as the vendor does.
"""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal

from integrations.sandbox.quickbooks import times
from integrations.sandbox.quickbooks.companies import Company

CENT = Decimal("0.01")
_OWED = {"Invoice": ("Balance", 1), "CreditMemo": ("Balance", -1), "Payment": ("UnappliedAmt", -1)}


def exact(value: object) -> Decimal:
    """A stored number as a decimal; nothing counts as zero."""
    return Decimal(str(value)) if value not in (None, "") else Decimal(0)


def cents(value: Decimal) -> Decimal:
    """Rounded half up, as the vendor rounds."""
    return value.quantize(CENT, rounding=ROUND_HALF_UP)


def money(value: Decimal) -> float | int:
    """As it stands in an answer: `0` when nothing, otherwise with a decimal point."""
    return float(cents(value)) if value else 0


def number(value: Decimal) -> float | int:
    """A rate or a quantity as it stands in an answer."""
    return int(value) if value == value.to_integral_value() else float(value)


def rebalance(company: Company, customer: str, *, at: int) -> None:
    """Bring a customer's balances, and those above it, up to its invoices, credits and payments."""
    shelf = company.shelves["Customer"]
    row = shelf.get(customer)
    if row is None:
        return
    body = row["body"]
    balance = exact(row.get("opening")) + sum((_owed(company, kind, customer) for kind in _OWED), Decimal(0))
    below = (shelf.get(each) for each in shelf.matching("ParentRef", [customer]))
    with_jobs = balance + sum((exact(found["body"]["BalanceWithJobs"]) for found in below if found), Decimal(0))
    if exact(body["Balance"]) == balance and exact(body["BalanceWithJobs"]) == with_jobs:
        return
    body["Balance"], body["BalanceWithJobs"] = money(balance), money(with_jobs)
    row["at"] = max(int(row["at"]), at)
    body["MetaData"] = {**body["MetaData"], "LastUpdatedTime": times.stamp(row["at"])}
    shelf.put(customer, row)
    if "ParentRef" in body:
        rebalance(company, body["ParentRef"]["value"], at=at)


def _owed(company: Company, kind: str, customer: str) -> Decimal:
    """What the documents of a kind add to a customer's balance."""
    shelf = company.shelves[kind]
    field, sign = _OWED[kind]
    return sum((exact(shelf.row(each)["body"][field]) * sign for each in shelf.matching("CustomerRef", [customer])), Decimal(0))
