"""What there is to know of settings, as the audit tells it: by name, each as plain values, secrets as fingerprints only.

Owns which facts of a sync, an account, a person, a role and a scheduled export are settings. Writes nothing.
"""
from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.contrib.auth.models import Group, Permission, User
from django.db.models import Model

from syncapp import models
from syncapp.services import credentials

Facts = dict[str, Any]
_SYNC = (
    "name", "left_id", "right_id", "object_pair", "direction", "create_to", "active", "interval_minutes", "match_mode", "match_left_id",
    "match_right_id", "key_required", "conflict_winner", "delete_policy", "leave_policy", "name_policy", "name_suffix", "new_product_type",
    "income_account", "expense_account", "brake_creates", "brake_updates", "brake_archives",
)
_MAPPING = ("direction", "active", "fallback", "conflict_rule", "clears", "position")
_CONNECTION = ("system", "environment", "external_id", "name", "currency", "time_zone", "status", "paused")
_USER = ("username", "first_name", "last_name", "email", "is_active", "is_staff", "is_superuser")
_SCHEDULE = ("name", "view_id", "owner_id", "format", "rhythm", "weekday", "day", "hour", "active")


def of_sync(config: models.SyncConfig) -> Facts:
    """A sync with its mappings, steps, value maps and filters, as they are saved. Six queries, whatever their number."""
    mappings = models.FieldMapping.objects.filter(config=config).select_related("left_field", "right_field").order_by("position", "pk")
    groups = models.FilterGroup.objects.filter(config=config).prefetch_related("rules__field").order_by("side", "position", "pk")
    told = _columns(models.SyncConfig.objects.get(pk=config.pk), _SYNC)
    told |= {f"mapping {one.key}": _mapping(one) for one in mappings.prefetch_related("values", "transforms")}
    return told | {f"filters {one.side} {one.pk}": _group(one) for one in groups}


def _mapping(mapping: models.FieldMapping) -> Facts:
    return {
        "left": mapping.left_field.name, "right": mapping.right_field.name, **_columns(mapping, _MAPPING),
        "values": [[one.left_value, one.right_value] for one in mapping.values.all()],
        "steps": [[one.side, one.kind, one.setting] for one in mapping.transforms.all()],
    }


def _group(group: models.FilterGroup) -> Facts:
    return {
        "name": group.name, "position": group.position,
        "rules": [
            [one.field.associated_kind, one.field.name, one.operator, one.values, one.include_unset] for one in group.rules.all()
        ],
    }


def of_connection(connection: models.Connection) -> Facts:
    """An account, with the fingerprint of its access and how our properties stand there."""
    saved = models.Connection.objects.get(pk=connection.pk)
    credential = models.Credential.objects.filter(connection=saved).first()
    own = {f"property {one['kind']}.{one['name']}": one["state"] for one in saved.own_fields}
    scopes = sorted(credential.scopes) if credential is not None else []
    return {**_columns(saved, _CONNECTION), **own, "scopes": scopes, "access": credentials.fingerprint(credential)}


def of_user(user: User) -> Facts:
    """A person who may sign in: what that person may do, and by which roles."""
    saved = User.objects.get(pk=user.pk)
    roles = sorted(saved.groups.values_list("name", flat=True))
    return {**_columns(saved, _USER), "roles": roles, "permissions": _named(saved.user_permissions.all())}


def of_role(role: Group) -> Facts:
    """A role and what it permits."""
    return {"name": role.name, "permissions": _named(role.permissions.all())}


def of_schedule(schedule: models.ExportSchedule) -> Facts:
    """A scheduled export."""
    return _columns(models.ExportSchedule.objects.get(pk=schedule.pk), _SCHEDULE)


def _columns(saved: Model, names: Iterable[str]) -> Facts:
    return {name: getattr(saved, name) for name in names}


def _named(permissions: Iterable[Permission]) -> list[str]:
    found = Permission.objects.filter(pk__in=[one.pk for one in permissions]).values_list("content_type__app_label", "codename")
    return sorted(f"{app}.{name}" for app, name in found)
