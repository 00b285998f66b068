"""A run that is taken back: what the tests of undoing share."""

from __future__ import annotations

from syncapp import models
from syncapp.engine.vocabulary import RunKind, RunState
from syncapp.selectors import undos
from syncapp.services import runs, undo
from tests.runs.company import Company

OLD, NEW = "+15125550100", "+15125550177"


def planned(company: Company, run: models.SyncRun) -> models.SyncRun:
    """The undo of a run, planned and shown."""
    return company.finish(undo.start(run=run, actor=company.alice, now=company.clock.now(), enqueue=False))


def approved(company: Company, shown: models.SyncRun) -> models.SyncRun:
    """The undo, written."""
    return company.finish(runs.approve(preview=shown, actor=company.alice, now=company.clock.now(), enqueue=False))


def undone(company: Company, run: models.SyncRun) -> models.SyncRun:
    """The undo of a run, planned, approved and written."""
    return approved(company, planned(company, run))


def left_alone(run: models.SyncRun) -> list[tuple[str, str, str, str]]:
    """What an undo left alone, as its page shows it."""
    found = [undos.shown(left=one) for one in undos.left_alone(run=run)]
    return [(one.label, one.wrote, one.now, one.why) for one in found]


class Ann:
    """A contact and a customer in step, and a run that carried a new phone number over."""

    def __init__(self, company: Company, *, phone: str = OLD) -> None:
        self.company = company
        given = {"phone": phone} if phone else {}
        self.contact = company.contact(firstname="Ann", lastname="Archer", email="ann@example.com", **given)
        company.run()
        (self.customer,) = company.customers()
        company.hubspot.change("contacts", self.contact, phone=NEW)
        self.run = company.run()

    @property
    def pair(self) -> models.RecordPair:
        return self.company.pair(left=self.contact)

    @property
    def phones(self) -> tuple[object, object]:
        """In HubSpot and in QuickBooks."""
        customer = self.company.customers()[self.customer]
        return self.company.contacts()[self.contact].get("phone"), customer.get("PrimaryPhone", {}).get("FreeFormNumber")


def still(company: Company, kind: RunKind = RunKind.DELTA) -> bool:
    """Whether another run writes nothing, on either side."""
    before = company.hubspot.written(), company.quickbooks.written()
    made = company.run(kind)
    assert made.state == RunState.SUCCEEDED, made.words
    return (company.hubspot.written(), company.quickbooks.written()) == before and made.operations.count() == 0
