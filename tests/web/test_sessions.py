"""A session lives on while its owner works, and ends half an hour after that."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings
from django.contrib.sessions.models import Session
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from syncapp.web import sessions
from tests.services import made

FRONT = reverse("admin:index")


@pytest.fixture
def alice(db: Any) -> Client:
    client = Client()
    client.force_login(made.alice())
    return client


def backdate(client: Client, seconds: int) -> None:
    """As if the last page had been opened that long ago."""
    session = client.session
    session[sessions.RENEWED] = int(timezone.now().timestamp()) - seconds
    session.save()
    Session.objects.update(expire_date=timezone.now() + timedelta(seconds=settings.SESSION_COOKIE_AGE - seconds))


def left() -> float:
    return (Session.objects.get().expire_date - timezone.now()).total_seconds()


class TestRenewal:
    def test_puts_the_end_off_when_a_page_is_opened(self, alice: Client) -> None:
        alice.get(FRONT)
        backdate(alice, 1000)

        answer = alice.get(FRONT)

        assert left() > settings.SESSION_COOKIE_AGE - sessions.EVERY
        assert answer.cookies[settings.SESSION_COOKIE_NAME]["max-age"] == settings.SESSION_COOKIE_AGE

    def test_writes_nothing_within_the_minute(self, alice: Client) -> None:
        alice.get(FRONT)
        backdate(alice, sessions.EVERY - 30)

        answer = alice.get(FRONT)

        assert left() < settings.SESSION_COOKIE_AGE - 20
        assert settings.SESSION_COOKIE_NAME not in answer.cookies

    def test_does_not_bring_back_what_has_ended(self, alice: Client) -> None:
        alice.get(FRONT)
        backdate(alice, settings.SESSION_COOKIE_AGE + 1)

        assert alice.get(FRONT).status_code == 302

    def test_begins_no_session_for_those_who_are_not_signed_in(self, db: Any) -> None:
        Client().get(reverse("admin:login") + "?next=/")

        assert not Session.objects.exists()
