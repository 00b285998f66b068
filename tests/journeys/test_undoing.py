"""A person takes back what a run wrote: looks at the plan, approves it, and finds the old value at the vendor."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import expect

from integrations.sandbox import serve
from syncapp import models
from syncapp.services import connections, governor
from tests.journeys.conftest import Person
from tests.runs.company import Clock, Company
from tests.runs.undone import NEW, OLD, Ann

if TYPE_CHECKING:
    from playwright.sync_api import Browser


@pytest.fixture
def company(transactional_db: Any, settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Company]:
    monkeypatch.setattr(governor, "Governor", lambda **_: connections.Unmetered())
    with serve.build(seed="empty") as built:
        yield Company(built, settings, Clock())


@pytest.fixture
def operator(company: Company, live_server: Any, browser: Browser) -> Iterator[Person]:
    """Alice of the company, who reads times in Kathmandu."""
    models.PersonalSettings.objects.create(user=company.alice, time_zone="Asia/Kathmandu")
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    context.set_default_timeout(15_000)
    person = Person(context.new_page(), live_server.url)
    person.sign_in()
    yield person
    context.close()


class TestUndo:
    def test_is_planned_looked_at_and_approved(self, company: Company, operator: Person) -> None:
        ann = Ann(company)

        page = operator.open(f"/syncapp/syncrun/{ann.run.pk}/change/")
        page.get_by_role("button", name="Undo this run…").click()
        page.wait_for_selector("text=The undo is being planned.")
        company.finish(models.SyncRun.objects.latest("pk"))
        expect(page.get_by_text("1 write planned, none carried out.").first).to_be_visible()
        before = ann.phones
        page.get_by_role("button", name="Approve and carry out exactly this").click()
        page.wait_for_selector("text=Approved.")
        company.finish(models.SyncRun.objects.latest("pk"))

        expect(page.get_by_text("1 write carried out.").first).to_be_visible()
        assert (before, ann.phones) == ((NEW, NEW), (NEW, OLD))
        assert "+0545" in page.content()
        assert operator.complaints == []
