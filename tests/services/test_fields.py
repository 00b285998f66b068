from __future__ import annotations

import pytest
from pytest_django.fixtures import Settings

from syncapp import models
from syncapp.connectors import base
from syncapp.engine import errors
from syncapp.engine.vocabulary import FieldType
from syncapp.services import configs, connections, defaults, fields
from tests.services import made
from tests.services.conftest import HUBSPOT, QUICKBOOKS, Vendors
from tests.services.made import NOW
from tests.services.test_connections import connected

pytestmark = pytest.mark.django_db


class TestRefresh:
    def test_lists_own_and_associated_fields_of_hubspot(self, vendors: Vendors, settings: Settings) -> None:
        row = connected(HUBSPOT, vendors, settings)

        count = fields.refresh(connection=row, now=NOW)

        known = {one.name: one for one in row.vendor_fields.filter(kind="contacts")}
        row.refresh_from_db()
        assert (row.vendor_fields.count(), row.fields_read_at) == (count, NOW)
        assert (known["email"].type, known["email"].writable, known["email"].unique_value) == (FieldType.EMAIL, True, True)
        assert (known["companies.name"].associated_kind, known["companies.name"].writable) == ("companies", False)
        assert ["draft", "Draft"] in known["invoices.hs_invoice_status"].choices

    def test_offers_first_and_last_name_as_one_field(self, vendors: Vendors, settings: Settings) -> None:
        row = connected(HUBSPOT, vendors, settings)
        person = {"firstname": " Zoë", "lastname": "O'Brien ", "email": "zoe@example.com"}
        vendors.control(HUBSPOT, "edit", {"type": "contacts", "create": person})
        fields.refresh(connection=row, now=NOW)

        page = connections.connector(connection=row).listing(wanted=base.Wanted(kind="contacts", fields=("full_name",)), token=None)

        assert not row.vendor_fields.get(name="full_name").writable
        assert [one.values for one in page.records] == [{"full_name": "Zoë O'Brien"}]

    def test_lists_the_fields_of_quickbooks(self, vendors: Vendors, settings: Settings) -> None:
        row = connected(QUICKBOOKS, vendors, settings)

        fields.refresh(connection=row, now=NOW)

        assert row.vendor_fields.get(name="DisplayName").kind == "customer"
        assert not row.vendor_fields.get(kind="customer", name="Balance").writable

    def test_changes_nothing_when_it_is_repeated(self, vendors: Vendors, settings: Settings) -> None:
        row = connected(QUICKBOOKS, vendors, settings)
        fields.refresh(connection=row, now=NOW)
        before = list(row.vendor_fields.order_by("pk").values())

        fields.refresh(connection=row, now=NOW)

        assert list(row.vendor_fields.order_by("pk").values()) == before

    def test_marks_what_the_account_no_longer_has_and_takes_it_back(self, vendors: Vendors, settings: Settings) -> None:
        row = connected(QUICKBOOKS, vendors, settings)
        made.field(row, "OldCustomField")
        fields.refresh(connection=row, now=NOW)
        models.VendorField.objects.filter(name="DisplayName").update(archived=True)

        fields.refresh(connection=row, now=NOW)

        assert row.vendor_fields.get(name="OldCustomField").archived
        assert not row.vendor_fields.get(name="DisplayName").archived

    def test_keeps_what_it_knew_when_the_account_does_not_answer(self, vendors: Vendors, settings: Settings) -> None:
        row = connected(HUBSPOT, vendors, settings)
        made.field(row, "email", FieldType.EMAIL)
        vendors.control(HUBSPOT, "faults", {"match": {"path_regex": "properties"}, "times": 50, "fault": "status", "status": 403})

        with pytest.raises(errors.SyncError):
            fields.refresh(connection=row, now=NOW)

        assert not row.vendor_fields.get(name="email").archived

    def test_gives_the_recommended_settings_all_they_need(self, vendors: Vendors, settings: Settings) -> None:
        left, right = connected(HUBSPOT, vendors, settings), connected(QUICKBOOKS, vendors, settings)
        for row in (left, right):
            fields.refresh(connection=row, now=NOW)
        config = models.SyncConfig.objects.create(name="Contacts", left=left, right=right)

        defaults.fill(config=config, now=NOW)

        found = {(row.left_field.name, row.right_field.name) for row in config.mappings.all()}
        entry = defaults.of(config.object_pair)
        assert found == {(one.left, one.right) for one in entry.mappings}
        assert config.filter_groups.get().name == "Has a new HubSpot invoice"
        assert configs.problems(config=config) == ()
