"""How long the sandbox takes to answer when it holds many records.

Owns the calls that are timed, over one connection that stays open. An answer that is not what was asked for is an error, not a figure.
"""

from __future__ import annotations

import http.client
import json
import random
import statistics
import time
import urllib.parse
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from tests.benchmarks import figures, sizes, vendors

PAGE, SEARCH_PAGE = 100, 200
FEWER = 50
GOAL = figures.Goal(most=50)
PROPERTIES = (
    "firstname", "lastname", "email", "phone", "mobilephone", "fax", "company", "website", "address", "city", "state", "zip", "country",
    "lastmodifieddate", "hs_merged_object_ids",
)
CONTACTS = "/crm/objects/2026-09/contacts"
DAY_MS = 86_400_000
FIRST_SEARCH = "HubSpot first search after all were made"


@dataclass(frozen=True, kw_only=True)
class Asked:
    """One call: where to, what with, and how many records must come back."""

    vendor: str
    method: str
    path: str
    body: bytes = b""
    content_type: str = "application/json"
    expected: int = 1


@dataclass(frozen=True, kw_only=True)
class Times:
    """The milliseconds of one kind of call."""

    median: float
    slowest: float


class Client:
    """A connection to each vendor, with a token for each."""

    def __init__(self, both: vendors.Vendors) -> None:
        minted = both.tokens()
        self.realm = minted[vendors.QUICKBOOKS]["realm_id"]
        self._tokens = {name: str(app["access_token"]) for name, app in minted.items()}
        self._lines = {
            name: http.client.HTTPConnection(urllib.parse.urlsplit(face.url).netloc, timeout=60)
            for name, face in ((vendors.HUBSPOT, both.hubspot), (vendors.QUICKBOOKS, both.quickbooks))
        }

    def ask(self, asked: Asked) -> tuple[float, Any]:
        """Make a call and return the milliseconds until its whole answer was there, and the answer."""
        headers = {"Authorization": f"Bearer {self._tokens[asked.vendor]}", "Accept": "application/json"}
        headers |= {"Content-Type": asked.content_type} if asked.body else {}
        line = self._lines[asked.vendor]
        began = time.perf_counter()
        line.request(asked.method, asked.path, body=asked.body or None, headers=headers)
        response = line.getresponse()
        body = response.read()
        took = (time.perf_counter() - began) * 1000
        if response.status != 200:
            raise RuntimeError(f"{asked.method} {asked.path} was answered {response.status}: {body[:300]!r}")
        return took, json.loads(body)

    def close(self) -> None:
        """Close both connections."""
        for line in self._lines.values():
            line.close()


