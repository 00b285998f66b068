"""What customers and colleagues typed is text on every page, in every attribute, message and mail, whatever it looks like."""

from __future__ import annotations

import html
import re
from html.parser import HTMLParser
from typing import Any

import pytest
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.auth.models import Group, User
from django.contrib.contenttypes.models import ContentType
from django.core import mail
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from syncapp import models
from syncapp.engine.vocabulary import CareVerb, ConflictStatus, Digest, ImportKind, NoticeKind, OperationStatus
from syncapp.services import notice_mail, personal, views
from tests.admin.scene import NOW, Scene
from tests.admin.test_every_page import PAGES
from tests.admin.test_imports import IDS, address, uploaded
from tests.services import made

PAYLOADS = (
    "<script>zq()</script>", "<img src=x onerror=zq()>", "\"><svg/onload=zq()>", "'-zq()-'", "\" onfocus=zq() x=\"", "javascript:zq()",
    "zq{{7*7}}", "{% zq %}", "<!--zq><b>", "&lt;zq&gt;", "</title><i>zq", "<a href=javascript:zq()>",
)
HOSTILE = " ".join(PAYLOADS)
RAW = [one for one in PAYLOADS if set(one) & set("<\"'")] + ["zq49", " &lt;zq&gt;"]
RUN_BY_BROWSERS = ("x-", "@", ":", "on", "hx-", "style", "srcdoc")


