"""Objects made of rows the short way are as good as those that Django makes, and rows that are added as those that Django adds."""

from __future__ import annotations

import pytest
from django.db import DataError, IntegrityError, connection, transaction
from django.db.models import signals
from django.test.utils import CaptureQueriesContext

from syncapp import models
from syncapp.engine.vocabulary import RecordState
from syncapp.models.rows import QuicklyRead
from syncapp.services import rows
from tests.services import made

pytestmark = pytest.mark.django_db
QUICK = [one for one in vars(models).values() if isinstance(one, type) and issubclass(one, QuicklyRead)]


@pytest.fixture
def record() -> models.Record:
    return models.Record.objects.create(
        connection=made.hubspot(), kind="contacts", external_id="1", label="Ann Archer", values={"email": "ann@example.com"},
        observed_at=made.NOW,
    )


class TestRowsThatAreSaved:
    def test_have_their_own_values_and_those_of_all(self, record: models.Record) -> None:
        other = models.Record.objects.create(connection=record.connection, kind="contacts", external_id="2", observed_at=made.NOW)

        rows.put(
            models.Record, fields=["label", "values"], rows=[("Ann", {"city": None}, record.pk), ("Bob", {}, other.pk)],
            same={"state": RecordState.GONE},
        )

        kept = models.Record.objects.order_by("pk").values_list("label", "values", "state", "external_id")
        assert list(kept) == [("Ann", {"city": None}, "GONE", "1"), ("Bob", {}, "GONE", "2")]

    def test_may_be_none(self, record: models.Record) -> None:
        with CaptureQueriesContext(connection) as queries:
            rows.put(models.Record, fields=["label"], rows=[])
            rows.save([], fields=["label"])

        assert queries.captured_queries == []


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


class TestAddedRows:
    def _contact(self, account: models.Connection, **given: object) -> models.Record:
        return models.Record(connection_id=account.pk, kind="contacts", observed_at=made.NOW, **given)

    def test_hold_what_they_were_given_whatever_signs_it_has(self) -> None:
        account = made.hubspot()
        texts = ["Ann", "\\N", "a\tb\nc\rd", "\\", '"{}"', "Zoë 🎈", "", "%s %%", "null"]
        given = [
            self._contact(
                account, external_id=str(number), label=text, values={text: [text, None, 1.5, True]},
                remote_created_at=made.NOW if number % 2 else None, revision_number=10**15 + number,
            )
            for number, text in enumerate(texts)
        ]

        rows.add(given)

        names = ["external_id", "label", "values", "past", "remote_created_at", "observed_at", "revision_number", "state", "key1"]
        assert list(models.Record.objects.order_by("pk").values_list(*names)) == [
            tuple(getattr(row, name) for name in names) for row in given
        ]
        assert not any(row._state.adding for row in given)

    def test_that_a_constraint_refuses_raise_djangos_error_and_none_is_kept(self, record: models.Record) -> None:
        with pytest.raises(IntegrityError), transaction.atomic():
            rows.add([self._contact(record.connection, external_id=one) for one in ("2", "1")])

        assert models.Record.objects.count() == 1

    @pytest.mark.postgresql
    def test_that_do_not_fit_raise_djangos_error(self, record: models.Record) -> None:
        with pytest.raises(DataError), transaction.atomic():
            rows.add([self._contact(record.connection, external_id="x" * 1000)])

        assert models.Record.objects.count() == 1
