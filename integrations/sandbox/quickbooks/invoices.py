"""The rules of Invoice: customer, dates, number, addresses, and totals simply summed from the lines.

Owns everything of an invoice but its lines. Payments will lower Balance through `row["paid"]`.
"""

from __future__ import annotations

import calendar
import re
from datetime import UTC, date, datetime, timedelta

from integrations.sandbox.messages import Json
from integrations.sandbox.quickbooks import faults, ledger, lines, parties, payload, times
from integrations.sandbox.quickbooks.change import Change, Rules
from integrations.sandbox.quickbooks.companies import Company

_CUSTOM_NAME = "SalesFormsPrefs.SalesCustomName"
_CUSTOM_USE = "SalesFormsPrefs.UseSalesCustom"
_CUSTOM_FIELDS = ("DefinitionId", "Name", "Type", "StringValue", "BooleanValue", "DateValue", "NumberValue")
_LONGEST_CUSTOM_VALUE = 30
VOIDED = "Voided"


def check_books(company: Company, body: Json) -> None:
    """Refuse to touch what lies in a closed period. Raises VendorFault 6200 or 6210."""
    closed = company.books_closed_on
    if closed and body["TxnDate"] <= closed:
        code = "6210" if company.switch("books_closed_password") else "6200"
        detail = (
            "The account period has closed and the account books cannot be updated through the QBO Services API. "
            "Please use the QBO website to make these changes."
        )
        raise faults.problem(code, detail)


def voided(body: Json) -> Json:
    """The body of a voided invoice: same number, nothing owed."""
    note = body.get("PrivateNote")
    return {
        **body,
        "PrivateNote": f"{VOIDED} - {note}" if note else VOIDED,
        "Line": lines.zeroed(body["Line"]),
        "TxnTaxDetail": {"TotalTax": 0},
        "TotalAmt": 0,
        "Balance": 0,
    }


def custom_definitions(company: Company) -> dict[str, str]:
    """The enabled custom fields of sales forms: definition id and label."""
    found: dict[str, Json] = {}
    for outer in company.preferences("SalesFormsPrefs").get("CustomField", []):
        for entry in outer.get("CustomField", []):
            found[str(entry.get("Name", ""))] = entry
    used = [name for name, entry in found.items() if name.startswith(_CUSTOM_USE) and entry.get("BooleanValue")]
    numbers = [name.removeprefix(_CUSTOM_USE) for name in used]
    return {number: str(found.get(f"{_CUSTOM_NAME}{number}", {}).get("StringValue", "")) for number in sorted(numbers)}


def _settle(change: Change) -> None:
    company, body = change.company, change.body
    if change.old and not change.write.by_hand:
        check_books(company, change.old_body)
    customer = _customer(change)
    if "Line" not in body:
        raise faults.missing("Line")
    _settle_money_kind(change, customer)
    _settle_custom(change)
    lines.settle(change)
    _settle_dates(change, customer)
    if not change.write.by_hand:
        check_books(company, body)
    _settle_addresses(change, customer)
    _settle_totals(change)
    if body["EmailStatus"] == "NeedToSend" and "BillEmail" not in body:
        raise faults.problem("6420", "Email address required for delivery type Email : BillEmail is missing.", "BillEmail")
    body["LinkedTxn"] = change.old_body.get("LinkedTxn", [])
    _settle_number(change)


def _customer(change: Change) -> Json:
    number = change.ref("CustomerRef")
    if not number:
        raise faults.missing("CustomerRef")
    row = change.company.shelves["Customer"].get(number) if number.isdecimal() else None
    if row is None:
        if any(change.company.shelves[kind].get(number) for kind in ("Vendor", "Employee")):
            raise faults.problem("6250", f"Invalid Customer : Names element id {number} is no customer.", "CustomerRef")
        raise faults.bad_reference("Names", number)
    if not row["body"]["Active"] and number != change.old_ref("CustomerRef"):
        raise faults.not_found()
    body: Json = row["body"]
    return body


def _settle_money_kind(change: Change, customer: Json) -> None:
    wanted = change.given.values.get("CurrencyRef", {}).get("value", "")
    theirs = customer["CurrencyRef"]["value"]
    if wanted and wanted != theirs:
        raise faults.business("The currency of the transaction must be the currency of the customer.")
    if change.company.multicurrency and not wanted and not change.old and theirs != change.company.home_currency:
        raise faults.missing("CurrencyRef")
    change.body["CurrencyRef"] = parties.currency_ref(change.company, theirs)
    if not change.company.multicurrency:
        change.body.pop("ExchangeRate", None)


