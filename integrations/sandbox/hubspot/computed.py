"""Values that HubSpot itself puts into a record.

Owns computed properties, type by type. Pure: values in, values out.
"""
from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal

from integrations.sandbox.hubspot import kinds, moments, money, totals
from integrations.sandbox.hubspot.catalog_crm import LIFECYCLE_STAGES
from integrations.sandbox.hubspot.kinds import Kind

_STAGES = [stage.strip().partition("=")[0] for stage in LIFECYCLE_STAGES.split(",") if stage.strip()]
_NOT_DIGITS = re.compile(r"\D")
NATIONAL_DIGITS = 10


def of_new(
    kind: Kind, values: Mapping[str, str], *, record_id: int, at: int, actor_source: str, source_id: str
) -> dict[str, str]:
    """The values of a new record: what was given, and what HubSpot adds."""
    now = moments.text(at)
    added = {
        "hs_object_id": str(record_id),
        "hs_object_source": actor_source,
        "hs_object_source_label": actor_source,
        "hs_object_source_id": source_id,
        kind.modified: now,
        **dict.fromkeys(kind.created, now),
        **_first(kind, record_id, now),
    }
    whole = {**added, **values}
    return {name: value for name, value in {**whole, **of_change(kind, whole)}.items() if value}


def _first(kind: Kind, record_id: int, now: str) -> dict[str, str]:
    if kind is kinds.CONTACTS:
        return {
            "hs_all_contact_vids": str(record_id),
            "hs_is_contact": "true",
            "hs_is_unworked": "true",
            "hs_pipeline": "contacts-lifecycle-pipeline",
        }
    if kind is kinds.COMPANIES:
        return {"hs_pipeline": "companies-lifecycle-pipeline"}
    if kind is kinds.DEALS:
        return {"pipeline": "default"}
    if kind is kinds.INVOICES:
        return {
            "hs_invoice_status": "draft",
            "hs_invoice_billable": "true",
            "hs_invoice_source": "hubspot",
            "hs_invoice_date": now,
            "hs_due_date": now,
        }
    if kind is kinds.COMMERCE_PAYMENTS:
        return {"hs_latest_status": "processing"}
    return {}


def of_change(kind: Kind, values: Mapping[str, str]) -> dict[str, str]:
    """What follows from the values a record has now; blank for what no longer follows."""
    found = {"hs_all_owner_ids": values.get("hubspot_owner_id", "")}
    if kind is kinds.CONTACTS:
        digits = _NOT_DIGITS.sub("", values.get("phone", ""))
        found["hs_email_domain"] = values.get("email", "").partition("@")[2]
        found["hs_searchable_calculated_phone_number"] = digits[-NATIONAL_DIGITS:]
    elif kind is kinds.LINE_ITEMS:
        found["amount"] = money.text(totals.net(values)) if values.get("price") else ""
    elif kind is kinds.COMMERCE_PAYMENTS:
        found["hs_net_amount"] = money.text(_received(values))
    elif kind is kinds.DEALS:
        stage = values.get("dealstage", "")
        found["hs_is_closed"] = "true" if stage in {"closedwon", "closedlost"} else "false"
        found["hs_is_closed_won"] = "true" if stage == "closedwon" else "false"
    return found


def _received(values: Mapping[str, str]) -> Decimal:
    return money.read(values, "hs_initial_amount") - money.read(values, "hs_refunds_amount") - money.read(values, "hs_fees_amount")


def forward_only(values: dict[str, str], *, before: Mapping[str, str]) -> dict[str, str]:
    """The values without a lifecycle stage that would go back; it must be cleared first."""
    stage, held = values.get("lifecyclestage", ""), before.get("lifecyclestage", "")
    if stage in _STAGES and held in _STAGES and _STAGES.index(stage) < _STAGES.index(held):
        return {**values, "lifecyclestage": held}
    return values


def farther(one: str, other: str) -> str:
    """The later of two lifecycle stages; a known one before a blank."""
    return max((one, other), key=lambda stage: _STAGES.index(stage) if stage in _STAGES else -1)
