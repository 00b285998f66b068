"""Importing field mappings and value maps: the checks of their pages, and files that come back as they went out."""

from __future__ import annotations

import csv
import io
from typing import Any

import pytest
from django.db import IntegrityError

from syncapp import models
from syncapp.engine.vocabulary import ConflictRule, Direction, FieldType, ImportKind, ImportOutcome
from syncapp.services import defaults, imports
from tests.services import made
from tests.services.importing import Importer, told, wrong
from tests.services.uploads import workbook

FIELDS = ("hubspot field", "quickbooks field")
HEAD = (*FIELDS, "direction", "on", "conflict", "may clear", "fallback")
VALUES = ("hubspot value", "quickbooks value")


@pytest.fixture
def zoe(db: Any) -> Importer:
    return Importer()


@pytest.fixture
def stage(zoe: Importer) -> models.FieldMapping:
    """A mapping of two lists of choices, with two values in its map."""
    left = made.field(
        zoe.scene.left, "lifecyclestage", FieldType.CHOICE, choices=[["lead", "Lead"], ["customer", "Customer"], ["other", "Other"]]
    )
    right = made.field(zoe.scene.right, "Notes")
    mapping = models.FieldMapping.objects.create(config=zoe.config, left_field=left, right_field=right, position=9)
    for ours, theirs in (("lead", "=Prospect"), ("customer", "Client")):
        models.ValueMapping.objects.create(mapping=mapping, left_value=ours, right_value=theirs)
    return mapping


def value_map(mapping: models.FieldMapping) -> dict[str, str]:
    return dict(models.ValueMapping.objects.filter(mapping=mapping).values_list("left_value", "right_value"))


def template(zoe: Importer, kind: ImportKind, mapping: models.FieldMapping | None = None) -> tuple[bytes, list[list[str]]]:
    content = imports.template(place=imports.Place(kind=kind, config=zoe.config, mapping=mapping))
    return content, list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))


def mapped(left: str, right: str) -> models.FieldMapping:
    return models.FieldMapping.objects.get(left_field__name=left, right_field__name=right)


