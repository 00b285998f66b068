"""The demo's set-up: two made-up companies connected through the real consent pages, previewed, and kept in step.

Owns the order of the demo's first minutes. Everything it does goes through the services, as the admin's buttons do.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.auth.models import User
from django.db.models import Count

from syncapp import models
from syncapp.engine import vocabulary
from syncapp.management import visitor
from syncapp.services import configs, consent, lane, runs
from syncapp.services import ports as ports_module

USER = "demo"
SYNC = "Contacts and customers"
Say = Callable[[str], None]


@dataclass(frozen=True, kw_only=True)
class Summary:
    """What stands after the demo's runs."""

    pairs: int
    standings: dict[str, int]
    writes: dict[str, int]
    second_run_writes: int
    previewed: int

    def as_json(self) -> dict[str, Any]:
        """The summary as `demo --once` prints it."""
        return {
            "pairs": self.pairs, "in_sync": 0, "failing": 0, "excluded": 0, "needs_you": 0, "waiting": 0, **self.standings,
            "writes": self.writes, "previewed": self.previewed, "second_run_writes": self.second_run_writes,
        }


def password() -> str:
    """The demo's sign-in: the same on every start, different on every machine."""
    return hmac.new(settings.SECRET_KEY.encode(), b"demo sign-in", hashlib.sha256).hexdigest()[:12]


def user() -> User:
    """The demo's administrator, made when it is first asked for."""
    found: User | None = get_user_model().objects.filter(username=USER).first()
    return found or get_user_model().objects.create_superuser(username=USER, password=password())


def connect(*, say: Say) -> None:
    """Connect both sandbox accounts through their consent pages."""
    actor = user()
    for system in vocabulary.System:
        if models.Connection.objects.filter(system=system).exists():
            continue
        session: dict[str, Any] = {}
        now = ports_module.REAL.now()
        url = consent.begin(
            system=system, environment=vocabulary.Environment.LOCAL_SANDBOX, session=session, user=actor, now=now
        )
        answer = visitor.allow(url=url)
        made = consent.finish(system=system, params=answer, session=session, user=actor, now=ports_module.REAL.now())
        say(f"Connected {made} through its consent page.")


def config() -> models.SyncConfig:
    """The demo's sync, with the recommended mappings and filters."""
    found = models.SyncConfig.objects.select_related("left", "right").filter(name=SYNC).first()
    if found is not None:
        return found
    made = configs.create(
        name=SYNC, left=models.Connection.objects.get(system=vocabulary.System.HUBSPOT),
        right=models.Connection.objects.get(system=vocabulary.System.QUICKBOOKS),
        object_pair=vocabulary.ObjectPair.CONTACT_CUSTOMER, actor=user(), now=ports_module.REAL.now(),
    )
    models.SyncConfig.objects.filter(pk=made.pk).update(interval_minutes=1)
    return models.SyncConfig.objects.select_related("left", "right").get(pk=made.pk)


def first_sync(*, say: Say) -> int:
    """Preview, approve and carry out the first run. Returns how many writes the preview showed."""
    sync = config()
    for cut_off in sync.runs.filter(state__in=[vocabulary.RunState.QUEUED, vocabulary.RunState.RUNNING]):
        say("A run was cut off the last time; it goes on first.")
        lane.to_the_end(run_id=cut_off.pk)
    if sync.runs.filter(kind__in=[vocabulary.RunKind.FULL, vocabulary.RunKind.DELTA]).exists():
        return 0
    say("Previewing the first run: reading both sides, finding partners, planning. Nothing is written yet.")
    preview = runs.start(
        config=sync, kind=vocabulary.RunKind.PREVIEW, trigger=vocabulary.RunTrigger.COMMAND, now=ports_module.REAL.now(),
        actor=user(), enqueue=False,
    )
    preview = lane.to_the_end(run_id=preview.pk)
    shown = preview.operations.count()
    say(f"The preview shows {shown} writes. Approving it, and carrying it out.")
    run = runs.approve(preview=preview, actor=user(), now=ports_module.REAL.now(), enqueue=False)
    run = lane.to_the_end(run_id=run.pk)
    say(f"The first run: {vocabulary.RunState(run.state).label}. {run.words}".strip())
    return shown


def run_again() -> int:
    """Run once more, with nothing changed. Returns how many writes were carried out: none, if all is well."""
    run = runs.start(
        config=config(), kind=vocabulary.RunKind.DELTA, trigger=vocabulary.RunTrigger.COMMAND, now=ports_module.REAL.now(),
        actor=user(), enqueue=False,
    )
    run = lane.to_the_end(run_id=run.pk)
    return run.operations.filter(status=vocabulary.OperationStatus.DONE).count()


def summary(*, previewed: int, second_run_writes: int) -> Summary:
    """Count what stands now."""
    standings: dict[str, int] = {}
    pairs = models.RecordPair.objects.filter(config__name=SYNC)
    for row in pairs.values("state").annotate(number=Count("pk")).order_by():
        word = vocabulary.PairState(row["state"]).standing.value.lower()
        standings[word] = standings.get(word, 0) + row["number"]
    done = models.Operation.objects.filter(config__name=SYNC, status=vocabulary.OperationStatus.DONE)
    return Summary(
        pairs=pairs.count(), standings=standings, previewed=previewed, second_run_writes=second_run_writes,
        writes={
            "hubspot": done.filter(side=vocabulary.Side.LEFT).count(), "quickbooks": done.filter(side=vocabulary.Side.RIGHT).count(),
        },
    )
