"""A sync's page: setting one up, changing it, and what is refused when saving, with the field and the remedy named."""

from __future__ import annotations

import re

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from syncapp import models
from syncapp.engine import schema
from syncapp.engine.vocabulary import Direction, FieldType, FilterOperator, Side
from tests.admin.filled import FilledPage
from tests.admin.scene import Scene, person
from tests.services import made


class SyncPage(FilledPage):
    """The page as somebody fills it in."""

    def __init__(self, client: Client, config: models.SyncConfig) -> None:
        super().__init__(client, reverse("admin:syncapp_syncconfig_change", args=[config.pk]), "syncconfig_form")

    def add_rule(self, group: str, field: models.VendorField, operator: FilterOperator, typed: str = "") -> None:
        at = int(self.fields.get(f"{group}-rules-TOTAL_FORMS", "0"))
        self.fields |= {
            f"{group}-rules-{at}-field": str(field.pk), f"{group}-rules-{at}-operator": operator.value, f"{group}-rules-{at}-typed": typed,
            f"{group}-rules-{at}-position": str(at), f"{group}-rules-TOTAL_FORMS": str(at + 1),
        }
        self.fields.setdefault(f"{group}-rules-INITIAL_FORMS", "0")

    def add_group(self, side: Side, name: str) -> str:
        prefix = f"{side.value.lower()}_groups"
        at = int(self.fields[f"{prefix}-TOTAL_FORMS"])
        self.fields |= {f"{prefix}-{at}-name": name, f"{prefix}-{at}-position": str(at), f"{prefix}-TOTAL_FORMS": str(at + 1)}
        self.fields |= {f"{prefix}-{at}-rules-TOTAL_FORMS": "0", f"{prefix}-{at}-rules-INITIAL_FORMS": "0"}
        return f"{prefix}-{at}"

    def add_mapping(self, left: models.VendorField, right: models.VendorField, direction: Direction = Direction.BOTH) -> None:
        at = int(self.fields["mappings-TOTAL_FORMS"])
        self.fields |= {
            f"mappings-{at}-left_field": str(left.pk), f"mappings-{at}-right_field": str(right.pk), f"mappings-{at}-direction": direction,
            f"mappings-{at}-conflict_rule": "CONFIG", f"mappings-{at}-active": "on", f"mappings-{at}-position": "0",
            "mappings-TOTAL_FORMS": str(at + 1),
        }


@pytest.fixture
def page(scene: Scene, alice: Client) -> SyncPage:
    return SyncPage(alice, scene.config)


class TestSaving:
    def test_an_untouched_page_changes_nothing_but_the_revision(self, scene: Scene, page: SyncPage) -> None:
        before = list(models.FieldMapping.objects.values()), list(models.FilterRule.objects.values())

        assert page.save().status_code == 302

        assert (list(models.FieldMapping.objects.values()), list(models.FilterRule.objects.values())) == before
        assert models.SyncConfig.objects.get().revision == 2

    def test_changes_a_setting(self, scene: Scene, page: SyncPage) -> None:
        page.fields["interval_minutes"] = "30"

        page.save()

        assert models.SyncConfig.objects.get().interval_minutes == 30

    def test_adds_a_mapping_at_the_end(self, scene: Scene, page: SyncPage) -> None:
        page.add_mapping(scene.sides.left_fields["phone"], scene.sides.right_fields["PrimaryPhone.FreeFormNumber"])

        page.save()

        assert str(models.FieldMapping.objects.last()) == "Phone ↔ Primaryphone freeformnumber"

    def test_two_mappings_exchange_their_fields(self, scene: Scene, page: SyncPage) -> None:
        one, two = page.fields["mappings-1-right_field"], page.fields["mappings-2-right_field"]
        page.fields |= {"mappings-1-right_field": two, "mappings-2-right_field": one}

        assert page.save().status_code == 302

        scene.first_name.refresh_from_db()
        assert scene.first_name.right_field.name == "FamilyName"
        assert scene.first_name.active

    def test_a_mapping_takes_the_field_of_one_that_goes(self, scene: Scene, page: SyncPage) -> None:
        page.fields |= {"mappings-2-DELETE": "on", "mappings-1-right_field": page.fields["mappings-2-right_field"]}

        assert page.save().status_code == 302

        assert not models.FieldMapping.objects.filter(pk=scene.last_name.pk).exists()

    def test_adds_a_group_with_its_conditions_in_one_go(self, scene: Scene, page: SyncPage) -> None:
        group = page.add_group(Side.RIGHT, "Owes money")
        page.add_rule(group, scene.sides.right_fields["Balance"], FilterOperator.GREATER, "100")

        assert page.save().status_code == 302

        saved = models.FilterGroup.objects.get(name="Owes money")
        assert saved.side == Side.RIGHT
        assert [rule.values for rule in saved.rules.all()] == [["100"]]

    def test_reads_choices_by_their_names_and_parts_them_at_commas(self, scene: Scene, page: SyncPage) -> None:
        page.fields["left_groups-0-rules-0-typed"] = "Open, paid"

        page.save()

        assert models.FilterRule.objects.get().values == ["open", "paid"]

    def test_keeps_commas_within_texts(self, scene: Scene, page: SyncPage) -> None:
        page.add_rule("left_groups-0", scene.sides.left_fields["company"], FilterOperator.EQUALS, "Acme, Inc.\nBolt Ltd")

        page.save()

        assert models.FilterRule.objects.last().values == ["Acme, Inc.", "Bolt Ltd"]  # type: ignore[union-attr]

    def test_removes_a_group(self, scene: Scene, page: SyncPage) -> None:
        page.fields["left_groups-0-DELETE"] = "on"

        page.save()

        assert not models.FilterGroup.objects.exists()

    def test_keeps_accounts_and_objects_as_they_were(self, scene: Scene, page: SyncPage) -> None:
        page.fields["left"] = str(made.hubspot("222").pk)

        page.save()

        assert models.SyncConfig.objects.get().left == scene.left


