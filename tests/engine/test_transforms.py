"""Steps between the sides: what each does, which are refused in words, and that a run after a run still writes nothing."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from syncapp.engine import countries, planning, records, schema, transforms
from syncapp.engine import mapping as mappings
from syncapp.engine.transforms import Transform
from syncapp.engine.vocabulary import Direction, FieldType, PairState, Side, TransformKind
from tests.engine.examples import EMAIL, EMAIL_KEY, NOW, agreed, contact, customer, facts, field, mapping, merged, subject, sync, written
from tests.engine.world import World


def step(kind: TransformKind, setting: str = "", side: Side = Side.RIGHT) -> Transform:
    """A step toward QuickBooks."""
    return Transform(side=side, kind=kind, setting=setting)


def after(kind: TransformKind, value: records.Value, setting: str = "", into: schema.FieldSpec | None = None) -> records.Value:
    """The value after that one step."""
    return transforms.applied(step=step(kind, setting), value=value, into=into or field("A"))


def composed(template: str, **values: records.Value) -> str | None:
    """A template filled in from a contact."""
    return transforms.composed(template=template, value_of=contact(**values).value)


class TestTemplate:
    def test_puts_fields_together(self) -> None:
        assert composed("{firstname} {lastname} ({city})", firstname="Ann", lastname="Lee", city="Bath") == "Ann Lee (Bath)"

    def test_leaves_no_gap_where_a_field_is_empty(self) -> None:
        assert composed("{firstname} {middle} {lastname}", firstname="Ann", lastname="Lee") == "Ann Lee"

    def test_is_empty_where_all_its_fields_are(self) -> None:
        assert composed("Customer {firstname} {lastname}", firstname=" ") is None

    def test_reads_fields_of_associated_records_and_all_sorts_of_values(self) -> None:
        ann = subject(related={"companies": ({"name": "Acme"},)}, vip=True, tags=("a", "b"))

        assert transforms.composed(template="{companies.name}: {vip}, {tags}", value_of=ann.value) == "Acme: yes, a, b"

    def test_takes_values_as_they_are(self) -> None:
        assert composed("{a}{b}", a="{b}", b="%s \\1") == "{b}%s \\1"

    def test_keeps_lines(self) -> None:
        assert composed("{street}\n{extra}\n{city}", street="1 Lane", city="Bath") == "1 Lane\nBath"


class TestPhone:
    @pytest.mark.parametrize(
        ("value", "region", "expected"),
        [
            ("(212) 555-0100", "US", "+12125550100"),
            ("212.555.0100", "United States", "+12125550100"),
            ("030 1234567", "DE", "+49301234567"),
            ("+49 (0)30 1234567", "US", "+49301234567"),
            ("0044 20 7946 0958", "UK", "+442079460958"),
            ("+1 212 555 0100 ext. 12", "US", "+12125550100 x12"),
            ("+12125550100 x12", "US", "+12125550100 x12"),
        ],
    )
    def test_is_written_the_international_way(self, value: str, region: str, expected: str) -> None:
        assert after(TransformKind.PHONE_E164, value, region) == expected

    @pytest.mark.parametrize("value", ["555-0100", "12345", "ask Ann", "(212) 555-0100 home", "(212) 555-0100 / 555-0101", "٠١٢٣", " "])
    def test_stays_as_it_is_where_it_cannot_be_read(self, value: str) -> None:
        assert after(TransformKind.PHONE_E164, value, "US") == value


class TestCountry:
    @pytest.mark.parametrize(
        ("value", "code"),
        [("UK", "GB"), ("U.S.A.", "US"), ("united states", "US"), ("Deutschland", "DE"), ("Turkey", "TR"), ("DEU", "DE")],
    )
    def test_is_known_by_many_names(self, value: str, code: str) -> None:
        assert after(TransformKind.COUNTRY_ISO, value) == code

    def test_is_called_by_its_name_where_that_is_wanted(self) -> None:
        assert after(TransformKind.COUNTRY_ISO, "DE", "Name") == "Germany"

    def test_stays_as_it_is_where_it_is_unknown(self) -> None:
        assert after(TransformKind.COUNTRY_ISO, "Atlantis") == "Atlantis"

    def test_of_every_code_leads_back_to_it(self) -> None:
        assert {code: countries.code(name) for code, name in countries.NAMES.items()} == {code: code for code in countries.NAMES}
        assert len(countries.NAMES) == 250


class TestText:
    @pytest.mark.parametrize(
        ("kind", "value", "expected"),
        [
            (TransformKind.UPPER, "Straße", "STRASSE"),
            (TransformKind.LOWER, "ANN", "ann"),
            (TransformKind.TITLE, "ann-marie O'BRIEN (the 3rd)", "Ann-Marie O'Brien (The 3rd)"),
            (TransformKind.TRIM, "  Ann \u00a0 Lee \n Bath ", "Ann Lee \n Bath"),
            (TransformKind.UPPER, True, True),
            (TransformKind.LOWER, ("A",), ("A",)),
            (TransformKind.TRIM, None, None),
        ],
    )
    def test_is_spelled_as_wanted(self, kind: TransformKind, value: records.Value, expected: records.Value) -> None:
        assert after(kind, value) == expected


class TestDefault:
    def test_stands_in_for_nothing_only(self) -> None:
        assert after(TransformKind.DEFAULT, None, "none") == "none"
        assert after(TransformKind.DEFAULT, "Ann", "none") == "Ann"

    def test_has_the_form_of_the_field(self) -> None:
        assert after(TransformKind.DEFAULT, None, "yes", field("A", FieldType.BOOLEAN)) is True
        assert after(TransformKind.DEFAULT, None, "1.50", field("A", FieldType.NUMBER)) == "1.5"


class TestTruncate:
    @pytest.mark.parametrize(
        ("value", "setting", "longest", "expected"),
        [
            ("abcdef", "4", None, "abcd"), ("abcdef", "", 3, "abc"), ("abcdef", "5", 3, "abc"), ("abc def", "4", None, "abc"),
            ("abc", "4", None, "abc"), ("cafe\u0301s", "4", None, "caf"), ("abcdef", "", None, "abcdef"), (" x", "1", None, "x"),
        ],
    )
    def test_leaves_as_many_characters_as_wanted_and_as_fit(self, value: str, setting: str, longest: int | None, expected: str) -> None:
        assert after(TransformKind.TRUNCATE, value, setting, field("A", max_length=longest)) == expected

    def test_is_told_with_the_lengths_before_and_after(self) -> None:
        short = mapping("city", right=field("CITY", max_length=5), transforms=(step(TransformKind.TRIM), step(TransformKind.TRUNCATE)))
        update = merged(sync(short), contact(city="Llan  fair"), customer(CITY="Bath"), agreed("city", "Bath", "Bath"))
        create = planning.plan_pair(
            rules=sync(short), left=contact(city="Llanfair"), right=None,
            facts=replace(facts(), state=PairState.HALF), now=NOW,
        )

        assert [(change.after, change.why) for change in update.writes[Side.RIGHT]] == [
            ("Llan", "HubSpot changed it. It was shortened from 9 to 4 characters."),
        ]
        assert create.action is not None
        assert create.action.changes[0].why == "New in QuickBooks. It was shortened from 8 to 5 characters."

    def test_says_nothing_where_nothing_was_cut(self) -> None:
        short = mapping("city", transforms=(step(TransformKind.TRUNCATE, "20"),))

        assert mappings.cuts(short, Side.RIGHT, "Bath") == ""


class TestMerge:
    PHONE = mapping(
        "phone", field("phone", FieldType.PHONE), field("PHONE", FieldType.PHONE), transforms=(step(TransformKind.PHONE_E164, "US"),)
    )
    NAME = mapping("name", direction=Direction.TO_RIGHT, transforms=(step(TransformKind.TEMPLATE, "{first} {last}"),))
    STATE = mapping("state", transforms=(step(TransformKind.DEFAULT, "none"),))

    def test_writes_what_the_steps_make_of_a_value(self) -> None:
        result = merged(sync(self.PHONE), contact(phone="(212) 555-0100"), customer())

        assert written(result, Side.RIGHT) == {"PHONE": "+12125550100"}

    def test_agrees_where_one_side_holds_what_the_steps_make_of_the_other(self) -> None:
        result = merged(sync(self.PHONE), contact(phone="(212) 555-0100"), customer(PHONE="+12125550100"))

        assert (result.writes, result.agreed) == ({}, {"phone": ("(212) 555-0100", "+12125550100")})

    def test_applies_a_step_in_its_own_direction_only(self) -> None:
        result = merged(sync(self.PHONE), contact(phone="1"), customer(PHONE="(212) 555-0199"), agreed("phone", "1", "1"))

        assert written(result, Side.LEFT) == {"phone": "(212) 555-0199"}

    def test_leaves_alone_what_both_sides_say_already(self) -> None:
        shout = mapping("city", transforms=(step(TransformKind.UPPER),))

        assert merged(sync(shout), contact(city="Bath"), customer(CITY="Bath")).writes == {}

    def test_a_change_of_any_field_of_a_template_is_a_change(self) -> None:
        known = agreed("name", "Ann Lee", "Ann Lee")
        result = merged(sync(self.NAME), contact(first="Ann", last="Poe", name="?"), customer(NAME="Ann Lee"), known)

        assert written(result, Side.RIGHT) == {"NAME": "Ann Poe"}
        assert result.origin_values[Side.RIGHT] == {"name": "Ann Poe"}

    def test_a_template_never_lets_its_own_side_be_written(self) -> None:
        unchecked = replace(self.NAME, direction=Direction.BOTH)
        result = merged(sync(unchecked), contact(first="Ann"), customer(NAME="Bea"), agreed("name", "Ann", "Ann"))

        assert result.writes == {}

    def test_a_template_makes_text_for_the_left_too(self) -> None:
        note = mapping("note", direction=Direction.TO_LEFT, transforms=(step(TransformKind.TEMPLATE, "{CITY}/{ZIP}", Side.LEFT),))

        assert written(merged(sync(note), contact(), customer(CITY="Bath", ZIP="BA1")), Side.LEFT) == {"note": "Bath/BA1"}

    def test_a_field_to_fall_back_on_stands_in_for_an_empty_template(self) -> None:
        named = replace(self.NAME, fallbacks=(field("email"),))

        assert written(merged(sync(named), contact(email="ann@lee.example"), customer()), Side.RIGHT) == {"NAME": "ann@lee.example"}

    def test_fills_what_is_empty_on_both_sides_also_long_after(self) -> None:
        fresh = merged(sync(self.STATE), contact(), customer())
        later = merged(sync(self.STATE), contact(), customer(), agreed("state", None, None))

        assert written(fresh, Side.RIGHT) == written(later, Side.RIGHT) == {"STATE": "none"}

    def test_rests_once_it_is_filled(self) -> None:
        assert merged(sync(self.STATE), contact(), customer(STATE="none"), agreed("state", None, "none")).writes == {}

    def test_never_fills_over_a_value(self) -> None:
        assert written(merged(sync(self.STATE), contact(), customer(STATE="Avon")), Side.LEFT) == {"state": "Avon"}
        assert Side.RIGHT not in merged(sync(self.STATE), contact(), customer(STATE="Avon")).writes

    def test_does_not_insist_where_a_side_drops_what_it_is_filled_with(self) -> None:
        known = agreed("state", None, None, flagged=frozenset({"state"}))

        assert merged(sync(self.STATE), contact(), customer(), known).writes == {}

    def test_a_value_map_comes_before_the_steps(self) -> None:
        stage = mapping("stage", value_map=(("lead", "new"), ("client", "won")), transforms=(step(TransformKind.UPPER),))

        assert mappings.to_right(stage, "lead") == "NEW"
        assert mappings.agree(stage, "lead", "NEW")
        assert mappings.agree(stage, "lead", "new")
        assert not mappings.agree(stage, "client", "NEW")


class TestChecks:
    def problem(self, kind: TransformKind, setting: str = "", right: schema.FieldSpec | None = None, **more: object) -> str:
        given: dict[str, object] = {"direction": Direction.TO_RIGHT, "steps": (step(kind, setting),), **more}
        found = schema.mapping_problems(left=field("city"), right=right or field("CITY"), **given)  # type: ignore[arg-type]
        return " ".join(found)

    def test_pass_what_fits(self) -> None:
        assert self.problem(TransformKind.TEMPLATE, "{city}", names={Side.LEFT: {"city"}}) == ""
        assert self.problem(TransformKind.PHONE_E164, "Germany", field("P", FieldType.PHONE)) == ""
        assert self.problem(TransformKind.COUNTRY_ISO, "name", field("C", FieldType.CHOICE, choices=(("Germany", "Germany"),))) == ""
        assert self.problem(TransformKind.TRUNCATE, "", field("C", max_length=9)) == ""
        assert self.problem(TransformKind.DEFAULT, "true", field("C", FieldType.TEXT)) == ""

    def test_a_template_is_refused_both_ways_with_the_remedy(self) -> None:
        assert self.problem(TransformKind.TEMPLATE, "{city}", direction=Direction.BOTH) == (
            'QuickBooks field "CITY" is put together from several fields, which cannot be taken apart again: '
            'set the direction of the mapping to "HubSpot → QuickBooks", or remove the step.'
        )

    @pytest.mark.parametrize(
        ("kind", "setting", "right", "words"),
        [
            (TransformKind.TEMPLATE, "Customer", field("C"), "is put together from no field: type text with field names in braces"),
            (TransformKind.PHONE_E164, "", field("C"), "and none is named: type its name or code, such as US."),
            (TransformKind.PHONE_E164, "Atlantis", field("C"), '"Atlantis" is none that is known'),
            (TransformKind.COUNTRY_ISO, "flag", field("C"), 'not "flag": type "code" or "name".'),
            (TransformKind.TRUNCATE, "0", field("C"), 'cannot be shortened to "0" characters'),
            (TransformKind.TRUNCATE, "", field("C"), "type the number of characters to shorten to"),
            (TransformKind.TRUNCATE, "9", field("C", FieldType.URL), "(Web address) cannot take what the step"),
            (TransformKind.DEFAULT, " ", field("C"), "but no value to fill it with"),
            (TransformKind.DEFAULT, "Avon", field("C", FieldType.CHOICE, choices=(("a", "A"),)), 'does not have "Avon" on its list'),
            (TransformKind.DEFAULT, "a long one", field("C", max_length=3), "holds 3 characters at most"),
        ],
    )
    def test_name_a_bad_setting(self, kind: TransformKind, setting: str, right: schema.FieldSpec, words: str) -> None:
        assert words in self.problem(kind, setting, right)

    def test_name_a_field_that_is_not_there(self) -> None:
        problem = self.problem(TransformKind.TEMPLATE, "{city} {town}", names={Side.LEFT: {"city"}})

        assert 'is put together from "town", which HubSpot does not have' in problem

    def test_name_a_step_toward_a_side_that_is_not_written(self) -> None:
        assert "does nothing: remove it or change the direction." in self.problem(TransformKind.UPPER, direction=Direction.TO_LEFT)

    def test_name_a_default_that_is_not_of_the_type(self) -> None:
        numbers = {"left": field("n", FieldType.NUMBER), "right": field("N", FieldType.NUMBER), "direction": Direction.TO_RIGHT}

        problems = schema.mapping_problems(**numbers, steps=(step(TransformKind.DEFAULT, "many"),))  # type: ignore[arg-type]

        assert problems == ('QuickBooks field "N" (Number) cannot take "many": type a value of that sort.',)


KINDS = [kind for kind in TransformKind if kind is not TransformKind.TEMPLATE]
SETTINGS = {TransformKind.PHONE_E164: "US", TransformKind.DEFAULT: "v0", TransformKind.TRUNCATE: "7"}
STEPS = st.lists(
    st.builds(
        lambda kind, side: Transform(side=side, kind=kind, setting=SETTINGS.get(kind, "")), st.sampled_from(KINDS), st.sampled_from(Side)
    ),
    max_size=3,
).map(tuple)
TYPED = st.sampled_from(
    [None, "ann", "Ann", "ANN LEE", " a  b ", "(212) 555-0100", "+12125550100", "Germany", "DE", "a long value indeed", "v0"]
)
VALUE_MAP = st.sampled_from([(), (("Germany", "DE"), ("ann", "X"))])
EDITS = st.lists(st.tuples(st.sampled_from(Side), st.sampled_from(["city", "note", "first", "last"]), TYPED), max_size=8)


def world(steps: tuple[Transform, ...], direction: Direction, clears: bool, value_map: tuple[tuple[str, str], ...]) -> World:
    """Two companies with one field that takes those steps both ways, one that a side rewrites, and one that is put together."""
    template = step(TransformKind.TEMPLATE, "{first} {last}")
    return World(
        sync(
            EMAIL,
            mapping("city", direction=direction, clears=clears, transforms=steps, value_map=value_map),
            mapping("note", transforms=steps),
            mapping("name", direction=Direction.TO_RIGHT, transforms=(template, *(one for one in steps if one.side is Side.RIGHT))),
            match_keys=(EMAIL_KEY,),
        )
    )


class TestSettled:
    @given(steps=STEPS, direction=st.sampled_from(Direction), clears=st.booleans(), value_map=VALUE_MAP, both=st.booleans(), edits=EDITS)
    @settings(max_examples=400, deadline=None)
    def test_a_run_after_a_run_writes_nothing(
        self, steps: tuple[Transform, ...], direction: Direction, clears: bool, value_map: tuple[tuple[str, str], ...], both: bool,
        edits: list[tuple[Side, str, records.Value]],
    ) -> None:
        companies = world(steps, direction, clears, value_map)
        companies.create(Side.LEFT, {"email": "ann@lee.example"})
        if both:
            companies.create(Side.RIGHT, {"EMAIL": "ann@lee.example"})
        companies.run()
        for side, name, value in edits:
            for stored in companies.live(side):
                companies.edit(stored, name if side is Side.LEFT else name.upper(), value)
            companies.run()

            assert companies.run() == 0

    @given(before=STEPS, after=STEPS, direction=st.sampled_from(Direction), clears=st.booleans(), edits=EDITS, later=EDITS)
    @settings(max_examples=200, deadline=None)
    def test_other_steps_come_to_rest_in_one_run_too(
        self, before: tuple[Transform, ...], after: tuple[Transform, ...], direction: Direction, clears: bool,
        edits: list[tuple[Side, str, records.Value]], later: list[tuple[Side, str, records.Value]],
    ) -> None:
        companies = world(before, direction, clears, ())
        companies.create(Side.LEFT, {"email": "ann@lee.example"})
        companies.run()
        for side, name, value in edits:
            companies.edit(companies.live(side)[0], name if side is Side.LEFT else name.upper(), value)
        companies.run()
        companies.rules = world(after, direction, clears, ()).rules
        for side, name, value in later:
            companies.edit(companies.live(side)[0], name if side is Side.LEFT else name.upper(), value)
        companies.run()

        assert companies.run() == 0

    @given(steps=STEPS, value=TYPED)
    def test_what_is_written_agrees_with_what_it_was_made_of(self, steps: tuple[Transform, ...], value: records.Value) -> None:
        two_way = mapping("city", transforms=steps)

        assert mappings.agree(two_way, value, mappings.to_right(two_way, value))
        assert mappings.agree(two_way, mappings.to_left(two_way, value), value)

    @given(first=TYPED, last=TYPED, then=TYPED)
    def test_every_field_of_a_template_reaches_the_other_side(self, first: records.Value, last: records.Value, then: records.Value) -> None:
        companies = world((), Direction.BOTH, False, ())
        ann = companies.create(Side.LEFT, {"email": "ann@lee.example", "first": first, "last": last})
        companies.run()
        companies.edit(ann, "last", then)
        companies.run()
        (customer_,) = companies.live(Side.RIGHT)

        text = transforms.composed(template="{first} {last}", value_of=ann.subject().value)
        assert text is None or customer_.values.get("NAME") == text

    @given(steps=STEPS, value=TYPED.filter(bool))
    def test_a_step_done_twice_changes_nothing_more(self, steps: tuple[Transform, ...], value: records.Value) -> None:
        for one in steps:
            once = transforms.applied(step=one, value=value, into=field("A"))

            assert transforms.applied(step=one, value=once, into=field("A")) == once
