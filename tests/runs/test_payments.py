"""Payments of invoices on the timelines of deals: one entry each, in the right place, corrected and never doubled."""

from __future__ import annotations

import pytest

from syncapp import models
from syncapp.engine.vocabulary import ObjectPair, PairState, Reason, RunState, Standing
from syncapp.services import pairs, runs
from tests.runs.company import Company
from tests.runs.crashing import Died, Points, mortal
from tests.runs.paying import Till


@pytest.fixture
def till(company: Company) -> Till:
    return Till(company)


@pytest.mark.metered
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

    def test_is_left_alone_by_the_next_run(self, till: Till) -> None:
        invoice = till.bill(100, till.deal("Kitchen"))
        till.pay(40, (invoice, 40), PaymentRefNum="<b>O'Brien & \"Sons\"</b>"[:21])
        till.run()
        before, written = till.notes(), till.company.hubspot.written()

        run = till.run()

        assert (till.notes(), till.company.hubspot.written()) == (before, written)
        assert run.counts.get("planned", 0) == 0 and till.company.settle() == 1
        assert "O'Brien &amp; \"S" in before[0][0]

    def test_of_a_part_says_what_remained_then(self, till: Till) -> None:
        deal = till.deal("Kitchen")
        invoice = till.bill(100, deal, DocNumber="1001", Deposit=10)
        till.pay(30, (invoice, 30), TxnDate="2026-11-20")
        till.run()
        till.pay(20, (invoice, 20), TxnDate="2026-11-21")

        run = till.run()

        assert [said.split("\n")[2] for said in till.on(deal)] == [
            "Invoice 1001: 30.00 USD applied, remaining balance 60.00 USD",
            "Invoice 1001: 20.00 USD applied, remaining balance 40.00 USD",
        ]
        assert run.counts.get("updated_left", 0) == 0

        till.pay(5, (invoice, 5), TxnDate="2026-11-19")
        till.run()

        assert [said.rpartition("\n")[0].rpartition(" remaining ")[2] for said in till.on(deal)] == [
            "balance 55.00 USD", "balance 35.00 USD", "balance 85.00 USD",
        ]

    def test_whose_day_changes_corrects_what_the_others_say(self, till: Till) -> None:
        deal = till.deal("Kitchen")
        invoice = till.bill(100, deal, DocNumber="1001")
        first = till.pay(30, (invoice, 30), TxnDate="2026-11-20")
        till.pay(20, (invoice, 20), TxnDate="2026-11-21")
        till.run()

        till.company.quickbooks.change("Payment", first, TxnDate="2026-11-22")
        till.run()

        assert [said.split("\n")[1:3] for said in till.on(deal)] == [
            ["Date: 2026-11-22", "Invoice 1001: 30.00 USD applied, remaining balance 50.00 USD"],
            ["Date: 2026-11-21", "Invoice 1001: 20.00 USD applied, remaining balance 80.00 USD"],
        ]

    def test_of_two_invoices_is_one_entry_on_both_deals(self, till: Till) -> None:
        kitchen, garden = till.deal("Kitchen"), till.deal("Garden")
        first, second = till.bill(100, kitchen, DocNumber="1001"), till.bill(50, garden, DocNumber="1002")
        till.pay(120, (first, 100), (second, 20))

        till.run()

        ((said, deals),) = till.notes()
        assert deals == sorted([kitchen, garden])
        assert said.split("\n")[2:4] == [
            "Invoice 1001: 100.00 USD applied, remaining balance 0.00 USD",
            "Invoice 1002: 20.00 USD applied, remaining balance 30.00 USD",
        ]


class TestACorrection:
    def test_by_void_is_told_where_the_entry_is(self, till: Till) -> None:
        deal = till.deal("Kitchen")
        invoice = till.bill(100, deal, DocNumber="1001")
        payment = till.pay(60, (invoice, 60))
        later = till.pay(10, (invoice, 10), TxnDate="2026-11-22")
        till.run()

        till.void(payment)
        till.run()

        said, other = till.on(deal)
        assert said.split("\n")[:4] == [
            "VOIDED: payment of 60.00 USD", "Date: 2026-11-20", "It was voided in QuickBooks and counts no more.",
            "Before, it was applied to invoice 1001.",
        ]
        assert "Invoice 1001: 10.00 USD applied, remaining balance 90.00 USD" in other
        assert [till.pair(one).state for one in (payment, later)] == [PairState.LINKED, PairState.LINKED]
        assert till.company.settle() == 1

    def test_by_deletion_asks_a_person(self, till: Till) -> None:
        deal = till.deal("Kitchen")
        invoice = till.bill(100, deal)
        payment = till.pay(60, (invoice, 60))
        till.run()

        till.company.quickbooks.delete("Payment", payment)
        till.run()

        pair = till.pair(payment)
        assert (pair.standing, pair.reason) == (Standing.NEEDS_YOU, Reason.PARTNER_DELETED)
        assert len(till.on(deal)) == 1

    def test_of_the_invoices_number_reaches_its_payments(self, till: Till) -> None:
        deal = till.deal("Kitchen")
        invoice = till.bill(100, deal, DocNumber="1001")
        till.pay(60, (invoice, 60))
        till.run()

        till.company.quickbooks.change("Invoice", invoice, DocNumber="2002")
        till.sync_invoices()  # it sees the change first
        till.run()

        assert "Invoice 2002: 60.00 USD applied" in till.on(deal)[0]

    def test_by_a_person_in_hubspot_stays_until_the_payment_changes(self, till: Till) -> None:
        deal = till.deal("Kitchen")
        invoice = till.bill(100, deal)
        payment = till.pay(60, (invoice, 60))
        till.run()
        (note,) = till.company.held("notes")

        till.company.hubspot.change("notes", note, hs_note_body="Called Ann about it")
        till.run()
        kept = till.on(deal)
        till.change(payment, 70, (invoice, 70))
        till.run()

        assert kept == ["Called Ann about it"]
        (said,) = till.on(deal)
        assert said.startswith("Payment received: 70.00 USD") and "remaining balance 30.00 USD" in said


