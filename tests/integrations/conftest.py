"""A server that says what a test wrote down for it, over real HTTP, where the sandbox cannot be made to misbehave so."""

from __future__ import annotations

import http.server
import json
import threading
import time
import urllib.parse
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest


@dataclass
class Reply:
    """One answer; `pause` is waited between the bytes, `promised` is the length told, `hang_up` sends nothing at all."""

    status: int = 200
    body: bytes = b"{}"
    headers: dict[str, str] = field(default_factory=dict)
    promised: int | None = None
    pause: float = 0.0
    hang_up: bool = False


@dataclass
class Heard:
    method: str
    path: str
    query: dict[str, list[str]]
    headers: dict[str, str]
    body: bytes

    @property
    def form(self) -> dict[str, str]:
        return dict(urllib.parse.parse_qsl(self.body.decode(), keep_blank_values=True))


class ScriptedServer:
    def __init__(self) -> None:
        self.replies: list[Reply] = []
        self.heard: list[Heard] = []
        script = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def answer(self) -> None:
                path, _, query = self.path.partition("?")
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                headers = {name.lower(): value for name, value in self.headers.items()}
                script.heard.append(Heard(self.command, path, urllib.parse.parse_qs(query), headers, body))
                reply = script.replies.pop(0) if len(script.replies) > 1 else script.replies[0]
                if reply.hang_up:
                    self.close_connection = True
                    return
                self.send_response(reply.status)
                for name, value in reply.headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(reply.body) if reply.promised is None else reply.promised))
                self.end_headers()
                self.write(reply)

            def write(self, reply: Reply) -> None:
                try:
                    for at in range(0, len(reply.body), 1 if reply.pause else max(len(reply.body), 1)):
                        self.wfile.write(reply.body[at : at + 1] if reply.pause else reply.body)
                        self.wfile.flush()
                        time.sleep(reply.pause)
                except OSError:
                    self.close_connection = True
                if reply.promised is not None:
                    self.close_connection = True

            do_GET = do_POST = do_PATCH = do_PUT = do_DELETE = answer

            def log_message(self, format: str, *args: object) -> None:
                """Quiet."""

        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        self._thread.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}"

    def says(self, status: int = 200, body: object = None, *, raw: bytes | None = None, headers: dict[str, str] | None = None) -> None:
        content = raw if raw is not None else (b"" if status == 204 else json.dumps({} if body is None else body).encode())
        self.replies.append(Reply(status=status, body=content, headers=headers or {}))

    def says_exactly(self, **reply: object) -> None:
        self.replies.append(Reply(**reply))  # type: ignore[arg-type]

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


@pytest.fixture
def scripted() -> Iterator[ScriptedServer]:
    server = ScriptedServer()
    yield server
    server.close()
