"""What a reference means on the other side."""

from __future__ import annotations

import pytest

from syncapp.engine import records, references, schema
from syncapp.engine.vocabulary import Direction, FieldType


def reference(kind: str, *, writable: bool = True) -> schema.FieldSpec:
    return schema.FieldSpec(name=kind, label=kind.capitalize(), type=FieldType.REFERENCE, refers_to=kind, writable=writable)


class TestTranslation:
    def test_goes_by_the_partners(self) -> None:
        partners = {("contacts", "9"): records.Partner(external_ids=("1",))}

        found = references.translated(value="9", own=reference("customer"), other=reference("contacts"), partners=partners)

        assert found == ("1", ())

    def test_tells_what_is_missing(self) -> None:
        value, (missing,) = references.translated(value="9", own=reference("customer"), other=reference("contacts"), partners={})

        assert value is None and (missing.kind, missing.external_id) == ("customer", "9")

    @pytest.mark.parametrize("value", [None, "1", ("1", "2")])
    def test_is_needless_where_both_fields_name_the_same_records(self, value: records.Value) -> None:
        assert references.translated(value=value, own=reference("deals"), other=reference("deals"), partners={}) == (value, ())


class TestMapping:
    def test_joins_fields_that_name_the_same_records_or_partners(self) -> None:
        for left, right in (("deals", "deals"), ("contacts", "customer")):
            ends = reference(left), reference(right, writable=False)
            assert schema.mapping_problems(left=ends[0], right=ends[1], direction=Direction.TO_LEFT) == ()

    def test_refuses_fields_that_name_others(self) -> None:
        (problem,) = schema.mapping_problems(
            left=reference("deals"), right=reference("invoice", writable=False), direction=Direction.TO_LEFT
        )

        assert "do not name the same kind of record" in problem
