"""The export button, the page of an export, its file, and its notice: who may, and who may not."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from django.core import mail
from django.test import Client
from django.urls import reverse
from django_q.models import OrmQ
from pytest_django.fixtures import Settings

from syncapp import models, tasks
from syncapp.engine.vocabulary import ExportFormat, ExportState
from syncapp.services import exports
from tests.admin.conftest import OPERATOR, signed_in
from tests.admin.scene import Scene, person
from tests.admin.test_buttons import said
from tests.admin.test_record_view import LIST, SAVE, USE, names, places

EXPORT = reverse("admin:syncapp_recordpair_export")


@pytest.fixture(autouse=True)
def own_directory(settings: Settings, tmp_path: Path) -> None:
    settings.EXPORT_DIR = tmp_path / "exports"


@pytest.fixture
def zoe(db: Any) -> Client:
    """Operates, and may export."""
    user = person("zoe", *OPERATOR, "syncapp.export_recordpair")
    user.email = "zoe@example.com"
    user.save()
    return signed_in(user)


def asked(client: Client, query: str = "", format: str = "CSV") -> models.ExportFile:
    answer = client.post(EXPORT, {"query": query, "format": format})
    export = models.ExportFile.objects.latest("pk")
    assert answer.headers["Location"] == page_of(export)
    return export


def page_of(export: models.ExportFile) -> str:
    return reverse("admin:syncapp_exportfile_change", args=[export.pk])


def file_of(export: models.ExportFile) -> str:
    return reverse("admin:syncapp_exportfile_download", args=[export.pk])


def content(client: Client, export: models.ExportFile) -> bytes:
    answer = client.get(file_of(export))
    assert answer.status_code == 200
    return b"".join(answer.streaming_content)  # type: ignore[attr-defined]


def lines(client: Client, export: models.ExportFile) -> list[list[str]]:
    return list(csv.reader(io.StringIO(content(client, export).decode("utf-8-sig"), newline="")))


def work_off_the_queue() -> None:
    """Do what a worker would."""
    for entry in OrmQ.objects.order_by("pk"):
        getattr(tasks, entry.task["func"].rpartition(".")[2])(**entry.task["kwargs"])
        entry.delete()


class TestExport:
    @pytest.mark.parametrize(
        "query",
        [
            "", "standing=FAILING", "state__exact=FROZEN", "reason__exact=NAME_TAKEN", "code=6240", "q=Ann", "synced_from=2026-11-26",
            "changed_from=2026-11-26&changed_to=2026-11-26&standing=WAITING", "changed_to=2020-01-01",
        ],
    )
    def test_holds_the_records_of_the_list(self, scene: Scene, zoe: Client, query: str) -> None:
        zoe.post(USE, places("left_name"))

        found = lines(zoe, asked(zoe, query))

        assert [line[0] for line in found[1:]] == names(zoe, query)

    def test_holds_the_columns_of_the_list_in_their_order(self, scene: Scene, zoe: Client) -> None:
        zoe.post(USE, places("left:email", "standing", "right:DisplayName"))

        found = lines(zoe, asked(zoe, "standing=IN_SYNC"))

        assert found == [["HubSpot: Email", "Standing", "QuickBooks: Displayname"], ["Ann@example.com", "In sync", "Ann Ltd"]]

    def test_holds_the_columns_of_the_view_that_is_open(self, scene: Scene, zoe: Client) -> None:
        zoe.post(SAVE, {"query": "standing=FAILING", "name": "Broken ones", **places("left_name", "left:email")})
        view = models.SavedView.objects.get()

        export = asked(zoe, f"standing=FAILING&view={view.pk}")

        assert export.name == "Broken ones"
        assert lines(zoe, export) == [["HubSpot record", "HubSpot: Email"], ["Dan", "Dan@example.com"]]

    @pytest.mark.parametrize("format", ExportFormat)
    def test_has_the_format_that_was_chosen(self, scene: Scene, zoe: Client, format: ExportFormat) -> None:
        zoe.post(USE, places("left_name"))
        export = asked(zoe, "standing=IN_SYNC", format.value)

        answer = zoe.get(file_of(export))

        whole = b"".join(answer.streaming_content)  # type: ignore[attr-defined]
        assert answer.headers["Content-Type"] == format.content_type
        assert answer.headers["Content-Disposition"].endswith(f'.{format.extension}"')
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert "no-store" in answer.headers["Cache-Control"]
        if format is ExportFormat.JSON:
            assert json.loads(whole) == [{"HubSpot record": "Ann"}]
        if format is ExportFormat.XLSX:
            assert [line[0].value for line in openpyxl.load_workbook(io.BytesIO(whole)).active.iter_rows()] == [  # type: ignore[union-attr]
                "HubSpot record", "Ann",
            ]

    def test_needs_a_format_that_there_is(self, scene: Scene, zoe: Client) -> None:
        answer = zoe.post(EXPORT, {"query": "", "format": "HTML"})

        assert "Choose a file format" in said(answer)
        assert models.ExportFile.objects.count() == 0

    def test_is_offered_on_the_list(self, scene: Scene, zoe: Client) -> None:
        page = zoe.get(f"{LIST}?standing=FAILING").content.decode()

        assert 'name="query" value="standing=FAILING"' in page
        assert all(f'<option value="{format.value}">' in page for format in ExportFormat)

    def test_is_e_mailed_to_the_person_who_is_signed_in(self, scene: Scene, zoe: Client) -> None:
        export = asked(zoe)
        work_off_the_queue()

        assert [(sent.to, len(sent.attachments)) for sent in mail.outbox] == [(["zoe@example.com"], 1)]
        assert "Sent to the e-mail address of the account." in zoe.get(page_of(export)).content.decode()

    def test_that_is_large_is_a_job_with_progress(self, scene: Scene, zoe: Client, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(exports, "AT_ONCE", 2)

        export = asked(zoe)

        waiting = zoe.get(page_of(export)).content.decode()
        assert "Waiting for its turn" in waiting
        assert 'data-active="yes"' in waiting
        assert "Download" not in waiting
        models.ExportFile.objects.filter(pk=export.pk).update(state=ExportState.WRITING, done=2)
        progress = zoe.get(reverse("admin:syncapp_exportfile_progress", args=[export.pk])).json()
        assert (progress["active"], progress["sentence"], progress["percent"]) == (True, "2 of 5 records written.", 40)
        models.ExportFile.objects.filter(pk=export.pk).update(state=ExportState.QUEUED, done=0)
        work_off_the_queue()
        work_off_the_queue()
        assert "Download" in zoe.get(page_of(export)).content.decode()
        assert (len(lines(zoe, export)), len(mail.outbox)) == (6, 1)


class TestNotice:
    def test_tells_that_it_is_ready_and_leads_to_it(self, scene: Scene, zoe: Client) -> None:
        export = asked(zoe)

        front = zoe.get(reverse("admin:index")).content.decode()
        assert "Your export of 5 records is ready." in front
        assert f'href="{page_of(export)}"' in front
        assert "2 open notices" in front

    def test_is_seen_by_nobody_else(self, scene: Scene, zoe: Client, alice: Client, bob: Client) -> None:
        asked(zoe)
        notice = models.Notice.objects.get(user__username="zoe")

        for client in (alice, bob):
            assert "Your export" not in client.get(reverse("admin:index")).content.decode()
            assert "Your export" not in client.get(reverse("admin:syncapp_notice_changelist")).content.decode()
            assert client.get(reverse("admin:syncapp_notice_change", args=[notice.pk])).status_code == 302
            assert client.post(reverse("admin:syncapp_notice_dismiss", args=[notice.pk])).status_code == 404

    def test_is_closed_by_the_person_it_is_for(self, scene: Scene, zoe: Client) -> None:
        asked(zoe)
        notice = models.Notice.objects.get(user__username="zoe")

        assert "Close" in zoe.get(reverse("admin:syncapp_notice_change", args=[notice.pk])).content.decode()
        zoe.post(reverse("admin:syncapp_notice_dismiss", args=[notice.pk]))

        notice.refresh_from_db()
        assert notice.closed_at is not None

    def test_for_everybody_is_not_closed_without_the_permission(self, scene: Scene, zoe: Client) -> None:
        assert zoe.post(reverse("admin:syncapp_notice_dismiss", args=[scene.notice.pk])).status_code == 403

    def test_reaches_a_person_who_may_not_see_those_for_everybody(self, scene: Scene, db: Any) -> None:
        client = signed_in(person("yan", "syncapp.view_recordpair", "syncapp.export_recordpair"))
        asked(client)

        page = client.get(reverse("admin:syncapp_notice_changelist")).content.decode()

        assert "Your export of 5 records is ready." in page
        assert scene.notice.words not in page


class TestPermission:
    def test_is_closed_at_first(self, scene: Scene, bob: Client) -> None:
        assert 'name="format"' not in bob.get(LIST).content.decode()
        assert bob.post(EXPORT, {"format": "CSV"}).status_code == 403
        assert models.ExportFile.objects.count() == 0

    def test_is_open_to_an_administrator(self, scene: Scene, alice: Client) -> None:
        assert asked(alice).state == ExportState.READY

    def test_is_needed_beside_that_of_seeing_records(self, scene: Scene, db: Any) -> None:
        client = signed_in(person("yan", "syncapp.export_recordpair"))

        assert client.post(EXPORT, {"format": "CSV"}).status_code == 403

    def test_is_needed_for_a_sign_in_first(self, scene: Scene, nobody: Client, zoe: Client) -> None:
        export = asked(zoe)

        for url in (page_of(export), file_of(export)):
            assert nobody.get(url).headers["Location"].startswith("/login/")
        assert nobody.post(EXPORT).headers["Location"].startswith("/login/")

    def test_is_not_given_by_opening_the_address(self, scene: Scene, alice: Client) -> None:
        assert alice.get(EXPORT).status_code == 405
        alice.handler.enforce_csrf_checks = True
        assert alice.post(EXPORT, {"format": "CSV"}).status_code == 403

    def test_keeps_the_files_of_others_away(self, scene: Scene, zoe: Client, charlie: Client, bob: Client) -> None:
        export = asked(zoe)
        other = signed_in(person("yan", *OPERATOR, "syncapp.export_recordpair"))

        assert other.get(file_of(export)).status_code == 404
        assert other.get(page_of(export)).status_code == 302
        assert other.get(reverse("admin:syncapp_exportfile_progress", args=[export.pk])).status_code == 404
        assert other.post(reverse("admin:syncapp_exportfile_remove", args=[export.pk])).status_code == 404
        assert export.name not in other.get(reverse("admin:syncapp_exportfile_changelist")).content.decode().partition("result_list")[2]
        for client in (charlie, bob):
            assert client.get(file_of(export)).status_code == 403
            assert client.get(page_of(export)).status_code == 403

    def test_lets_an_administrator_have_the_files_of_all(self, scene: Scene, zoe: Client, alice: Client) -> None:
        assert len(lines(alice, asked(zoe))) == 6

    def test_is_asked_for_anew_when_the_file_is_downloaded(self, scene: Scene, zoe: Client) -> None:
        export = asked(zoe)
        export.owner.user_permissions.clear()

        assert zoe.get(file_of(export)).status_code == 403

    def test_is_asked_for_anew_when_the_file_is_sent(self, scene: Scene, zoe: Client) -> None:
        export = asked(zoe)
        export.owner.user_permissions.clear()
        work_off_the_queue()

        assert mail.outbox == []


class TestFile:
    def test_is_served_nowhere_else(self, scene: Scene, zoe: Client, settings: Settings) -> None:
        export = asked(zoe)

        for url in (f"/exports/{export.file}", f"/files/{export.file}", f"/static/{export.file}", f"/static/../exports/{export.file}"):
            assert zoe.get(url).status_code == 404

    def test_is_gone_when_its_time_is_over(self, scene: Scene, zoe: Client) -> None:
        export = asked(zoe)

        exports.sweep(now=export.expires_at)  # type: ignore[arg-type]

        assert zoe.get(file_of(export)).status_code == 404
        page = zoe.get(page_of(export)).content.decode()
        assert "The file with 5 records was removed." in page
        assert file_of(export) not in page

    def test_is_removed_by_a_button(self, scene: Scene, zoe: Client) -> None:
        export = asked(zoe)

        answer = zoe.post(reverse("admin:syncapp_exportfile_remove", args=[export.pk]))

        assert "The file is removed." in said(answer)
        assert list(exports.directory().iterdir()) == []

    def test_page_tells_what_it_holds(self, scene: Scene, zoe: Client) -> None:
        zoe.post(USE, places("left_name", "left:email"))

        page = zoe.get(page_of(asked(zoe, "standing=FAILING&q=Dan"))).content.decode()

        assert "Standing: Failing; Search: Dan" in page
        assert "HubSpot record, HubSpot: Email" in page
