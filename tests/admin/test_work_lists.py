"""The work lists: what stands in each, what a person does there without leaving it, and who may."""

from __future__ import annotations

import html
import re
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from syncapp import models
from syncapp.engine.vocabulary import OperationKind, OperationStatus, PairState, Reason, RunKind, RunState
from syncapp.services import care
from tests.admin.conftest import OPERATOR, signed_in
from tests.admin.scene import NOW, Scene, person
from tests.admin.test_buttons import said
from tests.admin.test_record_view import LIST, listed, names
from tests.admin.test_what_pages_tell import pair_page, text

FAILING = f"{LIST}?work=FAILING"
UNKNOWN = reverse("admin:syncapp_recordpair_unknown")
HELD = reverse("admin:syncapp_syncrun_changelist") + "?held=yes"
CAUSE = {"reason": "NAME_TAKEN", "code": "6240", "field": "DisplayName", "query": "work=FAILING"}


def door(name: str, pair: models.RecordPair) -> str:
    return reverse(f"admin:syncapp_recordpair_{name}", args=[pair.pk])


def group(name: str) -> str:
    return reverse(f"admin:syncapp_recordpair_{name}_group")


@pytest.fixture
def vera(db: Any) -> User:
    """May look, and press nothing."""
    return person("vera", *OPERATOR[:6])


class TestFailing:
    def test_tells_cause_way_out_number_age_and_whose_it_is(self, scene: Scene, bob: Client, vera: User) -> None:
        models.RecordPair.objects.filter(pk=scene.failing.pk).update(failing_since=timezone.now() - timedelta(days=3, hours=1))
        scene._pair("Fay", None, PairState.FAILED, Reason.NAME_TAKEN, detail=scene.failing.detail)
        care.assign(pairs=[scene.failing], assignee=vera, actor=scene.erin, now=NOW)

        page = text(bob, FAILING)

        assert "2 The name is a duplicate: another QuickBooks record has it. Code 6240, field DisplayName" in page
        assert "Rename one of the two at the vendor, or choose another rule" in page
        assert "3 days 1 of 2" in page
        assert "Retry all 2" in page

    def test_names_the_one_who_has_all_of_a_cause(self, scene: Scene, bob: Client, vera: User) -> None:
        care.assign(pairs=[scene.failing], assignee=vera, actor=scene.erin, now=NOW)

        assert re.search(r"UTC vera — Contacts", text(bob, FAILING))

    def test_costs_the_same_however_many_causes_there_are(self, scene: Scene, bob: Client) -> None:
        def number() -> int:
            with CaptureQueriesContext(connection) as found:
                bob.get(FAILING)
            return len(found)

        bob.get(FAILING)
        few = number()
        for code in range(30):
            scene._pair(f"P{code}", None, PairState.FAILED, Reason.REFUSED, detail={"code": str(code), "words": "No."})

        assert number() == few

    def test_snoozes_assigns_and_notes_a_whole_cause(self, scene: Scene, bob: Client, vera: User) -> None:
        second = scene._pair("Fay", None, PairState.FAILED, Reason.NAME_TAKEN, detail=scene.failing.detail)
        other = scene._pair("Gus", None, PairState.FAILED, Reason.REFUSED)

        assigned = bob.post(group("assign"), {**CAUSE, "assignee": vera.pk})
        noted = bob.post(group("note"), {**CAUSE, "note": "Ann asks the customer"})
        snoozed = bob.post(group("snooze"), {**CAUSE, "until": "week"})

        assert "2 pairs assigned to vera." in said(assigned)
        assert "The note is written on 2 pairs." in said(noted)
        assert re.search(r"2 pairs snoozed until \d{4}-\d\d-\d\d \d\d:\d\d UTC, or until the cause changes\.", said(snoozed))
        assert set(models.PairCare.objects.values_list("pair", flat=True)) == {scene.failing.pk, second.pk}
        assert names(bob, "work=FAILING") == [str(other.left)]
        assert snoozed.headers["Location"] == f"{LIST}?work=FAILING"

    def test_retries_a_cause_of_one_sync_alone(self, scene: Scene, bob: Client) -> None:
        answer = bob.post(group("retry"), {**CAUSE, "query": "work=FAILING&config__id__exact=4711"})

        assert "0 pairs looked at again" in said(answer)
        assert not models.RecordPair.objects.filter(dirty=True).exists()

    @pytest.mark.parametrize(
        ("name", "posted", "words"),
        [
            ("snooze", {"until": "date", "day": ""}, "Choose the day until which it is snoozed."),
            ("snooze", {"until": "date", "day": "2020-01-01"}, "Choose a day to come"),
            ("assign", {"assignee": "4711"}, "Choose the person who looks after it, or nobody."),
            ("note", {"note": "x" * 301}, "A note has up to 300 characters"),
        ],
    )
    def test_refuses_in_words(self, scene: Scene, bob: Client, name: str, posted: dict[str, str], words: str) -> None:
        for answer in (bob.post(group(name), {**CAUSE, **posted}), bob.post(door(name, scene.failing), posted)):
            assert words in said(answer)
        assert not models.PairCare.objects.exists()


