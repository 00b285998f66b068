"""What a person does with invoices, deals and payments on the control face, and what is generated of them."""

from __future__ import annotations

from collections import Counter
from decimal import Decimal
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest

from integrations.sandbox.hubspot.face import HubSpotFace
from integrations.sandbox.messages import BadControl, Json, Request
from integrations.sandbox.world import World
from tests.integrations.sandbox.hubspot.calling import Caller, Play
from tests.integrations.sandbox.hubspot.test_invoices import amounts, tracked

LINES = [{"name": "Review", "price": "100", "quantity": "2"}, {"name": "Travel", "price": "45.50"}]
VALUES = ("hs_invoice_status", "hs_currency", "hs_amount_billed", "hs_amount_paid", "hs_balance_due", "hs_number", "hs_days_overdue")


@pytest.fixture
def desk(hubspot: Play) -> Play:
    """An account whose payments can be looked at."""
    hubspot.switch(payments_enabled=True)
    return hubspot


def invoice(play: Play, api: Caller, **values: str) -> Json:
    contact = api.make("contacts", email="ana@example.com", lastname="Nowak")
    wanted = {"type": "invoices", "create": {"hs_currency": "USD", **values}, "associate": {"contacts": [contact]}, "line_items": LINES}
    return play.face.edit(wanted)


def linked(api: Caller, kind: str, record_id: str, to: str) -> list[str]:
    return [str(one["toObjectId"]) for one in api.objects("GET", f"{kind}/{record_id}/associations/{to}").json["results"]]


def everything(api: Caller) -> dict[str, list[str]]:
    return {kind: api.objects("GET", kind).ids for kind in ("invoices", "line_items", "commerce_payments")}


class TestCreate:
    def test_makes_an_invoice_with_all_that_belongs_to_it_at_once(self, desk: Play, api: Caller) -> None:
        company, deal = api.make("companies", name="Acme"), api.make("deals", dealname="D")
        wanted: Json = {"type": "invoices", "create": {"hs_currency": "USD", "hs_invoice_status": "open"}, "line_items": LINES}
        wanted["associate"] = {"contacts": [api.make("contacts", lastname="N")], "companies": [company], "deals": [int(deal)]}

        made = desk.face.edit(wanted)

        assert (made["properties"]["hs_invoice_status"], made["properties"]["hs_amount_billed"]) == ("open", "245.5")
        assert (linked(api, "invoices", made["id"], "companies"), linked(api, "invoices", made["id"], "deals")) == ([company], [deal])
        assert len(linked(api, "invoices", made["id"], "line_items")) == 2

    def test_makes_nothing_of_an_invoice_that_cannot_be_finalized(self, desk: Play, api: Caller) -> None:
        with pytest.raises(BadControl, match="INVOICE_TO_CONTACT"):
            desk.face.edit({"type": "invoices", "create": {"hs_currency": "USD", "hs_invoice_status": "open"}, "line_items": LINES})

        assert everything(api) == {"invoices": [], "line_items": [], "commerce_payments": []}

    def test_makes_a_deal_with_line_items(self, desk: Play, api: Caller) -> None:
        deal = desk.face.edit({"type": "deals", "create": {"dealname": "D"}, "line_items": LINES})["id"]

        assert len(linked(api, "deals", deal, "line_items")) == 2

    @pytest.mark.parametrize(
        "wanted",
        [
            {"create": {"hs_currency": "USD"}, "line_items": [{"name": "L", "price": "-1"}]},
            {"create": {"hs_currency": "USD"}, "line_items": {"name": "L"}},
            {"create": {"hs_currency": "USD"}, "associate": ["5"]},
            {"create": {"hs_currency": "USD"}, "associate": {"contacts": ["5"]}},
            {"create": {"hs_currency": "USD"}, "associate": {"products": ["5"]}},
            {"create": {"hs_currency": "USD"}, "associate": {"gadgets": ["5"]}},
            {"create": {"hs_currency": "USD"}, "dissociate": {"contacts": ["5"]}},
            {"create": {"hs_currency": "CHF"}, "line_items": LINES},
            {"type": "contacts", "create": {"lastname": "N"}, "line_items": LINES},
        ],
    )
    def test_refuses_what_the_screen_would_not_take(self, desk: Play, api: Caller, wanted: dict[str, Any]) -> None:
        with pytest.raises(BadControl):
            desk.face.edit({"type": "invoices", **wanted})

        assert everything(api) == {"invoices": [], "line_items": [], "commerce_payments": []}


