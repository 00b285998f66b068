"""The command that writes what a saved view shows into a file."""

from __future__ import annotations

import io
import json
import stat
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command

from syncapp import models
from syncapp.selectors import sheets
from syncapp.services import views
from tests.services import made
from tests.services.desk import Desk, csv_lines


class TestCommand:
    def view(self, desk: Desk, owner: User | None = None) -> models.SavedView:
        return views.save(
            user=owner or desk.user, name="In sync", shared=False, config=desk.scene.config, keys=["left_name", "left:email"],
            query="standing=IN_SYNC",
        )

    def test_writes_what_a_view_shows(self, desk: Desk, tmp_path: Path) -> None:
        self.view(desk)

        call_command("export_records", "In sync", format="json", output=str(tmp_path / "out.json"), stdout=io.StringIO())

        found = json.loads((tmp_path / "out.json").read_text(encoding="utf-8"))
        assert found == [{"HubSpot record": "Ann", "HubSpot: Email": "Ann@example.com"}]

    def test_names_the_views_there_are(self, desk: Desk, tmp_path: Path) -> None:
        self.view(desk)

        with pytest.raises(CommandError, match="There is: In sync"):
            call_command("export_records", "Nonsense", output=str(tmp_path / "out.csv"))

    def test_asks_whose_view_is_meant(self, desk: Desk, tmp_path: Path) -> None:
        self.view(desk)
        self.view(desk, made.alice())

        with pytest.raises(CommandError, match="alice, zoe"):
            call_command("export_records", "In sync", output=str(tmp_path / "out.csv"))
        call_command("export_records", "In sync", owner="zoe", output=str(tmp_path / "out.csv"), stdout=io.StringIO())

        assert (tmp_path / "out.csv").exists()

    def test_overwrites_nothing(self, desk: Desk, tmp_path: Path) -> None:
        self.view(desk)
        (tmp_path / "out.csv").write_text("mine")

        with pytest.raises(CommandError, match="Name another file, or replace it with --force"):
            call_command("export_records", "In sync", output=str(tmp_path / "out.csv"))
        assert (tmp_path / "out.csv").read_text() == "mine"

    def test_overwrites_what_it_is_told_to(self, desk: Desk, tmp_path: Path) -> None:
        self.view(desk)
        (tmp_path / "out.csv").write_text("mine")

        call_command("export_records", "In sync", output=str(tmp_path / "out.csv"), force=True, stdout=io.StringIO())

        assert [line[0] for line in csv_lines(tmp_path / "out.csv")] == ["HubSpot record", "Ann"]

    def test_overwrites_nothing_that_appeared_meanwhile(self, desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.view(desk)
        lines = sheets.lines

        def meanwhile(**given: Any) -> Any:
            (tmp_path / "out.csv").write_text("mine")
            return lines(**given)

        monkeypatch.setattr(sheets, "lines", meanwhile)
        with pytest.raises(CommandError, match="is there already"):
            call_command("export_records", "In sync", output=str(tmp_path / "out.csv"))

        assert self.files(tmp_path) == {"out.csv": "mine"}

    @pytest.mark.parametrize("before", [{}, {"out.csv": "mine"}], ids=["none before", "one before"])
    def test_leaves_no_half_file_where_it_breaks_off(
        self, desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, before: dict[str, str]
    ) -> None:
        self.view(desk)
        for name, text in before.items():
            (tmp_path / name).write_text(text)

        def broken(**given: Any) -> Any:
            raise OSError(28, "No space left on device")

        monkeypatch.setattr(sheets, "lines", broken)
        with pytest.raises(CommandError, match="cannot be written: No space left on device"):
            call_command("export_records", "In sync", output=str(tmp_path / "out.csv"), force=True)

        assert self.files(tmp_path) == before

    def test_tells_how_many_records_there_are(self, desk: Desk, tmp_path: Path) -> None:
        self.view(desk)
        told = io.StringIO()

        call_command("export_records", "In sync", output=str(tmp_path / "out.csv"), stdout=told)

        assert told.getvalue() == f"1 record of “In sync” in {tmp_path / 'out.csv'}.\n"
        assert stat.S_IMODE((tmp_path / "out.csv").stat().st_mode) == 0o600

    def files(self, place: Path) -> dict[str, str]:
        return {path.name: path.read_text(encoding="utf-8") for path in place.iterdir() if path.is_file()}
