"""The database is restored from a backup, of this moment or an old one: nothing is doubled, and nothing overwritten in silence."""

from __future__ import annotations

import contextlib
import os
import sqlite3
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest
from django.db import connection
from psycopg import sql

from syncapp import models
from syncapp.engine.vocabulary import ConflictRule, ConflictStatus, Direction, RunState
from syncapp.management.quality import postgres
from tests.runs.company import Company

pytestmark = pytest.mark.django_db(transaction=True)
RESTORED, KEPT = "restored_from_a_backup", "kept_as_a_backup"
Restore = Callable[[], None]


@pytest.fixture
def backed_up(tmp_path: Path) -> Iterator[Callable[[], Restore]]:
    """Make a backup; what comes back restores it into a new database, on which everything goes on."""
    before = connection.settings_dict["NAME"]
    with contextlib.ExitStack() as over:

        def backup() -> Restore:
            restore = _of_sqlite(tmp_path) if connection.vendor == "sqlite" else _of_postgresql(tmp_path, over)

            def go_on() -> None:
                connection.close()
                connection.settings_dict["NAME"] = restore()

            return go_on

        yield backup
        connection.close()
        connection.settings_dict["NAME"] = before


def _of_sqlite(folder: Path) -> Callable[[], str]:
    """As the guide says: by SQLite's own backup, not by copying the file."""
    connection.ensure_connection()
    file, new = folder / "backup.sqlite3", folder / "new.sqlite3"
    with contextlib.closing(sqlite3.connect(file)) as copy:
        connection.connection.backup(copy)

    def restore() -> str:
        file.rename(new)
        return str(new)

    return restore


def _of_postgresql(folder: Path, over: contextlib.ExitStack) -> Callable[[], str]:
    """By pg_dump and pg_restore of the server's version; where there are none, by the server's own copy of a database."""
    programs, dump, name = _programs(), folder / "backup.dump", str(connection.settings_dict["NAME"])
    for made in (RESTORED, KEPT):
        _administer(f"DROP DATABASE IF EXISTS {made} WITH (FORCE)")
        over.callback(_administer, f"DROP DATABASE IF EXISTS {made} WITH (FORCE)")
    if programs is None:
        connection.close()
        _administer(f'CREATE DATABASE {KEPT} TEMPLATE "{name}"')
        return lambda: KEPT
    given = connection.get_connection_params()
    address = {"PGHOST": str(given.get("host") or ""), "PGUSER": str(given.get("user") or ""), "PGPORT": str(given.get("port") or "")}
    env = {**os.environ, **{key: value for key, value in address.items() if value}, "PGPASSWORD": str(given.get("password") or "")}
    subprocess.run([programs / "pg_dump", "-Fc", "-f", str(dump), name], env=env, check=True)

    def restore() -> str:
        _administer(f"CREATE DATABASE {RESTORED}")
        subprocess.run([programs / "pg_restore", "--no-owner", "--exit-on-error", "-d", RESTORED, str(dump)], env=env, check=True)
        return RESTORED

    return restore


def _administer(statement: str) -> None:
    given = {**connection.get_connection_params(), "dbname": "postgres"}
    wanted = {name: given[name] for name in ("host", "user", "password", "port", "dbname") if given.get(name)}
    with psycopg.connect(**wanted, autocommit=True) as server:
        server.execute(sql.SQL(statement))  # type: ignore[arg-type]


def _programs() -> Path | None:
    """The directory of a pg_dump of the server's version, None where there is none on this machine."""
    for folder in filter(None, (postgres._system_binaries(), postgres._packaged_binaries())):
        said = subprocess.run([folder / "pg_dump", "--version"], capture_output=True, text=True, check=False).stdout
        if said and int(said.split()[2].partition(".")[0]) == connection.pg_version // 10_000:
            return folder
    return None


