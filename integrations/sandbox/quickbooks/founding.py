"""How a company comes to be: by being named, or from a seed with its records.

Owns the seed format. Everything is written on the ordinary path, as a bookkeeper would have done it by hand.
"""

from __future__ import annotations

from integrations.sandbox.messages import BadControl, Json
from integrations.sandbox.quickbooks import chart, faults, records, times
from integrations.sandbox.quickbooks.change import Write
from integrations.sandbox.quickbooks.companies import Companies, Company

_DAY = 86_400
_LISTS = (
    ("accounts", "Account"),
    ("terms", "Term"),
    ("customers", "Customer"),
    ("vendors", "Vendor"),
    ("employees", "Employee"),
    ("items", "Item"),
    ("invoices", "Invoice"),
)
_NAMES = (("CustomerName", "CustomerRef", "Customer"), ("TermName", "SalesTermRef", "Term"))
INCOME_ACCOUNTS = {"Inventory": "Sales of Product Income"}
_EXPENSE, _ASSET = "Cost of Goods Sold", "Inventory Asset"


def found(companies: Companies, *, realm: str, name: str, home_currency: str = "USD", days_ago: float = 400) -> Company:
    """A company with its usual accounts, terms and preferences. Raises BadControl for an impossible realm or currency."""
    if not (realm.isascii() and realm.isdigit()):
        raise BadControl(f'"realm_id" is made of digits, not {realm!r}.')
    if home_currency not in chart.CURRENCIES:
        raise BadControl(f'"home_currency" is one of {", ".join(chart.CURRENCIES)}, not {home_currency!r}.')
    company = companies.add(realm=realm, name=name, home_currency=home_currency, at=0)
    write = Write(at=company.epoch() - int(days_ago * _DAY), by_hand=True)
    started = times.stamp(write.at)
    for kind, body in (
        ("CompanyInfo", chart.company_info(name=name, started=started[:10])),
        ("Preferences", chart.preferences(home_currency=home_currency)),
    ):
        standard = {"domain": "QBO", "sparse": False, "Id": "1", "SyncToken": "0"}
        meta = {"MetaData": {"CreateTime": started, "LastUpdatedTime": started}}
        company.shelves[kind].put("1", {"made": write.at, "at": write.at, "body": {**body, **standard, **meta}})
    for title, account_type, subtype in chart.ACCOUNTS:
        records.create(company, "Account", {"Name": title, "AccountType": account_type, "AccountSubType": subtype}, write)
    for term in chart.TERMS:
        records.create(company, "Term", dict(term), write)
    return company


def load(companies: Companies, seed: Json) -> None:
    """Make the companies of a seed. Raises BadControl naming the record that QuickBooks would refuse."""
    for wanted in seed.get("companies", []):
        company = found(
            companies,
            realm=str(wanted["realm_id"]),
            name=str(wanted["name"]),
            home_currency=str(wanted.get("home_currency", "USD")),
        )
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
    write = Write(at=company.epoch() - int(float(ago) * _DAY) if at is None else at, by_hand=True)
    active = body.pop("Active", True)
    for name, ref, target in (*_NAMES, ("ParentName", "ParentRef", kind)):
        if name in body:
            body[ref] = {"value": _by_name(company, target, str(body.pop(name)))}
    if kind == "Item":
        _default_accounts(company, body)
    if "Line" in body:
        body["Line"] = [_line(company, line) for line in body["Line"]]
    row = records.create(company, kind, body, write)
    if not active:
        leaving = {"Id": row["body"]["Id"], "SyncToken": "0", "sparse": True, "Active": False}
        row = records.update(company, kind, leaving, write)
    return row


def _line(company: Company, line: Json) -> Json:
    line = dict(line)
    if "ItemName" in line:
        number = _by_name(company, "Item", str(line.pop("ItemName")))
        detail = {"ItemRef": {"value": number}, **line.get("SalesItemLineDetail", {})}
        line = {"DetailType": "SalesItemLineDetail", **line, "SalesItemLineDetail": detail}
    return line


def _by_name(company: Company, kind: str, name: str) -> str:
    shelf = company.shelves[kind]
    field = "FullyQualifiedName" if shelf.indexed("FullyQualifiedName") else shelf.entity.title
    matching = shelf.matching(field, [name])
    if not matching:
        raise BadControl(f"There is no {kind} named {name!r} in company {company.realm}; put it into the seed before what uses it.")
    return str(matching[0])


def _default_accounts(company: Company, body: Json) -> None:
    kind = body.setdefault("Type", "Service")
    if kind == "Category":
        return
    names = {"IncomeAccountRef": INCOME_ACCOUNTS.get(kind, "Services")}
    if kind == "Inventory":
        names |= {"ExpenseAccountRef": _EXPENSE, "AssetAccountRef": _ASSET}
        body.setdefault("TrackQtyOnHand", True)
    for ref, name in names.items():
        if ref not in body:
            body[ref] = {"value": _by_name(company, "Account", name)}
