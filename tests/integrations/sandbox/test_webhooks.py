"""What the sandbox's subscribers are told, in which form, and what may happen to it on the way."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import threading
from collections.abc import Iterator
from typing import Any

import pytest

from integrations.sandbox import serve
from integrations.sandbox.serve import Sandbox
from integrations.sandbox.server import Server
from tests.integrations.conftest import ScriptedServer
from tests.integrations.sandbox.toy_face import ask

SECRET = "yyyyyyyy-yyyy-yyyy-yyyy-yyyyyyyyyyyy"
CONTACTS = "/crm/objects/2026-09/contacts"
REALM = "9341452600001"


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with serve.build(seed="empty") as running:
        yield running


def control(server: Server, path: str, body: object = None, *, method: str = "POST") -> Any:
    answer = ask(server, method, f"/_sandbox/{path}", body=body)
    assert answer.status == 200, answer.body
    return answer.json


def subscribed(server: Server, scripted: ScriptedServer, *, answers: int = 200, **wanted: object) -> None:
    """From here on a server of the test's own hears what happens."""
    scripted.says(answers)
    control(server, "webhooks", {"url": f"{scripted.url}/hooks?from=sandbox", "secret": SECRET, **wanted})


def edited(server: Server, **wanted: object) -> Any:
    return control(server, "edit", wanted)


def flushed(server: Server) -> Any:
    return control(server, "webhooks/flush")


def bodies(scripted: ScriptedServer) -> list[Any]:
    return [json.loads(heard.body) for heard in scripted.heard]


def told(scripted: ScriptedServer) -> list[dict[str, Any]]:
    return [event for body in bodies(scripted) for event in body]


