"""What people should know or do now: all who may see notices, and one person alone where it concerns nobody else."""
from __future__ import annotations

from django.contrib.auth.models import AbstractBaseUser, AnonymousUser, PermissionsMixin, User
from django.db.models import Q, QuerySet

from syncapp import models

SHOWN = 10
PERMISSION = "syncapp.view_notice"
CHANGE = "syncapp.change_notice"


def visible(*, user: AbstractBaseUser | AnonymousUser) -> QuerySet[models.Notice]:
    """List the notices that a person may see: one's own, and with the permission those for everybody."""
    mine = Q(user_id=user.pk) if user.pk else Q(pk__in=[])
    return models.Notice.objects.filter(mine | Q(user=None) if may_see_all(user=user) else mine)


def may_see_all(*, user: AbstractBaseUser | AnonymousUser) -> bool:
    """Tell whether a person may see the notices that are for everybody."""
    return isinstance(user, PermissionsMixin) and user.has_perm(PERMISSION)


def may_be_told(*, user: User, notice: models.Notice) -> bool:
    """Tell whether a notice may be sent to a person, who must still be allowed to sign in."""
    allowed = notice.user_id == user.pk if notice.user_id else may_see_all(user=user)
    return user.is_active and user.is_staff and allowed


def closable(*, user: AbstractBaseUser | AnonymousUser) -> QuerySet[models.Notice]:
    """List the open notices that a person may close: one's own, and with the permission to change them those for everybody."""
    found = visible(user=user).filter(closed_at=None)
    may_all = isinstance(user, PermissionsMixin) and user.has_perm(CHANGE)
    return found if may_all else found.filter(user_id=user.pk or 0)


def still_open(*, user: AbstractBaseUser | AnonymousUser) -> QuerySet[models.Notice]:
    """List a person's open notices, urgent ones first."""
    return visible(user=user).filter(closed_at=None).order_by("-urgent", "-created_at", "-pk")


def has_any(*, user: AbstractBaseUser | AnonymousUser) -> bool:
    """Tell whether a person may open the list of notices: by permission, or because some are addressed to that person."""
    return may_see_all(user=user) or (isinstance(user, PermissionsMixin) and models.Notice.objects.filter(user=user.pk or 0).exists())
