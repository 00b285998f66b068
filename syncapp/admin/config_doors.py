"""The buttons of a sync, and what its page shows beside the forms."""
from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone

from syncapp import models
from syncapp.admin import config_pickers, doors
from syncapp.engine.vocabulary import RunKind, RunTrigger
from syncapp.engine.wording import count, say
from syncapp.selectors import discretion, navigation, setup, standings
from syncapp.selectors import syncs as reading
from syncapp.services import configs, readiness, runs

RUN = "syncapp.run_syncconfig"
CHANGE = "syncapp.change_syncconfig"
RECORDS = "syncapp.view_recordpair"


def preview(request: HttpRequest, config: models.SyncConfig) -> doors.Said:
    """Start a preview."""
    return _started(request, config, RunKind.PREVIEW, say("The preview is running. It reads and plans, and writes nothing."))


def run(request: HttpRequest, config: models.SyncConfig) -> doors.Said:
    """Start a run."""
    return _started(request, config, RunKind.DELTA, say("The sync is running."))


def unscheduled(config: models.SyncConfig) -> str:
    """What to ask before a sync that does not run by itself writes."""
    if config.active:
        return ""
    return say(
        "{sync} is off, so it has not been writing by itself. This run reads both sides and writes what it plans, within the brakes. "
        "A preview shows the same beforehand and writes nothing.", sync=config,
    )


def _started(request: HttpRequest, config: models.SyncConfig, kind: RunKind, said: str) -> doors.Said:
    made = runs.start(config=config, kind=kind, trigger=RunTrigger.HAND, now=timezone.now(), actor=doors.person(request))
    return doors.Said(words=said, to=reverse("admin:syncapp_syncrun_change", args=[made.pk]))


def activate(request: HttpRequest, config: models.SyncConfig) -> doors.Said:
    """Let a sync run by itself."""
    unseen = request.POST.get("unseen") == "yes"
    configs.activate(config=config, actor=doors.person(request), now=timezone.now(), unseen=unseen)
    words = count(
        "{sync} is on: it runs every {number} minute, beginning now.", "{sync} is on: it runs every {number} minutes, beginning now.",
        number=config.interval_minutes, sync=config,
    )
    return doors.Said(words=words)


def deactivate(request: HttpRequest, config: models.SyncConfig) -> doors.Said:
    """Stop a sync."""
    configs.deactivate(config=config, actor=doors.person(request), now=timezone.now())
    return doors.Said(words=say("{sync} is off. Links and records stay as they are.", sync=config))


def complete(request: HttpRequest, config: models.SyncConfig) -> doors.Said:
    """Add the recommended mappings that are missing."""
    number = configs.complete(config=config, actor=doors.person(request), now=timezone.now())
    if not number:
        return doors.Said(words=say("All recommended mappings and filters are there already."), level=messages.INFO)
    words = count(
        "{number} recommended mapping or filter was added or changed. Look it through before the next run.",
        "{number} recommended mappings or filters were added or changed. Look them through before the next run.", number=number,
    )
    return doors.Said(words=words)


DOORS = (
    doors.Door(name="preview", permission=RUN, act=preview),
    doors.Door(name="run", permission=RUN, act=run, asks=unscheduled),
    doors.Door(name="activate", permission=RUN, act=activate),
    doors.Door(name="deactivate", permission=RUN, act=deactivate),
    doors.Door(name="complete", permission=CHANGE, act=complete),
)


def may_test(request: HttpRequest) -> bool:
    """Tell whether a person may test filters: that shows values of the records that are left out."""
    return request.user.has_perms((RECORDS, discretion.SEE))


def removed(request: HttpRequest, config: models.SyncConfig) -> HttpResponse:
    """Delete a sync and say so, or say why not."""
    name, key = str(config), config.pk
    try:
        configs.delete(config=config, actor=doors.person(request), now=timezone.now())
    except configs.ConfigRefused as refused:
        messages.error(request, str(refused))
        return redirect("admin:syncapp_syncconfig_change", key)
    messages.success(request, say("{sync} is deleted. Nothing was changed at the vendors.", sync=name))
    return redirect("admin:syncapp_syncconfig_changelist")


def gone_through(request: HttpRequest, config: models.SyncConfig) -> str:
    """Note the step of the set-up that was gone through by saving, if any, and name the place to go on at."""
    address = reverse("admin:syncapp_syncconfig_change", args=[config.pk])
    step = setup.named(request.POST.get("_through", ""))
    if step is None:
        return address
    configs.look_through(config=config, step=step)
    return f"{address}#{setup.PLACES[setup.following(step=step)]}"


def page(request: HttpRequest, config: models.SyncConfig) -> dict[str, Any]:
    """Gather what a sync's page shows beside its forms."""
    now, draft, past = timezone.now(), config_pickers.draft(request, config), setup.past(config=config)
    problems = configs.problems(config=config, draft=draft)
    counts = navigation.numbers(request, now=now, whole=True).by_standing(config_id=config.pk)
    return {
        "problems": problems, "checks": readiness.checks(config=config, problems=problems, advice=configs.advice(draft=draft), now=now),
        "steps": setup.steps(past=past, sound=not problems), "seen": past.preview, "may_test": may_test(request),
        "may_change": request.user.has_perm(CHANGE), "recent": reading.run_lines(found=past.recent, now=now),
        "counts": standings.listed(counts), "under_way": past.under_way, "may_run": request.user.has_perm(RUN), "now": now,
    }
