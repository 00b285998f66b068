"""A HubSpot account in the sandbox, a QuickBooks company there that invoices, and a server that says what a test wrote down."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from integrations.sandbox import serve
from syncapp.connectors import base
from syncapp.connectors.quickbooks import QuickBooksConnector
from tests.connectors import invoicing
from tests.integrations.conftest import scripted
from tests.integrations.hubspot.conftest import make_client, running_sandbox, sandbox
from tests.integrations.quickbooks_client.sandboxed import Company

__all__ = ["make_client", "running_sandbox", "sandbox", "scripted"]


@pytest.fixture(params=[False, True], ids=["lenient", "strict"])
def strict(request: pytest.FixtureRequest, sandbox: Any) -> bool:
    sandbox.switch(strict_unknown=request.param)
    return bool(request.param)


@pytest.fixture(scope="module")
def quickbooks_url() -> Iterator[str]:
    with serve.build(seed="empty") as built:
        yield built.quickbooks.url


@pytest.fixture
def company(quickbooks_url: str) -> Iterator[Company]:
    made = invoicing.switched_off(quickbooks_url)
    invoicing.item(made, "Review", UnitPrice=100)
    yield made
    made.control("faults", method="DELETE")


@pytest.fixture
def connector(company: Company) -> QuickBooksConnector:
    return invoicing.connected(company)


@pytest.fixture
def ada(company: Company) -> str:
    return company.customer("Ada")


@pytest.fixture
def review(connector: QuickBooksConnector) -> str:
    """The item with which every company here begins."""
    (record,) = connector.listing(wanted=base.Wanted(kind="item", fields=("Name",)), token=None).records
    return record.ref.external_id


@pytest.fixture
def travel(company: Company, review: str) -> str:
    return invoicing.item(company, "Travel", UnitPrice=45)
