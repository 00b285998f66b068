"""What every test may use, and which tests run where.

`--only-database` keeps the tests that touch the database, found by their marker or fixtures, for the run on PostgreSQL.
`browser` is a headless Chromium; where there is none, its tests are left out aloud, and fail in CI.
"""

from __future__ import annotations

import gc
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from django.test import TransactionTestCase

if TYPE_CHECKING:
    from playwright.sync_api import Browser

DATABASE_FIXTURES = {
    "db",
    "transactional_db",
    "django_db_reset_sequences",
    "django_db_serialized_rollback",
    "live_server",
    "admin_user",
    "admin_client",
}
CHROMIUM_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
CHROMIUM_PLACES = ("/usr/lib/chromium/chromium", "/snap/bin/chromium", "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome")
NO_CHROMIUM = "no Chromium found: install chromium, or set CHROMIUM_PATH"


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--only-database", action="store_true", help="run only the tests that touch the database")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    left_out = [item for item in items if _of_another_database(item)]
    if config.getoption("--only-database"):
        left_out += [item for item in items if not _touches_database(item)]
    if left_out:
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if item not in set(left_out)]


def pytest_collection_finish() -> None:
    """All that was imported and collected stays until the end: looking through it for garbage again and again costs time and finds none."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)


def _of_another_database(item: pytest.Item) -> bool:
    """Whether it is about what only the other one of our two databases has."""
    from django.conf import settings

    engine = settings.DATABASES["default"]["ENGINE"].rpartition(".")[2]
    return any(item.get_closest_marker(other) is not None for other in {"postgresql", "sqlite3"} - {engine})


def _touches_database(item: pytest.Item) -> bool:
    case = getattr(item, "cls", None)
    return (
        item.get_closest_marker("django_db") is not None
        or bool(DATABASE_FIXTURES & set(getattr(item, "fixturenames", ())))
        or (isinstance(case, type) and issubclass(case, TransactionTestCase))
    )


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: Any) -> None:
    """Keep PostgreSQL from vacuuming the tests' tables.

    Tests take back what they insert, so a vacuum notes that a table holds nothing, and the planner believes that of the next test's
    thousand rows too: it walks them a million times, for up to ten seconds a query.
    """
    from django.db import connection

    if connection.vendor == "postgresql":
        with django_db_blocker.unblock(), connection.cursor() as cursor:
            for table in connection.introspection.table_names(cursor):
                cursor.execute(f'ALTER TABLE "{table}" SET (autovacuum_enabled = off)')


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    left_out = [report for report in terminalreporter.getreports("skipped") if NO_CHROMIUM in str(report.longrepr)]
    if left_out:
        terminalreporter.section(f"{len(left_out)} BROWSER TESTS WERE NOT RUN: {NO_CHROMIUM}", sep="!")


def pytest_unconfigure() -> None:
    """Remove this process's SQLite file and what SQLite keeps beside it."""
    from django.conf import settings

    name = settings.DATABASES["default"]["TEST"]["NAME"]
    if name:
        for file in Path(name).parent.glob(f"{Path(name).stem}*"):
            file.unlink(missing_ok=True)


@pytest.fixture(scope="session")
def chromium_path() -> str:
    """The Chromium on this machine."""
    found = [os.environ.get("CHROMIUM_PATH", ""), *(shutil.which(name) or "" for name in CHROMIUM_NAMES), *CHROMIUM_PLACES]
    path = next((place for place in found if place and Path(place).exists()), None)
    if path is None and os.environ.get("CI") == "true":
        pytest.fail(NO_CHROMIUM)
    if path is None:
        pytest.skip(NO_CHROMIUM)
    return path


@pytest.fixture(scope="module")
def browser(chromium_path: str) -> Iterator[Browser]:
    """A running Chromium; tests open a context of their own in it.

    It ends with its module: while Playwright's event loop runs, Django keeps other connections than before, and a test that
    forks would hand an open one to its children.
    """
    from playwright.sync_api import sync_playwright

    # Playwright keeps an event loop in this thread, and Django then refuses database calls that are in truth not asynchronous.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=chromium_path, args=["--no-sandbox", "--disable-gpu"])
        yield started
        started.close()
    del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


_emptied = TransactionTestCase._fixture_teardown


def _emptied_of_the_audit_too(case: TransactionTestCase) -> None:
    """Such a test empties all tables afterwards, which the audit's lock forbids as it does everything else that takes entries away."""
    from syncapp.services import audit_lock

    audit_lock.lift()
    try:
        _emptied(case)
    finally:
        audit_lock.ensure()


TransactionTestCase._fixture_teardown = _emptied_of_the_audit_too  # type: ignore[method-assign]
