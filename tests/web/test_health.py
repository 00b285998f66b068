"""What a load balancer is told."""

from __future__ import annotations

import pytest
from django.db import OperationalError
from django.db.migrations.recorder import MigrationRecorder
from django.test import Client
from django.urls import reverse


class TestLive:
    def test_answers_without_database(self, client: Client) -> None:
        answer = client.get(reverse("health-live"))

        assert (answer.status_code, answer.json()) == (200, {"status": "ok"})

    def test_takes_no_changes(self, client: Client) -> None:
        assert client.post(reverse("health-live")).status_code == 405


@pytest.mark.django_db
class TestReady:
    def test_answers_when_every_migration_is_applied(self, client: Client) -> None:
        answer = client.get(reverse("health-ready"))

        assert (answer.status_code, answer.json()) == (200, {"status": "ok"})

    def test_refuses_while_a_migration_is_pending(self, client: Client) -> None:
        MigrationRecorder.Migration.objects.filter(app="sessions").delete()

        answer = client.get(reverse("health-ready"))

        assert (answer.status_code, answer.json()) == (503, {"status": "migrations pending"})

    def test_refuses_without_the_cache_table(self, client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("syncapp.web.health.CACHE_TABLE", "nobody_made_it")

        answer = client.get(reverse("health-ready"))

        assert (answer.status_code, answer.json()) == (503, {"status": "cache table missing"})

    def test_refuses_while_the_database_is_away(self, client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
        def away(connection: object) -> None:
            raise OperationalError("could not connect to server db-7.internal")

        monkeypatch.setattr("syncapp.web.health.MigrationExecutor", away)

        answer = client.get(reverse("health-ready"))

        assert (answer.status_code, answer.json()) == (503, {"status": "database unreachable"})
