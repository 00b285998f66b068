"""A small company with everything the admin shows: both accounts, a sync, pairs in every standing, runs, entries, a conflict, notices."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.contrib.auth.models import Permission, User

from syncapp import models
from syncapp.engine.vocabulary import (
    Direction,
    FilterOperator,
    NoticeKind,
    OperationKind,
    OperationStatus,
    PairState,
    Reason,
    RunKind,
    RunPhase,
    RunState,
    RunTrigger,
    Side,
)
from syncapp.services import audit
from tests.services import made

NOW = made.NOW


def person(name: str, *permissions: str) -> User:
    """Somebody who may sign in, with just these permissions."""
    user = User.objects.create_user(name, password="a long enough pass phrase", is_staff=True)
    for permission in permissions:
        app, _, codename = permission.partition(".")
        user.user_permissions.add(Permission.objects.get(content_type__app_label=app, codename=codename))
    return user


class Scene:
    """Rows that every page has something to show of."""

    def __init__(self) -> None:
        self.erin = person("erin")
        self.sides = made.TwoSides()
        self.config = self.sides.config
        self.left, self.right = self.sides.left, self.sides.right
        self.email = self.sides.mapping("email", "PrimaryEmailAddr.Address", position=0)
        self.first_name = self.sides.mapping("firstname", "GivenName", position=1)
        self.last_name = self.sides.mapping("lastname", "FamilyName", position=2)
        self.name = self.sides.mapping("companies.name", "DisplayName", Direction.TO_RIGHT, position=3)
        self.group = models.FilterGroup.objects.create(config=self.config, side=Side.LEFT, name="Has a new invoice")
        models.FilterRule.objects.create(
            group=self.group, field=self.sides.left_fields["invoices.hs_invoice_status"], operator=FilterOperator.NONE_OF, values=["draft"]
        )
        self.in_sync = self._pair("Ann", "Ann Ltd", PairState.LINKED, was_linked=True, synced_at=NOW)
        self.in_conflict = self._pair("Bea", "Bea Ltd", PairState.CONFLICT, Reason.CONFLICT, detail={"fields": ["Firstname"]})
        self.excluded = self._pair("Cal", None, PairState.FROZEN, Reason.FILTERED, detail=self._filtered())
        self.failing = self._pair("Dan", None, PairState.FAILED, Reason.NAME_TAKEN, failing_since=NOW, detail={
            "code": "6240", "field": "DisplayName", "words": "Duplicate Name Exists Error",
            "holder": str(models.Record.objects.get(label="Ann Ltd").external_id),
            "holder_name": "Ann Ltd", "name": "Ann Ltd",
        })
        self.waiting = self._pair("Eve", None, PairState.CREATING)
        self.conflict = models.Conflict.objects.create(
            pair=self.in_conflict, key=self.first_name.key, field_label="First name", base="Bea", left="Beatrice", right="Beate"
        )
        self.preview = self._run(RunKind.PREVIEW, RunState.SUCCEEDED, counts={"planned": 1})
        self.run = self._run(RunKind.DELTA, RunState.SUCCEEDED, counts={"read_left": 5, "created_right": 1}, words="1 failed")
        self.braked = self._run(RunKind.DELTA, RunState.BRAKED, brakes=["This run would create 60 records in QuickBooks."])
        self.planned = self._entry(self.preview, self.waiting, OperationStatus.PLANNED, OperationKind.CREATE, [None, "Eve"])
        self.failed = self._entry(
            self.run, self.failing, OperationStatus.FAILED, OperationKind.CREATE, [None, "Dan"],
            error_words="Duplicate Name Exists Error", request_id="req-77",
        )
        self.done = self._entry(self.run, self.in_sync, OperationStatus.DONE, OperationKind.UPDATE, ["An", "Ann"], finished_at=NOW)
        audit.written(sync=self.config, connection=self.right, operations=[self.done], now=NOW)
        self.audited = models.AuditEntry.objects.get(operation=self.done.pk)
        self.notice = models.Notice.objects.create(
            subject="brake of sync 1", words="The sync stopped before writing.", kind=NoticeKind.BRAKE, urgent=True,
            link=f"/syncapp/syncrun/{self.braked.pk}/change/",
        )

    def _record(self, connection: models.Connection, name: str) -> models.Record:
        left = connection == self.left
        values = {"firstname": name, "email": f"{name}@example.com"} if left else {"GivenName": name, "DisplayName": name}
        return models.Record.objects.create(
            connection=connection, kind="contacts" if left else "customer",
            external_id=f"{'1' if left else '9'}{models.Record.objects.count()}",
            label=name, values=values, observed_at=NOW, remote_updated_at=NOW,
        )

    def _pair(self, left: str, right: str | None, state: PairState, reason: Reason = Reason.NONE, **facts: Any) -> models.RecordPair:
        return models.RecordPair.objects.create(
            config=self.config, left=self._record(self.left, left), right=self._record(self.right, right) if right else None, state=state,
            reason=reason, dirty=False, **facts,
        )

    def _filtered(self) -> dict[str, Any]:
        return {"filters": {"LEFT": [{
            "group": "Has a new invoice", "field": "invoices.hs_invoice_status", "label": "Invoice status",
            "condition": "Invoice status is none of Draft", "seen": "no invoice",
            "sentence": "Has a new invoice: Invoice status is none of Draft — this contact has no invoice",
        }]}}

    def _run(self, kind: RunKind, state: RunState, **facts: Any) -> models.SyncRun:
        over = not state.active
        given = {"started_at": NOW, "finished_at": NOW + timedelta(seconds=9) if over else None, **facts}
        return models.SyncRun.objects.create(
            config=self.config, kind=kind, trigger=RunTrigger.HAND, state=state, phase=RunPhase.DONE if over else RunPhase.READ,
            rules={"mappings": [
                {"left": {"name": "firstname", "label": "First Name"}, "right": {"name": "GivenName", "label": "First name"}},
            ]},
            **given,
        )

    def previewed(self) -> models.SyncRun:
        """A preview of the present settings."""
        words = "3 writes planned, none carried out."
        return self._run(RunKind.PREVIEW, RunState.SUCCEEDED, rules_revision=self.config.revision, words=words)

    def under_way(self) -> models.SyncRun:
        """A run that is reading."""
        return self._run(RunKind.DELTA, RunState.RUNNING, counts={"read_left": 3})

    def _entry(
        self, run: models.SyncRun, pair: models.RecordPair, status: OperationStatus, kind: OperationKind, change: list[Any], **facts: Any
    ) -> models.Operation:
        return models.Operation.objects.create(
            run=run, config=self.config, pair=pair, side=Side.RIGHT, kind=kind, record_kind="customer", status=status,
            changes={"GivenName": change}, whys={"GivenName": "Changed in HubSpot."},
            idempotency_key=f"key-{models.Operation.objects.count()}", **facts,
        )
