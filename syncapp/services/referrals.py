"""What the records that a record names are on the other side.

Owns the way from a reference to a partner: through the pairs of the other syncs of the same two accounts, and from a contact without
a partner to the one customer with its e-mail address. Writes nothing.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace

from django.db.models import F, Q
from django.db.models.fields.json import KT
from django.db.models.functions import Lower

from syncapp import models
from syncapp.engine import lines, normalize, records, references, rules, schema, values, vocabulary
from syncapp.engine.vocabulary import FieldType, ObjectPair, PairState, RecordState, Side
from syncapp.engine.wording import say
from syncapp.selectors import reasons
from syncapp.services import context, links, mirror, needs

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
_HOPELESS = frozenset({("left", ObjectPair.CONTACT_CUSTOMER)})
_OVER = frozenset({PairState.FROZEN, PairState.FAILED, PairState.ORPHANED, PairState.TOMBSTONE})
"""A HubSpot contact in one of these states gets no customer by itself: a person has to act."""
_CUSTOMERS_MAIL = "PrimaryEmailAddr.Address"


def with_partners(
    *, config: models.SyncConfig, frozen: rules.SyncRules, side: Side, subjects: Mapping[int, records.Subject]
) -> dict[int, records.Subject]:
    """Tell each subject what the records that it names are on the other side. Some queries for each kind that is named."""
    asked = _asked(frozen, side)
    if not asked or not subjects:
        return dict(subjects)
    wished: dict[Wanted, set[str]] = defaultdict(set)
    named: dict[int, set[tuple[Wanted, str]]] = defaultdict(set)
    for key, subject in subjects.items():
        for spec, wanted in asked:
            for external_id in _ids(spec, subject.value(spec.name)):
                wished[wanted].add(external_id)
                named[key].add((wanted, external_id))
    known = {wanted: _partners(config=config, side=side, wanted=wanted, ids=ids) for wanted, ids in wished.items()}
    return {
        key: replace(subject, partners={(wanted[0], one): known[wanted][one] for wanted, one in named.get(key, ())})
        for key, subject in subjects.items()
    }


def subject(
    *, frozen: rules.SyncRules, config: models.SyncConfig, side: Side, row: models.Record | None, kind: str
) -> records.Subject | None:
    """One record of a sync as the engine looks at it by one mapping, for a page; None where there is none."""
    if row is None:
        return None
    connection_id, (mapping,) = config.left_id if side is Side.LEFT else config.right_id, frozen.mappings
    kinds = needs.beside(mapping=mapping, side=side, kind=kind)
    found = mirror.gathered(connection_id=connection_id, kind=kind, kinds=kinds, rows=[row])
    return with_partners(config=config, frozen=frozen, side=side, subjects=found)[row.pk]


def beyond(*, config: models.SyncConfig, wanted: Wanted, ids: Collection[str]) -> dict[str, tuple[str, ...]]:
    """What is meant by QuickBooks records without being their partners, by their ids: the companies or deals of those."""
    found = _associated(config=config, ids=ids, named=wanted[1], beyond=_BEYOND[wanted])
    return {one: partner.external_ids for one, partner in found.items()}


def sibling(*, config: models.SyncConfig, pair: ObjectPair) -> models.SyncConfig | None:
    """Find the sync that keeps these objects of the same two accounts in step."""
    if config.object_pair == pair:
        return config
    return models.SyncConfig.objects.filter(left_id=config.left_id, right_id=config.right_id, object_pair=pair).first()


def _asked(frozen: rules.SyncRules, side: Side) -> list[tuple[schema.FieldSpec, Wanted]]:
    """The fields of a side that name records, and which records are meant by them."""
    found = []
    for mapping in frozen.mappings:
        own, other = (mapping.left, mapping.right) if side is Side.LEFT else (mapping.right, mapping.left)
        if references.refers(own) and own.refers_to != other.refers_to:
            found.append((own, (other.refers_to, own.refers_to)))
    return found


def _ids(spec: schema.FieldSpec, value: records.Value) -> Iterable[str]:
    if spec.type is FieldType.LINES:
        return [line.record for line in lines.parse(value) if line.record]
    return value if isinstance(value, tuple) else (value,) if isinstance(value, str) else ()


def _partners(*, config: models.SyncConfig, side: Side, wanted: Wanted, ids: Collection[str]) -> Found:
    beyond = _BEYOND.get(wanted)
    if beyond is not None and side is Side.RIGHT:
        return _associated(config=config, ids=ids, named=wanted[1], beyond=beyond)
    pair = _PAIRED.get(wanted)
    if pair is None:
        return {one: records.Partner(needed=False) for one in ids}
    return _paired(config=config, side=side, pair=pair, kind=wanted[1], ids=ids)


def _paired(*, config: models.SyncConfig, side: Side, pair: ObjectPair, kind: str, ids: Collection[str]) -> Found:
    sync = sibling(config=config, pair=pair)
    if sync is None:
        needed = pair in _MANDATORY
        unset = say("There is no sync of {objects} between these two accounts. Set one up first.", objects=pair.label)
        why = unset if needed else ""
        return {one: records.Partner(needed=needed, why=why) for one in ids}
    end, there = ("left", "right") if side is Side.LEFT else ("right", "left")
    rows = models.RecordPair.objects.filter(config=sync, **{f"{end}__kind": kind, f"{end}__external_id__among": ids})
    by_id = {getattr(row, end).external_id: row for row in rows.select_related("left", "right", "config")}
    found = {one: _partner(by_id.get(one), end=end, there=there, sync=sync) for one in ids}
    if pair is not ObjectPair.CONTACT_CUSTOMER or side is Side.RIGHT:
        return found
    alone = [one for one, partner in found.items() if not partner.external_ids]
    return {**found, **_by_mail(config=config, ids=alone, found=found)} if alone else found


def _by_mail(*, config: models.SyncConfig, ids: Collection[str], found: Found) -> Found:
    """Whom contacts without a partner mean: the one live customer with their e-mail address."""
    contacts = models.Record.objects.filter(connection_id=config.left_id, kind="contacts", external_id__among=ids)
    mails = {
        row.external_id: mail
        for row in contacts.filter(state=RecordState.LIVE)
        if (mail := normalize.key(type=FieldType.EMAIL, value=values.from_json(row.values.get("email"))))
    }
    if not mails:
        return {}
    keys = [name for name, _ in needs.of(connection_id=config.right_id).key_fields(kind="customer")][: len(context.KEY_COLUMNS)]
    rows = models.Record.objects.filter(connection_id=config.right_id, kind="customer", state=RecordState.LIVE)
    if _CUSTOMERS_MAIL in keys:
        rows = rows.annotate(mail=F(context.KEY_COLUMNS[keys.index(_CUSTOMERS_MAIL)]))
    else:
        rows = rows.annotate(mail=Lower(KT(f"values__{_CUSTOMERS_MAIL}")))
    customers: dict[str, list[str]] = defaultdict(list)
    for mail, external_id in rows.filter(mail__among=set(mails.values())).values_list("mail", "external_id"):
        customers[mail].append(external_id)
    meant = {one: tuple(customers.get(mail, ())) for one, mail in mails.items()}
    return {one: replace(found[one], external_ids=those) for one, those in meant.items() if len(those) == 1}


def _partner(row: models.RecordPair | None, *, end: str, there: str, sync: models.SyncConfig) -> records.Partner:
    """The partner of one record. One that is archived or gone, and never had one, is not waited for: nothing will come of it."""
    if row is None:
        return records.Partner(why=say("The sync “{sync}” has not seen it yet; it goes on by itself once it has.", sync=sync))
    own, other = getattr(row, end), getattr(row, there)
    if other is not None and other.state == RecordState.LIVE:
        return records.Partner(external_ids=(other.external_id,), label=own.label)
    hopeless = (end, sync.object_pair) in _HOPELESS
    if other is not None:
        gone = say("Its partner in the sync “{sync}” was deleted or archived.", sync=sync)
        return records.Partner(label=own.label, why=gone, comes=not hopeless)
    if own.state != RecordState.LIVE and sync.object_pair not in _MANDATORY:
        return records.Partner(label=own.label, needed=False)
    standing, because = PairState(row.state).standing.label.lower(), reasons.short(pair=row) or PairState(row.state).label
    told = say("In the sync “{sync}” it is {standing}: {why}", sync=sync, standing=standing, why=because)
    return records.Partner(label=own.label, why=told, comes=not hopeless or PairState(row.state) not in _OVER)


def _associated(*, config: models.SyncConfig, ids: Collection[str], named: str, beyond: tuple[ObjectPair, str, str]) -> Found:
    """What the HubSpot partners of these QuickBooks records are associated with: the primary company, or every deal. None is no fault."""
    pair, kind, other = beyond
    sync = sibling(config=config, pair=pair)
    rows = models.RecordPair.objects.filter(config=sync, right__kind=named, right__external_id__among=ids, left__isnull=False)
    partner_of = dict(rows.values_list("right__external_id", "left__external_id"))
    far_ends: dict[str, list[str]] = defaultdict(list)
    stored = links.between(connection_id=config.left_id, kind=kind, ids=set(partner_of.values()), others=[other])
    ends = [(link.from_id, link.to_id) if link.from_kind == kind else (link.to_id, link.from_id) for link in stored]
    there = models.Record.objects.filter(connection_id=config.left_id, kind=other, external_id__among={far for _, far in ends})
    over = set(there.exclude(state=RecordState.LIVE).values_list("external_id", flat=True))
    for own, far in ends:
        if far not in over:
            far_ends[own].append(far)
    return {one: records.Partner(external_ids=tuple(far_ends.get(partner_of.get(one, ""), ())), needed=False) for one in ids}


def look_again(*, lane: context.Lane) -> None:
    """Have every pair planned anew that waits for another record, lacks it, or was refused for naming one: it may be there by now.

    They are found by their states first, which an index holds, since all others are nearly all pairs.
    """
    lacking = Q(reason=vocabulary.Reason.NO_CUSTOMER)
    naming = [spec.name for mapping in lane.rules.mappings for spec in (mapping.left, mapping.right) if spec.type is FieldType.REFERENCE]
    if naming:
        lacking |= Q(reason=vocabulary.Reason.REFUSED, detail__field__in=naming)
    stuck = models.RecordPair.objects.filter(config=lane.config, state__in=[PairState.BLOCKED, PairState.FAILED]).values("pk")
    with lane.transaction():
        models.RecordPair.objects.filter(Q(state=PairState.BLOCKED) | lacking, pk__in=stuck, dirty=False).update(dirty=True)
