"""HubSpot products as the sync sees them, with our key where the account keeps one and without it where it does not."""

from __future__ import annotations

import time
from typing import Any

import pytest

from syncapp.connectors import base
from syncapp.connectors.hubspot import HubSpotConnector
from syncapp.engine import errors
from syncapp.engine.vocabulary import OperationKind

WANTED = base.Wanted(kind="products", fields=("name", "hs_sku", "price"))
KEY = "0" * 31


@pytest.fixture
def connector(sandbox: Any, make_client: Any) -> HubSpotConnector:
    return HubSpotConnector(client=make_client(sandbox.url, sandbox.token()), sleep=time.sleep)


def create(key: str, **values: str) -> base.Write:
    return base.Write(key=key, kind=OperationKind.CREATE, record_kind="products", values=values)


def names(connector: HubSpotConnector, *values: str, field_name: str = "name") -> list[object]:
    return [record.values["name"] for record in connector.find(wanted=WANTED, field_name=field_name, values=values)]


def typed(sandbox: Any, **properties: str) -> str:
    return str(sandbox.edit(type="products", create=properties)["id"])


class TestFields:
    def test_tell_the_currency_of_money_and_of_nothing_else(self, connector: HubSpotConnector) -> None:
        found = {spec.name: spec for spec in connector.fields(kind="products")}

        assert found["price"].currency == found["hs_cost_of_goods_sold"].currency == connector.account().currency
        assert {spec.name for spec in found.values() if spec.currency} == {"price", "hs_cost_of_goods_sold"}

    @pytest.mark.parametrize("name", ["recurringbillingfrequency", "hs_recurring_billing_period", "hs_pricing_model", "hs_tier_prices"])
    def test_of_recurring_billing_are_never_written(self, connector: HubSpotConnector, name: str) -> None:
        found = {spec.name: spec for spec in connector.fields(kind="products")}

        assert not found[name].writable and not found[name].reason
        assert found["price"].writable


class TestACreate:
    def test_with_our_key_sent_twice_makes_one(self, sandbox: Any, connector: HubSpotConnector) -> None:
        write = create(KEY + "1", name="Audit", price="5")

        first, second = connector.write(writes=[write]), connector.write(writes=[write])

        assert first[0].record is not None and second[0].record is not None
        assert first[0].record.ref == second[0].record.ref
        assert connector.find_created(wanted=WANTED, keys=[KEY + "1"])

    def test_is_a_plain_one_where_the_account_refuses_our_key(self, sandbox: Any, connector: HubSpotConnector) -> None:
        sandbox.switch(strict_unknown=True)

        made, other = connector.write(writes=[create(KEY + "1", name="Audit", price="5"), create(KEY + "2", name="Travel", price="6")])

        assert made.record is not None and other.record is not None
        assert (made.record.values["name"], other.record.values["name"]) == ("Audit", "Travel")
        assert connector.find_created(wanted=WANTED, keys=[KEY + "1"]) == {}

    def test_of_a_contact_is_not_made_without_our_key(self, sandbox: Any, connector: HubSpotConnector) -> None:
        sandbox.breaks("status", "/crm/properties/2026-09/contacts$", times=9, status=403)
        write = base.Write(key=KEY + "1", kind=OperationKind.CREATE, record_kind="contacts", values={"email": "ann@x.pl"})

        (written,) = connector.write(writes=[write])

        assert isinstance(written.error, errors.Rejected)


class TestFinding:
    def test_misses_nothing_where_there_is_no_key_of_ours(self, sandbox: Any, connector: HubSpotConnector) -> None:
        sandbox.switch(strict_unknown=True, index_delay=600.0)
        typed(sandbox, name="Audit", hs_sku="A-1", price="1")
        archived = typed(sandbox, name="Audit (old)", hs_sku="a-1", price="1")
        sandbox.edit(type="products", id=archived, delete=True)

        assert names(connector, " audit ") == ["Audit"]
        assert sorted(map(str, names(connector, "A-1", field_name="hs_sku"))) == ["Audit", "Audit (old)"]
        assert names(connector, "Travel") == []

    def test_goes_by_the_search_where_our_key_is_kept(self, sandbox: Any, connector: HubSpotConnector) -> None:
        connector.write(writes=[create(KEY + "1", name="Audit", price="5")])

        assert names(connector, "audit") == ["Audit"]
        sandbox.switch(index_delay=600.0)
        typed(sandbox, name="Travel")
        assert names(connector, "travel") == []
