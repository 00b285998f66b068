"""The portals of a seed, loaded; and a portal, written out.

Owns the form of a seed. Everything goes through the records, so a seed cannot hold what HubSpot would not.
"""
from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from integrations.sandbox.hubspot import definitions, ids, kinds, moments
from integrations.sandbox.hubspot.errors import Refused
from integrations.sandbox.hubspot.grants import Grants
from integrations.sandbox.hubspot.kinds import Kind
from integrations.sandbox.hubspot.links import End
from integrations.sandbox.hubspot.portal import Portal, Portals
from integrations.sandbox.hubspot.records import Actor, Records
from integrations.sandbox.messages import BadControl, Json

SEEDER = Actor(source="IMPORT", source_id="seed", enforced=False, privileged=True)
ORDER = (kinds.COMPANIES, kinds.CONTACTS, kinds.PRODUCTS, kinds.DEALS, kinds.INVOICES, kinds.NOTES)
LINKED = (kinds.COMPANIES, kinds.CONTACTS, kinds.DEALS)
NESTED = (kinds.LINE_ITEMS, *kinds.ADJUSTMENTS, kinds.COMMERCE_PAYMENTS)
PORTAL_KEYS = {"portal_id", "name", "time_zone", "currency", "currencies", "owners", "objects"}


def load(seed: Json, *, portals: Portals, grants: Grants) -> None:
    """Make the portals and apps of a seed. Raises BadControl for what is no seed or what HubSpot would refuse."""
    for app in seed.get("apps", ()):
        grants.add_client(wanted=app)
    for wanted in seed.get("portals", ()):
        strange = sorted(set(wanted) - PORTAL_KEYS)
        if strange or ids.whole(str(wanted.get("portal_id", ""))) is None:
            raise BadControl(f"A portal of a seed has a numeric portal_id, and only {', '.join(sorted(PORTAL_KEYS))}; not {strange}.")
        portal = portals.make(wanted)
        for owner in wanted.get("owners", ()):
            portal.keep_owner(_owner(owner, since=portal.facts["created_at"]))
        _Loader(portal).load(wanted.get("objects", {}))


def _owner(wanted: Json, *, since: str) -> Json:
    return {
        "id": str(wanted["id"]),
        "email": str(wanted.get("email", "")),
        "firstName": str(wanted.get("firstName", "")),
        "lastName": str(wanted.get("lastName", "")),
        "userId": wanted.get("userId"),
        "archived": bool(wanted.get("archived")),
        "createdAt": since or definitions.BUILT_IN_SINCE,
    }


class _Loader:
    """Loads the objects of one portal; keys name records within the seed.

    Line items, discounts, fees, taxes and payments stand within the invoice (or deal) that they belong to; a line item may
    name its `product`.
    """

    def __init__(self, portal: Portal) -> None:
        self._portal = portal
        self._records = Records(portal)
        self._keys: dict[tuple[str, str], End] = {}
        self._now = portal.now()

    def load(self, objects: Mapping[str, Any]) -> None:
        strange = sorted(set(objects) - {kind.name for kind in ORDER})
        if strange:
            raise BadControl(f"A seed holds {', '.join(kind.name for kind in ORDER)}; not {', '.join(strange)}.")
        for kind in ORDER:
            for wanted in objects.get(kind.name, ()):
                self._one(kind, wanted)

    def _one(self, kind: Kind, wanted: Json) -> End:
        at = self._now - int(float(wanted.get("created_days_ago", 0)) * moments.DAY_MS)
        key = str(wanted.get("key", ""))
        values = dict(wanted.get("properties", {}))
        if "product" in wanted:
            values["hs_product_id"] = self._found(kinds.PRODUCTS, wanted["product"], of=key).id
        try:
            made = self._records.check_new(kind, values, actor=SEEDER)
        except Refused as refused:
            raise BadControl(f"The seed's {kind.singular} {key or wanted} is refused: {refused.message}") from refused
        start = End(kind=kind, id=self._records.make(made, actor=SEEDER, at=at).id)
        if key:
            self._keys[(kind.name, key)] = start
        for other in LINKED:
            self._link(start, (self._found(other, one, of=key) for one in wanted.get(other.name, ())))
        ago = {"created_days_ago": wanted.get("created_days_ago", 0)}
        for nested in NESTED:
            self._link(start, (self._one(nested, {**ago, **one}) for one in wanted.get(nested.name, ())))
        self._records.settle(start, quietly=True)
        return start

    def _found(self, kind: Kind, key: str, *, of: str) -> End:
        found = self._keys.get((kind.name, key))
        if found is None:
            raise BadControl(f"The seed's record {of!r} names a {kind.singular} {key!r} that does not stand before it.")
        return found

    def _link(self, start: End, ends: Iterable[End]) -> None:
        for end in ends:
            plain = self._portal.links.types.plain(start.kind, end.kind)
            if plain is None:
                raise BadControl(f"A {start.kind.singular} cannot be associated with a {end.kind.singular}.")
            self._portal.links.add(start, end, [plain])
            self._records.show_company_quietly(start)


def dump(portal: Portal) -> Json:
    """Everything of a portal."""
    return {
        "portal_id": portal.id,
        **{name: portal.facts[name] for name in ("name", "time_zone", "currency")},
        "currencies": list(portal.currencies()[1:]),
        "owners": list(portal.owners()),
        "properties": {kind.name: [one.as_json(strict=portal.strict) for one in portal.registry.custom(kind)] for kind in kinds.KINDS},
        "objects": {kind.name: _dumped(portal, kind) for kind in kinds.KINDS},
    }


def _dumped(portal: Portal, kind: Kind) -> list[Json]:
    shelf = portal.shelf(kind)
    return [
        {
            "id": record.key,
            "properties": dict(record.values),
            "archived": record.archived is not None,
            "associations": {
                other.name: {str(one): list(numbers) for one, numbers in found.items()}
                for other in kinds.KINDS
                if (found := portal.links.of(End(kind=kind, id=record.id), other))
            },
        }
        for record in (*shelf.live(), *shelf.archived())
    ]
