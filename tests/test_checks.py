"""A set-up that is unsafe does not start."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as in_force
from django.core.checks import run_checks
from django.core.exceptions import ImproperlyConfigured

from syncapp import checks
from syncapp.engine.vocabulary import Environment
from tests.architecture import tree
from tests.architecture.test_settings import PRODUCTION
from tests.services import made

SECRET = "a secret that the tests make up, of more than 32 letters"
SAFE = {
    "PRODUCTION": True, "PUBLIC_URL": "https://sync.example.com", "SECRET_KEY": SECRET, "CREDENTIAL_KEYS": (("k1", bytes(range(32))),),
    "DEBUG": False,
    "LOCAL_SANDBOX_HUBSPOT_URL": "", "LOCAL_SANDBOX_QUICKBOOKS_URL": "",
}
UNSAFE: list[tuple[str, str, Mapping[str, Any]]] = [
    ("syncapp.E001", "everybody with a page may import", {"IMPORT_EXPORT_IMPORT_PERMISSION_CODE": None}),
    ("syncapp.E001", "everybody with a page may export", {"IMPORT_EXPORT_EXPORT_PERMISSION_CODE": None}),
    ("syncapp.E002", "must be empty in production", {"LOCAL_SANDBOX_HUBSPOT_URL": "http://127.0.0.1:8801"}),
    ("syncapp.E002", "this machine only", {"PRODUCTION": False, "LOCAL_SANDBOX_QUICKBOOKS_URL": "http://169.254.169.254"}),
    ("syncapp.E003", "keys of 32 bytes", {"CREDENTIAL_KEYS": ()}),
    ("syncapp.E003", "keys of 32 bytes", {"CREDENTIAL_KEYS": (("k1", b"short"),)}),
    ("syncapp.E003", "made of SECRET_KEY", {"CREDENTIAL_KEYS": (("k1", SECRET.encode()[:32]),)}),
    ("syncapp.E003", "made of SECRET_KEY", {"CREDENTIAL_KEYS": (("k1", hashlib.sha256(SECRET.encode()).digest()),)}),
    ("syncapp.E004", "timeout must be below retry", {"Q_CLUSTER": {**in_force.Q_CLUSTER, "timeout": 900, "retry": 900}}),
    ("syncapp.E004", "bulk must be 1", {"Q_CLUSTER": {**in_force.Q_CLUSTER, "bulk": 8}}),
    ("syncapp.E004", "max_attempts must be above 0", {"Q_CLUSTER": {**in_force.Q_CLUSTER, "max_attempts": 0}}),
    ("syncapp.E005", "USE_TZ must be on", {"USE_TZ": False}),
    ("syncapp.E006", "PUBLIC_URL must begin with https://", {"PUBLIC_URL": "http://sync.example.com"}),
    ("syncapp.E007", "DEBUG is on", {"DEBUG": True}),
]


def change(settings: Any, values: Mapping[str, Any]) -> None:
    for name, value in values.items():
        setattr(settings, name, value)


def found() -> list[str]:
    return [str(one.id) for one in run_checks(tags=[checks.TAG])]


class TestChecks:
    def test_have_nothing_to_say_of_a_safe_set_up(self, settings: Any) -> None:
        change(settings, SAFE)

        assert found() in ([], ["syncapp.E008"])  # the tests themselves may run on SQLite

    @pytest.mark.parametrize(("id", "words", "values"), UNSAFE, ids=[f"{id} {words}" for id, words, _ in UNSAFE])
    def test_refuse_what_is_unsafe_and_say_what_to_do(self, settings: Any, id: str, words: str, values: Mapping[str, Any]) -> None:
        change(settings, {**SAFE, **values})

        (refused,) = [one for one in run_checks(tags=[checks.TAG]) if one.id != "syncapp.E008"]

        assert (refused.id, refused.is_serious()) == (id, True)
        assert words in refused.msg
        assert refused.hint

    def test_stop_a_web_server_that_starts_without_a_command(self, settings: Any) -> None:
        change(settings, {"USE_TZ": False})

        with pytest.raises(ImproperlyConfigured, match=r"USE_TZ must be on.*Remove the line"):
            checks.refuse()

    def test_let_a_web_server_start_otherwise(self) -> None:
        checks.refuse()


@pytest.mark.django_db
class TestDebugWithAccounts:
    def test_is_refused_beside_an_account_of_real_customers(self, settings: Any) -> None:
        made.hubspot(environment=Environment.PRODUCTION)
        settings.DEBUG = True

        assert found() == ["syncapp.E007"]

    def test_is_allowed_beside_test_accounts(self, settings: Any) -> None:
        made.hubspot(environment=Environment.VENDOR_SANDBOX)
        settings.DEBUG = True

        assert found() == []


def started(tmp_path: Path, *command: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """What comes of a start in production, in a process of its own."""
    env = {"PATH": os.environ["PATH"], "SYNCAPP_ENV_FILE": "", "VAR_DIR": str(tmp_path), **PRODUCTION, **environment}
    return subprocess.run([sys.executable, *command], cwd=tree.ROOT, env=env, capture_output=True, text=True, check=False)


class TestSqliteInProduction:
    @pytest.mark.parametrize("command", [("manage.py", "migrate"), ("manage.py", "qcluster"), ("-c", "import settings.wsgi")])
    def test_is_refused_with_two_workers_of_the_queue(self, tmp_path: Path, command: tuple[str, ...]) -> None:
        answer = started(tmp_path, *command, DATABASE_URL="", QUEUE_WORKERS="2")

        assert answer.returncode != 0
        assert "SQLite lets one writer at a time in, and 2 workers of the queue would wait for one another" in answer.stderr
        assert "Set DATABASE_URL to a PostgreSQL database. Or, for one machine and little data, set QUEUE_WORKERS=1." in answer.stderr

    def test_is_taken_with_one(self, tmp_path: Path) -> None:
        answer = started(tmp_path, "manage.py", "check", "--deploy", "--fail-level", "WARNING", DATABASE_URL="", QUEUE_WORKERS="1")

        assert (answer.returncode, answer.stderr) == (0, "")
