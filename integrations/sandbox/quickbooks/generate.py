"""Believable customers and items in bulk.

Owns the way a bookkeeper would write people and products down. They themselves come from the sandbox's shared makers; documents are made
in `generate_sales`.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from itertools import count

from integrations.sandbox import people
from integrations.sandbox.messages import Json
from integrations.sandbox.quickbooks import generate_sales, ledger, records, seeding, times
from integrations.sandbox.quickbooks.change import Write
from integrations.sandbox.quickbooks.companies import Company, key_of
from integrations.sandbox.quickbooks.payload import FORBIDDEN_IN_NAMES

_INACTIVE_TURN = 27
_FOREIGN_TURN = 8
_FOREIGN = ("EUR", "GBP", "CAD")
_GOODS_TURN, _STOCK_TURN = 4, 7
_STOCK, _STOCK_DAYS = 500, 400


def run(company: Company, wanted: Json) -> Json:
    """Make what is asked for and tell how much was made."""
    seed = int(wanted.get("random_seed", 0))
    overlap, messy = float(wanted.get("overlap", 0)), bool(wanted.get("messy", False))
    made: Json = {"realm_id": company.realm}
    if "customers" in wanted:
        made["customers"] = _customers(company, int(wanted["customers"]), seed=seed, overlap=overlap, messy=messy)
    if "items" in wanted:
        made["items"] = _items(company, int(wanted["items"]), seed=seed, overlap=overlap, messy=messy)
    if "invoices" in wanted:
        made["invoices"] = generate_sales.invoices(company, int(wanted["invoices"]), seed=seed)
    if "credit_memos" in wanted:
        made["credit_memos"] = generate_sales.credit_memos(company, int(wanted["credit_memos"]), seed=seed)
    if "payments" in wanted:
        made["payments"] = generate_sales.payments(company, int(wanted["payments"]), seed=seed)
    return made


def customer_body(person: people.Person) -> Json:
    """A person as the fields of a customer, without a display name."""
    body: Json = {"GivenName": person.first, "FamilyName": person.last, "CompanyName": person.company[:100]}
    body["PrimaryEmailAddr"] = {"Address": person.email}
    body["PrimaryPhone"] = {"FreeFormNumber": person.phone}
    body["WebAddr"] = {"URI": person.website}
    body["BillAddr"] = {
        "Line1": person.street,
        "City": person.city,
        "CountrySubDivisionCode": person.state,
        "PostalCode": person.zip,
        "Country": person.country,
    }
    return body


def _display_names(person: people.Person) -> Iterator[str]:
    """What a bookkeeper would try, one after the other, until a name is free."""
    full = f"{person.first.strip()} {person.last.strip()}".strip()
    firm = person.company.strip()
    if firm:
        yield firm
    if full:
        yield full
    if firm and full:
        yield f"{firm} - {full}"
    if full and person.city.strip():
        yield f"{full} ({person.city.strip()})"
    for number in count(2):
        yield f"{full or firm or 'Customer'} {number}"


def _customers(company: Company, number: int, *, seed: int, overlap: float, messy: bool) -> int:
    pool = company.pools["names"]
    write = Write(at=company.epoch(), by_hand=True)
    makers = people.people(count=number, random_seed=seed, overlap=overlap, side="right", messy=messy)
    for place, person in enumerate(makers, start=1):
        names = (FORBIDDEN_IN_NAMES.sub(" ", name) for name in _display_names(person))
        display = next(name for name in names if key_of(name) not in pool)
        body = {**customer_body(person), "DisplayName": display}
        if company.multicurrency and place % _FOREIGN_TURN == 0:
            foreign = [code for code in _FOREIGN if code != company.home_currency]
            body["CurrencyRef"] = {"value": foreign[place // _FOREIGN_TURN % len(foreign)]}
        row = records.create(company, "Customer", body, write)
        if messy and place % _INACTIVE_TURN == 0:
            records.update(company, "Customer", {"Id": row["body"]["Id"], "SyncToken": "0", "sparse": True, "Active": False}, write)
    return number


def _items(company: Company, number: int, *, seed: int, overlap: float, messy: bool) -> int:
    pool = company.pools["items"]
    started = times.today(company.now() - timedelta(days=_STOCK_DAYS)).isoformat()
    makers = people.products(count=number, random_seed=seed, overlap=overlap, side="right", messy=messy)
    for place, product in enumerate(makers, start=1):
        plain = FORBIDDEN_IN_NAMES.sub(" ", product.name)
        name = next(name for name in (plain, *(f"{plain} {again}" for again in range(2, number + 1000))) if key_of(name) not in pool)
        kind = "Inventory" if place % _STOCK_TURN == 0 else "NonInventory" if place % _GOODS_TURN == 0 else "Service"
        body: Json = {"Name": name, "Type": kind, "Sku": product.sku, "Description": product.description}
        body |= {"UnitPrice": ledger.number(product.price), "PurchaseCost": ledger.number(product.cost), "Taxable": kind != "Service"}
        if kind == "Inventory":
            body |= {"QtyOnHand": _STOCK, "InvStartDate": started}
        seeding.put(company, "Item", {**body, "Active": not (messy and place % _INACTIVE_TURN == 0)})
    return number
