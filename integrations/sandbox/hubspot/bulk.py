"""Believable records in bulk.

Owns the order of a generation and what generated people and companies hold; they are those of the whole sandbox.
"""
from __future__ import annotations

import random

from integrations.sandbox import people
from integrations.sandbox.hubspot import bulk_commerce, catalog_crm, kinds
from integrations.sandbox.hubspot.errors import Refused
from integrations.sandbox.hubspot.kinds import Kind
from integrations.sandbox.hubspot.links import End
from integrations.sandbox.hubspot.portal import Portal
from integrations.sandbox.hubspot.records import Actor, Records
from integrations.sandbox.messages import Json

GENERATOR = Actor(source="IMPORT", source_id="generate", enforced=False, privileged=True)
NAMES_KEPT = 500


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
        self._deals: dict[int, End] = {}
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

    def _make_products(self, count: int) -> None:
        made = people.products(count=count, random_seed=self._random_seed, overlap=self._overlap, side="left", messy=self._messy)
        for values in bulk_commerce.products(self._portal, made):
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
            made = self._make(kinds.DEALS, bulk_commerce.deal(self._portal, record, number=number, chances=chances))
            self._link(made, company)
            self._link(made, contact)
            if contact is not None and made is not None:
                self._deals[contact.id] = made

    def _make_invoices(self, count: int) -> None:
        fallback = people.products(
            count=min(count, NAMES_KEPT), random_seed=self._random_seed, overlap=self._overlap, side="left", messy=False
        )
        drawing = bulk_commerce.Invoices(self._portal, random_seed=self._random_seed, fallback=list(fallback))
        for number in range(count):
            contact, company = self._somebody(drawing.chances, number)
            drawn = drawing.draw()
            made = self._make(kinds.INVOICES, drawn.values)
            deal = self._deals.get(contact.id) if contact is not None and drawn.with_deal else None
            for end in (contact, company, deal):
                self._link(made, end)
            for line in drawn.lines:
                self._link(made, self._make(kinds.LINE_ITEMS, line, counted=False))
            if drawn.adjustment is not None:
                self._link(made, self._make(*drawn.adjustment, counted=False))
            if made is not None:
                self._settle(made, drawing, drawn)

    def _settle(self, made: End, drawing: bulk_commerce.Invoices, drawn: bulk_commerce.Drawn) -> None:
        """Let an invoice show its amounts, and pay what is paid of it."""
        self._records.settle(made, quietly=True)
        invoice = self._portal.live(made)
        if invoice is None or not drawn.paid_share:
            return
        payment = self._make(kinds.COMMERCE_PAYMENTS, drawing.payment(drawn, invoice), counted=False)
        for kind in (kinds.INVOICES, kinds.CONTACTS, kinds.COMPANIES, kinds.DEALS):
            others = [made] if kind is kinds.INVOICES else [End(kind=kind, id=one) for one, _ in self._portal.linked(made, kind)]
            for end in others:
                self._link(payment, end)
        self._records.settle(made, quietly=True)
