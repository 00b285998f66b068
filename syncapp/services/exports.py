"""Make files of lists: ask for one, write it, give it out, remove it. What is in them is the business of `services.export_contents`.

Owns the states of an export and the directory of the files. A file is written beside its place and moved there when it is complete, so
a crash leaves no half file and a repeated call makes no second one. Sending it is the business of `services.export_mail`.
"""
from __future__ import annotations

import errno
import hashlib
import logging
import os
import secrets
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from django.conf import settings
from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone

from syncapp import models, queue
from syncapp.engine.vocabulary import ExportContent, ExportFormat, ExportState, NoticeKind
from syncapp.engine.wording import later, say
from syncapp.selectors import personal
from syncapp.services import export_contents, export_places, export_writers, garbage, notices, ports

logger = logging.getLogger(__name__)

AT_ONCE = 2000
MOST = 100_000
MOST_CELLS = 3_000_000
CHUNK = 500
SILENT = timedelta(minutes=6)
"""Longer than the queue lets anything work: who has been silent so long is dead."""
UNHEARD = timedelta(seconds=50)
MOST_ATTEMPTS = 3
NOT_ALLOWED = later("The person who asked for it may no longer export this.")
NO_PLACE = later(
    "The file could not be written. Ask the person who installed this program whether the disk is full, then ask for it again."
)
TOO_MUCH = later("It has more lines than one file can hold. Narrow the filters, then ask for it again.")
GIVEN_UP = later("It was interrupted too often. Ask for it again, with fewer records or columns.")


class ExportRefused(Exception):
    """The export cannot be made; the text says why and what to do."""


class _Taken(Exception):
    """Another worker has taken over."""


class _TooMuch(Exception):
    """It turned out to have more values than a file may hold."""


@dataclass(frozen=True, kw_only=True)
class _Written:
    """How much is in a file: of what it is filled with, and in lines."""

    done: int = 0
    lines: int = 0


def may_export(user: User, content: ExportContent = ExportContent.RECORDS) -> bool:
    """Tell whether a person may export something, asked anew each time."""
    return user.is_active and user.is_staff and user.has_perms(export_contents.PERMISSIONS[content])


def may_have(*, user: User, export: models.ExportFile) -> bool:
    """Tell whether a person may download an export: its owner or an administrator, with the permission to export what it holds."""
    return may_export(user, ExportContent(export.content)) and (user.is_superuser or export.owner_id == user.pk)


def ask(
    *, owner: User, format: ExportFormat, query: str, name: str, content: ExportContent = ExportContent.RECORDS,
    columns: Sequence[str] = (), config: models.SyncConfig | None = None, at_once: bool = True, outside: ports.Ports = ports.REAL,
) -> models.ExportFile:
    """Write a small export at once if wished, and queue all others. Raises ExportRefused."""
    if not may_export(owner, content):
        raise ExportRefused(say("You may not export {content}. Ask an administrator for the permission.", content=content.label.lower()))
    held = export_contents.of(content=content, query=query, keys=columns, config=config, me=owner, now=outside.now())
    if held.missing:
        raise ExportRefused(held.missing)
    total = held.found.count()
    if total > MOST or total * len(held.headings) > MOST_CELLS:
        raise ExportRefused(say(
            "{counted} with {columns} columns are more than one file can hold: at most {most:,} of them, and {values:,} values. Narrow the"
            " filters or choose fewer columns.", counted=content.counted(total), columns=len(held.headings), most=MOST, values=MOST_CELLS,
        ))
    at_once = at_once and total * held.lines_each <= AT_ONCE
    with transaction.atomic():
        made = models.ExportFile.objects.create(
            owner=owner, content=content, format=format, query=query, columns=list(columns), config=config, name=name[:100], total=total
        )
        if not at_once:
            queue.enqueue_export(export_id=made.pk)
    logger.info("Export %s: %s as %s for user %s.", made.pk, content.counted(total), format.value, owner.pk)
    if at_once:
        write(export_id=made.pk, outside=outside)
        made.refresh_from_db()
    return made


def write(*, export_id: int, outside: ports.Ports = ports.REAL) -> ExportState:
    """Write the file, tell its owner and have it sent. Twice is harmless: who comes second leaves it to the first."""
    attempt = _claimed(export_id, outside.now())
    if attempt is None:
        return ExportState(models.ExportFile.objects.get(pk=export_id).state)
    export = models.ExportFile.objects.select_related("owner", "config", "config__left", "config__right").get(pk=export_id)
    with personal.as_read_by(user=export.owner):
        return _made(export, attempt, outside)


