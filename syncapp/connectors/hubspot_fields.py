"""HubSpot's properties as fields, and its values as canonical ones.

Owns what a property's type means for us. Asks nobody: definitions are handed in.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Callable, Container, Iterable, Mapping, Sequence

from integrations.hubspot import answers
from syncapp.engine import records, schema, values
from syncapp.engine.vocabulary import FieldType
from syncapp.engine.wording import say

Reader = Callable[[str | None], records.Value]
MAX_TEXT = 65_536
KEY_PROPERTY = "syncapp_key"
MERGED_IDS = "hs_merged_object_ids"
KIND_LABELS: Mapping[str, str] = {
    "contacts": "Contact",
    "companies": "Company",
    "deals": "Deal",
    "invoices": "Invoice",
    "products": "Product",
    "line_items": "Line item",
    "notes": "Note",
}
ASSOCIATED_KINDS: Mapping[str, tuple[str, ...]] = {
    "contacts": ("companies", "invoices", "deals"), "invoices": ("contacts", "companies", "deals"),
}
NAMES: Mapping[str, tuple[str, ...]] = {
    "contacts": ("companies",), "deals": ("contacts",), "invoices": ("contacts", "companies", "deals"),
}
"""Which record is read for an association: the one whose own time of change moves. A contact's does not when it gets an invoice."""
LABEL_PROPERTIES: Mapping[str, tuple[str, ...]] = {
    "contacts": ("firstname", "lastname", "email"),
    "companies": ("name", "domain"),
    "deals": ("dealname",),
    "invoices": ("hs_number", "hs_title"),
    "products": ("name",),
    "line_items": ("name",),
    "notes": ("hs_note_body",),
}
_NAMING_A_CONTACT = frozenset(LABEL_PROPERTIES["contacts"])
LABEL_LENGTH = 80
_TAGS = re.compile(r"<[^>]*>")

FULL_NAME = "full_name"
LINES = "line_items"
STATUS = "hs_invoice_status"
CURRENCY = "hs_currency"
DRAFT = "draft"


def _reference(name: str, label: str, *, later: bool = False, yields: bool = False, required: bool = False) -> schema.FieldSpec:
    return schema.FieldSpec(
        name=name, label=label, type=FieldType.REFERENCE, refers_to=name, later=later, yields=yields, required=required
    )


MADE_UP: Mapping[str, tuple[schema.FieldSpec, ...]] = {
    "contacts": (schema.FieldSpec(name=FULL_NAME, label="First and last name (else e-mail)", type=FieldType.TEXT, writable=False),),
    "invoices": (
        _reference("contacts", "Contact", later=True),
        _reference("companies", "Company", later=True, yields=True),
        schema.FieldSpec(name=LINES, label="Line items", type=FieldType.LINES, refers_to="products", later=True),
    ),
    "notes": (_reference("deals", "Deals", required=True),),
}
"""Fields that HubSpot does not keep as properties; they are made of properties or associations on reading."""

_TYPES: Mapping[str, FieldType] = {
    "string": FieldType.TEXT,
    "number": FieldType.NUMBER,
    "bool": FieldType.BOOLEAN,
    "enumeration": FieldType.CHOICE,
    "date": FieldType.DATE,
    "datetime": FieldType.DATETIME,
    "phone_number": FieldType.PHONE,
}
_NAMED_TYPES: Mapping[str, FieldType] = {
    "email": FieldType.EMAIL,
    "work_email": FieldType.EMAIL,
    "phone": FieldType.PHONE,
    "mobilephone": FieldType.PHONE,
    "fax": FieldType.PHONE,
    "website": FieldType.URL,
}
"""HubSpot keeps these as plain text; everybody uses them as what they are called."""

_MONEY: Mapping[str, frozenset[str]] = {"products": frozenset({"price", "hs_cost_of_goods_sold"})}
_LEFT_ALONE: Mapping[str, frozenset[str]] = {
    "products": frozenset(
        {
            "hs_recurring_billing_period", "recurringbillingfrequency", "hs_recurring_billing_start_date", "hs_pricing_model",
            "hs_tier_ranges", "hs_tier_prices",
        }
    ),
}
"""How often and in which steps a product is billed has no place in QuickBooks; it may be read, and is never written."""

_REQUIRED: Mapping[str, frozenset[str]] = {"notes": frozenset({"hs_timestamp"})}
_OURS: Mapping[str, str] = {"notes": "qbo_payment_id"}
"""Kinds of which only those records concern us that have a value in this property: what people note down is not read into the mirror."""
_REFERENCES = frozenset({"associatedcompanyid", "hs_product_id"})


def field_type(definition: answers.Property) -> FieldType:
    """Tell what a property holds."""
    if definition.name in _REFERENCES:
        return FieldType.REFERENCE
    if definition.type == "string":
        named = FieldType.PHONE if definition.field_type == "phonenumber" else FieldType.TEXT
        return _NAMED_TYPES.get(definition.name, named)
    if definition.type == "enumeration" and definition.field_type == "checkbox":
        return FieldType.CHOICES
    if definition.type == "enumeration" and definition.field_type == "booleancheckbox":
        return FieldType.BOOLEAN
    return _TYPES.get(definition.type, FieldType.TEXT)


def offered(definitions: Iterable[answers.Property]) -> tuple[answers.Property, ...]:
    """Leave out what nobody sees in HubSpot, and our own key."""
    return tuple(one for one in definitions if not one.hidden and not one.archived and one.name != KEY_PROPERTY)


