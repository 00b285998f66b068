"""One HubSpot account kept in step with two QuickBooks companies: they take turns, and neither misses what the other saw."""

from __future__ import annotations

import json
import urllib.request
from typing import Any

import pytest

from integrations.oauth import TokenSet
from syncapp import models
from syncapp.engine.vocabulary import (
    ConnectionStatus,
    CreateTo,
    Direction,
    Environment,
    MatchMode,
    ObjectPair,
    OperationStatus,
    PairState,
    RunKind,
    RunState,
    RunTrigger,
    System,
)
from syncapp.services import configs, context, credentials, fields, lane, leases, runs
from tests.runs.company import Company
from tests.runs.meddling import Once, meanwhile


@pytest.fixture
def second(company: Company) -> models.SyncConfig:
    """A second QuickBooks company, without customers, and its sync with the same HubSpot account; every contact is in scope."""
    made = company.quickbooks.control("tokens", {"scopes": None, "limits": None, "realm_id": "9130350000000002"})
    books = models.Connection.objects.create(
        system=System.QUICKBOOKS, environment=Environment.LOCAL_SANDBOX, external_id=str(made["realm_id"]), name="Second",
        status=ConnectionStatus.CONNECTED,
    )
    tokens = TokenSet(access_token=made["access_token"], refresh_token=made["refresh_token"], expires_in=made["expires_in"])
    credentials.store(connection=books, tokens=tokens, client_id=made["client_id"], now=company.clock.now())
    fields.refresh(connection=books, now=company.clock.now())
    config = configs.create(
        name="Second", left=company.config.left, right=books, object_pair=ObjectPair.CONTACT_CUSTOMER, actor=company.alice,
        now=company.clock.now(), direction=Direction.TO_RIGHT, create_to=CreateTo.RIGHT,
    )
    config.filter_groups.all().delete()
    return config


def run(company: Company, config: models.SyncConfig) -> models.SyncRun:
    """One whole run of a sync."""
    started = runs.start(
        config=config, kind=RunKind.DELTA, trigger=RunTrigger.HAND, now=company.clock.now(), actor=company.alice, enqueue=False
    )
    return lane.to_the_end(run_id=started.pk, ports=company.clock.ports)


def books(company: Company, config: models.SyncConfig) -> list[dict[str, Any]]:
    """The customers of a sync's QuickBooks company."""
    companies = company.quickbooks.control("dump", method="GET")["companies"]
    return [row for one in companies for row in one["Customer"] if str(one["realm_id"]) == config.right.external_id]


