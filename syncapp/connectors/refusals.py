"""A client's errors in the engine's words.

Owns the table from one to the other. Adds nothing to what the client says, and keeps no exception chained: its traceback could
show what must not be shown.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from integrations import errors as client_errors
from syncapp.engine import errors

Result = TypeVar("Result")

_KINDS: tuple[tuple[type[client_errors.ApiError], type[errors.SyncError]], ...] = (
    (client_errors.Transient, errors.Transient),
    (client_errors.RateLimited, errors.RateLimited),
    (client_errors.OutcomeUnknown, errors.OutcomeUnknown),
    (client_errors.NeedsReconnect, errors.NeedsReconnect),
    (client_errors.StaleRevision, errors.StaleRevision),
    (client_errors.AlreadyExists, errors.AlreadyExists),
    (client_errors.Gone, errors.Gone),
    (client_errors.Rejected, errors.Rejected),
    (client_errors.Misconfigured, errors.Misconfigured),
    (client_errors.Misunderstood, errors.Misunderstood),
)


def translated(error: client_errors.ApiError) -> errors.SyncError:
    """Return the engine's error for a client's error."""
    kind = next((ours for theirs, ours in _KINDS if isinstance(error, theirs)), errors.Misunderstood)
    return kind(
        error.sentence,
        system=error.system,
        operation=error.operation,
        code=error.code or "",
        request_id=error.request_id or "",
        field=getattr(error, "field", None) or "",
        existing_id=getattr(error, "existing_id", None) or "",
        wait=getattr(error, "until", 0.0),
        policy=getattr(error, "policy", ""),
    )


def asked(call: Callable[[], Result]) -> Result:
    """Make the call and return its result, or raise the engine's error for the client's."""
    try:
        return call()
    except client_errors.ApiError as error:
        refusal = translated(error)
    raise refusal