class TestSelection:
    def chosen(self, *pairs: models.RecordPair, action: str, **more: str) -> dict[str, Any]:
        return {"action": action, "_selected_action": [pair.pk for pair in pairs], "index": "0", "select_across": "0", **more}

    def test_is_asked_for_more_first(self, scene: Scene, bob: Client) -> None:
        answer = bob.post(FAILING, self.chosen(scene.failing, action="snooze_selected"))

        page = re.sub(r"\s+", " ", answer.content.decode())
        assert "Until then those that fail leave the work list." in page
        assert "Snooze 1 pair" in page
        assert f'name="_selected_action" value="{scene.failing.pk}"' in page
        assert not models.PairCare.objects.exists()

    def test_is_snoozed_until_a_day(self, scene: Scene, bob: Client) -> None:
        day = (timezone.now() + timedelta(days=9)).date().isoformat()

        answer = bob.post(FAILING, self.chosen(scene.failing, action="snooze_selected", told="1", until="date", day=day))

        assert f"1 pair snoozed until {day} 00:00 UTC" in said(answer)
        assert models.PairCare.objects.get().snoozed_reason == "NAME_TAKEN"

    def test_is_assigned_and_noted(self, scene: Scene, bob: Client, vera: User) -> None:
        bob.post(LIST, self.chosen(scene.failing, scene.in_sync, action="assign_selected", told="1", assignee=str(vera.pk)))
        bob.post(LIST, self.chosen(scene.failing, action="note_selected", told="1", note="Wait"))

        assert models.PairCare.objects.filter(assignee=vera).count() == 2
        assert models.PairCare.objects.get(pair=scene.failing).note == "Wait"

    def test_comes_back_by_a_persons_word(self, scene: Scene, bob: Client) -> None:
        care.snooze(pairs=[scene.failing], until=timezone.now() + care.DAY, actor=scene.erin, now=timezone.now())

        bob.post(f"{LIST}?snoozed=yes", self.chosen(scene.failing, action="wake_selected"))

        assert names(bob, "work=FAILING") == ["Dan"]

    def test_of_a_whole_list_stays_within_it(self, scene: Scene, bob: Client) -> None:
        everything = {**self.chosen(scene.failing, action="note_selected", told="1", note="Wait"), "select_across": "1"}

        bob.post(FAILING, everything)

        assert [kept.pair for kept in models.PairCare.objects.all()] == [scene.failing]

    @pytest.mark.parametrize("action", ["snooze_selected", "assign_selected", "note_selected", "wake_selected", "retry_selected"])
    def test_is_not_offered_to_who_may_only_look(self, scene: Scene, vera: User, action: str) -> None:
        viewer = signed_in(vera)

        viewer.post(LIST, self.chosen(scene.failing, action=action, told="1", until="day", assignee=str(vera.pk), note="x"))

        assert not models.PairCare.objects.exists()
        assert not models.RecordPair.objects.filter(dirty=True).exists()
        assert action not in viewer.get(LIST).content.decode()


