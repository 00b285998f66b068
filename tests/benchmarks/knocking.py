"""What runs inside a measured process that is knocked at: forged and true webhooks, and wrong passwords.

Owns the requests, which go through the whole application without a network. Measures each kind by itself.
"""

from __future__ import annotations

import base64
import gc
import hashlib
import hmac
import json
import statistics
import threading
import time
from collections.abc import Callable
from typing import Any

PATH, TOKEN = "/webhooks/quickbooks", "the-verifier-token-of-this-benchmark"
FLOODER, SHARED = "8.8.4.4", "10.0.0.1"
"""An address that is shut out, and one that many may share, which never is."""

_own = threading.local()


def knock(*, forged: int, true: int, attempts: int, flood: int) -> dict[str, Any]:
    """Send so many forged webhooks, so many true ones while `flood` forged ones a second come, and so many wrong passwords."""
    from django.conf import settings
    from django.contrib.auth.models import User
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    call_command("createcachetable", verbosity=0)
    settings.QUICKBOOKS_WEBHOOK_TOKEN, settings.ALLOWED_HOSTS = [TOKEN], ["testserver"]
    User.objects.create_user("owner", password="a long enough pass phrase", is_staff=True)
    return {
        "shut_out_ms": 1000 * _processor(lambda: _sent(b"[]", "forged", FLOODER), times=forged),
        "looked_at_ms": 1000 * _processor(lambda: _sent(b"[]", "forged", SHARED), times=forged),
        "true_ms": [1000 * wall for wall in _walls(_true, times=true)],
        "true_meanwhile_ms": [1000 * wall for wall in _flooded(flood, lambda: _walls(_true, times=true))],
        **_sign_ins(attempts),
    }


def _client() -> Any:
    """One for each thread, as a web server has: making one reads the set-up anew."""
    from django.test import Client

    if not hasattr(_own, "client"):
        _own.client = Client()
    return _own.client


def _sent(body: bytes, signature: str, address: str) -> int:
    headers = {"intuit-signature": signature}
    return int(_client().post(PATH, body, "application/json", headers=headers, REMOTE_ADDR=address).status_code)


def _true() -> None:
    event = {"specversion": "1.0", "id": str(time.perf_counter_ns()), "type": "qbo.customer.updated.v1", "intuitentityid": "1",
             "intuitaccountid": "1", "time": "2026-09-10T21:31:25Z"}
    body = json.dumps([event]).encode()
    signature = base64.b64encode(hmac.new(TOKEN.encode(), body, hashlib.sha256).digest()).decode()
    if _sent(body, signature, SHARED) != 200:
        raise RuntimeError("A true webhook was not taken.")


def _sign_ins(attempts: int) -> dict[str, float]:
    def wrong(name: str) -> None:
        _is(_client().post("/login/", {"username": name, "password": "wrong"}, REMOTE_ADDR=FLOODER).status_code, (200, 429))

    names = iter(f"nobody {number}" for number in range(attempts + 1))
    checked = statistics.median(_walls(lambda: wrong(next(names)), times=attempts))
    for _ in range(5):
        wrong("owner")
    refused = statistics.median(_walls(lambda: wrong("owner"), times=attempts))
    return {"checked_ms": 1000 * checked, "refused_ms": 1000 * refused}


def _is(status: int, expected: tuple[int, ...]) -> None:
    if status not in expected:
        raise RuntimeError(f"The answer was {status}.")


def _processor(act: Callable[[], object], *, times: int) -> float:
    """The processor time of one, on average, after some that are not counted, and after the rubbish of setting everything up is gone."""
    for _ in range(40):
        act()
    gc.collect()
    before = time.process_time()
    for _ in range(times):
        act()
    return (time.process_time() - before) / times


def _walls(act: Callable[[], object], *, times: int) -> list[float]:
    found = []
    for _ in range(times):
        before = time.perf_counter()
        act()
        found.append(time.perf_counter() - before)
    return found


def _flooded(rate: int, act: Callable[[], list[float]]) -> list[float]:
    """Do something while so many forged webhooks a second come in."""
    over = threading.Event()

    def flood() -> None:
        begun, sent = time.perf_counter(), 0
        while not over.is_set():
            _sent(b"[]", "forged", FLOODER)
            sent += 1
            over.wait(max(0.0, begun + sent / rate - time.perf_counter()))

    thread = threading.Thread(target=flood, daemon=True)
    thread.start()
    try:
        return act()
    finally:
        over.set()
        thread.join()