class TestTwoCompanies:
    def test_each_sees_the_contacts_that_the_other_created(self, company: Company, second: models.SyncConfig) -> None:
        run(company, second)
        company.customer(DisplayName="Cid Clay", GivenName="Cid", FamilyName="Clay", email="cid@example.com")

        company.run()
        run(company, second)

        assert [row["DisplayName"] for row in books(company, second)] == ["Cid Clay"]

    def test_each_sees_the_changes_that_the_other_wrote(self, company: Company, second: models.SyncConfig) -> None:
        company.contact(firstname="Ann", lastname="Archer", email="ann@example.com")
        company.run()
        run(company, second)
        (customer,) = [row for row in books(company, company.config)]

        company.quickbooks.change("Customer", customer["Id"], PrimaryPhone={"FreeFormNumber": "+15125550199"})
        company.run()
        run(company, second)

        assert [row["PrimaryPhone"] for row in books(company, second)] == [{"FreeFormNumber": "+15125550199"}]

    def test_match_each_by_its_own_field(self, company: Company, second: models.SyncConfig) -> None:
        phone = {
            "match_left": models.VendorField.objects.get(connection=second.left, kind="contacts", name="phone"),
            "match_right": models.VendorField.objects.get(connection=second.right, kind="customer", name="PrimaryPhone.FreeFormNumber"),
        }
        models.SyncConfig.objects.filter(pk=second.pk).update(match_mode=MatchMode.OWN_FIELD, **phone)
        second = models.SyncConfig.objects.select_related("left", "right").get(pk=second.pk)
        configs.save_rules(config=second, actor=company.alice, now=company.clock.now())
        company.contact(firstname="Ann", lastname="Archer", email="ann@example.com", phone="+15125550100")
        company.run()
        models.RecordPair.objects.filter(config=second).delete()
        customer = self.customer(company, second, DisplayName="Annie", PrimaryPhone={"FreeFormNumber": "+15125550100"})

        run(company, second)

        (row,) = books(company, second)
        assert row["Id"] == customer

    def test_keep_customers_of_one_name_and_number_apart(self, company: Company, second: models.SyncConfig) -> None:
        """Invoices were once written to the wrong company: what one says of its customer 1 is nothing to the other's."""
        company.contact(firstname="Ann", lastname="Archer", email="ann@example.com")
        company.run()
        run(company, second)
        (here,), (there,) = books(company, company.config), books(company, second)
        assert (here["Id"], here["DisplayName"]) == (there["Id"], there["DisplayName"])
        company.set(direction=Direction.TO_LEFT)
        models.SyncConfig.objects.filter(pk=second.pk).update(active=False)

        company.quickbooks.change("Customer", here["Id"], PrimaryPhone={"FreeFormNumber": "+15125550199"})
        company.run()

        rows = models.Record.objects.filter(kind="customer").order_by("connection_id")
        assert [row.values["PrimaryPhone.FreeFormNumber"] for row in rows] == ["+15125550199", None]
        assert "PrimaryPhone" not in books(company, second)[0]

    def customer(self, company: Company, config: models.SyncConfig, **body: object) -> str:
        """Another application makes a customer in the second company."""
        url = f"{company.quickbooks.url}/v3/company/{config.right.external_id}/customer?minorversion=75"
        tokens = {"scopes": None, "limits": None, "realm_id": config.right.external_id}
        token = company.quickbooks.control("tokens", tokens)["access_token"]
        headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json", "Accept": "application/json"}
        request = urllib.request.Request(url, json.dumps(body).encode(), headers, method="POST")
        with urllib.request.urlopen(request, timeout=20) as response:
            return str(json.loads(response.read())["Customer"]["Id"])

    def test_a_sync_whose_first_run_failed_still_finds_what_is_known_already(
        self, company: Company, second: models.SyncConfig
    ) -> None:
        contact = company.contact(firstname="Ann", lastname="Archer", email="ann@example.com")
        company.run()
        models.RecordPair.objects.filter(config=second).delete()  # as if it had been set up only now
        models.Connection.objects.filter(pk=second.right_id).update(paused=True)
        failed = runs.start(
            config=second, kind=RunKind.DELTA, trigger=RunTrigger.HAND, now=company.clock.now(), actor=company.alice, enqueue=False
        )
        failed = lane.to_the_end(run_id=failed.pk, ports=company.clock.ports)
        models.Connection.objects.filter(pk=second.right_id).update(paused=False)

        run(company, models.SyncConfig.objects.get(pk=second.pk))

        assert failed.state == RunState.FAILED
        assert models.RecordPair.objects.filter(config=second, left__external_id=contact).exists()

    def test_never_write_at_the_same_time(self, company: Company, second: models.SyncConfig) -> None:
        company.contact(firstname="Ann", email="ann@example.com")
        waiting = runs.start(
            config=second, kind=RunKind.DELTA, trigger=RunTrigger.HAND, now=company.clock.now(), actor=company.alice, enqueue=False
        )
        seen: list[lane.Outcome] = []

        work = Once(lambda: seen.append(lane.work(run_id=waiting.pk, ports=company.clock.ports)))
        with meanwhile(System.QUICKBOOKS, "write", before=work):
            company.run()

        assert [(outcome.busy, outcome.again) for outcome in seen] == [(True, False)]

    def test_take_turns(self, company: Company, second: models.SyncConfig, monkeypatch: pytest.MonkeyPatch) -> None:
        rung: list[int] = []
        monkeypatch.setattr("syncapp.queue.enqueue_run", lambda *, run_id: rung.append(run_id))
        own = company.start()
        runs.next_turn(run_id=own.pk, again=True, now=company.clock.now())
        other = runs.start(
            config=second, kind=RunKind.DELTA, trigger=RunTrigger.HAND, now=company.clock.now(), actor=company.alice, enqueue=False
        )

        runs.next_turn(run_id=own.pk, again=True, now=company.clock.now())
        runs.next_turn(run_id=other.pk, again=False, now=company.clock.now())

        assert rung == [own.pk, other.pk, own.pk]

    def test_let_a_run_go_first_that_an_event_asked_for(
        self, company: Company, second: models.SyncConfig, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        rung: list[int] = []
        monkeypatch.setattr("syncapp.queue.enqueue_run", lambda *, run_id: rung.append(run_id))
        own = company.start()
        third = models.SyncConfig.objects.get(pk=second.pk)
        third.pk, third._state.adding, third.name, third.object_pair = None, True, "Asked", ObjectPair.PRODUCT_ITEM
        third.save()
        rules = {"rules": {}, "rules_revision": 1, "kind": RunKind.DELTA, "state": RunState.QUEUED}
        waits_longer = models.SyncRun.objects.create(config=second, trigger=RunTrigger.SCHEDULE, **rules)
        asked_for = models.SyncRun.objects.create(config=third, trigger=RunTrigger.EVENT, **rules)

        runs.next_turn(run_id=own.pk, again=False, now=company.clock.now())
        models.SyncRun.objects.filter(pk=asked_for.pk).update(attempts=1)
        runs.next_turn(run_id=own.pk, again=False, now=company.clock.now())

        assert rung == [asked_for.pk, waits_longer.pk]


class TestLeases:
    def test_no_lease_stays_behind_where_the_other_account_is_busy(self, company: Company) -> None:
        names = context.lease_names(company.config)
        taken = leases.take(name=names[1], owner="another", ttl_seconds=60, now=company.clock.now())

        outcome = lane.work(run_id=company.start().pk, ports=company.clock.ports)

        assert taken is not None
        assert outcome.busy
        assert leases.take(name=names[0], owner="a third", ttl_seconds=60, now=company.clock.now()) is not None

    def test_whoever_was_overtaken_while_a_write_waited_for_its_turn_sends_it_no_more(self, company: Company) -> None:
        company.contact(firstname="Ann", lastname="Archer", email="ann@example.com")
        slow = company.start()

        def overtake() -> None:
            models.Lease.objects.filter(name__in=context.lease_names(company.config)).update(fence=99, owner="another")

        with meanwhile(System.QUICKBOOKS, "write", before=Once(overtake)):
            outcome = lane.work(run_id=slow.pk, ports=company.clock.ports)

        assert outcome.state == RunState.RUNNING
        assert models.Operation.objects.get().status == OperationStatus.SENDING
        assert company.customers() == {}

    def test_whoever_was_overtaken_saves_nothing_and_the_next_finds_what_it_wrote(self, company: Company) -> None:
        company.contact(firstname="Ann", lastname="Archer", email="ann@example.com")
        slow = company.start()

        def overtake() -> None:
            models.Lease.objects.filter(name__in=context.lease_names(company.config)).update(fence=99, owner="another")

        with meanwhile(System.QUICKBOOKS, "write", after=Once(overtake)):
            outcome = lane.work(run_id=slow.pk, ports=company.clock.ports)
        assert outcome.state == RunState.RUNNING
        assert len(company.customers()) == 1
        assert models.Operation.objects.get().status == OperationStatus.SENDING
        models.Lease.objects.update(expires_at=leases.FREE_SINCE)
        company.settle()

        assert company.emails() == (["ann@example.com"], ["ann@example.com"])
        assert company.pair(right=next(iter(company.customers()))).state == PairState.LINKED