class TestPairPage:
    def test_tells_who_looks_after_it_and_what_was_noted(self, scene: Scene, bob: Client, vera: User) -> None:
        bob.post(door("assign", scene.failing), {"assignee": vera.pk})
        bob.post(door("note", scene.failing), {"note": "Ann <b>asks</b>"})
        bob.post(door("snooze", scene.failing), {"until": "day"})

        page = pair_page(bob, scene.failing)
        assert "Assigned to vera" in page
        assert re.search(r"Note Ann <b>asks</b> bob, \d{4}-\d\d-\d\d \d\d:\d\d UTC", page)
        assert re.search(r"Snoozed until \d{4}-\d\d-\d\d \d\d:\d\d UTC, or until the cause changes", page)
        assert "End the snooze" in page

    def test_has_no_buttons_for_who_may_only_look(self, scene: Scene, vera: User) -> None:
        viewer = signed_in(vera)

        page = pair_page(viewer, scene.failing)

        assert "Assigned to nobody" in page
        assert "Write the note" not in page
        for name in ("snooze", "wake", "assign", "note"):
            assert viewer.post(door(name, scene.failing), {"until": "day", "assignee": "nobody"}).status_code == 403

    def test_offers_no_snooze_where_nothing_fails(self, scene: Scene, bob: Client) -> None:
        assert "Snooze" not in pair_page(bob, scene.in_sync)


class TestRecordView:
    def test_shows_note_and_assignee_in_columns(self, scene: Scene, bob: Client, vera: User) -> None:
        care.assign(pairs=[scene.failing], assignee=vera, actor=scene.erin, now=NOW)
        care.note(pairs=[scene.failing], text="Wait for Ann", author=vera, now=NOW)

        table = listed(bob, "work=FAILING")

        assert table.headings[1:] == ["HubSpot record", "QuickBooks record", "Why", "Failing since", "Assigned to", "Note", "Sync"]
        assert table.lines[0][5:7] == ["vera", "Wait for Ann (vera, 2026-11-26 09:30 UTC)"]

    @pytest.mark.parametrize(
        ("query", "expected"),
        [("assignee=nobody&standing=FAILING", []), ("assignee=me", ["Dan"]), ("snoozed=no&standing=FAILING", ["Dan"]), ("snoozed=yes", [])],
    )
    def test_is_narrowed_by_them(self, scene: Scene, query: str, expected: list[str]) -> None:
        robin = person("robin", *OPERATOR)
        care.assign(pairs=[scene.failing], assignee=robin, actor=scene.erin, now=NOW)

        assert names(signed_in(robin), query) == expected

    @pytest.mark.parametrize("query", ["work=NONSENSE", "assignee=x", "assignee=99999999999999999999", "snoozed=maybe"])
    def test_ignores_what_cannot_be(self, scene: Scene, bob: Client, query: str) -> None:
        assert len(names(bob, query)) == 5

    def test_says_what_it_is_narrowed_to(self, scene: Scene, bob: Client, vera: User) -> None:
        page = text(bob, f"{reverse('admin:syncapp_recordpair_columns')}?work=FAILING&assignee={vera.pk}&snoozed=no")

        assert "Work list: Failing" in page
        assert "Assigned to: vera" in page
        assert "Snoozed: no" in page


