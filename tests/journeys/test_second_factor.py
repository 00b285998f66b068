"""Somebody sets up a second factor without a mouse, and no page on the way breaks the browser's rules."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest
from django_otp.oath import TOTP

from tests.journeys.conftest import PASSWORD, Person
from tests.services import made

if TYPE_CHECKING:
    from playwright.sync_api import Browser


@pytest.fixture
def newcomer(transactional_db: Any, live_server: Any, settings: Any, browser: Browser) -> Iterator[Person]:
    settings.SECOND_FACTOR = "required"
    made.alice()
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    context.set_default_timeout(15_000)
    yield Person(context.new_page(), live_server.url)
    context.close()


class TestSecondFactor:
    def test_is_set_up_by_the_keyboard_alone(self, newcomer: Person) -> None:
        page = newcomer.open("/syncapp/connection/")
        page.focus("#id_username")
        page.keyboard.type("alice")
        page.keyboard.press("Tab")
        page.keyboard.type(PASSWORD)
        page.keyboard.press("Enter")
        page.wait_for_selector("#secret")
        page.wait_for_function("document.activeElement.matches('input[autocomplete=one-time-code]')")
        shown = page.evaluate("document.querySelector('.s-qr img').naturalWidth")

        page.keyboard.type(f"{TOTP(base64.b32decode(page.inner_text('#secret').replace(' ', ''))).token():06}")
        page.keyboard.press("Enter")
        page.wait_for_selector(".s-codes")
        codes = page.locator(".s-codes li").count()
        page.locator("main a, a.s-btn--primary").last.focus()
        page.keyboard.press("Enter")
        page.wait_for_url("**/syncapp/connection/")

        assert shown > 100
        assert codes == 8
        assert newcomer.complaints == []
