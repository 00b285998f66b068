"""Urgent notices at once by e-mail: to whom, how often, and what becomes of a mail that cannot leave."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from django.contrib.auth.models import Permission, User
from django.core import mail
from django.utils.module_loading import import_string
from django_q.models import OrmQ
from pytest_django.fixtures import Settings

from syncapp import models, queue
from syncapp.engine.vocabulary import Digest, MailState, NoticeKind
from syncapp.services import notice_mail, notices, postbox
from tests.admin.scene import person
from tests.services import made
from tests.services.mail.post import EIGHT, MORNING, Post


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

        notices.tell(subject=post.scene.notice.subject, words="It stopped once more.", kind=NoticeKind.BRAKE, urgent=True)
        post.minute()

        assert len(post.received()) == 1

    def test_is_mailed_anew_when_it_was_closed_and_comes_back(self, post: Post) -> None:
        post.wants_urgent_only()
        post.minute()
        notices.close(subject=post.scene.notice.subject, now=post.clock.now())

        again = notices.tell(subject=post.scene.notice.subject, words="It stopped once more.", kind=NoticeKind.BRAKE, urgent=True)
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
        post.chooses(post.zoe, at_once=(), digest=Digest.NEVER)

        post.minute()

        assert mail.outbox == []

    def test_of_a_kind_that_was_not_chosen_waits_for_the_summary(self, post: Post) -> None:
        models.Notice.objects.update(kind=NoticeKind.SYNC)

        post.minute()

        assert mail.outbox == []

    def test_of_a_kind_that_was_chosen_leaves_at_once(self, post: Post) -> None:
        post.chooses(post.zoe, at_once=(NoticeKind.SYNC,), digest=Digest.NEVER)
        models.Notice.objects.update(kind=NoticeKind.SYNC, urgent=False)

        post.minute()

        (one,) = post.received()
        assert one.subject == "The sync stopped before writing."
        assert "You get this because you are told of “A sync cannot run” at once." in one.body

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
        post.chooses(post.zoe, at_once=())

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
        monkeypatch.setattr(notice_mail, "_at_once", lambda *_: [twin])

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


class TestOldMails:
    def test_are_forgotten(self, post: Post) -> None:
        post.minute()
        assert models.NoticeMail.objects.exists()

        models.Notice.objects.all().delete()
        post.at(EIGHT + notice_mail.KEPT)

        assert list(models.NoticeMail.objects.values_list("day", flat=True)) == [(EIGHT + notice_mail.KEPT).date()]
