"""A run that would change too much stops and waits for a person."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from syncapp.engine import guards, rules
from syncapp.engine.guards import BrakeCode
from syncapp.engine.vocabulary import OperationKind, Side


def pulled(
    counts: Mapping[tuple[Side, OperationKind], int] | None = None,
    *,
    pairs: int = 1000,
    before: Mapping[Side, int] | None = None,
    seen: Mapping[Side, int] | None = None,
    limits: rules.Brakes | None = None,
) -> list[tuple[BrakeCode, Side]]:
    found = guards.brakes(limits=limits or rules.Brakes(), counts=counts or {}, pairs=pairs, before=before or {}, seen=seen or {})
    return [(brake.code, brake.side) for brake in found]


class TestTooMany:
    @pytest.mark.parametrize(
        ("kind", "allowed", "code"),
        [
            (OperationKind.CREATE, 50, BrakeCode.TOO_MANY_CREATES),
            (OperationKind.UPDATE, 300, BrakeCode.TOO_MANY_UPDATES),
            (OperationKind.ARCHIVE, 20, BrakeCode.TOO_MANY_ARCHIVES),
        ],
    )
    def test_are_more_than_the_floor_and_the_share(self, kind: OperationKind, allowed: int, code: BrakeCode) -> None:
        assert pulled({(Side.RIGHT, kind): allowed}) == []
        assert pulled({(Side.RIGHT, kind): allowed + 1}) == [(code, Side.RIGHT)]

    def test_are_never_fewer_than_the_floor(self) -> None:
        assert pulled({(Side.LEFT, OperationKind.CREATE): 50}, pairs=0) == []
        assert pulled({(Side.LEFT, OperationKind.CREATE): 51}, pairs=0) == [(BrakeCode.TOO_MANY_CREATES, Side.LEFT)]

    def test_are_counted_for_each_side(self) -> None:
        counts = {(side, OperationKind.CREATE): 40 for side in Side}

        assert pulled(counts) == []

    def test_switch_off_with_both_limits_at_zero(self) -> None:
        free = rules.Brakes(creates=0, creates_share=0.0)

        assert pulled({(Side.LEFT, OperationKind.CREATE): 10**6}, limits=free) == []

    @pytest.mark.parametrize("limits", [rules.Brakes(creates=0), rules.Brakes(creates=50, creates_share=0.0)])
    def test_keep_the_limit_that_is_left(self, limits: rules.Brakes) -> None:
        assert pulled({(Side.LEFT, OperationKind.CREATE): 51}, limits=limits) == [(BrakeCode.TOO_MANY_CREATES, Side.LEFT)]

    def test_are_told_with_the_numbers_and_the_remedy(self) -> None:
        (brake,) = guards.brakes(
            limits=rules.Brakes(),
            counts={(Side.RIGHT, OperationKind.ARCHIVE): 30},
            pairs=1000,
            before={},
            seen={},
        )

        assert brake.sentence == (
            "This run would archive 30 records in QuickBooks. The brake allows 10 at a time and 2% of the 1000 pairs. "
            "Look at the preview and approve it, or raise the limit."
        )


class TestSides:
    def test_that_are_suddenly_empty_stop_the_run(self) -> None:
        assert pulled(before={Side.LEFT: 3}, seen={Side.LEFT: 0}) == [(BrakeCode.SIDE_EMPTY, Side.LEFT)]

    def test_that_lost_more_than_half_stop_the_run(self) -> None:
        assert pulled(before={Side.RIGHT: 100}, seen={Side.RIGHT: 49}) == [(BrakeCode.SIDE_SHRUNK, Side.RIGHT)]
        assert pulled(before={Side.RIGHT: 100}, seen={Side.RIGHT: 50}) == []

    def test_that_were_always_small_or_empty_do_not(self) -> None:
        assert pulled(before={Side.LEFT: 3, Side.RIGHT: 0}, seen={Side.LEFT: 1, Side.RIGHT: 0}) == []

    def test_that_were_not_listed_completely_are_not_judged(self) -> None:
        assert pulled(before={Side.LEFT: 100}) == []
