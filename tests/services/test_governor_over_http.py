"""The limits as a vendor sees them: over HTTP, from several processes."""

from __future__ import annotations

import multiprocessing
from datetime import datetime, timedelta
from multiprocessing.synchronize import Barrier

import pytest
from django.db import connection as database

from syncapp import models
from syncapp.services import connections, credentials, ports
from tests.services import made
from tests.services.conftest import HUBSPOT, QUICKBOOKS, Vendors
from tests.services.made import NOW
from tests.services.test_governor import most_within


@pytest.fixture(autouse=True)
def real_time(vendors: Vendors, monkeypatch: pytest.MonkeyPatch) -> None:
    """Here, waiting is what it is about."""
    monkeypatch.setitem(connections.connector.__kwdefaults__, "outside", ports.REAL)


@pytest.mark.django_db
class TestRetryAfter:
    @pytest.mark.parametrize("system", [HUBSPOT, QUICKBOOKS])
    def test_makes_no_call_before_the_time_the_vendor_named(self, system: str, vendors: Vendors) -> None:
        found = vendors.control(system, "tokens", {"scopes": None, "limits": None})
        account = str(found.get("portal_id") or found.get("realm_id"))
        connection = made.hubspot(account) if system == HUBSPOT else made.quickbooks(account)
        credentials.store_key(connection=connection, key=found["access_token"], now=NOW)
        vendors.control(system, "faults", {"match": {}, "times": 1, "fault": "rate_limited", "retry_after": 1})

        connections.connector(connection=connection).account()

        refused, after = vendors.log(system)[:2]
        waited = datetime.fromisoformat(after["at"]) - datetime.fromisoformat(refused["at"])
        assert (refused["status"], after["status"]) == (429, 200)
        assert waited >= timedelta(seconds=1)


def call_often(connection_id: int, calls: int, start: Barrier) -> None:
    """In a process of its own: make calls as fast as the limits allow."""
    try:
        connector = connections.connector(connection=models.Connection.objects.get(pk=connection_id))
        start.wait(timeout=20)
        for _ in range(calls):
            connector.account()
    finally:
        database.close()


@pytest.mark.django_db(transaction=True)
class TestThreeProcesses:
    def test_stay_within_one_budget_in_the_vendors_own_log(self, vendors: Vendors) -> None:
        found = vendors.control(HUBSPOT, "tokens", {"scopes": None, "limits": {"burst": 100, "burst_seconds": 4}})
        connection = made.hubspot(str(found["portal_id"]), limits={"burst": 100, "burst_seconds": 4.0})
        credentials.store_key(connection=connection, key=found["access_token"], now=NOW)
        apart = multiprocessing.get_context("fork")
        start = apart.Barrier(3)
        database.close()
        crowd = [apart.Process(target=call_often, args=(connection.pk, 40, start)) for _ in range(3)]

        for process in crowd:
            process.start()
        for process in crowd:
            process.join(timeout=60)

        log = vendors.log(HUBSPOT)
        moments = sorted(datetime.fromisoformat(entry["at"]).timestamp() for entry in log)
        assert [process.exitcode for process in crowd] == [0, 0, 0]
        assert len(log) == 120
        assert {entry["status"] for entry in log} == {200}
        assert most_within(moments, 4.0) <= 90
