"""Whether a record may come in: groups of filter rules asked of a record and its associated records, with the reasons in words.

Owns the grouping (groups are alternatives, rules of a group all hold, rules on one associated kind hold for one and the same
associated record) and the sentences. What an operator means is decided in `conditions`.
"""
from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from syncapp.engine import conditions, records, rules, schema, values
from syncapp.engine.vocabulary import FieldType, FilterOperator


@dataclass(frozen=True, kw_only=True)
class FailedRule:
    """One rule that did not hold: the group's name, the value that was seen, and the sentence a person reads."""

    group: str
    rule: rules.FilterRule
    value_seen: str
    sentence: str


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """Whether a record passes; where it does not, every rule that failed, group by group."""

    passes: bool
    failing: tuple[FailedRule, ...] = ()


PASSED = Verdict(passes=True)

_SILENT = frozenset({FilterOperator.IS_KNOWN, FilterOperator.IS_UNKNOWN})


def evaluate(*, groups: Sequence[rules.FilterGroup], subject: records.Subject, now: datetime, time_zone: str = "UTC") -> Verdict:
    """Ask the groups of a record. One group that holds is enough; no groups let everything in.

    A group with rules on an associated kind fails where there is no associated record of that kind.
    """
    if not groups:
        return PASSED
    present = conditions.Present(now=now, time_zone=time_zone)
    failing: list[FailedRule] = []
    for position, group in enumerate(groups, start=1):
        failed = _failing(group, group.name or f"Group {position}", subject, present)
        if not failed:
            return PASSED
        failing += failed
    return Verdict(passes=False, failing=tuple(failing))


def as_detail(verdict: Verdict) -> list[dict[str, str]]:
    """The failed rules as plain JSON, for the detail of a pair."""
    return [
        {
            "group": failed.group, "field": failed.rule.field.name, "label": failed.rule.field.label,
            "condition": condition(failed.rule), "seen": failed.value_seen, "sentence": failed.sentence,
        }
        for failed in verdict.failing
    ]


def condition(rule: rules.FilterRule) -> str:
    """A rule in words: "Invoice status is none of Draft"."""
    names = dict(rule.field.choices)
    wanted = [names.get(value, value) for value in rule.values]
    label = rule.operator.label
    if rule.operator in _SILENT or not wanted:
        return f"{rule.field.label} {label}"
    if "so many" in label:
        return f"{rule.field.label} {label.replace('so many', wanted[0])}"
    if rule.operator is FilterOperator.IN_THIS_SO_FAR:
        return f"{rule.field.label} is in this {wanted[0]}, so far"
    joiner = " and " if rule.operator in (FilterOperator.BETWEEN, FilterOperator.NOT_BETWEEN) else ", "
    return f"{rule.field.label} {label} {joiner.join(wanted)}"


def singular(kind: str) -> str:
    """One record of a kind, in a sentence: "contacts" is a contact."""
    word = kind.replace("_", " ")
    if word.endswith("ies"):
        return word[:-3] + "y"
    return word.removesuffix("s")


def _failing(group: rules.FilterGroup, name: str, subject: records.Subject, present: conditions.Present) -> list[FailedRule]:
    """The rules of a group that do not hold."""
    failed: list[FailedRule] = []
    by_kind: dict[str, list[rules.FilterRule]] = {}
    for rule in group.rules:
        if rule.field.associated_kind:
            by_kind.setdefault(rule.field.associated_kind, []).append(rule)
        elif not _holds_for_itself(rule, subject, present):
            seen = _seen(rule.field, subject.value(rule.field.name))
            said = f"it is {seen}" if seen else "it has no value"
            failed.append(_failed(name, rule, seen or "no value", said))
    for kind, asked in by_kind.items():
        failed += _failing_associated(name, kind, asked, subject, present)
    return failed


def _holds_for_itself(rule: rules.FilterRule, subject: records.Subject, present: conditions.Present) -> bool:
    name = rule.field.name
    return conditions.holds(
        rule=rule, value=subject.value(name), past=subject.past.get(name, ()), present=present,
        other=subject.value(rule.values[0]) if rule.values else None,
    )


def _holds_for(
    rule: rules.FilterRule, subject: records.Subject, associated: tuple[Mapping[str, records.Value], records.Past],
    present: conditions.Present,
) -> bool:
    """Whether a rule holds for one associated record. A date may be compared with one of its own or with one of the record's."""
    values_now, past = associated
    prefix = f"{rule.field.associated_kind}."
    name = rule.field.name.removeprefix(prefix)
    other = rule.values[0] if rule.values else ""
    return conditions.holds(
        rule=rule, value=values_now.get(name), past=past.get(name, ()), present=present,
        other=values_now.get(other.removeprefix(prefix)) if other.startswith(prefix) else subject.value(other),
    )


def _failing_associated(
    name: str, kind: str, asked: Sequence[rules.FilterRule], subject: records.Subject, present: conditions.Present,
) -> list[FailedRule]:
    """The rules on one kind that fail for the associated record that comes closest."""
    candidates = subject.associated(kind)
    closest: tuple[Mapping[str, records.Value], list[rules.FilterRule]] | None = None
    for candidate in candidates:
        broken = [rule for rule in asked if not _holds_for(rule, subject, candidate, present)]
        if not broken:
            return []
        if closest is None or len(broken) < len(closest[1]):
            closest = candidate[0], broken
    one = singular(kind)
    if closest is None:
        said = f"this {singular(subject.record.ref.kind)} has no {one}"
        return [_failed(name, rule, f"no {one}", said) for rule in asked]
    whose = f"its {one}" if len(candidates) == 1 else f"the closest of its {len(candidates)} {kind.replace('_', ' ')}"
    failed = []
    for rule in closest[1]:
        seen = _seen(rule.field, closest[0].get(rule.field.name.removeprefix(f"{kind}.")))
        failed.append(_failed(name, rule, seen or "no value", f"{whose} has {seen or 'no value'}"))
    return failed


def _failed(group: str, rule: rules.FilterRule, seen: str, said: str) -> FailedRule:
    return FailedRule(group=group, rule=rule, value_seen=seen, sentence=f"{group}: {condition(rule)} — {said}")


def _seen(field: schema.FieldSpec, value: records.Value) -> str:
    """A value as the page shows it, choices by their labels; "" for nothing."""
    if values.blank(value):
        return ""
    if field.type in (FieldType.CHOICE, FieldType.CHOICES):
        names = dict(field.choices)
        chosen = value if isinstance(value, tuple) else (values.shown(value),)
        return ", ".join(names.get(one, one) for one in chosen)
    return values.shown(value)
