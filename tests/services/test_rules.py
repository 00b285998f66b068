from __future__ import annotations

import json

import pytest

from syncapp import models
from syncapp.connectors import base
from syncapp.engine import rules as engine_rules
from syncapp.engine import transforms
from syncapp.engine.vocabulary import (
    ConflictRule,
    Direction,
    FieldType,
    FilterOperator,
    MatchMode,
    ObjectPair,
    Side,
    TransformKind,
)
from syncapp.services import defaults, needs, rules
from tests.services import made
from tests.services.made import NOW, TwoSides

pytestmark = pytest.mark.django_db


def filtered(
    sides: TwoSides, field: str, operator: FilterOperator, *values: str, name: str = "Group", side: Side = Side.LEFT
) -> None:
    group = models.FilterGroup.objects.create(config=sides.config, side=side, name=name)
    known = sides.left_fields if side is Side.LEFT else sides.right_fields
    models.FilterRule.objects.create(group=group, field=known[field], operator=operator, values=list(values))


class TestFreeze:
    def test_copies_a_mapping_with_its_fields_and_values(self) -> None:
        sides = TwoSides()
        row = sides.mapping("email", "PrimaryEmailAddr.Address", conflict_rule=ConflictRule.ASK, clears=True)
        models.ValueMapping.objects.create(mapping=row, left_value="a", right_value="b")

        (mapping,) = rules.freeze(config=sides.config).mappings

        assert (mapping.key, mapping.left.name, mapping.right.name) == (row.key, "email", "PrimaryEmailAddr.Address")
        assert (mapping.left.type, mapping.left.unique, mapping.right.max_length) == (FieldType.EMAIL, True, 100)
        assert (mapping.conflict, mapping.clears, mapping.value_map) == (ConflictRule.ASK, True, (("a", "b"),))

    def test_copies_the_steps_of_a_mapping_in_their_order(self) -> None:
        row = TwoSides().mapping("firstname", "GivenName")
        models.Transform.objects.create(mapping=row, kind=TransformKind.UPPER, side=Side.LEFT, position=2)
        models.Transform.objects.create(mapping=row, kind=TransformKind.TRUNCATE, setting="9", position=1)

        (mapping,) = rules.freeze(config=row.config).mappings

        assert mapping.transforms == (
            transforms.Transform(side=Side.RIGHT, kind=TransformKind.TRUNCATE, setting="9"),
            transforms.Transform(side=Side.LEFT, kind=TransformKind.UPPER),
        )

    def test_leaves_out_steps_toward_a_side_that_the_sync_does_not_write(self) -> None:
        row = TwoSides().mapping("firstname", "GivenName")
        models.Transform.objects.create(mapping=row, kind=TransformKind.UPPER, side=Side.LEFT)
        row.config.direction = Direction.TO_RIGHT

        assert rules.freeze(config=row.config).mappings[0].transforms == ()

    def test_joins_a_fallback_to_the_mapping_of_the_same_field(self) -> None:
        sides = TwoSides()
        main = sides.mapping("companies.name", "DisplayName", Direction.TO_RIGHT)
        sides.mapping("full_name", "DisplayName", Direction.TO_RIGHT, fallback=True)

        (mapping,) = rules.freeze(config=sides.config).mappings

        assert mapping.key == main.key
        assert [one.name for one in mapping.fallbacks] == ["full_name"]

    def test_lets_the_fallback_take_the_place_of_a_mapping_that_is_off(self) -> None:
        sides = TwoSides()
        sides.mapping("companies.name", "DisplayName", Direction.TO_RIGHT, active=False)
        fallback = sides.mapping("full_name", "DisplayName", Direction.TO_RIGHT, fallback=True)

        (mapping,) = rules.freeze(config=sides.config).mappings

        assert (mapping.key, mapping.left.name, mapping.fallbacks) == (fallback.key, "full_name", ())

    def test_leaves_out_what_is_switched_off(self) -> None:
        sides = TwoSides()
        sides.mapping("firstname", "GivenName", active=False)

        assert rules.freeze(config=sides.config).mappings == ()

    def test_copies_filters_by_side_and_leaves_empty_groups_out(self) -> None:
        sides = TwoSides()
        filtered(sides, "city", FilterOperator.EQUALS, "Łódź", name="In Łódź")
        models.FilterGroup.objects.create(config=sides.config, side=Side.LEFT, name="Empty")

        frozen = rules.freeze(config=sides.config)

        assert [(group.name, [rule.values for rule in group.rules]) for group in frozen.left_filters] == [("In Łódź", [("Łódź",)])]
        assert frozen.right_filters == ()

    def test_matches_by_the_usual_key(self) -> None:
        frozen = rules.freeze(config=TwoSides().config)

        assert frozen.match_keys == (engine_rules.MatchKey(left="email", right="PrimaryEmailAddr.Address", type=FieldType.EMAIL),)
        assert frozen.key_required

    def test_matches_by_the_fields_of_a_persons_choice_alone(self) -> None:
        sides = TwoSides()
        sides.config.match_mode = MatchMode.OWN_FIELD
        sides.config.match_left, sides.config.match_right = sides.left_fields["company"], sides.right_fields["WebAddr.URI"]

        frozen = rules.freeze(config=sides.config)

        assert frozen.match_keys == (engine_rules.MatchKey(left="company", right="WebAddr.URI", type=FieldType.URL),)

    def test_requires_no_key_where_nothing_is_matched(self) -> None:
        sides = TwoSides()
        sides.config.match_mode = MatchMode.NONE

        frozen = rules.freeze(config=sides.config)

        assert (frozen.match_keys, frozen.key_required) == ((), False)

    def test_follows_the_clock_of_the_hubspot_account(self) -> None:
        sides = TwoSides()
        sides.left.time_zone = "Europe/Warsaw"
        sides.left.save()
        sides.config.refresh_from_db()

        assert rules.freeze(config=sides.config).time_zone == "Europe/Warsaw"


