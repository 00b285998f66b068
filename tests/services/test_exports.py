"""Exports: what is in the files, how often they are made and sent, and for whom."""

from __future__ import annotations

import csv
import io
import json
import os
import smtplib
import stat
import time
import zipfile
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import openpyxl
import pytest
from django.contrib.auth.models import Permission, User
from django.core import mail
from django.core.management import CommandError, call_command
from django_q.models import OrmQ
from pytest_django.fixtures import DjangoAssertNumQueries, Settings

from syncapp import models
from syncapp.engine import cells
from syncapp.engine.vocabulary import ExportFormat, ExportState, FieldType, PairState
from syncapp.services import columns, export_mail, export_writers, exports, views
from tests.admin.scene import Scene, person
from tests.services import made

STARTERS = ["=", "+", "-", "@", "\t", "\r", "\n", "\0", "|", "＝", "＋", "－", "＠"]
BEFORE = ["", " ", "   ", "\u00a0", "\ufeff", '"', "'", "“", "\u200b"]
RISKY = [f"{before}{starter}1+1" for before in BEFORE for starter in STARTERS] + [f"{starter}{starter}1+1" for starter in STARTERS]
OFFICE = "{urn:oasis:names:tc:opendocument:xmlns:office:1.0}"
TABLE = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
MAY_EXPORT = ("syncapp.view_recordpair", "syncapp.export_recordpair")


@pytest.fixture(autouse=True)
def own_directory(settings: Settings, tmp_path: Path) -> None:
    settings.EXPORT_DIR = tmp_path / "exports"


def written(format: ExportFormat, path: Path, lines: Sequence[Sequence[cells.Cell]], headings: Sequence[str] = ("Value",)) -> Path:
    file = path / f"file.{format.extension}"
    with export_writers.opened(format=format, path=file, headings=headings) as writer:
        for line in lines:
            writer.write(line)
    return file


