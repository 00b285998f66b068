"""Both vendors in the sandbox, as the services meet them: over HTTP."""

from __future__ import annotations

import html.parser
import urllib.parse
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
from pytest_django.fixtures import Settings

from integrations.sandbox import serve
from integrations.sandbox.server import Server
from syncapp.services import connections
from tests.services import made
from tests.services.desk import Desk

HUBSPOT, QUICKBOOKS = "hubspot", "quickbooks"
TOKEN_CALLS = {HUBSPOT: "/oauth/2026-09/token", QUICKBOOKS: "/oauth2/v1/tokens/bearer"}


class ConsentForm(html.parser.HTMLParser):
    """The vendor's consent page: where its form leads, what it carries along, and the accounts to choose from."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.action = ""
        self.carried: dict[str, str] = {}
        self.accounts: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        facts = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.action = facts["action"]
        elif tag == "input" and facts.get("type") == "hidden":
            self.carried[facts["name"]] = facts["value"]
        elif tag == "option":
            self.accounts.append(facts["value"])


class Vendors:
    """The two faces and their control calls, and a person at the consent page."""

    def __init__(self, sandbox: serve.Sandbox) -> None:
        self.servers: dict[str, Server] = {HUBSPOT: sandbox.hubspot, QUICKBOOKS: sandbox.quickbooks}

    def url(self, system: str) -> str:
        return self.servers[system].url

    def control(self, system: str, name: str, body: dict[str, Any] | None = None) -> Any:
        method = "GET" if body is None else "POST"
        response = requests.request(method, f"{self.url(system)}/_sandbox/{name}", json=body, timeout=10)
        assert response.status_code == 200, response.text
        return response.json()

    def log(self, system: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.control(system, "log")
        return found

    def token_calls(self, system: str) -> int:
        return sum(entry["path"] == TOKEN_CALLS[system] for entry in self.log(system))

    def person(self, url: str, *, decision: str = "allow", account: str = "") -> dict[str, str]:
        """Open the consent page, decide, and answer what the browser is sent back with."""
        page = requests.get(url, timeout=10)
        form = ConsentForm(page.text)
        sent = {**form.carried, "account": account or form.accounts[0], "decision": decision}
        back = requests.post(urllib.parse.urljoin(url, form.action), data=sent, timeout=10, allow_redirects=False)
        assert back.status_code == 302, back.text
        return dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(back.headers["Location"]).query))


@pytest.fixture
def vendors(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[Vendors]:
    """Both vendors running, empty, and known to the settings. Who waits for a limit waits no real time."""
    monkeypatch.setitem(connections.connector.__kwdefaults__, "outside", made.Clock().ports)
    with serve.build(seed="empty") as sandbox:
        both = Vendors(sandbox)
        for system in (HUBSPOT, QUICKBOOKS):
            app = both.control(system, "tokens", {"scopes": None, "limits": None})
            setattr(settings, f"{system.upper()}_CLIENT_ID", app["client_id"])
            setattr(settings, f"{system.upper()}_CLIENT_SECRET", app["client_secret"])
            setattr(settings, f"LOCAL_SANDBOX_{system.upper()}_URL", both.url(system))
        yield both


@pytest.fixture
def desk(db: Any, settings: Settings, tmp_path: Path) -> Desk:
    settings.EXPORT_DIR = tmp_path / "exports"
    return Desk()
