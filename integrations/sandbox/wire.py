"""HTTP/1.1 over sockets: reads whole requests, sends whole answers or deliberately broken ones.

Owns framing (lengths, chunks, keep-alive) and resets. Knows no face and no fault.
"""

from __future__ import annotations

import contextlib
import dataclasses
import enum
import http.server
import os
import re
import socket
import struct
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from email.utils import format_datetime

from integrations.sandbox.messages import Request, Response

LARGEST_BODY = 64 * 1024 * 1024
LONGEST_LINE = 65_536
STOP_SECONDS = 5.0
_LOOPBACK_HOST = re.compile(r"(127\.0\.0\.1|localhost)(:\d{1,5})?", re.IGNORECASE)
_AUTHORITY = re.compile(r"^https?://[^/?#]*", re.IGNORECASE)
_BODILESS = {204, 304}

Work = Callable[[Request], Response]


class Manner(enum.Enum):
    """How an answer goes out."""

    WHOLE = "whole"
    TRUNCATE = "truncate"
    RESET = "reset"


@dataclass(frozen=True, kw_only=True)
class Delivery:
    """An answer and the manner in which it goes out."""

    response: Response
    manner: Manner = Manner.WHOLE

    @property
    def bytes_out(self) -> int:
        """How many bytes of the body are sent."""
        length = len(self.response.body)
        return {Manner.WHOLE: length, Manner.TRUNCATE: length // 2, Manner.RESET: 0}[self.manner]


class BadFraming(ValueError):
    """The request's body cannot be read; the text says why."""


def counted(request: Request, *, in_flight: int) -> Request:
    """The same request, knowing how many like it are open."""
    return dataclasses.replace(request, in_flight=in_flight)


class Listener(http.server.ThreadingHTTPServer):
    """Listens on 127.0.0.1; each connection has its own thread and stays open until either side ends it."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, *, port: int, answer: Callable[[Request], Delivery], now: Callable[[], datetime]) -> None:
        self.answer = answer
        self.now = now
        self.stopping = False
        self._connections: set[socket.socket] = set()
        self._changed = threading.Condition()
        super().__init__(("127.0.0.1", port), _Handler)

    @property
    def port(self) -> int:
        """The port it listens on."""
        return int(self.server_address[1])

    def start(self) -> None:
        """Begin to accept, in a thread of its own."""
        threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.05}, name=f"sandbox-{self.port}", daemon=True).start()

    def stop(self) -> None:
        """Accept no more, let the calls under way finish, close every connection."""
        self.stopping = True
        self.shutdown()
        with self._changed:
            for connection in self._connections:
                with contextlib.suppress(OSError):
                    connection.shutdown(socket.SHUT_RD)
            self._changed.wait_for(lambda: not self._connections, timeout=STOP_SECONDS)
        self.server_close()

    def process_request_thread(self, request: socket.socket, client_address: tuple[str, int]) -> None:  # type: ignore[override]
        """Serve one connection, remembered while it lives."""
        with self._changed:
            self._connections.add(request)
        try:
            super().process_request_thread(request, client_address)
        finally:
            with self._changed:
                self._connections.discard(request)
                self._changed.notify_all()

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that hangs up in the middle is no news; anything else is reported as usual."""
        if isinstance(sys.exc_info()[1], ConnectionError | TimeoutError):
            return
        super().handle_error(request, client_address)  # type: ignore[arg-type]


class _Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = LONGEST_LINE
    server: Listener

    def _respond(self) -> None:
        try:
            body = self._body()
        except BadFraming as error:
            self.close_connection = True
            self._send(Response.of_json({"error": str(error)}, status=400))
            return
        delivery = self.server.answer(self._request(body))
        if self.server.stopping:
            self.close_connection = True
        if delivery.manner is Manner.RESET:
            self._reset()
        else:
            self._send(delivery.response, length=delivery.bytes_out)

    do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = _respond

    def _request(self, body: bytes) -> Request:
        return Request.of(
            method=self.command,
            target=_AUTHORITY.sub("", self.path),
            headers=self.headers.items(),
            body=body,
            client=f"{self.client_address[0]}:{self.client_address[1]}",
            base_url=f"http://{self._host(self.headers.get('Host', ''))}",
        )

    def _host(self, host: str) -> str:
        """The name under which the client reached us, if it is a name of this machine."""
        return host if _LOOPBACK_HOST.fullmatch(host) else f"127.0.0.1:{self.server.port}"

    def _body(self) -> bytes:
        if "chunked" in self.headers.get("Transfer-Encoding", "").lower():
            return self._chunks()
        stated = self.headers.get("Content-Length", "0").strip()
        if not stated.isdecimal() or int(stated) > LARGEST_BODY:
            raise BadFraming(f"Content-Length is a number up to {LARGEST_BODY}, not {stated[:40]!r}.")
        return self._exactly(int(stated))

    def _chunks(self) -> bytes:
        body = bytearray()
        while size := self._chunk_size():
            if len(body) + size > LARGEST_BODY:
                raise BadFraming(f"A body holds at most {LARGEST_BODY} bytes.")
            body += self._exactly(size)
            self.rfile.readline(LONGEST_LINE)
        while self.rfile.readline(LONGEST_LINE).strip():
            pass
        return bytes(body)

    def _chunk_size(self) -> int:
        line = self.rfile.readline(LONGEST_LINE).partition(b";")[0].strip()
        try:
            size = int(line, 16)
        except ValueError as error:
            raise BadFraming("A chunk begins with its size in hexadecimal digits.") from error
        if size < 0:
            raise BadFraming("A chunk's size is not negative.")
        return size

    def _exactly(self, size: int) -> bytes:
        body = self.rfile.read(size)
        if len(body) < size:
            raise BadFraming("The connection ended before the body did.")
        return body

    def _send(self, response: Response, *, length: int | None = None) -> None:
        body = response.body
        sent = body if length is None else body[:length]
        self.send_response_only(response.status)
        self.send_header("Date", format_datetime(self.server.now(), usegmt=True))
        for name, value in response.headers.items():
            self.send_header(name, value)
        if response.status not in _BODILESS:
            self.send_header("Content-Length", str(len(body)))
        if len(sent) < len(body):
            self.close_connection = True
        if self.close_connection:
            self.send_header("Connection", "close")
        self.end_headers()
        if self.command != "HEAD" and response.status not in _BODILESS:
            self.wfile.write(sent)
        self.wfile.flush()

    def _reset(self) -> None:
        """Close so that the client sees a reset instead of an end."""
        self.close_connection = True
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        os.close(self.connection.detach())

    def log_message(self, *_: object) -> None:
        """Nothing goes to the screen: a request line may hold a code or a token."""