class TestJson:
    def test_comes_back_as_it_was(self) -> None:
        sides = TwoSides()
        defaults.fill(config=sides.config, now=NOW)
        row = sides.mapping("createdate", "BillAddr.Line1", Direction.TO_RIGHT, active=False)
        row.right_field = made.field(sides.right, "Notes")
        row.active = True
        row.save()
        models.ValueMapping.objects.create(mapping=row, left_value="a", right_value="b")
        models.Transform.objects.create(mapping=row, kind=TransformKind.TEMPLATE, setting="{city}, {zip}")
        frozen = rules.freeze(config=sides.config)

        back = rules.from_json(json.loads(json.dumps(rules.to_json(frozen))))

        assert back == frozen
        assert back.mappings[0].direction is frozen.mappings[0].direction


    def test_of_a_run_before_there_were_steps_is_still_read(self) -> None:
        sides = TwoSides()
        sides.mapping("firstname", "GivenName")
        frozen = rules.freeze(config=sides.config)
        old = json.loads(json.dumps(rules.to_json(frozen)))
        for mapping in old["mappings"]:
            del mapping["transforms"]

        assert rules.from_json(old) == frozen


class TestWanted:
    def test_names_what_a_text_is_put_together_from(self) -> None:
        sides = TwoSides()
        there = sides.mapping("firstname", "GivenName", Direction.TO_RIGHT)
        back = sides.mapping("city", "BillAddr.City", Direction.TO_LEFT)
        models.Transform.objects.create(mapping=there, kind=TransformKind.TEMPLATE, setting="{lastname} of {companies.name}")
        models.Transform.objects.create(mapping=back, kind=TransformKind.TEMPLATE, side=Side.LEFT, setting="{BillAddr.Country}")

        left = needs.of(connection_id=sides.left.pk).wanted(kind="contacts")
        right = needs.of(connection_id=sides.right.pk).wanted(kind="customer")

        assert ("lastname" in left.fields, left.links) == (True, ("companies",))
        assert "BillAddr.Country" in right.fields
        assert "lastname" not in right.fields

    def test_names_what_is_mapped_matched_filtered_and_shown(self) -> None:
        sides = TwoSides()
        sides.mapping("city", "BillAddr.City")
        filtered(sides, "zip", FilterOperator.EQUALS, "1")

        left = needs.of(connection_id=sides.left.pk).wanted(kind="contacts")
        right = needs.of(connection_id=sides.right.pk).wanted(kind="customer")

        assert left == base.Wanted(kind="contacts", fields=("city", "email", "firstname", "lastname", "zip"))
        assert right == base.Wanted(kind="customer", fields=("BillAddr.City", "DisplayName", "PrimaryEmailAddr.Address"))

    def test_leads_from_a_record_to_those_associated_with_it(self) -> None:
        sides = TwoSides()
        sides.mapping("companies.name", "DisplayName", Direction.TO_RIGHT)
        filtered(sides, "invoices.hs_invoice_status", FilterOperator.ANY_OF, "open")

        assert needs.of(connection_id=sides.left.pk).looks == {("contacts", "companies"), ("contacts", "invoices")}
        assert needs.of(connection_id=sides.left.pk).wanted(kind="contacts").links == ("companies",)
        assert needs.of(connection_id=sides.left.pk).wanted(kind="companies").links == ()
        assert needs.of(connection_id=sides.left.pk).wanted(kind="invoices").links == ("contacts",)
        assert needs.of(connection_id=sides.left.pk).wanted(kind="companies").fields == ("name",)
        assert needs.of(connection_id=sides.left.pk).wanted(kind="invoices").fields == ("hs_invoice_status", "hs_number")

    def test_looks_at_the_fields_that_a_filter_compares_with(self) -> None:
        sides = TwoSides()
        filtered(sides, "createdate", FilterOperator.AFTER_FIELD, "closedate")

        assert "closedate" in needs.of(connection_id=sides.left.pk).wanted(kind="contacts").fields

    def test_reads_what_any_sync_of_the_account_needs(self) -> None:
        sides = TwoSides()
        sides.mapping("city", "BillAddr.City")
        other = models.SyncConfig.objects.create(
            name="Other", left=sides.left, right=made.quickbooks("77"), object_pair=ObjectPair.CONTACT_CUSTOMER
        )
        models.FieldMapping.objects.create(
            config=other, left_field=sides.left_fields["state"], right_field=sides.right_fields["BillAddr.Country"]
        )

        assert {"city", "state"} <= set(needs.of(connection_id=sides.left.pk).wanted(kind="contacts").fields)
        assert "BillAddr.City" not in needs.of(connection_id=other.right_id).wanted(kind="customer").fields

    def test_takes_an_address_part_for_a_field_not_for_a_kind(self) -> None:
        sides = TwoSides()
        sides.mapping("city", "BillAddr.City")

        assert needs.of(connection_id=sides.right.pk).wanted(kind="customer").links == ()
        assert needs.of(connection_id=sides.right.pk).looks == frozenset()

    def test_leads_from_a_customer_to_the_invoices_that_name_it(self) -> None:
        sides = TwoSides()
        sides.right_fields["invoice.Balance"] = made.field(
            sides.right, "invoice.Balance", FieldType.NUMBER, associated_kind="invoice", writable=False
        )
        filtered(sides, "invoice.Balance", FilterOperator.GREATER, "0", side=Side.RIGHT)

        assert needs.of(connection_id=sides.right.pk).looks == {("customer", "invoice")}
        assert needs.of(connection_id=sides.right.pk).wanted(kind="customer").links == ()
        assert needs.of(connection_id=sides.right.pk).wanted(kind="invoice") == base.Wanted(
            kind="invoice", fields=("Balance", "DocNumber"), links=("customer",)
        )

    def test_asks_for_the_past_where_a_filter_does(self) -> None:
        sides = TwoSides()
        filtered(sides, "city", FilterOperator.EVER_EQUALED, "Bath")
        filtered(sides, "zip", FilterOperator.EQUALS, "1")
        filtered(sides, "full_name", FilterOperator.EVER_EQUALED, "Ann")
        filtered(sides, "invoices.hs_invoice_status", FilterOperator.NEVER_ANY_OF, "draft")
        filtered(sides, "Balance", FilterOperator.EVER_EQUALED, "1", side=Side.RIGHT)

        assert needs.of(connection_id=sides.left.pk).wanted(kind="contacts").history == ("city",)
        assert needs.of(connection_id=sides.left.pk).wanted(kind="invoices").history == ("hs_invoice_status",)
        assert needs.of(connection_id=sides.right.pk).wanted(kind="customer").history == ()


