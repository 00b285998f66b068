"""The fields of every QuickBooks entity, in the order of an answer, and the names it knows but does not keep.

Holds data only; `fields` reads it. A line is `Name kind flags`; `-` marks the place of domain, sparse, Id, SyncToken, MetaData.
Flags: max=N characters, in=A|B choices, of=Entity reference, =value default, ro kept by the service, once only at creation,
keep not cleared by a sparse update, name without colon, tab and newline, mask shown as XXXXX, noq not filterable.
"""

from __future__ import annotations

_PERSON = """
Title text max=16 name
GivenName text max=100 name
MiddleName text max=100 name
FamilyName text max=100 name
Suffix text max=16 name
"""
FIELDS = {
    "Customer": """
Taxable bool =true
BillAddr address
ShipAddr address
Notes text max=2000 noq
Job bool =false
BillWithParent bool =false
ParentRef ref of=Customer
Level int ro
SalesTermRef ref of=Term
PaymentMethodRef ref
CustomerTypeRef ref
ARAccountRef ref of=Account
Balance number once
OpenBalanceDate date once
BalanceWithJobs number ro
CurrencyRef ref once
PreferredDeliveryMethod choice in=Print|Email|None =Print
ResaleNum text max=16
TaxExemptionReasonId text
GSTIN text max=15
GSTRegistrationType text max=15
BusinessNumber text max=10
Source text
IsProject bool ro =false
- domain
"""
    + _PERSON
    + """
FullyQualifiedName text ro
CompanyName text max=100
DisplayName text max=500 keep name
PrintOnCheckName text max=110 keep name
Active bool keep
PrimaryPhone phone
AlternatePhone phone
Mobile phone
Fax phone
PrimaryEmailAddr email
WebAddr url
DefaultTaxCodeRef ref
PrimaryTaxIdentifier text mask
SecondaryTaxIdentifier text mask
""",
    "Vendor": """
BillAddr address
TaxIdentifier text mask
TermRef ref of=Term
Balance number ro
OpenBalanceDate date once
AcctNum text max=100
BillRate number
CostRate number
Vendor1099 bool =false
CurrencyRef ref once
APAccountRef ref of=Account
TaxReportingBasis text
GSTIN text max=15
GSTRegistrationType text max=15
BusinessNumber text max=10
Source text
Notes text noq
- domain
"""
    + _PERSON
    + """
CompanyName text max=100
DisplayName text max=500 keep name
PrintOnCheckName text max=110 keep name
Active bool keep
PrimaryPhone phone
AlternatePhone phone
Mobile phone
Fax phone
PrimaryEmailAddr email
WebAddr url
""",
    "Employee": """
SSN text mask
PrimaryAddr address
BillableTime bool =false
BillRate number
CostRate number
BirthDate date
Gender choice in=Male|Female
HiredDate date
ReleasedDate date
EmployeeNumber text max=100
EmployeeType text
- domain
"""
    + _PERSON
    + """
DisplayName text max=500 keep name
PrintOnCheckName text max=110 keep name
Active bool keep
PrimaryPhone phone
Mobile phone
PrimaryEmailAddr email
""",
    "Item": """
Name text max=100 keep name
Sku text max=100
Description text max=4000
Active bool keep
SubItem bool
ParentRef ref of=Item
Level int ro
FullyQualifiedName text ro
Taxable bool =false
SalesTaxIncluded bool
UnitPrice number
Type choice in=Inventory|Service|NonInventory|Category|Group|Bundle
IncomeAccountRef ref of=Account
PurchaseDesc text max=1000
PurchaseTaxIncluded bool
PurchaseCost number
ExpenseAccountRef ref of=Account
AssetAccountRef ref of=Account
PrefVendorRef ref of=Vendor
ClassRef ref of=Class keep
SalesTaxCodeRef ref of=TaxCode
PurchaseTaxCodeRef ref of=TaxCode
TaxClassificationRef ref
TrackQtyOnHand bool
QtyOnHand number
ReorderPoint number keep
InvStartDate date
ItemCategoryType text
ServiceType text
Source text
UQCDisplayText text max=25
UQCId text
AbatementRate number
ReverseChargeRate number
ItemGroupDetail group
PrintGroupedItems bool
- domain
""",
    "Account": """
Name text max=100 keep
SubAccount bool ro
ParentRef ref of=Account
FullyQualifiedName text ro
AcctNum text max=20
Description text max=100
Active bool keep
Classification text ro
AccountType text
AccountSubType text
AccountAlias text
TaxCodeRef ref
TxnLocationType text
CurrentBalance number ro
CurrentBalanceWithSubAccounts number ro
CurrencyRef ref once
- domain
""",
    "Term": """
Name text max=31 keep
Active bool keep
Type text ro
DiscountPercent number
DueDays int
DiscountDays int
DayOfMonthDue int
DueNextMonthDays int
DiscountDayOfMonth int
- domain
""",
    "Class": """
Name text max=100 keep name
SubClass bool =false
ParentRef ref of=Class
FullyQualifiedName text ro
Active bool keep
- domain
""",
    "PaymentMethod": """
Name text max=31 keep
Active bool keep
Type choice in=CREDIT_CARD|NON_CREDIT_CARD =NON_CREDIT_CARD
- domain
""",
    "TaxAgency": """
DisplayName text max=100 keep
TaxTrackedOnPurchases bool =false
TaxTrackedOnSales bool =true
TaxRegistrationNumber text max=100
LastFileDate date
- domain
""",
    "TaxRate": """
Name text max=100 keep
Description text max=100
Active bool keep
RateValue number
AgencyRef ref of=TaxAgency
SpecialTaxType text
EffectiveTaxRate group
DisplayType text
- domain
""",
    "TaxCode": """
Name text max=100 keep
Description text max=100
Active bool keep
Hidden bool =false
Taxable bool =true
TaxGroup bool =false
SalesTaxRateList group
PurchaseTaxRateList group
- domain
""",
    "CompanyInfo": """
CompanyName text max=1024 keep
LegalName text max=1024
CompanyAddr address
CustomerCommunicationAddr address
LegalAddr address
CustomerCommunicationEmailAddr email
PrimaryPhone phone
CompanyStartDate date ro
EmployerId text
FiscalYearStartMonth text
Country text
Email email
WebAddr url
SupportedLanguages text
NameValue group
DefaultTimeZone text
- domain
""",
    "Preferences": """
AccountingInfoPrefs group
AdvancedInventoryPrefs group
ProductAndServicesPrefs group
SalesFormsPrefs group
EmailMessagesPrefs group
PrintDocumentPrefs group
VendorAndPurchasesPrefs group
TimeTrackingPrefs group
TaxPrefs group
FinanceChargesPrefs group
CurrencyPrefs group
ReportPrefs group
OtherPrefs group
- domain
""",
}
IGNORED = {
    "": "CustomField AttachableRef domain status sparse Id SyncToken MetaData",
    "Customer": "IntuitId Organization UserId V4IDPseudonym OtherContactInfo OtherAddr ContactName AltContactName RootCustomerRef"
    " SalesRepRef TaxGroupCodeRef TaxRateRef CCDetail PriceLevelRef CreditLimit AcctNum OverDueBalance TotalRevenue TotalExpense JobInfo"
    " TDSEnabled CustomerEx IsCISContractor ClientCompanyId ClientEntityId TaxRegime",
    "Vendor": "IntuitId Organization UserId V4IDPseudonym OtherContactInfo OtherAddr ContactName AltContactName ShipAddr TaxCountry"
    " TaxIdEffectiveDate ParentRef VendorTypeRef PrefillAccountRef CreditLimit T4AEligible T5018Eligible TDSEnabled TDSEntityTypeId"
    " TDSSectionTypeId TDSOverrideThreshold VendorEx IsSubContractor SubcontractorType CISRate HasTPAR VendorPaymentBankDetail"
    " FullyQualifiedName CompanyRegistrationNumber",
    "Employee": "IntuitId Organization UserId V4IDPseudonym OtherContactInfo OtherAddr UseTimeEntry EmployeeEx FullyQualifiedName Notes"
    " CompanyName WebAddr Fax AlternatePhone",
    "Item": "PercentBased RatePercent PaymentMethodRef UOMSetRef COGSAccountRef AvgCost QtyOnPurchaseOrder QtyOnSalesOrder ManPartNum"
    " DepositToAccountRef BuildPoint SpecialItem SpecialItemType ItemAssemblyDetail ItemEx"
    " DeferredRevenue CustomExtensions",
    "Account": "AccountPurposes AcctNumExtn BankNum OpeningBalance OpeningBalanceDate TaxAccount OnlineBankingEnabled FIName"
    " JournalCodeRef AccountEx",
    "Term": "SalesTermEx",
    "Class": "ClassEx",
    "PaymentMethod": "PaymentMethodEx",
    "TaxAgency": "TaxAgencyExt TaxAgencyConfig SalesTaxCodeRef SalesTaxCountry",
    "TaxRate": "TaxReturnLineRef OriginalTaxRate TaxRateEx",
    "TaxCode": "TaxCodeConfigType AdjustmentTaxRateList TaxCodeEx",
    "CompanyInfo": "CompanyEmailAddr CompanyURL OtherContactInfo CompanyFileName FlavorStratum SampleFile CompanyUserId"
    " CompanyUserAdminEmail TaxYearStartMonth QBVersion ShipAddr OtherAddr Mobile Fax LastImportedTime LastSyncTime"
    " MultiByteCharsSupported FifoCalculationStatus CompanyInfoEx",
    "Preferences": "",
}
OTHER_ENTITIES = (
    "Attachable Bill BillPayment Budget CompanyCurrency CustomerType Department Deposit Estimate ExchangeRate"
    " JournalCode JournalEntry Purchase PurchaseOrder RecurringTransaction ReimburseCharge"
    " SalesReceipt TimeActivity Transfer VendorCredit"
)