class TestMatches:
    @pytest.fixture
    def unclear(self, scene: Scene) -> tuple[models.RecordPair, models.RecordPair, models.RecordPair]:
        """A contact, a customer that could be its partner, and one that could be but has another partner."""
        free = models.RecordPair.objects.create(config=scene.config, right=scene._record(scene.right, "Gil One"), dirty=False)
        taken = scene.in_sync.right
        assert free.right is not None
        assert taken is not None
        found = {"candidates": [free.right.external_id, taken.external_id]}
        pair = scene._pair("Gil", None, PairState.AMBIGUOUS, Reason.SEVERAL_CANDIDATES, detail=found)
        return pair, free, scene.in_sync

    def test_show_the_possible_partners(self, scene: Scene, unclear: tuple[models.RecordPair, ...], bob: Client) -> None:
        page = text(bob, f"{LIST}?work=MATCHES")

        assert "Nothing is guessed and nothing is written" in page
        free, taken = r"Gil One id 9\d+ \d+ % alike Link to this one", r"Ann Ltd id 9\d+ \d+ % alike has a partner already"
        assert re.search(rf"{free} .*{taken} None of these", page)

    def test_are_linked_from_the_list(self, scene: Scene, unclear: tuple[models.RecordPair, ...], bob: Client) -> None:
        pair, free, _ = unclear
        assert free.right is not None
        page = bob.get(f"{LIST}?work=MATCHES").content.decode()

        answer = bob.post(door("link", pair), {"record": free.right.external_id, "next": f"{LIST}?work=MATCHES"})

        assert f'formaction="{door("link", pair)}"' in page
        assert f'name="next" value="{html.escape(LIST)}?work=MATCHES"' in page
        assert answer.headers["Location"] == f"{LIST}?work=MATCHES"
        assert models.RecordPair.objects.get(pk=pair.pk).right == free.right

    def test_cost_the_same_however_many_there_are(self, scene: Scene, unclear: tuple[models.RecordPair, ...], bob: Client) -> None:
        def number() -> int:
            with CaptureQueriesContext(connection) as found:
                bob.get(f"{LIST}?work=MATCHES")
            return len(found)

        bob.get(f"{LIST}?work=MATCHES")
        few = number()
        for one in range(20):
            scene._pair(f"P{one}", None, PairState.AMBIGUOUS, Reason.SEVERAL_CANDIDATES, detail=unclear[0].detail)

        assert number() == few

    def test_have_no_buttons_for_who_may_only_look(self, unclear: tuple[models.RecordPair, ...], vera: User) -> None:
        page = text(signed_in(vera), f"{LIST}?work=MATCHES")

        assert "Gil One" in page
        assert "Link to this one" not in page
        assert "None of these" not in page.replace("say that none of these is", "")


class TestDeletesAndMerges:
    def test_say_what_happened_and_offer_the_verbs(self, scene: Scene, bob: Client) -> None:
        gone = {"side": "RIGHT", "record": "97", "label": "Hal Ltd", "state": "GONE"}
        orphan = scene._pair("Hal", "Hal Ltd", PairState.ORPHANED, Reason.PARTNER_DELETED, detail=gone)
        merged = scene._pair("Ida", "Ida Ltd", PairState.MERGE_HOLD, Reason.MERGED, detail={"survivor": "12"})

        page = bob.get(f"{LIST}?work=DELETES").content.decode()

        assert "QuickBooks record Hal Ltd is deleted." in page
        assert "Both were merged into record 12." in page
        assert f'formaction="{door("unlink", orphan)}"' in page
        assert f'formaction="{door("keep", merged)}"' in page
        assert f'formaction="{door("archive", orphan)}"' in page
        assert f'formaction="{door("archive", merged)}"' not in page
        assert f'formaction="{door("keep", orphan)}"' not in page

    def test_are_left_by_having_the_other_archived(self, scene: Scene, bob: Client) -> None:
        orphan = scene._pair("Hal", "Hal Ltd", PairState.ORPHANED, Reason.PARTNER_DELETED)
        assert orphan.left is not None
        models.Record.objects.filter(pk=orphan.right_id).update(state="GONE")
        models.Record.objects.filter(pk=orphan.left_id).update(revision_number=7)

        page = bob.post(door("archive", orphan), {"next": f"{LIST}?work=DELETES", "sure": "yes"}, follow=True).content.decode()

        orphan.refresh_from_db()
        assert "The record that is left is archived too, unless it is changed before that." in page
        assert (orphan.archive_wanted, orphan.dirty) == (7, True)

    def test_say_why_nothing_is_archived(self, scene: Scene, bob: Client) -> None:
        page = bob.post(door("archive", scene.in_sync), {"sure": "yes"}, follow=True).content.decode()

        assert "No deletion waits for a decision here." in page

    def test_are_left_by_unlinking(self, scene: Scene, bob: Client) -> None:
        orphan = scene._pair("Hal", "Hal Ltd", PairState.ORPHANED, Reason.PARTNER_DELETED)

        bob.post(door("unlink", orphan), {"next": f"{LIST}?work=DELETES"})

        assert names(bob, "work=DELETES") == []


