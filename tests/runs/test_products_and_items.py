"""Products and items, run against both vendors in the sandbox: the same engine as for people, with two keys and accounts to name."""

from __future__ import annotations

import pytest

from syncapp import models
from syncapp.engine import errors
from syncapp.engine.vocabulary import CreateTo, Direction, PairState, Reason, RunState, System
from syncapp.services import configs
from tests.runs.company import Company
from tests.runs.meddling import meanwhile


def number_of(company: Company, name: str) -> int:
    """How many live products and active items have a name."""
    here = [row for row in company.products().values() if row.get("name") == name]
    return len(here) + len([row for row in company.items().values() if row["Name"] == name])


@pytest.mark.metered
class TestTheFirstRunIntoHubSpot:
    def test_is_recommended_and_takes_all_products_and_services(self, company: Company) -> None:
        company.sell()

        assert (company.config.direction, company.config.create_to) == (Direction.TO_LEFT, CreateTo.LEFT)
        assert not company.config.filter_groups.exists()

    def test_makes_a_product_of_every_item(self, company: Company) -> None:
        company.sell()
        company.service("Audit", Sku="A-1", Description="A look at the books", UnitPrice=120.5, PurchaseCost=40)

        run = company.run()

        (made,) = company.products().values()
        assert run.state == RunState.SUCCEEDED
        assert (made["name"], made["hs_sku"], made["description"]) == ("Audit", "A-1", "A look at the books")
        assert (made["price"], made["hs_cost_of_goods_sold"]) == ("120.5", "40")

    def test_writes_nothing_into_the_books(self, company: Company) -> None:
        company.sell()
        company.service("Audit")
        training = company.product(name="Training", hs_sku="T-1", price="99")

        company.run()

        assert company.quickbooks.written() == 0
        assert company.pair(left=training).reason == Reason.CREATE_OFF

    def test_needs_no_account(self, company: Company) -> None:
        company.sell(accounts=False)

        assert configs.problems(config=company.config) == ()

    def test_is_followed_by_a_run_that_writes_nothing(self, company: Company) -> None:
        company.sell()
        for name in ("Audit", "Training", "Travel"):
            company.service(name, UnitPrice=10)
        company.run()
        written = company.writes()

        company.run()

        assert (written, company.writes()) == (3, 3)


class TestMatching:
    def test_goes_by_sku_whatever_the_names_are(self, company: Company) -> None:
        company.sell()
        product = company.product(name="Yearly audit", hs_sku="a-1")
        found = company.service("Audit", Sku=" A-1 ")

        company.run()

        assert company.pair(left=product) == company.pair(right=found)
        assert company.products()[product]["name"] == "Audit"

    def test_goes_by_name_where_there_is_no_sku(self, company: Company) -> None:
        company.sell()
        product = company.product(name="audit", hs_sku="A-1")
        found = company.service("Audit")

        company.run()

        assert company.pair(left=product) == company.pair(right=found)

    def test_lets_the_sku_decide_against_the_name(self, company: Company) -> None:
        company.sell()
        namesake = company.product(name="Audit")
        same_sku = company.product(name="Yearly audit", hs_sku="A-1")
        found = company.service("Audit", Sku="A-1")

        company.run()

        assert company.pair(right=found) == company.pair(left=same_sku)
        left_over = company.pair(left=namesake)
        assert (left_over.state, left_over.reason) == (PairState.AMBIGUOUS, Reason.CANDIDATE_TAKEN)

    def test_leaves_a_sku_on_two_items_to_a_person(self, company: Company) -> None:
        company.sell()
        product = company.product(name="Audit", hs_sku="A-1")
        company.service("Audit small", Sku="A-1")
        company.service("Audit large", Sku="A-1")

        company.run()

        pair = company.pair(left=product)
        assert (pair.state, pair.reason, len(pair.detail["candidates"])) == (PairState.AMBIGUOUS, Reason.SEVERAL_CANDIDATES, 2)
        assert len(company.products()) == 1

    def test_leaves_the_second_of_two_items_with_one_sku_to_a_person(self, company: Company) -> None:
        company.sell()
        first = company.service("Audit small", Sku="A-1")
        second = company.service("Audit large", Sku="A-1")

        company.run()

        assert company.pair(right=first).state == PairState.LINKED
        assert company.pair(right=second).state == PairState.AMBIGUOUS
        assert len(company.products()) == 1


    def test_takes_a_create_back_that_was_never_sent_where_it_is_no_longer_sure_who_the_partner_is(self, company: Company) -> None:
        company.sell()
        first = company.service("Audit", Sku="A-1")
        with meanwhile(System.HUBSPOT, "find", before=_down):
            company.run()

        product = company.product(name="Assessment", hs_sku="A-1")
        second = company.service("Audit abroad", Sku="A-1")
        company.settle()

        assert list(company.products()) == [product]
        assert [company.pair(right=one).state for one in (first, second)] == [PairState.AMBIGUOUS] * 2

    def test_makes_a_second_product_for_a_namesake_with_a_sku_of_its_own(self, company: Company) -> None:
        company.sell()
        above = company.quickbooks.create("Item", Name="Advice", Type="Category")
        company.service("Audit", Sku="A-1")
        company.run()

        namesake = company.service("Audit", Sku="A-2", SubItem=True, ParentRef={"value": above})
        company.run()

        assert company.pair(right=namesake).state == PairState.LINKED
        assert sorted(row["hs_sku"] for row in company.products().values()) == ["A-1", "A-2"]


