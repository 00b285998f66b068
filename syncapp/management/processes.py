"""The programs that make up a running installation, described for the supervisor."""

from __future__ import annotations

import sys
from pathlib import Path

from django.conf import settings

from syncapp import heartbeat, supervisor


def web(*, host: str, port: int) -> supervisor.Child:
    """Return the web server."""
    argv = [sys.executable, "-m", "gunicorn", "settings.wsgi:application", "--config", "python:settings.gunicorn"]
    # gunicorn looks for our settings from where it stands, before it goes anywhere.
    return supervisor.Child(
        name="The web server", argv=[*argv, "--bind", f"{host}:{port}"], env={"PYTHONPATH": str(settings.BASE_DIR)}
    )


def queue() -> supervisor.Child:
    """Return the queue's workers, watched by a heartbeat."""
    directory = Path(settings.VAR_DIR) / "run"
    return supervisor.Child(
        name="The queue",
        argv=[sys.executable, str(Path(settings.BASE_DIR) / "manage.py"), "qcluster"],
        env={heartbeat.DIRECTORY_VARIABLE: str(directory)},
        watchdog=heartbeat.Watchdog(directory=directory, bell=heartbeat.QueueBell(directory=directory)),
        may_start=supervisor.database_answers,
    )


def sandbox(*, hubspot_port: int, quickbooks_port: int, seed: str, state: Path | None) -> supervisor.Child:
    """Return the sandbox that plays both vendors."""
    argv = [sys.executable, str(Path(settings.BASE_DIR) / "manage.py"), "sandbox", "--seed", seed]
    argv += ["--hubspot-port", str(hubspot_port), "--quickbooks-port", str(quickbooks_port)]
    argv += ["--state", str(state)] if state is not None else []
    return supervisor.Child(name="The sandbox", argv=argv)
