"""Keep an uploaded file until it is carried out, tell what would come of it, and carry it out whole or not at all.

Owns the drafts and the one transaction in which all lines of a file are checked once more and done. Nothing is written at a vendor here;
the next run plans from it. What the lines of each kind mean is the business of the other modules of imports.
"""
from __future__ import annotations

import csv
import io
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.contrib.auth.models import User
from django.db import IntegrityError, transaction

from syncapp import models
from syncapp.engine import cells
from syncapp.engine.vocabulary import ImportKind, ImportOutcome
from syncapp.engine.wording import later, say
from syncapp.services import import_files, import_mappings, import_records, import_settings, import_values, pairs
from syncapp.services.import_lines import Column, Line, Plan

logger = logging.getLogger(__name__)

KEPT = timedelta(hours=1)
LONGEST_NAME = 100
BOM = "\ufeff"
"""Without this mark Excel reads ü as Ã¼."""
OVER = later("This import was carried out already, another file took its place, or its hour is over. Upload the file again.")
CHANGED = later("Nothing was written: something changed since you looked. Look at the lines once more.")


class ImportRefused(Exception):
    """It cannot be carried out; the text says why and what to do."""


@dataclass(frozen=True, kw_only=True)
class Place:
    """What a file is for: the kind of its lines, the sync, and for values the mapping."""

    kind: ImportKind
    config: models.SyncConfig
    mapping: models.FieldMapping | None = None


@dataclass(frozen=True, kw_only=True)
class _Import:
    """One kind of import: its columns, what stands there at present, and what would come of lines.

    Without columns it is no file of lines, and `read` makes one line of the whole.
    """

    columns: Callable[[], tuple[Column, ...]]
    present: Callable[[Place], Sequence[Sequence[str]]]
    plan: Callable[[Place, Sequence[Line], bool], Plan]
    read: Callable[[bytes], Line] | None = None


def columns(*, kind: ImportKind) -> tuple[Column, ...]:
    """List the columns of a kind of file."""
    return _KINDS[kind].columns()


def template(*, place: Place) -> bytes:
    """Make a CSV file with the headings and, where there is something, what stands there at present. Imported again it changes nothing."""
    file = io.StringIO(newline="")
    writer = csv.writer(file)
    writer.writerow([column.name for column in columns(kind=place.kind)])
    writer.writerows([cells.guarded(text) for text in line] for line in _KINDS[place.kind].present(place))
    return f"{BOM}{file.getvalue()}".encode("utf-8", "replace")


def keep(*, owner: User, place: Place, name: str, content: bytes, now: datetime, replaces: bool = False) -> models.ImportDraft:
    """Read a file and keep its lines for the preview, in place of what the person uploaded here before. Raises FileRefused."""
    whole = _KINDS[place.kind].read
    lines = (whole(content),) if whole else import_files.read(name=name, content=content, columns=columns(kind=place.kind))
    with transaction.atomic():
        models.ImportDraft.objects.filter(owner=owner, config=place.config, kind=place.kind, mapping=place.mapping).delete()
        made = models.ImportDraft.objects.create(
            owner=owner, config=place.config, mapping=place.mapping, kind=place.kind, replaces=replaces, name=_plain(name),
            lines=[[line.number, dict(line.cells), line.trouble] for line in lines], expires_at=now + KEPT,
        )
    logger.info("Import %s: %s lines of %s for sync %s by user %s.", made.pk, len(lines), place.kind.value, place.config.pk, owner.pk)
    return made


def mine(*, owner: User, config: models.SyncConfig, pk: int, now: datetime) -> models.ImportDraft:
    """Find a draft of this person for a sync. Raises ImportRefused where there is none (any more)."""
    found = models.ImportDraft.objects.filter(pk=pk, owner=owner, config=config, expires_at__gt=now)
    draft = found.select_related("config__left", "config__right", "mapping__config", "mapping__left_field", "mapping__right_field").first()
    if draft is None:
        raise ImportRefused(OVER)
    return draft


