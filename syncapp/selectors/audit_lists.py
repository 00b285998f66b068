"""Which entries of the audit a list shows, how each is told, and what stands in a file of them.

Owns what its filters mean outside of the page, and that values are shown to those alone who may work on records.
"""
from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.contrib.auth.models import Group, User
from django.db.models import Model, QuerySet
from django.http import QueryDict
from django.utils.dateparse import parse_datetime

from syncapp import models
from syncapp.engine import auditing, cells
from syncapp.engine.vocabulary import AuditActor, AuditKind, AuditVerb, Side
from syncapp.engine.wording import say
from syncapp.selectors import discretion, words

KIND, VERB, PERSON, ACCOUNT, RUN, PAIR = "kind__exact", "verb__exact", "person", "account", "run", "pair"
SINCE, UNTIL, SEARCH = "at__gte", "at__lt", "q"
FILTERS = (KIND, VERB, PERSON, ACCOUNT, RUN, PAIR, SINCE, UNTIL, SEARCH)
SHOWN_FIELDS = 3
_SETTINGS: Mapping[AuditKind, type[Model]] = {
    AuditKind.SYNC: models.SyncConfig, AuditKind.CONNECTION: models.Connection, AuditKind.USER: User, AuditKind.ROLE: Group,
    AuditKind.SCHEDULE: models.ExportSchedule,
}


@dataclass(frozen=True, kw_only=True)
class Change:
    """One field of an entry: what it was and what it became, as this reader may see it."""

    name: str
    before: str
    after: str


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What a list of entries is narrowed to. What is not asked for is "" or None; a value that cannot be is not asked for."""

    kind: str = ""
    verb: str = ""
    person: int | None = None
    account: int | None = None
    run: int | None = None
    pair: int | None = None
    since: datetime | None = None
    until: datetime | None = None
    search: str = ""


def may_see_values(user: Any) -> bool:
    """Tell whether a person is shown old and new values. Everybody else sees that there were some."""
    return bool(user.has_perm(discretion.SEE))


def who(entry: models.AuditEntry) -> str:
    """Say who did it."""
    if entry.actor_kind == AuditActor.SCHEDULE:
        return say("{schedule} (switched on by {person})", schedule=entry.schedule, person=entry.person or say("nobody known"))
    if entry.actor_kind == AuditActor.SHELL:
        return say("{account} on the command line", account=entry.person or say("nobody known"))
    return entry.person


def what(entry: models.AuditEntry) -> str:
    """Name what an entry is about; a record by its id, since its name is nobody's business here."""
    if entry.kind == AuditKind.RECORD:
        return f"{entry.subject_kind} {entry.subject_id}".strip()
    return entry.name or AuditKind(entry.kind).label


def fields(entry: models.AuditEntry) -> str:
    """Name the first fields that were changed, and say how many more there are."""
    names = [_called(entry, name, both) for name, both in entry.before_and_after.items()]
    more = len(names) - SHOWN_FIELDS
    shown = ", ".join(names[:SHOWN_FIELDS])
    return say("{fields} and {number} more", fields=shown, number=more) if more > 0 else shown


def changes(entry: models.AuditEntry, *, plain: bool) -> list[Change]:
    """List what was changed, field by field; `plain` with its values."""
    told = (words.shown if entry.kind == AuditKind.RECORD else _setting) if plain else _hidden
    return [
        Change(name=_called(entry, name, (before, after)), before=told(before), after=told(after))
        for name, (before, after) in entry.before_and_after.items()
    ]


def _called(entry: models.AuditEntry, name: str, both: Sequence[Any]) -> str:
    """Call a field as pages do: a setting by its label, a mapping by its fields, filters by the group's name; a vendor's as it does."""
    model, known = _SETTINGS.get(AuditKind(entry.kind)), next((one for one in reversed(both) if isinstance(one, dict)), {})
    if name.startswith("mapping ") and known:
        return say("Mapping {left} and {right}", left=known["left"], right=known["right"])
    if name.startswith("filters ") and known:
        return say("Filters “{group}”, {side}", group=known["name"], side=Side(name.split()[1]).label)
    if model is None:
        return name
    columns = {one.attname: str(one.verbose_name) for one in model._meta.concrete_fields}
    return columns.get(name, name).capitalize()


def _hidden(value: object) -> str:
    return words.NOTHING if value in (None, "", []) else auditing.HIDDEN


