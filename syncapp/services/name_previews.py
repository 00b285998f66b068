"""What a record that is to be made in QuickBooks would be called there, by the rule for names that are taken.

Goes by the mirror only: a vendor or an employee who has the name is not seen before QuickBooks is asked. Writes nothing.
"""
from __future__ import annotations

from syncapp import models
from syncapp.engine import names, rules, vocabulary
from syncapp.services import naming


def told(*, config: models.SyncConfig, frozen: rules.SyncRules, name: str, longest: int | None) -> str:
    """Say in a sentence what comes of a name."""
    named = models.Record.objects.filter(connection=config.right_id, kind=frozen.right_kind, state=vocabulary.RecordState.LIVE)
    holder = named.filter(key3=names.folded(name)[:300]).order_by("-pk").first()
    if holder is None:
        return f"“{name}” is free, as far as was read. QuickBooks says for sure when the record is made."
    paired = models.RecordPair.objects.filter(config=config, right=holder, left__isnull=False).exists()
    decided = names.resolve(
        policy=frozen.name_policy, name=name, pattern=frozen.name_suffix, kind=frozen.right_kind, longest=longest or names.MAX_LENGTH,
        holder=names.Holder(kind=holder.kind, external_id=holder.external_id, paired=paired),
        taken=naming.mirrored(connection_id=config.right_id, kind=frozen.right_kind, start=names.folded(name)),
    )
    taken = f"“{name}” is taken by {holder.label} (id {holder.external_id})"
    if decided.name:
        return f"{taken}, so it would be called “{decided.name}”."
    if decided.parent:
        return f"{taken}, so it would become a sub-customer of it, under the person's own name where it has one."
    if decided.link_to:
        return f"{taken}, which has no partner: it would be linked to that record instead of being made."
    return f"{taken}, so it would {'wait for a person' if decided.held else 'fail'}: {frozen.name_policy.label.lower()}."
