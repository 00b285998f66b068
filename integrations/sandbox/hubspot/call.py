"""One authorized call, as the handlers get it.

Owns the reading of parameters and bodies. Decides nothing about records.
"""
from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from integrations.sandbox.hubspot import errors, ids, kinds, moments
from integrations.sandbox.hubspot.grants import SERVICE_KEY, Grant, Grants
from integrations.sandbox.hubspot.kinds import Kind
from integrations.sandbox.hubspot.portal import Portal
from integrations.sandbox.hubspot.records import Actor, Records
from integrations.sandbox.messages import Json, Request, Response

ENFORCED_SINCE = "2026-09"
LEGACY = ("v1", "v3", "v4")
_HALF_CHARACTER = re.compile(rb"\\u[dD][89abcdefABCDEF]")


@dataclass(frozen=True, kw_only=True)
class Call:
    """What is asked, by whom, in which account. `path` holds the variables of the route."""

    request: Request
    version: str
    path: dict[str, str]
    portal: Portal
    grant: Grant
    grants: Grants
    written: list[tuple[str, str]] = field(default_factory=list)

    @property
    def records(self) -> Records:
        """The writes of the account."""
        return Records(self.portal)

    @property
    def legacy(self) -> bool:
        """Whether an old version is called."""
        return self.version in LEGACY

    @property
    def actor(self) -> Actor:
        """Who writes by this call."""
        client = self.grants.client(self.grant.client_id) or {}
        source = "API" if self.grant.kind == SERVICE_KEY else "INTEGRATION"
        enforced = not self.legacy and self.version >= ENFORCED_SINCE
        return Actor(source=source, source_id=str(client.get("app_id", "")), enforced=enforced)

    def kind(self, name: str = "type") -> Kind:
        """The object type that the path names. Raises Refused."""
        found = kinds.find(self.path[name])
        if found is None:
            raise errors.invalid(f"Unable to infer object type from: {self.path[name]}")
        return found

    def kind_beside(self, name: str = "type") -> Kind:
        """Like `kind`, and also a type that is known only by its associations. Raises Refused."""
        return kinds.find_beside(self.path[name]) or self.kind(name)

    def body(self, *needed: str) -> Json:
        """The body as a JSON object that has these attributes. Raises Refused."""
        value = self.any_body()
        if not isinstance(value, dict):
            raise errors.bad_shape("an object is expected")
        lacking = [name for name in needed if name not in value]
        if lacking:
            raise errors.attributes_missing(lacking)
        return value

    def any_body(self) -> Any:
        """The body as JSON. Raises Refused."""
        if self.request.headers.get("Content-Type", "").partition(";")[0].strip().lower() != "application/json":
            raise errors.Refused(415, errors.error_body("The body has to be sent as application/json"))
        try:
            value = json.loads(self.request.body.decode("utf-8"), parse_float=Decimal, parse_constant=_no_constant)
            if _HALF_CHARACTER.search(self.request.body):
                json.dumps(value, ensure_ascii=False, default=str).encode("utf-8")
        except (ValueError, RecursionError) as error:
            raise errors.bad_json(error) from error
        return value

    def inputs(self, *, most: int) -> list[Json]:
        """The `inputs` of a batch. Raises Refused when there are none, too many, or other things than objects."""
        inputs = self.body("inputs")["inputs"]
        if not isinstance(inputs, list) or not all(isinstance(one, dict) for one in inputs):
            raise errors.bad_shape("inputs is a list of objects")
        if not inputs or len(inputs) > most:
            raise errors.invalid(f"The number of inputs has to be from 1 to {most}, not {len(inputs)}")
        return inputs

    def flag(self, name: str) -> bool:
        """A query parameter that is true or false, in any case. Raises Refused."""
        text = (self.request.first(name) or "false").lower()
        if text not in {"true", "false"}:
            raise errors.invalid(f"{name} is true or false, not {text}")
        return text == "true"

    def names(self, name: str) -> list[str]:
        """A query parameter with several values: repeated, or joined by commas."""
        return split(self.request.every(name))

    def number(self, name: str, *, default: int, least: int, most: int) -> int:
        """A whole number in the query. Raises Refused."""
        text = self.request.first(name)
        if text is None or not text:
            return default
        number = ids.whole(text)
        if number is None or not least <= number <= most:
            raise errors.invalid(f"{name} has to be a whole number from {least} to {most}, not {text[:40]}")
        return number

    def after(self) -> int:
        """The id after which a page begins. Raises Refused."""
        return self.number("after", default=0, least=0, most=1 << 62)

    def now_text(self) -> str:
        """The present, as answers write it."""
        return moments.text(self.portal.now())

    def url(self) -> str:
        """The address of the call without its query."""
        return self.request.base_url.rstrip("/") + self.request.raw_path


def split(values: Iterable[str]) -> list[str]:
    """Names that are repeated, or joined by commas; each once."""
    return list(dict.fromkeys(name.strip() for value in values for name in value.split(",") if name.strip()))


def text_list(body: Json, name: str) -> list[str]:
    """A list of texts in a body; absent means empty. Raises Refused."""
    value = body.get(name)
    if value is None:
        return []
    if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
        raise errors.bad_shape(f"{name} is a list of texts")
    return list(dict.fromkeys(value))


def record_id(value: object) -> str:
    """An id in a body, a number or a text. Raises Refused."""
    if isinstance(value, bool) or not isinstance(value, (str, int)) or not str(value).strip():
        raise errors.bad_shape("an id is a text")
    return str(value).strip()


def no_content() -> Response:
    """An answer without a body."""
    return Response(status=204)


def _no_constant(name: str) -> object:
    raise ValueError(f"{name} is no JSON")
