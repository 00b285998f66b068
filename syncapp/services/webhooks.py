"""What the vendors tell by webhook: who sent it, what it mentions, and that those records are read again.

Owns the way from a request to hints. An event is never more than that: what it says of values is kept nowhere, and a delivery that
is lost, doubled, late, out of order or forged changes nothing in the end.
"""
from __future__ import annotations

import hashlib
import logging
import math
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import F

from syncapp import models, queue
from syncapp.connectors import events
from syncapp.engine.vocabulary import ConnectionStatus, DeliveryState, System
from syncapp.engine.wording import say
from syncapp.selectors import webhooks as reading
from syncapp.services import asked_runs, defaults, floods, hints, needs, notices, runs

logger = logging.getLogger(__name__)

PATHS: Mapping[System, str] = {System.HUBSPOT: "/webhooks/hubspot", System.QUICKBOOKS: "/webhooks/quickbooks"}
SIGNATURE = events.HEADERS
MOMENT = events.MOMENT_HEADER
REASON = "a webhook"
BATCH = 200
KEPT = timedelta(days=90)
"""How long a delivery is known again. QuickBooks signs no time, so one that was caught may be sent at any time."""
MENTIONS_KEPT = timedelta(days=30)
LOOK_BACK = timedelta(days=2)
"""So far back it is looked for mentions to forget each time, not through all that is kept."""


def secrets(*, system: System) -> list[str]:
    """List the secrets by which the vendor may sign; none where webhooks of it are not set up."""
    if system is System.QUICKBOOKS:
        return list(settings.QUICKBOOKS_WEBHOOK_TOKEN)
    return [one for one in (settings.HUBSPOT_CLIENT_SECRET, *settings.HUBSPOT_WEBHOOK_SECRET) if one]


def address(*, system: System) -> str:
    """Tell the address that the vendor is given."""
    return f"{settings.PUBLIC_URL}{PATHS[system]}"


def is_genuine(*, system: System, body: bytes, query: str, given: str, moment: str, now: datetime) -> bool:
    """Tell whether the vendor itself sent a request. The address that was signed is ours as the settings have it, whatever was called."""
    uri = address(system=system) + (f"?{query}" if query else "")
    signed = events.Signed(method="POST", uri=uri, body=body, given=given, moment=moment)
    return events.is_genuine(system=system, secrets=secrets(system=system), signed=signed, now=now)


def refuse(*, system: System, sender: str, now: datetime) -> None:
    """Count a request that the vendor did not sign. A flood is counted and logged in part."""
    if floods.FLOODS.may_tell(now=now):
        logger.warning("A webhook for %s from %s was refused: its signature is not good", system.label, sender)
    if floods.FLOODS.refused(address=sender, now=now):
        _count(system=system, connection_id=None, refused=1)


def receive(*, system: System, body: bytes, now: datetime) -> None:
    """Keep what a genuine delivery mentions, to be worked on later. Whatever it holds, that is no error."""
    try:
        told = events.read(system=system, body=body)
    except events.Unreadable as unreadable:
        logger.info("A webhook of %s could not be read: %s", system.label, unreadable)
        digest = hashlib.sha256(system.value.encode() + body).hexdigest()
        fresh = _keep(models.WebhookDelivery(system=system, digest=digest, state=DeliveryState.UNREADABLE, received_at=now))
        _count(system=system, connection_id=None, now=now, **({"unreadable": 1} if fresh else {"duplicates": 1}))
        return
    accounts = {event.account for event in told if event.account}
    known = models.Connection.objects.filter(system=system, external_id__in=accounts).exclude(status=ConnectionStatus.DISCONNECTED)
    ours = list(known)
    strange = sum(event.account not in {one.external_id for one in ours} for event in told)
    if strange or not told:
        _count(system=system, connection_id=None, now=now, unknown=strange or 1)
    for connection in ours:
        _take(connection=connection, told=[event for event in told if event.account == connection.external_id], now=now)


def _take(*, connection: models.Connection, told: Sequence[events.Event], now: datetime) -> None:
    """Keep what a delivery mentions of one account, unless it came before."""
    keys = sorted({event.key for event in told})
    digest = hashlib.sha256("|".join([connection.system, str(connection.pk), *keys]).encode()).hexdigest()
    delivery = models.WebhookDelivery(
        system=connection.system, connection=connection, digest=digest, events=len(told), mentions=_mentions(told), received_at=now
    )
    if not _keep(delivery):
        _count(system=System(connection.system), connection_id=connection.pk, now=now, duplicates=1)
        return
    unknown = sum(not event.refs for event in told)
    _count(system=System(connection.system), connection_id=connection.pk, now=now, received=1, events=len(told), unknown=unknown)


def _mentions(told: Sequence[events.Event]) -> list[list[str | float | None]]:
    """Each record once, with the first time at which it changed."""
    found: dict[tuple[str, str], float | None] = {}
    for event in told:
        moment = event.occurred_at.timestamp() if event.occurred_at else None
        for ref in event.refs:
            before = found.get((ref.kind, ref.external_id))
            found[ref.kind, ref.external_id] = min((one for one in (before, moment) if one is not None), default=None)
    return [[kind, external_id, moment] for (kind, external_id), moment in found.items()]


def _keep(delivery: models.WebhookDelivery) -> bool:
    """Save a delivery and ring for it. False when it is known already."""
    try:
        with transaction.atomic():
            delivery.save(force_insert=True)
            if delivery.state == DeliveryState.WAITING:
                queue.enqueue_webhooks()
    except IntegrityError:
        return False
    return True


