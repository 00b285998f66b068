"""How Django finds this app and its admin site."""

from __future__ import annotations

import os

from django.apps import AppConfig
from django.contrib.admin.apps import AdminConfig
from django.contrib.auth.signals import user_logged_in
from django.db.models.signals import post_migrate
from django.utils import formats, timezone, translation

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
        """Have the audit locked and the roles made with the tables, note who signs in, and prepare what the queue's workers do.

        They tell the supervisor what they are doing, where one asked for it.
        """
        from syncapp import checks, gate, heartbeat
        from syncapp.services import people
        from syncapp.web import sessions, signing_in

        post_migrate.connect(_after_migrating, sender=self, weak=False, dispatch_uid="syncapp")
        user_logged_in.connect(
            lambda request, user, **_: people.signed_in(user=user, session=request.session, now=timezone.now()), weak=False,
            dispatch_uid="signed_in",
        )
        checks.connect()
        gate.connect()
        signing_in.connect()
        sessions.connect()
        heartbeat.heed_stop()
        if os.environ.get(heartbeat.DIRECTORY_VARIABLE):
            heartbeat.connect()


def _after_migrating(**_: object) -> None:
    """Does nothing half way, where tables are older than the models."""
    from django.db import connection
    from django.db.migrations.loader import MigrationLoader

    from syncapp.services import audit_lock, audit_settings, ports, roles

    migrations = MigrationLoader(connection)
    if not set(migrations.graph.leaf_nodes(SyncAppConfig.label)) <= set(migrations.applied_migrations):
        return
    audit_lock.ensure()
    roles.ensure(now=ports.REAL.now())
    audit_settings.begin()


class SyncAdminConfig(AdminConfig):
    """Django's admin with our site as the default, so that `@admin.register` lands on it."""

    default_site = "syncapp.admin_site.SyncAdminSite"

    def ready(self) -> None:
        """Have every page registered, and the headings of lists made once."""
        super().ready()
        from syncapp.admin import headings

        headings.connect()
