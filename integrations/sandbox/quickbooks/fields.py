"""Entities and their fields, read from the tables.

Owns what the flags of a table line mean.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from integrations.sandbox.quickbooks import sales_tables, tables

PARTS = {
    "ref": {"value": 0, "name": 0, "type": 0},
    "address": {
        "Id": 0, "Line1": 500, "Line2": 500, "Line3": 500, "Line4": 500, "Line5": 500, "City": 255, "Country": 255, "CountryCode": 0,
        "County": 0, "CountrySubDivisionCode": 255, "PostalCode": 30, "PostalCodeSuffix": 0, "Lat": 0, "Long": 0, "Tag": 0, "Note": 0,
    },
    "email": {"Id": 0, "Address": 100, "Default": 0, "Tag": 0},
    "phone": {
        "Id": 0, "DeviceType": 0, "CountryCode": 0, "AreaCode": 0, "ExchangeCode": 0, "Extension": 0, "FreeFormNumber": 30,
        "Default": 0, "Tag": 0,
    },
    "url": {"Id": 0, "URI": 1000, "Default": 0, "Tag": 0},
    "memo": {"value": 1000, "id": 0},
}  # fmt: skip
PART_VALUE = {"ref": "value", "email": "Address", "phone": "FreeFormNumber", "url": "URI", "memo": "value"}
_FIELDS = {**tables.FIELDS, **sales_tables.FIELDS}
_IGNORED = {**tables.IGNORED, **sales_tables.IGNORED}
FILTERABLE = frozenset({"text", "bool", "number", "int", "date", "ref", "choice", "email", "phone"})
STANDARD = ("domain", "sparse", "Id", "SyncToken", "MetaData")


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One field of an entity."""

    name: str
    kind: str
    limit: int = 0
    choices: tuple[str, ...] = ()
    refers: str = ""
    default: Any = None
    ours: bool = False
    once: bool = False
    keep: bool = False
    plain: bool = False
    masked: bool = False
    filterable: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Entity:
    """One kind of object. `group` is its name in reference faults, `space` its id counter, `pool` where its names must be unique."""

    name: str
    fields: dict[str, Field]
    order: tuple[str, ...]
    ignored: frozenset[str]
    group: str
    space: str
    pool: str
    title: str

    @property
    def transaction(self) -> bool:
        """Whether objects of this kind can be deleted."""
        return self.space == "transactions"


def _field(line: str) -> Field:
    name, kind, *flags = line.split()
    pairs = dict(flag.split("=", 1) for flag in flags if "=" in flag and not flag.startswith("="))
    default = next((flag[1:] for flag in flags if flag.startswith("=")), None)
    return Field(
        name=name,
        kind=kind,
        limit=int(pairs.get("max", 0)),
        choices=tuple(pairs["in"].split("|")) if "in" in pairs else (),
        refers=pairs.get("of", ""),
        default={"true": True, "false": False}.get(default, default) if default else None,
        ours="ro" in flags,
        once="once" in flags,
        keep="keep" in flags,
        plain="name" in flags,
        masked="mask" in flags,
        filterable=kind in FILTERABLE and "noq" not in flags and "mask" not in flags,
    )


def _entity(name: str, *, group: str, space: str, pool: str, title: str) -> Entity:
    lines = [line for line in _FIELDS[name].splitlines() if line]
    order: list[str] = []
    for line in lines:
        order.extend(STANDARD if line.startswith("-") else [line.split()[0]])
    return Entity(
        name=name,
        fields={field.name: field for field in map(_field, (line for line in lines if not line.startswith("-")))},
        order=tuple(order),
        ignored=frozenset(f"{_IGNORED['']} {_IGNORED[name]}".split()),
        group=group,
        space=space,
        pool=pool,
        title=title,
    )


ENTITIES = {
    entity.name: entity
    for entity in (
        _entity("Customer", group="Names", space="names", pool="names", title="DisplayName"),
        _entity("Vendor", group="Names", space="names", pool="names", title="DisplayName"),
        _entity("Employee", group="Names", space="names", pool="names", title="DisplayName"),
        _entity("Item", group="Items", space="items", pool="items", title="Name"),
        _entity("Account", group="Accounts", space="accounts", pool="accounts", title="Name"),
        _entity("Term", group="Terms", space="terms", pool="terms", title="Name"),
        _entity("Class", group="Klasses", space="classes", pool="classes", title="Name"),
        _entity("PaymentMethod", group="PaymentMethods", space="methods", pool="methods", title="Name"),
        _entity("TaxAgency", group="TaxAgencies", space="agencies", pool="", title="DisplayName"),
        _entity("TaxRate", group="TaxRates", space="rates", pool="", title="Name"),
        _entity("TaxCode", group="TaxCodes", space="codes", pool="", title="Name"),
        _entity("Invoice", group="Transactions", space="transactions", pool="", title=""),
        _entity("CreditMemo", group="Transactions", space="transactions", pool="", title=""),
        _entity("RefundReceipt", group="Transactions", space="transactions", pool="", title=""),
        _entity("Payment", group="Transactions", space="transactions", pool="", title=""),
        _entity("CompanyInfo", group="CompanyInfo", space="single", pool="", title=""),
        _entity("Preferences", group="Preferences", space="single", pool="", title=""),
    )
}
OTHER_ENTITIES = frozenset(tables.OTHER_ENTITIES.split())
SINGLE = ("CompanyInfo", "Preferences")
READ_ONLY = frozenset({"TaxAgency", "TaxRate", "TaxCode"})
SALES_FORMS = ("Invoice", "CreditMemo", "RefundReceipt")
NAME_LISTS = tuple(name for name, entity in ENTITIES.items() if entity.pool)
WORD_IDS = {"TAX": 1_000_001, "NON": 1_000_002}
BY_LOWER = {name.lower(): name for name in ENTITIES}
EVERY_BY_LOWER = {name.lower(): name for name in (*ENTITIES, *OTHER_ENTITIES)}


def number_of(text: object) -> int | None:
    """The number under which an id is kept: its own, or that of the word (`TAX`, `NON`) that some tax codes have; None for no id."""
    written = str(text)
    return int(written) if written.isascii() and written.isdigit() else WORD_IDS.get(written)
