"""How Django finds this app and its admin site."""

from __future__ import annotations

import os

from django.apps import AppConfig
from django.contrib.admin.apps import AdminConfig
from django.db.models.signals import post_migrate
from django.utils import formats, translation

from syncapp.engine import wording

# Before any model is read, since models hold texts.
wording.read_from(
    find=translation.gettext, find_counted=translation.ngettext, find_later=translation.gettext_lazy,
    signs=lambda: (str(formats.get_format("THOUSAND_SEPARATOR")), str(formats.get_format("DECIMAL_SEPARATOR"))),
)


class SyncAppConfig(AppConfig):
    """The sync itself."""

    name = "syncapp"
    label = "syncapp"
    verbose_name = wording.later("Sync")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Have the roles made with the tables, and prepare what the queue's workers do beside their jobs.

        They tell the supervisor what they are doing, where one asked for it.
        """
        from syncapp import checks, gate, heartbeat
        from syncapp.services import roles

        post_migrate.connect(lambda **_: roles.ensure(), sender=self, weak=False, dispatch_uid="roles")
        checks.connect()
        gate.connect()
        heartbeat.heed_stop()
        if os.environ.get(heartbeat.DIRECTORY_VARIABLE):
            heartbeat.connect()


class SyncAdminConfig(AdminConfig):
    """Django's admin with our site as the default, so that `@admin.register` lands on it."""

    default_site = "syncapp.admin_site.SyncAdminSite"
