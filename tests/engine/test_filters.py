"""A record comes in or not, and a person is told which condition kept it out."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from syncapp.engine import filters, kinds, records, rules
from syncapp.engine.vocabulary import FieldType, FilterOperator
from tests.engine.examples import NOW, condition, contact, field, group

STATUS = field(
    "invoices.status",
    FieldType.CHOICE,
    label="Invoice status",
    associated_kind="invoices",
    choices=(("draft", "Draft"), ("open", "Open")),
)
ORIGIN = field("invoices.origin", FieldType.CHOICE, label="Invoice source", associated_kind="invoices", choices=(("hubspot", "HubSpot"),))
CREATED = field("createdate", FieldType.DATETIME, label="Create date")
CITY = field("city", label="City")

NOT_DRAFT = condition(STATUS, FilterOperator.NONE_OF, "draft")
OF_HUBSPOT = condition(ORIGIN, FilterOperator.ANY_OF, "hubspot")
SINCE_SETUP = condition(CREATED, FilterOperator.AFTER, "2026-11-01T00:00:00.000Z")


def ask(*groups: rules.FilterGroup, of: records.Subject, now: datetime = NOW) -> filters.Verdict:
    return filters.evaluate(groups=groups, subject=of, now=now)


def with_invoices(*invoices: Mapping[str, records.Value], **values: records.Value) -> records.Subject:
    return contact(related={"invoices": invoices}, **values)


class TestGroups:
    def test_none_let_everything_in(self) -> None:
        assert ask(of=contact()).passes

    def test_one_that_holds_is_enough(self) -> None:
        bath, rome = (group(condition(CITY, FilterOperator.EQUALS, city)) for city in ("Bath", "Rome"))

        assert ask(rome, bath, of=contact(city="Bath")).passes
        assert not ask(rome, bath, of=contact(city="Oslo")).passes

    def test_need_all_their_rules(self) -> None:
        both = group(condition(CITY, FilterOperator.STARTS_WITH, "B"), condition(CITY, FilterOperator.ENDS_WITH, "h"))

        assert ask(both, of=contact(city="Bath")).passes
        assert not ask(both, of=contact(city="Bern")).passes

    def test_tell_all_that_failed_group_by_group(self) -> None:
        bath = group(condition(CITY, FilterOperator.EQUALS, "Bath"), name="Bath")
        known = group(condition(CITY, FilterOperator.EQUALS, "Rome"), condition(CREATED, FilterOperator.IS_KNOWN), name="")

        verdict = ask(bath, known, of=contact(city="Oslo"))

        assert [failed.sentence for failed in verdict.failing] == [
            "Bath: City is equal to Bath — it is Oslo",
            "Group 2: City is equal to Rome — it is Oslo",
            "Group 2: Create date is known — it has no value",
        ]


class TestAssociatedRecords:
    def test_let_a_contact_in_by_its_invoices(self) -> None:
        recommended = group(NOT_DRAFT, SINCE_SETUP, OF_HUBSPOT)
        created = "2026-11-02T00:00:00.000Z"

        assert ask(recommended, of=with_invoices({"status": "open", "origin": "hubspot"}, createdate=created)).passes
        assert not ask(recommended, of=with_invoices({"status": "open", "origin": "hubspot"}, createdate="2026-10-02T00:00:00.000Z")).passes
        assert not ask(recommended, of=with_invoices({"status": "draft", "origin": "hubspot"}, createdate=created)).passes

    def test_must_meet_all_rules_at_once(self) -> None:
        both = group(NOT_DRAFT, OF_HUBSPOT)
        divided = with_invoices({"status": "open", "origin": "other"}, {"status": "draft", "origin": "hubspot"})

        assert not ask(both, of=divided).passes
        assert ask(both, of=with_invoices(*divided.related["invoices"], {"status": "open", "origin": "hubspot"})).passes

    def test_that_are_missing_fail_the_group_even_if_unset_values_pass(self) -> None:
        rule = condition(STATUS, FilterOperator.NONE_OF, "draft", include_unset=True)

        verdict = ask(group(rule), of=with_invoices())

        assert [failed.sentence for failed in verdict.failing] == ["Group 1: Invoice status is none of Draft — this contact has no invoice"]
        assert verdict.failing[0].value_seen == "no invoice"

    def test_are_told_by_the_one_that_comes_closest(self) -> None:
        verdict = ask(
            group(NOT_DRAFT, OF_HUBSPOT),
            of=with_invoices({"status": "draft", "origin": None}, {"status": "draft", "origin": "hubspot"}),
        )

        assert [failed.sentence for failed in verdict.failing] == [
            "Group 1: Invoice status is none of Draft — the closest of its 2 invoices has Draft",
        ]

    def test_are_told_by_the_only_one(self) -> None:
        verdict = ask(group(OF_HUBSPOT), of=with_invoices({"status": "open"}))

        assert [failed.sentence for failed in verdict.failing] == ["Group 1: Invoice source is any of HubSpot — its invoice has no value"]

    def test_compare_their_own_dates(self) -> None:
        sent, due = (field(f"invoices.{name}", FieldType.DATE, associated_kind="invoices") for name in ("sent", "due"))
        late = group(condition(sent, FilterOperator.AFTER_FIELD, due.name))

        assert ask(late, of=with_invoices({"sent": "2026-11-27", "due": "2026-11-26"})).passes
        assert not ask(late, of=with_invoices({"sent": "2026-11-27", "due": None}, {"sent": None, "due": "2026-11-26"})).passes

    def test_compare_their_dates_with_one_of_the_record_itself(self) -> None:
        sent = field("invoices.sent", FieldType.DATE, associated_kind="invoices")
        first = group(condition(sent, FilterOperator.BEFORE_FIELD, "closedate"))

        assert ask(first, of=with_invoices({"sent": "2026-11-25"}, closedate="2026-11-26")).passes
        assert not ask(first, of=with_invoices({"sent": "2026-11-27", "closedate": "2026-11-28"}, closedate="2026-11-26")).passes

    def test_have_a_past_of_their_own(self) -> None:
        was_draft = group(condition(STATUS, FilterOperator.EVER_ANY_OF, "draft"), OF_HUBSPOT)
        invoices = ({"status": "open", "origin": "hubspot"}, {"status": "open", "origin": "other"})
        first, second = ({"status": ("draft",)}, {}), ({}, {"status": ("draft",)})

        assert ask(was_draft, of=contact(related={"invoices": invoices}, related_past={"invoices": first})).passes
        assert not ask(was_draft, of=contact(related={"invoices": invoices}, related_past={"invoices": second})).passes


class TestPast:
    def test_counts_with_the_value_now(self) -> None:
        was_bath = group(condition(CITY, FilterOperator.EVER_EQUALED, "Bath"))

        assert ask(was_bath, of=contact(city="Oslo", past={"city": ("Rome", "Bath")})).passes
        assert ask(was_bath, of=contact(city="Bath")).passes
        assert not ask(was_bath, of=contact(city="Oslo", past={"city": ("Rome",)})).passes


class TestWords:
    def test_of_conditions(self) -> None:
        day = field("day", FieldType.DATE, label="Day")
        said = {
            filters.condition(condition(day, FilterOperator.LESS_THAN_DAYS_AGO, "30")),
            filters.condition(condition(day, FilterOperator.IN_THIS, "month")),
            filters.condition(condition(day, FilterOperator.IN_THIS_SO_FAR, "month")),
            filters.condition(condition(day, FilterOperator.BETWEEN, "2026-11-01", "2026-11-26")),
            filters.condition(condition(STATUS, FilterOperator.ANY_OF, "draft", "open")),
            filters.condition(condition(day, FilterOperator.IS_UNKNOWN)),
            filters.condition(condition(day, FilterOperator.BEFORE_FIELD, "due")),
        }

        assert said == {
            "Day is less than 30 days ago",
            "Day is in this month",
            "Day is in this month, so far",
            "Day is between 2026-11-01 and 2026-11-26",
            "Invoice status is any of Draft, Open",
            "Day is unknown",
            "Day is before the field due",
        }

    def test_of_kinds(self) -> None:
        assert [kinds.one(kind) for kind in ("contacts", "companies", "customer", "line_items")] == [
            "contact",
            "company",
            "customer",
            "line item",
        ]

    def test_of_a_choice_are_its_labels(self) -> None:
        tags = field("tags", FieldType.CHOICES, label="Tags", choices=(("a", "Alpha"), ("b", "Beta")))

        verdict = ask(group(condition(tags, FilterOperator.EXACTLY, "a")), of=contact(tags=("a", "b")))

        assert verdict.failing[0].sentence == "Group 1: Tags is exactly Alpha — it is Alpha, Beta"

    def test_go_into_the_detail_of_a_pair_as_plain_json(self) -> None:
        verdict = ask(group(condition(CITY, FilterOperator.EQUALS, "Bath")), of=contact(city="Oslo"))

        assert filters.as_detail(verdict) == [
            {
                "group": "Group 1",
                "field": "city",
                "label": "City",
                "condition": "City is equal to Bath",
                "seen": "Oslo",
                "sentence": "Group 1: City is equal to Bath — it is Oslo",
            }
        ]
