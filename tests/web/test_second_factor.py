"""Where this installation asks for a second factor, a password alone opens nothing."""

from __future__ import annotations

import base64
import re
from datetime import datetime, timedelta
from typing import Any
from unittest import mock

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse
from django_otp.oath import TOTP
from pytest_django.fixtures import Settings

from syncapp import models
from syncapp.services import second_factor
from tests.admin.conftest import signed_in
from tests.admin.scene import person
from tests.services import made

pytestmark = pytest.mark.django_db
PAGE = "/second-factor/"
FRONT = "/"
WRONG = "000000"


class Phone:
    """An authenticator app, and the clock that it and the server go by."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.at = made.NOW
        self.secret = ""
        monkeypatch.setattr("syncapp.web.second_factor.timezone", mock.Mock(now=lambda: self.at))

    def scan(self, page: str) -> None:
        """Take in the secret that the page shows."""
        self.secret = re.findall(r'id="secret">([A-Z2-7 ]+)<', page)[0].replace(" ", "")

    def code(self, *, at: datetime | None = None) -> str:
        app = TOTP(base64.b32decode(self.secret))
        app.time = (at or self.at).timestamp()
        return f"{app.token():06}"

    def wait(self, **time: int) -> None:
        self.at += timedelta(**time)


@pytest.fixture
def phone(monkeypatch: pytest.MonkeyPatch) -> Phone:
    return Phone(monkeypatch)


@pytest.fixture(autouse=True)
def required(settings: Settings) -> None:
    settings.SECOND_FACTOR = "required"


@pytest.fixture
def user() -> User:
    return made.alice()


@pytest.fixture
def codes(user: User, phone: Phone) -> list[str]:
    """The recovery codes of Alice, who has set her phone up and then signs in again later."""
    client = signed_in(user)
    phone.scan(client.get(PAGE).content.decode())
    page = client.post(PAGE, {"code": phone.code()}).content.decode()
    phone.wait(minutes=1)
    return re.findall(r'<li class="s-mono">([A-Z2-7 ]+)</li>', page)


def answer(client: Client, code: str, *, to: str = PAGE) -> Any:
    return client.post(to, {"code": code})


def is_in(client: Client) -> bool:
    return client.get(FRONT).status_code == 200


class TestBeforeIt:
    @pytest.mark.parametrize(
        "path", ["/", "/syncapp/connection/", "/auth/user/", "/password_change/", "/search/?s=x", "/no/such/page/", "/login/"]
    )
    def test_every_page_leads_to_it(self, path: str, user: User) -> None:
        response = signed_in(user).get(path)

        assert response.status_code == 302
        assert response["Location"].startswith(f"{PAGE}?next=")

    @pytest.mark.parametrize("path", ["/syncapp/connection/", "/connect/hubspot/start", "/password_change/"])
    def test_nothing_is_done(self, path: str, user: User) -> None:
        response = signed_in(user).post(path, {"environment": "LOCAL_SANDBOX"})

        assert (response.status_code, response["Location"]) == (302, PAGE)

    def test_the_page_shows_nothing_of_what_is_behind_it(self, user: User) -> None:
        connection = made.hubspot()

        page = signed_in(user).get(PAGE).content.decode()

        assert connection.name not in page
        assert "/syncapp/connection/" not in page

    def test_signing_out_works(self, user: User) -> None:
        client = signed_in(user)

        client.post(reverse("admin:logout"))

        assert client.get(PAGE)["Location"] == reverse("admin:login")

    def test_the_sign_in_leads_to_it(self, user: User) -> None:
        client = Client()
        client.post(reverse("admin:login"), {"username": "alice", "password": "a long enough pass phrase"})

        assert client.get(FRONT)["Location"].startswith(PAGE)

    def test_answers_of_it_carry_the_headers(self, user: User) -> None:
        response = signed_in(user).get(FRONT)

        assert {"Content-Security-Policy", "X-Frame-Options", "Referrer-Policy"} <= set(response.headers)

    def test_strangers_are_led_to_the_sign_in(self) -> None:
        assert Client().get(PAGE)["Location"] == reverse("admin:login")


class TestSettingUp:
    def test_shows_a_picture_and_the_secret_as_text(self, user: User) -> None:
        response = signed_in(user).get(PAGE)

        page = response.content.decode()
        assert '<img src="data:image/svg+xml' in page
        assert re.search(r'id="secret">([A-Z2-7]{4} ){7}[A-Z2-7]{4}<', page)
        assert response["Cache-Control"] == "no-store"

    def test_takes_the_code_and_shows_recovery_codes_once(self, codes: list[str], user: User) -> None:
        assert len(set(codes)) == second_factor.RECOVERY_CODES
        assert all(len(code.replace(" ", "")) == 16 for code in codes)
        assert [entry.get_change_message() for entry in LogEntry.objects.all()] == ["The second factor was set up."]

    def test_opens_everything(self, user: User, phone: Phone) -> None:
        client = signed_in(user)
        phone.scan(client.get(PAGE).content.decode())

        answer(client, phone.code())

        assert is_in(client)
        assert client.get(PAGE)["Location"] == FRONT

    def test_offers_the_same_secret_until_it_is_used(self, user: User, phone: Phone) -> None:
        client = signed_in(user)
        phone.scan(client.get(PAGE).content.decode())
        first = phone.secret

        phone.scan(answer(client, WRONG).content.decode())

        assert phone.secret == first
        assert not models.SecondFactor.objects.exists()

    def test_refuses_a_code_that_does_not_fit(self, user: User, phone: Phone) -> None:
        client = signed_in(user)
        client.get(PAGE)

        assert "The code does not fit." in answer(client, WRONG).content.decode()
        assert not is_in(client)

    def test_is_not_done_twice(self, codes: list[str], user: User, phone: Phone) -> None:
        with pytest.raises(second_factor.CodeRefused, match="out of date"):
            second_factor.set_up(user=user, session={}, code=phone.code(), now=phone.at)
        session: dict[str, Any] = {}
        phone.secret = second_factor.offer(user=user, session=session).secret.replace(" ", "")
        with pytest.raises(second_factor.CodeRefused, match="already"):
            second_factor.set_up(user=user, session=session, code=phone.code(), now=phone.at)

    def test_stores_neither_secret_nor_codes_readably(self, codes: list[str], phone: Phone) -> None:
        kept = str([*models.SecondFactor.objects.values(), *models.RecoveryCode.objects.values()])

        assert phone.secret not in kept
        assert not [code for code in codes if code.replace(" ", "") in kept]

    def test_gives_the_session_a_new_key(self, user: User, phone: Phone) -> None:
        client = signed_in(user)
        phone.scan(client.get(PAGE).content.decode())
        before = client.session.session_key

        answer(client, phone.code())

        assert client.session.session_key != before

    def test_shows_no_secret_in_the_repr_of_an_offer(self, user: User) -> None:
        offer = second_factor.offer(user=user, session={})

        assert offer.secret not in repr(offer)


class TestCode:
    def test_of_the_app_opens_everything(self, codes: list[str], user: User, phone: Phone) -> None:
        client = signed_in(user)
        before = client.session.session_key

        response = answer(client, phone.code(), to=f"{PAGE}?next=/syncapp/connection/")

        assert response["Location"] == "/syncapp/connection/"
        assert is_in(client)
        assert client.session.session_key != before

    @pytest.mark.parametrize("seconds", [-30, 30])
    def test_of_a_phone_half_a_minute_off_is_taken(self, seconds: int, codes: list[str], user: User, phone: Phone) -> None:
        phone.wait(minutes=5)

        assert answer(signed_in(user), phone.code(at=phone.at + timedelta(seconds=seconds))).status_code == 302

    @pytest.mark.parametrize("seconds", [-90, 90])
    def test_of_another_time_is_refused(self, seconds: int, codes: list[str], user: User, phone: Phone) -> None:
        phone.wait(minutes=5)

        assert answer(signed_in(user), phone.code(at=phone.at + timedelta(seconds=seconds))).status_code == 200

    def test_is_taken_once(self, codes: list[str], user: User, phone: Phone) -> None:
        code = phone.code()
        answer(signed_in(user), code)

        again = signed_in(user)

        assert "used already" in answer(again, code).content.decode()
        assert not is_in(again)

    def test_that_set_the_app_up_is_not_taken_again(self, user: User, phone: Phone) -> None:
        client = signed_in(user)
        phone.scan(client.get(PAGE).content.decode())
        answer(client, phone.code())

        assert answer(signed_in(user), phone.code()).status_code == 200

    def test_sent_twice_at_the_same_moment_is_taken_once(self, codes: list[str], user: User, phone: Phone) -> None:
        code, taking = phone.code(), second_factor._taken

        def meanwhile(*arguments: Any) -> Any:
            with mock.patch.object(second_factor, "_taken", taking):
                second_factor.check(user=user, session={}, code=code, now=phone.at)
            return taking(*arguments)

        with mock.patch.object(second_factor, "_taken", meanwhile), pytest.raises(second_factor.CodeRefused):
            second_factor.check(user=user, session={}, code=code, now=phone.at)

    def test_of_somebody_else_is_refused(self, codes: list[str], phone: Phone) -> None:
        bob = signed_in(person("bob"))
        phone.scan(bob.get(PAGE).content.decode())
        answer(bob, phone.code())
        phone.wait(minutes=2)

        assert answer(signed_in(User.objects.get(username="alice")), phone.code()).status_code == 200

    @pytest.mark.parametrize("code", ["", "12345", "1234567", "abcdef", "１２３４５６", "-12345", "12 34"])
    def test_that_is_none_is_refused(self, code: str, codes: list[str], user: User) -> None:
        assert answer(signed_in(user), code).status_code == 200

    def test_leads_to_no_other_site(self, codes: list[str], user: User, phone: Phone) -> None:
        for wanted in ("//evil.example", "https:evil.example", "https://evil.example/", "\\\\evil.example", "javascript:alert(1)"):
            phone.wait(minutes=1)

            assert answer(signed_in(user), phone.code(), to=f"{PAGE}?next={wanted}")["Location"] == FRONT


class TestRecoveryCode:
    def test_stands_in_once_and_says_how_many_are_left(self, codes: list[str], user: User) -> None:
        client = signed_in(user)

        answer(client, codes[0].lower().replace(" ", "-"))

        assert "A recovery code was used; 7 are left." in client.get(FRONT).content.decode()
        assert answer(signed_in(user), codes[0]).status_code == 200
        assert answer(signed_in(user), codes[1]).status_code == 302

    def test_of_somebody_else_is_refused(self, codes: list[str], phone: Phone) -> None:
        bob = signed_in(person("bob"))
        phone.scan(bob.get(PAGE).content.decode())
        answer(bob, phone.code())

        assert answer(signed_in(User.objects.get(username="bob")), codes[0]).status_code == 200


class TestGuessing:
    def test_is_slowed_after_five_wrong_codes(self, codes: list[str], user: User, phone: Phone) -> None:
        client = signed_in(user)
        for _ in range(5):
            answer(client, WRONG)

        assert "Too many wrong codes. Wait 15 minutes" in answer(client, phone.code()).content.decode()
        assert answer(signed_in(user), codes[0]).status_code == 200

        phone.wait(minutes=15)
        assert answer(client, phone.code()).status_code == 302
        assert models.SecondFactor.objects.get().failures == 0

    def test_gets_one_attempt_in_a_quarter_of_an_hour_after_that(self, codes: list[str], user: User, phone: Phone) -> None:
        for _ in range(5):
            answer(signed_in(user), WRONG)
        phone.wait(minutes=15)
        answer(signed_in(user), WRONG)

        assert "Too many wrong codes" in answer(signed_in(user), phone.code()).content.decode()

    def test_is_told_to_administrators_once(self, codes: list[str], user: User, phone: Phone) -> None:
        for _ in range(9):
            answer(signed_in(user), WRONG)

        notice = models.Notice.objects.get()
        assert notice.user == user
        assert notice.words.startswith("5 wrong codes in a row were typed at the second factor of alice, after the right password.")

    def test_at_many_places_at_once_is_counted(self, codes: list[str], user: User, phone: Phone) -> None:
        seen = models.SecondFactor.objects.get()
        second_factor_of = mock.Mock(first=lambda: seen)
        with pytest.raises(second_factor.CodeRefused):
            second_factor.check(user=user, session={}, code=WRONG, now=phone.at)

        with mock.patch.object(models.SecondFactor.objects, "filter", side_effect=[second_factor_of, models.SecondFactor.objects.filter(
            pk=seen.pk, failures=seen.failures, last_step=seen.last_step
        )]), pytest.raises(second_factor.CodeRefused, match="at the same moment"):
            second_factor.check(user=user, session={}, code=phone.code(), now=phone.at)


class TestReset:
    def reset(self, client: Client, user: User) -> Any:
        return client.post(reverse("admin:auth_user_second_factor", args=[user.pk]))

    @pytest.fixture
    def admin(self, phone: Phone) -> Client:
        """An administrator who is no superuser, and has shown a second factor."""
        client = signed_in(person("carol", "auth.change_user", "auth.view_user"))
        phone.scan(client.get(PAGE).content.decode())
        answer(client, phone.code())
        return client

    def test_makes_the_person_set_up_a_new_one(self, admin: Client, phone: Phone) -> None:
        bob = person("bob")
        client = signed_in(bob)
        phone.scan(client.get(PAGE).content.decode())
        answer(client, phone.code())
        assert "Reset the second factor" in admin.get(reverse("admin:auth_user_change", args=[bob.pk])).content.decode()

        self.reset(admin, bob)

        assert not is_in(client)
        assert "Scan this picture" in client.get(PAGE).content.decode()
        latest = LogEntry.objects.latest("pk")
        assert (str(latest.user), latest.object_id) == ("carol", str(bob.pk))
        assert latest.get_change_message() == "The second factor of bob is reset. A new one is set up at the next sign-in."

    def test_says_when_there_is_nothing_to_reset(self, admin: Client) -> None:
        bob = person("bob")

        self.reset(admin, bob)

        assert "bob has no second factor" in admin.get(reverse("admin:auth_user_change", args=[bob.pk])).content.decode()

    def test_of_a_superuser_is_for_superusers(self, codes: list[str], user: User, admin: Client) -> None:
        assert self.reset(admin, user).status_code == 403
        assert models.SecondFactor.objects.filter(user=user).exists()

    def test_is_not_for_people_without_the_permission(self, admin: Client, phone: Phone) -> None:
        bob = signed_in(person("bob"))
        phone.wait(minutes=1)
        phone.scan(bob.get(PAGE).content.decode())
        answer(bob, phone.code())

        assert self.reset(bob, User.objects.get(username="carol")).status_code == 403

    def test_on_the_command_line_is_written_down(self, codes: list[str], user: User, capsys: pytest.CaptureFixture[str]) -> None:
        call_command("reset_second_factor", "alice")

        assert "The second factor of alice is taken away." in capsys.readouterr().out
        assert not models.SecondFactor.objects.exists()
        assert LogEntry.objects.latest("pk").get_change_message() == "The second factor was taken away on the command line."

    @pytest.mark.parametrize(("name", "words"), [("alice", "has no second factor"), ("nobody", "There is no account")])
    def test_on_the_command_line_says_what_is_wrong(self, name: str, words: str, user: User) -> None:
        with pytest.raises(CommandError, match=words):
            call_command("reset_second_factor", name)


class TestOff:
    @pytest.fixture(autouse=True)
    def off(self, settings: Settings, required: None) -> None:
        settings.SECOND_FACTOR = "off"

    def test_asks_for_nothing_and_has_no_page(self, user: User) -> None:
        client = signed_in(user)

        assert is_in(client)
        assert client.get(PAGE).status_code == 404

    def test_offers_no_reset(self, user: User) -> None:
        page = signed_in(user).get(reverse("admin:auth_user_change", args=[user.pk])).content.decode()

        assert reverse("admin:auth_user_second_factor", args=[user.pk]) not in page
        assert "It is asked for at the next sign-in" not in page


class TestKeys:
    def test_are_changed_like_those_of_tokens(self, codes: list[str], user: User, phone: Phone, settings: Settings) -> None:
        old = dict(settings.CREDENTIAL_KEYS)
        settings.CREDENTIAL_KEYS = (("new", b"n" * 32), *old.items())

        assert (second_factor.rotate(), second_factor.rotate()) == (1, 0)

        settings.CREDENTIAL_KEYS = (("new", b"n" * 32),)
        assert answer(signed_in(user), phone.code()).status_code == 302
