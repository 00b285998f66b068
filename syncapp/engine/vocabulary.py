"""The closed sets that every layer speaks in, each with the sentence a person reads.

Owns the codes stored in the database. Decides nothing.
"""
from __future__ import annotations

from syncapp.engine.auditing import AuditActor, AuditKind, AuditVerb
from syncapp.engine.exporting import ExportContent, ExportFormat, ExportRhythm, ExportState, Weekday
from syncapp.engine.importing import ImportKind, ImportOutcome
from syncapp.engine.operators import FilterOperator
from syncapp.engine.running import RunKind, RunPhase, RunState, RunTrigger
from syncapp.engine.telling import CareVerb, Digest, MailState, NoticeKind
from syncapp.engine.transform_kinds import TransformKind
from syncapp.engine.webhooks import DeliveryState
from syncapp.engine.words import Word

__all__ = [
    "AuditActor", "AuditKind", "AuditVerb", "CareVerb", "ConflictRule", "ConflictStatus", "ConnectionStatus", "CreateTo", "DeletePolicy",
    "DeliveryState", "Digest", "Direction", "Environment", "ExportContent", "ExportFormat", "ExportRhythm", "ExportState", "FieldType",
    "FilterOperator", "ImportKind", "ImportOutcome", "LeaveFilterPolicy", "MailState", "MatchMode", "NamePolicy", "NewProductType",
    "NoticeKind", "ObjectPair", "OperationKind", "OperationStatus", "PairState", "Reason", "RecordState", "RunKind", "RunPhase", "RunState",
    "RunTrigger", "Side", "Standing", "System", "TransformKind", "Weekday",
]

class System(Word):
    """A vendor."""

    HUBSPOT = "HUBSPOT", "HubSpot"
    QUICKBOOKS = "QUICKBOOKS", "QuickBooks Online"


class Side(Word):
    """HubSpot is always left, QuickBooks always right."""

    LEFT = "LEFT", "HubSpot"
    RIGHT = "RIGHT", "QuickBooks"

    @property
    def other(self) -> Side:
        """The opposite side."""
        return Side.RIGHT if self is Side.LEFT else Side.LEFT


class ObjectPair(Word):
    """What a config keeps in step."""

    CONTACT_CUSTOMER = "CONTACT_CUSTOMER", "Contacts ↔ Customers"
    PRODUCT_ITEM = "PRODUCT_ITEM", "Products ↔ Products and services"
    INVOICE = "INVOICE", "Invoices ↔ Invoices"
    PAYMENT = "PAYMENT", "Payments → Notes on deals"
    DEAL = "DEAL", "Invoices → Figures on deals"


class FieldType(Word):
    """What a field holds. Decides how values are compared, filtered and mapped."""

    TEXT = "TEXT", "Text"
    EMAIL = "EMAIL", "E-mail address"
    PHONE = "PHONE", "Phone number"
    URL = "URL", "Web address"
    NUMBER = "NUMBER", "Number"
    BOOLEAN = "BOOLEAN", "Yes or no"
    DATE = "DATE", "Date"
    DATETIME = "DATETIME", "Date and time"
    CHOICE = "CHOICE", "One of a list"
    CHOICES = "CHOICES", "Several of a list"
    REFERENCE = "REFERENCE", "Another record"
    LINES = "LINES", "Lines of an invoice"


class Direction(Word):
    """Which way values flow."""

    BOTH = "BOTH", "Both ways"
    TO_LEFT = "TO_LEFT", "QuickBooks → HubSpot"
    TO_RIGHT = "TO_RIGHT", "HubSpot → QuickBooks"

    def allows(self, side: Side) -> bool:
        """Whether values may be written to that side."""
        return self is Direction.BOTH or self is (Direction.TO_LEFT if side is Side.LEFT else Direction.TO_RIGHT)


class CreateTo(Word):
    """On which side missing records are created."""

    BOTH = "BOTH", "Create missing records on both sides"
    LEFT = "LEFT", "Create missing records in HubSpot only"
    RIGHT = "RIGHT", "Create missing records in QuickBooks only"
    NONE = "NONE", "Create nothing, only update existing pairs"

    def allows(self, side: Side) -> bool:
        """Whether records may be created on that side."""
        return self is CreateTo.BOTH or self.value == side.value


class ConflictRule(Word):
    """Who wins when both sides changed a field. An empty winner changes nothing."""

    LEFT = "LEFT", "HubSpot wins"
    RIGHT = "RIGHT", "QuickBooks wins"
    NEWEST = "NEWEST", "The newest change wins"
    ASK = "ASK", "Ask me"
    CONFIG = "CONFIG", "As the sync says"


