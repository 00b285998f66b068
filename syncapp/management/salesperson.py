"""A person of the made-up company at HubSpot's screen: puts invoices that came from QuickBooks to the deals of their customers.

Owns that errand. Used by the demo only; our program itself never puts an invoice to a deal.
"""

from __future__ import annotations

from typing import Any

from syncapp.management import visitor


def put_to_deals(*, base_url: str) -> int:
    """Associate every tracked invoice that has no deal with the first deal of its contact or company. Returns how many it were."""
    (portal, *_) = visitor.look(base_url=base_url, path="dump")["portals"]
    deals = _deals_by_end(portal["objects"]["deals"])
    done = 0
    for invoice in portal["objects"]["invoices"]:
        ends = invoice["associations"]
        mine = next((deals[end] for end in _ends(ends) if end in deals), None)
        if invoice["archived"] or invoice["properties"].get("hs_invoice_billable") != "false" or ends.get("deals") or mine is None:
            continue
        wanted = {"type": "invoices", "id": invoice["id"], "associate": {"deals": [mine]}}
        visitor.control(base_url=base_url, path="edit", body=wanted)
        done += 1
    return done


def _deals_by_end(deals: list[dict[str, Any]]) -> dict[tuple[str, str], str]:
    """The first live deal of each contact and company."""
    found: dict[tuple[str, str], str] = {}
    for deal in deals:
        for end in () if deal["archived"] else _ends(deal["associations"]):
            found.setdefault(end, deal["id"])
    return found


def _ends(associations: dict[str, Any]) -> list[tuple[str, str]]:
    """Contacts first: a company may have several people, each with a deal."""
    return [(kind, str(one)) for kind in ("contacts", "companies") for one in associations.get(kind, ())]
