"""The people of a scenario: few of them, so that matches, collisions and repeats are common; and what their fields are called.

Owns the way from a scenario's words to the vendors' fields and back.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from typing import Any

LEFT, RIGHT = "hubspot", "quickbooks"
KINDS = {LEFT: "contacts", RIGHT: "Customer"}
PEOPLE = 6
EMAILS = tuple(f"kx{number}q@canary.example" for number in range(PEOPLE))
FIRST = ("Kx0qAnn", "Kx1qBea", "Kx2qCid", "Kx3qDee", "Kx4qEva", "Kx5qFay")
LAST = ("Archer", "Berg", "Clay", "Dunn", "Eck", "Frey")
CANARY = re.compile(r"kx\d+q|1512555\d{4}", re.IGNORECASE)
FIELDS: Mapping[str, tuple[str, str]] = {
    "email": ("email", "PrimaryEmailAddr.Address"),
    "first": ("firstname", "GivenName"),
    "last": ("lastname", "FamilyName"),
    "company": ("company", "CompanyName"),
    "phone": ("phone", "PrimaryPhone.FreeFormNumber"),
    "mobile": ("mobilephone", "Mobile.FreeFormNumber"),
    "street": ("address", "BillAddr.Line1"),
    "city": ("city", "BillAddr.City"),
    "zip": ("zip", "BillAddr.PostalCode"),
}
"""What is kept in step both ways, by the scenario's word."""
KEY = "email"
"""The field by which one is known on both sides."""
UNMAPPED = {LEFT: "jobtitle", RIGHT: "Notes"}
NAME = "DisplayName"
ODD = (
    "O'Kx{n}q", "a\\Kx{n}q", "<b>Kx{n}q</b>", "=1+Kx{n}q", " Kx{n}q ", "Kx{n}q\u00a0x", "e\u0301Kx{n}q", "\u05d0Kx{n}q", "0042Kx{n}q",
    "Kx{n}q" + "y" * 90, "Kx{n}q\U0001f600",
)


def value(field: str, number: int, *, odd: int | None = None) -> str:
    """A value that nobody wrote before."""
    if field in ("phone", "mobile"):
        return f"+1512555{number % 10_000:04d}"
    if field == "email":
        return f"kx{number}q@canary.example"
    if field == "zip":
        return f"Kx{number}q"
    return ODD[odd % len(ODD)].format(n=number) if odd is not None else f"Kx{number}q{field}"


def read(system: str, body: Mapping[str, Any], field: str) -> str:
    """The value of a field in a record as the vendor holds it; "" where there is none."""
    name = FIELDS[field][0 if system == LEFT else 1]
    return plain(system, body, name)


def plain(system: str, body: Mapping[str, Any], name: str) -> str:
    """The value under a vendor's own name, with a dot where it is a part."""
    top, _, part = name.partition(".")
    found = body.get(top)
    if part:
        found = found.get(part) if isinstance(found, dict) else None
    return "" if found is None else str(found)


def written(system: str, body: Mapping[str, Any], field: str, text: str) -> dict[str, Any]:
    """What a person's screen saves when a field of a record is changed."""
    name = FIELDS[field][0 if system == LEFT else 1]
    top, _, part = name.partition(".")
    if not part:
        return {top: text}
    kept = body.get(top)
    parts = {key: one for key, one in kept.items() if key not in ("Id", "Lat", "Long")} if isinstance(kept, dict) else {}
    return {top: {**parts, part: text}}


def changed(system: str, changes: Mapping[str, Any]) -> dict[str, tuple[str, str]]:
    """The scenario's fields that a ledger's entry changes, with old and new value."""
    found = {}
    for field, names in FIELDS.items():
        name = names[0 if system == LEFT else 1]
        top, _, part = name.partition(".")
        if top not in changes:
            continue
        both = tuple(
            "" if (one.get(part) if part and isinstance(one, dict) else None if part else one) is None
            else str(one.get(part) if part and isinstance(one, dict) else one)
            for one in changes[top]
        )
        if both[0] != both[1]:
            found[field] = (both[0], both[1])
    return found


def same(field: str, one: str, two: str) -> bool:
    """Whether two values mean the same: blanks around, case of an address and the form of a number are no matter."""
    return meaning(field, one) == meaning(field, two)


def meaning(field: str, text: str) -> str:
    """The value as both vendors can hold it."""
    text = unicodedata.normalize("NFC", text).strip()
    if field == "email":
        return text.lower()
    if field in ("phone", "mobile"):
        return re.sub(r"\D", "", text) or text
    return text