class MatchMode(Word):
    """How records that exist on both sides find each other the first time."""

    DEFAULT = "DEFAULT", "The usual key of this object (e-mail for contacts, SKU and then name for products, number for invoices)"
    OWN_FIELD = "OWN_FIELD", "A pair of fields of my choice"
    NONE = "NONE", "Never match; every record without a partner is new"


class DeletePolicy(Word):
    """What happens to the partner of a record that was deleted."""

    REVIEW = "REVIEW", "Change nothing, ask a person"
    ARCHIVE = "ARCHIVE", "Archive the partner"


class LeaveFilterPolicy(Word):
    """What happens to a pair whose record no longer passes the filters."""

    STOP = "STOP", "Stop syncing it (Excluded)"
    KEEP = "KEEP", "Keep syncing it once it was in sync"


class NamePolicy(Word):
    """What happens when the name is taken by another QuickBooks record."""

    FAIL = "FAIL", "Fail, and say so"
    LINK = "LINK", "Link to the record that has the name"
    SUB_CUSTOMER = "SUB_CUSTOMER", "Create a sub-customer of it"
    SUFFIX = "SUFFIX", "Add a suffix to the name"
    HOLD = "HOLD", "Hold for a person"


class NewProductType(Word):
    """What a product becomes when QuickBooks gets it: only what holds no stock and no other products is ever made."""

    SERVICE = "Service", "Service"
    NON_INVENTORY = "NonInventory", "Non-inventory product"


class RecordState(Word):
    """What is known of a remote record's life."""

    LIVE = "LIVE", "Live"
    ARCHIVED = "ARCHIVED", "Archived or inactive"
    GONE = "GONE", "Deleted"
    MERGED = "MERGED", "Merged into another record"


class Standing(Word):
    """The words operators see."""

    IN_SYNC = "IN_SYNC", "In sync"
    EXCLUDED = "EXCLUDED", "Excluded"
    FAILING = "FAILING", "Failing"
    NEEDS_YOU = "NEEDS_YOU", "Needs you"
    WAITING = "WAITING", "Waiting"


class PairState(Word):
    """Where a pair is in its life."""

    HALF = "HALF", "Waiting for a partner"
    CREATING = "CREATING", "Partner is being created"
    LINKED = "LINKED", "In sync"
    CONFLICT = "CONFLICT", "In sync but for a conflict"
    BLOCKED = "BLOCKED", "Waiting for another record"
    AMBIGUOUS = "AMBIGUOUS", "Several possible partners"
    ORPHANED = "ORPHANED", "Partner was deleted"
    MERGE_HOLD = "MERGE_HOLD", "Two pairs met in one record"
    FROZEN = "FROZEN", "Excluded"
    FAILED = "FAILED", "Failing"
    TOMBSTONE = "TOMBSTONE", "Over"

    @property
    def standing(self) -> Standing:
        """The word operators see for it."""
        return _STANDINGS[self]

    @property
    def held(self) -> bool:
        """Whether the planner leaves it alone until a person or an event moves it."""
        return self in {PairState.AMBIGUOUS, PairState.ORPHANED, PairState.MERGE_HOLD, PairState.TOMBSTONE}


_STANDINGS = {
    PairState.HALF: Standing.WAITING, PairState.CREATING: Standing.WAITING,
    PairState.LINKED: Standing.IN_SYNC,
    PairState.CONFLICT: Standing.NEEDS_YOU,
    PairState.BLOCKED: Standing.WAITING,
    PairState.AMBIGUOUS: Standing.NEEDS_YOU,
    PairState.ORPHANED: Standing.NEEDS_YOU,
    PairState.MERGE_HOLD: Standing.NEEDS_YOU,
    PairState.FROZEN: Standing.EXCLUDED, PairState.FAILED: Standing.FAILING, PairState.TOMBSTONE: Standing.EXCLUDED,
}


