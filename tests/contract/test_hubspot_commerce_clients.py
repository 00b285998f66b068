"""HubSpot's own client libraries, unmodified, on products, line items, invoices, payments, deals and notes of the sandbox."""

from __future__ import annotations

import json
from collections.abc import Iterator

import hubspot
import hubspot_sdk
import pytest
from hubspot.crm import deals, line_items, objects, products
from hubspot.crm.associations import v4
from hubspot.crm.commerce import invoices
from hubspot.crm.objects import notes, taxes

from integrations.sandbox.hubspot.face import HubSpotFace
from integrations.sandbox.server import Server
from integrations.sandbox.world import World
from tests.contract.test_hubspot_clients import PORTAL, Sandbox

AMOUNTS = ["hs_invoice_status", "hs_amount_billed", "hs_amount_paid", "hs_balance_due"]
PAYMENT = {"hs_initial_amount": "100", "hs_initiated_date": "2026-11-25", "hs_latest_status": "succeeded"}


@pytest.fixture
def billing() -> Iterator[Sandbox]:
    """An account with payment processing."""
    world = World()
    face = HubSpotFace(world)
    face.reset({"hubspot": {"portals": [PORTAL]}})
    world.set_switch("hubspot.index_delay", 0.0)
    world.set_switch("hubspot.payments_enabled", True)
    with Server(face=face, world=world, port=0) as server:
        yield Sandbox(url=server.url, app=face.mint({}))


@pytest.fixture
def legacy(billing: Sandbox) -> hubspot.HubSpot:
    return hubspot.HubSpot(access_token=billing.token, host=billing.url)


@pytest.fixture
def dated(billing: Sandbox) -> Iterator[hubspot_sdk.HubSpot]:
    with hubspot_sdk.HubSpot(access_token=billing.token, base_url=billing.url, max_retries=0) as client:
        yield client


