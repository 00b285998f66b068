"""Planted faults, seen from the client's end of the socket."""

from __future__ import annotations

import http.client
import json
import time
from collections.abc import Iterator
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


def plant(server: Server, fault: str, **more: Any) -> int:
    answer = ask(server, "POST", "/_sandbox/faults", body={"fault": fault, **more})
    assert answer.status == 200, answer.body
    number: int = answer.json["id"]
    return number


def notes(face: ToyFace) -> list[str]:
    return [note["text"] for note in face.dump()["notes"]]


class TestMatching:
    def test_fires_as_often_as_told_and_no_more(self, server: Server) -> None:
        plant(server, "status", status=503, times=2)

        assert [ask(server, "GET", "/notes").status for _ in range(4)] == [503, 503, 200, 200]

    def test_waits_for_its_method_and_path(self, server: Server) -> None:
        plant(server, "status", status=503, match={"method": "post", "path_regex": r"^/notes\?.*kind=b"})

        assert ask(server, "GET", "/notes?kind=b").status == 200
        assert ask(server, "POST", "/notes?kind=a", body=b"x").status == 201
        assert ask(server, "POST", "/notes?kind=b", body=b"x").status == 503

    def test_takes_planted_faults_in_order(self, server: Server) -> None:
        plant(server, "status", status=502)
        plant(server, "status", status=504)

        assert [ask(server, "GET", "/notes").status for _ in range(3)] == [502, 504, 200]

    def test_lists_how_often_each_fired(self, server: Server) -> None:
        number = plant(server, "status", status=503, times=3, match={"path_regex": "notes"})
        ask(server, "GET", "/notes")

        listed = ask(server, "GET", "/_sandbox/faults").json

        match = {"method": None, "path_regex": "notes"}
        assert listed == [{"id": number, "match": match, "fault": "status", "times_left": 2, "fired": 1}]

    def test_is_gone_when_cleared(self, server: Server) -> None:
        plant(server, "status", status=503, times=9)

        ask(server, "DELETE", "/_sandbox/faults")

        assert ask(server, "GET", "/notes").status == 200
        assert ask(server, "GET", "/_sandbox/faults").json == []

    def test_leaves_the_control_face_and_the_other_port_alone(self, server: Server, face: ToyFace) -> None:
        plant(server, "drop_before", times=9)

        with Server(face=ToyFace(face.world), world=face.world) as other:
            assert ask(other, "GET", "/notes").status == 200
        assert ask(server, "GET", "/_sandbox/clock").status == 200


class TestVendorShapedFaults:
    def test_asks_the_vendor_for_the_body(self, server: Server, face: ToyFace) -> None:
        plant(server, "status", status=418)

        answer = ask(server, "POST", "/notes", body=b"lost")

        assert (answer.status, answer.json) == (418, {"vendor": "status"})
        assert notes(face) == []

    @pytest.mark.parametrize(("fault", "status"), [("token_expired", 401), ("rate_limited", 429), ("partial", 207)])
    def test_lets_the_vendor_decide(self, server: Server, fault: str, status: int) -> None:
        plant(server, fault)

        assert ask(server, "GET", "/notes").status == status

    def test_says_when_to_come_again(self, server: Server) -> None:
        plant(server, "rate_limited", retry_after=7)
        plant(server, "rate_limited")

        assert ask(server, "GET", "/notes").headers["retry-after"] == "7"
        assert "retry-after" not in ask(server, "GET", "/notes").headers


class TestBrokenConnections:
    def test_resets_before_the_effect(self, server: Server, face: ToyFace) -> None:
        plant(server, "drop_before")

        with pytest.raises(ConnectionResetError):
            ask(server, "POST", "/notes", body=b"lost")

        assert notes(face) == []

    def test_resets_after_the_effect(self, server: Server, face: ToyFace) -> None:
        plant(server, "drop_after_commit")

        with pytest.raises(ConnectionResetError):
            ask(server, "POST", "/notes", body=b"kept")

        assert notes(face) == ["kept"]

    def test_logs_a_call_without_answer_as_status_nought(self, server: Server) -> None:
        plant(server, "drop_after_commit")
        with pytest.raises(ConnectionResetError):
            ask(server, "POST", "/notes", body=b"kept")

        (entry,) = ask(server, "GET", "/_sandbox/log").json

        assert (entry["status"], entry["bytes_out"]) == (0, 0)
        assert ask(server, "GET", "/_sandbox/counts").json["written"] == {"create": 1}

    def test_ends_before_the_promised_length(self, server: Server, face: ToyFace) -> None:
        plant(server, "truncate")

        with pytest.raises(http.client.IncompleteRead) as broken:
            ask(server, "POST", "/notes", body=b"kept")

        assert 0 < len(broken.value.partial) < len(b'{"id":"1"}')
        assert notes(face) == ["kept"]


class TestOtherAnswers:
    def test_is_slow_without_keeping_others_waiting(self, server: Server) -> None:
        plant(server, "slow", seconds=600, match={"path_regex": "slow"})
        late = http.client.HTTPConnection("127.0.0.1", server.port, timeout=20)
        late.request("GET", "/slow")

        quick = [ask(server, "GET", "/notes").status for _ in range(5)]

        assert quick == [200] * 5
        assert [entry["path"] for entry in ask(server, "GET", "/_sandbox/log").json] == ["/notes"] * 5
        late.close()

    def test_answers_as_usual_after_being_slow(self, server: Server) -> None:
        plant(server, "slow", seconds=0.2)
        began = time.monotonic()

        answer = ask(server, "GET", "/notes")

        assert answer.status == 200
        assert time.monotonic() - began >= 0.2

    def test_breaks_json_in_the_middle(self, server: Server, face: ToyFace) -> None:
        plant(server, "malformed")

        answer = ask(server, "POST", "/notes", body=b"kept")

        assert answer.status == 200
        assert answer.headers["content-type"].startswith("application/json")
        with pytest.raises(json.JSONDecodeError):
            answer.json  # noqa: B018
        assert notes(face) == ["kept"]

    def test_sends_a_page_instead(self, server: Server, face: ToyFace) -> None:
        plant(server, "html")

        answer = ask(server, "POST", "/notes", body=b"lost")

        assert (answer.status, answer.headers["content-type"]) == (200, "text/html;charset=utf-8")
        assert notes(face) == []


class TestRefusals:
    @pytest.mark.parametrize(
        ("wanted", "word"),
        [
            ({"fault": "earthquake"}, "drop_after_commit"),
            ({}, "drop_after_commit"),
            ({"fault": "status", "times": 0}, "times"),
            ({"fault": "status", "times": True}, "times"),
            ({"fault": "status", "status": "503"}, "status"),
            ({"fault": "slow", "seconds": -1}, "seconds"),
            ({"fault": "rate_limited", "retry_after": "soon"}, "retry_after"),
            ({"fault": "status", "match": {"path_regex": "("}}, "path_regex"),
            ({"fault": "status", "match": {"path": "x"}}, "path_regex"),
            ({"fault": "status", "match": {"method": 7}}, "method"),
            ({"fault": "status", "match": "all"}, "match"),
        ],
    )
    def test_names_what_is_wrong(self, server: Server, wanted: dict[str, Any], word: str) -> None:
        answer = ask(server, "POST", "/_sandbox/faults", body=wanted)

        assert answer.status == 400
        assert word in answer.json["error"]
        assert ask(server, "GET", "/_sandbox/faults").json == []
