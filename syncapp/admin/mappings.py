"""A mapping's own page: the steps that its values take, its value map, and trying both on a record. No menu entry of its own."""
from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.db import IntegrityError
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from unfold.admin import TabularInline

from syncapp import models
from syncapp.admin import base, config_inlines, doors, imports, mapping_forms
from syncapp.engine.wording import later, say
from syncapp.selectors import discretion
from syncapp.services import configs, mapping_details, trials

SAVE_ONLY = {"show_save_and_continue": False, "show_save_and_add_another": False, "show_delete": False}
CROSSED = later(
    "Nothing was saved: two lines of the value map changed places on the way. Remove one of them, save, and add it anew."
)


class StepInline(config_inlines.PartOfSync, TabularInline):
    """What is done to a value on its way."""

    model = models.Transform
    form = mapping_forms.StepForm
    formset = mapping_forms.StepFormSet
    verbose_name_plural = later("Steps on the way to the other side")
    fields = ("side", "kind", "setting", "position")
    extra = 0
    ordering_field = "position"
    hide_ordering_field = True


class ValueInline(config_inlines.PartOfSync, TabularInline):
    """Which value of one side is which of the other."""

    model = models.ValueMapping
    form = mapping_forms.ValueForm
    formset = mapping_forms.ValueFormSet
    verbose_name = later("value")
    verbose_name_plural = later("Value map")
    fields = ("left_value", "right_value")
    extra = 0


@admin.register(models.FieldMapping)
class MappingAdmin(base.ReadOnce, config_inlines.PartOfSync, base.PageAdmin):
    """Reached from the page of its sync, where mappings are added and removed."""

    list_display = ["__str__", "config", "active"]
    list_filter = ["config", "active"]
    list_select_related = ["config", "left_field", "right_field"]
    search_fields = ["left_field__label", "right_field__label"]
    change_form_template = "syncapp/mapping.html"
    fields = ("left_field", "direction", "right_field")
    readonly_fields = ("left_field", "direction", "right_field")
    inlines = (StepInline, ValueInline)
    warn_unsaved_form = True
    actions = None

    def get_queryset(self, request: HttpRequest) -> QuerySet[models.FieldMapping]:
        """With the sync and both fields."""
        found: QuerySet[models.FieldMapping] = super().get_queryset(request)
        return found.select_related("config__left", "config__right", "left_field__connection", "right_field__connection")

    def has_module_permission(self, request: HttpRequest) -> bool:
        """No menu entry."""
        return False

    def has_add_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Mappings are added on the page of the sync."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Mappings are removed on the page of the sync."""
        return False

    def changeform_view(
        self, request: HttpRequest, object_id: str | None = None, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """The page of a mapping, with what it does to a record."""
        mapping = self.get_object(request, object_id) if object_id is not None else None
        context: dict[str, Any] = {**(extra_context or {}), **SAVE_ONLY}
        if mapping is not None and self.has_view_or_change_permission(request, mapping):
            wanted, chosen = request.GET.get("record", ""), request.GET.get("pair", "")
            if request.user.has_perm(discretion.SEE):
                context["desk"] = trials.desk(mapping=mapping, wanted=wanted, chosen=chosen)
            context["import_url"] = imports.offered_values(request, mapping)
            context["places"] = [(side.label, found) for side, found in mapping_details.places(mapping=mapping).items()]
        try:
            answer: HttpResponse = super().changeform_view(request, object_id, form_url, context)
        except IntegrityError:
            messages.error(request, CROSSED)
            return redirect("admin:syncapp_fieldmapping_change", object_id)
        return answer

    def _create_formsets(self, request: HttpRequest, obj: Any = None, change: bool = False) -> Any:
        formsets, inline_instances = super()._create_formsets(request, obj, change)
        if len(formsets) == len(self.inlines):
            formsets[-1].page = tuple(formsets)
        return formsets, inline_instances

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """Save steps and values, then have the changed rules count. No vendor is called."""
        configs.begin_change(config=form.instance.config, now=timezone.now())
        super().save_related(request, form, formsets, change)
        configs.save_rules(config=form.instance.config, actor=doors.person(request), now=timezone.now())

    def response_change(self, request: HttpRequest, obj: models.FieldMapping) -> HttpResponse:
        """Stay on the page."""
        messages.success(request, say("Saved. The next run plans every pair again under these settings."))
        return redirect("admin:syncapp_fieldmapping_change", obj.pk)
