"""How a company comes to be: its accounts, terms, tax codes, preferences.

Owns what a new company starts with. Everything is written on the ordinary path, but for what QuickBooks keeps itself.
"""

from __future__ import annotations

import re

from integrations.sandbox.messages import BadControl, Json
from integrations.sandbox.quickbooks import chart, ledger, preferences, records, taxes, times
from integrations.sandbox.quickbooks.change import Write
from integrations.sandbox.quickbooks.companies import Companies, Company
from integrations.sandbox.quickbooks.fields import number_of

_DAY = 86_400
_COUNTRY_CODE = re.compile("[A-Z]{2}")


def found(
    companies: Companies, *, realm: str, name: str, home_currency: str = "USD", country: str = preferences.USA, days_ago: float = 400
) -> Company:
    """A company with its usual accounts, terms, taxes and preferences. Raises BadControl for an impossible realm, currency or country."""
    if not (realm.isascii() and realm.isdigit()):
        raise BadControl(f'"realm_id" is made of digits, not {realm!r}.')
    if home_currency not in chart.CURRENCIES:
        raise BadControl(f'"home_currency" is one of {", ".join(chart.CURRENCIES)}, not {home_currency!r}.')
    if not _COUNTRY_CODE.fullmatch(country):
        raise BadControl(f'"country" is a code of two capital letters like US or GB, not {country!r}.')
    company = companies.add(realm=realm, name=name, home_currency=home_currency, country=country, at=0)
    write = Write(at=company.epoch() - int(days_ago * _DAY), by_hand=True)
    started = times.stamp(write.at)
    for kind, body in (
        ("CompanyInfo", chart.company_info(name=name, started=started[:10], country=country)),
        ("Preferences", preferences.fresh(home_currency=home_currency, country=country)),
    ):
        _keep(company, kind, "1", body, at=write.at)
    for title, account_type, subtype in chart.ACCOUNTS:
        records.create(company, "Account", {"Name": title, "AccountType": account_type, "AccountSubType": subtype}, write)
    for term in chart.TERMS:
        records.create(company, "Term", dict(term), write)
    for title, method in chart.PAYMENT_METHODS:
        records.create(company, "PaymentMethod", {"Name": title, "Type": method}, write)
    _found_taxes(company, at=write.at)
    return company


def _keep(company: Company, kind: str, number: str, body: Json, *, at: int) -> None:
    """Put away an object that nobody creates through the API."""
    standard = {"domain": "QBO", "sparse": False, "Id": number, "SyncToken": "0"}
    meta = {"MetaData": {"CreateTime": times.stamp(at), "LastUpdatedTime": times.stamp(at)}}
    entity = company.shelves[kind].entity
    whole = {**body, **standard, **meta}
    kept = {name: whole[name] for name in entity.order if name in whole}
    company.shelves[kind].put(number_of(number) or 0, {"made": at, "at": at, "body": kept})


def _found_taxes(company: Company, *, at: int) -> None:
    _keep(company, "TaxAgency", "1", {"DisplayName": "Tax office", "TaxTrackedOnSales": True}, at=at)
    if company.american:
        for word, told in ((taxes.TAXED, "Taxable"), (taxes.UNTAXED, "Non-Taxable")):
            pseudo: Json = {"Name": word, "Description": told, "Active": True, "Taxable": word == taxes.TAXED, "TaxGroup": False}
            _keep(company, "TaxCode", word, {**pseudo, "Hidden": False}, at=at)
    known: dict[tuple[str, str], str] = {}
    for number, (code, components) in enumerate(taxes.found_codes(company.country), start=2):
        for title, percent in components:
            if (title, percent) not in known:
                known[title, percent] = str(len(known) + 1)
                rate: Json = {"Name": title, "Description": title, "Active": True, "RateValue": ledger.number(ledger.exact(percent))}
                rate |= {"AgencyRef": {"value": "1"}, "SpecialTaxType": "NONE", "DisplayType": "ReadOnly"}
                _keep(company, "TaxRate", known[title, percent], rate, at=at)
        details = [
            {"TaxRateRef": {"value": known[part], "name": part[0]}, "TaxTypeApplicable": "TaxOnAmount", "TaxOrder": 0}
            for part in components
        ]
        group: Json = {"Name": code, "Description": code, "Active": True, "Hidden": False, "Taxable": True, "TaxGroup": True}
        lists = {"SalesTaxRateList": {"TaxRateDetail": details}, "PurchaseTaxRateList": {"TaxRateDetail": []}}
        _keep(company, "TaxCode", str(number), {**group, **lists}, at=at)
