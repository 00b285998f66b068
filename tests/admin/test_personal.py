"""My settings: everybody's own and nobody else's; and the pages in the time zone that was chosen there."""

from __future__ import annotations

import html
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django.fixtures import Settings

from syncapp import models
from syncapp.engine.vocabulary import Digest, MailState
from syncapp.services import notice_mail, personal, postbox
from tests.admin.scene import NOW, Scene
from tests.admin.test_every_page import PAGES
from tests.admin.test_what_pages_tell import text

PAGE = "/syncapp/personalsettings/"
WISHES = {
    "time_zone": "Europe/Warsaw", "language": "", "at_once": ["BRAKE", "SYNC"], "in_summary": ["FAILING"], "digest": "NEVER",
    "digest_hour": "6",
}


def chosen_by(name: str) -> models.PersonalSettings:
    return models.PersonalSettings.objects.get(user__username=name)


def in_warsaw(name: str) -> None:
    user = User.objects.get(username=name)
    personal.save(user=user, time_zone="Europe/Warsaw", language="", at_once=(), digest=Digest.DAILY, in_summary=(), digest_hour=8)


class TestMySettings:
    def test_stand_in_ones_own_menu_beside_the_password(self, charlie: Client) -> None:
        page = charlie.get(reverse("admin:index")).content.decode()

        assert f'href="{PAGE}"' in page
        assert "My settings" in page
        assert f'href="{reverse("admin:password_change")}"' in page

    def test_are_saved_by_anybody_who_is_signed_in(self, charlie: Client) -> None:
        answer = charlie.post(PAGE, WISHES, follow=True)

        chosen = chosen_by("charlie")
        assert "Your settings are saved." in answer.content.decode()
        assert (chosen.time_zone, chosen.digest, chosen.digest_hour) == ("Europe/Warsaw", Digest.NEVER, 6)
        assert chosen.at_once == ["BRAKE", "SYNC"]
        assert "FAILING" not in chosen.not_in_summary and "BRAKE" in chosen.not_in_summary

    def test_are_nobody_elses(self, charlie: Client, bob: Client) -> None:
        charlie.post(PAGE, {**WISHES, "user": User.objects.get(username="bob").pk})

        assert [one.user.username for one in models.PersonalSettings.objects.all()] == ["charlie"]
        for address in (f"{PAGE}{chosen_by('charlie').pk}/change/", f"{PAGE}add/", f"{PAGE}{chosen_by('charlie').pk}/delete/"):
            assert bob.get(address).status_code == 404
        assert 'value="Europe/Warsaw" selected' not in bob.get(PAGE).content.decode()
        assert 'value="Europe/Warsaw" selected' in charlie.get(PAGE).content.decode()

    def test_ask_for_a_sign_in(self, nobody: Client) -> None:
        assert nobody.post(PAGE, WISHES).headers["Location"].startswith("/login/")
        assert not models.PersonalSettings.objects.exists()

    @pytest.mark.parametrize("wrong", [{"time_zone": "Europe/Krakow"}, {"digest_hour": "24"}, {"digest": "HOURLY"}])
    def test_take_only_what_is_offered(self, charlie: Client, wrong: dict[str, str]) -> None:
        answer = charlie.post(PAGE, {**WISHES, **wrong})

        assert "is not one of the available choices" in answer.content.decode()
        assert not models.PersonalSettings.objects.exists()

    def test_show_the_defaults_to_who_saved_none(self, bob: Client) -> None:
        page = bob.get(PAGE).content.decode()

        assert "That of this installation (UTC)" in page
        assert 'value="DAILY" selected' in page
        assert 'value="8" selected' in page
        assert "checked" in page


class TestMail:
    def test_says_where_it_goes(self, alice: Client) -> None:
        assert "E-mails go to alice@example.com, the address of your account." in text(alice, PAGE)

    def test_says_where_an_account_has_no_address(self, bob: Client) -> None:
        assert "Your account has no e-mail address: nothing is e-mailed." in text(bob, PAGE)

    @pytest.mark.parametrize(
        ("backend", "words"),
        [(postbox.NO_MAIL, "has no mail server: nothing is e-mailed."), (postbox.INTO_FILES, "are written into files in VAR_DIR/mail.")],
    )
    def test_says_where_the_installation_sends_none(self, alice: Client, settings: Settings, backend: str, words: str) -> None:
        settings.EMAIL_BACKEND = backend

        assert words in text(alice, PAGE)

    def test_says_who_gets_no_summary(self, charlie: Client, bob: Client) -> None:
        told = "You may not see the notices that are for everybody, so you get no summary"

        assert told in text(charlie, PAGE)
        assert told not in text(bob, PAGE)

    def test_tells_what_became_of_ones_own_mails(self, scene: Scene, alice: Client, bob: Client) -> None:
        models.NoticeMail.objects.create(
            user=User.objects.get(username="alice"), notice=scene.notice, created_at=NOW, tried_at=NOW, state=MailState.FAILED,
            words=notice_mail.GIVEN_UP,
        )

        assert (
            "2026-11-26 09:30 UTC At once: The sync stopped before writing. Failed The mail server did not take it." in text(alice, PAGE)
        )
        assert "Urgent: The sync stopped before writing." not in text(bob, PAGE)


