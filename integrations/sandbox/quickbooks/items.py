"""The rules of Item: services, goods with and without stock, categories, bundles.

Owns what each kind requires and which accounts it may name.
"""

from __future__ import annotations

from integrations.sandbox.messages import Json
from integrations.sandbox.quickbooks import faults, naming, payload
from integrations.sandbox.quickbooks.change import Change, Rules
from integrations.sandbox.quickbooks.ledger import exact

_INVENTORY_NEEDS = ("IncomeAccountRef", "ExpenseAccountRef", "AssetAccountRef", "QtyOnHand", "InvStartDate")
_BUNDLES = ("Group", "Bundle")
_UNSOLD = ("Category", *_BUNDLES)
_INTERCHANGEABLE = frozenset({"Service", "NonInventory"})
_ACCOUNTS = ("IncomeAccountRef", "ExpenseAccountRef", "AssetAccountRef")
_FITTING = {
    "IncomeAccountRef": ("Income", "Other Income", "Other Current Liability"),
    "ExpenseAccountRef": ("Cost of Goods Sold", "Expense", "Other Expense"),
    "AssetAccountRef": ("Other Current Asset",),
}


def _settle(change: Change) -> None:
    body, old = change.body, change.old_body
    if not str(body.get("Name") or "").strip():
        raise faults.missing("Name")
    kind = body.get("Type") or old.get("Type")
    if not kind:
        raise faults.missing("Type")
    if old and kind != old["Type"] and not (change.write.by_hand and {kind, old["Type"]} <= _INTERCHANGEABLE):
        raise faults.business(f"The type of an item cannot be changed from {old['Type']} to {kind}.")
    if kind in _BUNDLES and not change.old and not change.write.by_hand:
        raise faults.unsupported("create of a bundle")
    body["Type"] = kind
    naming.check_parent(change)
    if bool(body.get("SubItem")) != bool(change.ref("ParentRef")):
        raise faults.problem("6150", "ParentRef is required : SubItem and ParentRef go together.", "ParentRef")
    if not body.get("SubItem"):
        body.pop("SubItem", None)
    naming.settle(change)
    _settle_members(change, kind)
    if kind in _UNSOLD:
        for name in ("UnitPrice", "PurchaseCost", "TrackQtyOnHand"):
            body.pop(name, None)
        return
    _settle_stock(change, kind)
    _settle_accounts(change, kind)


def _settle_members(change: Change, kind: str) -> None:
    """What a bundle is made of: only a person decides it, an update from outside leaves it as it is."""
    body = change.body
    sent = body.pop("ItemGroupDetail", None)
    if kind not in _BUNDLES:
        body.pop("PrintGroupedItems", None)
        return
    if change.old and not change.write.by_hand:
        sent = change.old_body["ItemGroupDetail"]
    members = sent.get("ItemGroupLine") if isinstance(sent, dict) else None
    if not members or not isinstance(members, list):
        raise faults.missing("ItemGroupDetail")
    body["ItemGroupDetail"] = {"ItemGroupLine": [_member(change, member) for member in members]}
    body.setdefault("PrintGroupedItems", False)


def _member(change: Change, member: Json) -> Json:
    number = str((member.get("ItemRef") or {}).get("value", ""))
    row = change.company.shelves["Item"].get(number)
    if row is None:
        raise faults.bad_reference("Items", number)
    if row["body"]["Type"] in _UNSOLD:
        raise faults.business("A bundle is made of products and services only.")
    return {"ItemRef": {"value": number, "type": row["body"]["Type"]}, "Qty": payload.number_of(member.get("Qty", 1)) or 1}


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
        if not change.old and exact(body.get("QtyOnHand")) < 0:
            raise faults.problem("2160", f"Invalid Quantity : {body['QtyOnHand']}", "QtyOnHand")
    else:
        if body.get("TrackQtyOnHand"):
            raise faults.business("Only inventory items can track a quantity on hand.")
        for name in ("QtyOnHand", "InvStartDate", "ReorderPoint"):
            body.pop(name, None)
    body["TrackQtyOnHand"] = kind == "Inventory"


def _settle_accounts(change: Change, kind: str) -> None:
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
    for name in _ACCOUNTS:
        row = change.company.shelves["Account"].get(change.ref(name)) if name in body else None
        if row is not None:
            _check_account(row["body"], name=name, kind=kind)


def _check_account(account: Json, *, name: str, kind: str) -> None:
    fits = account["AccountType"] in _FITTING[name]
    if name == "IncomeAccountRef" and kind == "Inventory":
        fits = account["AccountSubType"] == "SalesOfProductIncome"
    elif name == "ExpenseAccountRef" and kind == "Inventory":
        fits = account["AccountType"] == "Cost of Goods Sold"
    if not fits:
        detail = f"Invalid account type : The account {account['FullyQualifiedName']} cannot be used here. You need another account type."
        raise faults.problem("6430", detail, name)


RULES = {"Item": Rules(settle=_settle, after=naming.claim)}
