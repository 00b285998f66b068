"""SQLite finds what a run asks for by what it asks, and walks through nothing that there is much of; PostgreSQL counts what grows."""

from __future__ import annotations

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from syncapp.services import counting
from tests.runs.company import Company

MANY = re.compile(r"(SCAN|SEARCH) (syncapp_(?:operation|record|recordlink|recordpair))\b")
ALL_OF_ONE = re.compile(r"\((?:config_id|connection_id|run_id)=\?(?: AND (?:id|rowid)>\?)?\)$")
"""Every index on what there may be many of begins with such a key: an index of which no more is used is walked through."""
OF_FEW = ("INDEX pair_dirty ", "INDEX pair_retried ")
TAKES_ALL = ("COUNT(", '"syncapp_operation"."status" = \'PLANNED\'', 'NOT ("syncapp_recordpair"."rules_revision" =')
"""What is asked once a run and counts or takes all, and what is asked when all pairs stand under older rules."""


def plan(statement: str) -> list[str]:
    """The steps in which SQLite carries a statement out."""
    with connection.cursor() as cursor:
        cursor.execute("EXPLAIN QUERY PLAN " + statement.replace("%", "%%"))
        return [str(row[3]) for row in cursor.fetchall()]


def walked(statement: str) -> list[str]:
    """The steps of a statement's plan that walk through all that an account, a sync or a run has."""
    many = [step for step in plan(statement) if MANY.match(step) and not any(name in step for name in OF_FEW)]
    return [step for step in many if step.startswith("SCAN") or ALL_OF_ONE.search(step)]


@pytest.mark.sqlite3
def test_take_an_index_to_the_end(company: Company) -> None:
    for number in range(3):
        contact = company.contact(firstname=f"P{number}", lastname="Archer", email=f"p{number}@example.com")
        company.hubspot.associate("contacts", contact, "companies", company.hubspot.create("companies", name=f"Firm {number}"))
        customer = company.customer(DisplayName=f"Q{number}", PrimaryEmailAddr={"Address": f"q{number}@example.com"})
        company.customer(DisplayName=f"R{number}", PrimaryEmailAddr={"Address": f"p{number}@example.com"})
    with CaptureQueriesContext(connection) as captured:
        company.run()
        company.hubspot.change("contacts", contact, lastname="Bowman")
        company.quickbooks.change("customer", customer, DisplayName="Somebody else")
        company.run()

    asked = {query["sql"] for query in captured if query["sql"].startswith(("SELECT", "UPDATE", "DELETE"))}
    found = {sql: steps for sql in asked if not any(words in sql for words in TAKES_ALL) and (steps := walked(sql))}

    assert any('"syncapp_operation"."status" = \'READY\'' in sql for sql in asked)
    assert found == {}


@pytest.mark.postgresql
def test_are_made_for_tables_as_large_as_a_run_has_made_them(company: Company, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(counting, "FEW", 2)
    for number in range(2):
        company.contact(firstname=f"P{number}", lastname="Archer", email=f"p{number}@example.com")
    with CaptureQueriesContext(connection) as captured:
        company.run()

    counted = [query["sql"] for query in captured if query["sql"].startswith("ANALYZE")]
    assert ["syncapp_record\"" in sql for sql in counted] == [True, False, False]
    assert ["syncapp_operation\"" in sql for sql in counted] == [False, True, True]
