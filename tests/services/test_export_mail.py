"""Exports sent by mail, and what is removed after them."""

from __future__ import annotations

import io
import os
import smtplib
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from django.contrib.auth.models import Permission, User
from django.core import mail
from django_q.models import OrmQ
from pytest_django.fixtures import Settings

from syncapp import models
from syncapp.engine.vocabulary import ExportFormat, ExportState
from syncapp.services import export_mail, exports, postbox
from tests.services import made
from tests.services.desk import Desk, path_of, rings


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
        settings.EMAIL_BACKEND = postbox.NO_MAIL

        assert desk.send(desk.ask()).mail_words == export_mail.NO_SERVER

    def test_says_where_it_is_put_into_a_file(self, desk: Desk, settings: Settings, tmp_path: Path) -> None:
        export = desk.ask()
        settings.EMAIL_BACKEND, settings.EMAIL_FILE_PATH = postbox.INTO_FILES, tmp_path / "mail"

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
