"""`manage.py demo`: two made-up companies kept in step, on this machine, in two minutes."""

from __future__ import annotations

import json
import os
import sys
import time
from pathlib import Path
from secrets import token_urlsafe
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser

from syncapp import models, queue, supervisor
from syncapp.engine import vocabulary
from syncapp.management import demonstration, processes, visitor
from syncapp.services import configs, ports, webhooks

SANDBOX_SECONDS = 30
INDEX_SECONDS = 3
"""The sandbox's search, like HubSpot's, shows a change a moment late; the last run is to see everything."""
_APPS = (
    ("LOCAL_SANDBOX_HUBSPOT_URL", "HUBSPOT_CLIENT_ID", "HUBSPOT_CLIENT_SECRET"),
    ("LOCAL_SANDBOX_QUICKBOOKS_URL", "QUICKBOOKS_CLIENT_ID", "QUICKBOOKS_CLIENT_SECRET"),
)


class Command(BaseCommand):
    """Start the sandbox, connect it, run the first sync, then serve the admin until Ctrl-C."""

    help = "Play the whole thing on this machine: a sandbox of both vendors, connected, previewed, synced, and the admin to look at."

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the one choice."""
        parser.add_argument("--once", action="store_true", help="Leave nothing running; print a JSON summary as the last line.")

    def handle(self, *args: object, **options: Any) -> None:
        """Set up, and serve unless once."""
        self._refuse_taken_ports(with_web=not options["once"])
        self._say("Bringing the demo's database up to date ...")
        call_command("migrate", interactive=False, verbosity=0)
        call_command("createcachetable", verbosity=0)
        queue.ensure_schedule()
        public = urlsplit(settings.PUBLIC_URL)
        serving = [] if options["once"] else [processes.web(host="127.0.0.1", port=public.port or 8000), processes.queue()]
        with supervisor.Supervisor([self._sandbox(), *serving]) as running:
            self._say("Starting the sandbox: a HubSpot portal and a QuickBooks company of a made-up consultancy ...")
            running.start("The sandbox")
            self._wait_for_sandbox()
            self._adopt_apps()
            demonstration.connect(say=self._say)
            previewed = demonstration.first_syncs(say=self._say)
            told = self._once(previewed=previewed) if options["once"] else None
            code = 0
            if told is None:
                self._subscribe()
                for name in demonstration.PAIRS:
                    configs.activate(config=demonstration.config(name=name), actor=demonstration.user(), now=ports.REAL.now(), unseen=True)
                code = running.run(on_start=self._announce)
        self._say("Stopped. Nothing is left running." if told is None else json.dumps(told.as_json()))
        if code:
            sys.exit(code)

    def _refuse_taken_ports(self, *, with_web: bool) -> None:
        """Another program there would be taken for our sandbox."""
        sandbox = (settings.LOCAL_SANDBOX_HUBSPOT_URL, settings.LOCAL_SANDBOX_QUICKBOOKS_URL)
        for url in (*sandbox, settings.PUBLIC_URL) if with_web else sandbox:
            port = urlsplit(url).port or 0
            if port and supervisor.wait_for_port(host="127.0.0.1", port=port, seconds=0.2):
                raise CommandError(f"Port {port} is taken, perhaps by another demo. Stop that program, then start the demo again.")

    def _sandbox(self) -> supervisor.Child:
        return processes.sandbox(
            hubspot_port=urlsplit(settings.LOCAL_SANDBOX_HUBSPOT_URL).port or 8801,
            quickbooks_port=urlsplit(settings.LOCAL_SANDBOX_QUICKBOOKS_URL).port or 8802,
            seed="demo", state=Path(settings.VAR_DIR) / "sandbox.sqlite3",
        )

    def _wait_for_sandbox(self) -> None:
        for name in ("LOCAL_SANDBOX_HUBSPOT_URL", "LOCAL_SANDBOX_QUICKBOOKS_URL"):
            port = urlsplit(getattr(settings, name)).port or 0
            if not supervisor.wait_for_port(host="127.0.0.1", port=port, seconds=SANDBOX_SECONDS):
                raise CommandError(f"The sandbox did not open port {port} within {SANDBOX_SECONDS} seconds; its own words are above.")

    def _adopt_apps(self) -> None:
        """Have the sandbox make the two apps that real vendors' developer pages would, and use them from here on."""
        for url, client_id, client_secret in _APPS:
            if models.Connection.objects.exists() and getattr(settings, client_id):
                continue
            made = visitor.control(base_url=getattr(settings, url), path="tokens", body={"scopes": None, "limits": None})
            for name, value in ((client_id, made["client_id"]), (client_secret, made["client_secret"])):
                setattr(settings, name, value)
                self._remember(name, value)

    def _subscribe(self) -> None:
        """Have the sandbox tell of changes by webhooks, as the real vendors do once somebody set that up on their pages.

        Address and secrets are those of this start: what an earlier one subscribed ends.
        """
        self._remember("QUICKBOOKS_WEBHOOK_TOKEN", token_urlsafe())
        settings.QUICKBOOKS_WEBHOOK_TOKEN = [os.environ["QUICKBOOKS_WEBHOOK_TOKEN"]]
        for system in vocabulary.System:
            url, secret = getattr(settings, f"LOCAL_SANDBOX_{system.value}_URL"), webhooks.secrets(system=system)[0]
            visitor.control(base_url=url, path="webhooks", method="DELETE")
            visitor.control(base_url=url, path="webhooks", body={"url": webhooks.address(system=system), "secret": secret})

    @staticmethod
    def _remember(name: str, value: str) -> None:
        """Set a variable for the processes that are started now, and for the next start."""
        os.environ[name] = value
        with Path(os.environ["SYNCAPP_ENV_FILE"]).open("a", encoding="utf-8") as output:
            output.write(f"{name}={value}\n")

    def _once(self, *, previewed: dict[str, int]) -> demonstration.Summary:
        self._say("Running once more, with nothing changed ...")
        time.sleep(INDEX_SECONDS)
        second = demonstration.run_again()
        return demonstration.summary(previewed=previewed, second_run_writes=second)

    def _announce(self) -> None:
        port = urlsplit(settings.PUBLIC_URL).port or 8000
        supervisor.wait_for_port(host="127.0.0.1", port=port, seconds=30)
        self._say("")
        self._say(f"Ready. Open  {settings.PUBLIC_URL}/  and sign in as  {demonstration.USER}  with  {demonstration.password()}")
        self._say(f"The made-up HubSpot:     {settings.LOCAL_SANDBOX_HUBSPOT_URL}/")
        self._say(f"The made-up QuickBooks:  {settings.LOCAL_SANDBOX_QUICKBOOKS_URL}/")
        self._say("Change a contact there and look at the runs in the admin: within seconds its customer has the change.")
        self._say("Ctrl-C stops everything.")

    def _say(self, words: str) -> None:
        self.stdout.write(words)
        self.stdout.flush()
