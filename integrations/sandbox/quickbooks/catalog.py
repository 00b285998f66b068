"""The rules of Account, Term, Class and PaymentMethod: the lists that transactions point to.

Owns the kinds of accounts and terms and what each requires. Items have a file of their own.
"""

from __future__ import annotations

from integrations.sandbox.quickbooks import chart, faults, naming, parties
from integrations.sandbox.quickbooks.change import Change, Rules

_ACCOUNT_FORBIDDEN = ('"', ":")
_SHORT_NUMBERS = ("US", "GB", "IN")
_LONGEST_SHORT_NUMBER = 7
_TERM_RANGES = {
    "DueDays": (0, 999),
    "DiscountDays": (0, 999),
    "DayOfMonthDue": (1, 31),
    "DueNextMonthDays": (0, 999),
    "DiscountDayOfMonth": (0, 31),
    "DiscountPercent": (0, 100),
}


def _require_name(change: Change) -> None:
    if not str(change.body.get("Name") or "").strip():
        raise faults.missing("Name")


def _settle_account(change: Change) -> None:
    body, old = change.body, change.old_body
    _require_name(change)
    for sign in _ACCOUNT_FORBIDDEN:
        if sign in body["Name"] and body["Name"] != old.get("Name"):
            raise faults.problem("2040", f"Element contains invalid characters. {body['Name']}", "Name")
    kind = body.get("AccountType") or chart.TYPE_OF_SUBTYPE.get(body.get("AccountSubType", "")) or old.get("AccountType")
    if kind is None:
        if body.get("AccountSubType"):
            raise faults.problem("2170", f"Invalid Enumeration : {body['AccountSubType']}")
        raise faults.problem("6010", "Account Type or Account Subtype is missing : You must specify one of them.", "AccountType")
    if kind not in chart.CLASSIFICATION:
        raise faults.problem("2170", f"Invalid Enumeration : {kind}")
    body["AccountType"] = kind
    _check_account(change, kind)
    if not body.get("AccountSubType"):
        body["AccountSubType"] = chart.SUBTYPES[kind].split()[0] if chart.SUBTYPES[kind] else "OtherMiscellaneousExpense"
    body["Classification"] = chart.CLASSIFICATION[kind]
    naming.check_parent(change)
    body["SubAccount"] = bool(change.ref("ParentRef"))
    body["CurrentBalance"] = old.get("CurrentBalance", 0)
    body["CurrentBalanceWithSubAccounts"] = old.get("CurrentBalanceWithSubAccounts", 0)
    wanted = change.given.values.get("CurrencyRef", {}).get("value", "")
    body["CurrencyRef"] = old["CurrencyRef"] if old else parties.currency_ref(change.company, wanted)
    naming.settle(change)


def _check_account(change: Change, kind: str) -> None:
    """Refuse a subtype of another type, a type of another side of the books, and a number of the wrong form."""
    body, old = change.body, change.old_body
    owner = chart.TYPE_OF_SUBTYPE.get(body.get("AccountSubType", ""), kind)
    if owner != kind:
        detail = f"Invalid account type : {body['AccountSubType']} is a kind of {owner}, not of {kind}."
        raise faults.problem("6430", detail, "AccountSubType")
    if old and chart.CLASSIFICATION[kind] != old["Classification"]:
        raise faults.business(f"An account cannot be changed from {old['AccountType']} to {kind}.")
    number = body.get("AcctNum", "")
    if ":" in number:
        raise faults.problem("2040", f"Element contains invalid characters. {number}", "AcctNum")
    if change.company.country in _SHORT_NUMBERS and len(number) > _LONGEST_SHORT_NUMBER:
        raise faults.too_long("AcctNum", limit=_LONGEST_SHORT_NUMBER, length=len(number))


def _settle_class(change: Change) -> None:
    _require_name(change)
    naming.check_parent(change)
    change.body["SubClass"] = bool(change.ref("ParentRef"))
    naming.settle(change)


def _settle_method(change: Change) -> None:
    _require_name(change)
    naming.settle(change)


def _settle_term(change: Change) -> None:
    body = change.body
    _require_name(change)
    for name, (low, high) in _TERM_RANGES.items():
        if name in body and not low <= body[name] <= high:
            raise faults.problem("2090", f"Invalid Number : {name} must lie between {low} and {high}. Supplied value:{body[name]}", name)
    if "DueDays" in body:
        body["Type"] = "STANDARD"
        body.setdefault("DiscountPercent", 0)
        body.setdefault("DiscountDays", 0)
    else:
        if "DayOfMonthDue" not in body:
            raise faults.missing("DueDays")
        body["Type"] = "DATE_DRIVEN"
    naming.settle(change)


RULES = {
    "Account": Rules(settle=_settle_account, after=naming.claim),
    "Term": Rules(settle=_settle_term, after=naming.claim),
    "Class": Rules(settle=_settle_class, after=naming.claim),
    "PaymentMethod": Rules(settle=_settle_method, after=naming.claim),
}
