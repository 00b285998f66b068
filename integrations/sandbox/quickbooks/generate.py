"""Believable customers, items and invoices in bulk.

Owns the way a bookkeeper would write people down. The people themselves come from the sandbox's shared makers.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import timedelta
from itertools import count

from integrations.sandbox import people
from integrations.sandbox.messages import BadControl, Json
from integrations.sandbox.quickbooks import founding, records, times
from integrations.sandbox.quickbooks.change import Write
from integrations.sandbox.quickbooks.companies import Company, key_of
from integrations.sandbox.quickbooks.payload import FORBIDDEN_IN_NAMES

_INACTIVE_TURN = 27
_LONGEST_AGO_DAYS = 180
_MOST_LINES = 4
_MOST_HOURS = 24


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
        made["invoices"] = _invoices(company, int(wanted["invoices"]), seed=seed)
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
        row = records.create(company, "Customer", {**customer_body(person), "DisplayName": display}, write)
        if messy and place % _INACTIVE_TURN == 0:
            records.update(company, "Customer", {"Id": row["body"]["Id"], "SyncToken": "0", "sparse": True, "Active": False}, write)
    return number


def _items(company: Company, number: int, *, seed: int, overlap: float, messy: bool) -> int:
    pool = company.pools["items"]
    for product in people.products(count=number, random_seed=seed, overlap=overlap, side="right", messy=messy):
        plain = FORBIDDEN_IN_NAMES.sub(" ", product.name)
        name = next(name for name in (plain, *(f"{plain} {again}" for again in range(2, number + 1000))) if key_of(name) not in pool)
        body = {"Name": name, "Type": "Service", "Sku": product.sku, "Description": product.description}
        founding.put(company, "Item", {**body, "UnitPrice": float(product.price)})
    return number


def _invoices(company: Company, number: int, *, seed: int) -> int:
    customers = sorted(company.shelves["Customer"].active)
    if not customers:
        raise BadControl("There is no active customer to invoice. Generate customers first.")
    items = [each for each in sorted(company.shelves["Item"].active) if "UnitPrice" in company.shelves["Item"].row(each)["body"]]
    if not items:
        items = [int(founding.put(company, "Item", {"Name": "Services", "UnitPrice": 100})["body"]["Id"])]
    chances = random.Random(f"{seed}/invoices")  # noqa: S311 - made-up data
    now = company.now()
    write = Write(at=company.epoch(), by_hand=True)
    for _ in range(number):
        day = times.today(now - timedelta(days=chances.randrange(_LONGEST_AGO_DAYS)))
        lines = [_line(company, chances.choice(items), chances) for _ in range(chances.randint(1, _MOST_LINES))]
        body = {"CustomerRef": {"value": str(chances.choice(customers))}, "TxnDate": day.isoformat(), "Line": lines}
        records.create(company, "Invoice", body, write)
    return number


def _line(company: Company, item: int, chances: random.Random) -> Json:
    body = company.shelves["Item"].row(item)["body"]
    quantity = chances.randint(1, _MOST_HOURS)
    price = body["UnitPrice"] or 100
    detail = {"ItemRef": {"value": str(item)}, "Qty": quantity, "UnitPrice": price}
    line: Json = {"DetailType": "SalesItemLineDetail", "SalesItemLineDetail": detail}
    return {**line, "Description": body["Description"]} if "Description" in body else line
