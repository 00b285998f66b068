"""What a summary tells one person: what stopped, what is new, what fails, what waits. Each part only for who may see its page.

Owns the parts and their order. Holds counts, causes and names of syncs and accounts; never a value of a record.
"""
from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django.contrib.auth.models import User
from django.db.models import Count, Q
from django.urls import reverse

from syncapp import models
from syncapp.engine.vocabulary import ConnectionStatus, NoticeKind, Reason, RunState, Standing
from syncapp.engine.wording import count, figure, say
from syncapp.selectors import navigation, notices, overview, runs, standings, work_lists

PAIRS = "admin:syncapp_recordpair_changelist"


@dataclass(frozen=True, kw_only=True)
class Line:
    """One sentence, and the page that it leads to."""

    words: str
    path: str = ""


@dataclass(frozen=True, kw_only=True)
class Part:
    """One part of a summary: its heading, what stands of it in the subject of the mail, and its lines."""

    heading: str
    short: str
    lines: list[Line]


def parts(*, user: User, since: datetime, now: datetime, without: Collection[str] = ()) -> list[Part]:
    """List what there is to tell a person, with what is new since a moment, `without` the kinds that are not wanted."""
    found: list[Part] = []
    if NoticeKind.BRAKE not in without and navigation.may(user, "syncapp.view_syncrun"):
        found += _brakes()
    if NoticeKind.RECONNECT not in without and navigation.may(user, "syncapp.view_connection"):
        found += _connections()
    found += _notices(user, since, told={line.path for part in found for line in part.lines}, without=without)
    if NoticeKind.FAILING not in without and navigation.may(user, "syncapp.view_recordpair"):
        found += _failing(since)
    return [*found, *_waiting(user, now)] if NoticeKind.DECISIONS not in without else found


def _brakes() -> Iterator[Part]:
    configs = {config.pk: config for config in models.SyncConfig.objects.all()}
    lines = [
        Line(words=f"{configs[pk]}: {' '.join(run.brakes) or say('it stopped before writing.')}", path=_page("syncrun", run.pk))
        for pk, run in sorted(runs.latest(config_ids=configs).items()) if run.state == RunState.BRAKED
    ]
    if lines:
        short = count("{number:,} sync stopped", "{number:,} syncs stopped", number=len(lines))
        yield Part(heading=say("Stopped by a brake, nothing was written"), short=short, lines=lines)


def _connections() -> Iterator[Part]:
    ended = models.Connection.objects.filter(status=ConnectionStatus.NEEDS_RECONNECT)
    lines = [Line(words=say("{account}: no sync uses it until then.", account=one), path=_page("connection", one.pk)) for one in ended]
    if lines:
        short = count("{number:,} account to connect again", "{number:,} accounts to connect again", number=len(lines))
        yield Part(heading=say("To be connected again"), short=short, lines=lines)


def _notices(user: User, since: datetime, told: set[str], without: Collection[str]) -> Iterator[Part]:
    """Open notices that are new, without those whose page stands in the summary already."""
    fresh = notices.still_open(user=user).filter(created_at__gt=since).exclude(kind__in=list(without))
    new = [one for one in fresh if not one.link or one.link not in told]
    lines = [Line(words=str(one), path=one.link) for one in new[: notices.SHOWN]]
    if len(new) > notices.SHOWN:
        more = say("and {number} more", number=len(new) - notices.SHOWN)
        lines.append(Line(words=more, path=reverse("admin:syncapp_notice_changelist")))
    if lines:
        short = count("{number:,} new notice", "{number:,} new notices", number=len(new))
        yield Part(heading=say("New notices"), short=short, lines=lines)


def _failing(since: datetime) -> Iterator[Part]:
    failing = standings.narrowed(models.RecordPair.objects.order_by(), Standing.FAILING)
    counted = failing.values("reason").annotate(number=Count("pk"), new=Count("pk", filter=Q(failing_since__gt=since)))
    causes: list[Mapping[str, Any]] = list(counted.order_by("-number", "reason"))
    number, new = sum(one["number"] for one in causes), sum(one["new"] for one in causes)
    if number:
        fresh = say("{number:,} new", number=new) if new else say("none new")
        heading = count(
            "Failing: {number:,} record pair, {new} since the last summary",
            "Failing: {number:,} record pairs, {new} since the last summary", number=number, new=fresh,
        )
        short = say("{number:,} failing ({new})", number=number, new=fresh)
        yield Part(heading=heading, short=short, lines=[_cause(one) for one in causes])


def _cause(counted: Mapping[str, Any]) -> Line:
    reason = Reason(counted["reason"])
    told = say("{number:,} × {reason}", number=counted["number"], reason=reason.label or Standing.FAILING.label)
    if counted["new"]:
        told = say("{line} ({number:,} new)", line=told, number=counted["new"])
    query = urlencode({"standing": Standing.FAILING.value, "reason__exact": reason.value})
    return Line(words=told, path=f"{reverse(PAIRS)}?{query}")


def _waiting(user: User, now: datetime) -> Iterator[Part]:
    """The decisions that wait, in the words of the front page."""
    found = overview.undecided(user=user, numbers=work_lists.numbers(user=user, now=now))
    number = sum(one.number for one in found)
    if found:
        yield Part(
            heading=say("Waiting for a decision"),
            short=count("{number:,} decision waiting", "{number:,} decisions waiting", number=number),
            lines=[Line(words=f"{figure(one.number)} {one.noun} {one.words}", path=one.link) for one in found],
        )


def _page(model: str, pk: int) -> str:
    return reverse(f"admin:syncapp_{model}_change", args=[pk])
