"""The ready-made roles are there from the first migration on, hold just what they should, and leave nothing of ours to nobody."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import Group, Permission

from syncapp.services import roles
from tests.services import made

pytestmark = pytest.mark.django_db

WITHOUT_A_ROLE = {
    "Tokens are on no page.": {"credential"},
    "What the sync remembers is changed by it alone.": {
        "bucket", "conflict", "hint", "leftalone", "lease", "notice", "operation", "record", "recordlink", "recordpair", "synccursor",
        "syncrun",
    },
    "The audit is only read, but for its one command.": {"audithead", "auditedstate", "configversion"},
    "Everybody keeps one's own.": {"savedview", "exportfile", "exportschedule", "importdraft"},
    "Goes with deciding about the pair.": {"paircare"},
    "Read from the vendor.": {"vendorfield"},
    "Told by the vendor, and on no page of its own.": {"webhookdelivery", "webhooktally"},
    "Put away by disconnecting, never deleted.": {"connection"},
}


def _held(role: Group) -> set[str]:
    return {f"{one.content_type.app_label}.{one.codename}" for one in role.permissions.select_related("content_type")}


class TestRoles:
    @pytest.mark.parametrize("name", roles.ROLES)
    def test_are_made_with_the_tables(self, name: str) -> None:
        assert _held(Group.objects.get(name=name)) == set(roles.ROLES[name])

    def test_are_put_right_again(self) -> None:
        viewer = Group.objects.get(name="Viewer")
        viewer.permissions.set(Permission.objects.filter(codename="delete_user"))

        roles.ensure(now=made.NOW)

        assert _held(viewer) == set(roles.VIEWER)

    def test_leave_other_groups_alone(self) -> None:
        own = Group.objects.create(name="Auditors")
        own.permissions.set(Permission.objects.filter(codename="view_syncrun"))

        roles.ensure(now=made.NOW)

        assert _held(own) == {"syncapp.view_syncrun"}

    def test_each_may_what_the_one_before_may(self) -> None:
        assert roles.VIEWER < roles.OPERATOR < roles.ADMINISTRATOR

    def test_forget_no_permission_of_ours(self) -> None:
        given = {one.partition(".")[2] for one in roles.ADMINISTRATOR}
        nobodys = {model for models in WITHOUT_A_ROLE.values() for model in models}

        forgotten = [
            one.codename
            for one in Permission.objects.filter(content_type__app_label="syncapp").select_related("content_type")
            if one.codename not in given and one.content_type.model not in nobodys
        ]

        assert forgotten == []
