"""The buttons of a pair: what a person can decide about it."""
from __future__ import annotations

from collections.abc import Iterable

from django.contrib import messages
from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone

from syncapp import models
from syncapp.admin import config_doors, doors
from syncapp.engine.vocabulary import Direction, RecordState, RunKind, RunTrigger, Side
from syncapp.engine.wording import say
from syncapp.selectors import comparisons, words
from syncapp.services import addresses, conflicts, defaults, editing, forbidden, pairs, partners, runs

DECIDE = "syncapp.change_recordpair"
RUN = "syncapp.run_syncconfig"


def _then(words: str) -> str:
    """What was decided, and that the next run does it."""
    return f"{words} {say('The next run carries it out.')}"


def sync_now(request: HttpRequest, pair: models.RecordPair) -> doors.Said:
    """Start a run of the pair's sync."""
    run = runs.start(config=pair.config, kind=RunKind.DELTA, trigger=RunTrigger.HAND, now=timezone.now(), actor=doors.person(request))
    return doors.Said(words=say("The sync is running."), to=reverse("admin:syncapp_syncrun_change", args=[run.pk]))


def retry(request: HttpRequest, pair: models.RecordPair) -> doors.Said:
    """Have a pair looked at again."""
    pairs.retry(pair=pair)
    return doors.Said(words=say("The pair is looked at again in the next run."))


def exclude(request: HttpRequest, pair: models.RecordPair) -> doors.Said:
    """Leave a pair out."""
    pairs.exclude(pair=pair, excluded=True, now=timezone.now())
    return doors.Said(words=_then(say("The pair is excluded.")))


def include(request: HttpRequest, pair: models.RecordPair) -> doors.Said:
    """Take a pair in again."""
    pairs.exclude(pair=pair, excluded=False, now=timezone.now())
    return doors.Said(words=_then(say("The pair is taken in again.")))


def unlink(request: HttpRequest, pair: models.RecordPair) -> doors.Said:
    """Part a pair."""
    pairs.unlink(pair=pair, now=timezone.now())
    return doors.Said(words=say("The two records are no longer a pair. Both stay as they are and are excluded until you include them."))


def link(request: HttpRequest, pair: models.RecordPair) -> doors.Said:
    """Make the record that a person chose the partner."""
    joined = partners.link(pair=pair, external_id=request.POST.get("record", ""), now=timezone.now())
    page = "" if request.POST.get("next") else reverse("admin:syncapp_recordpair_change", args=[joined.pk])
    return doors.Said(words=_then(say("The two are a pair now.")), to=page)


def relink(request: HttpRequest, pair: models.RecordPair) -> doors.Said:
    """Make a record that a person found the partner, instead of the one there is."""
    side = Side.LEFT if request.POST.get("side") == Side.LEFT else Side.RIGHT
    joined = partners.relink(pair=pair, side=side, external_id=request.POST.get("record", ""), now=timezone.now())
    return doors.Said(words=_then(say("The two are a pair now.")), to=reverse("admin:syncapp_recordpair_change", args=[joined.pk]))


def edit(request: HttpRequest, pair: models.RecordPair) -> doors.Said:
    """Have both records get a value that a person typed."""
    made = editing.edit(
        pair=pair, key=request.POST.get("field", ""), text=request.POST.get("value", ""), actor=doors.person(request), now=timezone.now()
    )
    return doors.Said(words=_then(say("{field}: both sides get “{value}”.", field=made.field_label, value=words.shown(made.chosen))))


def alone(request: HttpRequest, pair: models.RecordPair) -> doors.Said:
    """Have a partner of its own made for a record that none of the possible ones is."""
    partners.alone(pair=pair, now=timezone.now())
    return doors.Said(words=_then(say("None of them is its partner; it gets one of its own if the filters let it in.")))


def one_left(pair: models.RecordPair) -> str:
    """What to ask before the record that is left is archived."""
    side = Side.LEFT if pair.left is not None and pair.left.state == RecordState.LIVE else Side.RIGHT
    record = pair.left if side is Side.LEFT else pair.right
    return say(
        "The {vendor} record “{record}” is archived there, or made inactive, in the next run. Its partner was deleted already.",
        vendor=side.label, record=record or pair,
    )


