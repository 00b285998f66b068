"""The sorts of fields that the random pairs are made of: spellings by what they mean, and what each side keeps of a value.

Owns what two values mean, told without the engine, and what a vendor makes of what it is sent.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache
from zoneinfo import ZoneInfo

from syncapp.engine import records, schema
from syncapp.engine.transforms import Transform
from syncapp.engine.vocabulary import FieldType, Side, TransformKind
from tests.engine import examples

Spellings = tuple[records.Value, ...]
Idea = tuple[Spellings, Spellings]
"""One meaning: how the left may spell it, and how the right may."""

Keep = Callable[[records.Value], records.Value]
CENT = Decimal("0.01")


def _as_it_is(value: records.Value) -> records.Value:
    return value


def _trims(value: records.Value) -> records.Value:
    return value.strip() or None if isinstance(value, str) else value


def _lowers(value: records.Value) -> records.Value:
    return value.strip().lower() or None if isinstance(value, str) else value


def _rewrites(value: records.Value) -> records.Value:
    """As a vendor does that stores notes its own way, and drops some."""
    return (None if "!" in value else value.strip().upper()) if isinstance(value, str) else value


@dataclass(frozen=True, kw_only=True)
class Kind:
    """One sort of field. `exact` says that what the other side is to hold can be told without the engine."""

    name: str
    left: schema.FieldSpec
    right: schema.FieldSpec
    ideas: tuple[Idea, ...]
    meaning: Callable[[Side, records.Value, str], object]
    keeps: dict[Side, Keep] = field(default_factory=lambda: {Side.LEFT: _as_it_is, Side.RIGHT: _trims})
    value_map: tuple[tuple[str, str], ...] = ()
    transforms: tuple[Transform, ...] = ()
    exact: bool = True
    refused: frozenset[records.Value] = frozenset()


@lru_cache(maxsize=4096)
def _words(text: str) -> str:
    return unicodedata.normalize("NFC", text).replace("\r\n", "\n").strip()


def _text(side: Side, value: records.Value, zone: str) -> object:
    return _words(value) if isinstance(value, str) else value


def _email(side: Side, value: records.Value, zone: str) -> object:
    return value.replace(";", ",").split(",")[0].strip().lower() if isinstance(value, str) else value


def _amount(side: Side, value: records.Value, zone: str) -> object:
    return Decimal(value).quantize(CENT, rounding=ROUND_HALF_UP) if isinstance(value, str) else value


@lru_cache(maxsize=4096)
def _day_of(text: str, zone: str) -> str:
    if len(text) == len("2026-11-26"):
        return text
    return datetime.fromisoformat(text).astimezone(ZoneInfo(zone)).date().isoformat()


def _day(side: Side, value: records.Value, zone: str) -> object:
    return _day_of(value, zone) if isinstance(value, str) else value


def _number(side: Side, value: records.Value, zone: str) -> object:
    return PHONES.get(value.strip(), value.strip()) if isinstance(value, str) else value


def _stage(side: Side, value: records.Value, zone: str) -> object:
    return STAGES.get(value, value) if side is Side.LEFT and isinstance(value, str) else value


def _both(*spellings: records.Value) -> Idea:
    return spellings, tuple(dict.fromkeys(_trims(one) for one in spellings))


PHONES = {
    spelling: number
    for number, spellings in (
        ("+12125550100", ("+12125550100", "+1 (212) 555-0100", "001 212 555 0100", "+1.212.555.0100")),
        ("2125550101", ("(212) 555-0101", "212-555-0101", "212 555 0101")),
        ("2125550100x7", ("212 555 0100 x7", "212-555-0100 ext. 7")),
        ("+442071838750", ("+44 20 7183 8750", "+44 (0)20 7183 8750")),
        ("ask", ("ask Ann", "ASK  Ann")),
    )
    for spelling in spellings
}
STAGES = {"lead": "NEW", "mql": "NEW", "customer": "SOLD", "former": "LOST"}
LONG = "Aktiengesellschaft für Fernmeldewesen"
WORDS = (
    *(_both(f"v{n}", f" v{n}", f"v{n} ") for n in range(1, 7)), _both("Zo\u00eb", "Zoe\u0308"), _both("O'Brien"), _both("\u6771\u4eac"),
    _both("\U0001f600 Ann"), _both("two\nlines", "two\r\nlines"), _both("0042"), _both("=1+1"), _both(LONG),
    _both("stop!"), _both("\u05d0\u05d1"),
)
DAYS = (
    (("2026-03-08T06:59:00.000Z",), ("2026-03-08",)), (("2026-03-08T07:01:00.000Z",), ("2026-03-09",)),
    (("2026-11-01T05:30:00.000Z",), ("2026-11-01",)), (("2026-12-31T23:59:59.999Z",), ("2026-12-30",)),
    (("2027-01-01T12:00:00.000Z",), ("2027-01-01", "2027-01-02")), (("2024-02-29T00:00:00.000Z",), ("2024-02-29", "2024-02-28")),
)
AMOUNTS = (
    "0", "0.1", "12.5", "12.345", "12.344", "0.005", "0.004", "-0.005", "-12.5", "999999999999.01", "1000000000000000.015", "2.675",
    "1.005",
)

_text_field, _right = examples.field("city"), examples.field("CITY")
_choices = tuple((code, code.title()) for code in STAGES)
_right_choices = tuple((code, code.title()) for code in ("NEW", "SOLD", "LOST"))

KINDS = (
    Kind(name="city", left=_text_field, right=_right, ideas=WORDS, meaning=_text),
    Kind(
        name="note", left=examples.field("note"), right=examples.field("NOTE"), ideas=WORDS, meaning=_text,
        keeps={Side.LEFT: _as_it_is, Side.RIGHT: _rewrites},
    ),
    Kind(
        name="email", left=examples.field("mail", FieldType.EMAIL), right=examples.field("MAIL", FieldType.EMAIL), meaning=_email,
        ideas=(
            *(
                _both(f"{who}@lee.example", f"{who.title()}@Lee.example", f"{who}@lee.example, other@lee.example")
                for who in ("ann", "ben", "cleo")
            ),
            _both("no address"),
        ),
        keeps={Side.LEFT: _lowers, Side.RIGHT: _trims}, refused=frozenset({"no address"}),
    ),
    Kind(
        name="amount", left=examples.field("amount", FieldType.NUMBER), right=examples.field("AMOUNT", FieldType.NUMBER, decimals=2),
        ideas=tuple(_both(one) for one in AMOUNTS), meaning=_amount,
    ),
    Kind(
        name="phone", left=examples.field("phone", FieldType.PHONE), right=examples.field("PHONE", FieldType.PHONE), meaning=_number,
        ideas=tuple(_both(*(one for one in PHONES if PHONES[one] == number)) for number in dict.fromkeys(PHONES.values())),
    ),
    Kind(
        name="day", left=examples.field("closed", FieldType.DATETIME), right=examples.field("CLOSED", FieldType.DATE), ideas=DAYS,
        meaning=_day,
    ),
    Kind(
        name="stage", left=examples.field("stage", FieldType.CHOICE, choices=_choices),
        right=examples.field("STAGE", FieldType.CHOICE, choices=_right_choices), value_map=tuple(STAGES.items()), meaning=_stage,
        ideas=tuple((tuple(one for one in STAGES if STAGES[one] == code), (code,)) for code in ("NEW", "SOLD", "LOST")),
    ),
    Kind(
        name="flag", left=examples.field("flag", FieldType.BOOLEAN), right=examples.field("FLAG", FieldType.BOOLEAN),
        ideas=(_both(True), _both(False)), meaning=_text,
    ),
    Kind(
        name="tags", left=examples.field("tags", FieldType.CHOICES), right=examples.field("TAGS", FieldType.CHOICES),
        ideas=(_both(("a",)), _both(("a", "b")), _both(("b", "c"))), meaning=_text,
    ),
    Kind(
        name="zip", left=examples.field("zip"), right=examples.field("ZIP", max_length=20), ideas=WORDS, meaning=_text,
        refused=frozenset({LONG}),
    ),
    Kind(
        name="short", left=examples.field("short"), right=examples.field("SHORT", max_length=20), ideas=WORDS, meaning=_text, exact=False,
        transforms=(Transform(side=Side.RIGHT, kind=TransformKind.TRUNCATE),),
    ),
    Kind(
        name="loud", left=examples.field("loud"), right=examples.field("LOUD"), ideas=WORDS, meaning=_text, exact=False,
        transforms=(Transform(side=Side.RIGHT, kind=TransformKind.UPPER), Transform(side=Side.LEFT, kind=TransformKind.TITLE)),
    ),
    Kind(
        name="country", left=examples.field("country"), right=examples.field("COUNTRY"), meaning=_text, exact=False,
        ideas=(
            (("Germany", "Deutschland", "germany"), ("DE",)), (("France", "FRA"), ("FR",)), (("Atlantis",), ("Atlantis",)),
        ),
        transforms=(
            Transform(side=Side.RIGHT, kind=TransformKind.COUNTRY_ISO, setting="code"),
            Transform(side=Side.LEFT, kind=TransformKind.COUNTRY_ISO, setting="name"),
        ),
    ),
)
BY_NAME = {kind.name: kind for kind in KINDS}
