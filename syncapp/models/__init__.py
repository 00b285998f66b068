"""What is remembered: fields, constraints and own-field properties. No calls, no decisions, no signals."""

from __future__ import annotations

from syncapp.models import lookups  # noqa: F401 - queries may use the lookup from the first model on
from syncapp.models.audit import AuditedState, AuditEntry, AuditHead, EntryIsFinal
from syncapp.models.care import CareEvent, PairCare
from syncapp.models.configs import SyncConfig
from syncapp.models.connections import Connection, Credential, VendorField
from syncapp.models.exports import ExportFile, ExportSchedule, SavedView
from syncapp.models.filters import FilterGroup, FilterRule
from syncapp.models.imports import ImportDraft
from syncapp.models.inbox import WebhookDelivery, WebhookTally
from syncapp.models.locks import Bucket, Lease
from syncapp.models.mappings import FieldMapping, Transform, ValueMapping
from syncapp.models.notices import Notice
from syncapp.models.operations import LeftAlone, Operation
from syncapp.models.pairs import Conflict, RecordPair
from syncapp.models.personal import NoticeMail, PersonalSettings
from syncapp.models.records import Record, RecordLink
from syncapp.models.runs import Hint, SyncCursor, SyncRun
from syncapp.models.second_factors import RecoveryCode, SecondFactor
from syncapp.models.versions import ConfigVersion

__all__ = [
    "AuditEntry",
    "AuditHead",
    "AuditedState",
    "Bucket",
    "CareEvent",
    "ConfigVersion",
    "Conflict",
    "Connection",
    "Credential",
    "EntryIsFinal",
    "ExportFile",
    "ExportSchedule",
    "FieldMapping",
    "FilterGroup",
    "FilterRule",
    "Hint",
    "ImportDraft",
    "Lease",
    "LeftAlone",
    "Notice",
    "NoticeMail",
    "Operation",
    "PairCare",
    "PersonalSettings",
    "Record",
    "RecordLink",
    "RecordPair",
    "RecoveryCode",
    "SavedView",
    "SecondFactor",
    "SyncConfig",
    "SyncCursor",
    "SyncRun",
    "Transform",
    "ValueMapping",
    "VendorField",
    "WebhookDelivery",
    "WebhookTally",
]
