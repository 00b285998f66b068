"""What follows from a webhook: ids to be read again and one run soon, and nothing that a lost or doubled one could spoil."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone
from django_q.models import OrmQ

from syncapp import models, queue, tasks
from syncapp.connectors import events
from syncapp.engine.vocabulary import OperationKind, OperationStatus, RunKind, RunTrigger, Side, System
from syncapp.selectors import webhooks as reading
from syncapp.services import asked_runs, hints, notices, readiness, runs, webhooks
from tests.services import made
from tests.services.made import NOW

pytestmark = pytest.mark.django_db
SECOND = timedelta(seconds=1)


def milliseconds(at: datetime) -> int:
    return int(at.timestamp() * 1000)


def event(object_id: int, *, at: datetime = NOW, **more: Any) -> dict[str, Any]:
    whole = {"portalId": 111, "objectId": object_id, "objectTypeId": "0-1", "subscriptionType": "object.creation"}
    return {**whole, "occurredAt": milliseconds(at), **more}


def came(*told: dict[str, Any], system: System = System.HUBSPOT, now: datetime = NOW) -> None:
    webhooks.receive(system=system, body=json.dumps(told).encode(), now=now)


def cloud(number: str, kind: str = "customer", verb: str = "updated", **data: str) -> dict[str, Any]:
    told = {"id": f"{kind}-{number}", "type": f"qbo.{kind}.{verb}.v1", "time": NOW.isoformat(), "intuitaccountid": "9130"}
    return {**told, "intuitentityid": number, "data": data}


def hinted() -> list[tuple[str, str]]:
    return sorted(models.Hint.objects.values_list("kind", "external_id"))


@pytest.fixture
def sides() -> made.TwoSides:
    found = made.sound()
    models.SyncConfig.objects.filter(pk=found.config.pk).update(active=True, next_due_at=NOW + timedelta(hours=1))
    found.config.refresh_from_db()
    return found


class TestRead:
    def ids(self, system: System, *told: dict[str, Any]) -> list[tuple[str, str]]:
        found = events.read(system=system, body=json.dumps(told).encode())
        return [(ref.kind, ref.external_id) for one in found for ref in one.refs]

    @pytest.mark.parametrize(
        ("told", "refs"),
        [
            ({"objectTypeId": "0-2"}, [("companies", "5")]), ({"objectTypeId": "0-3"}, [("deals", "5")]),
            ({"objectTypeId": "0-7"}, [("products", "5")]), ({"objectTypeId": "0-53"}, [("invoices", "5")]),
            ({"objectTypeId": None, "subscriptionType": "company.propertyChange"}, [("companies", "5")]),
            ({"objectTypeId": None, "subscriptionType": None, "eventType": "contact.privacyDeletion"}, [("contacts", "5")]),
            ({"objectTypeId": "0-5"}, []), ({"objectTypeId": "0-8"}, []), ({"objectId": "5"}, [("contacts", "5")]), ({"objectId": 5.5}, []),
            (
                {"subscriptionType": "object.merge", "primaryObjectId": 5, "mergedObjectIds": [6], "newObjectId": 7},
                [("contacts", "5"), ("contacts", "7"), ("contacts", "6")],
            ),
            (
                {
                    "subscriptionType": "contact.associationChange", "associationType": "CONTACT_TO_COMPANY", "fromObjectId": 5,
                    "toObjectId": 6,
                },
                [("contacts", "5"), ("companies", "6")],
            ),
            (
                {
                    "subscriptionType": "object.associationChange", "fromObjectTypeId": "0-53", "toObjectTypeId": "0-3", "fromObjectId": 5,
                    "toObjectId": 6,
                },
                [("invoices", "5"), ("deals", "6")],
            ),
        ],
    )
    def test_knows_hubspots_kinds_merges_and_associations(self, told: dict[str, Any], refs: list[tuple[str, str]]) -> None:
        assert self.ids(System.HUBSPOT, event(5, **told)) == refs

    @pytest.mark.parametrize(
        ("told", "refs"),
        [
            (cloud("5"), [("customer", "5")]), (cloud("5", "item"), [("item", "5")]), (cloud("5", "invoice", "voided"), [("invoice", "5")]),
            (cloud("5", "payment"), [("payments", "payment:5")]), (cloud("5", "creditmemo"), [("payments", "creditmemo:5")]),
            (cloud("5", "refundreceipt", "deleted"), [("payments", "refundreceipt:5")]), (cloud("5", "vendor"), []),
            (cloud("5", "customer", "merged", deletedid="6"), [("customer", "5"), ("customer", "6")]),
            ({**cloud("5"), "type": "qbo.customer"}, []),
        ],
    )
    def test_knows_quickbooks_entities_and_merges(self, told: dict[str, Any], refs: list[tuple[str, str]]) -> None:
        assert self.ids(System.QUICKBOOKS, told) == refs

    def test_knows_the_moment_of_either_vendor(self) -> None:
        (left,) = events.read(system=System.HUBSPOT, body=json.dumps([event(5)]).encode())
        told = {**cloud("5"), "time": "2025-09-10T21:31:25.179851517Z"}
        (right,) = events.read(system=System.QUICKBOOKS, body=json.dumps([told]).encode())

        assert left.occurred_at == NOW
        assert right.occurred_at == datetime(2025, 9, 10, 21, 31, 25, 179851, tzinfo=UTC)

    def test_tells_events_apart_by_what_they_say_and_not_by_their_number(self) -> None:
        told = [event(5, eventId=1), event(5, eventId=2, attemptNumber=3), event(5, eventId=1, propertyName="phone"), event(6, eventId=1)]

        keys = [one.key for one in events.read(system=System.HUBSPOT, body=json.dumps(told).encode())]

        assert keys[0] == keys[1]
        assert len(set(keys)) == 3


class TestWork:
    def test_marks_what_is_mentioned_and_asks_for_one_run(self, sides: made.TwoSides) -> None:
        came(event(51), event(52))
        came(event(51, propertyName="phone"))

        assert webhooks.work(now=NOW) == 2

        run = models.SyncRun.objects.get()
        assert hinted() == [("contacts", "51"), ("contacts", "52")]
        assert (run.config, run.kind, run.trigger, run.state) == (sides.config, RunKind.DELTA, RunTrigger.EVENT, "QUEUED")

    def test_takes_each_delivery_in_once(self, sides: made.TwoSides) -> None:
        came(event(51))
        webhooks.work(now=NOW)

        assert webhooks.work(now=NOW) == 0

    def test_marks_associated_kinds_that_a_sync_looks_at(self, sides: made.TwoSides) -> None:
        came(event(7, objectTypeId="0-2"), event(8, objectTypeId="0-53"))

        webhooks.work(now=NOW)

        assert hinted() == [("companies", "7"), ("invoices", "8")]

    def test_leaves_kinds_alone_that_no_active_sync_reads(self, sides: made.TwoSides) -> None:
        came(event(9, objectTypeId="0-7"))
        webhooks.work(now=NOW)
        models.SyncConfig.objects.update(active=False)
        came(event(51))
        webhooks.work(now=NOW)

        assert hinted() == []
        assert not models.SyncRun.objects.exists()

    def test_reads_no_note_that_somebody_else_wrote(self, sides: made.TwoSides, monkeypatch: pytest.MonkeyPatch) -> None:
        ours = models.Record.objects.create(connection=sides.left, kind="notes", external_id="71", observed_at=NOW)
        monkeypatch.setattr(webhooks, "readers", lambda **_: {"notes": [sides.config.pk]})
        came(event(71, objectTypeId="0-46"), event(72, objectTypeId="0-46"))

        webhooks.work(now=NOW)

        assert hinted() == [("notes", ours.external_id)]

    def test_rings_for_a_worker(self, sides: made.TwoSides, monkeypatch: pytest.MonkeyPatch) -> None:
        rung: list[str] = []
        monkeypatch.setattr(queue, "enqueue_webhooks", lambda: rung.append("bell"))

        came(event(51))
        came(event(51))

        assert rung == ["bell"]
        tasks.take_webhooks()
        assert hinted() == [("contacts", "51")]

    def test_a_delivery_that_was_left_lying_is_taken_in_by_the_next_look(self, sides: made.TwoSides) -> None:
        came(event(51))

        webhooks.look_after(now=NOW)

        assert hinted() == [("contacts", "51")]

    def test_a_worker_that_dies_in_the_middle_leaves_it_whole(self, sides: made.TwoSides, monkeypatch: pytest.MonkeyPatch) -> None:
        def die(**_: object) -> None:
            raise SystemExit

        came(event(51))
        with monkeypatch.context() as patched, pytest.raises(SystemExit):
            patched.setattr(asked_runs, "ask", die)
            webhooks.work(now=NOW)

        assert hinted() == []
        assert webhooks.work(now=NOW) == 1
        assert hinted() == [("contacts", "51")]

    def test_an_account_that_is_paused_gets_its_run_when_it_goes_on(self, sides: made.TwoSides) -> None:
        models.Connection.objects.filter(pk=sides.left.pk).update(paused=True)
        came(event(51))
        webhooks.work(now=NOW)
        assert not models.SyncRun.objects.exists()

        models.Connection.objects.filter(pk=sides.left.pk).update(paused=False)

        assert runs.dispatch(now=NOW) == 1


class TestAsking:
    def under_way(self, sides: made.TwoSides, **state: Any) -> models.SyncRun:
        run = runs.start(config=sides.config, kind=RunKind.DELTA, trigger=RunTrigger.HAND, now=NOW)
        models.SyncRun.objects.filter(pk=run.pk).update(**state)
        return run

    def finish(self, run: models.SyncRun, *, now: datetime) -> None:
        models.SyncRun.objects.filter(pk=run.pk).update(state="SUCCEEDED", finished_at=now)
        runs.next_turn(run_id=run.pk, again=False, now=now)

    def test_a_run_that_has_not_begun_is_enough(self, sides: made.TwoSides) -> None:
        run = self.under_way(sides)
        came(event(51))

        webhooks.work(now=NOW)
        self.finish(run, now=NOW)

        assert models.SyncRun.objects.count() == 1

    def test_events_during_a_run_lead_to_one_run_after_it(self, sides: made.TwoSides) -> None:
        run = self.under_way(sides, state="RUNNING", attempts=1, started_at=NOW)
        for number in range(3):
            came(event(51 + number))
            webhooks.work(now=NOW)
        assert models.SyncRun.objects.count() == 1

        self.finish(run, now=NOW)

        assert [one.trigger for one in models.SyncRun.objects.exclude(pk=run.pk)] == [RunTrigger.EVENT]

    @pytest.mark.parametrize("kind", [RunKind.PREVIEW, RunKind.UNDO])
    def test_a_run_that_writes_nothing_of_it_is_not_enough(self, sides: made.TwoSides, kind: RunKind) -> None:
        run = self.under_way(sides)
        models.SyncRun.objects.filter(pk=run.pk).update(kind=kind)
        came(event(51))

        webhooks.work(now=NOW)
        self.finish(run, now=NOW)

        assert models.SyncRun.objects.filter(trigger=RunTrigger.EVENT).count() == 1

    def test_a_stream_of_events_does_not_lead_to_a_stream_of_runs(self, sides: made.TwoSides) -> None:
        came(event(51))
        webhooks.work(now=NOW)
        first = models.SyncRun.objects.get()
        models.SyncRun.objects.filter(pk=first.pk).update(state="RUNNING", attempts=1, started_at=NOW)
        came(event(52))
        webhooks.work(now=NOW + SECOND)
        self.finish(first, now=NOW + 2 * SECOND)
        assert models.SyncRun.objects.count() == 1

        runs.dispatch(now=NOW + asked_runs.SPACING)

        assert models.SyncRun.objects.count() == 2

    def test_what_came_too_soon_has_its_run_once_it_may(self, sides: made.TwoSides) -> None:
        came(event(51))
        webhooks.work(now=NOW)
        first = models.SyncRun.objects.get()
        models.SyncRun.objects.filter(pk=first.pk).update(state="SUCCEEDED", attempts=1, started_at=NOW)
        OrmQ.objects.all().delete()
        came(event(52))
        OrmQ.objects.all().delete()

        webhooks.work(now=NOW + SECOND)

        (waiting,) = OrmQ.objects.all()
        assert (waiting.func(), waiting.lock) == ("syncapp.tasks.start_asked", NOW + asked_runs.SPACING)
        assert runs.start_asked(now=NOW + asked_runs.SPACING) == 1

    def test_our_own_write_is_no_news(self, sides: made.TwoSides) -> None:
        models.Record.objects.create(
            connection=sides.left, kind="contacts", external_id="51", remote_updated_at=NOW, observed_at=NOW
        )
        came(event(51, at=NOW))

        webhooks.work(now=NOW + SECOND)

        assert hinted() == [("contacts", "51")]
        assert not models.SyncRun.objects.exists()

    @pytest.mark.parametrize(("later", "runs_of_it"), [(timedelta(milliseconds=990), 0), (SECOND, 1)])
    def test_our_own_write_at_quickbooks_is_told_in_parts_of_its_second(
        self, later: timedelta, runs_of_it: int, sides: made.TwoSides
    ) -> None:
        models.Record.objects.create(
            connection=sides.right, kind="customer", external_id="58", remote_updated_at=NOW, observed_at=NOW
        )
        came({**cloud("58"), "time": (NOW + later).isoformat()}, system=System.QUICKBOOKS)

        webhooks.work(now=NOW + 2 * SECOND)

        assert hinted() == [("customer", "58")]
        assert models.SyncRun.objects.count() == runs_of_it

    def test_a_change_after_our_own_write_is_news(self, sides: made.TwoSides) -> None:
        models.Record.objects.create(
            connection=sides.left, kind="contacts", external_id="51", remote_updated_at=NOW, observed_at=NOW
        )
        came(event(51, at=NOW + SECOND))

        webhooks.work(now=NOW + SECOND)

        assert models.SyncRun.objects.count() == 1

    def test_the_runs_of_the_schedule_answer_it_too(self, sides: made.TwoSides) -> None:
        asked_runs.ask(config_ids=[sides.config.pk], now=NOW)
        self.under_way(sides)

        assert models.SyncConfig.objects.get().asked_at is None

    def test_a_sync_whose_settings_are_wrong_asks_once(self, sides: made.TwoSides) -> None:
        sides.config.mappings.all().delete()
        came(event(51))

        webhooks.work(now=NOW)

        assert models.SyncConfig.objects.get().asked_at is None
        assert not models.SyncRun.objects.exists()


class TestHints:
    def test_one_that_a_run_drops_in_between_is_made_anew(self, sides: made.TwoSides, monkeypatch: pytest.MonkeyPatch) -> None:
        hints.leave(connection_id=sides.left.pk, kind="contacts", external_ids=["51"], reason="a webhook")
        found = models.Hint.objects.get_or_create

        def dropped(*args: Any, **more: Any) -> Any:
            answer = found(*args, **more)
            if not answer[1]:
                models.Hint.objects.all().delete()
            return answer

        monkeypatch.setattr(type(models.Hint.objects), "get_or_create", lambda _, *args, **more: dropped(*args, **more))

        hints.leave(connection_id=sides.left.pk, kind="contacts", external_ids=["51"], reason="a webhook")

        assert hinted() == [("contacts", "51")]


class TestSweep:
    def test_forgets_after_ninety_days_what_came(self, sides: made.TwoSides) -> None:
        came(event(51))
        webhooks.work(now=NOW)

        webhooks.look_after(now=NOW + timedelta(days=31))
        (kept,) = models.WebhookDelivery.objects.all()
        assert kept.mentions == []
        came(event(51), now=NOW + timedelta(days=89))
        assert models.WebhookDelivery.objects.count() == 1

        webhooks.look_after(now=NOW + timedelta(days=91))
        assert not models.WebhookDelivery.objects.exists()


class TestSilence:
    WEEK = NOW + timedelta(days=7, minutes=1)

    @pytest.fixture(autouse=True)
    def heard(self, sides: made.TwoSides) -> None:
        came(event(51))
        webhooks.work(now=NOW)

    def change(self, sides: made.TwoSides, at: datetime) -> None:
        models.Record.objects.create(
            connection=sides.left, kind="contacts", external_id="60", remote_updated_at=at, observed_at=self.WEEK
        )

    def told(self) -> list[str]:
        webhooks.look_after(now=self.WEEK)
        return list(models.Notice.objects.filter(closed_at=None).values_list("words", flat=True))

    def test_is_told_where_changes_were_found_by_asking(self, sides: made.TwoSides) -> None:
        self.change(sides, NOW + timedelta(days=2))

        (words,) = self.told()

        assert "No webhook has come from HubSpot: Acme portal for more than a week" in words
        assert reading.standing(connection=sides.left, now=self.WEEK).silent

    def test_is_no_news_where_nothing_changed(self, sides: made.TwoSides) -> None:
        self.change(sides, NOW - timedelta(days=2))

        assert self.told() == []

    def test_is_over_with_the_next_webhook(self, sides: made.TwoSides) -> None:
        self.change(sides, NOW + timedelta(days=2))
        self.told()
        came(event(52), now=self.WEEK)

        webhooks.work(now=self.WEEK)

        assert self.told() == []

    def test_is_no_news_where_none_ever_came(self, sides: made.TwoSides) -> None:
        models.Record.objects.create(
            connection=sides.right, kind="customer", external_id="60", remote_updated_at=NOW + timedelta(days=2), observed_at=self.WEEK
        )

        assert self.told() == []
        assert not notices.close(subject=webhooks.silence_subject(sides.right.pk), now=NOW)


class TestLag:
    def wrote(self, sides: made.TwoSides, external_id: str, *, at: datetime, side: Side = Side.RIGHT) -> None:
        """A change of a contact was carried out on the other side."""
        left, _ = models.Record.objects.get_or_create(
            connection=sides.left, kind="contacts", external_id=external_id, defaults={"observed_at": NOW}
        )
        pair, _ = models.RecordPair.objects.get_or_create(config=sides.config, left=left)
        run, _ = models.SyncRun.objects.get_or_create(config=sides.config, kind=RunKind.DELTA, state="SUCCEEDED")
        models.Operation.objects.create(
            run=run, config=sides.config, pair=pair, side=side, kind=OperationKind.UPDATE, record_kind="customer",
            idempotency_key=f"{models.Operation.objects.count():032x}", status=OperationStatus.DONE, finished_at=at,
        )

    def test_is_measured_from_the_change_until_it_is_here_and_on_the_other_side(self, sides: made.TwoSides) -> None:
        for number in range(20):
            came(event(50 + number, at=NOW - timedelta(seconds=number)), now=NOW + SECOND)
            self.wrote(sides, str(50 + number), at=NOW + 30 * SECOND)

        standing = reading.standing(connection=sides.left, now=NOW + timedelta(minutes=1))

        assert standing.arrival == reading.Lag(half=10 * SECOND, most=19 * SECOND, number=20)
        assert standing.written == reading.Lag(half=39 * SECOND, most=48 * SECOND, number=20)
        assert not standing.late

    def test_counts_the_latest_event_before_a_write_and_no_echo(self, sides: made.TwoSides) -> None:
        came(event(51, at=NOW - timedelta(hours=2)))
        came(event(51, at=NOW - 5 * SECOND))
        came(event(51, at=NOW + 9 * SECOND))
        self.wrote(sides, "51", at=NOW)
        self.wrote(sides, "51", at=NOW + 20 * SECOND, side=Side.LEFT)

        assert reading.standing(connection=sides.left, now=NOW).written == reading.Lag(half=5 * SECOND, most=5 * SECOND, number=1)

    def test_of_more_than_ten_minutes_is_late(self, sides: made.TwoSides) -> None:
        came(event(51, at=NOW - timedelta(minutes=11)))
        self.wrote(sides, "51", at=NOW)

        assert reading.standing(connection=sides.left, now=NOW).late

    def test_the_sync_says_where_none_came_and_where_they_come(self, sides: made.TwoSides) -> None:
        assert "None came from HubSpot yet: changes there are found every 10 minutes, by asking." in self.checked(sides)

        came(event(51))
        came(cloud("5"), system=System.QUICKBOOKS)

        where = "The connection's page says how soon a change is on the other side."
        assert self.checked(sides) == f"They arrive from HubSpot. {where} They arrive from QuickBooks Online. {where}"

    def test_the_sync_minds_that_none_came_for_a_week(self, sides: made.TwoSides) -> None:
        came(event(51), now=NOW - timedelta(days=8))

        assert "None came from HubSpot for more than a week" in self.checked(sides)

    def checked(self, sides: made.TwoSides) -> str:
        found = readiness.checks(config=sides.config, problems=(), advice=(), now=NOW)
        return " ".join(line.words for check in found if check.area is readiness.Area.WEBHOOKS for line in check.lines)


def test_the_worker_looks_after_webhooks_every_minute(sides: made.TwoSides) -> None:
    came(event(51), now=timezone.now())

    from django.utils.module_loading import import_string

    import_string(queue.SCHEDULES["Look after webhooks"])()

    assert hinted() == [("contacts", "51")]
