"""A create that was refused because something with its name or key is there already.

Owns the display-name policy at the moment of writing. A twin with the same match key is never a second record: it is matched.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from django.db.models import Q

from syncapp import models
from syncapp.engine import errors, names, normalize, plans, records, values, vocabulary
from syncapp.engine.wording import say
from syncapp.services import context, mirror, observe, pairs, results

SUFFIX_TRIES = 20


def resolve(*, lane: context.Lane, side: context.SideContext, operation: models.Operation, error: errors.AlreadyExists) -> None:
    """Look up who is there and go on by the policy. Opens its own transactions around its own calls.

    The operation is ready to be sent again already, so it does not matter if this comes to nothing.
    """
    try:
        _resolve(lane=lane, side=side, operation=operation, error=error)
    except (errors.Rejected, errors.Misunderstood) as refusal:
        with lane.transaction():
            if _still_ready(operation):
                results.note_error(operation=operation, error=refusal)
                results.refuse(lane=lane, operation=operation, reason=vocabulary.Reason.REFUSED)


def _still_ready(operation: models.Operation) -> bool:
    """Whether nobody took it back meanwhile; the pair is brought up to date. Call it inside the lane's transaction."""
    operation.pair.refresh_from_db()
    return models.Operation.objects.filter(pk=operation.pk, status=vocabulary.OperationStatus.READY).exists()


def _resolve(*, lane: context.Lane, side: context.SideContext, operation: models.Operation, error: errors.AlreadyExists) -> None:
    holders = _holders(lane=lane, side=side, operation=operation, error=error)
    with lane.transaction():
        observe.take(lane=lane, side=side, wanted=side.main, found=holders, strong=True)
    keys = _origin_keys(operation)
    twins = [] if operation.pair.alone else [holder for holder in holders if keys & set(_match_keys(lane, side, holder))]
    if twins:
        _leave_to_matching(lane=lane, side=side, operation=operation, twins=twins)
        return
    holder = holders[0] if holders else None
    name = _name(lane=lane, operation=operation)
    if side.side is vocabulary.Side.LEFT or not name:
        _refuse(lane=lane, operation=operation, holder=holder, held=False)
        return
    decided = names.resolve(
        policy=lane.rules.name_policy,
        name=name,
        pattern=lane.rules.name_suffix,
        holder=_described(lane, side, holder),
        taken=_taken(lane=lane, side=side, name=name),
        kind=side.main.kind,
        longest=_longest(lane),
    )
    if decided.name:
        changes = {**operation.changes, lane.rules.name_field: [None, decided.name]}
        _again(lane=lane, operation=operation, changes=changes, note=say("The name was taken, so a suffix was added."))
    elif decided.parent and "ParentRef" not in operation.changes:
        _again(
            lane=lane,
            operation=operation,
            changes=under_parent(lane=lane, changes=operation.changes, parent=decided.parent),
            note=say("The name was taken, so it becomes a sub-customer of the customer that has it."),
        )
    elif decided.link_to and holder is not None:
        _link(lane=lane, side=side, operation=operation, holder=holder)
    else:
        _refuse(lane=lane, operation=operation, holder=holder, held=decided.held)


