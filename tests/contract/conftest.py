"""The accounts, ready for a test: `hubspot` and `quickbooks`, once for every place there are credentials for.

Only this file touches the sandbox's control face, and only to make the accounts.
"""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from integrations.sandbox import serve
from integrations.sandbox.server import Server
from tests.contract import targets
from tests.contract.targets import Account, Answer, HubSpot, Json, Place, QuickBooks

REALM = "9130009"
UNIQUE_PROPERTY = "contract_suite_key"
GENEROUS = {"burst": 100_000, "burst_seconds": 10, "search_per_second": 100_000, "daily": 1_000_000}


@pytest.fixture(scope="session")
def sandbox() -> Iterator[serve.Sandbox]:
    with serve.build(seed="empty", state=None, hubspot_port=0, quickbooks_port=0) as running:
        control(running.hubspot, "switch", {"index_delay": 0})
        yield running


def control(server: Server, name: str, wanted: Json) -> Answer:
    """Ask the control face of a port for something."""
    answer = Account(place=Place.SANDBOX, url=server.url, token="").send("POST", f"/_sandbox/{name}", wanted, headers={"Authorization": ""})
    assert answer.status == 200, answer.content
    return answer


@pytest.fixture(scope="session", params=targets.places(targets.HUBSPOT_TOKEN))
def hubspot_account(request: pytest.FixtureRequest) -> HubSpot:
    if request.param is Place.REAL:
        return HubSpot(place=Place.REAL, url=targets.HUBSPOT_URL, token=os.environ[targets.HUBSPOT_TOKEN])
    server = request.getfixturevalue("sandbox").hubspot
    minted = control(server, "tokens", {"scopes": None, "limits": GENEROUS}).json
    return HubSpot(place=Place.SANDBOX, url=server.url, token=minted["access_token"])


@pytest.fixture
def hubspot(hubspot_account: HubSpot) -> Iterator[HubSpot]:
    with hubspot_account.tidied():
        yield hubspot_account


@pytest.fixture(scope="session", params=targets.places(targets.HUBSPOT_NARROW_TOKEN))
def narrow_hubspot(request: pytest.FixtureRequest) -> HubSpot:
    """An app that may read contacts and nothing else."""
    if request.param is Place.REAL:
        return HubSpot(place=Place.REAL, url=targets.HUBSPOT_URL, token=os.environ[targets.HUBSPOT_NARROW_TOKEN])
    server = request.getfixturevalue("sandbox").hubspot
    minted = control(server, "tokens", {"scopes": ["oauth", "crm.objects.contacts.read"], "limits": None}).json
    return HubSpot(place=Place.SANDBOX, url=server.url, token=minted["access_token"])


@pytest.fixture(scope="session")
def unique_property(hubspot_account: HubSpot) -> Iterator[str]:
    """A property of contacts that no two contacts share a value of. An account allows ten, so its name is always the same."""
    wanted = {
        "name": UNIQUE_PROPERTY,
        "label": "Contract suite key",
        "type": "string",
        "fieldType": "text",
        "groupName": "contactinformation",
        "hasUniqueValue": True,
    }
    answer = hubspot_account.properties("POST", "contacts", wanted)
    assert answer.status in (201, 409), answer.content
    hubspot_account.eventually(
        lambda: hubspot_account.properties("GET", f"contacts/{UNIQUE_PROPERTY}"), until=lambda answer: answer.status == 200
    )
    yield UNIQUE_PROPERTY
    hubspot_account.properties("DELETE", f"contacts/{UNIQUE_PROPERTY}")


@pytest.fixture(scope="session", params=targets.places(targets.QUICKBOOKS_TOKEN, targets.QUICKBOOKS_REALM))
def quickbooks_account(request: pytest.FixtureRequest) -> QuickBooks:
    if request.param is Place.REAL:
        token, realm = os.environ[targets.QUICKBOOKS_TOKEN], os.environ[targets.QUICKBOOKS_REALM]
        return QuickBooks(place=Place.REAL, url=targets.QUICKBOOKS_URL, token=token, realm=realm)
    server = request.getfixturevalue("sandbox").quickbooks
    minted = control(server, "tokens", {"scopes": None, "limits": None, "realm_id": REALM}).json
    return QuickBooks(place=Place.SANDBOX, url=server.url, token=minted["access_token"], realm=minted["realm_id"])


@pytest.fixture
def quickbooks(quickbooks_account: QuickBooks) -> Iterator[QuickBooks]:
    with quickbooks_account.tidied():
        yield quickbooks_account
