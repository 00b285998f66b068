"""How `manage.py test` adds up, and the server it starts."""

from __future__ import annotations

from pathlib import Path

import psycopg
import pytest

from syncapp.management.quality import checks, postgres
from syncapp.management.quality.tally import Tally, from_report

REPORT = '<testsuites><testsuite name="pytest" tests="10" failures="2" errors="1" skipped="3"/></testsuites>'


class TestTally:
    def test_adds_up_several_runs(self) -> None:
        assert str(Tally(5, 0, 1) + Tally(3, 2, 0)) == "8 passed, 2 failed, 1 skipped"

    def test_is_read_from_a_report(self, tmp_path: Path) -> None:
        report = tmp_path / "report.xml"
        report.write_text(REPORT, encoding="utf-8")

        assert from_report(report, exit_code=1, may_be_empty=False) == Tally(passed=4, failed=3, skipped=3)

    @pytest.mark.parametrize(("exit_code", "may_be_empty", "failed"), [(3, False, 1), (5, False, 1), (5, True, 0), (0, False, 0)])
    def test_counts_a_run_that_ended_badly_as_a_failure(self, tmp_path: Path, exit_code: int, may_be_empty: bool, failed: int) -> None:
        assert from_report(tmp_path / "missing.xml", exit_code=exit_code, may_be_empty=may_be_empty).failed == failed


class TestChecks:
    def test_make_new_secrets_each_time(self) -> None:
        first, second = (checks.every(root=Path("/"))[-1].env for _ in range(2))

        assert first["SECRET_KEY"] != second["SECRET_KEY"]


class TestPostgres:
    def test_is_the_server_that_is_named(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("TEST_DATABASE_URL", "postgres://someone@somewhere/tests")

        with postgres.server() as server:
            assert server is not None
            assert server.url == "postgres://someone@somewhere/tests"

    def test_is_none_where_there_are_no_programs(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.delenv("TEST_DATABASE_URL", raising=False)
        monkeypatch.setattr(postgres, "_system_binaries", lambda: None)
        monkeypatch.setattr(postgres, "_packaged_binaries", lambda: None)

        with postgres.server() as server:
            assert server is None

    def test_from_the_package_index_runs_and_leaves_nothing(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.delenv("TEST_DATABASE_URL", raising=False)
        monkeypatch.setattr(postgres, "_system_binaries", lambda: None)

        with postgres.server() as server:
            assert server is not None
            folder = Path(server.url.removeprefix("postgres://postgres@/").removesuffix("/postgres"))
            with psycopg.connect(host=str(folder), user="postgres", dbname="postgres") as connection:
                answer = connection.execute("select 1 + 1").fetchone()

        assert answer == (2,)
        assert not folder.exists()
