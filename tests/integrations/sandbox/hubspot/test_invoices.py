"""Invoices: how they are made, what they become, what HubSpot computes of them, when they can be deleted."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from integrations.sandbox.hubspot import totals
from tests.integrations.sandbox.hubspot.calling import SEED, Answer, Caller, Play, play

AMOUNTS = ("hs_subtotal", "hs_total_discount", "hs_amount_billed", "hs_amount_paid", "hs_balance_due")
LINKS = {"contacts": 177, "companies": 179, "deals": 175, "line_items": 409, "discounts": 411, "fees": 413, "taxes": 415}


def linked(kind: str, record_id: str) -> dict[str, Any]:
    """An inline association of a new invoice."""
    return {"to": {"id": record_id}, "types": [{"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": LINKS[kind]}]}


def bill(api: Caller, *lines: dict[str, object], **values: object) -> str:
    """A finalized invoice of a contact."""
    ends = [linked("contacts", api.make("contacts", lastname="Nowak"))]
    ends += [linked("line_items", api.make("line_items", name="L", **line)) for line in lines]
    wanted = {"properties": {"hs_currency": "USD", "hs_invoice_status": "open", **values}, "associations": ends}
    answer = api.objects("POST", "invoices", wanted)
    assert answer.status == 201, answer.json
    return str(answer.json["id"])


def tracked(api: Caller, **values: object) -> str:
    """An invoice that HubSpot only keeps track of."""
    return api.make("invoices", hs_currency="USD", hs_invoice_billable="false", **values)


def set_values(api: Caller, invoice: str, **values: object) -> Answer:
    return api.objects("PATCH", f"invoices/{invoice}", {"properties": values})


def associate(api: Caller, invoice: str, kind: str, record_id: str) -> Answer:
    return api.objects("PUT", f"invoices/{invoice}/associations/default/{kind}/{record_id}")


def amounts(api: Caller, invoice: str) -> tuple[str, ...]:
    values = api.read("invoices", invoice, *AMOUNTS)
    return tuple(values[name] for name in AMOUNTS)


class TestCreate:
    def test_begins_as_a_draft_of_today_with_a_number(self, api: Caller) -> None:
        first, second = api.make("invoices", hs_currency="USD"), api.make("invoices", hs_currency="USD")

        values = api.read("invoices", first, "hs_invoice_status", "hs_number", "hs_invoice_date", "hs_invoice_source", "hs_balance_due")
        assert values["hs_invoice_status"] == "draft"
        assert (values["hs_number"], api.read("invoices", second, "hs_number")["hs_number"]) == ("INV-1001", "INV-1002")
        assert values["hs_invoice_date"] == "2026-11-26T09:00:00.000Z"
        assert (values["hs_invoice_source"], values["hs_balance_due"]) == ("hubspot", "0")

    def test_leaves_out_a_number_that_is_taken(self, api: Caller) -> None:
        tracked(api, hs_number="INV-1001")

        assert api.read("invoices", api.make("invoices", hs_currency="USD"), "hs_number")["hs_number"] == "INV-1002"

    def test_gives_no_number_to_an_invoice_that_is_only_tracked(self, api: Caller) -> None:
        assert api.read("invoices", tracked(api), "hs_number")["hs_number"] is None

    def test_takes_only_currencies_of_the_account(self, hubspot: Play, api: Caller) -> None:
        wanted = {"properties": {"hs_currency": "EUR"}}
        refused = api.objects("POST", "invoices", wanted)

        hubspot.switch(additional_currencies="EUR, GBP")

        assert (refused.status, refused.codes) == (400, ["INVALID_OPTION"])
        assert api.objects("POST", "invoices", wanted).status == 201
        options = api.properties("GET", "invoices/hs_currency").json["options"]
        assert [one["value"] for one in options] == ["USD", "EUR", "GBP"]

    def test_keeps_a_currency(self, api: Caller) -> None:
        assert set_values(api, api.make("invoices", hs_currency="USD"), hs_currency="").codes == ["MISSING_REQUIRED_PROPERTY"]

    def test_can_be_finalized_in_the_same_call(self, api: Caller) -> None:
        invoice = bill(api, {"price": "40", "quantity": "2"})

        values = api.read("invoices", invoice, "hs_invoice_status", "hs_amount_billed")
        assert (values["hs_invoice_status"], values["hs_amount_billed"]) == ("open", "80")

    @pytest.mark.parametrize("status", ["paid", "voided"])
    def test_cannot_begin_at_the_end(self, api: Caller, status: str) -> None:
        answer = api.objects("POST", "invoices", {"properties": {"hs_currency": "USD", "hs_invoice_status": status}})

        assert (answer.status, answer.codes) == (400, ["INVALID_STATUS"])


class TestFinalize:
    def test_needs_a_contact_and_a_line_item_and_names_the_associations(self, api: Caller) -> None:
        invoice = api.make("invoices", hs_currency="USD")

        bare = set_values(api, invoice, hs_invoice_status="open")
        associate(api, invoice, "contacts", api.make("contacts", lastname="Nowak"))
        half = set_values(api, invoice, hs_invoice_status="open")
        associate(api, invoice, "line_items", api.make("line_items", name="L", price="5"))
        whole = set_values(api, invoice, hs_invoice_status="open")

        assert (bare.status, half.status, whole.status) == (400, 400, 200)
        assert ("INVOICE_TO_CONTACT" in bare.json["message"], "INVOICE_TO_LINE_ITEM" in bare.json["message"]) == (True, True)
        assert ("INVOICE_TO_CONTACT" in half.json["message"], "INVOICE_TO_LINE_ITEM" in half.json["message"]) == (False, True)

    def test_does_not_count_a_line_item_that_is_archived(self, api: Caller) -> None:
        invoice, line = api.make("invoices", hs_currency="USD"), api.make("line_items", name="L", price="5")
        associate(api, invoice, "contacts", api.make("contacts", lastname="Nowak"))
        associate(api, invoice, "line_items", line)
        api.objects("DELETE", f"line_items/{line}")

        assert set_values(api, invoice, hs_invoice_status="open").status == 400

    @pytest.mark.parametrize("status", ["draft", "paid", "voided"])
    def test_is_the_only_step_that_a_write_can_take(self, api: Caller, status: str) -> None:
        invoice = bill(api, {"price": "5"})

        answer = set_values(api, invoice, hs_invoice_status=status)

        assert (answer.status, answer.codes) == (400, ["INVALID_STATUS"])
        assert set_values(api, invoice, hs_invoice_status="open").status == 200

    def test_fixes_the_number(self, api: Caller) -> None:
        draft, opened = api.make("invoices", hs_currency="USD"), bill(api, {"price": "5"})

        assert set_values(api, draft, hs_number="A-7").status == 200
        assert set_values(api, opened, hs_number="A-8").codes == ["READ_ONLY_VALUE"]
        assert set_values(api, opened, hs_number=api.read("invoices", opened, "hs_number")["hs_number"]).status == 200


class TestTracked:
    @pytest.mark.parametrize("status", ["open", "paid", "voided"])
    def test_takes_every_status_without_contact_and_line_items(self, api: Caller, status: str) -> None:
        made, changed = tracked(api, hs_invoice_status=status), tracked(api)

        assert set_values(api, changed, hs_invoice_status=status).status == 200
        assert {api.read("invoices", one, "hs_invoice_status")["hs_invoice_status"] for one in (made, changed)} == {status}

    def test_keeps_amounts_that_were_written_over_those_of_its_lines(self, api: Caller) -> None:
        invoice = tracked(api, hs_amount_billed="119.00", hs_payment_date="2026-11-20")
        associate(api, invoice, "line_items", api.make("line_items", name="L", price="100"))

        assert amounts(api, invoice) == ("100", "0", "119.00", "0", "119")
        assert api.read("invoices", invoice, "hs_payment_date")["hs_payment_date"] == "2026-11-20T00:00:00.000Z"

    def test_computes_an_amount_again_once_it_is_cleared(self, api: Caller) -> None:
        invoice = tracked(api, hs_amount_billed="119")
        associate(api, invoice, "line_items", api.make("line_items", name="L", price="100"))

        set_values(api, invoice, hs_amount_billed="")

        assert amounts(api, invoice)[2] == "100"

    def test_is_decided_when_the_invoice_is_made(self, api: Caller) -> None:
        assert set_values(api, api.make("invoices", hs_currency="USD"), hs_invoice_billable=False).codes == ["READ_ONLY_VALUE"]
        assert set_values(api, tracked(api), hs_invoice_billable=False).status == 200

    def test_leaves_the_amounts_of_a_billable_invoice_to_hubspot(self, api: Caller) -> None:
        invoice = bill(api, {"price": "100"})

        assert set_values(api, invoice, hs_amount_billed="7").status == 200

        assert amounts(api, invoice)[2] == "100"


class TestUnknowns:
    @pytest.mark.parametrize("switch", [{"status_without_payment": False}, {"strict_unknown": True}])
    def test_refuse_paid_and_voided_without_a_payment(self, hubspot: Play, api: Caller, switch: dict[str, bool]) -> None:
        hubspot.switch(**switch)
        invoice = tracked(api, hs_invoice_status="open")

        assert [set_values(api, invoice, hs_invoice_status=status).status for status in ("paid", "voided", "open")] == [400, 400, 200]

    def test_want_a_line_item_of_a_tracked_invoice_too(self, hubspot: Play, api: Caller) -> None:
        hubspot.switch(non_billable_needs_line_items=True)
        invoice = tracked(api)

        answer = set_values(api, invoice, hs_invoice_status="open", hs_comments="x")

        assert (answer.status, "INVOICE_TO_LINE_ITEM" in answer.json["message"]) == (400, True)
        assert set_values(api, invoice, hs_comments="x").status == 200

    def test_lose_the_billed_amount_of_a_new_invoice_until_it_is_sent_again(self, hubspot: Play, api: Caller) -> None:
        hubspot.switch(billed_lost_on_create=True)
        invoice = tracked(api, hs_amount_billed="119")
        lost = amounts(api, invoice)[2]

        set_values(api, invoice, hs_amount_billed="119")

        assert (lost, amounts(api, invoice)[2]) == ("0", "119")

    def test_make_named_properties_read_only_or_writable(self, hubspot: Play, api: Caller) -> None:
        def taken(**values: object) -> list[str]:
            return ["" if (answer := set_values(api, invoice, **{name: value})).status == 200 else answer.codes[0]
                    for name, value in values.items()]

        invoice = tracked(api)
        before = taken(hs_number="7", hs_amount_paid="5", hs_invoice_source="data_sync")

        hubspot.switch(read_only_properties="invoices.hs_number", writable_properties="invoices.hs_amount_paid, invoices.hs_invoice_source")

        assert before == ["", "READ_ONLY_VALUE", "READ_ONLY_VALUE"]
        assert taken(hs_number="8", hs_amount_paid="5", hs_invoice_source="data_sync") == ["READ_ONLY_VALUE", "", ""]
        shown = {name: api.properties("GET", f"invoices/{name}").json for name in ("hs_number", "hs_amount_paid")}
        assert [one["modificationMetadata"]["readOnlyValue"] for one in shown.values()] == [True, False]
        assert amounts(api, invoice)[3] == "5"


class TestAmounts:
    def test_follow_the_lines_as_they_come_change_and_go(self, api: Caller) -> None:
        invoice = bill(api, {"price": "10", "quantity": "3"}, {"price": "5.5", "quantity": "2", "discount": "0.5"})
        lines = [str(one["toObjectId"]) for one in api.objects("GET", f"invoices/{invoice}/associations/line_items").json["results"]]
        at_first = amounts(api, invoice)

        api.objects("PATCH", f"line_items/{lines[0]}", {"properties": {"quantity": "4"}})
        repriced = amounts(api, invoice)
        api.objects("DELETE", f"line_items/{lines[1]}")
        shortened = amounts(api, invoice)
        api.objects("DELETE", f"invoices/{invoice}/associations/line_items/{lines[0]}")

        assert at_first == ("40", "0", "40", "0", "40")
        assert (repriced[2], shortened[2], amounts(api, invoice)[2]) == ("50", "40", "0")

    def test_take_discounts_first_then_fees_then_taxes(self, api: Caller) -> None:
        invoice = bill(api, {"price": "200"})
        wanted = (("taxes", "PERCENT", "10"), ("fees", "PERCENT", "5"), ("fees", "FIXED", "9"), ("discounts", "PERCENT", "50"))

        for kind, how, value in wanted:
            associate(api, invoice, kind, api.make(kind, hs_label="A", hs_type=how, hs_value=value))

        assert amounts(api, invoice) == ("200", "100", "125.4", "0", "125.4")

    def test_round_half_up_to_cents(self) -> None:
        line = {"price": "0.335", "quantity": "1"}

        sums = totals.of([line], discounts=(), fees=(), taxes=[{"hs_type": "PERCENT", "hs_value": "7.5"}])

        assert (sums.subtotal, sums.billed) == (Decimal("0.34"), Decimal("0.37"))

    def test_take_no_more_off_than_there_is(self) -> None:
        sums = totals.of([{"price": "10"}], discounts=[{"hs_type": "FIXED", "hs_value": "25"}], fees=(), taxes=())

        assert (sums.discount, sums.billed) == (Decimal("10.00"), Decimal("0.00"))

    def test_move_the_time_of_change_and_stand_in_the_history(self, api: Caller) -> None:
        invoice, line = api.make("invoices", hs_currency="USD"), api.make("line_items", name="L", price="5")
        before = api.objects("GET", f"invoices/{invoice}").json["updatedAt"]

        associate(api, invoice, "line_items", line)

        found = api.objects("GET", f"invoices/{invoice}", propertiesWithHistory="hs_amount_billed").json
        assert found["updatedAt"] > before
        newest = found["propertiesWithHistory"]["hs_amount_billed"][0]
        assert (newest["value"], newest["sourceType"]) == ("5", "CALCULATED")

    def test_come_with_the_answer_to_a_write(self, api: Caller) -> None:
        invoice = tracked(api)

        assert set_values(api, invoice, hs_amount_billed="12").json["properties"]["hs_balance_due"] == "12"

    def test_show_whom_the_invoice_is_for(self, api: Caller) -> None:
        invoice = api.make("invoices", hs_currency="USD")
        associate(api, invoice, "contacts", api.make("contacts", email="ana@example.com", lastname="Nowak"))
        associate(api, invoice, "companies", api.make("companies", name="Acme"))

        names = ("hs_invoice_latest_contact_email", "hs_invoice_latest_contact_lastname", "hs_invoice_latest_company_name")
        values = api.read("invoices", invoice, *names)
        assert [values[name] for name in names] == ["ana@example.com", "Nowak", "Acme"]


class TestDaysOverdue:
    def overdue(self, api: Caller, invoice: str) -> str:
        return str(api.read("invoices", invoice, "hs_days_overdue")["hs_days_overdue"])

    def test_grow_with_the_days_of_an_open_invoice_only(self, hubspot: Play) -> None:
        api, due = hubspot.caller(kind="service_key"), "2026-11-25"
        opened, draft = bill(api, {"price": "5"}, hs_due_date=due), api.make("invoices", hs_currency="USD", hs_due_date=due)
        before, changed = self.overdue(api, opened), api.objects("GET", f"invoices/{opened}").json["updatedAt"]

        hubspot.world.advance(2 * 86_400)

        assert (before, self.overdue(api, opened), self.overdue(api, draft)) == ("1", "3", "0")
        assert api.objects("GET", f"invoices/{opened}").json["updatedAt"] == changed

    def test_are_counted_where_the_account_is(self, hubspot: Play) -> None:
        api = hubspot.caller(kind="service_key")
        invoice = bill(api, {"price": "5"}, hs_due_date="2026-11-26")

        hubspot.world.advance(19 * 3_600)

        assert self.overdue(api, invoice) == "0"


class TestDelete:
    def test_is_for_drafts_only(self, api: Caller) -> None:
        draft, opened, paid = api.make("invoices", hs_currency="USD"), bill(api, {"price": "5"}), tracked(api, hs_invoice_status="paid")

        assert [api.objects("DELETE", f"invoices/{one}").status for one in (draft, opened, paid)] == [204, 400, 400]

    def test_of_open_ones_follows_the_setting_of_the_account(self, hubspot: Play, api: Caller) -> None:
        hubspot.switch(delete_open_invoices=True)

        opened, voided = bill(api, {"price": "5"}), tracked(api, hs_invoice_status="voided")
        assert [api.objects("DELETE", f"invoices/{one}").status for one in (opened, voided)] == [204, 400]

    def test_of_several_is_all_or_nothing(self, api: Caller) -> None:
        draft, opened = api.make("invoices", hs_currency="USD"), bill(api, {"price": "5"})

        answer = api.objects("POST", "invoices/batch/archive", {"inputs": [{"id": draft}, {"id": opened}]})

        assert answer.status == 400
        assert set(api.objects("GET", "invoices").ids) == {draft, opened}

    def test_takes_discounts_fees_and_taxes_along(self, api: Caller) -> None:
        invoice, fee = api.make("invoices", hs_currency="USD"), api.make("fees", hs_type="FIXED", hs_value="5")
        associate(api, invoice, "fees", fee)

        api.objects("DELETE", f"invoices/{invoice}")

        assert api.objects("GET", f"fees/{fee}").status == 404


class TestSeed:
    def test_brings_lines_of_products_and_payments_and_keeps_its_times(self) -> None:
        portal = {
            **SEED["portals"][0],
            "currencies": ["EUR"],
            "objects": {
                "products": [{"key": "p", "properties": {"name": "Review", "price": "100", "hs_price_eur": "90"}}],
                "invoices": [
                    {
                        "properties": {"hs_currency": "EUR", "hs_invoice_status": "open"},
                        "created_days_ago": 5,
                        "line_items": [{"product": "p", "properties": {"quantity": "2", "hs_line_item_currency_code": "EUR"}}],
                        "taxes": [{"properties": {"hs_type": "PERCENT", "hs_value": "23"}}],
                        "commerce_payments": [
                            {
                                "properties": {
                                    "hs_initial_amount": "21.40",
                                    "hs_initiated_date": "2026-11-22",
                                    "hs_currency_code": "EUR",
                                    "hs_latest_status": "succeeded",
                                }
                            }
                        ],
                    }
                ],
            },
        }

        api = play({"portals": [portal]}).caller()

        (invoice,) = api.objects("GET", "invoices").json["results"]
        assert amounts(api, invoice["id"]) == ("180", "0", "221.4", "21.4", "200")
        assert invoice["createdAt"] == invoice["updatedAt"] == "2026-11-21T09:00:00.000Z"
