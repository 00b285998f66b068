"""Sales tax: which code a line may carry, and the tax that follows from it.

Owns TxnTaxDetail and the tax codes that a new company has. Rounds each line and each component of a rate half up, as the vendor does.
"""

from __future__ import annotations

from decimal import Decimal

from integrations.sandbox.messages import Json
from integrations.sandbox.quickbooks import faults, lines, payload, preferences
from integrations.sandbox.quickbooks.change import Change
from integrations.sandbox.quickbooks.companies import Company
from integrations.sandbox.quickbooks.ledger import cents, exact, money, number

TAXED, UNTAXED = "TAX", "NON"
_CUSTOM = "CustomSalesTax"
_DEFAULT_CODE = "2"
_NO_TAX = "NotApplicable"
_DETAIL_FIELDS = ("TxnTaxCodeRef", "TotalTax", "TaxLine", "DefaultTaxCodeRef", "TaxReviewStatus", "UseAutomatedSalesTax")
RATES: dict[str, tuple[tuple[str, tuple[tuple[str, str], ...]], ...]] = {
    preferences.USA: (
        ("California", (("California State", "6"), ("San Francisco County", "1.25"), ("San Francisco District", "1.375"))),
        ("Tucson", (("Arizona State", "5.6"), ("Tucson City", "2"))),
    ),
    "CA": (
        ("HST ON", (("HST (ON)", "13"),)),
        ("GST", (("GST", "5"),)),
        ("GST/PST BC", (("GST", "5"), ("PST (BC)", "7"))),
        ("Exempt", (("Exempt", "0"),)),
    ),
    "AU": (("GST", (("GST", "10"),)), ("GST free", (("GST free", "0"),))),
}
_OTHER_RATES = (
    ("20.0% S", (("20.0% S", "20"),)),
    ("5.0% R", (("5.0% R", "5"),)),
    ("0.0% Z", (("0.0% Z", "0"),)),
    ("Exempt", (("Exempt", "0"),)),
)


def found_codes(country: str) -> list[tuple[str, tuple[tuple[str, str], ...]]]:
    """The tax codes of a new company: names with their components and percentages."""
    return list(RATES.get(country, _OTHER_RATES))


def settle_codes(change: Change, kept: list[Json]) -> None:
    """Give every item line the code it needs, and turn gross amounts into net ones. Raises VendorFault 6100 or 6160."""
    company, body = change.company, change.body
    taxable = change.notes.get("taxable", True)
    if not company.american:
        body.setdefault("GlobalTaxCalculation", "TaxExcluded")
    for line in lines.item_lines(kept):
        detail = line[lines.ITEM]
        if company.american:
            _settle_american(company, detail, taxable=taxable)
        elif body["GlobalTaxCalculation"] != _NO_TAX:
            _check_code(company, detail.get("TaxCodeRef", {}).get("value", ""))
            if body["GlobalTaxCalculation"] == "TaxInclusive":
                _settle_gross(company, line)


def settle(change: Change) -> Decimal:
    """Fill in TxnTaxDetail and return its total."""
    body, company = change.body, change.company
    detail: Json = body.get("TxnTaxDetail") or {}
    for name in detail:
        if name not in _DETAIL_FIELDS:
            raise payload.unknown_property(name, "TxnTaxDetail", list(_DETAIL_FIELDS))
    if company.american and not company.automated_tax and not detail.get("TxnTaxCodeRef"):
        sent = cents(exact(payload.number_of(detail.get("TotalTax") or 0)))
        body["TxnTaxDetail"] = {**detail, "TotalTax": money(sent)}
        return sent
    code = _transaction_code(change, detail) if company.american else ""
    found: dict[str, tuple[Decimal, Decimal, str]] = {}
    for line, base in _bases(body, after_discount=not company.american or bool(body.get("ApplyTaxAfterDiscount"))):
        for rate, percent, amount in _components(company, body, line, base, code):
            net, tax, _ = found.get(rate, (Decimal(0), Decimal(0), percent))
            found[rate] = (net + base, tax + amount, percent)
    whole = sum((tax for _, tax, _ in found.values()), Decimal(0))
    settled: Json = {"TxnTaxCodeRef": {"value": code}} if code and found else {}
    settled["TotalTax"] = money(whole)
    if found:
        settled["TaxLine"] = [_tax_line(rate, net=net, tax=tax, percent=percent) for rate, (net, tax, percent) in found.items()]
    body["TxnTaxDetail"] = settled
    return whole