def of(verb: str, events: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [event for event in events if event["subscriptionType"].endswith(verb)]


class TestHubSpot:
    def test_tells_what_a_person_does_in_batches_below_a_hundred(self, sandbox: Sandbox, scripted: ScriptedServer) -> None:
        subscribed(sandbox.hubspot, scripted)
        for number in range(15):
            edited(sandbox.hubspot, type="contacts", create={"email": f"ann{number}@example.com"})

        result = flushed(sandbox.hubspot)

        made = of(".creation", told(scripted))
        assert len(made) == 15
        assert result["sent"] == len(scripted.heard) > 1
        assert max(len(body) for body in bodies(scripted)) < 100
        assert made[0] == {
            "eventId": 1, "subscriptionId": made[0]["subscriptionId"], "portalId": 48210077, "appId": 0,
            "occurredAt": made[0]["occurredAt"], "subscriptionType": "object.creation", "attemptNumber": 0,
            "objectId": made[0]["objectId"], "changeSource": "CRM_UI", "sourceId": made[0]["sourceId"], "changeFlag": "CREATED",
            "objectTypeId": "0-1",
        }

    def test_tells_a_changed_property_with_its_value(self, sandbox: Sandbox, scripted: ScriptedServer) -> None:
        ann = edited(sandbox.hubspot, type="contacts", create={"email": "ann@example.com"})["id"]
        subscribed(sandbox.hubspot, scripted)

        edited(sandbox.hubspot, type="contacts", id=ann, set={"phone": "555-0100"})
        flushed(sandbox.hubspot)

        (phone,) = [event for event in told(scripted) if event.get("propertyName") == "phone"]
        assert (phone["objectId"], phone["propertyValue"], phone["isSensitive"]) == (int(ann), "555-0100", False)

    def test_tells_what_an_application_writes_and_that_it_did(self, sandbox: Sandbox, scripted: ScriptedServer) -> None:
        tokens = control(sandbox.hubspot, "tokens", {})
        subscribed(sandbox.hubspot, scripted, secret=tokens["client_secret"])
        headers = {"Authorization": f"Bearer {tokens['access_token']}", "Content-Type": "application/json"}

        ask(sandbox.hubspot, "POST", CONTACTS, body={"properties": {"email": "bob@example.com"}}, headers=headers)
        flushed(sandbox.hubspot)

        (made,) = of(".creation", told(scripted))
        assert (made["changeSource"], made["appId"]) == ("INTEGRATION", int(made["sourceId"]))

    def test_tells_merges_deletions_and_associations(self, sandbox: Sandbox, scripted: ScriptedServer) -> None:
        ann, bob, cid = (edited(sandbox.hubspot, type="contacts", create={"email": f"{name}@example.com"})["id"] for name in "abc")
        acme = edited(sandbox.hubspot, type="companies", create={"name": "Acme"})["id"]
        subscribed(sandbox.hubspot, scripted)

        survivor = edited(sandbox.hubspot, type="contacts", merge=[ann, bob])["id"]
        edited(sandbox.hubspot, type="contacts", id=survivor, associate={"companies": [acme]})
        edited(sandbox.hubspot, type="contacts", id=cid, delete=True)
        flushed(sandbox.hubspot)

        events = told(scripted)
        (merge,), (gone,), links = of(".merge", events), of(".deletion", events), of(".associationChange", events)
        assert (merge["primaryObjectId"], merge["mergedObjectIds"], merge["newObjectId"]) == (int(ann), [int(bob)], int(survivor))
        assert (gone["objectId"], gone["changeFlag"]) == (int(cid), "DELETED")
        assert [(one["associationType"], one["fromObjectId"], one["toObjectId"]) for one in links] == [
            ("CONTACT_TO_COMPANY", int(survivor), int(acme)), ("COMPANY_TO_CONTACT", int(acme), int(survivor)),
        ]
        assert {one["associationRemoved"] for one in links} == {False}

    def test_signs_by_both_versions(self, sandbox: Sandbox, scripted: ScriptedServer) -> None:
        subscribed(sandbox.hubspot, scripted)
        edited(sandbox.hubspot, type="contacts", create={"email": "zażółć@example.com"})
        flushed(sandbox.hubspot)

        heard = scripted.heard[0]
        moment = heard.headers["x-hubspot-request-timestamp"]
        message = f"POST{scripted.url}/hooks?from=sandbox".encode() + heard.body + moment.encode()
        third = base64.b64encode(hmac.new(SECRET.encode(), message, hashlib.sha256).digest()).decode()
        assert heard.headers["x-hubspot-signature-v3"] == third
        assert heard.headers["x-hubspot-signature"] == hashlib.sha256(SECRET.encode() + heard.body).hexdigest()

    def test_has_an_older_form(self, sandbox: Sandbox, scripted: ScriptedServer) -> None:
        subscribed(sandbox.hubspot, scripted, format="legacy")
        edited(sandbox.hubspot, type="contacts", create={"email": "ann@example.com"})
        edited(sandbox.hubspot, type="invoices", create={"hs_currency": "USD"})
        flushed(sandbox.hubspot)

        assert {event["subscriptionType"] for event in told(scripted)} == {"contact.creation", "contact.propertyChange"}
        assert not any("objectTypeId" in event for event in told(scripted))

    def test_signs_with_the_apps_secret_where_none_is_named(self, sandbox: Sandbox, scripted: ScriptedServer) -> None:
        tokens = control(sandbox.hubspot, "tokens", {})

        assert control(sandbox.hubspot, "webhooks", {"url": scripted.url})["secret"] == tokens["client_secret"]

    def test_gives_up_after_ten_retries_within_a_day(self, sandbox: Sandbox, scripted: ScriptedServer) -> None:
        subscribed(sandbox.hubspot, scripted, answers=500)
        edited(sandbox.hubspot, type="contacts", create={"email": "ann@example.com"})

        results = [flushed(sandbox.hubspot)]
        for _ in range(11):
            control(sandbox.hubspot, "clock", {"advance_seconds": 21_600})
            results.append(flushed(sandbox.hubspot))

        assert [body[0]["attemptNumber"] for body in bodies(scripted)] == list(range(11))
        assert (results[9]["waiting"], results[10]["waiting"], results[10]["dropped"]) == (1, 0, 1)


class TestQuickBooks:
    def test_tells_each_verb_in_cloud_events(self, sandbox: Sandbox, scripted: ScriptedServer) -> None:
        subscribed(sandbox.quickbooks, scripted)
        zed, acme = (edited(sandbox.quickbooks, type="Customer", create={"DisplayName": name})["id"] for name in ("Zed", "Acme"))
        edited(sandbox.quickbooks, type="Customer", id=zed, set={"CompanyName": "Zed Ltd"})
        edited(sandbox.quickbooks, type="Customer", merge=[zed, acme])
        flushed(sandbox.quickbooks)

        events = told(scripted)
        types = [(event["type"], event["intuitentityid"]) for event in events]
        assert types[:3] == [("qbo.customer.created.v1", zed), ("qbo.customer.created.v1", acme), ("qbo.customer.updated.v1", zed)]
        merge = next(event for event in events if event["type"] == "qbo.customer.merged.v1")
        assert (merge["intuitentityid"], merge["data"], merge["intuitaccountid"]) == (zed, {"deletedid": acme}, REALM)
        assert len({event["id"] for event in events}) == len(events)

    def test_tells_documents_that_are_paid_voided_and_deleted(self, sandbox: Sandbox, scripted: ScriptedServer) -> None:
        subscribed(sandbox.quickbooks, scripted)
        edited(sandbox.quickbooks, type="Customer", create={"DisplayName": "Zed"})
        payment = edited(sandbox.quickbooks, type="Payment", create={"CustomerName": "Zed", "TotalAmt": 60})["id"]
        edited(sandbox.quickbooks, type="Payment", id=payment, void=True)
        edited(sandbox.quickbooks, type="Payment", id=payment, delete=True)
        flushed(sandbox.quickbooks)

        verbs = [event["type"] for event in told(scripted) if event["intuitentityid"] == payment and ".payment." in event["type"]]
        assert verbs == ["qbo.payment.created.v1", "qbo.payment.voided.v1", "qbo.payment.deleted.v1"]

    def test_has_an_older_form_and_signs_either(self, sandbox: Sandbox, scripted: ScriptedServer) -> None:
        subscribed(sandbox.quickbooks, scripted, format="legacy")
        zed = edited(sandbox.quickbooks, type="Customer", create={"DisplayName": "Zed"})["id"]
        flushed(sandbox.quickbooks)

        (heard,) = scripted.heard
        (told_of,) = json.loads(heard.body)["eventNotifications"]
        (customer,) = told_of["dataChangeEvent"]["entities"]
        assert (told_of["realmId"], customer["name"], customer["id"], customer["operation"]) == (REALM, "Customer", zed, "Create")
        signed = hmac.new(SECRET.encode(), heard.body, hashlib.sha256).digest()
        assert heard.headers["intuit-signature"] == base64.b64encode(signed).decode()

    def test_holds_later_events_back_until_the_first_are_acknowledged(self, sandbox: Sandbox, scripted: ScriptedServer) -> None:
        subscribed(sandbox.quickbooks, scripted, answers=503)
        edited(sandbox.quickbooks, type="Customer", create={"DisplayName": "Zed"})
        assert flushed(sandbox.quickbooks)["refused"] == 1
        edited(sandbox.quickbooks, type="Customer", create={"DisplayName": "Acme"})

        assert flushed(sandbox.quickbooks) == {"sent": 0, "events": 0, "refused": 0, "waiting": 2, "dropped": 0}
        scripted.replies.clear()
        scripted.says(200)
        control(sandbox.quickbooks, "clock", {"advance_seconds": 10})

        assert flushed(sandbox.quickbooks)["sent"] == 2

    def test_makes_a_verifier_token_where_none_is_named(self, sandbox: Sandbox, scripted: ScriptedServer) -> None:
        first, second = (control(sandbox.quickbooks, "webhooks", {"url": scripted.url})["secret"] for _ in range(2))

        assert len(first) == 36
        assert first != second


class TestOnTheWay:
    def two(self, sandbox: Sandbox, scripted: ScriptedServer, mode: str) -> tuple[list[int], Any]:
        """Two contacts are made and told in two deliveries; the order in which their ids arrive."""
        subscribed(sandbox.hubspot, scripted, mode=mode)
        made = [int(edited(sandbox.hubspot, type="contacts", create={"email": f"{name}@example.com"})["id"]) for name in "ab"]
        result = flushed(sandbox.hubspot)
        return [made.index(event["objectId"]) for event in of(".creation", told(scripted))], result

    @pytest.mark.parametrize(("mode", "order"), [("normal", [0, 1]), ("reorder", [1, 0]), ("duplicate", [0, 1, 0, 1]), ("drop", [])])
    def test_deliveries_arrive_as_the_mode_says(self, sandbox: Sandbox, scripted: ScriptedServer, mode: str, order: list[int]) -> None:
        assert self.two(sandbox, scripted, mode)[0] == order

    def test_a_delayed_one_waits_for_the_clock(self, sandbox: Sandbox, scripted: ScriptedServer) -> None:
        order, result = self.two(sandbox, scripted, "delay")
        assert (order, result["waiting"]) == ([], 1)

        control(sandbox.hubspot, "clock", {"advance_seconds": 3600})

        assert flushed(sandbox.hubspot)["sent"] == 1

    def test_records_that_are_loaded_are_no_news(self, sandbox: Sandbox, scripted: ScriptedServer) -> None:
        for server, kind in ((sandbox.hubspot, "contacts"), (sandbox.quickbooks, "customers")):
            subscribed(server, scripted)
            control(server, "generate", {kind: 3})
            assert flushed(server)["sent"] == 0
            control(server, "reset", {"seed": "demo"})
            assert flushed(server)["sent"] == 0

    def test_a_sandbox_that_is_served_sends_by_itself(self, scripted: ScriptedServer, monkeypatch: pytest.MonkeyPatch) -> None:
        built, over = serve.build(seed="empty"), threading.Event()
        monkeypatch.setattr(serve, "build", lambda **_: built)
        monkeypatch.setattr(serve, "LOOK_SECONDS", 0.01)
        scripted.says(200)
        built.world.outboxes["hubspot"].subscribe({"url": scripted.url, "secret": SECRET})
        built.hubspot.face.edit({"type": "contacts", "create": {"email": "ann@example.com"}})
        heard = scripted.heard

        serving = threading.Thread(target=serve.serve_forever, kwargs={"hubspot_port": 0, "quickbooks_port": 0, "until": over})
        serving.start()
        for _ in range(500):
            if heard or over.wait(0.01):
                break
        over.set()
        serving.join()

        assert len(heard) == 1

    def test_nobody_is_told_after_the_subscription_ended(self, sandbox: Sandbox, scripted: ScriptedServer) -> None:
        subscribed(sandbox.hubspot, scripted)
        assert [row["waiting"] for row in control(sandbox.hubspot, "webhooks", method="GET")] == [0]
        assert control(sandbox.hubspot, "webhooks", method="DELETE") == {"cleared": 1}

        edited(sandbox.hubspot, type="contacts", create={"email": "ann@example.com"})

        assert flushed(sandbox.hubspot)["sent"] == 0

    def test_an_address_where_nobody_listens_is_tried_again_later(self, sandbox: Sandbox, scripted: ScriptedServer) -> None:
        subscribed(sandbox.hubspot, scripted)
        scripted.close()
        edited(sandbox.hubspot, type="contacts", create={"email": "ann@example.com"})

        result = flushed(sandbox.hubspot)

        assert (result["refused"], result["waiting"]) == (1, 1)

    @pytest.mark.parametrize(
        "wanted",
        [
            {}, {"url": "https://example.com/hooks"}, {"url": "file:///etc/passwd"}, {"url": 7},
            {"url": "http://127.0.0.1:1", "mode": "odd"},
            {"url": "http://127.0.0.1:1", "format": "cloudevents"}, {"url": "http://127.0.0.1:1", "delay_seconds": -1},
            {"url": "http://127.0.0.1:1", "color": "red"}, {"url": "http://127.0.0.1:1", "secret": 5}, {"url": "http://127.0.0.1:1"},
        ],
    )
    def test_what_cannot_be_subscribed_is_refused_in_words(self, sandbox: Sandbox, wanted: dict[str, Any]) -> None:
        answer = ask(sandbox.hubspot, "POST", "/_sandbox/webhooks", body=wanted)

        assert answer.status == 400
        assert answer.json["error"]

    def test_what_waits_is_kept_in_the_state_file(self, tmp_path: Any, scripted: ScriptedServer) -> None:
        with serve.build(seed="empty", state=tmp_path / "state.sqlite3") as first:
            subscribed(first.hubspot, scripted)
            edited(first.hubspot, type="contacts", create={"email": "ann@example.com"})
        with serve.build(seed="empty", state=tmp_path / "state.sqlite3") as second:
            assert flushed(second.hubspot)["sent"] == 1