class TestTimeZone:
    SHOWN = {
        "runs": "2026-11-26 10:30 CET", "run": "2026-11-26 10:30:00 CET", "pair in sync": "last in sync 2026-11-26 10:30 CET",
        "pairs": "2026-11-26 10:30 CET", "notices": "2026-11-26 10:30 CET", "notice": "Told 2026-11-26 10:30 CET.",
        "conflicts": "2026-11-26 10:30 CET", "connection": "read 2026-11-26 10:30 CET", "progress": "2026-11-26 10:30:00 CET",
    }

    @pytest.mark.parametrize("name", SHOWN)
    def test_is_that_of_the_reader_on_every_page(self, name: str, scene: Scene, bob: Client) -> None:
        models.Notice.objects.update(created_at=NOW)
        models.Conflict.objects.update(created_at=NOW)
        in_warsaw("bob")

        page = text(bob, PAGES[name](scene))

        assert self.SHOWN[name] in page
        assert "09:30" not in page

    def test_is_utc_for_who_chose_none(self, scene: Scene, bob: Client) -> None:
        assert "last in sync 2026-11-26 09:30 UTC" in text(bob, PAGES["pair in sync"](scene))

    def test_ends_with_the_request(self, scene: Scene, alice: Client, bob: Client) -> None:
        in_warsaw("bob")
        bob.get(PAGES["run"](scene))

        assert timezone.get_current_timezone_name() == "UTC"
        assert "2026-11-26 09:30:00 UTC" in text(alice, PAGES["run"](scene))

    def test_is_named_where_django_shows_times_of_its_own(self, scene: Scene, alice: Client) -> None:
        in_warsaw("alice")

        assert "Times are in your time zone, Europe/Warsaw." in text(alice, PAGES["history of a sync"](scene))


    def test_of_a_file_is_said_on_the_page_of_its_export(self, scene: Scene, alice: Client) -> None:
        in_warsaw("alice")
        alice.post(reverse("admin:syncapp_recordpair_export"), {"format": "CSV", "query": ""})

        page = text(alice, reverse("admin:syncapp_exportfile_change", args=[models.ExportFile.objects.get().pk]))

        assert "Last change (UTC)" in page
        assert "Times in the file UTC, whatever time zone its reader is in" in page


class TestNotices:
    def listed(self, client: Client, query: str = "") -> str:
        return html.unescape(client.get(f"/syncapp/notice/{query}").content.decode())

    @pytest.fixture
    def closed(self, scene: Scene) -> models.Notice:
        return models.Notice.objects.create(subject="old", words="This is over.", closed_at=NOW)

    def test_are_the_open_ones_unless_asked_for_others(self, scene: Scene, closed: models.Notice, bob: Client) -> None:
        found = {
            query: (scene.notice.words in self.listed(bob, query), closed.words in self.listed(bob, query))
            for query in ("", "?shown=closed", "?shown=all")
        }

        assert found == {"": (True, False), "?shown=closed": (False, True), "?shown=all": (True, True)}

    def close(self, client: Client, *chosen: models.Notice) -> str:
        posted = {"action": "close_chosen", "_selected_action": [one.pk for one in chosen]}
        return html.unescape(client.post("/syncapp/notice/", posted, follow=True).content.decode())

    def test_are_closed_together_by_who_may_change_them(self, scene: Scene, alice: Client) -> None:
        another = models.Notice.objects.create(subject="another", words="Another one.")

        assert "2 notices closed." in self.close(alice, scene.notice, another)
        assert not models.Notice.objects.filter(closed_at=None).exists()

    def test_are_closed_together_as_far_as_they_are_ones_own(self, scene: Scene, bob: Client) -> None:
        own = models.Notice.objects.create(subject="own", words="For Bob alone.", user=User.objects.get(username="bob"))

        assert "1 notice closed." in self.close(bob, scene.notice, own)
        assert list(models.Notice.objects.filter(closed_at=None)) == [scene.notice]

    def test_for_everybody_stay_open_for_who_may_only_look(self, scene: Scene, bob: Client) -> None:
        assert "0 notices closed. Those that are for everybody are closed by who may change notices" in self.close(bob, scene.notice)

    def test_of_another_are_not_closed(self, scene: Scene, bob: Client) -> None:
        erins: Any = models.Notice.objects.create(subject="erins", words="For Erin alone.", user=scene.erin)

        self.close(bob, erins)

        erins.refresh_from_db()
        assert erins.closed_at is None
