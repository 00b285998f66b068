"""Webhooks from the sandbox to our doors and through a run: whatever happens to them on the way, both sides end the same."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.test import Client

from integrations.sandbox import serve
from syncapp import models
from syncapp.engine.vocabulary import PairState, RunTrigger
from syncapp.services import hints, webhooks
from tests.integrations.conftest import Heard, ScriptedServer, scripted
from tests.runs.company import Company

__all__ = ["scripted"]

TOKEN = "c8b2f7a0-1111-4222-8333-944445555666"
UNSEEN = 100_000.0
"""Seconds for which HubSpot's search shows no change, so that only its id leads to one."""
LATE = 3600.0


@pytest.fixture
def sandbox() -> Iterator[serve.Sandbox]:
    """The test's own, since its clock is moved."""
    with serve.build(seed="empty") as built:
        yield built


class Wire:
    """What the sandbox sends is caught here and handed to our doors, as a proxy would."""

    def __init__(self, company: Company, server: ScriptedServer, settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
        self.company, self.server = company, server
        server.says(200)
        settings.PUBLIC_URL, settings.QUICKBOOKS_WEBHOOK_TOKEN = server.url, [TOKEN]
        monkeypatch.setattr("syncapp.web.webhooks.timezone", SimpleNamespace(now=company.clock.now))
        for vendor in (company.hubspot, company.quickbooks):
            vendor.control("webhooks", method="DELETE")

    def subscribe(self, mode: str = "normal", *, form: str | None = None) -> None:
        for vendor, path in ((self.company.hubspot, "hubspot"), (self.company.quickbooks, "quickbooks")):
            secret = {} if path == "hubspot" else {"secret": TOKEN}
            more = {"format": form} if form else {}
            asked = {"url": f"{self.server.url}/webhooks/{path}", "mode": mode, "delay_seconds": LATE, **secret, **more}
            vendor.control("webhooks", asked)

    def caught(self) -> list[Heard]:
        """Everything that both vendors send now."""
        for vendor in (self.company.hubspot, self.company.quickbooks):
            vendor.control("webhooks/flush")
        caught, self.server.heard = self.server.heard, []
        return caught

    def deliver(self, *, forged: bool = False) -> list[int]:
        """Hand on what is sent now, and take it in. Returns what the vendors are answered."""
        answers = []
        for heard in self.caught():
            body = heard.body.replace(b":", b": ", 1) if forged else heard.body
            answers.append(Client().post(heard.path, body, "application/json", headers=heard.headers).status_code)
        webhooks.work(now=self.company.clock.now())
        return answers

    def run(self) -> list[models.SyncRun]:
        """Carry out the runs that events asked for."""
        asked = models.SyncRun.objects.filter(state="QUEUED", trigger=RunTrigger.EVENT)
        return [self.company.finish(run) for run in asked]


@pytest.fixture
def wire(company: Company, scripted: ScriptedServer, settings: Any, monkeypatch: pytest.MonkeyPatch) -> Wire:
    return Wire(company, scripted, settings, monkeypatch)


def in_step(company: Company) -> dict[str, str]:
    """Three people on both sides, and the sync on."""
    made = {name: company.contact(email=f"{name}@example.com", firstname=name, lastname="Doe") for name in ("ann", "bob", "eve")}
    company.run()
    models.SyncConfig.objects.update(active=True, next_due_at=company.clock.now() + timedelta(days=30))
    return made


def seen_by(company: Company, name: str) -> dict[str, Any]:
    """A person's customer."""
    return next(one for one in company.customers().values() if one.get("PrimaryEmailAddr", {}).get("Address") == f"{name}@example.com")


def phone(company: Company, name: str) -> str | None:
    found = seen_by(company, name).get("PrimaryPhone", {}).get("FreeFormNumber")
    return str(found) if found else None


def edit(company: Company, people: dict[str, str]) -> None:
    """One of each: changed here, changed there, new, gone."""
    company.hubspot.change("contacts", people["ann"], phone="+1 555 0100")
    company.quickbooks.change("Customer", seen_by(company, "bob")["Id"], CompanyName="Bob & Sons")
    company.contact(email="cid@example.com", firstname="cid", lastname="Doe")
    company.hubspot.delete("contacts", people["eve"])


def both_sides(company: Company, people: dict[str, str]) -> dict[str, Any]:
    """What counts in the end."""
    return {
        "phone": phone(company, "ann"), "company": company.contacts()[people["bob"]].get("company"), "emails": company.emails(),
        "gone": company.pair(left=people["eve"]).state, "writes": company.writes(),
    }


ENDS = {
    "phone": "+1 555 0100", "company": "Bob & Sons",
    "emails": ([f"{name}@example.com" for name in ("ann", "bob", "cid")], [f"{name}@example.com" for name in ("ann", "bob", "cid", "eve")]),
    "gone": PairState.ORPHANED, "writes": 6,
}


class TestOnTheWay:
    @pytest.mark.parametrize("mode", ["normal", "duplicate", "reorder", "drop", "delay", "forged"])
    def test_whatever_happens_to_webhooks_both_sides_end_the_same(self, mode: str, company: Company, wire: Wire) -> None:
        people = in_step(company)
        company.hubspot.control("switch", {"index_delay": UNSEEN})
        wire.subscribe("normal" if mode == "forged" else mode)
        edit(company, people)

        answers = wire.deliver(forged=mode == "forged")
        begun = wire.run()

        arrives = mode in ("normal", "duplicate", "reorder")
        assert set(answers) == ({200} if arrives else {401} if mode == "forged" else set())
        assert len(begun) == arrives
        assert phone(company, "ann") == ("+1 555 0100" if arrives else None)
        company.hubspot.control("switch", {"index_delay": 0.0})
        if mode == "delay":
            company.run()
            company.let_pass(timedelta(seconds=LATE))
            assert set(wire.deliver()) == {200}
            wire.run()
        company.let_pass(timedelta(hours=2))  # deletions are asked for once an hour
        company.run()
        wire.deliver()
        wire.run()
        assert both_sides(company, people) == ENDS

    def test_our_own_writes_come_back_and_change_nothing(self, company: Company, wire: Wire) -> None:
        people = in_step(company)
        wire.subscribe()
        company.hubspot.change("contacts", people["ann"], phone="+1 555 0100")
        wire.deliver()
        wire.run()
        company.let_pass(timedelta(minutes=1))
        before = company.writes()

        wire.deliver()
        begun = wire.run()
        hinted = models.Hint.objects.exists()
        company.run()

        assert (begun, hinted) == ([], True)
        assert company.writes() == before
        assert not models.Hint.objects.exists()

    def test_the_older_forms_are_as_good(self, company: Company, wire: Wire) -> None:
        people = in_step(company)
        company.hubspot.control("switch", {"index_delay": UNSEEN})
        wire.subscribe(form="legacy")
        company.hubspot.change("contacts", people["ann"], phone="+1 555 0100")
        company.quickbooks.change("Customer", seen_by(company, "bob")["Id"], CompanyName="Bob & Sons")

        assert set(wire.deliver()) == {200}
        wire.run()

        assert phone(company, "ann") == "+1 555 0100"
        assert company.contacts()[people["bob"]]["company"] == "Bob & Sons"

    def test_a_merge_that_only_a_webhook_tells_of_is_followed(self, company: Company, wire: Wire) -> None:
        people = in_step(company)
        twin = company.contact(email="ann.doe@example.com", firstname="Ann")
        company.run()
        company.hubspot.control("switch", {"index_delay": UNSEEN})
        wire.subscribe()
        customer = company.pair(left=people["ann"]).right
        survivor = company.hubspot.merge("contacts", people["ann"], twin)["id"]

        wire.deliver()
        wire.run()

        assert customer is not None
        assert company.pair(right=customer.external_id).left.external_id == survivor  # type: ignore[union-attr]

    def test_an_event_while_its_record_is_read_is_not_lost(self, company: Company, wire: Wire) -> None:
        people = in_step(company)
        hints.leave(connection_id=company.config.left_id, kind="contacts", external_ids=[people["ann"]], reason="a webhook")
        read = hints.pending(connection_id=company.config.left_id, kind="contacts")
        wire.subscribe()
        company.hubspot.change("contacts", people["ann"], phone="+1 555 0100")
        wire.deliver()

        hints.done(hints=read)

        assert [one.external_id for one in models.Hint.objects.filter(kind="contacts")] == [people["ann"]]


class TestWithoutThem:
    def test_the_weekly_comparison_heals_what_everything_else_missed(self, company: Company, wire: Wire) -> None:
        """A month is more than either vendor's memory of changes; here HubSpot's search never shows this one at all."""
        people = in_step(company)
        company.hubspot.control("switch", {"index_delay": 100 * 86_400.0})
        wire.subscribe("drop")
        company.hubspot.change("contacts", people["ann"], phone="+1 555 0100")
        wire.deliver()
        company.run()
        assert phone(company, "ann") is None

        company.let_pass(timedelta(days=31))
        company.run()

        assert phone(company, "ann") == "+1 555 0100"
