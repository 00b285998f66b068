"""What every sales form has in common: customer, currency, custom fields, addresses, totals, its end.

Owns the steps; which of them a kind of form takes stands with the kind. Lines, tax, numbers and links have files of their own.
"""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

from integrations.sandbox.messages import Json
from integrations.sandbox.quickbooks import chart, faults, ledger, lines, links, parties, payload, preferences, stock, taxes, times
from integrations.sandbox.quickbooks.change import Change
from integrations.sandbox.quickbooks.companies import Company
from integrations.sandbox.quickbooks.ledger import exact, money

_CUSTOM_FIELDS = ("DefinitionId", "Name", "Type", "StringValue", "BooleanValue", "DateValue", "NumberValue")
_LONGEST_CUSTOM_VALUE = 30
VOIDED = "Voided"


def customer(change: Change) -> Json:
    """The body of the customer that a document is for. Raises VendorFault."""
    number = change.ref("CustomerRef")
    if not number:
        raise faults.missing("CustomerRef")
    row = change.company.shelves["Customer"].get(number)
    if row is None:
        if any(change.company.shelves[kind].get(number) for kind in ("Vendor", "Employee")):
            raise faults.problem("6250", f"Invalid Customer : Names element id {number} is no customer.", "CustomerRef")
        raise faults.bad_reference("Names", number)
    if not row["body"]["Active"] and number != change.old_ref("CustomerRef"):
        raise faults.not_found()
    if change.row.get("links") and number != change.old_ref("CustomerRef") and not change.write.by_hand:
        raise faults.business("The customer of a transaction with linked payments cannot be changed.")
    body: Json = row["body"]
    return body


def settle_currency(change: Change, theirs: Json) -> None:
    """Currency and exchange rate: those of the customer. Raises VendorFault 6000 for another currency."""
    company, body = change.company, change.body
    wanted = change.given.values.get("CurrencyRef", {}).get("value", "")
    code = theirs["CurrencyRef"]["value"]
    if wanted and wanted != code:
        raise faults.business("The currency of the transaction must be the currency of the customer.")
    foreign = code != company.home_currency
    if company.multicurrency and foreign and not wanted and not change.old and not change.write.by_hand:
        raise faults.missing("CurrencyRef")
    body["CurrencyRef"] = parties.currency_ref(company, code)
    if not company.multicurrency:
        body.pop("ExchangeRate", None)
    elif not foreign:
        body["ExchangeRate"] = 1
    else:
        rate = body.get("ExchangeRate") or change.old_body.get("ExchangeRate")
        body["ExchangeRate"] = rate or ledger.number(chart.exchange_rate(code, home=company.home_currency))
    if exact(body.get("ExchangeRate", 1)) <= 0:
        raise faults.problem("2090", f"Invalid Number : {body['ExchangeRate']}", "ExchangeRate")


def settle_date(change: Change) -> None:
    """The document's day: today unless it says otherwise."""
    change.body.setdefault("TxnDate", times.today(datetime.fromtimestamp(change.write.at, UTC)).isoformat())


def settle_custom(change: Change) -> None:
    """The custom fields that the company has, with the values of this document. Raises VendorFault."""
    definitions = preferences.custom_definitions(change.company.preferences("SalesFormsPrefs"))
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


def settle_addresses(change: Change, theirs: Json) -> None:
    """The customer's addresses, where the document names none of its own."""
    for name in ("BillAddr", "ShipAddr"):
        moved = change.old_ref("CustomerRef") != change.ref("CustomerRef")
        if name not in change.given.values and name in theirs and (name not in change.body or moved):
            change.body[name] = dict(theirs[name])


def settle_lines(change: Change, theirs: Json) -> Decimal:
    """Lines with their tax codes and sums; returns the tax. Raises VendorFault."""
    if "Line" not in change.body:
        raise faults.missing("Line")
    change.notes["taxable"] = bool(theirs.get("Taxable", True))
    change.notes["tax_code"] = theirs.get("DefaultTaxCodeRef", {}).get("value")
    kept = lines.read(change)
    if kept is not None:
        taxes.settle_codes(change, kept)
        lines.finish(change, kept)
    return taxes.settle(change)


def settle_totals(change: Change, *, tax: Decimal) -> None:
    """The sum of the document, what is open of it, and both in the home currency. Raises VendorFault 2290."""
    body = change.body
    whole = lines.total(body["Line"]) + tax
    if whole < 0:
        raise faults.problem("2290", "Negative Amount : The total of the transaction cannot be negative.", "TotalAmt")
    body["TotalAmt"] = money(whole)
    if not body.get("Deposit"):
        body.pop("Deposit", None)
    if change.company.multicurrency:
        body["HomeTotalAmt"] = money(whole * exact(body["ExchangeRate"]))
    change.row["links"] = links.trimmed(change.row, room=max(whole - exact(body.get("Deposit")), Decimal(0)))
    links.settle_balance(change.entity.name, change.row, body)


def settle_email(change: Change) -> None:
    """A form that is to be sent needs an address. Raises VendorFault 6420."""
    if change.body["EmailStatus"] == "NeedToSend" and "BillEmail" not in change.body:
        raise faults.problem("6420", "Email address required for delivery type Email : BillEmail is missing.", "BillEmail")


def after(change: Change) -> None:
    """Stock, payments that cover less now, and the balances of the customers concerned."""
    company, at = change.company, change.write.at
    stock.follow(change)
    kind, number = change.entity.name, str(change.body.get("Id") or change.number)
    kept = change.row.get("links", {})
    for payment, amount in (change.old or {}).get("links", {}).items():
        if kept.get(payment) != amount:
            links.give_back(company, payment, (kind, number), keep=exact(kept.get(payment)), at=at)
    for each in {change.old_ref("CustomerRef"), change.ref("CustomerRef")} - {""}:
        ledger.rebalance(company, each, at=at)


def ending(company: Company, row: Json) -> None:
    """Refuse the end of a document with payments when the company is set so. Raises VendorFault 6000."""
    if row.get("links") and company.switch("refuse_ending_paid"):
        raise faults.business("This transaction has linked payments. Unlink them before you void or delete it.")


def voided(body: Json) -> Json:
    """The body of a voided document: same number, nothing owed."""
    zero: Json = {name: 0 for name in ("Balance", "RemainingCredit", "HomeTotalAmt", "HomeBalance") if name in body}
    kept = {name: value for name, value in body.items() if name != "Deposit"}
    empty = {"Line": lines.zeroed(body["Line"]), "TxnTaxDetail": {"TotalTax": 0}, "TotalAmt": 0, "LinkedTxn": []}
    return {**kept, **noted_void(body), **empty, **zero}


def noted_void(body: Json) -> Json:
    """The note that tells of a void, once, before the one that was there."""
    note = str(body.get("PrivateNote") or "")
    if note.startswith(VOIDED):
        return {"PrivateNote": note}
    return {"PrivateNote": f"{VOIDED} - {note}" if note else VOIDED}
