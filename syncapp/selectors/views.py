"""The saved views of the list of records: one's own, and those that others share."""
from __future__ import annotations

from django.contrib.auth.models import AbstractBaseUser
from django.db.models import Q, QuerySet

from syncapp import models


def offered(*, user: AbstractBaseUser) -> QuerySet[models.SavedView]:
    """List the views that a person may open."""
    named = models.SavedView.objects.exclude(name="").filter(Q(owner_id=user.pk) | Q(shared=True))
    return named.select_related("owner", "config")


def opened(*, user: AbstractBaseUser, pk: str) -> models.SavedView | None:
    """Find the view that an address names, where the person may open it."""
    return offered(user=user).filter(pk=int(pk)).first() if pk.isdecimal() and len(pk) <= 18 else None


def only_sync() -> models.SyncConfig | None:
    """Find the sync that a list shows where nobody has to choose one."""
    found = list(models.SyncConfig.objects.select_related("left", "right")[:2])
    return found[0] if len(found) == 1 else None


def sync(*, pk: int) -> models.SyncConfig | None:
    """Find a sync with both its accounts."""
    return models.SyncConfig.objects.select_related("left", "right").filter(pk=pk).first()
