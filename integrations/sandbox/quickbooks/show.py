"""What leaves the service: stored bodies with the names of what they point to.

Owns the names in references, which are those of today, ` (deleted)` included.
"""

from __future__ import annotations

from integrations.sandbox.messages import Json
from integrations.sandbox.quickbooks import ledger, lines
from integrations.sandbox.quickbooks.companies import Company
from integrations.sandbox.quickbooks.fields import SALES_FORMS

_FORM = {
    "CustomerRef": "Customer",
    "SalesTermRef": "Term",
    "ClassRef": "Class",
    "DepositToAccountRef": "Account",
    "PaymentMethodRef": "PaymentMethod",
}
_NAMED = {
    "Customer": {"SalesTermRef": "Term"},
    "Vendor": {"TermRef": "Term"},
    "Item": {
        "IncomeAccountRef": "Account",
        "ExpenseAccountRef": "Account",
        "AssetAccountRef": "Account",
        "ParentRef": "Item",
        "ClassRef": "Class",
    },
    "Payment": _FORM,
    **dict.fromkeys(SALES_FORMS, _FORM),
}
_IN_LINES = {"ItemRef": "Item", "GroupItemRef": "Item", "ClassRef": "Class", "DiscountAccountRef": "Account"}
_PSEUDO = frozenset({lines.SHIPPING})


def wire(company: Company, kind: str, row: Json) -> Json:
    """An object as an answer shows it; not to be changed by the caller."""
    body: Json = row["body"]
    if kind == "Preferences":
        return {name: {**value, **company.preferences(name)} if isinstance(value, dict) else value for name, value in body.items()}
    changes: Json = {
        name: {**body[name], "name": _title(company, target, body[name]["value"])}
        for name, target in _NAMED.get(kind, {}).items()
        if name in body
    }
    if kind in SALES_FORMS:
        changes["Line"] = [_line(company, line) for line in body["Line"]]
    elif kind == "Payment":
        changes["Line"] = [_payment_line(company, line) for line in body["Line"]]
    elif "ItemGroupDetail" in body:
        members = [{**member, "ItemRef": _item(company, member["ItemRef"])} for member in body["ItemGroupDetail"]["ItemGroupLine"]]
        changes["ItemGroupDetail"] = {"ItemGroupLine": members}
    return {**body, **changes} if changes else body


def _title(company: Company, kind: str, number: str) -> str:
    row = company.shelves[kind].get(number)
    if row is None:
        return ""
    body = row["body"]
    return str(body["Name"] if kind == "Item" else body.get("FullyQualifiedName") or body["Name"])


def _item(company: Company, ref: Json) -> Json:
    return {**ref, "name": _title(company, "Item", ref["value"])}


def _line(company: Company, line: Json) -> Json:
    detail = line.get(line["DetailType"])
    if not isinstance(detail, dict):
        return line
    shown: Json = {}
    for name, value in detail.items():
        target = _IN_LINES.get(name)
        if name == "Line":
            shown[name] = [_line(company, child) for child in value]
        elif target and value["value"] not in _PSEUDO:
            shown[name] = {**value, "name": _title(company, target, value["value"])}
        else:
            shown[name] = value
    if "ItemRef" in shown:
        shown = {"ItemRef": shown["ItemRef"], **shown}
    return {**line, line["DetailType"]: shown}


def _payment_line(company: Company, line: Json) -> Json:
    """A payment's line with what the service tells beside it about the document."""
    linked = line["LinkedTxn"][0]
    row = company.shelves[linked["TxnType"]].get(linked["TxnId"])
    body: Json = row["body"] if row else {}
    told = {"txnId": linked["TxnId"], "txnOpenBalance": f"{ledger.exact(body.get('Balance')):.2f}"}
    if "DocNumber" in body:
        told["txnReferenceNumber"] = body["DocNumber"]
    extras = [{**_ANY, "value": {"Name": name, "Value": value}} for name, value in told.items()]
    return {**line, "LineEx": {"any": extras}}


_ANY: Json = {
    "name": "{http://schema.intuit.com/finance/v3}NameValue",
    "declaredType": "com.intuit.schema.finance.v3.NameValue",
    "scope": "javax.xml.bind.JAXBElement$GlobalScope",
    "nil": False,
    "globalScope": True,
    "typeSubstituted": False,
}
