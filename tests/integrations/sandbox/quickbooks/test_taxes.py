from __future__ import annotations

from typing import Any

import pytest

from tests.integrations.sandbox.quickbooks.conftest import Books


def line(amount: float, code: str = "", **detail: Any) -> dict[str, Any]:
    inner = {**detail, "TaxCodeRef": {"value": code}} if code else detail
    return {"Amount": amount, "DetailType": "SalesItemLineDetail", "SalesItemLineDetail": inner}


def off(percent: float) -> dict[str, Any]:
    return {"DetailType": "DiscountLineDetail", "DiscountLineDetail": {"PercentBased": True, "DiscountPercent": percent}}


@pytest.fixture
def shop(books: Books) -> Books:
    books.customer("Jane")
    return books


def british(books: Books, country: str = "GB", currency: str = "GBP") -> Books:
    books.realm = "77"
    books.tokens = books.face.mint({"realm_id": "77", "country": country, "home_currency": currency})
    books.customer("Jane")
    return books


def bill(shop: Books, *lines: Any, **more: Any) -> Any:
    return shop.write("Invoice", {"CustomerRef": {"value": "1"}, "Line": list(lines), **more})


class TestAutomatedTax:
    def test_is_computed_line_by_line_and_part_by_part(self, shop: Books) -> None:
        shop.switch("automated_tax", True)
        invoice = bill(shop, line(10.1, "TAX"), line(10.1, "TAX"), line(50, "NON"), TxnTaxDetail={"TotalTax": 99})

        parts = [(each["Amount"], each["TaxLineDetail"]["TaxPercent"]) for each in invoice["TxnTaxDetail"]["TaxLine"]]
        assert parts == [(1.22, 6), (0.26, 1.25), (0.28, 1.375)]
        assert (invoice["TxnTaxDetail"]["TotalTax"], invoice["TotalAmt"]) == (1.76, 71.96)
        assert invoice["TxnTaxDetail"]["TaxLine"][0]["TaxLineDetail"]["NetAmountTaxable"] == 20.2

    def test_may_come_after_the_discount(self, shop: Books) -> None:
        shop.switch("automated_tax", True)

        assert bill(shop, line(100, "TAX"), off(50))["TotalAmt"] == 58.63
        assert bill(shop, line(100, "TAX"), off(50), ApplyTaxAfterDiscount=True)["TotalAmt"] == 54.32

    def test_marks_taxable_products_of_taxable_customers(self, shop: Books) -> None:
        shop.switch("automated_tax", True)
        shop.item("Box", Taxable=True)
        shop.customer("Charity", Taxable=False)
        ref = {"value": "1"}
        taxed, free = bill(shop, line(100, ItemRef=ref)), bill(shop, line(100, ItemRef=ref), CustomerRef={"value": "2"})

        assert (taxed["TxnTaxDetail"]["TotalTax"], free["TxnTaxDetail"]) == (8.63, {"TotalTax": 0})

    def test_is_shown_in_the_preferences(self, shop: Books) -> None:
        before = shop.read("Preferences", "1")["TaxPrefs"]
        shop.switch("automated_tax", True)

        assert before == {"UsingSalesTax": False}
        assert shop.read("Preferences", "1")["TaxPrefs"]["PartnerTaxEnabled"] is True

    def test_can_be_a_preference(self, shop: Books) -> None:
        shop.prefer("TaxPrefs", UsingSalesTax=True, PartnerTaxEnabled=True)

        assert bill(shop, line(100, "TAX"))["TxnTaxDetail"]["TotalTax"] == 8.63

    def test_goes_with_a_void(self, shop: Books) -> None:
        shop.switch("automated_tax", True)
        bill(shop, line(100, "TAX"))

        assert shop.end("void", "Invoice", "1")["TxnTaxDetail"] == {"TotalTax": 0}


