"""The connected accounts: how they stand, and the buttons that connect, test, pause and end them. No token is ever shown."""
from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from unfold.decorators import display

from syncapp import models
from syncapp.admin import base, connection_doors, connection_forms, doors, jobs, password_again
from syncapp.engine.vocabulary import Environment, System
from syncapp.engine.wording import figure, later, say
from syncapp.selectors import environments, overview, refusals, webhook_words, words
from syncapp.services import connections, consent, webhooks

CHANGE = connection_doors.CHANGE
ADD = "syncapp.add_connection"


def budget(found: Any) -> dict[str, Any]:
    """Write one limit as its line on the page."""
    return {
        "label": found.label, "allowed": figure(found.allowed),
        "period": say("in {time}", time=words.span(timedelta(seconds=found.period))),
        "left": words.NOTHING if found.left is None else figure(found.left), "resting": words.moment(found.resting_until),
        "known": found.left is not None,
    }


@admin.register(models.Connection)
class ConnectionAdmin(base.ReadOnlyAdmin):
    """Any number of accounts of either vendor."""

    list_display = ["vendor", "account", "environment", "condition", "last_call", "last_error"]
    list_display_links = ["vendor", "account"]
    list_filter = ["system", "environment", "status"]
    search_fields = ["name", "external_id"]
    list_before_template = "syncapp/connection_buttons.html"
    page_template = "syncapp/connection.html"
    doors = connection_doors.DOORS

    def get_urls(self) -> list[URLPattern]:
        """The pages beside the list: pasting a key, pausing, and the question before an access is ended."""
        site = self.admin_site
        return [
            path("key/", site.admin_view(self.key_view), name="syncapp_connection_key"),
            path("<int:pk>/pause/", site.admin_view(self.pause_view), name="syncapp_connection_pause"),
            path("<int:pk>/end/", site.admin_view(self.end_view), name="syncapp_connection_end"),
            *jobs.urls(site), *password_again.urls(site), *super().get_urls(),
        ]

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """The list, under the buttons that connect another account."""
        answer: HttpResponse = super().changelist_view(request, {"vendors": environments.connectable(), **(extra_context or {})})
        return answer

    def page_context(self, request: HttpRequest, subject: models.Connection) -> dict[str, Any]:
        """How the account stands, without a call."""
        now = timezone.now()
        health = connections.health(connection=subject, now=now)
        return {
            "health": health, "budgets": [budget(one) for one in health.budgets], "called": words.ago(subject.last_call_at, now=now),
            "condition": overview.condition(subject), "facts": overview.facts(subject), "syncs": overview.syncs_of(connection=subject),
            "connect_url": reverse(f"connect-{subject.system.lower()}"), "may_change": request.user.has_perm(CHANGE),
            "own_fields": overview.own_fields(subject), "may_add": request.user.has_perm(ADD),
            "webhooks": webhook_words.lines(connection=subject, now=now), "webhook_url": webhooks.address(system=System(subject.system)),
            "field_count": subject.vendor_fields.filter(archived=False).count(),
        }

    def key_view(self, request: HttpRequest) -> HttpResponse:
        """Paste a service key; it is sealed at once and never shown again."""
        if not request.user.has_perm(ADD):
            raise PermissionDenied
        if question := password_again.needed(request, onward=request.path):
            return question
        form = connection_forms.ServiceKeyForm(request.POST or None, environments=environments.choices(System.HUBSPOT))
        if request.method == "POST" and form.is_valid():
            try:
                made = consent.paste(
                    environment=Environment(form.cleaned_data["environment"]), key=form.cleaned_data["key"], actor=doors.person(request),
                    now=timezone.now(),
                )
            except refusals.VendorTrouble as refused:
                form.add_error("key", str(refused))
            else:
                messages.success(request, say("{account} is connected with its key.", account=made))
                return redirect("admin:syncapp_connection_change", made.pk)
        context = {**self.admin_site.each_context(request), "opts": self.opts, "title": say("Paste a HubSpot service key"), "form": form}
        return TemplateResponse(request, "syncapp/connection_key.html", context)

    def pause_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Pause the account, or let it go on: the one setting that a connection has."""
        if not request.user.has_perm(CHANGE):
            raise PermissionDenied
        connection = self.get_queryset(request).filter(pk=pk).first()
        if connection is not None and request.method == "POST":
            paused = request.POST.get("paused") == "yes"
            connections.pause(connection=connection, paused=paused, actor=doors.person(request), now=timezone.now())
            said = say("Paused: no sync uses this account.") if paused else say("It goes on: syncs use this account again.")
            self.log_change(request, connection, said)
            messages.success(request, said)
        return redirect("admin:syncapp_connection_change", pk)

    def end_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Ask before the access is ended."""
        if not request.user.has_perm(CHANGE):
            raise PermissionDenied
        if (connection := self.get_object(request, str(pk))) is None:
            return redirect("admin:syncapp_connection_changelist")
        if question := password_again.needed(request, onward=request.path):
            return question
        context = {
            **self.admin_site.each_context(request), "opts": self.opts,
            "title": say("Disconnect {account}?", account=connection), "subject": connection, "original": connection,
            "syncs": overview.syncs_of(connection=connection),
        }
        return TemplateResponse(request, "syncapp/connection_end.html", context)

    @display(description=later("vendor"), ordering="system")
    def vendor(self, connection: models.Connection) -> str:
        """The vendor's name."""
        return System(connection.system).label

    @display(description=later("account"), ordering="name")
    def account(self, connection: models.Connection) -> str:
        """The account's name and id."""
        return f"{connection.name or say('Unnamed account')} ({connection.external_id})"

    @display(
        description=later("status"),
        label={"success": "success", "warning": "warning", "danger": "danger", "quiet": "default"},
    )
    def condition(self, connection: models.Connection) -> tuple[str, str]:
        """How it stands."""
        told, color = overview.condition(connection)
        return color, told

    @display(description=later("last call"), ordering="last_call_at")
    def last_call(self, connection: models.Connection) -> str:
        """When it last answered."""
        return words.moment(connection.last_call_at)