def _setting(value: object) -> str:
    if isinstance(value, list) and value:
        return "; ".join(_setting(one) for one in value)
    if isinstance(value, dict):
        return ", ".join(f"{name}: {_setting(one)}" for name, one in value.items())
    if isinstance(value, bool):
        return say("yes") if value else say("no")
    return words.shown(value)


def people() -> list[tuple[str, str]]:
    """The people that the list can be narrowed to."""
    return [(str(pk), name) for pk, name in User.objects.order_by("username").values_list("pk", "username")]


def accounts() -> list[tuple[str, str]]:
    """The accounts that the list can be narrowed to."""
    return [(str(one.pk), str(one)) for one in models.Connection.objects.all()]


def read(text: str) -> Asked:
    """Read what was kept of an address."""
    query: Mapping[str, str] = {name: str(value).replace("\0", "") for name, value in QueryDict(text).dict().items()}
    kind, verb = query.get(KIND, ""), query.get(VERB, "")
    return Asked(
        kind=kind if kind in set(AuditKind) else "", verb=verb if verb in set(AuditVerb) else "", person=_number(query, PERSON),
        account=_number(query, ACCOUNT), run=_number(query, RUN), pair=_number(query, PAIR), since=_moment(query, SINCE),
        until=_moment(query, UNTIL), search=query.get(SEARCH, "").strip(),
    )


def _number(query: Mapping[str, str], name: str) -> int | None:
    text = query.get(name, "")
    return int(text) if text.isdecimal() and len(text) <= 18 else None


def _moment(query: Mapping[str, str], name: str) -> datetime | None:
    try:
        found = parse_datetime(query.get(name, ""))
    except ValueError:
        return None
    return found if found is not None and found.tzinfo is not None else None


def kept(query: QueryDict) -> str:
    """Keep the part of an address that narrows a list, without its page and order."""
    wanted = QueryDict(mutable=True)
    for name in FILTERS:
        if value := query.get(name, ""):
            wanted[name] = value
    return wanted.urlencode()


def narrowed(*, asked: Asked) -> QuerySet[models.AuditEntry]:
    """Keep the entries that the filters and the search let through."""
    wished = {
        "kind": asked.kind, "verb": asked.verb, "person_id": asked.person, "connection": asked.account, "run": asked.run,
        "pair": asked.pair, "at__gte": asked.since, "at__lt": asked.until, "subject_id": asked.search,
    }
    return models.AuditEntry.objects.filter(**{name: value for name, value in wished.items() if value not in ("", None)})


def described(asked: Asked) -> Iterator[str]:
    """Say in words what a list is narrowed to."""
    if asked.kind:
        yield say("About: {kind}", kind=AuditKind(asked.kind).label)
    if asked.verb:
        yield say("What: {what}", what=AuditVerb(asked.verb).label)
    if asked.person is not None:
        yield say("Who: {person}", person=dict(people()).get(str(asked.person), say("deleted")))
    if asked.account is not None:
        yield say("Account: {account}", account=dict(accounts()).get(str(asked.account), say("deleted")))
    if asked.run is not None:
        yield say("Run: {number}", number=asked.run)
    if asked.pair is not None:
        yield say("Pair: {number}", number=asked.pair)
    if asked.since is not None:
        yield say("From: {moment}", moment=words.moment(asked.since))
    if asked.until is not None:
        yield say("Before: {moment}", moment=words.moment(asked.until))
    if asked.search:
        yield say("Record id: {id}", id=asked.search)


def headings() -> list[str]:
    """The headings of a file."""
    return [
        say("Number"), say("When (UTC)"), say("About"), say("What"), say("Who"), say("Sync"), say("Run"), say("Account"), say("Record"),
        say("Id"), say("Field"), say("Before"), say("After"), say("Our request id"), say("Vendor's request id"), say("Note"), say("Hash"),
    ]


def lines(*, entries: Iterable[models.AuditEntry]) -> Iterator[list[cells.Cell]]:
    """Write the entries field by field; one that changes no field has one line."""
    for entry in entries:
        begins: list[cells.Cell] = [
            Decimal(entry.number), entry.at, AuditKind(entry.kind).label, AuditVerb(entry.verb).label, who(entry), entry.sync or None,
            Decimal(entry.run) if entry.run is not None else None, entry.account or None, what(entry), entry.subject_id,
        ]
        ends: list[cells.Cell] = [entry.key or None, entry.request_id or None, entry.note or None, entry.hash]
        for one in changes(entry, plain=True) or [Change(name="", before=words.NOTHING, after=words.NOTHING)]:
            yield [*begins, one.name or None, *(None if text == words.NOTHING else text for text in (one.before, one.after)), *ends]