def spec(
    *, kind: str, definition: answers.Property, choices: tuple[tuple[str, str], ...] = (), through: bool = False, currency: str = ""
) -> schema.FieldSpec:
    """Describe one property as a field; `through` where it belongs to an associated kind, `currency` being
    the account's."""
    type_ = field_type(definition)
    reason = ""
    if type_ is FieldType.REFERENCE:
        reason = say("It names another record, not a value. Use that record's own fields.")
    elif definition.type not in _TYPES:
        reason = say("HubSpot keeps it in a form ({type}) that cannot be carried over.", type=definition.type)
    status = kind == "invoices" and definition.name == STATUS and not through
    return schema.FieldSpec(
        name=f"{kind}.{definition.name}" if through else definition.name,
        label=f"{KIND_LABELS.get(kind, kind)}: {definition.label}" if through else definition.label,
        type=type_,
        writable=not (
            through or reason or definition.read_only or definition.calculated or definition.name in _LEFT_ALONE.get(kind, ())
        ),
        unique=definition.unique or (kind == "contacts" and definition.name == "email"),
        max_length=MAX_TEXT if definition.type == "string" else None,
        choices=definition.options or choices,
        associated_kind=kind if through else "",
        reason=reason,
        currency=currency if definition.name in _MONEY.get(kind, ()) else "",
        required=definition.name in _REQUIRED.get(kind, ()) and not through,
        initial=DRAFT if status else "",
        later=status,
        keeps_history=keeps_history(kind=kind, name=definition.name),
    )


def currencies(spec: schema.FieldSpec, *, enabled: Sequence[str]) -> schema.FieldSpec:
    """Leave an invoice's currency only those choices that the account has enabled, its own first."""
    labels = dict(spec.choices)
    known = tuple((code, labels.get(code, code)) for code in enabled if code in labels or not labels)
    return dataclasses.replace(spec, choices=known, currency=next(iter(enabled), ""))


def keeps_history(*, kind: str, name: str) -> bool:
    """Tell whether the earlier values of a field can be read: of every property, not of what is made on reading."""
    return kind in KIND_LABELS and name not in {one.name for one in MADE_UP.get(kind, ())}


def has_money(kind: str) -> bool:
    """Tell whether the account's currencies matter for the fields of a kind."""
    return kind in _MONEY or kind == "invoices"


def ours(*, kind: str, found: Iterable[answers.RemoteObject]) -> tuple[answers.RemoteObject, ...]:
    """Keep the records that concern us; where the account has no property that tells, all of them."""
    name = _OURS.get(kind, "")
    return tuple(one for one in found if name not in one.properties or one.properties[name])


def is_property(*, kind: str, name: str) -> bool:
    """Tell whether HubSpot itself keeps a field of a kind."""
    return name not in {one.name for one in MADE_UP.get(kind, ())}


def ours_alone(*, kind: str) -> bool:
    """Tell whether only those records of a kind concern us that we made."""
    return kind in _OURS


def reader(type_: FieldType) -> Reader:
    """The function that reads a type's values. One that does not go with its property's type, which HubSpot keeps when the type was
    changed later, stays as it is: it troubles only those who use it."""
    typed = values.reader(type_)
    if values.takes_any_text(type_):
        return typed

    def read(raw: str | None) -> records.Value:
        try:
            return typed(raw)
        except ValueError:
            return raw

    return read


def readers(*, definitions: Mapping[str, answers.Property], names: Iterable[str]) -> dict[str, Reader]:
    """The functions that read the values of several fields, by name; what is no property is read as text."""
    types = {name: field_type(definitions[name]) if name in definitions else FieldType.TEXT for name in names}
    return {name: reader(type_) for name, type_ in types.items()}


def made_up(*, kind: str, properties: Mapping[str, str | None], names: Container[str]) -> dict[str, records.Value]:
    """Make the values of those of the named fields that HubSpot does not keep, where the answer holds all they are made of."""
    if kind != "contacts" or FULL_NAME not in names or not properties.keys() >= _NAMING_A_CONTACT:
        return {}
    return {FULL_NAME: label(kind=kind, properties=properties).strip() or None}


def merged_ids(one: answers.RemoteObject, *, followed: tuple[str, ...] = ()) -> tuple[str, ...]:
    """The other ids that lead to a record, each once: those that it tells, and those that were followed to it."""
    told = one.properties.get(MERGED_IDS)
    known = (*told.split(";"), *followed) if told else followed
    return tuple(dict.fromkeys(old for old in known if old and old != one.id)) if known else ()


def labelled(
    *, kind: str, properties: Mapping[str, str | None], before: Mapping[str, records.Value], new: bool
) -> dict[str, str | None]:
    """Complete the answer to a write by what a record is called by: an update's answer tells only what it changed."""
    known = {name: None if new else raw(before[name]) or None for name in LABEL_PROPERTIES.get(kind, ()) if new or name in before}
    return {**known, **properties}


def raw(value: records.Value) -> str:
    """Write a value as HubSpot takes it; nothing clears the property."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return ";".join(value) if isinstance(value, tuple) else value


def label(*, kind: str, properties: Mapping[str, str | None]) -> str:
    """Name a record as people call it: a contact by its name, else its e-mail address; a note by its first line."""
    known = [properties.get(name) or "" for name in LABEL_PROPERTIES.get(kind, ())]
    if kind == "contacts":
        return " ".join(filter(None, known[:2])) or known[2]
    if kind == "notes":
        return " ".join(_TAGS.sub(" ", known[0].partition("<br")[0]).split())[:LABEL_LENGTH]
    return next((part for part in known if part), "")
