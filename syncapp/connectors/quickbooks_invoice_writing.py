"""What is special in writing a QuickBooks invoice: its lines, its custom fields, and refusals in plain words.

Owns what is asked of the company before an invoice is written, and the words and fields of Intuit's refusals. Sends nothing but
those questions.
"""
from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from integrations.quickbooks import client as quickbooks_client
from integrations.quickbooks.entities import Entity, Fields, Kind
from syncapp.connectors import base, quickbooks_fields, quickbooks_invoice_fields, quickbooks_line_writing, quickbooks_values
from syncapp.connectors.quickbooks_invoice_fields import CURRENCY, CUSTOM, LINES
from syncapp.engine import errors, lines, records, schema, values, vocabulary
from syncapp.engine.vocabulary import OperationKind
from syncapp.engine.wording import later, say

CUSTOMER, NUMBER, DAY = "CustomerRef", "DocNumber", "TxnDate"
ALWAYS = frozenset({CUSTOMER, NUMBER, DAY, CURRENCY, LINES})
"""What no invoice is without, so that it is never emptied."""

_SYSTEM = vocabulary.System.QUICKBOOKS.english
_HOME = "US"
_TOO_LONG = "2050"
_INACTIVE = "610"
_NUMBER_TAKEN = "6140"
_BUSINESS = "6000"
"""A rule of the company's own, told in words only; nearly all of them are about lines."""

_BY_CODE: Mapping[str, tuple[str, str]] = {
    _INACTIVE: (
        LINES,
        later(
            "Something that the invoice names, such as a product or service, is inactive or gone in QuickBooks. Make it active there, or"
            " choose another."
        ),
    ),
    "2210": ("BillEmail.Address", later("QuickBooks takes the e-mail address of the invoice for none. Correct it.")),
    "2250": (LINES, later("An invoice needs at least one line. Add one, then try again.")),
    "2290": (LINES, later("The invoice would come to less than nothing, which QuickBooks does not allow. Correct its lines or discounts.")),
    "2500": (LINES, later("Something that the invoice names is not in QuickBooks any more. Choose another product or service.")),
    "6070": (LINES, later("A line's amount is not its quantity times its price, as QuickBooks counts. Correct the line.")),
    "6090": (LINES, later("QuickBooks does not understand the invoice's discount. Correct it, or make the invoice in QuickBooks.")),
    "6100": (
        LINES,
        later("QuickBooks wants another tax code on a line, and HubSpot's invoices have none. Make this invoice in QuickBooks."),
    ),
    "6200": (DAY, later("QuickBooks' books are closed for the day of this invoice. Move its date, or the closing date in QuickBooks.")),
    "6210": (
        DAY,
        later(
            "QuickBooks' books are closed for the day of this invoice, with a password. Move its date, or write the invoice in QuickBooks."
        ),
    ),
    "6250": (CUSTOMER, later("QuickBooks does not take the invoice's customer: it is inactive, or none. Make it active in QuickBooks.")),
    "6270": (DAY, later("The invoice sells something from stock before the day on which QuickBooks began to count it. Move its date.")),
    "6310": (CUSTOMER, later("An invoice needs a customer. Associate it with one that is synced.")),
    "6420": ("BillEmail.Address", later("QuickBooks is to send the invoice by e-mail and needs an address. Enter one.")),
    "6440": (LINES, later("Every line needs a product or service of QuickBooks. Choose one for each.")),
    "6560": (CUSTOMER, later("An invoice needs a customer. Associate it with one that is synced.")),
}
"""Which field a refusal is about, and what a person can do, by Intuit's code."""


@dataclass(frozen=True, kw_only=True)
class Terms:
    """What is known of the company: what it says about lines (None where no lines are written), and the customers that are named."""

    rules: quickbooks_line_writing.Rules | None = None
    customers: Mapping[str, Entity] = field(default_factory=dict)


