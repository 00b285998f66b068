"""Urgent notices at once and a summary once a day, by e-mail: to whom, how often, and what stands in them."""

from __future__ import annotations

import smtplib
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Permission, User
from django.core import mail
from django.utils.module_loading import import_string
from django_q.models import OrmQ
from pytest_django.fixtures import Settings

from syncapp import models, queue
from syncapp.engine.vocabulary import ConflictStatus, ConnectionStatus, Digest, MailState, PairState, Reason
from syncapp.services import notice_mail, notices, personal, postbox
from tests.admin.conftest import OPERATOR
from tests.admin.scene import Scene, person
from tests.services import made

MORNING = datetime(2026, 11, 26, 7, 59, tzinfo=UTC)
EIGHT = datetime(2026, 11, 26, 8, 0, tzinfo=UTC)


class Post:
    """Somebody with an address who operates syncs, and the minutes that pass."""

    def __init__(self) -> None:
        self.scene = Scene()
        self.zoe = self.somebody("zoe", *OPERATOR)
        self.clock = made.Clock(MORNING)
        models.Notice.objects.update(created_at=MORNING)
        models.RecordPair.objects.filter(pk=self.scene.failing.pk).update(failing_since=MORNING)

    def somebody(self, name: str, *permissions: str) -> User:
        user = person(name, *permissions)
        user.email = f"{name}@example.com"
        user.save()
        return user

    def chooses(self, user: User, **wishes: Any) -> None:
        given: dict[str, Any] = {"time_zone": "", "urgent_at_once": True, "digest": Digest.DAILY, "digest_hour": 8}
        personal.save(user=user, **{**given, **wishes})

    def wants_urgent_only(self) -> None:
        self.chooses(self.zoe, digest=Digest.NEVER)

    def wants_summaries_only(self) -> None:
        self.chooses(self.zoe, urgent_at_once=False)

    def look(self) -> list[int]:
        """Have the schedule look, and take what it rings for."""
        notice_mail.look_after(now=self.clock.now())
        rung = [entry.kwargs()["mail_id"] for entry in OrmQ.objects.order_by("pk")]
        OrmQ.objects.all().delete()
        return rung

    def send(self, pk: int) -> bool:
        return notice_mail.send(mail_id=pk, outside=self.clock.ports)

    def minute(self) -> None:
        for pk in self.look():
            self.send(pk)
        self.clock.sleep(60)

    def minutes(self, number: int) -> None:
        for _ in range(number):
            self.minute()

    def at(self, moment: datetime) -> None:
        self.clock.at = moment
        self.minute()

    def received(self, name: str = "zoe") -> list[Any]:
        return [one for one in mail.outbox if one.to == [f"{name}@example.com"]]

    def row(self) -> models.NoticeMail:
        return models.NoticeMail.objects.get(user=self.zoe)


@pytest.fixture
def post(db: Any) -> Post:
    return Post()


