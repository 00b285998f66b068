"""What stands on the timelines of deals about each payment: its entry, and the deals it belongs on.

Owns the facts of an entry, all of them from the mirror. What remained of an invoice is counted up to the payment itself, by date and
then by id, so that a later payment does not change what an earlier one says.
"""
from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal

from syncapp import models
from syncapp.engine import lines, records, values
from syncapp.engine.lines import Line, LineKind
from syncapp.engine.vocabulary import RecordState
from syncapp.services import context, entry_texts, mirror, places
from syncapp.services.entry_texts import Heading

Values = Mapping[str, records.Value]
Turn = tuple[str, int, str]
"""When a payment's turn comes among the others: by day, and then by the number in its id."""
_HEADINGS = {"payment": Heading.PAYMENT, "credit": Heading.CREDIT, "refund": Heading.REFUND}


@dataclass(frozen=True, kw_only=True)
class _Books:
    """What the mirror knows of the invoices that are spoken of, and what was laid on each, in turn."""

    invoices: Mapping[str, Values]
    laid: Mapping[str, list[tuple[Turn, Decimal]]]

    def number(self, invoice: str) -> str:
        return _text(self.invoices.get(invoice, {}), "DocNumber") or f"with the id {invoice}"

    def remaining(self, invoice: str, turn: Turn) -> Decimal | None:
        """What was left to pay after a payment had its turn."""
        known = self.invoices.get(invoice)
        if known is None:
            return None
        paid = sum((amount for other, amount in self.laid.get(invoice, ()) if other <= turn), Decimal(0))
        return _number(known, "TotalAmt") - _number(known, "Deposit") - paid


def composed(*, lane: context.Lane, subjects: Mapping[int, records.Subject]) -> dict[int, dict[str, records.Value]]:
    """Put together what each payment is to say and where, by the keys of the subjects. A constant number of queries."""
    live = {key: subject for key, subject in subjects.items() if subject.record.state is RecordState.LIVE}
    now = {key: _applied(subject.value("Applied")) for key, subject in live.items()}
    told = {key: now[key] or _before(subject) for key, subject in live.items()}
    books = _books(lane=lane, invoices={line.record for found in told.values() for line in _shares(found)})
    deals = places.deals(lane=lane, invoices={line.record for found in now.values() for line in _shares(found)})
    return {
        key: {
            "Entry": entry_texts.text(_entry(subject, told[key], books)),
            "Deals": tuple(sorted({deal for line in _shares(now[key]) for deal in deals.get(line.record, ())})) or None,
        }
        for key, subject in live.items()
    }


def _books(*, lane: context.Lane, invoices: Collection[str]) -> _Books:
    connection, wished = lane.right.connection, list(invoices)
    rows = models.Record.objects.filter(connection=connection, kind=places.INVOICE, external_id__in=wished)
    links = models.RecordLink.objects.filter(connection=connection, from_kind=places.PAYMENTS, to_kind=places.INVOICE, to_id__in=wished)
    paying = models.Record.objects.filter(
        connection=connection, kind=places.PAYMENTS, external_id__in=links.values("from_id"), state=RecordState.LIVE
    )
    laid: dict[str, list[tuple[Turn, Decimal]]] = defaultdict(list)
    for payment in paying:
        known = mirror.from_json(payment.values)
        for line in _shares(_applied(known.get("Applied"))):
            laid[line.record].append((_turn(payment.external_id, known), lines.worth(line)))
    return _Books(invoices={row.external_id: mirror.from_json(row.values) for row in rows}, laid=laid)


def _entry(subject: records.Subject, applied: tuple[Line, ...], books: _Books) -> entry_texts.Entry:
    known, voided = subject.record.values, subject.value("Voided") is True
    shares = _shares(applied)
    spent = [line for line in applied if line.kind is LineKind.DISCOUNT]
    amount = _number(known, "TotalAmt") if not voided else _voided_amount(subject)
    heading = _HEADINGS.get(_text(known, "Type"), Heading.PAYMENT)
    if heading is Heading.PAYMENT and not amount and (spent or not shares):
        heading, amount = Heading.CREDIT_USED, sum((lines.worth(line) for line in spent), Decimal(0)) or None
    turn = _turn(subject.record.ref.external_id, known)
    return entry_texts.Entry(
        heading=heading, amount=amount, voided=voided, day=_text(known, "TxnDate"), method=_text(known, "Method"),
        currency=_text(known, "CurrencyRef.value") or _currency(shares, books), reference=_text(known, "Reference"),
        link=_text(known, "Link"),
        shares=[
            entry_texts.Share(number=books.number(one.record), amount=lines.worth(one), remaining=books.remaining(one.record, turn))
            for one in shares
        ],
        credits=[entry_texts.Credit(number=one.name or f"with the id {one.record}", amount=lines.worth(one)) for one in spent],
    )


def _voided_amount(subject: records.Subject) -> Decimal | None:
    """What a voided payment came to before, if it was ever seen so."""
    return next((number for old in subject.past.get("TotalAmt", ()) if (number := values.as_decimal(old))), None)


def _before(subject: records.Subject) -> tuple[Line, ...]:
    """What a voided payment was laid on before."""
    return next((_applied(old) for old in subject.past.get("Applied", ()) if old), ()) if subject.value("Voided") is True else ()


def _currency(shares: Iterable[Line], books: _Books) -> str:
    return next((code for one in shares if (code := _text(books.invoices.get(one.record, {}), "CurrencyRef.value"))), "")


def _applied(value: records.Value) -> tuple[Line, ...]:
    """What a payment was laid on; one line for each invoice and credit memo."""
    added: dict[tuple[LineKind, str, str], Decimal] = defaultdict(Decimal)
    for line in lines.parse(value):
        added[line.kind, line.record, line.name] += lines.worth(line)
    return tuple(
        Line(kind=kind, record=identity, name=name, amount=values.number_text(amount)) for (kind, identity, name), amount in added.items()
    )


def _shares(applied: Iterable[Line]) -> list[Line]:
    return [line for line in applied if line.kind is LineKind.PRODUCT and line.record]


def _turn(external_id: str, known: Values) -> Turn:
    return _text(known, "TxnDate"), len(external_id), external_id


def _text(known: Values, name: str) -> str:
    value = known.get(name)
    return value if isinstance(value, str) else ""


def _number(known: Values, name: str) -> Decimal:
    return values.as_decimal(known.get(name)) or Decimal(0)
