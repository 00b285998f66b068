"""What was done for good: an entry for each write at a vendor and each change of settings, in one chain of hashes.

Owns the chain's columns. An entry is never changed and never deleted: not by these classes, and not by the database, whose own lock
is `services.audit_lock`. No entry points to another table, so that nothing takes one along when it is deleted.
"""
from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any, NoReturn

from django.db import models
from django.db.models import Q

from syncapp.engine import auditing, vocabulary
from syncapp.engine.wording import later, say

HEAD = 1
"""The one chain there is."""


class EntryIsFinal(Exception):
    """An entry of the audit is neither changed nor deleted."""


def _refuse(*_args: object, **_kwargs: object) -> NoReturn:
    raise EntryIsFinal(say("An entry of the audit is neither changed nor deleted."))


class AuditEntries(models.QuerySet["AuditEntry"]):
    """Entries that can be read and added, and nothing else."""

    update = _refuse
    delete = _refuse
    bulk_update = _refuse
    update_or_create = _refuse
    _raw_delete = _refuse

    def bulk_create(  # type: ignore[override]  # what it leaves out is refused
        self, objs: Iterable[AuditEntry], batch_size: int | None = None, **replacing: Any
    ) -> list[AuditEntry]:
        """Add entries; what is there already is not replaced."""
        if any(replacing.values()):
            _refuse()
        return super().bulk_create(objs, batch_size=batch_size)


class AuditEntry(models.Model):
    """One thing that was done, by whom, and what it was before and after."""

    number = models.BigIntegerField(
        later("number"), primary_key=True, help_text=later("Its place in the chain; none is left out and none is used twice.")
    )
    at = models.DateTimeField(later("when"), db_index=True, help_text=later("When it was done."))
    kind = models.CharField(
        later("about"), max_length=12, choices=vocabulary.AuditKind.choices(), help_text=later("What kind of thing it is about.")
    )
    verb = models.CharField(later("what"), max_length=10, choices=vocabulary.AuditVerb.choices(), help_text=later("What was done."))
    actor_kind = models.CharField(
        max_length=10, choices=vocabulary.AuditActor.choices(), help_text=later("Whether a person, a schedule or a command did it.")
    )
    person_id = models.BigIntegerField(null=True, blank=True, help_text=later("The person's number; for a schedule, of its owner."))
    person = models.CharField(
        later("who"), max_length=150, blank=True,
        help_text=later("The person's name at that time; for a schedule its owner's; for a command the account on the machine."),
    )
    schedule = models.CharField(max_length=200, blank=True, help_text=later("The schedule that did it, if one did."))
    run = models.BigIntegerField(null=True, blank=True, db_index=True, help_text=later("The run whose entry it was."))
    operation = models.BigIntegerField(null=True, blank=True, help_text=later("The run's entry."))
    pair = models.BigIntegerField(null=True, blank=True, help_text=later("The record's pair."))
    config = models.BigIntegerField(null=True, blank=True, help_text=later("The sync's number."))
    sync = models.CharField(later("sync"), max_length=100, blank=True, help_text=later("The sync's name at that time."))
    connection = models.BigIntegerField(null=True, blank=True, help_text=later("The number of the account."))
    account = models.CharField(later("account"), max_length=300, blank=True, help_text=later("The account's name at that time."))
    subject_kind = models.CharField(max_length=40, blank=True, help_text=later("The vendor's kind of record."))
    subject_id = models.CharField(
        later("id"), max_length=64, db_index=True, help_text=later("The record's id at the vendor; for settings, their number here.")
    )
    name = models.CharField(later("name"), max_length=200, blank=True, help_text=later("How what was changed is called."))
    changes = models.TextField(default="{}", help_text=later("Old and new by field, written as it was hashed."))
    key = models.CharField(max_length=32, blank=True, help_text=later("The id that we gave the request."))
    request_id = models.CharField(
        later("vendor's request id"), max_length=100, blank=True, help_text=later("The id that the vendor gave the request.")
    )
    note = models.CharField(max_length=300, blank=True, help_text=later("What else is to be known."))
    hash = models.CharField(max_length=64, help_text=later("Made of all this and of the hash before it."))

    objects = AuditEntries.as_manager()

    class Meta:
        base_manager_name = "objects"
        constraints = [models.UniqueConstraint(fields=["key"], condition=~Q(key=""), name="one_audit_entry_per_request")]
        default_permissions = ("view",)
        indexes = [models.Index(fields=["pair"], name="audit_entry_of_pair")]
        ordering = ["-number"]
        verbose_name = later("audit entry")
        verbose_name_plural = later("audit")

    def __str__(self) -> str:
        return say("Audit entry {number}", number=self.number)

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Add it. Raises EntryIsFinal for one that is there already."""
        if not self._state.adding:
            _refuse()
        super().save(*args, **{**kwargs, "force_insert": True})

    def delete(self, *args: Any, **kwargs: Any) -> NoReturn:
        """Raise EntryIsFinal."""
        _refuse()

    @property
    def facts(self) -> dict[str, Any]:
        """Everything that is hashed, as it is hashed."""
        told = {field.attname: getattr(self, field.attname) for field in self._meta.concrete_fields if field.attname != "hash"}
        return {name: _plain(value) for name, value in told.items()}

    @property
    def before_and_after(self) -> dict[str, list[Any]]:
        """Old and new by field."""
        found: dict[str, list[Any]] = json.loads(self.changes)
        return found

    def continued(self, previous: str) -> str:
        """The hash that this entry has after another."""
        return auditing.link(previous=previous, facts=self.facts)


class AuditHead(models.Model):
    """Where the chain ends, and where what is still kept of it begins."""

    number = models.BigIntegerField(default=0, help_text=later("The number of the last entry."))
    hash = models.CharField(max_length=64, default=auditing.BEGINNING, help_text=later("The hash of the last entry."))
    first = models.BigIntegerField(default=1, help_text=later("The number of the first entry that is still kept."))
    base = models.CharField(max_length=64, default=auditing.BEGINNING, help_text=later("The hash that the first entry continues from."))

    class Meta:
        default_permissions = ()
        verbose_name = later("end of the audit")
        verbose_name_plural = later("ends of the audit")

    def __str__(self) -> str:
        return f"{self.number}:{self.hash}"


class AuditedState(models.Model):
    """How settings were when the audit last looked: what the next change is told from. Not a part of the chain."""

    kind = models.CharField(max_length=12, choices=vocabulary.AuditKind.choices(), help_text=later("What kind of settings."))
    subject_id = models.CharField(max_length=64, help_text=later("Their number."))
    facts = models.TextField(help_text=later("The settings, written as they are hashed; secrets as fingerprints."))

    class Meta:
        constraints = [models.UniqueConstraint(fields=["kind", "subject_id"], name="one_audited_state_per_subject")]
        default_permissions = ()
        verbose_name = later("audited state")
        verbose_name_plural = later("audited states")

    def __str__(self) -> str:
        return f"{self.kind} {self.subject_id}"


def _plain(value: Any) -> Any:
    """A value as JSON has it; moments in UTC, so that both databases tell the same."""
    return value.astimezone(UTC).isoformat() if isinstance(value, datetime) else value