def ask(*, client: quickbooks_client.Client, writes: Sequence[base.Write]) -> Terms:
    """Ask the company what must be known before these invoices are written. Raises the client's ApiError."""
    named = {str(write.values[CUSTOMER]) for write in writes if write.values.get(CUSTOMER)}
    ids = sorted(each for each in named if each.isascii() and each.isdecimal())
    customers = client.read_many(kind=Kind.CUSTOMER, ids=ids) if ids else {}
    if not any(LINES in write.values for write in writes):
        return Terms(customers=customers)
    preferences, company = client.preferences(), client.company_info()
    rules = quickbooks_line_writing.Rules(
        automated_tax=preferences.automated_sales_tax is True,
        tax_codes=preferences.using_sales_tax and company.country not in ("", _HOME),
        discounts=preferences.allow_discount,
        service_dates=preferences.revenue_recognition,
    )
    return Terms(rules=rules, customers=customers)


def is_special(name: str) -> bool:
    """Tell whether a field is written here and not as it stands."""
    return name == LINES or bool(quickbooks_invoice_fields.slot(name))


def start(*, write: base.Write, entity: Entity | None, terms: Terms) -> Fields:
    """Begin the body of an invoice with its lines and custom fields. Raises Rejected for what cannot be written."""
    made: Fields = {}
    if write.kind is OperationKind.CREATE and not write.values.get(CUSTOMER):
        raise _refused(CUSTOMER, str(_BY_CODE["6310"][1]))
    if write.values.get(CUSTOMER):
        _check_customer(write, entity, terms)
    if entity is not None:
        _check_currency(write, entity)
        made[CUSTOMER] = {"value": quickbooks_values.text_at(entity, CUSTOMER, "value")}
    if terms.rules is not None and (LINES in write.values or write.kind is OperationKind.CREATE):
        made[LINES] = _lines(write, entity, terms.rules)
    elif write.kind is OperationKind.CREATE:
        raise _refused(LINES, str(_BY_CODE["2250"][1]))
    slots = {quickbooks_invoice_fields.slot(name): value for name, value in write.values.items() if quickbooks_invoice_fields.slot(name)}
    if slots:
        made[CUSTOM] = _custom(slots, entity)
    return made


def explained(*, error: errors.SyncError, write: base.Write, is_there: bool) -> errors.SyncError:
    """Say a refusal in words for a person who knows the invoice, with the field that it is about.

    `is_there` tells that the invoice was there just now: what is gone then is something that it names.
    """
    if isinstance(error, errors.AlreadyExists):
        return _again(errors.AlreadyExists, error, error.words, NUMBER) if error.code == _NUMBER_TAKEN else error
    gone_inside = isinstance(error, errors.Gone) and error.code == _INACTIVE and is_there
    if not (isinstance(error, errors.Rejected) or gone_inside):
        return error
    name = _field_of(error.field, write)
    if error.code == _TOO_LONG and name:
        spec = quickbooks_fields.of(write.record_kind)[name].spec
        return _again(errors.Rejected, error, _too_long(spec), name)
    if error.code in _BY_CODE:
        about, words = _BY_CODE[error.code]
        return _again(errors.Rejected, error, str(words), about)
    if error.code == _BUSINESS and not name and LINES in write.values:
        name = LINES
    return _again(errors.Rejected, error, error.words, name)


def _too_long(spec: schema.FieldSpec) -> str:
    if not spec.max_length:
        return say("The {field} is too long for QuickBooks. Shorten it.", field=spec.label.lower())
    return say(
        "The {field} is too long for QuickBooks, which takes at most {most} characters. Shorten it.",
        field=spec.label.lower(), most=spec.max_length,
    )


def _field_of(element: str, write: base.Write) -> str:
    """Our field for the element that Intuit names: that very field, else one that is written into the same place."""
    known = quickbooks_fields.of(write.record_kind)
    head = element.partition(".")[0]
    if element in known:
        return element
    inside = [name for name, field in known.items() if field.path[0] == head and field.spec.writable]
    return next((name for name in inside if name in write.values), inside[0] if inside else element)


def _again(kind: type[errors.SyncError], error: errors.SyncError, words: str, name: str) -> errors.SyncError:
    return kind(
        words, system=error.system, operation=error.operation, code=error.code, request_id=error.request_id, field=name,
        existing_id=error.existing_id, wait=error.wait, policy=error.policy,
    )


def _refused(name: str, words: str) -> errors.Rejected:
    return errors.Rejected(words, system=_SYSTEM, operation="write", field=name)


