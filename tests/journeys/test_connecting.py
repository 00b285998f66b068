"""A newcomer connects both accounts through the vendors' consent pages, and lands where the next step is."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest

from integrations.sandbox import serve
from syncapp import models
from syncapp.engine.vocabulary import ConnectionStatus, Environment, System
from tests.journeys.conftest import Person
from tests.runs.company import Vendor
from tests.services import made

if TYPE_CHECKING:
    from playwright.sync_api import Browser


@pytest.fixture
def vendors() -> Iterator[dict[System, Vendor]]:
    with serve.build(seed="empty") as built:
        yield {System.HUBSPOT: Vendor(built.hubspot.url), System.QUICKBOOKS: Vendor(built.quickbooks.url)}


@pytest.fixture
def newcomer(transactional_db: Any, vendors: dict[System, Vendor], live_server: Any, settings: Any, browser: Browser) -> Iterator[Person]:
    """Alice, in an installation that knows both vendors' apps and no account yet."""
    settings.PUBLIC_URL = live_server.url
    policy = settings.CONTENT_SECURITY_POLICY
    settings.CONTENT_SECURITY_POLICY = {**policy, "form-action": [*policy["form-action"], *(vendor.url for vendor in vendors.values())]}
    for system, vendor in vendors.items():
        app = vendor.control("tokens", {"scopes": None, "limits": None})
        setattr(settings, f"LOCAL_SANDBOX_{system.value}_URL", vendor.url)
        setattr(settings, f"{system.value}_CLIENT_ID", app["client_id"])
        setattr(settings, f"{system.value}_CLIENT_SECRET", app["client_secret"])
    made.alice()
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    context.set_default_timeout(15_000)
    person = Person(context.new_page(), live_server.url)
    person.sign_in()
    yield person
    context.close()


def ask(person: Person, system: System, answer: str) -> None:
    """Choose the sandbox, go to the consent page, and press a button there."""
    page = person.open("/syncapp/connection/")
    form = page.locator(f"form[action*='{system.value.lower()}/start']")
    form.locator("select").select_option(Environment.LOCAL_SANDBOX.value)
    form.locator("button").click()
    page.locator(f"button[name=decision][value={answer}]").click()
    page.wait_for_load_state("load")


class TestConnecting:
    def test_leads_through_both_consent_pages_to_connected_accounts(self, newcomer: Person) -> None:
        front = newcomer.open("/").content()
        for system in System:
            ask(newcomer, system, "allow")

        connected = models.Connection.objects.filter(status=ConnectionStatus.CONNECTED)
        assert "Connect HubSpot" in front
        assert set(connected.values_list("system", flat=True)) == {System.HUBSPOT.value, System.QUICKBOOKS.value}
        assert "Create" in newcomer.open("/").content()
        assert [words for words in newcomer.complaints if "Policy" in words] == []

    def test_that_is_denied_connects_nothing_and_says_so(self, newcomer: Person) -> None:
        ask(newcomer, System.QUICKBOOKS, "deny")

        assert "The access was not granted at QuickBooks Online" in newcomer.page.content()
        assert not models.Connection.objects.exists()
