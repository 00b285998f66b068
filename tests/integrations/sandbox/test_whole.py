"""Both real faces over one world, and the command that serves them."""

from __future__ import annotations

import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from integrations.sandbox import serve
from integrations.sandbox.messages import BadControl
from integrations.sandbox.serve import Sandbox
from integrations.sandbox.server import Server
from integrations.sandbox.store import StateFileUnusable
from tests.integrations.sandbox.toy_face import Answer, ask

CONTACTS = "/crm/objects/2026-09/contacts"


def minted(server: Server, **wanted: Any) -> dict[str, Any]:
    answer = ask(server, "POST", "/_sandbox/tokens", body=wanted)
    assert answer.status == 200, answer.body
    return dict(answer.json)


def headers(tokens: dict[str, Any]) -> dict[str, str]:
    return {"Authorization": f"Bearer {tokens['access_token']}", "Content-Type": "application/json", "Accept": "application/json"}


def queried(server: Server, tokens: dict[str, Any], text: str) -> Answer:
    return ask(server, "GET", f"/v3/company/{tokens['realm_id']}/query?query={quote(text)}", headers=headers(tokens))


def customers(server: Server) -> list[Any]:
    return list(ask(server, "GET", "/_sandbox/dump").json["companies"][0]["Customer"])


def contacts(server: Server) -> list[Any]:
    return list(ask(server, "GET", "/_sandbox/dump").json["portals"][0]["objects"]["contacts"])


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with serve.build(seed="empty") as running:
        yield running


class TestDemo:
    def test_fills_both_sides(self) -> None:
        with serve.build(seed="demo") as sandbox:
            left, right = contacts(sandbox.hubspot), customers(sandbox.quickbooks)
            tokens = minted(sandbox.hubspot)
            page = ask(sandbox.hubspot, "GET", f"{CONTACTS}?limit=100&properties=email", headers=headers(tokens))

        assert (len(left), len(right)) == (400, 350)
        assert "Harlow & Finch (deleted-1)" in {one["DisplayName"] for one in right}
        assert (page.status, len(page.json["results"])) == (200, 100)

    @pytest.mark.parametrize("side", ["hubspot", "quickbooks"])
    def test_shows_a_page_of_records_on_each_port(self, side: str) -> None:
        with serve.build(seed="demo") as sandbox:
            page = ask(getattr(sandbox, side), "GET", "/_sandbox/records")

        assert page.status == 200
        assert page.headers["content-type"].startswith("text/html")
        assert b"<form" in page.body


