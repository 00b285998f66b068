"""What HubSpot demands of invoices, line items and payments.

Owns the life cycle of an invoice, the one parent of a line item and what a processed payment may still become. Keeps nothing.
"""
from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence

from integrations.sandbox.hubspot import account_definitions, errors, ids, invoicing, kinds
from integrations.sandbox.hubspot.errors import PropertyProblem, Refused
from integrations.sandbox.hubspot.invoicing import DRAFT, OPEN, PAID, VOIDED
from integrations.sandbox.hubspot.kinds import Kind
from integrations.sandbox.hubspot.links import End
from integrations.sandbox.hubspot.portal import Portal
from integrations.sandbox.hubspot.shelf import Record

PARENTS = (kinds.DEALS, kinds.INVOICES)
PROCESSORS = frozenset({"hs_payments", "byo_stripe"})
NEVER_PROCESSING = "DEVELOPER_TEST"
COPIED = (
    "name", "price", "hs_sku", "description", "hs_cost_of_goods_sold", "recurringbillingfrequency", "hs_recurring_billing_period",
)  # fmt: skip


def check_new(portal: Portal, kind: Kind, values: Mapping[str, str], ends: Sequence[End]) -> None:
    """Refuse a new record that HubSpot would not take, with what it is to be associated with. Raises Refused."""
    for end in ends:
        check_link(portal, kind, end)
    if kind is kinds.LINE_ITEMS:
        if len({end.spot for end in ends if end.kind in PARENTS}) > 1 and not portal.switch("shared_line_items"):
            raise _second_parent()
        _check_product(portal, values.get("hs_product_id", ""))
    elif kind is kinds.INVOICES:
        _check_status(portal, before=DRAFT, values=values, there={end.kind for end in ends})


def check_change(portal: Portal, kind: Kind, record: Record, values: Mapping[str, str]) -> None:
    """Refuse a change that HubSpot would not take. Raises Refused."""
    if kind is kinds.COMMERCE_PAYMENTS:
        _check_processed(record)
    if kind is not kinds.INVOICES:
        return
    after = {**record.values, **values}
    before = record.values.get("hs_invoice_status", DRAFT)
    if not after["hs_currency"]:
        problem = PropertyProblem(name="hs_currency", code="MISSING_REQUIRED_PROPERTY", message="A value for hs_currency must be provided")
        raise errors.invalid_properties([problem], portal_id=portal.id)
    if invoicing.billable(after) != invoicing.billable(record.values):
        raise _fixed(portal, "hs_invoice_billable", "is decided when an invoice is made")
    finalized = invoicing.billable(record.values) and before != DRAFT
    if finalized and after.get("hs_number") != record.values.get("hs_number"):
        raise _fixed(portal, "hs_number", "cannot be changed once an invoice is finalized")
    if "hs_invoice_status" in values:
        end = End(kind=kinds.INVOICES, id=record.id)
        there = {one for one in (kinds.CONTACTS, kinds.LINE_ITEMS) if portal.linked(end, one)}
        _check_status(portal, before=before, values=after, there=there)


def check_archive(portal: Portal, kind: Kind, record: Record) -> None:
    """Refuse to put away an invoice that is more than a draft, or a processed payment. Raises Refused."""
    if kind is kinds.COMMERCE_PAYMENTS:
        _check_processed(record)
    elif kind is kinds.INVOICES:
        status = record.values.get("hs_invoice_status", DRAFT)
        if status != DRAFT and not (status == OPEN and portal.switch("delete_open_invoices")):
            raise errors.invalid(f"Invoice {record.key} cannot be deleted because its status is {status}")


def check_link(portal: Portal, start: Kind | End, end: End) -> None:
    """Refuse a second parent for a line item. `start` is a type when its record is still to be made. Raises Refused."""
    if portal.switch("shared_line_items"):
        return
    start_kind = start.kind if isinstance(start, End) else start
    own = None if not isinstance(start, End) else start
    if start_kind in PARENTS and end.kind is kinds.LINE_ITEMS:
        line, parent = end, own
    elif start_kind is kinds.LINE_ITEMS and end.kind in PARENTS and own is not None:
        line, parent = own, end
    else:
        return
    there = {(kind.name, one) for kind in PARENTS for one, _ in portal.linked(line, kind)}
    if there - ({parent.spot} if parent is not None else set()):
        raise _second_parent()


def check_processing(portal: Portal, asked: Iterable[Kind]) -> None:
    """Refuse calls on payments in an account without payment processing. Raises Refused."""
    enabled = portal.switch("payments_enabled") and portal.switch("account_type") != NEVER_PROCESSING
    if kinds.COMMERCE_PAYMENTS in asked and not enabled:
        message = "This account is not set up for payments. Set up HubSpot payments or Stripe payment processing to use this API."
        raise Refused(403, errors.error_body(message, category="FORBIDDEN"))


def from_product(portal: Portal, written: Mapping[str, object]) -> dict[str, object]:
    """What a new line item takes from its product, where it says nothing itself; the price in its own currency if there is one."""
    number = ids.whole(str(written.get("hs_product_id") or ""))
    product = portal.shelf(kinds.PRODUCTS).find(number)
    if product is None:
        return dict(written)
    taken: dict[str, object] = {name: product.values[name] for name in COPIED if product.values.get(name)}
    priced = product.values.get(account_definitions.price_name(str(written.get("hs_line_item_currency_code") or "")))
    return {**taken, **({"price": priced} if priced else {}), **written}


def _check_product(portal: Portal, product_id: str) -> None:
    if product_id and portal.strict and portal.shelf(kinds.PRODUCTS).find(ids.whole(product_id)) is None:
        problem = PropertyProblem(name="hs_product_id", code="INVALID_OPTION", message=f"There is no product {product_id}")
        raise errors.invalid_properties([problem], portal_id=portal.id)


def _check_processed(record: Record) -> None:
    if record.values.get("hs_processor_type") in PROCESSORS:
        raise errors.invalid(f"Payment {record.key} was made by a payment processor and cannot be changed or deleted")


def _check_status(portal: Portal, *, before: str, values: Mapping[str, str], there: Collection[Kind]) -> None:
    after = values.get("hs_invoice_status", DRAFT)
    if after == before:
        return
    if invoicing.billable(values):
        if (before, after) != (DRAFT, OPEN):
            raise _no_step(portal, before, after)
        needed: tuple[Kind, ...] = (kinds.CONTACTS, kinds.LINE_ITEMS)
    else:
        if after in {PAID, VOIDED} and (portal.strict or not portal.switch("status_without_payment")):
            raise _no_step(portal, before, after)
        needed = (kinds.LINE_ITEMS,) if portal.switch("non_billable_needs_line_items") else ()
    lacking = [f"INVOICE_TO_{kind.singular.upper()}" for kind in needed if kind not in there]
    if lacking:
        raise errors.invalid(f"The invoice cannot be {after} because required associations are missing: [{', '.join(lacking)}]")


def _no_step(portal: Portal, before: str, after: str) -> Refused:
    problem = PropertyProblem(
        name="hs_invoice_status", code="INVALID_STATUS", message=f"An invoice cannot be changed from {before} to {after} by a write"
    )
    return errors.invalid_properties([problem], portal_id=portal.id)


def _fixed(portal: Portal, name: str, why: str) -> Refused:
    problem = PropertyProblem(name=name, code="READ_ONLY_VALUE", message=f'"{name}" {why}.')
    return errors.invalid_properties([problem], portal_id=portal.id)


def _second_parent() -> Refused:
    return errors.invalid("A line item belongs to one record; make another line item for another deal or invoice")
