"""Who may sign in: that there is always an administrator left, and that administrators hear of a superuser who signs in.

Owns what is remembered of a sign-in. Passwords are Django's business.
"""
from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

from django.contrib.auth.models import User
from django.contrib.sessions.backends.base import SessionBase
from django.db import transaction
from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils.http import urlencode

from syncapp.engine.vocabulary import NoticeKind
from syncapp.engine.wording import say
from syncapp.selectors import words
from syncapp.services import notices, roles

logger = logging.getLogger(__name__)

ENTERED_AT = "password_entered_at"
FRESH = timedelta(minutes=15)
"""For how long a password that was entered opens what asks for it again."""


class LastAdministrator(Exception):
    """Nobody could give others their rights any more; the text says so."""


def administrators() -> QuerySet[User]:
    """List who can give others their rights: superusers, and who has the administrators' role."""
    may = Q(is_superuser=True) | Q(groups__name=roles.ADMINISTRATORS)
    return User.objects.filter(may, is_active=True, is_staff=True).distinct()


def is_last_administrator(*, user: User) -> bool:
    """Tell whether nobody but this person can give others their rights."""
    found = administrators()
    return found.filter(pk=user.pk).exists() and not found.exclude(pk=user.pk).exists()


@contextmanager
def keeping_one(*, user: User) -> Iterator[None]:
    """Within this a person is changed or deleted. Raises LastAdministrator, and takes it back, where no administrator would be left.

    Changes of two people at the same moment wait for one another at the end of the audit, so the second one sees what the first one did.
    """
    with transaction.atomic():
        was = administrators().filter(pk=user.pk).exists()
        yield
        if was and not administrators().exists():
            raise LastAdministrator(say("Nothing was changed: no administrator would be left who can give others their rights."))


def signed_in(*, user: User, session: SessionBase, now: datetime) -> None:
    """Remember when the password was entered; where it is a superuser's, tell the other administrators."""
    password_entered(session=session, now=now)
    if not user.is_superuser:
        return
    logger.warning("Superuser %s signed in.", user.pk)
    said = say(
        "{who} signed in as a superuser, who may do everything, at {at}. If that was not agreed, change the password.",
        who=user, at=words.moment(now),
    )
    for one in administrators().exclude(pk=user.pk):
        notices.tell(
            subject=f"superuser {user.pk} signed in, for {one.pk}", words=said, kind=NoticeKind.OTHER, user=one,
            link=reverse("admin:auth_user_changelist"),
        )


def password_entered(*, session: SessionBase, now: datetime) -> None:
    """Remember that the password was entered."""
    session[ENTERED_AT] = int(now.timestamp())


def is_fresh(*, session: SessionBase, now: datetime) -> bool:
    """Tell whether the password was entered lately enough for what asks for it again."""
    entered = int(now.timestamp()) - int(session.get(ENTERED_AT, 0))
    return 0 <= entered <= FRESH.total_seconds()


def question(*, onward: str) -> str:
    """Name the page that asks for the password once more and leads on."""
    return f"{reverse('admin:syncapp_connection_password')}?{urlencode({'next': onward})}"
