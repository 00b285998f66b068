"""What a run asks of the database does not grow with each record, but with each batch of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from unittest import mock

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from syncapp.services import matching, planning, results
from tests.runs.company import Company


@contextmanager
def counted(module: Any, name: str, counts: list[int]) -> Iterator[None]:
    """Within this, note how many statements each call of a function needs."""
    function: Callable[..., Any] = getattr(module, name)

    def counting(**arguments: Any) -> Any:
        with CaptureQueriesContext(connection) as captured:
            answer = function(**arguments)
        counts.append(len(captured))
        return answer

    with mock.patch.object(module, name, counting):
        yield


@pytest.mark.metered
@pytest.mark.parametrize(("module", "name"), [(results, "settle"), (planning, "_chunk"), (matching, "_match")])
def test_of_many_records_are_as_many_as_of_few(company: Company, module: Any, name: str) -> None:
    few: list[int] = []
    many: list[int] = []

    for number, counts in ((3, few), (24, many)):
        for one in range(number):
            company.contact(firstname=f"P{number}-{one}", lastname="Archer", email=f"p{number}-{one}@example.com")
        with counted(module, name, counts):
            company.run()

    assert max(many) <= max(few)
