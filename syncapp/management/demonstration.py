"""The demo's set-up: two made-up companies connected through the real consent pages, previewed, and kept in step.

Owns the order of the demo's first minutes. Everything it does goes through the services, as the admin's buttons do.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.auth.models import User
from django.db.models import Count

from syncapp import models
from syncapp.engine import vocabulary
from syncapp.management import salesperson, visitor
from syncapp.services import configs, consent, lane, runs
from syncapp.services import ports as ports_module

USER = "demo"
EMAIL = "demo@example.com"
SYNC = "Contacts and customers"
PRODUCTS = "Products and services"
INVOICES = "Invoices"
PAYMENTS = "Payments on deals"
DEALS = "Figures on deals"
PAIRS = {
    SYNC: vocabulary.ObjectPair.CONTACT_CUSTOMER, PRODUCTS: vocabulary.ObjectPair.PRODUCT_ITEM, INVOICES: vocabulary.ObjectPair.INVOICE,
    PAYMENTS: vocabulary.ObjectPair.PAYMENT, DEALS: vocabulary.ObjectPair.DEAL,
}
"""The demo's syncs, in the order in which they run: each with the direction, mappings and filters that are recommended for it."""
Say = Callable[[str], None]


@dataclass(frozen=True, kw_only=True)
class Summary:
    """What stands after the demo's runs, of one sync; `others` are the summaries of the further ones."""

    pairs: int
    standings: dict[str, int]
    writes: dict[str, int]
    second_run_writes: int
    previewed: int
    others: Mapping[str, Summary] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        """The summary as `demo --once` prints it."""
        return {
            "pairs": self.pairs, "in_sync": 0, "failing": 0, "excluded": 0, "needs_you": 0, "waiting": 0, **self.standings,
            "writes": self.writes, "previewed": self.previewed, "second_run_writes": self.second_run_writes,
            **{name: other.as_json() for name, other in self.others.items()},
        }


def password() -> str:
    """The demo's sign-in: the same on every start, different on every machine."""
    return hmac.new(settings.SECRET_KEY.encode(), b"demo sign-in", hashlib.sha256).hexdigest()[:12]


def user() -> User:
    """The demo's administrator, made when it is first asked for."""
    found: User | None = get_user_model().objects.filter(username=USER).first()
    return found or get_user_model().objects.create_superuser(username=USER, email=EMAIL, password=password())


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


def config(*, name: str) -> models.SyncConfig:
    """One of the demo's syncs, made when it is first asked for."""
    found = models.SyncConfig.objects.select_related("left", "right").filter(name=name).first()
    if found is not None:
        return found
    made = configs.create(
        name=name, left=models.Connection.objects.get(system=vocabulary.System.HUBSPOT),
        right=models.Connection.objects.get(system=vocabulary.System.QUICKBOOKS),
        object_pair=PAIRS[name], actor=user(), now=ports_module.REAL.now(),
    )
    models.SyncConfig.objects.filter(pk=made.pk).update(interval_minutes=1)
    return models.SyncConfig.objects.select_related("left", "right").get(pk=made.pk)


def first_syncs(*, say: Say) -> dict[str, int]:
    """Preview, approve and carry out the first run of each sync. Returns how many writes the previews showed, by sync."""
    shown = {}
    for name in PAIRS:
        shown[name] = _first_sync(name=name, say=say)
        if name == INVOICES:
            number = salesperson.put_to_deals(base_url=settings.LOCAL_SANDBOX_HUBSPOT_URL)
            say(f"A person of the made-up company puts {number} of the new invoices to deals, in HubSpot.")
    return shown


def _first_sync(*, name: str, say: Say) -> int:
    sync = config(name=name)
    for cut_off in sync.runs.filter(state__in=[vocabulary.RunState.QUEUED, vocabulary.RunState.RUNNING]):
        say(f"{name}: a run was cut off the last time; it goes on first.")
        lane.to_the_end(run_id=cut_off.pk)
    if sync.runs.filter(kind__in=[vocabulary.RunKind.FULL, vocabulary.RunKind.DELTA]).exists():
        return 0
    say(f"{name}: previewing the first run: reading both sides, finding partners, planning. Nothing is written yet.")
    preview = runs.start(
        config=sync, kind=vocabulary.RunKind.PREVIEW, trigger=vocabulary.RunTrigger.COMMAND, now=ports_module.REAL.now(),
        actor=user(), enqueue=False,
    )
    preview = lane.to_the_end(run_id=preview.pk)
    shown = preview.operations.count()
    say(f"{name}: the preview shows {shown} writes. Approving it, and carrying it out.")
    run = runs.approve(preview=preview, actor=user(), now=ports_module.REAL.now(), enqueue=False)
    run = lane.to_the_end(run_id=run.pk)
    say(f"{name}: the first run: {vocabulary.RunState(run.state).label}. {run.words}".strip())
    return shown


def run_again() -> dict[str, int]:
    """Run each sync once more, with nothing changed. Returns how many writes were carried out, by sync: none, if all is well."""
    return {name: _run_again(name=name) for name in PAIRS}


def _run_again(*, name: str) -> int:
    run = runs.start(
        config=config(name=name), kind=vocabulary.RunKind.DELTA, trigger=vocabulary.RunTrigger.COMMAND, now=ports_module.REAL.now(),
        actor=user(), enqueue=False,
    )
    run = lane.to_the_end(run_id=run.pk)
    return run.operations.filter(status=vocabulary.OperationStatus.DONE).count()


def summary(*, previewed: Mapping[str, int], second_run_writes: Mapping[str, int]) -> Summary:
    """Count what stands now. The writes of a second run are those of all syncs together."""
    others = {
        key: _summary(name=name, previewed=previewed, second=second_run_writes[name])
        for key, name in (("products", PRODUCTS), ("invoices", INVOICES), ("payments", PAYMENTS), ("deals", DEALS))
    }
    people = _summary(name=SYNC, previewed=previewed, second=sum(second_run_writes.values()))
    return replace(people, others=others)


def _summary(*, name: str, previewed: Mapping[str, int], second: int) -> Summary:
    standings: dict[str, int] = {}
    pairs = models.RecordPair.objects.filter(config__name=name)
    for row in pairs.values("state").annotate(number=Count("pk")).order_by():
        word = vocabulary.PairState(row["state"]).standing.value.lower()
        standings[word] = standings.get(word, 0) + row["number"]
    done = models.Operation.objects.filter(config__name=name, status=vocabulary.OperationStatus.DONE)
    return Summary(
        pairs=pairs.count(), standings=standings, previewed=previewed[name], second_run_writes=second,
        writes={
            "hubspot": done.filter(side=vocabulary.Side.LEFT).count(), "quickbooks": done.filter(side=vocabulary.Side.RIGHT).count(),
        },
    )
