"""Who looks after pairs, what is put aside until a day, and what people note: kept beside the pairs, and ended by what happens to them."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from pytest_django import DjangoAssertNumQueries

from syncapp import models
from syncapp.engine.vocabulary import PairState, Reason
from syncapp.selectors import care as reading
from syncapp.selectors import pair_lists, timelines
from syncapp.services import care, configs, pairs, partners
from tests.admin.scene import NOW, Scene, person

TOMORROW = NOW + care.DAY


@pytest.fixture
def scene(db: Any) -> Scene:
    return Scene()


@pytest.fixture
def vera(db: Any) -> User:
    """May see records."""
    return person("vera", "syncapp.view_recordpair")


def listed(query: str, *, me: User | None = None, now: Any = NOW) -> list[str]:
    """The HubSpot records of a list."""
    asked = pair_lists.read(query, me=me.pk if me else None)
    found = pair_lists.narrowed(pairs=models.RecordPair.objects.all(), asked=asked, now=now)
    return sorted(str(pair.left) for pair in found.select_related("left"))


def snoozed(scene: Scene) -> models.RecordPair:
    care.snooze(pairs=[scene.failing], until=TOMORROW, actor=scene.erin, now=NOW)
    return models.RecordPair.objects.select_related("care").get(pk=scene.failing.pk)


class TestSnooze:
    def test_leaves_the_work_list_and_stays_failing(self, scene: Scene) -> None:
        snoozed(scene)

        assert listed("work=FAILING") == []
        assert listed("standing=FAILING") == ["Dan"]
        assert listed("snoozed=yes") == ["Dan"]
        assert "Dan" not in listed("snoozed=no")

    def test_ends_at_its_moment(self, scene: Scene) -> None:
        pair = snoozed(scene)

        assert listed("work=FAILING", now=TOMORROW) == ["Dan"]
        assert reading.holds(pair=pair, now=TOMORROW - timedelta(seconds=1))
        assert not reading.holds(pair=pair, now=TOMORROW)

    @pytest.mark.parametrize(
        "change",
        [
            {"reason": Reason.REFUSED},
            {"detail": {"code": "610", "words": "Object not found"}},
            {"detail": {}},
            {"failing_since": NOW + timedelta(minutes=5)},
            {"state": PairState.LINKED},
        ],
        ids=["another reason", "another code", "no code", "failed anew after it was in sync", "in sync"],
    )
    def test_ends_when_the_cause_changes(self, scene: Scene, change: dict[str, Any]) -> None:
        snoozed(scene)
        models.RecordPair.objects.filter(pk=scene.failing.pk).update(**change)

        pair = models.RecordPair.objects.select_related("care").get(pk=scene.failing.pk)
        assert not reading.holds(pair=pair, now=NOW)
        assert listed("snoozed=yes") == []

    def test_goes_on_through_a_retry_in_vain(self, scene: Scene) -> None:
        models.RecordPair.objects.filter(pk=scene.failing.pk).update(failing_since=NOW - timedelta(days=3))
        scene.failing.refresh_from_db()
        pair = snoozed(scene)
        pairs.retry(pair=pair)

        assert listed("snoozed=yes") == ["Dan"]
        assert reading.holds(pair=models.RecordPair.objects.select_related("care").get(pk=pair.pk), now=NOW)

    def test_is_for_failing_pairs_alone(self, scene: Scene) -> None:
        with pytest.raises(care.CareRefused, match="Only a failing pair can be snoozed"):
            care.snooze(pairs=[scene.in_sync], until=TOMORROW, actor=scene.erin, now=NOW)

        assert care.snooze(pairs=[scene.in_sync, scene.failing], until=TOMORROW, actor=scene.erin, now=NOW) == 1

    @pytest.mark.parametrize("until", [NOW, NOW - care.DAY, NOW + timedelta(days=400)])
    def test_refuses_a_day_that_is_over_or_far_away(self, scene: Scene, until: Any) -> None:
        with pytest.raises(care.CareRefused, match="a day to come"):
            care.snooze(pairs=[scene.failing], until=until, actor=scene.erin, now=NOW)

    def test_ends_by_a_persons_word(self, scene: Scene) -> None:
        snoozed(scene)

        assert care.wake(pairs=[scene.failing, scene.in_sync], actor=scene.erin, now=NOW) == 1
        assert listed("work=FAILING") == ["Dan"]

    def test_until_a_day_ends_as_the_day_begins(self) -> None:
        assert care.on(day=date(2026, 12, 1)).isoformat() == "2026-12-01T00:00:00+00:00"


class TestAssign:
    def test_is_found_by_whose_it_is(self, scene: Scene, vera: User) -> None:
        care.assign(pairs=[scene.failing, scene.in_sync], assignee=vera, actor=scene.erin, now=NOW)

        assert listed("assignee=me", me=vera) == ["Ann", "Dan"]
        assert listed("assignee=me", me=scene.erin) == []
        assert listed(f"assignee={vera.pk}") == ["Ann", "Dan"]
        assert listed("assignee=nobody") == ["Bea", "Cal", "Eve"]

    def test_puts_what_is_open_on_ones_own_work_list(self, scene: Scene, vera: User) -> None:
        care.assign(pairs=[scene.failing, scene.in_sync, scene.in_conflict], assignee=vera, actor=scene.erin, now=NOW)
        snoozed(scene)

        assert listed("work=MINE", me=vera) == ["Bea"]
        assert listed("work=MINE", me=scene.erin) == []

    def test_refuses_who_may_not_see_records(self, scene: Scene) -> None:
        with pytest.raises(care.CareRefused, match="erin may not see records"):
            care.assign(pairs=[scene.failing], assignee=scene.erin, actor=scene.erin, now=NOW)

        assert not models.PairCare.objects.exists()

    def test_can_be_taken_back(self, scene: Scene, vera: User) -> None:
        care.assign(pairs=[scene.failing], assignee=vera, actor=scene.erin, now=NOW)
        care.assign(pairs=[scene.failing], assignee=None, actor=scene.erin, now=NOW)

        assert "Dan" in listed("assignee=nobody")

    def test_ends_with_the_person(self, scene: Scene, vera: User) -> None:
        care.assign(pairs=[scene.failing], assignee=vera, actor=scene.erin, now=NOW)
        vera.delete()

        assert "Dan" in listed("assignee=nobody")

    def test_offers_those_who_may_see_records(self, scene: Scene, vera: User) -> None:
        retired = person("rita", "syncapp.view_recordpair")
        User.objects.filter(pk=retired.pk).update(is_active=False)

        assert reading.people() == [(vera.pk, "vera")]


class TestNote:
    def test_says_who_wrote_it_and_when(self, scene: Scene, vera: User) -> None:
        care.note(pairs=[scene.failing], text="  Ann calls\nthe customer ", author=vera, now=NOW)

        pair = models.RecordPair.objects.get(pk=scene.failing.pk)
        assert reading.note(pair=pair) == "Ann calls the customer (vera, 2026-11-26 09:30 UTC)"

    def test_that_is_empty_takes_it_away(self, scene: Scene, vera: User) -> None:
        care.note(pairs=[scene.failing], text="Wait", author=vera, now=NOW)
        care.note(pairs=[scene.failing], text=" ", author=vera, now=NOW)

        kept = models.PairCare.objects.get()
        assert (kept.note, kept.noted_by, kept.noted_at) == ("", None, None)

    def test_that_is_too_long_is_refused(self, scene: Scene, vera: User) -> None:
        with pytest.raises(care.CareRefused, match="up to 300 characters; this one has 301"):
            care.note(pairs=[scene.failing], text="x" * 301, author=vera, now=NOW)


class TestCare:
    def test_keeps_what_else_was_said(self, scene: Scene, vera: User) -> None:
        care.assign(pairs=[scene.failing], assignee=vera, actor=scene.erin, now=NOW)
        care.note(pairs=[scene.failing], text="Wait", author=vera, now=NOW)
        snoozed(scene)

        kept = models.PairCare.objects.get()
        assert (kept.assignee, kept.note, kept.snoozed_until) == (vera, "Wait", TOMORROW)

    def test_of_many_costs_as_much_as_of_few(
        self, scene: Scene, vera: User, django_assert_max_num_queries: DjangoAssertNumQueries
    ) -> None:
        many = [scene._pair(f"P{number}", None, PairState.FAILED, Reason.REFUSED) for number in range(40)]

        with django_assert_max_num_queries(16):
            care.snooze(pairs=many, until=TOMORROW, actor=scene.erin, now=NOW)
            care.note(pairs=many, text="Wait", author=vera, now=NOW)
            pairs.retry_all(pairs=many)

        assert models.PairCare.objects.filter(note="Wait", snoozed_until=TOMORROW).count() == 40

    def test_comes_along_when_a_person_links_two(self, scene: Scene, vera: User) -> None:
        customer = models.RecordPair.objects.create(config=scene.config, right=scene._record(scene.right, "Dan Ltd"), dirty=False)
        care.note(pairs=[customer], text="Is our Dan", author=vera, now=NOW)

        joined = partners.link(pair=customer, external_id=scene.failing.left.external_id, now=NOW)

        assert joined.pk == scene.failing.pk
        assert models.PairCare.objects.get(pair=joined).note == "Is our Dan"
        assert models.CareEvent.objects.get(pair=joined).words == "Is our Dan"

    def test_of_both_stays_that_of_the_pair_that_stays(self, scene: Scene, vera: User) -> None:
        customer = models.RecordPair.objects.create(config=scene.config, right=scene._record(scene.right, "Dan Ltd"), dirty=False)
        care.note(pairs=[customer], text="Is our Dan", author=vera, now=NOW)
        care.note(pairs=[scene.failing], text="Wait", author=vera, now=NOW)

        partners.link(pair=customer, external_id=scene.failing.left.external_id, now=NOW)

        assert models.PairCare.objects.get().note == "Wait"

    def test_keeps_who_did_what_and_when(self, scene: Scene, vera: User) -> None:
        later = NOW + timedelta(minutes=5)
        care.assign(pairs=[scene.failing], assignee=vera, actor=scene.erin, now=NOW)
        care.snooze(pairs=[scene.failing], until=TOMORROW, actor=vera, now=NOW + timedelta(minutes=1))
        care.wake(pairs=[scene.failing, scene.in_sync], actor=vera, now=NOW + timedelta(minutes=2))
        care.note(pairs=[scene.failing], text="Wait", author=vera, now=NOW + timedelta(minutes=3))
        care.note(pairs=[scene.failing], text="", author=scene.erin, now=NOW + timedelta(minutes=4))
        care.assign(pairs=[scene.failing], assignee=None, actor=scene.erin, now=later)

        told = [line for line in timelines.of(pair=scene.failing, mappings=[]) if isinstance(line, timelines.Said)]

        assert [(line.who, line.said) for line in told] == [
            ("erin", "Assigned to nobody"), ("erin", "Took the note away"), ("vera", "Noted: Wait"), ("vera", "Ended the snooze"),
            ("vera", "Snoozed until 2026-11-27 09:30 UTC"), ("erin", "Assigned to vera"),
        ]
        assert told[0].at == later
        assert not models.CareEvent.objects.exclude(pair=scene.failing).exists()

    def test_goes_with_its_pair(self, scene: Scene, vera: User) -> None:
        care.assign(pairs=[scene.failing], assignee=vera, actor=scene.erin, now=NOW)

        configs.delete(config=scene.config, actor=None, now=NOW)

        assert not models.PairCare.objects.exists()
