"""The fields of users and roles in our words: what each is for, and permissions as a person would name them.

Owns labels and help texts. Who may change what is the business of `people`.
"""
from __future__ import annotations

from typing import Any

from django import forms
from django.contrib.auth.models import Permission
from django.http import HttpRequest
from django.utils.text import capfirst
from unfold.admin import ModelAdmin

from syncapp.engine.wording import later

HELP = {
    "first_name": later("As colleagues know this person."),
    "last_name": later("As colleagues know this person."),
    "email": later("Where notices and exports are mailed to. Empty: nothing is mailed."),
    "groups": later("What this person may do. Several roles add up."),
    "user_permissions": later("What this person may do beside that."),
    "name": later("What the role is called."),
    "permissions": later("What people of this role may do. The three ready-made roles are given theirs again with every update."),
}
_VERBS = {"view": later("see"), "add": later("add"), "change": later("change"), "delete": later("delete")}
_OWN = {"run_syncconfig": later("start, preview, activate and stop"), "export_recordpair": later("export")}


def named(permission: Permission) -> str:
    """Say what a permission permits: the pages it is about, and what one may do there."""
    model, verb = permission.content_type.model_class(), permission.codename.partition("_")[0]
    about = model._meta.verbose_name_plural if model is not None else permission.content_type.app_label
    return f"{capfirst(about)}: {_OWN.get(permission.codename) or _VERBS.get(verb) or permission.name}"


class PermissionsField(forms.ModelMultipleChoiceField):  # type: ignore[type-arg]
    """A choice of permissions in our words."""

    def label_from_instance(self, obj: Any) -> str:
        """One of them."""
        return named(obj)


class ToldFields(ModelAdmin):
    """Help under every field, and permissions in our words."""

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """The field, with what it is for."""
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if field is not None and db_field.name in HELP:
            field.help_text = HELP[db_field.name]
        return field

    def formfield_for_manytomany(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """Of permissions, the choice in our words; the kinds of records they are about are read along."""
        if db_field.name in ("permissions", "user_permissions"):
            kwargs |= {"form_class": PermissionsField, "queryset": Permission.objects.select_related("content_type")}
        return super().formfield_for_manytomany(db_field, request, **kwargs)
