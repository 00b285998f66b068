"""The kinds of record that are read from QuickBooks: what each is made of, which fields it has, what its records are called.

Owns the table of kinds. The fields of a kind stand in a file of their own. Asks nobody.
"""
from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache

from integrations.quickbooks.entities import Entity, Kind, Preferences
from syncapp.connectors import quickbooks_invoice_fields, quickbooks_lists, quickbooks_payments, quickbooks_values
from syncapp.connectors.quickbooks_values import Field, Place
from syncapp.engine import records, schema

INVOICE = "invoice"
KINDS: Mapping[str, tuple[Kind, ...]] = {
    "customer": (Kind.CUSTOMER,),
    "item": (Kind.ITEM,),
    INVOICE: (Kind.INVOICE,),
    quickbooks_payments.KIND: quickbooks_payments.MEMBERS,
}
"""For each kind of ours the kinds of QuickBooks that make it up."""

WRITTEN: Mapping[str, Kind] = {kind: members[0] for kind, members in KINDS.items() if len(members) == 1}
"""The kinds whose records may be written."""

KIND_LABELS: Mapping[str, str] = {"customer": "Customer", "item": "Item", INVOICE: "Invoice", quickbooks_payments.KIND: "Payment"}
ASSOCIATED_KINDS: Mapping[str, tuple[str, ...]] = {"customer": (INVOICE,), INVOICE: ("customer",), quickbooks_payments.KIND: (INVOICE,)}
LINKS: Mapping[str, Mapping[str, str]] = {
    "customer": {"customer": "ParentRef"},
    INVOICE: {"customer": "CustomerRef"},
    quickbooks_payments.KIND: {"customer": "CustomerRef", INVOICE: "Applied"},
}
"""For each kind, which field names the record of another kind that it belongs to."""

_PAGES: Mapping[Kind, str] = {
    Kind.CUSTOMER: "customerdetail?nameId=",
    Kind.ITEM: "items?itemId=",
    Kind.INVOICE: "invoice?txnId=",
    **quickbooks_payments.PAGES,
}
_KEPT_BY_QUICKBOOKS = frozenset({"Lat", "Long"})


@dataclass(frozen=True, kw_only=True)
class Company:
    """What the fields of a kind may depend on: the company's settings and its accounts."""

    preferences: Preferences
    accounts: tuple[Entity, ...] = field(default=())


def of(kind: str) -> Mapping[str, Field]:
    """Look up the fields of a kind by name; none for a kind that is not synced."""
    return _FIELDS.get(kind, {})


def read(*, kind: str, entity: Entity, place: Place, names: tuple[str, ...] | None = None) -> dict[str, records.Value]:
    """Read the values of the named fields, or of all; a field without a value is None.

    The ` (deleted)` that QuickBooks appends to the name of an inactive record is not part of the name.
    """
    return quickbooks_values.read(steps=_steps(kind, names), entity=entity, place=place)


@lru_cache(maxsize=256)
def _steps(kind: str, names: tuple[str, ...] | None) -> tuple[quickbooks_values.Step, ...]:
    known = of(kind)
    return tuple(quickbooks_values.step(known[name]) for name in (known if names is None else names) if name in known)


def nameless(*, kind: str, found: Iterable[Entity], names: tuple[str, ...]) -> frozenset[tuple[Kind, str]]:
    """Tell which records are named by their id alone, by kind and id, where one of the fields gives the name."""
    known = of(kind)
    heads = [(field.names, field.path[0]) for field in (known[name] for name in names if name in known) if field.names is not None]
    return frozenset(
        (named, identity)
        for entity in found
        for named, head in heads
        if (identity := quickbooks_values.text_at(entity, head, "value")) and not quickbooks_values.text_at(entity, head, "name")
    )


