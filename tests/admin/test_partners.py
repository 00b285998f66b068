"""The buttons of pairs whose partner is not clear: link, none of these, keep this pair."""

from __future__ import annotations

import re

import pytest
from django.test import Client
from django.urls import reverse

from syncapp import models
from syncapp.engine.vocabulary import PairState, Reason
from tests.admin.scene import Scene
from tests.admin.test_what_pages_tell import text


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


def likely(scene: Scene, name: str, **held: str) -> models.Record:
    """A customer without a partner."""
    record = scene._record(scene.right, name)
    models.Record.objects.filter(pk=record.pk).update(values={**record.values, **held})
    models.RecordPair.objects.create(config=scene.config, right=record, state=PairState.HALF, dirty=False)
    return record


class TestLikeness:
    def test_is_told_of_each_candidate_the_most_alike_first(self, scene: Scene, bob: Client, unclear: models.RecordPair) -> None:
        twin = likely(scene, "Fay", **{"PrimaryEmailAddr.Address": "fay@example.com"})
        unclear.detail = {"candidates": [*unclear.detail["candidates"], twin.external_id], "twins": []}
        unclear.save()

        page = text(bob, url("change", unclear))
        listed = text(bob, reverse("admin:syncapp_recordpair_changelist") + "?work=MATCHES")

        assert re.search(r"Possible partner in QuickBooks: Fay \S+ 100 % alike the same: Email, Firstname .*Fay Ltd \S+ 50 % alike", page)
        assert "Email Fay@example.com fay@example.com the same" in page
        assert re.search(r"Fay id \S+ 100 % alike .*Fay Ltd id \S+ 50 % alike", listed)

    def test_suggests_free_records_that_share_a_word_and_links_none(self, scene: Scene, bob: Client) -> None:
        likely(scene, "Cal", **{"PrimaryEmailAddr.Address": "cal@example.com"})
        likely(scene, "Cal Other", **{"PrimaryEmailAddr.Address": "somebody@else.net"})
        scene._pair("Cally", "Cal", PairState.LINKED)

        page = text(bob, url("change", scene.excluded) + "?partner_suggested=yes")
        suggested = page[page.index("Suggest likely ones") :]

        assert re.findall(r"(\w+) id \d+ (\d+) % alike", suggested) == [("Cal", "100")]
        scene.excluded.refresh_from_db()
        assert scene.excluded.right is None

    def test_says_where_nothing_is_likely(self, scene: Scene, bob: Client) -> None:
        assert "No free QuickBooks record is much like this one." in text(bob, url("change", scene.waiting) + "?partner_suggested=yes")


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