class Kinds:
    """The kinds of call, each made up anew for every time it is made, spread over all the records."""

    def __init__(self, client: Client, *, records: int) -> None:
        self._client = client
        self._records = records
        self._chances = random.Random(7)
        self._contacts = self._contact_ids()
        self._customers = self._customer_ids()
        if (len(self._contacts), len(self._customers)) != (records, records):
            raise RuntimeError(f"{len(self._contacts)} contacts and {len(self._customers)} customers were listed, not {records} of each.")
        self.all: dict[str, Callable[[], Asked]] = {
            "HubSpot list page of 100": self.list_page,
            "HubSpot batch read of 100": self.batch_read,
            "HubSpot search page of 200, window over all": self.search_window,
            "HubSpot read by id": self.contact,
            "QuickBooks query page of 100": self.query_page,
            "QuickBooks read by id": self.customer,
        }

    def list_page(self) -> Asked:
        """A page from anywhere in the list."""
        after = self._chances.choice(["", *self._contacts[: -PAGE : PAGE]])
        return _listed(after)

    def batch_read(self) -> Asked:
        """A hundred contacts from all over."""
        ids = self._chances.sample(self._contacts, PAGE)
        body = {"inputs": [{"id": one} for one in ids], "properties": PROPERTIES, "propertiesWithHistory": []}
        return Asked(vendor=vendors.HUBSPOT, method="POST", path=f"{CONTACTS}/batch/read", body=_json(body), expected=PAGE)

    def search_window(self) -> Asked:
        """A page of a window in which all contacts were changed: the hardest one."""
        now = int(time.time() * 1000)
        place = self._chances.randrange(self._records)
        filters = [
            {"propertyName": "lastmodifieddate", "operator": "GTE", "value": str(now - DAY_MS)},
            {"propertyName": "lastmodifieddate", "operator": "LTE", "value": str(now + DAY_MS)},
            {"propertyName": "hs_object_id", "operator": "GT", "value": self._contacts[place]},
        ]
        sorts = [{"propertyName": "hs_object_id", "direction": "ASCENDING"}]
        body = {"filterGroups": [{"filters": filters}], "sorts": sorts, "properties": ["lastmodifieddate"], "limit": SEARCH_PAGE}
        expected = min(SEARCH_PAGE, self._records - place - 1)
        return Asked(vendor=vendors.HUBSPOT, method="POST", path=f"{CONTACTS}/search", body=_json(body), expected=expected)

    def contact(self) -> Asked:
        """One contact."""
        query = urllib.parse.urlencode({"properties": ",".join(PROPERTIES)})
        return Asked(vendor=vendors.HUBSPOT, method="GET", path=f"{CONTACTS}/{self._chances.choice(self._contacts)}?{query}")

    def query_page(self) -> Asked:
        """A page from anywhere in the list."""
        return self._queried(start=self._chances.randrange(1, self._records - PAGE + 2), size=PAGE)

    def customer(self) -> Asked:
        """One customer."""
        one = self._chances.choice(self._customers)
        return Asked(vendor=vendors.QUICKBOOKS, method="GET", path=f"/v3/company/{self._client.realm}/customer/{one}?minorversion=75")

    def _queried(self, *, start: int, size: int) -> Asked:
        words = f"SELECT * FROM Customer WHERE Active IN (true, false) ORDERBY Id STARTPOSITION {start} MAXRESULTS {size}"
        path = f"/v3/company/{self._client.realm}/query?minorversion=75"
        expected = min(size, self._records - start + 1)
        return Asked(
            vendor=vendors.QUICKBOOKS, method="POST", path=path, body=words.encode(), content_type="application/text", expected=expected
        )

    def _contact_ids(self) -> list[str]:
        found: list[str] = []
        after = ""
        while True:
            _, answer = self._client.ask(_listed(after))
            found += [entry["id"] for entry in answer["results"]]
            after = answer.get("paging", {}).get("next", {}).get("after", "")
            if not after:
                return found

    def _customer_ids(self) -> list[str]:
        found: list[str] = []
        for start in range(1, self._records + 1, 1000):
            _, answer = self._client.ask(self._queried(start=start, size=1000))
            found += [entry["Id"] for entry in answer["QueryResponse"]["Customer"]]
        return found


def measure(*, scale: sizes.Scale) -> Iterator[figures.Figure]:
    """Time each kind of call with many records, and beside it with few."""
    fewer = max(PAGE, scale.records // FEWER)
    few = _timed(records=fewer, calls=scale.calls)
    many = _timed(records=scale.records, calls=scale.calls)
    for name, times in many.items():
        beside = f"with {fewer:,} a side: {figures.shown(few[name].slowest)}"
        yield figures.Figure(
            name=f"{scale.records:,} a side: {name}",
            value=times.slowest,
            unit="ms",
            baseline=beside if name == FIRST_SEARCH else f"median of {scale.calls}: {figures.shown(times.median)}; {beside}",
            goal=GOAL,
        )


def _timed(*, records: int, calls: int) -> dict[str, Times]:
    """The first search is on its own: the index takes in everything that was made before it."""
    with vendors.running() as both:
        both.generate(people=records, overlap=0.5)
        both.hubspot.control("switch", {"index_delay": 0.0})
        client = Client(both)
        try:
            kinds = Kinds(client, records=records)
            first = {FIRST_SEARCH: _times([_one(client, kinds.search_window())])}
            return {name: _times([_one(client, make()) for _ in range(calls)]) for name, make in kinds.all.items()} | first
        finally:
            client.close()


def _one(client: Client, asked: Asked) -> float:
    took, answer = client.ask(asked)
    got = _count(answer)
    if got != asked.expected:
        raise RuntimeError(f"{asked.method} {asked.path} brought {got} records, not {asked.expected}.")
    return took


def _count(answer: Any) -> int:
    if "results" in answer:
        return len(answer["results"])
    if "QueryResponse" in answer:
        return len(answer["QueryResponse"].get("Customer", ()))
    return int("id" in answer or "Customer" in answer)


def _times(taken: Sequence[float]) -> Times:
    return Times(median=statistics.median(taken), slowest=max(taken))


def _listed(after: str) -> Asked:
    query = {"limit": str(PAGE), "properties": ",".join(PROPERTIES), "archived": "false", **({"after": after} if after else {})}
    return Asked(vendor=vendors.HUBSPOT, method="GET", path=f"{CONTACTS}?{urllib.parse.urlencode(query)}", expected=PAGE)


def _json(body: object) -> bytes:
    return json.dumps(body).encode()
