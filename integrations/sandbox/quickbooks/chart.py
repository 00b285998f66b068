"""What every new company starts with: accounts, terms, preferences, currencies, countries.

Owns the usual values. They are made up in the manner of a fresh American company.
"""

from __future__ import annotations

import copy

from integrations.sandbox.messages import Json

CURRENCIES = {
    "USD": "United States Dollar",
    "CAD": "Canadian Dollar",
    "EUR": "Euro",
    "GBP": "British Pound Sterling",
    "AUD": "Australian Dollar",
    "NZD": "New Zealand Dollar",
    "CHF": "Swiss Franc",
    "SEK": "Swedish Krona",
    "NOK": "Norwegian Krone",
    "DKK": "Danish Krone",
    "JPY": "Japanese Yen",
    "INR": "Indian Rupee",
    "MXN": "Mexican Peso",
    "BRL": "Brazilian Real",
    "ZAR": "South African Rand",
    "SGD": "Singapore Dollar",
}
_COUNTRIES = {
    "USA": "us|united states|united states of america|u.s.|u.s.a.",
    "CAN": "ca|canada",
    "GBR": "gb|uk|united kingdom|great britain|england|scotland|wales",
    "AUS": "au|australia",
    "NZL": "nz|new zealand",
    "IRL": "ie|ireland",
    "DEU": "de|germany|deutschland",
    "AUT": "at|austria|österreich",
    "CHE": "ch|switzerland|schweiz",
    "FRA": "fr|france",
    "ESP": "es|spain|españa",
    "PRT": "pt|portugal",
    "ITA": "it|italy|italia",
    "NLD": "nl|netherlands|the netherlands|nederland",
    "BEL": "be|belgium",
    "SWE": "se|sweden|sverige",
    "NOR": "no|norway|norge",
    "DNK": "dk|denmark|danmark",
    "FIN": "fi|finland|suomi",
    "POL": "pl|poland|polska",
    "JPN": "jp|japan",
    "IND": "in|india",
    "MEX": "mx|mexico|méxico",
    "BRA": "br|brazil|brasil",
    "ZAF": "za|south africa",
    "SGP": "sg|singapore",
}
COUNTRY_CODES = {name: code for code, names in _COUNTRIES.items() for name in (code.lower(), *names.split("|"))}

CLASSIFICATION = {
    "Bank": "Asset",
    "Accounts Receivable": "Asset",
    "Other Current Asset": "Asset",
    "Fixed Asset": "Asset",
    "Other Asset": "Asset",
    "Accounts Payable": "Liability",
    "Credit Card": "Liability",
    "Other Current Liability": "Liability",
    "Long Term Liability": "Liability",
    "Equity": "Equity",
    "Income": "Revenue",
    "Other Income": "Revenue",
    "Cost of Goods Sold": "Expense",
    "Expense": "Expense",
    "Other Expense": "Expense",
    "Non-Posting": "Expense",
}
SUBTYPES = {
    "Bank": "Checking Savings MoneyMarket CashOnHand RentsHeldInTrust TrustAccounts",
    "Accounts Receivable": "AccountsReceivable",
    "Other Current Asset": "OtherCurrentAssets UndepositedFunds Inventory PrepaidExpenses EmployeeCashAdvances Retainage",
    "Fixed Asset": "OtherFixedAssets FurnitureAndFixtures MachineryAndEquipment Vehicles Buildings Land AccumulatedDepreciation",
    "Other Asset": "OtherLongTermAssets SecurityDeposits Goodwill Licenses LeaseBuyout",
    "Accounts Payable": "AccountsPayable",
    "Credit Card": "CreditCard",
    "Other Current Liability": "OtherCurrentLiabilities SalesTaxPayable PayrollTaxPayable DeferredRevenue LoanPayable LineOfCredit",
    "Long Term Liability": "NotesPayable OtherLongTermLiabilities ShareholderNotesPayable",
    "Equity": "OpeningBalanceEquity OwnersEquity RetainedEarnings CommonStock PartnersEquity PaidInCapitalOrSurplus",
    "Income": "SalesOfProductIncome ServiceFeeIncome OtherPrimaryIncome DiscountsRefundsGiven NonProfitIncome UnappliedCashPaymentIncome",
    "Cost of Goods Sold": "SuppliesMaterialsCogs CostOfLaborCos EquipmentRentalCos OtherCostsOfServiceCos ShippingFreightDeliveryCos",
    "Expense": "OfficeGeneralAdministrativeExpenses AdvertisingPromotional Auto BadDebts BankCharges CostOfLabor DuesSubscriptions"
    " Insurance LegalProfessionalFees OtherMiscellaneousServiceCost PayrollExpenses RentOrLeaseOfBuildings RepairMaintenance"
    " SuppliesMaterials TaxesPaid Travel TravelMeals Utilities InterestPaid Communications",
    "Other Income": "InterestEarned DividendIncome OtherInvestmentIncome OtherMiscellaneousIncome",
    "Other Expense": "OtherMiscellaneousExpense Depreciation Amortization PenaltiesSettlements ExchangeGainOrLoss",
    "Non-Posting": "",
}
TYPE_OF_SUBTYPE = {subtype: kind for kind, subtypes in SUBTYPES.items() for subtype in subtypes.split()}

