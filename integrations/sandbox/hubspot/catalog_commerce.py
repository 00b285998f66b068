"""The properties that every account has on products, line items, invoices and what changes their totals.

Owns data only. What nobody outside HubSpot knows to be writable carries the flag `unsure`.
"""
from __future__ import annotations

from integrations.sandbox.hubspot import catalog_crm
from integrations.sandbox.hubspot.definitions import Property, table

_PRODUCTS = """
name | Name | string/text
price | Unit price | number/number
hs_sku | SKU | string/text
description | Product description | string/textarea
hs_cost_of_goods_sold | Unit cost | number/number
hs_recurring_billing_period | Term | string/text
recurringbillingfrequency | Billing frequency | enumeration/select
hs_url | URL | string/text
hs_images | Image URL | string/file
hs_folder | Folder | string/text
hs_product_type | Product Type | enumeration/select
tax | Tax | number/number
hs_pricing_model | Pricing model | enumeration/select
hs_tier_ranges | Tier ranges | string/text
hs_tier_prices | Tier prices | string/text
createdate | Create Date | datetime/date | ro
hs_lastmodifieddate | Last Modified Date | datetime/date | ro
"""

_LINE_ITEMS = """
name | Name | string/text
quantity | Quantity | number/number
price | Unit price | number/number
amount | Net price | number/calculation_equation | ro calc
hs_product_id | Product ID | number/number
hs_sku | SKU | string/text
description | Description | string/textarea
hs_line_item_currency_code | Currency | enumeration/select
hs_tax_rate_group_id | Tax rate | string/text
discount | Unit discount | number/number
hs_discount_percentage | Discount percentage | number/number
hs_cost_of_goods_sold | Unit cost | number/number
hs_position_on_quote | Position | number/number
recurringbillingfrequency | Billing frequency | enumeration/select
hs_recurring_billing_start_date | Billing start date | date/date
hs_recurring_billing_end_date | Billing end date | date/date
hs_recurring_billing_period | Term | string/text
createdate | Create Date | datetime/date | ro
hs_lastmodifieddate | Last Modified Date | datetime/date | ro
"""

_INVOICES = """
hs_currency | Currency | enumeration/select
hs_invoice_status | Invoice status | enumeration/select
hs_invoice_billable | Billable | bool/booleancheckbox
hs_invoice_date | Invoice date | datetime/date
hs_due_date | Due date | datetime/date
hs_purchase_order_number | PO number | string/text
hs_comments | Comments | string/textarea
hs_tax_id | Tax ID | string/text
hs_allowed_payment_methods | Allowed payment methods | enumeration/checkbox
hs_invoice_payment_collection_method | Payment collection method | enumeration/select
hs_allow_partial_payments | Allow partial payments | bool/booleancheckbox
hs_collect_address_types | Collected addresses | enumeration/checkbox
hs_recipient_shipping_address | Shipping address | string/text
hs_recipient_shipping_address2 | Shipping address 2 | string/text
hs_recipient_shipping_city | Shipping city | string/text
hs_recipient_shipping_state | Shipping state | string/text
hs_recipient_shipping_zip | Shipping postal code | string/text
hs_recipient_shipping_country | Shipping country | string/text
hs_recipient_company_address | Billing address | string/text
hs_recipient_company_address2 | Billing address 2 | string/text
hs_recipient_company_city | Billing city | string/text
hs_recipient_company_state | Billing state | string/text
hs_recipient_company_zip | Billing postal code | string/text
hs_language | Language | enumeration/select
hs_locale | Locale | enumeration/select
hs_invoice_link | Invoice link | string/text | ro
hs_pdf_download_link | PDF link | string/text | ro
hs_number | Invoice number | string/text | unsure
hs_title | Title | string/text
hs_amount_billed | Amount billed | number/number | unsure
hs_subtotal | Subtotal | number/number | ro calc
hs_amount_paid | Amount paid | number/number | ro calc
hs_balance_due | Balance due | number/number | ro calc
hs_payment_date | Payment date | datetime/date | unsure
hs_days_overdue | Days overdue | number/number | ro calc
hs_total_discount | Total discount | number/number | ro calc
hs_discount_percentage | Discount percentage | number/number | ro calc
hs_invoice_source | Invoice source | enumeration/select | ro
hs_external_invoice_id | External invoice ID | string/text | unsure
hs_external_createdate | External create date | datetime/date | unsure
hs_unique_id | Unique ID | string/text | ro
hs_recipient_company | Recipient company | string/text | unsure
hs_sender_company_name | Sender company | string/text | unsure
hs_invoice_latest_contact_email | Contact email | string/text | ro
hs_invoice_latest_contact_firstname | Contact first name | string/text | ro
hs_invoice_latest_contact_lastname | Contact last name | string/text | ro
hs_invoice_latest_company_name | Company name | string/text | ro
createdate | Create date | datetime/date | ro
hs_createdate | Object create date | datetime/date | ro
hs_lastmodifieddate | Last modified date | datetime/date | ro
"""

