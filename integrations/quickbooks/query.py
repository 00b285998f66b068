"""Build statements of QuickBooks' query language.

Owns all escaping: values come in as they are and are never escaped elsewhere. Refuses what the language cannot say
(no OR, no functions, no names from outside). Sends nothing.
"""
from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal

from integrations.quickbooks.entities import Kind

MOST_RESULTS = 1000
Value = str | bool | int | Decimal | date | datetime

_FIELD = re.compile(r"[A-Za-z][A-Za-z0-9]*(?:\.[A-Za-z][A-Za-z0-9]*)?")
_DIGITS = re.compile(r"[0-9]+")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_OPERATORS = frozenset({"=", "<", ">", "<=", ">="})


class QueryRefused(ValueError):
    """The statement cannot be built; the text says which part is wrong."""


@dataclass(frozen=True)
class Condition:
    """One condition, ready to stand in a statement. Made by the functions below only."""

    text: str


def compare(*, field: str, operator: str, value: Value) -> Condition:
    """Compare a field with a value: `=`, `<`, `>`, `<=` or `>=`. Raises QueryRefused."""
    if operator not in _OPERATORS:
        raise QueryRefused(f"{operator!r} is no operator of QuickBooks' query language.")
    return Condition(f"{_name(field)} {operator} {_literal(value)}")


def equals(*, field: str, value: Value) -> Condition:
    """Ask that a field has a value. Text is compared without regard to case by QuickBooks."""
    return compare(field=field, operator="=", value=value)


def one_of(*, field: str, values: Iterable[Value]) -> Condition:
    """Ask that a field has one of the values, of which there must be at least one. Raises QueryRefused."""
    literals = [_literal(value) for value in values]
    if not literals:
        raise QueryRefused(f"{field} is compared with no value at all.")
    return Condition(f"{_name(field)} IN ({', '.join(literals)})")


def ids(*, values: Iterable[str]) -> Condition:
    """Ask for the entities with these ids. Raises QueryRefused for an id that is not digits."""
    return one_of(field="Id", values=[digits(value) for value in values])


def active_or_not() -> Condition:
    """Let inactive entities in, which a query on a name list leaves out by itself."""
    return one_of(field="Active", values=[True, False])


def updated_within(*, since: datetime, until: datetime | None = None) -> tuple[Condition, ...]:
    """Ask for changes from `since` on, up to and with the second of `until` where it is given. Raises QueryRefused."""
    field = "MetaData.LastUpdatedTime"
    lower = compare(field=field, operator=">=", value=since)
    return (lower,) if until is None else (lower, compare(field=field, operator="<=", value=until))


def select(*, kind: Kind, where: Iterable[Condition] = (), start: int = 1, size: int = MOST_RESULTS, order: str = "Id") -> str:
    """Write the statement for part of the matching entities, always in a fixed order: without one,
    QuickBooks sorts by a value that changes and paging loses entities. Raises QueryRefused."""
    if start < 1:
        raise QueryRefused(f"A listing starts at 1, not at {start}.")
    if not 1 <= size <= MOST_RESULTS:
        raise QueryRefused(f"A page holds 1 to {MOST_RESULTS} entities, not {size}.")
    part = f"ORDERBY {_name(order)} STARTPOSITION {start} MAXRESULTS {size}"
    return " ".join(["SELECT * FROM", kind, *_where(where), part])


def count(*, kind: Kind, where: Iterable[Condition] = ()) -> str:
    """Write the statement that counts the matching entities."""
    return " ".join(["SELECT COUNT(*) FROM", kind, *_where(where)])


def sayable(value: str) -> bool:
    """Tell whether a text can stand in a statement. One that cannot is no value of a name or an address either."""
    return not _CONTROL.search(value)


def digits(value: str) -> str:
    """Hand back an id that is digits. Raises QueryRefused for any other text."""
    if not _DIGITS.fullmatch(value):
        raise QueryRefused(f"{value[:40]!r} is not the id of a QuickBooks record: those are digits.")
    return value


def timestamp(value: datetime) -> str:
    """Write a time as QuickBooks compares it: whole seconds, rounded down, with its offset. Raises QueryRefused."""
    if value.tzinfo is None:
        raise QueryRefused("A time without an offset would be read as the company's local time.")
    return value.astimezone(UTC).replace(microsecond=0).isoformat()


def _where(conditions: Iterable[Condition]) -> list[str]:
    joined = " AND ".join(one.text for one in conditions)
    return [f"WHERE {joined}"] if joined else []


def _name(field: str) -> str:
    if not _FIELD.fullmatch(field):
        raise QueryRefused(f"{field[:40]!r} cannot be the name of a QuickBooks field.")
    return field


def _literal(value: Value) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime):
        return f"'{timestamp(value)}'"
    if isinstance(value, date):
        return f"'{value.isoformat()}'"
    if isinstance(value, int | Decimal):
        return f"'{value:f}'" if isinstance(value, Decimal) else f"'{value}'"
    if not sayable(value):
        raise QueryRefused("A text with a line break, tab or other control character cannot be looked up in QuickBooks.")
    escaped = value.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"
