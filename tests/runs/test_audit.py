"""What a run writes at a vendor stands in the audit once, whatever happens to the answer or the process, and names who had it done."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from typing import Any

import pytest
from django.db.models import F

from syncapp import models
from syncapp.engine.vocabulary import AuditActor, AuditKind, AuditVerb, OperationStatus, RunKind, RunTrigger, Side, System
from syncapp.services import audit_check, configs, runs
from tests.runs.company import Company, Vendor
from tests.runs.crashing import Died
from tests.runs.meddling import meanwhile
from tests.runs.undone import NEW, OLD, Ann, undone

VERBS = {"create": AuditVerb.ADDED, "update": AuditVerb.CHANGED}
PHONE = {Side.LEFT: "phone", Side.RIGHT: "PrimaryPhone.FreeFormNumber"}


def entries(**facts: Any) -> list[models.AuditEntry]:
    return list(models.AuditEntry.objects.filter(kind=AuditKind.RECORD, **facts).order_by("number"))


def effects(company: Company) -> Counter[tuple[str, str, str]]:
    """What the application did at both vendors, by their own ledgers: account, id and verb."""
    found: Counter[tuple[str, str, str]] = Counter()
    for vendor in (company.hubspot, company.quickbooks):
        found.update(_effects(vendor))
    return found


def _effects(vendor: Vendor) -> list[tuple[str, str, str]]:
    kinds = ("contacts", "Customer")
    listed = vendor.control("ledger", method="GET")
    return [(one["account"], one["id"], VERBS[one["verb"]]) for one in listed if one["by"] == "api" and one["type"] in kinds]


def audited() -> Counter[tuple[str, str, str]]:
    accounts = dict(models.Connection.objects.values_list("pk", "external_id"))
    return Counter((accounts[one.connection or 0], one.subject_id, one.verb) for one in entries())


@pytest.fixture(autouse=True)
def whole(company: Company) -> Any:
    yield
    assert audit_check.verify().wrong == ()


class TestEveryWrite:
    def test_has_its_entry_and_every_entry_its_write(self, company: Company) -> None:
        ann = Ann(company)
        bea = company.customer(DisplayName="Bea Berg", GivenName="Bea", FamilyName="Berg", email="bea@example.com")
        company.hubspot.breaks("drop_after_commit", "batch/upsert")
        company.run()
        company.quickbooks.breaks("rate_limited", "/batch", retry_after=1)
        company.hubspot.change("contacts", ann.contact, lastname="Ashford")
        company.settle()
        company.quickbooks.breaks("drop_after_commit", "/batch")
        company.quickbooks.change("Customer", bea, FamilyName="Bergmann")
        company.hubspot.change("contacts", ann.contact, city="Austin")
        company.settle()
        undone(company, ann.run)

        assert audited() == effects(company)
        assert sum(audited().values()) >= 7
        assert len({one.key for one in entries()}) == len(entries())

    def test_tells_field_before_after_time_and_the_vendors_request(self, company: Company) -> None:
        ann = Ann(company)

        told = entries(run=ann.run.pk)[0]

        assert told.before_and_after == {PHONE[Side.RIGHT]: [OLD, NEW]}
        assert (told.subject_kind, told.subject_id, told.account) == ("customer", ann.customer, str(company.config.right))
        assert (told.sync, told.config, told.pair) == (company.config.name, company.config.pk, ann.pair.pk)
        operation = models.Operation.objects.get(pk=told.operation)
        assert told.request_id == operation.request_id != ""
        assert told.key == operation.idempotency_key
        assert operation.finished_at is not None
        assert timedelta() <= operation.finished_at - told.at < timedelta(milliseconds=1)

    def test_of_a_preview_is_none(self, company: Company) -> None:
        company.contact(firstname="Ann", lastname="Archer", email="ann@example.com")

        company.run(RunKind.PREVIEW)

        assert entries() == []


class TestADeadProcess:
    def test_between_answer_and_commit_leaves_no_entry_and_the_next_run_writes_it_once(self, company: Company) -> None:
        company.contact(firstname="Ann", lastname="Archer", email="ann@example.com")

        with meanwhile(System.QUICKBOOKS, "write", after=self._die), pytest.raises(Died):
            company.run()

        assert (len(company.customers()), entries()) == (1, [])

        company.settle()

        (told,) = entries()
        assert (told.verb, "adopted" in told.note, told.person) == (AuditVerb.ADDED, True, "alice")
        assert audited() == effects(company)

    def _die(self) -> None:
        raise Died


class TestAWriteThatIsNotSeen:
    def test_is_told_as_doubtful_and_what_is_sent_instead_has_an_entry_of_its_own(self, company: Company) -> None:
        ann = Ann(company)
        company.hubspot.change("contacts", ann.contact, phone=OLD)
        company.quickbooks.breaks("drop_before", "/batch")
        run = company.run()

        company.settle()

        (told,) = entries(run=run.pk, verb=AuditVerb.DOUBTFUL)
        done = entries(verb=AuditVerb.CHANGED, subject_id=ann.customer)[-1]
        assert (told.subject_id, told.before_and_after) == (ann.customer, done.before_and_after)
        assert "planned again" in told.note

    def test_is_told_where_no_record_of_a_create_is_found_and_the_next_one_has_an_entry_of_its_own(self, company: Company) -> None:
        company.contact(firstname="Ann", lastname="Archer", email="ann@example.com")
        company.quickbooks.breaks("drop_before", "/batch")
        company.run()

        company.settle()

        told, done = entries()
        assert (told.verb, told.subject_id, told.key, done.verb) == (AuditVerb.DOUBTFUL, "", "", AuditVerb.ADDED)

    @pytest.mark.parametrize("error", ["", "RateLimited", "Transient"])
    def test_is_adopted_if_a_create_arrived_after_it_was_looked_for(self, company: Company, error: str) -> None:
        """However often it was put off meanwhile."""
        company.customer(DisplayName="Ann Archer", email="ann@example.com")
        company.hubspot.breaks("drop_after_commit", "contacts/batch/upsert")
        company.run()
        sending = models.Operation.objects.filter(status=OperationStatus.SENDING)
        sending.update(status=OperationStatus.READY, unanswered_at=F("sent_at"), error_class=error)

        company.settle()

        (told,) = entries()
        assert (told.verb, "adopted" in told.note) == (AuditVerb.ADDED, True)
        assert audited() == effects(company)


class TestAWriteThatCannotBeReadBack:
    def test_is_told_as_doubtful(self, company: Company) -> None:
        ann = Ann(company)
        company.hubspot.change("contacts", ann.contact, phone=OLD)
        company.quickbooks.breaks("drop_after_commit", "/batch")
        run = company.run()
        other = company.customer(DisplayName="Zoe Zander", email="zoe@example.com")

        company.quickbooks.merge("Customer", other, ann.customer)
        company.settle()

        (told,) = entries(run=run.pk, verb=AuditVerb.DOUBTFUL)
        assert (told.before_and_after, "not known whether it arrived" in told.note) == ({PHONE[Side.RIGHT]: [NEW, OLD]}, True)


class TestAttribution:
    def test_of_a_run_that_a_person_started_names_that_person(self, company: Company) -> None:
        company.contact(firstname="Ann", lastname="Archer", email="ann@example.com")

        company.run()

        (told,) = entries()
        assert (told.actor_kind, told.person, told.person_id, told.schedule) == (AuditActor.PERSON, "alice", company.alice.pk, "")

    @pytest.mark.parametrize("trigger", [RunTrigger.SCHEDULE, RunTrigger.EVENT])
    def test_of_what_runs_by_itself_names_who_switched_the_sync_on(self, company: Company, trigger: RunTrigger) -> None:
        company.contact(firstname="Ann", lastname="Archer", email="ann@example.com")
        configs.activate(config=company.config, actor=company.alice, now=company.clock.now(), unseen=True)

        started = runs.start(
            config=company.config, kind=RunKind.DELTA, trigger=trigger, now=company.clock.now(), enqueue=False
        )
        company.finish(started)

        (told,) = entries()
        assert (told.actor_kind, told.person, told.person_id) == (AuditActor.SCHEDULE, "alice", company.alice.pk)
        assert told.schedule == f"People: {trigger.label}"

    def test_of_a_command_names_the_account_that_gave_it(self, company: Company) -> None:
        company.contact(firstname="Ann", lastname="Archer", email="ann@example.com")

        started = runs.start(
            config=company.config, kind=RunKind.DELTA, trigger=RunTrigger.COMMAND, now=company.clock.now(), enqueue=False
        )
        company.finish(started)

        (told,) = entries()
        assert (told.actor_kind, told.person) == (AuditActor.SHELL, started.account)
        assert started.account

    def test_of_an_approved_preview_names_who_approved_it(self, company: Company) -> None:
        company.contact(firstname="Ann", lastname="Archer", email="ann@example.com")
        started = runs.start(
            config=company.config, kind=RunKind.PREVIEW, trigger=RunTrigger.SCHEDULE, now=company.clock.now(), enqueue=False
        )
        preview = company.finish(started)

        company.finish(runs.approve(preview=preview, actor=company.alice, now=company.clock.now(), enqueue=False))

        (told,) = entries()
        assert (told.actor_kind, told.person) == (AuditActor.PERSON, "alice")

    def test_outlives_the_sync_and_the_person(self, company: Company) -> None:
        company.contact(firstname="Ann", lastname="Archer", email="ann@example.com")
        company.run()

        configs.delete(config=company.config, actor=company.alice, now=company.clock.now())
        company.alice.delete()

        (told,) = entries()
        assert (told.person, told.sync) == ("alice", "People")


class TestSettings:
    """The same chain tells who set what, with old and new value."""

    def told(self, **facts: Any) -> models.AuditEntry:
        return models.AuditEntry.objects.filter(kind=AuditKind.SYNC, **facts).latest("number")

    def test_that_are_set_up_stand_there_whole(self, company: Company) -> None:
        told = self.told(verb=AuditVerb.ADDED)

        assert (told.person, told.name) == ("alice", "People")
        assert told.before_and_after["conflict_winner"][0] is None
        assert sum(name.startswith("mapping ") for name in told.before_and_after) > 5

    def test_that_change_are_told_with_old_and_new_value_and_nothing_else(self, company: Company) -> None:
        company.set()
        before = models.AuditEntry.objects.count()

        company.set(brake_updates=7)
        company.set(brake_updates=7)

        assert models.AuditEntry.objects.count() == before + 1
        assert self.told().before_and_after == {"brake_updates": [200, 7]}

    def test_of_a_mapping_its_steps_its_values_and_of_filters_are_told(self, company: Company) -> None:
        company.set()
        row = company.config.mappings.select_related("left_field", "right_field").get(left_field__name="phone")

        row.values.create(left_value="a", right_value="b")
        row.transforms.create(kind="TRIM", side=Side.RIGHT)
        group = company.config.filter_groups.create(side=Side.LEFT, name="Ours")
        group.rules.create(field=row.left_field, operator="IS_KNOWN")
        company.set()

        found = self.told().before_and_after
        before, after = found.pop(f"mapping {row.key}")
        assert (before["values"], after["values"], before["steps"], after["steps"]) == ([], [["a", "b"]], [], [["RIGHT", "TRIM", ""]])
        ((name, (none, filters)),) = found.items()
        assert (name.startswith("filters LEFT"), none, filters["rules"][0][1:3]) == (True, None, ["phone", "IS_KNOWN"])

    def test_of_being_on_or_off_are_told(self, company: Company) -> None:
        configs.activate(config=company.config, actor=company.alice, now=company.clock.now(), unseen=True)
        on = self.told()
        configs.deactivate(config=company.config, actor=company.alice, now=company.clock.now())

        assert on.before_and_after["active"] == [False, True]
        assert self.told().before_and_after == {"active": [True, False]}

    def test_that_are_deleted_are_told_as_they_were(self, company: Company) -> None:
        configs.delete(config=company.config, actor=company.alice, now=company.clock.now())

        told = self.told()
        assert (told.verb, told.before_and_after["name"]) == (AuditVerb.REMOVED, ["People", None])
