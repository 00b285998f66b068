"""The page of the queue's jobs: what waits, what rings, what failed. It has no buttons: nobody runs a job by hand."""
from __future__ import annotations

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils import timezone

from syncapp import models
from syncapp.engine.wording import say
from syncapp.selectors import jobs

CHANGE = "syncapp.change_connection"


def urls(site: admin.AdminSite) -> list[URLPattern]:
    """Its address."""
    return [path("jobs/", site.admin_view(listed), name="syncapp_connection_jobs")]


def listed(request: HttpRequest) -> HttpResponse:
    """The queue as it is now."""
    if not request.user.has_perm(CHANGE):
        raise PermissionDenied
    now = timezone.now()
    context = {
        **admin.site.each_context(request), "opts": models.Connection._meta, "title": say("Jobs"),
        "number": jobs.number_waiting(), "waiting": jobs.waiting(now=now), "schedules": jobs.schedules(),
        "clusters": jobs.clusters(now=now), "failures": jobs.failures(now=now),
    }
    return TemplateResponse(request, "syncapp/jobs.html", context)
