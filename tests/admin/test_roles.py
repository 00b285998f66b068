"""What people of each role may do to other people, and to themselves. Which addresses a role opens is told by `tests/permissions.yaml`."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import Group, User
from django.test import Client
from django.urls import reverse

from syncapp import models
from syncapp.services import people as keeping
from syncapp.services import roles
from tests.admin.conftest import signed_in
from tests.admin.scene import Scene, person


def somebody(role: str) -> User:
    """A person of one role."""
    made = person(role.lower())
    made.groups.add(Group.objects.get(name=role))
    return made


@pytest.fixture
def people(db: Any) -> dict[str, Client]:
    return {role: signed_in(somebody(role)) for role in roles.ROLES}


class TestPeople:
    @pytest.fixture
    def admin(self, people: dict[str, Client]) -> Client:
        """An administrator who is no superuser."""
        return people["Administrator"]

    def form(self, user: User, **more: object) -> dict[str, object]:
        return {
            "username": user.username, "email": user.email, "is_active": "on", "is_staff": "on", "date_joined_0": "2026-11-01",
            "date_joined_1": "10:00:00", **more,
        }

    def test_an_administrator_gives_roles(self, scene: Scene, admin: Client) -> None:
        operator = Group.objects.get(name="Operator")

        answer = admin.post(reverse("admin:auth_user_change", args=[scene.erin.pk]), self.form(scene.erin, groups=[operator.pk]))

        assert answer.status_code == 302
        assert list(scene.erin.groups.all()) == [operator]

    def test_an_administrator_makes_no_superuser(self, scene: Scene, admin: Client) -> None:
        admin.post(reverse("admin:auth_user_change", args=[scene.erin.pk]), self.form(scene.erin, is_superuser="on", user_permissions=[1]))

        scene.erin.refresh_from_db()
        assert not scene.erin.is_superuser
        assert not scene.erin.user_permissions.exists()

    def test_an_administrator_does_not_touch_a_superuser(self, scene: Scene, admin: Client, alice: Client) -> None:
        chief = User.objects.get(username="alice")

        changed = admin.post(reverse("admin:auth_user_change", args=[chief.pk]), self.form(chief, username="mallory"))
        password = admin.get(reverse("admin:auth_user_password_change", args=[chief.pk]))
        deleted = admin.post(reverse("admin:auth_user_delete", args=[chief.pk]), {"post": "yes"})
        admin.post(
            reverse("admin:auth_user_changelist"), {"action": "delete_selected", "_selected_action": [chief.pk], "post": "yes"}
        )

        assert {changed.status_code, password.status_code, deleted.status_code} == {403}
        chief.refresh_from_db()
        assert chief.username == "alice"

    def test_an_administrator_does_not_change_or_delete_the_own_account(self, scene: Scene, admin: Client) -> None:
        me = User.objects.get(username="administrator")

        admin.post(reverse("admin:auth_user_change", args=[me.pk]), self.form(me, is_staff="", groups=[]))
        deleted = admin.post(reverse("admin:auth_user_delete", args=[me.pk]), {"post": "yes"})

        me.refresh_from_db()
        assert deleted.status_code == 403
        assert me.is_staff
        assert [role.name for role in me.groups.all()] == ["Administrator"]

    def test_a_superuser_does_not_change_the_own_rights_either(self, scene: Scene, alice: Client) -> None:
        me = User.objects.get(username="alice")

        alice.post(reverse("admin:auth_user_change", args=[me.pk]), self.form(me, is_staff="", is_superuser="", first_name="Alice"))

        me.refresh_from_db()
        assert me.first_name == "Alice"
        assert me.is_staff and me.is_superuser

    @pytest.fixture
    def clerk(self, db: Any) -> Client:
        """May look after users, without being an administrator."""
        return signed_in(person("clerk", "auth.view_user", "auth.change_user", "auth.delete_user"))

    def test_the_last_administrator_stays_one(self, scene: Scene, clerk: Client) -> None:
        last = somebody("Administrator")

        fallen = self.form(last, is_staff="", is_active="", groups=[], last_name="Left")
        clerk.post(reverse("admin:auth_user_change", args=[last.pk]), fallen)
        deleted = clerk.post(reverse("admin:auth_user_delete", args=[last.pk]), {"post": "yes"})
        chosen = {"action": "delete_selected", "_selected_action": [last.pk], "post": "yes"}
        listed = clerk.post(reverse("admin:auth_user_changelist"), chosen)

        last.refresh_from_db()
        assert (deleted.status_code, listed.status_code) == (403, 403)
        assert last.last_name == "Left"
        assert last.is_active and last.is_staff
        assert [role.name for role in last.groups.all()] == ["Administrator"]

    @pytest.mark.parametrize("address", ["auth_user_change", "auth_user_delete"])
    def test_of_two_administrators_that_are_taken_away_at_the_same_moment_one_stays(
        self, address: str, scene: Scene, clerk: Client, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        last = somebody("Administrator")
        monkeypatch.setattr(keeping, "is_last_administrator", lambda *, user: False)  # the other one was there yet when this was asked
        monkeypatch.setattr("syncapp.admin.people.PersonAdmin.get_deleted_objects", lambda *_: ([], {}, set(), []))

        posted = {"post": "yes"} if address == "auth_user_delete" else self.form(last, is_staff="", is_active="", groups=[])
        answer = clerk.post(reverse(f"admin:{address}", args=[last.pk]), posted)

        assert answer.status_code == 403
        assert list(keeping.administrators()) == [last]
        assert not models.AuditEntry.objects.filter(kind="USER", subject_id=str(last.pk)).exists()

    def test_the_last_two_administrators_are_not_deleted_together(self, scene: Scene, clerk: Client) -> None:
        both = [somebody("Administrator"), User.objects.create_superuser("chief")]
        User.objects.filter(username="chief").update(is_superuser=False)
        both[1].groups.add(Group.objects.get(name="Administrator"))

        chosen = {"action": "delete_selected", "_selected_action": [one.pk for one in both], "post": "yes"}
        listed = clerk.post(reverse("admin:auth_user_changelist"), chosen)

        assert listed.status_code == 403
        assert User.objects.filter(groups__name="Administrator").count() == 2

    def test_one_of_two_administrators_may_be_deactivated(self, scene: Scene, clerk: Client) -> None:
        first, second = somebody("Administrator"), person("second")
        second.groups.add(Group.objects.get(name="Administrator"))

        clerk.post(reverse("admin:auth_user_change", args=[first.pk]), self.form(first, is_active=""))

        first.refresh_from_db()
        assert not first.is_active

    def test_roles_are_changed_by_superusers_alone(self, scene: Scene, admin: Client, alice: Client) -> None:
        viewer = reverse("admin:auth_group_change", args=[Group.objects.get(name="Viewer").pk])

        assert admin.get(viewer).status_code == 200
        assert admin.post(viewer, {"name": "Viewer"}).status_code == 403
        assert alice.post(viewer, {"name": "Watcher"}).status_code == 302


def test_a_right_that_is_taken_away_counts_at_once(scene: Scene, people: dict[str, Client]) -> None:
    Group.objects.get(name="Operator").user_set.clear()

    answer = people["Operator"].post(reverse("admin:syncapp_recordpair_exclude", args=[scene.in_sync.pk]))

    assert answer.status_code == 403
    assert not models.RecordPair.objects.get(pk=scene.in_sync.pk).excluded_by_hand
