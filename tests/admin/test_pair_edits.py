"""A value or the partner changed by hand on the page of a pair: who may, what it says, and what it keeps for the next run."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from syncapp import models
from syncapp.engine.vocabulary import ConflictStatus, Direction, PairState
from tests.admin.scene import Scene


def url(name: str, pair: models.RecordPair) -> str:
    return reverse(f"admin:syncapp_recordpair_{name}", args=[pair.pk])


class TestEdit:
    def test_is_offered_at_fields_that_both_sides_take(self, scene: Scene, bob: Client) -> None:
        page = bob.get(url("change", scene.in_sync)).content.decode()

        assert 'aria-label="New value for Firstname on both sides"' in page
        assert page.count("Write to both") == 3  # e-mail, first and last name; a company's name belongs to another record

    def test_is_not_offered_where_the_sync_writes_one_side_only(self, scene: Scene, bob: Client) -> None:
        models.SyncConfig.objects.update(direction=Direction.TO_RIGHT)

        assert "Write to both" not in bob.get(url("change", scene.in_sync)).content.decode()

    def test_is_not_offered_beside_an_open_conflict(self, scene: Scene, bob: Client) -> None:
        page = bob.get(url("change", scene.in_conflict)).content.decode()

        assert 'aria-label="New value for Firstname on both sides"' not in page
        assert 'aria-label="New value for Lastname on both sides"' in page

    def test_offers_choices_by_their_names(self, scene: Scene, bob: Client) -> None:
        field = scene.first_name.left_field
        field.type, field.choices = "CHOICE", [["a", "Alpha"], ["b", "Beta"]]
        field.save()

        page = bob.get(url("change", scene.in_sync)).content.decode()
        bob.post(url("edit", scene.in_sync), {"field": scene.first_name.key, "value": "Beta"})

        assert '<option value="Alpha">Alpha</option>' in page
        assert models.Conflict.objects.get(pair=scene.in_sync).chosen == "b"

    def test_keeps_the_value_for_the_next_run(self, scene: Scene, bob: Client) -> None:
        page = bob.post(url("edit", scene.in_sync), {"field": scene.first_name.key, "value": "Annie"}, follow=True).content.decode()

        kept = models.Conflict.objects.get(pair=scene.in_sync)
        scene.in_sync.refresh_from_db()
        assert "both sides get “Annie”. The next run carries it out." in page
        assert (kept.status, kept.chosen, kept.decided_by) == (ConflictStatus.BY_PERSON, "Annie", User.objects.get(username="bob"))
        assert scene.in_sync.dirty

    @pytest.mark.parametrize(
        ("field", "value", "words"),
        [("", "Annie", "not mapped any more"), ("first_name", "", "Type a value"), ("email", "nonsense", "would refuse this value")],
    )
    def test_says_why_not(self, scene: Scene, bob: Client, field: str, value: str, words: str) -> None:
        key = getattr(scene, field).key if field else "0"

        page = bob.post(url("edit", scene.in_sync), {"field": key, "value": value}, follow=True).content.decode()

        assert words in page
        assert not models.Conflict.objects.filter(pair=scene.in_sync).exists()

    def test_is_closed_to_those_without_permission(self, scene: Scene, charlie: Client) -> None:
        assert charlie.post(url("edit", scene.in_sync), {"field": scene.first_name.key, "value": "Annie"}).status_code == 403
        assert not models.Conflict.objects.filter(pair=scene.in_sync).exists()


class TestPartner:
    def test_finds_records_by_name_and_says_whose_partner_they_are(self, scene: Scene, bob: Client) -> None:
        page = bob.get(url("change", scene.failing), {"partner": "ltd", "partner_side": "RIGHT"}).content.decode()

        assert "has a partner: Ann" in page
        assert "Choose the partner by hand" in page

    def test_says_when_nothing_is_found(self, scene: Scene, bob: Client) -> None:
        page = bob.get(url("change", scene.failing), {"partner": "nobody like that"}).content.decode()

        assert "This sync knows no QuickBooks record of that name or id" in page

    def test_links_the_one_that_was_found_instead_of_the_one_there_was(self, scene: Scene, bob: Client) -> None:
        free = scene._record(scene.right, "Ann & Co")
        models.RecordPair.objects.create(config=scene.config, right=free, state=PairState.HALF)
        former = scene.in_sync.right

        bob.post(url("relink", scene.in_sync), {"record": free.external_id, "side": "RIGHT"})

        assert str(models.RecordPair.objects.get(left=scene.in_sync.left).right) == "Ann & Co"
        assert models.RecordPair.objects.get(right=former).excluded_by_hand

    def test_says_why_not(self, scene: Scene, bob: Client) -> None:
        taken = scene.in_sync.right
        assert taken is not None

        page = bob.post(url("relink", scene.in_conflict), {"record": taken.external_id, "side": "RIGHT"}, follow=True).content.decode()

        assert "is the partner of another already" in page
        assert str(models.RecordPair.objects.get(pk=scene.in_conflict.pk).right) == "Bea Ltd"

    def test_is_closed_to_those_without_permission(self, scene: Scene, charlie: Client) -> None:
        assert charlie.post(url("relink", scene.in_sync), {"record": "1", "side": "RIGHT"}).status_code == 403