class TestBadInput:
    def test_an_unknown_field_is_refused(self, scene: Scene, page: SyncPage) -> None:
        page.fields["mappings-0-left_field"] = "987654"

        assert "This account has no such field. Refresh its fields" in page.refusal()

    def test_a_field_that_vanished_is_refused(self, scene: Scene, page: SyncPage) -> None:
        models.VendorField.objects.filter(pk=scene.first_name.left_field_id).update(archived=True)

        assert 'has no field “Firstname” (firstname). Refresh its fields, or choose another field.' in page.refusal()

    def test_a_field_of_another_account_is_refused(self, scene: Scene, page: SyncPage) -> None:
        strange = made.contact_fields(made.hubspot("222"))["email"]
        page.fields["mappings-0-left_field"] = str(strange.pk)

        assert "This account has no such field" in page.refusal()

    def test_a_filter_value_of_a_wrong_type_is_refused(self, scene: Scene, page: SyncPage) -> None:
        group = page.add_group(Side.RIGHT, "Owes money")
        page.add_rule(group, scene.sides.right_fields["Balance"], FilterOperator.GREATER, "a lot")

        assert 'The filter on "Balance" needs number values, "a lot" is none.' in page.refusal()

    def test_a_condition_that_does_not_fit_its_field_is_refused(self, scene: Scene, page: SyncPage) -> None:
        page.add_rule("left_groups-0", scene.sides.left_fields["createdate"], FilterOperator.CONTAINS, "2026")

        assert "Choose another condition." in page.refusal()

    def test_an_unknown_choice_is_refused(self, scene: Scene, page: SyncPage) -> None:
        page.fields["left_groups-0-rules-0-typed"] = "Vanished"

        assert 'names "Vanished", which is not one of its values' in page.refusal()

    def test_a_mapping_of_incompatible_types_is_refused(self, scene: Scene, page: SyncPage) -> None:
        number = made.field(scene.left, "revenue", FieldType.NUMBER)
        page.add_mapping(number, scene.sides.right_fields["Taxable"])

        assert "choose a field of the same type" in page.refusal()

    def test_a_mapping_that_writes_a_read_only_field_is_refused(self, scene: Scene, page: SyncPage) -> None:
        page.fields["mappings-3-direction"] = Direction.BOTH

        assert "is read-only: set the direction to" in page.refusal()

    def test_two_mappings_that_write_one_field_are_refused(self, scene: Scene, page: SyncPage) -> None:
        page.fields["mappings-1-right_field"] = page.fields["mappings-2-right_field"]

        refusal = page.refusal()

        assert "is written by two mappings" in refusal
        assert "Constraint" not in refusal

    def test_a_field_that_another_sync_writes_is_refused(self, scene: Scene, page: SyncPage) -> None:
        other = models.SyncConfig.objects.create(name="Elsewhere", left=made.hubspot("222"), right=scene.right)
        strange = made.contact_fields(other.left)["email"]
        models.FieldMapping.objects.create(
            config=other, left_field=strange, right_field=scene.email.right_field, direction=Direction.TO_RIGHT
        )

        assert "is written by the sync “Elsewhere” already" in page.refusal()

    def test_a_group_without_conditions_is_refused(self, scene: Scene, page: SyncPage) -> None:
        page.add_group(Side.RIGHT, "Empty")

        assert "The filter group “Empty” has no condition. Add one, or remove the group." in page.refusal()

    def test_a_taken_name_is_refused(self, scene: Scene, page: SyncPage) -> None:
        models.SyncConfig.objects.create(name="Taken", left=made.hubspot("222"), right=scene.right)
        page.fields["name"] = "Taken"

        assert "already" in page.refusal()

    def test_own_fields_to_match_by_must_be_chosen(self, scene: Scene, page: SyncPage) -> None:
        page.fields["match_mode"] = "OWN_FIELD"

        assert "Choose the HubSpot field to match by" in page.refusal()

    def test_an_interval_outside_its_bounds_is_refused(self, scene: Scene, page: SyncPage) -> None:
        page.fields["interval_minutes"] = "0"

        assert "greater than or equal to 1" in page.refusal()

    def test_saves_nothing_when_one_part_is_refused(self, scene: Scene, page: SyncPage) -> None:
        page.fields |= {"interval_minutes": "30", "left_groups-0-rules-0-typed": "Vanished"}

        page.refusal()

        assert models.SyncConfig.objects.get().interval_minutes == 10


