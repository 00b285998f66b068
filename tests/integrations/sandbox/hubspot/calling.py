"""A HubSpot face without a server, and calls on it."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

from integrations.sandbox.hubspot.face import HubSpotFace
from integrations.sandbox.messages import Request, Response
from integrations.sandbox.world import Clock, World

START = datetime(2026, 11, 26, 9, 0, tzinfo=UTC)
SEED: dict[str, Any] = {
    "portals": [
        {
            "portal_id": "48210077",
            "name": "Harborlight",
            "time_zone": "America/New_York",
            "currency": "USD",
            "owners": [
                {"id": "41", "email": "dana@harborlight.example", "firstName": "Dana", "lastName": "Whitfield", "userId": 9},
                {"id": "42", "email": "marcus@harborlight.example", "firstName": "Marcus", "lastName": "Oyelaran", "userId": 10},
            ],
            "objects": {},
        }
    ]
}


@dataclass(frozen=True)
class Answer:
    """An answer with its body read."""

    response: Response

    @property
    def status(self) -> int:
        return self.response.status

    @property
    def json(self) -> Any:
        return json.loads(self.response.body)

    @property
    def ids(self) -> list[str]:
        return [one["id"] for one in self.json["results"]]

    @property
    def codes(self) -> list[str]:
        return [one["code"] for one in self.json["errors"]]


class Caller:
    """Calls by one token; `version` writes the paths of that version."""

    def __init__(self, face: HubSpotFace, token: str, version: str = "2026-09") -> None:
        self.face = face
        self.token = token
        self.version = version

    def path(self, area: str, rest: str) -> str:
        if self.version in {"v3", "v4"}:
            return f"/crm/{self.version}/{area}{rest}"
        return f"/crm/{area}/{self.version}{rest}"

    def raw(self, method: str, path: str, *, body: bytes = b"", query: Iterable[tuple[str, str]] = (), **headers: str) -> Answer:
        known = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"}
        query = tuple(query)
        request = Request(
            method=method,
            raw_path=path,
            raw_query=urlencode(query),
            query=query,
            headers=known | {name.replace("_", "-"): value for name, value in headers.items()},
            body=body,
            base_url="http://127.0.0.1:8801",
        )
        return Answer(self.face.handle(request))

    def send(self, method: str, path: str, body: object = None, **query: str) -> Answer:
        sent = b"" if body is None else json.dumps(body).encode()
        return self.raw(method, path, body=sent, query=query.items())

    def objects(self, method: str, rest: str, body: object = None, **query: str) -> Answer:
        return self.send(method, self.path("objects", f"/{rest}"), body, **query)

    def associations(self, method: str, rest: str, body: object = None, **query: str) -> Answer:
        return self.send(method, self.path("associations", f"/{rest}"), body, **query)

    def properties(self, method: str, rest: str, body: object = None, **query: str) -> Answer:
        return self.send(method, self.path("properties", f"/{rest}"), body, **query)

    def make(self, kind: str, **values: object) -> str:
        """Make a record and give its id."""
        answer = self.objects("POST", kind, {"properties": values})
        assert answer.status == 201, answer.json
        return str(answer.json["id"])

    def read(self, kind: str, record_id: str, *names: str) -> dict[str, Any]:
        """The properties of a record."""
        query = {"properties": ",".join(names)} if names else {}
        properties: dict[str, Any] = self.objects("GET", f"{kind}/{record_id}", **query).json["properties"]
        return properties

    def define_unique(self, kind: str, name: str) -> None:
        group = {"contacts": "contactinformation", "companies": "companyinformation", "invoices": "invoiceinformation"}[kind]
        wanted = {"name": name, "label": name, "type": "string", "fieldType": "text", "groupName": group, "hasUniqueValue": True}
        answer = self.properties("POST", kind, wanted)
        assert answer.status == 201, answer.json


@dataclass(frozen=True)
class Play:
    """A world with one HubSpot face in it, whose clock stands still."""

    world: World
    face: HubSpotFace

    def switch(self, **values: bool | int | float | str) -> None:
        for name, value in values.items():
            self.world.set_switch(f"hubspot.{name}", value)

    def caller(self, **wanted: object) -> Caller:
        return Caller(self.face, str(self.face.mint(wanted)["access_token"]))


def play(seed: dict[str, Any] | None = None) -> Play:
    """A fresh world with a seed in it."""
    world = World(clock=Clock(real=lambda: START))
    face = HubSpotFace(world)
    face.reset({"hubspot": seed or SEED})
    world.set_switch("hubspot.index_delay", 0.0)
    return Play(world=world, face=face)
