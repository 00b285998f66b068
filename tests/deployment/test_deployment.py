"""The production set-up serves pages over TLS and stops in order: a light version of `python -m tests.deployment`, without the queue."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.deployment import stage, tls


class Installation:
    """A web server in production, on SQLite, behind TLS."""

    def __init__(self, folder: Path) -> None:
        self.environment = stage.environment(folder, database_url=f"sqlite:///{folder}/light.sqlite3", QUEUE_WORKERS="1")
        prepared = stage.manage(self.environment, "prepare")
        assert prepared.returncode == 0, prepared.stderr
        self.port, tls_port = stage.free_port(), stage.free_port()
        self.web = stage.Part("web", folder=folder, environment=self.environment, arguments=["--only", "web", "--port", str(self.port)])
        self.proxy, certificate = tls.terminated(folder=folder, port=tls_port, web_port=self.port)
        self.browser = stage.Browser(port=tls_port, certificate=certificate)
        self.web.wait_for("Ready.")

    def stop(self) -> None:
        self.proxy.stop()
        self.web.stop()


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    installation = Installation(tmp_path_factory.mktemp("deployment"))
    yield installation
    installation.stop()


class TestProductionSetUp:
    def test_serves_over_tls_and_stops_in_order(self, running: Installation) -> None:
        browser = running.browser

        assert browser.get("/health/ready").json() == {"status": "ok"}
        assert not browser.sign_in("nobody", "a long enough pass phrase")
        assert browser.cookies == {"csrftoken": True}
        page = browser.get(stage.LOGIN)
        assert page.headers["Strict-Transport-Security"] == "max-age=31536000; includeSubDomains; preload"
        assert "default-src 'self'" in page.headers["Content-Security-Policy"]
        assert browser.get("/", Host="evil.example").status_code == 400
        token = running.environment["METRICS_TOKEN"]
        assert [browser.get("/metrics", Authorization=f"Bearer {one}").status_code for one in ("other", token)] == [403, 200]

        slow = stage.SlowRequest(running.port)
        time.sleep(0.5)
        running.web.ask_to_stop()
        time.sleep(1.5)
        assert slow.finish() == "HTTP/1.1 401 Unauthorized"
        assert running.web.stop() == 0
        lines = [json.loads(line) for line in running.web.log.read_text(encoding="utf-8").splitlines()]
        assert all({"at", "level", "logger", "message"} <= set(line) for line in lines)
        assert any("evil.example" in line["message"] for line in lines)
