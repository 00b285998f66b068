"""A company's preferences: those of a fresh company, what the switches add to them, and what they mean for a sales form.

Owns the names of preferences that change how a document is checked. Stores nothing.
"""

from __future__ import annotations

import copy
from collections.abc import Callable

from integrations.sandbox.messages import Json
from integrations.sandbox.world import SwitchValue

USA = "US"
_LABEL = "SalesFormsPrefs.SalesCustomName"
_USE = "SalesFormsPrefs.UseSalesCustom"
_CUSTOM_FIELDS = 3
_FRESH: Json = {
    "AccountingInfoPrefs": {
        "TrackDepartments": False,
        "ClassTrackingPerTxn": False,
        "ClassTrackingPerTxnLine": False,
        "CustomerTerminology": "Customers",
    },
    "ProductAndServicesPrefs": {
        "ForSales": True,
        "ForPurchase": True,
        "QuantityWithPriceAndRate": True,
        "QuantityOnHand": True,
        "RevenueRecognition": False,
    },
    "SalesFormsPrefs": {
        "CustomField": [
            {
                "CustomField": [
                    {"Name": f"SalesFormsPrefs.UseSalesCustom{number}", "Type": "BooleanType", "BooleanValue": False}
                    for number in (3, 2, 1)
                ]
            }
        ],
        "CustomTxnNumbers": False,
        "AllowDeposit": False,
        "AllowDiscount": True,
        "AllowEstimates": True,
        "ETransactionEnabledStatus": "NotApplicable",
        "ETransactionAttachPDF": False,
        "ETransactionPaymentEnabled": False,
        "IPNSupportEnabled": False,
        "AllowServiceDate": False,
        "AllowShipping": False,
        "DefaultTerms": {"value": "3"},
        "UsingPriceLevels": False,
        "DefaultCustomerMessage": "Thank you for your business.",
    },
    "EmailMessagesPrefs": {"InvoiceMessage": {"Subject": "Your invoice", "Message": "Your invoice is attached."}},
    "VendorAndPurchasesPrefs": {"TrackingByCustomer": False, "BillableExpenseTracking": False},
    "TimeTrackingPrefs": {"UseServices": True, "BillCustomers": True, "ShowBillRateToAll": False, "WorkWeekStartDate": "Monday"},
    "TaxPrefs": {"UsingSalesTax": False},
    "CurrencyPrefs": {"MultiCurrencyEnabled": False, "HomeCurrency": {"value": "USD"}},
    "ReportPrefs": {"ReportBasis": "Accrual", "CalcAgingReportFromTxnDate": False},
    "OtherPrefs": {"NameValue": [{"Name": "SFCEnabled", "Value": "true"}, {"Name": "TimeTrackingFeatureEnabled", "Value": "true"}]},
}


def fresh(*, home_currency: str, country: str) -> Json:
    """The preferences of a fresh company; outside the United States sales tax is always on."""
    body = copy.deepcopy(_FRESH)
    body["CurrencyPrefs"]["HomeCurrency"]["value"] = home_currency
    body["TaxPrefs"]["UsingSalesTax"] = country != USA
    return body


def in_force(group: str, stored: Json, *, switch: Callable[[str], SwitchValue], country: str) -> Json:
    """One group of preferences as the company lives by it: what is stored, and over it what a switch says for every company."""
    extra: Json = {}
    if group == "CurrencyPrefs" and switch("multicurrency"):
        extra = {"MultiCurrencyEnabled": True}
    elif group == "TaxPrefs" and switch("automated_tax") and country == USA:
        extra = {"UsingSalesTax": True, "PartnerTaxEnabled": True, "TaxGroupCodeRef": {"value": "2"}}
    elif group == "ProductAndServicesPrefs" and switch("revenue_recognition"):
        extra = {"RevenueRecognition": True}
    elif group == "AccountingInfoPrefs" and switch("books_closed"):
        extra = {"BookCloseDate": max(str(switch("books_closed")), str(stored.get("BookCloseDate") or ""))}
    elif group == "SalesFormsPrefs":
        extra = {"CustomTxnNumbers": True} if switch("custom_txn_numbers") else {}
        labels = [label.strip() for label in str(switch("custom_fields")).split(",") if label.strip()]
        extra |= {"CustomField": _enabled(labels[:_CUSTOM_FIELDS])} if labels else {}
    return {**stored, **extra}


def custom_definitions(sales_forms: Json) -> dict[str, str]:
    """The enabled custom fields of sales forms: definition id and label."""
    found: dict[str, Json] = {}
    for outer in sales_forms.get("CustomField", []):
        for entry in outer.get("CustomField", []):
            found[str(entry.get("Name", ""))] = entry
    used = [name for name, entry in found.items() if name.startswith(_USE) and entry.get("BooleanValue")]
    numbers = [name.removeprefix(_USE) for name in used]
    return {number: str(found.get(f"{_LABEL}{number}", {}).get("StringValue", "")) for number in sorted(numbers)}


def _enabled(labels: list[str]) -> list[Json]:
    numbers = range(_CUSTOM_FIELDS, 0, -1)
    uses = [{"Name": f"{_USE}{number}", "Type": "BooleanType", "BooleanValue": number <= len(labels)} for number in numbers]
    names = [{"Name": f"{_LABEL}{number}", "Type": "StringType", "StringValue": labels[number - 1]} for number in range(len(labels), 0, -1)]
    return [{"CustomField": uses}, {"CustomField": names}]
