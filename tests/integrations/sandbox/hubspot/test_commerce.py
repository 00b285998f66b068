"""What surrounds an invoice: products, line items, payments, notes, and what can be associated with what."""

from __future__ import annotations

import pytest

from tests.integrations.sandbox.hubspot.calling import Caller, Play
from tests.integrations.sandbox.hubspot.test_invoices import amounts, associate, bill, set_values, tracked

PAYMENT = {"hs_initiated_date": "2026-11-25", "hs_latest_status": "succeeded"}


@pytest.fixture
def paying(hubspot: Play, api: Caller) -> Caller:
    """An account with payment processing."""
    hubspot.switch(payments_enabled=True)
    return api


def status(api: Caller, invoice: str) -> str:
    return str(api.read("invoices", invoice, "hs_invoice_status")["hs_invoice_status"])


class TestProducts:
    def test_may_share_a_sku(self, api: Caller) -> None:
        one, two = (api.make("products", name=name, price="5", hs_sku="A-1") for name in "AB")

        assert one != two

    def test_have_a_price_for_each_currency_only_where_there_are_several(self, hubspot: Play, api: Caller) -> None:
        wanted = {"properties": {"name": "P", "price": "10", "hs_price_eur": "9.20"}}
        alone = api.objects("POST", "products", wanted)

        hubspot.switch(additional_currencies="EUR")
        made = api.objects("POST", "products", wanted)

        assert (alone.codes, made.status) == (["PROPERTY_DOESNT_EXIST"], 201)
        values = api.read("products", made.json["id"], "hs_price_eur", "hs_price_usd")
        assert (values["hs_price_eur"], values["hs_price_usd"]) == ("9.20", None)

    def test_keep_how_often_they_are_billed(self, api: Caller) -> None:
        wanted = {"recurringbillingfrequency": "monthly", "hs_recurring_billing_period": "P12M", "hs_product_type": "service"}

        product = api.make("products", name="P", price="5", **wanted)

        values = api.read("products", product, *wanted)
        assert {name: values[name] for name in wanted} == wanted

    def test_belong_to_nothing(self, api: Caller) -> None:
        product, deal = api.make("products", name="P", price="5"), api.make("deals", dealname="D")

        assert api.objects("PUT", f"deals/{deal}/associations/default/products/{product}").status == 400


