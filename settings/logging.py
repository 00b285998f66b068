"""How this program writes its log: one line an event, as text or as JSON, to the terminal, without secrets.

Owns the last gate before a text leaves the program: secrets are written as ***, and a name with a line break in it cannot forge a second
line.
"""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from integrations.discretion import redact
from syncapp import about

_CONTROL = re.compile(r"[\x00-\x08\x0a-\x1f\x7f-\x9f\u2028\u2029]")


class WithoutRefusedWebhooks(logging.Filter):
    """Leaves out Django's line about each request that a webhook's address refused: whoever wants could fill the log with them.

    Our own line about them comes once a second at most.
    """

    def filter(self, record: logging.LogRecord) -> bool:
        """Tell whether a line is kept."""
        path = str(getattr(getattr(record, "request", None), "path", ""))
        return record.levelno >= logging.ERROR or not path.startswith("/webhooks/")


class WithIds(logging.Filter):
    """Gives each line the ids of the run, the job and the accounts that it was written for."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Keep the line, with its ids."""
        record.ids = dict(about.ids())
        return True


class RedactingFormatter(logging.Formatter):
    """A formatter that masks secrets in messages and tracebacks, and keeps a message on one line."""

    def __init__(self, fmt: str | None = None, *, secrets: Sequence[str] = ()) -> None:
        super().__init__(fmt)
        self._secrets = tuple(secrets)

    def formatMessage(self, record: logging.LogRecord) -> str:
        """Return the line with control characters written out, so that a name cannot forge a line."""
        ids = getattr(record, "ids", None) or {}
        record.about = f" [{' '.join(f'{name}={_plain(value)}' for name, value in ids.items())}]" if ids else ""
        return _CONTROL.sub(lambda found: f"\\x{ord(found.group()):02x}", super().formatMessage(record))

    def format(self, record: logging.LogRecord) -> str:
        """Return the line and its traceback without secrets."""
        return redact(super().format(record), secrets=self._secrets)


class JsonFormatter(logging.Formatter):
    """A formatter that writes one JSON object a line, with the same masks; what it is about stands in fields of its own."""

    def __init__(self, *, secrets: Sequence[str] = ()) -> None:
        super().__init__()
        self._secrets = tuple(secrets)

    def format(self, record: logging.LogRecord) -> str:
        """Return the object; JSON itself keeps it on one line."""
        told: dict[str, Any] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname, "logger": record.name, "message": self._masked(record.getMessage()),
            **getattr(record, "ids", {}),
        }
        if record.exc_info:
            told["traceback"] = self._masked(self.formatException(record.exc_info))
        if record.stack_info:
            told["stack"] = self._masked(self.formatStack(record.stack_info))
        return json.dumps(told, ensure_ascii=True, default=str)

    def _masked(self, text: str) -> str:
        return redact(text, secrets=self._secrets)


def _plain(value: object) -> str:
    return ",".join(map(str, value)) if isinstance(value, list) else str(value)


def config(*, level: str, secrets: Sequence[str], format: str = "line") -> dict[str, Any]:
    """Return Django's LOGGING: everything through one handler, the talkative and indiscreet libraries from WARNING on."""
    quiet = ("oauthlib", "requests_oauthlib", "urllib3", "django-q")
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "line": {
                "()": RedactingFormatter, "fmt": "%(asctime)s %(levelname)s %(name)s%(about)s: %(message)s", "secrets": tuple(secrets),
            },
            "json": {"()": JsonFormatter, "secrets": tuple(secrets)},
        },
        "filters": {"no refused webhooks": {"()": WithoutRefusedWebhooks}, "ids": {"()": WithIds}},
        "handlers": {"terminal": {"class": "logging.StreamHandler", "formatter": format, "filters": ["ids"]}},
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
