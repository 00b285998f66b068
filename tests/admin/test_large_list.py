"""The list of records where there are very many: what a search finds then, and that the page says so."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from unfold.templatetags import unfold_list

from syncapp import models
from syncapp.engine import normalize
from syncapp.selectors import searches
from tests.admin.scene import NOW, Scene
from tests.admin.test_record_view import LIST, names
from tests.runs.test_query_plans import plan

PRECISE = re.compile(r"(?:name_start|name_end|key1|key2)>\?|external_id=\?")
"""What of an index a step has to use to look at what begins like the words alone."""


@pytest.fixture
def large(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> Scene:
    """So few pairs count as very many, and the record of a failing pair has a name of several words."""
    monkeypatch.setattr(searches, "LARGE", 0)
    for account, kind in ((scene.left, "contacts"), (scene.right, "customer")):
        models.SyncCursor.objects.create(connection=account, kind=kind, stream="listing")
    for row in models.Record.objects.all():
        label = "Danuta Maria Ąsmith" if row.pk == scene.failing.left_id else row.label
        start, end = normalize.beginnings(label)
        models.Record.objects.filter(pk=row.pk).update(label=label, name_start=start, name_end=end)
    models.Record.objects.filter(pk=scene.failing.left_id).update(external_id="4711", key1="d.smith@example.com", observed_at=NOW)
    return scene


class TestSearch:
    @pytest.mark.parametrize(
        "words", ["danuta", "DANUTA+MARIA", "ąsm", "Ąsmith+danuta", "d.smith@", "4711", "danuta+maria+ąsmith"],
        ids=["first word", "beginning", "last word", "both ends", "address", "id", "whole"],
    )
    def test_finds_beginnings_in_either_case(self, large: Scene, bob: Client, words: str) -> None:
        assert names(bob, f"q={words}") == ["Danuta Maria Ąsmith"]

    @pytest.mark.parametrize("words", ["anuta", "maria", "471", "smith@example", "danuta+bea"])
    def test_finds_nothing_else(self, large: Scene, bob: Client, words: str) -> None:
        assert names(bob, f"q={words}") == []

    def test_finds_the_other_side_and_keeps_the_other_filters(self, large: Scene, bob: Client) -> None:
        assert names(bob, "q=ann") == ["Ann"]
        assert names(bob, "q=ltd&standing=FAILING") == []
        assert "Ann" in names(bob, "q=ltd&standing=IN_SYNC")

    @pytest.mark.sqlite3
    def test_is_answered_by_indexes_alone(self, large: Scene, bob: Client) -> None:
        with CaptureQueriesContext(connection) as captured:
            names(bob, "q=danuta")

        searching = [query["sql"] for query in captured if '"name_start"' in query["sql"] and "COUNT(" in query["sql"]]
        assert searching
        assert [step for sql in searching for step in plan(sql) if " U0 " in step and not PRECISE.search(step)] == []

    def test_is_explained_where_it_is_narrower(self, large: Scene, bob: Client, monkeypatch: pytest.MonkeyPatch) -> None:
        assert "names that begin with the words" in bob.get(f"{LIST}?q=danuta").content.decode()

        monkeypatch.setattr(searches, "LARGE", 50_000)

        assert "names that begin with the words" not in bob.get(f"{LIST}?q=danuta").content.decode()
        assert names(bob, "q=anuta") == ["Danuta Maria Ąsmith"]


class TestPage:
    def test_makes_each_heading_once_for_all_its_pairs(self, scene: Scene, bob: Client, monkeypatch: pytest.MonkeyPatch) -> None:
        made: list[str] = []
        label = unfold_list.label_for_field

        def counted(name: str, *others: Any, **named: Any) -> Any:
            made.append(name)
            return label(name, *others, **named)

        monkeypatch.setattr(unfold_list, "label_for_field", counted)

        assert len(names(bob, "")) > 1
        assert sorted(made) == sorted(set(made))
        assert "standing" in made
