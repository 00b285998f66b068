"""Which HubSpot records are associated with which: reading, making and undoing associations.

Owns the bodies of these calls and the sizes of their batches. Types of association are needed only where a record is created
with its associations; everywhere else HubSpot's default type is taken.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any

from integrations import errors, http
from integrations.hubspot import answers, calls, environments

ASSOCIATIONS_BATCH = 1000
PAIRS_BATCH = 2000
GUIDE = "crm/associations/associate-records/guide"
Pair = tuple[str, str]


@dataclasses.dataclass(frozen=True)
class Inline:
    """An association with which a record is created: the other record, and the number of the type from the new one to it."""

    to_id: str
    type_id: int

    def body(self) -> dict[str, object]:
        """Return it as a create wants it."""
        return {"to": {"id": self.to_id}, "types": [{"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": self.type_id}]}


@dataclasses.dataclass(frozen=True)
class PairsError:
    """One complaint of a batch of associations, with the ids that it names, of whichever end."""

    error: errors.ApiError
    ids: tuple[str, ...]


class Links(calls.Calls):
    """Everything about associations."""

    def associated_ids(self, *, from_type: str, to_type: str, ids: Sequence[str]) -> dict[str, tuple[str, ...]]:
        """Return, for each id that has any, the ids of its associated records of a kind, the primary one first.

        https://developers.hubspot.com/docs/api-reference/latest/crm/associations/associate-records/guide
        """
        found: dict[str, list[Any]] = {}
        wanted = [{"id": one} for one in dict.fromkeys(ids)]
        seen: set[tuple[str, str]] = set()
        while wanted:
            part, wanted = wanted[:ASSOCIATIONS_BATCH], wanted[ASSOCIATIONS_BATCH:]
            for entry in self._read_associations(from_type, to_type, part):
                one = answers.identifier(entry["from"]["id"])
                found.setdefault(one, []).extend(entry["to"])
                after = ((entry.get("paging") or {}).get("next") or {}).get("after")
                if after is None:
                    continue
                if (one, after) in seen:
                    raise errors.Misunderstood(
                        system=environments.SYSTEM, operation="associations batch read", words="The list of pages repeats itself."
                    )
                seen.add((one, after))
                wanted.append({"id": one, "after": after})
        return {one: answers.typed_ids(entries) for one, entries in found.items()}

    def associate(self, *, from_type: str, from_id: str, to_type: str, to_id: str) -> None:
        """Associate two records with the default type.

        https://developers.hubspot.com/docs/api-reference/latest/crm/associations/associate-records/guide
        """
        path = f"{self._objects(from_type)}/{http.identity(from_id)}/associations/default/{http.segment(to_type)}/{http.identity(to_id)}"
        self._transport.send(self._write(f"{from_type} associate", "PUT", path, GUIDE))

    def batch_associate(self, *, from_type: str, to_type: str, pairs: Sequence[Pair]) -> tuple[PairsError, ...]:
        """Associate up to two thousand pairs with the default type and return what HubSpot refused. One that is there already stays.

        https://developers.hubspot.com/docs/api-reference/latest/crm/associations/associate-records/guide
        """
        body = [{"from": {"id": one}, "to": {"id": other}} for one, other in pairs]
        return self._write_pairs(from_type, to_type, "associate/default", body)

    def batch_dissociate(self, *, from_type: str, to_type: str, pairs: Sequence[Pair]) -> tuple[PairsError, ...]:
        """Take up to two thousand pairs apart, whatever the type, and return what HubSpot refused. One that is apart is no error.

        https://developers.hubspot.com/docs/api-reference/latest/crm/associations/associate-records/guide
        """
        body = [{"from": {"id": one}, "to": [{"id": other}]} for one, other in pairs]
        return self._write_pairs(from_type, to_type, "archive", body)

    def _write_pairs(self, from_type: str, to_type: str, verb: str, inputs: Sequence[object]) -> tuple[PairsError, ...]:
        if len(inputs) > PAIRS_BATCH:
            raise ValueError(f"HubSpot takes {PAIRS_BATCH} pairs in one call, not {len(inputs)}")
        path = f"{self._association_calls(from_type, to_type)}/{verb}"
        operation = f"{from_type} to {to_type} associations batch {verb.partition('/')[0]}"
        call = self._write(operation, "POST", path, GUIDE, {"inputs": list(inputs)}, batch=True)
        answer = self._transport.send(call)
        if answer.data is None:
            return ()
        told = answers.understood(call, answer, lambda data: list(map(answers.concerned, data.get("errors") or ())))
        return tuple(PairsError(error=self._explain.entry(call, answer, body), ids=ids) for body, ids in told)

    def _association_calls(self, from_type: str, to_type: str) -> str:
        return f"/crm/associations/{self._version}/{http.segment(from_type)}/{http.segment(to_type)}/batch"

    def _read_associations(self, from_type: str, to_type: str, inputs: Sequence[Mapping[str, str]]) -> list[Any]:
        path = f"{self._association_calls(from_type, to_type)}/read"
        operation = f"{from_type} to {to_type} associations batch read"
        call = self._call(operation, "POST", path, GUIDE, json={"inputs": list(inputs)})
        answer = self._transport.send(call)
        for complaint in answers.understood(call, answer, lambda data: list(data.get("errors") or ())):
            error = self._explain.entry(call, answer, complaint)
            if not isinstance(error, errors.Gone):
                raise error
        answers.understood(call, answer, lambda data: [(entry["from"]["id"], answers.typed_ids(entry["to"])) for entry in data["results"]])
        return list(answer.data["results"])
