"""Spare a simulated world costs that have nothing to do with what is simulated.

Owns three shortcuts around the application: what a database expression is compared by, proxies that nobody reaches, and when rubbish is
collected. Each gives the same answer as what it takes the place of.
"""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from unittest import mock

import requests.sessions
from django.db.models.expressions import Col
from django.utils.functional import cached_property


@contextmanager
def lean() -> Iterator[None]:
    """Within this the application does the same at less cost. Rubbish is collected by `tidy` alone."""
    identity: Any = cached_property(_identity)
    identity.__set_name__(Col, "identity")
    frozen = gc.get_freeze_count() > 0
    gc.collect()
    gc.freeze()
    gc.disable()
    try:
        with (
            mock.patch.object(Col, "identity", identity),
            mock.patch.object(requests.sessions, "get_environ_proxies", lambda *_, **__: {}),
        ):
            yield
    finally:
        gc.enable()
        gc.unfreeze()
        gc.collect()  # what dead processes left half done ends here, not later and on another database
        if frozen:
            gc.freeze()


def tidy() -> None:
    """Collect what a play left behind."""
    gc.collect()


def _identity(column: Col) -> tuple[object, ...]:
    """The same columns are equal as by Django's own, which binds a signature for each: class, alias, field and what comes of it."""
    return (Col, column.alias, *map(_named, (column.target, column.output_field)))


def _named(field: Any) -> object:
    return (field.model._meta.label, field.name) if field.name and getattr(field, "model", None) else type(field)
