"""The lines of a sales form: what each may hold, and the sums that follow from them.

Owns line ids, amounts, bundles, the subtotal line. Tax is computed elsewhere, between reading the lines and summing them.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from integrations.sandbox.messages import Json
from integrations.sandbox.quickbooks import faults, payload, times
from integrations.sandbox.quickbooks.change import Change
from integrations.sandbox.quickbooks.ledger import cents, exact, money, number

ITEM, GROUP, DISCOUNT, TEXT, SUBTOTAL = (
    "SalesItemLineDetail",
    "GroupLineDetail",
    "DiscountLineDetail",
    "DescriptionOnly",
    "SubTotalLineDetail",
)
SHIPPING = "SHIPPING_ITEM_ID"
_DETAILS = {
    ITEM: "ItemRef ClassRef UnitPrice Qty TaxCodeRef ServiceDate DiscountRate DiscountAmt TaxInclusiveAmt ItemAccountRef"
    " MarkupInfo TaxClassificationRef UnitCostPrice RatePercent PriceLevelRef UOMRef InventorySiteRef DeferredRevenue RetainageAmount"
    " SalesItemLineDetailEx",
    GROUP: "GroupItemRef Quantity Line UOMRef ServiceDate GroupLineDetailEx",
    DISCOUNT: "PercentBased DiscountPercent DiscountAccountRef ClassRef TaxCodeRef DiscountRef ServiceDate DiscountLineDetailEx Discount",
    "DescriptionLineDetail": "TaxCodeRef ServiceDate DescriptionLineDetailEx",
    SUBTOTAL: "ItemRef ServiceDate SubTotalLineDetailEx",
}
_KNOWN_DETAILS = {name: tuple(fields.split()) for name, fields in _DETAILS.items()}
_LINE_FIELDS = (
    "Id", "LineNum", "Description", "Amount", "DetailType", "LinkedTxn", "CustomField", "Received", "LineEx", *_KNOWN_DETAILS,
    "TaxLineDetail", "PaymentLineDetail", "DescriptionOnly", "CustomExtensions",
)  # fmt: skip
_NUMBERS = ("UnitPrice", "Qty", "Quantity", "DiscountRate", "DiscountAmt", "TaxInclusiveAmt", "DiscountPercent")
_LONGEST_DESCRIPTION = 4000
_INLINE_SUBTOTAL = "subtotal:"


def read(change: Change) -> list[Json] | None:
    """The sent lines, checked one by one and numbered, without the subtotal; None when none were sent. Raises VendorFault."""
    sent = change.given.values.get("Line")
    if sent is None:
        return None
    kept = [_line(change, line) for line in sent if line.get("DetailType") != SUBTOTAL]
    if not any(line["DetailType"] in (ITEM, TEXT, GROUP) for line in kept):
        raise faults.problem("2250", "Missing Lines : At least one line with an item or a description is required.", "Line")
    old = {line["Id"] for line in every(change.old_body.get("Line", [])) if "Id" in line}
    following = int(change.row.get("next_line", 1))
    for place, line in enumerate(every(kept), start=1):
        if line.get("Id") not in old:
            line["Id"] = str(following)
            following += 1
        line["LineNum"] = place
    change.row["next_line"] = following
    return [_id_first(line) for line in kept]


def finish(change: Change, kept: list[Json]) -> None:
    """Put subtotals and discounts in their places and give the body its lines. Raises VendorFault."""
    goods = [line for line in kept if line["DetailType"] != DISCOUNT and not is_shipping(line)]
    _fill_inline_subtotals(goods)
    subtotal = total(goods)
    discounts = [line for line in kept if line["DetailType"] == DISCOUNT]
    for line in discounts:
        _settle_discount(change, line, subtotal)
    shipping = [line for line in kept if is_shipping(line)]
    change.body["Line"] = [*goods, {"Amount": money(subtotal), "DetailType": SUBTOTAL, SUBTOTAL: {}}, *discounts, *shipping]


def every(lines: list[Json]) -> Iterator[Json]:
    """Each line, and after a bundle the lines that make it up."""
    for line in lines:
        yield line
        yield from line.get(GROUP, {}).get("Line", [])


def item_lines(lines: list[Json]) -> Iterator[Json]:
    """The lines that sell something, those in bundles included."""
    return (line for line in every(lines) if line["DetailType"] == ITEM)


def is_shipping(line: Json) -> bool:
    """Whether a line is the pseudo item for shipping."""
    return bool(line.get(ITEM, {}).get("ItemRef", {}).get("value") == SHIPPING)


def zeroed(lines: list[Json]) -> list[Json]:
    """The lines of a voided document: amounts and quantities are zero."""
    found = []
    for old in lines:
        line = {**old, "Amount": 0} if "Amount" in old else dict(old)
        detail = line.get(line["DetailType"])
        if isinstance(detail, dict):
            changes: Json = {name: 0 for name in ("Qty", "Quantity", "TaxInclusiveAmt") if name in detail}
            if "Line" in detail:
                changes["Line"] = zeroed(detail["Line"])
            line[line["DetailType"]] = {**detail, **changes}
        found.append(line)
    return found


def total(lines: list[Json]) -> Decimal:
    """Item lines less discounts."""
    signs = {ITEM: 1, DISCOUNT: -1}
    return sum((exact(line.get("Amount")) * signs.get(line["DetailType"], 0) for line in every(lines)), Decimal(0))


def _id_first(line: Json) -> Json:
    if GROUP in line:
        line[GROUP]["Line"] = [_id_first(child) for child in line[GROUP]["Line"]]
    return {"Id": line["Id"], **line}


def _fill_inline_subtotals(goods: list[Json]) -> None:
    since = 0
    for place, line in enumerate(goods):
        if line["DetailType"] == TEXT:
            line.pop("Amount", None)
            if line.get("Description", "").strip().lower() == _INLINE_SUBTOTAL:
                line["Amount"] = money(total(goods[since:place]))
                since = place + 1


def _settle_discount(change: Change, line: Json, subtotal: Decimal) -> None:
    if not change.company.preferences("SalesFormsPrefs").get("AllowDiscount"):
        raise faults.business("Discounts are turned off in this company's sales settings.")
    detail = line.setdefault(DISCOUNT, {})
    if detail.get("PercentBased"):
        if "DiscountPercent" not in detail:
            raise faults.problem("6090", "Discount line missing information : DiscountPercent is required.", "Line")
        line["Amount"] = money(cents(subtotal * exact(detail["DiscountPercent"]) / 100))
    elif "Amount" not in line:
        raise faults.problem("6090", "Discount line missing information : Amount is required.", "Line")
    if exact(line["Amount"]) < 0 < subtotal:
        raise faults.problem("2290", "Negative Amount : A discount is a positive amount.", "Line.Amount")
    account = detail.get("DiscountAccountRef", {}).get("value") or _discount_account(change)
    if account and change.company.shelves["Account"].get(account) is None:
        raise faults.bad_reference("Accounts", account)
    if account:
        detail["DiscountAccountRef"] = {"value": account}


def _discount_account(change: Change) -> str:
    rows = change.company.shelves["Account"].rows()
    return next((str(row["body"]["Id"]) for row in rows if row["body"]["AccountSubType"] == "DiscountsRefundsGiven"), "")


def _line(change: Change, sent: Json, *, inside: bool = False) -> Json:
    for name in sent:
        if name not in _LINE_FIELDS:
            raise payload.unknown_property(name, "Line", list(_LINE_FIELDS))
    kind = payload.text_of(sent.get("DetailType") or "")
    if not kind:
        raise faults.missing("Line.DetailType")
    if kind == TEXT:
        return _shaped(sent, kind=kind, detail_name="DescriptionLineDetail")
    if kind not in _KNOWN_DETAILS or (inside and kind != ITEM):
        raise faults.problem("2170", f"Invalid Enumeration : {kind}")
    line = _shaped(sent, kind=kind, detail_name=kind)
    if kind == ITEM:
        _check_item_line(change, line)
    elif kind == GROUP:
        _settle_group(change, line)
    return line


def _shaped(sent: Json, *, kind: str, detail_name: str) -> Json:
    line: Json = {}
    if sent.get("Id"):
        line["Id"] = payload.text_of(sent["Id"])
    line["LineNum"] = 0
    description = payload.text_of(sent.get("Description") or "")
    if len(description) > _LONGEST_DESCRIPTION:
        raise faults.too_long("Description", limit=_LONGEST_DESCRIPTION, length=len(description))
    if description:
        line["Description"] = description
    amount = payload.number_of(sent.get("Amount", ""))
    if amount is not None:
        line["Amount"] = money(exact(amount))
    line["DetailType"] = kind
    line[detail_name] = _detail(sent.get(detail_name) or {}, name=detail_name)
    return line


def _detail(sent: object, *, name: str) -> Json:
    if not isinstance(sent, dict):
        raise faults.bad_property(f"Can not deserialize instance of com.intuit.schema.finance.v3.{name}")
    found: Json = {}
    for key, value in sent.items():
        if key not in _KNOWN_DETAILS[name]:
            raise payload.unknown_property(key, name, list(_KNOWN_DETAILS[name]))
        if value is None or value == "":
            continue
        if key.endswith("Ref"):
            ref = payload.part("ref", key, value)
            if ref and "value" in ref:
                found[key] = {"value": ref["value"]}
        elif key in _NUMBERS:
            found[key] = payload.number_of(value)
        elif key == "ServiceDate":
            date = times.parse_date(payload.text_of(value))
            if date is None:
                raise faults.problem("2060", f"Invalid Date Format : {value}", key)
            found[key] = date.isoformat()
        else:
            found[key] = value
    return found


def _settle_group(change: Change, line: Json) -> None:
    """A bundle: its own amount is zero; its lines are those that were sent, or those of the bundle times the quantity."""
    detail = line[GROUP]
    group = detail.get("GroupItemRef", {}).get("value", "")
    row = change.company.shelves["Item"].get(group)
    if not group:
        raise faults.missing("GroupItemRef")
    if row is None:
        raise faults.bad_reference("Items", group)
    if row["body"]["Type"] != "Group":
        raise faults.business("Only a bundle can be used on a bundle line.")
    if not row["body"]["Active"] and all(
        old.get(GROUP, {}).get("GroupItemRef", {}).get("value") != group for old in change.old_body.get("Line", [])
    ):
        raise faults.not_found()
    detail.setdefault("Quantity", 1)
    inner = detail.get("Line")
    if not inner:
        inner = [_member(change, member, exact(detail["Quantity"])) for member in row["body"]["ItemGroupDetail"]["ItemGroupLine"]]
    if not isinstance(inner, list) or not all(isinstance(each, dict) for each in inner):
        raise faults.bad_property("Can not deserialize instance of java.util.ArrayList out of VALUE_STRING token")
    line["Amount"] = 0
    detail["Line"] = [_line(change, each, inside=True) for each in inner]


def _member(change: Change, member: Json, quantity: Decimal) -> Json:
    item = change.company.shelves["Item"].get(member["ItemRef"]["value"])
    body: Json = item["body"] if item else {}
    amount, price = exact(member.get("Qty", 1)) * quantity, exact(body.get("UnitPrice"))
    detail = {"ItemRef": {"value": member["ItemRef"]["value"]}, "Qty": number(amount), "UnitPrice": number(price)}
    line: Json = {"DetailType": ITEM, "Amount": money(cents(amount * price)), ITEM: detail}
    return {**line, "Description": body["Description"]} if "Description" in body else line


def _check_item_line(change: Change, line: Json) -> None:
    detail = line[ITEM]
    quantity, price = exact(detail.get("Qty")), exact(detail.get("UnitPrice"))
    if quantity and price and not (detail.get("TaxInclusiveAmt") and change.body.get("GlobalTaxCalculation") == "TaxInclusive"):
        product = cents(quantity * price)
        if "Amount" in line and exact(line["Amount"]) != product:
            shown = f"{exact(line['Amount']):,f}"
            raise faults.problem("6070", f"Amount is not equal to UnitPrice * Qty. Supplied value:{shown}", "Line.Amount")
        line["Amount"] = money(product)
    if "Amount" not in line:
        raise faults.missing("Amount")
    _check_recognition(change, line)
    if "ClassRef" in detail and change.company.shelves["Class"].get(detail["ClassRef"]["value"]) is None:
        raise faults.bad_reference("Klasses", detail["ClassRef"]["value"])
    if "ItemRef" in detail:
        _check_item(change, detail["ItemRef"]["value"])


def _check_recognition(change: Change, line: Json) -> None:
    """With revenue recognition a line says when its service is rendered."""
    wanted = change.company.preferences("ProductAndServicesPrefs").get("RevenueRecognition")
    if wanted and not is_shipping(line) and "ServiceDate" not in line[ITEM]:
        raise faults.business("Enter a service date for the revenue recognition of each product or service on this transaction.")


def _check_item(change: Change, item: str) -> None:
    if item == SHIPPING:
        if not change.company.preferences("SalesFormsPrefs").get("AllowShipping"):
            raise faults.business("Shipping is turned off in this company's sales settings.")
        return
    row = change.company.shelves["Item"].get(item)
    if row is None:
        raise faults.bad_reference("Items", item)
    body = row["body"]
    if body["Type"] in ("Category", "Group"):
        raise faults.business(f"A {'category' if body['Type'] == 'Category' else 'bundle'} cannot be used on a transaction line.")
    used = {line[ITEM].get("ItemRef", {}).get("value") for line in item_lines(change.old_body.get("Line", []))}
    if not body["Active"] and item not in used:
        raise faults.not_found()
    if body["Type"] == "Inventory" and change.body.get("TxnDate", body["InvStartDate"]) < body["InvStartDate"]:
        raise faults.problem(
            "6270", f"Transaction date is prior to start date for inventory item : {body['FullyQualifiedName']} {body['InvStartDate']}"
        )
