"""The pages beside a sync's form: the question before it is turned on or off, and the test of its filters as they stand in the form.

Owns their addresses and permissions. The test saves nothing, and the question is answered by a button of `config_doors`.
"""
from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils import timezone
from unfold.admin import ModelAdmin

from syncapp import models
from syncapp.admin import config_doors, config_formsets, settings_pages
from syncapp.engine.vocabulary import Direction
from syncapp.engine.wording import say
from syncapp.selectors import setup
from syncapp.selectors import syncs as reading
from syncapp.services import config_checks, configs, filter_trials

TYPED = "left_groups-TOTAL_FORMS"


@dataclass(frozen=True, kw_only=True)
class Refused:
    """What is wrong with a filter, and the beginning of the names of the form's inputs where it stands."""

    place: str
    words: str


class SyncPages(ModelAdmin):
    """The addresses of these pages."""

    def get_urls(self) -> list[URLPattern]:
        """Before those of the form."""
        site = self.admin_site
        return [
            path("<int:pk>/switch/", site.admin_view(self.switch_view), name="syncapp_syncconfig_switch"),
            path("<int:pk>/filters/", site.admin_view(self.filters_view), name="syncapp_syncconfig_filters"),
            *settings_pages.urls(self),
            *super().get_urls(),
        ]

    def save_model(self, request: HttpRequest, obj: models.SyncConfig, form: Any, change: bool) -> None:
        """Keep what the settings were before they change."""
        configs.begin_change(config=obj, now=timezone.now())
        super().save_model(request, obj, form, change)

    def switch_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Say what turning the sync on or off does, and ask."""
        if not request.user.has_perm(config_doors.RUN):
            raise PermissionDenied
        config = get_object_or_404(reading.with_open_work(syncs=self.get_queryset(request)), pk=pk)
        past = setup.past(config=config)
        context = {
            **self._frame(request, config, say("Turn off {sync}?", sync=config) if config.active else say("Activate {sync}?", sync=config)),
            "open": config, "under_way": past.under_way, "problems": () if config.active else configs.problems(config=config),
            "seen": past.seen, "preview": past.preview,
        }
        return TemplateResponse(request, "syncapp/sync_switch.html", context)

    def filters_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Test the filters as they stand in the form, or as they are saved for those who may only look. Nothing is saved."""
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        if not (self.has_view_permission(request) and config_doors.may_test(request)):
            raise PermissionDenied
        config = self._found(request, pk)
        refused: list[Refused] = []
        forms: list[tuple[Any, list[Any]]] | None = None
        if TYPED in request.POST and self.has_change_permission(request, config):
            forms = self._typed(request, config)
            refused = [one for form, rules in forms for one in _mistakes(form, rules)]
        outcome = filter_trials.Outcome()
        if not refused:
            groups = [(form.instance, [rule.instance for rule in rules]) for form, rules in forms] if forms is not None else None
            outcome = filter_trials.tried(config=config, groups=groups, now=timezone.now())
            refused = [_placed(problem, forms or []) for problem in outcome.problems]
        context = {**self._frame(request, config, say("Filters of {sync}", sync=config)), "refused": refused, "sides": outcome.sides}
        part = request.POST.get("part") == "yes"
        return TemplateResponse(request, f"syncapp/{'parts/tested' if part else 'sync_tested'}.html", context)

    def _typed(self, request: HttpRequest, config: models.SyncConfig) -> list[tuple[Any, list[Any]]]:
        """The groups of the form with their conditions, without those that are to go."""
        direction = request.POST.get("direction", "")
        config.direction = direction if direction in set(Direction) else config.direction
        formsets, _ = self._create_formsets(request, config, change=True)
        groups = formsets[1:]
        groups[-1].page = ()  # the mappings are not part of the test
        for formset in groups:
            formset.is_valid()
        return [(form, config_formsets.nested_forms(form)) for formset in groups for form in formset.kept()]

    def _found(self, request: HttpRequest, pk: int) -> models.SyncConfig:
        config: models.SyncConfig | None = self.get_object(request, str(pk))
        if config is None:
            raise Http404
        return config

    def _frame(self, request: HttpRequest, config: models.SyncConfig, title: str) -> dict[str, Any]:
        return {**self.admin_site.each_context(request), "opts": self.opts, "title": title, "subject": config, "original": config}


def _mistakes(form: Any, rules: Sequence[Any]) -> Iterator[Refused]:
    """What cannot be read as a condition at all, in the words of the form."""
    for one in (form, *rules):
        if getattr(one, "cleaned_data", {}).get("DELETE"):
            continue
        for name, errors in one.errors.items():
            label = one.fields[name].label if name in one.fields else ""
            yield from (Refused(place=one.prefix, words=f"{form.instance.name}: {label or name}: {error}") for error in errors)


def _placed(problem: config_checks.Problem, forms: Sequence[tuple[Any, Sequence[Any]]]) -> Refused:
    """Where in the form a problem stands."""
    group, rule = problem.rule or (0, 0)
    form, rules = forms[group] if forms else (None, ())
    place = rules[rule].prefix if rules else form.prefix if form is not None else ""
    return Refused(place=place, words=problem.words)
