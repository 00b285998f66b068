"""The checks that need no test: style, types, import contracts, migrations, and the strict set-up's own check."""

from __future__ import annotations

import base64
import secrets
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True)
class Check:
    """A command that must end well, and what it looks at, in words."""

    title: str
    argv: list[str]
    env: Mapping[str, str] = field(default_factory=dict)


def every(*, root: Path) -> list[Check]:
    """Return the checks in the order to run them."""
    manage = [sys.executable, str(root / "manage.py")]
    contracts = "from importlinter.cli import lint_imports_command; lint_imports_command()"
    return [
        Check("style (ruff)", [sys.executable, "-m", "ruff", "check", "."]),
        Check("types (mypy --strict)", [sys.executable, "-m", "mypy"]),
        Check("imports point downwards (import-linter)", [sys.executable, "-c", contracts]),
        Check(
            "models and migrations agree", [*manage, "makemigrations", "--check", "--dry-run"], {"DJANGO_SETTINGS_MODULE": "settings.test"}
        ),
        Check("the strict set-up (check --deploy)", [*manage, "check", "--deploy", "--fail-level", "WARNING"], _strict_environment()),
    ]


def _strict_environment() -> dict[str, str]:
    """Return an environment for settings.production, with secrets that are thrown away."""
    return {
        "DJANGO_SETTINGS_MODULE": "settings.production",
        "SYNCAPP_ENV_FILE": "",
        "SECRET_KEY": secrets.token_urlsafe(50),
        "CREDENTIAL_KEYS": "check:" + base64.b64encode(secrets.token_bytes(32)).decode("ascii"),
        "PUBLIC_URL": "https://sync.example.com",
        "ALLOWED_HOSTS": "sync.example.com",
        "LOCAL_SANDBOX_HUBSPOT_URL": "",
        "LOCAL_SANDBOX_QUICKBOOKS_URL": "",
        "DATABASE_URL": "postgres://sync@127.0.0.1:5432/sync",  # nothing is asked of it
        "EMAIL_URL": "",
    }
