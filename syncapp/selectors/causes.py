"""Failing pairs by their cause: how many, since when, who looks after them, and the way out.

Owns what makes two failures alike: the reason, the vendor's code and the field it named.
"""
from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, Max, Min, QuerySet, TextField, Value
from django.db.models.fields.json import KT
from django.db.models.functions import Coalesce

from syncapp import models
from syncapp.engine.vocabulary import Reason
from syncapp.engine.wording import say
from syncapp.selectors import reasons, words

_CODE, _FIELD = (Coalesce(KT(f"detail__{name}"), Value(""), output_field=TextField()) for name in ("code", "field"))


@dataclass(frozen=True, kw_only=True)
class Group:
    """Failing pairs with one cause."""

    reason: Reason
    code: str
    field: str
    number: int
    said: str
    example: models.RecordPair
    age: str
    assigned: str

    @property
    def remedy(self) -> str:
        """What to do about it."""
        return str(reasons.REMEDIES.get(self.reason, ""))


def groups(*, pairs: QuerySet[models.RecordPair], now: datetime) -> list[Group]:
    """Gather failing pairs by cause, the largest group first. Two queries, however many causes there are."""
    alike = pairs.order_by().values("reason", cause_code=_CODE, cause_field=_FIELD)
    counted = list(
        alike.annotate(
            number=Count("pk"), since=Min("failing_since"), example=Max("pk"), assigned=Count("care__assignee"),
            people=Count("care__assignee", distinct=True), person=Min("care__assignee__username"),
        ).order_by("-number", "reason", "cause_code", "cause_field")
    )
    examples = models.RecordPair.objects.select_related("left", "right").in_bulk([one["example"] for one in counted])
    return [_group(one, example, now) for one in counted if (example := examples.get(one["example"])) is not None]


def _group(counted: Mapping[str, Any], example: models.RecordPair, now: datetime) -> Group:
    return Group(
        reason=Reason(counted["reason"]), code=counted["cause_code"], field=counted["cause_field"], number=counted["number"],
        said=next(reasons.sentences(example.detail), ""), example=example, assigned=_assigned(counted),
        age=words.span(now - counted["since"]) if counted["since"] else "",
    )


def _assigned(counted: Mapping[str, Any]) -> str:
    """Who looks after a group: one person after all of it, or how many are somebody's."""
    if not counted["assigned"]:
        return say("nobody")
    if counted["assigned"] == counted["number"] and counted["people"] == 1:
        return str(counted["person"])
    return say("{assigned} of {number}", assigned=counted["assigned"], number=counted["number"])


def narrowed(*, pairs: QuerySet[models.RecordPair], reason: str, code: str, field: str) -> QuerySet[models.RecordPair]:
    """Keep the pairs of one group."""
    return pairs.alias(cause_code=_CODE, cause_field=_FIELD).filter(reason=reason, cause_code=code, cause_field=field)
