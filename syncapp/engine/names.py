"""Names in QuickBooks: what it takes as one, and what to do when it is taken.

Owns the policy's arithmetic. Whether a name is taken is asked by the services.
"""
from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass

from syncapp.engine.vocabulary import NamePolicy, Reason

MAX_LENGTH = 500
_FORBIDDEN = re.compile(r"[:\t\r\n]+")
_BLANKS = re.compile(r" {2,}")


@dataclass(frozen=True, kw_only=True)
class Holder:
    """The record that has the name: its kind, its id, and whether it already has a partner here."""

    kind: str
    external_id: str
    paired: bool
    live: bool = True


@dataclass(frozen=True, kw_only=True)
class Resolution:
    """What to do about a taken name; exactly one of the parts is set.

    `link_to` is the record to link with, `parent` the customer to put a sub-customer under, `name` another name to use,
    `reason` why nothing can be done without a person.
    """

    link_to: str = ""
    parent: str = ""
    name: str = ""
    reason: Reason = Reason.NONE
    held: bool = False


def clean(name: str) -> str:
    """Make a name that QuickBooks takes: no colon, tab or line break, no outer or doubled blanks made by that."""
    return _BLANKS.sub(" ", _FORBIDDEN.sub(" ", name)).strip()


def folded(name: str) -> str:
    """The form in which QuickBooks compares names: without outer blanks, in one case."""
    return name.strip().casefold()


def candidate(*, names: Collection[str | None]) -> str:
    """The first of several names (company, then first and last name, then e-mail) of which something is left once clean."""
    return next((cleaned for name in names if name and (cleaned := clean(name)[:MAX_LENGTH].strip())), "")


def joined(*, parts: Collection[str | None]) -> str:
    """First name and last name, as one name; parts that are missing leave no gap."""
    return clean(" ".join(part.strip() for part in parts if part and part.strip()))


def suffixed(*, name: str, pattern: str, n: int, longest: int = MAX_LENGTH) -> str:
    """The name with its suffix, `{n}` replaced, and shortened before the suffix where the whole would be too long."""
    suffix = pattern.replace("{n}", str(n)) if "{n}" in pattern else f"{pattern}{n}"
    return clean(name[: longest - len(suffix)].rstrip() + suffix)


def free_name(*, name: str, pattern: str, taken: Collection[str], most: int = 200, longest: int = MAX_LENGTH) -> str:
    """The first suffixed name, counting from 2, that is not among the taken ones (compared as QuickBooks does); "" if none is."""
    held = {folded(other) for other in taken}
    tries = (suffixed(name=name, pattern=pattern, n=n, longest=longest) for n in range(2, most + 2))
    return next((wanted for wanted in tries if folded(wanted) not in held), "")


def resolve(
    *, policy: NamePolicy, name: str, pattern: str, holder: Holder, taken: Collection[str], kind: str = "customer",
    longest: int = MAX_LENGTH,
) -> Resolution:
    """Decide what a policy does about a name that another record has. `kind` is that of the record that wants the name.

    Linking and sub-customers need a live record of that kind; the name of another kind (a vendor's, a category's), or of a
    record that has a partner already, leaves linking to a person.
    """
    alike = holder.kind == kind and holder.live
    if policy is NamePolicy.SUFFIX and (other := free_name(name=name, pattern=pattern, taken=[name, *taken], longest=longest)):
        return Resolution(name=other)
    if policy is NamePolicy.SUB_CUSTOMER and alike:
        return Resolution(parent=holder.external_id)
    if policy is NamePolicy.LINK and alike and not holder.paired:
        return Resolution(link_to=holder.external_id)
    return Resolution(reason=Reason.NAME_TAKEN, held=policy is not NamePolicy.FAIL)
