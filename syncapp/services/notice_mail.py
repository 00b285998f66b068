"""Tell people by e-mail: of the kinds that each chose at once, and in a summary once a day.

Owns that each mail leaves once at most: its row is unique, and that it is being sent is saved before it is sent. Taken back only
where the mail server surely did not get it. Whether a person may be told is asked anew when it is sent. Nothing is sent inside the
transaction that opened a notice: a schedule looks for them every minute.
"""
from __future__ import annotations

import logging
import smtplib
from datetime import datetime, timedelta

from django.contrib.auth.models import User
from django.core.mail import EmailMessage
from django.db.models import F, Q

from syncapp import models, queue
from syncapp.engine.vocabulary import Digest, MailState
from syncapp.engine.wording import later, say
from syncapp.selectors import notices as reading
from syncapp.selectors import personal
from syncapp.services import notice_words, notices, ports, postbox

logger = logging.getLogger(__name__)

MOST_ATTEMPTS = 5
PAUSE = timedelta(minutes=2)
STALE = timedelta(days=1)
KEPT = timedelta(days=60)
SILENT = timedelta(minutes=10)
"""Longer than the queue lets anything work: who has been sending so long is dead."""
TROUBLE = "e-mails do not leave"
NO_ADDRESS = later("The account has no e-mail address.")
NO_SERVER = later("This installation has no mail server.")
NOT_ALLOWED = later("It may not be shown to this person any more.")
CLOSED = later("The notice was closed before.")
NOT_WANTED = later("It was switched off in the settings meanwhile.")
OVER = later("Its day was over before it could be sent.")
LATER = later("The mail server did not take it; it is tried again.")
GIVEN_UP = later("The mail server did not take it.")
INTERRUPTED = later("It was interrupted. Whether it left is not known, so it is not sent a second time.")


def look_after(*, now: datetime) -> None:
    """Find the mails that are due, ring for each that was not sent, and forget old ones."""
    models.NoticeMail.objects.filter(created_at__lt=now - KEPT).delete()
    broken_off = models.NoticeMail.objects.filter(state=MailState.SENDING, tried_at__lte=now - SILENT)
    broken_off.update(state=MailState.FAILED, words=INTERRUPTED)
    if not postbox.is_there():
        return
    people = [user for user in User.objects.filter(is_active=True, is_staff=True).exclude(email="") if postbox.address(user)]
    chosen = personal.of_all(users=people)
    due = [*_at_once(people, chosen, now), *_summaries(people, chosen, now)]
    models.NoticeMail.objects.bulk_create(due, ignore_conflicts=True)
    waiting = models.NoticeMail.objects.filter(state=MailState.WAITING)
    for pk in waiting.filter(Q(tried_at=None) | Q(tried_at__lte=now - PAUSE)).order_by("pk").values_list("pk", flat=True):
        queue.enqueue_notice_mail(mail_id=pk)


def _at_once(people: list[User], chosen: dict[int, models.PersonalSettings], now: datetime) -> list[models.NoticeMail]:
    """A mail about each notice to each person who chose its kind and may see it, as far as there is none yet."""
    told = list(models.Notice.objects.filter(closed_at=None, created_at__gt=now - STALE))
    known = set(models.NoticeMail.objects.filter(notice__in=told).values_list("user_id", "notice_id"))
    return [
        models.NoticeMail(user=user, notice=notice, created_at=now)
        for user in people
        for notice in told
        if notice.kind in chosen[user.pk].at_once and (user.pk, notice.pk) not in known and reading.may_be_told(user=user, notice=notice)
    ]


def _summaries(people: list[User], chosen: dict[int, models.PersonalSettings], now: datetime) -> list[models.NoticeMail]:
    """The summary of today to each person whose hour has come, as far as there is none yet."""
    known = set(models.NoticeMail.objects.filter(day__gte=(now - timedelta(days=2)).date()).values_list("user_id", "day"))
    due = []
    for user in people:
        there = now.astimezone(personal.zone(chosen=chosen[user.pk]))
        wanted = chosen[user.pk].digest == Digest.DAILY and there.hour >= chosen[user.pk].digest_hour
        if wanted and (user.pk, there.date()) not in known and reading.may_see_all(user=user):
            due.append(models.NoticeMail(user=user, day=there.date(), created_at=now))
    return due


