"""Keep what the settings of a sync were, once a change, and only where they differ.

Owns the numbers. What changed from one to the next is told by `selectors.versions`.
"""
from __future__ import annotations

import hashlib
from datetime import datetime

from django.contrib.auth.models import AbstractBaseUser

from syncapp import models
from syncapp.services import settings_files


def begin(*, config: models.SyncConfig, now: datetime) -> None:
    """Keep the settings as they are saved, ahead of the first change that is kept; does nothing where there is a version already."""
    if not models.ConfigVersion.objects.filter(config_id=config.pk).exists():
        record(config=config, actor=None, now=now)


def record(*, config: models.SyncConfig, actor: AbstractBaseUser | None, now: datetime) -> None:
    """Keep the settings as they are saved now, unless they are those of the newest version. Belongs into the change's transaction."""
    saved = models.SyncConfig.objects.select_related("left", "right").get(pk=config.pk)
    content = settings_files.text(config=saved)
    digest = hashlib.sha256(content.encode()).hexdigest()
    newest = models.ConfigVersion.objects.filter(config=saved).values_list("number", "digest").first()
    if newest is None or newest[1] != digest:
        models.ConfigVersion.objects.create(
            config=saved, number=newest[0] + 1 if newest else 1, content=content, digest=digest,
            made_by_id=actor.pk if actor is not None else None, made_at=now,
        )
