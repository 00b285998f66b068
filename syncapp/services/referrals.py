"""What the records that a record names are on the other side.

Owns the way from a reference to a partner: through the pairs of the other syncs of the same two accounts. Writes nothing.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace

from django.db.models import Q

from syncapp import models
from syncapp.engine import lines, records, references, rules, schema, vocabulary
from syncapp.engine.vocabulary import FieldType, ObjectPair, PairState, RecordState, Side
from syncapp.selectors import reasons
from syncapp.services import context

Wanted = tuple[str, str]
"""The kind that is wanted on the other side, and the kind of the record that is named on the own one."""
Found = dict[str, records.Partner]

_PAIRED: Mapping[Wanted, ObjectPair] = {
    ("contacts", "customer"): ObjectPair.CONTACT_CUSTOMER,
    ("customer", "contacts"): ObjectPair.CONTACT_CUSTOMER,
    ("products", "item"): ObjectPair.PRODUCT_ITEM,
    ("item", "products"): ObjectPair.PRODUCT_ITEM,
}
_BEYOND: Mapping[Wanted, tuple[ObjectPair, str, str]] = {
    ("companies", "customer"): (ObjectPair.CONTACT_CUSTOMER, "contacts", "companies"),
    ("deals", "invoice"): (ObjectPair.INVOICE, "invoices", "deals"),
}
"""What is meant by a QuickBooks record without being its partner: what its partner in HubSpot is associated with."""
_MANDATORY = frozenset({ObjectPair.CONTACT_CUSTOMER})
"""Without these syncs nothing can be written that names their records."""


def with_partners(
    *, lane: context.Lane, side: context.SideContext, subjects: Mapping[int, records.Subject]
) -> dict[int, records.Subject]:
    """Tell each subject what the records that it names are on the other side. Some queries for each kind that is named."""
    asked = _asked(lane.rules, side.side)
    if not asked or not subjects:
        return dict(subjects)
    wished: dict[Wanted, set[str]] = defaultdict(set)
    named: dict[int, set[tuple[Wanted, str]]] = defaultdict(set)
    for key, subject in subjects.items():
        for spec, wanted in asked:
            for external_id in _ids(spec, subject.value(spec.name)):
                wished[wanted].add(external_id)
                named[key].add((wanted, external_id))
    known = {wanted: _partners(lane=lane, side=side, wanted=wanted, ids=ids) for wanted, ids in wished.items()}
    return {
        key: replace(subject, partners={(wanted[0], one): known[wanted][one] for wanted, one in named.get(key, ())})
        for key, subject in subjects.items()
    }


def _asked(frozen: rules.SyncRules, side: Side) -> list[tuple[schema.FieldSpec, Wanted]]:
    """The fields of a side that name records, and which records are meant by them."""
    found = []
    for mapping in frozen.mappings:
        own, other = (mapping.left, mapping.right) if side is Side.LEFT else (mapping.right, mapping.left)
        if references.refers(own):
            found.append((own, (other.refers_to, own.refers_to)))
    return found


def _ids(spec: schema.FieldSpec, value: records.Value) -> Iterable[str]:
    if spec.type is FieldType.LINES:
        return [line.item for line in lines.parse(value) if line.item]
    return value if isinstance(value, tuple) else (value,) if isinstance(value, str) else ()


def _partners(*, lane: context.Lane, side: context.SideContext, wanted: Wanted, ids: Collection[str]) -> Found:
    beyond = _BEYOND.get(wanted)
    if beyond is not None and side.side is Side.RIGHT:
        return _associated(lane=lane, ids=ids, named=wanted[1], beyond=beyond)
    pair = _PAIRED.get(wanted)
    if pair is None:
        return {one: records.Partner(needed=False) for one in ids}
    return _paired(lane=lane, side=side, pair=pair, kind=wanted[1], ids=ids)


def _sibling(lane: context.Lane, pair: ObjectPair) -> models.SyncConfig | None:
    """The sync that keeps these objects of the same two accounts in step."""
    return models.SyncConfig.objects.filter(left_id=lane.config.left_id, right_id=lane.config.right_id, object_pair=pair).first()


def _paired(*, lane: context.Lane, side: context.SideContext, pair: ObjectPair, kind: str, ids: Collection[str]) -> Found:
    sync = _sibling(lane, pair)
    if sync is None:
        needed = pair in _MANDATORY
        why = f"There is no sync of {pair.label} between these two accounts. Set one up first." if needed else ""
        return {one: records.Partner(needed=needed, why=why) for one in ids}
    end, there = ("left", "right") if side.side is Side.LEFT else ("right", "left")
    rows = models.RecordPair.objects.filter(config=sync, **{f"{end}__kind": kind, f"{end}__external_id__in": list(ids)})
    by_id = {getattr(row, end).external_id: row for row in rows.select_related("left", "right", "config")}
    return {one: _partner(by_id.get(one), end=end, there=there, sync=sync) for one in ids}


def _partner(row: models.RecordPair | None, *, end: str, there: str, sync: models.SyncConfig) -> records.Partner:
    """The partner of one record. One that is archived or gone, and never had one, is not waited for: nothing will come of it."""
    if row is None:
        return records.Partner(why=f"The sync “{sync}” has not seen it yet; it goes on by itself once it has.")
    own, other = getattr(row, end), getattr(row, there)
    if other is not None and other.state == RecordState.LIVE:
        return records.Partner(external_ids=(other.external_id,), label=own.label)
    if other is not None:
        return records.Partner(label=own.label, why=f"Its partner in the sync “{sync}” was deleted or archived.")
    if own.state != RecordState.LIVE and sync.object_pair not in _MANDATORY:
        return records.Partner(label=own.label, needed=False)
    standing, because = PairState(row.state).standing.label.lower(), reasons.short(pair=row) or PairState(row.state).label
    return records.Partner(label=own.label, why=f"In the sync “{sync}” it is {standing}: {because}")


def _associated(*, lane: context.Lane, ids: Collection[str], named: str, beyond: tuple[ObjectPair, str, str]) -> Found:
    """What the HubSpot partners of these QuickBooks records are associated with: the primary company, or every deal. None is no fault."""
    pair, kind, other = beyond
    sync = lane.config if lane.config.object_pair == pair else _sibling(lane, pair)
    rows = models.RecordPair.objects.filter(config=sync, right__kind=named, right__external_id__in=list(ids), left__isnull=False)
    partner_of = dict(rows.values_list("right__external_id", "left__external_id"))
    links: dict[str, list[str]] = defaultdict(list)
    stored = models.RecordLink.objects.filter(connection_id=lane.config.left_id).filter(
        Q(from_kind=kind, from_id__in=partner_of.values(), to_kind=other) | Q(from_kind=other, to_kind=kind, to_id__in=partner_of.values())
    )
    ordered = stored.order_by("position", "pk")
    ends = [(link.from_id, link.to_id) if link.from_kind == kind else (link.to_id, link.from_id) for link in ordered]
    there = models.Record.objects.filter(connection_id=lane.config.left_id, kind=other, external_id__in={far for _, far in ends})
    over = set(there.exclude(state=RecordState.LIVE).values_list("external_id", flat=True))
    for own, far in ends:
        if far not in over:
            links[own].append(far)
    return {one: records.Partner(external_ids=tuple(links.get(partner_of.get(one, ""), ())), needed=False) for one in ids}


def look_again(*, lane: context.Lane) -> None:
    """Have every pair planned anew that waits for another record, or was refused for naming one: it may be there by now."""
    waiting = Q(state=PairState.BLOCKED)
    naming = [spec.name for mapping in lane.rules.mappings for spec in (mapping.left, mapping.right) if spec.type is FieldType.REFERENCE]
    if naming:
        waiting |= Q(state=PairState.FAILED, reason=vocabulary.Reason.REFUSED, detail__field__in=naming)
    with lane.transaction():
        models.RecordPair.objects.filter(waiting, config=lane.config, dirty=False).update(dirty=True)
