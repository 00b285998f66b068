"""What undoes what: the writes of a run that can be taken back, the runs that did so, and the fields that were left alone."""
from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import QuerySet

from syncapp import models
from syncapp.engine import masking
from syncapp.engine.vocabulary import OperationStatus, RunKind, RunState, Side
from syncapp.engine.wording import say
from syncapp.selectors import discretion, runs, words

PER_PAGE = 50


@dataclass(frozen=True, kw_only=True)
class Left:
    """One field that was left alone, ready to show."""

    pair: models.RecordPair
    side: str
    label: str
    wrote: str
    now: str
    why: str


def entries(*, run: models.SyncRun) -> QuerySet[models.Operation]:
    """List the entries of a run as its page does: its own, and what it carried out of an approved preview."""
    return runs.entries(run=run)


def written(*, run: models.SyncRun) -> QuerySet[models.Operation]:
    """List what a run wrote."""
    return entries(run=run).filter(status=OperationStatus.DONE)


def undoable(*, run: models.SyncRun, tallied: Iterable[Mapping[str, Any]]) -> bool:
    """Tell from the summary of a run's entries whether its page offers to undo it."""
    return run.kind != RunKind.PREVIEW and not RunState(run.state).active and any(one["status"] == OperationStatus.DONE for one in tallied)


def undone_by(*, run: models.SyncRun) -> list[models.SyncRun]:
    """List the undos of a run that wrote something, the first one first."""
    found = models.SyncRun.objects.filter(undoes=run, operations__status=OperationStatus.DONE)
    return list(found.only("pk", "config").order_by("pk").distinct())


def whole(*, run: models.SyncRun) -> models.SyncRun | None:
    """Find the undo after which nothing of a run is left to be undone."""
    undone = undone_by(run=run)
    last = undone[-1] if undone else None
    if last is None or last.left_alone.exists():
        return None
    return None if last.operations.exclude(status=OperationStatus.DONE).exists() else last


def left_alone(*, run: models.SyncRun) -> QuerySet[models.LeftAlone]:
    """List the fields that an undo left alone."""
    return models.LeftAlone.objects.filter(run=run).select_related("pair__left", "pair__right")


def page(*, run: models.SyncRun, number: str | None) -> Page[models.LeftAlone] | None:
    """Return a page of what an undo left alone; None for other runs."""
    return Paginator(left_alone(run=run), PER_PAGE).get_page(number) if run.kind == RunKind.UNDO else None


def shown(*, left: models.LeftAlone) -> Left:
    """Describe one field that was left alone."""
    hidden = discretion.hides_label(left.label)
    return Left(
        pair=left.pair, side=Side(left.side).label, label=left.label or say("The whole record"),
        wrote=discretion.shown(words.shown(left.wrote), hidden=hidden), now=discretion.shown(words.shown(left.now), hidden=hidden),
        why=masking.text(left.why),
    )


def sentence(*, counts: Mapping[str, int]) -> str:
    """Say how many fields were left alone; "" where none was."""
    number = counts.get("left_alone", 0)
    return say("{number} left alone", number=number) if number else ""
