"""The settings of a sync as a file: what stands in it, and what becomes of it here and elsewhere."""

from __future__ import annotations

import json
from dataclasses import fields, replace
from typing import Any

import pytest
from django.db.models import Model

from syncapp import models
from syncapp.engine import settings_file
from syncapp.engine.settings_file import Condition, FieldPair, Group, Settings, Step
from syncapp.engine.vocabulary import (
    CreateTo,
    Direction,
    FilterOperator,
    ImportKind,
    ImportOutcome,
    ObjectPair,
    Side,
    TransformKind,
)
from syncapp.services import configs, import_settings, imports, settings_files
from tests.admin.scene import person
from tests.services import made
from tests.services.dressed import accounts, dressed

pytestmark = pytest.mark.django_db


def current(config: models.SyncConfig) -> Settings:
    return settings_files.read(content=settings_files.text(config=config))


def rows(config: models.SyncConfig) -> list[list[dict[str, Any]]]:
    """Everything that a change of settings could touch."""
    watched: tuple[type[Model], ...] = (
        models.SyncConfig, models.FieldMapping, models.ValueMapping, models.Transform, models.FilterGroup, models.FilterRule,
        models.ConfigVersion,
    )
    return [list(model._default_manager.order_by("pk").values()) for model in watched]


def refused(config: models.SyncConfig, wished: Settings) -> list[str]:
    """What is said against settings, none of which are taken over."""
    before = rows(config)
    plan = import_settings.apply(config=config, wished=wished, actor=None, now=made.NOW)
    assert plan.wrong
    assert rows(config) == before
    return [*(one.words for one in plan.verdicts if one.outcome is ImportOutcome.WRONG), *plan.refusals]


class TestContent:
    def test_is_everything_that_can_be_set_up(self) -> None:
        """A new setting belongs into the file, or among those that are left out of it."""
        listed = {
            models.SyncConfig: {one.name for one in fields(Settings)} | settings_files.LEFT_OUT,
            models.FilterGroup: {"id", "config", "side", "position", *(one.name for one in fields(Group))},
            models.FilterRule: {"id", "group", "position", *(one.name for one in fields(Condition))},
            models.FieldMapping: {"id", "config", "key", "position", *(one.name for one in fields(FieldPair))},
            models.ValueMapping: {"id", "mapping", "left_value", "right_value"},
            models.Transform: {"id", "mapping", "position", *(one.name for one in fields(Step))},
        }

        assert {model: {one.name for one in model._meta.concrete_fields} - known for model, known in listed.items()} == {
            model: set() for model in listed
        }

    def test_names_choices_as_people_do_and_nothing_of_this_installation(self) -> None:
        sides = dressed()

        text = settings_files.text(config=sides.config)

        found = json.loads(text)
        assert found["left_filters"][0]["conditions"][0]["values"] == ["Customer", "Lead"]
        assert found["mappings"][2]["values"] == {"Customer": "Buys", "Lead": "Asks"}
        accounts = [fact for one in (sides.left, sides.right) for fact in (one.external_id, one.name)]
        strange = [*accounts, *(row.key for row in sides.config.mappings.all())]
        assert [one for one in strange if f'"{one}"' in text] == []

    def test_names_accounts_as_the_company_does(self) -> None:
        shop = made.Shop()
        models.SyncConfig.objects.filter(pk=shop.config.pk).update(income_account="2", expense_account="99")
        shop.config.refresh_from_db()

        found = current(shop.config)

        assert (found.income_account, found.expense_account) == ("Sales (Income)", "")


