"""Every setting is in `.env.example`, and nothing else is; the set-ups refuse what they must."""

from __future__ import annotations

import ast
import base64
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.architecture import tree

EXAMPLE = tree.ROOT / ".env.example"
KEY = "k1:" + base64.b64encode(bytes(range(32))).decode("ascii")
PRODUCTION = {
    "DJANGO_SETTINGS_MODULE": "settings.production",
    "SECRET_KEY": "a-key-made-for-this-test-0123456789-ABCDEFGHIJKLMNOPQRSTUVWXYZ",
    "CREDENTIAL_KEYS": KEY,
    "PUBLIC_URL": "https://sync.example.com",
    "ALLOWED_HOSTS": "sync.example.com",
    "DATABASE_URL": "postgres://sync:secret@127.0.0.1:5432/sync",
}


def documented() -> set[str]:
    """Return the names in `.env.example`."""
    return set(re.findall(r"^([A-Z_]+)=", EXAMPLE.read_text(encoding="utf-8"), flags=re.MULTILINE))


def used() -> set[str]:
    """Return the names that the settings and the bootstrap read."""
    names = {"DJANGO_SETTINGS_MODULE"}
    for file in tree.modules("settings"):
        for node in ast.walk(tree.parsed(file)):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and isinstance(node.func.value, ast.Name):
                is_reader = node.func.value.id == "env" and node.args and isinstance(node.args[0], ast.Constant)
                names |= {str(node.args[0].value)} if is_reader and isinstance(node.args[0], ast.Constant) else set()
    return names


def load(tmp_path: Path, expression: str = "'loaded'", **environ: str) -> subprocess.CompletedProcess[str]:
    """Load the settings in a process of their own and print what the expression says of them."""
    code = f"from django.conf import settings; settings.DEBUG; print({expression})"
    env = {"PATH": os.environ["PATH"], "SYNCAPP_ENV_FILE": "", "VAR_DIR": str(tmp_path / "var"), **environ}
    return subprocess.run([sys.executable, "-c", code], cwd=tree.ROOT, env=env, capture_output=True, text=True, check=False)


class TestExample:
    def test_names_every_setting_that_is_read(self) -> None:
        assert used() - documented() == set()

    def test_names_nothing_that_is_not_read(self) -> None:
        assert documented() - used() == set()

    def test_holds_no_secret(self) -> None:
        values = dict(re.findall(r"^([A-Z_]+)=(.*)$", EXAMPLE.read_text(encoding="utf-8"), flags=re.MULTILINE))

        filled = {name for name, value in values.items() if value and re.search(r"SECRET|KEY|CLIENT|URL|PASSWORD", name)}

        assert filled == {"PUBLIC_URL"}

    def test_is_enough_for_a_start_once_the_two_secrets_are_filled_in(self, tmp_path: Path) -> None:
        file = tmp_path / "env"
        file.write_text(EXAMPLE.read_text(encoding="utf-8").replace("CREDENTIAL_KEYS=", f"CREDENTIAL_KEYS={KEY}"), encoding="utf-8")

        answer = load(
            tmp_path, "settings.PUBLIC_URL", DJANGO_SETTINGS_MODULE="settings.local", SYNCAPP_ENV_FILE=str(file), SECRET_KEY="x" * 50
        )

        assert answer.stdout == "http://127.0.0.1:8000\n", answer.stderr


class TestSecrets:
    @pytest.mark.parametrize("module", ["settings.local", "settings.production"])
    @pytest.mark.parametrize("name", ["SECRET_KEY", "CREDENTIAL_KEYS"])
    def test_have_no_default(self, tmp_path: Path, module: str, name: str) -> None:
        answer = load(tmp_path, **{**PRODUCTION, "DJANGO_SETTINGS_MODULE": module, name: ""})

        assert f"{name} is empty" in answer.stderr

    @pytest.mark.parametrize("name", ["SECRET_KEY", "CREDENTIAL_KEYS"])
    def test_are_asked_for_in_one_line_where_a_command_misses_them(self, tmp_path: Path, name: str) -> None:
        env = {"PATH": os.environ["PATH"], "VAR_DIR": str(tmp_path / "var"), **PRODUCTION, name: ""}

        answer = subprocess.run(
            [sys.executable, "manage.py", "makemigrations", "--check"], cwd=tree.ROOT, env=env, capture_output=True, text=True, check=False
        )

        assert answer.returncode == 1
        assert answer.stderr.startswith(f"The settings are not complete: {name} is empty")
        assert len(answer.stderr.splitlines()) == 1

    def test_are_read_from_a_file_without_its_line_end(self, tmp_path: Path) -> None:
        file = tmp_path / "secret"
        file.write_text("from-a-file\n", encoding="utf-8")

        answer = load(tmp_path, "repr(settings.HUBSPOT_CLIENT_SECRET)", **PRODUCTION, HUBSPOT_CLIENT_SECRET_FILE=str(file))

        assert answer.stdout == "'from-a-file'\n", answer.stderr

    def test_name_the_file_that_cannot_be_read(self, tmp_path: Path) -> None:
        answer = load(tmp_path, **PRODUCTION, HUBSPOT_CLIENT_SECRET_FILE=str(tmp_path / "missing"))

        assert "HUBSPOT_CLIENT_SECRET_FILE names a file that cannot be read" in answer.stderr

    def test_may_begin_with_any_character(self, tmp_path: Path) -> None:
        answer = load(tmp_path, "settings.HUBSPOT_CLIENT_SECRET", **PRODUCTION, HUBSPOT_CLIENT_SECRET="$ecret")

        assert answer.stdout == "$ecret\n", answer.stderr

    @pytest.mark.parametrize("keys", ["k1:too-short", "no-id", f"{KEY},{KEY}", ":" + KEY.partition(":")[2]])
    def test_of_a_wrong_form_are_refused(self, tmp_path: Path, keys: str) -> None:
        answer = load(tmp_path, **{**PRODUCTION, "CREDENTIAL_KEYS": keys})

        assert "CREDENTIAL_KEYS" in answer.stderr
        assert answer.returncode != 0

    def test_keep_the_order_in_which_they_stand(self, tmp_path: Path) -> None:
        older = "k0:" + base64.b64encode(bytes(32)).decode("ascii")

        answer = load(
            tmp_path, "[key_id for key_id, _ in settings.CREDENTIAL_KEYS]", **{**PRODUCTION, "CREDENTIAL_KEYS": f"{KEY}, {older}"}
        )

        assert answer.stdout == "['k1', 'k0']\n", answer.stderr


