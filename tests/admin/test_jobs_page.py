"""The page of the queue's jobs: what an administrator reads there, and what nobody does."""

from __future__ import annotations

from datetime import timedelta
from queue import Queue
from types import SimpleNamespace

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django_q import brokers
from django_q.models import OrmQ, Schedule, Task
from django_q.status import Stat
from django_q.tasks import async_task

from syncapp import queue

pytestmark = pytest.mark.django_db
SECRET = "ann@example.com"


def page(alice: Client) -> str:
    return alice.get(reverse("admin:syncapp_connection_jobs")).content.decode()


def failed(result: str) -> None:
    now = timezone.now()
    facts = {"func": "syncapp.tasks.write_export", "args": (SECRET,), "kwargs": {"export_id": 4, "email": SECRET}}
    Task.objects.create(id="1" * 32, name="one", started=now, stopped=now, success=False, result=result, **facts)


class TestTheQueue:
    def test_shows_no_sign_of_life_where_none_runs(self, alice: Client) -> None:
        assert "No queue is running" in page(alice)

    def test_shows_the_machine_of_one_that_runs(self, alice: Client) -> None:
        guard = SimpleNamespace(
            parent_pid=1, pid=2, cluster_id="c", broker=brokers.get_broker(), tob=timezone.now(), reincarnations=3, status=lambda: "Idle",
            result_queue=Queue(), task_queue=Queue(), monitor=None, pusher=None, pool=[SimpleNamespace(pid=4), SimpleNamespace(pid=5)],
        )
        Stat(guard).save()

        shown = page(alice)

        assert Stat(guard).host in shown
        assert "No queue is running" not in shown


class TestAWaitingJob:
    def test_is_named_with_its_ids(self, alice: Client) -> None:
        queue.enqueue_run(run_id=1712)

        shown = page(alice)

        assert "Work on a run" in shown
        assert "run 1712" in shown
        assert "1 in all" in shown

    def test_that_a_worker_has_is_told_apart(self, alice: Client) -> None:
        queue.enqueue_run(run_id=1)
        OrmQ.objects.update(lock=timezone.now() + timedelta(minutes=10))

        assert "Taken by a worker" in page(alice)

    def test_of_somebody_else_shows_no_value(self, alice: Client) -> None:
        async_task("os.system", SECRET, email=SECRET)

        assert SECRET not in page(alice)

    def test_that_cannot_be_read_does_no_harm(self, alice: Client) -> None:
        OrmQ.objects.create(key="sync", payload="nonsense", lock=timezone.now())

        assert "A job that cannot be read" in page(alice)


class TestASchedule:
    def test_shows_its_times(self, alice: Client) -> None:
        queue.ensure_schedule()

        assert "Start what is due" in page(alice)

    def test_that_was_switched_off_says_so_and_no_arguments(self, alice: Client) -> None:
        Schedule.objects.create(name="Clean up", func="os.system", args=f"'{SECRET}'")
        queue.ensure_schedule()

        shown = page(alice)

        assert "Clean up" in shown
        assert "Switched off" in shown
        assert SECRET not in shown


class TestAFailedJob:
    def test_shows_the_kind_of_the_error_and_where(self, alice: Client) -> None:
        failed("LookupError > /app/syncapp/tasks.py:44")

        shown = page(alice)

        assert "Write an export" in shown
        assert "export 4" in shown
        assert "LookupError" in shown
        assert "tasks.py:44" in shown
        assert SECRET not in shown

    def test_of_a_former_version_shows_no_words(self, alice: Client) -> None:
        failed(f"{SECRET} : Traceback (most recent call last): ...")

        assert SECRET not in page(alice)

    def test_is_forgotten_after_two_weeks(self, alice: Client) -> None:
        failed("LookupError > /app/syncapp/tasks.py:44")

        queue.forget(now=timezone.now() + timedelta(days=15))

        assert "LookupError" not in page(alice)
