"""Every job at the same time in two threads of their own connections: the same as once."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.db import connection
from django_q.models import OrmQ
from pytest_django.fixtures import Settings

from integrations.sandbox import serve
from syncapp import models, tasks
from syncapp.engine.vocabulary import ExportState, RunKind, RunTrigger
from syncapp.services import export_mail, export_schedules, exports, imports, notice_mail, runs
from tests.runs.company import Company
from tests.runs.conftest import company, unmetered  # noqa: F401 - fixtures
from tests.services.conftest import desk  # noqa: F401 - a fixture
from tests.services.desk import Desk
from tests.services.mail.post import Post
from tests.services.test_export_schedules import NEXT, scheduled

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(scope="module")
def sandbox() -> Iterator[serve.Sandbox]:
    with serve.build(seed="empty") as built:
        yield built


def twice(job: Callable[[], Any]) -> list[Any]:
    """What the job answers in two threads that begin at the same moment, in any order."""
    start = threading.Barrier(2, timeout=20)
    answers: list[Any] = []
    errors: list[Exception] = []

    def work() -> None:
        try:
            start.wait()
            answers.append(job())
        except Exception as error:  # noqa: BLE001 - the test shall see it
            errors.append(error)
        finally:
            connection.close()

    crowd = [threading.Thread(target=work) for _ in range(2)]
    for one in crowd:
        one.start()
    for one in crowd:
        one.join(timeout=60)
    assert errors == []
    return sorted(answers, key=str)


class TestARun:
    def test_is_worked_on_by_one_of_two(self, company: Company) -> None:  # noqa: F811
        for number in range(3):
            company.contact(firstname=f"P{number}", lastname="Archer", email=f"p{number}@example.com")
        run = company.start()

        twice(lambda: tasks.work(run_id=run.pk))
        company.finish(run)

        assert len(company.customers()) == 3
        assert company.quickbooks.written() == 3
        assert [one.attempts for one in models.Operation.objects.all()] == [1, 1, 1]

    def test_that_a_person_wants_five_times_is_begun_once(self, company: Company) -> None:  # noqa: F811
        def press() -> int:
            begun = 0
            for _ in range(5):
                try:
                    runs.start(
                        config=company.config, kind=RunKind.DELTA, trigger=RunTrigger.HAND, now=company.clock.now(), actor=company.alice
                    )
                    begun += 1
                except runs.CannotStart as refused:
                    assert "under way already" in str(refused)
            return begun

        assert twice(press) == [0, 1]
        assert models.SyncRun.objects.count() == OrmQ.objects.count() == 1

    def test_that_is_due_is_begun_once(self, company: Company) -> None:  # noqa: F811
        now = company.clock.now()
        models.SyncConfig.objects.filter(pk=company.config.pk).update(active=True, next_due_at=now - timedelta(days=2))

        assert twice(lambda: runs.dispatch(now=now)) == [0, 1]
        assert models.SyncRun.objects.count() == 1


class TestAnExport:
    def test_is_written_once(self, desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:  # noqa: F811
        export = desk.queued(monkeypatch)

        twice(lambda: exports.write(export_id=export.pk, outside=desk.clock.ports))

        export.refresh_from_db()
        assert export.state == ExportState.READY
        assert len(desk.files()) == 1

    def test_is_sent_once(self, desk: Desk) -> None:  # noqa: F811
        export = desk.ask()

        assert twice(lambda: export_mail.send(export_id=export.pk, outside=desk.clock.ports)) == [False, True]
        assert len(mail.outbox) == 1

    def test_on_a_schedule_is_begun_once(self, desk: Desk) -> None:  # noqa: F811
        scheduled(desk)

        twice(lambda: export_schedules.look_after(now=NEXT))

        assert models.ExportFile.objects.count() == 1

    def test_and_an_import_are_swept_up_by_both_without_trouble(self, desk: Desk) -> None:  # noqa: F811
        twice(lambda: imports.sweep(now=desk.clock.now()))


class TestAMail:
    def test_is_made_and_sent_once(self, db: None, settings: Settings) -> None:
        post = Post()
        post.wants_urgent_only()
        models.Notice.objects.update(urgent=True)

        twice(lambda: notice_mail.look_after(now=post.clock.now()))
        made = models.NoticeMail.objects.filter(user=post.zoe)
        assert made.count() == 1
        answers = twice(lambda: notice_mail.send(mail_id=made.get().pk, outside=post.clock.ports))

        assert answers == [False, True]
        assert len(post.received()) == 1
