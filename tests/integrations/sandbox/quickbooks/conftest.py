"""A QuickBooks face in this process, with a clock that stands still until a test moves it."""

from __future__ import annotations

import json
from base64 import b64encode
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

import pytest

from integrations.sandbox.messages import Headers, Request, Response
from integrations.sandbox.quickbooks.face import QuickBooksFace
from integrations.sandbox.world import Clock, World

NOW = datetime(2026, 11, 24, 18, 30, tzinfo=UTC)
REALM = "9130001"
Body = dict[str, Any]


@dataclass
class Books:
    """One company and a connection to it."""

    world: World
    face: QuickBooksFace
    tokens: Body
    realm: str = REALM
    last: Response = field(default_factory=Response)

    def send(
        self, method: str, path: str, *, query: Body | None = None, body: bytes = b"", headers: Body | None = None, **more: Any
    ) -> Response:
        self.last = self.face.handle(
            Request(
                method=method,
                raw_path=path,
                query=tuple((query or {}).items()),
                headers=Headers((headers or {}).items()),
                body=body,
                base_url="http://127.0.0.1:8802",
                **more,
            )
        )
        return self.last

    def call(
        self, method: str, resource: str, body: object = None, *, token: str = "", content_type: str = "application/json", **query: Any
    ) -> Any:
        """Call the company API and return the answer's JSON."""
        raw = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
        headers = {"Authorization": f"Bearer {token or self.tokens['access_token']}", "Content-Type": content_type}
        response = self.send(method, f"/v3/company/{self.realm}/{resource}", query=query, body=raw, headers=headers)
        return json.loads(response.body)

    def write(self, kind: str, body: Body, **query: Any) -> Any:
        """Create or update an object and return it; the whole answer when it was refused."""
        answer = self.call("POST", kind.lower(), body, **query)
        return answer.get(kind, answer)

    def read(self, kind: str, number: str) -> Any:
        answer = self.call("GET", f"{kind.lower()}/{number}")
        return answer.get(kind, answer)

    def query(self, text: str) -> Any:
        answer = self.call("GET", "query", query=text)
        return answer.get("QueryResponse", answer)

    def names(self, text: str, kind: str = "Customer", field: str = "DisplayName") -> list[str]:
        return [found[field] for found in self.query(text).get(kind, [])]

    def fault(self) -> Body:
        """The first error of the last answer."""
        error: Body = json.loads(self.last.body)["Fault"]["Error"][0]
        return error

    def code(self) -> str:
        return str(self.fault()["code"])

    def switch(self, name: str, value: Any) -> None:
        self.world.set_switch(f"quickbooks.{name}", value)

    def later(self, *, seconds: float = 0, days: float = 0) -> None:
        self.world.advance(seconds + days * 86_400)

    def token_call(self, **form: str) -> Response:
        """Call the token endpoint as the minted client."""
        headers = {"Authorization": basic(self.tokens), "Content-Type": "application/x-www-form-urlencoded"}
        return self.send("POST", "/oauth2/v1/tokens/bearer", body=urlencode(form).encode(), headers=headers)

    def customer(self, name: str, **more: Any) -> Any:
        return self.write("Customer", {"DisplayName": name, **more})

    def item(self, name: str = "Hours", **more: Any) -> Any:
        return self.write("Item", {"Name": name, "Type": "Service", "IncomeAccountRef": {"value": "1"}, **more})

    def invoice(self, customer: str, amount: float = 100, **more: Any) -> Any:
        line = {"Amount": amount, "DetailType": "SalesItemLineDetail", "SalesItemLineDetail": {}}
        return self.write("Invoice", {"CustomerRef": {"value": customer}, "Line": [line], **more})

    def pay(self, customer: str, amount: float, *laid_on: tuple[str, str, float], **more: Any) -> Any:
        """Receive money; each of `laid_on` is a document's type, its id and the amount for it."""
        lines = [{"Amount": part, "LinkedTxn": [{"TxnId": number, "TxnType": kind}]} for kind, number, part in laid_on]
        return self.write("Payment", {"CustomerRef": {"value": customer}, "TotalAmt": amount, "Line": lines, **more})

    def end(self, operation: str, kind: str, number: str, **query: str) -> Any:
        """Void or delete a document as it stands."""
        sent = {"Id": number, "SyncToken": self.read(kind, number)["SyncToken"]}
        answer = self.call("POST", kind.lower(), sent, operation=operation, **query)
        return answer.get(kind, answer)

    def prefer(self, group: str, **values: Any) -> None:
        """Change the company's preferences."""
        self.write("Preferences", {"SyncToken": self.read("Preferences", "1")["SyncToken"], group: values})


def basic(client: Body, secret: str = "") -> str:
    return "Basic " + b64encode(f"{client['client_id']}:{secret or client['client_secret']}".encode()).decode()


@pytest.fixture
def books() -> Books:
    world = World(clock=Clock(real=lambda: NOW))
    face = QuickBooksFace(world)
    tokens = face.mint({"scopes": None, "limits": None, "realm_id": REALM})
    return Books(world=world, face=face, tokens=tokens)
