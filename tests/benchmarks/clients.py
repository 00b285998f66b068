"""What runs inside a measured process that reads one side whole: with our connector, or with a vendor's well-known library.

Owns the fields that both read.
"""

from __future__ import annotations

import gc
import json
import os
import time
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

from tests.benchmarks import vendors

CONTACT_FIELDS = (
    "email", "firstname", "lastname", "phone", "mobilephone", "company", "address", "city", "state", "zip", "country",
    "jobtitle",
)
CUSTOMER_FIELDS = (
    "DisplayName", "PrimaryEmailAddr.Address", "GivenName", "FamilyName", "PrimaryPhone.FreeFormNumber", "Mobile.FreeFormNumber",
    "CompanyName", "BillAddr.Line1", "BillAddr.City", "BillAddr.CountrySubDivisionCode", "BillAddr.PostalCode", "BillAddr.Country",
)
PAGE = 1000


def read(*, vendor: str, connection: int) -> dict[str, Any]:
    """Read everything with our connector, as a run reads a listing."""
    from syncapp import models
    from syncapp.connectors import base
    from syncapp.services import connections

    connector = connections.connector(connection=models.Connection.objects.get(pk=connection))
    hubspot = vendor == vendors.HUBSPOT
    wanted = base.Wanted(kind="contacts" if hubspot else "customer", fields=CONTACT_FIELDS if hubspot else CUSTOMER_FIELDS)

    def everything() -> int:
        number, token = 0, None
        while True:
            page = connector.listing(wanted=wanted, token=token)
            number, token = number + len(page.records), page.next_token
            if token is None:
                return number

    return _timed(everything)


def read_by_library(*, vendor: str, url: str, app: dict[str, Any]) -> dict[str, Any]:
    """Read everything with the library that most programs use."""
    return _timed(_by_hubspot(url, app) if vendor == vendors.HUBSPOT else _by_quickbooks(url, app))


def read_by_requests(*, vendor: str, url: str, app: dict[str, Any]) -> dict[str, Any]:
    """Read everything with nothing but requests and json: no program that uses them can be faster."""
    return _timed(_bare_hubspot(url, app) if vendor == vendors.HUBSPOT else _bare_quickbooks(url, app))


def _bare_hubspot(url: str, app: dict[str, Any]) -> Callable[[], int]:
    import requests

    session = requests.Session()
    session.headers["Authorization"] = f"Bearer {app['access_token']}"

    def everything() -> int:
        number, after = 0, ""
        while True:
            asked = {"limit": "100", "properties": ",".join(CONTACT_FIELDS), **({"after": after} if after else {})}
            page = json.loads(session.get(f"{url}/crm/objects/2026-09/contacts", params=asked, timeout=60).content)
            number += len(page["results"])
            after = page.get("paging", {}).get("next", {}).get("after", "")
            if not after:
                return number

    return everything


def _bare_quickbooks(url: str, app: dict[str, Any]) -> Callable[[], int]:
    import requests

    session = requests.Session()
    session.headers["Authorization"] = f"Bearer {app['access_token']}"
    session.headers.update({"Accept": "application/json", "Content-Type": "application/text"})

    def everything() -> int:
        number = 0
        while True:
            asked = f"SELECT * FROM Customer WHERE Active IN (true, false) STARTPOSITION {number + 1} MAXRESULTS {PAGE}"
            answer = session.post(f"{url}/v3/company/{app['realm_id']}/query?minorversion=75", data=asked, timeout=60)
            found = json.loads(answer.content)["QueryResponse"].get("Customer", [])
            if not found:
                return number
            number += len(found)

    return everything


def _by_hubspot(url: str, app: dict[str, Any]) -> Callable[[], int]:
    import hubspot

    client = hubspot.HubSpot(access_token=app["access_token"], host=url)
    return lambda: len(client.crm.contacts.get_all(properties=list(CONTACT_FIELDS)))


def _by_quickbooks(url: str, app: dict[str, Any]) -> Callable[[], int]:
    from quickbooks import QuickBooks
    from quickbooks.objects.customer import Customer

    os.environ["OAUTHLIB_INSECURE_TRANSPORT"] = "1"  # the sandbox answers over plain HTTP on this machine
    QuickBooks.sandbox_api_url_v3 = f"{url}/v3"
    access = SimpleNamespace(**{name: app[name] for name in ("access_token", "refresh_token", "client_id")}, environment="sandbox")
    client = QuickBooks(auth_client=access, refresh_token=app["refresh_token"], company_id=app["realm_id"], minorversion=75)

    def everything() -> int:
        number = 0
        while found := Customer.where("Active IN (true, false)", start_position=number + 1, max_results=PAGE, qb=client):
            number += len(found)
        return number

    return everything


def _timed(everything: Callable[[], int]) -> dict[str, Any]:
    """As in a run, the collector of garbage does not walk through the program itself again: for each client alike."""
    gc.freeze()
    began = time.process_time()
    records = everything()
    return {"records": records, "processor": time.process_time() - began}
