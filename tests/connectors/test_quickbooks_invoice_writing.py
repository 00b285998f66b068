"""Invoices written into QuickBooks: what a new one holds, what stays of one that is changed, and what is refused in which words."""

from __future__ import annotations

from decimal import Decimal

import pytest

from syncapp.connectors import base
from syncapp.connectors.quickbooks import QuickBooksConnector
from syncapp.engine import errors, records
from syncapp.engine.lines import Line, LineKind
from syncapp.engine.vocabulary import OperationKind
from tests.connectors import invoicing
from tests.connectors.invoicing import (
    create,
    error_of,
    invoice,
    item,
    less,
    lines_of,
    one,
    product,
    raw,
    record_of,
    refusal,
    shown,
    sold,
    tax,
    told,
    update,
)
from tests.integrations.quickbooks_client import sandboxed
from tests.integrations.quickbooks_client.sandboxed import Company


class TestANewInvoice:
    def test_holds_what_was_said(self, company: Company, connector: QuickBooksConnector, ada: str, review: str, travel: str) -> None:
        company.switch(custom_fields="Crew #,Project")
        sent: dict[str, records.Value] = {
            "TxnDate": "2026-11-20", "DueDate": "2099-12-20", "DocNumber": "H-1", "CustomerMemo.value": "Thank you",
            "PrivateNote": "From a deal", "BillEmail.Address": "ada@larkspur.example", "CustomField.2": "Apollo", "CustomerRef": ada,
        }
        wanted = told(product(review, "2", "99.995", description="Books"), product(travel, "1.5", "45", service_date="2026-11-19"))

        record = record_of(one(connector, create(sent, Line=wanted)))

        assert {name: record.values[name] for name in sent} == sent
        computed = ("TotalAmt", "Balance", "CustomField.1", "PaymentState")
        assert [record.values[name] for name in computed] == ["267.49", "267.49", None, "open"]
        kept = ((one.record, one.quantity, one.price, one.amount, one.description, one.service_date) for one in lines_of(record))
        assert list(kept) == [
            (review, "2", "99.995", "199.99", "Books", ""), (travel, "1.5", "45", "67.5", "", "2026-11-19"),
        ]
        assert record.values == shown(connector, record.ref.external_id).values

    def test_takes_the_number_that_quickbooks_gives(self, company: Company, connector: QuickBooksConnector, ada: str, review: str) -> None:
        record = record_of(one(connector, create(CustomerRef=ada, Line=told(product(review)))))

        assert record.values["DocNumber"] == record.label != ""

    @pytest.mark.parametrize(
        ("discounts", "amount", "percent"),
        [
            ([less("15")], "15", None),
            ([less(percent="7.5")], "15", 7.5),
            ([less("15"), less("5")], "20", None),
            ([less("15"), less(percent="10")], "35", None),
            ([less("0")], "0", None),
        ],
    )
    def test_has_one_discount(
        self, discounts: list[Line], amount: str, percent: float | None, company: Company, connector: QuickBooksConnector, ada: str,
        review: str,
    ) -> None:
        record = record_of(one(connector, create(CustomerRef=ada, Line=told(product(review, "2"), *discounts))))

        found = [line for line in raw(company, record.ref.external_id)["Line"] if line["DetailType"] == "DiscountLineDetail"]
        assert record.values["Discount"] == amount
        assert [line["DiscountLineDetail"].get("DiscountPercent") for line in found] == ([percent] if amount != "0" else [])

    def test_keeps_the_price_after_a_discount_of_the_line(
        self, company: Company, connector: QuickBooksConnector, ada: str, review: str
    ) -> None:
        wanted = told(product(review, "2", "100", amount="180"), product(review, "3", "100", amount="100"))

        record = record_of(one(connector, create(CustomerRef=ada, Line=wanted)))

        assert [(line.quantity, line.price, line.amount) for line in lines_of(record)] == [("2", "90", "180"), ("3", "33.33333", "100")]

    def test_may_hold_notes_and_shipping(self, company: Company, connector: QuickBooksConnector, ada: str, review: str) -> None:
        company.edit(type="Preferences", set={"SalesFormsPrefs": {"AllowShipping": True}})
        note = Line(name="Note", description="Phase one", quantity="1", price="0")
        shipping = Line(name="Shipping", quantity="1", price="8.5")

        record = record_of(one(connector, create(CustomerRef=ada, Line=told(note, product(review), shipping))))

        assert [(line.name, line.amount) for line in lines_of(record)] == [("Note", "0"), ("Review", "100"), ("Shipping", "8.5")]

    def test_leaves_tax_to_a_company_that_automated_it(self, company: Company, connector: QuickBooksConnector, ada: str) -> None:
        company.switch(automated_tax=True)
        handbook = item(company, "Handbook", Taxable=True)

        record = record_of(one(connector, create(CustomerRef=ada, Line=told(product(handbook), tax("1")))))

        assert Decimal(str(record.values["Tax"])) > 1

    def test_may_be_in_another_currency(self, company: Company, connector: QuickBooksConnector, review: str) -> None:
        company.switch(multicurrency=True)
        grace = company.customer("Grace", CurrencyRef={"value": "EUR"})

        record = record_of(one(connector, create({"CurrencyRef.value": "EUR"}, CustomerRef=grace, Line=told(product(review)))))

        assert (record.values["CurrencyRef.value"], record.values["TotalAmt"]) == ("EUR", "100")
        assert record.values["HomeTotalAmt"] not in (None, "100")

    def test_is_made_once_though_it_is_sent_twice(self, company: Company, connector: QuickBooksConnector, ada: str, review: str) -> None:
        wanted = create(CustomerRef=ada, Line=told(product(review)))

        first, second = (record_of(one(connector, wanted)) for _ in range(2))

        assert first.ref == second.ref


