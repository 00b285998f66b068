"""The summary of a day by e-mail: when it comes, to whom, what stands in it, and which failures it calls new."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

from django.core import mail
from pytest_django.fixtures import Settings

from syncapp import models
from syncapp.engine.vocabulary import ConflictStatus, ConnectionStatus, MailState, NoticeKind, PairState, Reason
from syncapp.services import notice_mail, notices
from tests.admin.conftest import OPERATOR
from tests.services.mail.post import EIGHT, MORNING, Post


class TestTheSummary:
    def body(self, post: Post) -> str:
        post.wants_summaries_only()
        post.at(EIGHT)
        return str(post.received()[-1].body)

    def test_comes_at_the_hour_in_the_time_zone_of_the_reader(self, post: Post) -> None:
        post.chooses(post.zoe, at_once=(), time_zone="America/New_York", digest_hour=7)

        post.at(datetime(2026, 11, 26, 11, 59, tzinfo=UTC))
        assert mail.outbox == []
        post.at(datetime(2026, 11, 26, 12, 0, tzinfo=UTC))

        assert "As of 2026-11-26 07:00 EST" in post.received()[0].body
        assert post.row().day == date(2026, 11, 26)

    def test_comes_once_a_day(self, post: Post) -> None:
        post.wants_summaries_only()

        for hours in range(72):
            post.at(EIGHT + timedelta(hours=hours))

        days = models.NoticeMail.objects.filter(user=post.zoe, state=MailState.SENT).order_by("day").values_list("day", flat=True)
        assert list(days) == [date(2026, 11, 26), date(2026, 11, 27), date(2026, 11, 28)]
        assert len(post.received()) == 3

    def test_comes_later_on_the_day_when_its_hour_was_missed(self, post: Post) -> None:
        post.wants_summaries_only()

        post.at(EIGHT + timedelta(hours=7))

        assert len(post.received()) == 1

    def test_is_dropped_when_its_day_is_over(self, post: Post) -> None:
        post.wants_summaries_only()
        post.clock.at = EIGHT
        waiting = post.look()[0]

        post.clock.at = EIGHT + timedelta(days=1)

        assert not post.send(waiting)
        assert models.NoticeMail.objects.get(pk=waiting).words == notice_mail.OVER

    def test_comes_by_default(self, post: Post) -> None:
        post.at(EIGHT)

        assert [one.subject.partition(":")[0] for one in post.received()] == ["Urgent", "Summary"]

    def test_does_not_come_to_who_does_not_want_it(self, post: Post) -> None:
        post.wants_urgent_only()

        post.at(EIGHT)

        assert [one.subject.partition(":")[0] for one in post.received()] == ["Urgent"]

    def test_leaves_out_the_kinds_that_were_not_chosen(self, post: Post) -> None:
        post.chooses(post.zoe, at_once=(), in_summary=(NoticeKind.DECISIONS,))

        post.at(EIGHT)

        body = post.received()[-1].body
        assert "waiting for your choice" in body
        assert "The sync stopped before writing." not in body
        assert "Failing:" not in body

    def test_does_not_come_to_who_may_not_see_notices(self, post: Post) -> None:
        post.somebody("may-not", "syncapp.view_recordpair")

        post.at(EIGHT)

        assert post.received("may-not") == []

    def test_tells_what_stopped_and_what_waits_with_links(self, post: Post, settings: Settings) -> None:
        models.Connection.objects.filter(pk=post.scene.left.pk).update(status=ConnectionStatus.NEEDS_RECONNECT)

        body = self.body(post)

        site = f"{settings.PUBLIC_URL}/syncapp"
        braked = f"- Contacts: This run would create 60 records in QuickBooks.\n  {site}/syncrun/{post.scene.braked.pk}/change/\n"
        assert f"Stopped by a brake, nothing was written\n{braked}" in body
        assert f"To be connected again\n- {post.scene.left}: no sync uses it until then.\n  {site}/connection/{post.scene.left.pk}" in body
        assert (
            "Failing: 1 record pair, 1 new since the last summary\n"
            f"- 1 × {Reason.NAME_TAKEN.label} (1 new)\n  {site}/recordpair/?standing=FAILING&reason__exact=NAME_TAKEN\n"
        ) in body
        assert (
            "Waiting for a decision\n"
            f"- 1 field changed on both sides, waiting for your choice\n  {site}/conflict/?status__exact=OPEN\n"
        ) in body

    def test_says_the_most_in_its_subject(self, post: Post) -> None:
        self.body(post)

        assert post.received()[0].subject == "Summary: 1 sync stopped, 1 failing (1 new), 1 decision waiting"

    def test_lists_open_notices_that_are_new_and_not_told_of_already(self, post: Post) -> None:
        for subject, told_at in (("old", MORNING - timedelta(days=2)), ("new", MORNING), ("closed", MORNING)):
            notice = notices.tell(subject=subject, words=f"This is {subject}.")
            models.Notice.objects.filter(pk=notice.pk).update(created_at=told_at)
        notices.close(subject="closed", now=MORNING)

        assert "New notices\n- This is new.\n\n" in self.body(post)

    def test_does_not_show_what_is_for_another_person_alone(self, post: Post) -> None:
        notice = notices.tell(subject="export 1", words="Your export is ready.", user=post.somebody("owner", "syncapp.view_notice"))
        models.Notice.objects.filter(pk=notice.pk).update(created_at=MORNING)

        body = self.body(post)

        assert "Your export is ready." not in body
        assert "Your export is ready." in post.received("owner")[-1].body

    def test_shows_only_parts_whose_pages_the_reader_may_open(self, post: Post) -> None:
        post.somebody("yan", "syncapp.view_notice")

        post.at(EIGHT)

        summary = post.received("yan")[-1]
        assert summary.subject == "Summary: 1 new notice"
        assert "- The sync stopped before writing." in summary.body
        assert "60 records" not in summary.body

    def test_holds_no_value_of_a_record(self, post: Post) -> None:
        body = self.body(post)

        assert not [word for word in ("Ann", "Bea", "Dan", "Beatrice", "Duplicate Name", "@example.com") if word in body]

    def test_is_not_sent_where_there_is_nothing_to_tell(self, post: Post) -> None:
        models.Notice.objects.update(closed_at=MORNING)
        models.SyncRun.objects.filter(pk=post.scene.braked.pk).delete()
        models.RecordPair.objects.update(state=PairState.LINKED)
        models.Conflict.objects.update(status=ConflictStatus.BY_RULE)

        post.at(EIGHT)
        post.minutes(3)

        assert (mail.outbox, post.row().state, post.row().attempts) == ([], MailState.EMPTY, 1)


def begin_to_fail(pair: models.RecordPair, *, at: datetime) -> None:
    """As a run leaves it that finds a new cause."""
    models.RecordPair.objects.filter(pk=pair.pk).update(state=PairState.FAILED, reason=Reason.REFUSED, failing_since=at)


class TestNewFailures:
    def failing(self, post: Post, moment: datetime) -> str:
        post.at(moment)
        found = [line for line in post.received()[-1].body.splitlines() if line.startswith("Failing")]
        return found[0] if found else ""

    def test_are_those_since_the_last_summary(self, post: Post) -> None:
        post.wants_summaries_only()
        assert self.failing(post, EIGHT) == "Failing: 1 record pair, 1 new since the last summary"

        begin_to_fail(post.scene.waiting, at=post.clock.at + timedelta(hours=1))

        assert self.failing(post, EIGHT + timedelta(days=1)) == "Failing: 2 record pairs, 1 new since the last summary"
        assert f"- 1 × {Reason.REFUSED.label} (1 new)\n" in post.received()[-1].body
        assert f"- 1 × {Reason.NAME_TAKEN.label}\n" in post.received()[-1].body
        assert self.failing(post, EIGHT + timedelta(days=2)) == "Failing: 2 record pairs, none new since the last summary"

    def test_are_those_that_were_mended_and_fail_again(self, post: Post) -> None:
        post.wants_summaries_only()
        self.failing(post, EIGHT)
        begin_to_fail(post.scene.failing, at=EIGHT + timedelta(days=1, hours=1))

        assert self.failing(post, EIGHT + timedelta(days=2)) == "Failing: 1 record pair, 1 new since the last summary"

    def test_stay_new_until_a_summary_has_arrived(self, post: Post, down: Callable[[], None]) -> None:
        post.wants_summaries_only()
        post.clock.at = EIGHT
        post.minutes(20)
        assert post.row().state == MailState.FAILED

        down()

        assert self.failing(post, EIGHT + timedelta(days=1)) == "Failing: 1 record pair, 1 new since the last summary"

    def test_are_counted_for_each_reader_from_the_own_last_summary(self, post: Post) -> None:
        post.wants_summaries_only()
        late = post.somebody("late", *OPERATOR)
        post.chooses(late, at_once=(), digest_hour=20)
        post.at(EIGHT)
        post.at(EIGHT + timedelta(hours=12))

        begin_to_fail(post.scene.waiting, at=post.clock.at + timedelta(hours=1))
        post.at(EIGHT + timedelta(days=1))
        post.at(EIGHT + timedelta(days=1, hours=12))

        assert ["2 failing (1 new)" in post.received(name)[-1].subject for name in ("zoe", "late")] == [True, True]
