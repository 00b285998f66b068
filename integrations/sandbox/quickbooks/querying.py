"""Run a query over a company: which objects, in which order, how much of them.

Owns filters, default orders, paging limits and projections. The grammar stands in `sql`.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from typing import Any

from integrations.sandbox.messages import Json
from integrations.sandbox.quickbooks import faults, show, sql, times
from integrations.sandbox.quickbooks.companies import Company
from integrations.sandbox.quickbooks.fields import ENTITIES, EVERY_BY_LOWER, Entity, number_of
from integrations.sandbox.quickbooks.shelf import Shelf, folded, plain_value
from integrations.sandbox.quickbooks.sql import Condition, Statement, Value

DEFAULT_PAGE, LARGEST_PAGE = 100, 1000
_TIMES = {"metadata.createtime": "made", "metadata.lastupdatedtime": "at"}
_COMPARE: dict[str, Callable[[Any, Any], bool]] = {
    "=": operator.eq,
    "<": operator.lt,
    ">": operator.gt,
    "<=": operator.le,
    ">=": operator.ge,
}

_SECOND: Callable[[tuple[Any, int]], int] = operator.itemgetter(1)

Row = Json
Test = Callable[[Row], bool]


def run(company: Company, text: str) -> Json:
    """The content of `QueryResponse` for a query. Raises VendorFault 4000 or 4001."""
    statement = sql.parse(text)
    kind = EVERY_BY_LOWER.get(statement.entity.lower())
    if kind is None:
        raise _invalid(f"invalid context declaration: {statement.entity}")
    start, limit = _window(statement)
    if kind not in ENTITIES:
        return {"totalCount": 0} if statement.count else {}
    search = _Search(company.shelves[kind], statement)
    if statement.count:
        return {"totalCount": search.count()}
    project = _projection(ENTITIES[kind], statement)
    found = [project(show.wire(company, kind, row)) for row in search.page(start - 1, start - 1 + limit)]
    return {kind: found, "startPosition": start, "maxResults": len(found)} if found else {}


def _invalid(text: str) -> faults.VendorFault:
    return faults.problem("4001", f"QueryValidationError: {text}")


def _window(statement: Statement) -> tuple[int, int]:
    start = 1 if statement.start is None else statement.start
    limit = DEFAULT_PAGE if statement.limit is None else statement.limit
    for value in (start, limit):
        if value < 1:
            raise _invalid(f"value {value} is too small. Min allowed value is 1")
    if limit > LARGEST_PAGE:
        raise _invalid(f"value {limit} is too large. Max allowed value is {LARGEST_PAGE}")
    return start, limit


class _Search:
    """One statement over one shelf: picks the index that narrows most, tests the rest row by row."""

    def __init__(self, shelf: Shelf, statement: Statement) -> None:
        self._shelf = shelf
        self._entity = shelf.entity
        self._conditions = [self._resolved(condition) for condition in statement.conditions]
        self._order = [(self._name(field), descending) for field, descending in statement.order]
        self._active_only = "Active" in self._entity.fields and all(condition.field != "Active" for condition in self._conditions)
        self._conditions = [condition for condition in self._conditions if not _always(self._entity, condition)]

    def count(self) -> int:
        """How many rows match."""
        narrowed = self._narrowed()
        return sum(1 for _ in self._passing(self._shelf.ids if narrowed is None else narrowed))

    def page(self, first: int, last: int) -> Iterable[Row]:
        """The matching rows in the order asked for, from `first` to before `last`."""
        narrowed = self._narrowed()
        by_id = len(self._order) == 1 and self._order[0][0] == "id"
        ordered = self._in_order() if narrowed is None else None
        if narrowed is not None and by_id:
            ordered = sorted(narrowed, reverse=self._order[0][1])
        if ordered is None:
            numbers = list(self._passing(self._shelf.ids if narrowed is None else sorted(narrowed)))
            return self._sorted([self._shelf.row(number) for number in numbers])[first:last]
        return map(self._shelf.row, islice(self._passing(ordered), first, last))

    def _passing(self, numbers: Iterable[int]) -> Iterator[int]:
        """The ids whose rows pass every condition that no index took care of."""
        if self._active_only:
            numbers = filter(self._shelf.active.__contains__, numbers)
        if not self._conditions:
            return iter(numbers)
        row, tests = self._shelf.row, [_test(self._entity, condition) for condition in self._conditions]
        if len(tests) == 1:
            (test,) = tests
            return (number for number in numbers if test(row(number)))
        return (number for number in numbers if all(test(row(number)) for test in tests))

    def _name(self, written: str) -> str:
        low = written.lower()
        if low in _TIMES or low == "id":
            return low
        field = self._entity.fields.get(written)
        if field is None or not field.filterable:
            raise _invalid(f"Property {written} not found for Entity {self._entity.name}")
        return written

    def _resolved(self, condition: Condition) -> Condition:
        return Condition(field=self._name(condition.field), operator=condition.operator, values=condition.values)

    def _narrowed(self) -> Sequence[int] | None:
        """Ids that an index yields for one of the conditions, or None when all must be looked at. Takes that condition away."""
        shelf = self._shelf
        for condition in self._conditions:
            if condition.operator in ("=", "in") and condition.field == "id":
                self._conditions.remove(condition)
                wanted = {number_of(value) for value in condition.values}
                return sorted(number for number in wanted if number is not None and number in shelf)
        for condition in self._conditions:
            if condition.operator in ("=", "in") and shelf.indexed(condition.field):
                self._conditions.remove(condition)
                return shelf.matching(condition.field, condition.values)
        for field, between in (("metadata.lastupdatedtime", shelf.changed_between), ("id", shelf.ids_between)):
            bounds = [each for each in self._conditions if each.field == field and each.operator in ("<", ">", "<=", ">=")]
            if bounds:
                self._conditions = [each for each in self._conditions if each not in bounds]
                found = between(self._limit(bounds, ">"), self._limit(bounds, "<"))
                return None if len(found) == len(shelf) else found
        return None

    def _limit(self, bounds: list[Condition], sign: str) -> int | None:
        """The inclusive limit that the bounds of one direction leave."""
        step = 1 if sign == ">" else -1
        values = [
            _literal(self._entity, each.field, each.values[0]) + (step if each.operator == sign else 0)
            for each in bounds
            if each.operator.startswith(sign)
        ]
        return (max(values) if sign == ">" else min(values)) if values else None

    def _in_order(self) -> Iterable[int] | None:
        """All ids in the order asked for, when an index has that order."""
        shelf = self._shelf
        if not self._order:
            return map(_SECOND, reversed(shelf.by_time)) if self._entity.transaction else map(_SECOND, shelf.by_name)
        field, descending = self._order[0]
        if len(self._order) > 1:
            return None
        if field == "id":
            return reversed(shelf.ids) if descending else shelf.ids
        if descending:
            return None
        if field == "metadata.lastupdatedtime":
            return map(_SECOND, shelf.by_time)
        return map(_SECOND, shelf.by_name) if field == "FullyQualifiedName" else None

    def _sorted(self, rows: list[Row]) -> list[Row]:
        if not self._order and self._entity.transaction:
            return sorted(rows, key=lambda row: (row["at"], int(row["body"]["Id"])), reverse=True)
        title = "FullyQualifiedName" if "FullyQualifiedName" in self._entity.fields else self._entity.title
        for field, descending in reversed(self._order or ([(title, False)] if title else [])):
            rows.sort(key=_sort_key(self._entity, field), reverse=descending)
        return rows


def _always(entity: Entity, condition: Condition) -> bool:
    """Whether a condition lets everything through (`Active IN (true, false)`); also refuses literals of the wrong kind."""
    _test(entity, condition)
    both = {str(value).lower() for value in condition.values} == {"true", "false"}
    return condition.field == "Active" and condition.operator == "in" and both


def _epoch(value: Value) -> int:
    found = times.parse_instant(str(value))
    if found is None:
        raise _invalid(f"value {value} is not a valid date time")
    return int(found.timestamp())


def _reader(entity: Entity, field: str) -> Callable[[Row], Any]:
    """How to get a field's comparable value from a row; None where it is absent."""
    if field in _TIMES:
        key = _TIMES[field]
        return lambda row: row[key]
    if field == "id":
        return lambda row: number_of(row["body"]["Id"])
    kind = entity.fields[field].kind
    if kind in ("text", "choice", "email", "phone", "ref"):
        return lambda row: None if (value := plain_value(entity, row["body"], field)) is None else folded(value)
    return lambda row: row["body"].get(field)


