"""Whoever cannot be answered sees a sentence and a number, and nothing of what went wrong."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django.fixtures import Settings

from syncapp.web import health
from tests.admin.conftest import signed_in
from tests.admin.scene import person
from tests.services import made

pytestmark = pytest.mark.django_db
CANARY = "Zoë's secret in db-7.internal"
NUMBER = re.compile(r'<span class="s-mono">([0-9A-F]{8})</span>')


@pytest.fixture
def broken(monkeypatch: pytest.MonkeyPatch) -> None:
    """A page that fails with something in its hands."""

    def fail(*_: Any) -> None:
        held = CANARY
        raise RuntimeError(held)

    monkeypatch.setattr(health, "MigrationExecutor", fail)


def answered(status: int, settings: Settings) -> Any:
    """An answer of this status, in a browser that gets no exception raised."""
    client = Client(raise_request_exception=False, enforce_csrf_checks=status == 403)
    if status == 400:
        return client.get(f"/{CANARY}/", headers={"host": "evil.example"})
    if status == 403:
        return client.post(reverse("admin:login"), {"username": CANARY})
    if status == 404:
        client.force_login(made.alice())
        return client.get(f"/{CANARY}/?code={CANARY}")
    return client.get(reverse("health-ready"))


@pytest.mark.parametrize(
    ("status", "heading"),
    [
        (400, "This was not understood"), (403, "The page was out of date"), (404, "There is no such page"),
        (500, "Something went wrong here"),
    ],
)
class TestPages:
    def test_show_a_number_alone(self, status: int, heading: str, broken: None, settings: Settings) -> None:
        answer = answered(status, settings)

        page = answer.content.decode()
        assert answer.status_code == status
        assert heading in page
        assert len(NUMBER.findall(page)) == 1
        assert not [word for word in ("secret", "RuntimeError", "Traceback", "evil.example", "Django", "alice") if word in page]

    def test_are_found_in_the_log_by_their_number(
        self, status: int, heading: str, broken: None, settings: Settings, caplog: pytest.LogCaptureFixture
    ) -> None:
        with caplog.at_level("INFO"):
            number = NUMBER.findall(answered(status, settings).content.decode())[0]

        assert f"Error {number}: answered by status {status}" in caplog.messages

    def test_carry_every_header(self, status: int, heading: str, broken: None, settings: Settings) -> None:
        headers = answered(status, settings).headers

        assert {"Content-Security-Policy", "Permissions-Policy", "Referrer-Policy", "Cross-Origin-Opener-Policy"} <= set(headers)
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert "no-store" in headers["Cache-Control"]
        assert "Server" not in headers


class TestPermission:
    def test_that_is_missing_is_told(self) -> None:
        page = signed_in(person("charlie")).get(reverse("admin:syncapp_connection_changelist")).content.decode()

        assert "You may not open this" in page
        assert len(NUMBER.findall(page)) == 1


class TestDebugging:
    def test_is_off_by_itself(self) -> None:
        from settings import base

        assert base.DEBUG is False