class TestValues:
    def test_are_added_by_the_names_of_choices(self, zoe: Importer, stage: models.FieldMapping) -> None:
        draft = zoe.upload(ImportKind.VALUES, VALUES, ("other", "Partner"), ("LEAD", "'=Prospect"), mapping=stage)

        assert told(draft) == [
            (2, ImportOutcome.CHANGE, "Add “Other” ↔ “Partner”."),
            (3, ImportOutcome.SAME, "“Lead” ↔ “=Prospect” is in the value map already."),
        ]
        words = zoe.carry_out(draft)

        assert words == (
            "Value map of Lifecyclestage ↔ Notes imported from “my lines.csv”: 1 of 2 lines changed something, 1 were so already."
        )
        assert value_map(stage) == {"lead": "=Prospect", "customer": "Client", "other": "Partner"}
        assert models.SyncConfig.objects.get().revision == 2

    def test_replace_the_value_map_and_say_what_goes(self, zoe: Importer, stage: models.FieldMapping) -> None:
        draft = zoe.upload(ImportKind.VALUES, VALUES, ("Customer", "=Prospect"), ("Other", "Client"), mapping=stage, replaces=True)

        assert imports.plan(draft=draft).notes == [
            "2 values not in the file will be removed from the value map: “Customer” ↔ “Client”, “Lead” ↔ “=Prospect”."
        ]
        assert "2 values not in the file were removed from the value map" in zoe.carry_out(draft)
        assert value_map(stage) == {"customer": "=Prospect", "other": "Client"}

    @pytest.mark.parametrize("replaces", [True, False])
    def test_come_back_as_they_went_out(self, zoe: Importer, stage: models.FieldMapping, replaces: bool) -> None:
        content, lines = template(zoe, ImportKind.VALUES, stage)

        draft = zoe.upload_file(ImportKind.VALUES, content, mapping=stage, replaces=replaces)

        assert lines == [list(VALUES), ["Customer", "Client"], ["Lead", "'=Prospect"]]
        assert {outcome for _, outcome, _ in told(draft)} == {ImportOutcome.SAME}
        zoe.carry_out(draft)
        assert models.SyncConfig.objects.get().revision == 1

    def test_come_back_where_two_choices_have_one_name(self, zoe: Importer, stage: models.FieldMapping) -> None:
        models.VendorField.objects.filter(pk=stage.left_field_id).update(choices=[["lead", "Same"], ["customer", "Same"]])
        content, lines = template(zoe, ImportKind.VALUES, models.FieldMapping.objects.get(pk=stage.pk))

        assert [line[0] for line in lines[1:]] == ["Same", "lead"]
        assert {outcome for _, outcome, _ in told(zoe.upload_file(ImportKind.VALUES, content, mapping=stage))} == {ImportOutcome.SAME}

    @pytest.mark.parametrize(
        ("line", "words"),
        [
            (("Lead", "Client"), "The HubSpot value “lead” has a partner in the value map already: “Lead” ↔ “=Prospect”. Leave"),
            (("Other", "Client"), "The QuickBooks value “Client” has a partner in the value map already: “Customer” ↔ “Client”."),
            (("Nonsense", "X"), "HubSpot field “Lifecyclestage” has no value “Nonsense”. Type the name of one of its choices."),
            (("", "X"), "The column “hubspot value” is empty. A value needs a partner on each side."),
            (("Other", "x" * 201), "is longer than 200 characters. Shorten it."),
        ],
    )
    def test_are_refused_one_by_one(self, zoe: Importer, stage: models.FieldMapping, line: tuple[str, str], words: str) -> None:
        draft = zoe.upload(ImportKind.VALUES, VALUES, line, mapping=stage)

        assert words in wrong(draft)
        assert zoe.refusal(draft) == imports.CHANGED

    def test_may_stand_in_a_file_once_on_each_side(self, zoe: Importer, stage: models.FieldMapping) -> None:
        draft = zoe.upload(ImportKind.VALUES, VALUES, ("Lead", "A"), ("lead", "B"), ("Other", "A"), mapping=stage, replaces=True)

        assert [words for _, outcome, words in told(draft) if outcome is ImportOutcome.WRONG] == [
            "The HubSpot value “lead” stands on line 2 already. Leave one of the two lines out.",
            "The QuickBooks value “A” stands on line 2 already. Leave one of the two lines out.",
        ]

    def test_are_not_taken_from_cells_that_show_something_else(self, zoe: Importer, stage: models.FieldMapping) -> None:
        content = workbook(VALUES, ("Other", 7), B2="000")

        assert "in a format of its own (000)" in wrong(zoe.upload_file(ImportKind.VALUES, content, "v.xlsx", mapping=stage))

    def test_of_a_mapping_that_does_not_fit_say_so_of_the_whole(self, zoe: Importer) -> None:
        number = made.field(zoe.scene.right, "Count", FieldType.NUMBER)
        models.FieldMapping.objects.filter(pk=zoe.scene.first_name.pk).update(right_field=number)
        mapping = models.FieldMapping.objects.get(pk=zoe.scene.first_name.pk)
        draft = zoe.upload(ImportKind.VALUES, VALUES, ("a", "b"), mapping=mapping)

        assert "cannot take the values of" in imports.plan(draft=draft).refusals[0]
        assert zoe.refusal(draft) == imports.CHANGED

    def test_that_somebody_added_meanwhile_are_not_removed_unseen(self, zoe: Importer, stage: models.FieldMapping) -> None:
        draft = zoe.upload(ImportKind.VALUES, VALUES, ("Lead", "A"), mapping=stage, replaces=True)
        seen = imports.plan(draft=draft)
        models.ValueMapping.objects.create(mapping=stage, left_value="other", right_value="B")

        assert zoe.refusal(draft, seen) == imports.CHANGED


