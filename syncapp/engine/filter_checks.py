"""Whether a condition can be asked of its field, said with the field and the remedy.

Owns the checks that are made when a filter is saved. What may be asked of which type of field stands in `schema`.
"""
from __future__ import annotations

from collections.abc import Mapping

from syncapp.engine import rules, schema, values
from syncapp.engine.operators import Period
from syncapp.engine.vocabulary import FieldType
from syncapp.engine.wording import count, say


def problems(
    rule: rules.FilterRule, *, fields: Mapping[str, schema.FieldSpec] | None = None, vendor: str = "",
) -> tuple[str, ...]:
    """Say what is wrong with a filter rule, each time with the field and the remedy; nothing where it can be saved.

    `fields` are the fields known of that side, by name; without them the names are not checked. `vendor` is whose record it is.
    """
    name = say('The filter on "{field}"', field=rule.field.label)
    unfit = _unfit(rule, name, fields, vendor) or _miscounted(rule, name)
    if unfit:
        return (unfit,)
    if rule.operator in schema.FIELDS:
        return _other_field_problems(rule, name, fields)
    found = [problem for value in rule.values for problem in _value_problems(rule, name, value)]
    if rule.operator in schema.RANGES and not found and not _ordered(rule):
        found.append(say("{filter} has its ends the wrong way round: the first must not be after the second.", filter=name))
    return tuple(found)


def _unfit(rule: rules.FilterRule, name: str, fields: Mapping[str, schema.FieldSpec] | None, vendor: str) -> str:
    """Why a field cannot be asked this at all."""
    field, operator = rule.field, rule.operator
    if field.reason:
        return say("{filter} cannot be used: {reason} Choose another field.", filter=name, reason=field.reason)
    if fields is not None and field.name not in fields:
        return say(
            '{filter} names a field "{field}" that the account does not have. Refresh the fields or choose another one.',
            filter=name, field=field.name,
        )
    if operator not in schema.operators_for(field.type):
        return say(
            '{filter} ({type}) cannot ask "{operator}". Choose another condition.',
            filter=name, type=field.type.label, operator=operator.label,
        )
    if operator in schema.ABOUT_THE_PAST and not field.keeps_history:
        return say(
            '{filter} cannot ask "{operator}": {vendor} does not tell what this field held before. Ask for the value it has now, with'
            ' "{remedy}".',
            filter=name, operator=operator.label, vendor=vendor or say("The account"), remedy=schema.ASKED_NOW[operator].label,
        )
    return ""


def _miscounted(rule: rules.FilterRule, name: str) -> str:
    """What is wrong with the number of values."""
    least, most = _counts(rule)
    found, told = len(rule.values), {"filter": name, "operator": rule.operator.label, "found": len(rule.values)}
    if found >= least and (most is None or found <= most):
        return ""
    if most == 0:
        return say('{filter} with "{operator}" needs no value, it has {found}.', **told)
    if most == least:
        return count(
            '{filter} with "{operator}" needs {number} value, it has {found}.',
            '{filter} with "{operator}" needs {number} values, it has {found}.', number=least, **told,
        )
    return say('{filter} with "{operator}" needs 1 value or more, it has {found}.', **told)


def _counts(rule: rules.FilterRule) -> tuple[int, int | None]:
    """How many values an operator takes, least and most; None means any number."""
    if rule.operator in schema.KNOWN:
        return 0, 0
    if rule.operator in schema.RANGES:
        return 2, 2
    many = rule.field.type in schema.TEXTUAL or rule.operator in schema.CHOICE
    return 1, None if many else 1


def _value_problems(rule: rules.FilterRule, name: str, value: str) -> list[str]:
    if rule.operator in schema.DAYS:
        good = value.isdecimal() and value.isascii()
        return [] if good else [say('{filter} needs a whole number of days, not "{value}".', filter=name, value=value)]
    if rule.operator in schema.PERIODS:
        known = ", ".join(one.label for one in Period)
        return [] if value in set(Period) else [say('{filter} needs one of {known}, not "{value}".', filter=name, known=known, value=value)]
    if rule.field.type in (FieldType.CHOICE, FieldType.CHOICES):
        listed = {code for code, _ in rule.field.choices}
        if not listed or value in listed:
            return []
        return [say('{filter} names "{value}", which is not one of its values. Choose one of the list.', filter=name, value=value)]
    if not value.strip():
        return [say("{filter} has an empty value: fill it in, or ask whether the field is known.", filter=name)]
    if _fits(rule.field.type, value):
        return []
    return [say('{filter} needs {type} values, "{value}" is none.', filter=name, type=rule.field.type.label.lower(), value=value)]


def _fits(type: FieldType, value: str) -> bool:
    if type in schema.TIMES:
        return values.as_datetime(value) is not None
    try:
        return values.canonical(type=type, raw=value) is not None
    except ValueError:
        return False


def _other_field_problems(rule: rules.FilterRule, name: str, fields: Mapping[str, schema.FieldSpec] | None) -> tuple[str, ...]:
    other = fields.get(rule.values[0]) if fields is not None else None
    if fields is None or (other is not None and other.type in schema.TIMES and other.associated_kind in ("", rule.field.associated_kind)):
        return ()
    return (
        say(
            '{filter} compares with "{field}", which is not a date of the same record. Choose a date field.',
            filter=name, field=rule.values[0],
        ),
    )


def _ordered(rule: rules.FilterRule) -> bool:
    first, second = rule.values
    if rule.field.type is FieldType.NUMBER:
        low, high = values.as_decimal(first), values.as_decimal(second)
        return low is not None and high is not None and low <= high
    start, end = values.as_datetime(first), values.as_datetime(second)
    return start is not None and end is not None and (start <= end or first[:10] == second[:10])
