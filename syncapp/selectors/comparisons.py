"""A pair's two records beside each other, field by field, with what was last agreed.

Reads the mirror only. What should be written is the engine's business.
"""
from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from syncapp import models
from syncapp.engine import transforms, values
from syncapp.engine.vocabulary import Direction, FieldType, PairState, RecordState, Side, TransformKind
from syncapp.engine.wording import say
from syncapp.selectors import discretion, named, words

_TYPED = frozenset(FieldType) - {FieldType.REFERENCE, FieldType.LINES, FieldType.CHOICES}
ARROWS: Mapping[Direction, str] = {Direction.BOTH: "↔", Direction.TO_LEFT: "←", Direction.TO_RIGHT: "→"}


@dataclass(frozen=True, kw_only=True)
class Edit:
    """What a person types a new value into: a list of choices, each as it is sent and as it is read, or a text that begins as it is."""

    key: str
    typed: str
    choices: Sequence[tuple[str, str]] = ()


@dataclass(frozen=True, kw_only=True)
class Line:
    """One mapped field of both records. `color` marks what differs; `edit` is None where neither value can be typed here."""

    left_label: str
    right_label: str
    left: str
    right: str
    arrow: str
    direction: str
    agreed: str
    words: str
    color: str
    edit: Edit | None


@dataclass(frozen=True, kw_only=True)
class End:
    """One of the two records, or the empty place of a missing one."""

    side: Side
    connection: models.Connection
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
    return [
        End(side=Side.LEFT, connection=pair.config.left, record=pair.left),
        End(side=Side.RIGHT, connection=pair.config.right, record=pair.right),
    ]


def lines(*, pair: models.RecordPair, mappings: Sequence[models.FieldMapping], contested: Collection[str] = ()) -> list[Line]:
    """Compare the two records of a pair by the mappings of its sync. The fields of `contested` keys wait for another decision."""
    related = _related(pair, mappings)
    called = named.records(pair=pair, fields=[field for one in mappings for field in (one.left_field, one.right_field)])
    return [_line(pair, mapping, related, called, mapping.key in contested) for mapping in mappings if mapping.active]


def _line(
    pair: models.RecordPair, mapping: models.FieldMapping, related: Mapping[str, Any], called: named.Called, contested: bool
) -> Line:
    left = _value(pair.left, mapping.left_field.name, related, _template(mapping, Side.RIGHT))
    right = _value(pair.right, mapping.right_field.name, {}, _template(mapping, Side.LEFT))
    if pair.right is not None and mapping.right_field.name not in pair.right.values and not _template(mapping, Side.LEFT):
        right = pair.base_right.get(mapping.key)  # no record holds it: it is put together when the pair is planned
    told, color = _told(pair, mapping, left, right)
    hidden = discretion.hides(mapping.left_field, mapping.right_field)
    agreed = _agreed(pair, mapping.key, words.shown(left), words.shown(right))
    return Line(
        left_label=mapping.left_field.label, right_label=mapping.right_field.label,
        left=_written(mapping.left_field, left, called, hidden),
        right=_written(mapping.right_field, right, called, hidden),
        arrow=ARROWS[_flow(pair, mapping)], direction=_flow(pair, mapping).label,
        agreed=discretion.shown(agreed, hidden=hidden and bool(agreed)), words=told, color=color,
        edit=None if contested or hidden else _edit(pair, mapping, left),
    )


def _written(field: models.VendorField, value: object, called: named.Called, hidden: bool) -> str:
    return discretion.shown(named.shown(field=field, value=value, called=called), hidden=hidden and value not in (None, "", []))


def _edit(pair: models.RecordPair, mapping: models.FieldMapping, left: object) -> Edit | None:
    """Where both records are kept in step and both fields are written, a person may type a value for them."""
    ends = pair.left, pair.right
    alive = all(end is not None and end.state == RecordState.LIVE for end in ends)
    both = _flow(pair, mapping) is Direction.BOTH and mapping.left_field.writable and mapping.right_field.writable
    plain = mapping.left_field.type in _TYPED and not (mapping.left_field.associated_kind or mapping.fallback)
    if not (alive and both and plain) or pair.excluded_by_hand or PairState(pair.state).held:
        return None
    if any(_template(mapping, side) for side in Side):
        return None
    shown = named.shown(field=mapping.left_field, value=left, called={}) if left is not None else ""
    if mapping.left_field.type == FieldType.BOOLEAN:
        known = tuple((values.plain(one), values.shown(one)) for one in (True, False))
        return Edit(key=mapping.key, typed=values.plain(left) if isinstance(left, bool) else shown, choices=known)
    if mapping.left_field.type == FieldType.CHOICE:
        return Edit(key=mapping.key, typed=shown, choices=tuple((str(label), str(label)) for _, label in mapping.left_field.choices))
    return Edit(key=mapping.key, typed="" if left is None else str(left))


def _flow(pair: models.RecordPair, mapping: models.FieldMapping) -> Direction:
    """Which way values of a mapping flow: no further than the sync does."""
    own, whole = Direction(mapping.direction), Direction(pair.config.direction)
    return whole if own is Direction.BOTH else own


def _template(mapping: models.FieldMapping, side: Side) -> str:
    """The template whose text is written to a side, "" where there is none."""
    steps = (step for step in mapping.transforms.all() if step.side == side and step.kind == TransformKind.TEMPLATE)
    return next((step.setting for step in steps), "")


def _value(record: models.Record | None, name: str, related: Mapping[str, Any], template: str) -> object:
    """What a record has in a field, an associated one's included, or the text that a template makes of its fields."""
    if record is None:
        return None
    if template:
        known = {**record.values, **related}
        return transforms.composed(template=template, value_of=lambda name: values.from_json(known.get(name)))
    return related[name] if name in related else record.values.get(name)


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
        return say("Used where the field above is empty"), ""
    if mapping.key in pair.base_left or mapping.key in pair.base_right:
        moved = left != pair.base_left.get(mapping.key), right != pair.base_right.get(mapping.key)
        if moved == (True, True) and left != right:
            return say("Changed on both sides"), "warning"
        if any(moved) and left != right:
            return say("Changed in {system}", system=(Side.LEFT if moved[0] else Side.RIGHT).label), "info"
        return say("Agreed") if _same(mapping, left, right) else say("Agreed, written differently"), "success"
    if _same(mapping, left, right):
        return say("The same"), "success"
    return say("Different"), "warning"


def _same(mapping: models.FieldMapping, left: object, right: object) -> bool:
    """Whether both read alike. Records of two kinds that stand for one another are the same, whatever they are called."""
    return bool(mapping.right_field.refers_to) or left == right or words.shown(left) == words.shown(right)


def _related(pair: models.RecordPair, mappings: Sequence[models.FieldMapping]) -> dict[str, Any]:
    """The values of associated records that the mappings look at, those of the primary one."""
    kinds = {mapping.left_field.associated_kind for mapping in mappings} - {""}
    for mapping in mappings:
        kinds |= {name.partition(".")[0] for name in transforms.places(_template(mapping, Side.RIGHT)) if "." in name}
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
