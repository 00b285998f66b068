"""What leaves the service: stored bodies with the names of what they point to.

Owns the names in references, which are those of today, ` (deleted)` included.
"""

from __future__ import annotations

from integrations.sandbox.messages import Json
from integrations.sandbox.quickbooks.companies import Company

_NAMED = {
    "Customer": {"SalesTermRef": "Term"},
    "Vendor": {"TermRef": "Term"},
    "Item": {"IncomeAccountRef": "Account", "ExpenseAccountRef": "Account", "AssetAccountRef": "Account", "ParentRef": "Item"},
    "Invoice": {"CustomerRef": "Customer", "SalesTermRef": "Term", "DepositToAccountRef": "Account"},
}


def wire(company: Company, kind: str, row: Json) -> Json:
    """An object as an answer shows it; not to be changed by the caller."""
    body: Json = row["body"]
    changes: Json = {
        name: {**body[name], "name": _title(company, target, body[name]["value"])}
        for name, target in _NAMED.get(kind, {}).items()
        if name in body
    }
    if kind == "Invoice":
        changes["Line"] = [_line(company, line) for line in body["Line"]]
    return {**body, **changes} if changes else body


def _title(company: Company, kind: str, number: str) -> str:
    row = company.shelves[kind].get(number)
    if row is None:
        return ""
    body = row["body"]
    return str(body["Name"] if kind == "Item" else body.get("FullyQualifiedName") or body["Name"])


def _line(company: Company, line: Json) -> Json:
    detail = line.get("SalesItemLineDetail")
    if not detail or "ItemRef" not in detail:
        return line
    item = {**detail["ItemRef"], "name": _title(company, "Item", detail["ItemRef"]["value"])}
    return {**line, "SalesItemLineDetail": {"ItemRef": item, **{key: value for key, value in detail.items() if key != "ItemRef"}}}
