"""Every page of the admin as it is opened. Who may open which address is told by `tests/permissions.yaml`."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from django.contrib import admin
from django.test import Client
from django.urls import reverse
from unfold.admin import ModelAdmin

from syncapp import models
from tests.admin.scene import Scene

PAGES: dict[str, Callable[[Scene], str]] = {
    "audit": lambda scene: reverse("admin:syncapp_auditentry_changelist"),
    "audit entry": lambda scene: reverse("admin:syncapp_auditentry_change", args=[scene.audited.pk]),
    "overview": lambda scene: reverse("admin:index"),
    "app": lambda scene: reverse("admin:app_list", args=["syncapp"]),
    "connections": lambda scene: reverse("admin:syncapp_connection_changelist"),
    "connection": lambda scene: reverse("admin:syncapp_connection_change", args=[scene.left.pk]),
    "ending a connection": lambda scene: reverse("admin:syncapp_connection_end", args=[scene.left.pk]),
    "pasting a key": lambda scene: reverse("admin:syncapp_connection_key"),
    "jobs": lambda scene: reverse("admin:syncapp_connection_jobs"),
    "fields": lambda scene: reverse("admin:syncapp_vendorfield_changelist"),
    "field": lambda scene: reverse("admin:syncapp_vendorfield_change", args=[scene.sides.left_fields["email"].pk]),
    "what may be asked of a field": lambda scene: reverse("admin:syncapp_vendorfield_asking")
    + f"?id={scene.sides.left_fields['createdate'].pk}",
    "syncs": lambda scene: reverse("admin:syncapp_syncconfig_changelist"),
    "new sync": lambda scene: reverse("admin:syncapp_syncconfig_add"),
    "sync": lambda scene: reverse("admin:syncapp_syncconfig_change", args=[scene.config.pk]),
    "turning a sync on": lambda scene: reverse("admin:syncapp_syncconfig_switch", args=[scene.config.pk]),
    "deleting a sync": lambda scene: reverse("admin:syncapp_syncconfig_delete", args=[scene.config.pk]),
    "history of a sync": lambda scene: reverse("admin:syncapp_syncconfig_history", args=[scene.config.pk]),
    "import of links": lambda scene: reverse("admin:syncapp_syncconfig_import", args=[scene.config.pk, "links"]),
    "import of mappings": lambda scene: reverse("admin:syncapp_syncconfig_import", args=[scene.config.pk, "mappings"]),
    "history of settings": lambda scene: reverse("admin:syncapp_syncconfig_versions", args=[scene.config.pk]),
    "comparing settings": lambda scene: reverse("admin:syncapp_syncconfig_compare", args=[scene.config.pk]),
    "settings from a file": lambda scene: reverse("admin:syncapp_syncconfig_import", args=[scene.config.pk, "settings"]),
    "sync from a file": lambda scene: reverse("admin:syncapp_syncconfig_from_file"),
    "mappings": lambda scene: reverse("admin:syncapp_fieldmapping_changelist"),
    "mapping": lambda scene: reverse("admin:syncapp_fieldmapping_change", args=[scene.first_name.pk]),
    "trying a mapping": lambda scene: reverse("admin:syncapp_fieldmapping_change", args=[scene.first_name.pk]) + "?record=Ann",
    "runs": lambda scene: reverse("admin:syncapp_syncrun_changelist"),
    "run": lambda scene: reverse("admin:syncapp_syncrun_change", args=[scene.run.pk]),
    "preview": lambda scene: reverse("admin:syncapp_syncrun_change", args=[scene.preview.pk]),
    "braked run": lambda scene: reverse("admin:syncapp_syncrun_change", args=[scene.braked.pk]),
    "running run": lambda scene: reverse("admin:syncapp_syncrun_change", args=[scene.under_way().pk]),
    "progress": lambda scene: reverse("admin:syncapp_syncrun_progress", args=[scene.run.pk]),
    "pairs": lambda scene: reverse("admin:syncapp_recordpair_changelist"),
    "needs you": lambda scene: reverse("admin:syncapp_recordpair_changelist") + "?standing=NEEDS_YOU",
    "failing": lambda scene: reverse("admin:syncapp_recordpair_changelist") + "?standing=FAILING",
    "failing to work on": lambda scene: reverse("admin:syncapp_recordpair_changelist") + "?work=FAILING",
    "matches": lambda scene: reverse("admin:syncapp_recordpair_changelist") + "?work=MATCHES",
    "deletes": lambda scene: reverse("admin:syncapp_recordpair_changelist") + "?work=DELETES",
    "mine": lambda scene: reverse("admin:syncapp_recordpair_changelist") + "?work=MINE",
    "brakes": lambda scene: reverse("admin:syncapp_syncrun_changelist") + "?held=yes",
    "unknown outcomes": lambda scene: reverse("admin:syncapp_recordpair_unknown"),
    "pair in sync": lambda scene: reverse("admin:syncapp_recordpair_change", args=[scene.in_sync.pk]),
    "pair in conflict": lambda scene: reverse("admin:syncapp_recordpair_change", args=[scene.in_conflict.pk]),
    "excluded pair": lambda scene: reverse("admin:syncapp_recordpair_change", args=[scene.excluded.pk]),
    "failing pair": lambda scene: reverse("admin:syncapp_recordpair_change", args=[scene.failing.pk]),
    "conflicts": lambda scene: reverse("admin:syncapp_conflict_changelist"),
    "notices": lambda scene: reverse("admin:syncapp_notice_changelist"),
    "notice": lambda scene: reverse("admin:syncapp_notice_change", args=[scene.notice.pk]),
    "closed notices": lambda scene: reverse("admin:syncapp_notice_changelist") + "?shown=closed",
    "my settings": lambda scene: reverse("admin:syncapp_personalsettings_changelist"),
    "columns": lambda scene: reverse("admin:syncapp_recordpair_columns"),
    "exports": lambda scene: reverse("admin:syncapp_exportfile_changelist"),
    "scheduled exports": lambda scene: reverse("admin:syncapp_exportschedule_changelist"),
    "new scheduled export": lambda scene: reverse("admin:syncapp_exportschedule_add"),
    "entries with an error": lambda scene: reverse("admin:syncapp_syncrun_change", args=[scene.run.pk]) + "?error=yes&q=Dan",
    "users": lambda scene: reverse("admin:auth_user_changelist"),
    "new user": lambda scene: reverse("admin:auth_user_add"),
    "user": lambda scene: reverse("admin:auth_user_change", args=[scene.erin.pk]),
    "own password": lambda scene: reverse("admin:password_change"),
    "roles": lambda scene: reverse("admin:auth_group_changelist"),
    "new role": lambda scene: reverse("admin:auth_group_add"),
}
FOR_ALL_STAFF = {"overview": 200, "own password": 200, "my settings": 200, "app": 404}
OUR_SCRIPT = re.compile(r"<script(?![^>]*\bsrc=)[^>]*>(?!\s*</script>)")


@pytest.mark.parametrize("name", PAGES)
class TestEveryPage:
    def test_opens_for_an_administrator_and_has_no_inline_script(self, name: str, scene: Scene, alice: Client) -> None:
        answer = alice.get(PAGES[name](scene))

        assert answer.status_code == 200
        assert OUR_SCRIPT.search(answer.content.decode()) is None

    def test_is_closed_to_those_without_permission(self, name: str, scene: Scene, charlie: Client) -> None:
        assert charlie.get(PAGES[name](scene)).status_code == FOR_ALL_STAFF.get(name, 403)


class TestRegistry:
    def test_holds_unfolds_classes_only(self) -> None:
        plain = [model.__name__ for model, page in admin.site._registry.items() if not isinstance(page, ModelAdmin)]

        assert plain == []

    def test_has_no_page_that_could_run_any_function(self) -> None:
        assert [model.__name__ for model in admin.site._registry if model._meta.app_label == "django_q"] == []

    def test_has_no_page_for_tokens(self) -> None:
        assert models.Credential not in admin.site._registry

    def test_walks_every_list(self) -> None:
        lists = {f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist" for model in admin.site._registry}

        assert {reverse(name) for name in lists} <= {page(ANYTHING).partition("?")[0] for page in PAGES.values()}


class Anything:
    """Stands for a scene where only the address is of interest."""

    pk = 1

    def __getattr__(self, name: str) -> Anything:
        return self

    def __getitem__(self, name: str) -> Anything:
        return self

    def __call__(self) -> Anything:
        return self


ANYTHING: Scene = Anything()  # type: ignore[assignment]
