"""The vendors' webhooks in a simulated world: what happens to them on their way, and what our door answers.

Owns the carrying of deliveries from the sandbox to the door, without a socket, and the judgement of each answer (P25 to P27).
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from unittest import mock
from urllib.parse import urlsplit

from django.test import RequestFactory, override_settings

from integrations.sandbox import outbox, postman
from syncapp import models, queue
from syncapp.engine.vocabulary import System
from syncapp.services import floods, webhooks
from syncapp.web import webhooks as door
from tests.simulation import people
from tests.simulation.stage import Simulated

URL = "http://127.0.0.1:18800"
SECRETS = {people.LEFT: "5f0c1d2e-1111-4222-8333-944445555666", people.RIGHT: "c8b2f7a0-1111-4222-8333-944445555666"}
LATE = 3600.0


class Hooks:
    """The webhooks of both vendors to one company, in one mode. Forged: before each true one comes one that was altered on its way."""

    def __init__(self, *, company: Simulated, mode: str, fired: Counter[str], wrong: list[str]) -> None:
        self.company, self.mode, self.fired, self.wrong = company, mode, fired, wrong

    def subscribe(self) -> None:
        """From now on both vendors tell what happens."""
        for system, secret in SECRETS.items() if self.mode else ():
            mode = "normal" if self.mode == "forged" else self.mode
            asked = {"url": f"{URL}/webhooks/{system}", "mode": mode, "delay_seconds": LATE, "secret": secret}
            self.company.accounts[system].control("webhooks", asked)

    def carry(self) -> None:
        """Bring what is due to our door, and take in what it kept."""
        if not self.mode:
            return
        for account in self.company.accounts.values():
            told = account.server.flush()
            self.fired["hooks_drop"] += told["dropped"] > 0
        webhooks.work(now=self.company.clock.now())

    def handed(self, letter: outbox.Letter) -> bool:
        """Our door's answer to one delivery: whether it was acknowledged."""
        if self.mode == "forged":
            self._forge(letter)
        self.fired[f"hooks_{self.mode}"] += 1
        status = self._answer(letter, letter.body)
        if status != 200 and not self.company.clock.skew:
            self.wrong.append(f"P26: a true webhook of {self._system(letter)} was answered by {status}")
        return status == 200

    def _forge(self, letter: outbox.Letter) -> None:
        before = self._kept()
        status = self._answer(letter, letter.body.replace(b":", b": ", 1))
        if status not in (401, 429) or self._kept() != before:
            self.wrong.append(f"P27: a forged webhook of {self._system(letter)} was answered by {status}, or left something")

    def _answer(self, letter: outbox.Letter, body: bytes) -> int:
        request = RequestFactory().generic("POST", urlsplit(letter.url).path, body, "application/json", headers=letter.headers)
        status = int(door.take(request, System[self._system(letter).upper()]).status_code)
        if people.CANARY.search(json.dumps(list(models.WebhookDelivery.objects.order_by("-pk").values_list("mentions", flat=True)[:1]))):
            self.wrong.append("P25: something that a webhook told was kept")
        return status

    def _kept(self) -> tuple[int, int]:
        return models.WebhookDelivery.objects.count(), models.Hint.objects.count()

    def _system(self, letter: outbox.Letter) -> str:
        return letter.url.rpartition("/")[2]


@contextmanager
def carried(hooks: Hooks) -> Iterator[None]:
    """Within this, what the sandbox sends reaches our door."""
    settings = {
        "PUBLIC_URL": URL, "HUBSPOT_WEBHOOK_SECRET": [SECRETS[people.LEFT]], "QUICKBOOKS_WEBHOOK_TOKEN": [SECRETS[people.RIGHT]],
    }
    with (
        override_settings(**settings),
        mock.patch.object(postman, "delivered", hooks.handed),
        mock.patch.object(floods, "FLOODS", type(floods.FLOODS)()),
        mock.patch.object(queue, "enqueue_webhooks"),
    ):
        yield
