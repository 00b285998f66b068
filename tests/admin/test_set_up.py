"""Setting a sync up: the steps, the checks, the test of its filters, and the question before it is turned on or off."""

from __future__ import annotations

import html
import re
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from syncapp import models
from syncapp.connectors import factory
from syncapp.engine.vocabulary import (
    CreateTo,
    Direction,
    FieldType,
    FilterOperator,
    ObjectPair,
    OperationStatus,
    RunTrigger,
    Side,
    System,
)
from tests.admin.conftest import signed_in
from tests.admin.scene import NOW, Scene, person
from tests.admin.test_sync_page import SyncPage
from tests.services import made


def address(name: str, config: models.SyncConfig) -> str:
    return reverse(f"admin:syncapp_syncconfig_{name}", args=[config.pk])


def words(answer: Any) -> str:
    """What a person reads."""
    return html.unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.content.decode())))


def opened(client: Client, name: str, config: models.SyncConfig) -> str:
    return words(client.get(address(name, config)))


class FiltersPage(SyncPage):
    """The page, for testing what stands in it."""

    def __init__(self, client: Client, config: models.SyncConfig) -> None:
        super().__init__(client, config)
        self.test_url = address("filters", config)

    def test(self, **more: str) -> str:
        answer = self._client.post(self.test_url, {**self.fields, **more})
        assert answer.status_code == 200
        return words(answer)


@pytest.fixture
def page(scene: Scene, alice: Client) -> FiltersPage:
    models.FilterGroup.objects.all().delete()
    for balance, record in enumerate(models.Record.objects.filter(kind="customer").order_by("pk")):
        models.Record.objects.filter(pk=record.pk).update(values={**record.values, "Balance": str(balance * 100)})
    return FiltersPage(alice, scene.config)


def owing(page: FiltersPage, scene: Scene, typed: str = "50") -> str:
    group = page.add_group(Side.RIGHT, "Owes money")
    page.add_rule(group, scene.sides.right_fields["Balance"], FilterOperator.GREATER, typed)
    return group


class TestTestingTheFilters:
    def test_judges_what_is_typed_and_saves_nothing(self, scene: Scene, page: FiltersPage) -> None:
        owing(page, scene)

        told = page.test()

        assert "QuickBooks customers 1 let in 1 left out" in told
        assert "Left out Ann Ltd" in told
        assert "Owes money: Balance is greater than 50 — it is 0" in told
        assert "HubSpot contacts 5 let in 0 left out" in told
        assert not models.FilterGroup.objects.exists()
        assert models.SyncConfig.objects.get().revision == 1

    def test_links_each_record_to_its_pair(self, scene: Scene, alice: Client, page: FiltersPage) -> None:
        answer = alice.post(page.test_url, page.fields).content.decode()

        assert reverse("admin:syncapp_recordpair_change", args=[scene.in_sync.pk]) in answer

    def test_leaves_out_what_is_to_be_removed(self, scene: Scene, page: FiltersPage) -> None:
        group = owing(page, scene)
        page.fields[f"{group}-DELETE"] = "on"

        assert "QuickBooks customers 2 let in 0 left out" in page.test()

    def test_goes_by_the_direction_that_is_typed(self, scene: Scene, page: FiltersPage) -> None:
        page.fields["direction"] = Direction.TO_RIGHT

        assert "Nothing flows from QuickBooks in this sync" in page.test()

    def test_is_only_a_part_where_the_page_asks_for_it(self, scene: Scene, page: FiltersPage) -> None:
        assert "The sync as it is saved" in page.test()
        assert "The sync as it is saved" not in page.test(part="yes")

    @pytest.mark.parametrize("wrong", ["a lot", ""])
    def test_says_of_a_mistake_what_saving_says(self, wrong: str, scene: Scene, page: FiltersPage) -> None:
        owing(page, scene, wrong)
        expected = re.search(r'The filter on "Balance"[^<]*', page.refusal())

        told = page.test()

        assert expected is not None
        assert expected.group().strip() in told
        assert "let in" not in told

    def test_names_a_condition_that_is_not_filled_in(self, scene: Scene, page: FiltersPage) -> None:
        group = owing(page, scene)
        page.fields[f"{group}-rules-0-operator"] = ""

        assert "Not tested. Mend this first: Owes money: Operator: This field is required." in page.test()

    def test_does_not_mind_other_mistakes_of_the_page(self, scene: Scene, page: FiltersPage) -> None:
        owing(page, scene)
        page.fields |= {"name": "", "mappings-0-left_field": ""}

        assert "QuickBooks customers 1 let in 1 left out" in page.test()

    def test_gives_those_who_may_only_look_the_saved_filters(self, scene: Scene, bob: Client, page: FiltersPage) -> None:
        owing(page, scene)

        assert "QuickBooks customers 2 let in 0 left out" in words(bob.post(page.test_url, page.fields))

    def test_is_closed_to_those_who_may_not_see_records(self, scene: Scene) -> None:
        dora = signed_in(person("dora", "syncapp.view_syncconfig"))

        assert dora.post(address("filters", scene.config)).status_code == 403
        assert address("filters", scene.config) not in dora.get(address("change", scene.config)).content.decode()

    def test_of_a_sync_that_is_not_there_is_not_found(self, scene: Scene, alice: Client) -> None:
        assert alice.post(reverse("admin:syncapp_syncconfig_filters", args=[987654])).status_code == 404


