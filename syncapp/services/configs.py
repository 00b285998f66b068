"""Set up, check, switch on, switch off and remove syncs.

Owns a config's life and its revision. Deletes nothing at a vendor: what was synced stays where it is, whatever happens to the sync.
"""
from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from datetime import datetime

from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction
from django.db.models import Case, F, Q, QuerySet, Value, When

from syncapp import models
from syncapp.engine import vocabulary
from syncapp.engine.wording import say
from syncapp.selectors import setup
from syncapp.services import (
    actors,
    audit_settings,
    books,
    config_checks,
    config_versions,
    defaults,
    drafts,
    fields,
    notices,
    twins,
)
from syncapp.services.config_checks import Problem

logger = logging.getLogger(__name__)

ACTIVE_RUNS = (vocabulary.RunState.QUEUED, vocabulary.RunState.RUNNING)


class ConfigRefused(Exception):
    """The settings are refused; `problems` say what is wrong, field by field."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__(" ".join(problem.words for problem in problems))
        self.problems = tuple(problems)


def create(
    *,
    name: str,
    left: models.Connection,
    right: models.Connection,
    object_pair: vocabulary.ObjectPair,
    actor: AbstractBaseUser | None,
    now: datetime,
    direction: vocabulary.Direction | None = None,
    create_to: vocabulary.CreateTo | None = None,
    interval_minutes: int = 10,
) -> models.SyncConfig:
    """Set up a sync with the recommended mappings and filters, switched off.

    Without a direction the recommended one is taken; missing records are created wherever values flow, unless one side is made
    by us. Reads the fields of an account whose fields were never read. Raises ConfigRefused, and the SyncError of an account that
    cannot be read.
    """
    kinds = defaults.of(object_pair)
    direction = direction or kinds.direction
    config = models.SyncConfig(
        name=name, left=left, right=right, object_pair=object_pair, direction=direction,
        create_to=create_to or (vocabulary.CreateTo.NONE if kinds.made_here else _creates(direction)),
        interval_minutes=interval_minutes, created_by_id=actor.pk if actor is not None else None,
    )
    refuse_or_pass(config=config)
    read_fields(left=left, right=right, object_pair=object_pair, now=now)
    with transaction.atomic():
        config.save()
        defaults.fill(config=config, now=now)
        config_versions.record(config=config, actor=actor, now=now)
        audit_settings.changed(subject=config, who=actors.of(actor), now=now, made=True)
    return config


def read_fields(*, left: models.Connection, right: models.Connection, object_pair: vocabulary.ObjectPair, now: datetime) -> None:
    """Read the fields of an account whose fields of these objects were never read. Raises the SyncError of one that cannot be read."""
    kinds = defaults.of(object_pair)
    for connection, kind in ((left, kinds.left_kind), (right, kinds.right_kind)):
        if connection.fields_read_at is None or not fields.known(connection=connection, kind=kind):
            fields.refresh(connection=connection, now=now, needed=kind)


def _creates(direction: vocabulary.Direction) -> vocabulary.CreateTo:
    """Wherever values flow."""
    if direction is vocabulary.Direction.BOTH:
        return vocabulary.CreateTo.BOTH
    return vocabulary.CreateTo.LEFT if direction is vocabulary.Direction.TO_LEFT else vocabulary.CreateTo.RIGHT


def refuse_or_pass(*, config: models.SyncConfig) -> None:
    """Raise ConfigRefused for a config that must not be saved: its accounts or its name do not do."""
    problems = list(config_checks.general(draft=drafts.Draft(config=config)))
    if models.SyncConfig.objects.exclude(pk=config.pk).filter(name=config.name).exists():
        problems.append(Problem(field="name", words=say("There is a sync “{name}” already. Choose another name.", name=config.name)))
    if problems:
        raise ConfigRefused(problems)


def recommend(*, config: models.SyncConfig, now: datetime) -> None:
    """Fill a config that has no mappings and no filters with the recommended ones."""
    with transaction.atomic():
        if not (config.mappings.exists() or config.filter_groups.exists()):
            defaults.fill(config=config, now=now)
            config_versions.record(config=config, actor=None, now=now)


def complete(*, config: models.SyncConfig, actor: AbstractBaseUser | None, now: datetime) -> int:
    """Add the recommended mappings that a config lacks in its present direction, and return how many were added or widened."""
    with transaction.atomic():
        begin_change(config=config, now=now)
        number = defaults.complete(config=config, now=now)
        if number:
            save_rules(config=config, actor=actor, now=now)
    return number


def problems(*, config: models.SyncConfig, draft: drafts.Draft | None = None) -> tuple[Problem, ...]:
    """Name everything that keeps a sync from running, each with the field and the remedy. `draft` holds its settings if they are known."""
    draft = draft or drafts.saved(config=config)
    barred = (Problem(field="company", words=words) for words in books.barred(draft=draft))
    lacking = (*config_checks.unmet(draft=draft), *config_checks.unchosen(draft=draft), *config_checks.unkept(draft=draft))
    return (*config_checks.found(draft=draft), *barred, *lacking, *config_checks.not_ready(config=config))


def advice(*, draft: drafts.Draft) -> tuple[books.Advice, ...]:
    """Name what a person should know of a sync that keeps it from nothing."""
    return (*books.advice(draft=draft), *twins.advice(draft=draft))


def check_forms(
    *,
    config: models.SyncConfig,
    mappings: Sequence[models.FieldMapping],
    groups: Sequence[tuple[models.FilterGroup, Sequence[models.FilterRule]]],
    value_maps: Mapping[int, Sequence[tuple[str, str]]] | None = None,
    steps: Mapping[int, Sequence[models.Transform]] | None = None,
) -> tuple[Problem, ...]:
    """Check settings before they are saved, as a page's forms hold them: unsaved rows in the page's order.

    `value_maps` holds the value pairs of a mapping by its place, `steps` its steps. Each problem tells the place of what it concerns.
    """
    frozen = {at: [drafts.transform(row=step) for step in found] for at, found in (steps or {}).items()}
    draft = drafts.Draft(
        config=config, mappings=mappings, others=drafts.others(config=config), groups=groups, value_maps=value_maps or {}, steps=frozen
    )
    return config_checks.found(draft=draft)


def check_filters(
    *, config: models.SyncConfig, groups: Sequence[tuple[models.FilterGroup, Sequence[models.FilterRule]]]
) -> tuple[Problem, ...]:
    """Check filters alone as `check_forms` does, whatever else is wrong with the settings."""
    return tuple(problem for problem in check_forms(config=config, mappings=(), groups=groups) if problem.rule is not None)


def begin_change(*, config: models.SyncConfig, now: datetime) -> None:
    """Keep what the settings are before something changes them, where that is not kept yet. Call it before anything is saved."""
    config_versions.begin(config=config, now=now)


def save_rules(*, config: models.SyncConfig, actor: AbstractBaseUser | None, now: datetime) -> None:
    """Make changed settings count: every pair is planned again under the new revision, at once if active; and keep what they are now.

    Pairs compare their revision with this one, so none of them is touched here.
    """
    due = Case(When(active=True, then=Value(now)), default=F("next_due_at"))
    with transaction.atomic():
        models.SyncConfig.objects.filter(pk=config.pk).update(revision=F("revision") + 1, next_due_at=due, updated_at=now)
        notices.close(subject=blocked_subject(config.pk), now=now)
        config_versions.record(config=config, actor=actor, now=now)
        config.refresh_from_db()
        audit_settings.changed(subject=config, who=actors.of(actor), now=now)
    logger.info("Settings of sync %s were saved as revision %s by user %s", config.pk, config.revision, _pk(actor))


def look_through(*, config: models.SyncConfig, step: setup.SetupStep) -> None:
    """Remember that a person has gone through a step of the set-up."""
    if step not in config.looked_through:
        config.looked_through = [*config.looked_through, step.value]
        models.SyncConfig.objects.filter(pk=config.pk).update(looked_through=config.looked_through)


def activate(*, config: models.SyncConfig, actor: AbstractBaseUser | None, now: datetime, unseen: bool = False) -> None:
    """Let a sync run by itself, beginning now. Raises ConfigRefused.

    Somebody must have seen what the present settings would do, in a preview or a run, or say that it shall be `unseen`.
    """
    if wrong := problems(config=config):
        raise ConfigRefused(wrong)
    if not unseen and not setup.past(config=config).seen:
        words = say(
            "Nobody has seen what these settings would do. Press Preview now first, or tick that it is to go on without a preview."
        )
        raise ConfigRefused([Problem(field="active", words=words)])
    with transaction.atomic():
        models.SyncConfig.objects.filter(pk=config.pk).update(active=True, next_due_at=now, switched_on_by_id=_pk(actor))
        notices.close(subject=blocked_subject(config.pk), now=now)
        config.refresh_from_db()
        audit_settings.changed(subject=config, who=actors.of(actor), now=now)
    logger.info("Sync %s was switched on by user %s", config.pk, _pk(actor))


def deactivate(*, config: models.SyncConfig, actor: AbstractBaseUser | None, now: datetime) -> None:
    """Stop a sync: no run starts, one under way ends before its next batch. Links and records stay."""
    with transaction.atomic():
        models.SyncConfig.objects.filter(pk=config.pk).update(active=False, next_due_at=None)
        models.SyncRun.objects.filter(config=config, state__in=ACTIVE_RUNS).update(
            state=vocabulary.RunState.CANCELLED, phase=vocabulary.RunPhase.DONE, words=say("The sync was switched off."), finished_at=now
        )
        config.refresh_from_db()
        audit_settings.changed(subject=config, who=actors.of(actor), now=now)
    logger.info("Sync %s was switched off by user %s", config.pk, _pk(actor))


def delete(*, config: models.SyncConfig, actor: AbstractBaseUser | None, now: datetime) -> None:
    """Remove a sync that is switched off, with its settings, links and history here; nothing at the vendors.

    Raises ConfigRefused for one that is active or has a run under way.
    """
    if config.active or models.SyncRun.objects.filter(config=config, state__in=ACTIVE_RUNS).exists():
        words = say("“{sync}” is still running. Switch it off first, then delete it.", sync=config)
        raise ConfigRefused([Problem(field="active", words=words)])
    key = config.pk
    with transaction.atomic():
        for subject in (blocked_subject(key), notices.brake_subject(key)):
            notices.close(subject=subject, now=now)
        audit_settings.remove(subject=config, who=actors.of(actor), now=now)
    logger.info("Sync %s was deleted by user %s", key, _pk(actor))


def usable() -> QuerySet[models.SyncConfig]:
    """List the active syncs whose accounts can be used."""
    facts = {
        f"{side}__{name}": value
        for side in ("left", "right") for name, value in (("status", vocabulary.ConnectionStatus.CONNECTED), ("paused", False))
    }
    return models.SyncConfig.objects.filter(active=True, **facts)


def due(*, now: datetime) -> list[int]:
    """List the active syncs whose time has come and whose accounts can be used, the longest waiting first."""
    waiting = usable().filter(Q(next_due_at=None) | Q(next_due_at__lte=now))
    return list(waiting.order_by(F("next_due_at").asc(nulls_first=True), "pk").values_list("pk", flat=True))


def blocked_subject(config_id: int) -> str:
    """Name the notice that a sync cannot run."""
    return f"sync {config_id} cannot run"


def _pk(actor: AbstractBaseUser | None) -> int | None:
    return actor.pk if actor is not None else None