def plan(*, draft: models.ImportDraft) -> Plan:
    """Tell what would come of a draft as things stand now. Changes nothing."""
    place = Place(kind=ImportKind(draft.kind), config=draft.config, mapping=draft.mapping)
    lines = [Line(number=number, cells=found, trouble=trouble) for number, found, trouble in draft.lines]
    return _KINDS[place.kind].plan(place, lines, draft.replaces)


def carry_out(*, draft: models.ImportDraft, seen: str, actor: User, now: datetime) -> str:
    """Check all lines again and do what they say, all or nothing, and tell what was done. The draft is gone then.

    `seen` is the digest of the plan that the person looked at. Raises ImportRefused, and changes nothing, where it is another one by
    now, where anything is wrong, or where somebody was faster.
    """
    try:
        with transaction.atomic():
            mine = models.ImportDraft.objects.filter(pk=draft.pk, owner=actor, expires_at__gt=now)
            if not mine.delete()[0]:
                raise ImportRefused(OVER)
            found = plan(draft=draft)
            if found.wrong or found.digest != seen:
                raise ImportRefused(CHANGED)
            found.carry_out(actor, now)
    except (IntegrityError, pairs.Meanwhile) as error:
        raise ImportRefused(CHANGED) from error
    logger.info("Import %s into sync %s was carried out by user %s.", draft.pk, draft.config_id, actor.pk)
    return _told(draft, found)


def sweep(*, now: datetime) -> int:
    """Remove the drafts whose time is over, and tell how many."""
    return models.ImportDraft.objects.filter(expires_at__lte=now).delete()[0]


def _told(draft: models.ImportDraft, found: Plan) -> str:
    if draft.kind == ImportKind.SETTINGS:
        return import_settings.told(file=draft.name, changes=found.number(ImportOutcome.CHANGE))
    done, same = found.number(ImportOutcome.CHANGE), found.number(ImportOutcome.SAME)
    subject = ImportKind(draft.kind).label
    if draft.mapping is not None:
        subject = say("{values} of {mapping}", values=subject, mapping=draft.mapping)
    words = say(
        "{subject} imported from “{file}”: {done} of {lines} lines changed something, {same} were so already.",
        subject=subject, file=draft.name, done=done, lines=done + same, same=same,
    )
    return " ".join([words, *found.told])


def _plain(name: str) -> str:
    """A file's name as it may stand on pages: without what cannot be printed, and not too long."""
    return "".join(one for one in name if one.isprintable())[-LONGEST_NAME:] or "file"


def _mapping(place: Place) -> models.FieldMapping:
    if place.mapping is None:
        raise ValueError("An import of values needs the mapping whose values they are.")
    return place.mapping


def _nothing(_place: Place) -> list[list[str]]:
    return []


_KINDS = {
    ImportKind.LINKS: _Import(
        columns=lambda: import_records.LINK_COLUMNS, present=_nothing,
        plan=lambda place, lines, _: import_records.links(config=place.config, lines=lines),
    ),
    ImportKind.EXCLUSIONS: _Import(
        columns=lambda: import_records.EXCLUSION_COLUMNS, present=_nothing,
        plan=lambda place, lines, _: import_records.exclusions(config=place.config, lines=lines),
    ),
    ImportKind.MAPPINGS: _Import(
        columns=import_mappings.columns, present=lambda place: import_mappings.present(config=place.config),
        plan=lambda place, lines, _: import_mappings.mappings(config=place.config, lines=lines),
    ),
    ImportKind.VALUES: _Import(
        columns=lambda: import_values.COLUMNS, present=lambda place: import_values.present(mapping=_mapping(place)),
        plan=lambda place, lines, replaces: import_values.values(mapping=_mapping(place), lines=lines, replaces=replaces),
    ),
    ImportKind.SETTINGS: _Import(
        columns=lambda: (), present=_nothing, read=lambda content: import_settings.keep(content=content),
        plan=lambda place, lines, _: import_settings.plan(config=place.config, lines=lines),
    ),
}