def archive(request: HttpRequest, pair: models.RecordPair) -> doors.Said:
    """Have the record archived whose partner was deleted."""
    partners.archive(pair=pair)
    return doors.Said(words=_then(say("The record that is left is archived too, unless it is changed before that.")))


def keep(request: HttpRequest, pair: models.RecordPair) -> doors.Said:
    """Keep one of two pairs whose records were merged."""
    partners.keep(pair=pair, now=timezone.now())
    return doors.Said(words=_then(say("This pair is kept. The other record is excluded until you include or link it.")))


def decide(request: HttpRequest, pair: models.RecordPair) -> doors.Said:
    """Decide a conflict: for one side, or with a value of the person's own."""
    found = get_object_or_404(models.Conflict.objects.select_related("pair"), pk=request.POST.get("conflict", "0"), pair=pair)
    choice, now = request.POST.get("choice", ""), timezone.now()
    if choice in set(Side):
        conflicts.take(conflict=found, side=Side(choice), actor=doors.person(request), now=now)
        return doors.Said(words=_then(say("{field}: {side} wins.", field=found.field_label, side=Side(choice).label)))
    typed = request.POST.get("value", "").strip()
    if not typed:
        return doors.Said(words=say("Type the value that both sides should have."), level=messages.ERROR)
    conflicts.type_value(conflict=found, text=typed, actor=doors.person(request), now=now)
    return doors.Said(words=_then(say("{field}: both sides get “{value}”.", field=found.field_label, value=typed)))


def take_quickbooks(request: HttpRequest, pair: models.RecordPair) -> doors.Said:
    """Leave QuickBooks as it is."""
    forbidden.take(pair=pair, actor=doors.person(request), now=timezone.now())
    return doors.Said(words=_then(say("The invoice stays as it is in QuickBooks, and HubSpot's stays as it is too.")))


def restore(request: HttpRequest, pair: models.RecordPair) -> doors.Said:
    """Write HubSpot's lines into QuickBooks once more."""
    forbidden.restore(pair=pair, actor=doors.person(request), now=timezone.now())
    return doors.Said(words=_then(say("QuickBooks gets the lines that HubSpot has.")))


def vendor_url(end: comparisons.End) -> str:
    """Tell where a person sees a record at its vendor, "" where that is not known. It makes no call."""
    return addresses.Addresses().of(end.record, end.connection) if end.record is not None else ""


DOORS = (
    doors.Door(name="sync", permission=RUN, act=sync_now, asks=lambda pair: config_doors.unscheduled(pair.config)),
    doors.Door(name="retry", permission=DECIDE, act=retry),
    doors.Door(name="exclude", permission=DECIDE, act=exclude),
    doors.Door(name="include", permission=DECIDE, act=include),
    doors.Door(name="unlink", permission=DECIDE, act=unlink),
    doors.Door(name="link", permission=DECIDE, act=link),
    doors.Door(name="relink", permission=DECIDE, act=relink),
    doors.Door(name="edit", permission=DECIDE, act=edit),
    doors.Door(name="alone", permission=DECIDE, act=alone),
    doors.Door(name="archive", permission=DECIDE, act=archive, asks=one_left),
    doors.Door(name="keep", permission=DECIDE, act=keep),
    doors.Door(name="decide", permission=DECIDE, act=decide),
    doors.Door(name="take", permission=DECIDE, act=take_quickbooks),
    doors.Door(name="restore", permission=DECIDE, act=restore),
)


def name_url(request: HttpRequest, pair: models.RecordPair, mappings: Iterable[models.FieldMapping]) -> str:
    """The address where the mapping that makes a record's name is tried on a record without a QuickBooks partner; "" for others."""
    field = defaults.of(pair.config.object_pair).name_field
    if pair.right_id is not None or not field or not request.user.has_perm("syncapp.view_syncconfig"):
        return ""
    naming = (one for one in mappings if one.active and one.right_field.name == field and one.direction != Direction.TO_LEFT)
    first = next(naming, None)
    return f"{reverse('admin:syncapp_fieldmapping_change', args=[first.pk])}?pair={pair.pk}#try" if first is not None else ""
