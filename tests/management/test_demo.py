"""`manage.py demo --once` plays the whole story and leaves nothing behind."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


class TestDemoOnce:
    def test_ends_with_two_companies_in_step_and_nothing_left_to_write(self) -> None:
        environment = {name: value for name, value in os.environ.items() if not name.startswith(("DJANGO_", "PYTEST_"))}

        done = subprocess.run(
            [sys.executable, "manage.py", "demo", "--once"], cwd=ROOT, env=environment, capture_output=True, text=True, timeout=240,
            check=False,
        )

        assert done.returncode == 0, done.stderr[-2000:]
        told = json.loads(done.stdout.splitlines()[-1])
        assert told["second_run_writes"] == 0
        assert told["in_sync"] > 300
        assert min(told["failing"], told["excluded"], told["needs_you"], told["writes"]["hubspot"], told["writes"]["quickbooks"]) > 0
        assert told["pairs"] == sum(told[word] for word in ("in_sync", "failing", "excluded", "needs_you", "waiting"))
