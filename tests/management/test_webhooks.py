"""`manage.py webhooks` prints what an installer copies to the vendors' pages."""

from __future__ import annotations

import io
import json
from typing import Any

import pytest
from django.core.management import call_command

from syncapp import models
from tests.services import made

pytestmark = pytest.mark.django_db


def printed() -> tuple[str, dict[str, Any]]:
    """The words, and the file among them."""
    said = io.StringIO()
    call_command("webhooks", stdout=said)
    words, brace, file = said.getvalue().partition("{")
    return words, json.loads(brace + file)


def subscribed(file: dict[str, Any]) -> set[tuple[str, str]]:
    wanted = file["config"]["subscriptions"]["crmObjects"]
    return {(one["objectType"], one.get("propertyName") or one["subscriptionType"]) for one in wanted}


class TestWebhooks:
    def test_tells_both_addresses_and_which_secret_is_missing(self, settings: Any) -> None:
        settings.PUBLIC_URL, settings.HUBSPOT_CLIENT_SECRET, settings.QUICKBOOKS_WEBHOOK_TOKEN = "https://sync.example.com", "secret", []

        words, file = printed()

        assert "HubSpot sends to https://sync.example.com/webhooks/hubspot\n" in words
        assert "QuickBooks Online sends to https://sync.example.com/webhooks/quickbooks   (no webhook is taken yet" in words
        assert file["config"]["settings"]["targetUrl"] == "https://sync.example.com/webhooks/hubspot"

    def test_asks_for_what_the_syncs_read(self) -> None:
        made.sound()

        found = subscribed(printed()[1])

        assert {
            ("contact", "email"), ("contact", "object.merge"), ("contact", "object.associationChange"), ("company", "name"),
            ("invoice", "hs_invoice_status"), ("invoice", "object.deletion"),
        } <= found
        assert ("contact", "full_name") not in found
        assert not any(kind == "product" for kind, _ in found)

    def test_asks_for_what_the_recommended_syncs_read_while_there_are_none(self) -> None:
        found = subscribed(printed()[1])

        assert not models.SyncConfig.objects.exists()
        assert {("contact", "phone"), ("product", "hs_sku"), ("deal", "object.creation")} <= found
        assert ("product", "object.associationChange") not in found
