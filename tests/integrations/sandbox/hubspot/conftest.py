"""A HubSpot face in this process."""

from __future__ import annotations

import pytest

from tests.integrations.sandbox.hubspot.calling import Caller, Play, play


@pytest.fixture
def hubspot() -> Play:
    return play()


@pytest.fixture
def api(hubspot: Play) -> Caller:
    return hubspot.caller()
