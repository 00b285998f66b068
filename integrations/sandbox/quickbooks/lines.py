"""The lines of an invoice: what each may hold, and the sums that follow from them.

Owns line ids, amounts, the subtotal line. Computed tax belongs to a later stage: a total tax is taken as sent.
"""

from __future__ import annotations

from decimal import Decimal

from integrations.sandbox.messages import Json
from integrations.sandbox.quickbooks import faults, payload, times
from integrations.sandbox.quickbooks.change import Change
from integrations.sandbox.quickbooks.ledger import cents, exact, money

SUBTOTAL = "SubTotalLineDetail"
_DETAILS = {
    "SalesItemLineDetail": "ItemRef ClassRef UnitPrice Qty TaxCodeRef ServiceDate DiscountRate DiscountAmt TaxInclusiveAmt ItemAccountRef"
    " MarkupInfo TaxClassificationRef UnitCostPrice RatePercent PriceLevelRef UOMRef InventorySiteRef DeferredRevenue RetainageAmount"
    " SalesItemLineDetailEx",
    "DiscountLineDetail": "PercentBased DiscountPercent DiscountAccountRef ClassRef TaxCodeRef DiscountRef ServiceDate"
    " DiscountLineDetailEx Discount",
    "DescriptionLineDetail": "TaxCodeRef ServiceDate DescriptionLineDetailEx",
    SUBTOTAL: "ItemRef ServiceDate SubTotalLineDetailEx",
}
_KNOWN_DETAILS = {name: tuple(fields.split()) for name, fields in _DETAILS.items()}
_LINE_FIELDS = (
    "Id", "LineNum", "Description", "Amount", "DetailType", "LinkedTxn", "CustomField", "Received", "LineEx", *_KNOWN_DETAILS,
    "GroupLineDetail", "TaxLineDetail", "PaymentLineDetail", "DescriptionOnly", "CustomExtensions",
)  # fmt: skip
_NUMBERS = ("UnitPrice", "Qty", "DiscountRate", "DiscountAmt", "TaxInclusiveAmt", "DiscountPercent")
_LONGEST_DESCRIPTION = 4000
_US_TAX_CODES = ("TAX", "NON")


def settle(change: Change) -> None:
    """Check the sent lines, number them, and put the subtotal behind the item lines. Raises VendorFault."""
    sent = change.given.values.get("Line")
    if sent is None:
        return
    old = {line["Id"]: line for line in change.old_body.get("Line", []) if "Id" in line}
    kept = [_line(change, line) for line in sent if line.get("DetailType") != SUBTOTAL]
    if not any(line["DetailType"] in ("SalesItemLineDetail", "DescriptionOnly") for line in kept):
        raise faults.problem("2250", "Missing Lines : At least one line with an item or a description is required.", "Line")
    following = int(change.row.get("next_line", 1))
    for place, line in enumerate(kept, start=1):
        if line.get("Id") not in old:
            line["Id"] = str(following)
            following += 1
        line["LineNum"] = place
    change.row["next_line"] = following
    change.body["Line"] = _with_sums(change, [{"Id": line["Id"], **line} for line in kept])


def zeroed(lines: list[Json]) -> list[Json]:
    """The lines of a voided document: amounts and quantities are zero."""
    found = []
    for old in lines:
        line = {**old, "Amount": 0} if "Amount" in old else dict(old)
        detail = line.get(line["DetailType"])
        if isinstance(detail, dict) and "Qty" in detail:
            line[line["DetailType"]] = {**detail, "Qty": 0}
        found.append(line)
    return found


def total(lines: list[Json]) -> Decimal:
    """Item lines less discounts."""
    signs = {"SalesItemLineDetail": 1, "DiscountLineDetail": -1}
    return sum((exact(line.get("Amount")) * signs.get(line["DetailType"], 0) for line in lines), Decimal(0))


def _with_sums(change: Change, kept: list[Json]) -> list[Json]:
    items = [line for line in kept if line["DetailType"] != "DiscountLineDetail"]
    subtotal = total(items)
    discounts = [line for line in kept if line["DetailType"] == "DiscountLineDetail"]
    for line in discounts:
        if not change.company.preferences("SalesFormsPrefs").get("AllowDiscount"):
            raise faults.business("Discounts are turned off in this company's sales settings.")
        detail = line.setdefault("DiscountLineDetail", {})
        if detail.get("PercentBased"):
            if "DiscountPercent" not in detail:
                raise faults.problem("6090", "Discount line missing information : DiscountPercent is required.", "Line")
            line["Amount"] = money(subtotal * exact(detail["DiscountPercent"]) / 100)
        elif "Amount" not in line:
            raise faults.problem("6090", "Discount line missing information : Amount is required.", "Line")
    return [*items, {"Amount": money(subtotal), "DetailType": SUBTOTAL, SUBTOTAL: {}}, *discounts]


def _line(change: Change, sent: Json) -> Json:
    for name in sent:
        if name not in _LINE_FIELDS:
            raise payload.unknown_property(name, "Line", list(_LINE_FIELDS))
    kind = payload.text_of(sent.get("DetailType") or "")
    if not kind:
        raise faults.missing("Line.DetailType")
    if kind == "DescriptionOnly":
        return _shaped(sent, kind=kind, detail_name="DescriptionLineDetail")
    if kind not in _KNOWN_DETAILS:
        raise faults.problem("2170", f"Invalid Enumeration : {kind}")
    line = _shaped(sent, kind=kind, detail_name=kind)
    if kind == "SalesItemLineDetail":
        _check_item_line(change, line)
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


def _check_item_line(change: Change, line: Json) -> None:
    detail = line["SalesItemLineDetail"]
    quantity, price = exact(detail.get("Qty")), exact(detail.get("UnitPrice"))
    if quantity and price:
        product = cents(quantity * price)
        if "Amount" in line and exact(line["Amount"]) != product:
            shown = f"{exact(line['Amount']):,f}"
            raise faults.problem("6070", f"Amount is not equal to UnitPrice * Qty. Supplied value:{shown}", "Line.Amount")
        line["Amount"] = money(product)
    if "Amount" not in line:
        raise faults.missing("Amount")
    code = detail.setdefault("TaxCodeRef", {"value": "NON"})["value"]
    if code not in _US_TAX_CODES:
        raise faults.problem("6100", f"Invalid line TaxCode : {code}. Use TAX or NON.", "Line.TaxCodeRef")
    if "ItemRef" in detail:
        _check_item(change, detail["ItemRef"]["value"])


def _check_item(change: Change, number: str) -> None:
    row = change.company.shelves["Item"].get(number) if number.isdecimal() else None
    if row is None:
        raise faults.bad_reference("Items", number)
    if row["body"]["Type"] == "Category":
        raise faults.business("A category cannot be used on a transaction line.")
    used = {line.get("SalesItemLineDetail", {}).get("ItemRef", {}).get("value") for line in change.old_body.get("Line", [])}
    if not row["body"]["Active"] and number not in used:
        raise faults.not_found()
