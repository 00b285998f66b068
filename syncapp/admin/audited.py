"""For forms whose changes the audit tells: what was saved or deleted is written down for good, in the same transaction.

Owns the way from Django's own forms to the audit. Registers nothing.
"""
from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone

from syncapp.admin import doors
from syncapp.services import actors, audit_settings


class Audited:
    """A form whose changes are told."""

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """Save, then tell who changed what."""
        super().save_related(request, form, formsets, change)  # type: ignore[misc]
        audit_settings.changed(
            subject=form.instance, who=actors.of(doors.person(request)), now=timezone.now(), made=not change,
            beside=self.beside(form.instance, made=not change),
        )

    def beside(self, subject: Any, *, made: bool) -> Mapping[str, list[str]]:
        """Further old and new values, such as fingerprints."""
        return {}

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        """Delete, and tell what it was."""
        audit_settings.remove(subject=obj, who=actors.of(doors.person(request)), now=timezone.now())

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        """Delete several, and tell what each was."""
        for one in queryset:
            self.delete_model(request, one)
