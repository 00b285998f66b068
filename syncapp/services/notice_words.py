"""What stands in the mails about notices: plain text, with links that need a sign-in.

Owns their subjects and bodies. Sends nothing, and writes no value of a record.
"""
from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from django.conf import settings
from django.core.mail import EmailMessage
from django.urls import reverse

from syncapp import models
from syncapp.engine.vocabulary import NoticeKind
from syncapp.engine.wording import say
from syncapp.selectors import digests, words
from syncapp.services import postbox

LONGEST_SUBJECT = 120


def at_once(*, mail: models.NoticeMail, notice: models.Notice) -> EmailMessage:
    """Write the mail about one notice."""
    told = say("Told {moment}.", moment=words.moment(notice.created_at))
    where = f"{say('Where it is dealt with:')}\n{_address(notice.link)}\n\n" if notice.link else ""
    return _mail(
        mail, subject=say("Urgent: {notice}", notice=str(notice)) if notice.urgent else str(notice),
        body=f"{notice}\n\n{told}\n\n{where}",
        why=say("You get this because you are told of “{kind}” at once.", kind=NoticeKind(notice.kind).label),
    )


def summary(*, mail: models.NoticeMail, since: datetime, now: datetime, without: Collection[str]) -> EmailMessage | None:
    """Write the summary of a day `without` some kinds, None where there is nothing to tell."""
    parts = digests.parts(user=mail.user, since=since, now=now, without=without)
    if not parts:
        return None
    until = say("As of {moment}; new is what came after {before}.", moment=words.moment(now), before=words.moment(since))
    return _mail(
        mail, subject=say("Summary: {parts}", parts=", ".join(part.short for part in parts)),
        body="".join(_part(part) for part in parts) + f"{until}\n\n",
        why=say("You get this once a day where there is something to tell."),
    )


def _part(part: digests.Part) -> str:
    lines = "".join(f"- {line.words}\n" + (f"  {_address(line.path)}\n" if line.path else "") for line in part.lines)
    return f"{part.heading}\n{lines}\n"


def _mail(mail: models.NoticeMail, *, subject: str, body: str, why: str) -> EmailMessage:
    line = " ".join(subject.split())
    return EmailMessage(
        subject=line if len(line) <= LONGEST_SUBJECT else f"{line[: LONGEST_SUBJECT - 1]}…",
        body=f"{body}{say('All open notices:')}\n{_address(reverse('admin:syncapp_notice_changelist'))}\n\n"
        f"{why} {say('Change that under My settings:')}\n{_address(reverse('admin:syncapp_personalsettings_changelist'))}\n",
        to=[postbox.recipient(mail.user)],
        headers={"Message-ID": f"<notice-mail-{mail.pk}@{settings.PUBLIC_HOST}>", "Auto-Submitted": "auto-generated"},
    )


def _address(path: str) -> str:
    return f"{settings.PUBLIC_URL}{path}"
