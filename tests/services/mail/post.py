"""Somebody who is told by e-mail, and the minutes in which the mail goes out."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from django.contrib.auth.models import User
from django.core import mail
from django_q.models import OrmQ

from syncapp import models
from syncapp.engine.telling import USUALLY_AT_ONCE
from syncapp.engine.vocabulary import Digest, NoticeKind
from syncapp.services import notice_mail, personal
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
        given: dict[str, Any] = {
            "time_zone": "", "language": "", "at_once": USUALLY_AT_ONCE, "digest": Digest.DAILY, "in_summary": tuple(NoticeKind),
            "digest_hour": 8,
        }
        personal.save(user=user, **{**given, **wishes})

    def wants_urgent_only(self) -> None:
        self.chooses(self.zoe, digest=Digest.NEVER)

    def wants_summaries_only(self) -> None:
        self.chooses(self.zoe, at_once=())

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
