"""The ledger: what changed in a vendor's records, by whom, and from what to what. And the way in without a socket."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from integrations.sandbox import serve
from integrations.sandbox.messages import Request
from integrations.sandbox.server import Server
from integrations.sandbox.wire import Manner
from integrations.sandbox.world import Clock

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


class Moved:
    """A time that only moves when somebody waits."""

    def __init__(self) -> None:
        self.at = NOON

    def now(self) -> datetime:
        return self.at

    def wait(self, seconds: float) -> None:
        self.at += timedelta(seconds=seconds)


@pytest.fixture
def time() -> Moved:
    return Moved()


@pytest.fixture
def sandbox(time: Moved) -> serve.Sandbox:
    """Never started: no port is open."""
    return serve.build(seed="empty", clock=Clock(real=time.now), wait=time.wait)


def ask(server: Server, method: str, target: str, body: Any = None, token: str = "") -> Any:
    headers = (("Authorization", f"Bearer {token}"), ("Content-Type", "application/json"))
    content = b"" if body is None else json.dumps(body).encode()
    response = server.answer(Request.of(method=method, target=target, headers=headers, body=content)).response
    return json.loads(response.body) if response.body else None


def ledger(server: Server, since: int = 0) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = ask(server, "GET", f"/_sandbox/ledger?since={since}")
    return found


def customer(server: Server) -> str:
    body = {"type": "Customer", "create": {"DisplayName": "Ann", "Notes": "old"}}
    return str(ask(server, "POST", "/_sandbox/edit", body)["id"])


class TestWithoutASocket:
    def test_a_call_of_the_api_is_answered(self, sandbox: serve.Sandbox) -> None:
        token = ask(sandbox.hubspot, "POST", "/_sandbox/tokens", {"scopes": None, "limits": None})["access_token"]

        made = ask(sandbox.hubspot, "POST", "/crm/v3/objects/contacts", {"properties": {"firstname": "Ann"}}, token)

        assert made["properties"]["firstname"] == "Ann"
        assert made["createdAt"].startswith("2026-03-02T12:00")

    def test_a_planted_fault_tells_how_the_answer_goes_out(self, sandbox: serve.Sandbox) -> None:
        ask(sandbox.hubspot, "POST", "/_sandbox/faults", {"fault": "drop_after_commit"})

        delivery = sandbox.hubspot.answer(Request.of(method="GET", target="/crm/v3/objects/contacts"))

        assert delivery.manner is Manner.RESET

    def test_a_slow_answer_takes_the_time_it_was_given(self, sandbox: serve.Sandbox, time: Moved) -> None:
        ask(sandbox.hubspot, "POST", "/_sandbox/faults", {"fault": "slow", "seconds": 90})

        ask(sandbox.hubspot, "GET", "/crm/v3/objects/contacts")

        assert time.at - NOON == timedelta(seconds=90)


class TestLedger:
    def test_tells_what_an_application_made_and_in_which_call(self, sandbox: serve.Sandbox) -> None:
        token = ask(sandbox.hubspot, "POST", "/_sandbox/tokens", {"scopes": None, "limits": None})["access_token"]

        made = ask(sandbox.hubspot, "POST", "/crm/v3/objects/contacts", {"properties": {"firstname": "Ann"}}, token)

        (entry,) = ledger(sandbox.hubspot)
        (call,) = ask(sandbox.hubspot, "GET", "/_sandbox/log")
        assert (entry["by"], entry["verb"], entry["type"], entry["id"]) == ("api", "create", "contacts", made["id"])
        assert entry["call"] == call["n"]
        assert entry["changes"]["firstname"] == [None, "Ann"]

    def test_tells_what_a_person_changed_from_what_to_what(self, sandbox: serve.Sandbox) -> None:
        number = customer(sandbox.quickbooks)
        seen = ledger(sandbox.quickbooks)[-1]["n"]

        ask(sandbox.quickbooks, "POST", "/_sandbox/edit", {"type": "Customer", "id": number, "set": {"Notes": "new"}})

        (entry,) = ledger(sandbox.quickbooks, seen)
        assert (entry["by"], entry["call"], entry["verb"], entry["id"]) == ("person", 0, "update", number)
        assert entry["changes"]["Notes"] == ["old", "new"]
        assert "DisplayName" not in entry["changes"]

    def test_shows_of_a_write_of_the_same_value_that_only_the_time_moved(self, sandbox: serve.Sandbox, time: Moved) -> None:
        made = ask(sandbox.hubspot, "POST", "/_sandbox/edit", {"type": "contacts", "create": {"firstname": "Ann"}})
        seen = ledger(sandbox.hubspot)[-1]["n"]

        time.wait(1)
        ask(sandbox.hubspot, "POST", "/_sandbox/edit", {"type": "contacts", "id": made["id"], "set": {"firstname": "Ann"}})

        (entry,) = ledger(sandbox.hubspot, seen)
        assert list(entry["changes"]) == ["lastmodifieddate"]

    def test_tells_that_a_record_was_put_away(self, sandbox: serve.Sandbox) -> None:
        number = customer(sandbox.quickbooks)

        ask(sandbox.quickbooks, "POST", "/_sandbox/edit", {"type": "Customer", "id": number, "delete": True})

        assert ledger(sandbox.quickbooks)[-1]["changes"]["Active"] == [True, False]

    def test_takes_a_seed_for_granted(self, sandbox: serve.Sandbox) -> None:
        customer(sandbox.quickbooks)

        ask(sandbox.quickbooks, "POST", "/_sandbox/reset", {"seed": "empty"})

        assert ledger(sandbox.quickbooks) == []

    def test_goes_on_counting_when_it_is_cleared(self, sandbox: serve.Sandbox) -> None:
        customer(sandbox.quickbooks)
        seen = ledger(sandbox.quickbooks)[-1]["n"]

        ask(sandbox.quickbooks, "DELETE", "/_sandbox/ledger")
        customer_after = ask(sandbox.quickbooks, "POST", "/_sandbox/edit", {"type": "Customer", "create": {"DisplayName": "Bea"}})

        (entry,) = ledger(sandbox.quickbooks)
        assert (entry["n"], entry["id"]) == (seen + 1, customer_after["id"])
