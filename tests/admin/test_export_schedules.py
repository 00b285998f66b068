"""The pages of scheduled exports: who may set one up, see it, change it and delete it."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from syncapp import models
from syncapp.engine.vocabulary import ExportFormat, ExportRhythm, Weekday
from syncapp.services import export_schedules, views
from tests.admin.conftest import OPERATOR, signed_in
from tests.admin.scene import Scene, person
from tests.admin.test_buttons import said
from tests.admin.test_record_view import LIST as RECORDS
from tests.services import made

LIST = reverse("admin:syncapp_exportschedule_changelist")
ADD = reverse("admin:syncapp_exportschedule_add")


class Office:
    """Zoe, who may export, with a view of her own; and what she fills in."""

    def __init__(self, scene: Scene) -> None:
        self.scene = scene
        self.user = person("zoe", *OPERATOR, "syncapp.export_recordpair")
        self.client = signed_in(self.user)
        self.view = views.save(
            user=self.user, name="Failing ones", shared=False, config=scene.config, keys=["left_name"], query="standing=FAILING"
        )

    def filled(self, **facts: Any) -> dict[str, Any]:
        return {
            "view": self.view.pk, "format": ExportFormat.ODS.value, "rhythm": ExportRhythm.WEEKLY.value, "weekday": Weekday.FRIDAY.value,
            "day": 1, "hour": 7, "active": "on", **facts,
        }

    def scheduled(self) -> models.ExportSchedule:
        self.client.post(ADD, self.filled())
        return models.ExportSchedule.objects.get()


@pytest.fixture
def office(scene: Scene) -> Office:
    return Office(scene)


def page_of(schedule: models.ExportSchedule) -> str:
    return reverse("admin:syncapp_exportschedule_change", args=[schedule.pk])


class TestSetUp:
    def test_keeps_what_was_filled_in_for_the_person_signed_in(self, office: Office) -> None:
        schedule = office.scheduled()

        assert (schedule.owner, schedule.view, schedule.name, schedule.format) == (office.user, office.view, "Failing ones", "ODS")
        assert schedule.due_at is not None
        assert (schedule.due_at.weekday(), schedule.due_at.hour) == (4, 7)

    def test_is_reached_from_the_view(self, office: Office) -> None:
        opened = f"{ADD}?view={office.view.pk}"

        assert f'href="{opened}"' in office.client.get(f"{RECORDS}?view={office.view.pk}").content.decode()
        columns = reverse("admin:syncapp_recordpair_columns")
        assert f'href="{opened}"' in office.client.get(f"{columns}?view={office.view.pk}").content.decode()
        assert f'<option value="{office.view.pk}" selected>Failing ones' in office.client.get(opened).content.decode()

    def test_is_not_offered_for_the_list_without_a_view(self, office: Office) -> None:
        assert ADD not in office.client.get(RECORDS).content.decode()

    def test_offers_ones_own_views_and_shared_ones(self, office: Office) -> None:
        alice = made.alice()
        for name, shared in (("Shared by Alice", True), ("Only Alice's", False)):
            views.save(user=alice, name=name, shared=shared, config=None, keys=["left_name"], query="")

        page = office.client.get(ADD).content.decode()

        assert "Shared by Alice" in page
        assert "Only Alice" not in page

    def test_refuses_a_view_of_somebody_else(self, office: Office) -> None:
        hers = views.save(user=made.alice(), name="Only hers", shared=False, config=None, keys=["left_name"], query="")

        answer = office.client.post(ADD, office.filled(view=hers.pk))

        assert "Select a valid choice" in answer.content.decode()
        assert models.ExportSchedule.objects.count() == 0

    @pytest.mark.parametrize(("name", "value"), [("hour", 24), ("day", 0), ("day", 32), ("view", ""), ("format", "HTML")])
    def test_refuses_what_cannot_be(self, office: Office, name: str, value: Any) -> None:
        office.client.post(ADD, office.filled(**{name: value}))

        assert models.ExportSchedule.objects.count() == 0

    def test_says_why_it_cannot_be_switched_on(self, office: Office, alice: Client) -> None:
        schedule = office.scheduled()
        office.user.user_permissions.clear()

        answer = alice.post(page_of(schedule), office.filled())

        assert "It cannot be switched on. Its owner may no longer export records." in said(answer)


class TestList:
    def test_tells_when_it_is_made_and_what_came_of_it(self, office: Office) -> None:
        schedule = office.scheduled()
        models.ExportSchedule.objects.update(last_words="Its view was deleted.")

        page = office.client.get(LIST).content.decode()

        assert "Failing ones" in page
        assert "Every week on Friday at 07:00 UTC" in page
        assert schedule.due_at is not None
        assert f"{schedule.due_at:%Y-%m-%d} 07:00 UTC" in page
        assert "Its view was deleted." in page

    def test_leads_to_the_file_that_was_made_last(self, office: Office) -> None:
        schedule = office.scheduled()
        assert schedule.due_at is not None
        export_schedules.start_due(now=schedule.due_at)
        export = models.ExportFile.objects.get()

        for url in (LIST, page_of(schedule)):
            page = office.client.get(url).content.decode()
            assert f'href="{reverse("admin:syncapp_exportfile_change", args=[export.pk])}">Waiting for its turn</a>' in page

    def test_shows_ones_own_and_an_administrator_all(self, office: Office, alice: Client) -> None:
        office.scheduled()
        other = signed_in(person("yan", *OPERATOR, "syncapp.export_recordpair"))

        assert page_of(models.ExportSchedule.objects.get()) in alice.get(LIST).content.decode()
        assert "Failing ones" not in other.get(LIST).content.decode()

    def test_needs_no_query_for_each(self, office: Office, django_assert_max_num_queries: Any) -> None:
        for _ in range(20):
            schedule = models.ExportSchedule(view=office.view)
            export_schedules.save(schedule=schedule, actor=office.user, now=made.NOW)

        with django_assert_max_num_queries(20):
            office.client.get(LIST)


class TestChange:
    def test_plans_the_next_time_anew(self, office: Office) -> None:
        schedule = office.scheduled()

        office.client.post(page_of(schedule), office.filled(weekday="TUESDAY", hour=22))

        schedule.refresh_from_db()
        assert schedule.due_at is not None
        assert (schedule.due_at.weekday(), schedule.due_at.hour) == (1, 22)

    def test_switches_it_off(self, office: Office) -> None:
        schedule = office.scheduled()
        filled = office.filled()
        del filled["active"]

        office.client.post(page_of(schedule), filled)

        schedule.refresh_from_db()
        assert (schedule.active, schedule.due_at) == (False, None)

    def test_by_an_administrator_leaves_it_to_its_owner(self, office: Office, alice: Client) -> None:
        schedule = office.scheduled()

        alice.post(page_of(schedule), office.filled(hour=3))

        schedule.refresh_from_db()
        assert (schedule.hour, schedule.owner) == (3, office.user)

    def test_is_for_its_owner_alone(self, office: Office) -> None:
        schedule = office.scheduled()
        other = signed_in(person("yan", *OPERATOR, "syncapp.export_recordpair"))

        assert other.post(page_of(schedule), office.filled(hour=3)).status_code == 302
        assert other.post(reverse("admin:syncapp_exportschedule_delete", args=[schedule.pk]), {"post": "yes"}).status_code == 302

        schedule.refresh_from_db()
        assert schedule.hour == 7

    def test_is_closed_without_the_permission_to_export(self, office: Office, bob: Client) -> None:
        schedule = office.scheduled()

        for url in (LIST, ADD, page_of(schedule), reverse("admin:syncapp_exportschedule_delete", args=[schedule.pk])):
            assert bob.get(url).status_code == 403
            assert bob.post(url, office.filled()).status_code == 403

    def test_deletes_it_and_no_view(self, office: Office) -> None:
        schedule = office.scheduled()

        office.client.post(reverse("admin:syncapp_exportschedule_delete", args=[schedule.pk]), {"post": "yes"})

        assert (models.ExportSchedule.objects.count(), models.SavedView.objects.filter(name="Failing ones").count()) == (0, 1)
