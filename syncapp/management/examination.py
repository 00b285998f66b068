"""Look at everything that an installation needs, and say what to do about what is not as it should be.

Owns what is looked at, in which order, and the words. It changes nothing at a vendor and sends no mail; the one call to each account
is the one of its **Test** button, within its limits. No secret and no name of a person is in what it says.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum
from pathlib import Path

from django.conf import settings
from django.contrib.auth.models import User
from django.contrib.contenttypes.models import ContentType
from django.core import checks, mail
from django.core.cache import cache
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.db.models.functions import Now
from django_q.models import OrmQ, Schedule
from django_q.status import Stat

from syncapp import models, queue
from syncapp.engine.vocabulary import ConnectionStatus, System
from syncapp.selectors import webhooks as told
from syncapp.services import connections, credentials, export_places, postbox, webhooks

GIGABYTE = 1_000_000_000
SCARCE, TOO_SCARCE = 2 * GIGABYTE, GIGABYTE // 5
SLOW, TOO_SLOW = timedelta(minutes=2), timedelta(minutes=10)
OFF, TOO_FAR_OFF = timedelta(seconds=30), timedelta(minutes=4)
"""HubSpot signs the time of a webhook, and one older than five minutes is refused."""


class State(Enum):
    """How something is."""

    FINE = "fine"
    WARNING = "warning"
    BROKEN = "broken"


@dataclass(frozen=True, kw_only=True)
class Finding:
    """What was found of one thing, and what to do about it where something is to be done."""

    about: str
    state: State
    words: str
    remedy: str = ""


Look = Callable[[datetime], Iterator[Finding]]


def examine(*, now: datetime, calls: bool = True) -> Iterator[Finding]:
    """Look at everything in turn. Without its database nothing else is looked at; `calls` says whether to ask the vendors."""
    yield from _settings(now)
    try:
        database = list(_database(now))
    except DatabaseError as error:
        words = f"It does not answer ({type(error).__name__})."
        yield _broken("database", words, "Start its server, and compare DATABASE_URL with its address, name and user.")
        return
    yield from database
    if any(finding.state is State.BROKEN for finding in database):
        return
    yield from _queue(now)
    yield from _schedules(now)
    yield from _keys(now)
    yield from _connections(now) if calls else ()
    for look in (_webhooks, _mail, _clock, _disk, _exports, _people):
        yield from look(now)


def _settings(now: datetime) -> Iterator[Finding]:
    """What Django and this program check at a start, with the stricter ones where people work over the internet."""
    found = [one for one in checks.run_checks(include_deployment_checks=settings.PRODUCTION) if not one.is_silenced()]
    for one in found:
        make = _broken if one.is_serious() else _warned
        yield make("settings", str(one.msg), str(one.hint or "See docs/installer-guide.md, The settings."))
    if not found:
        yield _fine("settings", "The set-up is safe." if settings.PRODUCTION else "The set-up is safe for one machine.")


def _database(now: datetime) -> Iterator[Finding]:
    executor = MigrationExecutor(connection)
    pending = executor.migration_plan(executor.loader.graph.leaf_nodes())
    if pending:
        yield _broken("migrations", f"{len(pending)} are not applied.", "Run `python3 manage.py prepare`.")
    else:
        yield _fine("migrations", "All are applied.")
    if settings.CACHES["default"]["LOCATION"] not in connection.introspection.table_names():
        yield _broken("database", "The table of the cache is missing.", "Run `python3 manage.py prepare`.")
    elif not pending:
        cache.set("doctor", now.timestamp(), 60)
        if cache.get("doctor") == now.timestamp():
            yield _fine("database", f"{connection.display_name} answers, and takes what is written.")
        else:
            words = f"{connection.display_name} answers, but takes nothing that is written."
            yield _broken("database", words, "See whether its disk is full, or whether DATABASE_URL leads to a copy that can only be read.")


def _queue(now: datetime) -> Iterator[Finding]:
    clusters = Stat.get_all()
    oldest = OrmQ.objects.filter(lock__lte=now).order_by("lock").values_list("lock", flat=True).first()
    waited = now - oldest if oldest else timedelta()
    number = OrmQ.objects.count()
    if not clusters:
        yield _broken("queue", f"No queue shows a sign of life; {number} jobs wait.", "Start `python3 manage.py serve`, or syncapp-worker.")
    elif waited > SLOW:
        words = f"The oldest of {number} jobs has waited for {_minutes(waited)}."
        remedy = "Restart syncapp-worker. If it is busy rather than stuck, raise QUEUE_WORKERS or add a machine."
        yield (_broken if waited > TOO_SLOW else _warned)("queue", words, remedy)
    else:
        age = max(0, round((now - max(one.timestamp for one in clusters)).total_seconds()))
        hosts = ", ".join(sorted({str(one.host) for one in clusters}))
        yield _fine("queue", f"{len(clusters)} on {hosts}, last sign of life {age} seconds ago; {number} jobs wait.")


def _schedules(now: datetime) -> Iterator[Finding]:
    rows = list(Schedule.objects.order_by("pk"))
    ours = {row.name: row for row in rows if row.name in queue.SCHEDULES and row.func == queue.SCHEDULES[row.name] and row.repeats}
    missing = sorted(set(queue.SCHEDULES) - set(ours))
    late = sorted(name for name, row in ours.items() if row.next_run is None or now - row.next_run > TOO_SLOW)
    strange = [row for row in rows if row.repeats and row.name not in queue.SCHEDULES]
    if missing:
        yield _broken("schedules", f"Missing: {', '.join(missing)}.", "Run `python3 manage.py prepare`, or restart the queue.")
    if late:
        yield _broken("schedules", f"Overdue: {', '.join(late)}.", "Nobody looks at them: restart syncapp-worker.")
    if strange:
        words = f"{len(strange)} are none of this program's."
        yield _broken("schedules", words, "The queue switches them off. Find out who else can write into the database.")
    if not missing and not late and not strange:
        yield _fine("schedules", f"All {len(ours)} are on and up to time.")


def _keys(now: datetime) -> Iterator[Finding]:
    unreadable = credentials.unreadable()
    for row, why in unreadable:
        yield _broken("keys", f"The tokens of connection {row.pk} cannot be read. {why}", "Put the old key back into CREDENTIAL_KEYS.")
    newest = settings.CREDENTIAL_KEYS[0][0]
    old = models.Credential.objects.exclude(key_id=newest).count() - len(unreadable)
    if old > 0:
        yield _warned("keys", f"{old} connections are sealed with an older key.", "Run `python3 manage.py rotate_credentials`.")
    elif not unreadable:
        yield _fine("keys", "Every stored token can be read with the newest key.")


def _connections(now: datetime) -> Iterator[Finding]:
    rows = list(models.Connection.objects.exclude(status=ConnectionStatus.DISCONNECTED).order_by("pk"))
    for row in rows:
        name = f"{System(row.system).label} {row.external_id}"
        if row.status == ConnectionStatus.NEEDS_RECONNECT:
            yield _broken("connections", f"{name}: the vendor ended the access.", "Connect the account again on the Connections page.")
            continue
        connections.test(connection=row, now=now)
        row.refresh_from_db()
        if row.last_error:
            yield _broken("connections", f"{name} could not be reached. {row.last_error}", "See the page of the connection.")
        elif row.paused:
            yield _warned("connections", f"{name} answers, but is paused: no sync uses it.", "Resume it on its page, if that is wished.")
        else:
            yield _fine("connections", f"{name} answers.")
    if not rows:
        yield _warned("connections", "No account is connected.", "Sign in and follow the steps of the first page.")


def _webhooks(now: datetime) -> Iterator[Finding]:
    silent = told.silent(now=now)
    for row in silent:
        words = f"{System(row.system).label} {row.external_id} told nothing for a week, although records changed there."
        yield _warned("webhooks", words, "Compare the app's settings at the vendor with `python3 manage.py webhooks`.")
    without = [system.label for system in System if not webhooks.secrets(system=system)]
    if without:
        words = f"None are taken from {' and '.join(without)}: changes are found by asking."
        yield _warned("webhooks", words, "See docs/installer-guide.md, Webhooks, if changes are to come at once.")
    elif not silent:
        yield _fine("webhooks", "Both vendors may send, and no account is silent.")


def _mail(now: datetime) -> Iterator[Finding]:
    if not postbox.is_there():
        yield _warned("mail", "No mail leaves: exports and notices stay on the pages.", "Set EMAIL_URL.")
    elif postbox.is_into_files():
        yield _warned("mail", "Mail is written into files on this machine.", "Set EMAIL_URL, if people are to get it.")
    else:
        try:
            server = mail.get_connection()
            server.open()
            server.close()
        except OSError as error:
            words = f"The mail server refuses us or does not answer ({type(error).__name__})."
            yield _broken("mail", words, "Compare EMAIL_URL with its address, port, user and password.")
        else:
            yield _fine("mail", "The mail server lets us in.")


def _clock(now: datetime) -> Iterator[Finding]:
    base = ContentType.objects.annotate(now=Now()).values_list("now", flat=True)[:1].get()
    leads = [("the database", now - base)]
    rows = models.Connection.objects.exclude(last_call_at=None).values_list("system", "external_id", "clock_lead")
    leads += [(f"{System(system).label} {key}", timedelta(seconds=lead or 0)) for system, key, lead in rows]
    whose, most = max(leads, key=lambda one: abs(one[1]))
    if abs(most) <= OFF:
        yield _fine("clock", f"It agrees with the database and the vendors to {round(abs(most).total_seconds())} seconds.")
    else:
        make = _broken if abs(most) > TOO_FAR_OFF else _warned
        words = f"It differs from that of {whose} by {round(abs(most).total_seconds())} seconds."
        yield make("clock", words, "Switch on time synchronization: `timedatectl set-ntp true`.")


def _disk(now: datetime) -> Iterator[Finding]:
    places = {"VAR_DIR": Path(settings.VAR_DIR), "EXPORT_DIR": Path(settings.EXPORT_DIR)}
    free: dict[str, int] = {}
    for name, place in places.items():
        try:
            place.mkdir(mode=0o700, parents=True, exist_ok=True)
            probe = place / ".doctor"
            probe.write_bytes(b"")
            probe.unlink()
        except OSError as error:
            yield _broken("disk", f"{name} cannot be written: {error.strerror}.", f"Let the program's user write there, or change {name}.")
        else:
            free[name] = shutil.disk_usage(place).free
    if free:
        name, least = min(free.items(), key=lambda one: one[1])
        words = f"{least / GIGABYTE:.1f} GB are free in {name}."
        if least >= SCARCE:
            yield _fine("disk", words)
        else:
            yield (_broken if least < TOO_SCARCE else _warned)("disk", words, "Make room, or shorten EXPORT_DAYS.")


def _exports(now: datetime) -> Iterator[Finding]:
    try:
        export_places.announce(now=now)
        elsewhere = export_places.elsewhere(now=now)
    except OSError:
        return  # that the place cannot be written was said already
    if elsewhere:
        words = f"{', '.join(elsewhere)} keeps files of exports in another place than this machine: they cannot be downloaded here."
        yield _broken("exports", words, "Mount one directory on all machines, and name it in EXPORT_DIR.")
    else:
        yield _fine("exports", "All machines that were heard of today keep files in one place.")


def _people(now: datetime) -> Iterator[Finding]:
    if User.objects.filter(is_active=True, is_staff=True, is_superuser=True).exists():
        yield _fine("people", "Somebody can sign in and set everything up.")
    else:
        yield _broken("people", "Nobody can sign in and set everything up.", "Run `python3 manage.py createsuperuser`.")


def _fine(about: str, words: str) -> Finding:
    return Finding(about=about, state=State.FINE, words=words)


def _warned(about: str, words: str, remedy: str) -> Finding:
    return Finding(about=about, state=State.WARNING, words=words, remedy=remedy)


def _broken(about: str, words: str, remedy: str) -> Finding:
    return Finding(about=about, state=State.BROKEN, words=words, remedy=remedy)


def _minutes(span: timedelta) -> str:
    return f"{round(span.total_seconds() / 60)} minutes"
