"""The audit's chain: entries are added and nothing else, by our classes and by the database, and whatever is done to them shows."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import DatabaseError, transaction
from django.db import connection as database

from syncapp import models
from syncapp.engine.vocabulary import AuditActor, AuditKind
from syncapp.services import audit, audit_check, audit_lock
from tests.services.auditing import behind_the_lock, entry, written
from tests.services.made import NOW

LONG_AGO = NOW - timedelta(days=9 * 366)


def wrong(**more: Any) -> str:
    return " ".join(audit_check.verify(**more).wrong)


def by_sql(sql: str) -> Callable[[], object]:
    def act() -> object:
        with transaction.atomic(), database.cursor() as cursor:
            return cursor.execute(sql)

    return act


@pytest.mark.django_db
class TestTheClasses:
    @pytest.mark.parametrize(
        "act",
        [
            lambda one: one.save(), lambda one: one.delete(), lambda one: models.AuditEntry.objects.update(person="mallory"),
            lambda one: models.AuditEntry.objects.filter(pk=one.pk).delete(),
            lambda one: models.AuditEntry.objects.bulk_update([one], ["person"]),
            lambda one: models.AuditEntry.objects.bulk_create(
                [one], update_conflicts=True, unique_fields=["number"], update_fields=["person"]
            ),
            lambda one: models.AuditEntry.objects.update_or_create(pk=one.pk, defaults={"person": "mallory"}),
            lambda one: models.AuditEntry._base_manager.filter(pk=one.pk).update(person="mallory"),
        ],
    )
    def test_refuse_to_change_or_delete(self, act: Callable[[models.AuditEntry], object]) -> None:
        (made,) = written(1)
        made.person = "mallory"

        with pytest.raises(models.EntryIsFinal):
            act(made)

        assert models.AuditEntry.objects.get(pk=made.pk).person == "alice"


@pytest.mark.django_db
class TestTheDatabase:
    @pytest.mark.parametrize(
        "sql",
        [
            "UPDATE syncapp_auditentry SET person = 'mallory'", "DELETE FROM syncapp_auditentry",
            "UPDATE syncapp_auditentry SET number = number + 1000",
            pytest.param("TRUNCATE syncapp_auditentry", marks=pytest.mark.postgresql),
            pytest.param(
                "INSERT OR REPLACE INTO syncapp_auditentry SELECT * FROM syncapp_auditentry WHERE key = 'asked-1'",
                marks=pytest.mark.sqlite3,
            ),
        ],
    )
    def test_refuses_to_change_or_delete(self, sql: str) -> None:
        written(1, 2)

        with pytest.raises(DatabaseError, match="neither changed nor deleted"):
            by_sql(sql)()

        assert wrong() == ""

    def test_has_a_lock_that_is_put_on_again_where_it_is_missing(self) -> None:
        audit_lock.lift()
        assert "lock is off" in wrong()

        audit_lock.ensure()

        assert wrong() == ""

    @pytest.mark.postgresql
    def test_lets_the_role_of_the_application_add_and_read_alone(self) -> None:
        written(1)
        grants = (
            "CREATE ROLE syncapp_web",
            "GRANT USAGE ON SCHEMA public TO syncapp_web",
            "GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO syncapp_web",
            "GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO syncapp_web",
            "REVOKE UPDATE, DELETE, TRUNCATE ON syncapp_auditentry FROM syncapp_web",
            "REVOKE CREATE ON SCHEMA public FROM PUBLIC",
            "SET LOCAL ROLE syncapp_web",
        )
        for grant in grants:
            by_sql(grant)()
        audit.append([entry(2)])

        for sql in (
            "UPDATE syncapp_auditentry SET person = 'mallory'", "DELETE FROM syncapp_auditentry", "TRUNCATE syncapp_auditentry",
            "DROP TRIGGER audit_no_change ON syncapp_auditentry", "ALTER TABLE syncapp_auditentry DISABLE TRIGGER ALL",
            "DROP TABLE syncapp_auditentry", "CREATE TABLE of_mine (id integer)",
        ):
            with pytest.raises(DatabaseError, match=r"permission denied|must be owner"):
                by_sql(sql)()

        assert wrong() == ""


@pytest.mark.django_db
class TestAppending:
    def test_numbers_entries_without_a_gap_and_continues_from_the_one_before(self) -> None:
        before = audit_check.verify().number

        made = written(1, 2) + written(3)

        assert [one.number - before for one in made] == [1, 2, 3]
        assert made[2].hash == made[2].continued(made[1].hash)
        assert audit_check.verify().number == before + 3

    def test_is_undone_with_the_transaction_that_it_tells_of(self) -> None:
        before = audit_check.verify()

        with pytest.raises(ZeroDivisionError), transaction.atomic():
            written(1)
            raise ZeroDivisionError

        assert audit_check.verify() == before

    def test_of_many_takes_as_many_statements_as_of_one(self, django_assert_num_queries: Any) -> None:
        written(1)

        with django_assert_num_queries(3):
            written(*range(2, 40))

    def test_of_the_same_request_twice_is_refused(self) -> None:
        written(1)

        with pytest.raises(DatabaseError), transaction.atomic():
            written(1)

        assert wrong() == ""


@pytest.mark.django_db(transaction=True)
def test_several_workers_at_once_make_one_chain() -> None:
    before = audit_check.verify().number

    def work(number: int) -> None:
        for at in range(5):
            with transaction.atomic():
                written(100 * number + at)
        database.close()

    workers = [threading.Thread(target=work, args=(number,)) for number in range(4)]
    for one in workers:
        one.start()
    for one in workers:
        one.join()

    found = audit_check.verify()
    assert (found.wrong, found.number - before) == ((), 20)


@pytest.mark.django_db
class TestVerifying:
    def test_names_the_first_entry_that_was_changed(self) -> None:
        _, second, third = written(1, 2, 3)

        behind_the_lock("UPDATE syncapp_auditentry SET changes = %s WHERE number >= %s", '{"phone":["1","9"]}', second.number)

        found = audit_check.verify()
        assert found.wrong == (f"Entry {second.number} was changed: it is not what was written down.",)
        assert found.number == second.number - 1 < third.number

    @pytest.mark.parametrize("column", ["person", "request_id", "note", "subject_id", "actor_kind", "hash"])
    def test_covers_every_column(self, column: str) -> None:
        (made,) = written(1)

        behind_the_lock(f"UPDATE syncapp_auditentry SET {column} = 'x' WHERE number = %s", made.number)

        assert f"Entry {made.number} was changed" in wrong()

    def test_notices_an_entry_that_was_taken_out(self) -> None:
        _, second, _ = written(1, 2, 3)

        behind_the_lock("DELETE FROM syncapp_auditentry WHERE number = %s", second.number)

        assert wrong() == f"Entry {second.number} is missing: it was taken out. The next one there is {second.number + 1}."

    def test_notices_that_the_last_one_was_cut_off(self) -> None:
        *_, last = written(1, 2, 3)

        behind_the_lock("DELETE FROM syncapp_auditentry WHERE number = %s", last.number)

        assert wrong() == (
            f"The chain ends with entry {last.number - 1}, and should end with entry {last.number}: what came after was cut off."
        )

    def test_notices_that_the_first_ones_were_cut_off_with_the_beginning_moved(self) -> None:
        first, second = written(1, 2)

        behind_the_lock("DELETE FROM syncapp_auditentry WHERE number <= %s", first.number)
        models.AuditHead.objects.update(first=second.number, base=first.hash)

        assert "no removal tells of what came before" in wrong()

    def test_against_an_end_kept_elsewhere_notices_a_chain_that_was_made_anew(self) -> None:
        first, last = written(1, 2)
        kept = (last.number, last.hash)
        assert wrong(expect=kept) == ""

        behind_the_lock("DELETE FROM syncapp_auditentry WHERE number >= %s", first.number)
        models.AuditHead.objects.update(number=first.number - 1, hash=models.AuditEntry.objects.get(pk=first.number - 1).hash)
        written(1, 3)

        assert wrong() == ""
        assert "the chain was made anew since" in wrong(expect=kept)

    def test_of_an_end_that_is_not_reached_says_so(self) -> None:
        written(1)

        assert "is not the one that was written down elsewhere" in wrong(expect=(10_000, "0" * 64))


@pytest.mark.django_db
class TestRemoving:
    @pytest.fixture(autouse=True)
    def begun_long_ago(self) -> None:
        """The chain begins here: what was set up with the tables is left out."""
        behind_the_lock("DELETE FROM syncapp_auditentry")
        models.AuditHead.objects.all().delete()

    def test_keeps_eight_years_and_goes_on_from_what_was_removed(self) -> None:
        *_, last_old = written(1, 2, at=LONG_AGO)
        written(3)

        told = audit_check.remove(years=8, now=NOW)

        assert told is not None
        assert list(models.AuditEntry.objects.order_by("number").values_list("subject_id", flat=True)) == ["3", "2"]
        assert (told.kind, told.actor_kind, bool(told.person)) == (AuditKind.AUDIT, AuditActor.SHELL, True)
        assert told.before_and_after == {
            "entries": ["1-2", None], "older than years": [None, 8], "continues from": [None, [2, last_old.hash]],
        }
        assert wrong() == ""
        assert audit_lock.missing() == []

    def test_can_be_done_again_years_later(self) -> None:
        written(1, at=LONG_AGO)
        written(2)
        audit_check.remove(years=8, now=NOW)
        written(3, at=NOW + timedelta(days=3000))

        audit_check.remove(years=8, now=NOW + timedelta(days=8 * 366 + 10))

        assert wrong() == ""
        assert next(one.subject_id for one in models.AuditEntry.objects.order_by("number")) == "3"

    def test_of_less_than_eight_years_needs_the_word(self) -> None:
        written(1, at=NOW - timedelta(days=800))

        with pytest.raises(audit_check.RemovalRefused, match="8 years at least"):
            audit_check.remove(years=2, now=NOW)
        assert models.AuditEntry.objects.count() == 1

        audit_check.remove(years=2, now=NOW, sooner=True)
        assert [one.kind for one in models.AuditEntry.objects.all()] == [AuditKind.AUDIT]

    def test_leaves_everything_where_nothing_is_that_old(self) -> None:
        written(1)

        assert audit_check.remove(years=8, now=NOW) is None
        assert models.AuditEntry.objects.count() == 1

    def test_is_refused_where_the_chain_is_broken(self) -> None:
        first, *_ = written(1, 2, at=LONG_AGO)
        behind_the_lock("UPDATE syncapp_auditentry SET person = 'mallory' WHERE number = %s", first.number)

        with pytest.raises(audit_check.RemovalRefused, match="not whole"):
            audit_check.remove(years=8, now=NOW)
