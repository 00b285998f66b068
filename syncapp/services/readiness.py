"""The checks of a sync as its page shows them: area by area, what is good, what to mind and what to mend.

Owns the areas and what is said where all is well. What is wrong is found by `services.configs`. Makes no call and changes nothing.
"""
from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from syncapp import models
from syncapp.connectors import base
from syncapp.engine.vocabulary import ObjectPair, Side, System
from syncapp.engine.wording import count, later, say
from syncapp.engine.words import Word
from syncapp.selectors import webhooks
from syncapp.selectors import words as shown
from syncapp.services import books, config_checks, connections, defaults
from syncapp.services.config_checks import Problem

TOLD = {
    "country": later("country"), "sales tax": later("sales tax"), "revenue recognition": later("revenue recognition"),
    "custom transaction numbers": later("custom transaction numbers"), "books closed until": later("books closed until"),
    "multicurrency": later("multicurrency"),
}
"""Settings of a QuickBooks company that matter to invoices, as its connection keeps them, and what a person calls them."""
FIELDS_AGE = timedelta(days=30)
CLOCKS_APART = timedelta(minutes=1)


class Mark(Word):
    """How much a sentence matters."""

    GOOD = "GOOD", "Good"
    ADVICE = "ADVICE", "Advice"
    MIND = "MIND", "Mind"
    MEND = "MEND", "Mend"


class Area(Word):
    """What is checked."""

    ACCOUNTS = "ACCOUNTS", "Accounts"
    DIRECTION = "DIRECTION", "Objects and direction"
    MATCHING = "MATCHING", "Matching"
    NEW_RECORDS = "NEW_RECORDS", "New QuickBooks records"
    MAPPINGS = "MAPPINGS", "Field mappings"
    FILTERS = "FILTERS", "Filters"
    COMPANY = "COMPANY", "QuickBooks company"
    CURRENCIES = "CURRENCIES", "Currencies"
    PROPERTIES = "PROPERTIES", "QuickBooks properties in HubSpot"
    KEY = "KEY", "Key of the sync in HubSpot"
    FIELD_LISTS = "FIELD_LISTS", "Lists of fields"
    WEBHOOKS = "WEBHOOKS", "Webhooks"
    PERMISSIONS = "PERMISSIONS", "Permissions at the vendors"
    CLOCKS = "CLOCKS", "Clocks"


GOOD = {
    Area.ACCOUNTS: later("Both accounts are connected and can be used."),
    Area.DIRECTION: later("These records can go this way, and no other sync keeps them in step."),
    Area.MATCHING: later("Both accounts have the fields to match by."),
    Area.NEW_RECORDS: later("What new records are given is chosen and is there."),
    Area.MAPPINGS: later("The fields are there and fit each other, and what new records need is mapped."),
    Area.FILTERS: later("The conditions fit their fields."),
    Area.COMPANY: later("Its settings allow this sync."),
    Area.CURRENCIES: later("Both accounts keep their amounts in one currency."),
    Area.PROPERTIES: later("They are there."),
    Area.KEY: later("The property that keeps it is there, so no record is created twice."),
    Area.FIELD_LISTS: later("They were read within the last 30 days."),
    Area.PERMISSIONS: later("Both accounts granted all that is needed."),
    Area.CLOCKS: later("The clock here goes with those of the vendors."),
}
"""What is said of an area where all is well."""


@dataclass(frozen=True, kw_only=True)
class Line:
    """One sentence, and how much it matters."""

    mark: Mark
    words: str

    @property
    def color(self) -> str:
        """How it is marked."""
        return COLORS[self.mark]


@dataclass(frozen=True, kw_only=True)
class Check:
    """One area with what there is to say of it."""

    area: Area
    lines: Sequence[Line]


COLORS = {Mark.GOOD: "success", Mark.ADVICE: "info", Mark.MIND: "warning", Mark.MEND: "danger"}
_BY_FIELD = {
    "left": Area.ACCOUNTS, "right": Area.ACCOUNTS, "match_mode": Area.MATCHING, "match_left": Area.MATCHING, "match_right": Area.MATCHING,
    "company": Area.COMPANY, "key": Area.KEY, "mappings": Area.MAPPINGS, "income_account": Area.NEW_RECORDS,
    "expense_account": Area.NEW_RECORDS,
}


def checks(
    *, config: models.SyncConfig, problems: Sequence[Problem], advice: Sequence[books.Advice], now: datetime
) -> list[Check]:
    """Sort what was found by area, those that are good included."""
    found: dict[Area, list[Line]] = {area: [] for area in _areas(config)}
    for problem in problems:
        found.setdefault(_area(problem), []).append(Line(mark=Mark.MEND, words=problem.words))
    for one in advice:
        mark = Mark.MIND if one.level is books.Level.WARNING else Mark.ADVICE
        found.setdefault(_BY_FIELD.get(one.field, Area.COMPANY), []).append(Line(mark=mark, words=one.words))
    found[Area.WEBHOOKS] += list(_webhooks(config, now))
    for area, mark, words in (*_facts(config, now), *_of_ends(config)):
        found.setdefault(area, []).append(Line(mark=mark, words=words))
    return [Check(area=area, lines=found[area] or [Line(mark=Mark.GOOD, words=_good(config, area))]) for area in Area if area in found]


def _good(config: models.SyncConfig, area: Area) -> str:
    """What is said of an area where all is well; of the company also what it told of itself."""
    told = "; ".join(f"{label}: {config.right.details[name]}" for name, label in TOLD.items() if config.right.details.get(name))
    return say("{good} As last told: {facts}.", good=GOOD[area], facts=told) if area is Area.COMPANY and told else str(GOOD[area])


