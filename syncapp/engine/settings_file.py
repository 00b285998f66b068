"""The settings of a sync as a file: its shape, how it is written, and how a file from anywhere is read.

Owns the format. Fields, choices and accounts stand in it by name, so nothing in it belongs to one installation. Whether an account has
them is not asked here.
"""
from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass, field, fields, is_dataclass
from functools import cache
from typing import Any, get_args, get_origin, get_type_hints

from syncapp.engine import vocabulary
from syncapp.engine.vocabulary import System
from syncapp.engine.wording import count, say
from syncapp.engine.words import Word

VERSION = 1
HEAD = "syncapp_settings"
MOST_BYTES = 5 * 1024 * 1024
MOST_ENTRIES = 20_000
MOST_TOLD = 20
LONGEST = 5000
HIGHEST = 2_147_483_647
_UNKEEPABLE = re.compile("[\0\ud800-\udfff]")


class Unreadable(Exception):
    """The file is none of ours, or says something that cannot be; `sentences` tell what, and what to do."""

    def __init__(self, *sentences: str) -> None:
        super().__init__(" ".join(sentences))
        self.sentences = sentences


def _text(most: int) -> Any:
    """A text with its longest length."""
    return field(metadata={"most": most})


def _number(least: int = 0, most: int = HIGHEST) -> Any:
    """A number with its limits."""
    return field(metadata={"least": least, "most": most})


@dataclass(frozen=True, kw_only=True)
class Condition:
    """One condition of a filter group. Choices are named as people see them."""

    field: str = _text(200)
    operator: vocabulary.FilterOperator
    values: tuple[str, ...]
    include_unset: bool
    frozen: bool


@dataclass(frozen=True, kw_only=True)
class Group:
    """A filter group of one side."""

    name: str = _text(100)
    conditions: tuple[Condition, ...]


@dataclass(frozen=True, kw_only=True)
class Step:
    """One step of a mapping on the way to a side."""

    side: vocabulary.Side
    kind: vocabulary.TransformKind
    setting: str = _text(500)


@dataclass(frozen=True, kw_only=True)
class FieldPair:
    """A mapping by the names of its fields, with its value map and its steps."""

    left_field: str = _text(200)
    right_field: str = _text(200)
    direction: vocabulary.Direction
    active: bool
    fallback: bool
    conflict_rule: vocabulary.ConflictRule
    clears: bool
    values: Mapping[str, str] = _text(200)
    steps: tuple[Step, ...]


@dataclass(frozen=True, kw_only=True)
class Settings:
    """Everything that can be set up of a sync, in the order of the file. `left` and `right` name the systems, never an account."""

    left: System
    right: System
    name: str = _text(100)
    object_pair: vocabulary.ObjectPair
    direction: vocabulary.Direction
    create_to: vocabulary.CreateTo
    interval_minutes: int = _number(1, 1440)
    match_mode: vocabulary.MatchMode
    match_left: str = _text(200)
    match_right: str = _text(200)
    key_required: bool
    conflict_winner: vocabulary.ConflictRule
    leave_policy: vocabulary.LeaveFilterPolicy
    delete_policy: vocabulary.DeletePolicy
    name_policy: vocabulary.NamePolicy
    name_suffix: str = _text(30)
    new_product_type: vocabulary.NewProductType
    income_account: str = _text(LONGEST)
    expense_account: str = _text(LONGEST)
    brake_creates: int = _number()
    brake_updates: int = _number()
    brake_archives: int = _number()
    left_filters: tuple[Group, ...]
    right_filters: tuple[Group, ...]
    mappings: tuple[FieldPair, ...]


def written(settings: Settings) -> str:
    """Write settings: the same ones always become the same text."""
    return json.dumps({HEAD: VERSION, **asdict(settings)}, indent=2, ensure_ascii=False) + "\n"


