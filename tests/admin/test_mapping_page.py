"""A mapping's own page: its steps and value map, what is refused when saving, and trying it on a record."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from syncapp import models
from syncapp.engine.vocabulary import Direction, NamePolicy, Side, TransformKind
from syncapp.services import rules
from tests.admin.filled import FilledForm, FilledPage
from tests.admin.scene import Scene, person
from tests.services import made


class MappingPage(FilledPage):
    """The page as somebody fills it in."""

    def __init__(self, client: Client, mapping: models.FieldMapping) -> None:
        super().__init__(client, reverse("admin:syncapp_fieldmapping_change", args=[mapping.pk]), "fieldmapping_form")

    def add_step(self, kind: TransformKind, setting: str = "", side: Side = Side.RIGHT) -> None:
        at = int(self.fields["transforms-TOTAL_FORMS"])
        self.fields |= {
            f"transforms-{at}-side": side.value, f"transforms-{at}-kind": kind.value, f"transforms-{at}-setting": setting,
            f"transforms-{at}-position": "0", "transforms-TOTAL_FORMS": str(at + 1),
        }

    def add_value(self, left: str, right: str) -> None:
        at = int(self.fields["values-TOTAL_FORMS"])
        self.fields |= {f"values-{at}-left_value": left, f"values-{at}-right_value": right, "values-TOTAL_FORMS": str(at + 1)}


@pytest.fixture
def page(scene: Scene, alice: Client) -> MappingPage:
    return MappingPage(alice, scene.first_name)


def tried(client: Client, mapping: models.FieldMapping, record: str, **more: str | int) -> str:
    """The page with the mapping tried on a record."""
    answer = client.get(reverse("admin:syncapp_fieldmapping_change", args=[mapping.pk]), {"record": record, **more})
    return str(answer.content.decode()).replace("&quot;", '"').replace("&#x27;", "'")


class TestSaving:
    def test_is_reached_from_the_page_of_the_sync(self, scene: Scene, alice: Client, page: MappingPage) -> None:
        sync = alice.get(reverse("admin:syncapp_syncconfig_change", args=[scene.config.pk])).content.decode()

        assert f'href="{page.url}">Details</a>' in sync

    def test_adds_steps_in_their_order_and_has_them_count(self, scene: Scene, page: MappingPage) -> None:
        page.add_step(TransformKind.TRIM)
        page.add_step(TransformKind.TRUNCATE, "20")
        page.add_step(TransformKind.TITLE, side=Side.LEFT)

        assert page.save().status_code == 302

        frozen = rules.freeze(config=models.SyncConfig.objects.get()).mappings[1]
        assert [(step.side, step.kind, step.setting) for step in frozen.transforms] == [
            (Side.RIGHT, TransformKind.TRIM, ""), (Side.RIGHT, TransformKind.TRUNCATE, "20"), (Side.LEFT, TransformKind.TITLE, ""),
        ]
        assert models.SyncConfig.objects.get().revision == 2

    def test_changes_and_removes_steps(self, scene: Scene, alice: Client, page: MappingPage) -> None:
        page.add_step(TransformKind.TRIM)
        page.add_step(TransformKind.UPPER)
        page.save()
        again = MappingPage(alice, scene.first_name)
        again.fields |= {"transforms-0-DELETE": "on", "transforms-1-kind": "LOWER"}

        again.save()

        assert models.Transform.objects.get().kind == TransformKind.LOWER

    def test_keeps_a_value_map(self, scene: Scene, alice: Client, page: MappingPage) -> None:
        page.add_value(" Bob ", "Robert")

        assert page.save().status_code == 302

        assert models.ValueMapping.objects.get().left_value == "Bob"
        assert MappingPage(alice, scene.first_name).fields["values-0-right_value"] == "Robert"

    def test_takes_choices_by_their_names_and_shows_them_so(self, scene: Scene, alice: Client) -> None:
        choices = [["1", "Lead"], ["2", "Client"]]
        models.VendorField.objects.filter(pk=scene.first_name.left_field_id).update(type="CHOICE", choices=choices)
        page = MappingPage(alice, scene.first_name)
        page.add_value("lead", "New")

        page.save()

        assert models.ValueMapping.objects.get().left_value == "1"
        assert MappingPage(alice, scene.first_name).fields["values-0-left_value"] == "Lead"

    def test_says_on_the_page_of_the_sync_what_is_done(self, scene: Scene, alice: Client, page: MappingPage) -> None:
        page.add_step(TransformKind.TRIM)
        page.save()

        sync = alice.get(reverse("admin:syncapp_syncconfig_change", args=[scene.config.pk])).content.decode()

        assert "Remove needless blanks → QuickBooks" in sync

    def test_every_field_says_what_it_is_for(self, page: MappingPage) -> None:
        texts = [
            field.help_text for model in (models.Transform, models.ValueMapping) for field in model._meta.get_fields()
            if getattr(field, "editable", False) and field.name not in ("id", "mapping")
        ]

        assert all(texts)


class TestBadInput:
    def test_a_template_both_ways_is_refused_with_the_remedy(self, page: MappingPage) -> None:
        page.add_step(TransformKind.TEMPLATE, "{firstname} {lastname}")

        assert 'set the direction of the mapping to "HubSpot → QuickBooks", or remove the step.' in page.refusal()

    def test_a_template_of_an_unknown_field_is_refused(self, scene: Scene, alice: Client) -> None:
        page = MappingPage(alice, scene.name)
        page.add_step(TransformKind.TEMPLATE, "{firstname} {surname}")

        assert 'is put together from "surname", which HubSpot does not have' in page.refusal()

    def test_a_text_that_would_grow_with_every_run_is_refused(self, scene: Scene, alice: Client) -> None:
        there = scene.sides.mapping("company", "CompanyName", Direction.TO_RIGHT, position=4)
        scene.sides.mapping("city", "CompanyName", Direction.TO_LEFT, position=5)
        page = MappingPage(alice, there)
        page.add_step(TransformKind.TEMPLATE, "{company} in {city}")

        assert "QuickBooks field “Companyname” is put together from “city”, which is written from it in turn" in page.refusal()

    def test_a_text_of_fields_that_flow_both_ways_is_taken(self, scene: Scene, alice: Client) -> None:
        page = MappingPage(alice, scene.name)
        page.add_step(TransformKind.TEMPLATE, "{firstname} {lastname}")

        assert page.save().status_code == 302

    def test_a_phone_number_without_a_country_is_refused(self, page: MappingPage) -> None:
        page.add_step(TransformKind.PHONE_E164)

        assert "needs the country of phone numbers that do not begin with +" in page.refusal()

    def test_a_length_in_words_is_refused(self, page: MappingPage) -> None:
        page.add_step(TransformKind.TRUNCATE, "short")

        assert 'cannot be shortened to "short" characters: type a whole number' in page.refusal()

    def test_a_step_must_be_chosen(self, page: MappingPage) -> None:
        page.add_step(TransformKind.TRIM)
        page.fields["transforms-0-kind"] = ""
        page.fields["transforms-0-setting"] = "x"

        assert page.save().status_code == 200
        assert not models.Transform.objects.exists()

    def test_one_value_twice_is_refused(self, page: MappingPage) -> None:
        page.add_value("Bob", "Robert")
        page.add_value("Bob", "Bert")

        assert "The HubSpot value “Bob” stands here twice. Remove one of the two lines." in page.refusal()

    def test_a_value_that_is_no_choice_is_refused(self, scene: Scene, alice: Client) -> None:
        models.VendorField.objects.filter(pk=scene.first_name.left_field_id).update(type="CHOICE", choices=[["1", "Lead"]])
        page = MappingPage(alice, scene.first_name)
        page.add_value("Leed", "New")

        assert "HubSpot field “Firstname” has no value “Leed”. Type the name of one of its choices." in page.refusal()

    def test_steps_of_a_fallback_are_refused(self, scene: Scene, alice: Client) -> None:
        page = MappingPage(alice, scene.sides.mapping("full_name", "DisplayName", Direction.TO_RIGHT, fallback=True, position=4))
        page.add_step(TransformKind.TRIM)

        assert "Remove the steps of the fallback." in page.refusal()

    def test_the_page_of_the_sync_refuses_a_direction_that_a_step_forbids(self, scene: Scene, alice: Client) -> None:
        models.Transform.objects.create(mapping=scene.name, kind=TransformKind.TEMPLATE, setting="{firstname}")
        url = reverse("admin:syncapp_syncconfig_change", args=[scene.config.pk])
        fields = FilledForm(alice.get(url).content.decode(), "syncconfig_form").fields | {"mappings-3-direction": "TO_LEFT"}

        answer = alice.post(url, fields)

        assert "does nothing: remove it or change the direction." in answer.content.decode()

    def test_saves_nothing_when_one_part_is_refused(self, page: MappingPage) -> None:
        page.add_value("Bob", "Robert")
        page.add_step(TransformKind.TRUNCATE, "short")

        page.refusal()

        assert not models.ValueMapping.objects.exists()
        assert models.SyncConfig.objects.get().revision == 1


class TestWhoMayWhat:
    def test_an_operator_sees_and_tries_it_and_can_save_nothing(self, scene: Scene, bob: Client, page: MappingPage) -> None:
        models.Transform.objects.create(mapping=scene.first_name, kind=TransformKind.UPPER)

        shown = tried(bob, scene.first_name, "Ann")

        assert "Capital letters" in shown
        assert "ANN" in shown
        assert 'name="_save"' not in shown
        assert bob.post(page.url, page.fields).status_code == 403

    def test_an_editor_of_syncs_needs_no_permission_for_the_parts(self, scene: Scene) -> None:
        editor = Client()
        editor.force_login(person("dora", "syncapp.view_syncconfig", "syncapp.change_syncconfig"))
        page = MappingPage(editor, scene.first_name)
        page.add_step(TransformKind.TRIM)

        assert page.save().status_code == 302

    def test_nobody_else_sees_it(self, scene: Scene, charlie: Client, page: MappingPage) -> None:
        assert charlie.get(page.url).status_code == 403
        assert charlie.post(page.url, page.fields).status_code == 403

    def test_a_post_from_elsewhere_is_refused(self, alice: Client, page: MappingPage) -> None:
        alice.handler.enforce_csrf_checks = True
        del page.fields["csrfmiddlewaretoken"]

        assert alice.post(page.url, page.fields).status_code == 403

    def test_has_no_menu_entry_and_neither_adds_nor_deletes(self, scene: Scene, alice: Client) -> None:
        assert "fieldmapping" not in alice.get(reverse("admin:index")).content.decode()
        assert alice.get(reverse("admin:syncapp_fieldmapping_add")).status_code == 403
        assert alice.post(reverse("admin:syncapp_fieldmapping_delete", args=[scene.name.pk]), {"post": "yes"}).status_code == 403


class TestTrying:
    def test_finds_records_by_name_and_by_id(self, scene: Scene, alice: Client) -> None:
        left = scene.in_sync.left
        assert left is not None

        assert "Ann ↔ Ann Ltd" in tried(alice, scene.first_name, "ann")
        assert "Ann ↔ Ann Ltd" in tried(alice, scene.first_name, left.external_id)
        assert "No record of this sync is called “Zoe” or has that id." in tried(alice, scene.first_name, "Zoe")

    def test_shows_the_value_after_each_step_in_both_directions(self, scene: Scene, alice: Client) -> None:
        models.Record.objects.filter(label="Ann").update(values={"firstname": " ann  lee ", "email": "Ann@example.com"})
        for at, (kind, setting) in enumerate([(TransformKind.TRIM, ""), (TransformKind.UPPER, ""), (TransformKind.TRUNCATE, "5")]):
            models.Transform.objects.create(mapping=scene.first_name, kind=kind, setting=setting, position=at)

        page = tried(alice, scene.first_name, "Ann Ltd")

        assert "HubSpot → QuickBooks: Ann" in page
        assert "QuickBooks → HubSpot: Ann Ltd" in page
        assert all(f">{value}</td>" in page for value in ("ann lee", "ANN LEE", "ANN L"))
        assert "Shorten what is too long: 5" in page
        assert page.count("It was shortened from 7 to 5 characters.") == 1

    def test_says_what_the_next_run_would_write(self, scene: Scene, alice: Client) -> None:
        models.RecordPair.objects.filter(pk=scene.in_sync.pk).update(
            base_left={scene.first_name.key: "Anna"}, base_right={scene.first_name.key: "Ann Ltd"}
        )
        models.Transform.objects.create(mapping=scene.first_name, kind=TransformKind.UPPER)

        assert "The next run would write “ANN”. HubSpot changed it." in tried(alice, scene.first_name, "Ann Ltd")

    def test_says_that_both_sides_agree(self, scene: Scene, alice: Client) -> None:
        models.Record.objects.filter(label="Ann Ltd").update(values={"GivenName": "ANN"})
        models.Transform.objects.create(mapping=scene.first_name, kind=TransformKind.UPPER)

        assert "Both sides agree. Nothing would be written." in tried(alice, scene.first_name, "Ann Ltd")

    def test_says_what_would_be_refused(self, scene: Scene, alice: Client) -> None:
        models.Record.objects.filter(label="Ann").update(values={"firstname": "a" * 101})

        assert "QuickBooks would refuse it: A value is longer than the other system can hold." in tried(alice, scene.first_name, "Ann Ltd")

    def test_puts_a_text_together_with_fields_of_the_associated_company(self, scene: Scene, alice: Client) -> None:
        models.Transform.objects.create(mapping=scene.name, kind=TransformKind.TEMPLATE, setting="{companies.name} ({firstname})")
        company = models.Record.objects.create(
            connection=scene.left, kind="companies", external_id="77", values={"name": "Acme"}, observed_at=made.NOW
        )
        assert scene.in_sync.left is not None
        models.RecordLink.objects.create(
            connection=scene.left, from_kind="contacts", from_id=scene.in_sync.left.external_id, to_kind="companies",
            to_id=company.external_id,
        )

        page = tried(alice, scene.name, "Ann Ltd")

        assert "Put together from {companies.name} ({firstname})" in page
        assert "Acme (Ann)" in page

    def test_of_a_record_without_a_partner_says_what_a_new_one_would_get(self, scene: Scene, alice: Client) -> None:
        assert "There is no QuickBooks record yet. A new one would get this value." in tried(alice, scene.first_name, "Cal")

    def test_works_for_a_mapping_that_is_off(self, scene: Scene, alice: Client) -> None:
        models.FieldMapping.objects.filter(pk=scene.first_name.pk).update(active=False)

        assert "HubSpot → QuickBooks: Ann" in tried(alice, scene.first_name, "Ann Ltd")

    @pytest.mark.parametrize("pair", ["x", "999999", "²", "9" * 30])
    def test_a_pair_that_is_not_there_is_nothing(self, scene: Scene, alice: Client, pair: str) -> None:
        assert "HubSpot → QuickBooks:" not in tried(alice, scene.first_name, "", pair=pair)

    def test_a_pair_of_another_sync_is_nothing(self, scene: Scene, alice: Client) -> None:
        other = models.SyncConfig.objects.create(name="Elsewhere", left=made.hubspot("222"), right=scene.right)
        strange = models.RecordPair.objects.create(config=other, left=scene.in_sync.left)

        assert "HubSpot → QuickBooks:" not in tried(alice, scene.first_name, "", pair=strange.pk)

    def test_writes_nothing(self, scene: Scene, alice: Client) -> None:
        watched = (models.Record, models.RecordPair, models.Operation, models.SyncConfig, models.Conflict)
        before = [list(model.objects.values()) for model in watched]

        tried(alice, scene.first_name, "Ann Ltd")

        assert [list(model.objects.values()) for model in watched] == before

    def test_offers_only_records_that_hold_something_to_try_it_on(self, scene: Scene, alice: Client) -> None:
        models.RecordPair.objects.create(config=scene.config, right=scene._record(scene.right, "Nobody Ltd"))

        assert "Nobody Ltd" in tried(alice, scene.first_name, "")
        assert "Nobody Ltd" not in tried(alice, scene.name, "")
        assert "Ann Ltd" in tried(alice, scene.name, "")


class TestNameInQuickBooks:
    """Dan is to be made in QuickBooks; Ann Ltd has that name there already."""

    @pytest.fixture
    def naming(self, scene: Scene) -> models.FieldMapping:
        scene.config.mappings.filter(pk=scene.name.pk).delete()
        models.Record.objects.filter(label="Ann Ltd").update(label="Dan", key3="dan")
        return scene.sides.mapping("firstname", "DisplayName", Direction.TO_RIGHT, position=4)

    @pytest.mark.parametrize(
        ("policy", "said"),
        [
            (NamePolicy.FAIL, "so it would fail: fail, and say so."),
            (NamePolicy.SUFFIX, "so it would be called “Dan (2)”."),
            (NamePolicy.SUB_CUSTOMER, "so it would become a sub-customer of it"),
            (NamePolicy.LINK, "so it would wait for a person"),
            (NamePolicy.HOLD, "so it would wait for a person"),
        ],
    )
    def test_that_is_taken_is_told_with_what_the_rule_does(
        self, scene: Scene, alice: Client, naming: models.FieldMapping, policy: NamePolicy, said: str
    ) -> None:
        models.SyncConfig.objects.update(name_policy=policy)

        page = tried(alice, naming, "", pair=scene.failing.pk)

        assert f"“Dan” is taken by Dan (id {scene.in_sync.right.external_id})" in page
        assert said in page

    def test_that_is_taken_by_a_record_without_partner_is_linked(self, scene: Scene, alice: Client, naming: models.FieldMapping) -> None:
        models.SyncConfig.objects.update(name_policy=NamePolicy.LINK)
        models.RecordPair.objects.filter(pk=scene.in_sync.pk).update(left=None)

        assert "it would be linked to that record instead of being made." in tried(alice, naming, "", pair=scene.failing.pk)

    def test_that_is_free_is_told_and_reached_from_the_pair(self, scene: Scene, alice: Client, naming: models.FieldMapping) -> None:
        models.Record.objects.filter(label="Dan").exclude(pk=scene.failing.left_id).update(key3="ann ltd")
        url = f"{reverse('admin:syncapp_fieldmapping_change', args=[naming.pk])}?pair={scene.failing.pk}#try"

        assert url in alice.get(reverse("admin:syncapp_recordpair_change", args=[scene.failing.pk])).content.decode()
        assert "“Dan” is free, as far as was read." in tried(alice, naming, "", pair=scene.failing.pk)

    def test_is_not_told_of_a_record_that_has_a_partner(self, scene: Scene, alice: Client, naming: models.FieldMapping) -> None:
        assert "Its name in QuickBooks" not in tried(alice, naming, "", pair=scene.in_sync.pk)
