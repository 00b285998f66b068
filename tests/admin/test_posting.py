"""What a form does not show is not set by posting it; and who lost a right, or was shut out, has lost it with the next request."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import Group, User
from django.test import Client
from django.urls import reverse

from syncapp import models
from syncapp.engine.vocabulary import RunState
from tests.admin import walking
from tests.admin.conftest import signed_in
from tests.admin.filled import FilledPage
from tests.admin.scene import Scene
from tests.admin.test_personal import WISHES
from tests.admin.test_roles import somebody
from tests.admin.walking import Company

MARK, NUMBER = "mallory4711", 66_770_077
TEXTS = (
    "state", "status", "realm_id", "external_id", "environment", "system", "access_token", "refresh_token", "sealed", "key_id", "password",
    "idempotency_key", "base_left", "base_right", "rules", "counts", "looked_through", "digest", "file", "error", "kind", "trigger",
    "left_key", "phase", "result", "reason", "detail", "key1", "values", "last_error", "scopes", "subject", "words", "content", "rights",
)
NUMBERS = (
    "owner", "owner_id", "user", "user_id", "actor", "actor_id", "created_by", "created_by_id", "approved_by", "approved_by_id",
    "brakes_released_by", "brakes_confirmed_by", "brakes_released_by_id", "brakes_confirmed_by_id", "audit_id", "revision", "config",
    "config_id", "run", "run_id", "pair", "left_id", "right_id", "preview", "undoes", "decided_by", "last_export", "rules_revision",
    "fence", "id", "pk",
)
SWITCHES = ("is_superuser", "is_staff", "superuser", "mailed", "urgent")
EXTRA: dict[str, Any] = {
    **dict.fromkeys(TEXTS, MARK), **dict.fromkeys(NUMBERS, NUMBER), **dict.fromkeys(SWITCHES, "on"), "user_permissions": [1], "groups": [1],
}


def rights() -> list[tuple[Any, ...]]:
    """Who may what."""
    return sorted(User.objects.values_list("username", "is_superuser", "is_staff", "is_active", "password", "groups", "user_permissions"))


@pytest.mark.parametrize("who", ["viewer", "operator", "administrator"])
def test_no_address_takes_a_field_that_its_form_does_not_show(who: str, scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    company, taken, before = Company(scene), [], rights()
    for address in walking.addresses():
        for whose in address.objects:
            with walking.undone(monkeypatch) as watch:
                answer = company.ask(who, "POST", company.path(address, who, whose), EXTRA)
                changed = rights() != before and address.name != "admin:auth_user_delete"
            if answer.status_code == 500 or changed or any(MARK in one or str(NUMBER) in one for one in watch.values):
                taken.append((address.name, whose, answer.status_code, watch.values))

    assert taken == []


class TestFilledForm:
    """The same with forms that are filled in rightly, so that they are saved."""

    def saved(self, client: Client, url: str, form_id: str, more: dict[str, Any] | None = None) -> None:
        form = FilledPage(client, url, form_id)
        hidden = {name: value for name, value in EXTRA.items() if name not in form.fields}
        answer = client.post(url, {**form.fields, **hidden, **(more or {})})
        assert answer.status_code == 302, answer.content.decode()

    @pytest.fixture
    def admin(self, scene: Scene) -> Client:
        return signed_in(somebody("Administrator"))

    def test_of_a_user_makes_no_superuser(self, scene: Scene, admin: Client) -> None:
        shown = {"username": "erin", "is_active": "on", "is_staff": "on", "date_joined_0": "2026-11-01", "date_joined_1": "10:00:00"}
        url = reverse("admin:auth_user_change", args=[scene.erin.pk])
        answer = admin.post(url, {**EXTRA, **shown, "first_name": "Erin", "groups": []})

        assert answer.status_code == 302
        scene.erin.refresh_from_db()
        assert scene.erin.first_name == "Erin"
        assert not scene.erin.is_superuser and not scene.erin.user_permissions.exists()
        assert scene.erin.check_password("a long enough pass phrase")

    def test_of_a_sync_leaves_alone_what_the_sync_remembers(self, scene: Scene, admin: Client) -> None:
        before = models.SyncConfig.objects.values("active", "left", "right", "created_by", "looked_through").get()
        self.saved(admin, reverse("admin:syncapp_syncconfig_change", args=[scene.config.pk]), "syncconfig_form", {"active": "on"})

        assert models.SyncConfig.objects.values("active", "left", "right", "created_by", "looked_through").get() == before

    def test_of_a_mapping_leaves_alone_its_fields_and_its_key(self, scene: Scene, admin: Client) -> None:
        before = models.FieldMapping.objects.values("key", "config", "left_field", "right_field").get(pk=scene.email.pk)
        url = reverse("admin:syncapp_fieldmapping_change", args=[scene.email.pk])
        self.saved(admin, url, "fieldmapping_form", {"key": MARK, "left_field": scene.first_name.left_field_id})

        assert models.FieldMapping.objects.values("key", "config", "left_field", "right_field").get(pk=scene.email.pk) == before

    def test_of_a_scheduled_export_keeps_its_owner(self, scene: Scene) -> None:
        user = somebody("Operator")
        view = models.SavedView.objects.create(owner=user, name="Mine", columns=["left_name"])
        facts = {"view": view.pk, "format": "CSV", "rhythm": "DAILY", "weekday": "MONDAY", "day": 1, "hour": 7, "active": "on"}
        answer = signed_in(user).post(reverse("admin:syncapp_exportschedule_add"), {**EXTRA, **facts, "owner": scene.erin.pk})

        assert answer.status_code == 302
        assert models.ExportSchedule.objects.get().owner == user

    def test_of_ones_own_settings_is_ones_own(self, scene: Scene) -> None:
        user = somebody("Viewer")
        page = reverse("admin:syncapp_personalsettings_changelist")
        answer = signed_in(user).post(page, {**EXTRA, **WISHES, "user": scene.erin.pk})

        assert answer.status_code == 302
        assert models.PersonalSettings.objects.get().user == user
        assert not User.objects.get(pk=user.pk).is_superuser

    def test_of_an_approval_names_the_one_who_is_signed_in(self, scene: Scene) -> None:
        user = somebody("Operator")
        signed_in(user).post(reverse("admin:syncapp_syncrun_approve", args=[scene.preview.pk]), {**EXTRA, "actor": scene.erin.pk})

        made = models.SyncRun.objects.get(preview=scene.preview)
        assert (made.actor, made.state, made.brakes_released_by) == (user, RunState.QUEUED, None)


class TestWithdrawn:
    """Somebody was signed in, and then something was taken away."""

    def excluding(self, client: Client, scene: Scene) -> Any:
        return walking.code(client.post(reverse("admin:syncapp_recordpair_exclude", args=[scene.in_sync.pk])))

    def test_role_is_lost_with_the_next_request(self, scene: Scene) -> None:
        user = somebody("Operator")
        client = signed_in(user)
        first = client.get(reverse("admin:syncapp_exportfile_changelist")).status_code
        user.groups.clear()

        assert (first, self.excluding(client, scene)) == (200, 403)
        assert client.get(reverse("admin:syncapp_exportfile_changelist")).status_code == 403
        assert not models.RecordPair.objects.get(pk=scene.in_sync.pk).excluded_by_hand

    def test_right_is_lost_though_the_role_stays(self, scene: Scene) -> None:
        client = signed_in(somebody("Operator"))
        Group.objects.get(name="Operator").permissions.filter(codename="change_recordpair").delete()

        assert self.excluding(client, scene) == 403

    @pytest.mark.parametrize("fact", ["is_active", "is_staff"])
    def test_account_is_led_to_the_sign_in(self, fact: str, scene: Scene) -> None:
        user = somebody("Administrator")
        client = signed_in(user)
        first = client.get("/").status_code
        User.objects.filter(pk=user.pk).update(**{fact: False})

        assert (first, self.excluding(client, scene)) == (200, walking.SIGN_IN)
        assert walking.code(client.get("/")) == walking.SIGN_IN

    def test_account_that_is_deleted_is_led_to_the_sign_in(self, scene: Scene) -> None:
        user = somebody("Administrator")
        client = signed_in(user)
        user.delete()

        assert self.excluding(client, scene) == walking.SIGN_IN
