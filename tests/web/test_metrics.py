"""What Prometheus reads, and who else does not."""

from __future__ import annotations

import re
from datetime import timedelta
from ipaddress import ip_network
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from django_q.models import OrmQ
from prometheus_client.parser import text_string_to_metric_families

from syncapp import models
from syncapp.engine.vocabulary import ObjectPair, PairState, RecordState, RunKind, RunState, RunTrigger, System
from tests.services import made

pytestmark = pytest.mark.django_db

TOKEN = "a-token-for-the-figures"
READER = {"Authorization": f"Bearer {TOKEN}"}


def sync(number: int) -> models.SyncConfig:
    """A sync with a pair that is in step, one that fails, and a run that came through an hour ago."""
    left, right = made.hubspot(f"6606606{number}", name="Nobody's portal"), made.quickbooks(f"9109109{number}", name="Nobody's books")
    config = models.SyncConfig.objects.create(name=f"Secret sync {number}", left=left, right=right, object_pair=ObjectPair.CONTACT_CUSTOMER)
    for state in (PairState.LINKED, PairState.FAILED):
        record = models.Record.objects.create(
            connection=left, kind="contacts", external_id=state.value, values={"email": "canary@example.com"}, state=RecordState.LIVE,
            observed_at=made.NOW,
        )
        models.RecordPair.objects.create(config=config, left=record, state=state)
    models.SyncRun.objects.create(
        config=config, kind=RunKind.DELTA, trigger=RunTrigger.HAND, state=RunState.SUCCEEDED,
        finished_at=timezone.now() - timedelta(hours=1),
    )
    models.SyncRun.objects.create(config=config, kind=RunKind.DELTA, trigger=RunTrigger.HAND, state=RunState.BRAKED)
    models.Bucket.objects.create(name=f"{right.pk}:month", allowed=1000, period=2_678_400, used=250, used_since=timezone.now().timestamp())
    models.Bucket.objects.create(
        name=f"{left.pk}:burst", allowed=100, period=10, blocked_until=timezone.now().timestamp() + 500
    )
    models.WebhookTally.objects.create(system=System.HUBSPOT, connection=left, received=7, duplicates=2)
    return config


def read(client: Client) -> dict[tuple[str, tuple[str, ...]], float]:
    """The figures by name and values of the labels, in the order of their names."""
    answer = client.get("/metrics", headers=READER)
    assert answer.status_code == 200
    families = text_string_to_metric_families(answer.content.decode())
    return {(one.name, tuple(value for _, value in sorted(one.labels.items()))): one.value for family in families for one in family.samples}


@pytest.fixture
def token(settings: Any) -> None:
    settings.METRICS_TOKEN = TOKEN


class TestDoor:
    def test_is_not_there_where_nobody_may_read(self, client: Client) -> None:
        assert client.get("/metrics", headers=READER).status_code == 404

    @pytest.mark.usefixtures("token")
    @pytest.mark.parametrize("given", ["", "Bearer", "Bearer ", "Bearer other", f"Basic {TOKEN}", f"Bearer {TOKEN}x", TOKEN, "Bearer ąę"])
    def test_refuses_who_has_not_the_token(self, client: Client, given: str) -> None:
        answer = client.get("/metrics", HTTP_AUTHORIZATION=given)

        assert (answer.status_code, answer.content) == (403, b"")

    @pytest.mark.usefixtures("token")
    def test_refuses_even_an_administrator_without_the_token(self, client: Client) -> None:
        client.force_login(made.alice())

        assert client.get("/metrics").status_code == 403

    @pytest.mark.parametrize(("caller", "status"), [("10.1.2.3", 200), ("11.1.2.3", 403), ("::1", 403), ("nonsense", 403)])
    def test_is_open_to_the_networks_that_are_named(self, client: Client, settings: Any, caller: str, status: int) -> None:
        settings.METRICS_NETWORKS = [ip_network("10.0.0.0/8")]

        assert client.get("/metrics", REMOTE_ADDR=caller).status_code == status

    def test_does_not_believe_a_caller_who_names_an_address(self, client: Client, settings: Any) -> None:
        settings.METRICS_NETWORKS = [ip_network("10.0.0.0/8")]

        assert client.get("/metrics", REMOTE_ADDR="11.1.2.3", HTTP_X_FORWARDED_FOR="10.1.2.3").status_code == 403

    @pytest.mark.parametrize(("caller", "headers", "status"), [("10.1.2.3", READER, 200), ("10.1.2.3", {}, 403), ("11.1.2.3", READER, 403)])
    def test_wants_both_where_both_are_set(
        self, client: Client, settings: Any, caller: str, headers: dict[str, str], status: int
    ) -> None:
        settings.METRICS_TOKEN, settings.METRICS_NETWORKS = TOKEN, [ip_network("10.0.0.0/8")]

        assert client.get("/metrics", REMOTE_ADDR=caller, headers=headers).status_code == status

    @pytest.mark.usefixtures("token")
    def test_takes_no_changes(self, client: Client) -> None:
        assert client.post("/metrics", headers=READER).status_code == 405


@pytest.mark.usefixtures("token")
class TestFigures:
    def test_tell_how_everything_stands(self, client: Client) -> None:
        config = sync(1)
        key, left, right = str(config.pk), str(config.left_id), str(config.right_id)

        found = read(client)

        assert found["syncapp_pairs", ("FAILED", key)] == found["syncapp_pairs", ("LINKED", key)] == 1
        assert found["syncapp_runs_day", ("SUCCEEDED",)] == 1
        assert 3600 <= found["syncapp_sync_lag_seconds", (key,)] < 3900
        assert found["syncapp_sync_braked", (key,)] == 1
        assert found["syncapp_sync_active", (key,)] == 0
        assert found["syncapp_connection_up", (left, "HUBSPOT")] == 1
        assert (found["syncapp_budget_used", (right, "month")], found["syncapp_budget_allowed", (right, "month")]) == (250, 1000)
        assert 0 < found["syncapp_budget_resting_seconds", (left, "burst")] <= 500
        assert found["syncapp_webhooks_total", (left, "received", "HUBSPOT")] == 7
        assert found["syncapp_queue_jobs", ()] == found["syncapp_queue_clusters", ()] == 0
        assert ("syncapp_queue_heartbeat_age_seconds", ()) not in found

    def test_tell_how_long_a_job_waits(self, client: Client) -> None:

        OrmQ.objects.create(key="sync", payload="x", lock=timezone.now() - timedelta(minutes=10))

        found = read(client)

        assert found["syncapp_queue_jobs", ()] == 1
        assert 600 <= found["syncapp_queue_oldest_seconds", ()] < 900

    def test_hold_no_name_and_no_value(self, client: Client) -> None:
        sync(1)

        text = client.get("/metrics", headers=READER).content.decode()

        assert "syncapp_pairs" in text
        assert not re.search(r"secret|nobody|canary|@|6606606|9109109", text, flags=re.IGNORECASE)

    def test_cost_the_same_queries_however_much_there_is(self, client: Client) -> None:
        sync(1)
        with CaptureQueriesContext(connection) as few:
            read(client)
        sync(2)
        sync(3)

        with CaptureQueriesContext(connection) as many:
            read(client)

        assert len(many) == len(few) <= 14
