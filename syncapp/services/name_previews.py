"""What a record that is to be made in QuickBooks would be called there, by the rule for names that are taken.

Goes by the mirror only: a vendor or an employee who has the name is not seen before QuickBooks is asked. Writes nothing.
"""
from __future__ import annotations

from collections.abc import Mapping

from syncapp import models
from syncapp.engine import names, rules, vocabulary
from syncapp.engine.wording import say
from syncapp.services import naming


def told(*, config: models.SyncConfig, frozen: rules.SyncRules, name: str, longest: int | None) -> str:
    """Say in a sentence what comes of a name."""
    named = models.Record.objects.filter(connection=config.right_id, kind=frozen.right_kind, state=vocabulary.RecordState.LIVE)
    holder = named.filter(key3=names.folded(name)[:300]).order_by("-pk").first()
    if holder is None:
        return say("“{name}” is free, as far as was read. QuickBooks says for sure when the record is made.", name=name)
    paired = models.RecordPair.objects.filter(config=config, right=holder, left__isnull=False).exists()
    decided = names.resolve(
        policy=frozen.name_policy, name=name, pattern=frozen.name_suffix, kind=frozen.right_kind, longest=longest or names.MAX_LENGTH,
        holder=names.Holder(kind=holder.kind, external_id=holder.external_id, paired=paired),
        taken=naming.mirrored(connection_id=config.right_id, kind=frozen.right_kind, start=names.folded(name)),
    )
    return _taken(decided, {"name": name, "holder": holder.label, "id": holder.external_id}, frozen.name_policy)


def _taken(decided: names.Resolution, told: Mapping[str, str], policy: vocabulary.NamePolicy) -> str:
    """What comes of a name that a record has already."""
    if decided.name:
        return say("“{name}” is taken by {holder} (id {id}), so it would be called “{other}”.", other=decided.name, **told)
    if decided.parent:
        return say(
            "“{name}” is taken by {holder} (id {id}), so it would become a sub-customer of it, under the person's own name where it has"
            " one.", **told,
        )
    if decided.link_to:
        return say(
            "“{name}” is taken by {holder} (id {id}), which has no partner: it would be linked to that record instead of being made.",
            **told,
        )
    rule = policy.label.lower()
    if decided.held:
        return say("“{name}” is taken by {holder} (id {id}), so it would wait for a person: {rule}.", rule=rule, **told)
    return say("“{name}” is taken by {holder} (id {id}), so it would fail: {rule}.", rule=rule, **told)
