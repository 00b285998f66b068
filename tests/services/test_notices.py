from __future__ import annotations

import pytest

from syncapp import models
from syncapp.services import notices
from tests.services.made import NOW


@pytest.mark.django_db
class TestTell:
    def test_opens_a_notice(self) -> None:
        notice = notices.tell(subject="brake", words="A brake stopped the run.", link="/run/1/", urgent=True)

        assert (notice.words, notice.link, notice.urgent, notice.closed_at) == ("A brake stopped the run.", "/run/1/", True, None)

    def test_brings_the_open_one_up_to_date_instead_of_a_second(self) -> None:
        notices.tell(subject="brake", words="Old words.")

        notices.tell(subject="brake", words="New words.", urgent=True)

        assert [(one.words, one.urgent) for one in models.Notice.objects.all()] == [("New words.", True)]

    def test_opens_a_new_one_after_the_old_one_was_closed(self) -> None:
        notices.tell(subject="brake", words="First.")
        notices.close(subject="brake", now=NOW)

        notices.tell(subject="brake", words="Second.")

        assert models.Notice.objects.count() == 2

    def test_cuts_words_that_are_too_long_visibly(self) -> None:
        notice = notices.tell(subject="brake", words="x" * 600)

        assert len(notice.words) == 500
        assert notice.words.endswith("…")


@pytest.mark.django_db
class TestClose:
    def test_closes_the_open_one(self) -> None:
        notices.tell(subject="brake", words="x")

        assert notices.close(subject="brake", now=NOW)
        assert models.Notice.objects.get().closed_at == NOW

    def test_says_when_there_was_none(self) -> None:
        assert not notices.close(subject="brake", now=NOW)
