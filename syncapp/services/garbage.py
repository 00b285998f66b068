"""How the collector of garbage is spared work: while many records pass through, and while a web server answers.

Owns nothing else.
"""

from __future__ import annotations

import gc
import threading
from collections.abc import Iterator
from contextlib import contextmanager

_for_good = threading.Event()


def leave_what_is_loaded() -> None:
    """Let the collector never again pass over what is loaded by now, for a process that stays: every few dozen pages it would walk through
    the whole program, and one answer would wait for that.
    """
    gc.collect()
    gc.freeze()
    _for_good.set()


@contextmanager
def of_our_own() -> Iterator[None]:
    """Let the collector of garbage pass over the program itself, which it would walk through again with every few thousand records.

    In a process that left the program out for good nothing changes: what is under way in other threads there must not be left out with it.
    """
    if _for_good.is_set():
        yield
        return
    gc.freeze()
    try:
        yield
    finally:
        gc.unfreeze()
