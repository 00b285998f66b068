"""Intuit's signature, and what must not pass."""

from __future__ import annotations

from typing import Any

import pytest

from integrations.quickbooks import webhooks

BODY = b'[{"specversion":"1.0","intuitentityid":"1234"}]'
TOKEN = "c8b2f7a0-1111-4222-8333-944445555666"
SIGNED = "EPLiYVTvM+JdQP0nkyS1Z2kyi5qeR2OXQE//az4Nacs="
"""Made by openssl: `printf %s BODY | openssl dgst -sha256 -hmac TOKEN -binary | base64`."""

NO_TOKEN = "inz+ggEwhangp6yPo1Ph4UxMASlKJV6TVcyyPIDkcTc="


def passes(**changed: Any) -> bool:
    return webhooks.is_genuine(**{"tokens": [TOKEN], "body": BODY, "given": SIGNED, **changed})


class TestIsGenuine:
    def test_accepts_what_the_token_signed(self) -> None:
        assert passes()

    def test_accepts_either_of_two_tokens(self) -> None:
        assert passes(tokens=["the new one", TOKEN])
        assert not passes(tokens=["the new one"])

    @pytest.mark.parametrize(
        "changed",
        [
            {"tokens": []}, {"tokens": [""], "given": NO_TOKEN}, {"body": BODY + b" "}, {"body": b""}, {"given": ""},
            {"given": SIGNED.lower()},
            {"given": f"{SIGNED}, {SIGNED}"}, {"given": "10f2e26154ef33e25d40fd279324b56769328b9a9e476397404fff6b3e0d69cb"},
            {"given": "ł\ud800"},
        ],
    )
    def test_refuses_everything_else(self, changed: dict[str, Any]) -> None:
        assert not passes(**changed)
