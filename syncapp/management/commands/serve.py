"""`manage.py serve`: the real thing, web server and queue under one supervisor, or one of them where several machines share the work."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser

from syncapp import supervisor
from syncapp.management import preparation, processes

LOOPBACK = ("127.0.0.1", "localhost")
EVERYWHERE = "0.0.0.0"  # noqa: S104  # nosec B104 - compared with, never bound to
DATABASE_SECONDS = 60


class Command(BaseCommand):
    """Bring the database up to date, then run web server and queue until stopped. One part alone waits until `prepare` has done that."""

    help = "Run the web server and the queue on this machine until stopped; brings the database up to date first."

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare where to listen."""
        parser.add_argument("--host", default="127.0.0.1", help="Address to listen on (default: 127.0.0.1, this machine only).")
        parser.add_argument(
            "--only", choices=["web", "queue"], help="Run one part alone, and wait until `manage.py prepare` has prepared the database."
        )
        parser.add_argument("--port", type=int, default=None, help="Port to listen on (default: PUBLIC_URL's on one machine, else 8000).")

    def handle(self, *args: object, **options: Any) -> None:
        """Prepare and serve; exits with 1 when a part cannot be kept running."""
        public = urlsplit(settings.PUBLIC_URL)
        host, port = options["host"], options["port"] or (public.port if public.hostname in LOOPBACK else None) or 8000
        only = options["only"]
        if public.hostname in LOOPBACK:
            os.environ["PUBLIC_URL"] = f"http://{public.hostname}:{port}"  # for the programs we start
        if only != "queue" and supervisor.wait_for_port(host="127.0.0.1", port=port, seconds=0.2):
            raise CommandError(f"Port {port} is taken. Stop the other program or choose another port with --port and PUBLIC_URL.")
        self._wait_for(supervisor.database_answers, "The database has not answered", "Check DATABASE_URL and its server.")
        if only:
            remedy = "Run `python3 manage.py prepare` on one machine."
            self._wait_for(preparation.is_done, "The database was not brought up to date", remedy)
        else:
            preparation.prepare(tell=self._say)
        if only != "queue":
            preparation.collect_static_files(tell=self._say)
        self._lead_to_first_account()
        self._serve([part for name, part in self._parts(host, port).items() if only in (None, name)], host=host, port=port)

    def _parts(self, host: str, port: int) -> dict[str, supervisor.Child]:
        return {"web": processes.web(host=host, port=port), "queue": processes.queue()}

    def _serve(self, parts: list[supervisor.Child], *, host: str, port: int) -> None:
        has_web = len(parts) > 1 or parts[0].watchdog is None
        with supervisor.Supervisor(parts) as running:
            code = running.run(on_start=lambda: self._announce(host=host, port=port) if has_web else self._say("The queue works."))
        self._say("Stopped.")
        if code:
            sys.exit(code)

    def _wait_for(self, is_so: Callable[[], bool], words: str, remedy: str) -> None:
        until = time.monotonic() + DATABASE_SECONDS
        while not is_so():
            if time.monotonic() > until:
                raise CommandError(f"{words} for {DATABASE_SECONDS} seconds. {remedy}")
            self._say("Waiting for the database ...")
            time.sleep(2)

    def _lead_to_first_account(self) -> None:
        if get_user_model().objects.filter(is_superuser=True, is_active=True).exists():
            return
        self._say("Nobody can sign in yet. Make the first account:")
        if sys.stdin.isatty():
            call_command("createsuperuser")
        else:
            self._say("  python3 manage.py createsuperuser    (in another terminal, at any time)")

    def _announce(self, *, host: str, port: int) -> None:
        if not supervisor.wait_for_port(host="127.0.0.1" if host in (EVERYWHERE, *LOOPBACK) else host, port=port, seconds=30):
            self._say("The web server is slow to start; its own words follow.")
        address = os.environ.get("PUBLIC_URL") or settings.PUBLIC_URL
        self._say(f"Ready. Open {address}/ and sign in; the first page leads to connecting HubSpot and QuickBooks.")
        self._say("Ctrl-C stops everything.")

    def _say(self, words: str) -> None:
        self.stdout.write(words)
        self.stdout.flush()