_ADJUSTMENTS = """
hs_label | Label | string/text
hs_type | Type | enumeration/select
hs_value | Value | number/number
hs_sort_order | Sort order | number/number
createdate | Create date | datetime/date | ro
hs_createdate | Object create date | datetime/date | ro
hs_lastmodifieddate | Last modified date | datetime/date | ro
"""

_DISCOUNT_DURATION = "hs_duration | Duration | enumeration/select"
_ADJUSTMENT_TYPES = "FIXED=Fixed, PERCENT=Percent"

_FREQUENCIES = (
    "weekly=Weekly, biweekly=Every two weeks, monthly=Monthly, quarterly=Quarterly, per_six_months=Semi-annually, annually=Annually"
)
PRODUCTS: tuple[Property, ...] = (
    *table(
        _PRODUCTS,
        group="productinformation",
        options={
            "recurringbillingfrequency": _FREQUENCIES,
            "hs_product_type": "inventory=Inventory, non_inventory=Non-inventory, service=Service",
            "hs_pricing_model": "flat=Flat, volume=Volume, graduated=Graduated, stairstep=Stairstep",
        },
    ),
    *table(catalog_crm.EVERY_RECORD, group="productinformation"),
)
LINE_ITEMS: tuple[Property, ...] = (
    *table(
        _LINE_ITEMS,
        group="lineiteminformation",
        options={"recurringbillingfrequency": _FREQUENCIES, "hs_line_item_currency_code": catalog_crm.CURRENCIES},
    ),
    *table(catalog_crm.EVERY_RECORD, group="lineiteminformation"),
)
INVOICES: tuple[Property, ...] = (
    *table(
        _INVOICES,
        group="invoiceinformation",
        options={
            "hs_currency": catalog_crm.CURRENCIES,
            "hs_invoice_status": "draft=Draft, open=Open, paid=Paid, voided=Voided",
            "hs_allowed_payment_methods": "credit_or_debit_card=Credit or debit card, ach=ACH, sepa=SEPA, bacs=Bacs, pads=PADs",
            "hs_invoice_payment_collection_method": "manual=Manual, none=None",
            "hs_collect_address_types": "billing_address=Billing address, shipping_address=Shipping address",
            "hs_language": catalog_crm.LANGUAGES,
            "hs_locale": "en-us=English (US), en-gb=English (UK), de-de=German, fr-fr=French, pl-pl=Polish",
            "hs_invoice_source": "hubspot=HubSpot, data_sync=Data Sync",
        },
    ),
    *table(catalog_crm.EVERY_RECORD, group="invoiceinformation"),
)
DISCOUNTS: tuple[Property, ...] = (
    *table(
        f"{_ADJUSTMENTS}{_DISCOUNT_DURATION}",
        group="discountinformation",
        options={"hs_type": _ADJUSTMENT_TYPES, "hs_duration": "ONCE=Once"},
    ),
    *table(catalog_crm.EVERY_RECORD, group="discountinformation"),
)
FEES: tuple[Property, ...] = (
    *table(_ADJUSTMENTS, group="feeinformation", options={"hs_type": _ADJUSTMENT_TYPES}),
    *table(catalog_crm.EVERY_RECORD, group="feeinformation"),
)
TAXES: tuple[Property, ...] = (
    *table(_ADJUSTMENTS, group="taxinformation", options={"hs_type": _ADJUSTMENT_TYPES}),
    *table(catalog_crm.EVERY_RECORD, group="taxinformation"),
)
