"""What HubSpot does with products, line items, deals, notes and invoices: the facts that our client leans on.

Asserted is what HubSpot documents or was recorded from it; what is only likely stands inside `likely`.
"""

from __future__ import annotations

from decimal import Decimal

import pytest

from tests.contract import targets
from tests.contract.targets import Answer, HubSpot

INVOICE_READ_ONLY = ("hs_invoice_link", "hs_pdf_download_link")
TYPES = (
    ("invoices", "contacts", 177),
    ("invoices", "companies", 179),
    ("invoices", "deals", 175),
    ("invoices", "line_items", 409),
    ("invoices", "commerce_payments", 541),
    ("invoices", "discounts", 411),
    ("invoices", "fees", 413),
    ("invoices", "taxes", 415),
    ("deals", "line_items", 19),
    ("commerce_payments", "deals", 391),
    ("notes", "deals", 214),
    ("notes", "contacts", 202),
    ("notes", "companies", 190),
)


@pytest.fixture
def currency(hubspot: HubSpot) -> str:
    """The currency of the account."""
    answer = hubspot.send("GET", f"/account-info/{targets.HUBSPOT_VERSION}/details")
    assert answer.status == 200, answer.content
    return str(answer.json["companyCurrency"])


def associate(hubspot: HubSpot, kind: str, record_id: str, to: str, to_id: str) -> Answer:
    return hubspot.objects("PUT", f"{kind}/{record_id}/associations/default/{to}/{to_id}")


class TestProducts:
    def test_need_no_more_than_a_name_and_a_price(self, hubspot: HubSpot) -> None:
        product = hubspot.make("products", name=targets.mark(), price="12.50")

        assert Decimal(hubspot.read("products", product, "price")["price"]) == Decimal("12.5")

    def test_may_share_a_sku(self, hubspot: HubSpot) -> None:
        sku = targets.mark()

        with hubspot.likely("two products may have one SKU"):
            assert hubspot.make("products", name=targets.mark(), price="1", hs_sku=sku) != hubspot.make(
                "products", name=targets.mark(), price="1", hs_sku=sku
            )

    def test_cannot_be_associated(self, hubspot: HubSpot) -> None:
        product, deal = hubspot.make("products", name=targets.mark(), price="1"), hubspot.make("deals", dealname=targets.mark())

        assert associate(hubspot, "deals", deal, "products", product).status == 400


class TestLineItems:
    def test_take_name_and_price_from_their_product(self, hubspot: HubSpot) -> None:
        name = targets.mark()
        product = hubspot.make("products", name=name, price="40")

        line = hubspot.make("line_items", hs_product_id=product, quantity="3")

        found = hubspot.read("line_items", line, "name", "price", "amount")
        assert (found["name"], Decimal(found["price"]), Decimal(found["amount"])) == (name, Decimal(40), Decimal(120))

    def test_come_to_quantity_by_price_less_the_discount_of_each(self, hubspot: HubSpot) -> None:
        line = hubspot.make("line_items", name=targets.mark(), price="10", quantity="4", discount="1.5")

        assert Decimal(hubspot.read("line_items", line, "amount")["amount"]) == 34

    def test_have_no_negative_price(self, hubspot: HubSpot) -> None:
        answer = hubspot.objects("POST", "line_items", {"properties": {"name": targets.mark(), "price": "-1"}})

        assert answer.status == 400


class TestDeals:
    def test_have_pipelines_with_stages_that_tell_what_is_closed(self, hubspot: HubSpot) -> None:
        answer = hubspot.send("GET", f"/crm/pipelines/{targets.HUBSPOT_VERSION}/deals")

        stages = [stage for pipeline in answer.json["results"] for stage in pipeline["stages"]]
        assert stages
        assert {stage["metadata"]["isClosed"] for stage in stages} <= {"true", "false"}