def read(content: bytes) -> Settings:
    """Read a file strictly: every key, no other, and each value as it may be. Raises Unreadable."""
    if len(content) > MOST_BYTES:
        raise Unreadable(say("The file is larger than {number} MB. It holds no settings of a sync.", number=MOST_BYTES // 1024 // 1024))
    raw = _parsed(content)
    if not isinstance(raw, dict) or HEAD not in raw:
        raise Unreadable(say("The file holds no settings of a sync. Choose one that was downloaded from the page of a sync."))
    version = raw.pop(HEAD)
    if type(version) is not int or version != VERSION:
        raise Unreadable(say(
            "The file is of version {version}, and only version {known} is read here. Download it anew, from a program as old or new as"
            " this one.", version=_shown(version), known=VERSION,
        ))
    reader = _Reader()
    made = reader.value(raw, Settings, {}, "")
    if not reader.troubles:
        reader.troubles += _ends(made)
    if reader.troubles:
        raise Unreadable(*_cut(reader.troubles))
    settings: Settings = made
    return settings


def _parsed(content: bytes) -> Any:
    try:
        return json.loads(content.decode("utf-8-sig"), object_pairs_hook=_once, parse_constant=_no_number)
    except UnicodeDecodeError as error:
        raise Unreadable(say("The file is no text in UTF-8. Choose one that was downloaded from the page of a sync.")) from error
    except RecursionError as error:
        raise Unreadable(say("The file is nested far too deeply. It holds no settings of a sync.")) from error
    except json.JSONDecodeError as error:
        words = say("The file cannot be read as JSON: line {number} is not as it must be. Mend it there.", number=error.lineno)
        raise Unreadable(words) from error
    except ValueError as error:
        raise Unreadable(say("The file holds a number that cannot be read. It holds no settings of a sync.")) from error


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object of the file, in which no key may stand twice."""
    found = dict(pairs)
    if len(found) != len(pairs):
        keys = [key for key, _ in pairs]
        twice = next(key for key in keys if keys.count(key) > 1)
        raise Unreadable(say("“{key}” stands twice in one place of the file. Remove one of the two.", key=_shown(twice)))
    return found


def _no_number(_text: str) -> Any:
    raise ValueError


def _ends(settings: Settings) -> Iterator[str]:
    for name, wanted in (("left", System.HUBSPOT), ("right", System.QUICKBOOKS)):
        if getattr(settings, name) is not wanted:
            yield say("“{place}” has to be {wanted}: only {label} can be there.", place=name, wanted=wanted.value, label=wanted.label)
    if settings.conflict_winner is vocabulary.ConflictRule.CONFIG:
        yield say("“{place}” names no winner. Write one of {offered}.", place="conflict_winner", offered=_offered(
            [one for one in vocabulary.ConflictRule if one is not vocabulary.ConflictRule.CONFIG]
        ))


class _Reader:
    """Reads values by their kind and gathers what is wrong with them, each with its place."""

    def __init__(self) -> None:
        self.troubles: list[str] = []

    def value(self, raw: Any, kind: Any, limits: Mapping[str, int], place: str) -> Any:
        """Read a value; where that cannot be, say why."""
        if is_dataclass(kind):
            return self._object(raw, kind, place)
        origin = get_origin(kind)
        if origin is tuple:
            return self._list(raw, get_args(kind)[0], limits, place)
        if origin is not None:
            return self._texts(raw, limits, place)
        if issubclass(kind, Word):
            return self._word(raw, kind, place)
        if type(raw) is not kind:
            self._say(place, say("it has to be {kind}.", kind=_KINDS[kind]()))
        elif kind is str:
            self._fitting(raw, limits.get("most", LONGEST), place)
        elif kind is int and not limits["least"] <= raw <= limits["most"]:
            self._say(place, say("it has to be from {least} to {most}.", least=limits["least"], most=limits["most"]))
        return raw

    def _object(self, raw: Any, kind: Any, place: str) -> Any:
        if not isinstance(raw, dict):
            self._say(place, say("it has to be an object in braces."))
            return None
        parts, hints = {one.name: one for one in fields(kind)}, _hints(kind)
        for key in (key for key in raw if key not in parts):
            self._say(_below(place, _shown(key)), say("this is not known here. Remove it."))
        for key in (key for key in parts if key not in raw):
            self._say(_below(place, key), say("this is missing. Add it."))
        before = len(self.troubles)
        made = {name: self.value(raw[name], hints[name], part.metadata, _below(place, name)) for name, part in parts.items() if name in raw}
        return kind(**made) if len(self.troubles) == before and made.keys() == parts.keys() else None

    def _list(self, raw: Any, kind: Any, limits: Mapping[str, int], place: str) -> Any:
        if not isinstance(raw, list) or len(raw) > MOST_ENTRIES:
            self._say(place, say("it has to be a list in brackets, of at most {most:,}.", most=MOST_ENTRIES))
            return ()
        return tuple(self.value(one, kind, limits, _below(place, str(number))) for number, one in enumerate(raw, start=1))

    def _texts(self, raw: Any, limits: Mapping[str, int], place: str) -> Any:
        if not isinstance(raw, dict) or len(raw) > MOST_ENTRIES:
            self._say(place, say("it has to be an object in braces."))
            return {}
        for left, right in raw.items():
            self.value(left, str, limits, _below(place, _shown(left)))
            self.value(right, str, limits, _below(place, _shown(left)))
        return {left: raw[left] for left in sorted(raw)}

    def _word(self, raw: Any, kind: type[Word], place: str) -> Any:
        if isinstance(raw, str) and raw in set(kind):
            return kind(raw)
        self._say(place, say("“{text}” is not known. Write one of {offered}.", text=_shown(raw), offered=_offered(list(kind))))
        return None

    def _fitting(self, text: str, most: int, place: str) -> None:
        if len(text) > most:
            self._say(place, say("it is longer than {most} characters. Shorten it.", most=most))
        elif _UNKEEPABLE.search(text):
            self._say(place, say("it holds a character that cannot be kept. Remove it."))

    def _say(self, place: str, words: str) -> None:
        self.troubles.append(say("“{place}”: {words}", place=place, words=words) if place else words)


@cache
def _hints(kind: Any) -> dict[str, Any]:
    return get_type_hints(kind)


def _below(place: str, name: str) -> str:
    return f"{place} → {name}" if place else name


def _shown(raw: Any) -> str:
    """What stands in the file, cut short."""
    return _UNKEEPABLE.sub("?", str(raw))[:60]


def _offered(words: list[Any]) -> str:
    return ", ".join(one.value for one in words)


def _cut(troubles: list[str]) -> list[str]:
    more = len(troubles) - MOST_TOLD
    rest = [count("{number} more place is wrong.", "{number} more places are wrong.", number=more)] if more > 0 else []
    return [*troubles[:MOST_TOLD], *rest]


_KINDS: Mapping[type, Callable[[], str]] = {
    str: lambda: say("a text in quotation marks"), int: lambda: say("a whole number"), bool: lambda: say("true or false"),
}
