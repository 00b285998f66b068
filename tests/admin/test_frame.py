"""What stands around every page: where one is, how many there are, and the pages of people in our words."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import Group, User
from django.test import Client
from django.urls import reverse

from syncapp import models
from syncapp.engine.vocabulary import Digest
from syncapp.services import personal
from tests.admin.scene import Scene
from tests.admin.test_every_page import PAGES
from tests.admin.test_what_pages_tell import text

THEN = " chevron_right "


def reads_polish() -> None:
    """Alice chooses Polish."""
    user = User.objects.get(username="alice")
    personal.save(user=user, time_zone="", language="pl", at_once=(), digest=Digest.NEVER, in_summary=(), digest_hour=8)


class TestTheWayToAPage:
    @pytest.mark.parametrize(
        ("name", "way"),
        [
            ("columns", ("Sync", "Record pairs", "Edit columns")), ("unknown outcomes", ("Sync", "Record pairs", "Unknown outcomes")),
            ("jobs", ("Sync", "Connections", "Jobs")), ("new sync", ("Sync", "Syncs", "Set up a sync")),
            ("pasting a key", ("Sync", "Connections", "Paste a HubSpot service key")), ("users", ("People", "Users")),
            ("new user", ("People", "Users", "Add user")), ("user", ("People", "Users", "Erin")), ("roles", ("People", "Roles")),
            ("pair in sync", ("Sync", "Record pairs", "Ann ↔ Ann Ltd")),
        ],
    )
    def test_is_told_to_its_end(self, name: str, way: tuple[str, ...], scene: Scene, alice: Client) -> None:
        page = text(alice, PAGES[name](scene))

        assert f" {THEN.join(way)} " in page
        assert f"{THEN.join(way)}{THEN}" not in page

    def test_has_our_words_for_people_in_polish_too(self, scene: Scene, alice: Client) -> None:
        reads_polish()

        assert f"Ludzie{THEN}Role " in text(alice, PAGES["roles"](scene))


class TestAList:
    def test_counts_in_a_way_that_every_language_can(self, scene: Scene, alice: Client) -> None:
        assert " 5 in all " in text(alice, PAGES["pairs"](scene))

    def test_that_is_narrowed_says_to_how_many(self, scene: Scene, alice: Client) -> None:
        assert "1 found" in text(alice, PAGES["failing"](scene))
        assert "found" not in text(alice, PAGES["pairs"](scene))

    @pytest.mark.parametrize("name", ["mine", "matches", "deletes"])
    def test_of_work_that_is_empty_says_that_nothing_waits(self, name: str, scene: Scene, alice: Client) -> None:
        assert "Nothing waits for you here." in text(alice, PAGES[name](scene))

    def test_of_scheduled_exports_says_what_to_do_first(self, scene: Scene, alice: Client) -> None:
        assert "Save columns and filters of the record pairs as a view" in text(alice, PAGES["scheduled exports"](scene))
        assert "There is no view yet. Make one first" in text(alice, PAGES["new scheduled export"](scene))

        models.SavedView.objects.create(name="All", owner=User.objects.get(username="alice"))

        assert "There is no view yet." not in text(alice, PAGES["new scheduled export"](scene))


class TestPeople:
    def test_are_given_permissions_by_what_these_permit(self, scene: Scene, alice: Client) -> None:
        page = text(alice, reverse("admin:auth_group_change", args=[Group.objects.get(name="Operator").pk]))

        assert "Record pairs: see" in page
        assert "Syncs: start, preview, activate and stop" in page
        assert "Can view" not in page

    def test_are_told_what_each_field_is_for(self, scene: Scene, alice: Client) -> None:
        page = text(alice, PAGES["user"](scene))

        assert "Where notices and exports are mailed to. Empty: nothing is mailed." in page
        assert "What this person may do. Several roles add up." in page

    def test_leave_the_days_of_signing_in_as_they_were(self, scene: Scene, alice: Client) -> None:
        page = alice.get(PAGES["user"](scene)).content.decode()

        assert 'name="last_login_0"' not in page and 'name="date_joined_0"' not in page


class TestAConnection:
    def test_tells_its_facts_in_the_readers_language(self, scene: Scene, alice: Client) -> None:
        models.Connection.objects.filter(pk=scene.right.pk).update(details={"sales tax": "off", "multicurrency": "yes", "pages": "https://x"})
        reads_polish()

        page = text(alice, reverse("admin:syncapp_connection_change", args=[scene.right.pk]))

        assert "Podatek od sprzedaży wyłączone Wiele walut tak" in page
        assert "https://x" not in page


class TestABrakedRun:
    def test_shows_how_far_it_came(self, scene: Scene, alice: Client) -> None:
        page = alice.get(PAGES["braked run"](scene)).content.decode()

        assert page.count("s-step s-step--done") == 5
        assert page.count("s-step s-step--left") == 1
