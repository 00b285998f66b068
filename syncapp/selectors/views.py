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


def syncs() -> list[models.SyncConfig]:
    """List the syncs whose records can be shown, each with both its accounts."""
    return list(models.SyncConfig.objects.select_related("left", "right"))