class TestOlderAmericanTax:
    def test_follows_from_the_code_of_the_transaction(self, shop: Books) -> None:
        invoice = bill(shop, line(100, "TAX"), line(7, "NON"), TxnTaxDetail={"TxnTaxCodeRef": {"value": "3"}})

        assert (invoice["TxnTaxDetail"]["TotalTax"], invoice["TotalAmt"]) == (7.6, 114.6)

    def test_is_taken_as_a_sum_without_one(self, shop: Books) -> None:
        assert bill(shop, line(100, "TAX"), TxnTaxDetail={"TotalTax": 8.25})["TotalAmt"] == 108.25

    @pytest.mark.parametrize(
        ("lines", "more", "code"),
        [
            ([line(1, "2")], {}, "6100"),
            ([line(1, "CustomSalesTax")], {}, "6160"),
            ([line(1, "TAX")], {"TxnTaxDetail": {"TxnTaxCodeRef": {"value": "99"}}}, "2500"),
            ([line(1, "TAX")], {"TxnTaxDetail": {"TxnTaxCodeRef": {"value": "TAX"}}}, "2500"),
            ([line(1, "TAX")], {"TxnTaxDetail": {"Sum": 1}}, "2010"),
        ],
    )
    def test_refuses_other_codes(self, shop: Books, lines: Any, more: dict[str, Any], code: str) -> None:
        bill(shop, *lines, **more)

        assert shop.code() == code


class TestTaxAbroad:
    @pytest.mark.parametrize("code", ["", "TAX", "99"])
    def test_needs_a_code_of_the_company_on_every_line(self, books: Books, code: str) -> None:
        shop = british(books)
        bill(shop, line(100, "2"), line(1, code))

        assert (shop.code(), shop.fault()["element"]) == ("6100", "Line.TaxCodeRef")

    def test_is_laid_on_each_line(self, books: Books) -> None:
        shop = british(books)
        invoice = bill(shop, line(100, "2"), line(100, "3"), line(100, "4"))

        assert (invoice["GlobalTaxCalculation"], invoice["TxnTaxDetail"]["TotalTax"], invoice["TotalAmt"]) == ("TaxExcluded", 25.0, 325.0)

    def test_comes_after_the_discount(self, books: Books) -> None:
        assert bill(british(books), line(100, "2"), line(50, "2"), off(10))["TotalAmt"] == 162.0

    def test_has_several_components_where_the_province_has(self, books: Books) -> None:
        invoice = bill(british(books, "CA", "CAD"), line(10, "4"))

        assert [each["Amount"] for each in invoice["TxnTaxDetail"]["TaxLine"]] == [0.5, 0.7]

    def test_included_is_taken_out_of_the_amount(self, books: Books) -> None:
        shop = british(books)
        invoice = bill(shop, line(120.01, "2"), GlobalTaxCalculation="TaxInclusive")
        again = shop.write("Invoice", {**invoice, "sparse": False})

        assert (invoice["Line"][0]["Amount"], invoice["TxnTaxDetail"]["TotalTax"], invoice["TotalAmt"]) == (100.01, 20.0, 120.01)
        assert (again["TotalAmt"], again["SyncToken"]) == (120.01, "0")

    def test_can_be_out_of_the_question(self, books: Books) -> None:
        assert bill(british(books), line(100), GlobalTaxCalculation="NotApplicable")["TotalAmt"] == 100.0


class TestTaxLists:
    def test_hold_the_american_words(self, shop: Books) -> None:
        codes = shop.query("select * from TaxCode orderby Id")["TaxCode"]

        assert [code["Id"] for code in codes] == ["2", "3", "TAX", "NON"]
        assert shop.read("TaxCode", "TAX")["Taxable"] is True
        assert shop.names("select * from TaxCode where Id = 'NON'", "TaxCode", "Name") == ["NON"]

    def test_keep_their_words_to_themselves(self, shop: Books) -> None:
        shop.read("Customer", "TAX")

        assert shop.code() == "2030"

    def test_lead_from_the_code_to_the_rate_to_the_agency(self, books: Books) -> None:
        shop = british(books)
        rate = shop.read("TaxCode", "2")["SalesTaxRateList"]["TaxRateDetail"][0]["TaxRateRef"]["value"]

        assert shop.read("TaxRate", rate)["RateValue"] == 20
        assert shop.read("TaxAgency", shop.read("TaxRate", rate)["AgencyRef"]["value"])["DisplayName"] == "Tax office"
        assert shop.read("CompanyInfo", "77")["Country"] == "GB"

    @pytest.mark.parametrize("body", [{"Name": "New"}, {"Id": "2", "SyncToken": "0", "Name": "New"}])
    def test_are_not_written(self, shop: Books, body: dict[str, Any]) -> None:
        shop.write("TaxCode", body)

        assert shop.code() == "500"
