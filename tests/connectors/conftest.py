"""A HubSpot account in the sandbox, and a server that says what a test wrote down."""

from __future__ import annotations

from tests.integrations.conftest import scripted
from tests.integrations.hubspot.conftest import make_client, running_sandbox, sandbox

__all__ = ["make_client", "running_sandbox", "sandbox", "scripted"]
