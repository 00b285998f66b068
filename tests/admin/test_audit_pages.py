"""The audit's pages: who may look, what they show to whom, and that nobody changes anything there."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import Group, User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from pytest_django.fixtures import Settings

from syncapp import models
from syncapp.engine.vocabulary import AuditKind, AuditVerb
from syncapp.selectors import audit_lists
from syncapp.services import audit, audit_check
from tests.admin.conftest import OPERATOR, signed_in
from tests.admin.scene import Scene, person
from tests.admin.test_buttons import said
from tests.admin.test_export import lines, page_of
from tests.services.auditing import entry as entry_of
from tests.services.auditing import written
from tests.services.made import NOW

LIST = reverse("admin:syncapp_auditentry_changelist")
EXPORT = reverse("admin:syncapp_auditentry_export")


@pytest.fixture(autouse=True)
def own_directory(settings: Settings, tmp_path: Path) -> None:
    settings.EXPORT_DIR = tmp_path / "exports"


@pytest.fixture
def vera(db: Any) -> Client:
    """A viewer."""
    vera = person("vera")
    vera.groups.add(Group.objects.get(name="Viewer"))
    return signed_in(vera)


def entry(scene: Scene) -> str:
    return reverse("admin:syncapp_auditentry_change", args=[scene.audited.pk])


def text(client: Client, url: str) -> str:
    return client.get(url).content.decode()


class TestEntry:
    def test_tells_who_wrote_what_where_and_by_which_request(self, scene: Scene, bob: Client) -> None:
        models.Operation.objects.filter(pk=scene.done.pk).update(request_id="tid-1")

        page = text(bob, entry(scene))

        for words in ("An", "Ann", scene.config.name, str(scene.right), scene.audited.key, scene.audited.hash, f"#{scene.run.pk}"):
            assert words in page

    def test_hides_values_from_a_viewer(self, scene: Scene, vera: Client) -> None:
        name, (_, after) = next(iter(scene.audited.before_and_after.items()))

        page = text(vera, entry(scene))

        assert name in page
        assert "***" in page
        assert f"<td>{after}</td>" not in page
        assert "Values are shown to those who may work on records." in page

    @pytest.mark.parametrize("address", ["change", "delete"])
    def test_is_changed_and_deleted_by_nobody(self, scene: Scene, alice: Client, address: str) -> None:
        before = audit_check.verify()

        answer = alice.post(reverse(f"admin:syncapp_auditentry_{address}", args=[scene.audited.pk]), {"person": "mallory", "post": "yes"})
        alice.post(LIST, {"action": "delete_selected", "_selected_action": [scene.audited.pk], "post": "yes"})
        added = alice.post(reverse("admin:syncapp_auditentry_add"), {"person": "mallory"})

        assert answer.status_code in (200, 403)
        assert added.status_code == 403
        assert audit_check.verify() == before


class TestWayHere:
    def test_leads_from_a_run_and_from_a_pair_to_what_was_written_for_them(self, scene: Scene, bob: Client) -> None:
        written(4711)
        pages = {
            "run": reverse("admin:syncapp_syncrun_change", args=[scene.run.pk]),
            "pair": reverse("admin:syncapp_recordpair_change", args=[scene.done.pair_id]),
        }

        for name, number in (("run", scene.run.pk), ("pair", scene.done.pair_id)):
            assert f'href="{LIST}?{name}={number}"' in text(bob, pages[name])
            shown = text(bob, f"{LIST}?{name}={number}")
            assert entry(scene) in shown
            assert "contacts 4711" not in shown

    def test_is_not_shown_to_who_may_not_look_at_the_audit(self, scene: Scene) -> None:
        dora = person("dora", "syncapp.view_syncrun", "syncapp.view_recordpair")
        page = text(signed_in(dora), reverse("admin:syncapp_syncrun_change", args=[scene.run.pk]))

        assert scene.config.name in page
        assert LIST not in page

    @pytest.mark.parametrize("number", ["x", "1" * 40, "٣"])
    def test_takes_no_number_that_cannot_be(self, number: str, scene: Scene, bob: Client) -> None:
        assert bob.get(LIST, {"run": number}).status_code in (200, 302)


class TestList:
    def test_is_searched_by_a_records_id(self, scene: Scene, bob: Client) -> None:
        written(4711, 4712)

        page = text(bob, f"{LIST}?q=4711")

        assert "contacts 4711" in page
        assert "contacts 4712" not in page

    @pytest.mark.parametrize(
        ("query", "shown"),
        [
            ("kind__exact=RECORD", {"4711", "4712", "record"}), ("kind__exact=ROLE", set()), ("person=7", {"4711"}),
            ("verb__exact=ADDED&kind__exact=RECORD", {"4712"}), ("account={account}", {"record"}), ("run={run}", {"record"}),
            ("pair={pair}", {"record"}), ("at__gte=2026-11-26T00%3A00%3A00Z&kind__exact=RECORD", {"4711", "record"}),
            ("at__lt=2026-11-26T00%3A00%3A00Z&kind__exact=RECORD", {"4712"}),
        ],
    )
    def test_is_narrowed_as_its_export_is(self, scene: Scene, bob: Client, query: str, shown: set[str]) -> None:
        (alices,) = written(4711)
        others = entry_of(4712, at=NOW - timedelta(days=3), person_id=8, verb=AuditVerb.ADDED)
        audit.append([others])
        query = query.format(account=scene.right.pk, run=scene.run.pk, pair=scene.in_sync.pk)
        known = {"4711": alices, "4712": others, "record": scene.audited}

        page = text(bob, f"{LIST}?{query}")
        found = set(audit_lists.narrowed(asked=audit_lists.read(query)).values_list("number", flat=True))

        assert {name for name, one in known.items() if f"{LIST}{one.pk}/change/" in page} == shown
        assert {name for name, one in known.items() if one.pk in found} == shown

    def test_costs_no_query_for_a_line(self, scene: Scene, bob: Client) -> None:
        bob.get(LIST)
        with CaptureQueriesContext(connection) as few:
            bob.get(LIST)
        written(*range(1, 40))

        with CaptureQueriesContext(connection) as many:
            bob.get(LIST)

        assert len(many) <= min(len(few), 12)


class TestExport:
    def test_holds_the_list_field_by_field(self, scene: Scene) -> None:
        zoe = signed_in(person("zoe", *OPERATOR, "syncapp.export_recordpair"))
        written(4711)

        answer = zoe.post(EXPORT, {"query": "q=4711", "format": "CSV"})

        export = models.ExportFile.objects.get()
        assert answer.headers["Location"] == page_of(export)
        headings, line = lines(zoe, export)
        told = dict(zip(headings, line, strict=True))
        assert (told["Who"], told["Field"], told["Before"], told["After"]) == ("alice", "phone", "1", "4711")
        assert told["Vendor's request id"] == "tid-4711"

    def test_is_not_for_a_viewer(self, scene: Scene, vera: Client) -> None:
        assert 'name="format"' not in text(vera, LIST)
        assert vera.post(EXPORT, {"query": "", "format": "CSV"}).status_code == 403
        assert not models.ExportFile.objects.exists()

    def test_is_not_for_who_may_export_and_not_see_values(self, scene: Scene) -> None:
        yan = signed_in(person("yan", "syncapp.view_auditentry", "syncapp.view_recordpair", "syncapp.export_recordpair"))

        answer = yan.post(EXPORT, {"query": "", "format": "CSV"})

        assert "may not export" in said(answer)
        assert not models.ExportFile.objects.exists()


class TestPeople:
    """Who changes what people may do is told."""

    def latest(self, kind: AuditKind = AuditKind.USER) -> models.AuditEntry:
        return models.AuditEntry.objects.filter(kind=kind).latest("number")

    def form(self, user: User, **more: object) -> dict[str, object]:
        return {
            "username": user.username, "is_active": "on", "is_staff": "on", "date_joined_0": "2026-11-01", "date_joined_1": "10:00:00",
            **more,
        }

    def test_a_role_that_is_given_stands_there_with_who_gave_it(self, scene: Scene, alice: Client) -> None:
        operator = Group.objects.get(name="Operator")
        alice.post(reverse("admin:auth_user_change", args=[scene.erin.pk]), self.form(scene.erin))

        alice.post(reverse("admin:auth_user_change", args=[scene.erin.pk]), self.form(scene.erin, groups=[operator.pk]))

        told = self.latest()
        assert (told.verb, told.person, told.name, told.subject_id) == (AuditVerb.CHANGED, "alice", "erin", str(scene.erin.pk))
        assert told.before_and_after == {"roles": [[], ["Operator"]]}

    def test_a_person_is_added_and_deleted(self, scene: Scene, alice: Client) -> None:
        password = "another long pass phrase"
        alice.post(reverse("admin:auth_user_add"), {"username": "newt", "password1": password, "password2": password})
        added = self.latest()
        alice.post(reverse("admin:auth_user_delete", args=[added.subject_id]), {"post": "yes"})

        assert (added.verb, added.before_and_after["username"]) == (AuditVerb.ADDED, [None, "newt"])
        before, after = added.before_and_after["password"]
        assert (before, after[:7], password in added.changes) == ("", "sha256:", False)
        assert (self.latest().verb, self.latest().before_and_after["username"]) == (AuditVerb.REMOVED, ["newt", None])

    @pytest.mark.parametrize("own", [False, True])
    def test_a_new_password_is_told_by_fingerprints_alone(self, scene: Scene, alice: Client, own: bool) -> None:
        chief, new = User.objects.get(username="alice"), "yet another long pass phrase"
        given = {"password1": new, "password2": new, "usable_password": "true"}
        if own:
            alice.post(
                reverse("admin:password_change"),
                {"old_password": "a long enough pass phrase", "new_password1": new, "new_password2": new},
            )
        else:
            alice.post(reverse("admin:auth_user_password_change", args=[scene.erin.pk]), given)

        told = self.latest()
        assert (told.person, told.subject_id) == ("alice", str(chief.pk if own else scene.erin.pk))
        before, after = told.before_and_after["password"]
        assert before.startswith("sha256:") and after.startswith("sha256:") and before != after
        user = User.objects.get(pk=told.subject_id)
        assert user.password not in told.changes and new not in told.changes

    def test_what_a_role_permits_is_told(self, scene: Scene, alice: Client) -> None:
        viewer = Group.objects.get(name="Viewer")

        alice.post(reverse("admin:auth_group_change", args=[viewer.pk]), {"name": "Watcher"})

        told = self.latest(AuditKind.ROLE)
        assert (told.person, told.before_and_after["name"]) == ("alice", ["Viewer", "Watcher"])
        assert told.before_and_after["permissions"][1] == []