class TestNotes:
    def test_need_a_moment(self, hubspot: HubSpot) -> None:
        assert hubspot.objects("POST", "notes", {"properties": {"hs_note_body": "x"}}).status == 400

    def test_stand_on_the_timeline_of_a_deal(self, hubspot: HubSpot) -> None:
        deal = hubspot.make("deals", dealname=targets.mark())
        link = {"to": {"id": deal}, "types": [{"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": 214}]}
        values = {"hs_timestamp": "2026-11-20T00:00:00.000Z", "hs_note_body": "<b>Payment received</b>"}

        answer = hubspot.objects("POST", "notes", {"properties": values, "associations": [link]})

        note = hubspot.keep("notes", str(answer.json["id"]))
        listed = hubspot.objects("GET", f"deals/{deal}/associations/notes").json["results"]
        assert [str(one["toObjectId"]) for one in listed] == [note]
        with hubspot.likely("plain formatting stays in a note"):
            assert "<b>Payment received</b>" in hubspot.read("notes", note, "hs_note_body")["hs_note_body"]

    def test_lose_what_could_do_harm(self, hubspot: HubSpot) -> None:
        note = hubspot.make("notes", hs_timestamp="2026-11-20T00:00:00.000Z", hs_note_body="Paid<script>x()</script>")

        assert "<script" not in hubspot.read("notes", note, "hs_note_body")["hs_note_body"]


class TestInvoices:
    def test_need_a_currency(self, hubspot: HubSpot) -> None:
        assert hubspot.objects("POST", "invoices", {"properties": {"hs_comments": "x"}}).status == 400

    def test_begin_as_drafts(self, hubspot: HubSpot, currency: str) -> None:
        invoice = hubspot.make("invoices", hs_currency=currency)

        assert hubspot.read("invoices", invoice, "hs_invoice_status")["hs_invoice_status"] == "draft"

    def test_refuse_a_currency_that_does_not_exist(self, hubspot: HubSpot) -> None:
        assert hubspot.objects("POST", "invoices", {"properties": {"hs_currency": "ZZZ"}}).status == 400

    def test_are_not_opened_without_contact_and_line_item(self, hubspot: HubSpot, currency: str) -> None:
        invoice = hubspot.make("invoices", hs_currency=currency)

        answer = hubspot.objects("PATCH", f"invoices/{invoice}", {"properties": {"hs_invoice_status": "open"}})

        assert answer.status == 400
        with hubspot.likely("the refusal names the association that is missing"):
            assert "INVOICE_TO_" in answer.json["message"]

    def test_bill_what_their_line_items_come_to(self, hubspot: HubSpot, currency: str) -> None:
        invoice = hubspot.make("invoices", hs_currency=currency)
        line = hubspot.make("line_items", name=targets.mark(), price="7", quantity="2")

        assert associate(hubspot, "invoices", invoice, "line_items", line).status == 200

        answer = hubspot.eventually(
            lambda: hubspot.objects("GET", f"invoices/{invoice}", properties="hs_amount_billed"),
            until=lambda found: Decimal(found.json["properties"]["hs_amount_billed"] or 0) == 14,
        )
        with hubspot.likely("the billed amount of an invoice follows from its line items"):
            assert Decimal(answer.json["properties"]["hs_amount_billed"]) == 14

    def test_that_are_only_tracked_take_number_status_and_amount(self, hubspot: HubSpot, currency: str) -> None:
        number = targets.mark()
        invoice = hubspot.make("invoices", hs_currency=currency, hs_invoice_billable="false")
        wanted = {"hs_invoice_status": "open", "hs_number": number, "hs_amount_billed": "119.00"}
        hubspot.afterwards(lambda: hubspot.objects("PATCH", f"invoices/{invoice}", {"properties": {"hs_invoice_status": "draft"}}))

        with hubspot.likely("an invoice that is not billable takes what is written"):
            assert hubspot.objects("PATCH", f"invoices/{invoice}", {"properties": wanted}).status == 200
            found = hubspot.read("invoices", invoice, *wanted)
            assert (found["hs_invoice_status"], found["hs_number"], Decimal(found["hs_amount_billed"])) == ("open", number, Decimal(119))

    @pytest.mark.parametrize("name", INVOICE_READ_ONLY)
    def test_have_links_that_only_hubspot_writes(self, hubspot: HubSpot, name: str) -> None:
        assert hubspot.properties("GET", f"invoices/{name}").json["modificationMetadata"]["readOnlyValue"] is True

    def test_have_exactly_four_statuses(self, hubspot: HubSpot) -> None:
        options = hubspot.properties("GET", "invoices/hs_invoice_status").json["options"]

        assert {one["value"] for one in options} == {"draft", "open", "paid", "voided"}


class TestAssociationTypes:
    @pytest.mark.parametrize(("kind", "to", "number"), TYPES)
    def test_have_the_numbers_that_we_know(self, hubspot: HubSpot, kind: str, to: str, number: int) -> None:
        listed = hubspot.associations("GET", f"{kind}/{to}/labels").json["results"]

        assert {"category": "HUBSPOT_DEFINED", "typeId": number, "label": None} in listed
