"""What HubSpot does not let be written is said, with the property of ours that carries it."""

from __future__ import annotations

import pytest

from syncapp import models
from syncapp.engine.vocabulary import Direction, FieldType, ObjectPair
from syncapp.services import configs, drafts, invoice_pairs
from tests.services import made
from tests.services.made import TwoSides

pytestmark = pytest.mark.django_db


@pytest.fixture
def sides() -> TwoSides:
    """A sync of invoices whose account lets everything be written."""
    sides = TwoSides()
    models.SyncConfig.objects.filter(pk=sides.config.pk).update(object_pair=ObjectPair.INVOICE, direction=Direction.TO_LEFT)
    sides.config.refresh_from_db()
    for name in (*invoice_pairs.TWINS, *invoice_pairs.TWINS.values()):
        sides.left_fields[name] = made.field(sides.left, name, FieldType.TEXT, kind="invoices", label=name.title())
    return sides


def told(sides: TwoSides) -> list[str]:
    return [one.words for one in configs.advice(draft=drafts.saved(config=sides.config))]


class TestAdvice:
    def test_is_silent_where_everything_can_be_written(self, sides: TwoSides) -> None:
        assert told(sides) == []

    def test_names_the_property_that_carries_what_cannot_be_written(self, sides: TwoSides) -> None:
        sides.left_fields["hs_amount_billed"].writable = False
        sides.left_fields["hs_amount_billed"].save()

        (words,) = told(sides)

        assert "Hs_Amount_Billed" in words
        assert "(qbo_total) carries it" in words

    def test_asks_for_the_property_where_it_is_missing(self, sides: TwoSides) -> None:
        sides.left_fields["hs_balance_due"].writable = False
        sides.left_fields["hs_balance_due"].save()
        sides.left_fields["qbo_balance"].delete()

        (words,) = told(sides)

        assert "Press Add missing ones" in words

    def test_counts_the_invoices_whose_status_hubspot_did_not_take(self, sides: TwoSides) -> None:
        status = sides.left_fields["hs_invoice_status"]
        right = made.field(sides.right, "InvoiceStatus", FieldType.TEXT, kind="invoice")
        mapping = models.FieldMapping.objects.create(config=sides.config, left_field=status, right_field=right, direction="TO_LEFT")
        for number in range(2):
            record = models.Record.objects.create(
                connection=sides.left, kind="invoices", external_id=str(number), observed_at=made.NOW
            )
            models.RecordPair.objects.create(config=sides.config, left=record, flagged=[mapping.key])

        (words,) = told(sides)

        assert "a status of its own for 2 invoices" in words

    def test_is_none_for_other_objects(self, sides: TwoSides) -> None:
        models.VendorField.objects.update(writable=False)
        models.SyncConfig.objects.update(object_pair=ObjectPair.CONTACT_CUSTOMER)
        sides.config.refresh_from_db()

        assert told(sides) == []