class TestProduction:
    def test_starts_when_everything_is_in_place(self, tmp_path: Path) -> None:
        assert load(tmp_path, **PRODUCTION).stdout == "loaded\n"

    @pytest.mark.parametrize(
        ("name", "value"),
        [
            ("DEBUG", "true"),
            ("PUBLIC_URL", "http://sync.example.com"),
            ("ALLOWED_HOSTS", ""),
            ("LOCAL_SANDBOX_HUBSPOT_URL", "http://127.0.0.1:8801"),
            ("LOCAL_SANDBOX_QUICKBOOKS_URL", "http://127.0.0.1:8802"),
            ("OAUTHLIB_INSECURE_TRANSPORT", "1"),
            ("DATABASE_URL", "mysql://user@host/name"),
            ("DATABASE_URL", "postgres://user@host/name?pool=true"),
            ("SYNC_BUDGET_SHARE", "1.5"),
            ("EXPORT_DAYS", "0"),
            ("EXPORT_DAYS", "400"),
            ("EXPORT_DAYS", "a week"),
            ("QUEUE_WORKERS", "0"),
            ("QUEUE_WORKERS", "two"),
            ("LOG_FORMAT", "xml"),
            ("METRICS_NETWORKS", "10.0.0.300"),
            ("METRICS_NETWORKS", "10.0.0.1/8"),
        ],
    )
    def test_refuses_what_is_not_safe(self, tmp_path: Path, name: str, value: str) -> None:
        answer = load(tmp_path, **{**PRODUCTION, name: value})

        assert answer.returncode != 0
        assert name in answer.stderr

    def test_passes_djangos_own_check(self, tmp_path: Path) -> None:
        env = {"PATH": os.environ["PATH"], "SYNCAPP_ENV_FILE": "", "VAR_DIR": str(tmp_path), **PRODUCTION}
        command = [sys.executable, "manage.py", "check", "--deploy", "--fail-level", "WARNING"]

        answer = subprocess.run(command, cwd=tree.ROOT, env=env, capture_output=True, text=True, check=False)

        assert answer.returncode == 0, answer.stderr


class TestLocal:
    @pytest.mark.parametrize(
        "url", ["http://127.0.0.1@evil.example:80", "http://localhost:8801", "https://127.0.0.1:8801", "http://127.0.0.1:8801/x"]
    )
    def test_sends_the_sandbox_nowhere_but_to_this_machine(self, tmp_path: Path, url: str) -> None:
        answer = load(tmp_path, **{**PRODUCTION, "DJANGO_SETTINGS_MODULE": "settings.local", "LOCAL_SANDBOX_HUBSPOT_URL": url})

        assert answer.returncode != 0
        assert "LOCAL_SANDBOX_HUBSPOT_URL" in answer.stderr

    def test_writes_mail_into_files_and_not_to_the_terminal(self, tmp_path: Path) -> None:
        told = "settings.EMAIL_BACKEND.split('.')[-2], settings.EMAIL_FILE_PATH == settings.VAR_DIR / 'mail'"

        assert load(tmp_path, told, **{**PRODUCTION, "DJANGO_SETTINGS_MODULE": "settings.local"}).stdout == "filebased True\n"

    def test_shows_no_error_pages_with_values(self, tmp_path: Path) -> None:
        assert load(tmp_path, "settings.DEBUG", **{**PRODUCTION, "DJANGO_SETTINGS_MODULE": "settings.local"}).stdout == "False\n"
