"""Every action of every list asks for a permission, also when it is posted by its name to a list that does not offer it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib import admin
from django.contrib.admin.actions import delete_selected
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from syncapp import models
from syncapp.services import roles
from tests.admin import walking
from tests.admin.conftest import signed_in
from tests.admin.scene import Scene, person
from tests.admin.test_roles import somebody

DECIDING = {"Operator", "Administrator"}
ALLOWED: dict[tuple[str, str], set[str]] = {
    **{
        ("recordpair", name): DECIDING
        for name in (
            "retry_selected", "snooze_selected", "wake_selected", "assign_selected", "note_selected", "exclude_selected",
            "include_selected",
        )
    },
    ("conflict", "take_left"): DECIDING, ("conflict", "take_right"): DECIDING,
    ("notice", "close_chosen"): {"Viewer", "Operator", "Administrator"},
    ("user", "delete_selected"): {"Administrator"}, ("group", "delete_selected"): set(), ("syncconfig", "delete_selected"): set(),
}
MORE = {"snooze_selected": {"until": "day"}, "assign_selected": {"assignee": "nobody"}, "note_selected": {"note": "x"}}


def declared() -> Iterator[tuple[str, str, Any]]:
    """Every action of every list, by the model, its name, and its function."""
    for model, page in admin.site._registry.items():
        for one in (page.actions or ()):
            function = getattr(page, one, None) if isinstance(one, str) else one
            yield str(model._meta.model_name), one if isinstance(one, str) else one.__name__, function
        if page.actions is not None:
            yield str(model._meta.model_name), "delete_selected", delete_selected


class TestDeclared:
    def test_asks_for_a_permission(self) -> None:
        assert [(model, name) for model, name, function in declared() if not getattr(function, "allowed_permissions", ())] == []

    def test_asks_for_one_that_the_list_can_answer(self) -> None:
        pages = {str(model._meta.model_name): page for model, page in admin.site._registry.items()}

        wrong = [
            (model, name, asked)
            for model, name, function in declared() for asked in function.allowed_permissions
            if not hasattr(pages[model], f"has_{asked}_permission")
        ]

        assert wrong == []


@pytest.fixture
def people(scene: Scene) -> dict[str, Client]:
    found = {role: signed_in(somebody(role)) for role in roles.ROLES}
    return {**found, "nobody": signed_in(person("newcomer"))}


@pytest.mark.parametrize(("model", "name"), sorted({(model, name) for model, name, _ in declared()}))
class TestPosted:
    def subject(self, model: str, scene: Scene) -> int:
        own: dict[str, Any] = {
            "recordpair": scene.failing, "conflict": scene.conflict, "notice": scene.notice, "user": scene.erin,
            "syncconfig": scene.config, "syncrun": scene.run, "connection": scene.left,
        }
        return int(own[model].pk) if model in own else 1

    def test_by_name_writes_nothing_for_who_may_not(
        self, model: str, name: str, scene: Scene, people: dict[str, Client], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        app = "auth" if model in ("user", "group") else "syncapp"
        address = reverse(f"admin:{app}_{model}_changelist")
        body = {"action": name, "_selected_action": [self.subject(model, scene)], "post": "yes", "told": "1", **MORE.get(name, {})}
        wrote = set()
        for who, client in people.items():
            with walking.undone(monkeypatch) as watch:
                client.post(address, body)
            if watch.traces:
                wrote.add(who)

        assert wrote <= ALLOWED.get((model, name), set())
        if (model, name) in ALLOWED and model in ("recordpair", "conflict") and name not in ("wake_selected", "include_selected"):
            assert wrote == ALLOWED[model, name]


def test_notices_for_everybody_are_not_closed_by_a_viewer(scene: Scene, people: dict[str, Client]) -> None:
    body = {"action": "close_chosen", "_selected_action": [scene.notice.pk]}
    people["Viewer"].post(reverse("admin:syncapp_notice_changelist"), body)
    people["nobody"].post(reverse("admin:syncapp_notice_changelist"), body)

    assert models.Notice.objects.get(pk=scene.notice.pk).closed_at is None
    assert User.objects.filter(username="newcomer").exists()
