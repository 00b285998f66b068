"""Whether a record may come in: groups of filter rules asked of a record and its associated records, with the reasons in words.

Owns the grouping (groups are alternatives, rules of a group all hold, rules on one associated kind hold for one and the same
associated record) and the sentences. What an operator means is decided in `conditions`.
"""
from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from syncapp.engine import conditions, kinds, records, rules, schema, values
from syncapp.engine.operators import Period
from syncapp.engine.vocabulary import FieldType, FilterOperator
from syncapp.engine.wording import joined, later, say


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


class _Broken(NamedTuple):
    """A rule that did not hold, the value that was seen, and what is said of it."""

    rule: rules.FilterRule
    seen: str
    said: str


PASSED = Verdict(passes=True)

_SILENT = frozenset({FilterOperator.IS_KNOWN, FilterOperator.IS_UNKNOWN})
_PERIODS = frozenset({FilterOperator.IN_THIS, FilterOperator.IN_NEXT, FilterOperator.IN_LAST})
_DAYS = {
    FilterOperator.LESS_THAN_DAYS_AGO: later("{field} is less than {days} days ago"),
    FilterOperator.MORE_THAN_DAYS_AGO: later("{field} is more than {days} days ago"),
    FilterOperator.LESS_THAN_DAYS_AHEAD: later("{field} is less than {days} days from now"),
    FilterOperator.MORE_THAN_DAYS_AHEAD: later("{field} is more than {days} days from now"),
}


def evaluate(*, groups: Sequence[rules.FilterGroup], subject: records.Subject, now: datetime, time_zone: str = "UTC") -> Verdict:
    """Ask the groups of a record. One group that holds is enough; no groups let everything in.

    A group with rules on an associated kind fails where there is no associated record of that kind.
    """
    if not groups:
        return PASSED
    present = conditions.Present(now=now, time_zone=time_zone)
    failing: list[FailedRule] = []
    for position, group in enumerate(groups, start=1):
        broken = _broken(group, subject, present)
        if not broken:
            return PASSED
        name = group.name or say("Group {number}", number=position)
        failing += [_failed(name, one) for one in broken]
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
    field, operator = rule.field.label, rule.operator
    if operator in _SILENT or not wanted:
        return f"{field} {operator.label}"
    if operator in _DAYS:
        return str(_DAYS[operator]).format(field=field, days=wanted[0])
    if operator is FilterOperator.IN_THIS_SO_FAR:
        return say("{field} is in this {period}, so far", field=field, period=_period(wanted[0]))
    if operator in _PERIODS:
        return f"{field} {operator.label} {_period(wanted[0])}"
    if operator in (FilterOperator.BETWEEN, FilterOperator.NOT_BETWEEN):
        return f"{field} {operator.label} {joined(wanted)}"
    return f"{field} {operator.label} {', '.join(wanted)}"


def _period(code: str) -> str:
    return Period(code).label if code in set(Period) else code


def _broken(group: rules.FilterGroup, subject: records.Subject, present: conditions.Present) -> list[_Broken]:
    """The rules of a group that do not hold."""
    broken: list[_Broken] = []
    by_kind: dict[str, list[rules.FilterRule]] = {}
    for rule in group.rules:
        if rule.field.associated_kind:
            by_kind.setdefault(rule.field.associated_kind, []).append(rule)
        elif not _holds_for_itself(rule, subject, present):
            seen = _seen(rule.field, subject.value(rule.field.name))
            said = say("it is {value}", value=seen) if seen else say("it has no value")
            broken.append(_Broken(rule, seen or say("no value"), said))
    for kind, asked in by_kind.items():
        broken += _broken_associated(kind, asked, subject, present)
    return broken


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


def _broken_associated(
    kind: str, asked: Sequence[rules.FilterRule], subject: records.Subject, present: conditions.Present,
) -> list[_Broken]:
    """The rules on one kind that fail for the associated record that comes closest."""
    candidates = subject.associated(kind)
    closest: tuple[Mapping[str, records.Value], list[rules.FilterRule]] | None = None
    for candidate in candidates:
        broken = [rule for rule in asked if not _holds_for(rule, subject, candidate, present)]
        if not broken:
            return []
        if closest is None or len(broken) < len(closest[1]):
            closest = candidate[0], broken
    if closest is None:
        none, mine = say("no {kind}", kind=kinds.one(kind)), kinds.one(subject.record.ref.kind)
        return [_Broken(rule, none, say("this {record} has no {kind}", record=mine, kind=kinds.one(kind))) for rule in asked]
    found = []
    for rule in closest[1]:
        seen = _seen(rule.field, closest[0].get(rule.field.name.removeprefix(f"{kind}."))) or say("no value")
        found.append(_Broken(rule, seen, _of_associated(kind, len(candidates), seen)))
    return found


def _of_associated(kind: str, number: int, seen: str) -> str:
    if number == 1:
        return say("its {kind} has {value}", kind=kinds.one(kind), value=seen)
    return say("the closest of its {number} {kinds} has {value}", number=number, kinds=kinds.several(kind), value=seen)


def _failed(group: str, broken: _Broken) -> FailedRule:
    return FailedRule(
        group=group, rule=broken.rule, value_seen=broken.seen, sentence=f"{group}: {condition(broken.rule)} — {broken.said}"
    )


def _seen(field: schema.FieldSpec, value: records.Value) -> str:
    """A value as the page shows it, choices by their labels; "" for nothing."""
    if values.blank(value):
        return ""
    if field.type in (FieldType.CHOICE, FieldType.CHOICES):
        names = dict(field.choices)
        chosen = value if isinstance(value, tuple) else (values.shown(value),)
        return ", ".join(names.get(one, one) for one in chosen)
    return values.shown(value)