class TestGenerate:
    @pytest.mark.parametrize("messy", [False, True])
    def test_makes_the_sides_overlap_by_the_share_that_was_asked(self, sandbox: Sandbox, messy: bool) -> None:
        wanted = {"overlap": 0.75, "messy": messy, "random_seed": 11}

        left = ask(sandbox.hubspot, "POST", "/_sandbox/generate", body={"contacts": 400, **wanted})
        right = ask(sandbox.quickbooks, "POST", "/_sandbox/generate", body={"customers": 400, **wanted})

        assert (left.status, right.status) == (200, 200), (left.body, right.body)
        people = contacts(sandbox.hubspot)
        others = customers(sandbox.quickbooks)
        emails = {one["properties"].get("email", "").lower() for one in people} - {""}
        addresses = {one.get("PrimaryEmailAddr", {}).get("Address", "").lower() for one in others} - {""}
        assert (len(people), len(others)) == (400, 400)
        assert len(emails & addresses) == (300 if not messy else 300 - 300 // 40 * 2 - 1)

    @pytest.mark.parametrize(
        ("side", "kinds"),
        [
            ("hubspot", {"companies": 5, "products": 5, "deals": 5, "invoices": 5, "contacts": 5}),
            ("quickbooks", {"items": 5, "invoices": 5, "customers": 5, "credit_memos": 2, "payments": 2}),
        ],
    )
    def test_makes_every_kind_that_a_vendor_has(self, sandbox: Sandbox, side: str, kinds: dict[str, int]) -> None:
        answer = ask(getattr(sandbox, side), "POST", "/_sandbox/generate", body=kinds)

        assert answer.status == 200, answer.body
        assert {kind: answer.json[kind] for kind in kinds} == kinds


class TestReset:
    def test_keeps_tokens_of_accounts_that_still_exist(self, sandbox: Sandbox) -> None:
        left, right = minted(sandbox.hubspot), minted(sandbox.quickbooks)
        ask(sandbox.hubspot, "POST", "/_sandbox/generate", body={"contacts": 3})

        for server in (sandbox.hubspot, sandbox.quickbooks):
            assert ask(server, "POST", "/_sandbox/reset", body={"seed": "empty"}).status == 200

        assert ask(sandbox.hubspot, "GET", CONTACTS, headers=headers(left)).json["results"] == []
        assert queried(sandbox.quickbooks, right, "select count(*) from Customer").json["QueryResponse"] == {"totalCount": 0}

    def test_leaves_the_other_face_alone(self, sandbox: Sandbox) -> None:
        ask(sandbox.quickbooks, "POST", "/_sandbox/generate", body={"customers": 3})

        ask(sandbox.hubspot, "POST", "/_sandbox/reset", body={"seed": "empty"})

        assert len(customers(sandbox.quickbooks)) == 3


class TestFaultsOfTheVendors:
    @pytest.mark.parametrize(("fault", "status"), [("status", 503), ("token_expired", 401), ("rate_limited", 429)])
    def test_are_shaped_by_each_vendor(self, sandbox: Sandbox, fault: str, status: int) -> None:
        left, right = minted(sandbox.hubspot), minted(sandbox.quickbooks)
        for server in (sandbox.hubspot, sandbox.quickbooks):
            ask(server, "POST", "/_sandbox/faults", body={"fault": fault, "status": status, "retry_after": 3})

        here = ask(sandbox.hubspot, "GET", CONTACTS, headers=headers(left))
        there = queried(sandbox.quickbooks, right, "select * from Customer")

        assert (here.status, there.status) == (status, status)
        assert here.body != there.body
        assert here.headers["retry-after"] == there.headers["retry-after"] == "3"


class TestState:
    def test_survives_a_restart_with_records_tokens_and_switches(self, tmp_path: Path) -> None:
        state = tmp_path / "sandbox.db"
        with serve.build(seed="demo", state=state) as before:
            left, right = minted(before.hubspot), minted(before.quickbooks)
            made = ask(before.hubspot, "POST", CONTACTS, body={"properties": {"email": "kept@example.org"}}, headers=headers(left))
            ask(before.quickbooks, "POST", "/_sandbox/switch", body={"rotate_always": True})
            listed = [contacts(before.hubspot), customers(before.quickbooks)]

        with serve.build(seed="empty", state=state) as after:
            found = ask(after.hubspot, "GET", f"{CONTACTS}/{made.json['id']}?properties=email", headers=headers(left))
            counted = queried(after.quickbooks, right, "select count(*) from Customer")

            assert found.json["properties"]["email"] == "kept@example.org"
            assert counted.json["QueryResponse"]["totalCount"] > 300
            assert [contacts(after.hubspot), customers(after.quickbooks)] == listed
            assert after.world.switch("quickbooks.rotate_always") is True

    def test_loses_nothing_under_threads_writing_to_both_sides(self, tmp_path: Path) -> None:
        state = tmp_path / "sandbox.db"
        with serve.build(seed="empty", state=state) as before:
            left, right = minted(before.hubspot), minted(before.quickbooks)

            def write(number: int) -> list[int]:
                path, name = f"/v3/company/{right['realm_id']}/customer", f"Customer {number}"
                properties = {"email": f"person{number}@example.org"}
                return [
                    ask(before.hubspot, "POST", CONTACTS, body={"properties": properties}, headers=headers(left)).status,
                    ask(before.quickbooks, "POST", path, body={"DisplayName": name}, headers=headers(right)).status,
                ]

            with ThreadPoolExecutor(8) as pool:
                statuses = list(pool.map(write, range(80)))

        with serve.build(seed="demo", state=state) as after:
            emails = {one["properties"]["email"] for one in contacts(after.hubspot)}
            names = {one["DisplayName"] for one in customers(after.quickbooks)}
        assert statuses == [[201, 200]] * 80
        assert emails == {f"person{number}@example.org" for number in range(80)}
        assert names == {f"Customer {number}" for number in range(80)}

    def test_is_refused_while_another_sandbox_has_it(self, tmp_path: Path) -> None:
        state = tmp_path / "sandbox.db"

        with serve.build(seed="empty", state=state), pytest.raises(StateFileUnusable):
            serve.build(seed="empty", state=state)

    def test_is_free_again_when_the_seed_was_refused(self, tmp_path: Path) -> None:
        state, seed = tmp_path / "sandbox.db", tmp_path / "seed.json"
        seed.write_text('{"quickbooks": {"companies": [{"realm_id": "one", "name": "Bad"}]}}', encoding="utf-8")

        with pytest.raises(BadControl):
            serve.build(seed=seed, state=state)

        with serve.build(seed="empty", state=state) as sandbox:
            assert minted(sandbox.quickbooks)["realm_id"]


class TestPorts:
    def test_are_both_closed_when_one_is_taken(self) -> None:
        with socket.socket() as other:
            other.bind(("127.0.0.1", 0))
            other.listen()
            sandbox = serve.build(seed="empty", quickbooks_port=other.getsockname()[1])

            with pytest.raises(OSError, match="in use"):
                sandbox.start()

            with pytest.raises(OSError, match="refused"):
                ask(sandbox.hubspot, "GET", "/_sandbox/clock")


class TestCommand:
    @pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
    def test_tells_both_addresses_and_stops_when_told(self, tmp_path: Path, number: signal.Signals) -> None:
        command = [sys.executable, "-m", "integrations.sandbox", "--hubspot-port", "0", "--quickbooks-port", "0", "--seed", "empty"]
        process = subprocess.Popen([*command, "--state", str(tmp_path / "s.db")], stdout=subprocess.PIPE, text=True)
        try:
            assert process.stdout is not None
            lines = [process.stdout.readline() for _ in range(3)]
            urls = [re.findall(r"http://127\.0\.0\.1:\d+", line)[0] for line in lines[:2]]
            for url in urls:
                with socket.create_connection(("127.0.0.1", int(url.rpartition(":")[2])), timeout=10):
                    pass
            process.send_signal(number)
            rest = process.stdout.read()
            code = process.wait(timeout=30)
        finally:
            process.kill()
            process.wait()

        assert "HubSpot" in lines[0]
        assert "QuickBooks" in lines[1]
        assert "Ctrl-C" in lines[2]
        assert (code, rest) == (0, "Sandbox stopped.\n")

    @pytest.mark.parametrize(("option", "value", "word"), [("--seed", "nowhere.json", "nowhere.json"), ("--state", "/", "state file")])
    def test_says_why_it_cannot_start(self, option: str, value: str, word: str) -> None:
        command = [sys.executable, "-m", "integrations.sandbox", "--hubspot-port", "0", "--quickbooks-port", "0", option, value]

        ended = subprocess.run(command, check=False, timeout=60, capture_output=True, text=True)

        assert ended.returncode == 2
        assert ended.stderr.startswith("The sandbox cannot start: ")
        assert word in ended.stderr
        assert "Traceback" not in ended.stderr
