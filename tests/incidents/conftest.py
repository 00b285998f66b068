"""Two sandboxed accounts and the people of the admin, as the tests of runs and of the admin have them."""

from __future__ import annotations

from tests.admin.conftest import alice, charlie  # noqa: F401 - fixtures
from tests.runs.conftest import company, sandbox, unmetered  # noqa: F401 - fixtures
