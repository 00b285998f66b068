"""A finance person sets a sync up through its pages: the steps, the test of a filter, leaving and coming back, a preview, turning it on."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import expect

from integrations.sandbox import serve
from syncapp import models
from syncapp.engine.vocabulary import ObjectPair, RunKind, System
from syncapp.services import configs, connections, governor, lane
from tests.journeys.conftest import Person
from tests.runs.company import Clock, Company

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page


@pytest.fixture
def company(transactional_db: Any, settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Company]:
    """Two connected accounts with two customers, and no sync yet."""
    monkeypatch.setattr(governor, "Governor", lambda **_: connections.Unmetered())
    with serve.build(seed="empty") as built:
        made = Company(built, settings, Clock())
        models.SyncConfig.objects.all().delete()
        made.customer(DisplayName="Ann Ltd", email="ann@example.com")
        made.customer(DisplayName="Bolt Ltd", email="bolt@example.com")
        yield made


@pytest.fixture
def person(company: Company, live_server: Any, browser: Browser) -> Iterator[Person]:
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    context.set_default_timeout(15_000)
    someone = Person(context.new_page(), live_server.url)
    someone.sign_in()
    yield someone
    context.close()


def create(person: Person) -> Page:
    page = person.open("/syncapp/syncconfig/add/")
    page.get_by_role("textbox", name="Name").fill("Customers")
    page.get_by_role("button", name="Create the sync").click()
    return page


def work_off(company: Company, kind: RunKind) -> None:
    """What the queue would do."""
    run = models.SyncRun.objects.filter(kind=kind).latest("pk")
    lane.to_the_end(run_id=run.pk, ports=company.clock.ports)


def go_on(page: Page, step: str) -> None:
    """Press the button of the bar, and wait for the next step."""
    page.get_by_role("button", name="Save and go on").click()
    expect(page.get_by_label("Setting up")).to_contain_text(f"Next: {step}.")


def pick(page: Page, at: str, search: str, label: str) -> None:
    page.locator(f"#select2-id_{at}-field-container").click()
    page.locator(".select2-search__field").last.fill(search)
    page.locator(".select2-results__option", has_text=label).first.click()


def only_customers_called(page: Page, name: str) -> None:
    """Add a group for QuickBooks with one condition on the display name."""
    page.get_by_text("Add another QuickBooks filter group").click()
    page.locator("input[name='right_groups-0-name']").fill("Called so")
    page.locator("#right_groups-group").get_by_text("Add another Condition").first.click()
    pick(page, "right_groups-0-rules-0", "Display name", "Display name (DisplayName")
    page.locator("select[name='right_groups-0-rules-0-operator']").select_option("STARTS_WITH")
    page.locator("textarea[name='right_groups-0-rules-0-typed']").fill(name)


class TestSettingUp:
    def test_goes_through_the_steps_is_left_and_resumed_and_ends_with_a_running_sync(self, company: Company, person: Person) -> None:
        page = create(person)
        expect(page.get_by_label("Setting up")).to_contain_text("Next: Objects and direction.")
        go_on(page, "Field mappings")
        expect(page.locator("#mappings-group")).to_be_visible()

        config = models.SyncConfig.objects.get()
        person.open("/syncapp/syncrun/")
        page = person.open(f"/syncapp/syncconfig/{config.pk}/change/")
        expect(page.locator("#mappings-group")).to_be_visible()
        go_on(page, "Filters")
        page.get_by_role("button", name="Test the filters").click()
        expect(page.get_by_text("No QuickBooks customers have been read yet.")).to_be_visible()
        go_on(page, "Matching and conflicts")
        expect(page.locator("#id_match_mode")).to_be_in_viewport()
        go_on(page, "Preview")

        page.get_by_role("button", name="Preview now").click()
        page.wait_for_url(re.compile("/syncrun/"))
        work_off(company, RunKind.PREVIEW)
        page = person.open(f"/syncapp/syncconfig/{config.pk}/change/#filters")
        expect(page.get_by_label("Setting up")).to_contain_text("Next: Activate.")
        only_customers_called(page, "Bo")
        page.get_by_role("button", name="Test the filters").click()
        tested = page.locator("[data-tested]")
        expect(tested).to_contain_text(re.compile(r"QuickBooks customers\s+1 let in 1 left out"))
        expect(tested).to_contain_text("Called so: Display name starts with Bo — it is Ann Ltd")
        assert not models.FilterGroup.objects.filter(name="Called so").exists()

        page.get_by_role("button", name="Save", exact=True).click()
        expect(page.get_by_label("Setting up")).to_contain_text("Next: Preview.")
        page.get_by_role("link", name="Activate…").click()
        page.get_by_label("Go on without a preview").check()
        page.get_by_role("button", name="Activate").click()

        expect(page.get_by_text("Customers is on: it runs every 10 minutes, beginning now.")).to_be_visible()
        expect(page.get_by_label("Setting up")).to_have_count(0)
        page.get_by_role("link", name="Turn off…").click()
        page.get_by_role("button", name="Turn off").click()
        expect(page.get_by_text("Customers is off. Links and records stay as they are.")).to_be_visible()
        assert person.complaints == []


class TestConditions:
    def test_offer_the_operators_and_the_input_that_fit_the_field_by_keyboard(self, company: Company, person: Person) -> None:
        page = create(person)
        page.get_by_role("tab", name="Filters").press("Enter")
        page.get_by_text("Add another QuickBooks filter group").click()
        page.locator("#right_groups-group").get_by_text("Add another Condition").first.click()
        operator = page.locator("select[name='right_groups-0-rules-0-operator']")
        typed = page.locator("textarea[name='right_groups-0-rules-0-typed']")

        pick(page, "right_groups-0-rules-0", "Created at", "Created at")
        expect(operator.locator("option[value=CONTAINS]")).to_have_count(0)
        operator.select_option("BETWEEN")
        page.get_by_label("From").fill("2026-01-01")
        page.get_by_label("To", exact=True).fill("2026-01-31")
        page.keyboard.press("Tab")
        expect(typed).to_have_value("2026-01-01\n2026-01-31")
        operator.select_option("IS_KNOWN")
        expect(typed).to_have_value("")
        expect(typed).to_be_hidden()

        pick(page, "right_groups-0-rules-0", "balance", "balance")
        expect(operator).to_have_value("IS_KNOWN")
        operator.select_option("GREATER")
        page.get_by_label("Number", exact=True).fill("12.5")
        page.keyboard.press("Tab")
        expect(typed).to_have_value("12.5")
        assert person.complaints == []

    def test_that_cannot_be_tested_are_marked_with_what_is_wrong(self, company: Company, person: Person) -> None:
        config = configs.create(
            name="Customers", left=models.Connection.objects.get(system=System.HUBSPOT), actor=company.alice, now=company.clock.now(),
            right=models.Connection.objects.get(system=System.QUICKBOOKS), object_pair=ObjectPair.CONTACT_CUSTOMER,
        )
        page = person.open(f"/syncapp/syncconfig/{config.pk}/change/#filters")
        dated = page.locator("tr", has=page.locator("select[name='left_groups-0-rules-1-operator']"))
        dated.locator("select[name$='-operator']").select_option("BETWEEN")
        only_customers_called(page, "")

        page.get_by_role("button", name="Test the filters").click()

        expect(page.locator("[data-tested]")).to_contain_text('with "is between" needs 2 values, it has 1.')
        expect(page.locator("[data-tested]")).to_contain_text('The filter on "Display name" with "starts with" needs 1 value or more')
        expect(dated).to_have_class(re.compile("s-wrong"))
        expect(page.locator("tr.s-wrong")).to_have_count(2)
        assert person.complaints == []
