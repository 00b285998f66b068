from __future__ import annotations

from datetime import timedelta

import pytest

from syncapp import models
from syncapp.engine.vocabulary import Direction, FilterOperator, Side
from syncapp.services import configs, defaults, rules
from tests.services.made import NOW, TwoSides

pytestmark = pytest.mark.django_db


def mapped(config: models.SyncConfig) -> dict[tuple[str, str], tuple[str, bool]]:
    return {(row.left_field.name, row.right_field.name): (row.direction, row.fallback) for row in config.mappings.all()}


def conditions(config: models.SyncConfig, side: Side) -> list[tuple[str, str, list[str], bool]]:
    rows = models.FilterRule.objects.filter(group__config=config, group__side=side).order_by("position")
    return [(row.field.name, row.operator, row.values, row.frozen) for row in rows]


class TestFill:
    def test_maps_what_contacts_and_customers_have_in_common(self) -> None:
        sides = TwoSides()

        defaults.fill(config=sides.config, now=NOW)

        found = mapped(sides.config)
        assert found["email", "PrimaryEmailAddr.Address"] == (Direction.BOTH, False)
        assert found["zip", "BillAddr.PostalCode"] == (Direction.BOTH, False)
        assert found["fax", "Fax.FreeFormNumber"] == (Direction.BOTH, False)
        assert found["companies.name", "DisplayName"] == (Direction.TO_RIGHT, False)
        assert found["full_name", "DisplayName"] == (Direction.TO_RIGHT, True)
        assert len(found) == 15

    def test_takes_the_companys_name_for_the_display_name_and_else_the_persons(self) -> None:
        sides = TwoSides()

        defaults.fill(config=sides.config, now=NOW)

        frozen = rules.freeze(config=sides.config)
        (name,) = (one for one in frozen.mappings if one.right.name == "DisplayName")
        assert (name.left.name, [one.name for one in name.fallbacks]) == ("companies.name", ["full_name"])

    def test_is_fit_to_run(self) -> None:
        sides = TwoSides()

        defaults.fill(config=sides.config, now=NOW)

        assert configs.problems(config=sides.config) == ()

    def test_narrows_the_direction_where_a_field_is_read_only(self) -> None:
        sides = TwoSides()
        models.VendorField.objects.filter(pk=sides.left_fields["city"].pk).update(writable=False)

        defaults.fill(config=sides.config, now=NOW)

        assert mapped(sides.config)["city", "BillAddr.City"] == (Direction.TO_RIGHT, False)

    def test_leaves_out_what_an_account_does_not_have(self) -> None:
        sides = TwoSides()
        models.VendorField.objects.filter(pk=sides.left_fields["fax"].pk).update(archived=True)

        defaults.fill(config=sides.config, now=NOW)

        assert ("fax", "Fax.FreeFormNumber") not in mapped(sides.config)

    def test_counts_the_day_of_set_up_from_its_beginning_where_the_account_is(self) -> None:
        sides = TwoSides()
        models.Connection.objects.filter(pk=sides.left.pk).update(time_zone="America/New_York")
        sides.config.left.refresh_from_db()

        defaults.fill(config=sides.config, now=NOW)

        assert conditions(sides.config, Side.LEFT)[1][2] == ["2026-11-26T05:00:00.000Z"]

    def test_lets_contacts_in_that_have_a_new_hubspot_invoice(self) -> None:
        sides = TwoSides()

        defaults.fill(config=sides.config, now=NOW)

        assert conditions(sides.config, Side.LEFT) == [
            ("invoices.hs_invoice_status", FilterOperator.NONE_OF, ["draft"], True),
            ("invoices.hs_createdate", FilterOperator.AFTER, ["2026-11-26T00:00:00.000Z"], True),
            ("invoices.hs_invoice_source", FilterOperator.ANY_OF, ["hubspot_v2"], True),
        ]

    def test_lets_all_customers_in(self) -> None:
        sides = TwoSides()

        defaults.fill(config=sides.config, now=NOW)

        assert not sides.config.filter_groups.filter(side=Side.RIGHT).exists()

    def test_keeps_the_day_of_the_setup_for_good(self) -> None:
        sides = TwoSides()
        defaults.fill(config=sides.config, now=NOW)
        before = conditions(sides.config, Side.LEFT)

        configs.save_rules(config=sides.config, actor=None, now=NOW + timedelta(days=30))

        assert conditions(sides.config, Side.LEFT) == before

    def test_lets_only_new_contacts_in_where_the_account_has_no_invoices(self) -> None:
        sides = TwoSides()
        models.VendorField.objects.filter(connection=sides.left, associated_kind="invoices").delete()

        defaults.fill(config=sides.config, now=NOW)

        assert conditions(sides.config, Side.LEFT) == [("createdate", FilterOperator.AFTER, ["2026-11-26T00:00:00.000Z"], True)]