class TestElsewhere:
    def test_a_file_comes_out_as_it_went_in(self) -> None:
        text = settings_files.text(config=dressed().config)
        models.SyncConfig.objects.all().delete()
        models.Connection.objects.all().delete()
        there = accounts("7")
        there.config.delete()

        config = import_settings.create(
            wished=settings_files.read(content=text), left=there.left, right=there.right, name="", actor=None, now=made.NOW
        )

        assert settings_files.text(config=models.SyncConfig.objects.get(pk=config.pk)) == text
        assert (config.active, config.looked_through) == (False, [])
        assert models.FilterRule.objects.get(operator=FilterOperator.ANY_OF).values == ["7102", "7101"]
        assert set(models.ValueMapping.objects.values_list("left_value", flat=True)) == {"7101", "7102"}

    def test_an_account_for_new_items_is_found_by_its_name(self) -> None:
        shop = made.Shop()
        models.SyncConfig.objects.filter(pk=shop.config.pk).update(income_account="2", expense_account="6")
        shop.config.refresh_from_db()
        wished = current(shop.config)
        shop.config.delete()
        models.VendorField.objects.filter(name="IncomeAccountRef").update(choices=[["40", "Sales (Income)"]])

        found = import_settings.create(wished=wished, left=shop.left, right=shop.right, name="Shop", actor=None, now=made.NOW)

        assert (found.name, found.income_account, found.expense_account) == ("Shop", "40", "6")

    def test_what_the_accounts_lack_is_told_place_by_place_and_nothing_is_set_up(self) -> None:
        wished = current(dressed().config)
        models.SyncConfig.objects.all().delete()
        there = made.sound("8")
        there.config.delete()
        made.field(there.right, "Notes")
        wished = replace(wished, income_account="Sales (Income)")

        with pytest.raises(configs.ConfigRefused) as caught:
            import_settings.create(wished=wished, left=there.left, right=there.right, name="", actor=None, now=made.NOW)

        remedy = (
            "Refresh the fields on the page of the connection if it is new, put another field there, or leave this part out of the file."
        )
        assert [problem.words for problem in caught.value.problems] == [
            "“income_account”: the company has no account “Sales (Income)”, or several. Put the name of another one there, or leave it"
            " empty (\"\") and choose one on the page of the sync.",
            f"“mappings → 3 → left_field”: HubSpot has no field “stage” here. {remedy}",
            f"“left_filters → 1 → conditions → 1 → field”: HubSpot has no field “stage” here. {remedy}",
        ]
        assert not models.SyncConfig.objects.exists()

    def test_what_would_make_no_sense_is_refused_as_on_the_page(self) -> None:
        sides = dressed()
        wished = replace(current(sides.config), create_to=CreateTo.LEFT, direction=Direction.TO_RIGHT, name="Another")

        with pytest.raises(configs.ConfigRefused, match="keeps these accounts in step already"):
            import_settings.create(wished=wished, left=sides.left, right=sides.right, name="", actor=None, now=made.NOW)
        assert models.SyncConfig.objects.count() == 1

    def test_a_look_saves_nothing(self) -> None:
        wished = current(dressed().config)
        there = accounts("7")
        there.config.delete()
        before = rows(there.config)

        found = import_settings.create(
            wished=wished, left=there.left, right=there.right, name="Another", actor=None, now=made.NOW, only_look=True
        )

        assert str(found) == "Another"
        assert rows(there.config) == before


class TestOwnFile:
    def test_changes_nothing(self) -> None:
        sides = dressed()
        before = rows(sides.config)

        plan = import_settings.apply(config=sides.config, wished=current(sides.config), actor=None, now=made.NOW)

        assert [(one.outcome, one.words) for one in plan.verdicts] == [(ImportOutcome.SAME, "All settings are so already.")]
        assert rows(sides.config) == before


