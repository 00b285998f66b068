"""The settings a command runs under, and the secrets a first start makes."""

from __future__ import annotations

import base64
import os
import stat
from pathlib import Path

import pytest

from syncapp.bootstrap import configuration


@pytest.fixture(autouse=True)
def environ(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """An environment and a project directory of the test's own."""
    own: dict[str, str] = {}
    monkeypatch.setattr(os, "environ", own)
    (tmp_path / ".env.example").write_text(
        "# words\nSECRET_KEY=\nCREDENTIAL_KEYS=\nPUBLIC_URL=http://127.0.0.1:8000\nDATABASE_URL=\n", encoding="utf-8"
    )
    monkeypatch.setattr(configuration, "ROOT", tmp_path)
    return own


class TestSettingsModule:
    @pytest.mark.parametrize(
        ("command", "module"),
        [("test", "settings.test"), ("simulate", "settings.test"), ("demo", "settings.local"), ("migrate", "settings.local")],
    )
    def test_follows_the_command(self, environ: dict[str, str], command: str, module: str) -> None:
        configuration.prepare(command=command)

        assert environ["DJANGO_SETTINGS_MODULE"] == module

    def test_of_tests_and_demo_cannot_be_production(self, environ: dict[str, str]) -> None:
        environ["DJANGO_SETTINGS_MODULE"] = "settings.production"

        configuration.prepare(command="test")

        assert environ["DJANGO_SETTINGS_MODULE"] == "settings.test"

    def test_is_taken_from_the_environment_file(self, environ: dict[str, str], tmp_path: Path) -> None:
        (tmp_path / ".env").write_text("DJANGO_SETTINGS_MODULE=settings.production\n", encoding="utf-8")

        configuration.prepare(command="serve")

        assert environ["DJANGO_SETTINGS_MODULE"] == "settings.production"
        assert configuration.read(tmp_path / ".env") == {"DJANGO_SETTINGS_MODULE": "settings.production"}


class TestServe:
    def test_writes_an_environment_file_that_only_its_owner_can_read(self, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        configuration.prepare(command="serve")

        values = configuration.read(tmp_path / ".env")
        key_id, _, key = values["CREDENTIAL_KEYS"].partition(":")
        assert stat.S_IMODE((tmp_path / ".env").stat().st_mode) == 0o600
        assert len(values["SECRET_KEY"]) >= 50
        assert key_id
        assert len(base64.b64decode(key)) == 32
        assert values["PUBLIC_URL"] == "http://127.0.0.1:8000"
        assert "Created" in capsys.readouterr().err

    def test_never_shows_the_secrets(self, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        configuration.prepare(command="serve")

        said = capsys.readouterr().err
        values = configuration.read(tmp_path / ".env")
        assert values["SECRET_KEY"] not in said
        assert values["CREDENTIAL_KEYS"].partition(":")[2] not in said

    def test_fills_in_what_is_empty_and_keeps_the_rest(self, tmp_path: Path) -> None:
        (tmp_path / ".env").write_text("SECRET_KEY=mine\nCREDENTIAL_KEYS=\nPUBLIC_URL=http://127.0.0.1:9000\n", encoding="utf-8")

        configuration.prepare(command="serve")

        values = configuration.read(tmp_path / ".env")
        assert (values["SECRET_KEY"], values["PUBLIC_URL"]) == ("mine", "http://127.0.0.1:9000")
        assert values["CREDENTIAL_KEYS"]

    def test_changes_nothing_the_second_time(self, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        configuration.prepare(command="serve")
        first = (tmp_path / ".env").read_bytes()
        capsys.readouterr()

        configuration.prepare(command="serve")

        assert (tmp_path / ".env").read_bytes() == first
        assert capsys.readouterr().err == ""

    def test_writes_nothing_where_the_environment_has_the_secrets(self, environ: dict[str, str], tmp_path: Path) -> None:
        environ |= {"SECRET_KEY": "from the environment", "CREDENTIAL_KEYS_FILE": "/run/secrets/keys"}

        configuration.prepare(command="serve")

        assert not (tmp_path / ".env").exists()

    def test_leaves_a_production_without_secrets_to_fail(self, environ: dict[str, str], tmp_path: Path) -> None:
        environ["DJANGO_SETTINGS_MODULE"] = "settings.production"

        configuration.prepare(command="serve")

        assert not (tmp_path / ".env").exists()


class TestOtherCommands:
    def test_write_no_secrets(self, tmp_path: Path) -> None:
        configuration.prepare(command="migrate")

        assert not (tmp_path / ".env").exists()


class TestDemo:
    def test_takes_nothing_from_a_real_installation(self, environ: dict[str, str], tmp_path: Path) -> None:
        environ |= {"DATABASE_URL": "postgres://real", "PUBLIC_URL": "https://sync.example.com", "SECRET_KEY_FILE": "/run/secrets/key"}

        configuration.prepare(command="demo")

        assert environ["DATABASE_URL"] == f"sqlite:///{tmp_path}/var/demo/demo.sqlite3"
        assert environ["PUBLIC_URL"].startswith("http://127.0.0.1:")
        assert "SECRET_KEY_FILE" not in environ
        assert environ["SYNCAPP_ENV_FILE"] == str(tmp_path / "var" / "demo" / "env")
        assert not (tmp_path / ".env").exists()

    def test_keeps_its_secrets_between_two_starts(self, environ: dict[str, str]) -> None:
        configuration.prepare(command="demo")
        first = (environ["SECRET_KEY"], environ["CREDENTIAL_KEYS"])

        configuration.prepare(command="demo")

        assert (environ["SECRET_KEY"], environ["CREDENTIAL_KEYS"]) == first

    def test_keeps_the_apps_with_which_its_tokens_are_renewed(self, environ: dict[str, str]) -> None:
        configuration.prepare(command="demo")
        with Path(environ["SYNCAPP_ENV_FILE"]).open("a", encoding="utf-8") as file:
            file.write("HUBSPOT_CLIENT_ID=made\nHUBSPOT_CLIENT_SECRET=by the first start\nQUICKBOOKS_WEBHOOK_TOKEN=of that start\n")

        configuration.prepare(command="demo")

        assert (environ["HUBSPOT_CLIENT_ID"], environ["HUBSPOT_CLIENT_SECRET"]) == ("made", "by the first start")
        assert "QUICKBOOKS_WEBHOOK_TOKEN" not in environ

    def test_uses_three_different_ports(self, environ: dict[str, str]) -> None:
        configuration.prepare(command="demo")

        assert len({environ[name] for name in ("PUBLIC_URL", "LOCAL_SANDBOX_HUBSPOT_URL", "LOCAL_SANDBOX_QUICKBOOKS_URL")}) == 3
