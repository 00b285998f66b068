"""A morning's work in a browser: from the front page through the lists, by mouse and by keyboard."""

from __future__ import annotations

from playwright.sync_api import expect

from syncapp import models
from syncapp.engine.vocabulary import PairState, Reason
from tests.admin.scene import Scene
from tests.admin.test_every_page import PAGES
from tests.journeys.conftest import Person


class TestFailing:
    def test_is_reached_from_the_front_page_noted_and_snoozed(self, scene: Scene, alice: Person) -> None:
        page = alice.open(PAGES["overview"](scene))
        expect(page.get_by_role("img", name="Contacts: 1 record written")).to_be_visible()
        page.get_by_label("What needs you today").get_by_role("link", name="record pair", exact=True).click()
        cause = page.get_by_label("By cause")
        cause.get_by_text("Snooze, assign, note").click()
        cause.get_by_label("Note").fill("Ann asks the customer")
        page.keyboard.press("Enter")

        expect(page.get_by_text("The note is written on 1 pair.")).to_be_visible()
        expect(page.get_by_text("Ann asks the customer (alice")).to_be_visible()
        page.get_by_label("By cause").get_by_text("Snooze, assign, note").click()
        page.get_by_label("By cause").get_by_label("Snooze for how long").select_option("week")
        page.get_by_label("By cause").get_by_role("button", name="Snooze").click()
        expect(page.get_by_text("1 pair snoozed until")).to_be_visible()
        assert page.get_by_label("By cause").count() == 0
        assert models.PairCare.objects.get(pair=scene.failing).snoozed_reason == Reason.NAME_TAKEN
        assert alice.complaints == []

    def test_is_assigned_by_selection(self, scene: Scene, alice: Person) -> None:
        page = alice.open(PAGES["failing to work on"](scene))
        page.locator("input[name='_selected_action']").first.check()
        page.locator("select[name='action']").select_option("assign_selected")
        page.locator("button[name='index']").click()
        page.get_by_label("Assign to").select_option("alice")
        page.get_by_role("button", name="Assign").click()

        expect(page.get_by_text("1 pair assigned to alice.")).to_be_visible()
        page.get_by_role("link", name="Assigned to me").click()
        expect(page.locator("#result_list").get_by_role("link", name="Dan")).to_be_visible()
        assert alice.complaints == []


class TestMatches:
    def test_are_linked_without_leaving_the_list(self, scene: Scene, alice: Person) -> None:
        free = models.RecordPair.objects.create(config=scene.config, right=scene._record(scene.right, "Gil One"), dirty=False)
        assert free.right is not None
        pair = scene._pair(
            "Gil", None, PairState.AMBIGUOUS, Reason.SEVERAL_CANDIDATES, detail={"candidates": [free.right.external_id]}
        )
        page = alice.open(PAGES["matches"](scene))
        page.get_by_role("button", name="Link to this one").click()

        expect(page.get_by_text("The two are a pair now.")).to_be_visible()
        expect(page.get_by_role("heading", name="Matches to confirm")).to_be_visible()
        assert models.RecordPair.objects.get(pk=pair.pk).right == free.right
        assert alice.complaints == []
