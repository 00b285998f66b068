"""Merges: two customers or two items become one, and what pointed to the one that goes points to the one that stays.

Owns what moves. Only a person in QuickBooks' own screen can merge.
"""

from __future__ import annotations

from integrations.sandbox.messages import BadControl, Json
from integrations.sandbox.quickbooks import ledger, lines, links, naming
from integrations.sandbox.quickbooks.change import Write
from integrations.sandbox.quickbooks.companies import Company
from integrations.sandbox.quickbooks.fields import SALES_FORMS

KINDS = ("Customer", "Item")
_UNMERGEABLE = ("Category", "Group")


def merge(company: Company, kind: str, kept: Json, lost: Json, write: Write) -> Json:
    """Let the second object vanish into the first, whose row is returned. Raises BadControl for a pair that cannot be merged."""
    number, gone = kept["body"]["Id"], lost["body"]["Id"]
    shelf = company.shelves[kind]
    if not kept["body"]["Active"] or shelf.matching("ParentRef", [gone]):
        raise BadControl("The one that stays must be active, and the one that goes must have nothing below it.")
    if kind == "Customer" and kept["body"]["CurrencyRef"] != lost["body"]["CurrencyRef"]:
        raise BadControl("Two customers of different currencies cannot be merged.")
    if kind == "Item":
        _check_items(company, kept["body"], lost["body"])
    naming.release(company, pool=shelf.entity.pool, body=lost["body"], title=shelf.entity.title)
    if kind == "Customer":
        _move_documents(company, gone, number, write)
    else:
        _move_lines(company, gone, number, write)
    shelf.drop(gone)
    company.remember_gone(kind, gone, at=write.at)
    company.happened("Merge", kind, number, lost=gone)
    links.touch(company, kind, number, lambda row, body: _take_over(kind, row, body, lost), at=write.at)
    for customer in (number, lost["body"].get("ParentRef", {}).get("value", "")) if kind == "Customer" else ():
        ledger.rebalance(company, customer, at=write.at)
    found: Json = shelf.row(int(number))
    return found


def _check_items(company: Company, kept: Json, lost: Json) -> None:
    if kept["Type"] != lost["Type"] or kept["Type"] in _UNMERGEABLE:
        raise BadControl("Two items of the same type can be merged, but no categories and no bundles.")
    for row in company.shelves["Item"].rows():
        members = row["body"].get("ItemGroupDetail", {}).get("ItemGroupLine", [])
        if any(member["ItemRef"]["value"] == lost["Id"] for member in members):
            raise BadControl("The item that goes must not be part of a bundle.")


def _take_over(kind: str, row: Json, body: Json, lost: Json) -> None:
    if kind == "Customer":
        row["opening"] = str(ledger.exact(row.get("opening")) + ledger.exact(lost.get("opening")))
    elif body.get("TrackQtyOnHand"):
        body["QtyOnHand"] = ledger.number(ledger.exact(body["QtyOnHand"]) + ledger.exact(lost["body"]["QtyOnHand"]))


def _move_documents(company: Company, gone: str, kept: str, write: Write) -> None:
    for kind in (*SALES_FORMS, links.PAYMENT):
        for number in company.shelves[kind].matching("CustomerRef", [gone]):
            links.touch(company, kind, str(number), lambda row, body: body.update(CustomerRef={"value": kept}), at=write.at)


def _move_lines(company: Company, gone: str, kept: str, write: Write) -> None:
    def change(row: Json, body: Json) -> None:
        body["Line"] = [_moved(line, gone, kept) for line in body["Line"]]

    for kind in SALES_FORMS:
        shelf = company.shelves[kind]
        for number in list(shelf.ids):
            if any(_sells(line, gone) for line in lines.item_lines(shelf.row(number)["body"]["Line"])):
                links.touch(company, kind, str(number), change, at=write.at)


def _sells(line: Json, item: str) -> bool:
    return bool(line[lines.ITEM].get("ItemRef", {}).get("value") == item)


def _moved(line: Json, gone: str, kept: str) -> Json:
    if line["DetailType"] == lines.GROUP:
        detail = line[lines.GROUP]
        return {**line, lines.GROUP: {**detail, "Line": [_moved(child, gone, kept) for child in detail["Line"]]}}
    if line["DetailType"] == lines.ITEM and _sells(line, gone):
        return {**line, lines.ITEM: {**line[lines.ITEM], "ItemRef": {"value": kept}}}
    return line
