"""What people should know or do now."""
from __future__ import annotations

from django.db.models import QuerySet

from syncapp import models

SHOWN = 10


def still_open() -> QuerySet[models.Notice]:
    """List the open notices, urgent ones first."""
    return models.Notice.objects.filter(closed_at=None).order_by("-urgent", "-created_at", "-pk")


def number_open() -> int:
    """Count them."""
    return models.Notice.objects.filter(closed_at=None).count()
