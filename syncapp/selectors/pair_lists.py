"""Which pairs a list shows: its filters and its search, as they stand in its address.

Owns what each of them means. The page and the export both narrow through here, so an export holds what the page showed.
"""
from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, fields
from datetime import UTC, date, datetime, time, timedelta

from django.contrib.auth.models import User
from django.db.models import Q, QuerySet
from django.http import QueryDict

from syncapp import models
from syncapp.engine.vocabulary import PairState, Reason, Standing
from syncapp.engine.wording import say
from syncapp.selectors import care, related, searches, standings, work_lists

SEARCH = "q"
CONFIG = "config__id__exact"
STANDING, STATE, REASON, CODE = "standing", "state__exact", "reason__exact", "code"
CHANGED_FROM, CHANGED_TO = "changed_from", "changed_to"
SYNCED_FROM, SYNCED_TO = "synced_from", "synced_to"
WORK, ASSIGNEE, SNOOZED = "work", "assignee", "snoozed"
RELATED = "related"
ME, NOBODY = "me", "nobody"
YES, NO = "yes", "no"
FILTERS = (
    CONFIG, WORK, STANDING, STATE, REASON, CODE, RELATED, ASSIGNEE, SNOOZED, CHANGED_FROM, CHANGED_TO, SYNCED_FROM, SYNCED_TO,
)


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What a list is narrowed to. What is not asked for is "" or None; a value that cannot be is not asked for.

    `me` is the person who asks, for what is assigned to that person.
    """

    me: int | None = None
    search: str = ""
    config: int | None = None
    work: str = ""
    standing: str = ""
    state: str = ""
    reason: str = ""
    code: str = ""
    related: str = ""
    assignee: str = ""
    snoozed: str = ""
    changed_from: date | None = None
    changed_to: date | None = None
    synced_from: date | None = None
    synced_to: date | None = None

    @property
    def nothing(self) -> bool:
        """Whether it is the list of all."""
        return not any(getattr(self, one.name) for one in fields(self) if one.name != "me")


def asked(query: Mapping[str, str], *, me: int | None = None) -> Asked:
    """Read what an address asks for."""
    def known(name: str, words: Iterable[str]) -> str:
        return query.get(name, "") if query.get(name) in set(words) else ""

    config, assignee = query.get(CONFIG, ""), query.get(ASSIGNEE, "")
    return Asked(
        me=me, search=query.get(SEARCH, "").replace("\0", "").strip(), config=int(config) if _is_number(config) else None,
        work=known(WORK, work_lists.WorkList), standing=known(STANDING, Standing), state=known(STATE, PairState),
        reason=known(REASON, Reason), code=query.get(CODE, "").replace("\0", ""),
        related=query.get(RELATED, "").replace("\0", "").strip(),
        assignee=assignee if assignee in (ME, NOBODY) or _is_number(assignee) else "", snoozed=known(SNOOZED, (YES, NO)),
        changed_from=_day(query.get(CHANGED_FROM, "")), changed_to=_day(query.get(CHANGED_TO, "")),
        synced_from=_day(query.get(SYNCED_FROM, "")), synced_to=_day(query.get(SYNCED_TO, "")),
    )


def read(text: str, *, me: int | None) -> Asked:
    """Read what was kept of an address."""
    return asked(QueryDict(text).dict(), me=me)


def kept(query: QueryDict) -> str:
    """Keep the part of an address that narrows a list, without its page and order."""
    wanted = QueryDict(mutable=True)
    for name in (*FILTERS, SEARCH):
        if value := query.get(name, ""):
            wanted[name] = value
    return wanted.urlencode()


def narrowed(*, pairs: QuerySet[models.RecordPair], asked: Asked, now: datetime) -> QuerySet[models.RecordPair]:
    """Keep the pairs that the filters and the search let through."""
    found = searches.narrowed(pairs=pairs, words=asked.search)
    if asked.config is not None:
        found = found.filter(config_id=asked.config)
    if asked.work:
        found = work_lists.narrowed(pairs=found, work=work_lists.WorkList(asked.work), me=asked.me, now=now)
    if asked.standing:
        found = standings.narrowed(found, asked.standing)
    if asked.state:
        found = found.filter(state=asked.state)
    if asked.reason:
        found = found.filter(reason=asked.reason)
    if asked.code:
        found = found.filter(detail__code=asked.code)
    if asked.related:
        found = related.narrowed(pairs=found, words=asked.related)
    found = _cared(found, asked, now)
    found = _between(found, ("synced_at",), asked.synced_from, asked.synced_to)
    return _between(found, ("left__remote_updated_at", "right__remote_updated_at"), asked.changed_from, asked.changed_to)


def described(asked: Asked) -> Iterator[str]:
    """Say in words what a list is narrowed to."""
    if asked.config is not None:
        name = models.SyncConfig.objects.filter(pk=asked.config).values_list("name", flat=True).first()
        yield say("Sync: {name}", name=name or say("deleted"))
    if asked.work:
        yield say("Work list: {name}", name=work_lists.WorkList(asked.work).label)
    if asked.standing:
        yield say("Standing: {standing}", standing=Standing(asked.standing).label)
    if asked.state:
        yield say("State: {state}", state=PairState(asked.state).label)
    if asked.reason:
        yield say("Reason: {reason}", reason=Reason(asked.reason).label or say("none"))
    if asked.code:
        yield say("Error code: {code}", code=asked.code)
    if asked.related:
        yield say("Associated with: {words}", words=asked.related)
    if asked.assignee:
        yield say("Assigned to: {person}", person=_called(asked))
    if asked.snoozed:
        yield say("Snoozed: {answer}", answer=say("yes") if asked.snoozed == YES else say("no"))
    if asked.changed_from or asked.changed_to:
        yield say("Last change: {first} to {last}", first=_any(asked.changed_from), last=_any(asked.changed_to))
    if asked.synced_from or asked.synced_to:
        yield say("Last in sync: {first} to {last}", first=_any(asked.synced_from), last=_any(asked.synced_to))
    if asked.search:
        yield say("Search: {words}", words=asked.search)


def _any(day: date | None) -> str:
    return say("any day") if day is None else day.isoformat()


def _cared(pairs: QuerySet[models.RecordPair], asked: Asked, now: datetime) -> QuerySet[models.RecordPair]:
    """Keep the pairs of an assignee, and those that are put aside or are not."""
    if asked.assignee == NOBODY:
        pairs = pairs.filter(care__assignee=None)
    elif asked.assignee:
        pairs = pairs.filter(care__assignee=_assignee(asked))
    if asked.snoozed:
        put_aside = Q(pk__in=care.snoozing(now=now).values("pair"))
        pairs = pairs.filter(put_aside if asked.snoozed == YES else ~put_aside)
    return pairs


def _assignee(asked: Asked) -> int:
    return (asked.me or 0) if asked.assignee == ME else int(asked.assignee)


def _called(asked: Asked) -> str:
    if asked.assignee == NOBODY:
        return say("nobody")
    return User.objects.filter(pk=_assignee(asked)).values_list("username", flat=True).first() or say("a person who is gone")


def _between(
    pairs: QuerySet[models.RecordPair], paths: tuple[str, ...], first: date | None, last: date | None
) -> QuerySet[models.RecordPair]:
    """Keep the pairs whose latest moment falls on one of the days, both ends included. Days are UTC: a view shows everybody the same."""
    if first is not None:
        begins = datetime.combine(first, time.min, UTC)
        since = Q()
        for path in paths:
            since |= Q(**{f"{path}__gte": begins})
        pairs = pairs.filter(since)
    if last is not None:
        ends = datetime.combine(last, time.min, UTC) + timedelta(days=1)
        known = Q()
        for path in paths:
            known |= Q(**{f"{path}__lt": ends})
            pairs = pairs.filter(Q(**{f"{path}__lt": ends}) | Q(**{f"{path}__isnull": True}))
        pairs = pairs.filter(known)
    return pairs


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) <= 18


def _day(text: str) -> date | None:
    try:
        found = date.fromisoformat(text)
    except ValueError:
        return None
    return found if date(1900, 1, 1) <= found <= date(9000, 1, 1) else None
