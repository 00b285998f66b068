"""The packages are locked by digest, newer than their known faults, and listed with their licences."""

from __future__ import annotations

import io
import json
import re
import tomllib
from typing import Any

import pytest
from django.core.management import call_command
from packaging.version import Version

from syncapp.management.quality import locks
from tests.architecture import tree
from tests.supply import licences

LOCKS = (locks.RUNTIME, locks.TESTS)
FIXED: dict[str, dict[str, str]] = tomllib.loads((tree.ROOT / "tests" / "supply" / "fixed.toml").read_text(encoding="utf-8"))["packages"]


def versions(name: str) -> dict[str, str]:
    return {pin.name: pin.version for pin in locks.pins(file=tree.ROOT / name)}


class TestLocks:
    @pytest.mark.parametrize("name", LOCKS)
    def test_hold_one_version_of_each_package_with_its_digests(self, name: str) -> None:
        pins = locks.pins(file=tree.ROOT / name)

        assert len(pins) > 30
        assert len({pin.name for pin in pins}) == len(pins)
        assert [pin.name for pin in pins if not pin.digests] == []

    @pytest.mark.parametrize("name", LOCKS)
    def test_hold_nothing_but_packages_their_digests_and_remarks(self, name: str) -> None:
        """No address of a registry, no folder, and nothing that would be built from somewhere else."""
        lines = (tree.ROOT / name).read_text(encoding="utf-8").splitlines()

        known = re.compile(r"[a-z0-9-]+==\S+( ; .+?)? \\|    --hash=sha256:[0-9a-f]{64}( \\)?|    #.*")
        assert [line for line in lines if not known.fullmatch(line)] == []

    def test_of_the_tests_holds_the_same_versions_as_that_of_the_program(self) -> None:
        runtime, tests = (versions(name) for name in LOCKS)

        assert {name: tests[name] for name in runtime if name in tests} == {name: runtime[name] for name in runtime if name in tests}


class TestKnownFaults:
    @pytest.mark.parametrize("name", FIXED)
    def test_are_mended_in_the_locked_version(self, name: str) -> None:
        locked = [Version(found[name]) for found in map(versions, LOCKS) if name in found]

        assert locked, f"{name} is in no lock any more: take it off tests/supply/fixed.toml"
        assert min(locked) >= Version(FIXED[name]["least"]), FIXED[name]["fault"]


class TestLicences:
    def test_are_told_of_every_package_in_its_version(self) -> None:
        assert {name: version for name, (version, _) in licences.listed().items()} == versions(locks.RUNTIME)

    def test_are_those_of_the_packages_and_none_is_unknown(self) -> None:
        assert licences.DOCUMENT.read_text(encoding="utf-8") == licences.written()
        assert [name for name, (_, said) in licences.listed().items() if len(said) < 3] == []

    def test_that_ask_for_something_are_explained(self) -> None:
        text = licences.DOCUMENT.read_text(encoding="utf-8")

        assert "**psycopg, psycopg-binary** (LGPL): the library itself stays free" in text
        assert "**certifi** (MPL): " in text


class TestList:
    def found(self, **options: Any) -> dict[str, Any]:
        out = io.StringIO()
        call_command("sbom", stdout=out, **options)
        listed: dict[str, Any] = json.loads(out.getvalue())
        return listed

    def test_names_every_package_with_its_digests(self) -> None:
        listed = self.found()

        assert (listed["bomFormat"], listed["specVersion"]) == ("CycloneDX", "1.6")
        assert {one["name"]: one["version"] for one in listed["components"]} == versions(locks.RUNTIME)
        django = next(one for one in listed["components"] if one["name"] == "django")
        assert django["purl"] == f"pkg:pypi/django@{django['version']}"
        assert all(re.fullmatch("[0-9a-f]{64}", file["hashes"][0]["content"]) for file in django["externalReferences"])

    def test_is_written_where_one_says(self, tmp_path: Any) -> None:
        call_command("sbom", output=str(tmp_path / "sbom.json"))

        assert json.loads((tmp_path / "sbom.json").read_text(encoding="utf-8")) == self.found()
