"""Invoices of HubSpot's that QuickBooks gets too, run against both vendors in the sandbox."""

from __future__ import annotations

from tests.runs.company import Company


def test_smoke(company: Company) -> None:
    ada = company.contact(email="ada@example.com", firstname="Ada", lastname="Lee")
    company.run()
    company.sell(direction=None)
    company.service("Review", UnitPrice=100)
    company.run()
    from syncapp.engine.vocabulary import Direction
    company.bill(direction=Direction.BOTH)
    product = next(iter(company.products()))
    inv = company.hubspot.create("invoices", hs_currency="USD", hs_number="INV-1001")
    line = company.hubspot.create("line_items", hs_product_id=product, name="Review", quantity="2", price="100")
    company.hubspot.associate("invoices", inv, "contacts", ada)
    company.hubspot.associate("invoices", inv, "line_items", line)
    company.hubspot.change("invoices", inv, hs_invoice_status="open")
    print(company.invoices())
    run = company.run()
    pair = company.pair(left=inv)
    print(run.state, run.words, pair.state, pair.reason, pair.detail)
    (books,) = company.quickbooks.control("dump", method="GET")["companies"]
    print(books["Invoice"])
    print(company.invoices())
    n = company.writes()
    company.run()
    print(n, company.writes())
    raise AssertionError
