"""The front page: what needs a person today, each sync with its numbers and its last days, and the connections."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from syncapp import models
from syncapp.engine.vocabulary import ConnectionStatus, OperationKind, OperationStatus, PairState, Reason, RunKind, RunState
from syncapp.selectors import charts
from syncapp.services import care
from tests.admin.scene import NOW, Scene
from tests.admin.test_record_view import names
from tests.admin.test_what_pages_tell import text

FRONT = reverse("admin:index")
LINK = re.compile(r'<a class="s-link" href="([^"]+)">([^<]+)</a> ([^<\n]+)')


def needed(client: Client) -> dict[str, str]:
    """What needs a person today, by its words, and where it is dealt with."""
    page = client.get(FRONT).content.decode()
    part = page[page.index("What needs you today") :].partition("</section>")[0]
    return {f"{noun} {words}".strip(): link.replace("&amp;", "&") for link, noun, words in LINK.findall(part)}


class TestWhatNeedsYou:
    def test_leads_to_where_each_is_dealt_with(self, scene: Scene, bob: Client) -> None:
        scene._pair("Gil", None, PairState.AMBIGUOUS, Reason.SEVERAL_CANDIDATES)
        scene._pair("Hal", "Hal Ltd", PairState.ORPHANED, Reason.PARTNER_DELETED)
        late = timezone.now() - timedelta(minutes=10)
        scene._entry(scene.run, scene.in_sync, OperationStatus.SENDING, OperationKind.UPDATE, ["a", "b"], sent_at=late)
        models.Connection.objects.filter(pk=scene.left.pk).update(status=ConnectionStatus.NEEDS_RECONNECT)
        care.assign(pairs=[scene.failing], assignee=User.objects.get(username="bob"), actor=scene.erin, now=NOW)

        found = needed(bob)

        pairs = reverse("admin:syncapp_recordpair_changelist")
        assert found == {
            "HubSpot: Acme portal needs to be connected again; its syncs wait": reverse(
                "admin:syncapp_connection_change", args=[scene.left.pk]
            ),
            "run stopped by a brake, to look at and release": reverse("admin:syncapp_syncrun_change", args=[scene.braked.pk]),
            "field changed on both sides, waiting for your choice": reverse("admin:syncapp_conflict_changelist") + "?status__exact=OPEN",
            "record pair whose partner is not clear, waiting for your word": f"{pairs}?work=MATCHES",
            "record pair deleted or merged at one vendor, waiting for your decision": f"{pairs}?work=DELETES",
            "record pair failing; the list says why and what to do": f"{pairs}?work=FAILING",
            "record pair of these assigned to you": f"{pairs}?work=MINE",
            "write without an answer, settled by the next run": reverse("admin:syncapp_recordpair_unknown"),
        }
        assert {bob.get(link).status_code for link in found.values()} == {200}

    def test_leaves_out_what_is_snoozed(self, scene: Scene, bob: Client) -> None:
        now = timezone.now()
        care.assign(pairs=[scene.failing], assignee=User.objects.get(username="bob"), actor=scene.erin, now=NOW)
        care.snooze(pairs=[scene.failing], until=now + care.DAY, actor=scene.erin, now=now)

        page = text(bob, FRONT)

        assert "failing; the list says why" not in page
        assert "assigned to you" not in page
        assert "1 Failing" in page

    def test_numbers_are_those_of_the_lists(self, scene: Scene, bob: Client) -> None:
        scene._pair("Fay", None, PairState.FAILED, Reason.REFUSED)

        assert "2 record pairs failing" in text(bob, FRONT)
        assert len(names(bob, "work=FAILING")) == 2


class TestCard:
    def test_counts_open_conflicts_and_leads_to_them(self, scene: Scene, bob: Client) -> None:
        page = bob.get(FRONT).content.decode()

        assert "1 Open conflict" in text(bob, FRONT)
        link = f"{reverse('admin:syncapp_conflict_changelist')}?status__exact=OPEN&pair__config__id__exact={scene.config.pk}"
        assert link.replace("&", "&amp;") in page
        assert "Bea" in text(bob, link)

    def test_keeps_a_brake_in_sight_after_a_preview(self, scene: Scene, bob: Client) -> None:
        scene._run(RunKind.PREVIEW, RunState.SUCCEEDED)

        assert "A brake stopped this sync before it wrote anything." in text(bob, FRONT)


class TestChart:
    def day(self, scene: Scene, at: datetime, **counts: int) -> None:
        run = scene._run(RunKind.DELTA, RunState.SUCCEEDED, counts=counts)
        models.SyncRun.objects.filter(pk=run.pk).update(created_at=at)

    def drawn(self, scene: Scene) -> charts.Chart:
        models.SyncRun.objects.filter(pk__in=[scene.preview.pk, scene.run.pk, scene.braked.pk]).delete()
        return charts.of_syncs(config_ids=[scene.config.pk], now=NOW)[scene.config.pk]

    def test_adds_up_the_runs_of_each_day(self, scene: Scene) -> None:
        self.day(scene, NOW, created_right=3, updated_left=2, failed=1)
        self.day(scene, NOW - timedelta(hours=9), updated_right=1, read_left=99)
        self.day(scene, NOW - timedelta(hours=10), archived_left=4)
        self.day(scene, NOW - timedelta(days=14), created_right=50)

        chart = self.drawn(scene)

        assert [(one.writes, one.failures) for one in chart.days[-2:]] == [(4, 0), (6, 1)]
        assert chart.sentence == "10 records written and 1 failed in the last 14 days"
        assert chart.days[-1].sentence == "2026-11-26: 6 written, 1 failed"

    def test_draws_the_most_tallest_and_shows_even_little(self, scene: Scene) -> None:
        self.day(scene, NOW, created_right=1000)
        self.day(scene, NOW - timedelta(days=1), failed=1)
        self.day(scene, NOW - timedelta(days=2), created_right=999, failed=1)

        days = self.drawn(scene).days

        assert days[-1].tall == max(one.tall for one in days)
        assert days[-2].red > 0
        assert days[-3].y_red >= 0

    def test_leaves_out_what_a_preview_only_showed(self, scene: Scene) -> None:
        run = scene._run(RunKind.PREVIEW, RunState.SUCCEEDED, counts={"created_right": 7})
        models.SyncRun.objects.filter(pk=run.pk).update(created_at=NOW)

        assert self.drawn(scene).sentence == "0 records written and 0 failed in the last 14 days"

    def test_stands_on_the_card_with_its_words(self, scene: Scene, bob: Client) -> None:
        self.day(scene, timezone.now(), created_right=3, failed=2)

        page = bob.get(FRONT).content.decode()

        assert re.search(r'<svg width="\d+" height="\d+"[^>]* role="img" aria-label="Contacts: \d+ records written and 2 failed', page)
        assert "3 written, 2 failed" in page or "4 written, 2 failed" in page
        assert " style=" not in page[page.index("<svg width") :].partition("</svg>")[0]


class TestWithoutARole:
    def test_it_says_whom_to_ask(self, scene: Scene, charlie: Client, bob: Client) -> None:
        assert "Ask an administrator to give you a role" in text(charlie, FRONT)
        assert "Ask an administrator to give you a role" not in text(bob, FRONT)
