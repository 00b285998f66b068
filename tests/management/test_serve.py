"""What `manage.py prepare` and `serve` do before anything runs."""

from __future__ import annotations

import io
from collections.abc import Sequence

import pytest
from django.core.management import CommandError, call_command
from django.db.migrations.recorder import MigrationRecorder
from django_q.models import Schedule

from syncapp import queue, supervisor
from syncapp.management.commands import serve

pytestmark = pytest.mark.django_db


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of the parts that would run; none of them does."""
    names: list[str] = []

    def hold(self: serve.Command, parts: Sequence[supervisor.Child], **_: object) -> None:
        names.extend(part.name for part in parts)

    monkeypatch.setattr(supervisor, "database_answers", lambda: True)  # it would leave the connection that holds the test's transaction
    monkeypatch.setattr(serve.Command, "_serve", hold)
    return names


def behind() -> None:
    MigrationRecorder.Migration.objects.filter(app="sessions").delete()


class TestPrepare:
    def test_has_the_schedules_made_and_may_be_repeated(self) -> None:
        said = io.StringIO()

        call_command("prepare", stdout=said)
        call_command("prepare", stdout=said)

        assert set(Schedule.objects.values_list("name", flat=True)) == set(queue.SCHEDULES)
        assert said.getvalue().endswith("The database is up to date.\n")


class TestServe:
    @pytest.mark.parametrize(
        ("options", "parts"),
        [
            ([], ["The web server", "The queue"]), (["--only", "web"], ["The web server"]), (["--only", "queue"], ["The queue"]),
        ],
    )
    def test_runs_the_parts_that_are_wished(self, started: list[str], options: list[str], parts: list[str]) -> None:
        call_command("serve", "--port", "18765", *options, stdout=io.StringIO())

        assert started == parts

    @pytest.mark.parametrize("part", ["web", "queue"])
    def test_leaves_the_database_to_prepare_where_it_runs_one_part(
        self, started: list[str], monkeypatch: pytest.MonkeyPatch, part: str
    ) -> None:
        behind()
        monkeypatch.setattr(serve, "DATABASE_SECONDS", -1)

        with pytest.raises(CommandError, match=r"not brought up to date.*Run `python3 manage.py prepare` on one machine"):
            call_command("serve", "--port", "18765", "--only", part, stdout=io.StringIO())

        assert started == []
