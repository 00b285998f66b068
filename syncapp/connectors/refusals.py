"""A client's errors in the engine's words.

Owns the table from one to the other, and how the reader is told: as the client says it, in the reader's language. Keeps no exception
chained: its traceback could show what must not be shown.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeVar

from integrations import errors as client_errors
from syncapp.engine import errors
from syncapp.engine.wording import later, say

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

_TOLD: Mapping[type[client_errors.ApiError], tuple[str, str]] = {
    client_errors.Transient: (later("{system} could not answer ({operation})"), later("It will be tried again.")),
    client_errors.RateLimited: (
        later("{system} asked us to slow down ({operation})"), later("It goes on by itself when the limit allows."),
    ),
    client_errors.OutcomeUnknown: (
        later("{system} gave no usable answer to a change, which may have taken effect or not ({operation})"),
        later("The record is read back before anything else is done."),
    ),
    client_errors.NeedsReconnect: (
        later("{system} no longer accepts this connection ({operation})"), later("Connect the account again."),
    ),
    client_errors.StaleRevision: (
        later("{system} has a newer version of the record ({operation})"), later("It is read and planned again."),
    ),
    client_errors.AlreadyExists: (later("{system} already has such a record ({operation})"), later("The existing one is looked up.")),
    client_errors.Gone: (
        later("{system} does not have the record (any more) ({operation})"),
        later("The deletion rule of the sync decides what follows."),
    ),
    client_errors.Rejected: (
        later("{system} refused the data ({operation})"),
        later("Correct the record or the mapping; it is then tried again by itself."),
    ),
    client_errors.MissingScopes: (
        later("{system} did not allow the call ({operation})"),
        later("Connect again and grant what is missing, or switch off what needs it."),
    ),
    client_errors.Misunderstood: (
        later("{system} answered in a way we do not understand ({operation})"),
        later("This needs a developer; nothing was taken over from the answer."),
    ),
    client_errors.Misconfigured: (
        later("{system} does not accept our settings ({operation})"),
        later("Check the app's credentials and settings; connecting again does not help."),
    ),
}
"""What happened and what follows, by the client's error."""


def translated(error: client_errors.ApiError) -> errors.SyncError:
    """Return the engine's error for a client's error."""
    kind = next((ours for theirs, ours in _KINDS if isinstance(error, theirs)), errors.Misunderstood)
    return kind(
        _sentence(error),
        system=error.system,
        operation=error.operation,
        code=error.code or "",
        request_id=error.request_id or "",
        field=getattr(error, "field", None) or "",
        existing_id=getattr(error, "existing_id", None) or "",
        wait=getattr(error, "until", 0.0),
        policy=getattr(error, "policy", ""),
    )


def _sentence(error: client_errors.ApiError) -> str:
    """What happened, in the vendor's words where it has any, and what follows."""
    if type(error) not in _TOLD:
        return error.sentence
    happened, remedy = (str(text) for text in _TOLD[type(error)])
    said = happened.format(system=error.system, operation=error.operation)
    told = f"{said}: {error.words.rstrip('.')}. {remedy}" if error.words else f"{said}. {remedy}"
    if isinstance(error, client_errors.MissingScopes) and error.scopes:
        return say("{sentence} Missing: {scopes}.", sentence=told, scopes=", ".join(error.scopes))
    return told


def asked(call: Callable[[], Result]) -> Result:
    """Make the call and return its result, or raise the engine's error for the client's."""
    try:
        return call()
    except client_errors.ApiError as error:
        refusal = translated(error)
    raise refusal
