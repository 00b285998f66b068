"""`manage.py demo --once` plays the whole story and leaves nothing behind."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from pytest_django.fixtures import Settings

ROOT = Path(__file__).resolve().parents[2]


def told() -> dict[str, Any]:
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("DJANGO_", "PYTEST_"))}

    done = subprocess.run(
        [sys.executable, "manage.py", "demo", "--once"], cwd=ROOT, env=environment, capture_output=True, text=True, timeout=240,
        check=False,
    )

    assert done.returncode == 0, done.stderr[-2000:]
    summary: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return summary


class TestDemoOnce:
    def test_ends_with_both_companies_in_step_products_taken_from_the_books_and_nothing_left_to_write(self) -> None:
        """In one test, so that two processes never play the demo at the same time on the same ports."""
        found = told()
        products = found["products"]

        assert found["second_run_writes"] == products["second_run_writes"] == products["writes"]["quickbooks"] == 0
        assert found["in_sync"] > 300
        assert min(found["failing"], found["excluded"], found["needs_you"], found["writes"]["hubspot"], found["writes"]["quickbooks"]) > 0
        assert min(products["in_sync"], products["writes"]["hubspot"], products["previewed"]) > 0
        for summary in (found, products):
            assert summary["pairs"] == sum(summary[word] for word in ("in_sync", "failing", "excluded", "needs_you", "waiting"))


class TestAPort:
    @pytest.mark.parametrize("name", ["LOCAL_SANDBOX_HUBSPOT_URL", "LOCAL_SANDBOX_QUICKBOOKS_URL"])
    def test_that_another_program_holds_is_told_before_anything_is_done(self, name: str, settings: Settings) -> None:
        with socket.create_server(("127.0.0.1", 0)) as taken:
            port = taken.getsockname()[1]
            settings.LOCAL_SANDBOX_HUBSPOT_URL = settings.LOCAL_SANDBOX_QUICKBOOKS_URL = ""
            setattr(settings, name, f"http://127.0.0.1:{port}")

            with pytest.raises(CommandError, match=f"Port {port} is taken"):
                call_command("demo", "--once")
