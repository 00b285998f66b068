"""The doors for the vendors' webhooks: what is let in, what is not, and that nothing a body holds is an error."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import threading
import time
from datetime import datetime
from types import SimpleNamespace
from typing import Any
from unittest import mock

import pytest
from django.contrib.sessions.middleware import SessionMiddleware
from django.core.handlers.wsgi import WSGIRequest
from django.db import OperationalError
from django.test import Client, RequestFactory
from django.urls import URLPattern, URLResolver, get_resolver
from pytest_django.fixtures import Settings

from syncapp import models
from syncapp.connectors import events
from syncapp.services import floods
from syncapp.web import webhooks
from tests.services import made

pytestmark = pytest.mark.django_db
SECRET, TOKEN = "demo-client-secret", "c8b2f7a0-1111-4222-8333-944445555666"
URLS = {"hubspot": "/webhooks/hubspot", "quickbooks": "/webhooks/quickbooks"}
BOTH = pytest.mark.parametrize("vendor", URLS)
MOMENT = 1_790_000_000_000


def hubspot_event(**more: Any) -> dict[str, Any]:
    return {
        "eventId": 1, "subscriptionId": 2, "portalId": 111, "appId": 3, "occurredAt": MOMENT, "attemptNumber": 0,
        "objectId": 51, "subscriptionType": "object.propertyChange", "objectTypeId": "0-1", "propertyName": "email",
        "propertyValue": "ann@example.com", **more,
    }


def cloud_event(**more: Any) -> dict[str, Any]:
    return {
        "specversion": "1.0", "id": "88cd52aa", "type": "qbo.customer.updated.v1", "time": "2026-09-10T21:31:25.179851517Z",
        "intuitentityid": "1234", "intuitaccountid": "9130", "data": {}, **more,
    }


BODIES = {"hubspot": json.dumps([hubspot_event()]).encode(), "quickbooks": json.dumps([cloud_event()]).encode()}


OURS = "http://127.0.0.1:8000/webhooks/hubspot"


def v3(body: bytes, *, secret: str = SECRET, uri: str = OURS, moment: str = "", method: str = "POST") -> dict[str, str]:
    moment = moment or str(int(time.time() * 1000))
    signed = hmac.new(secret.encode(), method.encode() + uri.encode() + body + moment.encode(), hashlib.sha256).digest()
    return {"X-HubSpot-Signature-v3": base64.b64encode(signed).decode(), "X-HubSpot-Request-Timestamp": moment}


def intuit(body: bytes, *, token: str = TOKEN) -> dict[str, str]:
    return {"intuit-signature": base64.b64encode(hmac.new(token.encode(), body, hashlib.sha256).digest()).decode()}


def signed(vendor: str, body: bytes) -> dict[str, str]:
    return v3(body) if vendor == "hubspot" else intuit(body)


def sent(vendor: str, body: bytes | None = None, headers: dict[str, str] | None = None, **more: Any) -> Any:
    """What the vendor is answered."""
    body = BODIES[vendor] if body is None else body
    headers = signed(vendor, body) if headers is None else headers
    return Client(enforce_csrf_checks=True).post(more.pop("url", URLS[vendor]), body, "application/json", headers=headers, **more)


def tally(vendor: str, **of: Any) -> models.WebhookTally:
    return models.WebhookTally.objects.get(system=vendor.upper(), **of)


@pytest.fixture(autouse=True)
def set_up(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.HUBSPOT_CLIENT_SECRET, settings.QUICKBOOKS_WEBHOOK_TOKEN = SECRET, [TOKEN]
    monkeypatch.setattr(floods, "FLOODS", floods.Floods())


@pytest.fixture(autouse=True)
def accounts(set_up: None) -> tuple[models.Connection, models.Connection]:
    return made.hubspot(), made.quickbooks()


class TestGenuine:
    @BOTH
    def test_is_kept_and_answered_at_once(self, vendor: str) -> None:
        answer = sent(vendor)

        delivery = models.WebhookDelivery.objects.get()
        assert answer.status_code == 200
        assert (answer.content, answer.cookies.output()) == (b"", "")
        assert (delivery.state, delivery.connection and delivery.connection.system) == ("WAITING", vendor.upper())

    def test_keeps_no_value_of_an_event(self) -> None:
        sent("hubspot")

        delivery = models.WebhookDelivery.objects.get()
        assert delivery.mentions == [["contacts", "51", MOMENT / 1000]]
        assert "ann@example.com" not in str(vars(delivery))

    @BOTH
    def test_that_comes_a_hundred_times_is_kept_once(self, vendor: str) -> None:
        headers = signed(vendor, BODIES[vendor])

        answers = {sent(vendor, headers=headers).status_code for _ in range(100)}

        counted = tally(vendor, connection__system=vendor.upper())
        assert answers == {200}
        assert models.WebhookDelivery.objects.count() == 1
        assert (counted.received, counted.duplicates) == (1, 99)

    def test_that_hubspot_sends_again_is_known_by_its_events(self) -> None:
        sent("hubspot", json.dumps([hubspot_event()]).encode())
        sent("hubspot", json.dumps([hubspot_event(attemptNumber=1, eventId=77)]).encode())
        sent("hubspot", json.dumps([hubspot_event(objectId=52)]).encode())

        assert [one.mentions[0][1] for one in models.WebhookDelivery.objects.order_by("pk")] == ["51", "52"]

    @BOTH
    def test_is_for_the_address_in_the_settings_whatever_was_called(self, vendor: str) -> None:
        assert sent(vendor, headers={**signed(vendor, BODIES[vendor]), "Host": "localhost"}).status_code == 200

    def test_may_carry_a_query(self) -> None:
        uri = "http://127.0.0.1:8000/webhooks/hubspot?src=hs:v3&list=a,b"

        answer = sent("hubspot", headers=v3(BODIES["hubspot"], uri=uri), url="/webhooks/hubspot?src=hs%3Av3&list=a%2Cb")

        assert answer.status_code == 200

    def test_may_be_signed_by_the_old_secret_for_as_long_as_it_is_set(self, settings: Settings) -> None:
        settings.HUBSPOT_WEBHOOK_SECRET = ["the old one"]
        settings.QUICKBOOKS_WEBHOOK_TOKEN = [TOKEN, "the old one"]
        old = {"hubspot": v3(BODIES["hubspot"], secret="the old one"), "quickbooks": intuit(BODIES["quickbooks"], token="the old one")}
        assert [sent(vendor, headers=headers).status_code for vendor, headers in old.items()] == [200, 200]

        settings.HUBSPOT_WEBHOOK_SECRET, settings.QUICKBOOKS_WEBHOOK_TOKEN = [], [TOKEN]

        assert [sent(vendor, headers=headers).status_code for vendor, headers in old.items()] == [401, 401]

    def test_of_the_older_quickbooks_form_is_taken_too(self) -> None:
        entity = {"name": "Customer", "id": "99", "operation": "Merge", "lastUpdated": "2026-09-08T20:52:31.657Z", "deletedId": "27"}
        body = json.dumps({"eventNotifications": [{"realmId": "9130", "dataChangeEvent": {"entities": [entity]}}]}).encode()

        assert sent("quickbooks", body).status_code == 200
        assert [one[:2] for one in models.WebhookDelivery.objects.get().mentions] == [["customer", "99"], ["customer", "27"]]


class TestForged:
    def refused(self, vendor: str, body: bytes | None = None, headers: dict[str, str] | None = None, **more: Any) -> None:
        answer = sent(vendor, body, headers, **more)

        assert answer.status_code == 401
        assert not models.WebhookDelivery.objects.exists()
        assert tally(vendor).refused == 1

    @pytest.mark.parametrize(
        "change",
        [
            {"X-HubSpot-Signature-v3": ""}, {"X-HubSpot-Request-Timestamp": ""}, {"X-HubSpot-Request-Timestamp": "today"},
            {"X-HubSpot-Request-Timestamp": str(int((time.time() - 400) * 1000))},
        ],
    )
    def test_hubspot_headers_are_refused(self, change: dict[str, str]) -> None:
        self.refused("hubspot", headers={**v3(BODIES["hubspot"]), **change})

    @pytest.mark.parametrize("seconds", [-310, 70])
    def test_hubspot_time_that_is_signed_but_off_is_refused(self, seconds: int) -> None:
        self.refused("hubspot", headers=v3(BODIES["hubspot"], moment=str(int((time.time() + seconds) * 1000))))

    @pytest.mark.parametrize("how", ["none", "other app", "lower case", "twice", "of the other vendor", "in the older header", "in hex"])
    def test_hubspot_signatures_are_refused(self, how: str) -> None:
        body = BODIES["hubspot"]
        headers = v3(body)
        good = headers["X-HubSpot-Signature-v3"]
        given = {
            "none": {}, "other app": {"X-HubSpot-Signature-v3": v3(body, secret="another app's")["X-HubSpot-Signature-v3"]},
            "lower case": {"X-HubSpot-Signature-v3": good.lower()}, "twice": {"X-HubSpot-Signature-v3": f"{good}, {good}"},
            "of the other vendor": {"X-HubSpot-Signature-v3": intuit(body, token=SECRET)["intuit-signature"]},
            "in the older header": {"X-HubSpot-Signature": good, "X-HubSpot-Signature-Version": "v2"},
            "in hex": {"X-HubSpot-Signature-v3": base64.b64decode(good).hex()},
        }[how]

        self.refused("hubspot", headers={"X-HubSpot-Request-Timestamp": headers["X-HubSpot-Request-Timestamp"], **given})

    def test_older_hubspot_signatures_are_refused(self) -> None:
        body = BODIES["hubspot"]
        first = hashlib.sha256(SECRET.encode() + body).hexdigest()

        self.refused("hubspot", headers={"X-HubSpot-Signature": first, "X-HubSpot-Signature-Version": "v1"})

    @pytest.mark.parametrize(
        "how", [{"secret": "another app's"}, {"uri": "http://evil.example/webhooks/hubspot"}, {"uri": "http://127.0.0.1:8000/webhooks/x"},
                {"uri": "http://127.0.0.1:8000/webhooks/hubspot?a=1"}, {"method": "GET"}],
    )
    def test_what_hubspot_signed_for_something_else_is_refused(self, how: dict[str, str]) -> None:
        self.refused("hubspot", headers=v3(BODIES["hubspot"], **how))

    def test_what_is_signed_for_another_host_is_refused_though_that_host_is_called(self) -> None:
        uri = "http://localhost/webhooks/hubspot"

        self.refused("hubspot", headers={**v3(BODIES["hubspot"], uri=uri), "Host": "localhost"})

    @pytest.mark.parametrize("how", ["none", "empty", "other token", "lower case", "twice", "of the other vendor"])
    def test_quickbooks_signatures_are_refused(self, how: str) -> None:
        body = BODIES["quickbooks"]
        good = intuit(body)["intuit-signature"]
        given = {
            "none": None, "empty": "", "other token": intuit(body, token="x" * 36)["intuit-signature"], "lower case": good.lower(),
            "twice": f"{good}, {good}", "of the other vendor": v3(body)["X-HubSpot-Signature-v3"],
        }[how]

        self.refused("quickbooks", headers={} if given is None else {"intuit-signature": given})

    @BOTH
    def test_a_body_that_was_touched_is_refused(self, vendor: str) -> None:
        self.refused(vendor, BODIES[vendor].replace(b"1", b"2", 1), signed(vendor, BODIES[vendor]))

    @BOTH
    def test_a_body_that_was_written_anew_is_refused(self, vendor: str) -> None:
        again = json.dumps(json.loads(BODIES[vendor]), separators=(",", ":")).encode()

        self.refused(vendor, again, signed(vendor, BODIES[vendor]))

    @BOTH
    def test_nothing_is_taken_where_no_secret_is_set(self, vendor: str, settings: Settings) -> None:
        settings.HUBSPOT_CLIENT_SECRET, settings.QUICKBOOKS_WEBHOOK_TOKEN = "", []
        headers = {"hubspot": v3(BODIES["hubspot"], secret=""), "quickbooks": intuit(BODIES["quickbooks"], token="")}

        self.refused(vendor, headers=headers[vendor])

    @BOTH
    def test_nothing_of_it_is_read(self, vendor: str) -> None:
        with mock.patch.object(events.json, "loads", side_effect=AssertionError) as loads:
            self.refused(vendor, headers={})

        assert not loads.called


class TestForeign:
    @pytest.mark.parametrize(
        ("vendor", "body"), [("hubspot", [hubspot_event(portalId=999)]), ("quickbooks", [cloud_event(intuitaccountid="999")])]
    )
    def test_an_account_that_is_not_ours_is_counted_and_nothing_else(self, vendor: str, body: Any) -> None:
        assert sent(vendor, json.dumps(body).encode()).status_code == 200

        assert not models.WebhookDelivery.objects.exists()
        assert tally(vendor, connection=None).unknown == 1

    def test_one_delivery_may_be_about_several_companies(self) -> None:
        other = made.quickbooks("9131")
        body = [cloud_event(), cloud_event(id="2", intuitaccountid="9131", intuitentityid="7"), cloud_event(id="3", intuitaccountid="999")]

        sent("quickbooks", json.dumps(body).encode())

        kept = {one.connection_id: one.mentions[0][1] for one in models.WebhookDelivery.objects.all()}
        assert kept[other.pk] == "7"
        assert sorted(kept.values()) == ["1234", "7"]

    def test_a_disconnected_account_is_not_ours(self, accounts: tuple[models.Connection, models.Connection]) -> None:
        models.Connection.objects.filter(pk=accounts[0].pk).update(status="DISCONNECTED")

        sent("hubspot")

        assert not models.WebhookDelivery.objects.exists()


class TestOddBodies:
    @BOTH
    @pytest.mark.parametrize(
        "body",
        [
            b"", b"nothing", b"[" * 100_000, b'[{"portalId":' + b"9" * 5_000 + b"}]", b'[{"portalId":NaN}]', b"\xff\xfe", b'"text"', b"7",
            b'{"eventNotifications":7}', b'{"a":1}', b"[1,2]",
        ],
        ids=["empty", "no JSON", "deep", "long number", "NaN", "no text", "a text", "a number", "odd shape", "no list", "no objects"],
    )
    def test_are_acknowledged_and_kept_as_unreadable_once(self, vendor: str, body: bytes) -> None:
        assert [sent(vendor, body).status_code for _ in range(2)] == [200, 200]

        assert [one.state for one in models.WebhookDelivery.objects.all()] == ["UNREADABLE"]
        assert (tally(vendor).unreadable, tally(vendor).duplicates) == (1, 1)

    @BOTH
    @pytest.mark.parametrize(
        "event",
        [
            {}, {"type": 7, "subscriptionType": 7}, {"type": "qbo.budget.created.v1", "objectTypeId": "0-999"},
            {"objectId": None, "intuitentityid": None},
            {"objectId": "x' OR 1=1", "intuitentityid": "../../1"},
            {"objectId": [[]], "intuitentityid": {}, "data": [], "mergedObjectIds": 5},
            {"occurredAt": 10**30, "time": "soon"}, {"occurredAt": True, "time": None}, {"propertyName": "\ud800", "id": "\ud800"},
            {"subscriptionType": "object.associationChange", "type": "qbo"},
        ],
    )
    def test_that_are_odd_in_part_are_acknowledged(self, vendor: str, event: dict[str, Any]) -> None:
        whole = {"portalId": 111, "intuitaccountid": "9130", "subscriptionType": "object.creation", "objectTypeId": "0-1", **event}

        assert sent(vendor, json.dumps([whole]).encode()).status_code == 200

        assert models.WebhookDelivery.objects.get().state == "WAITING"

    @BOTH
    def test_with_nothing_in_them_are_counted(self, vendor: str) -> None:
        assert sent(vendor, b"[]").status_code == 200

        assert tally(vendor).unknown == 1
        assert not models.WebhookDelivery.objects.exists()

    def test_with_a_name_twice_are_acknowledged(self) -> None:
        assert sent("quickbooks", b'[{"intuitaccountid":"1","intuitaccountid":"9130","type":"qbo.customer.updated.v1"}]').status_code == 200

    @BOTH
    def test_of_more_than_a_megabyte_are_not_read(self, vendor: str) -> None:
        body = b" " * (1_048_576 + 1)

        assert sent(vendor, body).status_code == 413
        assert sent(vendor, body[1:]).status_code == 200


class TestDoor:
    @BOTH
    @pytest.mark.parametrize("method", ["get", "head", "options", "put", "patch", "delete", "trace"])
    def test_takes_posts_alone(self, vendor: str, method: str) -> None:
        answer = getattr(Client(), method)(URLS[vendor])

        assert answer.status_code == 405
        assert not answer.cookies

    @BOTH
    def test_leads_nobody_to_https_but_wants_it(self, vendor: str, settings: Settings) -> None:
        settings.HTTPS = settings.SECURE_SSL_REDIRECT = True

        assert sent(vendor).status_code == 403
        assert not models.WebhookDelivery.objects.exists()

    def test_is_the_only_one_without_csrf_protection(self) -> None:
        def exempt(patterns: Any, prefix: str = "") -> list[str]:
            found: list[str] = []
            for one in patterns:
                if isinstance(one, URLResolver):
                    found += exempt(one.url_patterns, prefix + str(one.pattern))
                elif isinstance(one, URLPattern) and getattr(one.callback, "csrf_exempt", False):
                    found.append(prefix + str(one.pattern))
            return found

        assert exempt(get_resolver().url_patterns) == ["webhooks/hubspot", "webhooks/quickbooks"]

    @BOTH
    def test_asks_for_another_try_only_while_the_database_is_away(self, vendor: str) -> None:
        with mock.patch.object(models.WebhookDelivery, "save", side_effect=OperationalError("gone")):
            assert sent(vendor).status_code == 503

        assert sent(vendor).status_code == 200


class TestSlowness:
    def test_is_not_waited_for(self, monkeypatch: pytest.MonkeyPatch) -> None:
        deaf = threading.Event()

        class Drip:
            """A body of which nothing comes until the line is shut."""

            def read(self, *_: Any) -> bytes:
                deaf.wait(60)
                return b""

            readline = read

        monkeypatch.setattr(webhooks, "SLOWEST", 0.01)
        line = SimpleNamespace(shutdown=lambda how: deaf.set())
        environ = {"gunicorn.socket": line, "wsgi.input": Drip(), "CONTENT_LENGTH": "900"}
        request = RequestFactory().post(URLS["quickbooks"], b"x", "application/json")
        request.META.update(environ)
        request = WSGIRequest(request.META)

        assert webhooks.take(request, system="QUICKBOOKS").status_code == 401
        assert deaf.is_set()

    @BOTH
    def test_without_an_end_is_not_read(self, vendor: str) -> None:
        request = RequestFactory().post(URLS[vendor], b"x", "application/json", headers={"Transfer-Encoding": "chunked"})
        del request.META["CONTENT_LENGTH"]
        request.META["wsgi.input"] = mock.Mock(read=mock.Mock(side_effect=AssertionError))

        assert webhooks.take(WSGIRequest(request.META), system=vendor.upper()).status_code == 401


class TestFlood:
    def flood(self, number: int, **more: Any) -> list[int]:
        return [sent("quickbooks", headers={}, **more).status_code for _ in range(number)]

    def test_from_one_address_is_turned_away(self) -> None:
        answers = self.flood(40, REMOTE_ADDR="8.8.4.4")

        assert answers == [401] * 30 + [429] * 10
        assert tally("quickbooks").refused == 30
        assert sent("quickbooks", REMOTE_ADDR="8.8.8.8").status_code == 200

    def test_that_is_turned_away_costs_no_query_and_nothing_that_is_there_for_people(
        self, django_assert_num_queries: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        self.flood(30, REMOTE_ADDR="8.8.4.4")
        monkeypatch.setattr(SessionMiddleware, "process_request", lambda *_: pytest.fail("A session was begun."))

        with django_assert_num_queries(0):
            answers = self.flood(5, REMOTE_ADDR="8.8.4.4")

        assert answers == [429] * 5

    def test_to_a_host_that_is_not_ours_is_not_looked_at(self) -> None:
        assert sent("quickbooks", SERVER_NAME="evil.example").status_code == 400
        assert not models.WebhookDelivery.objects.exists()

    def test_through_a_proxy_shuts_nobody_else_out(self, settings: Settings) -> None:
        settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
        forged = [sent("quickbooks", headers={"X-Forwarded-For": "8.8.8.8, 8.8.4.4"}).status_code for _ in range(31)]

        headers = {**intuit(BODIES["quickbooks"]), "X-Forwarded-For": "8.8.8.8"}
        assert forged[-1] == 429
        assert sent("quickbooks", headers=headers).status_code == 200

    def test_behind_a_proxy_that_is_not_trusted_is_counted_in_part_and_genuine_ones_pass(self) -> None:
        assert self.flood(40) == [401] * 40
        assert tally("quickbooks").refused == 30
        assert sent("quickbooks").status_code == 200

    def test_is_over_after_a_minute(self) -> None:
        shut, now = floods.Floods(), datetime.fromisoformat("2026-11-26T09:30:10+00:00")
        for _ in range(30):
            shut.refused(address="8.8.4.4", now=now)

        assert shut.is_shut(address="8.8.4.4", now=now)
        assert not shut.is_shut(address="8.8.4.4", now=now.replace(minute=31))

    def test_is_logged_once_a_second(self) -> None:
        shut, now = floods.Floods(), datetime.fromisoformat("2026-11-26T09:30:10+00:00")

        assert [shut.may_tell(now=now.replace(microsecond=part)) for part in (0, 1, 2)] == [True, False, False]
        assert shut.may_tell(now=now.replace(second=11))

    def test_is_told_by_one_line_and_not_by_one_each(self, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch) -> None:
        now = datetime.fromisoformat("2026-11-26T09:30:10+00:00")
        monkeypatch.setattr("syncapp.web.webhooks.timezone", SimpleNamespace(now=lambda: now))

        self.flood(20)

        assert [record.getMessage() for record in caplog.records] == [
            "A webhook for QuickBooks Online from 127.0.0.1 was refused: its signature is not good"
        ]

    def test_fills_no_memory(self) -> None:
        shut, now = floods.Floods(), datetime.fromisoformat("2026-11-26T09:30:10+00:00")

        counted = [shut.refused(address=f"2001:db8::{number:x}", now=now) for number in range(1500)]

        assert (sum(counted), len(shut.bad)) == (1000, 1000)
