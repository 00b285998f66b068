"""After syncs, exports, imports, mails and webhooks, every job in the queue and every result of one holds numbers, and no value."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib.auth.models import Permission, User
from django.test import Client
from django_q.conf import Conf
from django_q.models import OrmQ, Schedule, Task
from django_q.signing import SignedPackage

from syncapp import models, queue
from syncapp.engine.vocabulary import Digest, ExportContent, ExportFormat, NoticeKind, RunKind, RunTrigger
from syncapp.services import exports, notice_mail, notices, personal, runs
from tests.queue.test_gate import worked_off
from tests.runs.company import Company
from tests.runs.conftest import company, sandbox, unmetered  # noqa: F401 - fixtures

pytestmark = pytest.mark.django_db
CANARY = "canary.job@hidden.example"
OURS = {"id", "name", "func", "args", "kwargs", "started", "ack_failure", "save", "cluster"}


@pytest.fixture(autouse=True)
def unhurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """An empty queue is not waited for, and a test's connection is not closed."""
    monkeypatch.setattr(Conf, "POLL", 0)
    monkeypatch.setattr("django.db.close_old_connections", lambda **_: None)


def numbers(value: Any) -> Iterator[Any]:
    """What in a value is neither a whole number nor one of the queue's own."""
    if isinstance(value, dict):
        for one in value.values():
            yield from numbers(one)
    elif isinstance(value, list | tuple):
        for one in value:
            yield from numbers(one)
    elif not (type(value) is int or isinstance(value, uuid.UUID)):
        yield value


class Day:
    """A day on which everything is asked for that has a job, in a company whose values are known again."""

    def __init__(self, company: Company, monkeypatch: pytest.MonkeyPatch) -> None:  # noqa: F811
        company.hubspot.create("contacts", firstname="Ann", lastname="Canary", email=CANARY)
        run = runs.start(config=company.config, kind=RunKind.DELTA, trigger=RunTrigger.HAND, now=company.clock.now(), actor=company.alice)
        company.finish(run)
        zoe = User.objects.create_user("zoe", CANARY, is_staff=True)
        zoe.user_permissions.set(Permission.objects.filter(codename__in=("view_recordpair", "export_recordpair", "view_notice")))
        monkeypatch.setattr(exports, "AT_ONCE", 0)
        exports.ask(
            owner=zoe, content=ExportContent.RECORDS, format=ExportFormat.CSV, query=f"q={CANARY}", name=CANARY, columns=["left_name"],
            config=company.config,
        )
        personal.save(
            user=zoe, time_zone="", language="", at_once=[NoticeKind.OTHER], digest=Digest.DAILY, in_summary=list(NoticeKind), digest_hour=0
        )
        notices.tell(subject="canary", words=f"Write to {CANARY}.")
        notice_mail.look_after(now=company.clock.now())
        Client().post("/webhooks/hubspot", data=f'[{{"x": "{CANARY}"}}]', content_type="application/json")
        queue.enqueue_webhooks()
        queue.ensure_schedule()


@pytest.fixture
def day(company: Company, monkeypatch: pytest.MonkeyPatch) -> Day:  # noqa: F811
    return Day(company, monkeypatch)


class TestPayload:
    def test_holds_whole_numbers_and_what_the_queue_needs(self, day: Day) -> None:
        found = [SignedPackage.loads(entry.payload) for entry in OrmQ.objects.all()]

        assert {one["func"] for one in found} >= {
            "syncapp.tasks.work", "syncapp.tasks.write_export", "syncapp.tasks.send_notice_mail", "syncapp.tasks.take_webhooks",
        }
        for one in found:
            assert set(one) <= OURS, one
            assert list(numbers(one["args"])) == list(numbers(one["kwargs"])) == []
            assert CANARY not in str(one) and "@" not in str(one)
            assert one["func"].startswith("syncapp.tasks.")

    def test_of_a_schedule_is_a_name_alone(self, day: Day) -> None:
        found = list(Schedule.objects.values("func", "args", "kwargs", "hook"))

        assert found
        assert {(one["args"] or "", one["kwargs"] or "", one["hook"]) for one in found} == {("", "", None)}


class TestResult:
    def test_is_nothing_or_the_kind_of_an_error(self, day: Day, monkeypatch: pytest.MonkeyPatch) -> None:
        def broken(**_: object) -> None:
            raise LookupError(f"{CANARY} is not known")

        monkeypatch.setattr("syncapp.services.exports.write", broken)
        for _ in range(OrmQ.objects.count()):
            worked_off()

        left = list(Task.objects.all())
        assert [one.func for one in left] == ["syncapp.tasks.write_export"]
        for task in left:
            assert list(numbers(task.args)) == list(numbers(task.kwargs)) == []
            assert str(task.result).startswith("LookupError > syncapp/tasks.py:")
            assert CANARY not in f"{task.result}{task.name}{task.args}{task.kwargs}"
        assert models.Record.objects.filter(label__contains="Canary").exists()