def _sort_key(entity: Entity, field: str) -> Callable[[Row], Any]:
    read = _reader(entity, field)
    kind = "" if field in _TIMES or field == "id" else entity.fields[field].kind
    empty: Any = "" if kind in ("text", "choice", "email", "phone", "ref", "date") else 0
    return lambda row: empty if (value := read(row)) is None else value


def _literal(entity: Entity, field: str, value: Value) -> Any:
    """A literal as the field compares it. Raises VendorFault 4001 for one of the wrong kind."""
    if field in _TIMES:
        return _epoch(value)
    if field == "id":
        number = number_of(value)
        return -1 if number is None else number
    kind = entity.fields[field].kind
    if kind == "bool":
        if str(value).lower() not in ("true", "false"):
            raise _invalid(f"value {value} is not a valid boolean")
        return str(value).lower() == "true"
    if kind in ("number", "int"):
        try:
            return float(value)
        except ValueError:
            raise _invalid(f"value {value} is not a valid number") from None
    if kind == "date":
        found = times.parse_date(str(value))
        if found is None:
            raise _invalid(f"value {value} is not a valid date")
        return found.isoformat()
    return folded(value)


def _test(entity: Entity, condition: Condition) -> Test:
    read = _reader(entity, condition.field)
    if condition.operator == "like":
        pattern = re.compile(".*".join(map(re.escape, folded(condition.values[0]).split("%"))), re.DOTALL)
        return lambda row: (value := read(row)) is not None and pattern.fullmatch(str(value)) is not None
    literals = [_literal(entity, condition.field, value) for value in condition.values]
    if condition.operator == "in":
        wanted = frozenset(literals)
        return lambda row: read(row) in wanted
    compare, literal = _COMPARE[condition.operator], literals[0]
    return lambda row: (value := read(row)) is not None and compare(value, literal)


def _projection(entity: Entity, statement: Statement) -> Callable[[Json], Json]:
    if statement.fields is None:
        return lambda body: body
    wanted: dict[str, set[str]] = {}
    for field in statement.fields:
        outer, _, inner = field.partition(".")
        known = outer in entity.fields or (outer in ("Id", "SyncToken", "MetaData", "domain", "sparse"))
        if not known or (inner and outer != "MetaData"):
            raise _invalid(f"Property {field} not found for Entity {entity.name}")
        wanted.setdefault(outer, set())
        if inner:
            wanted[outer].add(inner)

    def project(body: Json) -> Json:
        found: Json = {}
        for name in entity.order:
            if name in ("domain", "Id"):
                found[name] = body[name]
            elif name == "sparse":
                found[name] = True
            elif name in wanted and name in body:
                value = body[name]
                found[name] = {key: each for key, each in value.items() if key in wanted[name]} if wanted[name] else value
        return found

    return project
