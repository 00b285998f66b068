"""Two versions work on one database while one takes the other's place: a migration only adds what the older one does not miss.

A migration that cannot do without more says so in `NEEDS_STOP = "why"`, and the changelog has to say "stop everything first".
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterable, Iterator
from typing import Any

import pytest
from django.db import migrations, models
from django.db.models import NOT_PROVIDED
from django.db.models.functions import Now

from syncapp import migrations as ours

FIRST_RELEASE = 24
"""What was there before somebody installed it needs no rule: those tables are made at once."""
TAKES_AWAY = (
    migrations.RemoveField, migrations.DeleteModel, migrations.RenameField, migrations.RenameModel, migrations.AlterModelTable,
)


def modules() -> dict[str, Any]:
    """The migrations that the rule is for."""
    names = [found.name for found in pkgutil.iter_modules(ours.__path__)]
    return {name: importlib.import_module(f"{ours.__name__}.{name}") for name in names if int(name[:4]) > FIRST_RELEASE}


def unkind(operations: Iterable[Any]) -> Iterator[str]:
    """What of a migration an older version, which still works, would stumble over."""
    fresh: set[str] = set()
    for operation in operations:
        if isinstance(operation, migrations.CreateModel):
            fresh.add(operation.name.lower())
        elif isinstance(operation, TAKES_AWAY):
            yield f"{operation.describe()}: the older version still uses it"
        elif isinstance(operation, migrations.AddField) and operation.model_name.lower() not in fresh:
            field = operation.field
            if not field.null and not field.many_to_many and field.db_default is NOT_PROVIDED:
                yield f"{operation.describe()}: the older version does not fill it; allow NULL, or give it a db_default"
        elif isinstance(operation, migrations.SeparateDatabaseAndState):
            yield from unkind(operation.database_operations)


class TestMigrations:
    def test_take_nothing_away_from_a_version_that_still_works(self) -> None:
        found = {
            name: list(unkind(module.Migration.operations)) for name, module in modules().items() if not getattr(module, "NEEDS_STOP", "")
        }

        assert {name: words for name, words in found.items() if words} == {}

    def test_that_need_a_stop_say_why(self) -> None:
        reasons = [module.NEEDS_STOP for module in modules().values() if hasattr(module, "NEEDS_STOP")]

        assert [reason for reason in reasons if len(reason) < len("It renames a column.")] == []


class TestTheRule:
    @pytest.mark.parametrize(
        "operation",
        [
            migrations.RemoveField("pair", "state"), migrations.DeleteModel("pair"), migrations.RenameField("pair", "a", "b"),
            migrations.RenameModel("pair", "couple"), migrations.AlterModelTable("pair", "couple"),
            migrations.AddField("pair", "age", models.IntegerField(default=0)),
            migrations.SeparateDatabaseAndState(database_operations=[migrations.RemoveField("pair", "state")]),
        ],
        ids=lambda operation: type(operation).__name__,
    )
    def test_refuses_what_an_older_version_would_miss(self, operation: Any) -> None:
        assert list(unkind([operation]))

    @pytest.mark.parametrize(
        "operation",
        [
            migrations.AddField("pair", "age", models.IntegerField(null=True)),
            migrations.AddField("pair", "at", models.DateTimeField(db_default=Now())),
            migrations.AddIndex("pair", models.Index(fields=["age"], name="age")),
            migrations.SeparateDatabaseAndState(state_operations=[migrations.RemoveField("pair", "state")]),
        ],
        ids=lambda operation: type(operation).__name__,
    )
    def test_lets_pass_what_only_adds(self, operation: Any) -> None:
        assert list(unkind([operation])) == []

    def test_lets_a_new_table_have_what_it_wants(self) -> None:
        operations = [migrations.CreateModel("thing", fields=[]), migrations.AddField("thing", "age", models.IntegerField(default=0))]

        assert list(unkind(operations)) == []
