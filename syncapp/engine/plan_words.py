"""What a plan tells of values that were refused, of records that are waited for, and of settings that are missing.

Owns those details and their sentences. Decides nothing.
"""
from __future__ import annotations

from collections.abc import Sequence

from syncapp.engine import merge, references, rules, showing, values
from syncapp.engine.vocabulary import Reason
from syncapp.engine.wording import say


def waits(missing: Sequence[references.Missing]) -> dict[str, object]:
    """Tell what is waited for, each with its sentence."""
    told = dict.fromkeys(missing)
    return {"waits": [{"kind": one.kind, "record": one.external_id, "sentence": one.sentence} for one in told]}


def refusals(refused: Sequence[merge.Refused]) -> dict[str, object]:
    """Tell which values were refused, each with the field and the remedy."""
    return {"fields": [{
        "side": one.side.value, "field": one.spec.name, "label": one.spec.label, "value": values.to_json(one.value),
        "reason": one.reason.value, "sentence": _remedy(one),
    } for one in refused]}


def unset(given: rules.Given) -> str:
    """Say what has to be chosen in the settings before anything can be made."""
    return say(
        "Choose the {field} for new {system} records in the settings of the sync.", field=given.label, system=given.side.label
    )


def _remedy(refused: merge.Refused) -> str:
    name = showing.field(refused.side, refused.spec.label)
    other = refused.side.other.label
    if refused.reason is Reason.TOO_LONG:
        return say(
            "{field} holds {most} characters at most: shorten the value in {system}, or have the mapping shorten it.",
            field=name, most=refused.spec.max_length, system=other,
        )
    if refused.reason is Reason.MISSING_REQUIRED:
        return say("{field} must not be empty: fill the value in, in {system}.", field=name, system=other)
    if refused.reason is Reason.CURRENCY_OFF:
        return say(
            "The currency {currency} is not enabled in {system}. Enable it there, then refresh the fields of the account.",
            currency=values.shown(refused.value), system=refused.side.label,
        )
    return say(
        '{field} does not take "{value}": change the value in {system}, or add it to the value map.',
        field=name, value=showing.shown(refused.value), system=other,
    )
