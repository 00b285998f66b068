"""All pages, or an error."""

from __future__ import annotations

import pytest

from integrations import errors, paging


class Lists:
    def __init__(self, **pages: paging.Page[int]) -> None:
        self.pages = pages

    def fetch(self, after: str | None) -> paging.Page[int]:
        return self.pages[after or "start"]


class TestPages:
    def test_go_on_to_the_last(self) -> None:
        lists = Lists(start=paging.Page((1, 2), "b"), b=paging.Page((3,), "c"), c=paging.Page((), None))

        got = [page.entries for page in paging.pages(system="HubSpot", operation="list", fetch=lists.fetch)]

        assert got == [(1, 2), (3,), ()]

    def test_start_where_they_were_left(self) -> None:
        lists = Lists(start=paging.Page((1,), "b"), b=paging.Page((2,), None))

        got = [page.entries for page in paging.pages(system="HubSpot", operation="list", fetch=lists.fetch, after="b")]

        assert got == [(2,)]

    @pytest.mark.parametrize("again", ["b", "c"])
    def test_raise_when_they_go_round(self, again: str) -> None:
        lists = Lists(start=paging.Page((1,), "b"), b=paging.Page((2,), "c"), c=paging.Page((3,), again))

        with pytest.raises(errors.Misunderstood):
            list(paging.pages(system="HubSpot", operation="list", fetch=lists.fetch))
