"""What a worker may run: our own doors with ids, put into the queue by our own schedules."""

from __future__ import annotations

import inspect
import logging
import os
import re
from datetime import UTC, datetime, timedelta
from multiprocessing import Event, Value
from pathlib import Path
from queue import Queue
from typing import Any

import pytest
from django.contrib.auth.models import Permission, User
from django.db import InterfaceError, OperationalError
from django.test import Client
from django.utils import timezone
from django_q import brokers, monitor, pusher, scheduler, worker
from django_q.brokers.orm import ORM
from django_q.conf import Conf
from django_q.models import Failure, OrmQ, Schedule, Task
from django_q.signing import SignedPackage
from django_q.tasks import async_task

from syncapp import gate, heartbeat, models, queue, tasks
from syncapp.services import runs
from tests.services import made
from tests.services.made import NOW

pytestmark = pytest.mark.django_db
CANARY = "canary-token-that-an-error-holds"


@pytest.fixture(autouse=True)
def unhurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """An empty queue is not waited for, and a test's connection is not closed."""
    monkeypatch.setattr(Conf, "POLL", 0)
    monkeypatch.setattr("django.db.close_old_connections", lambda **_: None)


def schedule(name: str, func: str = "os.system", **facts: Any) -> Schedule:
    found: Schedule = Schedule.objects.create(name=name, func=func, schedule_type=Schedule.MINUTES, minutes=1, **facts)
    Schedule.objects.filter(pk=found.pk).update(next_run=datetime.now(UTC) - timedelta(minutes=2))
    return found


def functions() -> list[str]:
    """What the queue's table holds, by function."""
    return [entry.func() for entry in OrmQ.objects.order_by("pk")]


def handed_on(broker: gate.Gate) -> list[str]:
    """What the gate lets through, until the queue is empty."""
    found = []
    while OrmQ.objects.filter(lock__lt=datetime.now(UTC)).exists():
        found += [SignedPackage.loads(payload)["func"] for _, payload in broker.dequeue()]
    return found


def worked_off() -> None:
    """Have django-q2's own pusher, worker and monitor do their part, one job each."""
    broker = brokers.get_broker()
    pushed: Any = Queue()
    stop = Event()
    stop.set()
    pusher.pusher(pushed, stop, broker)
    done: Any = Queue()
    pushed.put("STOP")
    worker.worker(pushed, done, Value("f", -1), 30)
    done.put("STOP")
    monitor.monitor(done, broker)


class TestTheQueue:
    def test_is_asked_through_the_gate(self) -> None:
        assert type(brokers.get_broker()) is gate.Gate

    def test_may_run_the_doors_and_nothing_else(self) -> None:
        doors = gate.doors()

        assert set(queue.SCHEDULES.values()) <= set(doors)
        assert {f"{tasks.__name__}.work", "syncapp.heartbeat.beat"} <= set(doors)
        assert {name.rpartition(".")[0] for name in doors} == {tasks.__name__, "syncapp.heartbeat"}
        assert all(re.fullmatch(r"number|\w+_id", name) for names in doors.values() for name in names)

    def test_is_let_have_everything_that_we_ask_for(self) -> None:
        asking = [one for name, one in inspect.getmembers(queue, inspect.isfunction) if name.startswith("enqueue_")]
        for ask in asking:
            ask(**{name: timezone.now() if name == "at" else 7 for name in inspect.signature(ask).parameters})

        handed = handed_on(brokers.get_broker())

        assert len(handed) == len(asking) > 3
        assert not models.Notice.objects.exists()


    def test_has_no_page_on_which_somebody_could_have_it_run_a_function(self, client: Client) -> None:
        user = User.objects.create_user("mallory", is_staff=True)
        user.user_permissions.set(Permission.objects.filter(content_type__app_label="django_q"))
        body = {"name": "x", "func": "os.system", "args": "'true'", "schedule_type": "O", "repeats": "-1"}

        for person in (user, User.objects.create_superuser("chief")):
            client.force_login(person)
            for model in ("schedule", "ormq", "success", "failure", "task"):
                answers = [client.get(f"/django_q/{model}/"), client.post(f"/django_q/{model}/add/", body)]
                assert {answer.status_code for answer in answers} == {404}, model
        assert user.user_permissions.exists()
        assert not Schedule.objects.exists()


