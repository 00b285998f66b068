"""A client towards whatever answers at an address, and companies in a sandbox over HTTP."""
from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from integrations.quickbooks import client
from integrations.sandbox import serve
from tests.integrations.quickbooks_client import sandboxed


@pytest.fixture
def limits() -> sandboxed.NotedLimits:
    return sandboxed.NotedLimits()


@pytest.fixture
def connect(limits: sandboxed.NotedLimits) -> Callable[[str], client.Client]:
    return lambda url: sandboxed.connected(url, limits=limits)


@pytest.fixture
def qbo(scripted: Any, connect: Callable[..., client.Client]) -> client.Client:
    return connect(scripted.url)


@pytest.fixture(scope="session")
def quickbooks_url() -> Iterator[str]:
    with serve.build(seed="empty") as built:
        yield built.quickbooks.url


@pytest.fixture
def company(quickbooks_url: str) -> Iterator[sandboxed.Company]:
    made = sandboxed.Company(quickbooks_url)
    yield made
    made.control("faults", method="DELETE")
