"""The words a person reads on the pages, and how many queries a page may make."""

from __future__ import annotations

import html
import re
from datetime import timedelta

import pytest
from django.contrib import admin
from django.contrib.contenttypes.models import ContentType
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from syncapp import models
from syncapp.engine.vocabulary import (
    Direction,
    FilterOperator,
    NoticeKind,
    ObjectPair,
    OperationKind,
    OperationStatus,
    PairState,
    Reason,
    RunState,
    Side,
    TransformKind,
)
from syncapp.selectors import reasons
from syncapp.services import care, confirming, roles
from tests.admin.conftest import signed_in
from tests.admin.scene import NOW, Scene, person
from tests.admin.test_every_page import PAGES
from tests.services import made

CEILING = 12
"""Queries of a page at most."""


def text(client: Client, url: str) -> str:
    """A page as it reads: without tags, with single blanks."""
    return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]+>", " ", client.get(url).content.decode())))


def pair_page(client: Client, pair: models.RecordPair) -> str:
    return text(client, reverse("admin:syncapp_recordpair_change", args=[pair.pk]))


def run_page(client: Client, run: models.SyncRun, query: str = "") -> str:
    return text(client, reverse("admin:syncapp_syncrun_change", args=[run.pk]) + query)


class TestOverview:
    def test_counts_the_pairs_by_word(self, scene: Scene, bob: Client) -> None:
        assert "1 In sync 1 Excluded 1 Failing 1 Needs you 1 Waiting" in text(bob, reverse("admin:index"))

    def test_tells_of_a_brake_and_what_needs_a_person(self, scene: Scene, bob: Client) -> None:
        page = text(bob, reverse("admin:index"))

        assert "A brake stopped this sync before it wrote anything. This run would create 60 records in QuickBooks." in page
        assert "Urgent The sync stopped before writing." in page
        assert "1 run stopped by a brake, to look at and release" in page
        assert "1 field changed on both sides, waiting for your choice" in page
        assert "1 record pair failing; the list says why and what to do" in page

    def test_tells_how_long_the_newest_change_took(self, scene: Scene, bob: Client) -> None:
        models.SyncConfig.objects.update(created_at=NOW - timedelta(days=1))
        models.Operation.objects.filter(pk=scene.done.pk).update(finished_at=NOW + timedelta(seconds=42))

        assert "reached the other side after 42 s" in text(bob, reverse("admin:index"))

    def test_says_when_the_next_run_is(self, scene: Scene, bob: Client) -> None:
        assert "not scheduled: the sync is off" in text(bob, reverse("admin:index"))

    def test_shows_those_without_permission_nothing(self, scene: Scene, charlie: Client) -> None:
        page = text(charlie, reverse("admin:index"))

        assert "In sync" not in page
        assert "Acme" not in page


