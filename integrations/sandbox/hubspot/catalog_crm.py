"""The properties that every account has on contacts, companies, deals and notes.

Owns data only.
"""
from __future__ import annotations

from integrations.sandbox.hubspot.definitions import Property, table

LIFECYCLE_STAGES = (
    "subscriber=Subscriber, lead=Lead, marketingqualifiedlead=Marketing Qualified Lead, salesqualifiedlead=Sales Qualified Lead,"
    " opportunity=Opportunity, customer=Customer, evangelist=Evangelist, other=Other"
)
LEAD_STATUSES = (
    "NEW=New, OPEN=Open, IN_PROGRESS=In Progress, OPEN_DEAL=Open Deal, UNQUALIFIED=Unqualified,"
    " ATTEMPTED_TO_CONTACT=Attempted to Contact, CONNECTED=Connected, BAD_TIMING=Bad Timing"
)
LANGUAGES = (
    "cs=Czech, da=Danish, de=German, en=English, en-gb=English - United Kingdom, es=Spanish, fr=French, it=Italian, nl=Dutch,"
    " pl=Polish, sv=Swedish"
)
INDUSTRIES = (
    "ACCOUNTING=Accounting, ARCHITECTURE_PLANNING=Architecture & Planning, AUTOMOTIVE=Automotive, COMPUTER_SOFTWARE=Computer Software,"
    " CONSTRUCTION=Construction, CONSUMER_SERVICES=Consumer Services, DESIGN=Design, E_LEARNING=E-Learning,"
    " FINANCIAL_SERVICES=Financial Services, FOOD_BEVERAGES=Food & Beverages, HEALTH_WELLNESS_AND_FITNESS=Health; Wellness and Fitness,"
    " HOSPITALITY=Hospitality, INFORMATION_TECHNOLOGY_AND_SERVICES=Information Technology and Services, INSURANCE=Insurance,"
    " LEGAL_SERVICES=Legal Services, LOGISTICS_AND_SUPPLY_CHAIN=Logistics and Supply Chain, MACHINERY=Machinery,"
    " MANAGEMENT_CONSULTING=Management Consulting, MARKETING_AND_ADVERTISING=Marketing and Advertising,"
    " NON_PROFIT_ORGANIZATION_MANAGEMENT=Non-Profit Organization Management, REAL_ESTATE=Real Estate, RESTAURANTS=Restaurants,"
    " RETAIL=Retail, TELECOMMUNICATIONS=Telecommunications, WHOLESALE=Wholesale"
)

_EVERY_RECORD = """
hs_object_id | Record ID | number/number | ro
hs_object_source | Record creation source | enumeration/select | ro
hs_object_source_id | Record creation source ID | string/text | ro
hs_object_source_label | Record source | enumeration/select | ro
hs_created_by_user_id | Created by user ID | number/number | ro
hs_updated_by_user_id | Updated by user ID | number/number | ro
hs_merged_object_ids | Merged record IDs | enumeration/checkbox | ro
hs_all_owner_ids | All owner IDs | enumeration/checkbox | ro
hubspot_owner_id | Owner | enumeration/select | owner
hubspot_team_id | HubSpot Team | enumeration/select | ro
"""

_CONTACTS = """
email | Email | string/text
firstname | First Name | string/text
lastname | Last Name | string/text
phone | Phone Number | string/phonenumber
mobilephone | Mobile Phone Number | string/phonenumber
fax | Fax Number | string/text
company | Company Name | string/text
website | Website URL | string/text
jobtitle | Job Title | string/text
address | Street Address | string/text
city | City | string/text
state | State/Region | string/text
zip | Postal Code | string/text
country | Country/Region | string/text
salutation | Salutation | string/text
industry | Industry | string/text
annualrevenue | Annual Revenue | string/text
lifecyclestage | Lifecycle Stage | enumeration/radio
hs_lead_status | Lead Status | enumeration/radio
hs_language | Preferred language | enumeration/select
associatedcompanyid | Primary Associated Company ID | number/number
createdate | Create Date | datetime/date | ro
lastmodifieddate | Last Modified Date | datetime/date | ro
hs_additional_emails | Additional email addresses | enumeration/checkbox | ro
hs_all_contact_vids | All vids for a contact | enumeration/checkbox | ro calc
hs_calculated_merged_vids | Merged vids with timestamps of a contact | enumeration/checkbox | ro calc
hs_email_domain | Email Domain | string/text | ro calc
hs_is_contact | Is a contact | bool/booleancheckbox | ro calc
hs_is_unworked | Contact unworked | bool/calculation_equation | ro calc
hs_pipeline | Pipeline | enumeration/select | ro
hs_searchable_calculated_phone_number | Calculated Phone Number | phone_number/phonenumber | ro calc
"""

