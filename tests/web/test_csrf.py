"""Nothing is changed without the token of the form, and nothing by a request that another site sent."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from pytest_django.fixtures import Settings

from syncapp import models
from tests.admin import walking
from tests.admin.scene import Scene
from tests.admin.walking import Company

pytestmark = pytest.mark.django_db
VENDORS = {"webhooks-hubspot", "webhooks-quickbooks"}
TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="(\w+)"')


@pytest.fixture(autouse=True)
def own_directory(settings: Settings, tmp_path: Path) -> None:
    """Exported files of one test are no other's, nor another process'."""
    settings.EXPORT_DIR = tmp_path / "exports"


@pytest.fixture
def scene() -> Scene:
    return Scene()


def browser(name: str) -> Client:
    """A superuser whose browser is believed no more than any other."""
    client = Client(enforce_csrf_checks=True)
    client.force_login(User.objects.create_superuser(name))
    return client


def token(client: Client) -> str:
    found = TOKEN.search(client.get(reverse("admin:password_change")).content.decode())
    assert found is not None
    return found[1]


def exempt(resolver: URLResolver | None = None) -> set[str]:
    """The addresses that ask for no token."""
    found: set[str] = set()
    for one in (resolver or get_resolver()).url_patterns:
        if isinstance(one, URLResolver):
            found |= exempt(one)
        elif isinstance(one, URLPattern) and getattr(one.callback, "csrf_exempt", False):
            found.add(str(one.name))
    return found


class TestToken:
    def test_is_asked_for_everywhere_but_by_the_vendors_addresses(self) -> None:
        assert exempt() == VENDORS

    def test_is_asked_for_by_every_post(self, scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
        company, wrong = Company(scene), {}
        company.clients["superuser"].handler.enforce_csrf_checks = True
        for address in walking.addresses():
            with walking.undone(monkeypatch) as watch:
                answer = company.ask("superuser", "POST", company.path(address, "superuser", "own"))
            if address.name not in VENDORS and (answer.status_code != 403 or watch.traces):
                wrong[address.name] = answer.status_code

        assert wrong == {}


class TestButton:
    """One button, as it is meant to be pressed and as it is not."""

    def press(self, client: Client, scene: Scene, said: str, **headers: Any) -> int:
        address = reverse("admin:syncapp_recordpair_exclude", args=[scene.in_sync.pk])
        return client.post(address, {"csrfmiddlewaretoken": said}, **headers).status_code

    def excluded(self, scene: Scene) -> bool:
        return models.RecordPair.objects.get(pk=scene.in_sync.pk).excluded_by_hand

    def test_is_pressed_with_ones_own_token(self, scene: Scene) -> None:
        chief = browser("chief")

        assert self.press(chief, scene, token(chief)) == 302
        assert self.excluded(scene)

    def test_is_not_pressed_with_another_persons_token(self, scene: Scene) -> None:
        chief, other = browser("chief"), browser("other")
        token(chief)

        assert self.press(chief, scene, token(other)) == 403
        assert not self.excluded(scene)

    def test_is_not_pressed_by_another_site(self, scene: Scene) -> None:
        chief = browser("chief")
        own = token(chief)

        assert self.press(chief, scene, own, HTTP_ORIGIN="https://evil.example") == 403
        assert self.press(chief, scene, own, HTTP_ORIGIN="null") == 403
        assert not self.excluded(scene)

    @pytest.mark.parametrize("referer", ["https://evil.example/", "", "http://testserver/"])
    def test_is_not_pressed_from_a_page_of_another_site_over_https(self, referer: str, scene: Scene) -> None:
        chief = browser("chief")
        own = token(chief)

        assert self.press(chief, scene, own, secure=True, HTTP_REFERER=referer) == 403
        assert not self.excluded(scene)
