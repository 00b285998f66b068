"""Write down for good who changed which setting, with its old and new value.

Owns the states that a change is told from: whoever changed something says so here, and what differs is put to the chain, in the same
transaction. What stays as it was costs no entry.
"""
from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.contrib.auth.models import Group, User
from django.db import transaction
from django.db.models import Model

from syncapp import models
from syncapp.engine import auditing
from syncapp.engine.vocabulary import AuditKind, AuditVerb
from syncapp.engine.wording import say
from syncapp.services import actors, audit, setting_facts

PASSWORD = "password"  # noqa: S105 - the name of a field


@dataclass(frozen=True, kw_only=True)
class _Subject:
    """What settings belong to, by its number; `columns` are those that lead to it from the list."""

    kind: AuditKind
    key: str
    name: str
    columns: dict[str, Any] = field(default_factory=dict)


_FACTS: dict[type[Model], tuple[AuditKind, Callable[[Any], setting_facts.Facts]]] = {
    models.SyncConfig: (AuditKind.SYNC, setting_facts.of_sync),
    models.Connection: (AuditKind.CONNECTION, setting_facts.of_connection),
    User: (AuditKind.USER, setting_facts.of_user),
    Group: (AuditKind.ROLE, setting_facts.of_role),
    models.ExportSchedule: (AuditKind.SCHEDULE, setting_facts.of_schedule),
}


def changed(
    *, subject: Model, who: actors.Who, now: datetime, made: bool = False, beside: Mapping[str, list[str]] | None = None
) -> None:
    """Write down what differs since the audit last looked, and nothing where nothing does. `made`: it is new.

    `beside` holds further old and new values, such as fingerprints. Call it at the end of the transaction that changes something.
    """
    about, facts = _about(subject), auditing.text(_facts(subject))
    with transaction.atomic():
        known = _known(about)
        _remember(about, facts, known)
        old = json.loads(known.facts) if known is not None else {}
        found = auditing.differences(old=old, new=json.loads(facts)) | dict(beside or {})
        if found:
            new = known is None and made
            note = "" if new or known is not None else say("The audit had not met it before: what is old is not known.")
            audit.append([_entry(about, AuditVerb.ADDED if new else AuditVerb.CHANGED, found, who, now, note)])


def remove(*, subject: Model, who: actors.Who, now: datetime) -> None:
    """Delete something with its settings, and write down what they were."""
    gone = [(_about(one), _facts(one)) for one in (*_taken_along(subject), subject)]
    with transaction.atomic():
        subject.delete()
        for about, _ in gone:
            models.AuditedState.objects.filter(kind=about.kind, subject_id=about.key).delete()
        audit.append([
            _entry(about, AuditVerb.REMOVED, auditing.differences(old=facts, new={}), who, now) for about, facts in gone
        ])


def _taken_along(subject: Model) -> list[Model]:
    """What is deleted with it: a person's scheduled exports."""
    return list(models.ExportSchedule.objects.filter(owner=subject)) if isinstance(subject, User) else []


@contextmanager
def around(*, user: User, who: actors.Who, now: datetime) -> Iterator[None]:
    """Within this a person's password may be set: it is told by fingerprints of what is kept of it, old and new."""
    with transaction.atomic():
        before = auditing.fingerprint(User.objects.get(pk=user.pk).password)
        yield
        after = auditing.fingerprint(User.objects.get(pk=user.pk).password)
        if before != after:
            changed(subject=user, who=who, now=now, beside={PASSWORD: [before, after]})


def first_password(*, user: User) -> dict[str, list[str]]:
    """The fingerprint of what is kept of somebody's password where there was none before."""
    return {PASSWORD: ["", auditing.fingerprint(user.password)]} if user.has_usable_password() else {}


def begin() -> None:
    """Remember how everything is that the audit has not met yet, so that the first change of it can be told from that."""
    for model, (kind, _facts_of) in _FACTS.items():
        met = set(models.AuditedState.objects.filter(kind=kind).values_list("subject_id", flat=True))
        for one in model._default_manager.all():
            if str(one.pk) not in met:
                _remember(_about(one), auditing.text(_facts(one)), None)


def _facts(subject: Model) -> setting_facts.Facts:
    return _FACTS[subject._meta.model][1](subject)


def _about(subject: Model) -> _Subject:
    kind, columns = _FACTS[subject._meta.model][0], {}
    if isinstance(subject, models.SyncConfig):
        columns = {"config": subject.pk, "sync": subject.name}
    elif isinstance(subject, models.Connection):
        columns = {"connection": subject.pk, "account": str(subject)[:300]}
    return _Subject(kind=kind, key=str(subject.pk), name=str(subject)[:200], columns=columns)


def _known(about: _Subject) -> models.AuditedState | None:
    return models.AuditedState.objects.filter(kind=about.kind, subject_id=about.key).first()


def _remember(about: _Subject, facts: str, known: models.AuditedState | None) -> None:
    if known is None:
        models.AuditedState.objects.update_or_create(kind=about.kind, subject_id=about.key, defaults={"facts": facts})
    elif known.facts != facts:
        models.AuditedState.objects.filter(pk=known.pk).update(facts=facts)


def _entry(
    about: _Subject, verb: AuditVerb, found: dict[str, list[Any]], who: actors.Who, now: datetime, note: str = ""
) -> models.AuditEntry:
    return models.AuditEntry(
        at=now, kind=about.kind, verb=verb, **audit.named(who), subject_id=about.key, name=about.name, changes=auditing.text(found),
        note=note, **about.columns,
    )
