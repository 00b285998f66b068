"""Which values are personal, and how they look to who may not see them: e-mail addresses, phone numbers and postal addresses.

Owns the one answer to both, and whether it applies at present. Names stay readable: without them nobody could say which record is meant.
"""
from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from syncapp.engine.vocabulary import FieldType

MASK = "•••"
_TYPES = frozenset({FieldType.EMAIL, FieldType.PHONE})
_WORDS = frozenset({
    "addr", "address", "address1", "address2", "city", "country", "county", "email", "fax", "latitude", "line1", "line2", "line3", "line4",
    "line5", "longitude", "mail", "mobile", "phone", "postal", "postcode", "state", "street", "subdivision", "telephone", "town", "zip",
})
_RUN_TOGETHER = ("email", "phone", "address", "zipcode", "postalcode", "hs_whatsapp")
_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])")
_PARTS = re.compile(r"[^a-z0-9]+")
_ADDRESS = re.compile(r"[\w.+'%-]+@[\w-]+(?:\.[\w-]+)+")
_NUMBER = re.compile(r"\+\d[\d ()./-]{5,}\d")
_masked: ContextVar[bool] = ContextVar("masked", default=False)


def applies() -> bool:
    """Tell whether who reads at present may not see personal values."""
    return _masked.get()


@contextmanager
def within(*, masked: bool) -> Iterator[None]:
    """Within this, personal values are masked, or are not."""
    before = _masked.set(masked)
    try:
        yield
    finally:
        _masked.reset(before)


def is_personal(*, name: str, type: FieldType | str = FieldType.TEXT) -> bool:
    """Tell by its name and type whether a vendor's field holds a personal value."""
    parts = _PARTS.split(_CAMEL.sub(" ", name).lower())
    return type in _TYPES or not _WORDS.isdisjoint(parts) or any(one in part for part in parts for one in _RUN_TOGETHER)


def text(said: str) -> str:
    """Write a sentence or a name for who reads at present: without the e-mail addresses and phone numbers in it where they are masked."""
    if not applies():
        return said
    # To look for an address from each character of a long word on would take minutes.
    return _NUMBER.sub(MASK, _ADDRESS.sub(MASK, said) if "@" in said else said)