class TestAskingOfAField:
    def asked(self, client: Client, field: models.VendorField) -> Any:
        return client.get(reverse("admin:syncapp_vendorfield_asking"), {"id": field.pk}).json()[str(field.pk)]

    def test_names_the_conditions_that_fit_with_their_inputs(self, scene: Scene, bob: Client) -> None:
        told = self.asked(bob, scene.sides.right_fields["Balance"])["operators"]

        assert told["BETWEEN"] == "numbers"
        assert told["IS_KNOWN"] == "nothing"
        assert not {"CONTAINS", "BEFORE", "EVER_EQUALED"} & set(told)
        assert self.asked(bob, scene.sides.right_fields["Taxable"])["one_of"]["EQUALS"] == [["true", "yes"], ["false", "no"]]

    def test_names_earlier_values_only_where_the_vendor_tells_them(self, scene: Scene, alice: Client) -> None:
        assert self.asked(alice, scene.sides.left_fields["firstname"])["operators"]["EVER_EQUALED"] == "text"

    def test_gives_choices_by_their_names_and_by_code_where_two_are_called_alike(self, scene: Scene, alice: Client) -> None:
        field = made.field(scene.left, "tier", FieldType.CHOICE, choices=[["a", "Gold"], ["b", "gold"], ["c", "Tin, plain"]])

        assert self.asked(alice, field)["choices"] == [["a", "Gold"], ["b", "gold"], ["Tin, plain", "Tin, plain"]]

    def test_gives_the_dates_that_a_date_can_be_compared_with(self, scene: Scene, alice: Client) -> None:
        made.field(scene.left, "closedate", FieldType.DATE)

        told = self.asked(alice, scene.sides.left_fields["createdate"])["one_of"]

        assert told["BEFORE_FIELD"] == [["closedate", "Closedate"]]
        assert told["IN_LAST"][0] == ["day", "day"]

    def test_of_nonsense_tells_nothing(self, alice: Client) -> None:
        assert alice.get(reverse("admin:syncapp_vendorfield_asking"), {"id": ["x", "9" * 30]}).json() == {}


class TestTyping:
    def test_keeps_a_choice_whose_name_has_a_comma(self, scene: Scene, page: FiltersPage) -> None:
        field = made.field(scene.left, "tier", FieldType.CHOICE, choices=[["a", "Gold"], ["c", "Tin, plain"]])
        page.add_rule(page.add_group(Side.LEFT, "Some"), field, FilterOperator.ANY_OF, "Tin, plain\nGold")

        page.save()

        assert models.FilterRule.objects.get().values == ["c", "a"]


