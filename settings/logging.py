"""How this program writes its log: one line an event, to the terminal, without secrets.

Owns the last gate before a text leaves the program: secrets are written as ***, and a name with a line break in it cannot forge a second
line.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Sequence
from typing import Any

from integrations.discretion import redact

_CONTROL = re.compile(r"[\x00-\x08\x0a-\x1f\x7f-\x9f\u2028\u2029]")


class WithoutRefusedWebhooks(logging.Filter):
    """Leaves out Django's line about each request that a webhook's address refused: whoever wants could fill the log with them.

    Our own line about them comes once a second at most.
    """

    def filter(self, record: logging.LogRecord) -> bool:
        """Tell whether a line is kept."""
        path = str(getattr(getattr(record, "request", None), "path", ""))
        return record.levelno >= logging.ERROR or not path.startswith("/webhooks/")


class RedactingFormatter(logging.Formatter):
    """A formatter that masks secrets in messages and tracebacks, and keeps a message on one line."""

    def __init__(self, fmt: str | None = None, *, secrets: Sequence[str] = ()) -> None:
        super().__init__(fmt)
        self._secrets = tuple(secrets)

    def formatMessage(self, record: logging.LogRecord) -> str:
        """Return the line with control characters written out, so that a name cannot forge a line."""
        return _CONTROL.sub(lambda found: f"\\x{ord(found.group()):02x}", super().formatMessage(record))

    def format(self, record: logging.LogRecord) -> str:
        """Return the line and its traceback without secrets."""
        return redact(super().format(record), secrets=self._secrets)


def config(*, level: str, secrets: Sequence[str]) -> dict[str, Any]:
    """Return Django's LOGGING: everything through one handler, the talkative and indiscreet libraries from WARNING on."""
    quiet = ("oauthlib", "requests_oauthlib", "urllib3", "django-q")
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "line": {"()": RedactingFormatter, "fmt": "%(asctime)s %(levelname)s %(name)s: %(message)s", "secrets": tuple(secrets)}
        },
        "filters": {"no refused webhooks": {"()": WithoutRefusedWebhooks}},
        "handlers": {"terminal": {"class": "logging.StreamHandler", "formatter": "line"}},
        "root": {"handlers": ["terminal"], "level": level},
        "loggers": {
            **{name: {"level": "WARNING"} for name in quiet},
            "axes": {"level": "ERROR"},  # It warns of every wrong password; ours is the line about an address that is shut out.
            "django": {"handlers": [], "level": level, "propagate": True},
            "django.request": {"level": level, "filters": ["no refused webhooks"], "propagate": True},
            "django.server": {"handlers": [], "level": "WARNING", "propagate": True},
            "django.db.backends": {"level": "WARNING"},
        },
    }