def _count(*, system: System, connection_id: int | None, now: datetime | None = None, **numbers: int) -> None:
    """Add to a tally, which is begun with the first number."""
    tally = models.WebhookTally.objects.filter(system=system, connection=connection_id)
    more: dict[str, object] = {name: F(name) + number for name, number in numbers.items()}
    if now is not None:
        more["last_at"] = now
    if not tally.update(**more):
        try:
            with transaction.atomic():
                models.WebhookTally.objects.create(system=system, connection_id=connection_id)
        except IntegrityError:
            pass  # another process began it
        tally.update(**more)


def work(*, now: datetime) -> int:
    """Mark what the waiting deliveries mention to be read again, and ask for runs. Returns how many deliveries were taken in."""
    waiting = models.WebhookDelivery.objects.filter(state=DeliveryState.WAITING).order_by("pk")
    read_by: dict[int, dict[str, list[int]]] = {}
    taken = 0
    for delivery in waiting.select_related("connection")[:BATCH]:
        if delivery.connection is None:
            continue
        if delivery.connection.pk not in read_by:
            read_by[delivery.connection.pk] = readers(connection_id=delivery.connection.pk)
        taken += _work(delivery=delivery, connection=delivery.connection, readers=read_by[delivery.connection.pk], now=now)
    if taken:
        runs.start_asked(now=now)
    return taken


def _work(*, delivery: models.WebhookDelivery, connection: models.Connection, readers: Mapping[str, list[int]], now: datetime) -> int:
    mentioned: dict[str, dict[str, float | None]] = {}
    for kind, external_id, moment in delivery.mentions:
        mentioned.setdefault(kind, {})[external_id] = moment
    with transaction.atomic():
        claimed = models.WebhookDelivery.objects.filter(pk=delivery.pk, state=DeliveryState.WAITING)
        if not claimed.update(state=DeliveryState.DONE, worked_at=now):
            return 0
        asking: set[int] = set()
        for kind, moments in mentioned.items():
            wanted = _concerning(connection=connection, kind=kind, ids=list(moments)) if kind in readers else []
            hints.leave(connection_id=connection.pk, kind=kind, external_ids=wanted, reason=REASON)
            if _news(connection=connection, kind=kind, moments={one: moments[one] for one in wanted}):
                asking.update(readers[kind])
        asked_runs.ask(config_ids=asking, now=now)
        notices.close(subject=silence_subject(connection.pk), now=now)
    return 1


def _concerning(*, connection: models.Connection, kind: str, ids: Sequence[str]) -> list[str]:
    """Those ids that may be read: of a kind of which only our own records concern us, those that we know."""
    if not events.knows_only_ours(kind=kind):
        return list(ids)
    ours = models.Record.objects.filter(connection=connection, kind=kind, external_id__in=ids)
    return list(ours.values_list("external_id", flat=True))


def _news(*, connection: models.Connection, kind: str, moments: Mapping[str, float | None]) -> bool:
    """Whether the mirror lacks anything mentioned. What it has as it was at that moment or later, such as our own write, can wait.

    QuickBooks tells in whole seconds when a record changed, and in parts of them when its event happened.
    """
    whole = connection.system == System.QUICKBOOKS
    known = models.Record.objects.filter(connection=connection, kind=kind, external_id__in=list(moments))
    seen = dict(known.values_list("external_id", "remote_updated_at"))
    return any(
        moment is None or (at := seen.get(one)) is None or at.timestamp() < (math.floor(moment) if whole else moment)
        for one, moment in moments.items()
    )


def readers(*, connection_id: int) -> dict[str, list[int]]:
    """Tell which active syncs of an account read which kinds of it."""
    found: dict[str, list[int]] = {}
    needed = needs.of(connection_id=connection_id)
    for config in needed.configs:
        entry = defaults.of(config.object_pair)
        main = entry.left_kind if config.left_id == connection_id else entry.right_kind
        for kind in {main, *(other for looking, other in needed.looks if looking == main)} if config.active else ():
            found.setdefault(kind, []).append(config.pk)
    return found


def look_after(*, now: datetime) -> None:
    """Take in what was left lying, forget what is old, and tell people of an account that went silent."""
    work(now=now)
    old = models.WebhookDelivery.objects.exclude(state=DeliveryState.WAITING)
    old.filter(received_at__lt=now - KEPT).delete()
    # Digests are kept longer than what was mentioned, which serves the figures only.
    end = now - MENTIONS_KEPT
    old.filter(received_at__gt=end - LOOK_BACK, received_at__lt=end).exclude(mentions=[]).update(mentions=[])
    _tell_of_silence(silent=reading.silent(now=now))


def _tell_of_silence(*, silent: Iterable[models.Connection]) -> None:
    for connection in silent:
        subject = silence_subject(connection.pk)
        if not models.Notice.objects.filter(subject=subject, closed_at=None).exists():
            notices.tell(
                subject=subject,
                words=say(
                    "No webhook has come from {account} for more than a week, although records changed there. Nothing is lost: changes"
                    " are found by asking, at the interval of each sync. Look at the vendor's webhook settings.", account=connection,
                ),
                link=f"/syncapp/connection/{connection.pk}/change/",
            )


def silence_subject(connection_id: int) -> str:
    """Name the notice that an account went silent."""
    return f"webhooks of connection {connection_id}"