def _settle_custom(change: Change) -> None:
    definitions = custom_definitions(change.company)
    values = {entry["DefinitionId"]: entry.get("StringValue", "") for entry in change.old_body.get("CustomField", [])}
    sent = change.given.values.get("CustomField")
    if sent is not None or not change.sparse:
        values = {}
    for entry in sent or []:
        for name in entry:
            if name not in _CUSTOM_FIELDS:
                raise payload.unknown_property(name, "CustomField", list(_CUSTOM_FIELDS))
        number, value = str(entry.get("DefinitionId", "")), payload.text_of(entry.get("StringValue") or "")
        if value and number not in definitions:
            raise faults.problem("3000", f"Invalid Custom Field : {number}", "CustomField")
        if len(value) > _LONGEST_CUSTOM_VALUE:
            raise faults.too_long("CustomField", limit=_LONGEST_CUSTOM_VALUE, length=len(value))
        values[number] = value
    change.body["CustomField"] = [
        {"DefinitionId": number, "Name": label, "Type": "StringType"} | ({"StringValue": values[number]} if values.get(number) else {})
        for number, label in definitions.items()
    ]


def _settle_dates(change: Change, customer: Json) -> None:
    body, company = change.body, change.company
    body.setdefault("TxnDate", times.today(datetime.fromtimestamp(change.write.at, UTC)).isoformat())
    if "DueDate" not in body:
        default = company.preferences("SalesFormsPrefs").get("DefaultTerms", {}).get("value", "")
        number = change.ref("SalesTermRef") or customer.get("SalesTermRef", {}).get("value", "") or default
        term = company.shelves["Term"].get(number) if str(number).isdecimal() else None
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


def _settle_addresses(change: Change, customer: Json) -> None:
    for name in ("BillAddr", "ShipAddr"):
        moved = change.old_ref("CustomerRef") != change.ref("CustomerRef")
        if name not in change.given.values and name in customer and (name not in change.body or moved):
            change.body[name] = dict(customer[name])


def _settle_totals(change: Change) -> None:
    body = change.body
    tax = payload.number_of((body.get("TxnTaxDetail") or {}).get("TotalTax") or 0)
    body["TxnTaxDetail"] = {**(body.get("TxnTaxDetail") or {}), "TotalTax": ledger.money(ledger.exact(tax))}
    whole = lines.total(body["Line"]) + ledger.exact(tax)
    if whole < 0:
        raise faults.problem("2290", "Negative Amount : The total of the transaction cannot be negative.", "TotalAmt")
    body["TotalAmt"] = ledger.money(whole)
    paid = ledger.exact(change.row.get("paid")) + ledger.exact(body.get("Deposit"))
    body["Balance"] = ledger.money(whole - paid)
    if not body.get("Deposit"):
        body.pop("Deposit", None)


def _settle_number(change: Change) -> None:
    body, company = change.body, change.company
    if not body.get("DocNumber") and change.old:
        if "DocNumber" not in change.given.cleared and change.old_body.get("DocNumber"):
            body["DocNumber"] = change.old_body["DocNumber"]
        return
    if not body.get("DocNumber"):
        if not company.preferences("SalesFormsPrefs").get("CustomTxnNumbers"):
            body["DocNumber"] = company.take("doc")
        return
    if body["DocNumber"] == change.old_body.get("DocNumber"):
        return
    taken = company.shelves["Invoice"].matching("DocNumber", [body["DocNumber"]])
    if taken and "allowduplicatedocnum" not in change.write.include and not change.write.by_hand:
        raise faults.problem(
            "6140",
            "Duplicate Document Number Error : You must specify a different number. This number has already been used. "
            f"DocNumber={body['DocNumber']} is assigned to TxnType=Invoice with TxnId={taken[0]}",
        )
    digits = re.fullmatch(r"\d{1,12}", body["DocNumber"])
    if digits:
        company.reach("doc", int(body["DocNumber"]))


def _after(change: Change) -> None:
    for number in {change.old_ref("CustomerRef"), change.ref("CustomerRef")} - {""}:
        ledger.rebalance(change.company, number, at=change.write.at)


RULES = {"Invoice": Rules(settle=_settle, after=_after)}
