"""Hear everything that is logged while a scenario is played.

Owns which loggers are heard. What the application itself keeps quiet stays as quiet as it made it.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager

OURS = ("syncapp", "integrations")
HEARD = (*OURS, "requests_oauthlib", "oauthlib", "urllib3", "requests", "django_q", "django.request")


class Listener(logging.Handler):
    """Everything that is logged, as it would be printed."""

    def __init__(self) -> None:
        super().__init__(level=logging.DEBUG)
        self.lines: list[str] = []
        self.setFormatter(logging.Formatter("%(name)s %(levelname)s %(message)s"))

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(self.format(record))


@contextmanager
def listening() -> Iterator[Listener]:
    """Within this, the loggers of the application and of what it uses are heard at DEBUG, and print nothing."""
    heard = Listener()
    loggers = [logging.getLogger(name) for name in HEARD]
    kept = [(one.level, one.propagate) for one in loggers]
    for one in loggers:
        one.addHandler(heard)
        if one.name in OURS or one.level == logging.NOTSET:  # what the application itself keeps quiet stays as quiet as it made it
            one.setLevel(logging.DEBUG)
        one.propagate = False
    try:
        yield heard
    finally:
        for one, (level, propagate) in zip(loggers, kept, strict=True):
            one.removeHandler(heard)
            one.setLevel(level)
            one.propagate = propagate
