"""The properties that the sync brings to HubSpot: made once, told of, taken away again, and never anybody else's."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

import pytest

from syncapp.connectors import base, hubspot_own
from syncapp.connectors.base import OwnState
from syncapp.connectors.hubspot import HubSpotConnector
from syncapp.connectors.quickbooks import QuickBooksConnector
from syncapp.engine import errors
from syncapp.engine.vocabulary import FieldType

KINDS = ("invoices", "deals", "notes")


@pytest.fixture
def connector(sandbox: Any, make_client: Any) -> HubSpotConnector:
    return HubSpotConnector(client=make_client(sandbox.url, sandbox.token()), sleep=lambda seconds: time.sleep(0.001))


def states(told: tuple[base.OwnField, ...]) -> set[OwnState]:
    return {one.state for one in told}


def by_name(told: tuple[base.OwnField, ...]) -> Mapping[str, base.OwnField]:
    return {one.name: one for one in told}


def defined(connector: HubSpotConnector, kind: str) -> dict[str, Any]:
    return {one.name: one for one in connector._client.properties(object_type=kind)}


def define(connector: HubSpotConnector, kind: str, name: str, type_: str, *, group: str, field_type: str = "text", **more: Any) -> None:
    connector._client.create_property(object_type=kind, name=name, label=name, group=group, type=type_, field_type=field_type, **more)


@pytest.mark.usefixtures("strict")
class TestInstalling:
    @pytest.mark.parametrize("kind", KINDS)
    def test_makes_all_once(self, connector: HubSpotConnector, kind: str) -> None:
        first = connector.install_fields(kind=kind)
        second = connector.install_fields(kind=kind)

        assert [one.name for one in first] == [one.name for one in hubspot_own.OWN[kind]]
        assert states(first) == {OwnState.MADE} and states(second) == {OwnState.THERE}
        assert {one.words for one in (*first, *second)} == {""}
        assert all(defined(connector, kind)[one.name].group == "quickbooks" for one in first)

    def test_is_not_done_for_kinds_that_need_none(self, connector: HubSpotConnector) -> None:
        assert connector.install_fields(kind="contacts") == connector.remove_fields(kind="contacts") == ()

    def test_offers_them_as_fields_like_any_other(self, connector: HubSpotConnector) -> None:
        connector.fields(kind="invoices")
        connector.install_fields(kind="invoices")

        found = {spec.name: spec for spec in connector.fields(kind="invoices") if spec.name.startswith("qbo_")}

        assert set(found) == {one.name for one in hubspot_own.OWN["invoices"]}
        assert all(spec.writable and not spec.reason for spec in found.values())
        assert found["qbo_status"].choices == (
            ("open", "Open"), ("partial", "Partly paid"), ("paid", "Paid"), ("overdue", "Overdue"), ("voided", "Voided"),
        )
        types = {name: found[name].type for name in ("qbo_id", "qbo_total", "qbo_due_date", "qbo_status")}
        assert list(types.values()) == [FieldType.TEXT, FieldType.NUMBER, FieldType.DATE, FieldType.CHOICE]

    def test_keeps_the_id_unique_where_the_account_allows_it(self, connector: HubSpotConnector, strict: bool) -> None:
        connector.install_fields(kind="invoices")
        connector.install_fields(kind="notes")

        assert defined(connector, "invoices")["qbo_id"].unique is not strict
        assert defined(connector, "notes")["qbo_payment_id"].unique

    def test_brings_archived_ones_back(self, connector: HubSpotConnector) -> None:
        connector.install_fields(kind="deals")
        connector.remove_fields(kind="deals")

        assert states(connector.install_fields(kind="deals")) == {OwnState.MADE}


class TestInstallingBesideOthers:
    def test_reports_a_property_of_another_type_and_leaves_it_alone(self, connector: HubSpotConnector) -> None:
        define(connector, "invoices", "qbo_total", "string", group="invoiceinformation")

        told = by_name(connector.install_fields(kind="invoices"))

        assert told["qbo_total"].state is OwnState.WRONG and "another type" in told["qbo_total"].words
        assert told["qbo_balance"].state is OwnState.MADE
        assert defined(connector, "invoices")["qbo_total"].type == "string"

    def test_reports_choices_that_are_missing(self, connector: HubSpotConnector) -> None:
        options = [("open", "Open"), ("paid", "Paid")]
        define(connector, "deals", "qbo_invoice_status", "enumeration", group="dealinformation", field_type="select", options=options)

        told = by_name(connector.install_fields(kind="deals"))

        assert told["qbo_invoice_status"].state is OwnState.WRONG
        assert "Partly paid, Overdue, Voided" in told["qbo_invoice_status"].words

    def test_is_refused_without_leave(self, sandbox: Any, make_client: Any) -> None:
        token = sandbox.token(["crm.objects.invoices.read", "crm.schemas.invoices.read"])
        limited = HubSpotConnector(client=make_client(sandbox.url, token), sleep=time.sleep)

        told = limited.install_fields(kind="invoices")

        assert states(told) == {OwnState.REFUSED} and all(one.words for one in told)

    def test_goes_on_where_a_single_one_is_refused(self, sandbox: Any, connector: HubSpotConnector) -> None:
        match = {"method": "POST", "path_regex": "/properties/2026-09/deals$"}
        sandbox.control("faults", {"match": match, "times": 1, "fault": "status", "status": 400})

        told = connector.install_fields(kind="deals")

        assert [one.state for one in told] == [OwnState.REFUSED, *[OwnState.MADE] * 14]
        assert told[0].words

    def test_that_hubspot_does_not_show_is_to_be_tried_again(self, sandbox: Any, connector: HubSpotConnector) -> None:
        client = connector._client
        before = client.properties(object_type="notes")
        client.properties = lambda *, object_type: before  # type: ignore[method-assign]

        with pytest.raises(errors.Transient):
            connector.install_fields(kind="notes")

    @pytest.mark.parametrize("path", ["groups$", "deals$"])
    def test_without_an_answer_is_done_again(self, sandbox: Any, connector: HubSpotConnector, path: str) -> None:
        sandbox.control(
            "faults", {"match": {"method": "POST", "path_regex": path}, "times": 1, "fault": "drop_after_commit"}
        )

        with pytest.raises(errors.OutcomeUnknown):
            connector.install_fields(kind="deals")

        assert states(connector.install_fields(kind="deals")) <= {OwnState.MADE, OwnState.THERE}


@pytest.mark.usefixtures("strict")
class TestRemoving:
    @pytest.mark.parametrize("kind", KINDS)
    def test_takes_properties_and_group_away(self, connector: HubSpotConnector, kind: str) -> None:
        connector.install_fields(kind=kind)

        told = connector.remove_fields(kind=kind)

        assert [one.name for one in told] == [*(one.name for one in hubspot_own.OWN[kind]), "quickbooks"]
        assert states(told) == {OwnState.REMOVED}
        assert not [name for name in defined(connector, kind) if name.startswith("qbo_")]
        assert "quickbooks" not in connector._client.groups(object_type=kind)
        assert connector.remove_fields(kind=kind) == ()

    def test_leaves_what_is_not_ours(self, connector: HubSpotConnector) -> None:
        define(connector, "deals", "qbo_open", "number", group="dealinformation", field_type="number")
        connector.install_fields(kind="deals")
        define(connector, "deals", "my_own", "string", group="quickbooks")

        told = by_name(connector.remove_fields(kind="deals"))

        assert told["qbo_open"].state is OwnState.WRONG
        assert told["quickbooks"].state is OwnState.REFUSED and told["quickbooks"].words
        assert told["qbo_paid"].state is OwnState.REMOVED
        assert {"qbo_open", "my_own"} <= defined(connector, "deals").keys()

    def test_reports_those_in_use(self, sandbox: Any, connector: HubSpotConnector) -> None:
        connector.install_fields(kind="deals")
        sandbox.breaks("status", "/deals/qbo_paid$", status=400)

        told = by_name(connector.remove_fields(kind="deals"))

        assert {name for name, one in told.items() if one.state is OwnState.REFUSED} == {"qbo_paid", "quickbooks"}

    def test_is_refused_without_leave(self, sandbox: Any, connector: HubSpotConnector, make_client: Any) -> None:
        connector.install_fields(kind="invoices")
        token = sandbox.token(["crm.objects.invoices.read", "crm.schemas.invoices.read"])
        limited = HubSpotConnector(client=make_client(sandbox.url, token), sleep=time.sleep)

        assert states(limited.remove_fields(kind="invoices")) == {OwnState.REFUSED}


class TestQuickBooks:
    def test_gets_no_fields_of_ours(self) -> None:
        connector = QuickBooksConnector(client=None, app_url="")  # type: ignore[arg-type]

        assert connector.install_fields(kind="invoice") == connector.remove_fields(kind="invoice") == ()
