"""Write the bodies of QuickBooks' write calls, single and batched.

Owns which technical fields a body carries, and the limits of the names we give to calls. Sends nothing.
"""
from __future__ import annotations

import enum
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from integrations.quickbooks import query
from integrations.quickbooks.entities import Fields, Kind

LONGEST_REQUEST_ID = 50
LONGEST_BATCH_REQUEST_ID = 36
LONGEST_BATCH_ITEM_ID = 10
MOST_BATCH_ITEMS = 30
_TECHNICAL = frozenset({"Id", "SyncToken", "sparse", "domain", "MetaData"})


class Operation(enum.Enum):
    """What a write does: Intuit's word for it in a batch, and whether fields left out stay as they are."""

    CREATE = ("create", False)
    SPARSE_UPDATE = ("update", True)
    FULL_UPDATE = ("update", False)
    DELETE = ("delete", False)

    @property
    def word(self) -> str:
        """Intuit's word for it."""
        return self.value[0]

    @property
    def sparse(self) -> bool:
        """Whether fields left out stay as they are."""
        return self.value[1]


@dataclass(frozen=True, kw_only=True)
class BatchItem:
    """One write of a batch. `bid` is ours, unique in the batch; `id` and `sync_token` are of the entity that exists."""

    bid: str
    operation: Operation
    kind: Kind
    body: Mapping[str, object] = field(default_factory=dict, repr=False)
    id: str = ""
    sync_token: str = ""


def body(*, operation: Operation, kind: Kind, fields: Mapping[str, object], identity: str = "", sync_token: str = "") -> Fields:
    """Put a body together. Raises ValueError for technical fields among the values, for an update
    without a SyncToken, and for the deletion of something that can only be made inactive."""
    misplaced = _TECHNICAL & fields.keys()
    if misplaced:
        raise ValueError(f"{', '.join(sorted(misplaced))} cannot be among the values of a {kind}.")
    if operation is Operation.CREATE:
        return dict(fields)
    technical: Fields = {"Id": query.digits(identity), "SyncToken": query.digits(sync_token)}
    if operation is Operation.DELETE:
        if kind.is_name_list:
            raise ValueError(f"A {kind} cannot be deleted, only made inactive: update it with Active false.")
        return technical
    return {**technical, "sparse": operation.sparse, **fields}


def request_id(value: str, *, longest: int = LONGEST_REQUEST_ID) -> str:
    """Hand back a request id that Intuit accepts. Raises ValueError: without one a repeated write happens twice."""
    if not 1 <= len(value) <= longest or not value.isascii() or not value.isprintable() or " " in value:
        raise ValueError(f"A request id has 1 to {longest} visible ASCII characters.")
    return value


def batch(*, items: Sequence[BatchItem]) -> Fields:
    """Put a batch of writes together. Raises ValueError when it is empty, too long or names an item twice."""
    _check([item.bid for item in items])
    return {
        "BatchItemRequest": [
            {
                "bId": item.bid,
                "operation": item.operation.word,
                item.kind.value: body(
                    operation=item.operation, kind=item.kind, fields=item.body, identity=item.id, sync_token=item.sync_token
                ),
            }
            for item in items
        ]
    }


def batch_of_queries(*, statements: Mapping[str, str]) -> Fields:
    """Put a batch of queries together, by our own names for them. Raises ValueError as `batch` does."""
    _check(list(statements))
    return {"BatchItemRequest": [{"bId": bid, "Query": statement} for bid, statement in statements.items()]}


def _check(bids: Sequence[str]) -> None:
    if not 1 <= len(bids) <= MOST_BATCH_ITEMS:
        raise ValueError(f"A batch holds 1 to {MOST_BATCH_ITEMS} items, not {len(bids)}.")
    if len(set(bids)) != len(bids):
        raise ValueError("Two items of a batch have the same id.")
    wrong = [bid for bid in bids if not 1 <= len(bid) <= LONGEST_BATCH_ITEM_ID]
    if wrong:
        raise ValueError(f"The id of a batch item has 1 to {LONGEST_BATCH_ITEM_ID} characters, not {len(wrong[0])}.")
