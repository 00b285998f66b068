"""What only one of our two databases would honor is not used."""

from __future__ import annotations

import re

from django.conf import settings

from tests.architecture import tree

# SQLite drops these without a word, so what they promise would hold on PostgreSQL only.
ROW_LOCKS = re.compile(r"select_for_update|skip_locked|pg_(try_)?advisory")
# Django opens a transaction around every page with it, and a vendor call would then sit inside one.
HIDDEN_TRANSACTIONS = re.compile(r"ATOMIC_REQUESTS|atomic_requests")


class TestLocks:
    def test_are_guarded_updates_and_unique_constraints_alone(self) -> None:
        assert [tree.place(file) for file in tree.modules() if ROW_LOCKS.search(file.read_text(encoding="utf-8"))] == []

    def test_no_transaction_is_opened_around_a_page(self) -> None:
        assert [tree.place(file) for file in tree.modules() if HIDDEN_TRANSACTIONS.search(file.read_text(encoding="utf-8"))] == []
        assert settings.DATABASES["default"]["ATOMIC_REQUESTS"] is False


class TestQueue:
    def test_hands_a_waiting_job_out_once(self) -> None:
        queue = settings.Q_CLUSTER

        assert queue["retry"] > queue["timeout"] * (1 + queue["queue_limit"] / queue["workers"])

    def test_retries_nothing_by_itself(self) -> None:
        queue = settings.Q_CLUSTER

        assert (queue["max_attempts"], queue["ack_failures"], queue["bulk"], queue["catch_up"]) == (1, True, 1, False)
