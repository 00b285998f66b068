"""A person chooses how to be told, and works through the notices."""

from __future__ import annotations

from django.contrib.auth.models import User
from playwright.sync_api import expect

from syncapp import models
from syncapp.engine.vocabulary import Digest, NoticeKind
from syncapp.selectors import personal
from tests.admin.scene import Scene
from tests.journeys.conftest import Person


class TestMySettings:
    def test_are_found_in_the_own_menu_and_change_the_times_of_all_pages(self, scene: Scene, alice: Person) -> None:
        page = alice.open("/")
        page.locator("[role=button]", has_text="alice@example.com").press("Enter")
        expect(page.get_by_role("link", name="My settings").first).to_be_focused()
        page.keyboard.press("Enter")
        page.wait_for_url("**/syncapp/personalsettings/")

        page.select_option("#id_time_zone", "Europe/Warsaw")
        page.uncheck("text=A brake stopped a sync >> nth=0")
        page.uncheck("text=An account has to be connected again >> nth=0")
        page.select_option("#id_digest", label="Never")
        page.click("text=Save my settings")
        page.wait_for_selector("text=Your settings are saved.")

        chosen = personal.of(user=User.objects.get(username="alice"))
        assert (chosen.time_zone, chosen.at_once, chosen.digest) == ("Europe/Warsaw", [], Digest.NEVER)
        assert "2026-11-26 10:30:00 CET" in alice.open(f"/syncapp/syncrun/{scene.run.pk}/change/").content()
        assert alice.complaints == []

    def test_are_saved_by_the_keyboard_alone(self, alice: Person) -> None:
        page = alice.open("/syncapp/personalsettings/")
        page.focus("#id_time_zone")
        page.keyboard.type("UTC")
        page.keyboard.press("Tab")
        page.keyboard.press("Space")
        for _ in range(len(NoticeKind.noticed()) + 1):
            page.keyboard.press("Tab")
        page.keyboard.type("17")
        for _ in range(len(NoticeKind) + 1):
            page.keyboard.press("Tab")
        page.keyboard.press("Enter")
        page.wait_for_selector("text=Your settings are saved.")

        chosen = personal.of(user=User.objects.get(username="alice"))
        assert (chosen.time_zone, chosen.at_once, chosen.digest_hour) == ("UTC", ["RECONNECT"], 17)


class TestTheBell:
    def test_leads_to_the_open_notices_which_are_closed_together(self, scene: Scene, alice: Person) -> None:
        models.Notice.objects.create(subject="another", words="Another one.")
        page = alice.open("/")
        assert page.get_attribute(".s-bell", "aria-label") == "2 open notices"

        page.click(".s-bell")
        page.wait_for_url("**/syncapp/notice/")
        page.check("#action-toggle")
        page.select_option("select[name=action]", label="Close the chosen ones")
        page.click("button[name=index]")
        page.wait_for_selector("text=2 notices closed.")

        assert page.get_attribute(".s-bell", "aria-label") == "0 open notices"
        assert not models.Notice.objects.filter(closed_at=None).exists()
        assert "Another one." not in page.content()
        assert "Another one." in alice.open("/syncapp/notice/?shown=closed").content()
