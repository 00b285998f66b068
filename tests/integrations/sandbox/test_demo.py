"""The demo's two companies: the file is what the script makes, and holds the mess it promises."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

import pytest

from fixtures.sandbox import catalog, make_demo, mess
from integrations.sandbox import seeds
from integrations.sandbox.messages import BadControl


@pytest.fixture(scope="module")
def portal() -> Any:
    return seeds.load("demo")["hubspot"]["portals"][0]["objects"]


@pytest.fixture(scope="module")
def books() -> Any:
    return seeds.load("demo")["quickbooks"]["companies"][0]


def left_email(contact: Any) -> str:
    return str(contact["properties"].get("email", "")).lower()


def right_email(customer: Any) -> str:
    return str(customer.get("PrimaryEmailAddr", {}).get("Address", "")).lower()


class TestFile:
    def test_is_what_the_script_makes(self) -> None:
        assert make_demo.FILE.read_text(encoding="utf-8") == make_demo.text()

    def test_holds_what_was_built(self) -> None:
        assert json.loads(make_demo.text()) == make_demo.build()

    def test_has_the_size_of_a_small_consultancy(self, portal: Any, books: Any) -> None:
        assert (len(portal["contacts"]), len(portal["companies"]), len(books["customers"])) == (400, 120, 350)

    def test_names_only_records_that_it_holds(self, portal: Any, books: Any) -> None:
        contacts, companies = ({one["key"] for one in portal[kind]} for kind in ("contacts", "companies"))
        active = {one["DisplayName"] for one in books["customers"] if one.get("Active", True)}

        for kind in ("contacts", "deals", "invoices"):
            for one in portal[kind]:
                assert set(one.get("contacts", [])) <= contacts
                assert set(one.get("companies", [])) <= companies
        for kind in ("invoices", "credit_memos", "refund_receipts", "payments"):
            assert {form["CustomerName"] for form in books[kind]} <= active

    def test_sells_what_it_lists_and_pays_what_it_billed(self, books: Any) -> None:
        items, classes = ({catalog.full_name(one) for one in books[kind] if one.get("Active", True)} for kind in ("items", "classes"))
        forms = [form for kind in ("invoices", "credit_memos", "refund_receipts") for form in books[kind]]
        lines = [line for form in forms for line in form["Line"]]
        paid = [(payment["CustomerName"], line) for payment in books["payments"] for line in payment.get("Line", [])]

        assert {line[name] for line in lines for name in ("ItemName", "GroupName") if name in line} <= items
        assert {form["ClassName"] for form in forms if "ClassName" in form} <= classes
        for kind, name in (("invoices", "InvoiceNumber"), ("credit_memos", "CreditMemoNumber")):
            billed = {(form["CustomerName"], form["DocNumber"]) for form in books[kind] if not form.get("void")}
            assert {(customer, line[name]) for customer, line in paid if name in line} <= billed

    def test_keeps_hubspots_own_invoices(self, portal: Any) -> None:
        open_today = [
            one for one in portal["invoices"] if (one["properties"]["hs_invoice_status"], one["created_days_ago"]) == ("open", 0)
        ]

        assert (len(portal["invoices"]), len(open_today)) == (62, 38)

    def test_puts_nothing_into_the_future(self, portal: Any, books: Any) -> None:
        everything = [one for kind in portal.values() for one in kind] + [
            one for kind in books.values() if isinstance(kind, list) for one in kind
        ]

        assert min(one["created_days_ago"] for one in everything) == 0
        assert all(one["dated_days_ago"] > one["created_days_ago"] for one in everything if "dated_days_ago" in one)


class TestMess:
    def test_gives_matching_about_two_hundred_shared_people(self, portal: Any, books: Any) -> None:
        shared = ({left_email(one) for one in portal["contacts"]} & {right_email(one) for one in books["customers"]}) - {""}

        assert 190 <= len(shared) <= 210

    def test_repeats_emails_only_where_the_vendor_allows_it(self, portal: Any, books: Any) -> None:
        left = Counter(filter(None, map(left_email, portal["contacts"])))
        right = Counter(filter(None, map(right_email, books["customers"])))

        assert max(left.values()) == 1
        assert [email for email, count in right.items() if count == 2] == ["achterberg.family@example.org", "office@ternisland.example.com"]

    def test_keeps_display_names_of_active_customers_apart(self, books: Any) -> None:
        names = Counter(one["DisplayName"].lower() for one in books["customers"] if one.get("Active", True))

        assert max(names.values()) == 1

    def test_lets_a_few_dozen_contacts_through_the_recommended_filter(self, portal: Any) -> None:
        passing = {
            invoice["contacts"][0]
            for invoice in portal["invoices"]
            if invoice["properties"]["hs_invoice_status"] == "open" and invoice["created_days_ago"] == 0
        }

        assert 24 <= len(passing) <= 48
        assert set(mess.BILLED_TODAY) <= passing

    def test_has_what_breaks_careless_code(self, portal: Any, books: Any) -> None:
        text = json.dumps([portal, books], ensure_ascii=False)
        companies = Counter(company for one in portal["contacts"] for company in one["companies"])

        assert all(sign in text for sign in ("O'Brien", "Müller", "🌻", " & ", "  ", "=1+1", "Northline: West"))
        assert sum(not left_email(one) for one in portal["contacts"]) >= 8
        assert sum(not right_email(one) for one in books["customers"]) >= 8
        assert sum(not one.get("Active", True) for one in books["customers"]) >= 7
        assert max(companies.values()) > 1

    def test_gives_the_two_sides_something_to_disagree_about(self, portal: Any, books: Any) -> None:
        phones = {left_email(one): one["properties"].get("phone") for one in portal["contacts"] if left_email(one)}
        other = {right_email(one): one.get("PrimaryPhone", {}).get("FreeFormNumber") for one in books["customers"] if right_email(one)}

        assert sum(phones[email] != other[email] for email in phones.keys() & other.keys()) >= 10


class TestSeeds:
    def test_are_loaded_from_a_file_too(self, tmp_path: Any) -> None:
        path = tmp_path / "mine.json"
        path.write_text('{"hubspot": {"portals": [{"portal_id": "7"}]}}', encoding="utf-8")

        assert seeds.load(path) == {"hubspot": {"portals": [{"portal_id": "7"}]}, "quickbooks": {"companies": []}}

    @pytest.mark.parametrize("text", [None, "no json", "[]", '{"salesforce": {}}'])
    def test_are_refused_when_they_are_none(self, tmp_path: Any, text: str | None) -> None:
        path = tmp_path / "mine.json"
        if text is not None:
            path.write_text(text, encoding="utf-8")

        with pytest.raises(BadControl, match=r"mine\.json"):
            seeds.load(path)

    def test_are_a_fresh_copy_each_time(self) -> None:
        seeds.load("empty")["hubspot"]["portals"].clear()

        assert len(seeds.load("empty")["hubspot"]["portals"]) == 1
