"""Partners are found by the strongest key that hits; in doubt a person decides, and no twin is ever made."""

from __future__ import annotations

from itertools import permutations

import pytest

from syncapp.engine import matching
from syncapp.engine.matching import Ambiguous, Candidate, Create, Exclude, Hold, KeyHits, Link, Twin
from syncapp.engine.vocabulary import MatchMode, Reason

ANN = Candidate(external_id="501")
BEN = Candidate(external_id="502")
ANNS_TAKEN = Candidate(external_id="503", paired=True)
ANN_INACTIVE = Candidate(external_id="504", live=False)


def decide(
    *keys: KeyHits,
    mode: MatchMode = MatchMode.DEFAULT,
    external_id: str = "20",
    by_our_key: tuple[Candidate, ...] = (),
    key_required: bool = True,
) -> matching.Decision:
    return matching.decide(mode=mode, external_id=external_id, keys=keys, by_our_key=by_our_key, key_required=key_required)


def hits(*candidates: Candidate, twins: tuple[Twin, ...] = (), value: str | None = "ann@lee.example") -> KeyHits:
    return KeyHits(value=value, candidates=candidates, twins=twins)


class TestDecide:
    def test_links_the_only_one(self) -> None:
        assert decide(hits(ANN)) == Link(external_id="501")

    def test_creates_where_nobody_has_the_key(self) -> None:
        assert decide(hits()) == Create()

    def test_asks_a_person_where_several_have_it(self) -> None:
        assert decide(hits(ANN, BEN)) == Ambiguous(external_ids=("501", "502"), reason=Reason.SEVERAL_CANDIDATES)

    def test_asks_a_person_where_another_of_this_side_wants_it_too(self) -> None:
        twin = Twin(external_id="21")

        assert decide(hits(ANN, twins=(twin,))) == Ambiguous(external_ids=("501",), reason=Reason.SAME_KEY_TWICE, twins=("21",))

    @pytest.mark.parametrize("twin", [Twin(external_id="21", paired=True), Twin(external_id="21", live=False)])
    def test_minds_no_twin_that_is_paired_or_gone(self, twin: Twin) -> None:
        assert decide(hits(ANN, twins=(twin,))) == Link(external_id="501")

    def test_holds_where_the_only_one_is_taken(self) -> None:
        assert decide(hits(ANNS_TAKEN)) == Hold(external_id="503", reason=Reason.CANDIDATE_TAKEN)

    def test_links_the_only_free_one(self) -> None:
        assert decide(hits(ANNS_TAKEN, ANN)) == Link(external_id="501")

    def test_leaves_to_another_what_that_one_has_a_stronger_claim_to(self) -> None:
        claimed = Candidate(external_id="505", promised=True)

        assert decide(hits(claimed)) == Hold(external_id="505", reason=Reason.CANDIDATE_TAKEN)
        assert decide(hits(claimed, ANN)) == Link(external_id="501")

    def test_minds_no_namesake_that_has_a_partner_and_another_stronger_key(self) -> None:
        nobody = hits(value="sku-2")
        namesake = Candidate(external_id="506", paired=True, differs=True)

        assert decide(nobody, hits(namesake)) == Create()
        assert decide(nobody, hits(namesake, ANN)) == Link(external_id="501")

    def test_links_a_free_namesake_even_if_a_stronger_key_differs(self) -> None:
        assert decide(hits(value="sku-2"), hits(Candidate(external_id="507", differs=True))) == Link(external_id="507")

    def test_links_a_live_one_rather_than_an_inactive_one(self) -> None:
        assert decide(hits(ANN_INACTIVE, ANN)) == Link(external_id="501")

    def test_holds_where_the_only_one_is_inactive(self) -> None:
        assert decide(hits(ANN_INACTIVE)) == Hold(external_id="504", reason=Reason.CANDIDATE_INACTIVE)

    def test_lets_the_strongest_key_that_hits_decide_alone(self) -> None:
        assert decide(hits(), hits(ANN)) == Link(external_id="501")
        assert decide(hits(ANN, BEN), hits(ANN)) == Ambiguous(external_ids=("501", "502"), reason=Reason.SEVERAL_CANDIDATES)
        assert decide(hits(ANNS_TAKEN), hits(BEN)) == Hold(external_id="503", reason=Reason.CANDIDATE_TAKEN)

    def test_passes_over_a_key_without_value(self) -> None:
        assert decide(hits(ANN, value=None), hits(BEN)) == Link(external_id="502")

    def test_excludes_a_record_without_any_key(self) -> None:
        assert decide(hits(value=None)) == Exclude(reason=Reason.NO_KEY)
        assert decide(hits(value=None), key_required=False) == Create()

    def test_never_matches_where_matching_is_off(self) -> None:
        assert decide(hits(ANN), mode=MatchMode.NONE) == Create()

    def test_uses_a_field_of_the_persons_choice_like_any_key(self) -> None:
        assert decide(hits(ANN), mode=MatchMode.OWN_FIELD) == Link(external_id="501")


class TestOurOwnKey:
    def test_comes_before_every_other_and_whatever_the_mode(self) -> None:
        assert decide(hits(BEN), by_our_key=(ANN,)) == Link(external_id="501")
        assert decide(hits(BEN), by_our_key=(ANN,), mode=MatchMode.NONE) == Link(external_id="501")

    def test_on_several_records_asks_a_person(self) -> None:
        assert decide(by_our_key=(ANN, BEN)) == Ambiguous(external_ids=("501", "502"), reason=Reason.SEVERAL_CANDIDATES)

    def test_on_a_record_with_another_partner_holds(self) -> None:
        assert decide(by_our_key=(ANNS_TAKEN,)) == Hold(external_id="503", reason=Reason.CANDIDATE_TAKEN)


class TestTwins:
    def test_get_one_partner_between_them(self) -> None:
        """Several records of one side with one key, and nobody on the other side."""
        ids = ["9", "10", "101"]

        for order in permutations(ids):
            decisions = {
                one: decide(hits(twins=tuple(Twin(external_id=other) for other in order if other != one)), external_id=one) for one in order
            }

            assert decisions == {
                "9": Create(),
                "10": Hold(external_id="9", reason=Reason.SAME_KEY_TWICE),
                "101": Hold(external_id="9", reason=Reason.SAME_KEY_TWICE),
            }

    def test_hold_where_one_has_a_partner_already(self) -> None:
        assert decide(hits(twins=(Twin(external_id="99", paired=True),))) == Hold(external_id="99", reason=Reason.SAME_KEY_TWICE)

    def test_wait_for_a_partner_that_is_being_created(self) -> None:
        """Whoever turns up with the key may be that very partner, its answer being on the way."""
        awaited = Hold(external_id="99", reason=Reason.SAME_KEY_TWICE)

        assert decide(hits(twins=(Twin(external_id="99", creating=True),))) == awaited
        assert decide(hits(ANN, twins=(Twin(external_id="99", creating=True),))) == awaited

    @pytest.mark.parametrize("twin", [Twin(external_id="1", eligible=False), Twin(external_id="1", live=False)])
    def test_do_not_wait_for_one_that_will_never_get_a_partner(self, twin: Twin) -> None:
        assert decide(hits(twins=(twin,))) == Create()

    def test_by_a_weaker_key_do_not_count(self) -> None:
        assert decide(hits(value="sku-1"), hits(value="bolt", twins=(Twin(external_id="1"),))) == Create()
