"""What a run writes down: each write before it leaves, and who wanted it."""

from __future__ import annotations

import pytest

from syncapp import models
from syncapp.engine.vocabulary import OperationKind, OperationStatus, RunKind, System
from syncapp.services import runs
from tests.runs.company import Company
from tests.runs.meddling import meanwhile


class TestIntent:
    @pytest.mark.parametrize("system", [System.HUBSPOT, System.QUICKBOOKS])
    def test_is_written_down_before_the_call(self, company: Company, system: System) -> None:
        company.contact(firstname="Ann", lastname="Archer", email="ann@example.com")
        company.customer(DisplayName="Cid Clay", GivenName="Cid", email="cid@example.com")
        seen: list[tuple[str, bool]] = []

        def look() -> None:
            sending = models.Operation.objects.filter(status=OperationStatus.SENDING)
            seen.extend((one.side, bool(one.changes and one.idempotency_key and one.fence)) for one in sending)

        with meanwhile(system, "write", before=look):
            company.run()

        assert seen == [("LEFT" if system is System.HUBSPOT else "RIGHT", True)]


class TestAttribution:
    def test_names_the_person_who_started_a_run(self, company: Company) -> None:
        assert company.run().actor == company.alice

    def test_names_the_person_who_approved_an_entry(self, company: Company) -> None:
        company.contact(firstname="Ann", lastname="Archer", email="ann@example.com")
        preview = company.run(RunKind.PREVIEW)

        company.finish(runs.approve(preview=preview, actor=company.alice, now=company.clock.now(), enqueue=False))

        assert models.Operation.objects.get().actor == company.alice


class TestAWaitingCreate:
    def test_is_sent_again_as_it_was(self, company: Company) -> None:
        contact = company.contact(firstname="Ann", lastname="Archer", email="ann@example.com")
        company.quickbooks.breaks("drop_before", "/batch")
        company.run()
        company.hubspot.change("contacts", contact, phone="+15125550100")

        company.settle()

        first = models.Operation.objects.get(kind=OperationKind.CREATE)
        assert (first.status, "PrimaryPhone.FreeFormNumber" in first.changes, first.attempts) == (OperationStatus.DONE, False, 2)
        (customer,) = company.customers().values()
        assert customer["PrimaryPhone"] == {"FreeFormNumber": "+15125550100"}
