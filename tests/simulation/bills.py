"""Scenarios about invoices: a company that bills on both sides, its two syncs of people and things long in step.

Owns what people do with invoices, and the promises about money and closed books (P5, P6, P8, P13, P17).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from syncapp import models
from tests.runs.two_way import Billing
from tests.simulation import evidence, people, play, promises
from tests.simulation.door import Call

MONEY = frozenset({"Line", "TotalAmt", "CustomerRef", "TxnDate", "CurrencyRef", "HomeTotalAmt"})
KINDS = {people.LEFT: ("invoices", "line_items"), people.RIGHT: ("Invoice", "Payment")}
KEPT = (
    promises.fixed_point, promises.nothing_blocks, promises.single_flight, promises.honest_failure, promises.good_guest,
    promises.bounded_effort, promises.canaries_stay_inside, promises.nobody_is_named,
)
"""What holds for records of any kind, as it is asked of people."""


class Seen(evidence.Seen):
    """What is noted while invoices are synced."""

    def written(self) -> int:
        """How many changes there are to invoices at the vendors that no person made, but for the days overdue, which HubSpot counts."""
        return sum(entry["by"] == "api" and entry["changes"].keys() != {"hs_days_overdue"} for _, entry in entries(self.company))


class Clerk(play.Player):
    """Does what a scenario about invoices says."""

    seen: Seen

    def prepare(self) -> None:
        """Ada is known on both sides, and two things that are sold; invoices go both ways."""
        super().prepare()
        self.desk = Billing(self.company)
        self.desk.both_ways()
        self.config = self.company.config
        self.seen = Seen(company=self.company, memory=self.stage.memory)
        self.begun: list[tuple[str, str]] = []
        self.lines: dict[str, str] = {}

    def _do_draft(self, price: str, quantity: int, final: bool) -> None:
        made = self.company.hubspot.create("invoices", hs_currency="USD", hs_number=f"INV-{1001 + len(self.begun)}")
        line = self.company.hubspot.create(
            "line_items", hs_product_id=self.desk.review_product, name="Review", quantity=str(quantity), price=price
        )
        self.begun.append((people.LEFT, made))
        self.lines[made] = line
        related = {"contacts": [self.desk.ada], "line_items": [line]}
        self.company.hubspot.control("edit", {"type": "invoices", "id": made, "associate": related})
        if final:
            self.company.hubspot.change("invoices", made, hs_invoice_status="open")

    def _do_final(self, which: int) -> None:
        system, key = self.begun[which]
        if system == people.LEFT:
            self.company.hubspot.change("invoices", key, hs_invoice_status="open")

    def _do_bill(self, price: str, quantity: int) -> None:
        made = self.company.quickbooks.create(
            "Invoice", CustomerRef={"value": self.desk.customer}, Line=[self._line(price, quantity)], DocNumber=f"Q-{len(self.begun)}"
        )
        self.begun.append((people.RIGHT, made))

    def _line(self, price: str, quantity: int) -> dict[str, Any]:
        return {
            "DetailType": "SalesItemLineDetail", "Amount": float(Decimal(price) * quantity),
            "SalesItemLineDetail": {"ItemRef": {"value": self.desk.travel}, "Qty": quantity, "UnitPrice": float(price)},
        }

    def _do_price(self, system: str, which: int, price: str) -> None:
        key = self._on(system, which)
        if key is None:
            return
        if system == people.RIGHT:
            self.company.quickbooks.change("Invoice", key, Line=[self._line(price, 1)])
        elif key in self.lines:
            self.company.hubspot.change("line_items", self.lines[key], price=price)

    def _do_pay(self, which: int, share: int) -> None:
        key = self._on(people.RIGHT, which)
        balance = held(self.company, people.RIGHT)[key].get("Balance", 0) if key is not None else 0
        if balance:
            amount = round(balance / share, 2)
            laid = {"Amount": amount, "LinkedTxn": [{"TxnId": key, "TxnType": "Invoice"}]}
            self.company.quickbooks.create("Payment", CustomerRef={"value": self.desk.customer}, TotalAmt=amount, Line=[laid])

    def _do_void(self, which: int) -> None:
        key = self._on(people.RIGHT, which)
        if key is not None:
            self.company.quickbooks.control("edit", {"type": "Invoice", "id": key, "void": True})

    def _on(self, system: str, which: int) -> str | None:
        """The id of an invoice on a side, of which there is none yet if only the other side has it."""
        if which >= len(self.begun):
            return None
        born, key = self.begun[which]
        if born == system:
            return key
        end = "left" if system == people.LEFT else "right"
        other = "right" if end == "left" else "left"
        pair = models.RecordPair.objects.filter(config=self.config, **{f"{other}__external_id": key}).select_related(end).first()
        row = getattr(pair, end) if pair is not None else None
        return row.external_id if row is not None else None

    def meddle(self, entry: dict[str, Any], call: Call) -> str:
        """A person pays, or changes a price, in the middle of a call."""
        if not self.begun or entry["what"] == "cancel":
            return super().meddle(entry, call) if entry["what"] == "cancel" else ""
        which, number = entry["person"] % len(self.begun), entry["number"]
        try:
            if number % 3 == 0:
                self._do_pay(which, 1)
                return f"pay {which}"
            self._do_price(entry["side"], which, f"{number % 700 + 1}.50")
        except AssertionError:
            return ""
        return f"price {entry['side']} {which}"

    def broken(self, found: evidence.Found) -> list[str]:
        """Everything that breaks a promise."""
        told = [*self.seen.wrong, *(words for promise in KEPT for words in promise(found))]
        told += [*one_invoice_for_one(self, found), *money_is_conserved(self, found), *the_last_word_counts(self, found)]
        told += [*closed_books_stay_closed(self), *nothing_is_left(found)]
        for system, entry in entries(self.company):
            self.conductor.events.append(f"{system} {entry['type']} {entry['id']} {entry['verb']} {entry['by']}")
        return sorted(dict.fromkeys(told))


def entries(company: Any) -> list[tuple[str, dict[str, Any]]]:
    """What happened to invoices, their lines and their payments, in its order."""
    found = [
        (entry["at"], system, entry["n"], entry)
        for system, account in company.accounts.items() for entry in account.server.ledger.since(0) if entry["type"] in KINDS[system]
    ]
    return [(system, entry) for _, system, _, entry in sorted(found, key=lambda one: one[:3])]


def held(company: Any, system: str) -> dict[str, dict[str, Any]]:
    """The invoices of a side as they are at the vendor, by id."""
    account = (company.config.left if system == people.LEFT else company.config.right).external_id
    found = company.accounts[system].server.ledger.records(account=account, kind=KINDS[system][0])
    return {key: body for key, body in found.items() if not body.get("archived")}


def one_invoice_for_one(clerk: Clerk, found: evidence.Found) -> Iterator[str]:
    """P5: no invoice has two partners, and none is made that no person's invoice stands behind."""
    creates_of_ours = [
        (system, entry) for system, entry in entries(clerk.company) if entry["verb"] == "create" and entry["by"] == "api"
    ]
    made = Counter(system for system, entry in creates_of_ours if entry["type"] == KINDS[system][0])
    born = Counter(system for system, _ in clerk.begun)
    for system, other in ((people.LEFT, people.RIGHT), (people.RIGHT, people.LEFT)):
        if made[system] > born[other]:
            yield f"P5: {made[system]} invoices were made in {system} for {born[other]}"
    creates = Counter(one.pair_id for one in found.operations if one.kind == "CREATE" and one.status == "DONE")
    for pair in found.pairs:
        if creates[pair.pk] > 1:
            yield "P5: an invoice had a partner made for it more than once"