def csv_lines(path: Path) -> list[list[str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.reader(file))


def sheet(path: Path) -> list[tuple[Any, ...]]:
    return list(openpyxl.load_workbook(path).active.iter_rows())  # type: ignore[union-attr]


def ods_cells(path: Path) -> Iterator[ElementTree.Element]:
    with zipfile.ZipFile(path) as archive:
        yield from ElementTree.fromstring(archive.read("content.xml")).iter(f"{TABLE}table-cell")


class TestFormulas:
    """No text becomes a formula, in a cell or in a heading."""

    @pytest.mark.parametrize("text", RISKY, ids=ascii)
    def test_are_guarded_in_csv_and_come_back_whole(self, tmp_path: Path, text: str) -> None:
        found = csv_lines(written(ExportFormat.CSV, tmp_path, [[text]], headings=[text]))

        assert [line[0][0] for line in found] == ["'", "'"]
        assert [cells.unguarded(line[0]) for line in found] == [text, text]

    def test_are_texts_in_xlsx(self, tmp_path: Path) -> None:
        found = sheet(written(ExportFormat.XLSX, tmp_path, [[text] for text in RISKY], headings=["=1+1"]))

        assert {cell.data_type for line in found for cell in line} == {"s"}
        assert {cell.quotePrefix for line in found for cell in line} == {True}
        assert [line[0].value for line in found[1:]] == [cells.writable(text).replace("\r", "\n") for text in RISKY]

    def test_leave_no_formula_in_the_xlsx_file(self, tmp_path: Path) -> None:
        with zipfile.ZipFile(written(ExportFormat.XLSX, tmp_path, [[text] for text in RISKY])) as archive:
            assert b"<f" not in archive.read("xl/worksheets/sheet1.xml")

    def test_are_texts_in_ods(self, tmp_path: Path) -> None:
        found = list(ods_cells(written(ExportFormat.ODS, tmp_path, [[text] for text in RISKY], headings=["=1+1"])))

        assert {cell.get(f"{OFFICE}value-type") for cell in found} == {"string"}
        assert [name for cell in found for name in cell.attrib if "formula" in name] == []
        assert [cell.get(f"{OFFICE}string-value") for cell in found[1:]] == [cells.writable(text) for text in RISKY]

    @pytest.mark.parametrize("text", ["Ann", "O'Brien", "'quoted'", "a=b", "1-2", "", "   ", "Ünï"])
    def test_are_not_seen_where_there_are_none(self, text: str) -> None:
        assert cells.guarded(text) == text
        assert cells.unguarded(text) == text

    @pytest.mark.parametrize("text", ["'=1+1", "''=1+1", "'hello"])
    def test_come_back_whole_where_a_guard_was_there_before(self, text: str) -> None:
        assert cells.unguarded(cells.guarded(text)) == text


class TestValues:
    LINE: tuple[cells.Cell, ...] = (
        Decimal("-12.50"), Decimal("123456789012345678.01"), True, date(2026, 1, 2), datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC), None, "-5",
    )
    NAMES = ("amount", "large", "yes", "day", "moment", "nothing", "code")

    def test_keep_their_type_in_csv(self, tmp_path: Path) -> None:
        found = csv_lines(written(ExportFormat.CSV, tmp_path, [self.LINE], self.NAMES))

        assert found[1] == ["-12.5", "123456789012345678.01", "yes", "2026-01-02", "2026-01-02 03:04:05", "", "'-5"]

    def test_keep_their_type_in_xlsx(self, tmp_path: Path) -> None:
        found = sheet(written(ExportFormat.XLSX, tmp_path, [self.LINE], self.NAMES))[1]

        assert [cell.data_type for cell in found] == ["n", "n", "b", "d", "d", "n", "s"]
        assert [found[0].value, found[3].value.date(), found[4].value] == [-12.5, date(2026, 1, 2), datetime(2026, 1, 2, 3, 4, 5)]  # noqa: DTZ001

    def test_keep_their_type_in_ods(self, tmp_path: Path) -> None:
        found = list(ods_cells(written(ExportFormat.ODS, tmp_path, [self.LINE], self.NAMES)))[len(self.NAMES) :]

        assert [cell.get(f"{OFFICE}value-type") for cell in found] == ["float", "float", "boolean", "date", "date", None, "string"]
        assert found[0].get(f"{OFFICE}value") == "-12.5"

    def test_keep_their_type_and_every_digit_in_json(self, tmp_path: Path) -> None:
        text = written(ExportFormat.JSON, tmp_path, [self.LINE, self.LINE], self.NAMES).read_text(encoding="utf-8")

        found = json.loads(text, parse_float=Decimal)
        assert found[1] == {
            "amount": Decimal("-12.5"), "large": Decimal("123456789012345678.01"), "yes": True, "day": "2026-01-02",
            "moment": "2026-01-02T03:04:05Z", "nothing": None, "code": "-5",
        }

    def test_take_their_type_from_the_field_and_not_from_their_looks(self) -> None:
        assert cells.typed(type=FieldType.NUMBER, value="-5") == Decimal("-5")
        assert cells.typed(type=FieldType.TEXT, value="-5") == "-5"
        assert cells.typed(type=FieldType.NUMBER, value="=5") == "=5"

    def test_that_a_sheet_cannot_hold_are_marked(self, tmp_path: Path) -> None:
        found = sheet(written(ExportFormat.XLSX, tmp_path, [["a\x01b"], ["x" * 40_000], [date(1700, 1, 1)]]))

        assert found[1][0].value == "a\ufffdb"
        assert (len(found[2][0].value), found[2][0].value[-1]) == (32_767, "…")
        assert found[3][0].value == "1700-01-01"

    @pytest.mark.parametrize("format", [ExportFormat.JSON, ExportFormat.CSV, ExportFormat.XLSX, ExportFormat.ODS])
    def test_none_at_all_make_a_file_too(self, tmp_path: Path, format: ExportFormat) -> None:
        path = written(format, tmp_path, [])

        if format is ExportFormat.JSON:
            assert json.loads(path.read_text(encoding="utf-8")) == []
        assert path.stat().st_size > 0