def _check_customer(write: base.Write, entity: Entity | None, terms: Terms) -> None:
    identity = str(write.values[CUSTOMER])
    stays = entity is not None and quickbooks_values.text_at(entity, CUSTOMER, "value") == identity
    found = terms.customers.get(identity)
    if found is None:
        gone = say("The customer of this invoice is not in QuickBooks any more. Associate the invoice with another one.")
        raise _refused(CUSTOMER, gone)
    if not found.active and not stays:
        inactive = say("The customer of this invoice (id {number}) is inactive in QuickBooks. Make it active there.", number=identity)
        raise _refused(CUSTOMER, inactive)
    if entity is not None and not stays and _is_paid(entity):
        paid = say("The invoice has payments in QuickBooks, so it stays with its customer. Take the payments off it first.")
        raise _refused(CUSTOMER, paid)
    theirs = quickbooks_values.text_at(found, "CurrencyRef", "value")
    wanted = values.plain(write.values.get(CURRENCY)) if write.values.get(CURRENCY) else theirs
    if theirs and wanted != theirs:
        raise _refused(
            CURRENCY,
            say(
                "The invoice is in {wanted}, and QuickBooks bills its customer in {theirs}. A customer has one currency there: choose a"
                " customer in {wanted}, or make the invoice in {theirs}.",
                wanted=wanted, theirs=theirs,
            ),
        )


def _is_paid(entity: Entity) -> bool:
    linked = entity.fields.get("LinkedTxn")
    return isinstance(linked, list) and any(isinstance(one, dict) and one.get("TxnType") == Kind.PAYMENT.value for one in linked)


def _check_currency(write: base.Write, entity: Entity) -> None:
    there, wanted = quickbooks_values.text_at(entity, "CurrencyRef", "value"), write.values.get(CURRENCY)
    if wanted and there and wanted != there:
        words = say("The invoice is in {currency} in QuickBooks, where its currency never changes. Make a new invoice.", currency=there)
        raise _refused(CURRENCY, words)


def _lines(write: base.Write, entity: Entity | None, rules: quickbooks_line_writing.Rules) -> list[Fields]:
    if entity is not None and quickbooks_invoice_fields.is_voided(entity):
        raise _refused(LINES, say("The invoice is void in QuickBooks, so its lines stay as they are. Make a new invoice."))
    try:
        wanted = lines.parse(write.values.get(LINES))
    except ValueError as error:
        raise _refused(LINES, str(error)) from error
    made = quickbooks_line_writing.compose(wanted=wanted, entity=entity, rules=rules)
    planned_by_this = entity is not None and entity.sync_token == write.revision_token  # what moved since is planned anew anyway
    if entity is not None and planned_by_this and _is_paid(entity) and _money(made) != _money(entity.fields.get(LINES)):
        paid = say("The invoice has payments in QuickBooks, so its amounts stay as they are. Take the payments off it first.")
        raise _refused(LINES, paid)
    return made


def _money(made: object) -> Counter[tuple[str, str]]:
    """What each line is about, whatever its order, words and products: the amount, or the share that is taken off."""
    found: Counter[tuple[str, str]] = Counter()
    for line in made if isinstance(made, list) else ():
        share = (line.get("DiscountLineDetail") or {}).get("DiscountPercent")
        if line.get("DetailType") != "SubTotalLineDetail":
            number = Decimal(str(line.get("Amount") or 0) if share is None else str(share))
            found["amount" if share is None else "share", str(number.normalize())] += 1
    return found


def _custom(slots: Mapping[str, records.Value], entity: Entity | None) -> list[Fields]:
    """All custom fields of the invoice, since those that are not sent are emptied."""
    listed = entity.fields.get(CUSTOM) if entity else None
    kept = [one for one in listed if isinstance(one, dict)] if isinstance(listed, list) else []
    others = [one for one in kept if str(one.get("DefinitionId")) not in slots]
    texts = {slot: values.plain(value) if value else "" for slot, value in slots.items()}
    return [*others, *({"DefinitionId": slot, "Type": "StringType", "StringValue": text} for slot, text in texts.items())]
