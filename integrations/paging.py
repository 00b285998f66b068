"""Go through all pages of a list, whole or with an error.

Owns the rule that a part is never passed off as the whole: for a sync that would look like deletions. Knows no vendor.
"""

from __future__ import annotations

import dataclasses
import datetime
from collections.abc import Callable, Iterator
from typing import Generic, TypeVar

from integrations import errors

Entry = TypeVar("Entry")


@dataclasses.dataclass(frozen=True)
class Page(Generic[Entry]):
    """One page. `after` is the token of the next one, None on the last."""

    entries: tuple[Entry, ...]
    after: str | None
    server_time: datetime.datetime | None = None


def pages(
    *, system: str, operation: str, fetch: Callable[[str | None], Page[Entry]], after: str | None = None
) -> Iterator[Page[Entry]]:
    """Yield page after page, from the token `after` on, until the vendor says that there are no more.

    Raises Misunderstood when a token comes back a second time, since the pages would then go round for ever.
    """
    seen = {after}
    while True:
        page = fetch(after)
        if page.after is not None and page.after in seen:
            raise errors.Misunderstood(system=system, operation=operation, words="The list of pages repeats itself.")
        yield page
        if page.after is None:
            return
        after = page.after
        seen.add(after)
