"""What can go wrong at a vendor, named by what to do next.

    SyncError
    ├── Transient            try again later
    ├── RateLimited          wait, then go on; no attempt is counted
    ├── OutcomeUnknown       a write without an answer: read back before anything else
    ├── NeedsReconnect       the token is dead: stop, ask a person to connect again
    ├── Misconfigured        our own client id, secret or setting is wrong
    ├── StaleRevision        the record moved: read it again, plan again
    ├── AlreadyExists        look it up, adopt it or ask
    ├── Gone                 it was deleted or merged: read by id, then the delete policy
    ├── Rejected             the vendor refuses the data: a person
    └── Misunderstood        not as documented: our fault, loud

An error carries safe words only: never a body, never a token. `str(error)` is fit for a page.
"""
from __future__ import annotations


class SyncError(Exception):
    """A vendor's refusal or silence, with what may be shown of it."""

    def __init__(
        self, words: str, *, system: str = "", operation: str = "", code: str = "", request_id: str = "",
        field: str = "", existing_id: str = "", wait: float = 0.0, policy: str = "",
    ) -> None:
        super().__init__(words)
        self.words = words
        self.system = system
        self.operation = operation
        self.code = code
        self.request_id = request_id
        self.field = field
        self.existing_id = existing_id
        self.wait = wait
        self.policy = policy


class Transient(SyncError):
    """Try again later."""


class RateLimited(SyncError):
    """Wait `wait` seconds; no attempt is counted."""


class OutcomeUnknown(SyncError):
    """A write without an answer."""


class NeedsReconnect(SyncError):
    """The token is dead."""


class Misconfigured(SyncError):
    """Our own credentials or settings are refused."""


class StaleRevision(SyncError):
    """The record has a newer revision than we knew."""


class AlreadyExists(SyncError):
    """Something with that key is there already; `existing_id` names it where the vendor does."""


class Gone(SyncError):
    """The record is no longer there under its id."""


class Rejected(SyncError):
    """The vendor refuses the data; `field` names the culprit where known."""


class Misunderstood(SyncError):
    """An answer that is not as documented."""