class TestACreditMemo:
    def test_that_is_applied_is_an_entry_which_names_it(self, till: Till) -> None:
        deal = till.deal("Kitchen")
        invoice = till.bill(100, deal, DocNumber="1001")
        memo = till.credit(30, DocNumber="CM-7")
        till.pay(0, (invoice, 30), credits=((memo, 30),))

        till.run()

        (said,) = till.on(deal)
        assert said.split("\n")[:4] == [
            "Credit memo applied: 30.00 USD", "Date: 2026-11-20", "Credit memo CM-7: 30.00 USD used",
            "Invoice 1001: 30.00 USD applied, remaining balance 70.00 USD",
        ]

    def test_that_is_deleted_is_told_where_the_entry_is(self, till: Till) -> None:
        deal = till.deal("Kitchen")
        invoice = till.bill(100, deal, DocNumber="1001")
        memo = till.credit(30, DocNumber="CM-7")
        till.pay(0, (invoice, 30), credits=((memo, 30),))
        till.run()

        till.company.quickbooks.delete("CreditMemo", memo)
        till.run()

        (said,) = till.on(deal)
        assert said.split("\n")[:3] == ["Credit memo applied", "Date: 2026-11-20", "It is not applied to any invoice now."]

    def test_has_no_place_by_itself_nor_has_a_payment_of_what_hubspot_does_not_show(self, till: Till) -> None:
        till.bill(100, till.deal("Kitchen"))
        memo = till.credit(30)
        unseen = till.company.invoice(till.ann, {"ItemName": "Audit", "Amount": 9, "SalesItemLineDetail": {"Qty": 1, "UnitPrice": 9}})
        payment = till.pay(9, (unseen, 9))

        till.run()

        for pair in (till.pair(memo, "creditmemo"), till.pair(payment)):
            assert (pair.standing, pair.reason) == (Standing.EXCLUDED, Reason.NO_PLACE)
        assert till.notes() == []


class TestAPlace:
    def test_that_a_person_makes_later_gets_the_entries(self, till: Till) -> None:
        deal = till.deal("Kitchen")
        invoice = till.bill(100)
        payment = till.pay(60, (invoice, 60))
        till.run()
        homeless = till.pair(payment)

        till.put(invoice, deal)
        till.run()

        assert (homeless.standing, homeless.reason) == (Standing.EXCLUDED, Reason.NO_PLACE)
        assert len(till.on(deal)) == 1

    def test_that_another_sync_saw_first_gets_the_entries_too(self, till: Till) -> None:
        deal = till.deal("Kitchen")
        invoice = till.bill(100)
        till.pay(60, (invoice, 60))
        till.run()
        models.RecordLink.objects.create(
            connection=till.payments.left, from_kind="invoices", from_id=till.shown(invoice), to_kind="deals", to_id=deal
        )

        till.put(invoice, deal)
        till.run()

        assert len(till.on(deal)) == 1

    def test_moves_when_the_invoice_moves(self, till: Till) -> None:
        kitchen, garden = till.deal("Kitchen"), till.deal("Garden")
        invoice = till.bill(100, kitchen)
        till.pay(60, (invoice, 60))
        till.run()

        till.take(invoice, kitchen)
        till.put(invoice, garden)
        till.run()

        assert (len(till.on(kitchen)), len(till.on(garden)), len(till.notes())) == (0, 1, 1)

    def test_that_is_gone_leaves_the_entry_where_it_is(self, till: Till) -> None:
        kitchen = till.deal("Kitchen")
        invoice = till.bill(100, kitchen, DocNumber="1001")
        payment = till.pay(60, (invoice, 60))
        till.run()

        till.take(invoice, kitchen)
        till.run()
        till.change(payment, 70, (invoice, 70))
        till.run()

        assert till.pair(payment).state == PairState.LINKED
        assert [said[:28] for said in till.on(kitchen)] == ["Payment received: 70.00 USD\n"]
        assert len(till.notes()) == 1

    def test_is_not_given_by_an_invoice_that_is_excluded(self, till: Till) -> None:
        deal = till.deal("Kitchen")
        invoice = till.bill(100, deal)
        shown = models.RecordPair.objects.get(config=till.invoices, right__external_id=invoice)
        pairs.exclude(pair=shown, excluded=True, now=till.company.clock.now())
        till.sync_invoices()
        payment = till.pay(60, (invoice, 60))
        till.run()
        left_out = till.pair(payment).reason

        pairs.exclude(pair=shown, excluded=False, now=till.company.clock.now())
        till.sync_invoices()
        till.run()

        assert left_out == Reason.NO_PLACE
        assert len(till.on(deal)) == 1


