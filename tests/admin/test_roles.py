"""Every page and every button, for each of the ready-made roles."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib import admin
from django.contrib.auth.models import Group, User
from django.test import Client
from django.urls import reverse

from syncapp import models
from syncapp.services import roles
from tests.admin.conftest import signed_in
from tests.admin.scene import Scene, person
from tests.admin.test_every_page import PAGES

NOT_FOR_VIEWERS = {"exports", "scheduled exports", "new scheduled export", "turning a sync on", "import of links"}
NOT_FOR_OPERATORS = {
    "fields", "field", "mappings", "mapping", "trying a mapping", "new sync", "deleting a sync", "ending a connection", "pasting a key",
    "jobs", "users", "new user", "user", "roles", "new role", "import of mappings",
}
READABLE_WITH_THE_SYNC = {"fields", "field", "mappings", "mapping", "trying a mapping"}
FOR_SUPERUSERS = {"new role"}
DOORS = [(page.opts.label_lower.replace(".", "_"), door) for page in admin.site._registry.values() for door in getattr(page, "doors", ())]


def somebody(role: str) -> User:
    """A person of one role."""
    made = person(role.lower())
    made.groups.add(Group.objects.get(name=role))
    return made


@pytest.fixture
def people(db: Any) -> dict[str, Client]:
    return {role: signed_in(somebody(role)) for role in roles.ROLES}


@pytest.mark.parametrize("name", PAGES)
class TestPages:
    def test_open_for_those_who_may_and_for_nobody_else(self, name: str, scene: Scene, people: dict[str, Client]) -> None:
        closed_to = {
            "Viewer": (NOT_FOR_VIEWERS | NOT_FOR_OPERATORS) - READABLE_WITH_THE_SYNC,
            "Operator": NOT_FOR_OPERATORS - READABLE_WITH_THE_SYNC,
            "Administrator": FOR_SUPERUSERS,
        }

        address = PAGES[name](scene)

        found = {role: client.get(address).status_code for role, client in people.items()}

        assert found == {role: 403 if name in closed_to[role] else 200 for role in people}


@pytest.mark.parametrize(("model", "door"), DOORS, ids=[f"{model}-{door.name}" for model, door in DOORS])
class TestButtons:
    def test_refuse_roles_without_their_permission(self, model: str, door: Any, people: dict[str, Client]) -> None:
        address = reverse(f"admin:{model}_{door.name}", args=[1])
        without = {role for role, held in roles.ROLES.items() if door.permission and door.permission not in held}

        assert "Administrator" not in without
        assert {people[role].post(address).status_code for role in without} <= {403}

    def test_are_pressed_and_not_opened(self, model: str, door: Any, alice: Client) -> None:
        assert alice.get(reverse(f"admin:{model}_{door.name}", args=[1])).status_code == 405


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
