"""No secret stands in the tree, and `.env.example` holds none."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.architecture import tree
from tests.supply import secrets

SECRET = re.compile(r"SECRET|KEY|TOKEN|PASSWORD|CLIENT_ID|DATABASE_URL|EMAIL_URL")


@pytest.fixture(scope="module")
def found() -> list[secrets.Find]:
    return secrets.in_tree()


class TestTree:
    def test_holds_nothing_that_looks_like_a_secret_and_is_not_listed(self, found: list[secrets.Find]) -> None:
        """`python -m tests.supply.secrets` tells places and digests, and what to do about them."""
        listed = secrets.known()

        assert [one for one in found if (one.file, one.digest) not in listed] == []

    def test_has_no_entry_on_the_list_that_is_not_needed(self, found: list[secrets.Find]) -> None:
        assert set(secrets.known()) - {(one.file, one.digest) for one in found} == set()

    def test_has_a_reason_for_every_entry_on_the_list(self) -> None:
        assert [place for place, reason in secrets.known().items() if len(reason) < 20] == []

    def test_is_looked_at_wherever_people_write(self) -> None:
        places = {secrets.tree.place(file) for file in secrets.files()}

        assert {"manage.py", ".env.example", "docs/installer-guide.md", "settings/base.py", ".ci/run", "syncapp/tasks.py"} <= places


class TestSecret:
    @pytest.mark.parametrize(
        "parts",
        [
            ('HUBSPOT = "pat-na1-5d1f0c9a-7e21', '-4b6d-9a58-0c3f2b7e6d41"'), ("pass", 'word = "Tr0ub4dor&3"'),
            ('url = "postgres://app:', 'hunter2hunter2@db.example.com/app"'), ("-----BEGIN RSA PRIVATE", " KEY-----"),
            ('aws = "AKIA', 'IOSFODNN7ABCDEFG"'), ('value = "xK9fQ2mZ7tR4', 'wB8nL5cV1jH6yD3s', 'G0pAeU2iO4kM=="'),
        ],
        ids=["a key of HubSpot", "a password", "a sign-in", "a private key", "a key of a cloud", "something random"],
    )
    def test_is_found_in_whatever_form(self, parts: tuple[str, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        file = tmp_path / "leak.py"
        file.write_text(f"first = 1\n{''.join(parts)}\n", encoding="utf-8")
        monkeypatch.setattr(secrets, "files", lambda: [file])
        monkeypatch.setattr(tree, "ROOT", tmp_path)

        assert {(one.file, one.line) for one in secrets.unknown(secrets.in_tree())} == {("leak.py", 2)}

    def test_is_found_in_the_history_after_it_was_removed(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        def git(*arguments: str) -> None:
            who = ["-c", "user.name=Ann", "-c", "user.email=ann@example.com"]
            subprocess.run(["git", *who, *arguments], cwd=tmp_path, check=True, capture_output=True)

        leak = tmp_path / "leak.py"
        git("init")
        for text in ("".join(("pass", 'word = "Tr0ub4dor&3"\n')), "password = read()\n"):
            leak.write_text(text, encoding="utf-8")
            git("add", "leak.py")
            git("commit", "-m", "Change")
        monkeypatch.setattr(tree, "ROOT", tmp_path)

        assert [one.file for one in secrets.unknown(secrets.in_history())] == ["leak.py"]


class TestExample:
    def test_has_no_value_where_a_secret_belongs(self) -> None:
        lines: list[Any] = re.findall(r"^([A-Z_]+)=(.*)$", (tree.ROOT / ".env.example").read_text(encoding="utf-8"), flags=re.MULTILINE)

        asked = {name: value for name, value in lines if SECRET.search(name)}
        assert {"SECRET_KEY", "CREDENTIAL_KEYS", "HUBSPOT_CLIENT_SECRET", "QUICKBOOKS_CLIENT_SECRET", "DATABASE_URL"} <= set(asked)
        assert {name: value for name, value in asked.items() if value} == {}
