"""Whatever is logged within a run says which run, which job and which accounts it is about."""

from __future__ import annotations

import logging
from typing import Any

import pytest
from django.db import OperationalError
from django_q import signals

from settings.logging import WithIds
from syncapp import about, gate
from syncapp.services import lane
from tests.runs.company import Company


class Heard(logging.Handler):
    """The ids of each line, as the handler of the settings adds them."""

    def __init__(self) -> None:
        super().__init__()
        self.ids: list[dict[str, Any]] = []
        self.addFilter(WithIds())

    def emit(self, record: logging.LogRecord) -> None:
        self.ids.append(record.ids)  # type: ignore[attr-defined]


class TestLines:
    def test_of_a_run_name_run_job_and_accounts(self, company: Company, monkeypatch: pytest.MonkeyPatch) -> None:
        def away(**_: object) -> None:
            raise OperationalError("gone")

        monkeypatch.setattr(lane, "_worked", away)
        run, heard = company.start(), Heard()
        logging.getLogger("syncapp.services.lane").addHandler(heard)
        task = {"id": "0123456789abcdef", "success": True, "result": None}

        signals.pre_execute.send(sender="django_q", func=len, task=task)
        try:
            with pytest.raises(OperationalError):
                lane.work(run_id=run.pk, ports=company.clock.ports)
        finally:
            logging.getLogger("syncapp.services.lane").removeHandler(heard)
            gate._conceal(task=task)

        assert heard.ids == [{"job": "0123456789abcdef", "run": run.pk, "connections": [company.config.left_id, company.config.right_id]}]
        assert about.ids() == {}