@pytest.fixture
def down(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """A mail server that takes nothing, until it is said to be back."""

    def refuse(message: Any) -> int:
        raise smtplib.SMTPServerDisconnected("zoe@example.com")

    monkeypatch.setattr("django.core.mail.EmailMessage.send", refuse)
    return monkeypatch.undo


class TestAnUrgentNotice:
    def test_is_mailed_within_a_minute_with_the_page_that_deals_with_it(self, post: Post, settings: Settings) -> None:
        post.wants_urgent_only()

        post.minute()

        sent = post.received()[0]
        assert sent.subject == "Urgent: The sync stopped before writing."
        assert f"Where it is dealt with:\n{settings.PUBLIC_URL}{post.scene.notice.link}\n" in sent.body
        assert "Told 2026-11-26 07:59 UTC." in sent.body
        assert f"{settings.PUBLIC_URL}/syncapp/personalsettings/" in sent.body
        assert (sent.attachments, post.row().state) == ([], MailState.SENT)

    def test_leaves_through_the_doors_of_the_worker(self, post: Post) -> None:
        """By the clock of the machine, as the queue does it."""
        post.wants_urgent_only()
        models.Notice.objects.update(created_at=datetime.now(UTC))

        import_string(queue.SCHEDULES["Mail notices"])()
        rung = OrmQ.objects.get().task
        import_string(rung["func"])(**rung["kwargs"])

        assert len(post.received()) == 1

    def test_is_mailed_once(self, post: Post) -> None:
        post.wants_urgent_only()

        post.minutes(5)

        assert len(post.received()) == 1

    def test_is_not_mailed_again_when_it_is_brought_up_to_date(self, post: Post) -> None:
        post.wants_urgent_only()
        post.minute()

        notices.tell(subject=post.scene.notice.subject, words="It stopped once more.", urgent=True)
        post.minute()

        assert len(post.received()) == 1

    def test_is_mailed_anew_when_it_was_closed_and_comes_back(self, post: Post) -> None:
        post.wants_urgent_only()
        post.minute()
        notices.close(subject=post.scene.notice.subject, now=post.clock.now())

        again = notices.tell(subject=post.scene.notice.subject, words="It stopped once more.", urgent=True)
        models.Notice.objects.filter(pk=again.pk).update(created_at=post.clock.now())
        post.minute()

        assert [one.subject for one in post.received()] == ["Urgent: The sync stopped before writing.", "Urgent: It stopped once more."]

    def test_goes_to_everybody_who_may_see_notices_and_has_an_address(self, post: Post) -> None:
        post.somebody("yan", "syncapp.view_notice")
        post.somebody("may-not")
        person("no-address", "syncapp.view_notice")
        made.alice()

        post.minute()

        assert sorted(one.to[0] for one in mail.outbox if one.subject.startswith("Urgent")) == [
            "alice@example.com", "yan@example.com", "zoe@example.com",
        ]

    def test_for_one_person_alone_goes_to_nobody_else(self, post: Post) -> None:
        owner = post.somebody("owner")
        models.Notice.objects.update(user=owner)

        post.minute()

        assert [one.to for one in mail.outbox] == [["owner@example.com"]]

    def test_does_not_go_to_who_does_not_want_it(self, post: Post) -> None:
        post.chooses(post.zoe, urgent_at_once=False, digest=Digest.NEVER)

        post.minute()

        assert mail.outbox == []

    def test_that_is_not_urgent_waits_for_the_summary(self, post: Post) -> None:
        models.Notice.objects.update(urgent=False)

        post.minute()

        assert mail.outbox == []

    def test_is_not_mailed_days_after_it_was_told(self, post: Post) -> None:
        post.wants_urgent_only()
        models.Notice.objects.update(created_at=MORNING - notice_mail.STALE)

        post.minute()

        assert mail.outbox == []

    def test_has_its_moment_in_the_time_zone_of_the_reader(self, post: Post) -> None:
        post.chooses(post.zoe, time_zone="Asia/Tokyo", digest=Digest.NEVER)

        post.minute()

        assert "Told 2026-11-26 16:59 JST." in post.received()[0].body

    def test_takes_no_header_from_its_words(self, post: Post) -> None:
        post.wants_urgent_only()
        models.Notice.objects.update(words="Acme\r\nBcc: all@example.com stopped")

        post.minute()

        assert post.received()[0].subject == "Urgent: Acme Bcc: all@example.com stopped"


class TestBetweenDueAndSent:
    """What changes after a mail became due and before a worker sends it."""

    @pytest.fixture
    def due(self, post: Post) -> int:
        post.wants_urgent_only()
        return post.look()[0]

    def dropped(self, post: Post, pk: int) -> str:
        assert not post.send(pk)
        row = models.NoticeMail.objects.get(pk=pk)
        assert (mail.outbox, row.state) == ([], MailState.DROPPED)
        return row.words

    def test_the_permission_is_asked_for_again(self, post: Post, due: int) -> None:
        post.zoe.user_permissions.remove(Permission.objects.get(codename="view_notice"))

        assert self.dropped(post, due) == notice_mail.NOT_ALLOWED

    def test_somebody_was_shut_out(self, post: Post, due: int) -> None:
        User.objects.filter(pk=post.zoe.pk).update(is_active=False)

        assert self.dropped(post, due) == notice_mail.NOT_ALLOWED

    def test_the_notice_was_closed(self, post: Post, due: int) -> None:
        notices.close(subject=post.scene.notice.subject, now=post.clock.now())

        assert self.dropped(post, due) == notice_mail.CLOSED

    def test_it_was_switched_off(self, post: Post, due: int) -> None:
        post.chooses(post.zoe, urgent_at_once=False)

        assert self.dropped(post, due) == notice_mail.NOT_WANTED

    def test_the_address_was_removed(self, post: Post, due: int) -> None:
        User.objects.filter(pk=post.zoe.pk).update(email="")

        assert self.dropped(post, due) == notice_mail.NO_ADDRESS

    def test_another_worker_was_faster(self, post: Post, due: int, monkeypatch: pytest.MonkeyPatch) -> None:
        def overtaken(*_: Any) -> str:
            models.NoticeMail.objects.filter(pk=due).update(state=MailState.SENDING, attempts=1)
            return ""

        monkeypatch.setattr(notice_mail, "_refusal", overtaken)

        assert (post.send(due), mail.outbox) == (False, [])

    def test_two_schedules_that_look_at_once_make_one_mail(self, post: Post, due: int, monkeypatch: pytest.MonkeyPatch) -> None:
        """The second one has not seen the first one's row yet, so it makes one of its own."""
        twin = models.NoticeMail(user=post.zoe, notice=post.scene.notice, created_at=post.clock.now())
        monkeypatch.setattr(notice_mail, "_urgent", lambda *_: [twin])

        assert post.look() == [due]

    def test_a_worker_that_dies_while_sending_leaves_it_unsent_for_good(
        self, post: Post, due: int, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def killed(message: Any) -> int:
            raise SystemExit

        with monkeypatch.context() as while_sending, pytest.raises(SystemExit):
            while_sending.setattr("django.core.mail.EmailMessage.send", killed)
            post.send(due)
        post.minutes(15)

        row = models.NoticeMail.objects.get(pk=due)
        assert (mail.outbox, row.state, row.words) == ([], MailState.FAILED, notice_mail.INTERRUPTED)


class TestAMailServerThatIsDown:
    def test_is_tried_again_and_not_for_ever(self, post: Post, down: Callable[[], None]) -> None:
        post.wants_urgent_only()

        post.minutes(30)

        assert (post.row().attempts, post.row().state, post.row().words) == (5, MailState.FAILED, notice_mail.GIVEN_UP)

    def test_is_given_two_minutes_between_two_tries(self, post: Post, down: Callable[[], None]) -> None:
        post.wants_urgent_only()

        tries = []
        for _ in range(5):
            post.minute()
            tries.append(post.row().attempts)

        assert tries == [1, 1, 2, 2, 3]

    def test_is_told_in_the_admin_and_not_mailed(self, post: Post, down: Callable[[], None]) -> None:
        post.wants_urgent_only()

        post.minutes(30)

        told = models.Notice.objects.get(subject=notice_mail.TROUBLE)
        assert told.words.startswith("E-mails do not leave: the mail server did not take one in 5 tries.")
        assert not told.urgent
        assert models.NoticeMail.objects.filter(user=post.zoe).count() == 1

    def test_is_used_once_it_is_back(self, post: Post, down: Callable[[], None]) -> None:
        post.wants_urgent_only()
        post.minute()
        assert post.row().words == notice_mail.LATER

        down()
        post.minutes(3)

        assert len(post.received()) == 1
        assert (post.row().state, post.row().words) == (MailState.SENT, "")

    def test_closes_the_notice_about_it_when_a_mail_leaves_again(self, post: Post, down: Callable[[], None]) -> None:
        post.wants_urgent_only()
        post.minutes(30)

        down()
        post.wants_summaries_only()
        post.minute()

        assert len(post.received()) == 1
        assert not models.Notice.objects.filter(subject=notice_mail.TROUBLE, closed_at=None).exists()

    def test_is_not_missed_where_there_is_none(self, post: Post, settings: Settings) -> None:
        settings.EMAIL_BACKEND = postbox.NO_MAIL

        post.minute()

        assert not models.NoticeMail.objects.exists()


class TestTheSummary:
    def body(self, post: Post) -> str:
        post.wants_summaries_only()
        post.at(EIGHT)
        return str(post.received()[-1].body)

    def test_comes_at_the_hour_in_the_time_zone_of_the_reader(self, post: Post) -> None:
        post.chooses(post.zoe, urgent_at_once=False, time_zone="America/New_York", digest_hour=7)

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
        post.chooses(late, urgent_at_once=False, digest_hour=20)
        post.at(EIGHT)
        post.at(EIGHT + timedelta(hours=12))

        begin_to_fail(post.scene.waiting, at=post.clock.at + timedelta(hours=1))
        post.at(EIGHT + timedelta(days=1))
        post.at(EIGHT + timedelta(days=1, hours=12))

        assert ["2 failing (1 new)" in post.received(name)[-1].subject for name in ("zoe", "late")] == [True, True]


class TestOldMails:
    def test_are_forgotten(self, post: Post) -> None:
        post.minute()
        assert models.NoticeMail.objects.exists()

        models.Notice.objects.all().delete()
        post.at(EIGHT + notice_mail.KEPT)

        assert list(models.NoticeMail.objects.values_list("day", flat=True)) == [(EIGHT + notice_mail.KEPT).date()]
