"""The socket side of the sandbox: framing, keep-alive, one call at a time, failures of a face."""

from __future__ import annotations

import http.client
import logging
import socket
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from integrations.sandbox.server import Server
from integrations.sandbox.world import World
from tests.integrations.sandbox.toy_face import ToyFace, ask, ask_on


@pytest.fixture
def face() -> ToyFace:
    return ToyFace(World())


@pytest.fixture
def server(face: ToyFace) -> Iterator[Server]:
    with Server(face=face, world=face.world) as running:
        yield running


def raw(server: Server, text: bytes) -> bytes:
    """Send bytes as they are and read until the server closes."""
    with socket.create_connection(("127.0.0.1", server.port), timeout=20) as connection:
        connection.sendall(text)
        received = b""
        while part := connection.recv(65_536):
            received += part
    return received


class TestAnswers:
    @pytest.mark.parametrize("method", ["GET", "POST", "PUT", "PATCH", "DELETE"])
    def test_hands_every_method_to_the_face(self, server: Server, face: ToyFace, method: str) -> None:
        ask(server, method, "/notes", body=b"hello" if method == "POST" else None)

        assert [request.method for request in face.seen] == [method]

    def test_sends_no_body_for_head_but_its_length(self, server: Server) -> None:
        answer = ask(server, "HEAD", "/notes")

        assert answer.status == 200
        assert answer.body == b""
        assert int(answer.headers["content-length"]) > 0

    def test_sends_no_length_with_204(self, server: Server) -> None:
        answer = ask(server, "DELETE", "/notes/1")

        assert answer.status == 204
        assert "content-length" not in answer.headers

    def test_keeps_an_encoded_slash_inside_its_part_of_the_path(self, server: Server, face: ToyFace) -> None:
        ask(server, "GET", "/notes/a%2Fb?q=1&q=%C3%BC&empty=")

        assert face.seen[0].segments == ("notes", "a/b")
        assert face.seen[0].every("q") == ("1", "ü")
        assert face.seen[0].first("empty") == ""

    def test_finds_headers_in_any_case(self, server: Server, face: ToyFace) -> None:
        ask(server, "GET", "/notes", headers={"aUTHORIZATION": "Bearer abc"})

        assert face.seen[0].headers.get("Authorization") == "Bearer abc"
        assert face.seen[0].headers.get("authorization") == "Bearer abc"

    def test_dates_answers_by_the_sandboxs_clock(self, server: Server, face: ToyFace) -> None:
        face.world.advance(400 * 86_400)

        answer = ask(server, "GET", "/notes")

        assert str(face.world.clock.now().year) in answer.headers["date"]

    def test_keeps_a_connection_open_for_many_calls(self, server: Server, face: ToyFace) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=20)

        for _ in range(20):
            ask_on(connection, "GET", "/notes")
        connection.close()

        assert len({request.client for request in face.seen}) == 1

    def test_names_itself_as_the_client_reached_it(self, server: Server, face: ToyFace) -> None:
        ask(server, "GET", "/notes", headers={"Host": f"localhost:{server.port}"})
        ask(server, "GET", "/notes", headers={"Host": "evil.example.com"})
        ask(server, "GET", "/notes", headers={"Host": "["})

        assert [request.base_url for request in face.seen] == [f"http://localhost:{server.port}", server.url, server.url]

    def test_takes_a_whole_address_as_a_proxy_would_be_given(self, server: Server, face: ToyFace) -> None:
        ask(server, "GET", "http://api.example.com/notes?a=1#part")

        assert (face.seen[0].raw_path, face.seen[0].raw_query) == ("/notes", "a=1")