class TestLineItems:
    def test_take_over_from_their_product_what_they_do_not_say(self, hubspot: Play, api: Caller) -> None:
        hubspot.switch(additional_currencies="EUR")
        product = api.make("products", name="Review", price="100", hs_price_eur="92", hs_sku="R-1", recurringbillingfrequency="monthly")

        plain = api.make("line_items", hs_product_id=product, quantity="2")
        own = api.make("line_items", hs_product_id=product, name="Short review", price="80")
        foreign = api.make("line_items", hs_product_id=product, hs_line_item_currency_code="EUR")

        names = ("name", "price", "amount", "hs_sku", "recurringbillingfrequency")
        values = api.read("line_items", plain, *names)
        assert [values[name] for name in names] == ["Review", "100", "200", "R-1", "monthly"]
        values = api.read("line_items", own, "name", "price", "hs_sku")
        assert [values[name] for name in ("name", "price", "hs_sku")] == ["Short review", "80", "R-1"]
        assert api.read("line_items", foreign, "price")["price"] == "92"

    def test_stay_as_they_are_when_the_product_changes(self, api: Caller) -> None:
        product = api.make("products", name="Review", price="100")
        line = api.make("line_items", hs_product_id=product)

        api.objects("PATCH", f"products/{product}", {"properties": {"price": "120"}})

        assert api.read("line_items", line, "price")["price"] == "100"

    def test_may_name_a_product_that_is_gone_only_while_unknowns_are_lenient(self, hubspot: Play, api: Caller) -> None:
        wanted = {"properties": {"name": "L", "hs_product_id": "5"}}
        lenient = api.objects("POST", "line_items", wanted).status

        hubspot.switch(strict_unknown=True)

        assert (lenient, api.objects("POST", "line_items", wanted).codes) == (201, ["INVALID_OPTION"])

    @pytest.mark.parametrize(
        ("values", "amount"),
        [
            ({"price": "19.99", "quantity": "3"}, "59.97"),
            ({"price": "10", "quantity": "4", "discount": "1.5"}, "34"),
            ({"price": "9.99", "quantity": "1", "hs_discount_percentage": "15"}, "8.49"),
            ({"price": "0.005"}, "0.01"),
            ({"price": "0"}, "0"),
            ({}, None),
        ],
    )
    def test_come_to_quantity_by_price_less_the_discount(self, api: Caller, values: dict[str, object], amount: str | None) -> None:
        line = api.make("line_items", name="L", **values)

        assert api.read("line_items", line, "amount")["amount"] == amount

    def test_have_one_parent(self, api: Caller) -> None:
        deal, invoice = api.make("deals", dealname="D"), api.make("invoices", hs_currency="USD")
        line, free = api.make("line_items", name="L", price="5"), api.make("line_items", name="M", price="5")
        api.objects("PUT", f"deals/{deal}/associations/default/line_items/{line}")
        inputs = [{"from": {"id": invoice}, "to": {"id": one}} for one in (line, free)]

        single = associate(api, invoice, "line_items", line)
        reverse = api.objects("PUT", f"line_items/{line}/associations/default/invoices/{invoice}")
        batch = api.associations("POST", "invoices/line_items/batch/associate/default", {"inputs": inputs})

        assert (single.status, reverse.status) == (400, 400)
        assert (batch.status, batch.json["numErrors"], batch.json["errors"][0]["context"]["toObjectId"]) == (207, 1, [line])
        assert amounts(api, invoice)[2] == "5"
        assert api.objects("PUT", f"deals/{deal}/associations/default/line_items/{line}").status == 200

    def test_cannot_be_made_with_two_parents(self, api: Caller) -> None:
        ends = [
            {"to": {"id": end}, "types": [{"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": number}]}
            for end, number in ((api.make("deals", dealname="D"), 20), (api.make("invoices", hs_currency="USD"), 410))
        ]

        answers = [api.objects("POST", "line_items", {"properties": {"name": "L"}, "associations": some}) for some in (ends, ends[:1])]

        assert [answer.status for answer in answers] == [400, 201]

    def test_may_be_shared_when_the_switch_says_so_and_go_with_either_parent(self, hubspot: Play, api: Caller) -> None:
        hubspot.switch(shared_line_items=True)
        deal, invoice, line = api.make("deals", dealname="D"), tracked(api), api.make("line_items", name="L", price="5")
        for parent in (f"deals/{deal}", f"invoices/{invoice}"):
            assert api.objects("PUT", f"{parent}/associations/default/line_items/{line}").status == 200

        api.objects("DELETE", f"deals/{deal}")

        assert api.objects("GET", f"line_items/{line}").status == 404
        assert amounts(api, invoice)[2] == "0"

    def test_leave_the_amount_of_a_deal_alone(self, api: Caller) -> None:
        deal, line = api.make("deals", dealname="D", amount="1000"), api.make("line_items", name="L", price="5")

        api.objects("PUT", f"deals/{deal}/associations/default/line_items/{line}")

        assert api.read("deals", deal, "amount")["amount"] == "1000"