class TestRelate:
    def test_changes_the_company_of_an_invoice(self, desk: Play, api: Caller) -> None:
        old, new, made = api.make("companies", name="A"), api.make("companies", name="B"), tracked(api)
        desk.face.edit({"type": "invoices", "id": made, "associate": {"companies": [old]}})

        desk.face.edit({"type": "invoices", "id": made, "dissociate": {"companies": [old]}, "associate": {"companies": [new]}})

        assert linked(api, "invoices", made, "companies") == [new]

    def test_adds_a_line_to_an_invoice(self, desk: Play, api: Caller) -> None:
        made = invoice(desk, api)["id"]

        answer = desk.face.edit({"type": "invoices", "id": made, "line_items": [{"name": "More", "price": "4.50"}]})

        assert answer["properties"]["hs_amount_billed"] == "250"

    def test_leaves_everything_as_it_was_when_a_line_has_another_parent(self, desk: Play, api: Caller) -> None:
        company, made = api.make("companies", name="A"), invoice(desk, api)["id"]
        desk.face.edit({"type": "invoices", "id": made, "associate": {"companies": [company]}})
        deal = desk.face.edit({"type": "deals", "create": {"dealname": "D"}, "line_items": LINES})["id"]
        wanted = {"dissociate": {"companies": [company]}, "associate": {"line_items": linked(api, "deals", deal, "line_items")}}

        with pytest.raises(BadControl, match="one record"):
            desk.face.edit({"type": "invoices", "id": made, **wanted})

        assert linked(api, "invoices", made, "companies") == [company]


class TestFinalize:
    def test_opens_a_draft(self, desk: Play, api: Caller) -> None:
        made = invoice(desk, api)["id"]

        assert desk.face.edit({"type": "invoices", "id": made, "finalize": True})["properties"]["hs_invoice_status"] == "open"

    def test_needs_what_hubspot_needs(self, desk: Play, api: Caller) -> None:
        made = api.make("invoices", hs_currency="USD")

        with pytest.raises(BadControl, match="INVOICE_TO_LINE_ITEM"):
            desk.face.edit({"type": "invoices", "id": made, "finalize": True})


class TestPay:
    def test_settles_what_is_due_by_a_payment_for_all_concerned(self, desk: Play, api: Caller) -> None:
        made = invoice(desk, api, hs_invoice_status="open")["id"]
        deal = api.make("deals", dealname="D")
        desk.face.edit({"type": "invoices", "id": made, "associate": {"deals": [deal]}})
        before = api.objects("GET", f"invoices/{made}").json["updatedAt"]

        answer = desk.face.edit({"type": "invoices", "id": made, "pay": True})

        assert (answer["properties"]["hs_invoice_status"], amounts(api, made)[3:]) == ("paid", ("245.5", "0"))
        assert answer["updatedAt"] > before
        payment = answer["payment_id"]
        names = ("hs_initial_amount", "hs_latest_status", "hs_payment_source_app", "hs_customer_email", "hs_currency_code")
        values = api.read("commerce_payments", payment, *names)
        assert [values[name] for name in names] == ["245.5", "succeeded", "INVOICE", "ana@example.com", "USD"]
        assert linked(api, "commerce_payments", payment, "deals") == [deal]
        assert linked(api, "invoices", made, "commerce_payments") == [payment]

    def test_takes_a_part_with_its_details_and_gives_it_back(self, desk: Play, api: Caller) -> None:
        made = invoice(desk, api, hs_invoice_status="open")["id"]
        details = {"amount": "45.50", "date": "2026-11-20", "method": "check", "reference": "1042"}

        payment = desk.face.edit({"type": "invoices", "id": made, "pay": details})["payment_id"]
        after = (api.read("invoices", made, "hs_invoice_status")["hs_invoice_status"], amounts(api, made)[3:])
        desk.face.edit({"type": "commerce_payments", "id": payment, "set": {"hs_latest_status": "refunded"}})

        values = api.read("commerce_payments", payment, "hs_payment_method_type", "hs_reference_number")
        assert (values["hs_payment_method_type"], values["hs_reference_number"]) == ("check", "1042")
        assert after == ("open", ("45.5", "200"))
        assert amounts(api, made)[3:] == ("0", "245.5")

    def test_works_without_payment_processing(self, hubspot: Play, api: Caller) -> None:
        made = invoice(hubspot, api, hs_invoice_status="open")["id"]

        assert hubspot.face.edit({"type": "invoices", "id": made, "pay": True})["properties"]["hs_invoice_status"] == "paid"

    @pytest.mark.parametrize(
        "pay", [{"amount": "0"}, {"amount": "300"}, {"amount": "x"}, {"amount": "NaN"}, {"method": "gold"}, {"how": 1}, "all"]
    )
    def test_refuses_odd_amounts_and_details(self, desk: Play, api: Caller, pay: object) -> None:
        made = invoice(desk, api, hs_invoice_status="open")["id"]

        with pytest.raises(BadControl):
            desk.face.edit({"type": "invoices", "id": made, "pay": pay})

        assert everything(api)["commerce_payments"] == []

    def test_is_for_open_invoices(self, desk: Play, api: Caller) -> None:
        with pytest.raises(BadControl, match="Only an open invoice"):
            desk.face.edit({"type": "invoices", "id": invoice(desk, api)["id"], "pay": True})
        with pytest.raises(BadControl, match="for invoices"):
            desk.face.edit({"type": "deals", "id": api.make("deals", dealname="D"), "pay": True})


