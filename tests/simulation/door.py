"""The way from the application to the sandbox without a socket, and all that may go wrong on it.

Owns the one place at which the simulation takes over from the network: the adapter under every session. Decides nothing: what
happens around a call is asked of the conductor.
"""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.utils import format_datetime
from typing import Any, Protocol
from unittest import mock
from urllib.parse import urlsplit

import requests
import requests.adapters
import urllib3
import urllib3.exceptions

from integrations import http
from integrations.sandbox import serve
from integrations.sandbox.messages import Request
from integrations.sandbox.server import Server
from integrations.sandbox.wire import Delivery, Manner
from tests.simulation.times import VirtualClock

PORTS = {"hubspot": 18801, "quickbooks": 18802}
CALL_SECONDS = 0.04


@dataclass(kw_only=True)
class Call:
    """One request of the application, and what came of it."""

    number: int
    system: str
    method: str
    path: str
    query: str
    body: bytes = field(repr=False)
    at: float
    worker: int
    sync: int
    slice: int
    status: int = 0
    fault: str = ""
    retry_after: float | None = None
    due: list[dict[str, Any]] = field(default_factory=list, repr=False)
    died: bool = False
    unsaved: bool = False

    @property
    def label(self) -> str:
        """What it is called in the trace: without ids, tokens and times."""
        return f"{self.system} {self.method} {self.path}"

    @property
    def json(self) -> Any:
        """The body, {} where there is none."""
        try:
            return json.loads(self.body) if self.body else {}
        except ValueError:
            return {}

    @property
    def refreshes(self) -> bool:
        """Whether it asks for tokens."""
        return self.path.endswith("/token") or self.path.endswith("/tokens/bearer")


class Conductor(Protocol):
    """Decides what happens around a call."""

    def begin(self, call: Call) -> dict[str, Any] | None:
        """Before it leaves: whoever raises has sent nothing. Returns the fault that the sandbox is to play, if any."""

    def end(self, call: Call) -> None:
        """After its answer came: whoever raises has not seen it."""


class Door:
    """Answers the application's requests out of a sandbox in the same process."""

    def __init__(self, *, sandbox: serve.Sandbox, clock: VirtualClock, conductor: Conductor) -> None:
        self._servers: dict[int, Server] = {PORTS["hubspot"]: sandbox.hubspot, PORTS["quickbooks"]: sandbox.quickbooks}
        self._clock = clock
        self._conductor = conductor
        self.calls: list[Call] = []
        self.worker = self.sync = self.slice = 0

    def send(self, request: requests.PreparedRequest, timeout: Any) -> requests.Response:
        """Carry one request to its server and bring the answer back, or the error that a network would."""
        url = urlsplit(request.url or "")
        server = self._servers[url.port or 0]
        body = request.body or b""
        call = Call(
            number=len(self.calls), system=server.face.name, method=request.method or "", path=url.path, query=url.query,
            body=body.encode() if isinstance(body, str) else bytes(body), at=self._clock.true.timestamp(), worker=self.worker,
            sync=self.sync, slice=self.slice,
        )
        self.calls.append(call)
        planted = self._conductor.begin(call)
        self._clock.pass_seconds(CALL_SECONDS)
        waits = timeout[1] if isinstance(timeout, tuple) else timeout
        if planted is not None:
            server.faults.clear()
            server.faults.plant({"match": {}, "times": 1, **planted})
        before = self._clock.true
        delivery = server.answer(self._request(call, request))
        late = (self._clock.true - before).total_seconds() > (waits or 1e9)
        call.status = 0 if late or delivery.manner is Manner.RESET else delivery.response.status
        told = delivery.response.headers.get("Retry-After")
        call.retry_after = float(told) if told and call.status == 429 else None
        self._conductor.end(call)
        if late:
            raise requests.exceptions.ReadTimeout(request=request)
        return _answer(delivery, request, self._clock)

    def _request(self, call: Call, request: requests.PreparedRequest) -> Request:
        target = f"{call.path}?{call.query}" if call.query else call.path
        base = f"http://127.0.0.1:{PORTS[call.system]}"
        return Request.of(method=call.method, target=target, headers=request.headers.items(), body=call.body, base_url=base)

    @contextmanager
    def open(self) -> Iterator[None]:
        """Within this no session reaches a network."""

        def send(_: object, request: requests.PreparedRequest, *__: object, timeout: Any = None, **___: object) -> requests.Response:
            return self.send(request, timeout)

        with mock.patch.object(requests.adapters.HTTPAdapter, "send", send), mock.patch.object(http.threading, "Timer", _NoTimer):
            yield


class _NoTimer:
    """An answer is there at once or was late already: nobody need be woken to cut it off."""

    def __init__(self, *_: object) -> None:
        self.daemon = True

    def start(self) -> None:
        """Nothing to wait for."""

    def cancel(self) -> None:
        """Nothing was waited for."""


def _answer(delivery: Delivery, request: requests.PreparedRequest, clock: VirtualClock) -> requests.Response:
    if delivery.manner is Manner.RESET:
        raise requests.exceptions.ConnectionError(urllib3.exceptions.ProtocolError("Connection aborted."), request=request)
    sent = delivery.response.body[: delivery.bytes_out]
    headers = {
        "Date": format_datetime(clock.true, usegmt=True), **delivery.response.headers, "Content-Length": str(len(delivery.response.body)),
    }
    raw = urllib3.HTTPResponse(
        body=io.BytesIO(sent), headers=headers, status=delivery.response.status, preload_content=False, enforce_content_length=True
    )
    response = requests.Response()
    response.status_code = delivery.response.status
    response.headers = requests.structures.CaseInsensitiveDict(headers)
    response.raw, response.request, response.url = raw, request, request.url or ""
    response.encoding = "utf-8"
    return response
