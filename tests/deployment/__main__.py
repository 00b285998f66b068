"""The production set-up, run end to end on this machine:

    python -m tests.deployment --json

TLS with a certificate of its own (nginx with docs/deploy/nginx.conf where there is one), gunicorn and a worker as services of their own,
PostgreSQL, and the sandbox for both vendors. Owns the course: prepare, sign in, connect, sync, take webhooks, examine, stop, judge. It
ends with 1 where something was not as it should be.
"""

from __future__ import annotations

import argparse
import base64
import contextlib
import hashlib
import hmac
import json
import os
import random
import secrets
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from tests.deployment import stage, tls
from tests.simulation import live_judge, live_stage

PASSWORD = "a long enough pass phrase"
WAIT_SECONDS = 90
APPS = {
    system: {
        "client_id": f"trial-{system}", "client_secret": secrets.token_urlsafe(24), "name": "Trial",
        "redirect_uris": [f"{stage.PUBLIC_URL}/connect/{system}/callback"],
    }
    for system in ("hubspot", "quickbooks")
}
"""As the vendors' developer pages would have them, with addresses that go over HTTPS."""


class Trial:
    """The steps, each with what came of it."""

    def __init__(self, folder: Path, running: contextlib.ExitStack) -> None:
        self.failures: list[str] = []
        self.steps = 0
        self._folder, self._running = folder, running

    def check(self, words: str, holds: object) -> None:
        """Note whether something is as it should be."""
        self.steps += 1
        sys.stdout.write(f"{'fine' if holds else 'FAILED':7} {words}\n")
        sys.stdout.flush()
        if not holds:
            self.failures.append(words)

    def play(self) -> None:
        """Run it from the empty machine to the judgement."""
        database = live_stage.Postgres(self._folder)
        self._running.callback(database.stop)
        sandbox = live_stage.Sandbox(self._folder, hubspot_app=APPS["hubspot"], intuit_app=APPS["quickbooks"])
        self._running.callback(sandbox.stop)
        self._environment(database.url, sandbox)
        checked = stage.manage(self._env, "check", "--deploy", "--fail-level", "WARNING")
        self.check("check --deploy has nothing to say", checked.returncode == 0)
        prepared = stage.manage(self._env, "prepare")
        self.check("prepare brings the database up to date", prepared.returncode == 0)
        desk = self._companies(sandbox)
        self._start()
        self._look_from_outside()
        self._sign_in_and_connect(sandbox)
        self._sync(desk)
        self._take_webhooks()
        self._examine()
        self._stop_in_order()
        self._judge(desk)

    def _environment(self, url: str, sandbox: live_stage.Sandbox) -> None:
        """Give this process and all parts the settings of production."""
        own = {f"{system.upper()}_{name.upper()}": app[name] for system, app in APPS.items() for name in ("client_id", "client_secret")}
        self._env = stage.environment(
            self._folder, database_url=url, DEPLOYMENT_HUBSPOT_URL=sandbox.hubspot, DEPLOYMENT_QUICKBOOKS_URL=sandbox.quickbooks,
            QUICKBOOKS_WEBHOOK_TOKEN=secrets.token_urlsafe(24), **own,
        )
        for name in [name for name in os.environ if name.startswith(("LOCAL_SANDBOX_", "TEST_DATABASE"))]:
            del os.environ[name]
        os.environ.update(self._env)

    def _companies(self, sandbox: live_stage.Sandbox) -> Any:
        """Two companies with a sync each, as an operator would have set them up."""
        import django

        django.setup()
        from tests.simulation import live_desk

        desk = live_desk.Desk(sandbox=sandbox)
        self.check("two companies are connected, and their first runs are over", desk.at_rest())
        return desk

    def _start(self) -> None:
        self._port, tls_port = stage.free_port(), stage.free_port()
        facts: dict[str, Any] = {"folder": self._folder, "environment": self._env}
        self._web = stage.Part("web", arguments=["--only", "web", "--port", str(self._port)], **facts)
        self._worker = stage.Part("worker", arguments=["--only", "queue"], **facts)
        self._running.callback(self._web.stop)
        self._running.callback(self._worker.stop)
        proxy, certificate = tls.terminated(folder=self._folder, port=tls_port, web_port=self._port)
        self._running.callback(proxy.stop)
        self._web.wait_for("Ready.")
        self._worker.wait_for("The queue works.")
        self._browser = stage.Browser(port=tls_port, certificate=certificate)
        self.check(f"web and worker are up, behind {proxy.words}", self._browser.get("/health/live").status_code == 200)

    def _look_from_outside(self) -> None:
        browser = self._browser
        self.check("it is ready", browser.get("/health/ready").json() == {"status": "ok"})
        self.check("a stranger is led to the sign-in page", browser.get("/").headers.get("Location", "").startswith("/login/"))
        self.check("another name is refused", browser.get("/", Host="evil.example").status_code in (400, 404, 421))
        page = browser.get(stage.LOGIN)
        self.check("browsers are told to stay with HTTPS", "max-age=31536000" in page.headers.get("Strict-Transport-Security", ""))
        self.check("browsers are told what to refuse", "default-src 'self'" in page.headers.get("Content-Security-Policy", ""))
        style = page.text.partition('href="/static/')[2].partition('"')[0]
        answer = browser.get(f"/static/{style}")
        self.check("static files are served, to be kept", answer.status_code == 200 and "immutable" in answer.headers["Cache-Control"])
        self.check("figures are refused without the token", browser.get("/metrics").status_code == 403)

    def _sign_in_and_connect(self, sandbox: live_stage.Sandbox) -> None:
        from tests.simulation.live_desk import _allowed

        self.check("a person signs in", self._browser.sign_in("live", PASSWORD))
        self.check("the cookies go over HTTPS alone", set(self._browser.cookies.values()) == {True})
        for system, account in (("hubspot", live_stage.PORTALS[0]), ("quickbooks", live_stage.REALMS[0])):
            begun = self._browser.post(f"/connect/{system}/start", page="/password_change/", environment="LOCAL_SANDBOX")
            params = _allowed(begun.headers["Location"], account)
            query = "&".join(f"{name}={value}" for name, value in params.items())
            back = self._browser.get(f"/connect/{system}/callback?{query}")
            page = self._browser.get(back.headers.get("Location", "/nowhere"))
            self.check(f"{system} is connected through its consent page", back.status_code == 302 and "is connected." in page.text)

    def _sync(self, desk: Any) -> None:
        from syncapp import models

        chance = random.Random(1)
        for _ in range(12):
            desk.edit(chance)
        config = models.SyncConfig.objects.order_by("pk")[0]
        before = models.SyncRun.objects.filter(config=config).count()
        pressed = self._browser.post(f"/syncapp/syncconfig/{config.pk}/run/", page=f"/syncapp/syncconfig/{config.pk}/change/")
        self.check("Run now is pressed", pressed.status_code == 302)
        over = self._until(lambda: models.SyncRun.objects.filter(config=config).count() > before and desk.at_rest() is True)
        self.check("the worker has run it", over)
        run = models.SyncRun.objects.filter(config=config).order_by("-pk")[0]
        page = self._browser.get(f"/syncapp/syncrun/{run.pk}/change/")
        self.check("its page tells so", page.status_code == 200 and run.state in ("SUCCEEDED", "PARTIAL"))
        figures = self._browser.get("/metrics", Authorization=f"Bearer {self._env['METRICS_TOKEN']}").text
        told = f'syncapp_sync_lag_seconds{{sync="{config.pk}"}}', "syncapp_queue_clusters 1.0"
        self.check("the figures tell of it", all(one in figures for one in told))

    def _take_webhooks(self) -> None:
        body = b'[{"eventId":1,"portalId":1,"subscriptionType":"object.propertyChange","objectTypeId":"0-1","objectId":5,"occurredAt":1}]'
        moment = str(round(time.time() * 1000))
        said = b"POST" + f"{stage.PUBLIC_URL}/webhooks/hubspot".encode() + body + moment.encode()
        signed = base64.b64encode(hmac.new(self._env["HUBSPOT_CLIENT_SECRET"].encode(), said, hashlib.sha256).digest()).decode()
        token = self._env["QUICKBOOKS_WEBHOOK_TOKEN"].encode()
        intuit = base64.b64encode(hmac.new(token, body, hashlib.sha256).digest()).decode()
        headers = {"X-HubSpot-Signature-v3": signed, "X-HubSpot-Request-Timestamp": moment}
        send = self._browser.send
        self.check("a webhook that HubSpot signed is taken through the proxy", send("/webhooks/hubspot", body, **headers) == 200)
        self.check("a webhook that Intuit signed is taken", send("/webhooks/quickbooks", body, **{"intuit-signature": intuit}) == 200)
        self.check("a forged one is refused", send("/webhooks/hubspot", body + b" ", **headers) == 401)

    def _examine(self) -> None:
        said = stage.manage(self._env, "doctor", "--json").stdout.splitlines()
        broken = [line for line in said if json.loads(line)["state"] == "broken"]
        self.check(f"the doctor finds nothing broken {broken or ''}".strip(), len(said) > 12 and not broken)

    def _stop_in_order(self) -> None:
        slow = stage.SlowRequest(self._port)
        time.sleep(1)
        self._web.ask_to_stop()
        time.sleep(2)
        self.check("a web server that is to stop answers the request that is under way", slow.finish() == "HTTP/1.1 401 Unauthorized")
        self.check("a web server that is to stop ends well", self._web.stop() == 0)
        began = time.monotonic()
        code = self._worker.stop()
        self.check(f"the worker ends well ({time.monotonic() - began:.0f} seconds)", code == 0 and time.monotonic() - began < 20)

    def _judge(self, desk: Any) -> None:
        logs = [part.log.read_text(encoding="utf-8") for part in (self._web, self._worker)]
        lines = [json.loads(line) for log in logs for line in log.splitlines()]
        self.check("every line of the log is one JSON object", lines and all("message" in line for line in lines))
        keys = (self._env["SECRET_KEY"], self._env["CREDENTIAL_KEYS"].partition(":")[2], self._env["METRICS_TOKEN"])
        found = desk.settle(said="".join(logs), canaries=keys)
        breaches = live_judge.breaches(found)
        self.check(f"no promise was broken {breaches or ''}".strip(), not breaches)

    def _until(self, holds: Callable[[], object], *, seconds: float = WAIT_SECONDS) -> bool:
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            if holds():
                return True
            time.sleep(0.25)
        return False


@contextlib.contextmanager
def _folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="syncapp-deployment-", ignore_cleanup_errors=True) as name:
        yield Path(name)


def main() -> int:
    """Run it, and tell what came of it."""
    parser = argparse.ArgumentParser(description="Run the production set-up end to end on this machine, with TLS, PostgreSQL and a worker.")
    parser.add_argument("--json", action="store_true", help="Print the figures as one line of JSON, last.")
    chosen = parser.parse_args()
    with _folder() as folder, contextlib.ExitStack() as running:
        trial = Trial(folder, running)
        trial.play()
    sys.stdout.write(f"{trial.steps} steps, {len(trial.failures)} failed\n")
    if chosen.json:
        sys.stdout.write(f"{json.dumps({'steps': trial.steps, 'failed': trial.failures})}\n")
    return 1 if trial.failures else 0


if __name__ == "__main__":
    sys.exit(main())
