"""The pages in Polish, for somebody who chose it, and for nobody else."""

from __future__ import annotations

import re

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse
from pytest_django.fixtures import Settings

from syncapp import models, queue
from syncapp.engine.vocabulary import Digest
from syncapp.services import governor, personal
from tests.admin.scene import Scene
from tests.admin.test_every_page import PAGES
from tests.admin.test_what_pages_tell import text

# What our own templates, buttons, fields and columns say; and what stood there in English.
SAID = {
    "overview": {
        "Co dziś wymaga decyzji": "What needs you today", "Otwarty konflikt": "Open conflict", "Uruchom teraz": "Run now",
        "Wszystkie czasy są podane w Twojej strefie czasowej.": "All times are in your time zone.",
    },
    "sync": {
        "Zalecane mapowania": "Recommended mappings", "Jak rekordy się odnajdują": "How records find each other",
        "Pusta wartość strony wygrywającej nigdy nie nadpisuje wartości.": "An empty winner never overwrites a value.",
    },
    "pair in conflict": {
        "Obie strony się zmieniły: która wartość jest właściwa?": "Both sides changed: which value is right?",
        "Obok siebie": "Side by side",
        "Pomiń tę parę w synchronizacji": "Leave this pair out of the sync",
    },
    "pairs": {"5 rekordów": "5 records", "Ponów wybrane pary": "Retry the selected pairs", "Edytuj kolumny": "Edit columns"},
    "my settings": {"Zapisz moje ustawienia": "Save my settings", "Język stron i e-maili.": "The language of pages and e-mails."},
    "pair in sync": {"Gdy obie strony mają wartość, ": "Where both have a value"},
    "connection": {"Nie przyszedł jeszcze żaden.": "None came yet.", "Adres do podania dostawcy": "Address for the vendor"},
    "jobs": {"Żadna kolejka nie działa": "No queue is running", "Czekające zadania": "Jobs that wait"},
    "connections": {"Wklej klucz usługi HubSpot": "Paste a HubSpot service key", "ostatnie wywołanie": "last call"},
}


@pytest.fixture
def in_polish(alice: Client) -> Client:
    """Alice, who chose Polish."""
    user = User.objects.get(username="alice")
    personal.save(user=user, time_zone="", language="pl", at_once=(), digest=Digest.DAILY, in_summary=(), digest_hour=8)
    return alice


class TestPages:
    @pytest.mark.parametrize("name", SAID)
    def test_are_in_the_language_that_was_chosen(self, name: str, scene: Scene, in_polish: Client) -> None:
        raw = in_polish.get(PAGES[name](scene)).content.decode()
        page = re.sub(r"\s+", " ", raw)

        assert '<html lang="pl"' in page
        assert [words for words in SAID[name] if words not in page] == []
        assert [words for words in SAID[name].values() if words in page] == []

    def test_are_in_the_language_of_the_installation_for_others(self, scene: Scene, in_polish: Client, bob: Client) -> None:
        in_polish.get(PAGES["overview"](scene))

        page = bob.get(PAGES["overview"](scene)).content.decode()

        assert '<html lang="en"' in page
        assert "What needs you today" in page

    @pytest.mark.parametrize(("query", "words"), [("?q=Bea", "1 rekord "), ("?q=an", "2 rekordy "), ("", "5 rekordów ")])
    def test_count_as_polish_counts(self, query: str, words: str, scene: Scene, in_polish: Client) -> None:
        assert words in text(in_polish, PAGES["pairs"](scene) + query)

    @pytest.mark.parametrize(("name", "badge"), [("notices", ("red", "Pilne")), ("syncs", ("base", "Wył."))])
    def test_keep_the_colors_of_badges(self, name: str, badge: tuple[str, str], scene: Scene, in_polish: Client) -> None:
        page = in_polish.get(PAGES[name](scene)).content.decode()

        assert badge in re.findall(r'<span class="inline-block[^"]*?text-(\w+)-700[^"]*"[^>]*>\s*([^<]*?)\s*</span>', page)

    def test_are_kept_up_to_date_while_a_run_is_under_way(self, scene: Scene, in_polish: Client) -> None:
        page = in_polish.get(PAGES["running run"](scene)).content.decode()

        assert 'data-active="yes"' in page
        assert 'data-said-silent="Serwer w tej chwili nie odpowiada; próbuję ponownie."' in page

    def test_hand_their_words_to_the_scripts(self, scene: Scene, in_polish: Client) -> None:
        assert 'data-said-choose="Wybierz"' in in_polish.get(PAGES["sync"](scene)).content.decode()
        assert 'data-said-add="Dodaj"' in in_polish.get(PAGES["columns"](scene)).content.decode()

    def test_name_jobs_and_schedules(self, db: None, in_polish: Client) -> None:
        queue.enqueue_run(run_id=1712)
        queue.ensure_schedule()

        page = in_polish.get(reverse("admin:syncapp_connection_jobs")).content.decode()

        assert "Wykonanie przebiegu" in page
        assert "przebieg 1712" in page
        assert "Wysyłanie powiadomień e-mailem" in page

    def test_part_the_thousands_of_a_budget_as_polish_does(self, scene: Scene, in_polish: Client) -> None:
        models.Bucket.objects.create(name=f"{scene.left.pk}:{governor.DAILY}", allowed=9000, period=86400, used=2500)

        page = in_polish.get(PAGES["connection"](scene)).content.decode()

        assert "<td>9\N{NO-BREAK SPACE}000 " in page
        assert "<td>6\N{NO-BREAK SPACE}500</td>" in page

    def test_answer_buttons(self, scene: Scene, in_polish: Client) -> None:
        answer = in_polish.post(reverse("admin:syncapp_recordpair_retry", args=[scene.failing.pk]), follow=True)

        assert "Para zostanie sprawdzona ponownie w następnym przebiegu." in answer.content.decode()


class TestSignIn:
    def test_is_in_the_language_of_the_installation(self, nobody: Client, db: None, settings: Settings) -> None:
        settings.LANGUAGE_CODE = "pl"

        page = nobody.get("/login/?next=/").content.decode()

        assert '<html lang="pl"' in page
        assert "Synchronizacja HubSpot i QuickBooks" in page