def at_plan(
    *,
    lane: context.Lane,
    action: plans.Action,
    planned: dict[str, int],
    pair_id: int,
    holders: Mapping[str, models.Record],
) -> tuple[plans.Action | None, dict[str, object]]:
    """Apply the display-name policy to a planned create whose name is known to be taken, so that a preview shows the outcome.

    `planned` holds the folded names of creates already planned, by pair, `holders` who has a name in QuickBooks. Returns the
    action (None where it must not be sent) and the detail for the pair's page. Linking is left to the moment of writing: only
    then is the holder sure to be free.
    """
    change = next((c for c in action.changes if c.field == lane.rules.name_field), None)
    if change is None or action.kind is not vocabulary.OperationKind.CREATE or not isinstance(change.after, str):
        return action, {}
    folded = names.folded(change.after)
    holder = holders.get(folded[:300])
    if holder is None and planned.get(folded, pair_id) == pair_id:
        planned[folded] = pair_id
        return action, {}
    detail: dict[str, object] = {"field": lane.rules.name_field, "name": change.after}
    if holder is not None:
        detail |= {"holder": holder.external_id, "holder_name": holder.label}
    policy = lane.rules.name_policy
    if policy is vocabulary.NamePolicy.SUFFIX:
        taken = [*planned, *mirrored(connection_id=lane.right.connection.pk, kind=lane.right.main.kind, start=folded)]
        free = names.free_name(name=change.after, pattern=lane.rules.name_suffix, taken=taken, longest=_longest(lane))
        if free:
            planned[names.folded(free)] = pair_id
            why = say('The name "{name}" is taken, so a suffix is added.', name=change.after)
            return _with(action, {change.field: (free, why)}), {}
    if policy is vocabulary.NamePolicy.SUB_CUSTOMER and holder is not None:
        made = under_parent(
            lane=lane, changes={c.field: [None, values.to_json(c.after)] for c in action.changes}, parent=holder.external_id
        )
        why = say('The name "{name}" is taken, so it becomes a sub-customer of {holder}.', name=change.after, holder=holder.label)
        return _with(
            action, {name: (values.from_json(pair[1]), why) for name, pair in made.items() if name in ("ParentRef", "Job", change.field)}
        ), {}
    if policy in (vocabulary.NamePolicy.LINK, vocabulary.NamePolicy.SUB_CUSTOMER):
        why = say('The name "{name}" is taken: {policy}.', name=change.after, policy=f"{policy.label[0].lower()}{policy.label[1:]}")
        return _with(action, {change.field: (change.after, why)}), {}
    return None, detail


def holders(*, lane: context.Lane, actions: Sequence[plans.Action]) -> dict[str, models.Record]:
    """Who has the names that planned creates would take, by folded name. One query."""
    if not lane.rules.name_field:
        return {}
    wished = {
        names.folded(change.after)[:300]
        for action in actions
        if action.kind is vocabulary.OperationKind.CREATE and action.side is vocabulary.Side.RIGHT
        for change in action.changes
        if change.field == lane.rules.name_field and isinstance(change.after, str)
    }
    rows = models.Record.objects.filter(
        connection=lane.right.connection, kind=lane.right.main.kind, key3__among=wished, state=vocabulary.RecordState.LIVE
    )
    return {row.key3: row for row in rows.order_by("-pk")}


def planned_names(*, lane: context.Lane) -> dict[str, int]:
    """The folded display names of creates that are planned but not yet done, by pair."""
    if not lane.rules.name_field:
        return {}
    rows = models.Operation.objects.filter(
        config=lane.config, side=vocabulary.Side.RIGHT, kind=vocabulary.OperationKind.CREATE, status__in=pairs.OPEN
    ).values_list("pair_id", f"changes__{lane.rules.name_field}__1")
    return {names.folded(name): pair_id for pair_id, name in rows.iterator() if isinstance(name, str)}


def under_parent(*, lane: context.Lane, changes: Mapping[str, Sequence[object]], parent: str) -> dict[str, list[object]]:
    """The body of a sub-customer: the person's own name where there is one, below the parent."""
    made = {name: list(change) for name, change in changes.items()}
    parts = [made.get(name, [None, None])[1] for name in ("GivenName", "FamilyName")]
    own = names.joined(parts=[part for part in parts if isinstance(part, str)])
    if own:
        made[lane.rules.name_field] = [None, own]
    return {**made, "ParentRef": [None, parent], "Job": [None, True]}


def _with(action: plans.Action, wanted: Mapping[str, tuple[records.Value, str]]) -> plans.Action:
    kept = tuple(c if c.field not in wanted else replace(c, after=wanted[c.field][0], why=wanted[c.field][1]) for c in action.changes)
    have = {c.field for c in kept}
    added = tuple(
        plans.Change(field=name, before=None, after=value, key="", why=why) for name, (value, why) in wanted.items() if name not in have
    )
    return replace(action, changes=(*kept, *added))


