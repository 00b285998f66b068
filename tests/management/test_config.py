"""The command for the settings of a sync as a file: what scripts get from it."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from syncapp import models
from syncapp.services import settings_files
from tests.services import made
from tests.services.dressed import accounts, dressed

pytestmark = pytest.mark.django_db


def told(*arguments: str) -> tuple[int, str]:
    """The exit code, and what was printed."""
    out = io.StringIO()
    try:
        call_command("config", *arguments, stdout=out)
    except SystemExit as ended:
        return int(ended.code or 0), out.getvalue()
    except CommandError as trouble:
        return trouble.returncode, f"{out.getvalue()}{trouble}"
    return 0, out.getvalue()


@pytest.fixture
def sides() -> made.TwoSides:
    return dressed()


@pytest.fixture
def file(sides: made.TwoSides, tmp_path: Path) -> Path:
    path = tmp_path / "settings.json"
    path.write_text(settings_files.text(config=sides.config), encoding="utf-8")
    return path


def edited(file: Path, old: str, new: str) -> Path:
    file.write_text(file.read_text(encoding="utf-8").replace(old, new), encoding="utf-8")
    return file


class TestExport:
    def test_prints_the_settings_or_writes_them_into_a_file(self, sides: made.TwoSides, tmp_path: Path) -> None:
        path = tmp_path / "out.json"

        assert told("export", "Dressed") == (0, settings_files.text(config=sides.config))
        assert told("export", "Dressed", "--output", str(path)) == (0, "")
        assert path.read_text(encoding="utf-8") == settings_files.text(config=sides.config)

    def test_names_the_syncs_there_are(self, sides: made.TwoSides) -> None:
        assert told("export", "Nothing") == (2, "There is no sync called 'Nothing'. There is: Dressed.")

    def test_says_where_it_cannot_write(self, sides: made.TwoSides, tmp_path: Path) -> None:
        code, words = told("export", "Dressed", "--output", str(tmp_path / "no" / "out.json"))

        assert (code, "No such file" in words) == (2, True)


class TestDiff:
    def test_ends_with_nothing_where_nothing_differs(self, file: Path) -> None:
        assert told("diff", "Dressed", str(file)) == (0, "Nothing differs.\n")

    def test_ends_with_one_where_something_differs(self, file: Path) -> None:
        edited(file, '"brake_creates": 7', '"brake_creates": 8')

        assert told("diff", "Dressed", str(file)) == (1, "Brake: records created: 7 → 8\n")

    def test_ends_with_two_where_the_file_is_none(self, file: Path) -> None:
        code, words = told("diff", "Dressed", str(edited(file, '"syncapp_settings": 1', '"syncapp_settings": 9')))

        assert (code, words.startswith("The file is of version 9")) == (2, True)


class TestImport:
    def test_without_being_told_to_says_what_it_would_change(self, sides: made.TwoSides, file: Path) -> None:
        edited(file, '"brake_creates": 7', '"brake_creates": 8')

        code, words = told("import", str(file), "--left", "Acme portal", "--right", "9130")

        assert (code, words) == (1, "Brake: records created: 7 → 8\n“Dressed”: 1 would change.\n")
        sides.config.refresh_from_db()
        assert sides.config.brake_creates == 7

    def test_changes_the_sync_when_told_to(self, sides: made.TwoSides, file: Path) -> None:
        edited(file, '"brake_creates": 7', '"brake_creates": 8')

        code, words = told("import", str(file), "--left", "111", "--right", "Acme books", "--apply")

        assert (code, words) == (0, "Brake: records created: 7 → 8\n“Dressed”: 1 changed.\n")
        assert settings_files.text(config=models.SyncConfig.objects.get()) == file.read_text(encoding="utf-8")
        again = told("import", str(file), "--left", "111", "--right", "9130")
        assert again == (0, "All settings are so already.\n“Dressed”: 0 would change.\n")

    def test_of_a_file_that_does_not_fit_changes_nothing(self, sides: made.TwoSides, file: Path) -> None:
        edited(file, '"firstname"', '"nickname"')

        code, words = told("import", str(file), "--left", "111", "--right", "9130", "--apply")

        assert code == 2
        assert "HubSpot has no field “nickname” here." in words
        assert "“Dressed” was not changed: the file does not fit." in words

    def test_sets_up_a_sync_where_there_is_none(self, file: Path) -> None:
        there = accounts("7")
        there.config.delete()
        where = ("--left", "1117", "--right", "91307", "--name", "There")

        look = told("import", str(file), *where)
        known = models.SyncConfig.objects.filter(name="There").exists()
        done = told("import", str(file), *where, "--apply")

        ends = "between HubSpot: Acme portal and QuickBooks Online: Acme books, switched off, with 5 field mappings.\n"
        assert (look, known) == ((1, f"“There” would be set up {ends}"), False)
        assert done == (0, f"“There” is set up {ends}")
        assert not models.SyncConfig.objects.get(name="There").active

    def test_says_of_what_there_is_no_account(self, sides: made.TwoSides, file: Path) -> None:
        assert told("import", str(file), "--left", "x", "--right", "9130") == (
            2, "HubSpot has no account called 'x'. There is: Acme portal (111)."
        )
        made.quickbooks("9999")
        code, words = told("import", str(file), "--left", "111", "--right", "Acme books")
        assert (code, words.startswith("QuickBooks Online has several accounts called 'Acme books'.")) == (2, True)
