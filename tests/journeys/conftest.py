"""A person in a browser, signed in, and everything the browser complained about."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest

from tests.admin.scene import Scene
from tests.services import made

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

PASSWORD = "a long enough pass phrase"


class Person:
    """Somebody with a page open."""

    def __init__(self, page: Page, address: str) -> None:
        self.page = page
        self.address = address
        self.complaints: list[str] = []
        page.on("console", lambda message: self.complaints.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))

    def open(self, path: str) -> Page:
        self.page.goto(f"{self.address}{path}")
        self.page.wait_for_load_state("load")
        return self.page

    def sign_in(self) -> None:
        self.open("/")
        self.page.fill("#id_username", "alice")
        self.page.fill("#id_password", PASSWORD)
        self.page.keyboard.press("Enter")
        self.page.wait_for_url(f"{self.address}/")


@pytest.fixture
def scene(transactional_db: Any) -> Scene:
    return Scene()


@pytest.fixture
def alice(scene: Scene, live_server: Any, browser: Browser) -> Iterator[Person]:
    made.alice()
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    context.set_default_timeout(15_000)
    person = Person(context.new_page(), live_server.url)
    person.sign_in()
    yield person
    context.close()
