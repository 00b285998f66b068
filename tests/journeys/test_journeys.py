"""What a person does in a browser, with our policy for scripts in force."""

from __future__ import annotations

import json
import re
from pathlib import Path

from playwright.sync_api import expect
from pytest_django.fixtures import Settings

from syncapp import models
from syncapp.engine.vocabulary import ConflictStatus, RunPhase, RunState
from tests.admin.scene import NOW, Scene
from tests.admin.test_every_page import ANYTHING, PAGES
from tests.journeys.conftest import Person

NO_PAGES = {"progress", "app"}
ASKED = {"trying a mapping", "failing to work on", "deletes", "brakes"}
WALKED = sorted(name for name, page in PAGES.items() if (name in ASKED or "?" not in page(ANYTHING)) and name not in NO_PAGES)
"""Every page once, and those that look otherwise when something is asked of them."""


NARROW, WIDE = {"width": 1024, "height": 900}, {"width": 1440, "height": 900}


class TestBrowser:
    def test_complains_about_nothing_and_shows_no_page_wider_than_a_narrow_window(self, scene: Scene, alice: Person) -> None:
        for name in WALKED:
            page = alice.open(PAGES[name](scene))
            page.set_viewport_size(NARROW)
            page.emulate_media(color_scheme="dark")

            assert alice.complaints == [], name
            assert page.evaluate("document.documentElement.scrollWidth") <= NARROW["width"], name
            page.set_viewport_size(WIDE)

    def test_shows_all_columns_of_the_list_of_records_in_a_narrow_window(self, scene: Scene, alice: Person) -> None:
        models.Record.objects.update(label="accounts.payable@zimmermann-and-daughters.example.com")
        page = alice.open(PAGES["pairs"](scene))

        for width in (1024, 1280, 1500):
            page.set_viewport_size({"width": width, "height": 900})
            beyond = page.evaluate("(list => list.scrollWidth - list.parentElement.clientWidth)(document.querySelector('#result_list'))")
            assert beyond <= 0, width

    def test_is_told_to_refuse_inline_scripts(self, scene: Scene, alice: Person) -> None:
        page = alice.open(PAGES["sync"](scene))

        page.evaluate("const s = document.createElement('script'); s.textContent = 'window.ran = true'; document.body.append(s)")

        assert page.evaluate("window.ran") is None


class TestRuns:
    def test_are_narrowed_to_what_failed_and_exported(self, scene: Scene, alice: Person, settings: Settings, tmp_path: Path) -> None:
        settings.EXPORT_DIR = tmp_path
        page = alice.open(PAGES["run"](scene))

        page.get_by_label("Errors").select_option("Only errors")
        page.get_by_role("button", name="Filter").click()
        expect(page.get_by_text("1 entry")).to_be_visible()
        page.get_by_label("File format").select_option("JSON")
        page.get_by_role("button", name="Export").click()
        with page.expect_download() as download:
            page.get_by_role("link", name="Download", exact=True).click()

        found = json.loads(Path(download.value.path()).read_text(encoding="utf-8"))
        assert [(line["HubSpot record"], line["Error"]) for line in found] == [("Dan", "Duplicate Name Exists Error")]
        assert alice.complaints == []


class TestRecords:
    def test_get_columns_by_dragging_and_a_view_and_are_exported(
        self, scene: Scene, alice: Person, settings: Settings, tmp_path: Path
    ) -> None:
        settings.EXPORT_DIR = tmp_path
        page = alice.open(PAGES["pairs"](scene))
        page.get_by_label("Standing").select_option("IN_SYNC")
        page.get_by_role("button", name="Filter").click()
        page.get_by_role("link", name="Edit columns").click()
        shown = page.locator("[data-shown] > li")
        for name in ("Standing", "In HubSpot", "In QuickBooks", "Last change", "Why", "Sync"):
            shown.filter(has_text=re.compile(rf"\b{name}\b")).get_by_role("button", name="Remove").first.click()
        page.locator("li", has_text="HubSpot: Email").get_by_role("button", name="Add").click()
        shown.last.drag_to(shown.first)
        page.get_by_role("textbox", name="Name").fill("E-mail first")
        page.keyboard.press("Enter")

        expect(page.get_by_text("The view “E-mail first” is saved.")).to_be_visible()
        assert [one.strip() for one in page.locator("#result_list thead th").all_inner_texts()][1:] == [
            "HubSpot: Email", "HubSpot record", "QuickBooks record",
        ]
        page.locator("select[name='format']").select_option("JSON")
        page.get_by_role("button", name="Export").click()
        with page.expect_download() as loading:
            page.get_by_role("link", name="Download", exact=True).click()
        assert json.loads(loading.value.path().read_text(encoding="utf-8")) == [
            {"HubSpot: Email": "Ann@example.com", "HubSpot record": "Ann", "QuickBooks record": "Ann Ltd"},
        ]
        assert alice.complaints == []


