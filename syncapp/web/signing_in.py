"""How guessing at passwords is slowed: what django-axes asks of us.

Owns by what attempts are told apart, the page of those who are sent away, and who hears of it. An account's name is counted by a keyed
digest, since people type passwords into the wrong field. Whether an account exists changes neither the answer nor the work for it.
"""
from __future__ import annotations

from ipaddress import ip_address
from typing import Any

from axes.models import AccessAttempt
from axes.signals import user_locked_out
from django.conf import settings
from django.db.models.signals import pre_save
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.crypto import salted_hmac

from syncapp.services import sign_ins
from syncapp.web import callers

NAME_FIELD = "username"


def address(request: HttpRequest) -> str | None:
    """Tell from which address somebody tries; none where the web server is reached without one."""
    try:
        return str(ip_address(callers.address(request)))
    except ValueError:
        return None


def account(request: HttpRequest, credentials: dict[str, Any] | None) -> str:
    """Tell at which account somebody tries, by a digest of its name."""
    return salted_hmac("sign-in", _name(request, credentials), algorithm="sha256").hexdigest()


def refused(request: HttpRequest, response: HttpResponse | None = None, credentials: dict[str, Any] | None = None) -> HttpResponse:
    """Answer somebody who tried too often: the same page whatever the account, without a word about it."""
    seconds = int(settings.AXES_COOLOFF_TIME.total_seconds())
    answer = render(request, "syncapp/sign_in_refused.html", {"minutes": seconds // 60}, status=429)
    answer["Retry-After"] = str(seconds)
    return answer


def connect() -> None:
    """Hear from django-axes when an address is shut out, and when it writes an attempt down."""
    user_locked_out.connect(_shut_out, dispatch_uid="sign-ins")
    pre_save.connect(_forget, sender=AccessAttempt, dispatch_uid="what was typed")


def _forget(sender: Any, instance: AccessAttempt, **_ignored: Any) -> None:
    """What was typed beside a wrong password is nobody's business; only the password itself would be left out."""
    instance.get_data = instance.post_data = ""


def _shut_out(sender: Any, request: Any, **_ignored: Any) -> None:
    """Once when it begins, not for every attempt after that."""
    if request.axes_failures_since_start is not None:
        sign_ins.tell_of_guessing(username=_name(request, request.axes_credentials), address=request.axes_ip_address or "")


def _name(request: HttpRequest, credentials: dict[str, Any] | None) -> str:
    return str((credentials or request.POST).get(NAME_FIELD) or "")