def money_is_conserved(clerk: Clerk, found: evidence.Found) -> Iterator[str]:
    """P6: both invoices of a pair in sync are about the same amount, unless somebody is told otherwise."""
    for _, amounts in _compared(clerk, found):
        if amounts[0] != amounts[1]:
            yield f"P6: an invoice about {amounts[0]} in hubspot is about {amounts[1]} in quickbooks"


def the_last_word_counts(clerk: Clerk, found: evidence.Found) -> Iterator[str]:
    """P8: what both invoices are about is what a person typed last on either side, unless somebody is told otherwise."""
    typed = _typed(clerk)
    for pair, amounts in _compared(clerk, found):
        ends = [(system, row.external_id) for system, row in ((people.LEFT, pair.left), (people.RIGHT, pair.right)) if row is not None]
        last = max((typed[end] for end in ends if end in typed), default=None)
        if last is not None and last[1] not in amounts:
            yield f"P8: an invoice that a person made one about {last[1]} is about {amounts[0]} and told nowhere"


def _typed(clerk: Clerk) -> dict[tuple[str, str], tuple[int, Decimal]]:
    """The amount of each invoice of which a person typed the amount, or a part of it, and in which turn it was typed last."""
    owners = {line: invoice for invoice, line in clerk.lines.items()}
    lines: dict[str, dict[str, Decimal]] = {}
    typed: dict[tuple[str, str], tuple[int, Decimal]] = {}
    for turn, (system, entry) in enumerate(entries(clerk.company)):
        key, changes = entry["id"], {name: both[1] for name, both in entry["changes"].items()}
        if entry["type"] == "line_items":
            parts = lines.setdefault(key, {})
            moved = {name: Decimal(str(changes[name] or 0)) for name in ("price", "quantity") if name in changes}
            parts |= moved
            if moved and entry["by"] != "api" and key in owners:
                typed[(system, owners[key])] = (turn, round(parts["price"] * parts["quantity"], 2))
        elif entry["type"] == "Invoice" and entry["by"] != "api" and "TotalAmt" in changes:
            typed[(system, key)] = (turn, Decimal(str(changes["TotalAmt"] or 0)))
    return typed


