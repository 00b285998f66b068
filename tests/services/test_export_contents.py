"""Files of a run's entries and of conflicts: what is in them, and that nothing in them is a formula."""

from __future__ import annotations

import json
import zipfile
from typing import Any

import openpyxl
import pytest

from syncapp import models
from syncapp.engine.vocabulary import ConflictStatus, ExportContent, ExportFormat, ExportState, OperationKind, OperationStatus, Side
from syncapp.selectors import conflict_lists, entry_sheets
from syncapp.services import export_contents, export_mail, exports
from tests.admin.scene import person
from tests.services import made
from tests.services.conftest import Desk
from tests.services.desk import MAY_EXPORT, csv_lines, path_of

FORMULA = '=HYPERLINK("https://evil.example","x")'


@pytest.fixture(autouse=True)
def may_see_all(desk: Desk) -> None:
    desk.user.delete()
    desk.user = person("zoe", *MAY_EXPORT, "syncapp.view_syncrun", "syncapp.view_conflict")


def ask(desk: Desk, content: ExportContent, query: str = "", format: ExportFormat = ExportFormat.CSV) -> models.ExportFile:
    return exports.ask(owner=desk.user, content=content, format=format, query=query, name="Mine", outside=desk.clock.ports)


def entries(desk: Desk, query: str = "", run: models.SyncRun | None = None) -> list[dict[str, str]]:
    export = ask(desk, ExportContent.ENTRIES, f"run={(run or desk.scene.run).pk}&{query}")
    headings, *lines = csv_lines(path_of(export))
    return [dict(zip(headings, line, strict=True)) for line in lines]


def conflicts(desk: Desk, query: str = "") -> list[dict[str, str]]:
    headings, *lines = csv_lines(path_of(ask(desk, ExportContent.CONFLICTS, query)))
    return [dict(zip(headings, line, strict=True)) for line in lines]


