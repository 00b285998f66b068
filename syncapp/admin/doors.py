"""Buttons: each posts to an address of its own, checks one permission, makes one service call and says what came of it.

Owns the frame around that call. A vendor is never called inside a transaction this way, and nothing changes by a GET.
"""
from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import update_wrapper
from typing import Any

from django.contrib import messages
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from unfold.admin import ModelAdmin

from syncapp.engine.wording import say
from syncapp.selectors import refusals
from syncapp.services import care, configs, confirming, conflicts, consent, editing, exports, partners, people, runs, views

REFUSALS = (
    runs.CannotStart, configs.ConfigRefused, conflicts.AlreadyDecided, consent.ConsentRefused, partners.NotPossible, refusals.VendorTrouble,
    editing.EditRefused, exports.ExportRefused, views.ViewRefused, care.CareRefused, confirming.NotAlone, ValueError,
)

SURE, CARRIED = "sure", ("next",)
"""What the answer to a question is posted as, and what else is posted again with it."""


@dataclass(frozen=True, kw_only=True)
class Said:
    """What came of a button: the sentence, how good it is, and the page that shows it ("" for the page pressed on)."""

    words: str
    level: int = messages.SUCCESS
    to: str = ""


@dataclass(frozen=True, kw_only=True)
class Door:
    """A button: its address below the object, the permission it asks for ("" where the list it belongs to holds one's own things
    only), and the one call it makes. With `onward` it asks for a password that was entered lately, and leads there once it was.
    `asks` says what will be written at a vendor, for a person to confirm; "" where there is no need."""

    name: str
    permission: str
    act: Callable[[HttpRequest, Any], Said]
    onward: str = ""
    asks: Callable[[Any], str] | None = None


def person(request: HttpRequest) -> User:
    """Tell who is signed in. Raises PermissionDenied where nobody is."""
    if not isinstance(request.user, User):
        raise PermissionDenied
    return request.user


def urls(*, admin: ModelAdmin, doors: tuple[Door, ...]) -> list[URLPattern]:
    """Give every button its address, syncapp_<model>_<name>."""
    model = admin.opts.model_name
    return [
        path(f"<int:pk>/{door.name}/", admin.admin_site.admin_view(_view(admin, door)), name=f"{admin.opts.app_label}_{model}_{door.name}")
        for door in doors
    ]


def _view(admin: ModelAdmin, door: Door) -> Callable[..., HttpResponse]:
    def opened(request: HttpRequest, pk: int) -> HttpResponse:
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        if door.permission and not request.user.has_perm(door.permission):
            raise PermissionDenied
        subject = get_object_or_404(admin.get_queryset(request), pk=pk)
        if door.onward and not people.is_fresh(session=request.session, now=timezone.now()):
            return redirect(people.question(onward=reverse(door.onward, args=[pk])))
        if door.asks is not None and SURE not in request.POST and (question := door.asks(subject)):
            return _question(request, admin, subject, question)
        said = _asked(request, door, subject)
        messages.add_message(request, said.level, said.words)
        if said.level in (messages.SUCCESS, messages.INFO):
            admin.log_change(request, subject, said.words)
        return redirect(said.to or _back(request, admin, pk))

    return update_wrapper(opened, door.act)


def _question(request: HttpRequest, admin: ModelAdmin, subject: Any, question: str) -> HttpResponse:
    """Ask before something is written at a vendor, and bring what was posted along."""
    context = {
        **admin.admin_site.each_context(request), "opts": admin.opts, "title": say("Are you sure?"), "original": subject,
        "question": question, "posted": [(name, request.POST[name]) for name in CARRIED if name in request.POST],
        "back": _back(request, admin, subject.pk),
    }
    return TemplateResponse(request, "syncapp/sure.html", context)


def _asked(request: HttpRequest, door: Door, subject: Any) -> Said:
    try:
        return door.act(request, subject)
    except REFUSALS as refused:
        return Said(words=str(refused), level=messages.ERROR)


def _back(request: HttpRequest, admin: ModelAdmin, pk: int) -> str:
    wanted = request.POST.get("next", "")
    if wanted and url_has_allowed_host_and_scheme(wanted, allowed_hosts={request.get_host()}, require_https=request.is_secure()):
        return wanted
    return reverse(f"admin:{admin.opts.app_label}_{admin.opts.model_name}_change", args=[pk])