class Desk:
    """Everything there is to export, and somebody who may."""

    def __init__(self) -> None:
        self.scene = Scene()
        self.user = person("zoe", *MAY_EXPORT)
        self.user.email = "zoe@example.com"
        self.user.save()
        self.clock = made.Clock()

    def ask(self, format: ExportFormat = ExportFormat.CSV, query: str = "", keys: Sequence[str] = ("left_name",)) -> models.ExportFile:
        return exports.ask(
            owner=self.user, format=format, query=query, columns=list(keys), config=self.scene.config, name="My, records!", now=made.NOW
        )

    def queued(self, monkeypatch: pytest.MonkeyPatch, **facts: Any) -> models.ExportFile:
        monkeypatch.setattr(exports, "AT_ONCE", 2)
        monkeypatch.setattr(exports, "CHUNK", 2)
        return self.ask(**facts)

    def write(self, export: models.ExportFile) -> models.ExportFile:
        exports.write(export_id=export.pk, outside=self.clock.ports)
        export.refresh_from_db()
        return export

    def send(self, export: models.ExportFile) -> models.ExportFile:
        export_mail.send(export_id=export.pk, outside=self.clock.ports)
        export.refresh_from_db()
        return export

    def files(self) -> list[str]:
        return sorted(path.name for path in exports.directory().iterdir())


@pytest.fixture
def desk(db: Any) -> Desk:
    return Desk()


def path_of(export: models.ExportFile) -> Path:
    path = exports.path_of(export)
    assert path is not None
    return path


def rings() -> list[str]:
    return [entry.func() for entry in OrmQ.objects.order_by("pk")]


