"""Export saved views by themselves, again and again.

Owns when one is due, that it is begun once, and that it ends when its owner may no longer have it. The file itself is made, kept and sent
like every other export.
"""
from __future__ import annotations

import logging
from datetime import datetime

from django.contrib.auth.models import User
from django.db import transaction

from syncapp import models
from syncapp.engine import exporting
from syncapp.engine.vocabulary import ExportFormat, ExportRhythm, NoticeKind, Weekday
from syncapp.engine.wording import later, say
from syncapp.selectors import views
from syncapp.services import actors, audit_settings, export_mail, exports, notices

logger = logging.getLogger(__name__)

NO_VIEW = later("Its view was deleted.")
NOT_ALLOWED = later("Its owner may no longer export records.")
NOT_SHARED = later("Its owner may no longer open the view.")


class ScheduleRefused(Exception):
    """A scheduled export cannot be kept so; the text says why."""


def may_change(*, user: User, schedule: models.ExportSchedule | None = None) -> bool:
    """Tell whether a person may schedule exports, or change and delete this one: its owner and administrators."""
    return exports.may_export(user) and (schedule is None or user.is_superuser or schedule.owner_id == user.pk)


def save(*, schedule: models.ExportSchedule, actor: User, now: datetime) -> None:
    """Keep a scheduled export; a new one is its maker's own. What it missed is not made up for. Raises ScheduleRefused."""
    if schedule.pk is None:
        schedule.owner = actor
    if not may_change(user=actor, schedule=schedule):
        raise ScheduleRefused(say("This scheduled export is somebody else's."))
    refusal = _refusal(schedule)
    if refusal and schedule.active:
        raise ScheduleRefused(say("It cannot be switched on. {why}", why=refusal))
    if schedule.view is not None:
        schedule.name = schedule.view.name
    schedule.due_at = _next(schedule, now) if schedule.active else None
    if schedule.active:
        schedule.last_words = ""
    made = schedule.pk is None
    with transaction.atomic():
        schedule.save()
        if schedule.active:
            for user in _told(schedule):
                notices.close(subject=_subject(schedule, user), now=now)
        audit_settings.changed(subject=schedule, who=actors.of(actor), now=now, made=made)


def look_after(*, now: datetime) -> None:
    """Look after the exports there are, then begin the scheduled ones that are due."""
    export_mail.look_after(now=now)
    start_due(now=now)


def start_due(*, now: datetime) -> int:
    """Begin what is due, and tell how many were begun. However many times were missed, each is begun once."""
    due = models.ExportSchedule.objects.select_related("owner", "view__config").filter(active=True, due_at__lte=now)
    return sum(_begun(schedule, now) for schedule in due.order_by("due_at", "pk"))


def _begun(schedule: models.ExportSchedule, now: datetime) -> bool:
    """Begin one, unless another worker has: its next time, and the export, are saved together."""
    with transaction.atomic():
        mine = models.ExportSchedule.objects.filter(pk=schedule.pk, active=True, due_at=schedule.due_at)
        if not mine.update(due_at=_next(schedule, now)):
            return False
        own = models.ExportSchedule.objects.filter(pk=schedule.pk)
        refusal = _refusal(schedule)
        if refusal or schedule.view is None:
            own.update(active=False, due_at=None, last_words=refusal)
            _tell(schedule, say(
                "The scheduled export “{name}” of {owner} is switched off. {why}", name=schedule.name, owner=schedule.owner, why=refusal
            ))
            who = actors.of_schedule(name=schedule.name, owner=schedule.owner)
            audit_settings.changed(subject=schedule, who=who, now=now)
            logger.warning("Scheduled export %s is switched off: %s", schedule.pk, refusal)
            return False
        try:
            made = exports.ask(
                owner=schedule.owner, format=ExportFormat(schedule.format), query=schedule.view.query, columns=schedule.view.columns,
                config=schedule.view.config, name=schedule.view.name, at_once=False,
            )
        except exports.ExportRefused as refused:
            own.update(last_words=str(refused))
            words = say("The scheduled export “{name}” was not made. {why}", name=schedule.name, why=refused)
            subject = _subject(schedule, schedule.owner)
            notices.tell(subject=subject, words=words, kind=NoticeKind.EXPORT, link=page(schedule), user=schedule.owner)
            return False
        own.update(last_export=made, last_words="")
    return True


def page(schedule: models.ExportSchedule) -> str:
    """The page of a scheduled export."""
    return f"/syncapp/exportschedule/{schedule.pk}/change/"


def _next(schedule: models.ExportSchedule, after: datetime) -> datetime:
    return exporting.next_moment(
        rhythm=ExportRhythm(schedule.rhythm), weekday=Weekday(schedule.weekday), day=schedule.day, hour=schedule.hour, after=after
    )


def _refusal(schedule: models.ExportSchedule) -> str:
    """Why it cannot be made any more, "" where it can."""
    if schedule.view is None:
        return str(NO_VIEW)
    if not exports.may_export(schedule.owner):
        return str(NOT_ALLOWED)
    return "" if views.offered(user=schedule.owner).filter(pk=schedule.view.pk).exists() else str(NOT_SHARED)


def _told(schedule: models.ExportSchedule) -> list[User]:
    """Its owner, and the administrators."""
    return [schedule.owner, *User.objects.filter(is_superuser=True, is_active=True).exclude(pk=schedule.owner.pk)]


def _tell(schedule: models.ExportSchedule, words: str) -> None:
    for user in _told(schedule):
        link = page(schedule) if may_change(user=user, schedule=schedule) else ""
        notices.tell(subject=_subject(schedule, user), words=words, kind=NoticeKind.EXPORT, link=link, user=user)


def _subject(schedule: models.ExportSchedule, user: User) -> str:
    return f"scheduled export {schedule.pk} for {user.pk}"
