"""The files in docs/deploy fit the program: they parse, call what there is, and give it no more rights than it needs."""

from __future__ import annotations

import configparser
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.architecture import tree
from tests.architecture.test_documents import commands, settings

DEPLOY = tree.ROOT / "docs" / "deploy"
UNITS = sorted(DEPLOY.glob("*.service"))
OTHER_SETTINGS = {"SYNCAPP_ENV_FILE", "SYNCAPP_NO_BOOTSTRAP"}


def text(name: str) -> str:
    return (DEPLOY / name).read_text(encoding="utf-8")


def unit(file: Path) -> configparser.SectionProxy:
    parsed = configparser.ConfigParser(strict=False, interpolation=None)
    parsed.optionxform = str  # type: ignore[assignment,method-assign]
    parsed.read(file, encoding="utf-8")
    return parsed["Service"]


def services() -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = yaml.safe_load(text("compose.yaml"))["services"]
    return found


def ours() -> dict[str, dict[str, Any]]:
    return {name: one for name, one in services().items() if one["image"] == "syncapp"}


def unknown(arguments: list[str]) -> list[str]:
    """What of a call of manage.py there is not."""
    command, *given = arguments
    return [command] if command not in commands() else [one for one in given if one.startswith("--") and one not in commands()[command]]


class TestUnits:
    def test_are_those_of_web_and_worker(self) -> None:
        assert [file.name for file in UNITS] == ["syncapp-web.service", "syncapp-worker.service"]

    @pytest.mark.parametrize("file", UNITS, ids=lambda file: file.name)
    def test_call_what_there_is(self, file: Path) -> None:
        _, script, *arguments = shlex.split(unit(file)["ExecStart"])

        assert (script, unknown(arguments)) == ("manage.py", [])
        assert {word.partition("=")[0] for word in shlex.split(unit(file)["Environment"])} <= OTHER_SETTINGS | set(settings())

    @pytest.mark.parametrize("file", UNITS, ids=lambda file: file.name)
    def test_run_as_nobody_special_and_stop_in_order(self, file: Path) -> None:
        service = unit(file)

        assert (service["User"], service["ProtectSystem"], service["NoNewPrivileges"]) == ("syncapp", "strict", "yes")
        assert (service["KillMode"], service["CapabilityBoundingSet"]) == ("mixed", "")
        assert int(service["TimeoutStopSec"]) >= 30

    @pytest.mark.parametrize("file", UNITS, ids=lambda file: file.name)
    def test_are_understood_by_systemd_where_there_is_one(self, file: Path, tmp_path: Path) -> None:
        copy = tmp_path / file.name
        here = file.read_text(encoding="utf-8").replace("/opt/syncapp/.venv/bin/python", sys.executable)
        copy.write_text(here.replace("WorkingDirectory=/opt/syncapp", f"WorkingDirectory={tree.ROOT}"), encoding="utf-8")
        program = shutil.which("systemd-analyze")

        said = subprocess.run([program, "verify", str(copy)], capture_output=True, text=True, check=False).stderr if program else ""

        assert [line for line in said.splitlines() if file.name in line] == []


class TestCompose:
    def test_calls_what_there_is(self) -> None:
        assert {name: unknown(one["command"]) for name, one in ours().items()} == {"prepare": [], "web": [], "worker": []}

    def test_runs_our_parts_without_rights_on_a_root_that_is_read_only(self) -> None:
        for one in ours().values():
            assert (one["user"], one["read_only"], one["cap_drop"]) == ("10001:10001", True, ["ALL"])
            assert one["security_opt"] == ["no-new-privileges:true"]

    def test_starts_nothing_before_the_database_is_prepared(self) -> None:
        waits = {name: set(one["depends_on"]) for name, one in ours().items()}

        assert waits == {"prepare": {"database"}, "web": {"prepare"}, "worker": {"prepare"}}

    def test_shares_the_files_of_exports_between_all_parts(self) -> None:
        assert all("exports:/var/lib/syncapp-exports" in one["volumes"] for one in ours().values())
        assert {one["environment"]["EXPORT_DIR"] for one in ours().values()} == {"/var/lib/syncapp-exports"}

    def test_names_settings_that_there_are_and_no_secret(self) -> None:
        for one in ours().values():
            assert {name.removesuffix("_FILE") for name in one["environment"]} <= set(settings())
            assert all(name.endswith("_FILE") for name in one["environment"] if re.search("SECRET|KEY|DATABASE", name))


class TestImage:
    def test_installs_by_hash_and_runs_as_nobody_special(self) -> None:
        lines = text("Dockerfile").splitlines()

        assert any("--require-hashes" in line for line in lines)
        assert [line for line in lines if line.startswith("USER ")] == ["USER 10001:10001"]
        assert lines.index("USER 10001:10001") > max(number for number, line in enumerate(lines) if line.startswith(("RUN", "COPY")))

    def test_calls_what_there_is(self) -> None:
        (words,) = re.findall(r"^CMD (\[.*\])$", text("Dockerfile"), flags=re.MULTILINE)

        assert unknown(yaml.safe_load(words)) == []

    def test_takes_in_what_there_is_and_no_secret(self) -> None:
        taken = [line[1:] for line in text("Dockerfile.dockerignore").splitlines() if line.startswith("!")]
        copied = re.findall(r"^COPY (.+) \S+$", text("Dockerfile"), flags=re.MULTILINE)

        assert [name for name in taken if not (tree.ROOT / name).exists()] == []
        assert sorted(name for line in copied for name in line.split()) == sorted(taken)
        assert text("Dockerfile.dockerignore").startswith("*\n")


class TestProxy:
    def test_overwrites_what_a_caller_says_of_himself(self) -> None:
        places = re.findall(r"location [^{]*\{([^}]*proxy_pass[^}]*)\}", text("nginx.conf"))

        assert len(places) == 3
        assert all("X-Forwarded-For $remote_addr;" in place and "X-Forwarded-Proto $scheme;" in place for place in places)

    def test_logs_no_query(self) -> None:
        (form,) = re.findall(r"log_format syncapp '([^']*)'", text("nginx.conf"))

        assert not re.search(r"\$(request_uri|request|args|query_string|http_referer)\b", form)
