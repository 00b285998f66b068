"""What payments and documents have to do with each other: how much of which payment went where.

Owns LinkedTxn, the open balances of invoices and credit memos, and UnappliedAmt. A document's row keeps `links`, the amount for each
payment; a payment's lines say the same from the other side. Whatever takes an amount away on one side takes it away on both.
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

from integrations.sandbox.messages import Json
from integrations.sandbox.quickbooks import ledger, times
from integrations.sandbox.quickbooks.companies import Company
from integrations.sandbox.quickbooks.ledger import exact, money

PAYABLE = ("Invoice", "CreditMemo")
PAYMENT = "Payment"
Target = tuple[str, str]


def claims(body: Json) -> dict[Target, Decimal]:
    """What a payment lays on which document, by its type and id."""
    found: dict[Target, Decimal] = {}
    for line in body.get("Line", []):
        linked = line["LinkedTxn"][0]
        target = (linked["TxnType"], linked["TxnId"])
        found[target] = found.get(target, Decimal(0)) + exact(line["Amount"])
    return found


def applied(wanted: dict[Target, Decimal]) -> Decimal:
    """How much of a payment's own money its claims use up: invoices less credits."""
    return sum((amount if kind == "Invoice" else -amount for (kind, _), amount in wanted.items()), Decimal(0))


def paid(row: Json) -> Decimal:
    """How much of a document its payments cover."""
    return sum((exact(amount) for amount in row.get("links", {}).values()), Decimal(0))


def settle_balance(kind: str, row: Json, body: Json) -> None:
    """Bring a document's open balance and links up to what is paid of it."""
    balance = exact(body["TotalAmt"]) - exact(body.get("Deposit")) - paid(row)
    if kind == "RefundReceipt":
        balance = Decimal(0)
    body["Balance"] = money(balance)
    if kind == "CreditMemo":
        body["RemainingCredit"] = body["Balance"]
    if "HomeTotalAmt" in body:
        body["HomeBalance"] = money(balance * exact(body["ExchangeRate"]))
    body["LinkedTxn"] = [{"TxnId": number, "TxnType": PAYMENT} for number in row.get("links", {})]


def trimmed(row: Json, *, room: Decimal) -> dict[str, str]:
    """The links of a document of which only `room` can still be covered: the newest payments give back first."""
    found: dict[str, str] = dict(row.get("links", {}))
    for number in sorted(found, key=int, reverse=True):
        covered = sum((exact(amount) for amount in found.values()), Decimal(0))
        if covered <= room:
            break
        rest = exact(found[number]) - (covered - room)
        if rest > 0:
            found[number] = str(rest)
        else:
            del found[number]
    return found


def move(company: Company, payment: str, *, old: dict[Target, Decimal], new: dict[Target, Decimal], at: int) -> None:
    """Carry a payment's claims over to the documents that they concern."""
    for target in dict.fromkeys([*old, *new]):
        if old.get(target) != new.get(target):
            _cover(company, target, payment, new.get(target, Decimal(0)), at=at)


def give_back(company: Company, payment: str, target: Target, *, keep: Decimal, at: int) -> None:
    """Let a payment cover only `keep` of a document that has changed or gone; the document itself is up to date already."""
    row = company.shelves[PAYMENT].get(payment)
    if row is None:
        return
    old = claims(row["body"])
    new = {**old, target: keep}
    _balance(new, total=exact(row["body"]["TotalAmt"]))
    new = {each: amount for each, amount in new.items() if amount}
    _save_claims(company, payment, new, at=at)
    others = {each: amount for each, amount in old.items() if each != target}
    move(company, payment, old=others, new={each: amount for each, amount in new.items() if each != target}, at=at)


def touch(company: Company, kind: str, number: str, change: Callable[[Json, Json], None], *, at: int) -> None:
    """Save an object that something else has changed: SyncToken and time move. `change` gets a copy of row and body."""
    shelf = company.shelves[kind]
    old = shelf.get(number)
    if old is None:
        return
    row, body = dict(old), dict(old["body"])
    change(row, body)
    row["at"] = max(at, int(row["at"]))
    body["SyncToken"] = str(int(body["SyncToken"]) + 1)
    body["MetaData"] = {**body["MetaData"], "LastUpdatedTime": times.stamp(row["at"])}
    row["body"] = {name: body[name] for name in shelf.entity.order if name in body}
    shelf.put(number, row)
    company.happened("Update", kind, number)


def _balance(wanted: dict[Target, Decimal], *, total: Decimal) -> None:
    """Make claims agree with a payment's money: no invoice is covered by nothing, and credit that is not used stays on its memo."""
    for kind, excess in (("Invoice", applied(wanted) - total), ("CreditMemo", -applied(wanted))):
        left = max(excess, Decimal(0))
        for target in [each for each in wanted if each[0] == kind]:
            less = min(left, wanted[target])
            wanted[target] -= less
            left -= less


def _cover(company: Company, target: Target, payment: str, amount: Decimal, *, at: int) -> None:
    kind, number = target

    def change(row: Json, body: Json) -> None:
        links = {each: covered for each, covered in row.get("links", {}).items() if each != payment}
        row["links"] = {**links, payment: str(amount)} if amount else links
        settle_balance(kind, row, body)

    touch(company, kind, number, change, at=at)
    row = company.shelves[kind].get(number)
    if row is not None:
        ledger.rebalance(company, row["body"]["CustomerRef"]["value"], at=at)


def _save_claims(company: Company, payment: str, wanted: dict[Target, Decimal], *, at: int) -> None:
    def change(row: Json, body: Json) -> None:
        body["Line"] = [
            {"Amount": money(amount), "LinkedTxn": [{"TxnId": number, "TxnType": kind}]} for (kind, number), amount in wanted.items()
        ]
        body["UnappliedAmt"] = money(exact(body["TotalAmt"]) - applied(wanted))

    touch(company, PAYMENT, payment, change, at=at)
    row = company.shelves[PAYMENT].get(payment)
    if row is not None:
        ledger.rebalance(company, row["body"]["CustomerRef"]["value"], at=at)
