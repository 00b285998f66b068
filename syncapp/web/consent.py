"""The way to a vendor's consent page and back.

Owns two addresses a vendor. Answers with redirects only, so that no page of ours ever carries a code in its address, and lets no
cache or referrer keep one.
"""
from __future__ import annotations

from collections.abc import Callable
from functools import wraps

from django.contrib import messages
from django.contrib.auth.models import AbstractBaseUser
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from syncapp.engine.wording import say
from syncapp.services import consent, people

PERMISSION = "syncapp.add_connection"
CONNECTIONS_PAGE = "admin:syncapp_connection_changelist"
CONNECTION_PAGE = "admin:syncapp_connection_change"
SIGN_IN_PAGE = "admin:login"

View = Callable[..., HttpResponse]


def _guarded(view: View) -> View:
    """Only for people who may connect accounts; the way back from signing in does not carry the vendor's answer along."""

    @wraps(view)
    def guarded(request: HttpRequest, system: str) -> HttpResponse:
        if not request.user.is_authenticated:
            response: HttpResponse = redirect(SIGN_IN_PAGE)
        elif not request.user.has_perm(PERMISSION):
            raise PermissionDenied
        else:
            response = view(request, system, request.user)
        response["Cache-Control"] = "no-store"
        response["Referrer-Policy"] = "no-referrer"
        return response

    return guarded


@require_POST
@_guarded
def start(request: HttpRequest, system: str, user: AbstractBaseUser) -> HttpResponse:
    """Send the person to the vendor's consent page, for a new account or for the connection named by `reconnect`.

    Who entered the password too long ago is asked for it first, and led back to the button.
    """
    known, now = request.POST.get("reconnect", ""), timezone.now()
    page = reverse(CONNECTION_PAGE, args=[int(known)]) if known.isdecimal() and len(known) <= 18 else reverse(CONNECTIONS_PAGE)
    if not people.is_fresh(session=request.session, now=now):
        return redirect(people.question(onward=page))
    try:
        url = consent.begin(
            system=system, environment=request.POST.get("environment", ""), session=request.session, user=user, now=now,
            reconnect=int(known) if known.isdecimal() else None,
        )
    except consent.ConsentRefused as refused:
        messages.error(request, str(refused))
        return redirect(CONNECTIONS_PAGE)
    return redirect(url)


@require_safe
@_guarded
def callback(request: HttpRequest, system: str, user: AbstractBaseUser) -> HttpResponse:
    """Take the vendor's answer to a consent and show the connection, or why there is none."""
    try:
        connection = consent.finish(
            system=system, params=request.GET.dict(), session=request.session, user=user, now=timezone.now()
        )
    except consent.ConsentUsed as used:
        messages.info(request, str(used))
        return redirect(CONNECTION_PAGE, used.connection.pk) if used.connection else redirect(CONNECTIONS_PAGE)
    except consent.ConsentRefused as refused:
        messages.error(request, str(refused))
        return redirect(CONNECTIONS_PAGE)
    messages.success(request, say("{account} is connected.", account=connection))
    return redirect(CONNECTION_PAGE, connection.pk)
