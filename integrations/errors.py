"""What can go wrong at a vendor, named by what to do next.

Owns the error classes and the cleaning of a vendor's words. Never holds a body, a token or a person's data, so that every
error may be logged and shown as it is.

    ApiError
    ├── Transient          try again later: no answer to a read, a server fault, a lock
    ├── RateLimited        wait `until` seconds, for everybody who uses this limit; not a failed attempt
    ├── OutcomeUnknown     a write without a usable answer: read back before anything else
    ├── NeedsReconnect     the grant is dead: a person connects again
    ├── StaleRevision      the record has moved on: read it again, plan again
    ├── AlreadyExists      another record holds the unique value: look it up
    ├── Gone               no such record: read by id, then the deletion policy
    ├── Rejected           the vendor refuses the data: a person decides
    │   └── MissingScopes  the grant does not cover the call: a person grants more
    ├── Misunderstood      an answer that is not as documented: our fault, loud
    └── Misconfigured      our credentials or settings are wrong: connecting again does not help
"""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import ClassVar, NotRequired, TypedDict, Unpack

MAX_WORDS = 300
CUT = "…"
_EMAIL = re.compile(r"[^\s\"'<>,;:()\[\]]+@[^\s\"'<>,;:()\[\]]+")
_QUOTED = re.compile(r"\"(?P<double>[^\"]*)\"|(?<!\w)'(?P<single>[^']*)'(?!\w)|“(?P<curly>[^”]*)”|`(?P<tick>[^`]*)`")
_PHONE = re.compile(r"\+\d[\d ()./-]{6,}\d")
_OPAQUE = re.compile(r"\S{41,}")


def safe_words(text: str, *, keep: Collection[str] = ()) -> str:
    """Make a vendor's message fit for logs and pages.

    E-mail addresses, telephone numbers, quoted values and long opaque strings are cut; quoted names listed in `keep` (fields,
    which are not personal) stay, without their quotes. Applying it twice changes nothing more.
    """

    def unquote(match: re.Match[str]) -> str:
        value = next((group for group in match.groups() if group is not None), "")
        return value if value in keep else CUT

    words = _QUOTED.sub(unquote, text.replace('\\"', '"'))
    words = _EMAIL.sub(CUT, words)
    words = _PHONE.sub(CUT, words)
    words = _OPAQUE.sub(CUT, words)
    words = " ".join(words.split())
    return words if len(words) <= MAX_WORDS else words[: MAX_WORDS - 1].rstrip() + CUT


class Facts(TypedDict):
    """What every error is told."""

    system: str
    operation: str
    status: NotRequired[int | None]
    code: NotRequired[str | None]
    words: NotRequired[str]
    request_id: NotRequired[str | None]


class ApiError(Exception):
    """A call to a vendor did not do what was asked.

    `system` is the vendor's name as people know it, `operation` the label of the call, `code` the vendor's own code, `words` the
    vendor's message after `safe_words`, `request_id` what the vendor's support asks for.
    """

    happened: ClassVar[str] = "did not do what was asked"
    remedy: ClassVar[str] = ""

    def __init__(self, **facts: Unpack[Facts]) -> None:
        self.system = facts["system"]
        self.operation = facts["operation"]
        self.status = facts.get("status")
        self.code = facts.get("code")
        self.words = safe_words(facts.get("words", ""))
        self.request_id = facts.get("request_id")
        super().__init__()

    @property
    def sentence(self) -> str:
        """What happened and what follows, without the technical facts."""
        said = f": {self.words.rstrip('.')}." if self.words else "."
        return f"{self.system} {self.happened} ({self.operation}){said} {self.remedy}".rstrip()

    def __str__(self) -> str:
        facts = [f"HTTP {self.status}"] if self.status is not None else []
        facts += [str(self.code)] if self.code else []
        facts += [f"request id {self.request_id}"] if self.request_id else []
        return f"{self.sentence} [{', '.join(facts)}]" if facts else self.sentence

    def __repr__(self) -> str:
        return f"{type(self).__name__}({str(self)!r})"


class Transient(ApiError):
    """A passing trouble; nothing is known to have changed."""

    happened = "could not answer"
    remedy = "It will be tried again."


class RateLimited(ApiError):
    """A limit of the vendor is used up; the call had no effect. `until` is the number of seconds to wait, `policy` the limit's name."""

    happened = "asked us to slow down"
    remedy = "It goes on by itself when the limit allows."

    def __init__(self, *, until: float, policy: str = "", **facts: Unpack[Facts]) -> None:
        super().__init__(**facts)
        self.until = until
        self.policy = policy


class OutcomeUnknown(ApiError):
    """A write got no answer, or one that cannot be read: it may or may not have taken effect."""

    happened = "gave no usable answer to a change, which may have taken effect or not"
    remedy = "The record is read back before anything else is done."


class NeedsReconnect(ApiError):
    """The grant has ended: revoked, expired, or the app was removed."""

    happened = "no longer accepts this connection"
    remedy = "Connect the account again."


class StaleRevision(ApiError):
    """The record was changed by somebody else since it was read; nothing was written."""

    happened = "has a newer version of the record"
    remedy = "It is read and planned again."


class AlreadyExists(ApiError):
    """Another record holds a value that must be unique. `existing_id` is that record, where the vendor says so."""

    happened = "already has such a record"
    remedy = "The existing one is looked up."

    def __init__(self, *, existing_id: str | None = None, **facts: Unpack[Facts]) -> None:
        super().__init__(**facts)
        self.existing_id = existing_id


class Gone(ApiError):
    """The record does not exist (any more)."""

    happened = "does not have the record (any more)"
    remedy = "The deletion rule of the sync decides what follows."


class Rejected(ApiError):
    """The vendor refuses the data. `field` is the property it objects to, where known."""

    happened = "refused the data"
    remedy = "Correct the record or the mapping; it is then tried again by itself."

    def __init__(self, *, field: str | None = None, **facts: Unpack[Facts]) -> None:
        super().__init__(**facts)
        self.field = field


class MissingScopes(Rejected):
    """The grant does not cover the call. `scopes` are the vendor's names of what is missing, where it says so."""

    happened = "did not allow the call"
    remedy = "Connect again and grant what is missing, or switch off what needs it."

    def __init__(self, *, scopes: tuple[str, ...] = (), **facts: Unpack[Facts]) -> None:
        super().__init__(**facts)
        self.scopes = scopes

    @property
    def sentence(self) -> str:
        """What happened and what follows, with the names of what is missing."""
        missing = f" Missing: {', '.join(self.scopes)}." if self.scopes else ""
        return super().sentence + missing


class Misunderstood(ApiError):
    """The answer is not as the vendor documents it."""

    happened = "answered in a way we do not understand"
    remedy = "This needs a developer; nothing was taken over from the answer."


class Misconfigured(ApiError):
    """Our own credentials, settings or request are wrong."""

    happened = "does not accept our settings"
    remedy = "Check the app's credentials and settings; connecting again does not help."
