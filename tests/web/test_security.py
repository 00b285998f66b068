"""What browsers are told to refuse."""

from __future__ import annotations

import pytest
from django.test import Client, RequestFactory
from django.urls import reverse

from syncapp.web.security import DiscreetReporterFilter


def policy(header: str) -> dict[str, set[str]]:
    return {name: set(values) for name, *values in (part.split() for part in header.split(";"))}


@pytest.mark.django_db
class TestHeaders:
    @pytest.mark.parametrize("path", ["/login/", "/health/live", "/no/such/page/"])
    def test_are_on_every_answer(self, client: Client, path: str) -> None:
        headers = client.get(path).headers

        assert headers["X-Frame-Options"] == "DENY"
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Referrer-Policy"] == "same-origin"
        assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
        assert "no-store" in headers["Cache-Control"]
        assert "Content-Security-Policy" in headers

    def test_allow_no_inline_script(self, client: Client) -> None:
        rules = policy(client.get(reverse("admin:login")).headers["Content-Security-Policy"])

        assert rules["script-src"] == {"'self'", "'unsafe-eval'"}
        assert rules["default-src"] == {"'self'"}
        assert rules["object-src"] == rules["base-uri"] == rules["frame-ancestors"] == {"'none'"}

    def test_let_a_form_lead_to_the_vendors_consent_pages(self, client: Client) -> None:
        rules = policy(client.get(reverse("admin:login")).headers["Content-Security-Policy"])

        assert {"'self'", "https://*.hubspot.com", "https://appcenter.intuit.com"} <= rules["form-action"]


class TestErrorReports:
    @pytest.mark.parametrize("name", ["DATABASES", "CREDENTIAL_KEYS", "HUBSPOT_CLIENT_SECRET", "EMAIL_HOST_PASSWORD", "LOGGING"])
    def test_mask_settings_with_secrets(self, name: str) -> None:
        settings = DiscreetReporterFilter().get_safe_settings()

        shown = settings.get(name, DiscreetReporterFilter.cleansed_substitute)
        assert shown == DiscreetReporterFilter.cleansed_substitute or (isinstance(shown, dict) and "only-the-tests" not in str(shown))

    def test_are_what_django_uses(self) -> None:
        from django.views.debug import get_exception_reporter_filter

        assert isinstance(get_exception_reporter_filter(RequestFactory().get("/")), DiscreetReporterFilter)
