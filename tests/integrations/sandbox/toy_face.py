"""A vendor with one kind of record, small enough to see through, and a client that does not hide what came back."""

from __future__ import annotations

import http.client
import json
from dataclasses import dataclass
from typing import Any

from integrations.sandbox.messages import BadControl, Json, Request, Response, Switch
from integrations.sandbox.server import Server
from integrations.sandbox.world import World


class ToyFace:
    """Stores notes; answers `boom` by failing."""

    name = "hubspot"
    switches = (
        Switch(name="index_delay", default=2.0, meaning="Seconds until a search finds what was written."),
        Switch(name="strict", default=True, meaning="Refuse what the vendor's pages do not name."),
    )

    def __init__(self, world: World) -> None:
        self.world = world
        self.seen: list[Request] = []
        self.asked: list[Json] = []
        world.declare(self.name, self.switches)

    def handle(self, request: Request) -> Response:
        self.seen.append(request)
        if request.segments[:1] == ("boom",):
            raise RuntimeError("the toy is broken")
        notes = self.world.store.table("hubspot", "notes")
        if request.method == "POST":
            key = str(len(notes) + 1)
            notes.put(key, {"id": key, "text": request.body.decode()})
            return self._told({"id": key}, status=201, written=[("create", "notes")])
        if request.method == "DELETE":
            return Response(status=204, route="/notes/{id}")
        return self._told({"results": [note["id"] for note in notes.values()], "flying": request.in_flight})

    def _told(self, value: Json, *, status: int = 200, written: list[tuple[str, str]] | None = None) -> Response:
        response = Response.of_json(value, status=status)
        response.route = "/notes"
        response.written = written or []
        return response

    def mint(self, wanted: Json) -> Json:
        self.asked.append(wanted)
        self.world.store.table("toy", "tokens").put("made-up-token", {"scopes": wanted.get("scopes")})
        return {"access_token": "made-up-token"}

    def shown(self, table: str, row: Json) -> tuple[str, str, Json] | None:
        return ("toyland", "notes", dict(row)) if table == "hubspot/notes" else None

    def fault(self, kind: str, fault: Json, request: Request) -> Response:
        self.asked.append({"kind": kind, **fault})
        status = {"status": fault["status"], "rate_limited": 429, "token_expired": 401, "partial": 207}[kind]
        return Response.of_json({"vendor": kind}, status=status)

    def edit(self, wanted: Json) -> Json:
        if "id" not in wanted:
            raise BadControl('Say which "id" to edit.')
        return {"edited": wanted["id"]}

    def generate(self, wanted: Json) -> Json:
        self.asked.append(wanted)
        return {"made": wanted["contacts"]}

    def reset(self, seed: Json) -> None:
        self.asked.append(seed)
        self.world.store.table("hubspot", "notes").clear()

    def dump(self) -> Json:
        return {"notes": list(self.world.store.table("hubspot", "notes").values())}

    def records_page(self, request: Request) -> Response:
        return Response.of_html(f"<h1>Notes by {request.method}</h1>")


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What came back over the wire."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


def ask(server: Server, method: str, path: str, *, body: Any = None, headers: dict[str, str] | None = None) -> Answer:
    """One call on a connection of its own."""
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=20)
    try:
        return ask_on(connection, method, path, body=body, headers=headers)
    finally:
        connection.close()


def ask_on(
    connection: http.client.HTTPConnection, method: str, path: str, *, body: Any = None, headers: dict[str, str] | None = None
) -> Answer:
    """One call on a connection that stays open."""
    payload = body if isinstance(body, bytes | None) else json.dumps(body).encode()
    connection.request(method, path, body=payload, headers=headers or {})
    response = connection.getresponse()
    return Answer(status=response.status, headers={name.lower(): value for name, value in response.getheaders()}, body=response.read())
