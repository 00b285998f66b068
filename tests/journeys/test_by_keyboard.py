"""A day at the desk without a mouse, in a narrow window: what is pressed stands in nobody's way, and what is asked is answered."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from django.contrib.auth.models import User
from playwright.sync_api import expect
from pytest_django.fixtures import Settings

from syncapp import models
from syncapp.engine.vocabulary import ConflictStatus, PairState, Reason, RunState
from tests.admin.scene import Scene
from tests.admin.test_every_page import PAGES
from tests.journeys.conftest import Person

if TYPE_CHECKING:
    from playwright.sync_api import Page

NARROW = {"width": 1024, "height": 900}
MOST_STEPS = 90
FOCUSED = """() => {
  const one = document.activeElement, box = one.getBoundingClientRect();
  const above = document.elementFromPoint(box.x + box.width / 2, box.y + box.height / 2);
  const style = getComputedStyle(one);
  const marked = (style.outlineStyle !== "none" && parseFloat(style.outlineWidth) > 0) || style.boxShadow !== "none";
  return {name: one.getAttribute("aria-label") || one.innerText || one.value || "", seen: marked && !!above && one.contains(above)};
}"""
"""What has the focus, and whether a person sees that."""


def press(page: Page, name: str, key: str = "Enter") -> None:
    """Go on by Tab until something of this name has the focus, and press a key on it."""
    for _ in range(MOST_STEPS):
        page.keyboard.press("Tab")
        focused = page.evaluate(FOCUSED)
        if re.search(rf"\b{re.escape(name)}\b", focused["name"]):
            assert focused["seen"], f"nobody sees that {name!r} has the focus"
            page.keyboard.press(key)
            return
    raise AssertionError(f"Tab never came to {name!r}")


@pytest.fixture
def page(alice: Person) -> Page:
    alice.page.set_viewport_size(NARROW)
    return alice.page


class TestKeyboard:
    def test_signs_in(self, alice: Person, page: Page) -> None:
        page.context.clear_cookies()
        alice.open("/")
        page.keyboard.type("alice")
        page.keyboard.press("Tab")
        page.keyboard.type("a long enough pass phrase")
        page.keyboard.press("Enter")

        page.wait_for_url(f"{alice.address}/")

    def test_decides_a_conflict_that_the_front_page_tells_of(self, scene: Scene, alice: Person, page: Page) -> None:
        press(alice.open("/"), "field")
        expect(page.get_by_role("heading", name="Conflicts").last).to_be_visible()
        press(page, "First name")
        expect(page.get_by_text("Both sides changed: which value is right?")).to_be_visible()
        press(page, "Take QuickBooks")

        expect(page.get_by_text("First name: QuickBooks wins.")).to_be_visible()
        assert models.Conflict.objects.get().status == ConflictStatus.BY_PERSON
        assert alice.complaints == []

    def test_opens_the_menu_and_exports_the_records(
        self, scene: Scene, alice: Person, page: Page, settings: Settings, tmp_path: Path
    ) -> None:
        settings.EXPORT_DIR = tmp_path
        press(alice.open("/"), "Menu")
        expect(page.locator("#nav-sidebar a:focus")).to_be_visible()
        press(page, "Record pairs")
        page.wait_for_url("**/syncapp/recordpair/")
        press(page, "File format", key="j")
        press(page, "Export")
        page.wait_for_url("**/syncapp/exportfile/**")
        with page.expect_download() as loading:
            press(page, "Download")

        assert len(json.loads(Path(loading.value.path()).read_text(encoding="utf-8"))) == models.RecordPair.objects.count()
        assert alice.complaints == []


class TestDeletes:
    def test_are_asked_about_before_the_other_record_is_archived(self, scene: Scene, alice: Person, page: Page) -> None:
        orphan = scene._pair("Hal", "Hal Ltd", PairState.ORPHANED, Reason.PARTNER_DELETED)
        models.Record.objects.filter(pk=orphan.right_id).update(state="GONE")
        models.Record.objects.filter(pk=orphan.left_id).update(revision_number=7)

        alice.open(PAGES["deletes"](scene))
        page.get_by_role("button", name="Archive the other too").click()
        expect(page.get_by_text("The HubSpot record “Hal” is archived there, or made inactive, in the next run.")).to_be_visible()
        orphan.refresh_from_db()
        asked = orphan.archive_wanted
        page.get_by_role("button", name="Yes, go on").click()

        expect(page.get_by_role("heading", name="Deletes and merges")).to_be_visible()
        orphan.refresh_from_db()
        assert (asked, orphan.archive_wanted) == (None, 7)
        assert alice.complaints == []


class TestBrakes:
    def test_are_released_from_the_front_page(self, scene: Scene, alice: Person, page: Page) -> None:
        alice.open("/")
        page.get_by_label("What needs you today").get_by_role("link", name="run", exact=True).click()
        expect(page.get_by_text("This run would create 60 records in QuickBooks.").first).to_be_visible()
        page.get_by_role("button", name="Release the brake and go on").click()

        expect(page.get_by_text("The brake is released for this once, and the sync goes on.")).to_be_visible()
        assert models.SyncRun.objects.latest("pk").state in (RunState.QUEUED, RunState.RUNNING, RunState.FAILED)
        assert alice.complaints == []


class TestScheduledExports:
    def test_are_made_from_a_saved_view(self, scene: Scene, alice: Person, page: Page) -> None:
        owner = User.objects.get(username="alice")
        view = models.SavedView.objects.create(name="Failing", owner=owner, columns=["left_name", "why"], query="standing=FAILING")
        alice.open(f"/syncapp/recordpair/?standing=FAILING&view={view.pk}")
        page.get_by_role("link", name="Schedule", exact=True).click()
        page.get_by_label("Format").select_option("ODS")
        page.get_by_label("How often").select_option("DAILY")
        page.get_by_role("button", name="Save", exact=True).click()

        expect(page.locator("#result_list").get_by_role("link", name="Failing")).to_be_visible()
        assert models.ExportSchedule.objects.get().due_at is not None
        assert alice.complaints == []


class TestSync:
    def test_that_is_off_is_deleted_after_a_question(self, scene: Scene, alice: Person, page: Page) -> None:
        alice.open(PAGES["sync"](scene))
        page.get_by_role("link", name="Delete…").click()
        expect(page.get_by_text("are removed for good.")).to_be_visible()
        page.get_by_role("button", name="Delete").click()

        expect(page.get_by_text("Contacts is deleted. Nothing was changed at the vendors.")).to_be_visible()
        assert not models.SyncConfig.objects.exists()
        assert alice.complaints == []