class TestBrakes:
    def test_are_listed_once_a_sync_until_a_run_comes_through(self, scene: Scene, bob: Client) -> None:
        again = scene._run(RunKind.DELTA, RunState.BRAKED, brakes=["This run would create 61 records in QuickBooks."])

        page = text(bob, HELD)

        assert "Brakes to release" in page
        assert f"#{again.pk} " in page
        assert f"#{scene.braked.pk} " not in page
        assert "This run would create 61 records in QuickBooks." in page
        scene._run(RunKind.DELTA, RunState.SUCCEEDED)
        assert f"#{again.pk} " not in text(bob, HELD)

    def test_are_not_hidden_by_a_preview(self, scene: Scene, bob: Client) -> None:
        scene._run(RunKind.PREVIEW, RunState.SUCCEEDED)

        assert f"#{scene.braked.pk} " in text(bob, HELD)

    def test_are_gone_once_released(self, scene: Scene, alice: Client, bob: Client) -> None:
        alice.post(reverse("admin:syncapp_syncrun_release", args=[scene.braked.pk]))

        assert f"#{scene.braked.pk} " not in text(bob, HELD)


class TestUnknownOutcomes:
    def sent(self, scene: Scene, seconds: int) -> models.Operation:
        at = timezone.now() - timedelta(seconds=seconds)
        return scene._entry(scene.run, scene.in_sync, OperationStatus.SENDING, OperationKind.UPDATE, ["Eva", "Eve"], sent_at=at)

    def test_tell_what_was_sent_and_what_happens_next(self, scene: Scene, bob: Client) -> None:
        models.SyncConfig.objects.update(active=True, next_due_at=timezone.now() + timedelta(minutes=4, seconds=50))
        self.sent(scene, 600)

        page = text(bob, UNKNOWN)

        assert "Update in QuickBooks First name: Eva → Eve" in page
        assert re.search(r"UTC 10 min ago The next run reads the record back and settles it: in 4 min", page)

    def test_hold_what_is_past_its_time_alone(self, scene: Scene, bob: Client) -> None:
        self.sent(scene, 60)

        assert "None. Every write that was sent has its answer." in text(bob, UNKNOWN)

    @pytest.mark.parametrize(
        ("facts", "words"),
        [
            ({}, "The sync is off, so nothing looks it up by itself. Press Run now on the page of the sync."),
            ({"error_class": "Rejected", "error_words": "No such customer."}, "It could not be looked up: No such customer."),
        ],
    )
    def test_say_what_holds_them_up(self, scene: Scene, bob: Client, facts: dict[str, str], words: str) -> None:
        models.Operation.objects.filter(pk=self.sent(scene, 600).pk).update(**facts)

        assert words in text(bob, UNKNOWN)

    def test_wait_for_an_account_that_cannot_be_used(self, scene: Scene, bob: Client) -> None:
        self.sent(scene, 600)
        models.Connection.objects.filter(pk=scene.right.pk).update(paused=True)

        assert "An account of this sync is paused or has to be connected again." in text(bob, UNKNOWN)
