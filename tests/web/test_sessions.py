"""A session lives on while its owner works, ends half an hour after that, and after half a day in any case."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings
from django.contrib.auth.models import User
from django.contrib.sessions.backends.db import SessionStore
from django.contrib.sessions.models import Session
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from syncapp.web import sessions
from tests.services import made

FRONT = reverse("admin:index")
PASSWORD = "a long enough pass phrase"


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


class TestEnd:
    def begun(self, client: Client, seconds: int) -> None:
        """As if the sign-in had been that long ago."""
        session = client.session
        session[sessions.BEGAN] = int(timezone.now().timestamp()) - seconds
        session.save()

    def test_comes_half_a_day_after_the_sign_in_however_busy_its_owner(self, alice: Client) -> None:
        key = alice.session.session_key
        self.begun(alice, sessions.LONGEST - 60)
        assert alice.get(FRONT).status_code == 200

        self.begun(alice, sessions.LONGEST)

        assert alice.get(FRONT)["Location"] == f"{reverse('admin:login')}?next=/"
        assert not Session.objects.filter(pk=key).exists()

    def test_is_put_off_by_a_new_sign_in(self, alice: Client) -> None:
        self.begun(alice, sessions.LONGEST - 60)

        alice.post(reverse("admin:login"), {"username": "alice", "password": PASSWORD})

        assert timezone.now().timestamp() - alice.session[sessions.BEGAN] < 60

    def test_comes_with_the_sign_out(self, alice: Client) -> None:
        caught = alice.cookies[settings.SESSION_COOKIE_NAME].value

        alice.post(reverse("admin:logout"))

        assert not is_let_in(caught)

    def test_comes_elsewhere_with_a_new_password(self, alice: Client) -> None:
        elsewhere = Client()
        elsewhere.force_login(User.objects.get())
        form = {"old_password": PASSWORD, "new_password1": "another long pass phrase", "new_password2": "another long pass phrase"}

        alice.post(reverse("admin:password_change"), form)

        assert alice.get(FRONT).status_code == 200
        assert elsewhere.get(FRONT).status_code == 302

    def test_comes_with_the_end_of_the_account(self, alice: Client) -> None:
        User.objects.update(is_active=False)

        assert alice.get(FRONT).status_code == 302


class TestKey:
    def test_is_another_after_the_sign_in(self, db: Any) -> None:
        made.alice()
        planted = SessionStore()
        planted.save()
        client = Client()
        client.cookies[settings.SESSION_COOKIE_NAME] = str(planted.session_key)

        client.post(reverse("admin:login"), {"username": "alice", "password": PASSWORD})

        assert client.cookies[settings.SESSION_COOKIE_NAME].value != planted.session_key
        assert not is_let_in(str(planted.session_key))


def is_let_in(key: str) -> bool:
    """Whether a session's key opens the front page."""
    client = Client()
    client.cookies[settings.SESSION_COOKIE_NAME] = key
    return bool(client.get(FRONT).status_code == 200)