class TestWhatIsLeftAlone:
    def test_are_categories(self, company: Company) -> None:
        company.sell(direction=Direction.BOTH)
        above = company.quickbooks.create("Item", Name="Advice", Type="Category")
        below = company.service("Audit", SubItem=True, ParentRef={"value": above})
        product = company.product(name="Advice", price="1")

        company.run()

        assert [row["name"] for row in company.products().values() if row["name"] == "Audit"] == ["Audit"]
        assert not models.Record.objects.filter(kind="item", external_id=above).exists()
        refused = company.pair(left=product)
        assert (refused.state, refused.reason) == (PairState.FAILED, Reason.NAME_TAKEN)
        assert "category" in refused.detail["words"]
        assert company.pair(right=below).state == PairState.LINKED

    def test_is_the_stock_of_an_inventory_item(self, company: Company) -> None:
        company.sell(direction=Direction.BOTH)
        stocked = company.quickbooks.create(
            "Item", Name="Handbook", Type="Inventory", TrackQtyOnHand=True, QtyOnHand=7, InvStartDate="2026-01-01", UnitPrice=20,
            IncomeAccountRef={"value": company.book("Sales of Product Income")},
            ExpenseAccountRef={"value": company.book("Cost of Goods Sold")}, AssetAccountRef={"value": company.book("Inventory Asset")},
        )
        company.run()
        (product,) = company.products()
        company.hubspot.change("products", product, price="25", description="Second edition")

        company.run()

        kept = company.items()[stocked]
        assert (kept["Type"], kept["QtyOnHand"], kept["UnitPrice"], kept["Description"]) == ("Inventory", 7, 25, "Second edition")

    def test_are_the_terms_of_recurring_billing(self, company: Company) -> None:
        company.sell(direction=Direction.BOTH)
        product = company.product(name="Support", hs_sku="S-1", price="10", recurringbillingfrequency="monthly")
        company.service("Support plan", Sku="S-1", UnitPrice=12)

        company.run()

        assert company.products()[product]["recurringbillingfrequency"] == "monthly"
        field = models.VendorField.objects.get(kind="products", name="recurringbillingfrequency")
        assert not field.writable

    def test_is_an_inactive_item(self, company: Company) -> None:
        company.sell()
        gone = company.service("Audit", Active=True)
        company.quickbooks.delete("Item", gone)

        company.run()

        assert company.products() == {}
        assert company.pair(right=gone).reason == Reason.INACTIVE


class TestAnItemThatIsMadeInactive:
    def test_leaves_its_product_alone_and_asks(self, company: Company) -> None:
        company.sell()
        found = company.service("Audit", Sku="A-1")
        company.run()

        company.quickbooks.delete("Item", found)
        company.run()

        pair = company.pair(right=found)
        assert (pair.state, pair.reason) == (PairState.ORPHANED, Reason.PARTNER_DELETED)
        assert [row["name"] for row in company.products().values()] == ["Audit"]
        assert pair.right is not None and pair.right.label == "Audit"

    def test_goes_on_when_it_is_active_again(self, company: Company) -> None:
        company.sell()
        found = company.service("Audit")
        company.run()
        company.quickbooks.delete("Item", found)
        company.run()

        company.quickbooks.change("Item", found, Active=True, UnitPrice=9)
        company.run()

        assert company.pair(right=found).state == PairState.LINKED
        assert [(row["name"], row["price"]) for row in company.products().values()] == [("Audit", "9")]


