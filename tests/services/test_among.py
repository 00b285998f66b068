"""The lookup `among` finds what `in` finds; PostgreSQL is given all keys as one parameter."""

from __future__ import annotations

from collections.abc import Iterable

import pytest
from django.db import connection
from django.db.models import F, Q
from django.db.models.functions import Lower
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from syncapp import models
from syncapp.engine.vocabulary import Environment, System

pytestmark = pytest.mark.django_db
NAMES = ["1", "O'Hara", '"', "\\", "Zoë, {x}", "null", "", "%s"]


@pytest.fixture
def account() -> models.Connection:
    account = models.Connection.objects.create(system=System.HUBSPOT, environment=Environment.LOCAL_SANDBOX, external_id="1", name="Ours")
    for number, name in enumerate(NAMES):
        models.Record.objects.create(
            connection=account, kind="contacts", external_id=f"a{number}", label=name, key1=name, observed_at=timezone.now()
        )
    return account


def _labels(rows: Iterable[models.Record]) -> list[str]:
    return sorted(row.label for row in rows)


@pytest.mark.parametrize("name", NAMES)
def test_finds_a_text_whatever_signs_it_has(account: models.Connection, name: str) -> None:
    assert _labels(models.Record.objects.filter(key1__among=[name, "nobody"])) == [name]


def test_finds_several_numbers(account: models.Connection) -> None:
    wanted = list(models.Record.objects.order_by("pk"))[2:5]

    assert _labels(models.Record.objects.filter(pk__among=[row.pk for row in wanted])) == _labels(wanted)
    assert _labels(models.Record.objects.filter(pk__among={row.pk for row in wanted})) == _labels(wanted)


def test_finds_by_the_key_of_another_row_and_through_it(account: models.Connection) -> None:
    assert models.Record.objects.filter(connection__among=[account.pk]).count() == len(NAMES)
    assert models.Record.objects.filter(connection_id__among=[account.pk + 1]).count() == 0
    assert models.Record.objects.filter(connection__external_id__among=["1", "2"]).count() == len(NAMES)


def test_leaves_out_what_it_is_told_to(account: models.Connection) -> None:
    assert _labels(models.Record.objects.exclude(key1__among=NAMES[:-2])) == sorted(NAMES[-2:])


def test_looks_at_what_is_made_of_a_column(account: models.Connection) -> None:
    rows = models.Record.objects.annotate(small=Lower(F("label")))

    assert _labels(rows.filter(small__among=["o'hara"])) == ["O'Hara"]


def test_is_not_asked_for_nothing(account: models.Connection) -> None:
    with CaptureQueriesContext(connection) as captured:
        assert list(models.Record.objects.filter(pk__among=[])) == []
        assert models.Record.objects.filter(pk__among=set()).update(label="nobody") == 0

    assert len(captured) == 0
    assert models.Record.objects.exclude(pk__among=[]).count() == len(NAMES)
    assert models.Record.objects.filter(Q(pk__among=[]) | Q(key1="1")).count() == 1


@pytest.mark.postgresql
def test_passes_all_keys_as_one(account: models.Connection) -> None:
    _, given = models.Record.objects.filter(pk__among=range(1000)).query.sql_with_params()

    assert len(given) == 1
