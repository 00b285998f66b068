"""The control face: each call as tools rely on it, and its refusals."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import pytest

from integrations.sandbox.server import Server
from integrations.sandbox.world import World
from tests.integrations.sandbox.toy_face import ToyFace, ask


@pytest.fixture
def face() -> ToyFace:
    return ToyFace(World())


@pytest.fixture
def server(face: ToyFace) -> Iterator[Server]:
    with Server(face=face, world=face.world) as running:
        yield running


class TestTokens:
    def test_mints_with_null_for_all(self, server: Server, face: ToyFace) -> None:
        answer = ask(server, "POST", "/_sandbox/tokens", body={"scopes": None, "limits": None})

        assert answer.status == 200
        assert answer.json == {"access_token": "made-up-token"}
        assert face.asked == [{"scopes": None, "limits": None}]

    def test_leaves_out_limits_that_are_null(self, server: Server, face: ToyFace) -> None:
        ask(server, "POST", "/_sandbox/tokens", body={"limits": {"burst": 5, "daily": None}})

        assert face.asked == [{"limits": {"burst": 5}}]

    def test_mints_without_a_body(self, server: Server) -> None:
        assert ask(server, "POST", "/_sandbox/tokens").status == 200


class TestClock:
    def test_goes_forward_by_what_was_asked(self, server: Server) -> None:
        before = datetime.fromisoformat(ask(server, "GET", "/_sandbox/clock").json["now"])

        after = datetime.fromisoformat(ask(server, "POST", "/_sandbox/clock", body={"advance_seconds": 3600.5}).json["now"])

        assert before.tzinfo is not None
        assert 3600.5 <= (after - before).total_seconds() < 3630

    def test_is_shared_by_both_ports(self, server: Server, face: ToyFace) -> None:
        with Server(face=ToyFace(face.world), world=face.world) as other:
            ask(server, "POST", "/_sandbox/clock", body={"advance_seconds": 86_400})
            here = datetime.fromisoformat(ask(server, "GET", "/_sandbox/clock").json["now"])
            there = datetime.fromisoformat(ask(other, "GET", "/_sandbox/clock").json["now"])

        assert abs((there - here).total_seconds()) < 30


class TestLog:
    def test_tells_each_call_with_its_sizes(self, server: Server) -> None:
        answer = ask(server, "POST", "/notes?limit=5", body=b"hello")

        (entry,) = ask(server, "GET", "/_sandbox/log").json

        assert set(entry) == {"n", "at", "method", "path", "query", "status", "bytes_in", "bytes_out", "client"}
        assert (entry["n"], entry["method"], entry["path"], entry["query"]) == (1, "POST", "/notes", "limit=5")
        assert (entry["status"], entry["bytes_in"], entry["bytes_out"]) == (201, 5, len(answer.body))
        assert datetime.fromisoformat(entry["at"]).tzinfo is not None

    def test_tells_only_what_came_after_a_number(self, server: Server) -> None:
        for _ in range(4):
            ask(server, "GET", "/notes")

        assert [entry["n"] for entry in ask(server, "GET", "/_sandbox/log?since=2").json] == [3, 4]

    def test_goes_on_counting_after_it_was_emptied(self, server: Server) -> None:
        ask(server, "GET", "/notes")

        ask(server, "DELETE", "/_sandbox/log")
        ask(server, "GET", "/notes")

        assert [entry["n"] for entry in ask(server, "GET", "/_sandbox/log").json] == [2]

    def test_holds_neither_token_nor_code_nor_body(self, server: Server) -> None:
        secret = "s3cr3t-value"
        headers = {"Authorization": f"Bearer {secret}-1"}
        ask(server, "GET", f"/notes?code={secret}-2&state=x&refresh_token={secret}-3&q={secret}-1", headers=headers)
        ask(server, "GET", f"/oauth/v1/access-tokens/{secret}-4", headers=headers)
        ask(server, "POST", "/notes", body=f"token={secret}-5".encode(), headers=headers)

        log = ask(server, "GET", "/_sandbox/log")
        counts = ask(server, "GET", "/_sandbox/counts")

        assert secret not in log.body.decode()
        assert secret not in counts.body.decode()
        assert log.json[0]["query"] == "code=***&state=x&refresh_token=***&q=***"

    def test_leaves_control_calls_out(self, server: Server) -> None:
        ask(server, "GET", "/_sandbox/clock")

        assert ask(server, "GET", "/_sandbox/log").json == []


class TestCounts:
    def test_adds_up_calls_and_records_written(self, server: Server) -> None:
        ask(server, "POST", "/notes", body=b"one")
        ask(server, "POST", "/notes", body=b"two")
        ask(server, "GET", "/notes")

        counts = ask(server, "GET", "/_sandbox/counts").json

        assert counts["calls"] == [
            {"method": "GET", "route": "/notes", "status": 200, "count": 1},
            {"method": "POST", "route": "/notes", "status": 201, "count": 2},
        ]
        assert counts["written"] == {"create": 2}
        assert counts["written_by_type"] == {"notes": {"create": 2}}

    def test_starts_anew_when_asked(self, server: Server) -> None:
        ask(server, "POST", "/notes", body=b"one")

        ask(server, "DELETE", "/_sandbox/counts")

        assert ask(server, "GET", "/_sandbox/counts").json == {"calls": [], "written": {}, "written_by_type": {}}


class TestRecords:
    def test_dumps_what_the_face_holds(self, server: Server) -> None:
        ask(server, "POST", "/notes", body=b"one")

        assert ask(server, "GET", "/_sandbox/dump").json == {"notes": [{"id": "1", "text": "one"}]}

    def test_resets_to_a_named_seed(self, server: Server, face: ToyFace) -> None:
        ask(server, "POST", "/notes", body=b"one")

        answer = ask(server, "POST", "/_sandbox/reset", body={"seed": "empty"})

        assert answer.json == {"seed": "empty"}
        assert [portal["portal_id"] for portal in face.asked[0]["portals"]] == ["48210077"]
        assert ask(server, "GET", "/_sandbox/dump").json == {"notes": []}

    def test_generates_only_what_the_vendor_has(self, server: Server, face: ToyFace) -> None:
        wanted = {"contacts": 10, "deals": 2, "overlap": 0.5, "messy": True, "random_seed": 3}

        answer = ask(server, "POST", "/_sandbox/generate", body=wanted)
        refused = ask(server, "POST", "/_sandbox/generate", body={"customers": 10})

        assert answer.json == {"made": 10}
        assert face.asked == [wanted]
        assert refused.status == 400
        assert "customers" in refused.json["error"]
        assert "contacts" in refused.json["error"]

    def test_edits_as_a_person_would(self, server: Server) -> None:
        assert ask(server, "POST", "/_sandbox/edit", body={"type": "notes", "id": "7", "set": {}}).json == {"edited": "7"}

    def test_hands_the_vendors_own_refusal_on(self, server: Server) -> None:
        answer = ask(server, "POST", "/_sandbox/edit", body={"type": "notes"})

        assert (answer.status, answer.json) == (400, {"error": 'Say which "id" to edit.'})

    def test_shows_the_page_of_records(self, server: Server) -> None:
        root = ask(server, "GET", "/")
        page = ask(server, "GET", "/_sandbox/records")
        form = ask(server, "POST", "/_sandbox/records", body=b"a=b")

        assert (root.status, root.headers["location"]) == (303, "/_sandbox/records")
        assert page.body == b"<h1>Notes by GET</h1>"
        assert form.body == b"<h1>Notes by POST</h1>"


class TestSwitches:
    def test_lists_names_values_and_meanings(self, server: Server) -> None:
        listed = ask(server, "GET", "/_sandbox/switch").json

        assert [(switch["name"], switch["value"]) for switch in listed] == [("hubspot.index_delay", 2.0), ("hubspot.strict", True)]
        assert listed[0]["meaning"].startswith("Seconds until a search")

    @pytest.mark.parametrize("name", ["index_delay", "hubspot.index_delay"])
    def test_sets_one_by_its_short_or_full_name(self, server: Server, face: ToyFace, name: str) -> None:
        answer = ask(server, "POST", "/_sandbox/switch", body={name: 30})

        assert answer.status == 200
        assert face.world.switch("hubspot.index_delay") == 30

    def test_sets_all_or_none(self, server: Server, face: ToyFace) -> None:
        answer = ask(server, "POST", "/_sandbox/switch", body={"index_delay": 30, "strict": "yes"})

        assert answer.status == 400
        assert "strict" in answer.json["error"]
        assert face.world.switch("hubspot.index_delay") == 2.0


class TestRefusals:
    @pytest.mark.parametrize(
        ("path", "body", "word"),
        [
            ("tokens", {"scopes": "contacts"}, "scopes"),
            ("tokens", {"limits": {"burst": "many"}}, "limits"),
            ("tokens", {"limits": {"burst": 0}}, "limits"),
            ("tokens", {"limits": {"per_minute": 5}}, "search_per_second"),
            ("tokens", {"limits": 5}, "limits"),
            ("clock", {"advance_seconds": -1}, "advance_seconds"),
            ("clock", {"advance_seconds": True}, "advance_seconds"),
            ("clock", {}, "advance_seconds"),
            ("reset", {"seed": "../secrets"}, "seed"),
            ("reset", {}, "seed"),
            ("generate", {}, "contacts"),
            ("generate", {"contacts": -1}, "contacts"),
            ("generate", {"contacts": 1, "overlap": 2}, "overlap"),
            ("generate", {"contacts": 1, "messy": "yes"}, "messy"),
            ("generate", {"contacts": 1, "random_seed": 1.5}, "random_seed"),
            ("switch", {"gravity": 1}, "gravity"),
            ("switch", [], "object"),
        ],
    )
    def test_names_what_is_wrong(self, server: Server, path: str, body: Any, word: str) -> None:
        answer = ask(server, "POST", f"/_sandbox/{path}", body=json.dumps(body).encode())

        assert answer.status == 400
        assert word in answer.json["error"]

    def test_refuses_a_body_that_is_not_json(self, server: Server) -> None:
        answer = ask(server, "POST", "/_sandbox/clock", body=b"advance!")

        assert (answer.status, list(answer.json)) == (400, ["error"])

    def test_refuses_a_log_number_that_is_none(self, server: Server) -> None:
        assert ask(server, "GET", "/_sandbox/log?since=yesterday").status == 400

    def test_names_the_calls_there_are(self, server: Server) -> None:
        unknown = ask(server, "GET", "/_sandbox/magic")
        wrong = ask(server, "PUT", "/_sandbox/clock")

        assert unknown.status == 404
        assert "generate" in unknown.json["error"]
        assert (wrong.status, wrong.headers["allow"]) == (405, "GET, POST")
