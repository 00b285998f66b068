"""The rules of Customer, Vendor and Employee: the people and firms that share one space of names.

Owns display names made of parts, print names, currencies, sub-customers, opening balances.
"""

from __future__ import annotations

from integrations.sandbox.messages import Json
from integrations.sandbox.quickbooks import faults, ledger, naming
from integrations.sandbox.quickbooks.change import Change, Rules
from integrations.sandbox.quickbooks.chart import CURRENCIES
from integrations.sandbox.quickbooks.companies import Company

NAME_PARTS = ("Title", "GivenName", "MiddleName", "FamilyName", "Suffix")
LONGEST_PRINT_NAME = 110


def currency_ref(company: Company, wanted: str) -> Json:
    """The currency of an object: the wanted one where the company may use it, else its own. Raises VendorFault."""
    code = wanted or company.home_currency
    if code not in CURRENCIES:
        raise faults.bad_reference("Currency", code)
    if code != company.home_currency and not company.multicurrency:
        raise faults.business(f"The currency {code} cannot be used because multicurrency is not enabled for this company.")
    return {"value": code, "name": CURRENCIES[code]}


def _settle_names(change: Change) -> None:
    body = change.body
    if not body.get("DisplayName"):
        built = " ".join(body[part].strip() for part in NAME_PARTS if body.get(part))
        if not built:
            raise faults.problem("6080", "No Name Provided : You must specify a display name or a part of a name.", "DisplayName")
        body["DisplayName"] = built
    if not body["DisplayName"].strip():
        raise faults.problem("6080", "No Name Provided : The display name is blank.", "DisplayName")
    naming.settle(change)
    if not body.get("PrintOnCheckName"):
        body["PrintOnCheckName"] = change.row["name"][:LONGEST_PRINT_NAME]


def _settle_currency(change: Change) -> None:
    old = change.old_ref("CurrencyRef")
    wanted = change.given.values.get("CurrencyRef", {}).get("value", "")
    if old and wanted and wanted != old:
        raise faults.business("The currency of an existing name cannot be changed.")
    change.body["CurrencyRef"] = change.old_body["CurrencyRef"] if old else currency_ref(change.company, wanted)


def _settle_vendor(change: Change) -> None:
    _settle_names(change)
    _settle_currency(change)
    change.body["Balance"] = change.old_body.get("Balance", 0)


def _settle_customer(change: Change) -> None:
    naming.check_parent(change)
    _settle_job(change)
    _settle_names(change)
    _settle_currency(change)
    body, old = change.body, change.old_body
    body["IsProject"] = old.get("IsProject", False)
    body.setdefault("DefaultTaxCodeRef", {"value": "2"})
    body.pop("OpenBalanceDate", None)
    if not change.old:
        opening = ledger.exact(change.given.values.get("Balance"))
        change.row["opening"] = str(opening)
        body["Balance"] = body["BalanceWithJobs"] = ledger.money(opening)
    else:
        body["Balance"], body["BalanceWithJobs"] = old["Balance"], old["BalanceWithJobs"]
        _check_inactive(change)


def _settle_job(change: Change) -> None:
    body, company = change.body, change.company
    parent = change.ref("ParentRef")
    if bool(parent) != bool(body["Job"]):
        raise faults.problem("6150", "ParentRef is required : Job and ParentRef go together.", "ParentRef")
    if body["BillWithParent"] and not parent:
        raise faults.problem("6150", "ParentRef is required : Only a sub-customer can be billed with its parent.", "ParentRef")
    billed = bool(change.number) and bool(company.shelves["Invoice"].matching("CustomerRef", [change.number]))
    if billed and body["BillWithParent"] != change.old_body["BillWithParent"]:
        raise faults.problem("6130", "Cannot change who customer bills with : The customer has been billed already.", "BillWithParent")
    if parent and not change.old:
        above = company.shelves["Customer"].get(parent)
        for name in ("BillAddr", "ShipAddr", "CompanyName"):
            if above and name not in body and name not in change.given.cleared and name in above["body"]:
                value = above["body"][name]
                body[name] = {key: each for key, each in value.items() if key != "Id"} if isinstance(value, dict) else value


def _check_inactive(change: Change) -> None:
    leaving = change.old_body["Active"] and not change.body["Active"]
    bars = change.company.switch("refuse_inactive_with_balance") and not change.write.by_hand
    if leaving and bars and ledger.exact(change.old_body["Balance"]):
        raise faults.problem("6220", "Cannot delete: the object has a balance : Bring it to zero before making it inactive.", "Active")


def _after_customer(change: Change) -> None:
    naming.claim(change)
    company, write = change.company, change.write
    if change.old_ref("ParentRef") != change.ref("ParentRef"):
        for parent in (change.old_ref("ParentRef"), change.ref("ParentRef")):
            if parent:
                ledger.rebalance(company, parent, at=write.at)


RULES = {
    "Customer": Rules(settle=_settle_customer, after=_after_customer),
    "Vendor": Rules(settle=_settle_vendor, after=naming.claim),
    "Employee": Rules(settle=_settle_names, after=naming.claim),
}
