"""Payments of invoices on the timelines of deals: one entry each, in the right place, corrected and never doubled."""

from __future__ import annotations

import pytest

from syncapp.engine.vocabulary import PairState, Reason, RunState, Standing
from tests.runs.company import Company
from tests.runs.paying import Till


@pytest.fixture
def till(company: Company) -> Till:
    return Till(company)


class TestAPayment:
    def test_stands_on_the_deal_of_its_invoice(self, till: Till) -> None:
        deal = till.deal("Kitchen")
        invoice = till.bill(100, deal, DocNumber="1001")
        payment = till.pay(100, (invoice, 100), PaymentRefNum="4711", PaymentMethodRef={"value": "2"})

        run = till.run()

        assert run.state == RunState.SUCCEEDED
        ((said, deals),) = till.notes()
        assert said.split("\n")[:5] == [
            "Payment received: 100.00 USD", "Date: 2026-11-20", "Method: Check", "Reference: 4711",
            "Invoice 1001: 100.00 USD applied, remaining balance 0.00 USD",
        ]
        assert deals == [deal]
        assert till.pair(payment).state == PairState.LINKED
        ((note,),) = [list(till.company.held("notes").values())]
        assert (note["qbo_payment_id"], note["hs_timestamp"][:10]) == (f"payment:{payment}", "2026-11-20")
