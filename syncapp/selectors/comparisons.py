"""A pair's two records beside each other, field by field, with what was last agreed.

Reads the mirror only. What should be written is the engine's business.
"""
from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from syncapp import models
from syncapp.engine.vocabulary import Direction, RecordState, Side
from syncapp.selectors import words

ARROWS: Mapping[Direction, str] = {Direction.BOTH: "↔", Direction.TO_LEFT: "←", Direction.TO_RIGHT: "→"}


@dataclass(frozen=True, kw_only=True)
class Line:
    """One mapped field of both records. `color` marks what differs."""

    left_label: str
    right_label: str
    left: str
    right: str
    arrow: str
    direction: str
    agreed: str
    words: str
    color: str


@dataclass(frozen=True, kw_only=True)
class End:
    """One of the two records, or the empty place of a missing one."""

    side: Side
    record: models.Record | None

    @property
    def vendor(self) -> str:
        """The vendor's name."""
        return self.side.label

    @property
    def state(self) -> str:
        """What is known of the record's life, "" for a live one."""
        if self.record is None or self.record.state == RecordState.LIVE:
            return ""
        return RecordState(self.record.state).label


def ends(*, pair: models.RecordPair) -> list[End]:
    """Show both ends of a pair, left first."""
    return [End(side=Side.LEFT, record=pair.left), End(side=Side.RIGHT, record=pair.right)]


def lines(*, pair: models.RecordPair, mappings: Sequence[models.FieldMapping]) -> list[Line]:
    """Compare the two records of a pair by the mappings of its sync."""
    related = _related(pair, mappings)
    return [_line(pair, mapping, related) for mapping in mappings if mapping.active]


def _line(pair: models.RecordPair, mapping: models.FieldMapping, related: Mapping[str, Any]) -> Line:
    left, right = _value(pair.left, mapping.left_field, related), _value(pair.right, mapping.right_field, related)
    if pair.right is not None and mapping.right_field.name not in pair.right.values:
        right = pair.base_right.get(mapping.key)  # no record holds it: it is put together when the pair is planned
    money = mapping.left_field.currency, mapping.right_field.currency
    told, color = _told(pair, mapping, left, right)
    return Line(
        left_label=mapping.left_field.label, right_label=mapping.right_field.label, left=_amount(left, money[0]),
        right=_amount(right, money[1]),
        arrow=ARROWS[Direction(mapping.direction)], direction=Direction(mapping.direction).label,
        agreed=_agreed(pair, mapping.key, words.shown(left), words.shown(right)), words=told, color=color,
    )


def _value(record: models.Record | None, field: models.VendorField, related: Mapping[str, Any]) -> object:
    if record is None:
        return None
    return related.get(field.name) if field.associated_kind else record.values.get(field.name)


def _amount(value: object, currency: str) -> str:
    """A value as it is shown, an amount of money with its currency."""
    shown = words.shown(value)
    return f"{shown} {currency}" if currency and value not in (None, "") else shown


def _agreed(pair: models.RecordPair, key: str, *now: str) -> str:
    """What was last agreed, where it is not what both sides show now."""
    if key not in pair.base_left and key not in pair.base_right:
        return ""
    before = words.shown(pair.base_left.get(key)), words.shown(pair.base_right.get(key))
    if before == now:
        return ""
    return before[0] if before[0] == before[1] else " / ".join(before)


def _told(pair: models.RecordPair, mapping: models.FieldMapping, left: object, right: object) -> tuple[str, str]:
    """How the two values stand to each other, and how that is colored."""
    if pair.left is None or pair.right is None:
        return "", ""
    if mapping.fallback:
        return "Used where the field above is empty", ""
    if mapping.key in pair.base_left or mapping.key in pair.base_right:
        moved = left != pair.base_left.get(mapping.key), right != pair.base_right.get(mapping.key)
        if moved == (True, True) and left != right:
            return "Changed on both sides", "warning"
        if any(moved) and left != right:
            return f"Changed in {(Side.LEFT if moved[0] else Side.RIGHT).label}", "info"
        return ("Agreed", "success") if _same(left, right) else ("Agreed, written differently", "success")
    if _same(left, right):
        return "The same", "success"
    return "Different", "warning"


def _same(left: object, right: object) -> bool:
    return left == right or words.shown(left) == words.shown(right)


def _related(pair: models.RecordPair, mappings: Sequence[models.FieldMapping]) -> dict[str, Any]:
    """The values of associated records that the mappings look at, those of the primary one."""
    kinds = {mapping.left_field.associated_kind for mapping in mappings} - {""}
    if pair.left is None or not kinds:
        return {}
    links = models.RecordLink.objects.filter(
        connection=pair.left.connection_id, from_kind=pair.left.kind, from_id=pair.left.external_id, to_kind__in=kinds
    )
    primary: dict[str, str] = {}
    for link in links.order_by("position", "pk"):
        primary.setdefault(link.to_kind, link.to_id)
    found = models.Record.objects.filter(connection=pair.left.connection_id, kind__in=primary, external_id__in=primary.values())
    return {
        f"{record.kind}.{name}": value
        for record in found if primary.get(record.kind) == record.external_id for name, value in record.values.items()
    }
