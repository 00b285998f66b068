"""Answers of QuickBooks, as a test writes them down."""

from __future__ import annotations

from datetime import UTC, datetime

TIME = "2026-11-26T04:00:00.250-08:00"
TIME_IN_UTC = datetime(2026, 11, 26, 12, 0, 0, 250000, tzinfo=UTC)


def customer(identity: int, **fields: object) -> dict[str, object]:
    meta = {"CreateTime": "2026-11-01T09:00:00-08:00", "LastUpdatedTime": "2026-11-02T09:00:00-08:00"}
    return {"Id": str(identity), "SyncToken": "0", "MetaData": meta, "DisplayName": f"Customer {identity}", "Active": True, **fields}


def refusal(code: str, **facts: str) -> dict[str, object]:
    return {"Fault": {"Error": [{"Message": "No", "Detail": "No", "code": code, "element": "", **facts}], "type": "ValidationFault"}}
