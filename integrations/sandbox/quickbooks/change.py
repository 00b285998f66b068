"""One write under way: what the rules of an entity look at and fill in before anything is stored.

Owns the shapes only.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from integrations.sandbox.messages import Json
from integrations.sandbox.quickbooks.companies import Company
from integrations.sandbox.quickbooks.fields import Entity
from integrations.sandbox.quickbooks.payload import Given


@dataclass(frozen=True, kw_only=True)
class Write:
    """The circumstances of a write. `by_hand` is a person in QuickBooks' own screen, whom the API's bars do not stop."""

    at: int
    include: frozenset[str] = frozenset()
    by_hand: bool = False


@dataclass(kw_only=True)
class Change:
    """`row` becomes the stored row, `body` its wire form; `old` is what is stored now, untouched until all rules agree."""

    company: Company
    entity: Entity
    write: Write
    given: Given
    body: Json
    row: Json
    old: Json | None = None
    sparse: bool = False
    shown_key: str = ""
    notes: Json = field(default_factory=dict)

    @property
    def number(self) -> str:
        """The object's id, empty while it is being created."""
        return str(self.old["body"]["Id"]) if self.old else ""

    @property
    def old_body(self) -> Json:
        """The stored wire form, empty while the object is being created."""
        return self.old["body"] if self.old else {}

    def ref(self, name: str) -> str:
        """The id in a reference field of the new body, or nothing."""
        return str((self.body.get(name) or {}).get("value", ""))

    def old_ref(self, name: str) -> str:
        """The id in a reference field of the stored body, or nothing."""
        return str((self.old_body.get(name) or {}).get("value", ""))


@dataclass(frozen=True, kw_only=True)
class Rules:
    """What an entity asks of a write: `settle` checks and completes the body, `after` carries the consequences.

    `ending` may refuse that an object is deleted or voided; `voided` gives the body of a voided one, and is absent where there is no void.
    """

    settle: Callable[[Change], None]
    after: Callable[[Change], None]
    ending: Callable[[Company, Json], None] | None = None
    voided: Callable[[Json], Json] | None = None
