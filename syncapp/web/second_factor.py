"""The page between the password and everything else, where this installation asks for a second factor.

Owns that nobody gets past it: who has not shown one sees this page and the sign-out, and nothing more.
"""
from __future__ import annotations

from collections.abc import Callable

from django import forms
from django.contrib import admin, messages
from django.contrib.auth.models import User
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme, urlencode
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import require_http_methods
from unfold.widgets import UnfoldAdminTextInputWidget

from syncapp.engine.wording import later
from syncapp.services import second_factor

PAGE = "second-factor"
FRONT = "admin:index"
SIGN_IN = "admin:login"
SIGN_OUT = "admin:logout"
NEXT = "next"


class CodeForm(forms.Form):
    """One code."""

    code = forms.CharField(
        label=later("Code"), max_length=40,
        widget=UnfoldAdminTextInputWidget(attrs={"autocomplete": "one-time-code", "autofocus": True, "spellcheck": "false"}),
    )


class SecondFactorMiddleware:
    """Leads everybody who is signed in and has shown no second factor to the page for it. Stands after the sign-in."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Return the answer, or the way to the page."""
        if not second_factor.is_required() or not request.user.is_authenticated:
            return self._get_response(request)
        if request.path in (reverse(PAGE), reverse(SIGN_OUT)) or second_factor.has_passed(user=request.user, session=request.session):
            return self._get_response(request)
        wanted = request.get_full_path() if request.method == "GET" else ""
        return HttpResponseRedirect(f"{reverse(PAGE)}?{urlencode({NEXT: wanted})}" if wanted else reverse(PAGE))


@sensitive_variables()
@sensitive_post_parameters()
@require_http_methods(["GET", "HEAD", "POST"])
def page(request: HttpRequest) -> HttpResponse:
    """Set a second factor up, or ask for it."""
    user = request.user
    if not second_factor.is_required():
        raise Http404
    if not isinstance(user, User):
        return redirect(SIGN_IN)
    if second_factor.has_passed(user=user, session=request.session):
        return redirect(_wanted(request))
    form = CodeForm(request.POST or None)
    is_new = second_factor.of(user=user) is None
    if request.method == "POST" and form.is_valid():
        try:
            return _taken(request, user, form.cleaned_data["code"], is_new=is_new)
        except second_factor.CodeRefused as refused:
            form.add_error("code", str(refused))
    offered = second_factor.offer(user=user, session=request.session) if is_new else None
    return _shown(request, "syncapp/second_factor.html", form=form, offer=offered)


@sensitive_variables()
def _taken(request: HttpRequest, user: User, code: str, *, is_new: bool) -> HttpResponse:
    """Go on with a new session key, as after every step up."""
    now = timezone.now()
    if is_new:
        codes = second_factor.set_up(user=user, session=request.session, code=code, now=now)
        request.session.cycle_key()
        return _shown(request, "syncapp/second_factor_codes.html", codes=codes)
    if to_know := second_factor.check(user=user, session=request.session, code=code, now=now):
        messages.warning(request, to_know)
    request.session.cycle_key()
    return redirect(_wanted(request))


def _shown(request: HttpRequest, template: str, **more: object) -> HttpResponse:
    wanted = _wanted(request)
    answer = render(request, template, {**admin.site.each_context(request), "wanted": wanted, "app_path": request.get_full_path(), **more})
    answer["Cache-Control"] = "no-store"
    return answer


def _wanted(request: HttpRequest) -> str:
    """The page that was asked for first; never one elsewhere."""
    wanted = request.GET.get(NEXT, "")
    is_ours = url_has_allowed_host_and_scheme(wanted, allowed_hosts={request.get_host()}, require_https=request.is_secure())
    return wanted if is_ours and wanted.startswith("/") else reverse(FRONT)