def send(*, mail_id: int, outside: ports.Ports = ports.REAL) -> bool:
    """Send a mail that waits. Tells whether it left. Twice is harmless: who comes second leaves it to the first."""
    waiting = models.NoticeMail.objects.filter(pk=mail_id, state=MailState.WAITING)
    mail = waiting.select_related("user", "notice").first()
    if mail is None:
        return False
    now, chosen = outside.now(), personal.of(user=mail.user)
    refusal = _refusal(mail, chosen, now)
    if refusal:
        waiting.update(state=MailState.DROPPED, words=refusal)
        return False
    if not waiting.filter(attempts=mail.attempts).update(state=MailState.SENDING, attempts=F("attempts") + 1, tried_at=now, words=""):
        return False
    message = _message(mail, chosen, now)
    if message is None:
        _settle(mail, state=MailState.EMPTY)
        return False
    try:
        message.send()
    except (smtplib.SMTPException, OSError) as error:
        _took_back(mail, error)
        return False
    _settle(mail, state=MailState.SENT)
    notices.close(subject=TROUBLE, now=now)
    logger.info("Mail %s about notices was sent.", mail.pk)
    return True


def _refusal(mail: models.NoticeMail, chosen: models.PersonalSettings, now: datetime) -> str:
    """Why a mail is not sent at all, "" where it is."""
    if not postbox.is_there():
        return str(NO_SERVER)
    if not postbox.address(mail.user):
        return str(NO_ADDRESS)
    if mail.notice is None:
        if not reading.may_see_all(user=mail.user):
            return str(NOT_ALLOWED)
        if chosen.digest != Digest.DAILY:
            return str(NOT_WANTED)
        return "" if mail.day == now.astimezone(personal.zone(chosen=chosen)).date() else str(OVER)
    if not reading.may_be_told(user=mail.user, notice=mail.notice):
        return str(NOT_ALLOWED)
    if mail.notice.kind not in chosen.at_once:
        return str(NOT_WANTED)
    return str(CLOSED) if mail.notice.closed_at else ""


def _message(mail: models.NoticeMail, chosen: models.PersonalSettings, now: datetime) -> EmailMessage | None:
    """The mail in its reader's time zone, None where there is nothing to tell."""
    with personal.as_read_by(user=mail.user, chosen=chosen):
        if mail.notice is not None:
            return notice_words.at_once(mail=mail, notice=mail.notice)
        return notice_words.summary(mail=mail, since=_last(mail), now=now, without=chosen.not_in_summary)


def _last(mail: models.NoticeMail) -> datetime:
    """When this person was last told all there was; where that never was, a day before the first summary was due."""
    summaries = models.NoticeMail.objects.filter(user=mail.user, notice=None)
    told = summaries.filter(state__in=[MailState.SENT, MailState.EMPTY]).order_by("-tried_at").values_list("tried_at", flat=True).first()
    first: datetime = summaries.order_by("created_at").values_list("created_at", flat=True).first() or mail.created_at
    return told or first - timedelta(days=1)


def _settle(mail: models.NoticeMail, *, state: MailState, words: str = "") -> None:
    models.NoticeMail.objects.filter(pk=mail.pk, state=MailState.SENDING).update(state=state, words=words)


def _took_back(mail: models.NoticeMail, error: Exception) -> None:
    """Have it tried again, or say in the admin that mail does not leave. The log names the kind of trouble only: a server's words
    hold addresses. Mail about it can only wait like the others."""
    logger.warning("Mail %s about notices could not be sent (%s).", mail.pk, type(error).__name__)
    if mail.attempts + 1 < MOST_ATTEMPTS:
        _settle(mail, state=MailState.WAITING, words=LATER)
        return
    _settle(mail, state=MailState.FAILED, words=GIVEN_UP)
    notices.tell(
        subject=TROUBLE,
        words=say(
            "E-mails do not leave: the mail server did not take one in {number} tries. Ask the person who installed this program to look at"
            " EMAIL_URL and at the log. This notice closes when a mail leaves again.", number=MOST_ATTEMPTS,
        ),
    )
