"""Somebody with an address, and a mail server that can be down."""

from __future__ import annotations

import smtplib
from collections.abc import Callable
from typing import Any

import pytest

from tests.services.mail.post import Post


@pytest.fixture
def post(db: Any) -> Post:
    return Post()


@pytest.fixture
def down(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """A mail server that takes nothing, until it is said to be back."""

    def refuse(message: Any) -> int:
        raise smtplib.SMTPServerDisconnected("zoe@example.com")

    monkeypatch.setattr("django.core.mail.EmailMessage.send", refuse)
    return monkeypatch.undo
