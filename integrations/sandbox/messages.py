"""What passes between the sandbox's server and its two faces.

Owns the shapes of a request, a response and a face. Opens no socket and keeps no state.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol, Self
from urllib.parse import parse_qsl, unquote

Json = dict[str, Any]


class Headers(Mapping[str, str]):
    """Header fields by name in any case; a repeated field is joined by commas."""

    def __init__(self, fields: Iterable[tuple[str, str]]) -> None:
        self._fields: dict[str, str] = {}
        for name, value in fields:
            low = name.lower()
            self._fields[low] = f"{self._fields[low]}, {value}" if low in self._fields else value

    def __getitem__(self, name: str) -> str:
        return self._fields[name.lower()]

    def __iter__(self) -> Iterator[str]:
        return iter(self._fields)

    def __len__(self) -> int:
        return len(self._fields)


@dataclass(frozen=True, kw_only=True)
class Request:
    """One HTTP request, read completely. `in_flight` counts the open requests with the same Authorization, this one included."""

    method: str
    raw_path: str
    raw_query: str = ""
    query: tuple[tuple[str, str], ...] = ()
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    client: str = ""
    base_url: str = ""
    in_flight: int = 1

    @classmethod
    def of(
        cls, *, method: str, target: str, headers: Iterable[tuple[str, str]] = (), body: bytes = b"", client: str = "", base_url: str = ""
    ) -> Self:
        """The request for a target, which is a path with its query."""
        target = target.partition("#")[0]
        path, _, query = target.partition("?")
        return cls(
            method=method, raw_path=path, raw_query=query, query=tuple(parse_qsl(query, keep_blank_values=True)),
            headers=Headers(headers), body=body, client=client, base_url=base_url,
        )

    @property
    def segments(self) -> tuple[str, ...]:
        """The path's parts, each percent-decoded on its own (`a%2Fb` stays one part)."""
        return tuple(unquote(part) for part in self.raw_path.split("/") if part)

    def first(self, name: str, default: str | None = None) -> str | None:
        """The first value of a query parameter."""
        return next((value for key, value in self.query if key == name), default)

    def every(self, name: str) -> tuple[str, ...]:
        """All values of a query parameter, in order."""
        return tuple(value for key, value in self.query if key == name)

    def json(self) -> Any:
        """The body as JSON. Raises ValueError (also UnicodeDecodeError, its subclass)."""
        return json.loads(self.body.decode("utf-8"))

    def form(self) -> dict[str, str]:
        """The body as `application/x-www-form-urlencoded`; the last of a repeated name wins."""
        return dict(parse_qsl(self.body.decode("utf-8"), keep_blank_values=True))


@dataclass(kw_only=True)
class Response:
    """One HTTP answer.

    `route` (the path with its ids replaced, e.g. `/crm/objects/contacts/{id}`) and `written` (one `(verb, type)` for each
    record that was written, e.g. `("create", "contacts")`) feed the counts of the control face.
    """

    status: int = 200
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)
    route: str = ""
    written: list[tuple[str, str]] = field(default_factory=list)

    @classmethod
    def of_json(cls, value: Any, *, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
        """A JSON answer in UTF-8."""
        body = json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode("utf-8")
        return cls(status=status, body=body, headers={"Content-Type": "application/json;charset=utf-8", **(headers or {})})

    @classmethod
    def of_html(cls, text: str, *, status: int = 200) -> Response:
        """A page for a person."""
        return cls(status=status, body=text.encode("utf-8"), headers={"Content-Type": "text/html;charset=utf-8"})


@dataclass(frozen=True, kw_only=True)
class Switch:
    """One thing about a vendor that a test may change. `default` also gives the type."""

    name: str
    default: bool | int | float | str
    meaning: str


class BadControl(ValueError):
    """The control face was asked for something it cannot do; the text says what and how to ask instead."""


class Face(Protocol):
    """One vendor. Every method is called with the world's lock held."""

    @property
    def name(self) -> str:
        """`hubspot` or `quickbooks`."""

    @property
    def switches(self) -> tuple[Switch, ...]:
        """What about this vendor can be changed; the face declares them to the world itself."""

    def handle(self, request: Request) -> Response:
        """Answer a call of the vendor's API or OAuth pages; never raises for bad input."""

    def mint(self, wanted: Json) -> Json:
        """Make a client and a token pair at once (control face `tokens`)."""

    def fault(self, kind: str, fault: Json, request: Request) -> Response:
        """The vendor's own answer for a planted fault: `status`, `token_expired`, `rate_limited` or `partial`."""

    def edit(self, wanted: Json) -> Json:
        """Do what a person in the vendor's own screen would do (control face `edit`)."""

    def generate(self, wanted: Json) -> Json:
        """Make believable records in bulk (control face `generate`)."""

    def reset(self, seed: Json) -> None:
        """Forget everything of this vendor, then load its own part of a seed (what stands under its name)."""

    def dump(self) -> Json:
        """Everything of this vendor as JSON, without token values."""

    def shown(self, table: str, row: Json) -> tuple[str, str, Json] | None:
        """The account, the type and the fields of a stored record, for the ledger; None for a table that holds none."""

    def records_page(self, request: Request) -> Response:
        """The HTML page on which a person looks at and edits the fake records (GET), and its form (POST)."""
