"""The entries on the page of a run: their filters, their export, and the preview beside the run that carried it out."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django.fixtures import Settings

from syncapp import models
from syncapp.engine.vocabulary import ExportContent, ExportFormat, OperationKind, OperationStatus, PairState, RunKind, RunState
from syncapp.services import governor
from tests.admin.conftest import OPERATOR, signed_in
from tests.admin.scene import NOW, Scene, person
from tests.admin.test_buttons import said
from tests.admin.test_export import lines, page_of
from tests.admin.test_what_pages_tell import run_page
from tests.services import made

QUERIES = ["", "side=LEFT", "kind=UPDATE", "status=FAILED", "error=yes", "q=Ann", "q=First+name", "q=nobody", "side=RIGHT&kind=CREATE&q=d"]


@pytest.fixture(autouse=True)
def own_directory(settings: Settings, tmp_path: Path) -> None:
    settings.EXPORT_DIR = tmp_path / "exports"


@pytest.fixture
def zoe(db: Any) -> Client:
    """Operates, and may export."""
    return signed_in(person("zoe", *OPERATOR, "syncapp.export_recordpair"))


def url(run: models.SyncRun, name: str = "change") -> str:
    return reverse(f"admin:syncapp_syncrun_{name}", args=[run.pk])


def shown(client: Client, run: models.SyncRun, query: str = "") -> list[str]:
    """The HubSpot records of the entries on the page."""
    answer = client.get(f"{url(run)}?{query}")
    assert answer.status_code == 200
    return [str(entry.operation.pair.left) for entry in answer.context["entries"]]


def exported(client: Client, run: models.SyncRun, query: str = "", format: str = "CSV") -> models.ExportFile:
    answer = client.post(url(run, "export"), {"query": query, "format": format})
    export = models.ExportFile.objects.latest("pk")
    assert answer.headers["Location"] == page_of(export)
    return export


class TestFilters:
    @pytest.mark.parametrize(
        ("query", "names"),
        [
            ("", ["Dan", "Ann"]), ("side=LEFT", []), ("kind=UPDATE", ["Ann"]), ("status=FAILED", ["Dan"]), ("error=yes", ["Dan"]),
            ("q=ltd", ["Ann"]), ("q=First+name", ["Dan", "Ann"]), ("status=NONSENSE", ["Dan", "Ann"]),
        ],
    )
    def test_narrow_the_entries(self, scene: Scene, bob: Client, query: str, names: list[str]) -> None:
        assert shown(bob, scene.run, query) == names

    def test_stand_in_the_address_and_in_the_form(self, scene: Scene, bob: Client) -> None:
        page = bob.get(f"{url(scene.run)}?status=FAILED&q=Dan&error=yes").content.decode()

        assert '<option value="FAILED" selected>' in page
        assert '<option value="yes" selected>' in page
        assert 'name="q" value="Dan"' in page
        assert "1 entry" in page

    def test_say_so_where_nothing_passes(self, scene: Scene, bob: Client) -> None:
        assert "No entry of this run passes the filters. " in run_page(bob, scene.run, "?q=nobody")

    def test_stay_on_the_next_page(self, scene: Scene, bob: Client) -> None:
        for number in range(60):
            pair = scene._pair(f"P{number}", None, PairState.CREATING)
            scene._entry(scene.run, pair, OperationStatus.DONE, OperationKind.CREATE, [None, "x"])

        page = bob.get(f"{url(scene.run)}?kind=CREATE&status=DONE").content.decode()

        assert "1 to 50 of 60" in page
        assert "?kind=CREATE&amp;status=DONE&amp;p=2" in page
        assert len(shown(bob, scene.run, "kind=CREATE&status=DONE&p=2")) == 10


class TestExport:
    @pytest.mark.parametrize("query", QUERIES)
    def test_holds_the_entries_of_the_page(self, scene: Scene, zoe: Client, query: str) -> None:
        found = lines(zoe, exported(zoe, scene.run, query))

        assert [line[found[0].index("HubSpot record")] for line in found[1:]] == shown(zoe, scene.run, query)

    def test_is_offered_above_the_entries_with_their_filters(self, scene: Scene, zoe: Client) -> None:
        page = zoe.get(f"{url(scene.run)}?status=FAILED&p=1").content.decode()

        assert f'name="query" value="run={scene.run.pk}&amp;status=FAILED"' in page
        assert all(f'<option value="{format.value}">' in page for format in ExportFormat)

    def test_of_a_preview_holds_what_it_would_do(self, scene: Scene, zoe: Client) -> None:
        found = lines(zoe, exported(zoe, scene.preview))

        assert [(line[3], line[6], line[7], line[10]) for line in found[1:]] == [("Eve", "Create", "Planned", "Eve")]

    def test_is_of_the_run_whose_page_it_was(self, scene: Scene, zoe: Client) -> None:
        found = lines(zoe, exported(zoe, scene.run, f"run={scene.preview.pk}"))

        assert [line[3] for line in found[1:]] == ["Dan", "Ann"]

    def test_says_on_its_page_what_it_holds(self, scene: Scene, zoe: Client) -> None:
        page = zoe.get(page_of(exported(zoe, scene.run, "status=FAILED&q=Dan"))).content.decode()

        assert ExportContent.ENTRIES.label in page
        assert f"Run: #{scene.run.pk} of Contacts; Status: Failed; Search: Dan" in page
        assert "1 entry in the file." in page
        assert "HubSpot record, QuickBooks record, Written in" in page

    def test_needs_a_format_that_there_is(self, scene: Scene, zoe: Client) -> None:
        answer = zoe.post(url(scene.run, "export"), {"format": "HTML"})

        assert "Choose a file format" in said(answer)
        assert answer.headers["Location"] == url(scene.run)

    def test_is_closed_to_those_who_may_not_export(self, scene: Scene, bob: Client, charlie: Client, nobody: Client) -> None:
        assert 'name="format"' not in bob.get(url(scene.run)).content.decode()
        for client in (bob, charlie):
            assert client.post(url(scene.run, "export"), {"format": "CSV"}).status_code == 403
        assert nobody.post(url(scene.run, "export")).headers["Location"].startswith("/login/")
        assert models.ExportFile.objects.count() == 0

    def test_is_refused_to_those_who_may_not_see_runs(self, scene: Scene, db: Any) -> None:
        client = signed_in(person("yan", "syncapp.view_recordpair", "syncapp.export_recordpair"))

        assert "You may not export entries of a run." in said(client.post(url(scene.run, "export"), {"format": "CSV"}))
        assert models.ExportFile.objects.count() == 0

    def test_is_kept_from_its_owner_who_may_no_longer_see_runs(self, scene: Scene, zoe: Client) -> None:
        export = exported(zoe, scene.run)
        export.owner.user_permissions.filter(codename="view_syncrun").delete()

        assert zoe.get(reverse("admin:syncapp_exportfile_download", args=[export.pk])).status_code == 404
        assert "Download" not in zoe.get(page_of(export)).content.decode().partition("What it holds")[0]

    def test_is_not_given_by_opening_the_address(self, scene: Scene, alice: Client) -> None:
        assert alice.get(url(scene.run, "export")).status_code == 405


class TestPreviewBesideApply:
    def test_leads_to_the_run_that_carried_it_out_and_back(self, scene: Scene, bob: Client) -> None:
        bob.post(reverse("admin:syncapp_syncrun_approve", args=[scene.preview.pk]))
        made_run = models.SyncRun.objects.latest("pk")

        preview, run = (bob.get(url(one)).content.decode() for one in (scene.preview, made_run))

        assert f'href="{url(made_run)}">run #{made_run.pk}</a>: queued' in preview
        assert f'href="{url(scene.preview)}">run #{scene.preview.pk}</a> showed' in run

    def test_is_not_told_of_other_runs(self, scene: Scene, bob: Client) -> None:
        assert "carried out by" not in run_page(bob, scene.preview)
        assert "approved preview" not in run_page(bob, scene.run)


class TestCalls:
    def test_stand_beside_what_the_accounts_allow(self, scene: Scene, bob: Client) -> None:
        models.SyncRun.objects.filter(pk=scene.run.pk).update(counts={"calls_left": 14, "calls_right": 3})
        models.Bucket.objects.create(name=f"{scene.left.pk}:burst", allowed=99, period=10.0)
        models.Bucket.objects.create(
            name=f"{scene.right.pk}:{governor.MONTH}", allowed=450_000, period=31 * governor.DAY, used=1_000, used_since=NOW.timestamp()
        )

        page = run_page(bob, scene.run)

        assert "Calls to HubSpot 14 Calls to QuickBooks 3" in page
        assert "HubSpot allows Calls: 99 in 10 s QuickBooks allows Reads: 450,000 in 31 days (449,000 left)" in page

    def test_are_told_while_it_is_under_way(self, scene: Scene, bob: Client) -> None:
        run = scene._run(RunKind.DELTA, RunState.RUNNING, counts={"calls_left": 2})

        assert {"label": "Calls to HubSpot", "number": 2} in bob.get(url(run, "progress")).json()["counts"]


def test_the_number_of_queries_does_not_grow_with_the_entries(scene: Scene, django_assert_max_num_queries: Any) -> None:
    client = signed_in(made.alice())
    for number in range(40):
        pair = scene._pair(f"P{number}", None, PairState.CREATING)
        scene._entry(scene.run, pair, OperationStatus.DONE, OperationKind.CREATE, [None, "x"])

    with django_assert_max_num_queries(25):
        client.get(f"{url(scene.run)}?q=P")
