"""What the settings of a QuickBooks company mean for a sync that makes invoices there: what bars it, and what a person should know.

Owns these checks. They go by the facts of the connection as last told, make no call and change nothing.
"""
from __future__ import annotations

import enum
from collections.abc import Iterator
from dataclasses import dataclass

from syncapp.engine import vocabulary
from syncapp.engine.vocabulary import Direction, Side
from syncapp.engine.wording import say
from syncapp.services import defaults, drafts

_HOME = ("", "US")


class Level(enum.StrEnum):
    """How much a piece of advice matters."""

    WARNING = "WARNING"
    ADVICE = "ADVICE"


@dataclass(frozen=True, kw_only=True)
class Advice:
    """Something that keeps nothing from running: the sentence, and the setting that it is about."""

    level: Level
    field: str
    words: str


def barred(*, draft: drafts.Draft) -> Iterator[str]:
    """Say why the company would refuse every invoice that the sync makes there, each with the remedy."""
    config, owner = draft.config, defaults.ownership(config=draft.config)
    if owner is None:
        return
    told = config.right.details
    if owner.field not in draft.known[Side.LEFT]:
        yield say(
            "The HubSpot account does not show by which invoices it bills (“{field}”), so it cannot be told which of them QuickBooks is to"
            " get. Refresh the fields of the HubSpot connection, or let the sync go “{direction}” only.",
            field=owner.field, direction=Direction.TO_LEFT.label,
        )
    if told.get("country", "") not in _HOME and told.get("sales tax") != "off":
        yield say(
            "This QuickBooks company requires a tax code on every line of an invoice, and HubSpot's invoices have none, so they cannot be"
            " made there. Make invoices in QuickBooks and let the sync go “{direction}” only.", direction=Direction.TO_LEFT.label,
        )
    if told.get("revenue recognition") == "yes":
        yield say(
            "Enter a service date: revenue recognition is on in this QuickBooks company, so every line of an invoice needs a service date,"
            " and HubSpot's lines have none. Switch it off in QuickBooks and report on it separately, or let the sync go “{direction}”"
            " only. Then press Test on the page of the QuickBooks connection.", direction=Direction.TO_LEFT.label,
        )
    for key in defaults.match_keys(config=config):
        if not draft.maps(left=key.left, right=key.right):
            yield say(
                "Without a mapping of “{right}” to “{left}” an invoice could be made twice once this sync is set up anew. Press Recommended"
                " mappings, or switch that mapping on.", left=key.left, right=key.right,
            )


def advice(*, draft: drafts.Draft) -> Iterator[Advice]:
    """Name what a person should know before invoices are made in QuickBooks."""
    config = draft.config
    if defaults.ownership(config=config) is None:
        return
    told = config.right.details
    yield from _numbers(draft)
    if told.get("sales tax", "off") != "off" and told.get("country", "") in _HOME:
        words = say(
            "Sales tax is on in QuickBooks. HubSpot's invoices have no tax: make invoices with tax in QuickBooks. Where QuickBooks adds tax"
            " to one that HubSpot bills, the pair fails and shows both amounts."
        )
        yield Advice(level=Level.WARNING, field="direction", words=words)
    if not told.get("books closed until"):
        words = say(
            "QuickBooks has no closing date. Set one under account and settings, advanced, so that no sync changes closed books."
        )
        yield Advice(level=Level.ADVICE, field="direction", words=words)
    people = next((one for one in draft.siblings if one.object_pair == vocabulary.ObjectPair.CONTACT_CUSTOMER), None)
    if people is not None and not Direction(people.direction).allows(Side.RIGHT):
        words = say(
            "The sync “{sync}” makes no customers in QuickBooks, so only invoices of contacts who are customers already, or share an"
            " e-mail address with one, can be made there.", sync=people,
        )
        yield Advice(level=Level.WARNING, field="direction", words=words)


def _numbers(draft: drafts.Draft) -> Iterator[Advice]:
    """Whether who numbers the invoices goes with the mapping of the number."""
    own = draft.config.right.details.get("custom transaction numbers") == "yes"
    numbered = draft.maps(right="DocNumber", direction=Direction.BOTH)
    if own and numbered:
        words = say(
            "Custom transaction numbers are on in QuickBooks, so invoices keep HubSpot's number there, prefix and all. A number that is in"
            " use already makes the invoice fail. Switch the setting off in QuickBooks if it should number them."
        )
        yield Advice(level=Level.WARNING, field="mappings", words=words)
    elif own:
        words = say(
            "Custom transaction numbers are on in QuickBooks, so HubSpot's invoices have no number there. Press Recommended mappings."
        )
        yield Advice(level=Level.WARNING, field="mappings", words=words)
    elif numbered:
        words = say(
            "QuickBooks numbers its forms itself, and HubSpot's number is written there all the same. To let QuickBooks number them, set"
            " the mapping of the number to “{direction}”.", direction=Direction.TO_LEFT.label,
        )
        yield Advice(level=Level.WARNING, field="mappings", words=words)
