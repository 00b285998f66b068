"""The page of an invoice's pair tells what was paid."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from syncapp import models
from syncapp.engine import lines, values
from syncapp.engine.lines import Line, LineKind
from syncapp.engine.vocabulary import ObjectPair, PairState, Reason, RecordState
from tests.services import made
from tests.services.made import NOW


class Books:
    """An invoice that is in sync, with or without a sync of payments beside it."""

    def __init__(self) -> None:
        self.left, self.right = made.hubspot(), made.quickbooks()
        self.config = self._sync("Invoices", ObjectPair.INVOICE)
        self.invoice = self._record(self.right, "invoice", "7", {"DocNumber": "1001"})
        shown = self._record(self.left, "invoices", "70", {})
        self.pair = models.RecordPair.objects.create(config=self.config, left=shown, right=self.invoice, state=PairState.LINKED)
        self.payments: models.SyncConfig | None = None

    def sync_payments(self) -> None:
        self.payments = self._sync("Payments", ObjectPair.PAYMENT)

    def _sync(self, name: str, pair: ObjectPair) -> models.SyncConfig:
        return models.SyncConfig.objects.create(name=name, left=self.left, right=self.right, object_pair=pair)

    def _record(self, connection: models.Connection, kind: str, identity: str, held: dict[str, Any], **more: Any) -> models.Record:
        return models.Record.objects.create(
            connection=connection, kind=kind, external_id=identity, label=identity, values=held, observed_at=NOW, **more
        )

    def payment(self, number: str, total: str, *applied: Line, linked: bool = True, **more: Any) -> models.Record:
        held = {
            "TotalAmt": total, "CurrencyRef.value": "USD", "TxnDate": "2026-11-20", "Method": "Check", "Reference": f"Check no. {number}",
            "Applied": values.to_json(lines.compose(applied)), "Link": f"https://books.example/{number}", "Voided": False,
        }
        record = self._record(self.right, "payments", f"payment:{number}", held | more.pop("held", {}), **more)
        if linked:
            models.RecordLink.objects.create(
                connection=self.right, from_kind="payments", from_id=record.external_id, to_kind="invoice", to_id="7"
            )
        if self.payments is not None:
            models.RecordPair.objects.create(config=self.payments, right=record, state=PairState.FROZEN, reason=Reason.NO_PLACE)
        return record

    def page(self, who: Client, pair: models.RecordPair | None = None) -> str:
        return who.get(reverse("admin:syncapp_recordpair_change", args=[(pair or self.pair).pk])).content.decode()


@pytest.fixture
def books(db: Any) -> Books:
    return Books()


class TestThePage:
    def test_says_how_to_see_payments(self, books: Books, bob: Client) -> None:
        assert "Set up the payments sync to see them." in books.page(bob)

    def test_says_that_nothing_was_paid(self, books: Books, bob: Client) -> None:
        books.sync_payments()

        assert "Nothing was paid or credited on this invoice so far." in books.page(bob)

    def test_lists_what_was_paid(self, books: Books, bob: Client) -> None:
        books.sync_payments()
        books.payment("1", "120", Line(record="7", amount="100"), Line(record="8", amount="20"))

        page = books.page(bob)

        for told in ("2026-11-20", "Payment", "100.00 USD", "of 120.00 USD", "Check", "Check no. 1", "Applied", "https://books.example/1"):
            assert told in page, told
        assert "Excluded" in page and "Nothing in the other system that it would belong to." in page

    def test_names_the_credit_memo_that_was_applied(self, books: Books, bob: Client) -> None:
        books.sync_payments()
        books.payment(
            "1", "0", Line(record="7", amount="30"), Line(kind=LineKind.DISCOUNT, record="9", name="CM-7", amount="30"),
            held={"Reference": None},
        )

        page = books.page(bob)

        assert "Credit memo" in page and "CM-7" in page and "30.00 USD" in page and "of 0.00 USD" not in page

    def test_keeps_what_was_voided_or_deleted(self, books: Books, bob: Client) -> None:
        books.sync_payments()
        before = {"TotalAmt": ["60"], "Applied": [values.to_json(lines.compose([Line(record="7", amount="60")]))]}
        books.payment("1", "0", linked=False, held={"Voided": True}, past=before)
        books.payment("2", "0", linked=False, held={"Applied": None}, state=RecordState.GONE, past={**before, "TotalAmt": ["61"]})
        elsewhere = {"Applied": [values.to_json(lines.compose([Line(record="8", amount="60")]))]}
        books.payment("3", "0", linked=False, held={"Voided": True}, past=elsewhere)

        page = books.page(bob)

        assert "Voided" in page and "Deleted" in page and "60.00 USD" in page and "of 61.00 USD" in page
        assert "Check no. 1" in page and "Check no. 2" in page and "Check no. 3" not in page

    def test_of_other_records_has_none(self, books: Books, bob: Client) -> None:
        books.sync_payments()
        payment = books.payment("1", "100", Line(record="7", amount="100"))
        pair = models.RecordPair.objects.get(right=payment)

        assert "as last read from QuickBooks; oldest first" not in books.page(bob, pair)

    def test_makes_no_query_per_payment(self, books: Books, bob: Client, django_assert_max_num_queries: DjangoAssertNumQueries) -> None:
        books.sync_payments()
        for number in range(20):
            books.payment(str(number), "5", Line(record="7", amount="5"))
        url = reverse("admin:syncapp_recordpair_change", args=[books.pair.pk])

        with django_assert_max_num_queries(30):
            bob.get(url)


class TestThePageOfAnEntry:
    def test_reads_as_the_timeline_does(self, books: Books, bob: Client) -> None:
        books.sync_payments()
        assert books.payments is not None
        payment = books.payment("1", "100", Line(record="7", amount="100"))
        body = "<strong>Payment received: 100.00 USD</strong><br>Reference: A &amp; B"
        note = made.field(books.left, "hs_note_body", kind="notes"), made.field(books.right, "Entry", kind="payments")
        mapping = models.FieldMapping.objects.create(config=books.payments, left_field=note[0], right_field=note[1], direction="TO_LEFT")
        pair = models.RecordPair.objects.get(right=payment)
        pair.left = books._record(books.left, "notes", "90", {"hs_note_body": body})
        pair.state, pair.base_left, pair.base_right = PairState.LINKED, {mapping.key: body}, {mapping.key: body}
        pair.save()

        page = books.page(bob, pair)

        assert page.count("Payment received: 100.00 USD · Reference: A &amp; B") == 2
        assert "Agreed" in page
