"""Ask for more than a password: a code from an authenticator app, or one of the recovery codes.

Owns setting it up, checking it, and taking it away. A code is good once, wrong ones are counted before they are checked, so that many at
the same moment are not more than one, and after five in a row one may be tried every quarter of an hour. The app's secret is sealed, of
the recovery codes only digests are kept.
"""
from __future__ import annotations

import base64
import hashlib
import logging
import secrets
from collections.abc import MutableMapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote, urlencode

import segno
from django.conf import settings
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.auth.models import AbstractBaseUser, User
from django.db import IntegrityError, transaction
from django_otp.oath import TOTP

from syncapp import models
from syncapp.engine.wording import say
from syncapp.services import notices, people, sealing

logger = logging.getLogger(__name__)

PASSED = "second_factor"
OFFERED = "second_factor_offered"
SECRET_BYTES = 20
DIGITS = 6
STEP_SECONDS = 30
STEPS_OFF = 1
"""By how many steps the clock of a phone may be wrong."""
RECOVERY_CODES = 8
RECOVERY_BYTES = 10
MOST_FAILURES = 5
PAUSE = timedelta(minutes=15)

Session = MutableMapping[str, Any]


class CodeRefused(Exception):
    """The code was not taken; the message says why and what to do next."""


@dataclass(frozen=True, kw_only=True)
class Offer:
    """What an authenticator app is set up with. Its repr shows no secret."""

    secret: str = field(repr=False)
    picture: str = field(repr=False)


def is_required() -> bool:
    """Tell whether this installation asks for a second factor."""
    return bool(settings.SECOND_FACTOR == "required")


def of(*, user: AbstractBaseUser) -> models.SecondFactor | None:
    """Find somebody's second factor. No query where it came with the person."""
    return getattr(user, "second_factor", None)


def has_passed(*, user: AbstractBaseUser, session: Session) -> bool:
    """Tell whether this person has shown the present second factor in this session."""
    factor = of(user=user)
    return factor is not None and session.get(PASSED) == factor.pk


def offer(*, user: AbstractBaseUser, session: Session) -> Offer:
    """Give out the secret that an app is to be set up with: the same until it is used, sealed in the session meanwhile."""
    if OFFERED not in session:
        fresh = base64.b32encode(secrets.token_bytes(SECRET_BYTES)).decode()
        session[OFFERED] = sealing.seal(place=_offered_place(user), value=fresh)
    secret = sealing.unseal(place=_offered_place(user), sealed=session[OFFERED])
    label = quote(f"{settings.PUBLIC_HOST}:{user.get_username()}")
    query = urlencode({"secret": secret, "issuer": settings.PUBLIC_HOST, "digits": DIGITS, "period": STEP_SECONDS}, quote_via=quote)
    picture = segno.make(f"otpauth://totp/{label}?{query}", error="m").svg_data_uri(scale=5, border=4, light="#fff")
    return Offer(secret=_in_fours(secret), picture=picture)


def set_up(*, user: User, session: Session, code: str, now: datetime) -> list[str]:
    """Take the app whose code shows that it has the offered secret, and return the recovery codes, which are shown this once.

    Raises CodeRefused.
    """
    if OFFERED not in session:
        raise CodeRefused(say("This page is out of date. Scan the code that it shows now."))
    secret = sealing.unseal(place=_offered_place(user), sealed=session[OFFERED])
    step = _step_of(code, secret=secret, after=-1, now=now)
    if step is None:
        raise CodeRefused(say("The code does not fit. Look whether the clock of the phone is right, and type the code that it shows now."))
    codes = [_in_fours(base64.b32encode(secrets.token_bytes(RECOVERY_BYTES)).decode()) for _ in range(RECOVERY_CODES)]
    try:
        with transaction.atomic():
            factor = models.SecondFactor.objects.create(
                user=user, secret=sealing.seal(place=_place(user.pk), value=secret), key_id=sealing.newest(), last_step=step, set_up_at=now
            )
            models.RecoveryCode.objects.bulk_create(models.RecoveryCode(factor=factor, digest=_digest(factor, one)) for one in codes)
            _write_down(user, say("The second factor was set up."))
    except IntegrityError:
        raise CodeRefused(say("A second factor is set up for this account already. Open the page again.")) from None
    del session[OFFERED]
    session[PASSED] = factor.pk
    return codes


