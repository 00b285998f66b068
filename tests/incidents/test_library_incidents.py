"""What went wrong elsewhere because of what a library does by itself, one test each. `docs/promises.md` names them all."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.conf import settings
from django.contrib import admin
from django.test import Client
from django_q.models import OrmQ, Schedule
from import_export import admin as import_export

from syncapp.engine.vocabulary import OperationStatus, RunKind, RunTrigger
from syncapp.services import lane, runs
from tests.runs.company import Company


class TestPagesOfTheQueueThatRunAnyFunction:
    """Finding 3: whoever may add a schedule in django-q2's own admin may run any function on the machine."""

    def test_are_not_there(self, alice: Client) -> None:
        answer = alice.post("/admin/django_q/schedule/add/", {"func": "os.system", "args": "'true'", "schedule_type": "O"})

        assert answer.status_code == 404
        assert [model for model in admin.site._registry if model._meta.app_label == "django_q"] == []
        assert Schedule.objects.filter(func="os.system").count() == 0


class TestImportsAndExportsWithoutPermission:
    """Finding 1: django-import-export lets every member of staff import and export, hidden fields too, unless it is told otherwise."""

    def test_the_library_has_no_page_of_its_own(self) -> None:
        doors = (import_export.ImportMixin, import_export.ExportMixin, import_export.ExportActionMixin)

        assert [type(page) for page in admin.site._registry.values() if isinstance(page, doors)] == []

    def test_the_library_asks_for_a_permission_all_the_same(self) -> None:
        assert (settings.IMPORT_EXPORT_IMPORT_PERMISSION_CODE, settings.IMPORT_EXPORT_EXPORT_PERMISSION_CODE) == ("import", "export")

    @pytest.mark.parametrize("page", ["import", "export", "process_import"])
    @pytest.mark.parametrize("model", ["connection", "syncconfig", "recordpair"])
    def test_its_addresses_lead_nowhere(self, charlie: Client, model: str, page: str) -> None:
        assert charlie.post(f"/admin/syncapp/{model}/{page}/").status_code in (302, 403, 404)
        assert charlie.get(f"/admin/syncapp/{model}/{page}/").status_code in (302, 403, 404)


class TestJobsThatARotatedKeyDestroys:
    """Finding 6: jobs that were signed with the old SECRET_KEY vanish from the queue, and nobody is told."""

    def test_are_rung_for_again(self, company: Company) -> None:
        company.contact(firstname="Ann", email="ann@example.com")
        run = runs.start(
            config=company.config, kind=RunKind.DELTA, trigger=RunTrigger.HAND, now=company.clock.now(), actor=company.alice
        )
        OrmQ.objects.all().delete()

        runs.sweep(now=company.clock.now() + timedelta(minutes=1))

        assert [bell.task["kwargs"]["run_id"] for bell in OrmQ.objects.all()] == [run.pk]


class TestAJobThatIsHandedOutTwice:
    """Finding 4: the queue hands a job out again while it is still being worked on, or after it is done."""

    def test_does_nothing_the_second_time(self, company: Company) -> None:
        company.contact(firstname="Ann", lastname="Archer", email="ann@example.com")
        run = company.run()
        before = company.quickbooks.written(), company.hubspot.written()

        outcome = lane.work(run_id=run.pk, ports=company.clock.ports)

        assert (outcome.again, outcome.busy) == (False, False)
        assert (company.quickbooks.written(), company.hubspot.written()) == before
        assert run.operations.get().status == OperationStatus.DONE
