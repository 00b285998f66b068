"""A process that dies at a share of the places of the reference scenarios, another share in each."""

from __future__ import annotations

import pytest

from tests.simulation import crashes
from tests.simulation.stage import Stage

OF = 150


class TestADeadProcess:
    @pytest.mark.parametrize("name", crashes.REFERENCES)
    def test_leaves_everything_to_end_as_it_would_have(self, place: Stage, name: str) -> None:
        turn = list(crashes.REFERENCES).index(name) * 17

        walked = crashes.walk(place, name, chosen=lambda every: crashes.sample(every, of=OF, turn=turn))

        assert walked.places > 0
        assert walked.differing == {}
