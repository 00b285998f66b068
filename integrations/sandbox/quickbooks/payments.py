"""The rules of Payment: money received, and the invoices and credit memos that it is laid on.

Owns what a payment may claim. What its claims do to the documents stands in `links`.
"""

from __future__ import annotations

from decimal import Decimal

from integrations.sandbox.messages import Json
from integrations.sandbox.quickbooks import closing, faults, ledger, links, payload, sales
from integrations.sandbox.quickbooks.change import Change, Rules
from integrations.sandbox.quickbooks.companies import Company
from integrations.sandbox.quickbooks.ledger import exact, money

_LINE_FIELDS = ("Id", "LineNum", "Description", "Amount", "DetailType", "LinkedTxn", "LineEx", "CustomField", "PaymentLineDetail")
_LINK_FIELDS = ("TxnId", "TxnType", "TxnLineId")


def _settle(change: Change) -> None:
    company, body, by_hand = change.company, change.body, change.write.by_hand
    if change.old and not by_hand:
        closing.check(company, change.old_body)
    theirs = sales.customer(change)
    sales.settle_date(change)
    if not by_hand:
        closing.check(company, body)
    sales.settle_currency(change, theirs)
    if "TotalAmt" not in body:
        raise faults.missing("TotalAmt")
    total = ledger.cents(exact(body["TotalAmt"]))
    if total < 0:
        raise faults.problem("2290", "Negative Amount : The amount of a payment cannot be negative.", "TotalAmt")
    body["TotalAmt"] = money(total)
    if "Line" in change.given.values:
        body["Line"] = [_line(line) for line in change.given.values["Line"]]
    body["Line"] = [line for line in body.get("Line", []) if exact(line["Amount"])]
    wanted = links.claims(body)
    for target, amount in wanted.items():
        _check_claim(change, target, amount)
    unapplied = total - links.applied(wanted)
    if unapplied < 0:
        raise faults.business("The amounts of the lines are more than the amount of the payment.")
    if unapplied > total:
        raise faults.business("The credits that are used are more than the invoices that they are used for.")
    body["UnappliedAmt"] = money(unapplied)
    body["LinkedTxn"] = []
    if "DepositToAccountRef" not in body:
        body["DepositToAccountRef"] = {"value": _undeposited(company)}


def _line(sent: Json) -> Json:
    for name in sent:
        if name not in _LINE_FIELDS:
            raise payload.unknown_property(name, "Line", list(_LINE_FIELDS))
    amount = payload.number_of(sent.get("Amount", ""))
    if amount is None:
        raise faults.missing("Line.Amount")
    if amount < 0:
        raise faults.problem("2290", "Negative Amount : The amount of a payment line cannot be negative.", "Line.Amount")
    linked = sent.get("LinkedTxn")
    if not isinstance(linked, list) or len(linked) != 1 or not isinstance(linked[0], dict):
        raise faults.missing("Line.LinkedTxn")
    for name in linked[0]:
        if name not in _LINK_FIELDS:
            raise payload.unknown_property(name, "LinkedTxn", list(_LINK_FIELDS))
    number, kind = (payload.text_of(linked[0].get(name) or "") for name in ("TxnId", "TxnType"))
    return {"Amount": money(ledger.cents(exact(amount))), "LinkedTxn": [{"TxnId": number, "TxnType": kind}]}


def _check_claim(change: Change, target: links.Target, amount: Decimal) -> None:
    """Refuse what is not there, belongs to somebody else (620), or is more than what is open (6000)."""
    kind, number = target
    row = change.company.shelves[kind].get(number) if kind in links.PAYABLE else None
    theirs = row["body"]["CustomerRef"]["value"] if row else ""
    if row is None or change.ref("CustomerRef") not in _family(change.company, theirs):
        raise faults.problem("620", f"TxnID Cannot Be Linked : Cannot validate linked transactions: {faults.INACTIVE}", "Line.LinkedTxn")
    mine = exact(row.get("links", {}).get(change.number)) if change.number else Decimal(0)
    if amount > exact(row["body"]["Balance"]) + mine:
        raise faults.business(f"You cannot apply more than the open balance of {kind} {row['body'].get('DocNumber', number)}.")


def _family(company: Company, customer: str) -> list[str]:
    """A customer and those above it, any of whom may pay."""
    found = [customer]
    row = company.shelves["Customer"].get(customer)
    while row is not None and "ParentRef" in row["body"]:
        found.append(str(row["body"]["ParentRef"]["value"]))
        row = company.shelves["Customer"].get(found[-1])
    return found


def _undeposited(company: Company) -> str:
    rows = company.shelves["Account"].rows()
    return next((str(row["body"]["Id"]) for row in rows if row["body"]["AccountSubType"] == "UndepositedFunds"), "")


def _after(change: Change) -> None:
    company, at = change.company, change.write.at
    number = str(change.body.get("Id") or change.number)
    links.move(company, number, old=links.claims(change.old_body), new=links.claims(change.body), at=at)
    for each in {change.old_ref("CustomerRef"), change.ref("CustomerRef")} - {""}:
        ledger.rebalance(company, each, at=at)


def _voided(body: Json) -> Json:
    return {**body, **sales.noted_void(body), "TotalAmt": 0, "UnappliedAmt": 0, "Line": [], "LinkedTxn": []}


RULES = {"Payment": Rules(settle=_settle, after=_after, voided=_voided)}
