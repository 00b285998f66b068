"""An invoice changed in QuickBooks by the sync: what stays of it, and what is written."""

from __future__ import annotations

import itertools
import random
from decimal import Decimal

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from syncapp.connectors.quickbooks import QuickBooksConnector
from syncapp.engine import errors, lines, values
from syncapp.engine.lines import Line, LineKind
from tests.connectors import invoicing
from tests.connectors.invoicing import (
    create,
    error_of,
    invoice,
    item,
    less,
    lines_of,
    one,
    payment,
    product,
    raw,
    record_of,
    refusal,
    sales,
    shown,
    sold,
    tax,
    told,
    update,
)
from tests.integrations.quickbooks_client.sandboxed import Company

NOTES = (f"Note {number}" for number in itertools.count(1))
"""Make each write one of its own: a repeated one is answered from memory."""


class TestAChangedInvoice:
    def test_keeps_its_lines_where_only_its_date_moves(
        self, company: Company, connector: QuickBooksConnector, ada: str, review: str
    ) -> None:
        number = invoice(company, ada, sold("Review", Qty=2, UnitPrice=100), TxnTaxDetail={"TotalTax": 5})
        before = raw(company, number)["Line"]

        record = record_of(one(connector, update(shown(connector, number), DueDate="2027-01-31", DocNumber="N-1")))

        assert [record.values[name] for name in ("DueDate", "DocNumber", "Tax", "TotalAmt")] == ["2027-01-31", "N-1", "5", "205"]
        assert raw(company, number)["Line"] == before

    def test_keeps_what_only_quickbooks_knows_of_its_lines(
        self, company: Company, connector: QuickBooksConnector, ada: str, review: str, travel: str
    ) -> None:
        company.edit(type="Class", create={"Name": "North"})
        north = next(one["Id"] for one in invoicing.books(company)["Class"])
        tagged = {"ClassRef": {"value": north}, "ServiceDate": "2026-11-05"}
        number = invoice(
            company, ada, sold("Review", Qty=1, UnitPrice=100, **tagged), sold("Travel", Qty=2, UnitPrice=45, **tagged),
            TxnTaxDetail={"TotalTax": 5},
        )
        first, second = (line["Id"] for line in sales(company, number))
        wanted = told(product(travel, "3", "45"), product(review, "1", "5"), product(review), tax("5"))

        record = record_of(one(connector, update(shown(connector, number), Line=wanted)))

        there = {line["Id"]: line for line in sales(company, number)}
        assert record.values["TotalAmt"] == "245"
        assert [(line.record, line.amount) for line in lines_of(record)[:3]] == [(travel, "135"), (review, "5"), (review, "100")]
        assert set(there) > {first, second} and len(there) == 3
        assert [there[number]["SalesItemLineDetail"].get("ClassRef", {}).get("value") for number in (first, second)] == [north, north]
        assert (there[first]["Amount"], there[second]["SalesItemLineDetail"]["ServiceDate"]) == (100, "2026-11-05")

    def test_written_as_it_is_stays_as_it_is(
        self, company: Company, connector: QuickBooksConnector, ada: str, review: str, travel: str
    ) -> None:
        item(company, "Kit", Type="Group", Members={"Review": 2, "Travel": 1})
        number = invoice(
            company, ada, {"DetailType": "DescriptionOnly", "Description": "Phase one"},
            sold("Review", 90, DiscountRate=10), sold("Travel", -20),
            {"DetailType": "DescriptionOnly", "Description": "Subtotal:"}, {"GroupName": "Kit", "GroupLineDetail": {"Quantity": 3}},
            {"DetailType": "DiscountLineDetail", "DiscountLineDetail": {"PercentBased": True, "DiscountPercent": 10}},
        )
        before = shown(connector, number)

        after = record_of(one(connector, update(before, Line=before.values["Line"])))

        assert after.values["Line"] == before.values["Line"]
        assert after.values["TotalAmt"] == before.values["TotalAmt"]
        kinds = [line["DetailType"] for line in raw(company, number)["Line"]]
        assert {kind: kinds.count(kind) for kind in kinds} == {
            "DescriptionOnly": 2, "SalesItemLineDetail": 2, "GroupLineDetail": 1, "SubTotalLineDetail": 1, "DiscountLineDetail": 1,
        }

    def test_takes_a_bundle_apart_only_where_its_lines_changed(
        self, company: Company, connector: QuickBooksConnector, ada: str, review: str, travel: str
    ) -> None:
        item(company, "Kit", Type="Group", Members={"Review": 1, "Travel": 1})
        number = invoice(company, ada, {"GroupName": "Kit", "GroupLineDetail": {"Quantity": 1}})

        record = record_of(one(connector, update(shown(connector, number), Line=told(product(review, "4"), product(travel, "1", "45")))))

        assert [(line.name, line.amount) for line in lines_of(record)] == [("Review", "400"), ("Travel", "45")]
        assert record.values["TotalAmt"] == "445"

    def test_loses_a_discount_that_went(self, company: Company, connector: QuickBooksConnector, ada: str, review: str) -> None:
        percent = {"DetailType": "DiscountLineDetail", "DiscountLineDetail": {"PercentBased": True, "DiscountPercent": 10}}
        number = invoice(company, ada, sold("Review", Qty=1, UnitPrice=100), percent)

        record = record_of(one(connector, update(shown(connector, number), Line=told(product(review)))))

        assert (record.values["Discount"], record.values["TotalAmt"]) == ("0", "100")

    def test_keeps_its_other_custom_fields(self, company: Company, connector: QuickBooksConnector, ada: str, review: str) -> None:
        company.switch(custom_fields="Crew #,Project,Site")
        number = invoice(
            company, ada, sold("Review", 10),
            CustomField=[{"DefinitionId": "1", "StringValue": "Alpha"}, {"DefinitionId": "3", "StringValue": "North"}],
        )

        changed = record_of(one(connector, update(shown(connector, number), {"CustomField.2": "Apollo"})))
        emptied = record_of(one(connector, update(changed, {"CustomField.1": None}, key="c")))

        assert [changed.values[f"CustomField.{slot}"] for slot in "123"] == ["Alpha", "Apollo", "North"]
        assert [emptied.values[f"CustomField.{slot}"] for slot in "123"] == [None, "Apollo", "North"]

    def test_can_be_emptied_but_not_of_what_it_needs(self, company: Company, connector: QuickBooksConnector, ada: str, review: str) -> None:
        number = invoice(
            company, ada, sold("Review", Qty=2, UnitPrice=50), CustomerMemo={"value": "Thank you"}, PrivateNote="Old",
            TxnTaxDetail={"TotalTax": 5},
        )

        record = record_of(one(connector, update(shown(connector, number), {"CustomerMemo.value": None})))

        assert [record.values[name] for name in ("CustomerMemo.value", "PrivateNote", "TotalAmt", "Tax")] == [None, "Old", "105", "5"]
        for name in ("CustomerRef", "DocNumber", "TxnDate", "Line", "CurrencyRef.value"):
            assert refusal(connector, update(record, {name: None}))[0] == name

    def test_stays_in_its_currency(self, company: Company, connector: QuickBooksConnector, ada: str, review: str) -> None:
        record = shown(connector, invoice(company, ada, sold("Review", 10)))

        assert refusal(connector, update(record, {"CurrencyRef.value": "EUR"}))[0] == "CurrencyRef.value"
        assert one(connector, update(record, {"CurrencyRef.value": "USD"})).error is None

    def test_stays_void(self, company: Company, connector: QuickBooksConnector, ada: str, review: str) -> None:
        number = invoice(company, ada, sold("Review", 10))
        company.edit(type="Invoice", id=number, void=True)

        name, words = refusal(connector, update(shown(connector, number), Line=told(product(review))))

        assert (name, "void" in words) == ("Line", True)

    def test_may_go_to_another_customer(self, company: Company, connector: QuickBooksConnector, ada: str, review: str) -> None:
        grace = company.customer("Grace")

        record = record_of(one(connector, update(shown(connector, invoice(company, ada, sold("Review", 10))), CustomerRef=grace)))

        assert (record.values["CustomerRef"], record.values["CustomerRef.name"]) == (grace, "Grace")

    def test_stays_with_its_customer_once_it_is_paid(
        self, company: Company, connector: QuickBooksConnector, ada: str, review: str
    ) -> None:
        number = invoice(company, ada, sold("Review", 10))
        payment(company, ada, 5, ("Invoice", number, 5))

        name, words = refusal(connector, update(shown(connector, number), CustomerRef=company.customer("Grace")))

        assert (name, "has payments" in words) == ("CustomerRef", True)

    def test_keeps_its_amounts_once_it_is_paid_and_may_say_them_in_other_words(
        self, company: Company, connector: QuickBooksConnector, ada: str, review: str
    ) -> None:
        number = invoice(company, ada, sold("Review", Qty=2, UnitPrice=100))
        payment(company, ada, 5, ("Invoice", number, 5))

        name, words = refusal(connector, update(shown(connector, number), Line=told(product(review, "2", "90"))))
        kept = one(connector, update(shown(connector, number), Line=told(product(review, "2", "100", description="In other words"))))

        assert (name, "has payments" in words) == ("Line", True)
        assert kept.error is None
        assert raw(company, number)["TotalAmt"] == 200

    def test_names_its_lines_where_quickbooks_only_gives_words(
        self, company: Company, connector: QuickBooksConnector, ada: str, review: str
    ) -> None:
        bundle = item(company, "Kit", Type="Group", Members={"Review": 1})

        name, words = refusal(connector, create(CustomerRef=ada, Line=told(product(bundle))))

        assert (name, "bundle cannot be used" in words) == ("Line", True)

    def test_that_moved_is_read_again(self, company: Company, connector: QuickBooksConnector, ada: str, review: str) -> None:
        number = invoice(company, ada, sold("Review", 10))
        stale = shown(connector, number)
        payment(company, ada, 5, ("Invoice", number, 5))

        error = error_of(one(connector, update(stale, Line=told(product(review)))))

        assert isinstance(error, errors.StaleRevision)

    def test_that_is_gone_is_gone(self, company: Company, connector: QuickBooksConnector, ada: str, review: str) -> None:
        record = shown(connector, invoice(company, ada, sold("Review", 10)))
        company.edit(type="Invoice", id=record.ref.external_id, delete=True)

        assert isinstance(error_of(one(connector, update(record, PrivateNote="x"))), errors.Gone)


