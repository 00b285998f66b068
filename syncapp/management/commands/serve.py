"""`manage.py serve`: the real thing, web server and queue under one supervisor."""

from __future__ import annotations

import os
import sys
import time
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser

from syncapp import queue, supervisor
from syncapp.management import processes

LOOPBACK = ("127.0.0.1", "localhost")
EVERYWHERE = "0.0.0.0"  # noqa: S104  # nosec B104 - compared with, never bound to
DATABASE_SECONDS = 60


class Command(BaseCommand):
    """Bring the database up to date, then run web server and queue until stopped."""

    help = "Run the web server and the queue on this machine until stopped; brings the database up to date first."

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare where to listen."""
        parser.add_argument("--host", default="127.0.0.1", help="Address to listen on (default: 127.0.0.1, this machine only).")
        parser.add_argument("--port", type=int, default=None, help="Port to listen on (default: PUBLIC_URL's on one machine, else 8000).")

    def handle(self, *args: object, **options: Any) -> None:
        """Prepare and serve; exits with 1 when a part cannot be kept running."""
        public = urlsplit(settings.PUBLIC_URL)
        host, port = options["host"], options["port"] or (public.port if public.hostname in LOOPBACK else None) or 8000
        if public.hostname in LOOPBACK:
            os.environ["PUBLIC_URL"] = f"http://{public.hostname}:{port}"  # for the programs we start
        if supervisor.wait_for_port(host="127.0.0.1", port=port, seconds=0.2):
            raise CommandError(f"Port {port} is taken. Stop the other program or choose another port with --port and PUBLIC_URL.")
        self._wait_for_database()
        self._prepare()
        self._lead_to_first_account()
        with supervisor.Supervisor([processes.web(host=host, port=port), processes.queue()]) as running:
            code = running.run(on_start=lambda: self._announce(host=host, port=port))
        self._say("Stopped.")
        if code:
            sys.exit(code)

    def _wait_for_database(self) -> None:
        until = time.monotonic() + DATABASE_SECONDS
        while not supervisor.database_answers():
            if time.monotonic() > until:
                raise CommandError(f"The database has not answered for {DATABASE_SECONDS} seconds. Check DATABASE_URL and its server.")
            self._say("Waiting for the database ...")
            time.sleep(2)

    def _prepare(self) -> None:
        self._say("Bringing the database up to date ...")
        call_command("migrate", interactive=False, verbosity=0)
        call_command("createcachetable", verbosity=0)
        queue.ensure_schedule()
        if "Manifest" in settings.STORAGES["staticfiles"]["BACKEND"]:
            self._say("Collecting static files ...")
            call_command("collectstatic", interactive=False, verbosity=0)

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
