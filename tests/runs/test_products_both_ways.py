"""Products that flow both ways, and the accounts that a new item needs."""

from __future__ import annotations

import pytest

from syncapp.engine.vocabulary import Direction, NamePolicy, PairState, Reason
from syncapp.services import configs, fields, runs
from tests.runs.company import Company


class TestBothWays:
    def test_makes_an_item_with_the_accounts_that_were_chosen(self, company: Company) -> None:
        company.sell(direction=Direction.BOTH)
        company.product(name="Training", hs_sku="T-1", price="99.5", hs_cost_of_goods_sold="30", description="A day")

        company.run()

        (made,) = company.items().values()
        assert (made["Name"], made["Sku"], made["UnitPrice"], made["PurchaseCost"]) == ("Training", "T-1", 99.5, 30)
        assert (made["Type"], made["Description"]) == ("Service", "A day")
        assert made["IncomeAccountRef"]["value"] == company.book("Sales")
        assert made["ExpenseAccountRef"]["value"] == company.book("Cost of Goods Sold")

    def test_makes_non_inventory_items_where_the_sync_says_so(self, company: Company) -> None:
        company.sell(direction=Direction.BOTH)
        company.set(new_product_type="NonInventory")
        company.product(name="Handbook", price="20")

        company.run()

        assert [row["Type"] for row in company.items().values()] == ["NonInventory"]

    def test_carries_edits_to_the_other_side(self, company: Company) -> None:
        company.sell(direction=Direction.BOTH)
        company.product(name="Training", hs_sku="T-1", price="99")
        found = company.service("Audit", Sku="A-1", UnitPrice=120)
        company.run()
        by_name = {row["name"]: key for key, row in company.products().items()}
        made = next(key for key, row in company.items().items() if row["Name"] == "Training")

        company.hubspot.change("products", by_name["Audit"], price="130", name="Annual audit")
        company.quickbooks.change("Item", made, Description="One day", UnitPrice=101)
        company.run()

        assert (company.items()[found]["Name"], company.items()[found]["UnitPrice"]) == ("Annual audit", 130)
        training = company.products()[by_name["Training"]]
        assert (training["description"], training["price"]) == ("One day", "101")

    def test_a_second_run_writes_nothing(self, company: Company) -> None:
        company.sell(direction=Direction.BOTH)
        company.product(name="Training: basics", price="99.999", description="One\nTwo ")
        company.service("Audit", UnitPrice=0.333333)
        company.run()
        written = company.writes()

        company.run()

        assert written > 0
        assert company.writes() == written
        assert [row["Name"] for row in company.items().values() if row["UnitPrice"] != 0.333333] == ["Training basics"]

    def test_keeps_prices_to_the_last_digit(self, company: Company) -> None:
        company.sell(direction=Direction.BOTH)
        product = company.product(name="Training", price="0.1")
        company.run()

        company.hubspot.change("products", product, price="1234567.005")
        company.run()

        (made,) = company.items().values()
        assert str(made["UnitPrice"]) == "1234567.005"

    def test_says_of_which_product_the_name_is_too_long(self, company: Company) -> None:
        company.sell(direction=Direction.BOTH)
        product = company.product(name="N" * 101, price="1")

        company.run()

        pair = company.pair(left=product)
        assert (pair.state, pair.reason) == (PairState.FAILED, Reason.TOO_LONG)
        assert "100 characters" in str(pair.detail)

    def test_of_a_product_without_a_name_say_that_it_is_needed(self, company: Company) -> None:
        company.sell(direction=Direction.BOTH)
        product = company.product(name="Training", hs_sku="T-1", price="1")
        company.hubspot.change("products", product, name="")

        company.run()

        assert (company.pair(left=product).state, company.pair(left=product).reason) == (PairState.FAILED, Reason.MISSING_REQUIRED)

    def test_a_taken_name_gets_a_suffix_where_the_sync_says_so(self, company: Company) -> None:
        company.sell(direction=Direction.BOTH)
        company.set(name_policy=NamePolicy.SUFFIX)
        company.quickbooks.create("Item", Name="Advice", Type="Category")
        company.product(name="Advice", price="1")

        company.run()

        assert sorted(row["Name"] for row in company.items().values()) == ["Advice", "Advice (2)"]


class TestAccounts:
    def test_have_to_be_chosen_before_items_can_be_made(self, company: Company) -> None:
        company.sell(direction=Direction.BOTH, accounts=False)

        with pytest.raises(configs.ConfigRefused) as refused:
            configs.activate(config=company.config, actor=company.alice, now=company.clock.now())

        assert [problem.field for problem in refused.value.problems] == ["income_account", "expense_account"]
        assert "Choose one under Settings" in str(refused.value)

    def test_of_expenses_are_not_needed_where_no_cost_is_written(self, company: Company) -> None:
        company.sell(direction=Direction.BOTH, accounts=False)
        company.config.mappings.filter(right_field__name="PurchaseCost").update(direction=Direction.TO_LEFT)
        company.set(income_account=company.account("IncomeAccountRef", "Sales ("))
        company.product(name="Training", price="1", hs_cost_of_goods_sold="3")

        company.run()

        assert [row["Name"] for row in company.items().values()] == ["Training"]

    def test_that_went_stop_the_sync_once_that_is_known(self, company: Company) -> None:
        company.sell(direction=Direction.BOTH)
        company.quickbooks.change("Account", company.book("Sales"), Active=False)
        fields.refresh(connection=company.config.right, now=company.clock.now())

        with pytest.raises(runs.CannotStart, match="income account that was chosen"):
            company.start()

    def test_that_went_unnoticed_make_the_pair_fail_until_another_is_chosen(self, company: Company) -> None:
        company.sell(direction=Direction.BOTH)
        product = company.product(name="Training", price="1")
        company.quickbooks.change("Account", company.book("Sales"), Active=False)

        company.run()
        failed = company.pair(left=product)
        company.set(income_account=company.account("IncomeAccountRef", "Services"))
        company.run()

        assert failed.state == PairState.FAILED
        assert failed.reason in (Reason.REFUSED, Reason.ACCOUNT_MISSING)
        assert company.pair(left=product).state == PairState.LINKED
