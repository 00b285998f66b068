"""What browsers are told to refuse."""

from __future__ import annotations

import sys
from unittest import mock

import pytest
from django.test import Client, RequestFactory
from django.urls import reverse
from pytest_django.fixtures import Settings

from integrations.discretion import Secret
from syncapp.web.security import DiscreetReporter, DiscreetReporterFilter
from tests.architecture import tree


def policy(header: str) -> dict[str, set[str]]:
    return {name: set(values) for name, *values in (part.split() for part in header.split(";"))}


@pytest.mark.django_db
class TestHeaders:
    @pytest.mark.parametrize("path", ["/login/", "/health/live", "/no/such/page/", "/", "/webhooks/hubspot"])
    def test_are_on_every_answer(self, client: Client, path: str) -> None:
        headers = client.get(path).headers

        assert headers["X-Frame-Options"] == "DENY"
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Referrer-Policy"] == "same-origin"
        assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
        assert "no-store" in headers["Cache-Control"]
        assert "Content-Security-Policy" in headers

    def test_are_on_static_files(self, client: Client) -> None:
        answer = client.get("/static/syncapp/syncapp.css")

        assert answer.status_code == 200
        assert (answer["X-Content-Type-Options"], answer["Referrer-Policy"]) == ("nosniff", "same-origin")
        assert policy(answer["Content-Security-Policy"])["frame-ancestors"] == {"'none'"}

    @pytest.mark.parametrize("path", ["/login/", "/no/such/page/", "/static/syncapp/syncapp.css"])
    def test_keep_browsers_on_https(self, path: str, settings: Settings) -> None:
        settings.SECURE_SSL_REDIRECT = settings.SECURE_HSTS_INCLUDE_SUBDOMAINS = True
        settings.SECURE_HSTS_SECONDS = 31_536_000

        plain, safe = Client().get(path), Client().get(path, secure=True)

        assert (plain.status_code, plain["Location"]) == (301, f"https://testserver{path}")
        assert "Content-Security-Policy" in plain
        assert safe["Strict-Transport-Security"] == "max-age=31536000; includeSubDomains"

    def test_name_no_version_of_the_server(self) -> None:
        from gunicorn.http.wsgi import Response

        assert Response(mock.Mock(), mock.Mock(), mock.Mock()).version == "gunicorn"

    def test_allow_no_inline_script(self, client: Client) -> None:
        rules = policy(client.get(reverse("admin:login")).headers["Content-Security-Policy"])

        assert rules["script-src"] == {"'self'", "'unsafe-eval'"}
        assert rules["default-src"] == {"'self'"}
        assert rules["object-src"] == rules["base-uri"] == rules["frame-ancestors"] == {"'none'"}

    def test_let_a_form_lead_to_the_vendors_consent_pages(self, client: Client) -> None:
        rules = policy(client.get(reverse("admin:login")).headers["Content-Security-Policy"])

        assert {"'self'", "https://*.hubspot.com", "https://appcenter.intuit.com"} <= rules["form-action"]


@pytest.mark.django_db
class TestMethods:
    @pytest.mark.parametrize("method", ["TRACE", "CONNECT", "PROPFIND", "X"])
    @pytest.mark.parametrize("path", ["/", "/login/", "/health/live", "/connect/hubspot/callback", "/static/syncapp/syncapp.css"])
    def test_that_nobody_needs_are_refused(self, method: str, path: str) -> None:
        answer = Client().generic(method, path)

        assert answer.status_code == 405
        assert "Content-Security-Policy" in answer


class TestScripts:
    def test_keep_nothing_in_the_browser(self) -> None:
        keeping = ("localStorage", "sessionStorage", "indexedDB", "document.cookie", "caches.open")
        scripts = {file.name: file.read_text(encoding="utf-8") for file in (tree.ROOT / "syncapp/static/syncapp").glob("*.js")}

        assert len(scripts) > 3
        assert [name for name, text in scripts.items() if any(word in text for word in keeping)] == []


class TestProxy:
    @pytest.mark.parametrize(("trusted", "is_safe"), [(False, False), (True, True)])
    def test_is_believed_only_where_the_set_up_says_so(self, trusted: bool, is_safe: bool, settings: Settings) -> None:
        settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if trusted else None

        assert RequestFactory().get("/", headers={"X-Forwarded-Proto": "https"}).is_secure() is is_safe

    def test_does_not_choose_the_host(self) -> None:
        request = RequestFactory().get("/", headers={"X-Forwarded-Host": "evil.example"})

        assert request.get_host() == "testserver"


class TestErrorReports:
    @pytest.mark.parametrize("name", ["DATABASES", "CREDENTIAL_KEYS", "HUBSPOT_CLIENT_SECRET", "EMAIL_HOST_PASSWORD", "LOGGING"])
    def test_mask_settings_with_secrets(self, name: str) -> None:
        settings = DiscreetReporterFilter().get_safe_settings()

        shown = settings.get(name, DiscreetReporterFilter.cleansed_substitute)
        assert shown == DiscreetReporterFilter.cleansed_substitute or (isinstance(shown, dict) and "only-the-tests" not in str(shown))

    def test_are_what_django_uses(self) -> None:
        from django.views.debug import get_exception_reporter_filter

        assert isinstance(get_exception_reporter_filter(RequestFactory().get("/")), DiscreetReporterFilter)

    def test_mask_by_value_what_no_name_gives_away(self) -> None:
        report = reported("canary-by-value-1234")
        assert "canary-by-value-1234" in report

        Secret("canary-by-value-1234").reveal()

        report = reported("canary-by-value-1234")
        assert "canary-by-value-1234" not in report
        assert "***" in report

    def test_mask_settings_by_value_whatever_they_are_called(self, settings: Settings) -> None:
        settings.HARMLESS_LOOKING = "canary-in-a-setting-1234"
        Secret("canary-in-a-setting-1234").reveal()

        assert "canary-in-a-setting" not in str(DiscreetReporterFilter().get_safe_settings())

    def test_hold_nothing_that_was_typed(self) -> None:
        assert DiscreetReporterFilter().get_post_parameters(RequestFactory().post("/", {"note": "personal"})) == {}

    def test_are_mailed_to_nobody(self) -> None:
        from django.conf import settings

        assert {handler["class"] for handler in settings.LOGGING["handlers"].values()} == {"logging.StreamHandler"}


def reported(value: str) -> str:
    """What a report says of an error in whose frame something is held."""
    held = value
    try:
        raise ValueError(len(held))
    except ValueError:
        return DiscreetReporter(RequestFactory().get("/"), *sys.exc_info()).get_traceback_html()
