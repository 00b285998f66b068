"""The buttons of pairs whose partner is not clear: link, none of these, keep this pair."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from syncapp import models
from syncapp.engine.vocabulary import PairState, Reason
from tests.admin.scene import Scene


def url(name: str, pair: models.RecordPair) -> str:
    return reverse(f"admin:syncapp_recordpair_{name}", args=[pair.pk])


@pytest.fixture
def unclear(scene: Scene) -> models.RecordPair:
    """A contact with one free record that may be its partner."""
    candidate = scene._record(scene.right, "Fay Ltd")
    models.RecordPair.objects.create(config=scene.config, right=candidate, state=PairState.HALF)
    return scene._pair(
        "Fay", None, PairState.AMBIGUOUS, Reason.SEVERAL_CANDIDATES, detail={"candidates": [candidate.external_id], "twins": []}
    )


class TestUnclearPartner:
    def test_the_page_offers_the_candidates(self, bob: Client, unclear: models.RecordPair) -> None:
        page = bob.get(url("change", unclear)).content.decode()

        assert "Possible partner in QuickBooks" in page
        assert "Link to this one" in page
        assert "None of these" in page

    def test_linking_makes_one_pair(self, scene: Scene, bob: Client, unclear: models.RecordPair) -> None:
        bob.post(url("link", unclear), {"record": unclear.detail["candidates"][0]})

        unclear.refresh_from_db()
        assert str(unclear.right) == "Fay Ltd"
        assert models.RecordPair.objects.filter(right=unclear.right).count() == 1

    def test_linking_to_another_pairs_partner_is_refused_in_words(self, scene: Scene, bob: Client, unclear: models.RecordPair) -> None:
        taken = scene.in_sync.right
        assert taken is not None

        page = bob.post(url("link", unclear), {"record": taken.external_id}, follow=True).content.decode()

        assert "is the partner of another already" in page
        unclear.refresh_from_db()
        assert unclear.right is None

    def test_none_of_these_lets_the_next_run_make_a_partner(self, bob: Client, unclear: models.RecordPair) -> None:
        bob.post(url("alone", unclear))

        unclear.refresh_from_db()
        assert (unclear.alone, unclear.state, unclear.dirty) == (True, PairState.HALF, True)

    @pytest.mark.parametrize("name", ["link", "alone", "keep"])
    def test_is_closed_to_those_without_permission(self, charlie: Client, unclear: models.RecordPair, name: str) -> None:
        assert charlie.post(url(name, unclear)).status_code == 403

    def test_keeping_where_nothing_was_merged_is_refused_in_words(self, bob: Client, unclear: models.RecordPair) -> None:
        assert "No merge waits for a decision here." in bob.post(url("keep", unclear), follow=True).content.decode()