class TestLegacyLibrary:
    """`hubspot-api-client`: v3 objects, v4 associations."""

    def associated(self, number: int, record_id: str) -> list[objects.PublicAssociationsForObject]:
        types = [objects.AssociationSpec(association_category="HUBSPOT_DEFINED", association_type_id=number)]
        return [objects.PublicAssociationsForObject(to=objects.PublicObjectId(id=record_id), types=types)]

    def product(self, legacy: hubspot.HubSpot) -> str:
        wanted = products.SimplePublicObjectInputForCreate(properties={"name": "Review", "price": "50", "hs_sku": "R-1"}, associations=[])
        return str(legacy.crm.products.basic_api.create(simple_public_object_input_for_create=wanted).id)

    def line(self, legacy: hubspot.HubSpot, invoice: str) -> line_items.SimplePublicObject:
        wanted = line_items.SimplePublicObjectInputForCreate(
            properties={"hs_product_id": self.product(legacy), "quantity": "2"}, associations=self.associated(410, invoice)
        )
        return legacy.crm.line_items.basic_api.create(simple_public_object_input_for_create=wanted)

    def tracked(self, legacy: hubspot.HubSpot) -> str:
        wanted = invoices.SimplePublicObjectInputForCreate(
            properties={"hs_currency": "USD", "hs_invoice_billable": "false", "hs_invoice_status": "open"}, associations=[]
        )
        return str(legacy.crm.commerce.invoices.basic_api.create(simple_public_object_input_for_create=wanted).id)

    def read(self, legacy: hubspot.HubSpot, invoice: str) -> list[str]:
        found = legacy.crm.commerce.invoices.basic_api.get_by_id(invoice_id=invoice, properties=AMOUNTS)
        return [found.properties[name] for name in AMOUNTS]

    def test_makes_an_invoice_of_products_and_pays_it(self, legacy: hubspot.HubSpot) -> None:
        invoice = self.tracked(legacy)
        line = self.line(legacy, invoice)
        billed = self.read(legacy, invoice)

        legacy.crm.objects.basic_api.create(
            object_type="commerce_payments",
            simple_public_object_input_for_create=objects.SimplePublicObjectInputForCreate(
                properties=PAYMENT, associations=self.associated(542, invoice)
            ),
        )

        assert (line.properties["name"], line.properties["hs_sku"], line.properties["amount"]) == ("Review", "R-1", "100")
        assert (billed, self.read(legacy, invoice)) == (["open", "100", "0", "100"], ["paid", "100", "100", "0"])

    def test_reads_searches_and_archives_line_items_of_an_invoice(self, legacy: hubspot.HubSpot) -> None:
        invoice = self.tracked(legacy)
        line = self.line(legacy, invoice)
        conditions = [{"filters": [{"propertyName": "hs_product_id", "operator": "HAS_PROPERTY"}]}]

        found = legacy.crm.line_items.search_api.do_search(
            public_object_search_request=line_items.PublicObjectSearchRequest(filter_groups=conditions, properties=["name"], limit=10)
        )
        inline = legacy.crm.commerce.invoices.basic_api.get_by_id(invoice_id=invoice, associations=["line_items"])

        assert [one.id for one in found.results] == [line.id]
        assert [one.type for one in inline.associations["line items"].results] == ["invoice_to_line_item"]
        legacy.crm.line_items.basic_api.archive(line_item_id=line.id)
        assert self.read(legacy, invoice)[1] == "0"

    def test_meets_the_refusal_of_an_unfinished_invoice_and_the_rule_of_deletion(self, legacy: hubspot.HubSpot) -> None:
        api = legacy.crm.commerce.invoices.basic_api
        made = invoices.SimplePublicObjectInputForCreate(properties={"hs_currency": "USD"}, associations=[])
        invoice = api.create(simple_public_object_input_for_create=made).id

        with pytest.raises(invoices.ApiException) as refused:
            opened = invoices.SimplePublicObjectInput(properties={"hs_invoice_status": "open"})
            api.update(invoice_id=invoice, simple_public_object_input=opened)
        with pytest.raises(invoices.ApiException) as kept:
            api.archive(invoice_id=self.tracked(legacy))

        assert (refused.value.status, "INVOICE_TO_LINE_ITEM" in json.loads(refused.value.body)["message"]) == (400, True)
        assert kept.value.status == 400
        api.archive(invoice_id=invoice)

    def test_works_on_invoices_in_batches(self, legacy: hubspot.HubSpot) -> None:
        inputs = [
            invoices.SimplePublicObjectBatchInputForCreate(properties={"hs_currency": code}, associations=[], object_write_trace_id=code)
            for code in ("USD", "CHF")
        ]
        body = invoices.BatchInputSimplePublicObjectBatchInputForCreate(inputs=inputs)

        made = legacy.crm.commerce.invoices.batch_api.create(batch_input_simple_public_object_batch_input_for_create=body)

        assert [one.object_write_trace_id for one in made.results] == ["USD"]
        assert made.errors[0].context == {"objectWriteTraceId": ["CHF"]}

    def test_taxes_an_invoice(self, legacy: hubspot.HubSpot) -> None:
        invoice = self.tracked(legacy)
        self.line(legacy, invoice)
        wanted = taxes.SimplePublicObjectInputForCreate(
            properties={"hs_label": "VAT", "hs_type": "PERCENT", "hs_value": "23"}, associations=self.associated(416, invoice)
        )

        legacy.crm.objects.taxes.basic_api.create(simple_public_object_input_for_create=wanted)

        assert self.read(legacy, invoice)[1] == "123"

    def test_writes_a_note_on_a_deal(self, legacy: hubspot.HubSpot) -> None:
        deal = legacy.crm.deals.basic_api.create(
            simple_public_object_input_for_create=deals.SimplePublicObjectInputForCreate(properties={"dealname": "D"}, associations=[])
        ).id
        body = "<b>Payment received</b><script>x()</script>"
        wanted = notes.SimplePublicObjectInputForCreate(
            properties={"hs_timestamp": "2026-11-20T00:00:00Z", "hs_note_body": body}, associations=self.associated(214, deal)
        )

        note = legacy.crm.objects.notes.basic_api.create(simple_public_object_input_for_create=wanted)

        assert note.properties["hs_note_body"] == "<b>Payment received</b>"
        page = legacy.crm.associations.v4.basic_api.get_page(object_type="deals", object_id=deal, to_object_type="notes")
        assert [str(one.to_object_id) for one in page.results] == [note.id]

    def test_is_refused_a_second_parent_for_a_line_item(self, legacy: hubspot.HubSpot) -> None:
        line = self.line(legacy, self.tracked(legacy)).id
        other = self.tracked(legacy)

        with pytest.raises(v4.ApiException) as refused:
            legacy.crm.associations.v4.basic_api.create_default(
                from_object_type="invoices", from_object_id=other, to_object_type="line_items", to_object_id=line
            )

        assert refused.value.status == 400


