"""Addresses of the views outside the admin."""

from __future__ import annotations

from django.urls import path

from syncapp.web import consent, health, metrics, second_factor, webhooks

urlpatterns = [
    path("health/live", health.live, name="health-live"),
    path("health/ready", health.ready, name="health-ready"),
    path("second-factor/", second_factor.page, name="second-factor"),
    path("metrics", metrics.show, name="metrics"),
    path("connect/hubspot/start", consent.start, {"system": "HUBSPOT"}, name="connect-hubspot"),
    path("connect/hubspot/callback", consent.callback, {"system": "HUBSPOT"}, name="connect-hubspot-callback"),
    path("connect/quickbooks/start", consent.start, {"system": "QUICKBOOKS"}, name="connect-quickbooks"),
    path("connect/quickbooks/callback", consent.callback, {"system": "QUICKBOOKS"}, name="connect-quickbooks-callback"),
    path("webhooks/hubspot", webhooks.take, {"system": "HUBSPOT"}, name="webhooks-hubspot"),
    path("webhooks/quickbooks", webhooks.take, {"system": "QUICKBOOKS"}, name="webhooks-quickbooks"),
]