class TestTakingOver:
    def test_does_what_the_file_says_and_keeps_what_is_agreed_about_pairs(self) -> None:
        sides = dressed()
        here = current(sides.config)
        keys = {row.right_field.name: row.key for row in sides.config.mappings.filter(active=True)}
        first, second, *others = here.mappings
        wished = replace(
            here, name="Another name", interval_minutes=30, match_left="email", match_right="PrimaryEmailAddr.Address",
            mappings=(replace(second, direction=Direction.TO_LEFT, values={"Bob": "Robert"}), first, *others[1:]), right_filters=(),
        )

        plan = import_settings.apply(config=sides.config, wished=wished, actor=None, now=made.NOW)

        assert [one.words for one in plan.verdicts] == [
            "Every (minutes): 15 → 30",
            "HubSpot field to match by: “Phone” → “Email”",
            "QuickBooks field to match by: “Primaryphone freeformnumber” → “Primaryemailaddr address”",
            "QuickBooks filter group “Taxed”: Taxable is equal to true → not there",
            "Mapping “Firstname” ↔ “Givenname”, direction: Both ways → QuickBooks → HubSpot",
            "Mapping “Firstname” ↔ “Givenname”, value map: nothing → “Bob” ↔ “Robert”",
            "Mapping “Stage” ↔ “Notes”: direction Both ways, on yes, fallback no, conflict As the sync says, may clear no,"
            " “Customer” ↔ “Buys”, “Lead” ↔ “Asks” → not there",
            "Order of the mappings: “Email” ↔ “Primaryemailaddr address”, “Firstname” ↔ “Givenname” → “Firstname” ↔ “Givenname”,"
            " “Email” ↔ “Primaryemailaddr address”",
        ]
        sides.config.refresh_from_db()
        assert current(sides.config) == replace(wished, name="Dressed")
        assert sides.config.revision == 2
        del keys["Notes"]
        assert {row.right_field.name: row.key for row in sides.config.mappings.filter(active=True)} == keys

    def test_one_mapping_may_write_a_field_in_the_place_of_another(self) -> None:
        sides = made.TwoSides()
        for position, (left, active) in enumerate((("firstname", False), ("lastname", True), ("company", False))):
            sides.mapping(left, "DisplayName", Direction.TO_RIGHT, position=position, active=active)
        sides.mapping("email", "PrimaryEmailAddr.Address", position=3)
        here = current(sides.config)
        first, second, third, email = here.mappings

        for on in (0, 2, 1):
            mappings = tuple(replace(one, active=at == on) for at, one in enumerate((first, second, third)))
            wished = replace(here, mappings=(*mappings, email))
            assert not import_settings.apply(config=sides.config, wished=wished, actor=None, now=made.NOW).wrong
            assert current(sides.config) == wished

    def test_leaves_alone_whether_the_sync_is_on_and_says_that_it_is(self) -> None:
        sides = dressed()
        models.SyncConfig.objects.filter(pk=sides.config.pk).update(active=True)
        sides.config.refresh_from_db()
        plan = import_settings.settings(config=sides.config, wished=replace(current(sides.config), brake_creates=8))
        models.SyncConfig.objects.filter(pk=sides.config.pk).update(active=False)

        plan.carry_out(None, made.NOW)

        assert ["turn it off, carry this out, press Preview now" in words for words in plan.notes] == [True]
        sides.config.refresh_from_db()
        assert (sides.config.active, sides.config.brake_creates) == (False, 8)

    def test_of_other_objects_is_refused(self) -> None:
        sides = dressed()

        assert refused(sides.config, replace(current(sides.config), object_pair=ObjectPair.PRODUCT_ITEM)) == [
            "The file is of “Products ↔ Products and services”, and this sync keeps “Contacts ↔ Customers” in step."
            " Set up a new sync from it instead."
        ]

    @pytest.mark.parametrize(
        ("place", "change", "words"),
        [
            (0, {"values": {"a": "b"}, "left_field": "stage", "right_field": "Mobile.FreeFormNumber"}, "“Stage” has no value “a” here."),
            (1, {"right_field": "DisplayName"}, "“mappings → 4”: QuickBooks field “Displayname” is written by two mappings."),
            (1, {"left_field": "companies.name"}, "“mappings → 2”: "),
            (3, {"steps": (Step(side=Side.RIGHT, kind=TransformKind.TRUNCATE, setting="many"),)}, "“mappings → 4”: "),
        ],
    )
    def test_of_mappings_that_cannot_be_is_refused_at_their_place(self, place: int, change: dict[str, Any], words: str) -> None:
        sides = dressed()
        here = current(sides.config)
        mappings = list(here.mappings)
        mappings[place] = replace(mappings[place], **change)

        assert words in " ".join(refused(sides.config, replace(here, mappings=tuple(mappings))))

    def test_of_conditions_that_cannot_be_is_refused_by_their_group(self) -> None:
        sides = dressed()
        condition = Condition(field="createdate", operator=FilterOperator.AFTER, values=("soon",), include_unset=False, frozen=False)

        found = refused(sides.config, replace(current(sides.config), left_filters=(Group(name="Early", conditions=(condition,)),)))

        assert [one.startswith("Filter group “Early”: ") for one in found] == [True]

    def test_of_a_value_map_with_one_value_twice_is_refused(self) -> None:
        sides = dressed()
        here = current(sides.config)
        mappings = list(here.mappings)
        mappings[2] = replace(mappings[2], values={"Lead": "Same", "Customer": "Same"})

        assert refused(sides.config, replace(here, mappings=tuple(mappings)))[0] == (
            "“mappings → 3 → values”: the value “Same” of “Notes” stands here twice. Remove one of the two."
        )