ACCOUNTS = (
    ("Services", "Income", "ServiceFeeIncome"),
    ("Sales", "Income", "OtherPrimaryIncome"),
    ("Sales of Product Income", "Income", "SalesOfProductIncome"),
    ("Discounts given", "Income", "DiscountsRefundsGiven"),
    ("Uncategorized Income", "Income", "ServiceFeeIncome"),
    ("Cost of Goods Sold", "Cost of Goods Sold", "SuppliesMaterialsCogs"),
    ("Inventory Asset", "Other Current Asset", "Inventory"),
    ("Undeposited Funds", "Other Current Asset", "UndepositedFunds"),
    ("Uncategorized Asset", "Other Current Asset", "OtherCurrentAssets"),
    ("Accounts Receivable (A/R)", "Accounts Receivable", "AccountsReceivable"),
    ("Accounts Payable (A/P)", "Accounts Payable", "AccountsPayable"),
    ("Checking", "Bank", "Checking"),
    ("Savings", "Bank", "Savings"),
    ("Mastercard", "Credit Card", "CreditCard"),
    ("Sales Tax Payable", "Other Current Liability", "SalesTaxPayable"),
    ("Opening Balance Equity", "Equity", "OpeningBalanceEquity"),
    ("Retained Earnings", "Equity", "RetainedEarnings"),
    ("Advertising", "Expense", "AdvertisingPromotional"),
    ("Bank Charges", "Expense", "BankCharges"),
    ("Insurance", "Expense", "Insurance"),
    ("Legal & Professional Fees", "Expense", "LegalProfessionalFees"),
    ("Office Expenses", "Expense", "OfficeGeneralAdministrativeExpenses"),
    ("Rent or Lease", "Expense", "RentOrLeaseOfBuildings"),
    ("Travel", "Expense", "Travel"),
    ("Utilities", "Expense", "Utilities"),
    ("Uncategorized Expense", "Expense", "OtherMiscellaneousServiceCost"),
    ("Interest Earned", "Other Income", "InterestEarned"),
    ("Depreciation", "Other Expense", "Depreciation"),
)
TERMS: tuple[Json, ...] = (
    {"Name": "Due on receipt", "DueDays": 0},
    {"Name": "Net 15", "DueDays": 15},
    {"Name": "Net 30", "DueDays": 30},
    {"Name": "Net 60", "DueDays": 60},
)
_PREFERENCES: Json = {
    "AccountingInfoPrefs": {
        "TrackDepartments": False,
        "ClassTrackingPerTxn": False,
        "ClassTrackingPerTxnLine": False,
        "CustomerTerminology": "Customers",
    },
    "ProductAndServicesPrefs": {"ForSales": True, "ForPurchase": True, "QuantityWithPriceAndRate": True, "QuantityOnHand": True},
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


def preferences(*, home_currency: str) -> Json:
    """The preferences of a fresh company."""
    body = copy.deepcopy(_PREFERENCES)
    body["CurrencyPrefs"]["HomeCurrency"]["value"] = home_currency
    return body


def company_info(*, name: str, started: str) -> Json:
    """The company's own data."""
    address = {"Id": "1", "Line1": "500 Market Street", "City": "San Francisco", "Country": "USA"}
    address |= {"CountrySubDivisionCode": "CA", "PostalCode": "94105"}
    return {
        "CompanyName": name,
        "LegalName": name,
        "CompanyAddr": address,
        "CustomerCommunicationAddr": dict(address),
        "LegalAddr": dict(address),
        "PrimaryPhone": {"FreeFormNumber": "(415) 555-0100"},
        "CompanyStartDate": started,
        "FiscalYearStartMonth": "January",
        "Country": "US",
        "Email": {"Address": "books@example.com"},
        "WebAddr": {},
        "SupportedLanguages": "en",
        "NameValue": [
            {"Name": "NeoEnabled", "Value": "true"},
            {"Name": "IndustryType", "Value": "Management consulting"},
            {"Name": "CompanyType", "Value": "Partnership"},
            {"Name": "SubscriptionStatus", "Value": "PAID"},
            {"Name": "OfferingSku", "Value": "QuickBooks Online Plus"},
        ],
    }
