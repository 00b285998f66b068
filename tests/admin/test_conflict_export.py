"""The export of the conflicts: it holds what the list shows, for those who may."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django.fixtures import Settings

from syncapp import models
from syncapp.engine.vocabulary import ConflictStatus, ExportFormat, Side
from tests.admin.conftest import OPERATOR, signed_in
from tests.admin.scene import Scene, person
from tests.admin.test_buttons import said
from tests.admin.test_export import lines, page_of
from tests.services import made

LIST = reverse("admin:syncapp_conflict_changelist")
EXPORT = reverse("admin:syncapp_conflict_export")


@pytest.fixture(autouse=True)
def own_directory(settings: Settings, tmp_path: Path) -> None:
    settings.EXPORT_DIR = tmp_path / "exports"


@pytest.fixture
def zoe(db: Any) -> Client:
    """Operates, and may export."""
    return signed_in(person("zoe", *OPERATOR, "syncapp.export_recordpair"))


@pytest.fixture
def decided(scene: Scene) -> Scene:
    """One conflict that is open, one that a rule decided, one of another sync."""
    given = {"pair": scene.in_conflict, "key": "k2", "left": "Ash", "right": "Asch"}
    models.Conflict.objects.create(field_label="Last name", status=ConflictStatus.BY_RULE, winner=Side.RIGHT, **given)
    other = made.TwoSides("Others", suffix="2")
    pair = models.RecordPair.objects.create(config=other.config, left=scene._record(other.left, "Zed"))
    models.Conflict.objects.create(pair=pair, key="k3", field_label="First name", left="Zed", right="Zet")
    return scene


def exported(client: Client, query: str = "", format: str = "CSV") -> models.ExportFile:
    answer = client.post(EXPORT, {"query": query, "format": format})
    export = models.ExportFile.objects.latest("pk")
    assert answer.headers["Location"] == page_of(export)
    return export


class TestExport:
    @pytest.mark.parametrize(
        ("query", "number"),
        [
            ("", 3), ("status__exact=OPEN", 2), ("status__exact=BY_RULE", 1), ("field_label=First+name", 2), ("q=last", 1),
            ("q=zed+first", 1), ("q=nobody", 0), ("pair__config__id__exact={config}", 2),
            ("status__exact=OPEN&pair__config__id__exact={config}&q=Bea", 1),
        ],
    )
    def test_holds_the_conflicts_of_the_list(self, decided: Scene, zoe: Client, query: str, number: int) -> None:
        query = query.format(config=decided.config.pk)
        listed = zoe.get(f"{LIST}?{query}").context["cl"].result_list

        found = lines(zoe, exported(zoe, query))

        assert len(found) - 1 == number
        assert [(line[0], line[4]) for line in found[1:]] == [(str(one.pair_id), one.field_label) for one in listed]

    def test_is_offered_above_the_list_with_its_filters(self, scene: Scene, zoe: Client) -> None:
        page = zoe.get(f"{LIST}?status__exact=OPEN&p=0").content.decode()

        assert 'name="query" value="status__exact=OPEN"' in page
        assert all(f'<option value="{format.value}">' in page for format in ExportFormat)

    def test_says_on_its_page_what_it_holds(self, scene: Scene, zoe: Client) -> None:
        query = f"status__exact=OPEN&pair__config__id__exact={scene.config.pk}&field_label=First+name&q=Bea"

        page = zoe.get(page_of(exported(zoe, query))).content.decode()

        assert "Status: Open; Sync: Contacts; Field: First name; Search: Bea" in page
        assert "1 conflict in the file." in page

    def test_needs_a_format_that_there_is(self, scene: Scene, zoe: Client) -> None:
        answer = zoe.post(EXPORT, {"query": "status__exact=OPEN", "format": "HTML"})

        assert "Choose a file format" in said(answer)
        assert answer.headers["Location"] == f"{LIST}?status__exact=OPEN"

    def test_is_closed_to_those_who_may_not_export(self, scene: Scene, bob: Client, charlie: Client, nobody: Client) -> None:
        assert 'name="format"' not in bob.get(LIST).content.decode()
        for client in (bob, charlie):
            assert client.post(EXPORT, {"format": "CSV"}).status_code == 403
        assert nobody.post(EXPORT).headers["Location"].startswith("/login/")
        assert models.ExportFile.objects.count() == 0

    def test_is_refused_to_those_who_may_not_see_conflicts(self, scene: Scene, db: Any) -> None:
        client = signed_in(person("yan", "syncapp.view_recordpair", "syncapp.export_recordpair"))

        assert "You may not export conflicts." in said(client.post(EXPORT, {"format": "CSV"}))
        assert models.ExportFile.objects.count() == 0

    def test_is_not_given_by_opening_the_address(self, scene: Scene, alice: Client) -> None:
        assert alice.get(EXPORT).status_code == 405