class TestALostAnswer:
    def test_doubles_no_entry(self, till: Till) -> None:
        self._loses_the_answer(till)

        assert all(note["syncapp_key"] for note in till.company.held("notes").values())

    def test_doubles_none_where_the_account_keeps_no_keys(self, company: Company) -> None:
        refused = {"method": "POST", "status": 400}
        company.hubspot.control("switch", {"strict_unknown": True})
        company.hubspot.breaks("status", "/properties/2026-09/notes$", **refused)  # not with unique values, then
        till = Till(company)
        company.hubspot.breaks("status", "/properties/2026-09/notes$", times=99, **refused)

        self._loses_the_answer(till)

        assert not any(note.get("syncapp_key") for note in company.held("notes").values())

    def _loses_the_answer(self, till: Till) -> None:
        deal = till.deal("Kitchen")
        payment = till.pay(60, (till.bill(100, deal), 60))
        till.company.hubspot.breaks("drop_after_commit", "/notes/batch/create")

        run = till.run()
        till.company.settle()

        assert run.state == RunState.PARTIAL
        assert len(till.notes()) == len(till.on(deal)) == 1
        assert till.pair(payment).state == PairState.LINKED

    def test_cannot_happen_where_hubspot_keeps_nothing_to_find_it_by(self, company: Company) -> None:
        company.hubspot.breaks("status", "/properties/2026-09/notes$", method="POST", times=9, status=400)

        with pytest.raises(runs.CannotStart, match="has no field “qbo_payment_id” to match by"):
            Till(company).run()

    def test_of_a_correction_settles(self, till: Till) -> None:
        kitchen, garden = till.deal("Kitchen"), till.deal("Garden")
        invoice = till.bill(100, kitchen)
        payment = till.pay(60, (invoice, 60))
        till.run()
        till.change(payment, 70, (invoice, 70))
        till.take(invoice, kitchen)
        till.put(invoice, garden)
        till.company.hubspot.breaks("drop_after_commit", "/notes/batch/update")

        till.run()
        till.company.settle()

        assert [said[:27] for said in till.on(garden)] == ["Payment received: 70.00 USD"]
        assert till.on(kitchen) == []


class TestADeadProcess:
    def test_leaves_one_entry_wherever_it_dies(self, till: Till) -> None:
        kitchen, garden = till.deal("Kitchen"), till.deal("Garden")
        first, second = till.bill(100, kitchen), till.bill(100, garden)

        for number, at in enumerate((18, 28, 38, 48), start=1):  # of sixty places, from reading to the last commit
            till.pay(10, (first, 5), (second, 5))
            with mortal(Points(at=at)), pytest.raises(Died):
                till.run()
            till.company.settle()

            assert len(till.notes()) == len(till.on(kitchen)) == len(till.on(garden)) == number, at


class TestWhatIsNotOurs:
    def test_is_neither_read_into_the_mirror_nor_written(self, till: Till) -> None:
        deal = till.deal("Kitchen")
        theirs = till.company.hubspot.create("notes", hs_timestamp="2026-11-20T00:00:00Z", hs_note_body="Ann likes blue")
        invoice = till.bill(100, deal)
        till.pay(60, (invoice, 60))
        before = till.company.held("deals")[deal]

        till.run()
        till.company.hubspot.change("notes", theirs, hs_note_body="Ann likes green")
        till.run()

        assert not models.Record.objects.filter(kind="notes", external_id=theirs).exists()
        assert till.company.held("notes")[theirs]["hs_note_body"] == "Ann likes green"
        now = till.company.held("deals")[deal]
        assert {name: now[name] for name in now if now[name] != before.get(name)}.keys() <= {"hs_lastmodifieddate", "notes_last_updated"}

    def test_a_sync_that_was_set_up_anew_finds_its_entries_again(self, till: Till) -> None:
        deal = till.deal("Kitchen")
        invoice = till.bill(100, deal)
        till.pay(60, (invoice, 60))
        till.run()
        models.SyncConfig.objects.get(object_pair=ObjectPair.PAYMENT).delete()
        till.set_up()

        till.run()

        assert len(till.on(deal)) == len(till.notes()) == 1
