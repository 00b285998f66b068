"""Values on their way from one side to the other and back: they mean the same, and stay what they are from then on (P4).

Owns these cases, and those of a vendor's raw values. Each tells what is wrong, and nothing where all is well.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from random import Random

from syncapp.engine import mapping, normalize, records, rules, values
from syncapp.engine.transforms import Transform
from syncapp.engine.vocabulary import Direction, FieldType, Side, TransformKind
from tests.engine import examples
from tests.simulation.planner.kinds import KINDS

ALPHABET = "aZéßñøΩя東😀 '-.,&\u0301\u00a0\t:<=+@0189"
ODD = (
    "", "   ", "0042", "=1+1", "<script>", "O'Brien \\ Co", "\u202eabc", "e\u0301", "\u00e9", "A" * 500, "\U0001f468\u200d\U0001f469",
    "-0.00",
)
STEPS = (
    (TransformKind.TRIM, ""), (TransformKind.UPPER, ""), (TransformKind.LOWER, ""), (TransformKind.TITLE, ""),
    (TransformKind.TRUNCATE, "20"), (TransformKind.TRUNCATE, ""), (TransformKind.PHONE_E164, "US"), (TransformKind.PHONE_E164, "DE"),
    (TransformKind.COUNTRY_ISO, "code"),
)


def case(chance: Random) -> list[str]:
    """Draw a mapping and a value, or a vendor's raw value."""
    return chance.choice((there_and_back, stepped, stepped, amounts, moments))(chance)


def there_and_back(chance: Random) -> list[str]:
    """A value of a field of any sort, as either side may spell it."""
    kind = chance.choice(KINDS)
    one = rules.Mapping(key=kind.name, left=kind.left, right=kind.right, value_map=kind.value_map, transforms=kind.transforms)
    side = chance.choice(list(Side))
    value = chance.choice(chance.choice(kind.ideas)[0 if side is Side.LEFT else 1])
    return _stays(one, side, value)


def stepped(chance: Random) -> list[str]:
    """Any text through one or two steps."""
    steps = tuple(
        Transform(side=chance.choice(list(Side)), kind=kind, setting=setting)
        for kind, setting in chance.sample(STEPS, chance.choice((1, 2)))
    )
    limit = chance.choice((None, 41, 100))
    one = examples.mapping("city", right=examples.field("CITY", max_length=limit), transforms=steps, direction=Direction.BOTH)
    odd = chance.random() < 0.3
    text = chance.choice(ODD) if odd else "".join(chance.choice(ALPHABET) for _ in range(chance.randint(1, 12)))
    return _stays(one, chance.choice(list(Side)), text)


def _stays(one: rules.Mapping, side: Side, value: records.Value) -> list[str]:
    """A value of `side` goes over; what comes back from there is agreed, and going over once more makes the same of it."""
    zone = "America/New_York"
    there = mapping.to_side(one, side.other, value, time_zone=zone)
    spec = one.right if side is Side.LEFT else one.left
    if mapping.check(spec=spec, value=there) is not None or (values.blank(there) and not values.blank(value)):
        return []
    wrong = []
    if not _agree(one, side, value, there, zone):
        wrong.append(f"P4: {value!r} became {there!r}, and they are not agreed")
    back = mapping.to_side(one, side, there, time_zone=zone)
    if not _agree(one, side, back, there, zone):
        wrong.append(f"P4: {there!r} came back as {back!r}, and they are not agreed")
    again = mapping.to_side(one, side.other, back, time_zone=zone)
    if not _agree(one, side, back, again, zone):
        wrong.append(f"P4: {back!r} became {again!r} the second time, and they are not agreed")
    projected = normalize.project(value=value, own=one.left, other=one.right, time_zone=zone)
    if side is Side.LEFT and projected != normalize.project(value=projected, own=one.left, other=one.right, time_zone=zone):
        wrong.append(f"P4: {value!r} is compared in two forms")
    return wrong


def _agree(one: rules.Mapping, side: Side, here: records.Value, there: records.Value, zone: str) -> bool:
    left, right = (here, there) if side is Side.LEFT else (there, here)
    return mapping.agree(one, left, right, time_zone=zone)


def amounts(chance: Random) -> list[str]:
    """Amounts as a vendor sends them: never a float on the way, cents by the merchant's rule, equal where they are equal."""
    cents = chance.randint(-10**chance.randint(1, 19), 10**17)
    amount = Decimal(cents) / 100
    raw: object = chance.choice((str(amount), amount, f"{amount:.5f}", f"{amount:.2f}0"))
    kept = values.canonical(type=FieldType.NUMBER, raw=raw)
    wrong = [] if isinstance(kept, str) and Decimal(kept) == amount else [f"P6: {raw!r} is kept as {kept!r}"]
    half = amount + Decimal("0.005")
    spec = examples.field("AMOUNT", FieldType.NUMBER, decimals=2)
    rounded = mapping.convert(value=str(half), origin=examples.field("amount", FieldType.NUMBER), into=spec)
    due = amount + Decimal("0.01") if half > 0 else amount
    return wrong if isinstance(rounded, str) and Decimal(rounded) == due else [*wrong, f"P6: {half} is rounded to {rounded}, not {due}"]


def moments(chance: Random) -> list[str]:
    """Moments in any spelling and offset: the same moment, aware, in one spelling; and the day is the account's own."""
    moment = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=chance.randint(0, 600_000))
    offset = timezone(timedelta(minutes=30 * chance.randint(-22, 28)))
    there = moment.astimezone(offset)
    raw = chance.choice((there.isoformat(), there, str(int(moment.timestamp() * 1000)), moment.isoformat().replace("+00:00", "Z")))
    kept = values.canonical(type=FieldType.DATETIME, raw=raw)
    read = values.as_datetime(kept)
    wrong = [] if read == moment and read.tzinfo is not None else [f"F-52: {raw!r} is kept as {kept!r}"]
    day = values.canonical(type=FieldType.DATE, raw=there.date().isoformat())
    return wrong if day == there.date().isoformat() else [*wrong, f"F-52: the day {there.date()} is kept as {day!r}"]
