"""The fields of the documents that customers get: invoices, credit memos, refund receipts, and their payments.

Holds data only, written as in `tables`.
"""

from __future__ import annotations

FIELDS = {
    "Invoice": """
AllowIPNPayment bool =false
AllowOnlinePayment bool =false
AllowOnlineCreditCardPayment bool =false
AllowOnlineACHPayment bool =false
- domain
CustomField custom
DocNumber text max=21
TxnDate date
DepartmentRef ref
ClassRef ref of=Class
CurrencyRef ref once
ExchangeRate number
PrivateNote text max=4000 noq
LinkedTxn links
Line lines
TxnTaxDetail tax
CustomerRef ref of=Customer keep
CustomerMemo memo
BillAddr address
ShipAddr address
ShipFromAddr address
FreeFormAddress bool
SalesTermRef ref of=Term
DueDate date
ShipMethodRef ref max=30
ShipDate date
TrackingNum text
ProjectRef ref
TransactionLocationType text
GlobalTaxCalculation choice in=TaxExcluded|TaxInclusive|NotApplicable
TotalAmt number ro
HomeTotalAmt number ro
ApplyTaxAfterDiscount bool =false
PrintStatus choice in=NotSet|NeedToPrint|PrintComplete =NeedToPrint
EmailStatus choice in=NotSet|NeedToSend|EmailSent =NotSet
BillEmail email
BillEmailCc email
BillEmailBcc email
Balance number ro
HomeBalance number ro
Deposit number
DepositToAccountRef ref of=Account
""",
    "CreditMemo": """
RemainingCredit number ro
- domain
CustomField custom
DocNumber text max=21
TxnDate date
DepartmentRef ref
ClassRef ref of=Class
CurrencyRef ref once
ExchangeRate number
PrivateNote text max=4000 noq
LinkedTxn links
Line lines
TxnTaxDetail tax
CustomerRef ref of=Customer keep
CustomerMemo memo
BillAddr address
ShipAddr address
FreeFormAddress bool
SalesTermRef ref of=Term
ProjectRef ref
TransactionLocationType text
GlobalTaxCalculation choice in=TaxExcluded|TaxInclusive|NotApplicable
TotalAmt number ro
HomeTotalAmt number ro
ApplyTaxAfterDiscount bool =false
PrintStatus choice in=NotSet|NeedToPrint|PrintComplete =NeedToPrint
EmailStatus choice in=NotSet|NeedToSend|EmailSent =NotSet
BillEmail email
BillEmailCc email
BillEmailBcc email
Balance number ro
HomeBalance number ro
""",
    "RefundReceipt": """
- domain
CustomField custom
DocNumber text max=21
TxnDate date
DepartmentRef ref
ClassRef ref of=Class
CurrencyRef ref once
ExchangeRate number
PrivateNote text max=4000 noq
LinkedTxn links
Line lines
TxnTaxDetail tax
CustomerRef ref of=Customer keep
CustomerMemo memo
BillAddr address
ShipAddr address
FreeFormAddress bool
ProjectRef ref
TransactionLocationType text
GlobalTaxCalculation choice in=TaxExcluded|TaxInclusive|NotApplicable
TotalAmt number ro
HomeTotalAmt number ro
ApplyTaxAfterDiscount bool =false
PrintStatus choice in=NotSet|NeedToPrint|PrintComplete =NeedToPrint
EmailStatus choice in=NotSet|NeedToSend|EmailSent =NotSet
BillEmail email
Balance number ro
HomeBalance number ro
PaymentMethodRef ref of=PaymentMethod
PaymentRefNum text max=21
DepositToAccountRef ref of=Account keep
""",
    "Payment": """
CustomerRef ref of=Customer keep
ARAccountRef ref of=Account
DepositToAccountRef ref of=Account
PaymentMethodRef ref of=PaymentMethod
PaymentRefNum text max=21
TotalAmt number keep
UnappliedAmt number ro
ProcessPayment bool =false
- domain
TxnDate date
CurrencyRef ref once
ExchangeRate number
PrivateNote text max=4000 noq
LinkedTxn links
Line lines
ProjectRef ref
TransactionLocationType text
""",
}
_SHARED = (
    "TxnSource RecurDataRef TaxExemptionRef TxnSubType TxnStatus TaxFormType TaxFormNum Tag TxnApprovalInfo RecurringInfo"
    " TotalCostAmount HomeTotalCostAmount RemitToRef"
)
_FORMS = (
    f"{_SHARED} AutoDocNumber ShipFromAddr DueDate SalesRepRef PONumber FOB ShipMethodRef ShipDate TrackingNum"
    " ShippingTaxIncludedInTotalTax TemplateRef ARAccountRef FinanceCharge PaymentType CheckPayment CreditCardPayment DiscountRate"
    " DiscountAmt GovtTxnRefIdentifier DeliveryInfo InvoiceRef"
)
IGNORED = {
    "Invoice": "TxnSource DeliveryInfo InvoiceLink RecurDataRef TaxExemptionRef TxnSubType TxnStatus TaxFormType TaxFormNum Tag"
    " TxnApprovalInfo RecurringInfo TotalCostAmount HomeTotalCostAmount AutoDocNumber RemitToRef SalesRepRef PONumber FOB"
    " ShippingTaxIncludedInTotalTax TemplateRef ARAccountRef FinanceCharge PaymentMethodRef PaymentRefNum PaymentType CheckPayment"
    " CreditCardPayment DiscountRate DiscountAmt GovtTxnRefIdentifier AllowOnlinePayPalPayment AllowOnlineAffirmPayment EInvoiceStatus"
    " ECloudStatusTimeStamp CfdiUse Exportation GlobalInfo invoiceStatus callToAction invoiceStatusLog InvoiceEx LessCIS"
    " PaymentDetailsMessage ConvenienceFeeDetail EnabledSurchargeInfo InvoiceLinkSecurityCode InvoiceLinkExpiryDate AutoPayEligible"
    " SchedulePayEligible ScheduledPaymentId GratuityEnabled FinancingProductType SubscriptionPaymentsSetting TxnRetainageDetail",
    "CreditMemo": f"{_FORMS} PaymentMethodRef PaymentRefNum DepositToAccountRef CreditMemoEx",
    "RefundReceipt": f"{_FORMS} BillEmailCc BillEmailBcc SalesTermRef RefundReceiptEx",
    "Payment": f"{_SHARED} DocNumber DepartmentRef TxnTaxDetail PaymentType CheckPayment CreditCardPayment PaymentExtendedType PaymentEx",
}
