"""`manage.py audit` follows the chain and says where it is broken, and removes what is old enough."""

from __future__ import annotations

import io
from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command

from syncapp import models
from syncapp.services import ports
from tests.services.auditing import behind_the_lock, written

pytestmark = pytest.mark.django_db


def audit(*options: str) -> str:
    said = io.StringIO()
    call_command("audit", *options, stdout=said)
    return said.getvalue()


class TestVerify:
    def test_prints_the_end_to_be_kept_elsewhere_and_takes_it_back(self) -> None:
        *_, last = written(1, 2)

        said = audit("--verify")

        end = said.splitlines()[-1]
        assert (said.startswith("The audit is whole:"), end) == (True, f"{last.number}:{last.hash}")
        written(3)
        assert "is whole" in audit("--verify", "--expect", end)

    def test_names_the_first_broken_entry_and_fails(self) -> None:
        first, _ = written(1, 2)
        behind_the_lock("UPDATE syncapp_auditentry SET person = 'mallory' WHERE number = %s", first.number)

        with pytest.raises(CommandError, match=f"Entry {first.number} was changed"):
            audit("--verify")

    @pytest.mark.parametrize("given", ["7", "seven:abc", "7:"])
    def test_refuses_an_end_that_is_none(self, given: str) -> None:
        with pytest.raises(CommandError, match="as --verify printed it"):
            audit("--verify", "--expect", given)


class TestRemove:
    def test_says_what_it_removed(self) -> None:
        behind_the_lock("DELETE FROM syncapp_auditentry")
        models.AuditHead.objects.all().delete()
        written(1, at=ports.REAL.now() - timedelta(days=9 * 366))

        assert audit("--remove") == "Removed entries 1-1; entry 2 tells of it.\n"
        assert audit("--remove") == "Nothing is older than 8 years. Nothing was removed.\n"

    def test_keeps_eight_years_unless_told_otherwise_in_so_many_words(self) -> None:
        with pytest.raises(CommandError, match="8 years at least"):
            audit("--remove", "--years", "3")

        assert "Nothing was removed" in audit("--remove", "--years", "3", "--sooner")