class TestPayments:
    def pay(self, api: Caller, invoice: str, amount: str, **values: object) -> str:
        payment = api.make("commerce_payments", hs_initial_amount=amount, **{**PAYMENT, **values})
        assert associate(api, invoice, "commerce_payments", payment).status == 200
        return payment

    @pytest.mark.parametrize("account", [{}, {"payments_enabled": True, "account_type": "DEVELOPER_TEST"}])
    def test_are_refused_without_payment_processing(self, hubspot: Play, api: Caller, account: dict[str, bool | str]) -> None:
        invoice = tracked(api)
        hubspot.switch(**account)

        answers = [
            api.objects("POST", "commerce_payments", {"properties": {"hs_initial_amount": "5", **PAYMENT}}),
            api.objects("GET", "commerce_payments"),
            api.objects("POST", "commerce_payments/search", {}),
            associate(api, invoice, "commerce_payments", "5"),
        ]

        assert {(answer.status, answer.json["category"]) for answer in answers} == {(403, "FORBIDDEN")}

    def test_begin_as_processing_and_count_once_they_succeeded(self, paying: Caller) -> None:
        invoice = bill(paying, {"price": "100"})
        payment = self.pay(paying, invoice, "100", hs_latest_status="")
        begun = (paying.read("commerce_payments", payment, "hs_latest_status")["hs_latest_status"], status(paying, invoice))

        paying.objects("PATCH", f"commerce_payments/{payment}", {"properties": {"hs_latest_status": "succeeded"}})

        assert begun == ("processing", "open")
        assert (status(paying, invoice), amounts(paying, invoice)[3:]) == ("paid", ("100", "0"))

    def test_pay_an_invoice_in_parts(self, paying: Caller) -> None:
        invoice = bill(paying, {"price": "100"})

        self.pay(paying, invoice, "30.50", hs_initiated_date="2026-11-20")
        partly = (status(paying, invoice), amounts(paying, invoice)[3:])
        self.pay(paying, invoice, "69.50")

        assert partly == ("open", ("30.5", "69.5"))
        assert (status(paying, invoice), amounts(paying, invoice)[3:]) == ("paid", ("100", "0"))
        assert paying.read("invoices", invoice, "hs_payment_date")["hs_payment_date"] == "2026-11-25T00:00:00.000Z"

    def test_open_the_invoice_again_when_they_are_given_back(self, paying: Caller) -> None:
        invoice = bill(paying, {"price": "100"})
        payment = self.pay(paying, invoice, "100")

        refund = {"hs_latest_status": "partially_refunded", "hs_refunds_amount": "40"}
        paying.objects("PATCH", f"commerce_payments/{payment}", {"properties": refund})
        partly = (status(paying, invoice), amounts(paying, invoice)[3:])
        paying.objects("DELETE", f"commerce_payments/{payment}")

        assert partly == ("open", ("60", "40"))
        assert amounts(paying, invoice)[3:] == ("0", "100")

    def test_leave_a_status_alone_that_was_set_without_them(self, paying: Caller) -> None:
        invoice = tracked(paying, hs_invoice_status="open", hs_amount_billed="100")
        set_values(paying, invoice, hs_invoice_status="paid")

        self.pay(paying, invoice, "10")

        assert status(paying, invoice) == "paid"

    @pytest.mark.parametrize("values", [{"hs_latest_status": "failed"}, {"hs_latest_status": "refunded"}, {"hs_currency_code": "EUR"}])
    def test_do_not_count_when_failed_given_back_or_in_another_currency(
        self, hubspot: Play, paying: Caller, values: dict[str, object]
    ) -> None:
        hubspot.switch(additional_currencies="EUR")
        invoice = bill(paying, {"price": "100"})

        self.pay(paying, invoice, "100", **values)

        assert (status(paying, invoice), amounts(paying, invoice)[3]) == ("open", "0")

    @pytest.mark.parametrize("processor", ["hs_payments", "byo_stripe"])
    def test_cannot_be_changed_or_deleted_once_a_processor_made_them(self, paying: Caller, processor: str) -> None:
        payment = paying.make("commerce_payments", hs_initial_amount="5", hs_processor_type=processor, **PAYMENT)

        assert paying.objects("PATCH", f"commerce_payments/{payment}", {"properties": {"hs_internal_comment": "x"}}).status == 400
        assert paying.objects("DELETE", f"commerce_payments/{payment}").status == 400
        assert paying.objects("GET", "commerce_payments").ids == [payment]

    @pytest.mark.parametrize("name", ["hs_payment_id", "hs_net_amount", "hs_payment_source_app", "hs_payment_source_url"])
    def test_have_values_that_only_hubspot_writes(self, paying: Caller, name: str) -> None:
        answer = paying.objects("POST", "commerce_payments", {"properties": {"hs_initial_amount": "5", **PAYMENT, name: "5"}})

        assert answer.codes == ["READ_ONLY_VALUE"]

    def test_show_what_is_left_after_fees_and_refunds(self, paying: Caller) -> None:
        payment = paying.make("commerce_payments", hs_initial_amount="100", hs_fees_amount="2.90", hs_refunds_amount="10", **PAYMENT)

        assert paying.read("commerce_payments", payment, "hs_net_amount")["hs_net_amount"] == "87.1"


