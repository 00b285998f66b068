"""None"""

from __future__ import annotations

from datetime import timedelta

import pytest

from syncapp import models
from syncapp.engine.vocabulary import ObjectPair, RunKind, RunState, RunTrigger, System
from syncapp.services import configs, notices
from tests.services import made
from tests.services.made import NOW, TwoSides, sound

pytestmark = pytest.mark.django_db


def run_of(config: models.SyncConfig, state: RunState) -> models.SyncRun:
    return models.SyncRun.objects.create(config=config, kind=RunKind.DELTA, trigger=RunTrigger.HAND, state=state)


class TestCreate:
    def test_sets_a_sync_up_with_the_recommended_settings_and_switched_off(self) -> None:
        sides = TwoSides()
        sides.config.delete()
        alice = made.alice()

        config = configs.create(
            name="New", left=sides.left, right=sides.right, object_pair=ObjectPair.CONTACT_CUSTOMER, actor=alice, now=NOW
        )

        assert (config.active, config.created_by, config.mappings.count(), config.filter_groups.count()) == (False, alice, 15, 1)

    def test_refuses_accounts_of_one_system(self) -> None:
        left, right = made.hubspot("1"), made.hubspot("2")

        with pytest.raises(configs.ConfigRefused, match="Acme portal is not a QuickBooks Online account") as refused:
            configs.create(name="New", left=left, right=right, object_pair=ObjectPair.CONTACT_CUSTOMER, actor=None, now=NOW)

        assert [one.field for one in refused.value.problems] == ["right"]
        assert not models.SyncConfig.objects.exists()

    def test_refuses_a_name_that_is_taken(self) -> None:
        sides = TwoSides("Contacts")

        with pytest.raises(configs.ConfigRefused, match="Choose another name"):
            configs.create(
                name="Contacts", left=sides.left, right=made.quickbooks("2"), object_pair=ObjectPair.CONTACT_CUSTOMER, actor=None, now=NOW
            )

    def test_refuses_a_second_sync_of_the_same_accounts(self) -> None:
        sides = TwoSides()

        with pytest.raises(configs.ConfigRefused, match="“Contacts” keeps these accounts in step already"):
            configs.create(
                name="Again", left=sides.left, right=sides.right, object_pair=ObjectPair.CONTACT_CUSTOMER, actor=None, now=NOW
            )


class TestSaveRules:
    def test_counts_the_revision_up_and_asks_for_a_run(self) -> None:
        sides = sound()
        models.SyncConfig.objects.filter(pk=sides.config.pk).update(active=True, next_due_at=NOW + timedelta(hours=1))

        configs.save_rules(config=sides.config, actor=None, now=NOW)

        assert (sides.config.revision, sides.config.next_due_at) == (2, NOW)

    def test_starts_nothing_that_is_switched_off(self) -> None:
        sides = sound()

        configs.save_rules(config=sides.config, actor=None, now=NOW)

        assert (sides.config.revision, sides.config.next_due_at) == (2, None)
        assert configs.due(now=NOW) == []


class TestLife:
    def test_runs_at_once_when_it_is_switched_on(self) -> None:
        sides = sound()
        notices.tell(subject=configs.blocked_subject(sides.config.pk), words="x")

        configs.activate(config=sides.config, actor=made.alice(), now=NOW, unseen=True)

        assert sides.config.active
        assert configs.due(now=NOW) == [sides.config.pk]
        assert not models.Notice.objects.filter(closed_at=None).exists()

    def test_is_not_switched_on_with_something_wrong(self) -> None:
        sides = TwoSides()

        with pytest.raises(configs.ConfigRefused, match="No field is mapped"):
            configs.activate(config=sides.config, actor=None, now=NOW)

        sides.config.refresh_from_db()
        assert not sides.config.active

    def test_is_not_switched_on_before_anybody_saw_what_it_would_do(self) -> None:
        sides = sound()

        with pytest.raises(configs.ConfigRefused, match="Press Preview now first"):
            configs.activate(config=sides.config, actor=None, now=NOW)

        sides.config.refresh_from_db()
        assert not sides.config.active

    def test_is_switched_on_after_a_preview_of_the_present_settings_only(self) -> None:
        sides = sound()
        models.SyncRun.objects.filter(pk=run_of(sides.config, RunState.SUCCEEDED).pk).update(rules_revision=sides.config.revision)

        configs.activate(config=sides.config, actor=None, now=NOW)
        configs.deactivate(config=sides.config, actor=None, now=NOW)
        configs.save_rules(config=sides.config, actor=None, now=NOW)

        with pytest.raises(configs.ConfigRefused, match="Press Preview now first"):
            configs.activate(config=sides.config, actor=None, now=NOW)

    def test_keeps_its_links_when_it_is_switched_off(self) -> None:
        sides = sound()
        configs.activate(config=sides.config, actor=None, now=NOW, unseen=True)
        record = models.Record.objects.create(connection=sides.left, kind="contacts", external_id="1", observed_at=NOW)
        models.RecordPair.objects.create(config=sides.config, left=record)
        run = run_of(sides.config, RunState.RUNNING)

        configs.deactivate(config=sides.config, actor=None, now=NOW)

        run.refresh_from_db()
        assert (sides.config.active, run.state, run.finished_at) == (False, RunState.CANCELLED, NOW)
        assert models.RecordPair.objects.count() == 1
        assert configs.due(now=NOW + timedelta(days=1)) == []

    def test_is_not_deleted_while_it_runs(self) -> None:
        sides = sound()
        configs.activate(config=sides.config, actor=None, now=NOW, unseen=True)

        with pytest.raises(configs.ConfigRefused, match="Switch it off first"):
            configs.delete(config=sides.config, actor=None, now=NOW)

    def test_leaves_accounts_and_records_when_it_is_deleted(self) -> None:
        sides = sound()
        record = models.Record.objects.create(connection=sides.left, kind="contacts", external_id="1", observed_at=NOW)
        models.RecordPair.objects.create(config=sides.config, left=record)

        configs.delete(config=sides.config, actor=None, now=NOW)

        assert not models.SyncConfig.objects.exists()
        assert models.Connection.objects.count() == 2
        assert models.Record.objects.count() == 1

    def test_takes_the_notices_about_it_along_when_it_is_deleted(self) -> None:
        sides = sound()
        for subject in (configs.blocked_subject(sides.config.pk), notices.brake_subject(sides.config.pk), "connection 1"):
            notices.tell(subject=subject, words="x")

        configs.delete(config=sides.config, actor=None, now=NOW)

        assert [one.subject for one in models.Notice.objects.filter(closed_at=None)] == ["connection 1"]


class TestDue:
    def test_lists_active_syncs_whose_time_has_come_the_longest_waiting_first(self) -> None:
        configured = {}
        for suffix, minutes in (("a", 1), ("b", 5), ("c", -1)):
            one = sound(suffix).config
            models.SyncConfig.objects.filter(pk=one.pk).update(active=True, next_due_at=NOW - timedelta(minutes=minutes))
            configured[suffix] = one.pk

        assert configs.due(now=NOW) == [configured["b"], configured["a"]]

    @pytest.mark.parametrize("system", [System.HUBSPOT, System.QUICKBOOKS])
    def test_leaves_out_syncs_of_an_account_that_cannot_be_used(self, system: System) -> None:
        sound()
        models.SyncConfig.objects.update(active=True, next_due_at=NOW)
        models.Connection.objects.filter(system=system).update(paused=True)

        assert configs.due(now=NOW) == []