class TestWhatIsWritten:
    @given(
        pieces=st.lists(st.tuples(st.integers(1, 9_000_000), st.integers(1, 900), st.booleans()), min_size=1, max_size=6),
        discount=st.one_of(st.none(), st.integers(1, 5_000).map(lambda cents: less(str(Decimal(cents) / 100)))),
        order=st.randoms(use_true_random=False),
    )
    @settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
    def test_is_what_is_read(
        self, pieces: list[tuple[int, int, bool]], discount: Line | None, order: random.Random, company: Company,
        connector: QuickBooksConnector, ada: str, review: str, travel: str,
    ) -> None:
        wanted = [
            product(review if first else travel, values.number_text(Decimal(tenths) / 10), values.number_text(Decimal(mills) / 1000))
            for mills, tenths, first in pieces
        ]
        whole = sum((lines.worth(line) for line in wanted), Decimal(0))
        off = [discount] if discount and lines.worth(discount) < whole else []

        made = record_of(one(connector, create(CustomerRef=ada, Line=told(*wanted, *off), PrivateNote=next(NOTES))))
        ids = {line["Id"] for line in sales(company, made.ref.external_id)}
        order.shuffle(wanted)
        moved = record_of(one(connector, update(made, Line=told(*wanted, *off), PrivateNote=next(NOTES))))

        for record, products in ((made, None), (moved, wanted)):
            assert Decimal(str(record.values["TotalAmt"])) == whole - sum(map(lines.worth, off), Decimal(0))
            read = [(line.record, line.quantity, line.price) for line in lines_of(record) if line.kind is LineKind.PRODUCT]
            assert ids == {line["Id"] for line in sales(company, record.ref.external_id)}
            assert products is None or read == [(line.record, line.quantity, line.price) for line in products]
