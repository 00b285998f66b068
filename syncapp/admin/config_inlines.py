"""Mappings and filters on a sync's page: which columns they have, and whose fields their pickers offer."""
from __future__ import annotations

from typing import Any

from django.db.models import ForeignKey, Model
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
        draft = config_pickers.draft(request, obj) if obj is not None else None
        self.offers = {side: config_pickers.offer(draft=draft, side=side) for side in Side} if draft is not None else {}
        made: Any = super().get_formset(request, obj, **kwargs)
        made.saved = draft.mappings if draft is not None else ()
        return made

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
        """Know the group's account before the picker is made."""
        draft = config_pickers.draft(request, obj.config) if obj is not None else None
        if draft is not None and obj is not None:
            self.offered = config_pickers.offer(draft=draft, side=obj.side)
        made: Any = super().get_formset(request, obj, **kwargs)
        if hasattr(self, "offered"):
            made.form.left_out = self.offered.unasked
        made.saved = [rule for group, rules in draft.groups for rule in rules if group == obj] if draft is not None else ()
        return made

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

    def get_formset(self, request: HttpRequest, obj: models.SyncConfig | None = None, **kwargs: Any) -> Any:
        """Know the groups of this side."""
        made: Any = super().get_formset(request, obj, **kwargs)
        found = config_pickers.draft(request, obj).groups if obj is not None else ()
        made.saved = [group for group, _ in found if group.side == made.side]
        return made


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
