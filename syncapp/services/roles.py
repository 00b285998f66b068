"""The ready-made roles: who sees, who runs and decides, who sets up.

Owns which permissions each role has. People may be given others beside them; the roles themselves are put right at every migration.
"""
from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from django.contrib.auth.models import Group, Permission
from django.db import transaction
from django.db.models import Q

from syncapp.services import actors, audit_settings

ADMINISTRATORS = "Administrator"
VIEWER = frozenset({
    "syncapp.view_auditentry",
    "syncapp.view_connection", "syncapp.view_conflict", "syncapp.view_notice", "syncapp.view_recordpair", "syncapp.view_syncconfig",
    "syncapp.view_syncrun",
})
OPERATOR = VIEWER | {
    "syncapp.change_notice", "syncapp.change_recordpair", "syncapp.export_recordpair", "syncapp.run_syncconfig",
    "syncapp.see_personal_values",
}
ADMINISTRATOR = OPERATOR | {
    "syncapp.add_connection", "syncapp.change_connection", "syncapp.view_vendorfield",
    "syncapp.add_syncconfig", "syncapp.change_syncconfig", "syncapp.delete_syncconfig", "syncapp.import_syncconfig",
    "syncapp.confirm_brake",
    *(
        f"syncapp.{verb}_{model}"
        for model in ("fieldmapping", "filtergroup", "filterrule", "transform", "valuemapping")
        for verb in ("add", "change", "delete", "view")
    ),
    "auth.add_user", "auth.change_user", "auth.delete_user", "auth.view_user", "auth.view_group",
}
ROLES: Mapping[str, frozenset[str]] = {"Viewer": VIEWER, "Operator": OPERATOR, ADMINISTRATORS: ADMINISTRATOR}


def ensure(*, now: datetime) -> None:
    """Make the roles, or give them exactly their permissions again. Does nothing where the permissions are not there yet."""
    with transaction.atomic():
        for name, wanted in ROLES.items():
            known = Permission.objects.filter(_named(wanted))
            if known.count() == len(wanted):
                role, made = Group.objects.get_or_create(name=name)
                role.permissions.set(known)
                audit_settings.changed(subject=role, who=actors.of(None), now=now, made=made)


def _named(wanted: frozenset[str]) -> Q:
    found = Q(pk__in=[])
    for one in wanted:
        app, _, codename = one.partition(".")
        found |= Q(content_type__app_label=app, codename=codename)
    return found