@pytest.mark.parametrize("strict", [False, True], ids=["our key is kept", "our key is refused"])
class TestACreateWithoutAnAnswer:
    def test_makes_no_twin_in_hubspot(self, company: Company, strict: bool) -> None:
        company.hubspot.control("switch", {"strict_unknown": strict})
        company.sell()
        found = company.service("Audit", Sku="A-1", UnitPrice=5)
        company.hubspot.breaks("drop_after_commit", "products/batch/(upsert|create)")

        company.run()
        company.settle()

        assert [row["name"] for row in company.products().values()] == ["Audit"]
        assert company.pair(right=found).state == PairState.LINKED
        assert company.hubspot.written() == 1

    def test_is_sent_again_where_it_never_arrived(self, company: Company, strict: bool) -> None:
        company.hubspot.control("switch", {"strict_unknown": strict})
        company.sell()
        company.service("Audit", UnitPrice=5)
        company.hubspot.breaks("drop_before", "products/batch/(upsert|create)")

        company.run()
        company.settle()

        assert [row["name"] for row in company.products().values()] == ["Audit"]

    def test_makes_no_twin_while_the_search_lags_behind(self, company: Company, strict: bool) -> None:
        company.hubspot.control("switch", {"strict_unknown": strict, "index_delay": 600.0})
        company.sell()
        company.service("Audit", UnitPrice=5)
        company.hubspot.breaks("drop_after_commit", "products/batch/(upsert|create)")

        company.run()
        company.settle()

        assert [row["name"] for row in company.products().values()] == ["Audit"]

    def test_makes_no_twin_in_quickbooks(self, company: Company, strict: bool) -> None:
        company.hubspot.control("switch", {"strict_unknown": strict})
        company.sell(direction=Direction.BOTH)
        product = company.product(name="Training", hs_sku="T-1", price="1")
        company.quickbooks.breaks("drop_after_commit", "/batch")

        company.run()
        company.settle()

        assert number_of(company, "Training") == 2
        assert company.pair(left=product).state == PairState.LINKED
        assert company.quickbooks.written() == 1


class TestWhereOurKeyIsRefused:
    def test_two_namesakes_without_an_answer_are_told_apart_by_their_skus(self, company: Company) -> None:
        company.hubspot.control("switch", {"strict_unknown": True})
        company.sell()
        above = company.quickbooks.create("Item", Name="Advice", Type="Category")
        first = company.service("Audit", Sku="A-1", UnitPrice=1)
        second = company.service("Audit", Sku="A-2", UnitPrice=2, SubItem=True, ParentRef={"value": above})
        company.hubspot.breaks("drop_after_commit", "products/batch/create")

        company.run()
        company.settle()

        prices = {row["hs_sku"]: row["price"] for row in company.products().values()}
        assert (prices, len(company.products())) == ({"A-1": "1", "A-2": "2"}, 2)
        assert [company.pair(right=one).state for one in (first, second)] == [PairState.LINKED, PairState.LINKED]

    def test_a_product_that_somebody_just_made_is_matched_and_not_made_twice(self, company: Company) -> None:
        company.hubspot.control("switch", {"strict_unknown": True, "index_delay": 600.0})
        company.sell()
        company.service("Audit", Sku="A-1", UnitPrice=5)
        run = company.start()
        company.product(name="Audit", hs_sku="A-1", price="4")

        company.finish(run)
        company.settle()

        assert [(row["name"], row["price"]) for row in company.products().values()] == [("Audit", "5")]

    def test_contacts_still_insist_on_it(self, company: Company) -> None:
        company.hubspot.control("switch", {"strict_unknown": True})
        company.customer(DisplayName="Ann Archer", GivenName="Ann", FamilyName="Archer", email="ann@example.com")

        company.run()

        (made,) = company.contacts().values()
        assert made["syncapp_key"]


def _down() -> None:
    raise errors.Transient("HubSpot is down.")
