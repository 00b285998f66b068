"""Imports point downwards."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from tests.architecture.tree import ROOT

LINT = "from importlinter.cli import lint_imports_command; lint_imports_command()"


class TestContracts:
    def test_are_kept(self) -> None:
        answer = subprocess.run([sys.executable, "-c", LINT, "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False)

        assert answer.returncode == 0, answer.stdout + answer.stderr

    def test_are_broken_by_a_forbidden_import(self, tmp_path: Path) -> None:
        planted = (ROOT / "pyproject.toml").read_text(encoding="utf-8").replace('"http", "logging"', '"http", "dataclasses", "logging"')
        config = tmp_path / "planted.toml"
        config.write_text(planted, encoding="utf-8")

        command = [sys.executable, "-c", LINT, "--no-cache", "--config", str(config)]
        answer = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)

        assert answer.returncode == 1
        assert "syncapp.engine is not allowed to import dataclasses" in answer.stdout
