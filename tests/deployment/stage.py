"""An installation as it runs in production, on this machine: its environment, its parts as processes of their own, and a person's browser.

Owns their start and end. Knows nothing of what the parts do.
"""

from __future__ import annotations

import base64
import contextlib
import os
import re
import secrets
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path

import requests

from tests.architecture import tree
from tests.deployment import tls

START_SECONDS = 90
STOP_SECONDS = 40
LOGIN = "/login/?next=/"
PUBLIC_URL = f"https://{tls.NAME}"


def environment(folder: Path, *, database_url: str, **more: str) -> dict[str, str]:
    """What the production set-up wants to know, and nothing that this process happens to have set."""
    return {
        "PATH": os.environ["PATH"], "HOME": str(folder), "SYNCAPP_ENV_FILE": "", "SYNCAPP_NO_BOOTSTRAP": "1",
        "DJANGO_SETTINGS_MODULE": "tests.deployment.settings", "VAR_DIR": str(folder / "var"), "PUBLIC_URL": PUBLIC_URL,
        "ALLOWED_HOSTS": tls.NAME, "TRUST_PROXY_HEADERS": "true", "DATABASE_URL": database_url, "LOG_FORMAT": "json",
        "SECRET_KEY": secrets.token_urlsafe(50), "METRICS_TOKEN": secrets.token_urlsafe(30),
        "CREDENTIAL_KEYS": f"k1:{base64.b64encode(secrets.token_bytes(32)).decode()}", **more,
    }


def manage(environment: Mapping[str, str], *command: str) -> subprocess.CompletedProcess[str]:
    """Run a command of the installation to its end."""
    words = [sys.executable, "manage.py", *command]
    return subprocess.run(words, cwd=tree.ROOT, env=dict(environment), capture_output=True, text=True, check=False)


class Part:
    """One part of the installation, such as a service manager would keep it."""

    def __init__(self, name: str, *, folder: Path, environment: Mapping[str, str], arguments: list[str]) -> None:
        self.out, self.log = folder / f"{name}.out", folder / f"{name}.log"
        self._environment, self._arguments = dict(environment), arguments
        self.process = self._begun()

    def _begun(self) -> subprocess.Popen[bytes]:
        self._asked = False
        with self.out.open("ab") as out, self.log.open("ab") as log:
            words = [sys.executable, "manage.py", "serve", *self._arguments]
            return subprocess.Popen(words, cwd=tree.ROOT, env=self._environment, stdout=out, stderr=log, start_new_session=True)

    def wait_for(self, words: str) -> None:
        """Wait until it has said so."""
        until = time.monotonic() + START_SECONDS
        while words not in self.out.read_text(encoding="utf-8"):
            if self.process.poll() is not None or time.monotonic() > until:
                raise RuntimeError(f"It did not start: {self.said()}")
            time.sleep(0.1)

    def ask_to_stop(self) -> None:
        """Send the signal that a service manager sends, once: a second one would not wait for anybody."""
        if not self._asked:
            self._asked = True
            self.process.send_signal(signal.SIGTERM)

    def stop(self) -> int:
        """Stop it in order and tell its exit code."""
        if self.process.poll() is None:
            self.ask_to_stop()
        try:
            return self.process.wait(timeout=STOP_SECONDS)
        except subprocess.TimeoutExpired:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.process.pid, signal.SIGKILL)
            return self.process.wait()

    def start_again(self) -> None:
        """Start it anew."""
        self.out.write_text("", encoding="utf-8")
        self.process = self._begun()

    def said(self) -> str:
        """All that it wrote."""
        return self.out.read_text(encoding="utf-8") + self.log.read_text(encoding="utf-8", errors="replace")


class Browser:
    """A person's browser, which believes one certificate and calls the installation by its name."""

    def __init__(self, *, port: int, certificate: Path) -> None:
        self._address = f"https://127.0.0.1:{port}"
        self._session = requests.Session()
        self._session.trust_env = False
        self._session.verify = str(certificate)
        self._session.headers.update({"Host": tls.NAME, "Referer": f"{PUBLIC_URL}/"})

    def get(self, path: str, **headers: str) -> requests.Response:
        """Open a page."""
        return self._session.get(f"{self._address}{path}", headers=headers, timeout=30, allow_redirects=False)

    def post(self, path: str, *, page: str, **fields: str) -> requests.Response:
        """Send a form as it stands on a page."""
        token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', self.get(page).text)
        assert token is not None, page
        data = {"csrfmiddlewaretoken": token[1], **fields}
        return self._session.post(f"{self._address}{path}", data=data, timeout=30, allow_redirects=False)

    def send(self, path: str, body: bytes, **headers: str) -> int:
        """Send something as a vendor's server would, and tell the status."""
        return requests.post(
            f"{self._address}{path}", data=body, headers={"Host": tls.NAME, "Content-Type": "application/json", **headers}, timeout=30,
            verify=self._session.verify,
        ).status_code

    def sign_in(self, name: str, password: str) -> bool:
        """Sign in, and tell whether that opened the first page."""
        self.post(LOGIN, page=LOGIN, username=name, password=password)
        return self.get("/").status_code == 200

    @property
    def cookies(self) -> dict[str, bool]:
        """The names of the cookies, and whether each goes over HTTPS alone."""
        return {cookie.name: bool(cookie.secure) for cookie in self._session.cookies}


def free_port() -> int:
    """A port that nobody has."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


class SlowRequest:
    """A request whose second half comes late, so that it is under way for as long as one likes."""

    def __init__(self, port: int) -> None:
        self._socket = socket.create_connection(("127.0.0.1", port), timeout=30)
        head = f"POST /webhooks/hubspot HTTP/1.1\r\nHost: {tls.NAME}\r\nX-Forwarded-Proto: https\r\nContent-Length: 20\r\n\r\n"
        self._socket.sendall(head.encode() + b"[" * 10)

    def finish(self) -> str:
        """Send the rest, and tell the status that is answered; "" where nobody answers."""
        with contextlib.closing(self._socket), contextlib.suppress(OSError):
            self._socket.sendall(b"]" * 10)
            return self._socket.recv(200).decode().partition("\r\n")[0]
        return ""

