"""Believable records in bulk.

Owns what a generated record holds. The people, companies and products are those of the whole sandbox.
"""
from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import timedelta
from decimal import Decimal

from integrations.sandbox import people
from integrations.sandbox.hubspot import catalog_crm, kinds, moments
from integrations.sandbox.hubspot.errors import Refused
from integrations.sandbox.hubspot.kinds import Kind
from integrations.sandbox.hubspot.links import End
from integrations.sandbox.hubspot.portal import Portal
from integrations.sandbox.hubspot.records import Actor, Records
from integrations.sandbox.messages import Json

GENERATOR = Actor(source="IMPORT", source_id="generate", enforced=False, privileged=True)
LONGEST_INVOICE = 3
PAYMENT_DAYS = 30
NAMES_KEPT = 500
_CENT = Decimal("0.01")


def generate(portal: Portal, wanted: Json) -> Json:
    """Make as many of each type as asked; tells how many were made and how many HubSpot would not have twice."""
    return _Generator(portal, wanted).run()


class _Generator:
    """One generation. The same seed makes the same records."""

    def __init__(self, portal: Portal, wanted: Json) -> None:
        self._portal = portal
        self._records = Records(portal)
        self._wanted = wanted
        self._random_seed = int(wanted.get("random_seed") or 0)
        self._overlap = float(wanted.get("overlap") or 0.0)
        self._messy = bool(wanted.get("messy"))
        self._companies: dict[str, End] = {}
        self._contacts: list[End] = []
        self._counts: dict[str, int] = {}
        self._skipped = 0

    def run(self) -> Json:
        """Make everything, what others refer to first."""
        for kind, work in (
            (kinds.COMPANIES, self._make_companies),
            (kinds.CONTACTS, self._make_contacts),
            (kinds.PRODUCTS, self._make_products),
            (kinds.DEALS, self._make_deals),
            (kinds.INVOICES, self._make_invoices),
        ):
            count = int(self._wanted.get(kind.name) or 0)
            if count:
                self._counts[kind.name] = 0
                work(count)
        return {**self._counts, "skipped": self._skipped}

    def _make(self, kind: Kind, values: dict[str, object], *, counted: bool = True) -> End | None:
        try:
            made = self._records.check_new(kind, {name: value for name, value in values.items() if value}, actor=GENERATOR)
        except Refused:
            self._skipped += 1
            return None
        record = self._records.make(made, actor=GENERATOR)
        if counted:
            self._counts[kind.name] += 1
        return End(kind=kind, id=record.id)

    def _link(self, start: End | None, end: End | None) -> None:
        plain = self._portal.links.types.plain(start.kind, end.kind) if start is not None and end is not None else None
        if start is not None and end is not None and plain is not None:
            self._portal.links.add(start, end, [plain])
            self._records.show_company_quietly(start)

    def _make_companies(self, count: int) -> None:
        for one in people.companies(count=count, random_seed=self._random_seed, overlap=self._overlap, side="left", messy=self._messy):
            industry = one.industry if f"{one.industry}=" in catalog_crm.INDUSTRIES else ""
            made = self._make(
                kinds.COMPANIES,
                {
                    "name": one.name,
                    "domain": one.domain,
                    "industry": industry,
                    "phone": one.phone,
                    "address": one.street,
                    "city": one.city,
                    "state": one.state,
                    "zip": one.zip,
                    "country": one.country,
                },
            )
            if made is not None:
                self._companies[one.name.strip()] = made

    def _make_contacts(self, count: int) -> None:
        for one in people.people(count=count, random_seed=self._random_seed, overlap=self._overlap, side="left", messy=self._messy):
            made = self._make(
                kinds.CONTACTS,
                {
                    "firstname": one.first,
                    "lastname": one.last,
                    "email": one.email,
                    "phone": one.phone,
                    "company": one.company,
                    "website": one.website,
                    "address": one.street,
                    "city": one.city,
                    "state": one.state,
                    "zip": one.zip,
                    "country": one.country,
                },
            )
            if made is not None:
                self._contacts.append(made)
                self._link(made, self._companies.get(one.company.strip()))

    def _products(self, count: int) -> Sequence[people.Product]:
        return list(
            people.products(count=count, random_seed=self._random_seed, overlap=self._overlap, side="left", messy=self._messy)
        )

    def _make_products(self, count: int) -> None:
        for one in self._products(count):
            values: dict[str, object] = {
                "name": one.name,
                "hs_sku": one.sku,
                "description": one.description,
                "price": one.price,
                "hs_cost_of_goods_sold": one.cost,
            }
            self._make(kinds.PRODUCTS, values)

    def _somebody(self, chances: random.Random, number: int) -> tuple[End | None, End | None]:
        """A contact and that contact's company, made just now or there before."""
        if not self._contacts:
            records, _ = self._portal.shelf(kinds.CONTACTS).page(after=0, limit=NAMES_KEPT, archived=False)
            self._contacts = [End(kind=kinds.CONTACTS, id=record.id) for record in records]
        if not self._contacts:
            return None, None
        contact = self._contacts[(number * 7 + chances.randrange(3)) % len(self._contacts)]
        company = self._portal.links.primary_of(contact, kinds.COMPANIES)
        return contact, None if company is None else End(kind=kinds.COMPANIES, id=company)

    def _make_deals(self, count: int) -> None:
        chances = random.Random(f"{self._random_seed}/deals")  # noqa: S311 - made-up data
        for number in range(count):
            contact, company = self._somebody(chances, number)
            record = self._portal.live(contact) if contact is not None else None
            name = record.values.get("company") or record.values.get("lastname", "") if record is not None else ""
            closing = moments.from_ms(self._portal.now()) + timedelta(days=chances.randrange(-60, 90))
            values: dict[str, object] = {
                "dealname": f"{name.strip() or 'Walk-in'}: project {number + 1}",
                "pipeline": catalog_crm.DEAL_PIPELINE[0],
                "dealstage": chances.choice(catalog_crm.DEAL_STAGES)[0],
                "amount": str(Decimal(chances.randrange(5, 400)) * 50),
                "closedate": moments.text(moments.to_ms(closing)),
            }
            made = self._make(kinds.DEALS, values)
            self._link(made, company)
            self._link(made, contact)

    def _make_invoices(self, count: int) -> None:
        chances = random.Random(f"{self._random_seed}/invoices")  # noqa: S311 - made-up data
        sold = self._products(min(count, NAMES_KEPT))
        first = len(self._portal.shelf(kinds.INVOICES))
        for number in range(count):
            contact, company = self._somebody(chances, number)
            on = moments.from_ms(self._portal.now()) - timedelta(days=chances.randrange(120))
            values: dict[str, object] = {
                "hs_currency": self._portal.currency(),
                "hs_invoice_status": chances.choice(("draft", "open", "open", "paid")),
                "hs_number": f"INV-{1001 + first + number}",
                "hs_invoice_date": moments.date_text(moments.to_ms(on)),
                "hs_due_date": moments.date_text(moments.to_ms(on + timedelta(days=PAYMENT_DAYS))),
            }
            made = self._make(kinds.INVOICES, values)
            for end in (contact, company):
                self._link(made, end)
            for _ in range(chances.randint(1, LONGEST_INVOICE)):
                product = chances.choice(sold)
                line: dict[str, object] = {
                    "name": product.name,
                    "hs_sku": product.sku,
                    "price": product.price.quantize(_CENT),
                    "quantity": str(chances.randint(1, 20)),
                }
                self._link(made, self._make(kinds.LINE_ITEMS, line, counted=False))
