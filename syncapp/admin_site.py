"""The admin site. Stands beside the `admin` package, not in it: importing that package registers pages, and needs the site first."""

from __future__ import annotations

from typing import Any

from django.contrib.admin.views.autocomplete import AutocompleteJsonView
from django.contrib.auth import REDIRECT_FIELD_NAME
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.templatetags.static import static
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from unfold.dataclasses import Favicon
from unfold.sites import UnfoldAdminSite

from syncapp import models
from syncapp.engine.wording import later, say
from syncapp.selectors import environments, navigation, notices, overview, pickers
from syncapp.services import actors, audit_settings


class PickerView(AutocompleteJsonView):
    """Answers pickers; a vendor's field is called there by its own words, its account being known."""

    def serialize_result(self, obj: Any, to_field_name: str) -> dict[str, str]:
        """One line of the answer."""
        found: dict[str, str] = super().serialize_result(obj, to_field_name)
        return {**found, "text": pickers.label(obj)} if isinstance(obj, models.VendorField) else found


class SyncAdminSite(UnfoldAdminSite):
    """Unfold's admin under our name: our front page, our sidebar, and the number of open notices on every page."""

    site_url = None
    index_title = later("Overview")
    index_template = "syncapp/front.html"

    def each_context(self, request: HttpRequest) -> dict[str, Any]:
        """What every page shows."""
        context: dict[str, Any] = super().each_context(request)
        context["site_url"] = None
        context["site_title"], context["site_header"] = say("HubSpot and QuickBooks sync"), say("HubSpot and QuickBooks")
        context["site_favicons"] = [Favicon(href=static("syncapp/favicon.svg"), rel="icon", type="image/svg+xml")]
        context["styles"] = [*context["styles"], static("syncapp/syncapp.css")]
        context["scripts"] = [*context["scripts"], static("syncapp/keyboard.js")]
        context["account_links"] = navigation.account(request.user)
        if self.has_permission(request) and navigation.sees_notices(request, now=(now := timezone.now())):
            context["open_notices"] = navigation.numbers(request, now=now).notices
        return context

    def get_sidebar_list(self, request: HttpRequest) -> list[dict[str, Any]]:
        """The sidebar of this person."""
        return navigation.sidebar(request, now=timezone.now())

    def autocomplete_view(self, request: HttpRequest) -> HttpResponseBase:
        """What a picker asks for."""
        return PickerView.as_view(admin_site=self)(request)

    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """The sign-in page; who comes to it directly is led to the front page afterwards."""
        if request.method == "GET" and REDIRECT_FIELD_NAME not in request.GET and not self.has_permission(request):
            front = urlencode({REDIRECT_FIELD_NAME: reverse("admin:index")})
            return HttpResponseRedirect(f"{request.path}?{front}")
        answer: HttpResponse = super().login(request, extra_context)
        return answer

    def password_change(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Set the own password, and tell that it was."""
        if not isinstance(request.user, User):
            return super().password_change(request, extra_context)  # type: ignore[no-any-return]
        with audit_settings.around(user=request.user, who=actors.of(request.user), now=timezone.now()):
            answer: HttpResponse = super().password_change(request, extra_context)
        return answer

    def index(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> TemplateResponse:
        """The front page, as far as this person may see what is on it."""
        user, now = request.user, timezone.now()
        found, syncs = list(models.Connection.objects.all()), list(models.SyncConfig.objects.all())
        numbers = navigation.numbers(request, now=now, whole=navigation.may(user, "syncapp.view_syncconfig"))
        lines = overview.connections(now=now, found=found) if navigation.may(user, "syncapp.view_connection") else None
        guide = overview.guide(connections=found, syncs=bool(syncs))
        shown: dict[str, Any] = {"now": now, "guide": guide, "vendors": environments.connectable(), "connections": lines}
        if navigation.may(user, "syncapp.view_syncconfig"):
            shown["cards"] = overview.cards(syncs=syncs, numbers=numbers, now=now)
        if navigation.may(user, "syncapp.view_recordpair"):
            shown["waiting"] = overview.waiting(user=user, numbers=numbers, connections=lines or [])
        if navigation.sees_notices(request, now=now):
            shown["notices"] = notices.still_open(user=user)[: notices.SHOWN]
        response: TemplateResponse = super().index(request, {**shown, **(extra_context or {})})
        return response
