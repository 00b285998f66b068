"""Who connected, paused or ended an account, or set an export to be made by itself, stands in the audit with old and new values."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import User

from syncapp import models
from syncapp.engine.vocabulary import AuditActor, AuditKind, AuditVerb, ExportRhythm
from syncapp.services import actors, audit_check, audit_settings, connections, export_schedules, roles
from tests.services import made
from tests.services.made import NOW

pytestmark = pytest.mark.django_db


def told(kind: AuditKind) -> models.AuditEntry:
    return models.AuditEntry.objects.filter(kind=kind).latest("number")


@pytest.fixture
def alice() -> User:
    return made.alice()


@pytest.fixture
def sides(alice: User) -> made.TwoSides:
    sides = made.TwoSides()
    models.SyncConfig.objects.filter(pk=sides.config.pk).update(active=True)
    audit_settings.begin()
    return sides


class TestConnections:
    def test_that_are_paused_are_told(self, sides: made.TwoSides, alice: User) -> None:
        connections.pause(connection=sides.left, paused=True, actor=alice, now=NOW)

        found = told(AuditKind.CONNECTION)
        assert (found.person, found.account, found.connection) == ("alice", str(sides.left), sides.left.pk)
        assert found.before_and_after == {"paused": [False, True]}

    def test_that_are_ended_are_told_with_the_syncs_that_stopped(self, sides: made.TwoSides, alice: User) -> None:
        connections.disconnect(connection=sides.left, actor=alice, now=NOW)

        assert told(AuditKind.CONNECTION).before_and_after == {"status": ["CONNECTED", "DISCONNECTED"]}
        assert (told(AuditKind.SYNC).before_and_after, told(AuditKind.SYNC).person) == ({"active": [True, False]}, "alice")


class TestScheduledExports:
    @pytest.fixture
    def schedule(self, alice: User) -> models.ExportSchedule:
        view = models.SavedView.objects.create(name="All", owner=alice)
        schedule = models.ExportSchedule(view=view, owner=alice, rhythm=ExportRhythm.DAILY)
        export_schedules.save(schedule=schedule, actor=alice, now=NOW)
        return schedule

    def test_are_told_when_they_are_made_and_changed(self, schedule: models.ExportSchedule, alice: User) -> None:
        first = told(AuditKind.SCHEDULE)
        schedule.hour = 9
        export_schedules.save(schedule=schedule, actor=alice, now=NOW)

        assert (first.verb, first.person, first.before_and_after["rhythm"]) == (AuditVerb.ADDED, "alice", [None, "DAILY"])
        assert told(AuditKind.SCHEDULE).before_and_after == {"hour": [6, 9]}

    def test_that_end_by_themselves_name_their_owner(self, schedule: models.ExportSchedule) -> None:
        models.SavedView.objects.all().delete()
        due = models.ExportSchedule.objects.get().due_at
        assert due is not None

        export_schedules.start_due(now=due)

        found = told(AuditKind.SCHEDULE)
        assert (found.actor_kind, found.person, found.schedule) == (AuditActor.SCHEDULE, "alice", "All")
        assert found.before_and_after["active"] == [True, False]

    def test_go_with_their_owner_and_are_told(self, schedule: models.ExportSchedule, alice: User) -> None:
        audit_settings.remove(subject=alice, who=actors.of(None), now=NOW)

        assert (told(AuditKind.SCHEDULE).verb, told(AuditKind.SCHEDULE).before_and_after["name"]) == (AuditVerb.REMOVED, ["All", None])
        assert told(AuditKind.USER).before_and_after["username"] == ["alice", None]


class TestRoles:
    def test_that_are_put_right_name_the_account_that_did_it(self) -> None:
        viewer = roles.Group.objects.get(name="Viewer")
        viewer.permissions.clear()
        audit_settings.changed(subject=viewer, who=actors.of(None), now=NOW)

        roles.ensure(now=NOW)

        found = told(AuditKind.ROLE)
        assert (found.actor_kind, bool(found.person), found.name) == (AuditActor.SHELL, True, "Viewer")
        assert found.before_and_after == {"permissions": [[], sorted(roles.VIEWER)]}


class TestWhatTheAuditNeverMet:
    def test_is_told_as_new_to_it(self, alice: User) -> None:
        sides: Any = made.TwoSides()

        connections.pause(connection=sides.left, paused=True, actor=alice, now=NOW)

        assert (told(AuditKind.CONNECTION).verb, "not met it before" in told(AuditKind.CONNECTION).note) == (AuditVerb.CHANGED, True)


def test_every_change_of_settings_is_in_the_one_chain(sides: made.TwoSides, alice: User) -> None:
    before = audit_check.verify().number

    connections.pause(connection=sides.left, paused=True, actor=alice, now=NOW)
    connections.pause(connection=sides.left, paused=False, actor=alice, now=NOW)

    assert (audit_check.verify().number - before, audit_check.verify().wrong) == (2, ())