class TestMappings:
    def test_are_added_and_changed_and_never_removed(self, zoe: Importer) -> None:
        draft = zoe.upload(
            ImportKind.MAPPINGS, HEAD, ("phone", "PrimaryPhone.FreeFormNumber", "", "", "", "", ""),
            ("Firstname", "givenname", "HubSpot -> QuickBooks", "no", "Ask me", "yes", ""),
            ("lastname", "FamilyName", "", "", "", "", ""),
        )

        assert told(draft) == [
            (2, ImportOutcome.CHANGE, "Add “Phone” ↔ “Primaryphone freeformnumber”: direction “Both ways”, on “yes”, "
             "conflict “As the sync says”, may clear “no”, fallback “no”."),
            (3, ImportOutcome.CHANGE, "Change “Firstname” ↔ “Givenname”: direction from “Both ways” to “HubSpot → QuickBooks”, "
             "on from “yes” to “no”, conflict from “As the sync says” to “Ask me”, may clear from “no” to “yes”."),
            (4, ImportOutcome.SAME, "“Lastname” ↔ “Familyname” is so already."),
        ]
        zoe.carry_out(draft)

        changed, added = mapped("firstname", "GivenName"), mapped("phone", "PrimaryPhone.FreeFormNumber")
        assert (changed.direction, changed.active, changed.conflict_rule, changed.clears, changed.key) == (
            Direction.TO_RIGHT, False, ConflictRule.ASK, True, zoe.scene.first_name.key,
        )
        assert (added.direction, added.active, added.conflict_rule, added.position) == (Direction.BOTH, True, ConflictRule.CONFIG, 4)
        assert models.FieldMapping.objects.count() == 5
        assert models.SyncConfig.objects.get().revision == 2

    def test_come_back_as_they_went_out(self, zoe: Importer) -> None:
        models.FieldMapping.objects.all().delete()
        defaults.fill(config=zoe.config, now=zoe.now)
        content, lines = template(zoe, ImportKind.MAPPINGS)
        draft = zoe.upload_file(ImportKind.MAPPINGS, content)

        assert len(lines) > 10
        assert any(line[6] == "yes" for line in lines[1:])
        assert {outcome for _, outcome, _ in told(draft)} == {ImportOutcome.SAME}
        zoe.carry_out(draft)
        assert models.SyncConfig.objects.get().revision == 1

    def test_of_one_sync_can_be_brought_into_another(self, zoe: Importer) -> None:
        models.FieldMapping.objects.all().delete()
        defaults.fill(config=zoe.config, now=zoe.now)
        content, lines = template(zoe, ImportKind.MAPPINGS)
        models.FieldMapping.objects.all().delete()

        zoe.carry_out(zoe.upload_file(ImportKind.MAPPINGS, content))

        assert template(zoe, ImportKind.MAPPINGS)[1] == lines

    def test_may_exchange_what_they_write(self, zoe: Importer) -> None:
        models.FieldMapping.objects.filter(pk=zoe.scene.first_name.pk).update(direction=Direction.TO_LEFT)
        zoe.scene.sides.mapping("company", "GivenName", Direction.TO_RIGHT, position=4)
        draft = zoe.upload(
            ImportKind.MAPPINGS, (*FIELDS, "direction"), ("company", "GivenName", "QuickBooks → HubSpot"),
            ("firstname", "GivenName", "HubSpot → QuickBooks"),
        )

        zoe.carry_out(draft)

        assert mapped("company", "GivenName").direction == Direction.TO_LEFT
        assert mapped("firstname", "GivenName").direction == Direction.TO_RIGHT

    @pytest.mark.parametrize(
        ("line", "words"),
        [
            (("nothing", "GivenName"), "HubSpot has no field “nothing”. Correct the name, or refresh the fields"),
            (("firstname", ""), "The column “quickbooks field” is empty. A mapping needs a field on each side."),
            (("firstname", "GivenName", "sideways"), "“sideways” in the column “direction” is not known. Write one of “Both ways”"),
            (("firstname", "GivenName", "", "perhaps"), "“perhaps” in the column “on” is neither yes nor no."),
            (("company", "GivenName"), "QuickBooks field “Givenname” is written by two mappings."),
            (("companies.name", "CompanyName"), 'HubSpot field "Companies name" is read-only: set the direction to "HubSpot → QuickBooks"'),
            (("createdate", "Taxable"), "cannot take the values of"),
            (("company", "CompanyName", "", "", "", "", "yes"), "A fallback is only ever written to QuickBooks."),
        ],
    )
    def test_are_checked_as_the_page_of_the_sync_does(self, zoe: Importer, line: tuple[str, ...], words: str) -> None:
        draft = zoe.upload(ImportKind.MAPPINGS, HEAD, line)

        assert words in wrong(draft)
        assert zoe.refusal(draft) == imports.CHANGED

    def test_are_known_by_their_labels_unless_several_have_one(self, zoe: Importer) -> None:
        made.field(zoe.scene.left, "phone_2", FieldType.PHONE, label="Phone")
        made.field(zoe.scene.left, "fax_not", FieldType.PHONE, label="Fax", reason="It cannot be read.")
        models.VendorField.objects.filter(name="fax").update(name="hs_fax")
        head = (*FIELDS, "direction")

        assert "HubSpot has several fields “PHONE”. Use the name of one of them instead: phone, phone_2." in wrong(
            zoe.upload(ImportKind.MAPPINGS, head, ("PHONE", "Fax.FreeFormNumber", ""))
        )
        assert told(zoe.upload(ImportKind.MAPPINGS, head, ("Fax", "Fax.FreeFormNumber", "")))[0][1] is ImportOutcome.CHANGE

    def test_may_stand_in_a_file_once(self, zoe: Importer) -> None:
        draft = zoe.upload(ImportKind.MAPPINGS, FIELDS, ("company", "CompanyName"), ("Company", "companyname"))

        assert told(draft)[1][1:] == (
            ImportOutcome.WRONG, "The mapping of “Company” and “Companyname” stands on line 2 already. Leave one of the two lines out."
        )

    def test_that_join_the_same_fields_are_told_apart_by_their_direction(self, zoe: Importer) -> None:
        models.FieldMapping.objects.filter(pk=zoe.scene.first_name.pk).update(direction=Direction.TO_LEFT)
        back = zoe.scene.sides.mapping("firstname", "GivenName", Direction.TO_RIGHT, position=8)
        content, _ = template(zoe, ImportKind.MAPPINGS)

        assert {outcome for _, outcome, _ in told(zoe.upload_file(ImportKind.MAPPINGS, content))} == {ImportOutcome.SAME}
        unclear = zoe.upload(ImportKind.MAPPINGS, FIELDS, ("firstname", "GivenName"))
        assert "Several mappings join “Firstname” and “Givenname”." in wrong(unclear)
        draft = zoe.upload(ImportKind.MAPPINGS, HEAD, ("firstname", "GivenName", "TO_RIGHT", "no", "", "", "no"))
        zoe.carry_out(draft)
        back.refresh_from_db()
        assert not back.active

    def test_are_refused_while_the_sync_lacks_something(self, zoe: Importer) -> None:
        off = [(row.left_field.name, row.right_field.name, "no") for row in models.FieldMapping.objects.all()]
        draft = zoe.upload(ImportKind.MAPPINGS, (*FIELDS, "on"), *off)

        assert "No field is mapped, so there is nothing to sync. Add a mapping or switch one on." in imports.plan(draft=draft).refusals
        assert zoe.refusal(draft) == imports.CHANGED

    def test_name_another_mapping_that_is_in_the_way(self, zoe: Importer) -> None:
        models.VendorField.objects.filter(name="FamilyName").update(archived=True)
        draft = zoe.upload(ImportKind.MAPPINGS, FIELDS, ("company", "CompanyName"))

        (words,) = imports.plan(draft=draft).refusals
        assert words.startswith("The mapping “Lastname ↔ Familyname”, which is not in the file: The QuickBooks account")

    def test_that_the_database_refuses_leave_everything_as_it_was(self, zoe: Importer, monkeypatch: pytest.MonkeyPatch) -> None:
        draft = zoe.upload(ImportKind.MAPPINGS, FIELDS, ("company", "CompanyName"))
        bulk_create = type(models.FieldMapping.objects).bulk_create

        def twice(manager: Any, made_rows: Any, **facts: Any) -> Any:
            bulk_create(manager, made_rows, **facts)
            raise IntegrityError

        monkeypatch.setattr(type(models.FieldMapping.objects), "bulk_create", twice)

        assert zoe.refusal(draft) == imports.CHANGED
