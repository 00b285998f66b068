"""What was paid and credited on an invoice, line by line, for the invoice's page.

Reads the mirror only. What a payment says on a deal is put together by the sync of payments.
"""
from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Case, Q, When

from syncapp import models
from syncapp.engine import lines, records, values
from syncapp.engine.lines import LineKind
from syncapp.engine.vocabulary import ObjectPair, RecordState
from syncapp.engine.wording import figure, later, say
from syncapp.selectors import reasons, words

KIND, INVOICE = "payments", "invoice"
MISSING = later("Set up the payments sync to see them.")
NOTHING = later("Nothing was paid or credited on this invoice so far.")


@dataclass(frozen=True, kw_only=True)
class PaymentLine:
    """One payment as far as it went to the invoice. `total` tells the whole payment where that is another amount; `color` the status;
    `pair` is the payment's own, `timeline` how it stands there, and `why`."""

    day: str
    kind: str
    amount: str
    total: str
    method: str
    reference: str
    status: str
    color: str
    url: str
    pair: models.RecordPair | None
    timeline: str
    why: str


@dataclass(frozen=True, kw_only=True)
class Payments:
    """All payments of an invoice, oldest first; `words` where there is none to show."""

    lines: Sequence[PaymentLine]
    words: str = ""


def of(*, pair: models.RecordPair) -> Payments | None:
    """List the payments of the invoice of a pair; None for a pair of other records."""
    invoice = pair.right
    if pair.config.object_pair != ObjectPair.INVOICE or invoice is None:
        return None
    sync = models.SyncConfig.objects.filter(
        left_id=pair.config.left_id, right_id=pair.config.right_id, object_pair=ObjectPair.PAYMENT
    ).first()
    if sync is None:
        return Payments(lines=(), words=str(MISSING))
    found = list(_paying(invoice))
    entries = {one.right_id: one for one in models.RecordPair.objects.filter(config=sync, right__in=found).select_related("config")}
    shown = [_line(payment, invoice, entries.get(payment.pk)) for payment in sorted(found, key=_turn)]
    return Payments(lines=shown, words="" if shown else str(NOTHING))


def _paying(invoice: models.Record) -> Iterator[models.Record]:
    """The payments that are laid on an invoice, and those that were until they were voided or deleted."""
    links = models.RecordLink.objects.filter(
        connection=invoice.connection_id, from_kind=KIND, to_kind=INVOICE, to_id=invoice.external_id
    )
    known = models.Record.objects.filter(connection=invoice.connection_id, kind=KIND)
    linked = Q(external_id__in=links.values("from_id"))
    ended = Q(values__Voided=True) | Q(state=RecordState.GONE)
    for payment in known.filter(linked | ended).annotate(is_linked=Case(When(linked, then=True), default=False)):
        if payment.is_linked or _shares(payment, invoice):
            yield payment


def _line(payment: models.Record, invoice: models.Record, entry: models.RecordPair | None) -> PaymentLine:
    known = _known(payment)
    share, whole = sum(_shares(payment, invoice), Decimal(0)), values.as_decimal(known.get("TotalAmt")) or Decimal(0)
    credits = [line for line in _applied(payment) if line.kind is LineKind.DISCOUNT]
    currency = known.get("CurrencyRef.value")
    status, color = _status(payment)
    return PaymentLine(
        day=words.shown(known.get("TxnDate")), kind=say("Credit memo") if credits and not whole else say("Payment"),
        amount=_money(share, currency), total=_money(whole, currency) if whole not in (share, Decimal(0)) else "",
        method=words.shown(known.get("Method")),
        reference=words.shown(known.get("Reference") or ", ".join(line.name for line in credits if line.name)),
        status=status, color=color, url=str(known.get("Link") or ""), pair=entry,
        timeline=entry.standing.label if entry is not None else words.NOTHING, why=reasons.short(pair=entry) if entry is not None else "",
    )


def _status(payment: models.Record) -> tuple[str, str]:
    if payment.state == RecordState.GONE:
        return say("Deleted"), "warning"
    return (say("Voided"), "warning") if payment.values.get("Voided") is True else (say("Applied"), "success")


def _known(payment: models.Record) -> Mapping[str, records.Value]:
    """The values of a payment; of one that was voided or deleted, those that it had before."""
    ended = payment.state == RecordState.GONE or payment.values.get("Voided") is True
    now = {name: values.from_json(value) for name, value in payment.values.items()}
    before = {name: values.from_json(old[0]) for name, old in payment.past.items() if old} if ended else {}
    return {**before, **{name: value for name, value in now.items() if not (ended and name in before and value in (None, "0"))}}


def _applied(payment: models.Record) -> tuple[lines.Line, ...]:
    return lines.parse(_known(payment).get("Applied"))


def _shares(payment: models.Record, invoice: models.Record) -> list[Decimal]:
    """What of a payment went to the invoice."""
    laid: Iterable[lines.Line] = _applied(payment)
    return [lines.worth(line) for line in laid if line.kind is LineKind.PRODUCT and line.record == invoice.external_id]


def _turn(payment: models.Record) -> tuple[str, int, str]:
    return str(_known(payment).get("TxnDate") or ""), len(payment.external_id), payment.external_id


def _money(amount: Decimal, currency: object) -> str:
    return f"{figure(amount, ',.2f')} {currency or ''}".strip()