class TestRefused:
    def write(self, ada: str, review: str, **more: records.Value) -> base.Write:
        return create({"CustomerRef": ada, "Line": told(product(review)), **more})

    def test_is_an_invoice_without_customer_or_lines(self, connector: QuickBooksConnector, ada: str, review: str) -> None:
        assert refusal(connector, create(Line=told(product(review))))[0] == "CustomerRef"
        assert refusal(connector, create(CustomerRef=ada))[0] == "Line"
        assert refusal(connector, create(CustomerRef=ada, Line=None))[0] == "Line"
        assert refusal(connector, create(CustomerRef=ada, Line=told(less("5"))))[0] == "Line"
        assert refusal(connector, create(CustomerRef=ada, Line=("nonsense",)))[0] == "Line"

    def test_is_a_number_that_is_taken(self, company: Company, connector: QuickBooksConnector, ada: str, review: str) -> None:
        taken = invoice(company, ada, sold("Review", 10), DocNumber="A-1")
        memo = {"CustomerRef": {"value": ada}, "DocNumber": "C-1", "Line": [sold("Review", 5)]}
        company.edit(type="CreditMemo", create=memo)

        by_invoice, by_memo = (error_of(one(connector, self.write(ada, review, DocNumber=name))) for name in ("A-1", "C-1"))

        assert isinstance(by_invoice, errors.AlreadyExists) and isinstance(by_memo, errors.AlreadyExists)
        assert [(error.field, error.existing_id) for error in (by_invoice, by_memo)] == [("DocNumber", taken), ("DocNumber", "")]
        assert "number is already in use: a QuickBooks invoice" in str(by_invoice) and "credit memo" in str(by_memo)

    def test_is_a_number_that_is_too_long(self, connector: QuickBooksConnector, ada: str, review: str) -> None:
        assert refusal(connector, self.write(ada, review, DocNumber="1" * 22)) == (
            "DocNumber", "The invoice number is too long for QuickBooks, which takes at most 21 characters. Shorten it.",
        )

    @pytest.mark.parametrize("password", [False, True])
    def test_is_a_day_in_closed_books(
        self, password: bool, company: Company, connector: QuickBooksConnector, ada: str, review: str
    ) -> None:
        company.switch(books_closed="2026-10-31", books_closed_password=password)

        name, words = refusal(connector, self.write(ada, review, TxnDate="2026-10-31"))

        assert (name, "books are closed" in words) == ("TxnDate", True)
        assert one(connector, self.write(ada, review, TxnDate="2026-11-01")).error is None

    def test_is_a_customer_that_is_inactive_or_gone(self, company: Company, connector: QuickBooksConnector, ada: str, review: str) -> None:
        company.edit(type="Customer", id=ada, delete=True)

        inactive, gone = refusal(connector, self.write(ada, review)), refusal(connector, self.write("99", review))

        assert (inactive[0], "inactive" in inactive[1]) == ("CustomerRef", True)
        assert (gone[0], "not in QuickBooks" in gone[1]) == ("CustomerRef", True)

    def test_is_an_item_that_is_inactive_or_gone(self, company: Company, connector: QuickBooksConnector, ada: str, review: str) -> None:
        open_one = shown(connector, invoice(company, ada, sold("Review", 10)))
        travel = item(company, "Travel")
        company.edit(type="Item", id=travel, delete=True)

        found = [refusal(connector, self.write(ada, each)) for each in (travel, "99")]
        found.append(refusal(connector, update(open_one, Line=told(product(travel)))))

        assert [(name, "inactive or gone" in words or "not in QuickBooks" in words) for name, words in found] == [("Line", True)] * 3

    def test_is_another_currency_than_the_customers(self, company: Company, connector: QuickBooksConnector, ada: str, review: str) -> None:
        company.switch(multicurrency=True)

        name, words = refusal(connector, self.write(ada, review, **{"CurrencyRef.value": "EUR"}))

        assert (name, "in EUR" in words, "in USD" in words) == ("CurrencyRef.value", True, True)

    @pytest.mark.parametrize(
        ("line", "words"),
        [
            (Line(name="Talk", quantity="1", price="10"), 'The line "Talk" names no product'),
            (Line(kind=LineKind.FEE, name="Rush", amount="10"), 'no fees ("Rush")'),
            (Line(kind=LineKind.FEE, name="Rush", percent="10"), "no fees in percent"),
            (tax("8"), "computes tax itself"),
            (Line(kind=LineKind.TAX, name="Tax", percent="8"), "computes tax itself"),
        ],
    )
    def test_is_a_line_that_quickbooks_cannot_hold(
        self, line: Line, words: str, company: Company, connector: QuickBooksConnector, ada: str, review: str
    ) -> None:
        name, said = refusal(connector, create(CustomerRef=ada, Line=told(product(review), line)))

        assert (name, words in said) == ("Line", True)

    def test_is_a_discount_where_there_are_none(self, company: Company, connector: QuickBooksConnector, ada: str, review: str) -> None:
        company.edit(type="Preferences", set={"SalesFormsPrefs": {"AllowDiscount": False}})

        name, words = refusal(connector, create(CustomerRef=ada, Line=told(product(review), less("5"))))

        assert (name, "switched off" in words) == ("Line", True)

    def test_is_a_line_without_a_day_where_revenue_needs_one(
        self, company: Company, connector: QuickBooksConnector, ada: str, review: str
    ) -> None:
        company.switch(revenue_recognition=True)

        assert refusal(connector, self.write(ada, review))[0] == "Line"
        assert one(connector, create(CustomerRef=ada, Line=told(product(review, service_date="2026-11-20")))).error is None

    def test_is_an_invoice_abroad(self, quickbooks_url: str) -> None:
        abroad = invoicing.switched_off(quickbooks_url)
        abroad.id = "4620816365000000002"
        token = abroad.control("tokens", {"realm_id": abroad.id, "country": "GB", "home_currency": "GBP"})["access_token"]
        connector = QuickBooksConnector(client=sandboxed.connected(quickbooks_url, token=token, company_id=abroad.id))
        customer, thing = abroad.customer("Grace"), item(abroad, "Review")

        name, words = refusal(connector, create(CustomerRef=customer, Line=told(product(thing))))

        assert (name, "tax code" in words) == ("Line", True)

    def test_is_the_end_of_an_invoice(self, company: Company, connector: QuickBooksConnector, ada: str, review: str) -> None:
        record = shown(connector, invoice(company, ada, sold("Review", 10)))
        archive = base.Write(
            key="c" * 32, kind=OperationKind.ARCHIVE, record_kind="invoice", values={}, external_id=record.ref.external_id,
            revision_token=record.revision.token,
        )

        assert "Void it in QuickBooks" in refusal(connector, archive)[1]
        assert shown(connector, record.ref.external_id).revision == record.revision

    def test_is_one_of_many_and_the_others_are_made(self, company: Company, connector: QuickBooksConnector, ada: str, review: str) -> None:
        good, bad = create(CustomerRef=ada, Line=told(product(review))), create(key="b", CustomerRef="99", Line=told(product(review)))

        results = connector.write(writes=[bad, good])

        assert [result.error is None for result in results] == [False, True]