def check(*, user: User, session: Session, code: str, now: datetime) -> str:
    """Take a code of the app or a recovery code; a sentence comes back where there is something to know. Raises CodeRefused."""
    factor = models.SecondFactor.objects.filter(user=user).first()
    if factor is None:
        raise CodeRefused(say("No second factor is set up for this account. Open the page again."))
    if factor.failures >= MOST_FAILURES and factor.tried_at and now < factor.tried_at + PAUSE:
        raise CodeRefused(say("Too many wrong codes. Wait {minutes} minutes, then try once more.", minutes=PAUSE.seconds // 60))
    mine = models.SecondFactor.objects.filter(pk=factor.pk, failures=factor.failures, last_step=factor.last_step)
    if not mine.update(failures=factor.failures + 1, tried_at=now):
        raise CodeRefused(say("Another code was tried at the same moment. Try again."))
    left = _taken(factor, code, now)
    if left is None:
        _tell_of_guessing(user, factor.failures + 1)
        raise CodeRefused(say("The code does not fit, or was used already. Type the code that the app shows now."))
    session[PASSED] = factor.pk
    return left


def take_away(*, user: User, actor: User | None) -> bool:
    """Forget somebody's second factor, so that a new one is set up at the next sign-in. Tells whether there was one.

    Where no person did it, that is written into the account's history here; a button's door writes down who pressed it.
    """
    with transaction.atomic():
        there_was = bool(models.SecondFactor.objects.filter(user=user).delete()[0])
        if there_was and actor is None:
            _write_down(user, say("The second factor was taken away on the command line."))
    return there_was


def rotate() -> int:
    """Seal every secret again with the newest key and tell how many that were. It may be broken off and started again."""
    count = 0
    for pk in models.SecondFactor.objects.exclude(key_id=sealing.newest()).values_list("pk", flat=True):
        row = models.SecondFactor.objects.filter(pk=pk).first()
        if row is not None:
            place = _place(row.user_id)
            again = sealing.seal(place=place, value=sealing.unseal(place=place, sealed=row.secret))
            count += models.SecondFactor.objects.filter(pk=pk, secret=row.secret).update(secret=again, key_id=sealing.newest())
    return count


def _taken(factor: models.SecondFactor, code: str, now: datetime) -> str | None:
    """What is to be known after a code was taken; None where it was not."""
    secret = sealing.unseal(place=_place(factor.user_id), sealed=factor.secret)
    step = _step_of(code, secret=secret, after=factor.last_step, now=now)
    same = models.SecondFactor.objects.filter(pk=factor.pk, last_step=factor.last_step)
    if step is not None:
        return "" if same.update(last_step=step, failures=0) else None
    unused = models.RecoveryCode.objects.filter(factor=factor, used_at=None)
    if not unused.filter(digest=_digest(factor, code)).update(used_at=now):
        return None
    same.update(failures=0)
    return say("A recovery code was used; {number} are left. Have an administrator reset your second factor before they end.",
               number=unused.count())


def _step_of(code: str, *, secret: str, after: int, now: datetime) -> int | None:
    """The step a code of the app belongs to; None where it belongs to none, or to one that is not after the given one."""
    digits = "".join(code.split())
    if len(digits) != DIGITS or not (digits.isascii() and digits.isdecimal()):
        return None
    app = TOTP(base64.b32decode(secret), step=STEP_SECONDS, digits=DIGITS)
    app.time = now.timestamp()
    return int(app.t()) if app.verify(int(digits), tolerance=STEPS_OFF, min_t=after + 1) else None


def _tell_of_guessing(user: User, failures: int) -> None:
    """Who gets this far knows the password, so administrators hear of it."""
    if failures != MOST_FAILURES:
        return
    logger.warning("%s wrong codes in a row at the second factor of user %s", failures, user.pk)
    words = say(
        "{failures} wrong codes in a row were typed at the second factor of {account}, after the right password. Ask whether it was the"
        " owner; if not, have the password changed at once.", failures=failures, account=user,
    )
    for one in people.administrators():
        notices.tell(
            subject=f"second factor of account {user.pk}, for {one.pk}", words=words, urgent=True, user=one,
            link=f"/auth/user/{user.pk}/change/",
        )


def _write_down(user: User, words: str) -> None:
    LogEntry.objects.log_actions(user.pk, [user], CHANGE, change_message=words, single_object=True)


def _digest(factor: models.SecondFactor, code: str) -> str:
    plain = "".join(sign for sign in code.upper() if sign.isalnum())
    return hashlib.sha256(f"{factor.pk}:{plain}".encode()).hexdigest()


def _in_fours(text: str) -> str:
    return " ".join(text[at : at + 4] for at in range(0, len(text), 4))


def _place(user_id: int) -> str:
    return f"second factor:{user_id}:secret"


def _offered_place(user: AbstractBaseUser) -> str:
    return f"second factor:{user.pk}:offered"