def _made(export: models.ExportFile, attempt: int, outside: ports.Ports) -> ExportState:
    if not may_export(export.owner, ExportContent(export.content)):
        return _failed(export, NOT_ALLOWED, outside.now())
    held = content_of(export, now=outside.now())
    if held.missing:
        return _failed(export, held.missing, outside.now())
    path = directory() / f"{export.pk}-{attempt}-{secrets.token_hex(16)}.part"
    try:
        _fill(export, attempt, path, held, outside)
        return _finish(export, attempt, path, outside.now())
    except _Taken:
        return ExportState(models.ExportFile.objects.get(pk=export.pk).state)
    except _TooMuch:
        return _failed(export, TOO_MUCH, outside.now())
    except OSError as error:
        logger.error("Export %s cannot be written: %s.", export.pk, error.strerror)
        return _failed(export, NO_PLACE, outside.now())
    finally:
        path.unlink(missing_ok=True)


def save_to(
    *, path: Path, view: models.SavedView, format: ExportFormat, replace: bool = False, outside: ports.Ports = ports.REAL
) -> int:
    """Write what a saved view shows into a file, for the shell, and tell how many records are in it.

    The file appears complete or not at all. Raises FileExistsError where there is one already that may not be replaced.
    """
    if not replace and path.exists():
        raise FileExistsError(errno.EEXIST, "there is a file already", str(path))
    held = export_contents.of(
        content=ExportContent.RECORDS, query=view.query, keys=view.columns, config=view.config, me=view.owner, now=outside.now()
    )
    part = path.with_name(f".{path.name}.{secrets.token_hex(8)}.part")
    try:
        done = max((so_far.done for so_far in _written(format=format, path=part, title=ExportContent.RECORDS.label, held=held)), default=0)
        if not replace:
            path.open("xb").close()  # takes the place, where nobody else has taken it meanwhile
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
    return done


def content_of(export: models.ExportFile, *, now: datetime) -> export_contents.Content:
    """Find what an export holds."""
    return export_contents.of(
        content=ExportContent(export.content), query=export.query, keys=export.columns, config=export.config, me=export.owner, now=now
    )


def directory() -> Path:
    """The directory of the files: readable by this program alone, and outside of everything that is served."""
    found = Path(settings.EXPORT_DIR)
    found.mkdir(mode=0o700, parents=True, exist_ok=True)
    return found


def path_of(export: models.ExportFile) -> Path | None:
    """Find the file of an export, None where there is none any more."""
    found = directory() / export.file if export.file and export.state == ExportState.READY else None
    return found if found is not None and found.is_file() else None


def file_name(export: models.ExportFile) -> str:
    """Name the file as a person meets it."""
    plain = "".join(one if one.isascii() and one.isalnum() else "-" for one in export.name.lower()).strip("-")
    day = (export.finished_at or export.created_at).strftime("%Y-%m-%d")
    return f"{'-'.join(filter(None, plain.split('-'))) or 'records'}-{day}.{ExportFormat(export.format).extension}"


def page(export: models.ExportFile) -> str:
    """The page of an export."""
    return f"/syncapp/exportfile/{export.pk}/change/"


def remove(*, export: models.ExportFile, now: datetime) -> bool:
    """Remove the file of an export ahead of its time, and tell whether there was one."""
    ended = models.ExportFile.objects.filter(pk=export.pk, state=ExportState.READY)
    changed = ended.update(state=ExportState.EXPIRED, expires_at=now)
    _unlink(export)
    notices.close(subject=subject(export), now=now)
    return bool(changed)


def sweep(*, now: datetime) -> None:
    """Ring again for exports that were lost, remove files whose time is over and what no export knows of."""
    for export in models.ExportFile.objects.filter(state__in=[ExportState.QUEUED, ExportState.WRITING]):
        silent = now - (export.beat_at or export.created_at)
        if silent >= (SILENT if export.state == ExportState.WRITING else UNHEARD):
            if export.attempts >= MOST_ATTEMPTS:
                _failed(export, GIVEN_UP, now)
            else:
                queue.enqueue_export(export_id=export.pk)
    for export in models.ExportFile.objects.filter(state=ExportState.READY, expires_at__lte=now):
        remove(export=export, now=now)
    if settings.EXPORT_DIR.is_dir():
        export_places.announce(now=now)
        _tidy(now)


