"""What a new sync starts with: which kinds it keeps in step, the recommended mappings and the recommended filters.

Owns the tables. What depends on the account (which fields it has, what its choices are called) is looked up when the sync is set
up and then stays as it is: a date in a recommended filter is that day's for good.
"""
from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from syncapp import models
from syncapp.connectors import factory
from syncapp.engine import rules, schema, values, vocabulary
from syncapp.engine.vocabulary import Direction, FieldType, FilterOperator, Side


@dataclass(frozen=True, kw_only=True)
class RecommendedMapping:
    """Two fields that usually mean the same."""

    left: str
    right: str
    direction: Direction = Direction.BOTH
    fallback: bool = False


@dataclass(frozen=True, kw_only=True)
class RecommendedRule:
    """One condition. The first of `fields` that the account has is taken; `choices` are matched by value or by label.

    `since_setup` compares with the beginning of the day of set-up, where the account is.
    """

    fields: tuple[str, ...]
    operator: FilterOperator
    choices: tuple[str, ...] = ()
    since_setup: bool = False


@dataclass(frozen=True, kw_only=True)
class RecommendedGroup:
    """Conditions that all hold. A group of which the account lacks a field is not offered."""

    name: str
    rules: tuple[RecommendedRule, ...]


@dataclass(frozen=True, kw_only=True)
class NewValue:
    """A setting of the sync whose value every new QuickBooks record is given in `field`.

    An `account` is chosen among the accounts of the company that the field offers. It is needed by every new record or, where
    `needed_for` names a field, by those that have a value there.
    """

    setting: str
    field: str
    label: str
    account: bool = True
    needed_for: str = ""


@dataclass(frozen=True, kw_only=True)
class ObjectDefaults:
    """What is particular to one pair of objects. Of `left_filters` and `right_filters` the first group that fits is used.

    `direction` is the recommended one. `name_field` holds a record's own name, `full_name_field` the name with those of its
    parents where that one is unique. `nested`: a new QuickBooks record may be put under another one.
    """

    left_kind: str
    right_kind: str
    direction: Direction
    match_keys: tuple[rules.MatchKey, ...]
    name_field: str
    needs_one_of: tuple[str, ...]
    mappings: tuple[RecommendedMapping, ...]
    full_name_field: str = ""
    nested: bool = True
    new_values: tuple[NewValue, ...] = ()
    left_filters: tuple[RecommendedGroup, ...] = ()
    right_filters: tuple[RecommendedGroup, ...] = ()


def _both(pairs: Mapping[str, str]) -> tuple[RecommendedMapping, ...]:
    return tuple(RecommendedMapping(left=left, right=right) for left, right in pairs.items())


_NEW_INVOICE = RecommendedGroup(
    name="Has a new HubSpot invoice",
    rules=(
        RecommendedRule(fields=("invoices.hs_invoice_status",), operator=FilterOperator.NONE_OF, choices=("draft",)),
        RecommendedRule(
            fields=("invoices.hs_createdate", "invoices.createdate"), operator=FilterOperator.AFTER, since_setup=True
        ),
        RecommendedRule(fields=("invoices.hs_invoice_source",), operator=FilterOperator.ANY_OF, choices=("hubspot",)),
    ),
)
_NEW_CONTACT = RecommendedGroup(
    name="Created since the sync was set up",
    rules=(RecommendedRule(fields=("createdate",), operator=FilterOperator.AFTER, since_setup=True),),
)
"""For accounts without invoices: letting every contact in would fill the books with people who buy nothing."""