class TestAPoisonedSchedule:
    @pytest.mark.parametrize(
        "poison",
        [{"args": "(((("}, {"args": "open('x')"}, {"kwargs": "[1, 2]"}, {"kwargs": "{'q_options': 7}"}],
        ids=["no brackets", "a call", "a list", "no options"],
    )
    def test_stops_no_other(self, poison: dict[str, str]) -> None:
        queue.ensure_schedule()
        Schedule.objects.update(next_run=datetime.now(UTC) - timedelta(minutes=2))
        schedule("Bad", func=queue.DISPATCHER, **poison)
        Schedule.objects.filter(name="Bad").update(id=0)  # so that it is read first
        broker = brokers.get_broker()
        scheduler.scheduler(broker)
        before = functions()

        broker.dequeue()
        scheduler.scheduler(broker)

        assert before == []
        assert sorted(functions()) == sorted(queue.SCHEDULES.values())

    @pytest.mark.parametrize("func", ["os.system", "syncapp.tasks.gone", "no.such.module", queue.DISPATCHER])
    def test_is_switched_off_and_told(self, func: str) -> None:
        made_up = schedule("Clean up", func=func, args="'touch /tmp/x'")

        brokers.get_broker().dequeue()

        made_up.refresh_from_db()
        (notice,) = models.Notice.objects.all()
        assert made_up.repeats == 0
        assert "The schedule “Clean up”" in notice.words
        assert notice.urgent

    @pytest.mark.parametrize("change", [{"func": "os.system"}, {"hook": "os.system"}, {"args": "(("}, {"repeats": 0}, {"cluster": "other"}])
    def test_under_one_of_our_names_is_put_right_and_told(self, change: dict[str, Any]) -> None:
        queue.ensure_schedule()
        Schedule.objects.filter(name="Mail notices").update(**change)

        brokers.get_broker().dequeue()

        row = Schedule.objects.values().get(name="Mail notices")
        assert (row["func"], row["hook"], row["args"], row["repeats"], row["cluster"]) == ("syncapp.tasks.mail_notices", None, "", -1, None)
        assert "“Mail notices”" in models.Notice.objects.get().words

    def test_that_was_switched_off_is_told_once(self) -> None:
        schedule("Bad")
        brokers.get_broker().dequeue()
        models.Notice.objects.all().delete()

        brokers.get_broker().dequeue()

        assert not models.Notice.objects.exists()


class TestOurSchedules:
    def test_come_back_when_somebody_deleted_them(self) -> None:
        brokers.get_broker().dequeue()

        assert dict(Schedule.objects.values_list("name", "func")) == queue.SCHEDULES
        assert not models.Notice.objects.exists()

    def test_are_made_once_though_two_clusters_start_together(self) -> None:
        queue.ensure_schedule()
        twin = Schedule.objects.get(name="Mail notices")
        twin.pk = None
        twin.save()

        assert queue.ensure_schedule() == []
        assert Schedule.objects.count() == len(queue.SCHEDULES)

    def test_ring_once_after_two_days_without_a_queue(self) -> None:
        queue.ensure_schedule()
        Schedule.objects.update(next_run=datetime.now(UTC) - timedelta(days=2))

        scheduler.scheduler(brokers.get_broker())
        scheduler.scheduler(brokers.get_broker())

        assert sorted(functions()) == sorted(queue.SCHEDULES.values())

    def test_are_not_counted_up_to_now_over_years(self) -> None:
        queue.ensure_schedule()
        Schedule.objects.update(next_run=datetime(2000, 1, 1, tzinfo=UTC))

        queue.ensure_schedule()

        assert not Schedule.objects.filter(next_run__lt=datetime.now(UTC) - timedelta(days=1)).exists()

    def test_start_one_run_after_two_days_without_a_queue(self) -> None:
        config = made.sound().config
        models.SyncConfig.objects.filter(pk=config.pk).update(active=True, next_due_at=NOW - timedelta(days=2))

        started = [runs.dispatch(now=NOW + timedelta(seconds=seconds)) for seconds in (0, 1, 61)]

        assert started == [1, 0, 0]
        assert models.SyncRun.objects.count() == 1


