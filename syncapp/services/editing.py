"""Change a value on both sides from the page of a pair.

Owns the check of what was typed, and the decision's row. The next plan carries it out, through the same journal as everything else.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction

from syncapp import models
from syncapp.engine import mapping as mappings
from syncapp.engine import merge, plans, records, references, rules, values, vocabulary
from syncapp.engine.vocabulary import ConflictStatus, PairState, RecordState, Side
from syncapp.engine.wording import later, say
from syncapp.services import defaults, mapping_details, mirror, referrals
from syncapp.services import rules as rules_service

WHY = later("A person typed this value on the page of the pair.")


class EditRefused(Exception):
    """The value cannot be changed so; the text says why and what to do instead."""


def edit(*, pair: models.RecordPair, key: str, text: str, actor: AbstractBaseUser, now: datetime) -> models.Conflict:
    """Have both records get a value that a person typed for one mapped field. Writes nothing at a vendor. Raises EditRefused."""
    left, right, config = pair.left, pair.right, pair.config
    if left is None or right is None:
        raise EditRefused(say("There is only one record here. Change the value in its own system."))
    if pair.excluded_by_hand or PairState(pair.state).held or {left.state, right.state} != {RecordState.LIVE}:
        raise EditRefused(say("The two records are not kept in step now, so nothing would reach them. Include or link them first."))
    if models.Conflict.objects.filter(pair=pair, key=key, status=ConflictStatus.OPEN).exists():
        raise EditRefused(say("Both sides changed this field. Decide that first, above; another value can be typed there too."))
    row = config.mappings.select_related("left_field", "right_field", "config").filter(key=key).first()
    frozen = rules_service.freeze(config=config)
    mapping = next((known for known in frozen.mappings if known.key == key), None)
    if row is None or mapping is None:
        raise EditRefused(say("This field is not mapped any more, or its mapping is off. Reload the page."))
    both = _both_ways(frozen=replace(frozen, mappings=(mapping,)), config=config, left=left, right=right)
    typed = mapping_details.typed_as_known(mapping=row, side=Side.LEFT, typed=text)
    value = _read(mapping, typed)
    seen = mappings.left_value(mapping, both.left), mappings.right_value(mapping, both.right)
    _check(both, mapping, plans.Decision(key=key, value=value, seen=seen), _facts(pair))
    return _decided(pair=pair, row=row, value=value, seen=seen, actor=actor, now=now)


def _both_ways(*, frozen: rules.SyncRules, config: models.SyncConfig, left: models.Record, right: models.Record) -> merge.Pair:
    """Both records, where the one mapping of the rules may write to either."""
    entry, (mapping,) = defaults.of(config.object_pair), frozen.mappings
    barred = next((side for side in Side if not merge.writable(frozen, mapping, side)), None)
    if barred is not None:
        raise EditRefused(say(
            "This sync does not write “{field}” in {side}. Change the value in {side} itself; the next run carries it over.",
            field=(mapping.left if barred is Side.LEFT else mapping.right).label, side=barred.label,
        ))
    if references.refers(mapping.left):
        raise EditRefused(say("This field names other records. Change it in HubSpot or QuickBooks itself."))
    one = referrals.subject(frozen=frozen, config=config, side=Side.LEFT, row=left, kind=entry.left_kind)
    two = referrals.subject(frozen=frozen, config=config, side=Side.RIGHT, row=right, kind=entry.right_kind)
    if one is None or two is None:
        raise EditRefused(say("The records are not known any more. Reload the page."))
    return merge.Pair(frozen, one, two)


def _read(mapping: rules.Mapping, typed: str) -> records.Value:
    try:
        value = values.canonical(type=mapping.left.type, raw=typed)
    except ValueError as refused:
        raise EditRefused(f"{mapping.left.label}: {refused}") from refused
    if values.blank(value):
        raise EditRefused(
            say("Type a value. A field is emptied in HubSpot or QuickBooks itself, where its mapping may clear the other side.")
        )
    return value


def _facts(pair: models.RecordPair) -> plans.PairFacts:
    return plans.PairFacts(
        state=PairState(pair.state), base_left=mirror.from_json(pair.base_left), base_right=mirror.from_json(pair.base_right),
        flagged=frozenset(pair.flagged),
    )


def _check(both: merge.Pair, mapping: rules.Mapping, decision: plans.Decision, facts: plans.PairFacts) -> None:
    """Plan the change without keeping the plan: either side may refuse the value, or nothing may come of it."""
    facts = replace(facts, decisions=(decision,), flagged=facts.flagged - {mapping.key})
    merged = merge.merge(pair=both, facts=facts)
    for_right, _ = merge.translated(both.rules, mapping, Side.RIGHT, decision.value, both.left)
    refused = [*merged.refused, merge.refusal(mapping=mapping, side=Side.RIGHT, value=for_right, origin=decision.value)]
    for one in refused:
        if one is not None:
            words = say("{side} would refuse this value for “{field}”.", side=one.side.label, field=one.spec.label)
            too_long = one.reason is vocabulary.Reason.TOO_LONG
            longest = [say("It takes {number} characters.", number=one.spec.max_length)] if too_long else []
            raise EditRefused(" ".join([words, one.reason.label, *longest]))
    if not merged.writes:
        raise EditRefused(say("Nothing would change: both sides have this value already, or this pair's record may not be written."))


def _decided(
    *, pair: models.RecordPair, row: models.FieldMapping, value: records.Value, seen: merge.Values, actor: AbstractBaseUser, now: datetime
) -> models.Conflict:
    left, right = (values.to_json(one) for one in seen)
    with transaction.atomic():
        made = models.Conflict.objects.create(
            pair=pair, key=row.key, field_label=row.right_field.label, base=pair.base_left.get(row.key), left=left, right=right,
            status=ConflictStatus.BY_PERSON, chosen=values.to_json(value), decided_by_id=actor.pk, decided_at=now, why=WHY,
        )
        flagged = [key for key in pair.flagged if key != row.key]  # the new value is to be sent, whatever became of the one before
        models.RecordPair.objects.filter(pk=pair.pk).update(dirty=True, flagged=flagged)
    return made