_OBJECTS = {
    vocabulary.ObjectPair.CONTACT_CUSTOMER: ObjectDefaults(
        left_kind="contacts",
        right_kind="customer",
        direction=Direction.BOTH,
        match_keys=(rules.MatchKey(left="email", right="PrimaryEmailAddr.Address", type=FieldType.EMAIL),),
        name_field="DisplayName",
        needs_one_of=("DisplayName", "GivenName", "FamilyName"),
        mappings=(
            *_both({"email": "PrimaryEmailAddr.Address", "firstname": "GivenName", "lastname": "FamilyName"}),
            RecommendedMapping(left="companies.name", right="DisplayName", direction=Direction.TO_RIGHT),
            RecommendedMapping(left="full_name", right="DisplayName", direction=Direction.TO_RIGHT, fallback=True),
            *_both(
                {
                    "company": "CompanyName", "phone": "PrimaryPhone.FreeFormNumber", "mobilephone": "Mobile.FreeFormNumber",
                    "fax": "Fax.FreeFormNumber", "website": "WebAddr.URI", "address": "BillAddr.Line1", "city": "BillAddr.City",
                    "state": "BillAddr.CountrySubDivisionCode", "zip": "BillAddr.PostalCode", "country": "BillAddr.Country",
                }
            ),
        ),
        left_filters=(_NEW_INVOICE, _NEW_CONTACT),
    ),
    vocabulary.ObjectPair.PRODUCT_ITEM: ObjectDefaults(
        left_kind="products",
        right_kind="item",
        direction=Direction.TO_LEFT,
        match_keys=(
            rules.MatchKey(left="hs_sku", right="Sku", type=FieldType.TEXT), rules.MatchKey(left="name", right="Name", type=FieldType.TEXT),
        ),
        name_field="Name",
        full_name_field="FullyQualifiedName",
        nested=False,
        needs_one_of=("Name",),
        mappings=_both(
            {
                "name": "Name", "hs_sku": "Sku", "description": "Description", "price": "UnitPrice",
                "hs_cost_of_goods_sold": "PurchaseCost",
            }
        ),
        new_values=(
            NewValue(setting="new_product_type", field="Type", label="type", account=False),
            NewValue(setting="income_account", field="IncomeAccountRef", label="income account"),
            NewValue(setting="expense_account", field="ExpenseAccountRef", label="expense account", needed_for="PurchaseCost"),
        ),
    ),
}

LABEL_FIELDS: Mapping[str, tuple[str, ...]] = {
    "contacts": ("firstname", "lastname", "email"), "companies": ("name",), "invoices": ("hs_number",), "customer": ("DisplayName",),
    "products": ("name",), "item": ("Name", "FullyQualifiedName"),
}
"""What a record is called by on pages."""


def of(object_pair: str) -> ObjectDefaults:
    """Look up what is particular to a pair of objects."""
    return _OBJECTS[vocabulary.ObjectPair(object_pair)]


def unasked(*, kind: str) -> frozenset[FilterOperator]:
    """Name the conditions that no field of a kind can answer: what was before, where the vendor does not tell it."""
    return frozenset() if factory.keeps_history(kind=kind) else schema.ABOUT_THE_PAST


def kinds(*, system: vocabulary.System) -> tuple[str, ...]:
    """Name the kinds of record of a vendor that any sync keeps in step."""
    left = system is vocabulary.System.HUBSPOT
    return tuple(dict.fromkeys(entry.left_kind if left else entry.right_kind for entry in _OBJECTS.values()))


def given(*, config: models.SyncConfig) -> tuple[rules.Given, ...]:
    """Gather what the config's settings give to every new QuickBooks record, in words as last read."""
    entry = of(config.object_pair)
    wanted = [one.field for one in entry.new_values]
    offered = models.VendorField.objects.filter(connection_id=config.right_id, kind=entry.right_kind, name__in=wanted)
    choices = dict(offered.values_list("name", "choices"))
    made = []
    for one in entry.new_values:
        value = getattr(config, one.setting)
        known = {str(code): str(label) for code, label in choices.get(one.field, ())}
        made.append(
            rules.Given(
                side=Side.RIGHT, field=one.field, label=one.label, value=value, words=known.get(value, ""), needed_for=one.needed_for
            )
        )
    return tuple(made)


