"""What is particular to a sync of products: two keys, accounts that are chosen once, and what it refuses to be saved with."""

from __future__ import annotations

import json

import pytest
from pytest_django.fixtures import Settings

from syncapp import models
from syncapp.engine import errors
from syncapp.engine.vocabulary import CreateTo, Direction, NamePolicy, ObjectPair
from syncapp.services import configs, fields, rules
from tests.services import made
from tests.services.conftest import HUBSPOT, QUICKBOOKS, Vendors
from tests.services.made import NOW, Shop
from tests.services.test_connections import connected

pytestmark = pytest.mark.django_db


def found(shop: Shop) -> list[tuple[str, str]]:
    return [(one.field, one.words) for one in configs.problems(config=shop.config)]


class TestCreate:
    def test_recommends_products_from_the_books_only(self) -> None:
        left, right = made.hubspot(), made.quickbooks()
        made.product_fields(left)
        made.item_fields(right)

        config = configs.create(name="P", left=left, right=right, object_pair=ObjectPair.PRODUCT_ITEM, actor=None, now=NOW)

        assert (config.direction, config.create_to) == (Direction.TO_LEFT, CreateTo.LEFT)
        assert not config.filter_groups.exists()
        assert {(row.left_field.name, row.right_field.name) for row in config.mappings.all()} == {
            ("name", "Name"), ("hs_sku", "Sku"), ("description", "Description"), ("price", "UnitPrice"),
            ("hs_cost_of_goods_sold", "PurchaseCost"),
        }

    def test_maps_no_amounts_of_different_currencies(self) -> None:
        shop = Shop(left_currency="EUR")

        assert {row.left_field.name for row in shop.config.mappings.all()} == {"name", "hs_sku", "description"}

    def test_reads_the_fields_of_an_account_that_was_connected_before_products_were_known(
        self, vendors: Vendors, settings: Settings
    ) -> None:
        left, right = connected(HUBSPOT, vendors, settings), connected(QUICKBOOKS, vendors, settings)
        for connection in (left, right):
            fields.refresh(connection=connection, now=NOW)
            connection.vendor_fields.filter(kind__in=("products", "item")).delete()
            connection.refresh_from_db()

        config = configs.create(name="P", left=left, right=right, object_pair=ObjectPair.PRODUCT_ITEM, actor=None, now=NOW)

        assert config.mappings.count() == 5
        assert configs.problems(config=config) == ()


class TestAccounts:
    def test_are_needed_before_anything_is_created_in_quickbooks(self) -> None:
        shop = Shop()

        problems = found(shop)

        assert [field for field, _ in problems] == ["income_account", "expense_account"]
        assert "Choose one under Settings, or create nothing in QuickBooks." in problems[0][1]
        assert "“Purchasecost”" in problems[1][1]

    @pytest.mark.parametrize("changed", [{"direction": Direction.TO_LEFT, "create_to": CreateTo.LEFT}, {"create_to": CreateTo.LEFT}])
    def test_are_not_needed_where_nothing_is_created_there(self, changed: dict[str, str]) -> None:
        shop = Shop()
        for name, value in changed.items():
            setattr(shop.config, name, value)

        assert found(shop) == []

    def test_that_were_chosen_are_given_to_every_new_record(self) -> None:
        shop = Shop()
        shop.config.income_account, shop.config.expense_account = "2", "6"

        frozen = rules.freeze(config=shop.config)

        assert found(shop) == []
        assert [(one.field, one.value, one.words) for one in frozen.given] == [
            ("Type", "Service", ""), ("IncomeAccountRef", "2", "Sales (Income)"),
            ("ExpenseAccountRef", "6", "Cost of Goods Sold (Expense)"),
        ]
        assert rules.from_json(json.loads(json.dumps(rules.to_json(frozen)))) == frozen

    def test_that_are_gone_have_to_be_chosen_anew(self) -> None:
        shop = Shop()
        shop.config.income_account, shop.config.expense_account = "77", "6"

        assert [field for field, _ in found(shop)] == ["income_account"]

    def test_of_the_company_are_kept_with_the_fields(self, vendors: Vendors, settings: Settings) -> None:
        row = connected(QUICKBOOKS, vendors, settings)

        fields.refresh(connection=row, now=NOW)

        income, expense = (row.vendor_fields.get(name=name) for name in ("IncomeAccountRef", "ExpenseAccountRef"))
        assert "Services (Income)" in [label for _, label in income.choices]
        assert "Cost of Goods Sold (Cost of Goods Sold)" in [label for _, label in expense.choices]
        assert not any("Checking" in label for _, label in (*income.choices, *expense.choices))


class TestSettings:
    def test_refuse_to_put_items_under_one_another(self) -> None:
        shop = Shop()
        shop.config.name_policy = NamePolicy.SUB_CUSTOMER

        assert [field for field, _ in found(shop)][:1] == ["name_policy"]

    def test_say_in_which_currency_an_amount_is(self, vendors: Vendors, settings: Settings) -> None:
        left, right = connected(HUBSPOT, vendors, settings), connected(QUICKBOOKS, vendors, settings)
        for connection in (left, right):
            fields.refresh(connection=connection, now=NOW)

        assert left.vendor_fields.get(kind="products", name="price").currency == "USD"
        assert right.vendor_fields.get(kind="item", name="UnitPrice").currency == "USD"
        assert left.vendor_fields.get(kind="products", name="name").currency == ""


class TestRefresh:
    def test_goes_on_without_a_kind_that_the_account_does_not_let_us_see(self, vendors: Vendors, settings: Settings) -> None:
        row = connected(HUBSPOT, vendors, settings)
        refusal = {"match": {"path_regex": "properties/2026-09/(products|0-7)"}, "times": 9, "fault": "status", "status": 403}
        vendors.control(HUBSPOT, "faults", refusal)

        fields.refresh(connection=row, now=NOW)

        assert row.vendor_fields.filter(kind="contacts").exists()
        assert not models.VendorField.objects.filter(kind="products").exists()

    def test_raises_where_that_kind_is_what_is_needed(self, vendors: Vendors, settings: Settings) -> None:
        row = connected(HUBSPOT, vendors, settings)
        refusal = {"match": {"path_regex": "properties/2026-09/(products|0-7)"}, "times": 9, "fault": "status", "status": 403}
        vendors.control(HUBSPOT, "faults", refusal)

        with pytest.raises(errors.Rejected):
            fields.refresh(connection=row, now=NOW, needed="products")
