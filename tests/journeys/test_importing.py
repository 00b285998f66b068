"""Importing a file in a browser: choose it, see what is wrong, choose a better one, carry it out."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

from syncapp import models
from tests.admin.scene import Scene
from tests.services import made
from tests.services.uploads import csv_file, workbook

if TYPE_CHECKING:
    from tests.journeys.conftest import Person

IDS = ("hubspot id", "quickbooks id")


def choose(page: Any, file: Path) -> None:
    page.set_input_files("input[type=file]", str(file))
    page.get_by_role("button", name="Show what would come of it").click()


class TestLinks:
    def test_are_mended_previewed_and_carried_out(self, alice: Person, scene: Scene, tmp_path: Path) -> None:
        customer = models.Record.objects.create(
            connection=scene.right, kind="customer", external_id="8001", label="Cal Ltd", observed_at=made.NOW
        )
        models.RecordPair.objects.create(config=scene.config, right=customer)
        assert scene.excluded.left is not None
        left = scene.excluded.left.external_id
        wrong, good = tmp_path / "links.csv", tmp_path / "links.xlsx"
        wrong.write_bytes(csv_file(IDS, (left, "8001"), ("404", "8001"), delimiter=";"))
        good.write_bytes(workbook(IDS, (int(left), 8001)))

        page = alice.open(f"/syncapp/syncconfig/{scene.config.pk}/change/#runs")
        page.get_by_role("link", name="Manual links").click()
        choose(page, wrong)
        assert page.get_by_text("QuickBooks record “8001” stands on line 2 already.").is_visible()
        assert page.get_by_role("button", name="Carry out").count() == 0
        page.get_by_role("link", name="Choose another file").click()
        choose(page, good)
        assert page.get_by_text(f"Link “Cal” ({left}) with “Cal Ltd” (8001).").is_visible()
        page.get_by_role("button", name="Carry out").click()

        page.wait_for_url(re.compile("/change/"))
        assert page.get_by_text("Manual links imported from “links.xlsx”: 1 of 1 lines changed something").is_visible()
        assert models.RecordPair.objects.get(left=scene.excluded.left).right == customer
        assert alice.complaints == []
