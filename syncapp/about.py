"""What the work under way is about, for the lines that are logged meanwhile: ids, never names or values.

Owns the context that every log line takes along. Knows neither Django nor the log.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from types import MappingProxyType

Ids = Mapping[str, int | str | list[int]]
_NONE: Ids = MappingProxyType({})
_ids: ContextVar[Ids] = ContextVar("about", default=_NONE)


@contextmanager
def about(**ids: int | str | list[int]) -> Iterator[None]:
    """Add ids to every line that is logged inside."""
    before = _ids.set({**_ids.get(), **ids})
    try:
        yield
    finally:
        _ids.reset(before)


def begin(**ids: int | str | list[int]) -> None:
    """Have every further line of this process carry just these ids: for jobs, whose beginning and end are signals."""
    _ids.set(ids)


def ids() -> Ids:
    """Tell what the work under way is about."""
    return _ids.get()