def versions(config: models.SyncConfig) -> list[tuple[int, str | None]]:
    found = models.ConfigVersion.objects.filter(config=config).order_by("number").select_related("made_by")
    return [(one.number, one.made_by.username if one.made_by else None) for one in found]


class TestHistory:
    def test_begins_with_setting_up(self) -> None:
        alice, sides = made.alice(), made.TwoSides()
        sides.config.delete()

        config = configs.create(
            name="New", left=sides.left, right=sides.right, object_pair=ObjectPair.CONTACT_CUSTOMER, actor=alice, now=made.NOW
        )

        assert versions(config) == [(1, "alice")]
        assert models.ConfigVersion.objects.get().content == settings_files.text(config=config)

    def test_keeps_what_was_there_before_the_first_change_that_is_kept(self) -> None:
        alice, sides = made.alice(), made.sound()
        before = settings_files.text(config=sides.config)
        sides.config.mappings.filter(left_field__name="fax").delete()

        configs.complete(config=sides.config, actor=alice, now=made.NOW)

        assert versions(sides.config) == [(1, None), (2, "alice")]
        first, second = models.ConfigVersion.objects.order_by("number")
        assert '"fax"' not in first.content
        assert settings_files.read(content=second.content) == current(sides.config)
        assert '"fax"' in before

    def test_keeps_one_version_a_change_and_none_without(self) -> None:
        alice, sides = made.alice(), made.sound()
        configs.save_rules(config=sides.config, actor=alice, now=made.NOW)

        configs.save_rules(config=sides.config, actor=alice, now=made.NOW)
        models.SyncConfig.objects.filter(pk=sides.config.pk).update(active=True, next_due_at=made.NOW)
        configs.save_rules(config=sides.config, actor=alice, now=made.NOW)

        assert versions(sides.config) == [(1, "alice")]

    def test_keeps_the_imports_of_all_kinds(self) -> None:
        zoe, sides = person("zoe"), dressed()
        stage = sides.config.mappings.get(left_field__name="stage")
        models.ValueMapping.objects.filter(mapping=stage, left_value="101").delete()
        for kind, mapping, content in (
            (ImportKind.MAPPINGS, None, b"hubspot field,quickbooks field\ncity,BillAddr.City"),
            (ImportKind.VALUES, stage, b"hubspot value,quickbooks value\nLead,Wonders"),
            (ImportKind.SETTINGS, None, settings_file.written(replace(current(sides.config), brake_updates=9)).encode()),
        ):
            place = imports.Place(kind=kind, config=sides.config, mapping=mapping)
            draft = imports.keep(owner=zoe, place=place, name="a file.csv", content=content, now=made.NOW)
            imports.carry_out(draft=draft, seen=imports.plan(draft=draft).digest, actor=zoe, now=made.NOW)

        assert versions(sides.config) == [(1, None), (2, "zoe"), (3, "zoe"), (4, "zoe")]

    def test_is_gone_with_the_sync(self) -> None:
        sides = made.sound()
        configs.save_rules(config=sides.config, actor=None, now=made.NOW)

        configs.delete(config=sides.config, actor=None, now=made.NOW)

        assert not models.ConfigVersion.objects.exists()
