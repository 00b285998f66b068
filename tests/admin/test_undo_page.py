"""What the page of a run says of its undo, and what its buttons do."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from syncapp import models
from syncapp.engine.vocabulary import OperationKind, OperationStatus, RunKind, RunPhase, RunState, Side
from tests.admin.scene import NOW, Scene
from tests.admin.test_buttons import said
from tests.admin.test_what_pages_tell import run_page

BUTTON = "Undo this run…"


def press(client: Client, run: models.SyncRun, name: str = "undo") -> str:
    """Press a button of a run's page and return what the next page tells."""
    return said(client.post(reverse(f"admin:syncapp_syncrun_{name}", args=[run.pk])))


@pytest.fixture
def shown(scene: Scene) -> models.SyncRun:
    """The undo of the scene's run: one field is put back, one was changed since."""
    undo = scene._run(RunKind.UNDO, RunState.SUCCEEDED, undoes=scene.run, rules_revision=scene.config.revision, words="1 write planned.")
    scene._entry(undo, scene.in_sync, OperationStatus.PROPOSED, OperationKind.UPDATE, ["Ann", "An"], undoes=scene.done)
    models.LeftAlone.objects.create(
        run=undo, pair=scene.in_conflict, side=Side.RIGHT, label="First name", wrote="Beate", now="Beatrix",
        why="It was changed in QuickBooks since.",
    )
    return undo


class TestTheButton:
    def test_leads_to_the_page_of_the_undo_which_is_only_planned(self, scene: Scene, bob: Client) -> None:
        answer = bob.post(reverse("admin:syncapp_syncrun_undo", args=[scene.run.pk]))

        made = models.SyncRun.objects.latest("pk")
        assert (made.kind, made.undoes, made.approved_at) == (RunKind.UNDO, scene.run, None)
        assert answer.headers["Location"] == reverse("admin:syncapp_syncrun_change", args=[made.pk])
        assert "nothing is written until you approve" in said(answer)

    def test_stands_on_the_page_of_a_run_that_wrote_something(self, scene: Scene, bob: Client) -> None:
        assert BUTTON in run_page(bob, scene.run)

    @pytest.mark.parametrize("state", [RunState.PARTIAL, RunState.CANCELLED, RunState.FAILED, RunState.ABANDONED])
    def test_stands_there_however_the_run_ended(self, scene: Scene, bob: Client, state: RunState) -> None:
        models.SyncRun.objects.filter(pk=scene.run.pk).update(state=state)

        assert BUTTON in run_page(bob, scene.run)

    def test_is_not_offered_for_what_wrote_nothing(self, scene: Scene, bob: Client) -> None:
        assert BUTTON not in run_page(bob, scene.preview)
        assert BUTTON not in run_page(bob, scene.braked)
        assert BUTTON not in run_page(bob, scene.under_way())

    def test_is_not_offered_to_those_who_may_only_look(self, scene: Scene, bob: Client) -> None:
        assert BUTTON in run_page(bob, scene.run)
        person = scene.erin
        person.user_permissions.set(person.user_permissions.model.objects.filter(codename="view_syncrun"))
        looking = Client()
        looking.force_login(person)

        assert BUTTON not in run_page(looking, scene.run)
        assert looking.post(reverse("admin:syncapp_syncrun_undo", args=[scene.run.pk])).status_code == 403

    def test_is_refused_in_words_where_nothing_was_written(self, scene: Scene, bob: Client) -> None:
        assert "This run wrote nothing" in press(bob, scene.braked)

    def test_is_refused_in_words_while_a_run_is_under_way(self, scene: Scene, bob: Client) -> None:
        scene.under_way()

        assert "under way already" in press(bob, scene.run)

    def test_is_refused_in_words_while_entries_are_open(self, scene: Scene, bob: Client) -> None:
        models.Operation.objects.filter(pk=scene.planned.pk).update(run=scene.run, status=OperationStatus.SENDING)

        assert "1 of its entries are not settled yet" in press(bob, scene.run)


class TestThePageOfAnUndo:
    def test_names_the_run_that_it_undoes(self, scene: Scene, bob: Client, shown: models.SyncRun) -> None:
        page = run_page(bob, shown)

        assert f"Undoes run #{scene.run.pk} ." in page
        assert "Undo of a run" in page

    def test_shows_what_it_would_put_back_and_asks(self, bob: Client, shown: models.SyncRun) -> None:
        page = run_page(bob, shown)

        assert "1 write of this undo waits for your approval" in page
        assert "First name Ann → An" in page
        assert "Approve and carry out exactly this" in page

    def test_lists_what_is_left_alone_and_why(self, bob: Client, shown: models.SyncRun) -> None:
        page = run_page(bob, shown)

        assert "Bea ↔ Bea Ltd First name in QuickBooks Beate Beatrix It was changed in QuickBooks since." in page

    def test_approving_queues_it_once_more(self, bob: Client, shown: models.SyncRun) -> None:
        assert "what changed since is left alone" in press(bob, shown, "approve")

        shown.refresh_from_db()
        assert (shown.state, shown.phase) == (RunState.QUEUED, RunPhase.WAITING)
        assert (shown.approved_by is not None and shown.approved_by.username, shown.approved_at is not None) == ("bob", True)
        assert models.SyncRun.objects.filter(kind=RunKind.UNDO).count() == 1

    def test_approving_twice_is_refused_in_words(self, bob: Client, shown: models.SyncRun) -> None:
        press(bob, shown, "approve")

        assert "Only an undo whose plan is complete" in press(bob, shown, "approve")

    def test_an_undo_whose_plan_was_cut_off_cannot_be_approved(self, bob: Client, shown: models.SyncRun) -> None:
        models.SyncRun.objects.filter(pk=shown.pk).update(state=RunState.CANCELLED)

        assert "Approve and carry out" not in run_page(bob, shown)
        assert "Only an undo whose plan is complete" in press(bob, shown, "approve")

    def test_of_the_run_names_the_undo_once_that_wrote(self, scene: Scene, bob: Client, shown: models.SyncRun) -> None:
        assert "Undone by" not in run_page(bob, scene.run)
        models.Operation.objects.filter(run=shown).update(status=OperationStatus.DONE, finished_at=NOW)

        assert f"Undone by run #{shown.pk} ." in run_page(bob, scene.run)

    def test_shows_a_page_of_what_is_left_alone_without_a_query_per_line(
        self, scene: Scene, bob: Client, shown: models.SyncRun, django_assert_max_num_queries: DjangoAssertNumQueries
    ) -> None:
        models.LeftAlone.objects.bulk_create(
            models.LeftAlone(run=shown, pair=scene.in_sync, side=Side.RIGHT, label=f"Field {number}", why="It was changed.")
            for number in range(60)
        )

        with django_assert_max_num_queries(25):
            first = run_page(bob, shown)
        second = run_page(bob, shown, "?left=2")

        assert "1 to 50 of 61" in first
        assert "Field 59" in second
        assert "Field 10" not in second