class TestSteps:
    def test_begin_with_the_first_and_name_the_ones_that_are_done(self, scene: Scene, alice: Client) -> None:
        page = alice.get(address("change", scene.config)).content.decode()

        assert 'data-begin="settings"' in page
        assert page.count("s-path__step--done") == 1, "the checks pass; the preview in the scene is of older settings"
        assert "Next: Objects and direction." in words(alice.get(address("change", scene.config)))

    def test_go_on_when_the_page_is_saved_and_are_there_again_later(self, scene: Scene, alice: Client) -> None:
        page = SyncPage(alice, scene.config)
        page.fields["_through"] = "OBJECTS"

        answer = page.save()

        assert answer.headers["Location"] == address("change", scene.config) + "#mappings"
        assert 'data-begin="mappings"' in alice.get(address("change", scene.config)).content.decode()

    def test_do_not_go_on_when_saving_is_refused(self, scene: Scene, alice: Client) -> None:
        page = SyncPage(alice, scene.config)
        page.fields |= {"_through": "OBJECTS", "name": ""}

        page.refusal()

        assert models.SyncConfig.objects.get().looked_through == []

    def test_that_nobody_knows_are_no_steps(self, scene: Scene, alice: Client) -> None:
        page = SyncPage(alice, scene.config)
        page.fields["_through"] = "ACTIVATE"

        assert page.save().headers["Location"] == address("change", scene.config)

    def test_lead_from_the_preview_to_activating(self, scene: Scene, alice: Client) -> None:
        models.SyncConfig.objects.update(looked_through=["OBJECTS", "MAPPINGS", "FILTERS", "MATCHING"])
        before = opened(alice, "change", scene.config)

        scene.previewed()

        assert "Next: Preview. Press Preview now: there is no preview of the present settings." in before
        assert re.search(r"Next: Activate. Look through preview #\d+ , then press Activate.", opened(alice, "change", scene.config))

    def test_are_over_once_it_ran_by_itself(self, scene: Scene, alice: Client) -> None:
        models.SyncRun.objects.filter(pk=scene.run.pk).update(trigger=RunTrigger.SCHEDULE)

        assert "Next:" not in opened(alice, "change", scene.config)

    def test_offer_no_saving_to_those_who_may_only_look(self, scene: Scene, bob: Client) -> None:
        page = opened(bob, "change", scene.config)

        assert "Next: Objects and direction." in page
        assert "Save and go on" not in page


class TestChecks:
    def test_show_what_is_good_and_what_is_to_be_mended(self, scene: Scene, alice: Client) -> None:
        models.Connection.objects.filter(pk=scene.left.pk).update(paused=True)

        page = opened(alice, "change", scene.config)

        assert re.search(r"Accounts Mend HubSpot: Acme portal is paused\.", page)
        assert "Filters Good The conditions fit their fields." in page

    def test_mind_currencies_that_differ(self, scene: Scene, alice: Client) -> None:
        models.Connection.objects.filter(pk=scene.left.pk).update(currency="USD")
        models.Connection.objects.filter(pk=scene.right.pk).update(currency="EUR")

        assert "Currencies Mind HubSpot keeps its amounts in USD, QuickBooks in EUR." in opened(alice, "change", scene.config)

    def test_mind_a_property_of_ours_that_is_missing(self, scene: Scene, alice: Client) -> None:
        gone = {"kind": "contacts", "name": "qbo_id", "label": "QuickBooks ID", "state": "REMOVED", "words": ""}
        models.Connection.objects.filter(pk=scene.left.pk).update(own_fields=[gone])

        assert "Mind Missing: QuickBooks ID. Press Add missing ones" in opened(alice, "change", scene.config)

    def test_tell_what_the_company_said_of_itself_where_invoices_are_kept_in_step(self, scene: Scene, alice: Client) -> None:
        models.Connection.objects.filter(pk=scene.right.pk).update(details={"sales tax": "on", "edition": "Plus"})
        models.SyncConfig.objects.update(object_pair=ObjectPair.INVOICE, direction=Direction.TO_LEFT)

        page = opened(alice, "change", scene.config)

        assert "QuickBooks company Good Its settings allow this sync. As last told: sales tax: on." in page

    def test_mind_a_list_of_fields_that_was_never_read(self, scene: Scene, alice: Client) -> None:
        models.Connection.objects.filter(pk=scene.right.pk).update(fields_read_at=None)

        assert "Mind The QuickBooks list of fields was last read more than 30 days ago." in opened(alice, "change", scene.config)

    def test_mind_scopes_that_were_not_granted(self, scene: Scene, alice: Client) -> None:
        scopes = [one for one in factory.scopes(system=System.HUBSPOT) if one != "crm.objects.contacts.write"]
        models.Credential.objects.create(connection=scene.left, access_token="sealed-access", scopes=scopes)

        page = opened(alice, "change", scene.config)

        assert "Permissions at the vendors Mind HubSpot did not grant crm.objects.contacts.write, so calls that need it" in page
        assert "sealed-access" not in page

    def test_mind_a_clock_that_is_off(self, scene: Scene, alice: Client) -> None:
        models.Connection.objects.filter(pk=scene.left.pk).update(clock_lead=2)
        models.Connection.objects.filter(pk=scene.right.pk).update(clock_lead=-135)

        assert "Clocks Mind The clock here is 2 min 15 s behind that of QuickBooks." in opened(alice, "change", scene.config)

    @pytest.mark.parametrize(
        ("state", "said"),
        [
            ("THERE", "Key of the sync in HubSpot Good The property that keeps it is there"),
            ("MISSING", "Key of the sync in HubSpot Advice HubSpot had no property for it when"),
            ("WRONG", "Key of the sync in HubSpot Mend HubSpot has a property “syncapp_key” on contacts that is not"),
        ],
    )
    def test_tell_whether_records_made_in_hubspot_can_keep_the_key(self, state: str, said: str, scene: Scene, alice: Client) -> None:
        models.Connection.objects.filter(pk=scene.left.pk).update(key_states={"contacts": state})

        assert said in opened(alice, "change", scene.config)

    def test_ask_for_no_key_where_nothing_is_made_in_hubspot(self, scene: Scene, alice: Client) -> None:
        models.Connection.objects.filter(pk=scene.left.pk).update(key_states={"contacts": "WRONG"})
        models.SyncConfig.objects.update(create_to=CreateTo.RIGHT)

        assert "Key of the sync" not in opened(alice, "change", scene.config)


