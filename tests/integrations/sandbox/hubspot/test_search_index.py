"""The index takes in many changes at once as it would one by one."""

from __future__ import annotations

from integrations.sandbox.hubspot.search_index import MANY, SearchIndex, Window


def index(*, at_once: bool) -> SearchIndex:
    """Made, changed and deleted records, taken in together or one after the other."""
    made = SearchIndex(modified="lastmodifieddate")
    changes: list[tuple[int, dict[str, str] | None]] = [
        (number, {"lastmodifieddate": f"2026-11-26T{number % 24:02d}:00:00.000Z"}) for number in range(2 * MANY)
    ]
    changes += [(number, {"lastmodifieddate": "2026-11-27T00:00:00.000Z"}) for number in range(0, 2 * MANY, 3)]
    changes += [(number, None) for number in range(0, 2 * MANY, 7)]
    for moment, (record_id, values) in enumerate(changes):
        made.note(at=moment, record_id=record_id, values=values)
        if not at_once:
            made.catch_up(until=moment)
    made.catch_up(until=len(changes))
    return made


class TestManyChangesAtOnce:
    def test_are_found_by_id_and_by_time_as_if_taken_one_by_one(self) -> None:
        together, singly = index(at_once=True), index(at_once=False)

        for window in (Window(), Window(first_id=500, last_id=900), Window(since="2026-11-27"), Window(until="2026-11-26T03:00:00.000Z")):
            assert together.within(window) == singly.within(window)
        assert 0 not in together.within(Window())
        assert 1 in together.within(Window())
