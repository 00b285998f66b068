"""What a person does on the page of an invoice, a deal or any record that is associated with others.

Owns making a record together with its associations and line items, and finalizing, paying and voiding an invoice. All or nothing.
"""
from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from decimal import Decimal, InvalidOperation

from integrations.sandbox.hubspot import commerce_rules, errors, ids, invoicing, kinds, moments, money
from integrations.sandbox.hubspot.errors import Refused
from integrations.sandbox.hubspot.kinds import Kind
from integrations.sandbox.hubspot.link_types import LinkType
from integrations.sandbox.hubspot.links import End
from integrations.sandbox.hubspot.portal import Portal
from integrations.sandbox.hubspot.records import Actor, Made, Records
from integrations.sandbox.hubspot.shelf import Record
from integrations.sandbox.messages import BadControl, Json

PAY_DETAILS = ("amount", "date", "method", "reference")
Links = list[tuple[End, LinkType]]


def make(portal: Portal, kind: Kind, values: Json, *, ends: Links, lines: list[Json], actor: Actor) -> Record:
    """Make a record with its associations and line items. Raises Refused, and then nothing is made."""
    records = Records(portal)
    status = values.get("hs_invoice_status") if kind is kinds.INVOICES and lines else None
    first = {name: value for name, value in values.items() if status is None or name != "hs_invoice_status"}
    made_lines = _checked_lines(portal, kind, lines, actor)
    record = records.make(records.check_new(kind, first, actor=actor, links=ends), actor=actor)
    start = End(kind=kind, id=record.id)
    added = _keep_lines(portal, start, made_lines, actor)
    if status is not None:
        try:
            records.change(records.check_change(kind, record, {"hs_invoice_status": status}, actor=actor), actor=actor)
        except Refused:
            for end in added:
                records.purge(end.kind, portal.shelf(end.kind).needed(end.id))
            records.purge(kind, record)
            raise
    return record


def add_lines(portal: Portal, start: End, lines: list[Json], *, actor: Actor) -> None:
    """Add line items to an invoice or deal. Raises Refused."""
    _keep_lines(portal, start, _checked_lines(portal, start.kind, lines, actor), actor)


def _checked_lines(portal: Portal, kind: Kind, lines: list[Json], actor: Actor) -> list[Made]:
    if lines and kind not in commerce_rules.PARENTS:
        raise BadControl("Only deals and invoices have line items.")
    return [Records(portal).check_new(kinds.LINE_ITEMS, one, actor=actor) for one in lines]


def _keep_lines(portal: Portal, start: End, lines: list[Made], actor: Actor) -> list[End]:
    plain = portal.links.types.plain(kinds.LINE_ITEMS, start.kind)
    links = [(start, plain)] if plain is not None else []
    records = Records(portal)
    return [End(kind=kinds.LINE_ITEMS, id=records.make(replace(one, links=links), actor=actor).id) for one in lines]


def ends_of(portal: Portal, start: Kind, wanted: object) -> Links:
    """The records named by `{"contacts": [ids], …}` and the type that associates each. Raises BadControl."""
    if not isinstance(wanted, dict) or not all(isinstance(one, list) for one in wanted.values()):
        raise BadControl('Name what to associate like {"contacts": ["101"], "companies": ["202"]}.')
    return list(_ends(portal, start, wanted))


def _ends(portal: Portal, start: Kind, wanted: Mapping[str, list[object]]) -> Iterator[tuple[End, LinkType]]:
    for name, numbers in wanted.items():
        kind = kinds.find(name)
        plain = portal.links.types.plain(start, kind) if kind is not None else None
        if kind is None or plain is None:
            raise BadControl(f"A {start.singular} cannot be associated with {name!r}.")
        for number in numbers:
            end = End(kind=kind, id=ids.whole(str(number)) or 0)
            if portal.live(end) is None:
                raise BadControl(f"There is no {kind.singular} {number!r} in portal {portal.id}.")
            yield end, plain


