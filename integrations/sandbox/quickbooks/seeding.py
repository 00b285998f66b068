"""A seed with its records: how it is written, and how its records get into the books.

Owns the seed format: create bodies, with names and numbers instead of ids where that is easier. Everything is written on the ordinary
path, as a bookkeeper would have done it by hand.
"""

from __future__ import annotations

from datetime import timedelta

from integrations.sandbox.messages import BadControl, Json
from integrations.sandbox.quickbooks import faults, founding, ledger, links, preferences, records, times
from integrations.sandbox.quickbooks.change import Write
from integrations.sandbox.quickbooks.companies import Companies, Company
from integrations.sandbox.quickbooks.fields import SALES_FORMS

_DAY = 86_400
_LISTS = (
    ("accounts", "Account"),
    ("terms", "Term"),
    ("classes", "Class"),
    ("payment_methods", "PaymentMethod"),
    ("customers", "Customer"),
    ("vendors", "Vendor"),
    ("employees", "Employee"),
    ("items", "Item"),
    ("invoices", "Invoice"),
    ("credit_memos", "CreditMemo"),
    ("refund_receipts", "RefundReceipt"),
    ("payments", "Payment"),
)
_NAMES = (
    ("CustomerName", "CustomerRef", "Customer"),
    ("TermName", "SalesTermRef", "Term"),
    ("ClassName", "ClassRef", "Class"),
    ("PaymentMethodName", "PaymentMethodRef", "PaymentMethod"),
    ("DepositAccountName", "DepositToAccountRef", "Account"),
)
_NUMBERED = (("InvoiceNumber", "Invoice"), ("CreditMemoNumber", "CreditMemo"))
INCOME_ACCOUNTS = {"Inventory": "Sales of Product Income"}
_EXPENSE, _ASSET = "Cost of Goods Sold", "Inventory Asset"


def load(companies: Companies, seed: Json) -> None:
    """Make the companies of a seed. Raises BadControl naming the record that QuickBooks would refuse."""
    for wanted in seed.get("companies", []):
        company = founding.found(
            companies,
            realm=str(wanted["realm_id"]),
            name=str(wanted["name"]),
            home_currency=str(wanted.get("home_currency", "USD")),
            country=str(wanted.get("country", preferences.USA)),
        )
        if "preferences" in wanted:
            sent = {"SyncToken": "0", "sparse": True, **wanted["preferences"]}
            records.update(company, "Preferences", sent, Write(at=company.epoch(), by_hand=True))
        for key, kind in _LISTS:
            for number, sent in enumerate(wanted.get(key, []), start=1):
                try:
                    put(company, kind, sent)
                except faults.VendorFault as fault:
                    raise BadControl(f"The seed's {key} number {number} of company {company.realm} is refused: {fault}.") from fault


def put(company: Company, kind: str, sent: Json, *, at: int | None = None) -> Json:
    """One record of a seed: a create body, with names instead of ids where that is easier. Returns its row."""
    body = dict(sent)
    ago = body.pop("created_days_ago", 0)
    if "dated_days_ago" in body:
        day = company.now() - timedelta(days=float(body.pop("dated_days_ago")))
        body["TxnDate"] = times.today(day).isoformat()
    write = Write(at=company.epoch() - int(float(ago) * _DAY) if at is None else at, by_hand=True)
    active = body.pop("Active", True)
    void = body.pop("void", False)
    body = resolved(company, kind, body)
    if kind == "Item":
        _settle_item(company, body)
    elif kind == "Payment":
        _settle_payment(company, body, sent)
    row = records.create(company, kind, body, write)
    if not active:
        leaving = {"Id": row["body"]["Id"], "SyncToken": "0", "sparse": True, "Active": False}
        row = records.update(company, kind, leaving, write)
    return records.void(company, kind, {"Id": row["body"]["Id"], "SyncToken": "0"}, write) if void else row


def resolved(company: Company, kind: str, values: Json) -> Json:
    """Fields with ids in place of the names and numbers of other objects. Raises BadControl for a name that nothing has."""
    body = dict(values)
    for name, ref, target in (*_NAMES, ("ParentName", "ParentRef", kind)):
        if name in body:
            body[ref] = {"value": _by_name(company, target, str(body.pop(name)))}
    if isinstance(body.get("Line"), list):
        body["Line"] = [_sales_line(company, line) if kind in SALES_FORMS else _payment_line(company, line) for line in body["Line"]]
    return body


def _sales_line(company: Company, line: Json) -> Json:
    line = dict(line)
    if "ItemName" in line:
        number = _by_name(company, "Item", str(line.pop("ItemName")))
        detail = {"ItemRef": {"value": number}, **line.get("SalesItemLineDetail", {})}
        line = {"DetailType": "SalesItemLineDetail", **line, "SalesItemLineDetail": detail}
    if "GroupName" in line:
        number = _by_name(company, "Item", str(line.pop("GroupName")))
        detail = {"GroupItemRef": {"value": number}, **line.get("GroupLineDetail", {})}
        line = {"DetailType": "GroupLineDetail", **line, "GroupLineDetail": detail}
    return line


def _payment_line(company: Company, line: Json) -> Json:
    line = dict(line)
    for name, kind in _NUMBERED:
        if name in line:
            number = str(line.pop(name))
            matching = company.shelves[kind].matching("DocNumber", [number])
            if not matching:
                raise BadControl(f"There is no {kind} with the number {number!r} in company {company.realm}; put it before its payments.")
            line["LinkedTxn"] = [{"TxnId": str(matching[0]), "TxnType": kind}]
    return line


def _settle_payment(company: Company, body: Json, told: Json) -> None:
    """A named document without an amount is covered wholly; a payment of such without a sum comes to what its lines come to."""
    lines = told.get("Line")
    named = [any(name in line for name, _ in _NUMBERED) for line in lines] if isinstance(lines, list) else []
    for place, line in enumerate(body["Line"] if any(named) else ()):
        if named[place] and "Amount" not in line:
            linked = line["LinkedTxn"][0]
            line["Amount"] = company.shelves[linked["TxnType"]].row(int(linked["TxnId"]))["body"]["Balance"]
    if named and all(named) and "TotalAmt" not in body:
        body["TotalAmt"] = ledger.money(links.applied(links.claims(body)))


def _by_name(company: Company, kind: str, name: str) -> str:
    shelf = company.shelves[kind]
    field = "FullyQualifiedName" if shelf.indexed("FullyQualifiedName") else shelf.entity.title
    matching = shelf.matching(field, [name])
    if not matching:
        raise BadControl(f"There is no {kind} named {name!r} in company {company.realm}; put it into the seed before what uses it.")
    return str(matching[0])


def _settle_item(company: Company, body: Json) -> None:
    kind = body.setdefault("Type", "Service")
    if "ParentRef" in body:
        body.setdefault("SubItem", True)
    members = body.pop("Members", None)
    if members is not None:
        lines = [{"ItemRef": {"value": _by_name(company, "Item", str(name))}, "Qty": quantity} for name, quantity in members.items()]
        body["ItemGroupDetail"] = {"ItemGroupLine": lines}
    if kind in ("Category", "Group"):
        return
    names = {"IncomeAccountRef": INCOME_ACCOUNTS.get(kind, "Services")}
    if kind == "Inventory":
        names |= {"ExpenseAccountRef": _EXPENSE, "AssetAccountRef": _ASSET}
        body.setdefault("TrackQtyOnHand", True)
    for ref, name in names.items():
        if ref not in body:
            body[ref] = {"value": _by_name(company, "Account", name)}