class TestTurningOnAndOff:
    def test_asks_for_a_word_where_nobody_saw_a_preview(self, scene: Scene, bob: Client) -> None:
        page = opened(bob, "switch", scene.config)
        bob.post(address("activate", scene.config))
        still_off = not models.SyncConfig.objects.get().active
        bob.post(address("activate", scene.config), {"unseen": "yes"})

        assert "Nobody has seen what the present settings would do." in page
        assert "Go on without a preview" in page
        assert still_off
        assert models.SyncConfig.objects.get().active

    def test_needs_no_word_after_a_preview_of_the_present_settings(self, scene: Scene, bob: Client) -> None:
        scene.previewed()

        page = opened(bob, "switch", scene.config)
        bob.post(address("activate", scene.config))

        assert "shows what these settings would do: 3 writes planned, none carried out." in page
        assert "Go on without a preview" not in page
        assert models.SyncConfig.objects.get().active

    def test_says_what_is_wrong_instead_of_a_button(self, scene: Scene, bob: Client) -> None:
        models.Connection.objects.filter(pk=scene.left.pk).update(paused=True)

        page = bob.get(address("switch", scene.config))

        assert "It cannot run yet: HubSpot: Acme portal is paused." in words(page)
        assert address("activate", scene.config) not in page.content.decode()

    def test_says_what_turning_off_does_to_links_and_open_writes(self, scene: Scene, bob: Client) -> None:
        models.SyncConfig.objects.update(active=True)
        scene.under_way()
        models.Operation.objects.filter(pk=scene.failed.pk).update(status=OperationStatus.SENDING)

        page = opened(bob, "switch", scene.config)

        assert re.search(r"Run #\d+ , which is under way, ends before its next batch\.", page)
        assert "2 links between records stay, with all settings and history." in page
        assert "1 planned write that was not sent waits." in page
        assert "1 write on the way is settled by the first run afterwards" in page

    def test_says_on_the_page_of_one_that_is_on_when_changes_count(self, scene: Scene, alice: Client) -> None:
        models.SyncConfig.objects.update(active=True, next_due_at=NOW)

        assert "What you save here counts from the next run" in opened(alice, "change", scene.config)


class TestDeleting:
    def test_says_what_goes_and_what_stays(self, scene: Scene, alice: Client) -> None:
        page = opened(alice, "delete", scene.config)

        assert "5 record pairs with their links, and its history here are removed for good." in page
        assert "No data is deleted or changed in HubSpot or QuickBooks." in page

    def test_of_one_that_is_on_leads_to_turning_it_off(self, scene: Scene, alice: Client) -> None:
        models.SyncConfig.objects.update(active=True)

        page = alice.get(address("delete", scene.config)).content.decode()

        assert address("switch", scene.config) in page
        assert "Turn it off first." in page


class TestMappings:
    def test_can_be_tried_from_each_line(self, scene: Scene, alice: Client) -> None:
        page = alice.get(address("change", scene.config)).content.decode()

        assert all(f"/fieldmapping/{one.pk}/change/#try" in page for one in models.FieldMapping.objects.all())

    def test_name_in_their_pickers_what_must_be_filled(self, scene: Scene, alice: Client) -> None:
        assert "Displayname (DisplayName, text, required)" in alice.get(address("change", scene.config)).content.decode()