def _settle_american(company: Company, detail: Json, *, taxable: bool) -> None:
    sent = detail.get("TaxCodeRef", {}).get("value")
    if sent == _CUSTOM:
        raise faults.problem("6160", f"Invalid TaxCodeRef : {sent} cannot be used on a transaction.", "Line.TaxCodeRef")
    if sent is None:
        item = company.shelves["Item"].get(detail.get("ItemRef", {}).get("value", ""))
        goes = company.automated_tax and taxable and item is not None and bool(item["body"].get("Taxable"))
        sent = TAXED if goes else UNTAXED
        detail["TaxCodeRef"] = {"value": sent}
    if sent not in (TAXED, UNTAXED):
        raise faults.problem("6100", f"Invalid line TaxCode : {sent}. Use TAX or NON.", "Line.TaxCodeRef")


def _check_code(company: Company, code: str) -> None:
    row = company.shelves["TaxCode"].get(code) if code else None
    if row is None or not row["body"]["Active"]:
        told = f"{code} is no tax code of this company" if code else "every line needs a tax code in this company"
        raise faults.problem("6100", f"Invalid line TaxCode : {told}.", "Line.TaxCodeRef")


def _settle_gross(company: Company, line: Json) -> None:
    detail = line[lines.ITEM]
    gross = exact(detail.get("TaxInclusiveAmt")) or exact(line["Amount"])
    percent = sum((exact(each) for _, each in _rates(company, detail["TaxCodeRef"]["value"])), Decimal(0))
    detail["TaxInclusiveAmt"] = money(gross)
    line["Amount"] = money(cents(gross / (1 + percent / 100)))


def _transaction_code(change: Change, detail: Json) -> str:
    sent = detail.get("TxnTaxCodeRef")
    code = str(sent.get("value", "")) if isinstance(sent, dict) else ""
    if code == _CUSTOM:
        raise faults.problem("6160", f"Invalid TaxCodeRef : {code} cannot be used on a transaction.", "TxnTaxCodeRef")
    code = code or str(change.notes.get("tax_code") or _DEFAULT_CODE)
    row = change.company.shelves["TaxCode"].get(code)
    if row is None or not row["body"]["TaxGroup"]:
        raise faults.bad_reference("TaxCodes", code)
    return code


def _bases(body: Json, *, after_discount: bool) -> list[tuple[Json, Decimal]]:
    """Each item line with the amount that tax is laid on: after discount, each line bears its share to the cent."""
    sold = list(lines.item_lines(body["Line"]))
    amounts = [exact(line["Amount"]) for line in sold]
    discounts = [exact(line["Amount"]) for line in body["Line"] if line["DetailType"] == lines.DISCOUNT]
    left = sum(discounts, Decimal(0)) if after_discount else Decimal(0)
    bearing = [place for place, line in enumerate(sold) if amounts[place] and not lines.is_shipping(line)]
    whole = sum((amounts[place] for place in bearing), Decimal(0))
    discount = left
    for place in bearing:
        share = left if place == bearing[-1] else cents(discount * amounts[place] / whole) if whole else Decimal(0)
        left -= share
        amounts[place] -= share
    return list(zip(sold, amounts, strict=True))


def _components(company: Company, body: Json, line: Json, base: Decimal, code: str) -> list[tuple[str, str, Decimal]]:
    """The tax on one line, part by part: id of the rate, its percentage, the amount."""
    detail = line[lines.ITEM]
    own = detail.get("TaxCodeRef", {}).get("value", "")
    if company.american:
        rates = _rates(company, code) if own == TAXED else []
    else:
        rates = _rates(company, own) if own and body.get("GlobalTaxCalculation") != _NO_TAX else []
    found = [(rate, percent, cents(base * exact(percent) / 100)) for rate, percent in rates]
    inclusive = not company.american and body.get("GlobalTaxCalculation") == "TaxInclusive"
    gross = exact(detail.get("TaxInclusiveAmt")) if inclusive else Decimal(0)
    if found and gross and base == exact(line["Amount"]):
        rate, percent, _ = found[-1]
        rest = gross - base - sum((amount for _, _, amount in found[:-1]), Decimal(0))
        found[-1] = (rate, percent, rest)
    return found


def _rates(company: Company, code: str) -> list[tuple[str, str]]:
    row = company.shelves["TaxCode"].get(code)
    details = row["body"].get("SalesTaxRateList", {}).get("TaxRateDetail", []) if row else []
    found = []
    for detail in details:
        rate = company.shelves["TaxRate"].get(detail["TaxRateRef"]["value"])
        if rate is not None:
            found.append((str(rate["body"]["Id"]), str(rate["body"]["RateValue"])))
    return found


def _tax_line(rate: str, *, net: Decimal, tax: Decimal, percent: str) -> Json:
    detail = {"TaxRateRef": {"value": rate}, "PercentBased": True, "TaxPercent": number(exact(percent)), "NetAmountTaxable": money(net)}
    return {"Amount": money(tax), "DetailType": "TaxLineDetail", "TaxLineDetail": detail}
