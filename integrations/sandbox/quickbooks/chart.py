"""What every new company starts with: accounts, terms, ways to pay, currencies, countries.

Owns the usual values. They are made up in the manner of a fresh American company.
"""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal

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
_IN_DOLLARS = {
    "USD": "1",
    "CAD": "0.73",
    "EUR": "1.08",
    "GBP": "1.27",
    "AUD": "0.65",
    "NZD": "0.6",
    "CHF": "1.12",
    "SEK": "0.095",
    "NOK": "0.091",
    "DKK": "0.145",
    "JPY": "0.0067",
    "INR": "0.0119",
    "MXN": "0.054",
    "BRL": "0.18",
    "ZAR": "0.055",
    "SGD": "0.745",
}
_RATE = Decimal("0.000001")
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
PAYMENT_METHODS = (
    ("Cash", "NON_CREDIT_CARD"),
    ("Check", "NON_CREDIT_CARD"),
    ("Visa", "CREDIT_CARD"),
    ("MasterCard", "CREDIT_CARD"),
    ("Bank transfer", "NON_CREDIT_CARD"),
)
TERMS: tuple[Json, ...] = (
    {"Name": "Due on receipt", "DueDays": 0},
    {"Name": "Net 15", "DueDays": 15},
    {"Name": "Net 30", "DueDays": 30},
    {"Name": "Net 60", "DueDays": 60},
)


def exchange_rate(foreign: str, *, home: str) -> Decimal:
    """Units of the home currency for one foreign unit; the same every day."""
    rate = Decimal(_IN_DOLLARS[foreign]) / Decimal(_IN_DOLLARS[home])
    return rate.quantize(_RATE, rounding=ROUND_HALF_UP)


def company_info(*, name: str, started: str, country: str = "US") -> Json:
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
        "Country": country,
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
