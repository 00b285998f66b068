"""Texts in the reader's language: numbers in its signs, and nothing that is compared or written changed by it."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

import pytest
from django.utils import translation

from syncapp.engine import filters, planning, plans, rules, schema, showing, transforms, values, wording
from syncapp.engine.exporting import ExportContent
from syncapp.engine.operators import Period
from syncapp.engine.vocabulary import Direction, FieldType, FilterOperator, Side
from syncapp.engine.wording import figure, joined
from tests.engine.examples import CITY, NOW, condition, contact, customer, facts, field, group, mapping, sync


@pytest.fixture
def polish() -> Iterator[None]:
    with translation.override("pl"):
        yield


class TestNumbers:
    def test_have_the_signs_of_the_language(self) -> None:
        english = ExportContent.RECORDS.counted(12_345), figure(Decimal("1234.5"), ",.2f")
        with translation.override("pl"):
            polish = ExportContent.RECORDS.counted(12_345), figure(Decimal("1234.5"), ",.2f")

        assert english == ("12,345 records", "1,234.50")
        assert polish == ("12\xa0345 rekordów", "1\xa0234,50")

    @pytest.mark.parametrize(("number", "words"), [(1, "1 wpis"), (3, "3 wpisy"), (5, "5 wpisów"), (22, "22 wpisy")])
    def test_decide_about_the_form(self, polish: None, number: int, words: str) -> None:
        assert ExportContent.ENTRIES.counted(number) == words


class TestSentences:
    def test_of_filters_are_whole_in_another_language(self, polish: None) -> None:
        nameless = rules.FilterGroup(name="", rules=(condition(field("city", label="City"), FilterOperator.EQUALS, "Bath"),))

        verdict = filters.evaluate(groups=[nameless], subject=contact(city="Oslo"), now=NOW)

        assert [failed.sentence for failed in verdict.failing] == ["Grupa 1: City jest równe Bath — wartość: Oslo"]

    def test_name_periods_and_days(self, polish: None) -> None:
        day = field("day", FieldType.DATE, label="Day")

        said = [
            filters.condition(condition(day, FilterOperator.IN_THIS, Period.MONTH.value)),
            filters.condition(condition(day, FilterOperator.LESS_THAN_DAYS_AGO, "30")),
            filters.condition(condition(day, FilterOperator.BETWEEN, "2026-11-01", "2026-11-26")),
        ]

        assert said == [
            "Day przypada w bieżącym okresie: miesiąc", "Day: mniej niż 30 dni temu", "Day jest między 2026-11-01 i 2026-11-26",
        ]

    def test_about_mappings_name_their_fields(self, polish: None) -> None:
        (problem,) = schema.mapping_problems(
            left=field("a", label="Email"), right=field("b", label="Phone", writable=False), direction=Direction.TO_RIGHT
        )

        assert problem == (
            "Pole QuickBooks „Phone” jest tylko do odczytu: ustaw kierunek „QuickBooks → HubSpot” albo wybierz inne pole."
        )

    def test_have_rows_of_texts(self, polish: None) -> None:
        assert joined(["jeden", "dwa", "trzy"]) == "jeden i dwa i trzy"


class TestValues:
    def test_are_read_in_the_language(self, polish: None) -> None:
        assert [showing.shown(value) for value in (True, False, None)] == ["tak", "nie", "brak wartości"]

    def test_are_compared_and_written_alike_in_every_language(self, polish: None) -> None:
        text = transforms.composed(template="VIP: {vip}", value_of=lambda _: True)
        vip = field("vip", FieldType.CHOICE)
        verdict = filters.evaluate(groups=[group(condition(vip, FilterOperator.ANY_OF, "yes"))], subject=contact(vip=True), now=NOW)

        assert (text, verdict.passes, values.plain(False)) == ("VIP: yes", True, "no")

    def test_of_another_kind_are_refused_in_the_language(self, polish: None) -> None:
        with pytest.raises(ValueError, match=r"'many' to nie liczba\."):
            values.canonical(type=FieldType.NUMBER, raw="many")


class TestPairsInSync:
    def test_look_no_text_up(self, monkeypatch: pytest.MonkeyPatch) -> None:
        looked: list[str] = []

        def find(text: str) -> str:
            looked.append(text)
            return text

        monkeypatch.setattr(wording._catalogue, "find", find)
        in_bath = rules.FilterGroup(name="", rules=(condition(field("city"), FilterOperator.EQUALS, "Bath"),))

        def plan(left: str, right: str) -> plans.PairPlan:
            return planning.plan_pair(
                rules=sync(CITY, mapping("name"), left_filters=(in_bath,)), left=contact(city="Bath", name=left),
                right=customer(CITY="Bath", NAME=right), facts=facts({"city": "Bath", "name": "Ann"}, {"city": "Bath", "name": "Ann"}),
                now=NOW,
            )

        assert (plan("Ann", "Ann").action, looked) == (None, [])
        assert (plan("Ann", "Ben").action is not None, looked) == (True, ["QuickBooks", "{system} changed it."])


class TestSides:
    def test_keep_the_names_of_the_vendors(self, polish: None) -> None:
        assert [side.label for side in Side] == ["HubSpot", "QuickBooks"]
