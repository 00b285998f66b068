"""The page that asks for one's password once more before an account is connected or disconnected, and leads on.

Owns the question and its address. Whether a sign-in is recent enough is said by `services.people`.
"""
from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.auth import authenticate
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from unfold.widgets import UnfoldAdminPasswordWidget

from syncapp import models
from syncapp.admin import doors
from syncapp.engine.wording import later, say
from syncapp.services import people

NEXT = "next"
PERMISSIONS = ("syncapp.add_connection", "syncapp.change_connection")
LIST = "admin:syncapp_connection_changelist"


class PasswordForm(forms.Form):
    """One's own password."""

    password = forms.CharField(label=later("Password"), widget=UnfoldAdminPasswordWidget(attrs={"autocomplete": "current-password"}))


def urls(site: admin.AdminSite) -> list[URLPattern]:
    """Its address."""
    return [path("password/", site.admin_view(asked), name="syncapp_connection_password")]


def asked(request: HttpRequest) -> HttpResponse:
    """Ask, and lead on to where the person was going."""
    if not any(map(request.user.has_perm, PERMISSIONS)):
        raise PermissionDenied
    form = PasswordForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        user = doors.person(request)
        found = authenticate(request, username=user.get_username(), password=form.cleaned_data["password"])
        if found is not None and found.pk == user.pk:
            people.password_entered(session=request.session, now=timezone.now())
            messages.success(request, say("Thank you. For 15 minutes you can connect and disconnect accounts."))
            return redirect(_onward(request))
        form.add_error("password", say("That is not your password."))
    context: dict[str, Any] = {
        **admin.site.each_context(request), "opts": models.Connection._meta, "title": say("Enter your password once more"),
        "original": say("Enter your password once more"), "form": form, "onward": _onward(request),
    }
    return TemplateResponse(request, "syncapp/password_again.html", context)


def needed(request: HttpRequest, *, onward: str) -> HttpResponse | None:
    """Lead to the question where the sign-in is too old for what was asked, and from there on; None where it is not."""
    if people.is_fresh(session=request.session, now=timezone.now()):
        return None
    return redirect(people.question(onward=onward))


def _onward(request: HttpRequest) -> str:
    wanted = request.POST.get(NEXT) or request.GET.get(NEXT, "")
    safe = url_has_allowed_host_and_scheme(wanted, allowed_hosts={request.get_host()}, require_https=request.is_secure())
    return wanted if safe else reverse(LIST)
