"""How long it takes from a vendor's webhook until the other side is written: web server, queue and sandbox in processes of their own.

Owns the running installation. Between two changes it is quiet for longer than two runs that events ask for are kept apart; the first one
only waits until what starts has settled.
"""

from __future__ import annotations

import secrets
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from tests.benchmarks import databases, figures, installation, processes, sizes, vendors

QUIET_SECONDS, SETTLED_SECONDS = 17.0, 6.0
LOOK_SECONDS, MOST_SECONDS = 0.02, 90.0
START_SECONDS, STOP_SECONDS = 60, 30
GOAL = figures.Goal(most=3)


def measure(*, scale: sizes.Scale, urls: Sequence[str]) -> Iterator[figures.Figure]:
    """Change a record on either side again and again, on each database."""
    for url in urls:
        for vendor, times in _times(scale=scale, url=url).items():
            to = "QuickBooks" if vendor == vendors.HUBSPOT else "HubSpot"
            yield figures.Figure(
                name=f"{databases.kind(url)}: webhook until {to} is written, p95", value=figures.p95(times), unit="s",
                baseline=f"median of {len(times)}: {figures.shown(statistics.median(times))} s", goal=GOAL,
            )


def _times(*, scale: sizes.Scale, url: str) -> dict[str, list[float]]:
    """Both clocks go on as they are."""
    with vendors.running() as both:
        both.generate(people=scale.told, overlap=1.0)
        minted = both.tokens()
        token, port = secrets.token_hex(16), _free_port()
        with databases.environment(url=url, both=both, minted=minted) as made:
            environment = {**made, "PUBLIC_URL": f"http://127.0.0.1:{port}", "QUICKBOOKS_WEBHOOK_TOKEN": token}
            limits = {vendors.HUBSPOT: installation.NO_LIMIT, vendors.QUICKBOOKS: installation.NO_LIMIT}
            task = {"minted": minted, "limits": limits}
            config = processes.run("establish", task, environment=environment)["config"]
            processes.run("activate", {"config": config}, environment=environment)
            with _serving(port=port, environment=environment):
                both.hubspot.control("webhooks", {"url": f"http://127.0.0.1:{port}/webhooks/hubspot"})
                both.quickbooks.control("webhooks", {"url": f"http://127.0.0.1:{port}/webhooks/quickbooks", "secret": token})
                return _told(both, tries=scale.webhooks)


def _told(both: vendors.Vendors, *, tries: int) -> dict[str, list[float]]:
    contacts = [one["id"] for portal in both.hubspot.control("dump")["portals"] for one in portal["objects"]["contacts"]]
    customers = [one["Id"] for company in both.quickbooks.control("dump")["companies"] for one in company["Customer"]]
    found: dict[str, list[float]] = {vendors.HUBSPOT: [], vendors.QUICKBOOKS: []}
    time.sleep(SETTLED_SECONDS)
    for number in range(tries):
        if number:
            time.sleep(QUIET_SECONDS)
        by_hubspot = {"type": "contacts", "id": contacts[number], "set": {"firstname": f"Told {number}"}}
        by_quickbooks = {"type": "Customer", "id": customers[-1 - number], "set": {"GivenName": f"Told {number}"}}
        found[vendors.HUBSPOT].append(_time(both.hubspot, by_hubspot, both.quickbooks))
        time.sleep(QUIET_SECONDS)
        found[vendors.QUICKBOOKS].append(_time(both.quickbooks, by_quickbooks, both.hubspot))
    return found


def _time(changed: vendors.Face, edit: Mapping[str, Any], other: vendors.Face) -> float:
    """The time from the sending of the webhook until the other vendor has a write."""
    other.forget()
    changed.control("edit", edit)
    began = time.perf_counter()
    changed.control("webhooks/flush", {})
    _wait(lambda: sum(other.written().values()) > 0, seconds=MOST_SECONDS, what="The other side was not written")
    return time.perf_counter() - began


@contextmanager
def _serving(*, port: int, environment: Mapping[str, str]) -> Iterator[None]:
    """The web server and the queue, as they are run anywhere."""
    command = [sys.executable, "manage.py", "serve", "--port", str(port)]
    process = subprocess.Popen(command, cwd=vendors.ROOT, env=dict(environment), stdout=subprocess.DEVNULL)
    try:
        _wait(lambda: _answers(port), seconds=START_SECONDS, what="The web server did not start")
        yield
    finally:
        process.terminate()
        process.wait(timeout=STOP_SECONDS)


def _wait(done: Callable[[], bool], *, seconds: float, what: str) -> None:
    until = time.monotonic() + seconds
    while not done():
        if time.monotonic() > until:
            raise RuntimeError(f"{what} within {seconds:.0f} s.")
        time.sleep(LOOK_SECONDS)


def _answers(port: int) -> bool:
    with socket.socket() as line:
        return line.connect_ex(("127.0.0.1", port)) == 0


def _free_port() -> int:
    with socket.socket() as line:
        line.bind(("127.0.0.1", 0))
        found: int = line.getsockname()[1]
        return found
