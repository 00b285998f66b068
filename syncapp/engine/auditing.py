"""The audit's words, the chain that its entries form, and what differs between two states of settings.

Owns how an entry is put into one text and what is made of it. Where entries are kept is the business of the models.
"""
from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from syncapp.engine.words import Word

BEGINNING = "0" * 64
"""What the first entry of all continues from."""
FINGERPRINT = 12
HIDDEN = "***"


class AuditKind(Word):
    """What an entry of the audit is about."""

    RECORD = "RECORD", "Record"
    SYNC = "SYNC", "Settings of a sync"
    CONNECTION = "CONNECTION", "Connection"
    USER = "USER", "User"
    ROLE = "ROLE", "Role"
    SCHEDULE = "SCHEDULE", "Scheduled export"
    AUDIT = "AUDIT", "The audit itself"


class AuditVerb(Word):
    """What was done."""

    ADDED = "ADDED", "Added"
    CHANGED = "CHANGED", "Changed"
    ARCHIVED = "ARCHIVED", "Put away"
    REMOVED = "REMOVED", "Taken out"
    DOUBTFUL = "DOUBTFUL", "Sent, not known whether it arrived"


class AuditActor(Word):
    """Who did it, in kind."""

    PERSON = "PERSON", "A person"
    SCHEDULE = "SCHEDULE", "A schedule"
    SHELL = "SHELL", "The machine's command line"


def text(value: object) -> str:
    """Write a value in the one way in which it is hashed: keys in order, plain letters, nothing to spare."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=True)


def link(*, previous: str, facts: Mapping[str, Any]) -> str:
    """Hash an entry together with the hash of the one before it.

    What is empty is left out, so that a column of later years changes no hash of today.
    """
    told = text({name: value for name, value in facts.items() if value not in ("", None)})
    return hashlib.sha256(f"{previous}\n{told}".encode()).hexdigest()


def fingerprint(secret: str) -> str:
    """Tell two secrets apart without showing either; "" for none."""
    return f"sha256:{hashlib.sha256(secret.encode()).hexdigest()[:FINGERPRINT]}" if secret else ""


def differences(*, old: Mapping[str, Any], new: Mapping[str, Any]) -> dict[str, list[Any]]:
    """List what differs, by name, each with its old and new value; None where there was, or is, nothing."""
    names = sorted({*old, *new})
    return {name: [old.get(name), new.get(name)] for name in names if old.get(name) != new.get(name)}