def subject(export: models.ExportFile) -> str:
    """What the notice of an export is about."""
    return f"export {export.pk}"


def _claimed(export_id: int, now: datetime) -> int | None:
    """Take an export that nobody works on, and tell the number of the attempt."""
    free = Q(state=ExportState.QUEUED) | Q(state=ExportState.WRITING, beat_at__lte=now - SILENT)
    with transaction.atomic():
        mine = models.ExportFile.objects.filter(free, pk=export_id, attempts__lt=MOST_ATTEMPTS)
        if not mine.update(state=ExportState.WRITING, beat_at=now, attempts=F("attempts") + 1, done=0):
            return None
        return models.ExportFile.objects.values_list("attempts", flat=True).get(pk=export_id)


def _fill(export: models.ExportFile, attempt: int, path: Path, held: export_contents.Content, outside: ports.Ports) -> None:
    # A small file is written while its owner's page is made, which is in the owner's time zone. Files are in UTC.
    title = ExportContent(export.content).label
    with timezone.override(UTC):
        for so_far in _written(format=ExportFormat(export.format), path=path, title=title, held=held):
            _beat(export, attempt, so_far.done, outside.now())
            if so_far.lines * len(held.headings) > MOST_CELLS:
                raise _TooMuch


def _written(*, format: ExportFormat, path: Path, title: str, held: export_contents.Content) -> Iterator[_Written]:
    """Write a file, and tell after each chunk how much is in it."""
    done = lines = 0
    with garbage.of_our_own(), export_writers.opened(format=format, path=path, title=title, headings=held.headings) as file:
        for chunk in held.chunks(CHUNK):
            for line in held.lines(chunk):
                file.write(line)
                lines += 1
            done += len(chunk)
            yield _Written(done=done, lines=lines)


def _beat(export: models.ExportFile, attempt: int, done: int, now: datetime) -> None:
    mine = models.ExportFile.objects.filter(pk=export.pk, state=ExportState.WRITING, attempts=attempt)
    if not mine.update(done=done, total=max(done, export.total), beat_at=now):
        raise _Taken


def _finish(export: models.ExportFile, attempt: int, path: Path, now: datetime) -> ExportState:
    """Move the file to its place and say so, in one transaction with the notice and the call to send it."""
    with path.open("rb+") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
        os.fsync(file.fileno())
    done = models.ExportFile.objects.values_list("done", flat=True).get(pk=export.pk)
    kept = path.with_suffix(f".{ExportFormat(export.format).extension}")
    size = path.stat().st_size
    path.rename(kept)
    with transaction.atomic():
        mine = models.ExportFile.objects.filter(pk=export.pk, state=ExportState.WRITING, attempts=attempt)
        changed = mine.update(
            state=ExportState.READY, file=kept.name, size=size, digest=digest, finished_at=now, total=done,
            expires_at=now + timedelta(days=settings.EXPORT_DAYS),
        )
        if changed:
            words = say("Your export of {counted} is ready.", counted=ExportContent(export.content).counted(done))
            notices.tell(subject=subject(export), words=words, kind=NoticeKind.EXPORT, link=page(export), user=export.owner)
            queue.enqueue_export_mail(export_id=export.pk)
    if not changed:
        kept.unlink(missing_ok=True)
        raise _Taken
    return ExportState.READY


def _failed(export: models.ExportFile, words: str, now: datetime) -> ExportState:
    unfinished = models.ExportFile.objects.filter(pk=export.pk, state__in=[ExportState.QUEUED, ExportState.WRITING])
    if unfinished.update(state=ExportState.FAILED, error=words, finished_at=now):
        logger.warning("Export %s failed: %s", export.pk, words)
        told = say("Your export failed. {why}", why=words)
        notices.tell(subject=subject(export), words=told, kind=NoticeKind.EXPORT, link=page(export), user=export.owner)
    return ExportState.FAILED


def _unlink(export: models.ExportFile) -> None:
    if export.file:
        (directory() / export.file).unlink(missing_ok=True)


def _tidy(now: datetime) -> None:
    """Remove the files of exports that are over, and what a crash left behind."""
    known = set(models.ExportFile.objects.filter(state=ExportState.READY).values_list("file", flat=True))
    for path in settings.EXPORT_DIR.iterdir():
        if path.name not in known and path.name != export_places.MARK and now.timestamp() - path.stat().st_mtime > SILENT.total_seconds():
            path.unlink(missing_ok=True)
