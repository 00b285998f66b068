"""What all our pages have in common: unfold's look, the bell in the header, and no form where there is nothing to fill in.

Owns the frame. Registers nothing.
"""
from __future__ import annotations

from typing import Any, ClassVar

from django.core.exceptions import PermissionDenied
from django.db.models import Model
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern
from django.utils import timezone
from unfold.admin import ModelAdmin

from syncapp.admin import doors

COMPARED = frozenset({"exact", "isnull", "gte", "lt", "year", "month", "day", "id"})
"""How a filter beside a list compares."""


class PageAdmin(ModelAdmin):
    """A list and a form, with the bell in the header."""

    change_list_template = "syncapp/change_list.html"
    change_form_template = "syncapp/change_form.html"
    object_history_template = "syncapp/history.html"
    list_per_page = 50
    nothing = ""
    """What to know, or to do, where the list is empty."""
    doors: ClassVar[tuple[doors.Door, ...]] = ()

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest | None = None) -> bool:
        """Only what the filters beside a list ask for. Django takes any field of the list and any comparison: with those somebody could
        guess what no column shows, letter by letter, or have a pattern looked for that takes for ever.
        """
        offered = {getattr(one, "parameter_name", one) for one in self.list_filter} | {self.date_hierarchy}
        parts = lookup.split("__")
        while parts and parts[-1] in COMPARED:
            parts.pop()
        return "__".join(parts) in offered and bool(super().lookup_allowed(lookup, value, request))

    def to_field_allowed(self, request: HttpRequest, to_field: str) -> bool:
        """No list is a picker that gives back anything but numbers."""
        return bool(to_field == self.opts.pk.name)

    def get_urls(self) -> list[URLPattern]:
        """The buttons' addresses before Django's own."""
        return [*doors.urls(admin=self, doors=self.doors), *super().get_urls()]


class ReadOnce:
    """For pages that ask for their object several times."""

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Any:
        """The object, read once a request."""
        known: dict[tuple[type, str], Any] = request.__dict__.setdefault("_objects", {})
        if (type(self), object_id) not in known:
            known[type(self), object_id] = super().get_object(request, object_id, from_field)  # type: ignore[misc]
        return known[type(self), object_id]


class ReadOnlyAdmin(PageAdmin):
    """A list and a page of ours instead of a form: nothing is added, changed or deleted here but by buttons."""

    page_template = ""
    actions: ClassVar[Any] = None

    def has_add_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Nobody adds by hand."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Nobody changes by a form."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Nobody deletes."""
        return False

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Our own page of one object."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        subject = self.get_object(request, object_id)
        if subject is None:
            missing: HttpResponse = self._get_obj_does_not_exist_redirect(request, self.opts, object_id)
            return missing
        context = {
            **self.admin_site.each_context(request), "opts": self.opts, "title": str(subject), "original": subject, "subject": subject,
            "now": timezone.now(), **self.page_context(request, subject), **(extra_context or {}),
        }
        return TemplateResponse(request, self.page_template, context)

    def page_context(self, request: HttpRequest, subject: Any) -> dict[str, Any]:
        """What the page shows beside the object itself."""
        return {}
