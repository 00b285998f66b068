"""The page of writes that were sent and never answered. It has no buttons: each is settled by a run, and nothing is guessed."""
from __future__ import annotations

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils import timezone

from syncapp import models
from syncapp.engine.wording import say
from syncapp.selectors import outcomes, work_lists

VIEW_RECORDS = "syncapp.view_recordpair"


def urls(site: admin.AdminSite) -> list[URLPattern]:
    """Its address."""
    return [path("unknown/", site.admin_view(listed), name="syncapp_recordpair_unknown")]


def listed(request: HttpRequest) -> HttpResponse:
    """What was sent, when, and what happens next by itself."""
    if not request.user.has_perm(VIEW_RECORDS):
        raise PermissionDenied
    context = {
        **admin.site.each_context(request), "opts": models.RecordPair._meta, "title": say("Unknown outcomes"),
        "meaning": work_lists.UNKNOWN, "unanswered": outcomes.listed(now=timezone.now()),
    }
    return TemplateResponse(request, "syncapp/unknown.html", context)
