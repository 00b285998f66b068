"""One refresh at a time, with two real processes and a vendor that kills the old refresh token at once."""

from __future__ import annotations

import multiprocessing
from datetime import UTC, datetime, timedelta
from multiprocessing.connection import Connection as Pipe
from multiprocessing.synchronize import Barrier

import pytest
from django.db import connection as database
from pytest_django.fixtures import Settings

from syncapp import models
from syncapp.engine.vocabulary import ConnectionStatus
from tests.services.conftest import QUICKBOOKS, Vendors
from tests.services.test_credentials import connected, opened, tokens_of


def race(connection_id: int, start: Barrier, said: Pipe) -> None:
    """In a process of its own: get a token as soon as the other process is ready too."""
    try:
        start.wait(timeout=20)
        said.send(tokens_of(models.Connection.objects.get(pk=connection_id)).token())
    except Exception as error:  # noqa: BLE001 - whatever it is, the test shall see it
        said.send(error)
    finally:
        database.close()


@pytest.mark.django_db(transaction=True)
class TestTwoProcesses:
    @pytest.mark.parametrize("round_number", range(4))
    def test_one_of_two_processes_refreshes_an_expired_token(self, round_number: int, vendors: Vendors, settings: Settings) -> None:
        vendors.control(QUICKBOOKS, "switch", {"rotate_always": True})
        row = connected(QUICKBOOKS, vendors, settings, now=datetime.now(UTC) - timedelta(days=1))
        apart = multiprocessing.get_context("fork")
        start = apart.Barrier(2)
        ends = [apart.Pipe(duplex=False) for _ in range(2)]
        database.close()
        crowd = [apart.Process(target=race, args=(row.pk, start, sender)) for _, sender in ends]

        for process in crowd:
            process.start()
        answers = [receiver.recv() if receiver.poll(60) else None for receiver, _ in ends]
        for process in crowd:
            process.join(timeout=20)

        assert answers == [opened(row)[0]] * 2
        assert vendors.token_calls(QUICKBOOKS) == 1
        row.refresh_from_db()
        assert row.status == ConnectionStatus.CONNECTED