class TestConditions:
    def offered(self, page: str, group: str) -> set[str]:
        """The conditions in the form from which a group's new conditions are copied, and in those there are."""
        lists = re.findall(rf'<select name="{group}-[^"]*-operator".*?</select>', page, re.DOTALL)
        return {value for one in lists for value in re.findall(r'<option value="([A-Z_]+)"', one)}

    @pytest.mark.parametrize("group", ["right_groups-__prefix__", "right_groups-0"])
    def test_on_the_past_are_not_offered_for_quickbooks(self, scene: Scene, alice: Client, group: str) -> None:
        models.FilterGroup.objects.create(config=scene.sides.config, side=Side.RIGHT, name="Some")

        page = alice.get(reverse("admin:syncapp_syncconfig_change", args=[scene.sides.config.pk])).content.decode()

        assert self.offered(page, group) == set(FilterOperator) - schema.ABOUT_THE_PAST
        assert self.offered(page, group.replace("right", "left")) == set(FilterOperator)

    def test_on_the_past_that_were_saved_stay_visible(self, scene: Scene, alice: Client) -> None:
        group = models.FilterGroup.objects.create(config=scene.sides.config, side=Side.RIGHT, name="Some")
        models.FilterRule.objects.create(
            group=group, field=scene.sides.right_fields["Balance"], operator=FilterOperator.EVER_EQUALED, values=["1"]
        )

        page = SyncPage(alice, scene.sides.config)

        assert page.fields["right_groups-0-rules-0-operator"] == "EVER_EQUALED"
        assert "QuickBooks does not tell what this field held before" in page.refusal()


class TestWhoMayWhat:
    def test_a_viewer_sees_everything_and_can_save_nothing(self, scene: Scene, bob: Client, alice: Client) -> None:
        shown = bob.get(reverse("admin:syncapp_syncconfig_change", args=[scene.config.pk])).content.decode()

        assert "Invoices hs invoice status" in shown
        assert "Draft" in shown
        assert 'name="_save"' not in shown
        assert bob.post(SyncPage(alice, scene.config).url, SyncPage(alice, scene.config).fields).status_code == 403

    def test_an_editor_needs_no_permission_for_the_parts(self, scene: Scene) -> None:
        editor = Client()
        editor.force_login(person("dora", "syncapp.view_syncconfig", "syncapp.change_syncconfig"))
        page = SyncPage(editor, scene.config)
        page.add_mapping(scene.sides.left_fields["city"], scene.sides.right_fields["BillAddr.City"])

        assert page.save().status_code == 302
        assert models.FieldMapping.objects.count() == 5