class TestAsk:
    def test_writes_a_small_one_at_once(self, desk: Desk) -> None:
        export = desk.ask()

        assert (export.state, export.done, export.total) == (ExportState.READY, 5, 5)
        assert csv_lines(path_of(export)) == [["HubSpot record"], ["Eve"], ["Dan"], ["Cal"], ["Bea"], ["Ann"]]
        assert rings() == ["syncapp.tasks.send_export"]

    def test_queues_a_large_one_by_its_id_alone(self, desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
        export = desk.queued(monkeypatch)

        assert (export.state, export.total, desk.files()) == (ExportState.QUEUED, 5, [])
        assert OrmQ.objects.get().task["kwargs"] == {"export_id": export.pk}

    @pytest.mark.parametrize(
        ("query", "names"),
        [
            ("standing=FAILING", ["Dan"]),
            ("state__exact=LINKED", ["Ann"]),
            ("reason__exact=FILTERED", ["Cal"]),
            ("code=6240", ["Dan"]),
            ("q=Bea+Ltd", ["Bea"]),
            ("q=nobody", []),
            ("synced_from=2026-11-26&synced_to=2026-11-26", ["Ann"]),
            ("changed_to=2026-11-25", []),
            ("standing=NONSENSE&changed_from=never", ["Eve", "Dan", "Cal", "Bea", "Ann"]),
        ],
    )
    def test_holds_only_what_the_filters_let_through(self, desk: Desk, query: str, names: list[str]) -> None:
        assert [line[0] for line in csv_lines(path_of(desk.ask(query=query)))[1:]] == names

    def test_holds_the_chosen_columns_in_their_order(self, desk: Desk) -> None:
        keys = ["right:DisplayName", "standing", "left:email", "left_name"]

        found = csv_lines(path_of(desk.ask(query="state__exact=LINKED", keys=keys)))

        assert found == [
            ["QuickBooks: Displayname", "Standing", "HubSpot: Email", "HubSpot record"], ["Ann Ltd", "In sync", "Ann@example.com", "Ann"],
        ]

    def test_is_refused_without_the_permission(self, desk: Desk) -> None:
        desk.user = person("yan", "syncapp.view_recordpair")

        with pytest.raises(exports.ExportRefused, match="You may not export"):
            desk.ask()

    def test_is_refused_where_it_is_too_large(self, desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(exports, "MOST", 4)

        with pytest.raises(exports.ExportRefused, match="Narrow the filters"):
            desk.ask()

    def test_tells_the_log_no_name_and_no_address(self, desk: Desk, caplog: pytest.LogCaptureFixture) -> None:
        with caplog.at_level("DEBUG"):
            desk.send(desk.ask(query="q=Ann"))

        assert [word for word in ("Ann", "zoe", "example.com", "records!") if word in caplog.text] == []


class TestCells:
    def values(self, desk: Desk, name: str, type: FieldType, value: object, **facts: Any) -> cells.Cell:
        pair = desk.scene.in_sync
        made.field(desk.scene.left, name, type, **facts)
        pair.left.values[name] = value
        pair.left.save()
        export = desk.ask(format=ExportFormat.JSON, query="state__exact=LINKED", keys=[f"left:{name}"])
        found: dict[str, cells.Cell] = json.loads(path_of(export).read_text(encoding="utf-8"), parse_float=Decimal)[0]
        return next(iter(found.values()))

    @pytest.mark.parametrize(
        ("type", "value", "shown"),
        [
            (FieldType.NUMBER, "-12.5", Decimal("-12.5")),
            (FieldType.TEXT, "-12.5", "-12.5"),
            (FieldType.BOOLEAN, False, False),
            (FieldType.DATE, "2026-03-04", "2026-03-04"),
            (FieldType.DATETIME, "2026-03-04T05:06:07.000Z", "2026-03-04T05:06:07Z"),
            (FieldType.CHOICE, "a", "Apple"),
            (FieldType.CHOICES, ["a", "b"], "Apple, Berry"),
            (FieldType.TEXT, "", None),
        ],
    )
    def test_hold_what_the_field_holds(self, desk: Desk, type: FieldType, value: object, shown: cells.Cell) -> None:
        assert self.values(desk, "extra", type, value, choices=[["a", "Apple"], ["b", "Berry"]]) == shown

    def test_call_other_records_by_their_names(self, desk: Desk) -> None:
        bea = desk.scene.in_conflict.left

        assert self.values(desk, "boss", FieldType.REFERENCE, bea.external_id, refers_to="contacts") == f"Bea ({bea.external_id})"

    def test_hold_fields_of_the_primary_associated_record(self, desk: Desk) -> None:
        left = desk.scene.in_sync.left
        for number, name in enumerate(["Second", "First"]):
            models.Record.objects.create(
                connection=desk.scene.left, kind="companies", external_id=f"c{number}", values={"name": name}, observed_at=made.NOW
            )
            models.RecordLink.objects.create(
                connection=desk.scene.left, from_kind="contacts", from_id=left.external_id, to_kind="companies", to_id=f"c{number}",
                position=1 - number,
            )

        found = csv_lines(path_of(desk.ask(query="state__exact=LINKED", keys=["left:companies.name"])))

        assert found[1] == ["First"]

    def test_of_two_fields_with_one_label_are_told_apart(self, desk: Desk) -> None:
        for name in ("one", "two"):
            made.field(desk.scene.left, name, label="Twin")

        found = csv_lines(path_of(desk.ask(keys=["left:one", "left:two"])))

        assert found[0] == ["HubSpot: Twin [one]", "HubSpot: Twin [two]"]

    def test_need_no_query_of_their_own(self, desk: Desk, django_assert_num_queries: DjangoAssertNumQueries) -> None:
        keys = [column.key for column in columns.offered(config=desk.scene.config)]
        chosen = columns.chosen(keys=keys, config=desk.scene.config)
        few = self.number_of_queries(chosen)

        for number in range(30):
            desk.scene._pair(f"P{number}", f"P{number} Ltd", PairState.LINKED)

        assert self.number_of_queries(chosen) == few

    def number_of_queries(self, chosen: Any) -> int:
        from django.db import connection
        from django.test.utils import CaptureQueriesContext

        from syncapp.selectors import sheets

        pairs = list(sheets.with_records(models.RecordPair.objects.all()))
        with CaptureQueriesContext(connection) as found:
            sheets.lines(pairs=pairs, chosen=chosen, address=lambda record, connection: "")
        return len(found)


class TestWrite:
    def test_shows_how_far_it_is(self, desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
        export = desk.queued(monkeypatch)
        seen: list[tuple[str, int, int]] = []
        beat = exports._beat

        def looked(*given: Any) -> None:
            beat(*given)
            seen.extend(models.ExportFile.objects.values_list("state", "done", "total"))

        monkeypatch.setattr(exports, "_beat", looked)
        desk.write(export)

        assert seen == [("WRITING", 2, 5), ("WRITING", 4, 5), ("WRITING", 5, 5)]

    @pytest.mark.parametrize("format", ExportFormat)
    def test_that_crashes_in_the_middle_is_done_again_into_one_file_and_one_mail(
        self, desk: Desk, monkeypatch: pytest.MonkeyPatch, format: ExportFormat
    ) -> None:
        export = desk.queued(monkeypatch, format=format)
        beat = exports._beat

        def killed(export: models.ExportFile, attempt: int, done: int, now: datetime) -> None:
            beat(export, attempt, done, now)
            if done == 4:
                raise SystemExit

        with monkeypatch.context() as during:
            during.setattr(exports, "_beat", killed)
            with pytest.raises(SystemExit):
                desk.write(export)
        export.refresh_from_db()
        assert (export.state, export.done) == (ExportState.WRITING, 4)
        OrmQ.objects.all().delete()

        desk.clock.sleep(exports.SILENT.total_seconds())
        export_mail.look_after(now=desk.clock.now())
        assert rings() == ["syncapp.tasks.write_export"]
        for _ in range(2):
            desk.write(export)
        for _ in range(2):
            desk.send(export)

        assert (export.state, export.done, export.attempts) == (ExportState.READY, 5, 2)
        assert desk.files() == [export.file]
        assert len(mail.outbox) == 1
        assert models.Notice.objects.filter(user=desk.user).count() == 1

    def test_leaves_it_to_another_that_is_at_work(self, desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
        export = desk.queued(monkeypatch)
        models.ExportFile.objects.filter(pk=export.pk).update(state=ExportState.WRITING, attempts=1, beat_at=desk.clock.now())

        assert exports.write(export_id=export.pk, outside=desk.clock.ports) == ExportState.WRITING
        assert desk.files() == []

    def test_that_was_taken_over_throws_its_own_file_away(self, desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
        export = desk.queued(monkeypatch)
        fill = exports._fill

        def overtaken(*given: Any) -> None:
            fill(*given)
            models.ExportFile.objects.filter(pk=export.pk).update(attempts=2)

        monkeypatch.setattr(exports, "_fill", overtaken)
        desk.write(export)

        assert (export.state, desk.files(), models.Notice.objects.filter(user=desk.user).count()) == (ExportState.WRITING, [], 0)

    def test_fails_in_words_where_the_disk_is_full(self, desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
        export = desk.queued(monkeypatch)

        def full(*given: Any) -> None:
            raise OSError(28, "No space left on device")

        monkeypatch.setattr(exports, "_fill", full)
        desk.write(export)

        assert export.state == ExportState.FAILED
        assert "whether the disk is full" in models.Notice.objects.get(user=desk.user).words

    def test_is_given_up_after_too_many_tries(self, desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
        export = desk.queued(monkeypatch)
        models.ExportFile.objects.filter(pk=export.pk).update(
            state=ExportState.WRITING, attempts=exports.MOST_ATTEMPTS, beat_at=desk.clock.now()
        )

        exports.sweep(now=desk.clock.now() + exports.SILENT)

        export.refresh_from_db()
        assert (export.state, export.error) == (ExportState.FAILED, exports.GIVEN_UP)

    def test_is_not_done_for_somebody_who_lost_the_permission_meanwhile(self, desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
        export = desk.queued(monkeypatch)
        desk.user.user_permissions.clear()

        desk.write(export)

        assert (export.state, export.error, desk.files()) == (ExportState.FAILED, exports.NOT_ALLOWED, [])

    def test_makes_a_file_that_this_program_alone_can_read(self, desk: Desk) -> None:
        path = path_of(desk.ask())

        assert (stat.S_IMODE(path.stat().st_mode), stat.S_IMODE(path.parent.stat().st_mode)) == (0o600, 0o700)
        assert len(path.stem) > 32


class TestNotice:
    def test_tells_the_one_who_asked_and_nobody_else(self, desk: Desk) -> None:
        export = desk.ask(query="state__exact=LINKED")

        notice = models.Notice.objects.get(user=desk.user)
        assert (notice.words, notice.link) == ("Your export of 1 record is ready.", f"/syncapp/exportfile/{export.pk}/change/")


class TestMail:
    def test_carries_the_file_to_the_address_of_the_account(self, desk: Desk) -> None:
        export = desk.send(desk.ask(format=ExportFormat.XLSX))

        sent = mail.outbox[0]
        name, content, kind = sent.attachments[0]
        assert sent.to == ["zoe@example.com"]
        assert sent.subject == "Your export of 5 records is ready"
        assert (name, kind) == (exports.file_name(export), ExportFormat.XLSX.content_type)
        assert name.startswith("my-records-") and name.endswith(".xlsx")
        assert content == path_of(export).read_bytes()
        assert openpyxl.load_workbook(io.BytesIO(content)).active is not None
        assert export.mail_words == export_mail.SENT

    def test_carries_a_link_instead_of_a_large_file(self, desk: Desk, monkeypatch: pytest.MonkeyPatch, settings: Settings) -> None:
        monkeypatch.setattr(export_mail, "LARGEST", 5)

        export = desk.send(desk.ask())

        assert mail.outbox[0].attachments == []
        assert f"{settings.PUBLIC_URL}/syncapp/exportfile/{export.pk}/change/" in mail.outbox[0].body
        assert "too large to be attached" in mail.outbox[0].body

    def test_leaves_once(self, desk: Desk) -> None:
        export = desk.ask()

        assert [export_mail.send(export_id=export.pk, outside=desk.clock.ports) for _ in range(3)] == [True, False, False]
        assert len(mail.outbox) == 1

    def test_is_left_to_another_that_was_faster(self, desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
        def overtaken(export: models.ExportFile) -> str:
            models.ExportFile.objects.filter(pk=export.pk).update(mailed_at=made.NOW, mail_attempts=1)
            return ""

        monkeypatch.setattr(export_mail, "_refusal", overtaken)
        desk.send(desk.ask())

        assert mail.outbox == []

    def test_does_not_go_to_somebody_who_lost_the_permission(self, desk: Desk) -> None:
        export = desk.ask()
        desk.user.user_permissions.remove(Permission.objects.get(codename="export_recordpair"))

        desk.send(export)

        assert (mail.outbox, export.mail_words) == ([], export_mail.NOT_ALLOWED)

    def test_does_not_go_to_somebody_who_was_shut_out(self, desk: Desk) -> None:
        export = desk.ask()
        User.objects.filter(pk=desk.user.pk).update(is_active=False)

        desk.send(export)

        assert mail.outbox == []

    def test_says_where_an_account_has_no_address(self, desk: Desk) -> None:
        User.objects.filter(pk=desk.user.pk).update(email="")

        assert desk.send(desk.ask()).mail_words == export_mail.NO_ADDRESS

    def test_says_where_the_installation_sends_none(self, desk: Desk, settings: Settings) -> None:
        settings.EMAIL_BACKEND = export_mail.NO_MAIL

        assert desk.send(desk.ask()).mail_words == export_mail.NO_SERVER

    def test_says_where_it_is_put_into_a_file(self, desk: Desk, settings: Settings, tmp_path: Path) -> None:
        export = desk.ask()
        settings.EMAIL_BACKEND, settings.EMAIL_FILE_PATH = export_mail.INTO_FILES, tmp_path / "mail"

        assert desk.send(export).mail_words == export_mail.FILED
        assert len(list((tmp_path / "mail").iterdir())) == 1

    def test_is_tried_again_later_and_not_for_ever(self, desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
        def down(message: Any) -> int:
            raise smtplib.SMTPServerDisconnected("zoe@example.com")

        monkeypatch.setattr("django.core.mail.EmailMessage.send", down)
        export = desk.ask()
        OrmQ.objects.all().delete()
        tries = 0
        for _ in range(12):
            desk.clock.sleep(export_mail.PAUSE.total_seconds())
            export_mail.look_after(now=desk.clock.now())
            for entry in OrmQ.objects.all():
                tries += 1
                entry.delete()
                desk.send(export)

        export.refresh_from_db()
        assert (tries, export.mailed_at, export.mail_words) == (export_mail.MOST_ATTEMPTS, None, export_mail.GIVEN_UP)

    def test_goes_out_once_the_server_is_back(self, desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
        export = desk.ask()
        with monkeypatch.context() as while_down:
            while_down.setattr("django.core.mail.EmailMessage.send", lambda message: (_ for _ in ()).throw(ConnectionRefusedError()))
            desk.send(export)

        desk.send(export)

        assert len(mail.outbox) == 1
        assert mail.outbox[0].extra_headers["Message-ID"].startswith(f"<export-{export.pk}-")

    def test_takes_no_header_from_a_name(self, desk: Desk) -> None:
        User.objects.filter(pk=desk.user.pk).update(first_name="Zoe\r\nBcc: all@example.com")

        desk.send(desk.ask())

        assert "\nBcc" not in mail.outbox[0].message().as_string()


class TestSweep:
    def test_removes_a_file_when_its_time_is_over(self, desk: Desk, settings: Settings) -> None:
        settings.EXPORT_DAYS = 2
        export = desk.ask()

        exports.sweep(now=export.expires_at - timedelta(seconds=1))  # type: ignore[operator]
        assert desk.files() == [export.file]
        exports.sweep(now=export.expires_at)  # type: ignore[arg-type]

        export.refresh_from_db()
        assert export.expires_at - export.finished_at == timedelta(days=2)  # type: ignore[operator]
        assert (export.state, desk.files(), exports.path_of(export)) == (ExportState.EXPIRED, [], None)
        assert not models.Notice.objects.filter(user=desk.user, closed_at=None).exists()

    def test_removes_what_no_export_knows_of(self, desk: Desk) -> None:
        export = desk.ask()
        lost, fresh = exports.directory() / "lost.part", exports.directory() / "fresh.part"
        for file in (lost, fresh):
            file.write_text("x")
        an_hour_ago = time.time() - 3600
        os.utime(lost, (an_hour_ago, an_hour_ago))

        exports.sweep(now=datetime.now(UTC))

        assert desk.files() == sorted([export.file, "fresh.part"])

    def test_rings_again_for_one_that_nobody_began(self, desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
        export = desk.queued(monkeypatch)
        OrmQ.objects.all().delete()

        exports.sweep(now=export.created_at + exports.UNHEARD)

        assert rings() == ["syncapp.tasks.write_export"]


class TestCommand:
    def view(self, desk: Desk, owner: User | None = None) -> models.SavedView:
        return views.save(
            user=owner or desk.user, name="In sync", shared=False, config=desk.scene.config, keys=["left_name", "left:email"],
            query="standing=IN_SYNC",
        )

    def test_writes_what_a_view_shows(self, desk: Desk, tmp_path: Path) -> None:
        self.view(desk)

        call_command("export_records", "In sync", format="json", output=str(tmp_path / "out.json"), stdout=io.StringIO())

        found = json.loads((tmp_path / "out.json").read_text(encoding="utf-8"))
        assert found == [{"HubSpot record": "Ann", "HubSpot: Email": "Ann@example.com"}]

    def test_names_the_views_there_are(self, desk: Desk, tmp_path: Path) -> None:
        self.view(desk)

        with pytest.raises(CommandError, match="There is: In sync"):
            call_command("export_records", "Nonsense", output=str(tmp_path / "out.csv"))

    def test_asks_whose_view_is_meant(self, desk: Desk, tmp_path: Path) -> None:
        self.view(desk)
        self.view(desk, made.alice())

        with pytest.raises(CommandError, match="alice, zoe"):
            call_command("export_records", "In sync", output=str(tmp_path / "out.csv"))
        call_command("export_records", "In sync", owner="zoe", output=str(tmp_path / "out.csv"), stdout=io.StringIO())

        assert (tmp_path / "out.csv").exists()

    def test_overwrites_nothing(self, desk: Desk, tmp_path: Path) -> None:
        self.view(desk)
        (tmp_path / "out.csv").write_text("mine")

        with pytest.raises(CommandError, match="File exists"):
            call_command("export_records", "In sync", output=str(tmp_path / "out.csv"))
        assert (tmp_path / "out.csv").read_text() == "mine"
