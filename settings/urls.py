"""Which address leads where: our own views first, everything else is the admin."""

from __future__ import annotations

from django.contrib import admin
from django.urls import include, path

urlpatterns = [
    path("", include("syncapp.web.urls")),
    path("", admin.site.urls),
]

handler400 = "syncapp.web.errors.bad_request"
handler403 = "syncapp.web.errors.permission_denied"
handler404 = "syncapp.web.errors.page_not_found"
handler500 = "syncapp.web.errors.server_error"