class TestEntries:
    def test_have_a_line_for_each_field(self, desk: Desk) -> None:
        desk.scene.done.changes = {"GivenName": ["An", "Ann"], "DisplayName": [None, "Ann Ltd"]}
        desk.scene.done.whys = {"GivenName": "Changed in HubSpot."}
        desk.scene.done.save()

        found = entries(desk, "q=Ann")

        scene = desk.scene
        same = {
            "Planned by run": str(scene.run.pk), "When (UTC)": "2026-11-26 09:30:00", "Pair": str(scene.in_sync.pk),
            "HubSpot record": "Ann", "QuickBooks record": "Ann Ltd", "Written in": "QuickBooks", "What": "Update", "Status": "Done",
            "Error": "", "Vendor's request id": "",
        }
        assert found == [
            {**same, "Field": "First name", "Before": "An", "After": "Ann", "Why": "Changed in HubSpot."},
            {**same, "Field": "DisplayName", "Before": "", "After": "Ann Ltd", "Why": ""},
        ]

    def test_tell_the_vendors_words(self, desk: Desk) -> None:
        found = entries(desk, "status=FAILED")

        assert [(line["Error"], line["Vendor's request id"], line["QuickBooks record"]) for line in found] == [
            ("Duplicate Name Exists Error", "req-77", ""),
        ]

    def test_without_a_changed_field_have_a_line_all_the_same(self, desk: Desk) -> None:
        desk.scene.done.changes = {}
        desk.scene.done.kind = OperationKind.ARCHIVE
        desk.scene.done.save()

        assert [(line["What"], line["Field"]) for line in entries(desk, "kind=ARCHIVE")] == [("Archive", "")]

    @pytest.mark.parametrize(
        ("query", "names"),
        [
            ("", ["Dan", "Ann"]), ("side=LEFT", []), ("side=RIGHT", ["Dan", "Ann"]), ("kind=UPDATE", ["Ann"]), ("status=FAILED", ["Dan"]),
            ("error=yes", ["Dan"]), ("error=no", ["Dan", "Ann"]), ("q=ann+ltd", ["Ann"]), ("q=first", ["Dan", "Ann"]),
            ("q=GivenName+dan", ["Dan"]), ("q=nobody", []), ("side=NONSENSE&kind=&status=x", ["Dan", "Ann"]),
        ],
    )
    def test_are_those_that_the_filters_let_through(self, desk: Desk, query: str, names: list[str]) -> None:
        assert [line["HubSpot record"] for line in entries(desk, query)] == names

    def test_are_found_by_the_id_of_either_record(self, desk: Desk) -> None:
        for record in (desk.scene.in_sync.left, desk.scene.in_sync.right):
            models.Record.objects.filter(pk=record.pk).update(external_id="77001")

            assert [line["HubSpot record"] for line in entries(desk, "q=77001")] == ["Ann"]

            models.Record.objects.filter(pk=record.pk).update(external_id=f"x{record.pk}")

    def test_are_found_by_a_field_of_their_own_side_only(self, desk: Desk) -> None:
        models.Operation.objects.filter(pk=desk.scene.done.pk).update(side=Side.LEFT)

        assert [line["HubSpot record"] for line in entries(desk, "q=givenname")] == ["Dan"]

    def test_of_a_preview_are_exported_as_well(self, desk: Desk) -> None:
        found = entries(desk, run=desk.scene.preview)

        assert [(line["HubSpot record"], line["Status"], line["After"]) for line in found] == [("Eve", "Planned", "Eve")]

    def test_come_in_chunks_in_the_order_of_the_page(self, desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(exports, "CHUNK", 1)

        assert [line["HubSpot record"] for line in entries(desk)] == ["Dan", "Ann"]

    def test_are_counted_as_entries(self, desk: Desk) -> None:
        export = ask(desk, ExportContent.ENTRIES, f"run={desk.scene.run.pk}")

        assert (export.total, models.Notice.objects.get(user=desk.user).words) == (2, "Your export of 2 entries is ready.")

    def test_are_queued_from_fewer_on_since_each_has_several_lines(self, desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(exports, "AT_ONCE", 7)

        assert ask(desk, ExportContent.ENTRIES, f"run={desk.scene.run.pk}").state == ExportState.QUEUED
        assert ask(desk, ExportContent.ENTRIES, f"run={desk.scene.preview.pk}").state == ExportState.READY

    def test_with_more_fields_than_a_file_can_hold_make_none(self, desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
        desk.scene.done.changes = {f"Field{number}": [None, "x"] for number in range(20)}
        desk.scene.done.save()
        monkeypatch.setattr(exports, "MOST_CELLS", 10 * len(entry_sheets.headings()))

        export = ask(desk, ExportContent.ENTRIES, f"run={desk.scene.run.pk}")

        assert (export.state, export.error, desk.files()) == (ExportState.FAILED, exports.TOO_MUCH, [])

    @pytest.mark.parametrize("query", ["", "run=", "run=999999", "run=x", "run=9999999999999999999999"])
    def test_of_no_run_are_refused(self, desk: Desk, query: str) -> None:
        with pytest.raises(exports.ExportRefused, match="The run was deleted"):
            ask(desk, ExportContent.ENTRIES, query)

    def test_whose_run_was_deleted_meanwhile_fail_in_words(self, desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(exports, "AT_ONCE", 0)
        export = ask(desk, ExportContent.ENTRIES, f"run={desk.scene.run.pk}")
        desk.scene.run.delete()

        assert desk.write(export).error == export_contents.NO_RUN


class TestConflicts:
    def test_tell_both_values_and_who_won(self, desk: Desk) -> None:
        scene = desk.scene
        models.Conflict.objects.filter(pk=scene.conflict.pk).update(
            status=ConflictStatus.BY_PERSON, winner=Side.RIGHT, chosen="Beate", why="A person chose this value.", decided_by=scene.erin,
            created_at=made.NOW, decided_at=made.NOW,
        )

        assert conflicts(desk) == [{
            "Pair": str(scene.in_conflict.pk), "HubSpot record": "Bea", "QuickBooks record": "Bea Ltd", "Sync": "Contacts",
            "Field": "First name", "Last agreed": "Bea", "HubSpot value": "Beatrice", "QuickBooks value": "Beate",
            "Status": "Decided by a person", "Winner": "QuickBooks", "Value chosen": "Beate", "Why": "A person chose this value.",
            "Decided by": "erin", "Found (UTC)": "2026-11-26 09:30:00", "Decided (UTC)": "2026-11-26 09:30:00",
        }]

    def test_that_are_open_tell_no_winner(self, desk: Desk) -> None:
        found = conflicts(desk)

        assert [(line["Status"], line["Winner"], line["Decided by"], line["Decided (UTC)"]) for line in found] == [("Open", "", "", "")]

    def test_need_no_query_for_each(self, desk: Desk, django_assert_max_num_queries: Any) -> None:
        for number in range(30):
            models.Conflict.objects.create(
                pair=desk.scene.in_conflict, key=f"k{number}", field_label=f"F{number}", decided_by=desk.scene.erin
            )
        content = export_contents.of(content=ExportContent.CONFLICTS, query="", me=0, now=made.NOW)

        with django_assert_max_num_queries(2):
            found = [line for chunk in content.chunks(500) for line in content.lines(chunk)]

        assert len(found) == 31


class TestPermissions:
    @pytest.mark.parametrize(
        ("content", "missing"),
        [
            (content, permission)
            for content in (ExportContent.ENTRIES, ExportContent.CONFLICTS)
            for permission in export_contents.PERMISSIONS[content]
        ],
    )
    def test_are_all_needed(self, desk: Desk, content: ExportContent, missing: str) -> None:
        desk.user = person("yan", *(one for one in export_contents.PERMISSIONS[content] if one != missing))

        with pytest.raises(exports.ExportRefused, match="You may not export"):
            ask(desk, content, f"run={desk.scene.run.pk}")

    def test_are_asked_for_anew_when_it_is_written_and_when_it_is_fetched(self, desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
        ready = ask(desk, ExportContent.CONFLICTS)
        monkeypatch.setattr(exports, "AT_ONCE", 0)
        waiting = ask(desk, ExportContent.CONFLICTS)
        assert exports.may_have(user=desk.user, export=ready)

        desk.user.user_permissions.filter(codename="view_conflict").delete()

        desk.user = type(desk.user).objects.get(pk=desk.user.pk)
        assert exports.may_export(desk.user)
        assert not exports.may_have(user=desk.user, export=ready)
        assert desk.write(waiting).error == exports.NOT_ALLOWED
        desk.send(ready)
        assert (ready.mailed_at, ready.mail_words) == (None, export_mail.NOT_ALLOWED)


@pytest.mark.parametrize("content", [ExportContent.ENTRIES, ExportContent.CONFLICTS])
class TestFormulas:
    def risky(self, desk: Desk, content: ExportContent, format: ExportFormat) -> models.ExportFile:
        """Everything a vendor or a person wrote is a formula."""
        models.Record.objects.update(label=FORMULA)
        models.Operation.objects.update(
            changes={FORMULA: [FORMULA, FORMULA]}, whys={FORMULA: FORMULA}, error_words=FORMULA, request_id=FORMULA,
            status=OperationStatus.FAILED,
        )
        models.Conflict.objects.update(field_label=FORMULA, base=FORMULA, left=FORMULA, right=FORMULA, chosen=FORMULA, why=FORMULA)
        models.SyncConfig.objects.update(name=FORMULA)
        return ask(desk, content, f"run={desk.scene.run.pk}", format)

    def test_are_guarded_in_csv(self, desk: Desk, content: ExportContent) -> None:
        texts = [text for line in csv_lines(path_of(self.risky(desk, content, ExportFormat.CSV))) for text in line]

        assert texts.count("'" + FORMULA) >= 8
        assert [text for text in texts if text.startswith(("=", "+", "-", "@"))] == []

    def test_are_texts_in_xlsx(self, desk: Desk, content: ExportContent) -> None:
        path = path_of(self.risky(desk, content, ExportFormat.XLSX))

        book = openpyxl.load_workbook(path)
        assert book.sheetnames == [content.label]
        assert {cell.data_type for line in book.active.iter_rows() for cell in line if cell.value == FORMULA} == {"s"}  # type: ignore[union-attr]
        with zipfile.ZipFile(path) as archive:
            assert b"<f" not in archive.read("xl/worksheets/sheet1.xml")

    def test_are_texts_in_ods(self, desk: Desk, content: ExportContent) -> None:
        with zipfile.ZipFile(path_of(self.risky(desk, content, ExportFormat.ODS))) as archive:
            text = archive.read("content.xml").decode()

        assert "HYPERLINK" in text
        assert "table:formula" not in text

    def test_are_what_they_are_in_json(self, desk: Desk, content: ExportContent) -> None:
        found = json.loads(path_of(self.risky(desk, content, ExportFormat.JSON)).read_text(encoding="utf-8"))

        assert list(found[0].values()).count(FORMULA) >= 7
        assert list(found[0]) == (entry_sheets.headings() if content is ExportContent.ENTRIES else conflict_lists.headings())