class TestVoid:
    def test_leaves_nothing_due(self, desk: Play, api: Caller) -> None:
        made = invoice(desk, api, hs_invoice_status="open")["id"]

        desk.face.edit({"type": "invoices", "id": made, "void": True})

        assert api.read("invoices", made, "hs_invoice_status")["hs_invoice_status"] == "voided"
        assert amounts(api, made)[2:] == ("245.5", "0", "0")

    def test_is_for_open_invoices_of_which_nothing_is_paid(self, desk: Play, api: Caller) -> None:
        part_paid = invoice(desk, api, hs_invoice_status="open")["id"]
        desk.face.edit({"type": "invoices", "id": part_paid, "pay": {"amount": "5"}})

        with pytest.raises(BadControl, match="payment"):
            desk.face.edit({"type": "invoices", "id": part_paid, "void": True})
        with pytest.raises(BadControl, match="Only an open invoice"):
            desk.face.edit({"type": "invoices", "id": api.make("invoices", hs_currency="USD"), "void": True})

    def test_is_no_way_around_the_rule_of_deletion(self, desk: Play, api: Caller) -> None:
        made = invoice(desk, api, hs_invoice_status="open")["id"]
        desk.face.edit({"type": "invoices", "id": made, "void": True})

        with pytest.raises(BadControl, match="cannot be deleted"):
            desk.face.edit({"type": "invoices", "id": made, "delete": True})


class TestMerge:
    def test_of_deals_brings_their_line_items_together(self, desk: Play, api: Caller) -> None:
        deals = [desk.face.edit({"type": "deals", "create": {"dealname": name}, "line_items": LINES})["id"] for name in "AB"]

        merged = desk.face.edit({"type": "deals", "merge": deals})["id"]

        assert len(linked(api, "deals", merged, "line_items")) == 4


