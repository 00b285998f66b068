"""What the tests of commands share with those of the services."""

from __future__ import annotations

from tests.services.conftest import desk  # noqa: F401 - a fixture
