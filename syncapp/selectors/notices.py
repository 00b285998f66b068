"""What people should know or do now: all who may see notices, and one person alone where it concerns nobody else."""
from __future__ import annotations

from django.contrib.auth.models import AbstractBaseUser, AnonymousUser, PermissionsMixin
from django.db.models import Q, QuerySet

from syncapp import models

SHOWN = 10
PERMISSION = "syncapp.view_notice"


def visible(*, user: AbstractBaseUser | AnonymousUser) -> QuerySet[models.Notice]:
    """List the notices that a person may see: one's own, and with the permission those for everybody."""
    mine = Q(user_id=user.pk) if user.pk else Q(pk__in=[])
    may_see_all = isinstance(user, PermissionsMixin) and user.has_perm(PERMISSION)
    return models.Notice.objects.filter(mine | Q(user=None) if may_see_all else mine)


def still_open(*, user: AbstractBaseUser | AnonymousUser) -> QuerySet[models.Notice]:
    """List a person's open notices, urgent ones first."""
    return visible(user=user).filter(closed_at=None).order_by("-urgent", "-created_at", "-pk")


def number_open(*, user: AbstractBaseUser | AnonymousUser) -> int:
    """Count them."""
    return visible(user=user).filter(closed_at=None).count()


def has_any(*, user: AbstractBaseUser | AnonymousUser) -> bool:
    """Tell whether a person may open the list of notices: by permission, or because some are addressed to that person."""
    may_see_all = isinstance(user, PermissionsMixin) and user.has_perm(PERMISSION)
    return may_see_all or (isinstance(user, PermissionsMixin) and models.Notice.objects.filter(user=user.pk or 0).exists())
