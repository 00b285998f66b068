"""The rules of Item, Account and Term: the lists that transactions point to.

Owns the kinds of items and accounts and what each requires.
"""

from __future__ import annotations

from integrations.sandbox.messages import Json
from integrations.sandbox.quickbooks import chart, faults, naming, parties
from integrations.sandbox.quickbooks.change import Change, Rules

_ACCOUNT_FORBIDDEN = ('"', ":")
_INVENTORY_NEEDS = ("IncomeAccountRef", "ExpenseAccountRef", "AssetAccountRef", "QtyOnHand", "InvStartDate")
_NO_ACCOUNTS = frozenset({"Category", "Group", "Bundle"})
_CONTROL_TYPES = {"Accounts Receivable", "Accounts Payable"}
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


def _settle_item(change: Change) -> None:
    body, old = change.body, change.old_body
    _require_name(change)
    kind = body.get("Type") or old.get("Type")
    if not kind:
        raise faults.missing("Type")
    if old and kind != old["Type"] and "Inventory" in (kind, old["Type"]):
        raise faults.business("The type of an inventory item cannot be changed.")
    if kind in ("Group", "Bundle") and not change.old:
        raise faults.unsupported("create of a bundle")
    body["Type"] = kind
    naming.check_parent(change)
    if bool(body.get("SubItem")) != bool(change.ref("ParentRef")):
        raise faults.problem("6150", "ParentRef is required : SubItem and ParentRef go together.", "ParentRef")
    if not body.get("SubItem"):
        body.pop("SubItem", None)
    naming.settle(change)
    if kind in _NO_ACCOUNTS:
        for name in ("UnitPrice", "PurchaseCost", "TrackQtyOnHand"):
            body.pop(name, None)
        return
    _settle_stock(change, kind)
    _settle_item_accounts(change, kind)


def _settle_stock(change: Change, kind: str) -> None:
    body, old = change.body, change.old_body
    body.setdefault("UnitPrice", 0)
    body.setdefault("PurchaseCost", 0)
    if kind == "Inventory":
        if old.get("TrackQtyOnHand") and not body.get("TrackQtyOnHand", True):
            raise faults.business("Quantity tracking cannot be turned off for an inventory item.")
        for name in ("QtyOnHand", "InvStartDate"):
            if old and name in old:
                body.setdefault(name, old[name])
        if not change.old and body.get("TrackQtyOnHand") is not True:
            raise faults.missing("TrackQtyOnHand")
    elif body.get("TrackQtyOnHand"):
        raise faults.business("Only inventory items can track a quantity on hand.")
    body["TrackQtyOnHand"] = kind == "Inventory"


def _settle_item_accounts(change: Change, kind: str) -> None:
    body = change.body
    if kind == "Inventory":
        needs: tuple[str, ...] = _INVENTORY_NEEDS
    elif kind == "Service":
        needs = ("IncomeAccountRef",)
    else:
        needs = () if "IncomeAccountRef" in body or "ExpenseAccountRef" in body else ("IncomeAccountRef",)
    for name in needs:
        if name not in body:
            raise faults.missing(name)
    for name in ("IncomeAccountRef", "ExpenseAccountRef", "AssetAccountRef"):
        row = change.company.shelves["Account"].get(change.ref(name)) if name in body else None
        if row is not None:
            _check_item_account(row["body"], name=name, kind=kind)


def _check_item_account(account: Json, *, name: str, kind: str) -> None:
    fits = account["AccountType"] not in _CONTROL_TYPES
    if name == "IncomeAccountRef" and kind == "Inventory":
        fits = account["AccountSubType"] == "SalesOfProductIncome"
    elif name == "ExpenseAccountRef" and kind == "Inventory":
        fits = account["AccountType"] == "Cost of Goods Sold"
    elif name == "AssetAccountRef":
        fits = account["AccountType"] == "Other Current Asset"
    if not fits:
        detail = f"Invalid account type : The account {account['FullyQualifiedName']} cannot be used here. You need another account type."
        raise faults.problem("6430", detail, name)


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
    "Item": Rules(settle=_settle_item, after=naming.claim),
    "Account": Rules(settle=_settle_account, after=naming.claim),
    "Term": Rules(settle=_settle_term, after=naming.claim),
}