def fill(*, config: models.SyncConfig, now: datetime) -> None:
    """Give a new config the recommended mappings and filters, as far as its accounts have the fields."""
    entry = of(config.object_pair)
    left, right = _fields(config.left_id, entry.left_kind), _fields(config.right_id, entry.right_kind)
    models.FieldMapping.objects.bulk_create(_mappings(config, entry.mappings, left, right))
    _add_group(config, Side.LEFT, entry.left_filters, left, now)
    _add_group(config, Side.RIGHT, entry.right_filters, right, now)


def described(*, field: models.VendorField) -> schema.FieldSpec:
    """Describe a field as the engine knows it."""
    return schema.FieldSpec(
        name=field.name,
        label=field.label,
        type=FieldType(field.type),
        writable=field.writable,
        required=field.required,
        unique=field.unique_value,
        max_length=field.max_length,
        decimals=field.decimals,
        choices=tuple((str(value), str(label)) for value, label in field.choices),
        associated_kind=field.associated_kind,
        reason=field.reason,
        currency=field.currency,
        keeps_history=factory.keeps_history(
            kind=field.associated_kind or field.kind, name=field.name.removeprefix(f"{field.associated_kind}.")
        ),
    )


def _fields(connection_id: int, kind: str) -> dict[str, models.VendorField]:
    offered = models.VendorField.objects.filter(connection_id=connection_id, kind=kind, archived=False, reason="")
    return {field.name: field for field in offered}


def _mappings(
    config: models.SyncConfig,
    recommended: Iterable[RecommendedMapping],
    left: Mapping[str, models.VendorField],
    right: Mapping[str, models.VendorField],
) -> list[models.FieldMapping]:
    made = []
    for position, wanted in enumerate(recommended):
        ends = left.get(wanted.left), right.get(wanted.right)
        if ends[0] is None or ends[1] is None:
            continue
        direction = _possible(wanted.direction, ends[0], ends[1])
        if direction is not None:
            made.append(
                models.FieldMapping(
                    config=config, left_field=ends[0], right_field=ends[1], direction=direction, fallback=wanted.fallback,
                    position=position,
                )
            )
    return made


def _possible(wanted: Direction, left: models.VendorField, right: models.VendorField) -> Direction | None:
    """The recommended direction, or the part of it that the account's fields allow."""
    narrower = (wanted, Direction.TO_RIGHT, Direction.TO_LEFT) if wanted is Direction.BOTH else (wanted,)
    ends = described(field=left), described(field=right)
    return next((one for one in narrower if not schema.mapping_problems(left=ends[0], right=ends[1], direction=one)), None)


def _add_group(
    config: models.SyncConfig, side: Side, recommended: Iterable[RecommendedGroup], fields: Mapping[str, models.VendorField], now: datetime
) -> None:
    since = _start_of_day(config.left if side is Side.LEFT else config.right, now)
    for group in recommended:
        found = [_rule(rule, fields, since) for rule in group.rules]
        if all(rule is not None for rule in found):
            saved = models.FilterGroup.objects.create(config=config, side=side, name=group.name)
            for position, rule in enumerate(rule for rule in found if rule is not None):
                rule.group, rule.position = saved, position
                rule.save()
            return


def _start_of_day(connection: models.Connection, now: datetime) -> datetime:
    """Midnight before the moment, where the account is: what was made earlier on the day of set-up counts as new."""
    return now.astimezone(values.zone(connection.time_zone)).replace(hour=0, minute=0, second=0, microsecond=0)


def _rule(wanted: RecommendedRule, fields: Mapping[str, models.VendorField], since: datetime) -> models.FilterRule | None:
    field = next((fields[name] for name in wanted.fields if name in fields), None)
    if field is None:
        return None
    if wanted.since_setup:
        return models.FilterRule(field=field, operator=wanted.operator, values=[_moment(field, since)], frozen=True)
    chosen = [value for value, label in field.choices if {value.casefold(), label.casefold()} & set(wanted.choices)]
    return models.FilterRule(field=field, operator=wanted.operator, values=chosen, frozen=True) if chosen else None


def _moment(field: models.VendorField, since: datetime) -> str:
    return since.date().isoformat() if field.type == FieldType.DATE else values.instant_text(since)
