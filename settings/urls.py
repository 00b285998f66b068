"""Which address leads where: our own views first, everything else is the admin."""

from __future__ import annotations

from django.contrib import admin
from django.urls import include, path

urlpatterns = [
    path("", include("syncapp.web.urls")),
    path("", admin.site.urls),
]
