"""Guessing at a password is slowed, for whoever guesses and for nobody else."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from unittest import mock
from urllib.parse import urlencode, urljoin, urlsplit

import pytest
from axes.models import AccessAttempt
from django.contrib import admin
from django.contrib.auth import authenticate
from django.contrib.auth.hashers import MD5PasswordHasher
from django.contrib.auth.models import Group, User
from django.db import connection
from django.test import Client, RequestFactory
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from pytest_django.fixtures import Settings

from syncapp import models
from syncapp.services import roles
from syncapp.web import signing_in
from tests.admin.scene import person
from tests.services import made

pytestmark = pytest.mark.django_db
RIGHT, WRONG = "a long enough pass phrase", "a wrong pass phrase"
HERE, ELSEWHERE = "8.8.4.4", "8.8.8.8"


@pytest.fixture(autouse=True)
def alice() -> User:
    return made.alice()


def tried(password: str = WRONG, *, name: str = "alice", address: str = HERE, client: Client | None = None, **headers: str) -> Any:
    client = client or Client()
    return client.post(reverse("admin:login"), {"username": name, "password": password}, REMOTE_ADDR=address, headers=headers)


def guess(number: int, **how: Any) -> list[int]:
    return [tried(**how).status_code for _ in range(number)]


def told() -> list[str]:
    return [notice.words for notice in models.Notice.objects.filter(closed_at=None)]


class TestThrottle:
    def test_sends_away_after_five_failures(self) -> None:
        assert guess(6) == [200, 200, 200, 200, 429, 429]
        assert tried(RIGHT).status_code == 429

    def test_answers_with_a_page_of_ours_that_says_what_to_do(self) -> None:
        guess(4)

        answer = tried()

        page = answer.content.decode()
        assert "no further attempt is taken from here for 15 minutes" in page
        assert "ask an administrator for a new one" in page
        assert "alice" not in page
        assert (answer["Retry-After"], "Content-Security-Policy" in answer) == ("900", True)

    def test_answers_in_the_language_of_the_installation(self, settings: Settings) -> None:
        settings.LANGUAGE_CODE = "pl"

        guess(4)

        assert "Zbyt wiele prób" in tried().content.decode()

    def test_is_over_after_a_quarter_of_an_hour(self) -> None:
        guess(5)
        AccessAttempt.objects.update(attempt_time=timezone.now() - timedelta(minutes=14))
        assert tried(RIGHT).status_code == 429

        AccessAttempt.objects.update(attempt_time=timezone.now() - timedelta(minutes=15, seconds=1))

        assert tried(RIGHT).status_code == 302
        assert not AccessAttempt.objects.exists()

    def test_is_not_put_off_by_trying_on(self) -> None:
        guess(5)
        AccessAttempt.objects.update(attempt_time=timezone.now() - timedelta(minutes=14))
        before = AccessAttempt.objects.get().attempt_time

        guess(3)

        assert AccessAttempt.objects.get().attempt_time == before

    def test_lets_the_owner_in_from_elsewhere(self) -> None:
        guess(6)

        assert tried(RIGHT, address=ELSEWHERE).status_code == 302

    def test_lets_others_in_from_the_same_address(self) -> None:
        person("bob")
        guess(6)

        assert tried(RIGHT, name="bob").status_code == 302

    def test_forgets_failures_with_a_success(self) -> None:
        guess(4)
        assert tried(RIGHT).status_code == 302

        assert guess(4) == [200] * 4

    def test_does_not_count_browsers_apart(self) -> None:
        answers = [tried(**{"User-Agent": f"browser {number}"}).status_code for number in range(5)]

        assert answers[-1] == 429

    @pytest.mark.parametrize(("trusted", "last"), [(False, 429), (True, 200)])
    def test_believes_a_proxy_only_where_the_set_up_says_so(self, trusted: bool, last: int, settings: Settings) -> None:
        settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if trusted else None

        answers = [tried(address="127.0.0.1", **{"X-Forwarded-For": f"8.8.8.8, 8.8.4.{number}"}).status_code for number in range(5)]

        assert answers[-1] == last

    def test_counts_behind_a_trusted_proxy_by_what_it_wrote_itself(self, settings: Settings) -> None:
        settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")

        answers = [tried(address="127.0.0.1", **{"X-Forwarded-For": f"8.8.8.{number}, 8.8.4.4"}).status_code for number in range(5)]

        assert answers[-1] == 429

    @pytest.mark.parametrize("given", ["", "unix:"])
    def test_works_where_no_address_is_known(self, given: str) -> None:
        assert signing_in.address(RequestFactory().post("/", REMOTE_ADDR=given)) is None
        assert guess(5, address=given)[-1] == 429


ELSEWHERE_PAGES = [
    "//evil.example", "https:evil.example", "\\\\evil.example", "javascript:alert(1)", "https://evil.example/", "%2F%2Fevil.example",
    "/\\evil.example", "\t//evil.example",
]


class TestNext:
    @pytest.mark.parametrize("wanted", ELSEWHERE_PAGES)
    def test_never_leads_to_another_site(self, wanted: str) -> None:
        form = {"username": "alice", "password": RIGHT, "next": wanted}

        answer = Client().post(f"{reverse('admin:login')}?{urlencode({'next': wanted})}", form)

        assert answer.status_code == 302
        assert is_ours(answer["Location"])

    @pytest.mark.parametrize("wanted", ELSEWHERE_PAGES)
    def test_of_a_button_never_leads_to_another_site(self, wanted: str, alice: User) -> None:
        notice = models.Notice.objects.create(subject="x", words="x")
        client = Client()
        client.force_login(alice)
        door = admin.site.get_model_admin(models.Notice).doors[0]

        answer = client.post(reverse(f"admin:syncapp_notice_{door.name}", args=[notice.pk]), {"next": wanted})

        assert is_ours(answer["Location"])


def is_ours(location: str) -> bool:
    """Whether a browser stays here, which reads a backslash as a slash."""
    return urlsplit(urljoin("http://testserver/login/", location.replace("\\", "/"))).netloc == "testserver"


class TestUnknownAccounts:
    def test_are_answered_like_known_ones(self) -> None:
        known, unknown = guess(6), guess(6, name="nobody")

        assert known == unknown
        assert tried(name="nobody").content == tried().content

    def test_cost_the_same_work(self) -> None:
        costs = []
        for name in ("alice", "nobody"):
            with CaptureQueriesContext(connection) as queries, mock.patch.object(
                MD5PasswordHasher, "encode", autospec=True, side_effect=MD5PasswordHasher.encode
            ) as hashed:
                tried(name=name)
            costs.append((len(queries), hashed.call_count))

        assert costs[0] == costs[1]
        assert costs[0][1] == 1


class TestMemory:
    def test_holds_neither_name_nor_password(self) -> None:
        tried("typed-into-the-right-field", name="typed-into-the-wrong-field")

        kept = str(AccessAttempt.objects.values().get())
        assert "typed-into" not in kept

    def test_has_no_pages(self) -> None:
        assert [model for model in admin.site._registry if model._meta.app_label == "axes"] == []

    def test_logs_neither_name_nor_password_nor_address(self, caplog: pytest.LogCaptureFixture) -> None:
        with caplog.at_level("DEBUG"):
            guess(6, name="typed-into-the-wrong-field", password="typed-into-the-right-field")

        assert not [line for line in caplog.messages if "typed-into" in line or HERE in line]
        assert "Sign-ins to account (none) are refused from an address that failed too often" in caplog.messages


class TestNotices:
    def test_tell_administrators_once_and_nobody_else(self) -> None:
        person("bob", "syncapp.view_notice")
        person("dora", "auth.change_user")
        carol = person("carol")
        carol.groups.add(Group.objects.get(name=roles.ADMINISTRATORS))

        guess(9)

        assert sorted(str(notice.user) for notice in models.Notice.objects.all()) == ["alice", str(carol)]
        assert told()[0].startswith("5 sign-ins to the account alice failed from 8.8.4.4.")
        assert all(notice.urgent and notice.link.startswith("/auth/user/") for notice in models.Notice.objects.all())

    def test_are_not_repeated_for_every_further_attempt(self) -> None:
        guess(5)
        models.Notice.objects.update(closed_at=timezone.now())

        guess(3)

        assert told() == []

    def test_repeat_nothing_that_was_typed_where_there_is_no_such_account(self) -> None:
        for name in ("my-pass-phrase-by-mistake", "nobody"):
            guess(5, name=name)

        assert [words[:64] for words in told()] == ["5 sign-ins to an account that does not exist failed from 8.8.4.4"]

    def test_are_not_given_for_fewer_failures(self) -> None:
        guess(4)

        assert told() == []


class TestPasswords:
    @pytest.mark.parametrize("password", ["short-one-1", "1qaz2wsx3edc", "123456789012345"])
    def test_that_are_short_common_or_numbers_are_refused(self, password: str, alice: User) -> None:
        client = Client()
        client.force_login(alice)

        answer = client.post(
            reverse("admin:password_change"), {"old_password": RIGHT, "new_password1": password, "new_password2": password}
        )

        assert answer.status_code == 200
        assert authenticate(RequestFactory().post("/"), username="alice", password=password) is None

    def test_are_kept_by_a_slow_and_current_hash(self) -> None:
        from django.conf import global_settings

        from settings import base

        assert not hasattr(base, "PASSWORD_HASHERS")
        assert "PBKDF2" in global_settings.PASSWORD_HASHERS[0]

    def test_come_with_no_installation(self) -> None:
        User.objects.all().delete()

        assert tried("admin", name="admin").status_code == 200
