"""The fields of a QuickBooks invoice, and what follows from them: whether it is paid, overdue or void, and its sums.

Owns the invoice's table, and what of it depends on the company: its currencies and its custom fields. Asks nobody.
"""
from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

from integrations.quickbooks.entities import CustomField, Entity, Kind, Preferences
from syncapp.connectors import quickbooks_lines
from syncapp.connectors.quickbooks_values import (
    DELETED,
    Field,
    Made,
    Place,
    address,
    chosen,
    kept,
    made,
    number_at,
    plain,
    stamps,
    text,
    text_at,
)
from syncapp.engine import records, schema, values
from syncapp.engine.lines import LineKind
from syncapp.engine.vocabulary import FieldType
from syncapp.engine.wording import later, say

CUSTOM = "CustomField"
CURRENCY = "CurrencyRef.value"
LINES = "Line"
LONGEST_CUSTOM_VALUE = 30

_SLOTS = ("1", "2", "3")
_VOIDED = "Voided"
_STATUSES = (("open", "Open"), ("paid", "Paid"), ("voided", "Voided"))
_STATES = (("open", "Open"), ("partial", "Partly paid"), ("paid", "Paid"), ("overdue", "Overdue"), ("voided", "Voided"))
_E_MAIL = (("NotSet", "Not to be sent"), ("NeedToSend", "To be sent"), ("EmailSent", "Sent"))
_PRINT = (("NotSet", "Not to be printed"), ("NeedToPrint", "To be printed"), ("PrintComplete", "Printed"))
_HOW_TO_ADD = later(
    'In QuickBooks, open the custom fields, choose or add a field of the type "text and number" for the category "transaction", '
    "switch on invoices and all other sales forms, and switch on that it is printed. Then refresh the fields."
)


def is_voided(entity: Entity) -> bool:
    """Tell whether a document was made void: nothing is left of its amounts, and its note says so."""
    nothing = not number_at(entity, "TotalAmt") and not number_at(entity, "Balance")
    return nothing and says_voided(entity)


def says_voided(entity: Entity) -> bool:
    """Tell whether the note of a document says that it was made void."""
    return _VOIDED in text_at(entity, "PrivateNote")


def status(entity: Entity) -> str:
    """Tell whether an invoice is open, paid or voided."""
    if is_voided(entity):
        return "voided"
    return "open" if number_at(entity, "Balance") else "paid"


def payment_state(entity: Entity, *, today: date) -> str:
    """Tell how far an invoice is paid; one that is overdue is called so, whether part of it is paid or nothing."""
    balance, due = number_at(entity, "Balance"), values.as_date(text_at(entity, "DueDate"))
    if status(entity) != "open":
        return status(entity)
    if balance > 0 and due is not None and due < today:
        return "overdue"
    return "partial" if balance < number_at(entity, "TotalAmt") else "open"


def label(entity: Entity) -> str:
    """Name an invoice as people call it."""
    return text_at(entity, "DocNumber") or f"Invoice {entity.id}"


def slot(name: str) -> str:
    """The number of a custom field, by the field's name; "" for another field."""
    head, _, number = name.partition(".")
    return number if head == CUSTOM else ""


def here(*, spec: schema.FieldSpec, preferences: Preferences) -> schema.FieldSpec:
    """Describe a field of an invoice as one company has it."""
    if spec.name == CURRENCY:
        home = preferences.home_currency
        only = () if preferences.multicurrency or not home else ((home, home),)
        return replace(spec, required=preferences.multicurrency, choices=only)
    number = slot(spec.name)
    return _custom_here(spec, number, preferences) if number else spec


def _custom_here(spec: schema.FieldSpec, number: str, preferences: Preferences) -> schema.FieldSpec:
    """A custom field under its own label, or with the reason why it cannot be used."""
    found = next((one for one in preferences.custom_fields if one.definition_id == number), None)
    label = found.label.strip() if found else ""
    return replace(spec, label=label or spec.label, reason=_why_not(found, label))


def _why_not(found: CustomField | None, label: str) -> str:
    if found is None or not (found.enabled or label):
        return say("QuickBooks has no such custom field on its sales forms. {remedy}", remedy=_HOW_TO_ADD)
    if not found.enabled:
        return say('The custom field "{field}" is switched off for sales forms. {remedy}', field=label, remedy=_HOW_TO_ADD)
    return "" if label else say("The custom field has no name in QuickBooks. {remedy}", remedy=_HOW_TO_ADD)


def _number(entity: Entity, *path: str) -> str:
    return values.number_text(number_at(entity, *path))


def _amount_paid(entity: Entity, place: Place) -> records.Value:
    return values.number_text(number_at(entity, "TotalAmt") - number_at(entity, "Balance"))


def _sum_of(kind: LineKind) -> Made:
    def added(entity: Entity, place: Place) -> records.Value:
        return values.number_text(quickbooks_lines.total(quickbooks_lines.of(entity), kind))

    return added


