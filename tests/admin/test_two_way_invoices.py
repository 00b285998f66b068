"""The pages of a two-way sync of invoices: the two ways out of a forbidden edit, and what the sync's page advises."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from syncapp import models
from syncapp.engine.vocabulary import ConflictStatus, Direction, ObjectPair, PairState, Reason, Side
from tests.admin.scene import Scene
from tests.admin.test_what_pages_tell import text
from tests.services import made

WAYS_OUT = ("take", "restore")


@pytest.fixture
def forbidden(scene: Scene) -> models.RecordPair:
    """An invoice that was made in HubSpot and changed in QuickBooks."""
    left, right = made.hubspot("222"), made.quickbooks("9140", details={"country": "US"})
    config = models.SyncConfig.objects.create(
        name="Invoices", left=left, right=right, object_pair=ObjectPair.INVOICE, direction=Direction.BOTH
    )
    ends = (
        made.field(left, "line_items", made.FieldType.LINES, kind="invoices", refers_to="products"),
        made.field(right, "Line", made.FieldType.LINES, kind="invoice", refers_to="item"),
    )
    mapping = models.FieldMapping.objects.create(config=config, left_field=ends[0], right_field=ends[1])
    records = [
        models.Record.objects.create(connection=one, kind=kind, external_id="7", label="INV-7", observed_at=made.NOW)
        for one, kind in ((left, "invoices"), (right, "invoice"))
    ]
    told = {"fields": [{"sentence": "In QuickBooks a line was added: 1 × Travel at 45."}]}
    pair = models.RecordPair.objects.create(
        config=config, left=records[0], right=records[1], state=PairState.FAILED, reason=Reason.FORBIDDEN_EDIT, detail=told, dirty=False
    )
    models.Conflict.objects.create(pair=pair, key=mapping.key, field_label="Lines", left=["a"], right=["b"])
    return pair


def address(pair: models.RecordPair, name: str) -> str:
    return reverse(f"admin:syncapp_recordpair_{name}", args=[pair.pk])


class TestThePairsPage:
    def test_says_what_was_changed_and_offers_both_ways_out(self, forbidden: models.RecordPair, bob: Client) -> None:
        page = text(bob, reverse("admin:syncapp_recordpair_change", args=[forbidden.pk]))

        assert "An invoice that was made in HubSpot was changed in QuickBooks in a way that HubSpot cannot follow." in page
        assert "In QuickBooks a line was added: 1 × Travel at 45." in page
        assert "Restore HubSpot's" in page and "Take QuickBooks" in page
        assert "Both sides changed" not in page

    def test_offers_no_restoring_where_only_amounts_differ(self, forbidden: models.RecordPair, bob: Client) -> None:
        models.RecordPair.objects.update(reason=Reason.AMOUNTS_DIFFER)

        page = bob.get(reverse("admin:syncapp_recordpair_change", args=[forbidden.pk])).content.decode()

        assert (address(forbidden, "restore") in page, address(forbidden, "take") in page) == (False, True)
        assert "Press Take QuickBooks to leave both as they are." in page

    def test_offers_neither_for_other_pairs(self, scene: Scene, bob: Client) -> None:
        page = bob.get(reverse("admin:syncapp_recordpair_change", args=[scene.failing.pk])).content.decode()

        assert not any(address(scene.failing, name) in page for name in WAYS_OUT)


class TestTheButtons:
    @pytest.mark.parametrize(("name", "side"), [("take", Side.RIGHT), ("restore", Side.LEFT)])
    def test_decide_for_a_side(self, forbidden: models.RecordPair, bob: Client, name: str, side: Side) -> None:
        bob.post(address(forbidden, name))

        conflict = models.Conflict.objects.get(pair=forbidden)
        forbidden.refresh_from_db()
        assert (conflict.status, conflict.winner, forbidden.dirty) == (ConflictStatus.BY_PERSON, side, True)
        assert conflict.decided_by is not None and conflict.decided_by.username == "bob"

    @pytest.mark.parametrize("name", WAYS_OUT)
    def test_are_closed_to_those_without_permission(self, forbidden: models.RecordPair, charlie: Client, name: str) -> None:
        assert charlie.post(address(forbidden, name)).status_code == 403

    @pytest.mark.parametrize("name", WAYS_OUT)
    def test_are_not_pressed_by_opening_their_address(self, forbidden: models.RecordPair, alice: Client, name: str) -> None:
        assert alice.get(address(forbidden, name)).status_code == 405

    @pytest.mark.parametrize("name", WAYS_OUT)
    def test_do_nothing_to_a_pair_that_waits_for_neither(self, scene: Scene, bob: Client, name: str) -> None:
        answer = bob.post(address(scene.failing, name), follow=True)

        assert "Nothing of this pair waits for that. Look at it again." in answer.content.decode()


class TestTheSyncsPage:
    def test_tells_what_bars_it_and_what_is_advised(self, forbidden: models.RecordPair, alice: Client) -> None:
        models.Connection.objects.filter(pk=forbidden.config.right_id).update(details={"country": "PL", "sales tax": "on"})

        page = text(alice, reverse("admin:syncapp_syncconfig_change", args=[forbidden.config_id]))

        assert "This QuickBooks company requires a tax code on every line of an invoice" in page
        assert "Advice QuickBooks has no closing date." in page

    def test_completes_the_recommended_mappings(self, forbidden: models.RecordPair, alice: Client, bob: Client) -> None:
        config = forbidden.config
        made.field(config.left, "hs_comments", kind="invoices")
        made.field(config.right, "CustomerMemo.value", kind="invoice")
        address = reverse("admin:syncapp_syncconfig_complete", args=[config.pk])

        refused = bob.post(address).status_code
        said = alice.post(address, follow=True).content.decode()

        assert refused == 403
        assert "1 recommended mapping or filter was added or changed." in said
        assert config.mappings.filter(left_field__name="hs_comments", direction=Direction.BOTH).exists()
