"""Exports: what is in the files, how often they are made and sent, and for whom."""

from __future__ import annotations

import hashlib
import json
import re
import stat
from datetime import datetime
from decimal import Decimal
from typing import Any

import pytest
from django.core import mail
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django_q.models import OrmQ
from pytest_django.fixtures import DjangoAssertNumQueries

from syncapp import models
from syncapp.engine import cells
from syncapp.engine.vocabulary import ExportFormat, ExportState, FieldType, PairState
from syncapp.selectors import columns as column_names
from syncapp.selectors import sheets
from syncapp.services import care, columns, export_mail, exports
from tests.admin.scene import person
from tests.services import made
from tests.services.desk import OPERATES, Desk, csv_lines, path_of, rings


class TestAsk:
    def test_writes_a_small_one_at_once(self, desk: Desk) -> None:
        export = desk.ask()

        assert (export.state, export.done, export.total) == (ExportState.READY, 5, 5)
        assert csv_lines(path_of(export)) == [["HubSpot record"], ["Eve"], ["Dan"], ["Cal"], ["Bea"], ["Ann"]]
        assert rings() == ["syncapp.tasks.send_export"]

    def test_keeps_who_asked_for_what_how_much_it_was_and_the_sum_of_the_file(self, desk: Desk) -> None:
        export = desk.send(desk.ask(query="state__exact=LINKED", keys=["left_name", "left:email"]))

        assert (export.owner, export.query, export.columns) == (desk.user, "state__exact=LINKED", ["left_name", "left:email"])
        assert (export.total, export.digest) == (1, hashlib.sha256(path_of(export).read_bytes()).hexdigest())
        assert export.mailed_at is not None and mail.outbox[0].to == ["zoe@example.com"]

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

    def test_holds_what_is_the_owners_work_with_what_was_noted(self, desk: Desk) -> None:
        care.assign(pairs=[desk.scene.failing, desk.scene.in_sync], assignee=desk.user, actor=desk.user, now=made.NOW)
        care.note(pairs=[desk.scene.failing], text="Wait", author=desk.user, now=made.NOW)

        found = csv_lines(path_of(desk.ask(query="work=MINE", keys=["left_name", "assigned", "note"])))

        assert found == [["HubSpot record", "Assigned to", "Note"], ["Dan", "zoe", "Wait (zoe, 2026-11-26 09:30 UTC)"]]

    def test_holds_the_chosen_columns_in_their_order(self, desk: Desk) -> None:
        keys = ["right:DisplayName", "standing", "left:email", "left_name"]

        found = csv_lines(path_of(desk.ask(query="state__exact=LINKED", keys=keys)))

        assert found == [
            ["QuickBooks: Displayname", "Standing", "HubSpot: Email", "HubSpot record"], ["Ann Ltd", "In sync", "Ann@example.com", "Ann"],
        ]

    def test_offers_columns_of_its_own_and_of_what_the_sync_reads_and_no_secret(self, desk: Desk) -> None:
        secret = re.compile("token|secret|password|signature|hash|credential|sealed")
        offered = [column.key for column in columns.offered(config=desk.scene.config)]

        assert {"standing", "left:email", "right:DisplayName"} <= set(offered)
        assert [key for key in offered if secret.search(key.lower())] == []

    def test_holds_mapped_columns_alone_for_who_may_not_choose_what_is_mapped(self, desk: Desk) -> None:
        desk.user = person("olga", *OPERATES)
        models.VendorField.objects.create(connection=desk.scene.left, kind="contacts", name="salary", label="Salary", type=FieldType.TEXT)
        models.Record.objects.filter(kind="contacts").update(values={"salary": "9000", "email": "x@example.com"})

        export = desk.ask(query="state__exact=LINKED", keys=["left_name", "left:salary", "left:email"])

        assert csv_lines(path_of(export)) == [["HubSpot record", "HubSpot: Email"], ["Ann", "x@example.com"]]
        left_out = exports.content_of(export, now=made.NOW).described[-1]
        assert left_out == "Left out, since no mapping of the sync has them: HubSpot: Salary"

    def test_is_masked_for_who_may_not_see_personal_values(self, desk: Desk) -> None:
        desk.user = person("mia", "syncapp.view_recordpair", "syncapp.export_recordpair")

        found = csv_lines(path_of(desk.ask(query="state__exact=LINKED", keys=["left_name", "left:email"])))

        assert found == [["HubSpot record", "HubSpot: Email"], ["Ann", "•••"]]

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

    def test_of_ours_find_all_that_they_show_fetched_with_the_pair(self, desk: Desk) -> None:
        models.RecordPair.objects.update(state=PairState.FAILED, failing_since=made.NOW)
        models.PairCare.objects.bulk_create([
            models.PairCare(pair=pair, assignee=desk.user, note="Ask Bea", noted_by=desk.user, noted_at=made.NOW)
            for pair in models.RecordPair.objects.all()
        ])

        asked = {column.key: self.number_of_queries([column]) for column in column_names.OWN}

        assert asked == dict.fromkeys(asked, 0)

    def number_of_queries(self, chosen: Any) -> int:
        pairs = list(sheets.for_files(models.RecordPair.objects.all(), chosen=chosen))
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