class TestDatedLibrary:
    """`hubspot-sdk`: 2026-03."""

    def associated(self, number: int, record_id: str) -> dict[str, object]:
        return {"to": {"id": record_id}, "types": [{"association_category": "HUBSPOT_DEFINED", "association_type_id": number}]}

    def invoice(self, dated: hubspot_sdk.HubSpot) -> str:
        api = dated.crm.objects
        contact = api.contacts.create(properties={"email": "ana@example.com"}, associations=[]).id
        product = api.products.create(properties={"name": "Review", "price": "50"}, associations=[]).id
        line = api.line_items.create(properties={"hs_product_id": product, "quantity": "2"}, associations=[]).id
        ends = [self.associated(177, contact), self.associated(409, line)]
        return str(api.invoices.create(properties={"hs_currency": "USD", "hs_invoice_status": "open"}, associations=ends).id)

    def read(self, dated: hubspot_sdk.HubSpot, invoice: str) -> list[str | None]:
        found = dated.crm.objects.invoices.get(invoice, properties=AMOUNTS).properties
        return [found[name] for name in AMOUNTS]

    def test_makes_a_finalized_invoice_and_pays_it_in_parts(self, dated: hubspot_sdk.HubSpot) -> None:
        invoice = self.invoice(dated)
        for part in ("40", "60"):
            payment = PAYMENT | {"hs_initial_amount": part}
            dated.crm.objects.commerce_payments.create(properties=payment, associations=[self.associated(542, invoice)])
            if part == "40":
                assert self.read(dated, invoice) == ["open", "100", "40", "60"]

        assert self.read(dated, invoice) == ["paid", "100", "100", "0"]

    def test_changes_the_totals_by_discounts_fees_and_taxes(self, dated: hubspot_sdk.HubSpot) -> None:
        invoice = self.invoice(dated)
        api = dated.crm.objects

        api.taxes.create(properties={"hs_type": "PERCENT", "hs_value": "10"}, associations=[self.associated(416, invoice)])
        api.fees.create(properties={"hs_type": "FIXED", "hs_value": "5"}, associations=[self.associated(414, invoice)])
        api.discounts.create(properties={"hs_type": "PERCENT", "hs_value": "15"}, associations=[self.associated(412, invoice)])

        assert self.read(dated, invoice)[1] == "99"

    def test_lists_and_searches_invoices(self, dated: hubspot_sdk.HubSpot) -> None:
        invoice = self.invoice(dated)
        conditions = [{"filters": [{"property_name": "hs_invoice_status", "operator": "EQ", "value": "open"}]}]

        asked = {"filter_groups": conditions, "properties": ["hs_number"], "sorts": ["hs_object_id"]}
        found = dated.crm.objects.invoices.search(**asked, limit=10, after="0")

        assert [(one.id, one.properties["hs_number"]) for one in found.results] == [(invoice, "INV-1001")]
        assert [one.id for one in dated.crm.objects.invoices.list(limit=1)] == [invoice]

    def test_is_refused_what_the_life_cycle_forbids(self, dated: hubspot_sdk.HubSpot) -> None:
        invoice = self.invoice(dated)

        for properties in ({"hs_invoice_status": "paid"}, {"hs_number": "7"}, {"hs_balance_due": "0"}):
            with pytest.raises(hubspot_sdk.BadRequestError):
                dated.crm.objects.invoices.update(invoice, properties=properties)
        with pytest.raises(hubspot_sdk.BadRequestError):
            dated.crm.objects.invoices.delete(invoice)

    def test_knows_the_labels_and_the_pipeline(self, dated: hubspot_sdk.HubSpot) -> None:
        labels = dated.crm.associations_schema.labels.list_labels("deals", from_object_type="invoices").results
        deal = dated.crm.objects.deals.create(properties={"dealname": "D", "dealstage": "closedwon", "amount": "10"}, associations=[])

        assert [(one.type_id, one.label) for one in labels] == [(175, None)]
        assert (deal.properties["pipeline"], deal.properties["hs_is_closed_won"]) == ("default", "true")
        note = {"hs_timestamp": "2026-11-20T00:00:00Z", "hs_note_body": "Paid"}
        assert dated.crm.objects.notes.create(properties=note, associations=[self.associated(214, deal.id)]).id


class TestWithoutPaymentProcessing:
    def test_both_libraries_are_refused(self, billing: Sandbox, legacy: hubspot.HubSpot, dated: hubspot_sdk.HubSpot) -> None:
        billing.called("POST", "/_sandbox/switch", {"payments_enabled": False})

        with pytest.raises(objects.ApiException) as refused:
            legacy.crm.objects.basic_api.get_page(object_type="commerce_payments")
        with pytest.raises(hubspot_sdk.PermissionDeniedError):
            dated.crm.objects.commerce_payments.create(properties=PAYMENT, associations=[])

        assert refused.value.status == 403
