"""The lines of an invoice as one value: they survive being stored, keep their order, and come to cents."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from syncapp.engine import lines, records, values
from syncapp.engine.lines import Line, LineKind

TEXTS = st.text(max_size=20)
NUMBERS = st.decimals(min_value=0, max_value=10_000, places=3).map(values.number_text)
MADE = st.builds(
    Line, kind=st.sampled_from(LineKind), record=TEXTS, name=TEXTS, description=TEXTS, quantity=NUMBERS, price=NUMBERS, amount=NUMBERS
)


class TestCompose:
    @given(st.lists(MADE, min_size=1, max_size=5))
    def test_is_undone_by_parse(self, made: list[Line]) -> None:
        value = lines.compose(made)

        assert lines.parse(value) == tuple(made)
        assert lines.parse(values.from_json(values.to_json(value))) == tuple(made)
        assert lines.are_lines(values.to_json(value))

    def test_of_no_lines_is_nothing(self) -> None:
        assert lines.compose([]) is None
        assert lines.parse(None) == ()

    @pytest.mark.parametrize("value", ["text", True, ("text",), ('{"kind":"gift"}',), ('{"color":"red"}',), ("[]",)])
    def test_is_the_only_maker_of_what_parse_takes(self, value: records.Value) -> None:
        with pytest.raises(ValueError, match=r"no lines? of an invoice"):
            lines.parse(value)


class TestOrdered:
    def test_puts_products_first_and_keeps_the_order_of_each_kind(self) -> None:
        made = [
            Line(kind=LineKind.TAX, name="t"), Line(kind=LineKind.DISCOUNT, name="d1"), Line(name="p1"), Line(kind=LineKind.FEE, name="f"),
            Line(name="p2"), Line(kind=LineKind.DISCOUNT, name="d2"),
        ]

        assert [line.name for line in lines.ordered(made)] == ["p1", "p2", "d1", "d2", "f", "t"]


class TestWorth:
    @pytest.mark.parametrize(
        ("line", "cents"),
        [
            (Line(quantity="3", price="0.335"), "1.01"), (Line(quantity="1", price="0.005"), "0.01"), (Line(price="7"), "7"),
            (Line(quantity="3", price="9", amount="20"), "20"), (Line(quantity="0", price="9"), "0"), (Line(), "0"),
            (Line(kind=LineKind.DISCOUNT, amount="4.5"), "4.5"),
        ],
    )
    def test_is_the_amount_else_pieces_by_price_rounded_half_up(self, line: Line, cents: str) -> None:
        assert lines.worth(line) == Decimal(cents)


class TestShown:
    def test_is_what_a_person_would_say(self) -> None:
        value = lines.compose([
            Line(record="4", name="Audit", quantity="2", price="100"), Line(record="5", price="1"), Line(name="Odds", amount="3"),
            Line(kind=LineKind.DISCOUNT, amount="10"), Line(kind=LineKind.FEE, name="Rush", percent="5"),
        ])

        assert lines.shown(value) == "2 × Audit at 100, 1 × product 5 at 1, 1 × Odds at 3, discount 10, Rush 5 %"
        assert lines.shown(None) == "no lines"
