"""HubSpot's signature: the vendor's own vector, one of ours, and everything that must not pass."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from integrations.hubspot import webhooks

SECRET = "yyyyyyyy-yyyy-yyyy-yyyy-yyyyyyyyyyyy"
MOMENT = 1693657560000
SIGNED_AT = datetime.fromtimestamp(MOMENT / 1000, UTC)
VECTOR: dict[str, Any] = {
    "secrets": [SECRET], "method": "POST", "uri": "https://www.example.com/webhook_uri", "body": b"{'example_field':'example_value'}",
    "moment": str(MOMENT), "given": "K36dawei4A+QBNolUOqo7s91KQDWQ5MXZ/QufNYuk/Y=", "now": SIGNED_AT,
}
NO_SECRET = "Hver05K6S9P9hKbVzaHgGE9xJ4N+KSvhB2lyRf8FXSQ="
V1 = "69fc6631a867edd4f9e9e627fc5c1148e3fbdd8b21837b6d2b8901c1fa57f750"
V2 = "4fe4e3a7d3cf09db53be39d0a58130e2aaba074ec123a9e355b876a689a1c383"


def passes(**changed: Any) -> bool:
    return webhooks.is_genuine(**{**VECTOR, **changed})


class TestIsGenuine:
    def test_accepts_hubspots_own_vector(self) -> None:
        assert passes()

    @pytest.mark.parametrize("query", ["src=hs:v3&list=a,b", "src=hs%3Av3&list=a%2Cb", "src=hs%3av3&list=a%2cb"])
    def test_decodes_the_few_signs_of_the_address_that_are_signed_decoded(self, query: str) -> None:
        assert webhooks.is_genuine(
            secrets=["demo-client-secret"], method="POST", uri=f"https://crm.example.test/hooks/hubspot?{query}",
            body='[{"eventId":100,"propertyValue":"Zażółć €"}]'.encode(), moment="1790000000000",
            given="9Ac8GzcKTyRqhoL98efBtGiZ8iQGLIFXXMVXv3xDz5I=", now=datetime.fromtimestamp(1790000000, UTC),
        )

    def test_accepts_either_of_two_secrets(self) -> None:
        assert passes(secrets=["the new one", SECRET])
        assert not passes(secrets=["the new one"])

    @pytest.mark.parametrize(
        "changed",
        [
            {"secrets": []}, {"secrets": [""], "given": NO_SECRET}, {"secrets": ["another app's secret"]}, {"method": "PUT"},
            {"uri": "https://evil.example/webhook_uri"}, {"uri": "https://www.example.com/webhook"},
            {"uri": "https://www.example.com/webhook_uri?a=1"},
            {"body": b"{'example_field':'example_valuE'}"}, {"body": b""},
            {"moment": ""}, {"moment": "yesterday"}, {"moment": "-1693657560000"},
            {"moment": "9" * 400}, {"moment": "١٦٩٣"}, {"moment": str(MOMENT + 1)}, {"given": ""}, {"given": V1}, {"given": V2},
            {"given": VECTOR["given"].lower()}, {"given": f"{VECTOR['given']}, {VECTOR['given']}"}, {"given": VECTOR["given"][:-1]},
            {"given": "łąć\ud800"},
        ],
    )
    def test_refuses_everything_else(self, changed: dict[str, Any]) -> None:
        assert not passes(**changed)

    @pytest.mark.parametrize(("seconds", "good"), [(300, True), (301, False), (-60, True), (-61, False)])
    def test_accepts_five_minutes_back_and_one_ahead(self, seconds: int, good: bool) -> None:
        assert passes(now=SIGNED_AT + timedelta(seconds=seconds)) is good