def _discount(entity: Entity, place: Place) -> records.Value:
    """What the discounts take off, less what negative ones add."""
    found = quickbooks_lines.of(entity)
    less: Decimal = quickbooks_lines.total(found, LineKind.DISCOUNT) - quickbooks_lines.total(found, LineKind.FEE)
    return values.number_text(less)


def _custom(number: str) -> Field:
    def found(entity: Entity, place: Place) -> records.Value:
        entries = entity.fields.get(CUSTOM)
        told = (one for one in entries if isinstance(one, dict)) if isinstance(entries, list) else ()
        value = next((one.get("StringValue") for one in told if str(one.get("DefinitionId")) == number), None)
        return values.canonical(type=FieldType.TEXT, raw=value)

    name = f"{CUSTOM}.{number}"
    spec = schema.FieldSpec(name=name, label=f"Custom field {number}", type=FieldType.TEXT, max_length=LONGEST_CUSTOM_VALUE)
    return Field(spec=spec, path=(CUSTOM,), made=found)


def _ship_method(entity: Entity, place: Place) -> records.Value:
    """How it is shipped. The reference leads to no record: its id is the name."""
    told = text_at(entity, "ShipMethodRef", "name") or text_at(entity, "ShipMethodRef", "value")
    return told or None


def _department(entity: Entity, place: Place) -> records.Value:
    return DELETED.sub("", text_at(entity, "DepartmentRef", "name")) or None


def _line_field() -> Field:
    spec = schema.FieldSpec(name=LINES, label="Lines", type=FieldType.LINES, required=True, refers_to="item")
    return Field(spec=spec, path=(LINES,), made=lambda entity, place: quickbooks_lines.value(entity))


INVOICE = (
    text("DocNumber", "Invoice number", 21, asked=True),
    plain("TxnDate", "Invoice date", FieldType.DATE),
    plain("DueDate", "Due date", FieldType.DATE),
    kept("ShipDate", "Shipping date", FieldType.DATE),
    Field(
        spec=schema.FieldSpec(name="CustomerRef", label="Customer", type=FieldType.REFERENCE, required=True, refers_to="customer"),
        path=("CustomerRef", "value"),
        query_name="CustomerRef",
    ),
    kept("CustomerRef.name", "Customer name", FieldType.TEXT, names=Kind.CUSTOMER),
    _line_field(),
    Field(spec=schema.FieldSpec(name=CURRENCY, label="Currency", type=FieldType.CHOICE), path=("CurrencyRef", "value")),
    text("CustomerMemo.value", "Message on the invoice", 1000),
    text("PrivateNote", "Private note", 4000),
    Field(
        spec=schema.FieldSpec(name="BillEmail.Address", label="E-mail", type=FieldType.EMAIL, max_length=100),
        path=("BillEmail", "Address"),
    ),
    *map(_custom, _SLOTS),
    chosen("InvoiceStatus", "Status", _STATUSES, lambda entity, place: status(entity)),
    chosen("PaymentState", "Payment state", _STATES, lambda entity, place: payment_state(entity, today=place.today())),
    kept("TotalAmt", "Total", FieldType.NUMBER),
    kept("Balance", "Open balance", FieldType.NUMBER),
    made("AmountPaid", "Amount paid", FieldType.NUMBER, _amount_paid),
    made("Subtotal", "Subtotal", FieldType.NUMBER, _sum_of(LineKind.PRODUCT)),
    made("Discount", "Discount", FieldType.NUMBER, _discount),
    made("Tax", "Tax", FieldType.NUMBER, lambda entity, place: _number(entity, "TxnTaxDetail", "TotalTax")),
    made("Deposit", "Deposit", FieldType.NUMBER, lambda entity, place: _number(entity, "Deposit")),
    kept("ExchangeRate", "Exchange rate", FieldType.NUMBER),
    kept("HomeTotalAmt", "Total in the home currency", FieldType.NUMBER),
    kept("HomeBalance", "Open balance in the home currency", FieldType.NUMBER),
    kept("SalesTermRef.name", "Terms", FieldType.TEXT, names=Kind.TERM),
    kept("ClassRef.name", "Class", FieldType.TEXT, names=Kind.CLASS),
    made("DepartmentRef.name", "Location", FieldType.TEXT, _department),
    made("ShipMethodRef.name", "Shipped by", FieldType.TEXT, _ship_method),
    kept("TrackingNum", "Tracking number", FieldType.TEXT),
    chosen("EmailStatus", "E-mail status", _E_MAIL),
    chosen("PrintStatus", "Print status", _PRINT),
    *address("BillAddr", "Billing address", writable=False),
    *address("ShipAddr", "Shipping address", writable=False),
    made("Link", "Page in QuickBooks", FieldType.URL, lambda entity, place: place.url(entity) or None),
    *stamps(),
)
