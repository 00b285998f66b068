"""Quantities on hand: what is sold leaves the stock, what comes back returns to it.

Owns QtyOnHand as far as documents change it. Like a customer's balance it moves LastUpdatedTime and leaves SyncToken alone.
"""

from __future__ import annotations

from decimal import Decimal

from integrations.sandbox.messages import Json
from integrations.sandbox.quickbooks import lines, times
from integrations.sandbox.quickbooks.change import Change
from integrations.sandbox.quickbooks.ledger import exact, number


def follow(change: Change) -> None:
    """Bring the stock up to a document that was made, changed, voided or deleted."""
    before, after = _sold(change.old_body), _sold(change.body)
    sign = -1 if change.entity.name == "Invoice" else 1
    for item in dict.fromkeys([*before, *after]):
        moved = (after.get(item, Decimal(0)) - before.get(item, Decimal(0))) * sign
        row = change.company.shelves["Item"].get(item)
        if not moved or row is None or not row["body"].get("TrackQtyOnHand"):
            continue
        at = max(change.write.at, int(row["at"]))
        body = {**row["body"], "QtyOnHand": number(exact(row["body"]["QtyOnHand"]) + moved)}
        body["MetaData"] = {**body["MetaData"], "LastUpdatedTime": times.stamp(at)}
        change.company.shelves["Item"].put(item, {**row, "body": body, "at": at})


def _sold(body: Json) -> dict[str, Decimal]:
    found: dict[str, Decimal] = {}
    for line in lines.item_lines(body.get("Line", [])):
        item = line[lines.ITEM].get("ItemRef", {}).get("value", "")
        found[item] = found.get(item, Decimal(0)) + exact(line[lines.ITEM].get("Qty"))
    return found
