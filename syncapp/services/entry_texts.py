"""The words of a timeline entry about a payment, as HubSpot's notes hold them.

Owns the wording and the HTML: little of it, with every value escaped, written so that HubSpot keeps it just as it is. The same facts
always make the same text. Looks nothing up.
"""
from __future__ import annotations

import enum
import html
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

MOST_SHARES = 100
"""A note has an end; a payment of more invoices tells how many more there are."""
_CENT = Decimal("0.01")
_WITHOUT_CENTS = frozenset({"CLP", "ISK", "JPY", "KRW", "PYG", "VND", "XAF", "XOF"})


class Heading(enum.Enum):
    """What an entry is about: its first words, and what it is called where it was voided."""

    PAYMENT = "Payment received", "payment"
    CREDIT_USED = "Credit memo applied", "application of a credit memo"
    CREDIT = "Credit memo issued", "credit memo"
    REFUND = "Refund paid", "refund"


@dataclass(frozen=True, kw_only=True)
class Share:
    """What went to one invoice, and what was left to pay of it then, if that is known."""

    number: str
    amount: Decimal
    remaining: Decimal | None = None


@dataclass(frozen=True, kw_only=True)
class Credit:
    """What was taken from a credit memo."""

    number: str
    amount: Decimal


@dataclass(frozen=True, kw_only=True)
class Entry:
    """What is to be told. Of a voided payment `amount` and `shares` are what they were before, as far as that was seen."""

    heading: Heading
    amount: Decimal | None
    currency: str = ""
    day: str = ""
    method: str = ""
    reference: str = ""
    link: str = ""
    shares: Sequence[Share] = ()
    credits: Sequence[Credit] = ()
    voided: bool = False


def text(entry: Entry) -> str:
    """Write an entry."""
    return "<br>".join((f"<strong>{_said(_first(entry))}</strong>", *map(_said, _lines(entry)), *_linked(entry)))


def money(amount: Decimal, currency: str) -> str:
    """Write an amount with its currency: 1,250.00 USD."""
    unit = Decimal(1) if currency in _WITHOUT_CENTS else _CENT
    return f"{amount.quantize(unit, rounding=ROUND_HALF_UP):,f} {currency}".strip()


def _first(entry: Entry) -> str:
    amount = money(entry.amount, entry.currency) if entry.amount is not None else ""
    first, called = entry.heading.value
    if entry.voided:
        return f"VOIDED: {called} of {amount}" if amount else f"VOIDED: {called}"
    return f"{first}: {amount}" if amount else first


def _lines(entry: Entry) -> Iterator[str]:
    facts = (("Date", entry.day), ("Method", entry.method), ("Reference", entry.reference))
    yield from (f"{name}: {fact}" for name, fact in facts if fact)
    if entry.voided:
        yield "It was voided in QuickBooks and counts no more."
        if entry.shares:
            yield f"Before, it was applied to {_listed(f'invoice {one.number}' for one in entry.shares)}."
        return
    yield from (f"Credit memo {one.number}: {money(one.amount, entry.currency)} used" for one in entry.credits[:MOST_SHARES])
    yield from (_share(one, entry.currency) for one in entry.shares[:MOST_SHARES])
    if not entry.shares and entry.heading in (Heading.PAYMENT, Heading.CREDIT_USED):
        yield "It is not applied to any invoice now."
    if len(entry.shares) > MOST_SHARES:
        yield f"and {len(entry.shares) - MOST_SHARES} more invoices"


def _share(share: Share, currency: str) -> str:
    told = f"Invoice {share.number}: {money(share.amount, currency)} applied"
    return told if share.remaining is None else f"{told}, remaining balance {money(share.remaining, currency)}"


def _listed(names: Iterable[str]) -> str:
    known = list(names)
    more = [f"{len(known) - MOST_SHARES} more"] if len(known) > MOST_SHARES else []
    return ", ".join((*known[:MOST_SHARES], *more))


def _linked(entry: Entry) -> tuple[str, ...]:
    return (f'<a href="{html.escape(_plain(entry.link))}">Open in QuickBooks</a>',) if entry.link else ()


def _said(words: str) -> str:
    """Words as they stand in HTML. An apostrophe stays one: escaping it is not needed, and would be undone."""
    return html.escape(_plain(words), quote=False)


def _plain(words: str) -> str:
    """One line of what can be seen."""
    return "".join(sign for sign in " ".join(words.split()) if sign.isprintable())
