"""Syncs: setting one up, its page with settings, mappings, filters and runs, and the buttons that preview, run and switch it."""
from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError
from django.db.models import ForeignKey, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern
from django.utils import timezone
from unfold.decorators import display

from syncapp import models
from syncapp.admin import base, config_doors, config_forms, config_inlines, config_pages, config_pickers, doors, imports
from syncapp.engine.vocabulary import Direction, ObjectPair, RunState, Side
from syncapp.engine.wording import later, say
from syncapp.selectors import pickers, refusals, words
from syncapp.selectors import syncs as reading
from syncapp.services import configs, defaults

FIXED = ("left", "right", "object_pair")
NEW_RECORDS = later("What new QuickBooks records are given")
SAVE_ONLY = {"show_save_and_continue": False, "show_save_and_add_another": False, "show_delete": False}
CROSSED = later("Nothing was saved: two mappings changed places on the way. Switch one of them off, save, and set it anew.")


@admin.register(models.SyncConfig)
class SyncAdmin(base.ReadOnce, config_pages.SyncPages, config_pickers.PlainPickers, base.PageAdmin):
    """Any number of syncs."""

    form = config_forms.SyncConfigForm
    list_display = ["name", "standing", "objects", "direction_words", "last_run", "next_run"]
    list_filter = ["active", "object_pair"]
    search_fields = ["name"]
    change_form_template = "syncapp/sync.html"
    inlines = config_inlines.PARTS
    warn_unsaved_form = True
    compressed_fields = False
    doors = (*config_doors.DOORS, *imports.DOORS)
    fieldsets = (
        (later("The sync"), {"fields": ("name", ("left", "right"), ("object_pair", "interval_minutes"), ("direction", "create_to"))}),
        (later("How records find each other"), {"fields": ("match_mode", ("match_left", "match_right"), "key_required")}),
        (
            later("When the two sides differ"),
            {"fields": (("conflict_winner", "leave_policy"), ("delete_policy", "name_policy"), "name_suffix")},
        ),
        (
            later("Brakes: a run that would do more than this stops and asks"),
            {"fields": (("brake_creates", "brake_updates", "brake_archives"),)},
        ),
    )

    def get_urls(self) -> list[URLPattern]:
        """The pages of imports before the sync's own."""
        return [*imports.urls(self), *super().get_urls()]

    def get_queryset(self, request: HttpRequest) -> QuerySet[models.SyncConfig]:
        """With both accounts, and how the last run went."""
        return reading.with_last_run(syncs=super().get_queryset(request))

    def get_form(self, request: HttpRequest, obj: models.SyncConfig | None = None, change: bool = False, **kwargs: Any) -> Any:
        """Know the accounts that new records may be booked on."""
        made: Any = super().get_form(request, obj, change, **kwargs)
        made.draft = config_pickers.draft(request, obj) if obj is not None else None
        return made

    def get_readonly_fields(self, request: HttpRequest, obj: models.SyncConfig | None = None) -> tuple[str, ...]:
        """The accounts and the objects of a sync stay what they were."""
        return FIXED if obj is not None else ()

    def get_fieldsets(self, request: HttpRequest, obj: models.SyncConfig | None = None) -> Any:
        """What new QuickBooks records are given is asked only where the objects of the sync need it."""
        asked = tuple(one.setting for one in defaults.of(obj.object_pair).new_values) if obj is not None else ()
        extra = [(NEW_RECORDS, {"fields": (asked,)})] if asked else []
        return [self.fieldsets[0], *extra, *self.fieldsets[1:]]

    def formfield_for_foreignkey(self, db_field: ForeignKey[Any, Any], request: HttpRequest, **kwargs: Any) -> Any:
        """Pickers for the fields to match by."""
        match = request.resolver_match
        config = self.get_object(request, match.kwargs["object_id"]) if match is not None and "object_id" in match.kwargs else None
        if config is not None and db_field.name in ("match_left", "match_right"):
            side = Side.LEFT if db_field.name == "match_left" else Side.RIGHT
            offered = config_pickers.offer(draft=config_pickers.draft(request, config), side=side)
            kwargs |= config_pickers.picking(field=db_field, site=self.admin_site, offered=offered, use=pickers.FOR_MATCHING)
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def add_view(self, request: HttpRequest, form_url: str = "", extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Ask the four questions and let the service fill in the rest. Not in a transaction: it may read an account's fields."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        form = config_forms.NewSyncForm(request.POST or None, initial=reading.only_choices())
        if request.method == "POST" and form.is_valid():
            made = self._made(request, form)
            if made is not None:
                self.log_addition(request, made, say("Set up with the recommended mappings and filters."))
                messages.success(
                    request,
                    say("The recommended mappings and filters are filled in. Look them over, then press Preview now: it writes nothing."),
                )
                return redirect("admin:syncapp_syncconfig_change", made.pk)
        context = {
            **self.admin_site.each_context(request), "opts": self.opts, "title": say("Set up a sync"), "form": form,
            "missing": reading.missing_accounts(), **(extra_context or {}),
        }
        return TemplateResponse(request, "syncapp/sync_new.html", context)

    def _made(self, request: HttpRequest, form: config_forms.NewSyncForm) -> models.SyncConfig | None:
        given = form.cleaned_data
        try:
            return configs.create(
                name=given["name"], left=given["left"], right=given["right"], object_pair=ObjectPair(given["object_pair"]),
                direction=Direction(given["direction"]) if given["direction"] else None, actor=doors.person(request), now=timezone.now(),
            )
        except configs.ConfigRefused as refused:
            for problem in refused.problems:
                form.add_error(problem.field if problem.field in form.fields else None, problem.words)
        except refusals.VendorTrouble as trouble:
            form.add_error(None, str(trouble))
        return None

    def changeform_view(
        self, request: HttpRequest, object_id: str | None = None, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """The page of a sync, with its checks and runs."""
        config = self.get_object(request, object_id) if object_id is not None else None
        context: dict[str, Any] = {**(extra_context or {}), **SAVE_ONLY}
        if config is not None and self.has_view_or_change_permission(request, config):
            context |= config_doors.page(request, config) | {"imports": imports.offered(request, config)}
        try:
            answer: HttpResponse = super().changeform_view(request, object_id, form_url, context)
        except IntegrityError:
            messages.error(request, CROSSED)
            return redirect("admin:syncapp_syncconfig_change", object_id)
        return answer

    def _create_formsets(self, request: HttpRequest, obj: Any = None, change: bool = False) -> Any:
        formsets, inline_instances = super()._create_formsets(request, obj, change)
        if len(formsets) == len(config_inlines.PARTS):
            formsets[-1].page = tuple(formsets)
        return formsets, inline_instances

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """Save mappings and filters, then have the changed rules count. No vendor is called."""
        super().save_related(request, form, formsets, change)
        configs.save_rules(config=form.instance, actor=doors.person(request), now=timezone.now())

    def response_change(self, request: HttpRequest, obj: models.SyncConfig) -> HttpResponse:
        """Stay on the page, or go on to the next step of the set-up."""
        messages.success(request, say("Saved. The next run plans every pair again under these settings."))
        return redirect(config_doors.gone_through(request, obj))

    def delete_view(self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Ask, then remove the sync; nothing at the vendors."""
        config = self.get_object(request, object_id)
        if not self.has_delete_permission(request, config):
            raise PermissionDenied
        if config is None:
            return redirect("admin:syncapp_syncconfig_changelist")
        if request.method == "POST":
            return config_doors.removed(request, config)
        context = {
            **self.admin_site.each_context(request), "opts": self.opts, "title": say("Delete {sync}?", sync=config), "original": config,
            "subject": config, "pair_count": config.pairs.count(),
            "may_run": request.user.has_perm(config_doors.RUN), **(extra_context or {}),
        }
        return TemplateResponse(request, "syncapp/sync_delete.html", context)

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        """No deleting from the list: a sync is switched off first, then deleted on its own page."""
        return {}

    @display(description="", label={True: "success", False: "default"})
    def standing(self, config: models.SyncConfig) -> tuple[bool, str]:
        """Whether it runs by itself."""
        return config.active, say("On") if config.active else say("Off")

    @display(description=later("objects"), ordering="object_pair")
    def objects(self, config: models.SyncConfig) -> str:
        """What it keeps in step."""
        return ObjectPair(config.object_pair).label

    @display(description=later("direction"), ordering="direction")
    def direction_words(self, config: models.SyncConfig) -> str:
        """Which way."""
        return Direction(config.direction).label

    @display(description=later("last run"))
    def last_run(self, config: models.SyncConfig) -> str:
        """When, and how it went."""
        state = getattr(config, "last_state", None)
        return f"{RunState(state).label}, {words.moment(getattr(config, 'last_at', None))}" if state else say("never")

    @display(description=later("next run"), ordering="next_due_at")
    def next_run(self, config: models.SyncConfig) -> str:
        """When it runs next by itself."""
        return words.moment(config.next_due_at) if config.active else say("not scheduled")