class TestMapping:
    def test_gets_a_step_and_a_value_and_is_tried(self, scene: Scene, alice: Person) -> None:
        page = alice.open(PAGES["sync"](scene) + "#mappings")
        page.locator("tr", has_text="Firstname ↔ Givenname").get_by_role("link", name="Details").click()
        page.get_by_text("Add another Step").click()
        page.locator("select[name='transforms-0-kind']").select_option("TRUNCATE")
        setting = page.locator("input[name='transforms-0-setting']")
        expect(setting).to_have_attribute("placeholder", re.compile("A number of characters"))
        setting.fill("2")
        page.get_by_text("Add another Value").click()
        page.locator("input[name='values-0-left_value']").fill("Bob")
        page.locator("input[name='values-0-right_value']").fill("Robert")
        page.locator("button[name='_save'], input[name='_save']").first.click()

        expect(page.get_by_text("Saved. The next run plans every pair again")).to_be_visible()
        page.get_by_label("Name or id").fill("Ann Ltd")
        page.get_by_role("button", name="Find").click()

        expect(page.get_by_text("It was shortened from 3 to 2 characters.")).to_be_visible()
        assert alice.complaints == []


class TestSync:
    def test_shows_one_tab_at_a_time(self, scene: Scene, alice: Person) -> None:
        page = alice.open(PAGES["sync"](scene))
        expect(page.locator("#id_name")).to_be_visible()

        page.get_by_role("tab", name="Field mappings").click()

        expect(page.locator("#id_name")).to_be_hidden()
        expect(page.locator("#mappings-group")).to_be_visible()

    def test_gets_a_filter_group_with_a_condition_picked_by_name(self, scene: Scene, alice: Person) -> None:
        page = alice.open(PAGES["sync"](scene) + "#filters")
        page.get_by_text("Add another QuickBooks filter group").click()
        page.locator("input[name='right_groups-0-name']").fill("Owes money")
        page.locator("#right_groups-0-rules-data, #right_groups-group").get_by_text("Add another Condition").first.click()
        page.locator("#select2-id_right_groups-0-rules-0-field-container").click()
        page.locator(".select2-search__field").last.fill("Balance")
        page.locator(".select2-results__option", has_text="Balance").click()
        page.locator("select[name='right_groups-0-rules-0-operator']").select_option("GREATER")
        page.get_by_label("Number", exact=True).fill("100")
        page.get_by_role("button", name="Save", exact=True).click()
        expect(page.get_by_text("Saved. The next run plans every pair again under these settings.")).to_be_visible()

        saved = models.FilterGroup.objects.get(name="Owes money")
        assert [(rule.field.name, rule.operator, rule.values) for rule in saved.rules.all()] == [("Balance", "GREATER", ["100"])]
        assert alice.complaints == []

    def test_opens_the_tab_with_the_mistake(self, scene: Scene, alice: Person) -> None:
        page = alice.open(PAGES["sync"](scene) + "#filters")
        page.get_by_label("Values").locator("xpath=following-sibling::*").get_by_title("Draft").locator("button, span").first.click()

        page.get_by_role("button", name="Save", exact=True).click()

        expect(page.get_by_text("Not saved. Mend this first:")).to_be_visible()
        expect(page.locator("select[name='left_groups-0-rules-0-operator']")).to_be_visible()


class TestRun:
    def test_refreshes_itself_until_it_is_over(self, scene: Scene, alice: Person) -> None:
        run = scene.under_way()
        page = alice.open(f"/syncapp/syncrun/{run.pk}/change/")
        expect(page.locator("[data-value=sentence]")).to_have_text("Reading both sides")

        models.SyncRun.objects.filter(pk=run.pk).update(phase=RunPhase.MATCH, counts={"read_left": 12, "linked": 4})
        expect(page.locator("[data-value=sentence]")).to_have_text("Finding partners")
        expect(page.locator("[data-counts]")).to_have_text(re.compile("Read in HubSpot.*12.*Pairs found.*4", re.DOTALL))

        models.SyncRun.objects.filter(pk=run.pk).update(state=RunState.SUCCEEDED, phase=RunPhase.DONE, finished_at=NOW, words="All well.")
        expect(page.locator("[data-value=state]")).to_have_text("Succeeded")
        expect(page.get_by_role("button", name="Cancel the run")).to_have_count(0)


class TestConflict:
    def test_is_decided_beside_both_values(self, scene: Scene, alice: Person) -> None:
        page = alice.open(PAGES["pair in conflict"](scene))

        page.get_by_role("button", name="Take QuickBooks").click()

        expect(page.get_by_text("First name: QuickBooks wins.")).to_be_visible()
        scene.conflict.refresh_from_db()
        assert (scene.conflict.status, scene.conflict.chosen) == (ConflictStatus.BY_PERSON, "Beate")


class TestPair:
    def test_gets_a_value_for_both_records_by_the_keyboard_alone(self, scene: Scene, alice: Person) -> None:
        page = alice.open(f"/syncapp/recordpair/{scene.in_sync.pk}/change/")

        page.get_by_label("Edit Lastname").focus()
        page.keyboard.press("Enter")
        page.keyboard.press("Tab")
        page.keyboard.type("Archer")
        page.keyboard.press("Enter")

        expect(page.get_by_text("both sides get “Archer”. The next run carries it out.")).to_be_visible()
        assert models.Conflict.objects.get(pair=scene.in_sync).chosen == "Archer"
        assert alice.complaints == []
