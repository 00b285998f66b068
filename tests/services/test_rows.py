"""Objects made of rows the short way are as good as those that Django makes."""

from __future__ import annotations

import pytest
from django.db import connection
from django.db.models import signals
from django.test.utils import CaptureQueriesContext

from syncapp import models
from syncapp.models.rows import QuicklyRead
from tests.services import made

pytestmark = pytest.mark.django_db
QUICK = [one for one in vars(models).values() if isinstance(one, type) and issubclass(one, QuicklyRead)]


@pytest.fixture
def record() -> models.Record:
    return models.Record.objects.create(
        connection=made.hubspot(), kind="contacts", external_id="1", label="Ann Archer", values={"email": "ann@example.com"},
        observed_at=made.NOW,
    )


class TestAnObjectOfARow:
    def test_holds_what_one_made_by_the_constructor_holds(self, record: models.Record) -> None:
        names = [field.attname for field in models.Record._meta.concrete_fields]
        values = models.Record.objects.values_list(*names).get()

        read, slow = models.Record.objects.get(), models.Record(*values)

        assert read == record
        assert {name: getattr(read, name) for name in names} == {name: getattr(slow, name) for name in names}
        assert vars(read).keys() == vars(slow).keys()
        assert (read._state.adding, read._state.db) == (False, "default")

    def test_is_saved_where_it_was_read(self, record: models.Record) -> None:
        read = models.Record.objects.get()
        read.label = "Ann Baker"

        with CaptureQueriesContext(connection) as queries:
            read.save()

        assert [query["sql"].split()[0] for query in queries.captured_queries] == ["UPDATE"]
        assert models.Record.objects.get().label == "Ann Baker"

    def test_fetches_what_was_not_asked_for_when_it_is(self, record: models.Record) -> None:
        read = models.Record.objects.only("kind").get()

        assert read.get_deferred_fields() >= {"label", "values"}
        assert read.values == {"email": "ann@example.com"}

    def test_has_the_others_that_were_read_with_it(self, record: models.Record) -> None:
        read = models.Record.objects.select_related("connection").get()
        with CaptureQueriesContext(connection) as queries:
            name = read.connection.name

        assert name == "Acme portal"
        assert not queries.captured_queries

    @pytest.mark.parametrize("model", QUICK, ids=lambda model: model.__name__)
    def test_is_of_a_model_that_nobody_listens_to_as_it_is_made(self, model: type[QuicklyRead]) -> None:
        assert not {"__init__", "from_db"} & vars(model).keys()
        assert not signals.pre_init.has_listeners(model)
        assert not signals.post_init.has_listeners(model)
