"""The properties that every account has on payments.

Owns data only.
"""
from __future__ import annotations

from integrations.sandbox.hubspot import catalog_crm
from integrations.sandbox.hubspot.definitions import Property, table

_COMMERCE_PAYMENTS = """
hs_initial_amount | Gross amount | number/number
hs_initiated_date | Payment date | datetime/date
hs_currency_code | Currency | enumeration/select
hs_customer_email | Customer email | string/text
hs_fees_amount | Fees | number/number
hs_internal_comment | Internal comment | string/textarea
hs_latest_status | Status | enumeration/select
hs_payment_method_type | Payment method | enumeration/select
hs_payment_method_bank_or_issuer | Bank or issuer | string/text
hs_payment_method_last_4 | Last four digits | string/text
hs_payout_date | Payout date | datetime/date
hs_processor_type | Payment processor | enumeration/select
hs_reference_number | Reference number | string/text
hs_refunds_amount | Refunds | number/number
hs_line_item_discounts_amount | Line item discounts | number/number
hs_billing_address_street | Billing street | string/text
hs_billing_address_city | Billing city | string/text
hs_billing_address_state | Billing state | string/text
hs_billing_address_postal_code | Billing postal code | string/text
hs_billing_address_country | Billing country | string/text
hs_shipping_ship_to_name | Ship to | string/text
hs_shipping_address_street | Shipping street | string/text
hs_shipping_address_city | Shipping city | string/text
hs_shipping_address_state | Shipping state | string/text
hs_shipping_address_postal_code | Shipping postal code | string/text
hs_shipping_address_country | Shipping country | string/text
hs_payment_id | Payment ID | string/text | ro
hs_payment_method | Payment method details | string/text | ro
hs_payment_type | Payment type | string/text | ro
hs_payment_source_app | Payment source | enumeration/select | ro
hs_payment_source_id | Payment source ID | string/text | ro
hs_payment_source_name | Payment source name | string/text | ro
hs_payment_source_url | Payment source URL | string/text | ro
hs_net_amount | Net amount | number/number | ro calc
hs_platform_fee | Platform fee | number/number | ro calc
hs_total_discounts_amount | Total discounts | number/number | ro calc
hs_max_refundable_amount_in_portal_currency | Most that can be refunded | number/number | ro calc
hs_digital_wallet_type | Digital wallet | string/text | ro
hs_settlement_currency_code | Settlement currency | string/text | ro
createdate | Create date | datetime/date | ro
hs_createdate | Object create date | datetime/date | ro
hs_lastmodifieddate | Last modified date | datetime/date | ro
"""

_PAYMENT_STATUSES = (
    "processing=Processing, succeeded=Succeeded, failed=Failed, partially_refunded=Partially refunded, refunded=Refunded,"
    " processing_refund=Processing refund, disputed_won=Dispute won, disputed_lost=Dispute lost,"
    " disputed_action_required=Dispute needs action, disputed_awaiting_decision=Dispute awaits decision"
)

COMMERCE_PAYMENTS: tuple[Property, ...] = (
    *table(
        _COMMERCE_PAYMENTS,
        group="paymentinformation",
        options={
            "hs_currency_code": catalog_crm.CURRENCIES,
            "hs_latest_status": _PAYMENT_STATUSES,
            "hs_payment_method_type": "card, ach, cash, check, wire_transfer, other, sepa, bacs, pads",
            "hs_processor_type": "hs_payments, byo_stripe, none, quickbooks, xero",
            "hs_payment_source_app": "SALES_CHECKOUT, QUOTE, INVOICE, MIGRATION, SUBSCRIPTION",
        },
    ),
    *table(catalog_crm.EVERY_RECORD, group="paymentinformation"),
)
