"""What was paid, credited or paid back: QuickBooks' payments, credit memos and refund receipts as one kind of record.

Owns their ids, which name the kind they are of, and their fields. They are read, never written.
"""
from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal

from integrations.quickbooks.entities import Entity, Kind
from syncapp.connectors import quickbooks_invoice_fields
from syncapp.connectors.quickbooks_values import Field, Place, chosen, kept, made, number, number_at, stamps, text_at
from syncapp.engine import lines, records, schema, values
from syncapp.engine.lines import Line, LineKind
from syncapp.engine.vocabulary import FieldType

KIND = "payments"
PAYMENT, CREDIT, REFUND = "payment", "credit", "refund"
MEMBERS: tuple[Kind, ...] = (Kind.PAYMENT, Kind.CREDIT_MEMO, Kind.REFUND_RECEIPT)
"""The kinds that are payments, in the order in which they are listed."""

PAGES: Mapping[Kind, str] = {
    Kind.PAYMENT: "recvpayment?txnId=",
    Kind.CREDIT_MEMO: "creditmemo?txnId=",
    Kind.REFUND_RECEIPT: "refundreceipt?txnId=",
}
_TYPES: Mapping[Kind, str] = {Kind.PAYMENT: PAYMENT, Kind.CREDIT_MEMO: CREDIT, Kind.REFUND_RECEIPT: REFUND}
_WORDS: Mapping[Kind, str] = {Kind.PAYMENT: "Payment", Kind.CREDIT_MEMO: "Credit memo", Kind.REFUND_RECEIPT: "Refund receipt"}
_CHOICES = ((PAYMENT, "Payment"), (CREDIT, "Credit memo"), (REFUND, "Refund"))
ENTRY, DEALS = "Entry", "Deals"
"""What no payment says by itself: it takes other records, and is put together when a pair is planned."""
_NUMBER_OF = "txnReferenceNumber"


def external_id(entity: Entity) -> str:
    """The id of a payment, which says of what kind it is."""
    return f"{entity.kind.path}:{entity.id}"


def parted(external_id: str) -> tuple[Kind, str] | None:
    """The kind and QuickBooks' own id in the id of a payment; None where it is none."""
    path, colon, identity = external_id.partition(":")
    kind = next((one for one in MEMBERS if one.path == path), None)
    return (kind, identity) if kind and colon and identity.isascii() and identity.isdecimal() else None


def label(entity: Entity) -> str:
    """Name a payment as people call it."""
    return f"{_WORDS.get(entity.kind, entity.kind.value)} {_reference(entity) or entity.id}"


def _reference(entity: Entity) -> str:
    """The number of the check or transfer, or that of the document."""
    return text_at(entity, "PaymentRefNum") or text_at(entity, "DocNumber")


def _unapplied(entity: Entity, place: Place) -> records.Value:
    """What is not yet laid on an invoice; a refund is never."""
    name = {Kind.PAYMENT: "UnappliedAmt", Kind.CREDIT_MEMO: "RemainingCredit"}.get(entity.kind)
    if name is None:
        return None
    name = name if name in entity.fields else "Balance"
    return values.number_text(number_at(entity, name)) if name in entity.fields else None


def _applied(entity: Entity, place: Place) -> records.Value:
    """Which invoices a payment covers and with how much, and which credit memos it uses up.

    A credit memo or refund names no invoice: a credit is laid on one by a payment.
    """
    return lines.compose(lines.ordered(_claims(entity))) if entity.kind is Kind.PAYMENT else None


def invoices(entity: Entity) -> tuple[str, ...]:
    """The ids of the invoices that a payment is laid on, each once."""
    claims = _claims(entity) if entity.kind is Kind.PAYMENT else ()
    return tuple(dict.fromkeys(line.record for line in claims if line.kind is LineKind.PRODUCT and line.record))


def _claims(entity: Entity) -> Iterator[Line]:
    listed = entity.fields.get("Line")
    for line in listed if isinstance(listed, list) else []:
        linked = line.get("LinkedTxn") if isinstance(line, dict) else None
        for one in linked if isinstance(linked, list) else []:
            amount = values.number_text(number(line.get("Amount")))
            if one.get("TxnType") == Kind.INVOICE.value:
                yield Line(record=str(one.get("TxnId") or ""), amount=amount)
            elif one.get("TxnType") == Kind.CREDIT_MEMO.value:
                yield Line(kind=LineKind.DISCOUNT, record=str(one.get("TxnId") or ""), name=_number_told(line), amount=amount)


def _number_told(line: Mapping[str, object]) -> str:
    """The number of the document that a line is laid on, which QuickBooks tells beside it."""
    extras = line.get("LineEx")
    told = extras.get("any") if isinstance(extras, dict) else None
    pairs = (one.get("value") for one in told if isinstance(one, dict)) if isinstance(told, list) else ()
    return next((str(pair.get("Value") or "") for pair in pairs if isinstance(pair, dict) and pair.get("Name") == _NUMBER_OF), "")


def _voided(entity: Entity, place: Place) -> records.Value:
    return number_at(entity, "TotalAmt") == Decimal(0) and quickbooks_invoice_fields.says_voided(entity)


def _later(entity: Entity, place: Place) -> records.Value:
    return None


FIELDS = (
    chosen("Type", "Type", _CHOICES, lambda entity, place: _TYPES.get(entity.kind)),
    kept("TxnDate", "Date", FieldType.DATE),
    kept("TotalAmt", "Amount", FieldType.NUMBER),
    chosen("CurrencyRef.value", "Currency", ()),
    kept("Method", "Method", FieldType.TEXT, "PaymentMethodRef", "name", names=Kind.PAYMENT_METHOD),
    made("Reference", "Reference number", FieldType.TEXT, lambda entity, place: _reference(entity) or None),
    Field(
        spec=schema.FieldSpec(name="CustomerRef", label="Customer", type=FieldType.REFERENCE, writable=False, refers_to="customer"),
        path=("CustomerRef", "value"),
        query_name="CustomerRef",
    ),
    made("UnappliedAmt", "Not yet applied", FieldType.NUMBER, _unapplied),
    made("Applied", "Invoices it was applied to", FieldType.LINES, _applied, refers_to="invoice"),
    kept("PrivateNote", "Private note", FieldType.TEXT),
    made("Voided", "Voided", FieldType.BOOLEAN, _voided),
    made("Link", "Page in QuickBooks", FieldType.URL, lambda entity, place: place.url(entity) or None),
    made("Id", "QuickBooks id", FieldType.TEXT, lambda entity, place: external_id(entity)),
    made(ENTRY, "Timeline entry", FieldType.TEXT, _later),
    made(DEALS, "Deals of its invoices", FieldType.REFERENCE, _later, refers_to="deals"),
    *stamps()[1:],
)