class Attributes(HTMLParser):
    """What a browser, or a script of the page, would run out of attributes; and where links lead."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.run: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        for name, value in attrs:
            said = value or ""
            if name.startswith(RUN_BY_BROWSERS) and "zq" in said:
                self.run.append(f"<{tag} {name}={said[:80]}")
            if name in ("href", "src", "action", "formaction") and re.match(r"\s*(javascript|data|vbscript):", said, re.IGNORECASE):
                self.run.append(f"<{tag} {name}={said[:80]}")


class Typed:
    """Hostile texts wherever a vendor's value or a person's word is kept."""

    def __init__(self, scene: Scene) -> None:
        self.scene = scene
        self.alice = made.alice()
        everything: tuple[tuple[Any, dict[str, Any]], ...] = (
            (models.Record, {"label": HOSTILE, "values": {"firstname": HOSTILE, "email": HOSTILE, "GivenName": HOSTILE}}),
            (models.Connection, {"last_error": HOSTILE}),
            (models.Notice, {"words": HOSTILE, "subject": HOSTILE[:90]}),
            (models.Conflict, {"field_label": HOSTILE[:200], "base": HOSTILE, "left": HOSTILE, "right": HOSTILE, "why": HOSTILE}),
            (models.SyncRun, {"words": HOSTILE, "brakes": [HOSTILE]}),
            (models.Operation, {
                "changes": {HOSTILE: [HOSTILE, HOSTILE]}, "whys": {HOSTILE: HOSTILE}, "error_words": HOSTILE, "note": HOSTILE,
                "request_id": "<b>zq</b>",
            }),
            (models.FilterGroup, {"name": HOSTILE[:100]}),
            (models.RecordPair, {"base_left": {scene.first_name.key: HOSTILE}, "base_right": {scene.first_name.key: HOSTILE + "2"}}),
        )
        for model, facts in everything:
            model.objects.update(**facts)
        models.VendorField.objects.filter(pk__in=[scene.first_name.left_field_id, scene.email.left_field_id]).update(
            label=HOSTILE[:200], choices=[[HOSTILE, HOSTILE]]
        )
        models.SyncConfig.objects.update(name=HOSTILE[:100])
        models.Connection.objects.update(name=HOSTILE[:100])
        self._pairs()
        self._people()

    def _pairs(self) -> None:
        scene = self.scene
        detail = {
            "sentence": HOSTILE, "words": HOSTILE, "holder_name": HOSTILE, "name": HOSTILE, "values": {HOSTILE: HOSTILE},
            "fields": [HOSTILE], "field": HOSTILE[:100], "code": "<b>zq</b>",
        }
        models.RecordPair.objects.filter(pk__in=[scene.failing.pk, scene.excluded.pk]).update(detail=detail)
        models.PairCare.objects.create(pair=scene.in_conflict, note=HOSTILE[:300], noted_at=NOW, noted_by=self.alice, assignee=self.alice)
        for verb in (CareVerb.NOTED, CareVerb.ASSIGNED):
            models.CareEvent.objects.create(pair=scene.in_conflict, verb=verb, words=HOSTILE[:300], at=NOW)
        models.Conflict.objects.create(
            pair=scene.in_conflict, key="gone", field_label=HOSTILE[:200], left=HOSTILE, right=HOSTILE, chosen=HOSTILE,
            status=ConflictStatus.BY_PERSON,
        )
        scene._entry(scene.run, scene.in_conflict, OperationStatus.SENDING, "UPDATE", [HOSTILE, HOSTILE], sent_at=NOW)  # type: ignore[arg-type]

    def _people(self) -> None:
        scene = self.scene
        User.objects.filter(pk=scene.erin.pk).update(username="<b>zq</b>", first_name=HOSTILE[:150], last_name=HOSTILE[:150])
        self.group = Group.objects.create(name=HOSTILE[:150])
        views.save(user=self.alice, name=HOSTILE[:60], shared=True, config=scene.config, keys=["left_name", "left:firstname"], query="")
        self.export = models.ExportFile.objects.create(
            owner=self.alice, name=HOSTILE[:100], format="CSV", columns=["left_name"], error=HOSTILE
        )
        view = models.SavedView.objects.latest("pk")
        self.schedule = models.ExportSchedule.objects.create(owner=self.alice, name=HOSTILE[:100], view=view, format="CSV")
        for thing in (scene.config, scene.in_conflict, scene.erin):
            LogEntry.objects.create(
                user=scene.erin, content_type=ContentType.objects.get_for_model(thing), object_id=str(thing.pk), object_repr=HOSTILE[:200],
                action_flag=CHANGE, change_message=HOSTILE,
            )

    def pages(self) -> dict[str, str]:
        """Every page, and those of the things that are only here."""
        scene = self.scene
        more = {
            "history of a pair": reverse("admin:syncapp_recordpair_history", args=[scene.in_conflict.pk]),
            "history of a user": reverse("admin:auth_user_history", args=[scene.erin.pk]),
            "deleting a user": reverse("admin:auth_user_delete", args=[scene.erin.pk]),
            "deleting a role": reverse("admin:auth_group_delete", args=[self.group.pk]),
            "role": reverse("admin:auth_group_change", args=[self.group.pk]),
            "export": reverse("admin:syncapp_exportfile_change", args=[self.export.pk]),
            "schedule": reverse("admin:syncapp_exportschedule_change", args=[self.schedule.pk]),
            "deleting a schedule": reverse("admin:syncapp_exportschedule_delete", args=[self.schedule.pk]),
            "partner": reverse("admin:syncapp_recordpair_change", args=[scene.failing.pk]) + "?partner=zq",
            "searched": reverse("admin:syncapp_recordpair_changelist") + f"?q={html.escape('<script>zq()</script>')}",
        }
        return {**{name: page(scene) for name, page in PAGES.items()}, **more}


@pytest.fixture
def typed(scene: Scene) -> Typed:
    return Typed(scene)


@pytest.fixture
def client(typed: Typed) -> Client:
    found = Client()
    found.force_login(typed.alice)
    return found


def dangers(page: str) -> list[str]:
    return [one for one in RAW if one in page] + Attributes(page).run


class TestPages:
    def test_show_every_text_as_text(self, typed: Typed, client: Client) -> None:
        found, shown = {}, 0
        for name, url in typed.pages().items():
            answer = client.get(url)
            if "json" in answer.headers["Content-Type"]:
                assert answer.headers["X-Content-Type-Options"] == "nosniff"
                continue
            page = answer.content.decode()
            shown += "zq" in page
            if dangers(page):
                found[name] = dangers(page)

        assert found == {}
        assert shown > 40

    def test_say_messages_as_text(self, typed: Typed, client: Client) -> None:
        pair = typed.scene.in_sync
        models.Conflict.objects.filter(pk=typed.scene.conflict.pk).update(pair=pair)
        posts = {
            reverse("admin:syncapp_recordpair_decide", args=[pair.pk]): {"conflict": typed.scene.conflict.pk, "value": HOSTILE},
            reverse("admin:syncapp_recordpair_assign", args=[pair.pk]): {"assignee": typed.scene.erin.pk},
            reverse("admin:syncapp_syncconfig_run", args=[typed.scene.config.pk]): {},
            reverse("admin:syncapp_recordpair_view_save"): {"name": HOSTILE[:60], "place:left_name": "1"},
        }
        for url, body in posts.items():
            page = client.post(url, body, follow=True).content.decode()
            assert dangers(page) == [], url

    def test_preview_a_file_as_text(self, typed: Typed, client: Client) -> None:
        url = uploaded(client, typed.scene, ImportKind.LINKS, IDS, (HOSTILE[:300], HOSTILE[:300]))
        page = client.get(url).content.decode()
        wrong = client.post(address(typed.scene, ImportKind.LINKS), {"file": made_file(HOSTILE)}).content.decode()

        assert "zq" in page and "zq" in wrong
        assert dangers(page) == dangers(wrong) == []

    def test_would_be_found_out(self) -> None:
        assert dangers(f"<p>{HOSTILE}</p>")
        assert dangers(f'<p x-text="{html.escape(HOSTILE)}">')
        assert dangers('<a href="javascript:zq()">')
        assert dangers(f"<p>{html.escape(HOSTILE)}</p>") == []


def made_file(heading: str) -> SimpleUploadedFile:
    return SimpleUploadedFile("<b>zq.csv", f'"{heading.replace(chr(34), chr(34) * 2)}",x\n1,2\n'.encode())


def test_mails_are_plain_text_with_one_subject(typed: Typed) -> None:
    kinds = [NoticeKind.BRAKE]
    personal.save(user=typed.alice, time_zone="", language="", at_once=kinds, digest=Digest.NEVER, in_summary=(), digest_hour=8)
    models.Notice.objects.update(words=f"{HOSTILE}\r\nBcc: eve@example.com")
    kept = models.NoticeMail.objects.create(user=typed.alice, notice=typed.scene.notice, created_at=NOW)

    notice_mail.send(mail_id=kept.pk)

    (sent,) = mail.outbox
    assert sent.content_subtype == "plain" and not getattr(sent, "alternatives", [])
    assert "\n" not in sent.subject and "Bcc" not in sent.message().as_string().split("\n\n")[0].replace(sent.subject, "")
