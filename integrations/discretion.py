"""How a secret is held in memory, and how texts are kept free of secrets.

Owns the wrapper that prints as ***, and the mask over whatever is about to leave the program as text: what looks like a token, and every
secret that is known by value. Those of the settings are known from the start; a token is from the moment it is used, the latest ones for
as long as the process lives.
"""

from __future__ import annotations

import collections
import functools
import hmac
import re
import urllib.parse
from collections.abc import Iterable, Sequence
from typing import Any

MASK = "***"
SHORTEST_SECRET = 8
MOST_USED = 256

_NAMED = re.compile(
    r"""(?ix)
    ( (?: \b(?:access_token|refresh_token|id_token|client_secret|code_verifier|api_?key|authorization|password)["']? \s* [=:] \s* ["']?
        | [?&](?:code|state|token|hapikey)= )
      (?: (?:bearer|basic) \s+ )? )
    [^\s"'&,;}\])]+
    """
)
_SCHEME = re.compile(r"(?i)\b(bearer|basic)\s+[A-Za-z0-9._~+/=-]{8,}")
_SHAPES = re.compile(
    r"""(?x)
    \b eyJ[A-Za-z0-9_-]{8,} (?: \.[A-Za-z0-9_-]* )*                          # JSON Web Token
    | \b pat-[a-z0-9]{2,4}-[0-9a-f-]{30,}                                     # HubSpot service key
    | \b AB11[A-Za-z0-9]{20,}                                                 # QuickBooks refresh token
    | (?<![A-Za-z0-9_-]) (?=[A-Za-z0-9_-]*[a-z]) (?=[A-Za-z0-9_-]*[A-Z]) (?=[A-Za-z0-9_-]*[0-9]) [A-Za-z0-9_-]{40,}   # long and random
    """
)

_set_up: set[str] = set()
_used: collections.deque[str] = collections.deque(maxlen=MOST_USED)


class Secret:
    """A text that shows itself to nobody who does not ask for it by name.

    It prints, formats and pickles as ***, has no attributes to list, and is no text that could be sent by mistake.
    """

    __slots__ = ("_hidden",)

    def __init__(self, value: str | Secret) -> None:
        self._hidden: str = value._hidden if isinstance(value, Secret) else value

    def reveal(self) -> str:
        """Return the text, to be handed to a vendor or a cipher and kept nowhere. From then on it is masked by value."""
        if self._hidden not in _used:
            _used.append(self._hidden)
        return self._hidden

    def __repr__(self) -> str:
        return MASK

    def __str__(self) -> str:
        return MASK

    def __format__(self, format_spec: str) -> str:
        return MASK

    def __bool__(self) -> bool:
        return bool(self._hidden)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and hmac.compare_digest(self._hidden.encode(), other._hidden.encode())

    def __hash__(self) -> int:
        return hash((Secret, self._hidden))

    def __reduce__(self) -> tuple[Any, ...]:
        return Secret, (MASK,)


def conceal(holder: object, *names: str) -> None:
    """Wrap what a frozen object was given under these names, so that listing its attributes shows no secret."""
    for name in names:
        value = getattr(holder, name)
        if isinstance(value, str):
            object.__setattr__(holder, name, Secret(value))


def remember(secrets: Iterable[str]) -> None:
    """Know these secrets by value from now on."""
    _set_up.update(secret for secret in secrets if len(secret) >= SHORTEST_SECRET)


def redact(text: str, *, secrets: Sequence[str] = ()) -> str:
    """Return the text with everything that looks like a token, and each known secret, written as ***."""
    for secret in sorted({*secrets, *_set_up, *tuple(_used)}, key=len, reverse=True):  # one may be the beginning of another
        if len(secret) >= SHORTEST_SECRET:
            for form in _forms(secret):
                text = text.replace(form, MASK)
    text = _NAMED.sub(rf"\1{MASK}", text)
    text = _SCHEME.sub(rf"\1 {MASK}", text)
    return _SHAPES.sub(MASK, text)


@functools.lru_cache(maxsize=2 * MOST_USED)
def _forms(secret: str) -> set[str]:
    """How a secret may stand in a text: as it is, and as a part of an address. Every text that is masked asks it of all that are known."""
    return {secret, urllib.parse.quote(secret, safe="")}