def _longest(lane: context.Lane) -> int:
    """How long a name may be, as the account's field says."""
    told = (mapping.right.max_length for mapping in lane.rules.mappings if mapping.right.name == lane.rules.name_field)
    return next((longest for longest in told if longest), names.MAX_LENGTH)


def mirrored(*, connection_id: int, kind: str, start: str) -> list[str]:
    """List the folded names of live records that begin so, as far as they were read."""
    named = models.Record.objects.filter(connection=connection_id, kind=kind, state=vocabulary.RecordState.LIVE)
    return list(named.filter(key3__startswith=start[:200]).values_list("key3", flat=True)[:500])


def _taken(*, lane: context.Lane, side: context.SideContext, name: str) -> list[str]:
    """The names that the vendor shows as taken among the first suffixes."""
    if lane.rules.name_policy is not vocabulary.NamePolicy.SUFFIX:
        return []
    wished = [names.suffixed(name=name, pattern=lane.rules.name_suffix, n=n, longest=_longest(lane)) for n in range(2, 2 + SUFFIX_TRIES)]
    found = side.connector.find(wanted=side.main, field_name=lane.rules.name_field, values=wished)
    shown = [record.values.get(lane.rules.name_field) for record in found]
    return [other for other in shown if isinstance(other, str)]


def _described(lane: context.Lane, side: context.SideContext, holder: records.Record | None) -> names.Holder:
    """Who has the name. Nobody that can be seen: a vendor or an employee has it."""
    if holder is None:
        return names.Holder(kind="", external_id="", paired=True)
    paired = models.RecordPair.objects.filter(
        config=lane.config,
        left__isnull=False,
        right__connection=side.connection,
        right__kind=side.main.kind,
        right__external_id=holder.ref.external_id,
    ).exists()
    return names.Holder(kind=holder.ref.kind, external_id=holder.ref.external_id, paired=paired)


def _holders(
    *, lane: context.Lane, side: context.SideContext, operation: models.Operation, error: errors.AlreadyExists
) -> Sequence[records.Record]:
    """The live records that are in the way, those with our match key first."""
    if error.existing_id:
        found = side.connector.read(wanted=side.main, ids=[error.existing_id]).records
        if found:
            return found
    shown: dict[str, records.Record] = {}
    origin = operation.pair.right if side.side is vocabulary.Side.LEFT else operation.pair.left
    for match_key in lane.rules.match_keys:
        own, other = (match_key.left, match_key.right) if side.side is vocabulary.Side.LEFT else (match_key.right, match_key.left)
        value = mirror.from_json(origin.values).get(other) if origin is not None else None
        if isinstance(value, str):
            shown |= {r.ref.external_id: r for r in side.connector.find(wanted=side.main, field_name=own, values=[value])}
    name = _name(lane=lane, operation=operation)
    if side.side is vocabulary.Side.RIGHT and name:
        found = side.connector.find(wanted=side.main, field_name=lane.rules.name_field, values=[name])
        shown |= {r.ref.external_id: r for r in found if r.ref.external_id not in shown}
    return [record for record in shown.values() if record.state is vocabulary.RecordState.LIVE]


def _name(*, lane: context.Lane, operation: models.Operation) -> str:
    change = operation.changes.get(lane.rules.name_field)
    return change[1] if change and isinstance(change[1], str) else ""


def _match_keys(lane: context.Lane, side: context.SideContext, record: records.Record) -> list[str]:
    own = [key.left if side.side is vocabulary.Side.LEFT else key.right for key in lane.rules.match_keys]
    made = [normalize.key(type=key.type, value=record.values.get(name)) for key, name in zip(lane.rules.match_keys, own, strict=True)]
    return [key for key in made if key]


