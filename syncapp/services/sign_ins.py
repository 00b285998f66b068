"""Tell administrators that somebody guesses at a password.

Owns who is told, and in which words. What was typed is repeated only where it is the name of an account.
"""
from __future__ import annotations

import logging

from django.conf import settings
from django.contrib.auth.models import User

from syncapp.engine.wording import say
from syncapp.services import notices, people

logger = logging.getLogger(__name__)


def tell_of_guessing(*, username: str, address: str) -> None:
    """Give every administrator one notice about an account, however often it is tried. Where there is no such account, one for all."""
    found = User.objects.filter(username=username).first()
    logger.warning("Sign-ins to account %s are refused from an address that failed too often", found.pk if found else "(none)")
    attempts, minutes = settings.AXES_FAILURE_LIMIT, int(settings.AXES_COOLOFF_TIME.total_seconds()) // 60
    where = address or say("an unknown address")
    if found is None:
        words = say(
            "{attempts} sign-ins to an account that does not exist failed from {address}. Further ones from there are refused for {minutes}"
            " minutes. Nothing is to be done, unless it goes on.", attempts=attempts, address=where, minutes=minutes,
        )
    else:
        words = say(
            "{attempts} sign-ins to the account {account} failed from {address}. Further ones from there are refused for {minutes} minutes;"
            " from elsewhere its owner signs in as ever. Ask whether it was the owner; if not, have the password changed.",
            attempts=attempts, account=found, address=where, minutes=minutes,
        )
    for one in people.administrators():
        notices.tell(
            subject=f"sign-ins to {f'account {found.pk}' if found else 'no account'}, for {one.pk}", words=words, urgent=True, user=one,
            link=f"/auth/user/{found.pk}/change/" if found else "",
        )