_COMPANIES = """
name | Company name | string/text
domain | Company Domain Name | string/text
phone | Phone Number | string/phonenumber
address | Street Address | string/text
address2 | Street Address 2 | string/text
city | City | string/text
state | State/Region | string/text
zip | Postal Code | string/text
country | Country/Region | string/text
website | Website URL | string/text
industry | Industry | enumeration/select
numberofemployees | Number of Employees | number/number
annualrevenue | Annual Revenue | number/number
description | Description | string/textarea
lifecyclestage | Lifecycle Stage | enumeration/radio
hs_lead_status | Lead Status | enumeration/radio
createdate | Create Date | datetime/date | ro
hs_lastmodifieddate | Last Modified Date | datetime/date | ro
hs_additional_domains | Additional Domains | enumeration/checkbox | ro
hs_pipeline | Pipeline | enumeration/select | ro
"""

_DEALS = """
dealname | Deal Name | string/text
pipeline | Pipeline | enumeration/select
dealstage | Deal Stage | enumeration/radio
amount | Amount | number/number
closedate | Close Date | datetime/date
deal_currency_code | Currency | enumeration/select
dealtype | Deal Type | enumeration/radio
description | Deal Description | string/textarea
createdate | Create Date | datetime/date | ro
hs_lastmodifieddate | Last Modified Date | datetime/date | ro
hs_is_closed | Is Deal Closed? | bool/calculation_equation | ro calc
hs_is_closed_won | Is Closed Won | bool/calculation_equation | ro calc
"""

_NOTES = """
hs_timestamp | Activity date | datetime/date
hs_note_body | Note body | string/html
hs_attachment_ids | Attached file IDs | string/text
hs_createdate | Create date | datetime/date | ro
hs_lastmodifieddate | Last modified date | datetime/date | ro
"""

CURRENCIES = "AUD, BRL, CAD, CHF, CZK, DKK, EUR, GBP, INR, JPY, MXN, NOK, NZD, PLN, SEK, SGD, USD, ZAR"

DEAL_PIPELINE = ("default", "Sales Pipeline")
DEAL_STAGES = (
    ("appointmentscheduled", "Appointment Scheduled", "0.2"),
    ("qualifiedtobuy", "Qualified To Buy", "0.4"),
    ("presentationscheduled", "Presentation Scheduled", "0.6"),
    ("decisionmakerboughtin", "Decision Maker Bought-In", "0.8"),
    ("contractsent", "Contract Sent", "0.9"),
    ("closedwon", "Closed Won", "1.0"),
    ("closedlost", "Closed Lost", "0.0"),
)

CONTACTS: tuple[Property, ...] = (
    *table(
        _CONTACTS,
        group="contactinformation",
        options={"lifecyclestage": LIFECYCLE_STAGES, "hs_lead_status": LEAD_STATUSES, "hs_language": LANGUAGES},
    ),
    *table(_EVERY_RECORD, group="contactinformation"),
)
COMPANIES: tuple[Property, ...] = (
    *table(
        _COMPANIES,
        group="companyinformation",
        options={"lifecyclestage": LIFECYCLE_STAGES, "hs_lead_status": LEAD_STATUSES, "industry": INDUSTRIES},
    ),
    *table(_EVERY_RECORD, group="companyinformation"),
)
DEALS: tuple[Property, ...] = (
    *table(
        _DEALS,
        group="dealinformation",
        options={
            "dealtype": "newbusiness=New Business, existingbusiness=Existing Business",
            "deal_currency_code": CURRENCIES,
            "pipeline": "=".join(DEAL_PIPELINE),
            "dealstage": ", ".join(f"{value}={label}" for value, label, _ in DEAL_STAGES),
        },
    ),
    *table(_EVERY_RECORD, group="dealinformation"),
)
NOTES: tuple[Property, ...] = (*table(_NOTES, group="engagement"), *table(_EVERY_RECORD, group="engagement"))
EVERY_RECORD = _EVERY_RECORD
