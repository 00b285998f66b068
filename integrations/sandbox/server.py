"""One face behind a socket on 127.0.0.1.

Owns the life of the server, the order of calls (one lock) and the carrying out of planted faults.
Decides nothing about a vendor: the face does.
"""

from __future__ import annotations

import logging
import threading
from collections import Counter
from collections.abc import Callable
from types import TracebackType
from typing import Self

from integrations.sandbox import control, effects, faults, log, wire
from integrations.sandbox.faults import FaultKind
from integrations.sandbox.messages import Face, Request, Response
from integrations.sandbox.wire import Delivery, Manner
from integrations.sandbox.world import World

logger = logging.getLogger(__name__)

HTML_PAGE = "<!DOCTYPE html><html><head><title>Service unavailable</title></head><body><h1>We will be right back</h1></body></html>"

_MANNERS = {
    FaultKind.DROP_BEFORE: Manner.RESET,
    FaultKind.DROP_AFTER_COMMIT: Manner.RESET,
    FaultKind.TRUNCATE: Manner.TRUNCATE,
}


class Server:
    """Serves one face until stopped; use it as a context manager or call `start` and `stop`."""

    def __init__(self, *, face: Face, world: World, port: int = 0, wait: Callable[[float], object] | None = None) -> None:
        self.face = face
        self.world = world
        self.faults = faults.Faults()
        self.log = log.CallLog()
        self.ledger = effects.Ledger(face=face, store=world.store)
        self._wanted_port = port
        self._control = control.Control(face=face, world=world, faults=self.faults, log=self.log, ledger=self.ledger)
        self._listener: wire.Listener | None = None
        self._stopping = threading.Event()
        self._wait = wait or self._stopping.wait
        self.open_calls: Counter[str] = Counter()
        self._open_lock = threading.Lock()

    def start(self) -> Self:
        """Bind the port and begin to answer. Raises OSError when the port is taken."""
        self._stopping.clear()
        self._listener = wire.Listener(port=self._wanted_port, answer=self.answer, now=self.world.clock.now)
        self._listener.start()
        return self

    def stop(self) -> None:
        """Finish the calls that are being answered, then let go of the port. A second call changes nothing."""
        self._stopping.set()
        if self._listener is not None:
            self._listener.stop()
            self._listener = None

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.stop()

    @property
    def port(self) -> int:
        """The port it listens on; the wanted one while it is stopped."""
        return self._listener.port if self._listener is not None else self._wanted_port

    @property
    def url(self) -> str:
        """The address to give to a client, without a slash at its end."""
        return f"http://127.0.0.1:{self.port}"

    def answer(self, request: Request) -> Delivery:
        """Answer one request and say how the answer goes out. Called by many threads at once.

        This is also the way in without a socket: it works whether or not the server was started.
        """
        if control.concerns(request):
            return Delivery(response=self._guarded(request, self._control.answer))
        key = request.headers.get("Authorization", "")
        with self._open_lock:
            self.open_calls[key] += 1
            in_flight = self.open_calls[key]
        try:
            return self._call(wire.counted(request, in_flight=in_flight))
        finally:
            with self._open_lock:
                self.open_calls[key] -= 1
                if not self.open_calls[key]:
                    del self.open_calls[key]

    def _call(self, request: Request) -> Delivery:
        with self.world.lock:
            planted = self.faults.take(request)
        if planted is not None and planted.kind is FaultKind.SLOW:
            self._wait(planted.seconds)
        with self.world.lock:
            at = self.world.clock.now()
            delivery = self._faulty(request, planted) if planted is not None else Delivery(response=self._handled(request))
            status = log.NO_ANSWER if delivery.manner is Manner.RESET else delivery.response.status
            number = self.log.add(at=at, request=request, response=delivery.response, status=status, bytes_out=delivery.bytes_out)
            self.ledger.note(at=at, by="api", call=number)
        return delivery

    def _handled(self, request: Request) -> Response:
        return self._guarded(request, self.face.handle)

    def _faulty(self, request: Request, planted: faults.Planted) -> Delivery:
        match planted.kind:
            case FaultKind.DROP_BEFORE:
                response = Response(status=log.NO_ANSWER)
            case FaultKind.HTML:
                response = Response.of_html(HTML_PAGE)
            case FaultKind.MALFORMED:
                response = _broken(self._handled(request))
            case FaultKind.STATUS | FaultKind.TOKEN_EXPIRED | FaultKind.RATE_LIMITED | FaultKind.PARTIAL:
                response = self._vendors_own(request, planted)
            case FaultKind.SLOW | FaultKind.TRUNCATE | FaultKind.DROP_AFTER_COMMIT:
                response = self._handled(request)
        return Delivery(response=response, manner=_MANNERS.get(planted.kind, Manner.WHOLE))

    def _vendors_own(self, request: Request, planted: faults.Planted) -> Response:
        response = self._guarded(request, lambda asked: self.face.fault(planted.kind.value, planted.wanted, asked))
        if planted.wanted.get("retry_after") is not None:
            response.headers.setdefault("Retry-After", str(planted.wanted["retry_after"]))
        return response

    def _guarded(self, request: Request, work: wire.Work) -> Response:
        """What the work answers, kept in the file before it leaves; a 500 when the sandbox itself fails."""
        try:
            with self.world.lock:
                response = work(request)
                self.world.store.flush()
        except Exception:
            path = log.masked(request.raw_path, secret=log.bearer(request))
            logger.exception("The %s sandbox failed at %s %s", self.face.name, request.method, path)
            return Response.of_json({"error": f"The {self.face.name} sandbox itself failed; its log has the traceback."}, status=500)
        return response


def _broken(response: Response) -> Response:
    """The answer with a hole in the middle of its JSON, sent as if all were well."""
    body = response.body or b'{"results":[]}'
    middle = len(body) // 2
    headers = {**response.headers, "Content-Type": "application/json;charset=utf-8"}
    return Response(body=body[:middle] + b'{"\x00,,' + body[middle + 1 :], headers=headers, route=response.route, written=response.written)