class TestRun:
    def test_shows_before_after_and_why(self, scene: Scene, bob: Client) -> None:
        assert "First name An → Ann Changed in HubSpot." in run_page(bob, scene.run)

    def test_keeps_the_vendors_words_and_request_id(self, scene: Scene, bob: Client) -> None:
        page = run_page(bob, scene.run)

        assert "Duplicate Name Exists Error" in page
        assert "req-77" in page

    def test_counts_in_words(self, scene: Scene, bob: Client) -> None:
        assert "Read in HubSpot 5 Created in QuickBooks 1" in run_page(bob, scene.run)

    def test_of_a_preview_offers_to_approve(self, scene: Scene, bob: Client) -> None:
        page = run_page(bob, scene.preview)

        assert "1 write planned, none carried out" in page
        assert "Approve and carry out exactly this" in page

    def test_of_an_approved_preview_says_so(self, scene: Scene, bob: Client) -> None:
        models.Operation.objects.filter(pk=scene.planned.pk).update(status=OperationStatus.DONE)

        page = run_page(bob, scene.preview)

        assert "Approved: what it showed was carried out" in page
        assert "Approve and carry out" not in page

    def test_shows_what_it_carried_out_of_an_approved_preview(self, scene: Scene, bob: Client) -> None:
        models.Operation.objects.filter(pk=scene.planned.pk).update(status=OperationStatus.DONE, sent_at=NOW + timedelta(seconds=2))

        assert "Eve" in run_page(bob, scene.run)

    def test_stopped_by_a_brake_offers_an_administrator_to_release_it(self, scene: Scene, alice: Client, bob: Client) -> None:
        page = run_page(alice, scene.braked)

        assert "This run would create 60 records in QuickBooks." in page
        assert "Release the brake and go on" in page
        assert "Release the brake and go on" not in run_page(bob, scene.braked)

    def test_stopped_with_very_many_writes_says_that_a_higher_limit_does_not_release_them(
        self, scene: Scene, alice: Client, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        few = run_page(alice, scene.braked)
        monkeypatch.setattr(confirming, "SECOND_PERSON", 1)
        many = run_page(alice, scene.braked)

        assert "or change the limit in the sync's settings" in few
        assert "or change the limit in the sync's settings" not in many
        assert "changing the limit does not release them" in many

    def test_filters_its_entries(self, scene: Scene, bob: Client) -> None:
        page = run_page(bob, scene.run, "?kind=UPDATE")

        assert "An → Ann" in page
        assert "req-77" not in page

    def test_ignores_a_filter_that_is_none(self, scene: Scene, bob: Client) -> None:
        assert "An → Ann" in run_page(bob, scene.run, "?kind=nonsense&p=99")

    def test_tells_its_progress_as_json(self, scene: Scene, bob: Client) -> None:
        run = scene.under_way()

        told = bob.get(reverse("admin:syncapp_syncrun_progress", args=[run.pk])).json()

        assert told["active"] is True
        assert told["state"] == RunState.RUNNING.label
        assert told["sentence"] == "Reading both sides"
        assert told["steps"][:3] == ["done", "now", "left"]
        assert told["counts"] == [{"label": "Read in HubSpot", "number": 3}]


class TestPair:
    def test_shows_both_sides_and_what_differs(self, scene: Scene, bob: Client) -> None:
        page = pair_page(bob, scene.in_conflict)

        assert "Firstname Bea ↔ Givenname Bea Ltd" in page
        assert "Different" in page

    def test_shows_no_value_flowing_where_the_sync_does_not(self, scene: Scene, bob: Client) -> None:
        models.SyncConfig.objects.update(direction=Direction.TO_LEFT)

        assert "Firstname Bea ← Givenname Bea Ltd" in pair_page(bob, scene.in_conflict)

    def test_marks_what_changed_since_both_agreed(self, scene: Scene, bob: Client) -> None:
        key = scene.first_name.key
        models.RecordPair.objects.filter(pk=scene.in_sync.pk).update(base_left={key: "Anna"}, base_right={key: "Ann Ltd"})

        assert "Anna / Ann Ltd Changed in HubSpot" in pair_page(bob, scene.in_sync)

    def test_shows_text_that_is_put_together_as_it_is_written(self, scene: Scene, bob: Client) -> None:
        models.Transform.objects.create(mapping=scene.name, kind=TransformKind.TEMPLATE, setting="{firstname}, {email}")
        agreed = {"base_left": {scene.name.key: "Ann, Ann@example.com"}, "base_right": {scene.name.key: "Ann Ltd"}}
        models.RecordPair.objects.filter(pk=scene.in_sync.pk).update(**agreed)

        assert "Ann, Ann@example.com → Displayname Ann Ltd Agreed, written differently" in pair_page(bob, scene.in_sync)

    def test_offers_both_values_of_a_conflict(self, scene: Scene, bob: Client) -> None:
        page = pair_page(bob, scene.in_conflict)

        assert "Both sides changed the same field: Firstname. Choose the right value below." in page
        assert "Beatrice Take HubSpot Beate Take QuickBooks" in page

    def test_says_why_a_record_is_excluded(self, scene: Scene, bob: Client) -> None:
        page = pair_page(bob, scene.excluded)

        assert "It does not pass the filters." in page
        assert "HubSpot filter — Has a new invoice: Invoice status is none of Draft — this contact has no invoice" in page

    def test_says_why_a_record_fails_and_what_to_do(self, scene: Scene, bob: Client) -> None:
        page = pair_page(bob, scene.failing)

        assert "The name “Ann Ltd” belongs to Ann Ltd" in page
        assert "The vendor said: Duplicate Name Exists Error" in page
        assert "Rename one of the two at the vendor" in page

    def test_leads_to_the_record_that_has_the_name(self, scene: Scene, bob: Client) -> None:
        page = bob.get(reverse("admin:syncapp_recordpair_change", args=[scene.failing.pk])).content.decode()

        assert reverse("admin:syncapp_recordpair_change", args=[scene.in_sync.pk]) in page

    def test_tells_what_was_done_to_it(self, scene: Scene, bob: Client) -> None:
        assert f"planned by run #{scene.run.pk} Update in QuickBooks" in pair_page(bob, scene.in_sync)

    def test_tells_in_its_place_what_people_said_of_it(self, scene: Scene, bob: Client) -> None:
        care.note(pairs=[scene.in_sync], text="Ann calls", author=scene.erin, now=NOW - timedelta(hours=1))
        care.note(pairs=[scene.in_sync], text="Ann called", author=scene.erin, now=NOW + timedelta(hours=1))

        page = pair_page(bob, scene.in_sync)

        assert re.search(r"erin Noted: Ann called .*planned by run #\d+ .*erin Noted: Ann calls", page)

    def test_links_to_the_vendor_without_a_call(self, scene: Scene, bob: Client) -> None:
        models.Connection.objects.update(environment="PRODUCTION")

        assert "open there ↗" in pair_page(bob, scene.in_sync)

    def test_escapes_what_vendors_send(self, scene: Scene, bob: Client) -> None:
        models.Record.objects.filter(label="Ann").update(label="<script>alert(1)</script>")

        page = bob.get(reverse("admin:syncapp_recordpair_change", args=[scene.in_sync.pk])).content.decode()

        assert "<script>alert(1)" not in page


class TestReasons:
    def test_each_has_a_remedy(self) -> None:
        assert {reason for reason in Reason if reason is not Reason.NONE} == set(reasons.REMEDIES)

    @pytest.mark.parametrize(
        ("detail", "sentence"),
        [
            ({"fields": ["City"]}, "Field: City"),
            ({"fields": [{"sentence": "Shorten the value."}]}, "Shorten the value."),
            ({"sentence": "None of its mapped fields has a value."}, "None of its mapped fields has a value."),
            ({"words": "Busy", "attempts": 3}, "Tried 3 times so far."),
            ({"side": "RIGHT", "record": "7", "label": "Ann Ltd", "state": "GONE"}, "QuickBooks record Ann Ltd is deleted."),
            ({"edited": ["City", "Phone"]}, "Edited meanwhile: City, Phone."),
            ({"merged": "12"}, "It now belongs to record 12."),
            ({"code": "2050", "field": "Notes", "values": {"Notes": "x"}}, "The value of Notes was “x”."),
        ],
    )
    def test_are_told_in_sentences(self, detail: dict[str, object], sentence: str) -> None:
        assert sentence in list(reasons.sentences(detail))

    def test_write_moments_as_people_do(self) -> None:
        told = reasons.sentences({"sentence": "Created is after 2026-11-26T03:56:30.160Z"})

        assert list(told) == ["Created is after 2026-11-26 03:56 UTC"]


class TestPairList:
    def names(self, client: Client, query: str) -> set[str]:
        page = text(client, reverse("admin:syncapp_recordpair_changelist") + query)
        return {name for name in ("Ann Ltd", "Bea Ltd", "Cal", "Dan", "Eve") if re.search(rf"\b{name}\b", page)}

    @pytest.mark.parametrize(
        ("standing", "expected"), [("IN_SYNC", {"Ann Ltd"}), ("NEEDS_YOU", {"Bea Ltd"}), ("EXCLUDED", {"Cal"}), ("WAITING", {"Eve"})]
    )
    def test_holds_the_pairs_of_a_word(self, scene: Scene, bob: Client, standing: str, expected: set[str]) -> None:
        assert self.names(bob, f"?standing={standing}") == expected

    def test_ignores_a_word_that_is_none(self, scene: Scene, bob: Client) -> None:
        assert len(self.names(bob, "?standing=NONSENSE")) == 5

    @pytest.mark.parametrize("side", ["left", "right"])
    def test_finds_names_and_ids_of_both_sides(self, scene: Scene, bob: Client, side: str) -> None:
        record = getattr(scene.in_conflict, side)

        assert self.names(bob, f"?q={record.label}") == {"Bea Ltd"}
        assert "Bea Ltd" in self.names(bob, f"?q={record.external_id}")

    def test_groups_failing_pairs_by_cause(self, scene: Scene, bob: Client) -> None:
        page = text(bob, reverse("admin:syncapp_recordpair_changelist") + "?standing=FAILING")

        assert "1 The name is a duplicate: another QuickBooks record has it. Code 6240, field DisplayName" in page
        assert "Rename one of the two at the vendor" in page
        assert "Retry all 1" in page

    def test_narrows_to_a_vendors_code(self, scene: Scene, bob: Client) -> None:
        assert "Dan" in self.names(bob, "?reason__exact=NAME_TAKEN&code=6240")
        assert "Dan" not in self.names(bob, "?reason__exact=NAME_TAKEN&code=610")


class TestNavigation:
    def test_counts_what_waits(self, scene: Scene, bob: Client) -> None:
        page = text(bob, reverse("admin:index"))

        assert "Needs you 1" in page
        assert "Failing 1" in page

    def test_shows_the_open_notices_in_the_header_of_every_page(self, scene: Scene, bob: Client) -> None:
        for name in ("overview", "syncs", "sync", "runs", "run", "pairs", "pair in sync", "conflicts", "notices"):
            assert "1 open notice" in bob.get(PAGES[name](scene)).content.decode(), name

    def test_hides_what_a_person_may_not_open(self, scene: Scene, charlie: Client) -> None:
        page = charlie.get(reverse("admin:index")).content.decode()

        assert reverse("admin:syncapp_recordpair_changelist") not in page
        assert reverse("admin:auth_user_changelist") not in page


class TestNotices:
    def test_are_narrowed_to_a_kind(self, scene: Scene, bob: Client) -> None:
        models.Notice.objects.create(subject="sync 1 cannot run", words="An account is paused.", kind=NoticeKind.SYNC)
        address = reverse("admin:syncapp_notice_changelist")

        page = text(bob, f"{address}?kind__exact=SYNC")

        assert "A sync cannot run An account is paused." in page
        assert "The sync stopped before writing." not in page


class TestSignIn:
    def test_leads_to_the_front_page_afterwards(self, nobody: Client) -> None:
        assert nobody.get(reverse("admin:login")).headers["Location"] == "/login/?next=%2F"


def _invoices(scene: Scene) -> models.SyncConfig:
    """A sync whose page has everything to show: a filter, a value map, a step, and an invoice whose status HubSpot did not take."""
    config = models.SyncConfig.objects.create(name="Invoices", left=scene.left, right=scene.right, object_pair=ObjectPair.INVOICE)
    status = made.field(scene.left, "hs_invoice_status", kind="invoices"), made.field(scene.right, "InvoiceStatus", kind="invoice")
    mapping = models.FieldMapping.objects.create(config=config, left_field=status[0], right_field=status[1])
    models.ValueMapping.objects.create(mapping=mapping, left_value="paid", right_value="Paid")
    models.Transform.objects.create(mapping=mapping, kind=TransformKind.TRIM)
    group = models.FilterGroup.objects.create(config=config, side=Side.LEFT, name="New ones")
    models.FilterRule.objects.create(group=group, field=status[0], operator=FilterOperator.NONE_OF, values=["draft"])
    models.RecordPair.objects.create(
        config=config, left=scene._record(scene.left, "INV-1"), state=PairState.LINKED, flagged=[mapping.key]
    )
    return config


def test_no_page_makes_more_queries_than_the_ceiling(scene: Scene) -> None:
    dora = signed_in(person("dora", *roles.ADMINISTRATOR))
    for number in range(20):
        pair = scene._pair(f"P{number}", f"Q{number}", PairState.LINKED)
        scene._entry(scene.run, pair, OperationStatus.DONE, OperationKind.UPDATE, ["a", "b"])
        models.Conflict.objects.create(pair=pair, key="k", field_label="City", left="a", right="b")
    neighbor = models.SyncConfig.objects.create(
        name="Products", left=scene.left, right=scene.right, object_pair=ObjectPair.PRODUCT_ITEM
    )
    ends = made.field(scene.left, "hs_sku", kind="products"), made.field(scene.right, "Sku", kind="item")
    models.FieldMapping.objects.create(config=neighbor, left_field=ends[0], right_field=ends[1])
    invoices = _invoices(scene)
    urls = {name: page(scene) for name, page in PAGES.items()}
    urls["columns of a sync"] = f"{urls['columns']}?config__id__exact={scene.config.pk}"
    urls["sync of invoices"] = reverse("admin:syncapp_syncconfig_change", args=[invoices.pk])
    dora.get(urls["overview"])  # the first page of a minute puts the end of the session off
    ContentType.objects.get_for_models(*admin.site._registry)  # Django keeps them for as long as the process lives

    above = {}
    for name, url in urls.items():
        with CaptureQueriesContext(connection) as made_by:
            dora.get(url)
        if len(made_by) > CEILING:
            above[name] = len(made_by)

    assert above == {}
