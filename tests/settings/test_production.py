"""What the set-up for the internet hands to browsers, and whom it believes."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.architecture.test_settings import PRODUCTION, load


class TestCookies:
    def test_are_bound_to_the_host_and_to_https(self, tmp_path: Path) -> None:
        told = (
            "settings.SESSION_COOKIE_NAME, settings.SESSION_COOKIE_SECURE, settings.SESSION_COOKIE_HTTPONLY,"
            "settings.SESSION_COOKIE_SAMESITE, settings.SESSION_COOKIE_PATH, settings.SESSION_COOKIE_DOMAIN,"
            "settings.CSRF_COOKIE_SECURE, settings.SESSION_COOKIE_AGE"
        )

        answer = load(tmp_path, told, **PRODUCTION)

        assert answer.stdout == "__Host-sessionid True True Lax / None True 1800\n", answer.stderr


class TestProxy:
    @pytest.mark.parametrize(("given", "trusted"), [("", "None"), ("false", "None"), ("true", "('HTTP_X_FORWARDED_PROTO', 'https')")])
    def test_is_trusted_only_when_the_setting_is_on(self, given: str, trusted: str, tmp_path: Path) -> None:
        answer = load(tmp_path, "settings.SECURE_PROXY_SSL_HEADER, settings.USE_X_FORWARDED_HOST", **PRODUCTION, TRUST_PROXY_HEADERS=given)

        assert answer.stdout == f"{trusted} False\n", answer.stderr


class TestSecondFactor:
    @pytest.mark.parametrize(("given", "asked"), [("", "off"), ("off", "off"), ("required", "required")])
    def test_is_asked_for_where_the_setting_says_so(self, given: str, asked: str, tmp_path: Path) -> None:
        assert load(tmp_path, "settings.SECOND_FACTOR", **PRODUCTION, SECOND_FACTOR=given).stdout == f"{asked}\n"

    def test_refuses_a_word_it_does_not_know(self, tmp_path: Path) -> None:
        assert "SECOND_FACTOR must be one of off, required" in load(tmp_path, **PRODUCTION, SECOND_FACTOR="maybe").stderr
