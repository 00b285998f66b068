"""Which accounts this installation can be connected to.

Owns the choice that the Connect buttons offer: the company's own accounts, the vendors' test accounts, and the sandbox on this
machine where one is set.
"""
from __future__ import annotations

from dataclasses import dataclass

from django.conf import settings

from syncapp.engine.vocabulary import Environment, System
from syncapp.engine.wording import joined, later, say

_WORDS = {
    Environment.PRODUCTION: later("The company's own account"),
    Environment.VENDOR_SANDBOX: later("A test account of the vendor"),
    Environment.LOCAL_SANDBOX: later("The sandbox on this machine"),
}


@dataclass(frozen=True, kw_only=True)
class Connectable:
    """A vendor that can be connected. `missing` says what has to be set first, "" where nothing is missing."""

    system: System
    url_name: str
    environments: tuple[tuple[str, str], ...]
    missing: str

    @property
    def label(self) -> str:
        """The vendor's name."""
        return self.system.label


def choices(system: System) -> tuple[tuple[str, str], ...]:
    """List the environments of a vendor; the sandbox comes first where there is one, since it is there to be used."""
    local = bool(getattr(settings, f"LOCAL_SANDBOX_{system.value}_URL"))
    ordered = [Environment.LOCAL_SANDBOX] * local + [Environment.PRODUCTION, Environment.VENDOR_SANDBOX]
    return tuple((environment.value, _WORDS[environment]) for environment in ordered)


def connectable() -> list[Connectable]:
    """Describe both vendors."""
    return [
        Connectable(system=system, url_name=f"connect-{system.value.lower()}", environments=choices(system), missing=_missing(system))
        for system in System
    ]


def _missing(system: System) -> str:
    names = [name for name in (f"{system.value}_CLIENT_ID", f"{system.value}_CLIENT_SECRET") if not getattr(settings, name)]
    if not names:
        return ""
    return say("{system} does not know this installation yet: set {settings}, then restart.", system=system.label, settings=joined(names))