class Reason(Word):
    """Why a pair is where it is. The detail beside it names fields, values and records."""

    NONE = "NONE", ""
    FILTERED = "FILTERED", "It does not pass the filters."
    NO_KEY = "NO_KEY", "It has no value to be matched by, so it cannot be synced without risking a duplicate."
    BY_HAND = "BY_HAND", "A person excluded it."
    CREATE_OFF = "CREATE_OFF", "It has no partner, and this sync does not create records on the other side."
    INACTIVE = "INACTIVE", "It is archived or inactive and has no partner."
    SEVERAL_CANDIDATES = "SEVERAL_CANDIDATES", "Several records could be its partner."
    CANDIDATE_TAKEN = "CANDIDATE_TAKEN", "The record that matches it already has another partner."
    CANDIDATE_INACTIVE = "CANDIDATE_INACTIVE", "The record that matches it is archived or inactive."
    SAME_KEY_TWICE = "SAME_KEY_TWICE", "Another record on the same side has the same key."
    NAME_TAKEN = "NAME_TAKEN", "The name is a duplicate: another QuickBooks record has it."
    REFUSED = "REFUSED", "The other system refused the values."
    TOO_LONG = "TOO_LONG", "A value is longer than the other system can hold."
    NOT_ALLOWED = "NOT_ALLOWED", "A value is not one that the other system takes."
    CURRENCY_OFF = "CURRENCY_OFF", "Its currency is not enabled in the other system."
    MISSING_REQUIRED = "MISSING_REQUIRED", "A value that the other system requires is missing."
    ACCOUNT_MISSING = "ACCOUNT_MISSING", "The account that a new QuickBooks item needs is not chosen, or QuickBooks does not take it."
    PARTNER_DELETED = "PARTNER_DELETED", "The record was deleted or made inactive on one side."
    EDITED_AND_DELETED = "EDITED_AND_DELETED", "It was edited on one side and deleted on the other."
    MERGED = "MERGED", "Two records were merged, and both had a partner."
    WAITS_FOR = "WAITS_FOR", "It waits for another record to be in sync first."
    NO_PLACE = "NO_PLACE", "Nothing in the other system that it would belong to."
    NOT_FINAL = "NOT_FINAL", "The invoice is not finalized yet."
    NOT_BILLED = "NOT_BILLED", "HubSpot does not bill by this invoice, so none is made in QuickBooks."
    NO_CUSTOMER = "NO_CUSTOMER", (
        "An invoice should have an associated customer. Make sure the associated customer is present in both HubSpot and QuickBooks Online."
    )
    NUMBER_TAKEN = "NUMBER_TAKEN", "The number is already used by another invoice, credit memo or refund in QuickBooks."
    BOOKS_CLOSED = "BOOKS_CLOSED", "QuickBooks' books are closed for the day of this invoice."
    SERVICE_DATE = "SERVICE_DATE", "Enter a service date: QuickBooks recognizes revenue by it, and HubSpot's lines have none."
    TAX_NEEDED = "TAX_NEEDED", "Tax belongs to QuickBooks, so this invoice cannot be made or changed from HubSpot."
    FORBIDDEN_EDIT = "FORBIDDEN_EDIT", "An invoice that was made in HubSpot was changed in QuickBooks in a way that HubSpot cannot follow."
    AMOUNTS_DIFFER = "AMOUNTS_DIFFER", "The amounts of the invoice do not agree."
    CONFLICT = "CONFLICT", "Both sides changed the same field."
    GIVEN_UP = "GIVEN_UP", "It failed too often and is set aside."
    RETRYING = "RETRYING", "The last try failed for a passing cause; it is tried again."
    FAULT = "FAULT", "This program failed on it; the log says more. The other records go on."


class OperationKind(Word):
    """What is done to a remote record."""

    CREATE = "CREATE", "Create"
    UPDATE = "UPDATE", "Update"
    ARCHIVE = "ARCHIVE", "Archive"


class OperationStatus(Word):
    """How far an operation is."""

    PROPOSED = "PROPOSED", "Waits for approval"
    PLANNED = "PLANNED", "Planned"
    READY = "READY", "Ready to send"
    SENDING = "SENDING", "Being sent"
    DONE = "DONE", "Done"
    SUPERSEDED = "SUPERSEDED", "Overtaken by a newer plan"
    FAILED = "FAILED", "Failed"


class ConflictStatus(Word):
    """How far a conflict is."""

    OPEN = "OPEN", "Open"
    BY_RULE = "BY_RULE", "Decided by the rule"
    BY_PERSON = "BY_PERSON", "Decided by a person"
    OUTDATED = "OUTDATED", "No longer a conflict"


class ConnectionStatus(Word):
    """Whether a connection can be used."""

    CONNECTED = "CONNECTED", "Connected"
    NEEDS_RECONNECT = "NEEDS_RECONNECT", "Needs to be connected again"
    DISCONNECTED = "DISCONNECTED", "Disconnected"


class Environment(Word):
    """Which of a vendor's worlds a connection belongs to."""

    PRODUCTION = "PRODUCTION", "Production"
    VENDOR_SANDBOX = "VENDOR_SANDBOX", "The vendor's test accounts"
    LOCAL_SANDBOX = "LOCAL_SANDBOX", "Sandbox on this machine"
