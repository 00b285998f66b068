"""Keep the columns and filters of the list of records.

Owns who may change a view: its owner, and an administrator. Everybody remembers columns of their own.
"""
from __future__ import annotations

from collections.abc import Sequence

from django.contrib.auth.models import User
from django.db import IntegrityError, transaction

from syncapp import models
from syncapp.engine.wording import say
from syncapp.services import columns

LONGEST_NAME = 100


class ViewRefused(Exception):
    """A view cannot be kept so; the text says why."""


def remember(*, user: User, config: models.SyncConfig | None, keys: Sequence[str]) -> None:
    """Have the list of a sync show these columns to this person from now on."""
    chosen = [column.key for column in columns.chosen(keys=keys, config=config)]
    own = models.SavedView.objects.filter(owner=user, name="", config=config)
    if own.update(columns=chosen):
        return
    try:
        with transaction.atomic():
            models.SavedView.objects.create(owner=user, config=config, columns=chosen)
    except IntegrityError:
        own.update(columns=chosen)


def save(
    *, user: User, name: str, shared: bool, config: models.SyncConfig | None, keys: Sequence[str], query: str,
    view: models.SavedView | None = None,
) -> models.SavedView:
    """Keep columns and filters under a name. With a view given, that one is changed. Raises ViewRefused."""
    name = " ".join(name.replace("\0", " ").split())
    if not name or len(name) > LONGEST_NAME:
        raise ViewRefused(say("Give the view a name of up to {most} characters.", most=LONGEST_NAME))
    if view is not None and not may_change(user=user, view=view):
        raise ViewRefused(say("This view is somebody else's. Save it under a name of your own."))
    made = view or models.SavedView(owner=user)
    made.name, made.shared, made.config, made.query = name, shared, config, query
    made.columns = [column.key for column in columns.chosen(keys=keys, config=config)]
    try:
        with transaction.atomic():
            made.save()
    except IntegrityError as taken:
        raise ViewRefused(say("You have a view called “{name}” already. Choose another name.", name=name)) from taken
    return made


def delete(*, user: User, view: models.SavedView) -> None:
    """Remove a view; no record is touched. Raises ViewRefused."""
    if not may_change(user=user, view=view):
        raise ViewRefused(say("This view is somebody else's; only its owner can delete it."))
    models.SavedView.objects.filter(pk=view.pk).delete()


def may_change(*, user: User, view: models.SavedView) -> bool:
    """Tell whether a person may change or delete a view."""
    return view.owner_id == user.pk or user.is_superuser
