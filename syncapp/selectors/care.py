"""Who looks after pairs, and which failures are put aside.

Owns when a snooze holds: until its moment, while the pair fails for the same cause as when it was put aside.
"""
from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.contrib.auth.models import User
from django.db.models import F, Q, QuerySet, TextField, Value
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Coalesce

from syncapp import models
from syncapp.engine import masking
from syncapp.engine.vocabulary import PairState
from syncapp.engine.wording import say
from syncapp.selectors import words

SEE = "syncapp.view_recordpair"
BACKEND = "django.contrib.auth.backends.ModelBackend"


def code(detail: Mapping[str, Any]) -> str:
    """Tell the vendor's code in a pair's detail, as far as it is kept with a snooze."""
    return str(detail.get("code") or "")[:40]


def snoozing(*, now: datetime) -> QuerySet[models.PairCare]:
    """List the snoozes that hold. It begins at the snoozes, which are few, and not at the pairs."""
    now_code = Coalesce(KeyTextTransform("code", "pair__detail"), Value(""), output_field=TextField())
    same = Q(pair__state=PairState.FAILED, pair__reason=F("snoozed_reason"), snoozed_code=now_code)
    began = Q(pair__failing_since__isnull=True) | Q(pair__failing_since__lte=F("snoozed_at"))
    return models.PairCare.objects.filter(same, began, snoozed_until__gt=now)


def holds(*, pair: models.RecordPair, now: datetime) -> bool:
    """Tell whether a pair is put aside. Asks for nothing more where the pair came with its care."""
    kept = of(pair=pair)
    return (
        kept is not None and kept.snoozed_until is not None and kept.snoozed_until > now and pair.state == PairState.FAILED
        and (pair.reason, code(pair.detail)) == (kept.snoozed_reason, kept.snoozed_code)
        and (pair.failing_since is None or kept.snoozed_at is None or pair.failing_since <= kept.snoozed_at)
    )


def of(*, pair: models.RecordPair) -> models.PairCare | None:
    """Tell what is known among people of a pair, if anything."""
    found: models.PairCare | None = getattr(pair, "care", None)
    return found


def note(*, pair: models.RecordPair) -> str:
    """Write the note on a pair with who wrote it and when, "" where there is none."""
    kept = of(pair=pair)
    if kept is None or not kept.note:
        return ""
    return f"{masking.text(kept.note)} ({kept.noted_by or say('somebody')}, {words.moment(kept.noted_at)})"


def people() -> list[tuple[int, str]]:
    """List the persons who may look after pairs, those who may see them, as choices. One query."""
    return list(User.objects.with_perm(SEE, backend=BACKEND).order_by("username").values_list("pk", "username"))


def may_be_assigned(*, user: User) -> bool:
    """Tell whether a person may look after pairs."""
    return user.is_active and user.has_perm(SEE)