def _area(problem: Problem) -> Area:
    if problem.rule is not None:
        return Area.FILTERS
    return Area.MAPPINGS if problem.mapping is not None else _BY_FIELD.get(problem.field, Area.DIRECTION)


def _areas(config: models.SyncConfig) -> list[Area]:
    """The areas that this sync is checked for even where nothing is wrong."""
    always = [Area.ACCOUNTS, Area.DIRECTION, Area.MATCHING, Area.MAPPINGS, Area.FILTERS, Area.FIELD_LISTS, Area.PERMISSIONS, Area.WEBHOOKS]
    always += [Area.COMPANY] * (config.object_pair == ObjectPair.INVOICE)
    always += [Area.NEW_RECORDS] * bool(defaults.of(config.object_pair).new_values)
    always += [Area.PROPERTIES] * bool(_own(config))
    always += [Area.CURRENCIES] * bool(config.left.currency and config.right.currency)
    always += [Area.KEY] * bool(_key(config))
    always += [Area.CLOCKS] * (config.left.clock_lead is not None and config.right.clock_lead is not None)
    return always


def _key(config: models.SyncConfig) -> str:
    """How the property stands that keeps the sync's key, where the sync makes HubSpot records; "" where that is not known."""
    made = config_checks.creates_in(config=config, side=Side.LEFT)
    return str(config.left.key_states.get(defaults.of(config.object_pair).left_kind, "")) if made else ""


def _own(config: models.SyncConfig) -> list[dict[str, str]]:
    """Our own properties of the HubSpot records that the sync keeps in step, as they last stood."""
    kind = defaults.of(config.object_pair).left_kind
    return [one for one in config.left.own_fields if one["kind"] == kind]


def _webhooks(config: models.SyncConfig, now: datetime) -> Iterator[Line]:
    """Whether the accounts tell by themselves that something changed. How soon that is on the other side, their own pages say."""
    every = count("every minute", "every {number} minutes", number=config.interval_minutes)
    told = webhooks.last_told(config=config)
    for end, last in told.items():
        vendor = System(getattr(config, end).system).label
        if last is None:
            words = say(
                "None came from {vendor} yet: changes there are found {every}, by asking. The installer guide says how to set them up.",
                vendor=vendor, every=every,
            )
            yield Line(mark=Mark.ADVICE, words=words)
        elif last < now - webhooks.SILENCE:
            words = say(
                "None came from {vendor} for more than a week: changes there are found {every}, by asking. If records changed there since, "
                "look at the vendor's webhook settings.", vendor=vendor, every=every,
            )
            yield Line(mark=Mark.MIND, words=words)
        else:
            words = say("They arrive from {vendor}. The connection's page says how soon a change is on the other side.", vendor=vendor)
            yield Line(mark=Mark.GOOD, words=words)


def _facts(config: models.SyncConfig, now: datetime) -> Iterator[tuple[Area, Mark, str]]:
    """What a person should know of what the accounts hold."""
    there = {base.OwnState.MADE.value, base.OwnState.THERE.value}
    lacking = [one["label"] for one in _own(config) if one["state"] not in there]
    if lacking:
        words = say("Missing: {names}. Press Add missing ones on the page of the HubSpot connection.", names=", ".join(lacking))
        yield Area.PROPERTIES, Mark.MIND, words
    if _key(config) == base.OwnState.MISSING:
        words = say(
            "HubSpot had no property for it when its fields were last read. It is made with the first record that is created there;"
            " HubSpot must allow it then."
        )
        yield Area.KEY, Mark.ADVICE, words
    ours, theirs = config.left.currency, config.right.currency
    if ours and theirs and ours != theirs:
        yield Area.CURRENCIES, Mark.MIND, say(
            "HubSpot keeps its amounts in {left}, QuickBooks in {right}. Amounts are copied, never converted: map only those that are in"
            " one currency.", left=ours, right=theirs,
        )
    for side, connection in ((Side.LEFT, config.left), (Side.RIGHT, config.right)):
        if connection.fields_read_at is None or now - connection.fields_read_at > FIELDS_AGE:
            yield Area.FIELD_LISTS, Mark.MIND, say(
                "The {side} list of fields was last read more than 30 days ago. Press Refresh fields on the connection's page.",
                side=side.label,
            )


def _of_ends(config: models.SyncConfig) -> Iterator[tuple[Area, Mark, str]]:
    """What a person should know of the way to the accounts."""
    for side, connection in ((Side.LEFT, config.left), (Side.RIGHT, config.right)):
        if lacking := connections.missing_scopes(connection=connection):
            yield Area.PERMISSIONS, Mark.MIND, say(
                "{side} did not grant {scopes}, so calls that need it will be refused. Press Connect again on the connection's page and"
                " allow everything that is asked for.", side=side.label, scopes=", ".join(lacking),
            )
        lead = timedelta(seconds=connection.clock_lead or 0)
        if abs(lead) > CLOCKS_APART:
            yield Area.CLOCKS, Mark.MIND, _apart(lead, side)


def _apart(lead: timedelta, side: Side) -> str:
    if lead > timedelta():
        return say(
            "The clock here is {span} ahead of that of {side}. Changes and the ends of accesses are judged by it: have this machine set"
            " its clock by a time server.", span=shown.span(lead), side=side.label,
        )
    return say(
        "The clock here is {span} behind that of {side}. Changes and the ends of accesses are judged by it: have this machine set"
        " its clock by a time server.", span=shown.span(-lead), side=side.label,
    )
