"""Before a create is planned: is there really nobody on the other side with the same key?

Owns the last look at the mirror. A pair that was changed since the matching, by a person for example, must be matched first.
"""

from __future__ import annotations

from collections.abc import Sequence

from django.db.models import Q

from syncapp import models
from syncapp.engine import vocabulary
from syncapp.services import context, looking


def unmatched(*, lane: context.Lane, pairs: Sequence[looking.Glance]) -> set[int]:
    """Those half pairs whose key somebody on the other side has whom the matching would have looked at.

    One who has the weaker key but another value in the strongest one is somebody else. A query a key and side.
    """
    if lane.rules.match_mode is vocabulary.MatchMode.NONE:
        return set()
    found: set[int] = set()
    for own, other, end, there in ((lane.left, lane.right, "left", "right"), (lane.right, lane.left, "right", "left")):
        halves = [pair for pair in pairs if getattr(pair, f"{there}_id") is None and not pair.alone]
        for one, two in zip(own.slots, other.slots, strict=True):
            by_key: dict[str, list[looking.Glance]] = {}
            for pair in halves:
                if key := getattr(getattr(pair, end), one):
                    by_key.setdefault(key, []).append(pair)
            if by_key:
                held = {**other.main_records, f"{there}__{two}__among": by_key}
                rows = models.RecordPair.objects.filter(config=lane.config, **held)
                left_out = Q(excluded_by_hand=True) | Q(alone=True)
                rows = rows.exclude(left_out & Q(**{f"{end}__isnull": True}))
                for key, strongest in rows.values_list(f"{there}__{two}", f"{there}__{other.slots[0]}"):
                    found.update(
                        pair.pk
                        for pair in by_key[key]
                        for mine in [getattr(getattr(pair, end), own.slots[0])]
                        if "" in (mine, strongest) or mine == strongest
                    )
    return found