class TestPicker:
    def ask(self, client: Client, **query: str | int) -> list[str]:
        about = {"app_label": "syncapp", "model_name": "fieldmapping", "field_name": "left_field", **query}
        answer = client.get(reverse("admin:autocomplete"), about)
        return [found["text"] for found in answer.json()["results"]]

    def test_offers_the_accounts_own_fields(self, scene: Scene, alice: Client) -> None:
        made.contact_fields(made.hubspot("222"))

        found = self.ask(alice, connection=scene.left.pk, kind="contacts", term="email")

        assert found == ["Email (email, e-mail address)"]

    def test_says_which_cannot_be_written(self, scene: Scene, alice: Client) -> None:
        assert self.ask(alice, connection=scene.left.pk, kind="contacts", term="createdate") == [
            "Createdate (createdate, date and time, read-only)",
            "Invoices hs createdate (invoices.hs_createdate, date and time, read-only)",
        ]

    def test_offers_no_field_of_another_record_for_matching(self, scene: Scene, alice: Client) -> None:
        assert self.ask(alice, connection=scene.left.pk, kind="contacts", use="matching", term="invoices") == []

    def test_offers_beside_a_field_only_what_can_be_kept_equal_with_it(self, scene: Scene, alice: Client) -> None:
        made.field(scene.left, "amount", FieldType.NUMBER)
        asked = {"connection": scene.right.pk, "kind": "customer", "term": "a", "field_name": "right_field"}

        beside_number = self.ask(alice, **asked, beside=scene.left.vendor_fields.get(name="amount").pk)
        beside_anything = self.ask(alice, **asked, beside="9" * 40)

        assert "Balance (Balance, number, read-only)" in beside_number
        assert "Taxable (Taxable, yes or no)" not in beside_number
        assert "Taxable (Taxable, yes or no)" in beside_anything

    def test_offers_nothing_that_cannot_be_used(self, scene: Scene, alice: Client) -> None:
        models.VendorField.objects.filter(name="email").update(reason="HubSpot keeps it for itself.")

        assert self.ask(alice, connection=scene.left.pk, kind="contacts", term="email") == []

    def test_is_closed_to_those_who_see_no_sync(self, scene: Scene, charlie: Client) -> None:
        about = {"app_label": "syncapp", "model_name": "fieldmapping", "field_name": "left_field"}

        assert charlie.get(reverse("admin:autocomplete"), about).status_code == 403


class TestSettingOneUp:
    def test_asks_four_questions_and_fills_in_the_rest(self, db: object, alice: Client) -> None:
        left, right = made.hubspot(), made.quickbooks()
        made.contact_fields(left)
        made.customer_fields(right)

        answer = alice.post(reverse("admin:syncapp_syncconfig_add"), {
            "name": "Contacts", "left": left.pk, "right": right.pk, "object_pair": "CONTACT_CUSTOMER", "direction": "TO_RIGHT",
        })

        config = models.SyncConfig.objects.get()
        assert answer.headers["Location"] == reverse("admin:syncapp_syncconfig_change", args=[config.pk])
        assert config.mappings.count() > 5
        assert config.filter_groups.get().name == "Has a new HubSpot invoice"
        assert (config.direction, config.create_to, config.active) == ("TO_RIGHT", "RIGHT", False)

    def test_needs_both_accounts(self, db: object, alice: Client) -> None:
        left = made.hubspot()

        answer = alice.post(reverse("admin:syncapp_syncconfig_add"), {
            "name": "Contacts", "left": left.pk, "object_pair": "CONTACT_CUSTOMER", "direction": "BOTH",
        })

        assert "This field is required." in answer.content.decode()
        assert "No account of QuickBooks Online is connected yet." in answer.content.decode()

    def test_a_second_sync_of_the_same_accounts_is_refused(self, scene: Scene, alice: Client) -> None:
        answer = alice.post(reverse("admin:syncapp_syncconfig_add"), {
            "name": "Again", "left": scene.left.pk, "right": scene.right.pk, "object_pair": "CONTACT_CUSTOMER", "direction": "BOTH",
        })

        assert "keeps these accounts in step already" in answer.content.decode()


class TestDeleting:
    def test_asks_first(self, scene: Scene, alice: Client) -> None:
        page = alice.get(reverse("admin:syncapp_syncconfig_delete", args=[scene.config.pk])).content.decode()

        assert "5 record pairs" in page
        assert models.SyncConfig.objects.exists()

    def test_removes_a_sync_that_is_off(self, scene: Scene, alice: Client) -> None:
        alice.post(reverse("admin:syncapp_syncconfig_delete", args=[scene.config.pk]))

        assert not models.SyncConfig.objects.exists()
        assert models.Record.objects.exists()

    def test_refuses_one_that_is_on(self, scene: Scene, alice: Client) -> None:
        models.SyncConfig.objects.update(active=True)

        alice.post(reverse("admin:syncapp_syncconfig_delete", args=[scene.config.pk]))

        assert models.SyncConfig.objects.exists()


class TestQueries:
    def test_stay_few_however_many_mappings_there_are(
        self, scene: Scene, alice: Client, django_assert_max_num_queries: DjangoAssertNumQueries
    ) -> None:
        for name in ("city", "state", "zip", "country", "phone", "website"):
            scene.sides.mapping(name, "Taxable", active=False)

        with django_assert_max_num_queries(60):
            alice.get(reverse("admin:syncapp_syncconfig_change", args=[scene.config.pk]))
