"""QuickBooks' query language: text in, statement out.

Owns the grammar and the words of the parser's refusals. Knows no entity and no object.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from integrations.sandbox.quickbooks import faults

_TOKENS = re.compile(
    r"""(?P<space>\s+)|(?P<STRING>'(?:[^'\\]|\\.)*')|(?P<NUMBER>-?\d+(?:\.\d+)?)(?![\w.])|(?P<IDENTIFIER>[A-Za-z_][A-Za-z0-9_.]*)"""
    r"""|(?P<sign><=|>=|[=<>*,()])""",
    re.DOTALL,
)
_WORDS = "select count from where and in like order orderby by asc desc startposition maxresults true false null"
_KEYWORDS = frozenset(_WORDS.split())
_SIGNS = frozenset({"=", "<", ">", "<=", ">="})

Value = str | bool | float | int
T = TypeVar("T")


@dataclass(frozen=True, kw_only=True)
class Condition:
    """One comparison; `values` has several members for IN only."""

    field: str
    operator: str
    values: tuple[Value, ...]


@dataclass(frozen=True, kw_only=True)
class Statement:
    """A parsed query. `fields` is None for `*`; `start` and `limit` are as written."""

    entity: str
    fields: tuple[str, ...] | None
    count: bool
    conditions: tuple[Condition, ...]
    order: tuple[tuple[str, bool], ...]
    start: int | None
    limit: int | None


@dataclass(frozen=True, kw_only=True)
class _Token:
    kind: str
    text: str
    line: int
    column: int


def parse(text: str) -> Statement:
    """The statement of a query. Raises VendorFault 4000."""
    return _Parser(_scan(text)).statement()


def unescaped(literal: str) -> str:
    """A quoted literal's value: a backslash takes the next sign as it is."""
    return re.sub(r"\\(.)", r"\1", literal[1:-1], flags=re.DOTALL)


def _scan(text: str) -> list[_Token]:
    tokens: list[_Token] = []
    at, line, begun = 0, 1, 0
    while at < len(text):
        found = _TOKENS.match(text, at)
        column = at - begun + 1
        if found is None:
            shown = "<EOF>" if text[at] == "'" else f'"{text[at]}" ({ord(text[at])})'
            where = f"Lexical error at line {line}, column {column}."
            raise faults.problem("4000", f'QueryParserError: {where}  Encountered: {shown}, after : ""')
        part = found.group()
        if found.lastgroup != "space":
            low = part.lower()
            kind = low if found.lastgroup == "IDENTIFIER" and low in _KEYWORDS else str(found.lastgroup)
            tokens.append(_Token(kind=part if kind == "sign" else kind, text=part, line=line, column=column))
        newlines = part.count("\n")
        if newlines:
            line, begun = line + newlines, at + part.rindex("\n") + 1
        at = found.end()
    tokens.append(_Token(kind="<EOF>", text="", line=line, column=at - begun + (1 if at else 0)))
    return tokens


class _Parser:
    def __init__(self, tokens: list[_Token]) -> None:
        self._tokens = tokens
        self._at = 0

    def statement(self) -> Statement:
        self._take("select")
        fields, count = self._projection()
        self._take("from")
        entity = self._take("IDENTIFIER").text
        conditions = self._many(self._condition, "and") if self._accept("where") else ()
        order = self._order()
        start, limit = self._window()
        if self._next.kind != "<EOF>":
            raise self._unexpected("<EOF>")
        return Statement(entity=entity, fields=fields, count=count, conditions=conditions, order=order, start=start, limit=limit)

    @property
    def _next(self) -> _Token:
        return self._tokens[self._at]

    def _accept(self, *kinds: str) -> _Token | None:
        token = self._next
        if token.kind not in kinds:
            return None
        self._at += 1
        return token

    def _take(self, *kinds: str) -> _Token:
        token = self._accept(*kinds)
        if token is None:
            raise self._unexpected(*kinds)
        return token

    def _unexpected(self, *wanted: str) -> faults.VendorFault:
        token = self._next
        where = f"at line {token.line}, column {token.column}."
        if token.kind == "<EOF>":
            met = 'Encountered "<EOF>"'
        else:
            kind = f'"{token.kind}"' if token.kind in _KEYWORDS or token.kind == token.text else f"<{token.kind}>"
            met = f'Encountered " {kind} "{token.text} ""'
        expected = "".join(f"\n    {name if name.startswith('<') else self._shown(name)} ..." for name in wanted)
        several = "Was expecting one of:" if len(wanted) > 1 else "Was expecting:"
        return faults.problem("4000", f"QueryParserError: {met} {where}\n{several}{expected}\n    ")

    @staticmethod
    def _shown(kind: str) -> str:
        return f"<{kind}>" if kind in ("IDENTIFIER", "STRING", "NUMBER") else f'"{kind}"'

    def _many(self, one: Callable[[], T], separator: str) -> tuple[T, ...]:
        found = [one()]
        while self._accept(separator):
            found.append(one())
        return tuple(found)

    def _projection(self) -> tuple[tuple[str, ...] | None, bool]:
        if self._accept("count"):
            for sign in ("(", "*", ")"):
                self._take(sign)
            return None, True
        names = self._many(lambda: self._take("*", "IDENTIFIER").text, ",")
        return (None if "*" in names else names), False

    def _condition(self) -> Condition:
        field = self._take("IDENTIFIER").text
        operator = self._take(*sorted(_SIGNS), "in", "like")
        if operator.kind == "in":
            self._take("(")
            values: tuple[Value, ...] = self._many(self._value, ",")
            self._take(")")
        elif operator.kind == "like":
            values = (unescaped(self._take("STRING").text),)
        else:
            values = (self._value(),)
        return Condition(field=field, operator=operator.kind, values=values)

    def _value(self) -> Value:
        token = self._take("STRING", "NUMBER", "true", "false")
        if token.kind == "STRING":
            return unescaped(token.text)
        if token.kind == "NUMBER":
            return float(token.text) if "." in token.text else int(token.text)
        return token.kind == "true"

    def _order(self) -> tuple[tuple[str, bool], ...]:
        if self._accept("order"):
            self._take("by")
        elif not self._accept("orderby"):
            return ()
        return self._many(self._order_part, ",")

    def _order_part(self) -> tuple[str, bool]:
        field = self._take("IDENTIFIER").text
        direction = self._accept("asc", "desc")
        return field, direction is not None and direction.kind == "desc"

    def _window(self) -> tuple[int | None, int | None]:
        found: dict[str, int] = {}
        while (token := self._accept("startposition", "maxresults")) is not None:
            if token.kind in found:
                self._at -= 1
                raise self._unexpected("<EOF>")
            number = self._take("NUMBER")
            if not number.text.lstrip("-").isdigit():
                self._at -= 1
                raise self._unexpected("NUMBER")
            found[token.kind] = int(number.text)
        return found.get("startposition"), found.get("maxresults")
