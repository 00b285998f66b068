"""The accounts that the contract suite runs on: the sandbox always, a vendor's test account where its credentials are set.

Owns credentials, plain HTTP and the putting away of what a test made. States nothing about a vendor's answers: the tests do.
"""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import secrets
import time
import warnings
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

from integrations.hubspot import environments as hubspot_environments
from integrations.quickbooks import client as quickbooks_client
from integrations.quickbooks import environments as quickbooks_environments

Json = dict[str, Any]

HUBSPOT_TOKEN = "CONTRACT_HUBSPOT_TOKEN"
HUBSPOT_NARROW_TOKEN = "CONTRACT_HUBSPOT_NARROW_TOKEN"
QUICKBOOKS_TOKEN = "CONTRACT_QUICKBOOKS_TOKEN"
QUICKBOOKS_REALM = "CONTRACT_QUICKBOOKS_REALM"
HUBSPOT_URL = hubspot_environments.addresses(environment=hubspot_environments.Environment.VENDOR_SANDBOX).api
QUICKBOOKS_URL = quickbooks_environments.addresses(environment=quickbooks_environments.Environment.SANDBOX).api
HUBSPOT_VERSION = hubspot_environments.API_VERSION
MINOR_VERSION = quickbooks_client.MINOR_VERSION

ANSWER_SECONDS = 60
THROTTLED = 429
TRIES = 4
LOOKS = 60
LOOK_SECONDS = 1.0


class Place(StrEnum):
    """Where an account is."""

    SANDBOX = "sandbox"
    REAL = "real"


class ContractDifference(UserWarning):
    """A real account did not behave as we thought likely, or kept something that a test made."""


def places(*names: str, environment: Mapping[str, str] = os.environ) -> list[Place]:
    """List where a test can run: on the real account only when every named credential is set."""
    return [Place.SANDBOX, *([Place.REAL] if all(environment.get(name) for name in names) else [])]


def mark() -> str:
    """Make up letters and digits that no other record's name holds."""
    return f"ct{secrets.token_hex(5)}"


def email() -> str:
    """Make up an address that nobody else has."""
    return f"{mark()}@example.com"


@dataclass(frozen=True)
class Answer:
    """What came back; header names in any case."""

    status: int
    headers: http.client.HTTPMessage = field(default_factory=http.client.HTTPMessage)
    content: bytes = b""

    @property
    def json(self) -> Any:
        """The body, which must be JSON."""
        return json.loads(self.content)


