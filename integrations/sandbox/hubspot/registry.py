"""Which properties and groups an account has, and whether the values of a write go with them.

Owns definitions and groups of one account. Keeps no record; uniqueness among records is the shelf's matter.
"""
from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Mapping
from dataclasses import dataclass, replace

from integrations.sandbox.hubspot import account_definitions, definitions, values
from integrations.sandbox.hubspot.account_definitions import Account
from integrations.sandbox.hubspot.definitions import Property
from integrations.sandbox.hubspot.errors import PropertyProblem
from integrations.sandbox.hubspot.kinds import Kind
from integrations.sandbox.messages import Json
from integrations.sandbox.store import Store, Table

_GROUP_LABELS = {
    "contactinformation": "Contact information",
    "companyinformation": "Company information",
    "dealinformation": "Deal information",
    "engagement": "Activity",
    "productinformation": "Product information",
    "lineiteminformation": "Line item information",
    "invoiceinformation": "Invoice information",
    "discountinformation": "Discount information",
    "feeinformation": "Fee information",
    "taxinformation": "Tax information",
    "paymentinformation": "Payment information",
}
MOST_UNIQUE = 10
MOST_CUSTOM = 1_000


@dataclass(frozen=True, kw_only=True)
class Writing:
    """How a write is checked: what the record holds, who may be an owner, and whether read-only values may be set."""

    before: Mapping[str, str]
    owners: Container[str]
    strict: bool = False
    read_only_too: bool = False


class Registry:
    """The definitions of one account."""

    def __init__(self, *, store: Store, portal_id: str, account: Callable[[], Account]) -> None:
        self._store = store
        self._portal_id = portal_id
        self._account = account
        self._seen: Account | None = None
        self._every: Mapping[str, Mapping[str, Property]] = {}

    def _built_in(self, kind: Kind) -> Mapping[str, Property]:
        account = self._account()
        if account is not self._seen:
            self._seen, self._every = account, account_definitions.built_in(account)
        return self._every[kind.name]

    def _table(self, kind: Kind) -> Table:
        return self._store.table("hubspot", self._portal_id, "properties", kind.name)

    def _groups(self, kind: Kind) -> Table:
        return self._store.table("hubspot", self._portal_id, "property_groups", kind.name)

    def find(self, kind: Kind, name: str) -> Property | None:
        """The active property of that name."""
        definition = self.any(kind, name)
        return None if definition is None or definition.archived else definition

    def any(self, kind: Kind, name: str) -> Property | None:
        """The property of that name, archived or not."""
        built_in = self._built_in(kind).get(name)
        if built_in is not None:
            return built_in
        row = self._table(kind).get(name)
        return definitions.from_row(row) if row is not None else None

    def every(self, kind: Kind, *, archived: bool = False) -> list[Property]:
        """The active (or the archived) properties, by name."""
        found = [*self._built_in(kind).values(), *map(definitions.from_row, self._table(kind).values())]
        return sorted((one for one in found if one.archived == archived), key=lambda one: one.name)

    def custom(self, kind: Kind) -> list[Property]:
        """The active properties that this account made."""
        return [one for one in map(definitions.from_row, self._table(kind).values()) if not one.archived]

    def unique_names(self, kind: Kind) -> tuple[str, ...]:
        """The names of custom properties whose values may occur once; archived ones too, since their values stay."""
        return tuple(row["name"] for row in self._table(kind).values() if row["unique"])

    def keep(self, kind: Kind, definition: Property) -> None:
        """Keep a new or changed custom property."""
        self._table(kind).put(definition.name, definition.as_row())

    def archive(self, kind: Kind, definition: Property, *, now: str) -> None:
        """Put a custom property away; its values stay, its name can be restored."""
        self.keep(kind, replace(definition, archived=True, updated_at=now))

    def groups(self, kind: Kind) -> list[Json]:
        """The groups as the API shows them, built-in first."""
        names = dict.fromkeys(one.group for one in self._built_in(kind).values())
        built_in = [{"name": name, "label": _GROUP_LABELS[name], "displayOrder": 0, "archived": False} for name in names]
        return [*built_in, *self._groups(kind).values()]

    def group(self, kind: Kind, name: str) -> Json | None:
        """One group, or None."""
        return next((group for group in self.groups(kind) if group["name"] == name), None)

    @staticmethod
    def has_built_in_group(name: str) -> bool:
        """Whether HubSpot itself made the group."""
        return name in _GROUP_LABELS

    def keep_group(self, kind: Kind, group: Json) -> None:
        """Keep a new or changed custom group."""
        self._groups(kind).put(str(group["name"]), group)

    def drop_group(self, kind: Kind, name: str) -> None:
        """Forget a custom group."""
        self._groups(kind).drop(name)

    def checked(self, kind: Kind, written: Mapping[str, object], how: Writing) -> tuple[dict[str, str], list[PropertyProblem]]:
        """Bring written values into their kept form; the problems name every value that is not taken."""
        good: dict[str, str] = {}
        problems: list[PropertyProblem] = []
        for name, raw in written.items():
            definition = self.find(kind, name)
            if definition is None:
                problems.append(PropertyProblem(name=name, code="PROPERTY_DOESNT_EXIST", message=f'Property "{name}" does not exist'))
                continue
            if _read_only(definition, how):
                message = f'"{name}" is a read only property; its value cannot be set.'
                problems.append(PropertyProblem(name=name, code="READ_ONLY_VALUE", message=message))
                continue
            try:
                good[name] = values.kept(definition, raw, before=how.before.get(name, ""), owners=how.owners)
            except values.BadValue as error:
                problems.append(PropertyProblem(name=name, code=error.code, message=error.message))
        return good, problems

    def known(self, kind: Kind, names: Iterable[str]) -> list[str]:
        """Those of the names that are active properties, each once, in alphabetical order."""
        return sorted({name for name in names if self.find(kind, name) is not None})


def _read_only(definition: Property, how: Writing) -> bool:
    return not how.read_only_too and (definition.read_only or (definition.unsure and how.strict))
