"""The pages of the admin. Translate, make one service call, translate back; reading goes through selectors.

Importing this package registers every page.
"""
from __future__ import annotations

from syncapp.admin import (
    audit,
    configs,
    conflicts,
    connections,
    export_schedules,
    exports,
    fields,
    mappings,
    notices,
    pairs,
    people,
    personal,
    runs,
)

__all__ = [
    "audit", "configs", "conflicts", "connections", "export_schedules", "exports", "fields", "mappings", "notices", "pairs", "people",
    "personal", "runs",
]