class TestABeat:
    def test_is_taken_by_the_queue_that_it_is_for(self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
        heartbeat.QueueBell(directory=tmp_path / "mine").ring(number=1)
        heartbeat.QueueBell(directory=tmp_path / "theirs").ring(number=2)
        queue.enqueue_run(run_id=7)
        monkeypatch.setenv(heartbeat.DIRECTORY_VARIABLE, str(tmp_path / "mine"))
        broker = brokers.get_broker()

        handed = [SignedPackage.loads(payload)["kwargs"] for _ in range(3) for _, payload in broker.dequeue()]

        assert handed == [{"number": 1}, {"run_id": 7}]


class TestWithoutADatabase:
    def test_waits_and_hands_on_nothing(self, monkeypatch: pytest.MonkeyPatch) -> None:
        def away() -> list[str]:
            raise OperationalError("the server is restarted")

        naps: list[float] = []
        monkeypatch.setattr(gate.time, "sleep", naps.append)
        monkeypatch.setattr(gate.connection, "close", lambda: None)
        queue.enqueue_run(run_id=7)
        broker = brokers.get_broker()
        with monkeypatch.context() as during:
            during.setattr(queue, "ensure_schedule", away)
            before = broker.dequeue()
        broker._looked_at = None

        after = broker.dequeue()

        assert before == []
        assert len(after) == 1
        assert naps == [gate.AWAY_SECONDS]

    def test_ticks_a_job_off_when_it_is_back(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(gate.time, "sleep", lambda _: None)
        monkeypatch.setattr(gate.connection, "close", lambda: None)
        queue.enqueue_run(run_id=7)
        broker = brokers.get_broker()
        tries: list[int] = []
        real = ORM.delete

        def delete(self: ORM, task_id: int) -> None:
            tries.append(task_id)
            if len(tries) < 3:
                raise InterfaceError("connection already closed")
            real(self, task_id)

        monkeypatch.setattr(ORM, "delete", delete)

        broker.acknowledge(OrmQ.objects.get().pk)

        assert not OrmQ.objects.exists()


class TestAForeignJob:
    @pytest.mark.parametrize(
        ("func", "args", "options"),
        [
            ("os.system", ("touch /tmp/x",), {}),
            ("builtins.eval", ("1",), {}),
            ("syncapp.services.lane.work", (), {"run_id": 1}),
            ("syncapp.tasks.lane.work", (), {"run_id": 1}),
            ("syncapp.tasks.work", (1,), {}),
            ("syncapp.tasks.work", (), {"run_id": "ann@example.com"}),
            ("syncapp.tasks.work", (), {"run_id": True}),
            ("syncapp.tasks.work", (), {"run_id": 1, "email": 2}),
            ("syncapp.tasks.dispatch", (), {"hook": "os.system"}),
            (os.getcwd, (), {}),
        ],
    )
    def test_is_removed_and_told_and_not_handed_on(self, func: Any, args: tuple[Any, ...], options: dict[str, Any]) -> None:
        async_task(func, *args, **options)

        handed = handed_on(brokers.get_broker())

        assert handed == []
        assert not OrmQ.objects.exists()
        assert "none of this program's" in models.Notice.objects.get(subject="foreign job").words

    def test_holds_up_none_of_ours(self) -> None:
        async_task("os.system", "true")
        queue.enqueue_run(run_id=7)

        assert handed_on(brokers.get_broker()) == ["syncapp.tasks.work"]

    def test_that_was_altered_is_not_run(self) -> None:
        queue.enqueue_run(run_id=7)
        entry = OrmQ.objects.get()
        entry.payload = entry.payload[:30] + ("A" if entry.payload[30] != "A" else "B") + entry.payload[31:]
        entry.save()

        assert handed_on(brokers.get_broker()) == []
        assert not OrmQ.objects.exists()
        assert "could not be read" in models.Notice.objects.get(subject="unreadable job").words


class TestARotatedSecretKey:
    def test_loses_no_run(self, monkeypatch: pytest.MonkeyPatch) -> None:
        run = runs.start(config=made.sound().config, kind="DELTA", trigger="HAND", now=NOW)  # type: ignore[arg-type]
        models.SyncRun.objects.update(created_at=NOW)
        monkeypatch.setattr(Conf, "SECRET_KEY", "another key, as long as it has to be, 0123456789")
        lost = handed_on(brokers.get_broker())

        runs.sweep(now=NOW + timedelta(minutes=1))

        assert lost == []
        assert [entry.kwargs() for entry in OrmQ.objects.all()] == [{"run_id": run.pk}]
        assert handed_on(brokers.get_broker()) == ["syncapp.tasks.work"]


class TestAFailedJob:
    @pytest.mark.parametrize("telling", ["ann@example.com", CANARY])
    def test_leaves_the_kind_of_the_error_and_none_of_its_words(
        self, telling: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
    ) -> None:
        caplog.set_level(logging.DEBUG)

        def broken(**_: object) -> None:
            held = telling
            try:
                raise ValueError(f"Bearer {held}")
            except ValueError as error:
                raise LookupError(f"{held} owes 12.50\nsecond line {held}") from error

        monkeypatch.setattr("syncapp.services.runs.dispatch", broken)
        async_task(queue.DISPATCHER)

        worked_off()

        failure = Failure.objects.get()
        assert failure.result.startswith("LookupError > syncapp/tasks.py:")
        assert "site-packages" not in failure.result
        assert telling not in failure.result + str(failure.args) + str(failure.kwargs) + caplog.text
        assert not OrmQ.objects.exists()

    def test_is_told_apart_though_its_words_look_like_a_trace(self) -> None:
        trace = (
            'x : Traceback (most recent call last):\n  File "/a/b.py", line 7, in f\n    g()\n    ^^^\n'
            '  File "/a/c.py", line 9, in g\nour.errors.Odd: ann@example.com\n'
        )

        assert gate.outline(trace) == "our.errors.Odd > /a/c.py:9"


class TestADoneJob:
    def test_leaves_no_row_and_no_answer(self) -> None:
        async_task("syncapp.tasks.sweep_imports")

        worked_off()

        assert not Task.objects.exists()
        assert not OrmQ.objects.exists()