class TestNotes:
    def body(self, api: Caller, text: str) -> str:
        note = api.make("notes", hs_timestamp="2026-11-20T00:00:00Z", hs_note_body=text)
        return str(api.read("notes", note, "hs_note_body")["hs_note_body"])

    def test_need_a_moment_and_hold_so_many_characters(self, api: Caller) -> None:
        long, longest = ({"hs_timestamp": "2026-11-20", "hs_note_body": "x" * size} for size in (65_537, 65_536))

        assert api.objects("POST", "notes", {"properties": {"hs_note_body": "x"}}).codes == ["MISSING_REQUIRED_PROPERTY"]
        assert api.objects("POST", "notes", {"properties": long}).codes == ["VALUE_TOO_LONG"]
        assert api.objects("POST", "notes", {"properties": longest}).status == 201

    @pytest.mark.parametrize(
        ("sent", "kept"),
        [
            ("<b>Payment</b> of 5 &lt; 6 &amp; more", "<b>Payment</b> of 5 &lt; 6 &amp; more"),
            ("AT&T & Söhne", "AT&T & Söhne"),
            ("<i>AT&T</i> &copy; a < b & c", "<i>AT&amp;T</i> &copy; a &lt; b &amp; c"),
            ('<a href="/?a=1&b=2">A</a>', '<a href="/?a=1&amp;b=2">A</a>'),
            ("<![odd[ x ]]><embed src='x'>stays", "&lt;![odd[ x ]]>stays"),
            ("left<script>open", "left"),
            ("<p onclick=\"x()\" class='c'>Hi<script>alert('1 < 2')</script></p>", '<p class="c">Hi</p>'),
            ('<a href="javascript:x()">A</a><a href="https://a.example/?q=1:2">B</a>', '<a>A</a><a href="https://a.example/?q=1:2">B</a>'),
            ("<a href=' java\tscript:x()'>A</a>", "<a>A</a>"),
            ("<!-- marker -->text<iframe src='//x'>gone</iframe><blink>stays</blink>", "textstays"),
            ('<img src="/a.png" onerror="x()"><br/>', '<img src="/a.png"><br>'),
            ('<span style="color:red">A</span><span style="background:url(x)">B</span>', '<span style="color:red">A</span><span>B</span>'),
            ("<svg><style>x</style></svg>end", "end"),
        ],
    )
    def test_keep_harmless_html_only(self, api: Caller, sent: str, kept: str) -> None:
        assert self.body(api, sent) == kept

    @pytest.mark.parametrize(("kind", "number"), [("contacts", 202), ("companies", 190), ("deals", 214)])
    def test_stand_on_the_timelines_of_others(self, api: Caller, kind: str, number: int) -> None:
        end = api.make(kind, **{"contacts": {"lastname": "N"}, "companies": {"name": "A"}, "deals": {"dealname": "D"}}[kind])
        link = {"to": {"id": end}, "types": [{"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": number}]}

        note = api.objects("POST", "notes", {"properties": {"hs_timestamp": "2026-11-20"}, "associations": [link]}).json["id"]

        assert [one["toObjectId"] for one in api.objects("GET", f"{kind}/{end}/associations/notes").json["results"]] == [int(note)]

    def test_stand_on_invoices_only_when_the_switch_says_so(self, hubspot: Play, api: Caller) -> None:
        note, invoice = api.make("notes", hs_timestamp="2026-11-20"), tracked(api)
        path = f"notes/{note}/associations/default/invoices/{invoice}"
        refused = api.objects("PUT", path).status

        hubspot.switch(note_to_invoice=True)

        assert (refused, api.objects("PUT", path).status) == (400, 200)
        (label,) = api.associations("GET", "notes/invoices/labels").json["results"]
        assert label["category"] == "HUBSPOT_DEFINED"


class TestLabels:
    @pytest.mark.parametrize(
        ("kind", "to", "number", "inverse"),
        [
            ("invoices", "discounts", 411, 412),
            ("invoices", "fees", 413, 414),
            ("invoices", "taxes", 415, 416),
            ("invoices", "quotes", 407, 408),
            ("invoices", "subscriptions", 622, 623),
            ("invoices", "orders", 517, 518),
            ("0-46", "0-5", 228, 227),
            ("commerce_payments", "contacts", 387, 388),
            ("commerce_payments", "companies", 389, 390),
            ("commerce_payments", "line_items", 395, 396),
        ],
    )
    def test_are_known_in_both_directions(self, api: Caller, kind: str, to: str, number: int, inverse: int) -> None:
        def types(path: str) -> list[int]:
            return [one["typeId"] for one in api.associations("GET", f"{path}/labels").json["results"]]

        assert (types(f"{kind}/{to}"), types(f"{to}/{kind}")) == ([number], [inverse])

    def test_are_all_that_is_known_of_quotes_tickets_and_their_like(self, api: Caller) -> None:
        assert api.objects("GET", "quotes").status == 400
        assert api.objects("GET", f"invoices/{tracked(api)}/associations/quotes").status == 400

    def test_need_the_scopes_of_both_types(self, hubspot: Play) -> None:
        scopes = ["crm.objects.invoices.read", "crm.objects.deals.read"]

        assert hubspot.caller(scopes=scopes).associations("GET", "invoices/deals/labels").status == 200
        assert hubspot.caller(scopes=scopes).associations("GET", "invoices/quotes/labels").status == 403


class TestMerges:
    def test_of_companies_show_on_their_invoices(self, api: Caller) -> None:
        one, two, invoice = api.make("companies", name="A"), api.make("companies", name="B"), tracked(api)
        associate(api, invoice, "companies", two)

        api.objects("POST", "companies/merge", {"primaryObjectId": one, "objectIdToMerge": two})

        name = "hs_invoice_latest_company_name"
        assert api.read("invoices", invoice, name)[name] == "A"