class Account:
    """One account of a vendor, reached over plain HTTP."""

    pause_seconds = 10.0

    def __init__(self, *, place: Place, url: str, token: str) -> None:
        self.place = place
        self._url = urlsplit(url)
        self._token = token
        self._leftovers: list[Callable[[], Answer]] = []

    def send(
        self,
        method: str,
        path: str,
        body: object = None,
        *,
        query: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """Send one call and return its answer of any status; a throttled call is sent again after a pause.

        A body that is text goes out as it is, everything else as JSON. A header that is empty is left out.
        """
        ours = {"Authorization": f"Bearer {self._token}", "Accept": "application/json", "Content-Type": "application/json"}
        known = {name: value for name, value in {**ours, **(headers or {})}.items() if value}
        sent = body.encode() if isinstance(body, str) else None if body is None else json.dumps(body).encode()
        address = f"{path}?{urlencode(query, quote_via=quote)}" if query else path
        answer = self._exchange(method, address, sent, known)
        for _ in range(TRIES - 1):
            if answer.status != THROTTLED:
                break
            time.sleep(self.pause_seconds)
            answer = self._exchange(method, address, sent, known)
        return answer

    def _exchange(self, method: str, address: str, content: bytes | None, headers: Mapping[str, str]) -> Answer:
        kind = http.client.HTTPSConnection if self._url.scheme == "https" else http.client.HTTPConnection
        connection = kind(self._url.netloc, timeout=ANSWER_SECONDS)
        try:
            connection.request(method, address, content, dict(headers))
            response = connection.getresponse()
            return Answer(status=response.status, headers=response.headers, content=response.read())
        finally:
            connection.close()

    @contextlib.contextmanager
    def likely(self, fact: str) -> Iterator[None]:
        """Hold the block to be true on the sandbox, and on a real account warn of the difference.

        It is for what we believe of a vendor without being sure; `fact` says what that is.
        """
        try:
            yield
        except (AssertionError, LookupError, TypeError) as difference:
            if self.place is not Place.REAL:
                raise
            warnings.warn(f"Not as thought likely: {fact}. {difference}", ContractDifference, stacklevel=3)

    def eventually(self, look: Callable[[], Answer], *, until: Callable[[Answer], bool]) -> Answer:
        """Look again while the vendor has not caught up yet, and return the last answer."""
        answer = look()
        for _ in range(LOOKS - 1):
            if until(answer):
                break
            time.sleep(LOOK_SECONDS)
            answer = look()
        return answer

    def afterwards(self, put_away: Callable[[], Answer]) -> None:
        """Remember a call that puts away what a test is about to leave behind."""
        self._leftovers.append(put_away)

    @contextlib.contextmanager
    def tidied(self) -> Iterator[None]:
        """Put away, newest first, all that the block leaves behind."""
        before = len(self._leftovers)
        try:
            yield
        finally:
            while len(self._leftovers) > before:
                answer = self._leftovers.pop()()
                if answer.status >= 400 and answer.status != 404:
                    warnings.warn(f"Could not put away what a test made: status {answer.status}", ContractDifference, stacklevel=3)


class HubSpot(Account):
    """A HubSpot account."""

    def objects(self, method: str, rest: str, body: object = None, **query: str) -> Answer:
        """Call the objects API."""
        return self.send(method, f"/crm/objects/{HUBSPOT_VERSION}/{rest}", body, query=query)

    def associations(self, method: str, rest: str, body: object = None) -> Answer:
        """Call the associations API."""
        return self.send(method, f"/crm/associations/{HUBSPOT_VERSION}/{rest}", body)

    def properties(self, method: str, rest: str, body: object = None) -> Answer:
        """Call the properties API."""
        return self.send(method, f"/crm/properties/{HUBSPOT_VERSION}/{rest}", body)

    def keep(self, kind: str, record_id: str) -> str:
        """See to it that a record is archived after the test."""
        self.afterwards(lambda: self.objects("DELETE", f"{kind}/{record_id}"))
        return record_id

    def make(self, kind: str, **values: object) -> str:
        """Make a record for one test and return its id."""
        answer = self.objects("POST", kind, {"properties": values})
        assert answer.status == 201, answer.content
        return self.keep(kind, str(answer.json["id"]))

    def read(self, kind: str, record_id: str, *names: str) -> Json:
        """Return the properties of a record, as many as are named."""
        answer = self.objects("GET", f"{kind}/{record_id}", **({"properties": ",".join(names)} if names else {}))
        assert answer.status == 200, answer.content
        found: Json = answer.json["properties"]
        return found

    def search(self, kind: str, *groups: list[Json], **more: object) -> Answer:
        """Search by groups of filters."""
        return self.objects("POST", f"{kind}/search", {"filterGroups": [{"filters": group} for group in groups], **more})


class QuickBooks(Account):
    """A QuickBooks company."""

    pause_seconds = 60.0

    def __init__(self, *, place: Place, url: str, token: str, realm: str) -> None:
        super().__init__(place=place, url=url, token=token)
        self.realm = realm

    def path(self, rest: str) -> str:
        """Return the path of something of the company."""
        return f"/v3/company/{self.realm}/{rest}"

    def company(self, method: str, rest: str, body: object = None, **query: str) -> Answer:
        """Call the company's API."""
        return self.send(method, self.path(rest), body, query={"minorversion": MINOR_VERSION, **query})

    def write(self, kind: str, body: Json, **query: str) -> Answer:
        """Create or update an object."""
        return self.company("POST", kind.lower(), body, **query)

    def query(self, statement: str) -> Answer:
        """Ask for objects by a statement in the address."""
        return self.company("GET", "query", query=statement)

    def found(self, statement: str, kind: str = "Customer") -> list[Json]:
        """Return the objects that a statement finds."""
        answer = self.query(statement)
        assert answer.status == 200, answer.content
        objects: list[Json] = answer.json["QueryResponse"].get(kind, [])
        return objects

    def read(self, kind: str, object_id: str) -> Json:
        """Return an object by its id."""
        answer = self.company("GET", f"{kind.lower()}/{object_id}")
        assert answer.status == 200, answer.content
        found: Json = answer.json[kind]
        return found

    def make(self, kind: str, **fields: object) -> Json:
        """Make an object for one test and return it."""
        answer = self.write(kind, fields)
        assert answer.status == 200, answer.content
        return self.keep(kind, answer.json[kind])

    def keep(self, kind: str, made: Json) -> Json:
        """See to it that an object is made inactive after the test, or deleted where it can be."""
        self.afterwards(lambda: self._put_away(kind, str(made["Id"])))
        return made

    def deactivate(self, kind: str, current: Json) -> Answer:
        """Make an object of a name list inactive."""
        return self.write(kind, {"Id": current["Id"], "SyncToken": current["SyncToken"], "sparse": True, "Active": False})

    def _put_away(self, kind: str, object_id: str) -> Answer:
        answer = self.company("GET", f"{kind.lower()}/{object_id}")
        if answer.status != 200:
            return Answer(status=404)
        current = answer.json[kind]
        if "Active" in current:
            return self.deactivate(kind, current)
        return self.write(kind, {"Id": current["Id"], "SyncToken": current["SyncToken"]}, operation="delete")