def finalize(portal: Portal, invoice: Record, _: object, *, actor: Actor) -> Json:
    """Turn a draft into an open invoice. Raises Refused."""
    records = Records(portal)
    values = {"hs_invoice_status": invoicing.OPEN}
    records.change(records.check_change(kinds.INVOICES, invoice, values, actor=actor), actor=actor)
    return {}


def void(portal: Portal, invoice: Record, _: object, *, actor: Actor) -> Json:
    """Void an open invoice of which nothing is paid. Raises Refused."""
    _needs_open(invoice, "voided")
    if money.read(invoice.values, "hs_amount_paid"):
        raise errors.invalid(f"Invoice {invoice.key} cannot be voided because a payment stands against it")
    by_screen, records = replace(actor, privileged=True), Records(portal)
    values = {"hs_invoice_status": invoicing.VOIDED}
    records.change(records.check_change(kinds.INVOICES, invoice, values, actor=by_screen), actor=by_screen)
    return {}


def pay(portal: Portal, invoice: Record, wanted: object, *, actor: Actor) -> Json:
    """Record a payment by hand, of all that is due or of an amount; tells its id. Raises Refused and BadControl."""
    details = wanted if isinstance(wanted, dict) else {}
    if wanted is not True and (not details or set(details) - set(PAY_DETAILS)):
        raise BadControl(f'"pay" is true, or an object with {", ".join(PAY_DETAILS)}.')
    _needs_open(invoice, "paid")
    due = money.read(invoice.values, "hs_balance_due")
    amount = _amount(details.get("amount"), due)
    if not money.NOTHING < amount <= due:
        raise errors.invalid(f"A payment is more than 0 and at most what is due, {money.text(due)}")
    start = End(kind=kinds.INVOICES, id=invoice.id)
    links = [(start, portal.links.types.plain(kinds.COMMERCE_PAYMENTS, kinds.INVOICES))]
    for kind in (kinds.CONTACTS, kinds.COMPANIES, kinds.DEALS):
        plain = portal.links.types.plain(kinds.COMMERCE_PAYMENTS, kind)
        links += [(End(kind=kind, id=one), plain) for one, _ in portal.linked(start, kind)]
    values: dict[str, object] = {
        "hs_initial_amount": money.text(amount),
        "hs_initiated_date": details.get("date") or moments.text(portal.now()),
        "hs_currency_code": invoice.values["hs_currency"],
        "hs_customer_email": invoice.values.get("hs_invoice_latest_contact_email"),
        "hs_latest_status": "succeeded",
        "hs_payment_method_type": details.get("method") or "other",
        "hs_processor_type": "none",
        "hs_reference_number": details.get("reference"),
        "hs_payment_source_app": "INVOICE",
        "hs_payment_source_id": invoice.key,
    }
    by_screen, records = replace(actor, privileged=True), Records(portal)
    known = [(end, plain) for end, plain in links if plain is not None]
    made = records.check_new(kinds.COMMERCE_PAYMENTS, values, actor=by_screen, links=known)
    return {"payment_id": records.make(made, actor=by_screen).key}


def _needs_open(invoice: Record, what: str) -> None:
    status = invoice.values.get("hs_invoice_status")
    if status != invoicing.OPEN:
        raise errors.invalid(f"Only an open invoice can be {what}; the status of invoice {invoice.key} is {status}")


def _amount(wanted: object, due: Decimal) -> Decimal:
    if wanted is None:
        return due
    try:
        amount = Decimal(str(wanted))
    except InvalidOperation as error:
        raise BadControl('"amount" is a number.') from error
    if not amount.is_finite():
        raise BadControl('"amount" is a number.')
    return money.cents(amount)


Doing = Callable[..., Json]
INVOICE_COMMANDS: Mapping[str, Doing] = {"finalize": finalize, "pay": pay, "void": void}