def _compared(clerk: Clerk, found: evidence.Found) -> Iterator[tuple[models.RecordPair, list[Decimal]]]:
    """Pairs in sync of which nobody is told anything, with the amount of both invoices."""
    left, right = (held(clerk.company, system) for system in (people.LEFT, people.RIGHT))
    told = {row.pair_id for row in found.conflicts}
    for pair in found.pairs:
        if pair.state != "LINKED" or pair.left is None or pair.right is None or pair.flagged or pair.pk in told:
            continue
        ours, books = left.get(pair.left.external_id), right.get(pair.right.external_id)
        if ours is None or books is None or "Voided" in str(books.get("PrivateNote", "")):
            continue
        yield pair, [Decimal(str(one or 0)) for one in (ours.get("hs_amount_billed"), books["TotalAmt"])]


def closed_books_stay_closed(clerk: Clerk) -> Iterator[str]:
    """P13: nothing of ours changes the money of an invoice that is paid or void."""
    state: dict[str, dict[str, Any]] = {}
    for system, entry in entries(clerk.company):
        if entry["type"] != "Invoice":
            continue
        body = state.setdefault(entry["id"], {})
        closed = bool(body) and (not body.get("Balance") or "Voided" in str(body.get("PrivateNote", "")))
        if entry["by"] == "api" and entry["verb"] != "create" and closed and MONEY & set(entry["changes"]):
            yield f"P13: {', '.join(sorted(MONEY & set(entry['changes'])))} of a closed invoice was changed in {system}"
        body |= {name: change[1] for name, change in entry["changes"].items()}


def nothing_is_left(found: evidence.Found) -> Iterator[str]:
    """P17: no entry is left half done, and no invoice is out of step for no reason."""
    for operation in found.operations:
        if operation.status in promises.OPEN:
            yield f"P17: an entry is left {operation.status}"
    for pair in found.pairs:
        if pair.state not in ("LINKED", "CONFLICT") and pair.reason == "NONE":
            yield f"P17: an invoice is {pair.state} for no reason"
