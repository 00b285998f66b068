"""A client of a server: the scripted one, or the sandbox."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from integrations.hubspot import client as hubspot_client
from integrations.sandbox import serve
from tests.integrations.hubspot import sandboxed

ClientMaker = Callable[..., hubspot_client.Client]


@pytest.fixture
def make_client() -> Iterator[ClientMaker]:
    made: list[hubspot_client.Client] = []

    def make(*given: object, **named: object) -> hubspot_client.Client:
        made.append(sandboxed.connected(*given, **named))  # type: ignore[arg-type]
        return made[-1]

    yield make
    for client in made:
        client.close()


@pytest.fixture(scope="session")
def running_sandbox() -> Iterator[sandboxed.Sandbox]:
    with serve.build(seed="empty") as built:
        yield sandboxed.Sandbox(f"http://127.0.0.1:{built.hubspot.port}")


@pytest.fixture
def sandbox(running_sandbox: sandboxed.Sandbox) -> sandboxed.Sandbox:
    running_sandbox.renew()
    return running_sandbox


@pytest.fixture
def client(sandbox: sandboxed.Sandbox, make_client: ClientMaker) -> hubspot_client.Client:
    return make_client(sandbox.url, sandbox.token())
