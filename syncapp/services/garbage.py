"""How the collector of garbage is spared work while many records pass through.

Owns nothing else.
"""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def of_our_own() -> Iterator[None]:
    """Let the collector of garbage pass over the program itself, which it would walk through again with every few thousand records."""
    gc.freeze()
    try:
        yield
    finally:
        gc.unfreeze()