class TestBodies:
    def test_reads_a_chunked_body(self, server: Server, face: ToyFace) -> None:
        head = b"POST /notes HTTP/1.1\r\nHost: x\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n"

        received = raw(server, head + b"5;x=y\r\nhello\r\n1\r\n!\r\n0\r\nT: 1\r\n\r\n")

        assert received.startswith(b"HTTP/1.1 201")
        assert face.seen[0].body == b"hello!"

    @pytest.mark.parametrize(
        "head", [b"Content-Length: many", b"Content-Length: -1", b"Content-Length: 999999999999", b"Transfer-Encoding: chunked\r\n\r\nzz"]
    )
    def test_refuses_a_body_that_cannot_be_framed(self, server: Server, face: ToyFace, head: bytes) -> None:
        received = raw(server, b"POST /notes HTTP/1.1\r\nHost: x\r\n" + head + b"\r\n\r\n")

        assert received.startswith(b"HTTP/1.1 400")
        assert not face.seen

    def test_does_nothing_for_a_body_that_ends_early(self, server: Server, face: ToyFace) -> None:
        with socket.create_connection(("127.0.0.1", server.port), timeout=20) as connection:
            connection.sendall(b"POST /notes HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nhalf")
            connection.shutdown(socket.SHUT_WR)
            received = connection.recv(65_536)

        assert received.startswith(b"HTTP/1.1 400")
        assert not face.seen


class TestConcurrency:
    def test_loses_nothing_under_eight_threads(self, server: Server, face: ToyFace) -> None:
        def write(number: int) -> None:
            connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=20)
            for turn in range(25):
                assert ask_on(connection, "POST", "/notes", body=f"{number}/{turn}".encode()).status == 201
            connection.close()

        with ThreadPoolExecutor(8) as pool:
            list(pool.map(write, range(8)))

        assert {note["text"] for note in face.dump()["notes"]} == {f"{number}/{turn}" for number in range(8) for turn in range(25)}

    def test_counts_the_open_calls_of_one_credential(self, server: Server, face: ToyFace) -> None:
        with ThreadPoolExecutor(5) as pool:
            with face.world.lock:
                mine = [pool.submit(ask, server, "GET", "/notes", headers={"Authorization": "Bearer mine"}) for _ in range(4)]
                other = pool.submit(ask, server, "GET", "/notes", headers={"Authorization": "Bearer other"})
                _wait_until(lambda: sum(server.open_calls.values()) == 5)
            counts = sorted(answer.result().json["flying"] for answer in mine)

        assert counts == [1, 2, 3, 4]
        assert other.result().json["flying"] == 1
        assert not server.open_calls

    def test_never_counts_a_call_that_was_answered(self, server: Server) -> None:
        answers = [ask(server, "GET", "/notes", headers={"Authorization": "Bearer mine"}).json["flying"] for _ in range(30)]

        assert answers == [1] * 30


class TestFailures:
    def test_answers_500_and_logs_the_traceback_without_the_token(self, server: Server, caplog: pytest.LogCaptureFixture) -> None:
        with caplog.at_level(logging.ERROR):
            answer = ask(server, "GET", "/boom/sesame-1234?code=abc", headers={"Authorization": "Bearer sesame-1234"})

        assert answer.status == 500
        assert "sandbox itself failed" in answer.json["error"]
        assert "the toy is broken" in caplog.text
        assert "sesame-1234" not in caplog.text

    def test_goes_on_after_a_failure(self, server: Server) -> None:
        ask(server, "GET", "/boom")

        assert ask(server, "GET", "/notes").status == 200


class TestLife:
    def test_lets_go_of_its_port_and_its_connections(self, face: ToyFace) -> None:
        server = Server(face=face, world=face.world).start()
        port = server.port
        idle = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
        ask_on(idle, "GET", "/notes")

        server.stop()
        server.stop()

        with pytest.raises((http.client.RemoteDisconnected, ConnectionError)):
            ask_on(idle, "GET", "/notes")
        with Server(face=face, world=face.world, port=port) as again:
            assert ask(again, "GET", "/notes").status == 200

    def test_refuses_a_port_that_is_taken(self, server: Server, face: ToyFace) -> None:
        with pytest.raises(OSError, match="in use"):
            Server(face=face, world=face.world, port=server.port).start()


def _wait_until(true: object) -> None:
    """Give other threads time to get where the test needs them; fails when they never do."""
    assert callable(true)
    pause = threading.Event()
    for _ in range(500):
        if true():
            return
        pause.wait(0.01)
    pytest.fail("It never happened.")
