"""The properties that the sync brings to HubSpot: what QuickBooks knows of an invoice, on invoices, deals and notes.

Owns their names, types and group, how they are installed and how they are taken away again. Touches no property and no group that
is not its own, and changes none that is there. Our key on records we create is not among them; `hubspot_writing` makes it.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping

from integrations.hubspot import answers
from integrations.hubspot import client as hubspot_client
from syncapp.connectors import refusals
from syncapp.connectors.base import OwnField, OwnState
from syncapp.engine import errors, vocabulary
from syncapp.engine.wording import say

GROUP, GROUP_LABEL = "quickbooks", "QuickBooks"
VISIBLE_TRIES = 10
VISIBLE_PAUSE = 0.5
STATUSES = (("open", "Open"), ("partial", "Partly paid"), ("paid", "Paid"), ("overdue", "Overdue"), ("voided", "Voided"))
ABOUT = "Kept by the data sync with QuickBooks. What is typed here is overwritten."
_FIELD_TYPES = {"string": "text", "number": "number", "date": "date", "datetime": "date", "enumeration": "select"}


@dataclasses.dataclass(frozen=True, kw_only=True)
class Definition:
    """One property of ours. `unique` where the account allows it."""

    name: str
    label: str
    type: str
    unique: bool = False
    options: tuple[tuple[str, str], ...] = ()


def _table(text: str) -> tuple[Definition, ...]:
    """Read definitions written as `name | label | type`; "unique" and "status" are texts and choices of their own."""
    found = []
    for row in text.strip().splitlines():
        name, label, type_ = (part.strip() for part in row.split("|"))
        known = {"unique": "string", "status": "enumeration"}.get(type_, type_)
        options = STATUSES if type_ == "status" else ()
        found.append(Definition(name=name, label=label, type=known, unique=type_ == "unique", options=options))
    return tuple(found)


OWN: Mapping[str, tuple[Definition, ...]] = {
    "invoices": _table("""
        qbo_id | QuickBooks ID | unique
        qbo_doc_number | QuickBooks invoice number | string
        qbo_status | QuickBooks status | status
        qbo_total | QuickBooks total | number
        qbo_balance | QuickBooks balance | number
        qbo_amount_paid | QuickBooks amount paid | number
        qbo_discount | QuickBooks discount | number
        qbo_tax | QuickBooks tax | number
        qbo_deposit | QuickBooks deposit | number
        qbo_currency | QuickBooks currency | string
        qbo_txn_date | QuickBooks invoice date | date
        qbo_due_date | QuickBooks due date | date
        qbo_last_payment_date | QuickBooks last payment date | date
        qbo_link | QuickBooks link | string
    """),
    "deals": _table("""
        qbo_invoice_number | QuickBooks invoice number | string
        qbo_invoice_status | QuickBooks invoice status | status
        qbo_invoice_total | QuickBooks invoice total | number
        qbo_invoice_balance | QuickBooks invoice balance | number
        qbo_invoice_date | QuickBooks invoice date | date
        qbo_invoice_due_date | QuickBooks invoice due date | date
        qbo_invoice_currency | QuickBooks invoice currency | string
        qbo_invoice_link | QuickBooks invoice link | string
        qbo_invoice_updated_at | QuickBooks invoice updated at | datetime
        qbo_billed | QuickBooks billed | number
        qbo_paid | QuickBooks paid | number
        qbo_open | QuickBooks open | number
        qbo_oldest_overdue | QuickBooks oldest overdue date | date
        qbo_invoice_count | QuickBooks number of invoices | number
        qbo_rollup_note | QuickBooks note on the sums | string
    """),
    "notes": _table("qbo_payment_id | QuickBooks payment ID | unique"),
}


def install(*, client: hubspot_client.Client, sleep: Callable[[float], None], kind: str) -> tuple[OwnField, ...]:
    """Make our group and properties of a kind where they are missing, wait until HubSpot knows them, and tell of each.

    Raises SyncError for anything but a refusal: it is to be done again then, which does no harm.
    """
    wanted = OWN.get(kind, ())
    if not wanted:
        return ()
    try:
        there = _defined(client, kind)
        missing = [one for one in wanted if one.name not in there]
        if missing:
            _unless_there(lambda: client.create_group(object_type=kind, name=GROUP, label=GROUP_LABEL))
    except errors.Rejected as refusal:
        return tuple(_told(kind, one, OwnState.REFUSED, refusal.words) for one in wanted)
    refused = {one.name: words for one in missing if (words := _made(client, kind, one))}
    made = {one.name for one in missing} - refused.keys()
    there = _visible(client, sleep, kind, made) if made else there
    return tuple(_installed(kind, one, there.get(one.name), made, refused.get(one.name, "")) for one in wanted)


def remove(*, client: hubspot_client.Client, kind: str) -> tuple[OwnField, ...]:
    """Put our properties of a kind away, then their group, and tell of each that was there.

    A property outside of our group bears our name only and stays. The group comes last in the answer, under its own name.
    """
    wanted = OWN.get(kind, ())
    if not wanted:
        return ()
    try:
        there = _defined(client, kind)
        grouped = GROUP in refusals.asked(lambda: client.groups(object_type=kind))
    except errors.Rejected as refusal:
        return tuple(_told(kind, one, OwnState.REFUSED, refusal.words) for one in wanted)
    told = tuple(_removed(client, kind, one, there[one.name]) for one in wanted if one.name in there)
    return (*told, _group_removed(client, kind)) if grouped else told


def _defined(client: hubspot_client.Client, kind: str) -> Mapping[str, answers.Property]:
    return {one.name: one for one in refusals.asked(lambda: client.properties(object_type=kind)) if not one.archived}


def _made(client: hubspot_client.Client, kind: str, one: Definition) -> str:
    """Make one property, without unique values where the account does not give those. Returns the words of a refusal."""

    def make(unique: bool) -> None:
        _unless_there(
            lambda: client.create_property(
                object_type=kind, name=one.name, label=one.label, group=GROUP, type=one.type, field_type=_FIELD_TYPES[one.type],
                unique=unique, description=ABOUT, options=one.options,
            )
        )

    words = ""
    for unique in (True, False) if one.unique else (False,):
        try:
            make(unique)
        except errors.Rejected as refusal:
            words = refusal.words
        else:
            return ""
    return words


def _visible(
    client: hubspot_client.Client, sleep: Callable[[float], None], kind: str, names: set[str]
) -> Mapping[str, answers.Property]:
    for tries_left in reversed(range(VISIBLE_TRIES)):
        there = _defined(client, kind)
        if names <= there.keys():
            return there
        if tries_left:
            sleep(VISIBLE_PAUSE)
    raise errors.Transient(
        say("HubSpot does not show all new properties yet. Install them again in a minute."),
        system=vocabulary.System.HUBSPOT.label, operation="own properties",
    )


def _installed(kind: str, one: Definition, there: answers.Property | None, made: set[str], refusal: str) -> OwnField:
    if there is None:
        return _told(kind, one, OwnState.REFUSED, refusal)
    problem = _problem(one, there)
    if problem:
        return _told(kind, one, OwnState.WRONG, problem)
    return _told(kind, one, OwnState.MADE if one.name in made else OwnState.THERE)


def _problem(one: Definition, there: answers.Property) -> str:
    """Why a property of our name is none that we can use; it is not ours to change."""
    if there.type != one.type or there.field_type == "checkbox":
        return say(
            "HubSpot has a property {property} of another type ({type}, {form}). Rename or delete it in HubSpot's property settings, then"
            " install the properties again.",
            property=one.name, type=there.type, form=there.field_type,
        )
    missing = [label for code, label in one.options if code not in dict(there.options)]
    if missing:
        return say(
            "The HubSpot property {property} lacks the options {options}. Add them there, or delete the property.",
            property=one.name, options=", ".join(missing),
        )
    return ""


def _removed(client: hubspot_client.Client, kind: str, one: Definition, there: answers.Property) -> OwnField:
    if there.group != GROUP:
        words = say("It stands in the group {group}, so it is not ours and was left alone.", group=there.group)
        return _told(kind, one, OwnState.WRONG, words)
    try:
        refusals.asked(lambda: client.archive_property(object_type=kind, name=one.name))
    except errors.Gone:
        pass
    except errors.Rejected as refusal:
        return _told(kind, one, OwnState.REFUSED, refusal.words)
    return _told(kind, one, OwnState.REMOVED)


def _group_removed(client: hubspot_client.Client, kind: str) -> OwnField:
    state, words = OwnState.REMOVED, ""
    try:
        refusals.asked(lambda: client.archive_group(object_type=kind, name=GROUP))
    except errors.Gone:
        pass
    except errors.Rejected as refusal:
        state, words = OwnState.REFUSED, refusal.words
    return OwnField(kind=kind, name=GROUP, label=GROUP_LABEL, state=state, words=words)


def _told(kind: str, one: Definition, state: OwnState, words: str = "") -> OwnField:
    return OwnField(kind=kind, name=one.name, label=one.label, state=state, words=words)


def _unless_there(make: Callable[[], object]) -> None:
    try:
        refusals.asked(make)
    except errors.AlreadyExists:
        return