def _origin_keys(operation: models.Operation) -> set[str]:
    origin = operation.pair.right if operation.side == vocabulary.Side.LEFT else operation.pair.left
    return {origin.key1, origin.key2} - {""} if origin is not None else set()


def _leave_to_matching(
    *, lane: context.Lane, side: context.SideContext, operation: models.Operation, twins: Sequence[records.Record]
) -> None:
    """A record with the same key is matched, not made again. One that is excluded is nobody's partner, and stands in the way."""
    ids = [twin.ref.external_id for twin in twins]
    end = "left" if side.side is vocabulary.Side.LEFT else "right"
    with lane.transaction():
        if not _still_ready(operation):
            return
        among = {f"{end}__kind": side.main.kind, f"{end}__external_id__among": ids}
        of_twins = models.RecordPair.objects.filter(config=lane.config, **among)
        if of_twins.filter(Q(excluded_by_hand=False) | Q(left__isnull=False, right__isnull=False)).exists():
            _supersede(lane=lane, operation=operation, note=say("A record with the same key is there already; it is matched instead."))
            return
        results.refuse(lane=lane, operation=operation, reason=vocabulary.Reason.CANDIDATE_TAKEN)
        operation.pair.detail = {**operation.pair.detail, "candidates": ids}
        operation.pair.save(update_fields=["detail"])


def _supersede(*, lane: context.Lane, operation: models.Operation, note: str) -> None:
    results.finish(lane=lane, operation=operation, status=vocabulary.OperationStatus.SUPERSEDED, note=note)
    operation.save()
    models.RecordPair.objects.filter(pk=operation.pair_id).update(dirty=True)
    lane.count("superseded")


def _again(*, lane: context.Lane, operation: models.Operation, changes: dict[str, list[object]], note: str) -> None:
    """Send it again with another body, and therefore under another key."""
    operation.changes = changes
    operation.idempotency_key = lane.ports.new_key()
    operation.status, operation.attempts, operation.note = vocabulary.OperationStatus.READY, 0, note[:300]
    with lane.transaction():
        if _still_ready(operation):
            operation.save()


def _link(*, lane: context.Lane, side: context.SideContext, operation: models.Operation, holder: records.Record) -> None:
    row = models.Record.objects.get(connection=side.connection, kind=side.main.kind, external_id=holder.ref.external_id)
    pair = operation.pair
    with lane.transaction():
        if not _still_ready(operation):
            return
        other = pairs.by_record(config=lane.config, side=side.side, rows=[row]).get(row.pk)
        joined = pairs.attach(pair=pair, row=row, side=side.side, other=other, now=lane.ports.now())
        if joined:
            pair.state, pair.reason, pair.detail, pair.dirty = vocabulary.PairState.LINKED, vocabulary.Reason.NONE, {}, True
            pair.save(update_fields=["left", "right", "state", "reason", "detail", "dirty"])
            note = say("The name was taken, so it was linked to {holder}.", holder=holder.label)
            _supersede(lane=lane, operation=operation, note=note)
    if not joined:
        _refuse(lane=lane, operation=operation, holder=holder, held=False)


def _refuse(*, lane: context.Lane, operation: models.Operation, holder: records.Record | None, held: bool) -> None:
    with lane.transaction():
        if not _still_ready(operation):
            return
        left = operation.side == vocabulary.Side.LEFT
        by_name = vocabulary.Reason.SAME_KEY_TWICE if left else vocabulary.Reason.NAME_TAKEN
        results.refuse(lane=lane, operation=operation, reason=results.reason_of(code=operation.error_code) or by_name)
        pair = operation.pair
        pair.detail = {**pair.detail, "name": _name(lane=lane, operation=operation)}
        if holder is not None:
            pair.detail = {**pair.detail, "holder": holder.ref.external_id, "holder_name": holder.label}
        if held:
            pair.state = vocabulary.PairState.AMBIGUOUS
        pair.save(update_fields=["state", "detail"])
