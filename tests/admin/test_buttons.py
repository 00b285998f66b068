"""Every button: who may press it, and what it does."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.messages import get_messages
from django.test import Client
from django.urls import reverse

from syncapp import models
from syncapp.engine.vocabulary import ConflictStatus, OperationStatus, RunKind, RunState
from tests.admin.scene import Scene

BUTTONS: dict[str, Callable[[Scene], str]] = {
    "preview": lambda scene: reverse("admin:syncapp_syncconfig_preview", args=[scene.config.pk]),
    "run": lambda scene: reverse("admin:syncapp_syncconfig_run", args=[scene.config.pk]),
    "activate": lambda scene: reverse("admin:syncapp_syncconfig_activate", args=[scene.config.pk]),
    "test of the filters": lambda scene: reverse("admin:syncapp_syncconfig_filters", args=[scene.config.pk]),
    "deactivate": lambda scene: reverse("admin:syncapp_syncconfig_deactivate", args=[scene.config.pk]),
    "approve": lambda scene: reverse("admin:syncapp_syncrun_approve", args=[scene.preview.pk]),
    "release": lambda scene: reverse("admin:syncapp_syncrun_release", args=[scene.braked.pk]),
    "undo": lambda scene: reverse("admin:syncapp_syncrun_undo", args=[scene.run.pk]),
    "cancel": lambda scene: reverse("admin:syncapp_syncrun_cancel", args=[scene.run.pk]),
    "sync now": lambda scene: reverse("admin:syncapp_recordpair_sync", args=[scene.in_sync.pk]),
    "retry": lambda scene: reverse("admin:syncapp_recordpair_retry", args=[scene.failing.pk]),
    "exclude": lambda scene: reverse("admin:syncapp_recordpair_exclude", args=[scene.in_sync.pk]),
    "include": lambda scene: reverse("admin:syncapp_recordpair_include", args=[scene.excluded.pk]),
    "unlink": lambda scene: reverse("admin:syncapp_recordpair_unlink", args=[scene.in_sync.pk]),
    "take QuickBooks": lambda scene: reverse("admin:syncapp_recordpair_take", args=[scene.failing.pk]),
    "restore HubSpot's": lambda scene: reverse("admin:syncapp_recordpair_restore", args=[scene.failing.pk]),
    "snooze": lambda scene: reverse("admin:syncapp_recordpair_snooze", args=[scene.failing.pk]),
    "end a snooze": lambda scene: reverse("admin:syncapp_recordpair_wake", args=[scene.failing.pk]),
    "assign": lambda scene: reverse("admin:syncapp_recordpair_assign", args=[scene.failing.pk]),
    "write a note": lambda scene: reverse("admin:syncapp_recordpair_note", args=[scene.failing.pk]),
    "recommended mappings": lambda scene: reverse("admin:syncapp_syncconfig_complete", args=[scene.config.pk]),
    "decide": lambda scene: reverse("admin:syncapp_recordpair_decide", args=[scene.in_conflict.pk]),
    "retry a group": lambda scene: reverse("admin:syncapp_recordpair_retry_group"),
    "snooze a group": lambda scene: reverse("admin:syncapp_recordpair_snooze_group"),
    "assign a group": lambda scene: reverse("admin:syncapp_recordpair_assign_group"),
    "write a note on a group": lambda scene: reverse("admin:syncapp_recordpair_note_group"),
    "close a notice": lambda scene: reverse("admin:syncapp_notice_close", args=[scene.notice.pk]),
    "test a connection": lambda scene: reverse("admin:syncapp_connection_test", args=[scene.left.pk]),
    "refresh fields": lambda scene: reverse("admin:syncapp_connection_refresh", args=[scene.left.pk]),
    "pause": lambda scene: reverse("admin:syncapp_connection_pause", args=[scene.left.pk]),
    "disconnect": lambda scene: reverse("admin:syncapp_connection_disconnect", args=[scene.left.pk]),
}
SETTINGS = {"recommended mappings", "close a notice", "test a connection", "refresh fields", "pause", "disconnect"}

SURE = {"sure": "yes"}


def said(answer: Any) -> str:
    """What the next page will tell."""
    return " ".join(str(message) for message in get_messages(answer.wsgi_request))


@pytest.mark.parametrize("name", BUTTONS)
class TestEveryButton:
    def test_is_closed_to_those_without_permission(self, name: str, scene: Scene, charlie: Client) -> None:
        assert charlie.post(BUTTONS[name](scene)).status_code == 403

    def test_asks_for_a_sign_in(self, name: str, scene: Scene, nobody: Client) -> None:
        assert nobody.post(BUTTONS[name](scene)).headers["Location"].startswith("/login/")

    def test_is_not_pressed_by_opening_its_address(self, name: str, scene: Scene, alice: Client) -> None:
        before = [list(model.objects.values()) for model in (models.SyncConfig, models.RecordPair, models.SyncRun, models.Notice)]

        answer = alice.get(BUTTONS[name](scene))

        assert answer.status_code == (302 if name == "pause" else 405)
        assert before == [list(model.objects.values()) for model in (models.SyncConfig, models.RecordPair, models.SyncRun, models.Notice)]

    def test_refuses_a_post_from_elsewhere(self, name: str, scene: Scene, alice: Client) -> None:
        alice.handler.enforce_csrf_checks = True

        assert alice.post(BUTTONS[name](scene)).status_code == 403


@pytest.mark.parametrize("name", sorted(set(BUTTONS) & SETTINGS))
def test_settings_are_closed_to_operators(name: str, scene: Scene, bob: Client) -> None:
    assert bob.post(BUTTONS[name](scene)).status_code == 403


class TestRuns:
    def test_preview_leads_to_its_page(self, scene: Scene, bob: Client) -> None:
        answer = bob.post(BUTTONS["preview"](scene))

        made = models.SyncRun.objects.latest("pk")
        assert made.kind == RunKind.PREVIEW
        assert answer.headers["Location"] == reverse("admin:syncapp_syncrun_change", args=[made.pk])

    def test_a_second_run_is_refused_in_words(self, scene: Scene, bob: Client) -> None:
        scene.under_way()

        answer = bob.post(BUTTONS["run"](scene), SURE)

        assert "under way already" in said(answer)

    def test_a_sync_that_cannot_run_says_why(self, scene: Scene, bob: Client) -> None:
        models.Connection.objects.filter(pk=scene.left.pk).update(paused=True)

        answer = bob.post(BUTTONS["activate"](scene))

        assert "is paused" in said(answer)
        assert not models.SyncConfig.objects.get().active

    def test_approving_makes_the_shown_entries_ready(self, scene: Scene, bob: Client) -> None:
        bob.post(BUTTONS["approve"](scene))

        scene.planned.refresh_from_db()
        assert scene.planned.status == OperationStatus.READY
        assert scene.planned.actor is not None

    def test_releasing_a_brake_starts_a_run_on_that_administrators_word(self, scene: Scene, alice: Client) -> None:
        alice.post(BUTTONS["release"](scene))

        released = models.SyncRun.objects.latest("pk").brakes_released_by
        assert released is not None
        assert released.username == "alice"

    def test_cancelling_stops_a_run(self, scene: Scene, bob: Client) -> None:
        run = scene.under_way()

        bob.post(reverse("admin:syncapp_syncrun_cancel", args=[run.pk]))

        run.refresh_from_db()
        assert run.state == RunState.CANCELLED

    def test_turning_a_sync_on_and_off_is_in_its_history(self, scene: Scene, alice: Client) -> None:
        alice.post(BUTTONS["activate"](scene), {"unseen": "yes"})
        alice.post(BUTTONS["deactivate"](scene))

        page = alice.get(reverse("admin:syncapp_syncconfig_history", args=[scene.config.pk])).content.decode()

        assert "is on: it runs every 10 minutes" in page
        assert "is off." in page


class TestPairs:
    def test_taking_a_side_decides_the_conflict(self, scene: Scene, bob: Client) -> None:
        bob.post(BUTTONS["decide"](scene), {"conflict": scene.conflict.pk, "choice": "LEFT"})

        scene.conflict.refresh_from_db()
        assert (scene.conflict.status, scene.conflict.chosen) == (ConflictStatus.BY_PERSON, "Beatrice")

    def test_a_typed_value_decides_it_too(self, scene: Scene, bob: Client) -> None:
        bob.post(BUTTONS["decide"](scene), {"conflict": scene.conflict.pk, "value": "Beatrix"})

        scene.conflict.refresh_from_db()
        assert scene.conflict.chosen == "Beatrix"

    def test_nothing_typed_decides_nothing(self, scene: Scene, bob: Client) -> None:
        answer = bob.post(BUTTONS["decide"](scene), {"conflict": scene.conflict.pk, "value": " "})

        scene.conflict.refresh_from_db()
        assert scene.conflict.status == ConflictStatus.OPEN
        assert "Type the value" in said(answer)

    def test_a_conflict_of_another_pair_cannot_be_decided_here(self, scene: Scene, bob: Client) -> None:
        elsewhere = reverse("admin:syncapp_recordpair_decide", args=[scene.in_sync.pk])

        assert bob.post(elsewhere, {"conflict": scene.conflict.pk, "choice": "LEFT"}).status_code == 404

    def test_deciding_twice_says_so(self, scene: Scene, bob: Client) -> None:
        bob.post(BUTTONS["decide"](scene), {"conflict": scene.conflict.pk, "choice": "LEFT"})

        answer = bob.post(BUTTONS["decide"](scene), {"conflict": scene.conflict.pk, "choice": "RIGHT"})

        assert "no longer in conflict" in said(answer)

    def test_excluding_and_including(self, scene: Scene, bob: Client) -> None:
        bob.post(BUTTONS["exclude"](scene))
        scene.in_sync.refresh_from_db()
        assert scene.in_sync.excluded_by_hand

        bob.post(reverse("admin:syncapp_recordpair_include", args=[scene.in_sync.pk]))
        scene.in_sync.refresh_from_db()
        assert not scene.in_sync.excluded_by_hand

    def test_unlinking_leaves_two_records_of_their_own(self, scene: Scene, bob: Client) -> None:
        bob.post(BUTTONS["unlink"](scene))

        assert models.RecordPair.objects.filter(left=scene.in_sync.left).get().right is None
        assert models.RecordPair.objects.filter(right=scene.in_sync.right).get().left is None

    def test_a_group_is_retried_whole(self, scene: Scene, bob: Client) -> None:
        bob.post(BUTTONS["retry a group"](scene), {"reason": "NAME_TAKEN", "code": "6240", "field": "DisplayName"})

        scene.failing.refresh_from_db()
        assert scene.failing.dirty

    def test_a_selection_is_retried(self, scene: Scene, bob: Client) -> None:
        chosen = {"action": "retry_selected", "_selected_action": [scene.failing.pk, scene.waiting.pk]}

        bob.post(reverse("admin:syncapp_recordpair_changelist"), chosen)

        assert set(models.RecordPair.objects.filter(dirty=True)) == {scene.failing, scene.waiting}

    def test_a_selection_of_conflicts_is_decided(self, scene: Scene, bob: Client) -> None:
        bob.post(reverse("admin:syncapp_conflict_changelist"), {"action": "take_right", "_selected_action": [scene.conflict.pk]})

        scene.conflict.refresh_from_db()
        assert scene.conflict.chosen == "Beate"

    def test_a_selection_cannot_be_decided_without_permission(self, scene: Scene, charlie: Client) -> None:
        chosen = {"action": "take_right", "_selected_action": [scene.conflict.pk]}

        answer = charlie.post(reverse("admin:syncapp_conflict_changelist"), chosen)

        assert answer.status_code == 403


class TestNotices:
    def test_are_closed(self, scene: Scene, alice: Client) -> None:
        alice.post(BUTTONS["close a notice"](scene))

        scene.notice.refresh_from_db()
        assert scene.notice.closed_at is not None


class TestWayBack:
    def test_leads_to_the_page_pressed_on(self, scene: Scene, bob: Client) -> None:
        answer = bob.post(BUTTONS["retry"](scene), {"next": "/syncapp/recordpair/?standing=FAILING"})

        assert answer.headers["Location"] == "/syncapp/recordpair/?standing=FAILING"

    def test_never_leads_away(self, scene: Scene, bob: Client) -> None:
        answer = bob.post(BUTTONS["retry"](scene), {"next": "https://evil.example/"})

        assert answer.headers["Location"] == reverse("admin:syncapp_recordpair_change", args=[scene.failing.pk])


class TestQuestions:
    def test_come_before_a_sync_writes_that_does_not_run_by_itself(self, scene: Scene, bob: Client) -> None:
        before = models.SyncRun.objects.count()

        page = bob.post(BUTTONS["run"](scene), {"next": "/"}).content.decode()

        assert "is off, so it has not been writing by itself." in page
        assert '<input type="hidden" name="next" value="/">' in page
        assert models.SyncRun.objects.count() == before

    @pytest.mark.parametrize("name", ["run", "sync now"])
    def test_that_are_answered_start_it(self, name: str, scene: Scene, bob: Client) -> None:
        bob.post(BUTTONS[name](scene), SURE)

        assert models.SyncRun.objects.latest("pk").state == RunState.QUEUED

    def test_are_not_asked_where_the_sync_runs_by_itself_anyway(self, scene: Scene, bob: Client) -> None:
        models.SyncConfig.objects.update(active=True)

        assert bob.post(BUTTONS["run"](scene)).status_code == 302

    @pytest.mark.parametrize("name", ["install", "remove"])
    def test_come_before_properties_are_made_or_put_away_in_hubspot(self, name: str, scene: Scene, alice: Client) -> None:
        answer = alice.post(reverse(f"admin:syncapp_connection_{name}", args=[scene.left.pk]))

        assert "The QuickBooks properties" in answer.content.decode()
        assert "Are you sure?" in answer.content.decode()