def first_sync(company: Company) -> tuple[str, str]:
    """Three contacts that QuickBooks gets, both ways; two of them by their ids."""
    company.set(direction=Direction.BOTH, conflict_winner=ConflictRule.ASK)
    ann = company.contact(email="ann@example.com", firstname="Ann", lastname="Archer")
    bea = company.contact(email="bea@example.com", firstname="Bea", lastname="Baker")
    company.contact(email="cal@example.com", firstname="Cal", lastname="Carter")
    company.settle()
    assert len(company.customers()) == 3
    return ann, bea


def given_name(company: Company, email: str) -> str:
    return next(
        str(one["GivenName"]) for one in company.customers().values() if one.get("PrimaryEmailAddr", {}).get("Address") == email
    )


class TestABackup:
    def test_of_this_moment_is_restored_into_a_new_database_and_nothing_is_written(
        self, company: Company, backed_up: Callable[[], Restore]
    ) -> None:
        first_sync(company)
        go_on = backed_up()
        before = company.hubspot.written(), company.quickbooks.written()

        go_on()
        states = [company.run(), company.run()]

        assert [run.state for run in states] == [RunState.SUCCEEDED] * 2
        assert (company.hubspot.written(), company.quickbooks.written()) == before
        assert models.RecordPair.objects.count() == 3


class TestAnOldBackup:
    def test_makes_no_twin_of_what_was_created_since(self, company: Company, backed_up: Callable[[], Restore]) -> None:
        first_sync(company)
        go_on = backed_up()
        company.contact(email="dan@example.com", firstname="Dan", lastname="Draper")
        company.customer(DisplayName="Eve Eden", GivenName="Eve", FamilyName="Eden", email="eve@example.com")
        company.settle()
        emails = company.emails()
        assert emails[0] == emails[1]
        assert len(emails[0]) == 5
        before = company.hubspot.written(), company.quickbooks.written()

        go_on()
        company.settle()

        assert company.emails() == emails
        assert (company.hubspot.written(), company.quickbooks.written()) == before
        assert models.RecordPair.objects.count() == 5

    def test_takes_what_both_sides_agree_on_by_now(self, company: Company, backed_up: Callable[[], Restore]) -> None:
        ann, _ = first_sync(company)
        go_on = backed_up()
        company.hubspot.change("contacts", ann, firstname="Anna")
        company.settle()
        assert given_name(company, "ann@example.com") == "Anna"
        before = company.hubspot.written(), company.quickbooks.written()

        go_on()
        company.settle()

        assert (company.hubspot.written(), company.quickbooks.written()) == before
        assert company.contacts()[ann]["firstname"] == given_name(company, "ann@example.com") == "Anna"
        assert not models.Conflict.objects.exists()

    def test_asks_where_the_sides_differ_and_overwrites_neither(self, company: Company, backed_up: Callable[[], Restore]) -> None:
        ann, _ = first_sync(company)
        go_on = backed_up()
        company.hubspot.change("contacts", ann, firstname="Anna")
        company.settle()
        customer = next(key for key, one in company.customers().items() if one.get("GivenName") == "Anna")
        company.quickbooks.change("Customer", customer, GivenName="Annie")  # typed after the last run, so no run saw it

        go_on()
        company.settle()

        (conflict,) = models.Conflict.objects.filter(status=ConflictStatus.OPEN)
        assert {str(conflict.left), str(conflict.right)} == {"Anna", "Annie"}
        assert (company.contacts()[ann]["firstname"], given_name(company, "ann@example.com")) == ("Anna", "Annie")

    def test_lists_both_values_where_the_settings_decide(self, company: Company, backed_up: Callable[[], Restore]) -> None:
        ann, _ = first_sync(company)
        company.set(conflict_winner=ConflictRule.LEFT)
        go_on = backed_up()
        company.hubspot.change("contacts", ann, firstname="Anna")
        company.settle()
        customer = next(key for key, one in company.customers().items() if one.get("GivenName") == "Anna")
        company.quickbooks.change("Customer", customer, GivenName="Annie")

        go_on()
        company.settle()

        (conflict,) = models.Conflict.objects.filter(status=ConflictStatus.BY_RULE)
        assert {str(conflict.left), str(conflict.right)} == {"Anna", "Annie"}
        assert company.contacts()[ann]["firstname"] == given_name(company, "ann@example.com") == "Anna"