class TestGenerate:
    WANTED: Json = {"contacts": 30, "companies": 10, "products": 12, "deals": 20, "invoices": 60, "random_seed": 7}

    def generated(self, play: Play, api: Caller) -> list[Json]:
        play.switch(additional_currencies="EUR,GBP")
        assert play.face.generate(self.WANTED)["skipped"] == 0
        asked = {"limit": "100", "properties": ",".join(VALUES), "associations": "contacts"}
        results: list[Json] = api.objects("GET", "invoices", **asked).json["results"]
        return results

    def test_makes_invoices_in_every_state_and_currency(self, desk: Play, api: Caller) -> None:
        found = [one["properties"] for one in self.generated(desk, api)]

        states = Counter(one["hs_invoice_status"] for one in found)
        assert set(states) == {"draft", "open", "paid", "voided"}
        assert {one["hs_currency"] for one in found} == {"USD", "EUR", "GBP"}
        assert any(one["hs_invoice_status"] == "open" and Decimal(one["hs_amount_paid"]) for one in found)
        assert any(int(one["hs_days_overdue"]) for one in found)
        assert len({one["hs_number"] for one in found}) == 60

    def test_makes_amounts_that_add_up(self, desk: Play, api: Caller) -> None:
        for one in self.generated(desk, api):
            values = one["properties"]
            billed, paid, due = (Decimal(values[name]) for name in ("hs_amount_billed", "hs_amount_paid", "hs_balance_due"))
            assert billed > 0
            assert due == (0 if values["hs_invoice_status"] == "voided" else billed - paid)
            assert (values["hs_invoice_status"] == "paid") == (paid == billed)
            assert one["associations"]["contacts"]["results"]

    def test_takes_the_lines_from_the_products(self, desk: Play, api: Caller) -> None:
        self.generated(desk, api)

        products = set(api.objects("GET", "products", limit="100").ids)
        lines = api.objects("GET", "line_items", limit="100", properties="hs_product_id,name,price").json["results"]
        assert all(one["properties"]["hs_product_id"] in products and one["properties"]["price"] for one in lines)

    def test_makes_the_same_twice(self, desk: Play) -> None:
        def drawn(portal: int) -> list[tuple[str, ...]]:
            desk.face.generate({**self.WANTED, "portal_id": portal})
            api = Caller(desk.face, desk.face.mint({"portal_id": portal})["access_token"])
            found = api.objects("GET", "invoices", limit="100", properties=",".join(VALUES)).json["results"]
            return [tuple(one["properties"][name] for name in VALUES) for one in found]

        desk.face.mint({"portal_id": 1})
        desk.face.mint({"portal_id": 2})

        assert drawn(1) == drawn(2)

    def test_bills_what_is_made_up_where_there_are_no_products(self, desk: Play, api: Caller) -> None:
        assert desk.face.generate({"invoices": 3}) == {"invoices": 3, "skipped": 0}

        assert all(Decimal(api.read("invoices", one, "hs_amount_billed")["hs_amount_billed"]) for one in api.objects("GET", "invoices").ids)


class TestStateFile:
    def test_holds_amounts_numbers_and_what_was_written_over_a_restart(self, tmp_path: Path) -> None:
        world = World(state=tmp_path / "state.sqlite3")
        face = HubSpotFace(world)
        api = Caller(face, face.mint({})["access_token"])
        kept, numbered = tracked(api, hs_amount_billed="119"), api.make("invoices", hs_currency="USD")
        world.store.close()

        reopened = World(state=tmp_path / "state.sqlite3")
        face = HubSpotFace(reopened)
        api = Caller(face, face.mint({})["access_token"])
        face.edit({"type": "invoices", "id": kept, "line_items": LINES})

        assert amounts(api, kept)[:3] == ("245.5", "0", "119")
        numbers = [api.read("invoices", one, "hs_number")["hs_number"] for one in (numbered, api.make("invoices", hs_currency="USD"))]
        assert numbers == ["INV-1001", "INV-1002"]
        reopened.store.close()


class TestPage:
    def post(self, play: Play, **form: str) -> int:
        request = Request(method="POST", raw_path="/_sandbox/records", body=urlencode({"type": "invoices", **form}).encode())
        return play.face.records_page(request).status

    def show(self, play: Play, **query: str) -> str:
        request = Request(method="GET", raw_path="/_sandbox/records", query=(("type", "invoices"), *query.items()))
        return play.face.records_page(request).body.decode()

    def test_shows_invoices_and_what_can_be_done_with_each(self, desk: Play, api: Caller) -> None:
        made = invoice(desk, api)
        number = made["properties"]["hs_number"]

        draft = self.show(desk, id=made["id"], q=number)
        done = [self.post(desk, id=made["id"], command=command) for command in ("finalize", "pay", "void")]

        assert ("Invoice records: 1" in draft, number in draft, "245.5" in draft, ">Finalize<" in draft) == (True, True, True, True)
        assert done == [303, 303, 400]
        assert api.read("invoices", made["id"], "hs_invoice_status")["hs_invoice_status"] == "paid"

    def test_makes_and_saves_products_and_deals(self, desk: Play, api: Caller) -> None:
        statuses = [
            self.post(desk, type="products", command="create", name="Review", price="5"),
            self.post(desk, type="deals", command="create", dealname="D", dealstage="closedwon"),
            self.post(desk, type="invoices", command="create", hs_currency="USD"),
        ]

        assert statuses == [303] * 3
        assert api.objects("GET", "products").json["results"][0]["properties"]["price"] == "5"
