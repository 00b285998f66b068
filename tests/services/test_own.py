"""Our own properties in HubSpot: made on connecting, listed, put away when a person says so."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest
from pytest_django.fixtures import Settings

from syncapp import models
from syncapp.engine.vocabulary import ConnectionStatus, Environment
from syncapp.services import connections, consent, governor, own, ports
from tests.services import made
from tests.services.conftest import HUBSPOT, QUICKBOOKS, Vendors
from tests.services.made import NOW
from tests.services.test_connections import connected

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def unmetered(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing waits here, be it for the budget of calls or for a vendor that may answer the next time."""
    monkeypatch.setattr(governor, "Governor", lambda **_: connections.Unmetered())
    impatient = dataclasses.replace(ports.REAL, sleep=lambda seconds: None)
    monkeypatch.setitem(connections.connector.__kwdefaults__, "outside", impatient)


def ours(vendors: Vendors, kind: str) -> set[str]:
    """Our properties of a kind as HubSpot has them, those that were put away left aside."""
    (portal,) = vendors.control(HUBSPOT, "dump")["portals"]
    return {one["name"] for one in portal["properties"][kind] if one["name"].startswith("qbo_") and not one.get("archived")}


def told(row: models.Connection) -> dict[str, str]:
    row.refresh_from_db()
    return {f"{one['kind']}.{one['name']}": one["state"] for one in row.own_fields}


class TestInstall:
    def test_makes_what_is_missing_and_offers_it_as_fields(self, vendors: Vendors, settings: Settings) -> None:
        row = connected(HUBSPOT, vendors, settings)

        own.install(connection=row, actor=None, now=NOW)

        assert {"qbo_id", "qbo_total", "qbo_status"} <= ours(vendors, "invoices")
        assert "qbo_billed" in ours(vendors, "deals") and "qbo_payment_id" in ours(vendors, "notes")
        assert told(row)["invoices.qbo_id"] == "MADE"
        assert row.vendor_fields.filter(kind="invoices", name="qbo_total", archived=False).exists()

    def test_changes_nothing_when_it_is_repeated(self, vendors: Vendors, settings: Settings) -> None:
        row = connected(HUBSPOT, vendors, settings)
        own.install(connection=row, actor=None, now=NOW)
        before = ours(vendors, "invoices")

        own.install(connection=row, actor=None, now=NOW)

        assert ours(vendors, "invoices") == before
        assert set(told(row).values()) == {"THERE"}

    def test_can_be_taken_back(self, vendors: Vendors, settings: Settings) -> None:
        row = connected(HUBSPOT, vendors, settings)
        own.install(connection=row, actor=None, now=NOW)
        own.remove(connection=row, actor=None, now=NOW)

        assert ours(vendors, "invoices") == set()
        assert told(row)["invoices.qbo_id"] == "REMOVED"

    def test_has_nothing_to_do_in_quickbooks(self, vendors: Vendors, settings: Settings) -> None:
        row = connected(QUICKBOOKS, vendors, settings)

        assert own.install(connection=row, actor=None, now=NOW) == ()
        assert row.vendor_fields.exists()

    def test_comes_with_a_pasted_key(self, vendors: Vendors, settings: Settings) -> None:
        key = vendors.control(HUBSPOT, "tokens", {"scopes": None, "limits": None, "kind": "service_key"})["access_token"]

        row = consent.paste(environment=Environment.LOCAL_SANDBOX, key=key, actor=made.alice(), now=NOW)

        assert "invoices.qbo_id" in told(row)


class TestDisconnect:
    @pytest.fixture
    def row(self, vendors: Vendors, settings: Settings) -> models.Connection:
        row = connected(HUBSPOT, vendors, settings)
        own.install(connection=row, actor=None, now=NOW)
        return row

    def end(self, row: models.Connection, *, removing: bool) -> str:
        return own.disconnect(connection=row, actor=made.alice(), now=NOW, removing=removing)

    def test_leaves_them_where_they_are(self, row: models.Connection, vendors: Vendors) -> None:
        words = self.end(row, removing=False)

        assert "qbo_id" in ours(vendors, "invoices")
        assert "removed" not in words

    def test_takes_them_along_where_a_person_chose_so(self, row: models.Connection, vendors: Vendors) -> None:
        words = self.end(row, removing=True)

        row.refresh_from_db()
        assert (ours(vendors, "invoices"), ours(vendors, "deals"), ours(vendors, "notes")) == (set(), set(), set())
        assert "QuickBooks properties were removed from HubSpot." in words
        assert row.status == ConnectionStatus.DISCONNECTED

    def test_ends_the_access_all_the_same_where_they_cannot_be_removed(
        self, row: models.Connection, vendors: Vendors, settings: Any
    ) -> None:
        vendors.control(HUBSPOT, "faults", {"match": {"path_regex": "properties"}, "times": 50, "fault": "html"})

        words = self.end(row, removing=True)

        row.refresh_from_db()
        assert row.status == ConnectionStatus.DISCONNECTED
        assert "could not be removed" in words
