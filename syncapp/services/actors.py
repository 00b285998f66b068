"""Who does something: a person, a schedule with the person who answers for it, or an account on the machine's command line.

Owns how each is named for good. Looks up nobody's permission.
"""
from __future__ import annotations

import getpass
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.contrib.auth.models import AbstractBaseUser, User

from syncapp import models
from syncapp.engine.vocabulary import AuditActor, RunTrigger
from syncapp.engine.wording import say

_BY_THEMSELVES = (RunTrigger.SCHEDULE, RunTrigger.EVENT, RunTrigger.SETTINGS)
_OF_RUN = (
    "pk", "trigger", "actor_id", "actor__username", "account", "config__name", "config__switched_on_by_id",
    "config__switched_on_by__username", "config__created_by_id", "config__created_by__username",
)


@dataclass(frozen=True, kw_only=True)
class Who:
    """Somebody who does something. `person` is the name at that time, of a schedule the name of who answers for it."""

    kind: AuditActor
    person_id: int | None = None
    person: str = ""
    schedule: str = ""


def of(actor: AbstractBaseUser | None) -> Who:
    """Name a person; where there is none, the account that runs the command."""
    if actor is None or actor.pk is None:
        return Who(kind=AuditActor.SHELL, person=account())
    return Who(kind=AuditActor.PERSON, person_id=actor.pk, person=actor.get_username())


def account() -> str:
    """Name the account on this machine that this process belongs to."""
    try:
        return getpass.getuser()[:150]
    except (KeyError, OSError):
        return f"uid {os.getuid()}"


def of_schedule(*, name: str, owner: User) -> Who:
    """Name a schedule by its owner."""
    return Who(kind=AuditActor.SCHEDULE, person_id=owner.pk, person=owner.get_username(), schedule=name[:200])


def of_operations(operations: Iterable[models.Operation]) -> Mapping[int, Who]:
    """Tell by number who had each write done: who approved it, else who or what started the run that it belongs to.

    Two queries at most, whatever the number.
    """
    written = list(operations)
    named = {one.actor_id for one in written if one.actor_id is not None}
    people = dict(User.objects.filter(pk__in=named).values_list("pk", "username")) if named else {}
    runs = {facts[0]: facts for facts in models.SyncRun.objects.filter(pk__in={one.run_id for one in written}).values_list(*_OF_RUN)}
    by_run = {pk: _of_run(*facts[1:]) for pk, facts in runs.items()}
    return {
        one.pk: Who(kind=AuditActor.PERSON, person_id=one.actor_id, person=people[one.actor_id])
        if one.actor_id in people else by_run[one.run_id]
        for one in written
    }


def _of_run(
    trigger: str, actor_id: int | None, actor: str | None, account_name: str, sync: str, on_by_id: int | None, on_by: str | None,
    made_by_id: int | None, made_by: str | None,
) -> Who:
    if actor_id is not None:
        return Who(kind=AuditActor.PERSON, person_id=actor_id, person=actor or "")
    if trigger in _BY_THEMSELVES:
        return Who(
            kind=AuditActor.SCHEDULE, person_id=on_by_id or made_by_id, person=on_by or made_by or "",
            schedule=f"{sync}: {RunTrigger(trigger).label}"[:200],
        )
    if trigger == RunTrigger.COMMAND:
        return Who(kind=AuditActor.SHELL, person=account_name)
    return Who(kind=AuditActor.PERSON, person=say("a person who was deleted since"))