def through(kind: str) -> tuple[schema.FieldSpec, ...]:
    """Describe the fields of the records that are looked at through a kind; none of them is written that way."""
    return tuple(
        replace(
            field.spec, name=f"{other}.{field.spec.name}", label=f"{KIND_LABELS[other]}: {field.spec.label}", associated_kind=other,
            writable=False, required=False, unique=False,
        )
        for other in ASSOCIATED_KINDS.get(kind, ()) for field in of(other).values() if not field.spec.refers_to
    )


def of_this_company(kind: str) -> bool:
    """Tell whether the fields of a kind depend on the company."""
    return kind in ("item", INVOICE)


def names_accounts(kind: str) -> bool:
    """Tell whether fields of a kind come with the company's accounts."""
    return kind == "item"


def here(*, kind: str, spec: schema.FieldSpec, company: Company) -> schema.FieldSpec:
    """Describe a field as one company has it."""
    if kind == INVOICE:
        return quickbooks_invoice_fields.here(spec=spec, preferences=company.preferences)
    return quickbooks_lists.here(spec=spec, currency=company.preferences.home_currency, accounts=company.accounts)


def left_alone(*, kind: str, entity: Entity) -> bool:
    """Tell whether an object is none that is kept in step: a category, or a bundle of other items."""
    return kind == "item" and quickbooks_lists.only_arranges(entity)


def whole(*, entity: Entity, head: str) -> dict[str, object]:
    """Take an object of several parts as it is, ready to be sent back with other values in it."""
    found = entity.fields.get(head)
    return {name: part for name, part in found.items() if name not in _KEPT_BY_QUICKBOOKS} if isinstance(found, dict) else {}


def label(*, kind: str, entity: Entity) -> str:
    """Name a record as people call it."""
    if kind == INVOICE:
        return quickbooks_invoice_fields.label(entity)
    if kind == quickbooks_payments.KIND:
        return quickbooks_payments.label(entity)
    return quickbooks_values.without_suffix(str(entity.fields.get("DisplayName") or entity.fields.get("Name") or ""), entity)


def external_id(*, kind: str, entity: Entity) -> str:
    """The id under which we know a record: QuickBooks' own, with the kind before it where our kind is made up of several."""
    return quickbooks_payments.external_id(entity) if kind == quickbooks_payments.KIND else entity.id


def parted(*, kind: str, external_id: str) -> tuple[Kind, str] | None:
    """QuickBooks' kind and id of a record of ours; None for what can be the id of none."""
    if kind == quickbooks_payments.KIND:
        return quickbooks_payments.parted(external_id)
    members = KINDS.get(kind, ())
    return (members[0], external_id) if members and external_id.isascii() and external_id.isdecimal() else None


def page(*, kind: str, external_id: str) -> tuple[str, str] | None:
    """The page on which a person sees a record, and the id that it is asked for there; None for a kind without a page."""
    if kind == quickbooks_payments.KIND:
        found = quickbooks_payments.parted(external_id)
        return (_PAGES[found[0]], found[1]) if found else None
    return (_PAGES[KINDS[kind][0]], external_id) if kind in KINDS else None


def linked(*, kind: str, entity: Entity, other: str) -> tuple[str, ...]:
    """Tell the ids of the records of another kind that a record belongs to."""
    if (kind, other) == (quickbooks_payments.KIND, INVOICE):
        return quickbooks_payments.invoices(entity)
    reference = entity.fields.get(LINKS.get(kind, {}).get(other, ""))
    identity = reference.get("value") if isinstance(reference, dict) else None
    return (str(identity),) if identity else ()


_FIELDS: Mapping[str, Mapping[str, Field]] = {
    kind: {field.spec.name: field for field in fields}
    for kind, fields in (
        ("customer", quickbooks_lists.CUSTOMER),
        ("item", quickbooks_lists.ITEM),
        (INVOICE, quickbooks_invoice_fields.INVOICE),
        (quickbooks_payments.KIND, quickbooks_payments.FIELDS),
    )
}
