"""Connections: how they stand, the buttons over real HTTP, and that no token is ever on a page."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from pytest_django.fixtures import Settings

from syncapp import models
from syncapp.engine.vocabulary import ConnectionStatus, Environment
from syncapp.services import credentials, governor
from tests.admin.scene import NOW, Scene
from tests.admin.test_buttons import said
from tests.services import made

KEY = "pat-na1-0123456789-a-service-key"


def page_of(client: Client, connection: models.Connection) -> str:
    return client.get(reverse("admin:syncapp_connection_change", args=[connection.pk])).content.decode()


class TestPage:
    def test_tells_how_the_access_stands(self, scene: Scene, alice: Client) -> None:
        credentials.store_key(connection=scene.left, key=KEY, now=NOW)

        page = page_of(alice, scene.left)

        assert "Connected with a key that does not expire." in page
        assert "Acme portal" in page
        assert "111" in page

    def test_asks_for_a_reconnection_in_words(self, scene: Scene, alice: Client) -> None:
        models.Connection.objects.filter(pk=scene.left.pk).update(status=ConnectionStatus.NEEDS_RECONNECT)

        assert "The vendor ended the access. Connect the account again." in page_of(alice, scene.left)

    def test_shows_the_budget(self, scene: Scene, alice: Client) -> None:
        models.Bucket.objects.create(name=f"{scene.left.pk}:{governor.DAILY}", allowed=900, period=86400, used=250)

        assert "650" in page_of(alice, scene.left)

    @pytest.mark.parametrize("place", ["change", "end", "history"])
    def test_shows_no_token(self, scene: Scene, alice: Client, place: str) -> None:
        credentials.store_key(connection=scene.left, key=KEY, now=NOW)
        sealed = models.Credential.objects.get().access_token

        page = alice.get(reverse(f"admin:syncapp_connection_{place}", args=[scene.left.pk])).content.decode()

        assert KEY not in page
        assert sealed not in page

    def test_offers_an_operator_no_buttons(self, scene: Scene, bob: Client) -> None:
        page = page_of(bob, scene.left)

        assert "Refresh fields</button>" not in page
        assert "Disconnect…" not in page


class TestWebhooks:
    def test_says_where_to_and_that_none_came(self, scene: Scene, bob: Client, settings: Settings) -> None:
        settings.PUBLIC_URL = "https://sync.example.com"

        page = page_of(bob, scene.left)

        assert "https://sync.example.com/webhooks/hubspot" in page
        assert "None came yet. Changes are found by asking, at the interval of each sync." in page

    def test_counts_what_came_and_says_how_late(self, scene: Scene, alice: Client) -> None:
        now = timezone.now()
        models.WebhookTally.objects.create(
            system="HUBSPOT", connection=scene.left, received=1200, events=3400, duplicates=7, unknown=5, last_at=now - timedelta(minutes=3)
        )
        models.WebhookTally.objects.create(system="HUBSPOT", refused=9, unreadable=2, unknown=4)
        models.WebhookDelivery.objects.create(
            system="HUBSPOT", connection=scene.left, digest="a", events=1, state="DONE", received_at=now,
            mentions=[["contacts", "51", now.timestamp() - 4]],
        )

        page = page_of(alice, scene.left)

        assert "3 min ago" in page
        assert "1,200 with 3,400 events, and 7 that had come before" in page
        assert "5 events about what is not synced" in page
        assert "4 s half of the time, 4 s at most in 95 of 100 (1 in the last seven days)" in page
        assert "9 requests without a good signature, 2 deliveries that could not be read" in page
        assert "4 events about accounts that are not connected" in page

    def test_warns_where_they_stopped_coming(self, scene: Scene, alice: Client) -> None:
        last = timezone.now() - timedelta(days=8)
        models.WebhookTally.objects.create(system="HUBSPOT", connection=scene.left, received=1, last_at=last)
        models.Record.objects.filter(connection=scene.left).update(remote_updated_at=last + timedelta(days=3))

        assert "Records changed since then and no webhook told of it" in page_of(alice, scene.left)


class TestConnect:
    def test_offers_the_sandbox_where_one_is_set(self, alice: Client, settings: Settings) -> None:
        settings.LOCAL_SANDBOX_HUBSPOT_URL = "http://127.0.0.1:8801"

        page = alice.get(reverse("admin:syncapp_connection_changelist")).content.decode()

        assert page.count('value="LOCAL_SANDBOX"') == 1

    def test_says_what_has_to_be_set_first(self, alice: Client, settings: Settings) -> None:
        settings.HUBSPOT_CLIENT_ID = ""

        assert "set HUBSPOT_CLIENT_ID" in alice.get(reverse("admin:syncapp_connection_changelist")).content.decode()

    def test_leads_to_the_vendor_and_back(self, vendors: Any, alice: Client) -> None:
        to_vendor = alice.post(reverse("connect-hubspot"), {"environment": Environment.LOCAL_SANDBOX}).headers["Location"]
        answer = alice.get(reverse("connect-hubspot-callback"), vendors.person(to_vendor))

        connection = models.Connection.objects.get()
        assert answer.headers["Location"] == reverse("admin:syncapp_connection_change", args=[connection.pk])
        assert f"{connection.vendor_fields.count()}, read" in page_of(alice, connection)

    def test_the_buttons_work_on_a_connected_account(self, vendors: Any, alice: Client) -> None:
        to_vendor = alice.post(reverse("connect-hubspot"), {"environment": Environment.LOCAL_SANDBOX}).headers["Location"]
        alice.get(reverse("connect-hubspot-callback"), vendors.person(to_vendor))
        connection = models.Connection.objects.get()

        tested = said(alice.post(reverse("admin:syncapp_connection_test", args=[connection.pk])))
        refreshed = said(alice.post(reverse("admin:syncapp_connection_refresh", args=[connection.pk])))
        ended = said(alice.post(reverse("admin:syncapp_connection_disconnect", args=[connection.pk])))

        assert "answers. The account is" in tested
        assert f"has {connection.vendor_fields.count()} fields" in refreshed
        assert "its tokens are wiped" in ended
        assert not models.Credential.objects.exists()

    def test_a_test_that_fails_is_said_as_an_error(self, scene: Scene, alice: Client, settings: Settings) -> None:
        settings.LOCAL_SANDBOX_HUBSPOT_URL = "http://127.0.0.1:9"

        answer = alice.post(reverse("admin:syncapp_connection_test", args=[scene.left.pk]))

        assert "could not be reached" in said(answer)

    def test_a_refresh_without_access_is_said_as_an_error(self, scene: Scene, alice: Client, settings: Settings) -> None:
        settings.LOCAL_SANDBOX_HUBSPOT_URL = "http://127.0.0.1:9"

        answer = alice.post(reverse("admin:syncapp_connection_refresh", args=[scene.left.pk]))

        assert "Connect the account again" in said(answer)


class TestKey:
    def test_is_connected_and_never_shown_again(self, vendors: Any, alice: Client) -> None:
        key = vendors.control("hubspot", "tokens", {"scopes": None, "limits": None})["access_token"]

        answer = alice.post(reverse("admin:syncapp_connection_key"), {"environment": Environment.LOCAL_SANDBOX, "key": key})

        assert answer.headers["Location"] == reverse("admin:syncapp_connection_change", args=[models.Connection.objects.get().pk])
        assert key not in page_of(alice, models.Connection.objects.get())

    def test_that_does_not_work_is_refused_without_writing_it_back(self, vendors: Any, alice: Client) -> None:
        answer = alice.post(reverse("admin:syncapp_connection_key"), {"environment": Environment.LOCAL_SANDBOX, "key": KEY})

        page = answer.content.decode()
        assert 'class="s-errors"' in page
        assert KEY not in page
        assert not models.Connection.objects.exists()

    def test_is_typed_into_a_field_that_hides_it(self, alice: Client) -> None:
        assert 'type="password"' in alice.get(reverse("admin:syncapp_connection_key")).content.decode()


class TestPause:
    def test_and_resume(self, scene: Scene, alice: Client) -> None:
        url = reverse("admin:syncapp_connection_pause", args=[scene.left.pk])

        alice.post(url, {"paused": "yes"})
        assert models.Connection.objects.get(pk=scene.left.pk).paused
        assert "Resume" in page_of(alice, scene.left)

        alice.post(url, {"paused": "no"})
        assert not models.Connection.objects.get(pk=scene.left.pk).paused

    def test_saves_no_other_column(self, scene: Scene, alice: Client) -> None:
        with CaptureQueriesContext(connection) as queries:
            alice.post(reverse("admin:syncapp_connection_pause", args=[scene.left.pk]), {"paused": "yes"})

        saved = [query["sql"] for query in queries if query["sql"].startswith('UPDATE "syncapp_connection"')]
        assert len(saved) == 1
        assert '"status"' not in saved[0]


class TestFirstSteps:
    def test_an_empty_installation_is_a_guide(self, alice: Client) -> None:
        page = alice.get(reverse("admin:index")).content.decode()

        for words in ("Three steps to the first sync", "Connect HubSpot…", "Connect QuickBooks Online…"):
            assert words in page

    def test_offers_to_create_a_sync_once_both_are_connected(self, alice: Client) -> None:
        made.hubspot()
        made.quickbooks()

        assert reverse("admin:syncapp_syncconfig_add") in alice.get(reverse("admin:index")).content.decode()

    def test_the_guide_goes_when_all_is_done(self, scene: Scene, alice: Client) -> None:
        assert "Three steps" not in alice.get(reverse("admin:index")).content.decode()
