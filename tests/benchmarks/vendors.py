"""A sandbox in a process of its own, and its control face.

Owns the process from start to stop. Measures nothing.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import urllib.request
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent.parent
HUBSPOT, QUICKBOOKS = "hubspot", "quickbooks"
CONTACTS, CUSTOMERS = "HubSpot contacts", "QuickBooks customers"
ACCOUNTS = "HubSpot account", "QuickBooks account"
STOP_SECONDS = 20
PATIENCE_SECONDS = 900


@dataclass(frozen=True, kw_only=True)
class Face:
    """One vendor of a running sandbox."""

    url: str

    def control(self, name: str, body: object | None = None, *, method: str = "") -> Any:
        """Make a call to the control face: GET, or POST where there is a body."""
        data = None if body is None else json.dumps(body).encode()
        method = method or ("GET" if body is None else "POST")
        request = urllib.request.Request(f"{self.url}/_sandbox/{name}", data, {"Content-Type": "application/json"}, method=method)
        with urllib.request.urlopen(request, timeout=PATIENCE_SECONDS) as response:
            return json.loads(response.read())

    def forget(self) -> None:
        """Empty the log and the counts."""
        self.control("log", method="DELETE")
        self.control("counts", method="DELETE")

    def log(self) -> list[dict[str, Any]]:
        """Return the calls since the log was emptied."""
        found: list[dict[str, Any]] = self.control("log")
        return found

    def written(self) -> dict[str, int]:
        """Return how many records were written since the counts were emptied, by verb, all types together."""
        found: dict[str, int] = self.control("counts")["written"]
        return found


@dataclass(frozen=True, kw_only=True)
class Vendors:
    """Both faces."""

    hubspot: Face
    quickbooks: Face

    def generate(self, *, people: int, overlap: float) -> None:
        """Fill both sides with as many people each, of whom a share is on both."""
        wanted = {"overlap": overlap, "random_seed": 7}
        made = self.hubspot.control("generate", {"contacts": people, **wanted})["contacts"]
        also = self.quickbooks.control("generate", {"customers": people, **wanted})["customers"]
        if (made, also) != (people, people):
            raise RuntimeError(f"The sandbox made {made} contacts and {also} customers, {people} of each were asked for.")

    def tokens(self, limits: dict[str, dict[str, float]] | None = None) -> dict[str, dict[str, Any]]:
        """Mint an app and its tokens at each vendor, without limits unless some are given."""
        limits = limits or {}
        return {
            name: face.control("tokens", {"scopes": None, "limits": limits.get(name)})
            for name, face in ((HUBSPOT, self.hubspot), (QUICKBOOKS, self.quickbooks))
        }

    def advance(self, seconds: float) -> None:
        """Move the clock that both faces share."""
        self.hubspot.control("clock", {"advance_seconds": seconds})

    def slow_down(self, *, seconds: float, calls: int) -> None:
        """Have the answers to so many calls take their time, as if they came from far away."""
        for face in (self.hubspot, self.quickbooks):
            face.control("faults", {"fault": "slow", "seconds": seconds, "times": calls})

    def calls(self) -> Counter[str]:
        """Count the calls since the logs were emptied, by side and kind of record; what is about no record is the account's."""
        return Counter(map(_hubspot_kind, self.hubspot.log())) + Counter(map(_quickbooks_kind, self.quickbooks.log()))

    def forget(self) -> None:
        """Empty both logs and counts."""
        self.hubspot.forget()
        self.quickbooks.forget()


def known() -> Vendors:
    """Return the sandbox that the environment of an installation names."""
    hubspot, quickbooks = (Face(url=os.environ[f"LOCAL_SANDBOX_{name}_URL"]) for name in ("HUBSPOT", "QUICKBOOKS"))
    return Vendors(hubspot=hubspot, quickbooks=quickbooks)


@contextmanager
def running() -> Iterator[Vendors]:
    """Start an empty sandbox on free ports, and stop it in the end."""
    command = [sys.executable, "-m", "integrations.sandbox", "--hubspot-port", "0", "--quickbooks-port", "0", "--seed", "empty"]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    try:
        yield Vendors(hubspot=Face(url=_told(process)), quickbooks=Face(url=_told(process)))
    finally:
        process.terminate()
        try:
            process.wait(timeout=STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _told(process: subprocess.Popen[str]) -> str:
    line = process.stdout.readline() if process.stdout is not None else ""
    found = re.search(r"http://127\.0\.0\.1:\d+", line)
    if found is None:
        raise RuntimeError("The sandbox did not start; what it wrote stands above.")
    return found[0]


def _hubspot_kind(entry: Mapping[str, Any]) -> str:
    """Whose call it was: /crm/objects/2026-09/contacts/batch/read counts for the contacts, what is no record's for the account."""
    parts = entry["path"].strip("/").split("/")
    return f"HubSpot {parts[3]}" if parts[0] == "crm" and parts[1] in ("objects", "associations", "properties") else ACCOUNTS[0]


def _quickbooks_kind(entry: Mapping[str, Any]) -> str:
    """As for HubSpot. Queries and batches do not tell in their address, but what is measured asks for customers alone."""
    name = entry["path"].strip("/").split("/")[3]
    return CUSTOMERS if name in ("query", "batch", "cdc", "customer") else ACCOUNTS[1]
