"""Saved views that are exported by themselves: when, how often, and for whom no longer."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django_q.models import OrmQ

from syncapp import models, tasks
from syncapp.engine.vocabulary import ExportFormat, ExportRhythm, ExportState, Weekday
from syncapp.selectors import export_schedules as reading
from syncapp.services import export_schedules, exports, views
from tests.admin.scene import person
from tests.services import made
from tests.services.desk import MAY_EXPORT, Desk, csv_lines, path_of, rings

NEXT = datetime(2026, 11, 27, 6, tzinfo=made.NOW.tzinfo)


def kept_view(desk: Desk, owner: User | None = None, *, shared: bool = False, query: str = "standing=IN_SYNC") -> models.SavedView:
    return views.save(
        user=owner or desk.user, name="In sync", shared=shared, config=desk.scene.config, keys=["left_name", "left:email"], query=query
    )


def scheduled(desk: Desk, view: models.SavedView | None = None, **facts: Any) -> models.ExportSchedule:
    given = {"format": ExportFormat.CSV, "rhythm": ExportRhythm.DAILY, "hour": 6, **facts}
    schedule = models.ExportSchedule(view=view or kept_view(desk), **given)
    export_schedules.save(schedule=schedule, actor=desk.user, now=made.NOW)
    return schedule


def begin(at: datetime = NEXT) -> int:
    return export_schedules.start_due(now=at)


def told(user: User) -> list[str]:
    return list(models.Notice.objects.filter(user=user, closed_at=None).values_list("words", flat=True))


class TestSave:
    def test_tells_when_it_is_made_next(self, desk: Desk) -> None:
        schedule = scheduled(desk)

        assert (schedule.owner, schedule.name, schedule.due_at) == (desk.user, "In sync", NEXT)

    def test_that_switches_it_off_plans_nothing(self, desk: Desk) -> None:
        assert scheduled(desk, active=False).due_at is None

    def test_is_refused_to_another_person(self, desk: Desk) -> None:
        schedule = scheduled(desk)

        with pytest.raises(export_schedules.ScheduleRefused, match="somebody else's"):
            export_schedules.save(schedule=schedule, actor=person("yan", *MAY_EXPORT), now=made.NOW)

    def test_by_an_administrator_leaves_it_to_its_owner(self, desk: Desk) -> None:
        schedule = scheduled(desk)

        export_schedules.save(schedule=schedule, actor=made.alice(), now=made.NOW)

        assert schedule.owner == desk.user

    def test_is_refused_without_the_permission(self, desk: Desk) -> None:
        desk.user = person("yan", "syncapp.view_recordpair")

        with pytest.raises(export_schedules.ScheduleRefused):
            scheduled(desk)

    def test_is_refused_for_a_view_that_is_not_shared(self, desk: Desk) -> None:
        view = kept_view(desk, made.alice())

        with pytest.raises(export_schedules.ScheduleRefused, match="may no longer open the view"):
            scheduled(desk, view)


class TestStartDue:
    def test_begins_an_export_of_the_view(self, desk: Desk) -> None:
        schedule = scheduled(desk)

        assert (begin(NEXT - timedelta(seconds=1)), begin()) == (0, 1)

        schedule.refresh_from_db()
        export = schedule.last_export
        assert export is not None
        assert (export.owner, export.name, export.state) == (desk.user, "In sync", ExportState.QUEUED)
        assert rings() == ["syncapp.tasks.write_export"]
        desk.write(export)
        assert csv_lines(path_of(export)) == [["HubSpot record", "HubSpot: Email"], ["Ann", "Ann@example.com"]]
        desk.send(export)
        assert export.mailed_at is not None

    def test_begins_one_where_many_were_missed(self, desk: Desk) -> None:
        schedule = scheduled(desk)

        assert begin(NEXT + timedelta(days=30, hours=2)) == 1

        schedule.refresh_from_db()
        assert schedule.due_at == NEXT + timedelta(days=31)
        assert models.ExportFile.objects.count() == 1
        assert begin(NEXT + timedelta(days=30, hours=3)) == 0

    def test_begins_one_where_two_workers_look_at_once(self, desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
        schedule = scheduled(desk)
        begun = export_schedules._begun

        def second_comes_first(found: models.ExportSchedule, now: datetime) -> bool:
            again = models.ExportSchedule.objects.select_related("owner", "view__config").get(pk=schedule.pk)
            assert begun(again, now) is True
            return begun(found, now)

        monkeypatch.setattr(export_schedules, "_begun", second_comes_first)

        assert begin() == 0
        assert models.ExportFile.objects.count() == 1

    def test_is_begun_again_where_the_export_could_not_be_saved(self, desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
        schedule = scheduled(desk)

        def killed(**given: Any) -> None:
            raise SystemExit

        with monkeypatch.context() as during:
            during.setattr(exports.queue, "enqueue_export", killed)
            with pytest.raises(SystemExit):
                begin()

        schedule.refresh_from_db()
        assert (schedule.due_at, models.ExportFile.objects.count(), OrmQ.objects.count()) == (NEXT, 0, 0)
        assert begin() == 1

    def test_is_part_of_what_the_queue_calls_every_minute(self, desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
        schedule = scheduled(desk)
        models.ExportSchedule.objects.filter(pk=schedule.pk).update(due_at=made.NOW - timedelta(days=9_000))

        tasks.sweep_exports()

        assert models.ExportFile.objects.count() == 1

    def test_leaves_those_alone_that_are_off(self, desk: Desk) -> None:
        schedule = scheduled(desk)
        models.ExportSchedule.objects.filter(pk=schedule.pk).update(active=False)

        assert begin() == 0

    def test_tells_the_owner_where_it_is_too_large_and_goes_on(self, desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
        schedule = scheduled(desk)
        monkeypatch.setattr(exports, "MOST", 0)

        begin()

        schedule.refresh_from_db()
        assert (schedule.active, schedule.due_at) == (True, NEXT + timedelta(days=1))
        assert told(desk.user)[0].startswith("The scheduled export “In sync” was not made. 1 record with 2 columns are more than")


class TestSwitchedOff:
    def ended(self, schedule: models.ExportSchedule, words: str) -> None:
        assert begin() == 0
        schedule.refresh_from_db()
        assert (schedule.active, schedule.due_at, schedule.last_words) == (False, None, words)
        assert models.ExportFile.objects.count() == 0

    def test_where_the_owner_may_no_longer_export(self, desk: Desk) -> None:
        alice, schedule = made.alice(), scheduled(desk)
        desk.user.user_permissions.clear()

        self.ended(schedule, export_schedules.NOT_ALLOWED)

        for user in (alice, desk.user):
            assert told(user) == ["The scheduled export “In sync” of zoe is switched off. Its owner may no longer export records."]
        links = dict(models.Notice.objects.values_list("user__username", "link"))
        assert (links["alice"], links["zoe"]) == (f"/syncapp/exportschedule/{schedule.pk}/change/", "")

    def test_where_the_owner_is_no_longer_active(self, desk: Desk) -> None:
        alice, schedule = made.alice(), scheduled(desk)
        User.objects.filter(pk=desk.user.pk).update(is_active=False)

        self.ended(schedule, export_schedules.NOT_ALLOWED)

        assert len(told(alice)) == 1

    def test_where_the_view_is_no_longer_shared(self, desk: Desk) -> None:
        alice = made.alice()
        view = kept_view(desk, alice, shared=True)
        schedule = scheduled(desk, view)
        views.save(user=alice, name="In sync", shared=False, config=view.config, keys=view.columns, query=view.query, view=view)

        self.ended(schedule, export_schedules.NOT_SHARED)

    def test_where_the_view_was_deleted(self, desk: Desk) -> None:
        view = kept_view(desk)
        schedule = scheduled(desk, view)
        views.delete(user=desk.user, view=view)

        self.ended(schedule, export_schedules.NO_VIEW)

        assert "Its view was deleted." in told(desk.user)[0]

    def test_can_be_switched_on_again_and_closes_the_notices(self, desk: Desk) -> None:
        alice, schedule = made.alice(), scheduled(desk)
        User.objects.filter(pk=desk.user.pk).update(is_active=False)
        begin()
        User.objects.filter(pk=desk.user.pk).update(is_active=True)
        schedule = models.ExportSchedule.objects.get(pk=schedule.pk)

        schedule.active = True
        export_schedules.save(schedule=schedule, actor=alice, now=NEXT)

        assert (schedule.due_at, schedule.last_words, told(alice), told(desk.user)) == (NEXT + timedelta(days=1), "", [], [])


class TestWords:
    def test_say_when_it_is_made(self, desk: Desk) -> None:
        schedule = scheduled(desk, rhythm=ExportRhythm.WEEKLY, weekday=Weekday.FRIDAY, hour=7, day=31)

        assert reading.timing(schedule) == "Every week on Friday at 07:00 UTC"
        schedule.rhythm = ExportRhythm.MONTHLY
        assert reading.timing(schedule) == "Every month on day 31 at 07:00 UTC"
        schedule.rhythm = ExportRhythm.DAILY
        assert reading.timing(schedule) == "Every day at 07:00 UTC"

    def test_say_what_came_of_it_last(self, desk: Desk) -> None:
        schedule = scheduled(desk)
        assert reading.result(schedule) == "Not made yet"

        begin()
        schedule.refresh_from_db()
        assert reading.result(schedule) == "Waiting for its turn"
        assert schedule.last_export is not None
        desk.write(schedule.last_export)
        assert reading.result(schedule) == "1 record, 2026-11-26 09:30 UTC"
