"""Mappings and filters on a sync's page: which columns they have, and whose fields their pickers offer."""
from __future__ import annotations

from typing import Any

from django.db.models import ForeignKey, Model, QuerySet
from django.http import HttpRequest
from unfold.admin import StackedInline, TabularInline

from syncapp import models
from syncapp.admin import config_forms, config_formsets, config_pickers
from syncapp.engine.vocabulary import Side
from syncapp.engine.wording import later
from syncapp.services import asking


class PartOfSync(config_pickers.PlainPickers):
    """Who may see or change the sync may see or change its parts."""

    def has_view_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """As the sync."""
        return request.user.has_perm("syncapp.view_syncconfig") or self.has_change_permission(request, obj)

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """As the sync."""
        return request.user.has_perm("syncapp.change_syncconfig")

    has_add_permission = has_change_permission
    has_delete_permission = has_change_permission


class MappingInline(PartOfSync, TabularInline):
    """Which fields are kept equal."""

    model = models.FieldMapping
    form = config_forms.MappingForm
    formset = config_formsets.MappingFormSet
    template = "syncapp/inlines/mappings.html"
    fields = ("left_field", "direction", "right_field", "conflict_rule", "clears", "fallback", "active", "position")
    extra = 0
    ordering_field = "position"
    hide_ordering_field = True
    hide_title = True

    def get_formset(self, request: HttpRequest, obj: models.SyncConfig | None = None, **kwargs: Any) -> Any:
        """Know both accounts before the pickers are made."""
        self.offers = {side: config_pickers.offer(config=obj, side=side) for side in Side} if obj is not None else {}
        return super().get_formset(request, obj, **kwargs)

    def get_queryset(self, request: HttpRequest) -> QuerySet[models.FieldMapping]:
        """With both fields, the steps and the value map."""
        found: QuerySet[models.FieldMapping] = super().get_queryset(request)
        return found.select_related("left_field__connection", "right_field__connection").prefetch_related("transforms", "values")

    def formfield_for_foreignkey(self, db_field: ForeignKey[Any, Any], request: HttpRequest, **kwargs: Any) -> Any:
        """Pickers of the account's own fields."""
        side = Side.LEFT if db_field.name == "left_field" else Side.RIGHT
        if side in self.offers:
            kwargs |= config_pickers.picking(field=db_field, site=self.admin_site, offered=self.offers[side])
        return super().formfield_for_foreignkey(db_field, request, **kwargs)


class RuleInline(PartOfSync, TabularInline):
    """The conditions of a group. All of them must hold."""

    model = models.FilterRule
    form = config_forms.RuleForm
    formset = config_formsets.OrderedFormSet
    verbose_name = later("condition")
    verbose_name_plural = later("All of these conditions must hold")
    fields = ("field", "operator", "typed", "include_unset", "position")
    extra = 0
    ordering_field = "position"
    hide_ordering_field = True
    hide_title = True

    def get_formset(self, request: HttpRequest, obj: models.FilterGroup | None = None, **kwargs: Any) -> Any:
        """Know the group's account before the picker is made. One look-up of the fields serves every group of a side."""
        offers = request.__dict__.setdefault("_offers", {})
        if obj is not None:
            key = (obj.config_id, obj.side)
            offers[key] = offers.get(key) or config_pickers.offer(config=obj.config, side=obj.side)
            self.offered = offers[key]
        made: Any = super().get_formset(request, obj, **kwargs)
        if hasattr(self, "offered"):
            made.form.left_out = self.offered.unasked
        return made

    def get_queryset(self, request: HttpRequest) -> QuerySet[models.FilterRule]:
        """With the field."""
        found: QuerySet[models.FilterRule] = super().get_queryset(request)
        return found.select_related("field__connection")

    def formfield_for_foreignkey(self, db_field: ForeignKey[Any, Any], request: HttpRequest, **kwargs: Any) -> Any:
        """A picker of the account's fields, those of associated records too."""
        if db_field.name == "field" and hasattr(self, "offered"):
            kwargs |= config_pickers.picking(field=db_field, site=self.admin_site, offered=self.offered)
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def typed(self, rule: models.FilterRule) -> str:
        """The values, for those who may only look."""
        return asking.as_text(rule=rule)


class GroupInline(PartOfSync, StackedInline):
    """Filter groups of one side. A record passes when any of them lets it in."""

    model = models.FilterGroup
    form = config_forms.GroupForm
    template = "syncapp/inlines/groups.html"
    inlines = (RuleInline,)
    fields = ("name", "position")
    extra = 0
    ordering_field = "position"
    hide_ordering_field = True


class LeftGroupInline(GroupInline):
    """Which HubSpot records are let in."""

    formset = config_formsets.LeftGroupFormSet
    verbose_name = later("HubSpot filter group")
    verbose_name_plural = later("HubSpot records")


class RightGroupInline(GroupInline):
    """Which QuickBooks records are let in."""

    formset = config_formsets.RightGroupFormSet
    verbose_name = later("QuickBooks filter group")
    verbose_name_plural = later("QuickBooks records")


PARTS = (MappingInline, LeftGroupInline, RightGroupInline)