class TestBothDirections:
    """An invoice looks at its contact while a contact looks at its invoices."""

    def looked_at(self, monkeypatch: pytest.MonkeyPatch, *needed: tuple[str, str, bool]) -> None:
        monkeypatch.setattr(needs.Needs, "_needed", property(lambda _: set(needed)))

    def test_are_read_from_one_end_the_same_for_every_sync(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.looked_at(
            monkeypatch, ("contacts", "invoices.hs_invoice_status", False), ("invoices", "contacts.city", True),
            ("invoices", "companies.name", False), ("invoices", "hs_title", False),
        )

        contacts, invoices, companies, deals = (
            needs.of(connection_id=1).wanted(kind=kind) for kind in ("contacts", "invoices", "companies", "deals")
        )

        assert (contacts.links, invoices.links, companies.links, deals.links) == ((), ("companies", "contacts"), (), ())
        assert (contacts.fields, contacts.history) == (("city", "email", "firstname", "lastname"), ("city",))
        assert invoices.fields == ("hs_invoice_status", "hs_number", "hs_title")
        assert (deals.fields, needs.of(connection_id=1).looks) == (
            ("dealname",), {("contacts", "invoices"), ("invoices", "contacts"), ("invoices", "companies")},
        )

    def test_of_quickbooks_are_read_from_the_invoice(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.looked_at(monkeypatch, ("customer", "invoice.Balance", False), ("invoice", "customer.Balance", False))

        assert needs.of(connection_id=1).wanted(kind="invoice").links == ("customer",)
        assert needs.of(connection_id=1).wanted(kind="customer").links == ()


class TestKeyFields:
    def test_lists_the_keys_of_all_syncs_the_oldest_first(self) -> None:
        sides = TwoSides()
        models.SyncConfig.objects.create(
            name="Other", left=sides.left, right=made.quickbooks("77"), object_pair=ObjectPair.CONTACT_CUSTOMER,
            match_mode=MatchMode.OWN_FIELD, match_left=sides.left_fields["company"], match_right=sides.right_fields["CompanyName"],
        )

        found = needs.of(connection_id=sides.left.pk).key_fields(kind="contacts")

        assert found == (("email", FieldType.EMAIL), ("company", FieldType.TEXT))
