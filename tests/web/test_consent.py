from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib.auth.models import Permission, User
from django.contrib.messages import get_messages
from django.test import Client
from django.urls import reverse
from pytest_django.fixtures import Settings

from syncapp import models
from tests.services import made
from tests.services.conftest import HUBSPOT, QUICKBOOKS, Vendors, vendors

__all__ = ["vendors"]

pytestmark = pytest.mark.django_db
BOTH = pytest.mark.parametrize("system", [HUBSPOT, QUICKBOOKS])
LOCAL = {"environment": "LOCAL_SANDBOX"}


def signed_in(*permissions: str) -> Client:
    user = User.objects.create_user("alice", is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename__in=permissions))
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def alice() -> Iterator[Client]:
    yield signed_in("add_connection", "view_connection")


def started(client: Client, system: str, body: dict[str, str] = LOCAL) -> str:
    response = client.post(f"/connect/{system}/start", body)
    assert response.status_code == 302
    return response["Location"]


def said(response: Any) -> list[str]:
    return [str(message) for message in get_messages(response.wsgi_request)]


class TestStart:
    @BOTH
    def test_leads_to_the_vendor(self, system: str, alice: Client, vendors: Vendors) -> None:
        assert started(alice, system).startswith(vendors.url(system))

    @BOTH
    def test_takes_no_link(self, system: str, alice: Client, vendors: Vendors) -> None:
        assert alice.get(f"/connect/{system}/start").status_code == 405

    @pytest.mark.parametrize("body", [{}, {"environment": "https://evil.example"}, {"reconnect": "77"}])
    def test_says_what_is_missing(self, body: dict[str, str], alice: Client, vendors: Vendors) -> None:
        response = alice.post("/connect/hubspot/start", body)

        assert response["Location"] == reverse("admin:syncapp_connection_changelist")
        assert said(response)


class TestCallback:
    @BOTH
    def test_connects_and_leads_to_the_connection(self, system: str, alice: Client, vendors: Vendors) -> None:
        answer = vendors.person(started(alice, system))

        response = alice.get(f"/connect/{system}/callback", answer)

        connection = models.Connection.objects.get()
        assert response["Location"] == reverse("admin:syncapp_connection_change", args=[connection.pk])
        assert said(response) == [f"{connection} is connected."]

    @BOTH
    def test_carries_no_page_and_leaves_no_trace_of_the_code(self, system: str, alice: Client, vendors: Vendors) -> None:
        answer = vendors.person(started(alice, system))

        response = alice.get(f"/connect/{system}/callback", answer)

        assert (response.status_code, response.content) == (302, b"")
        assert (response["Cache-Control"], response["Referrer-Policy"]) == ("no-store", "no-referrer")
        assert answer["code"] not in response["Location"]

    @BOTH
    def test_says_that_it_is_connected_when_it_comes_twice(self, system: str, alice: Client, vendors: Vendors) -> None:
        answer = vendors.person(started(alice, system))
        alice.get(f"/connect/{system}/callback", answer)

        response = alice.get(f"/connect/{system}/callback", answer)

        connection = models.Connection.objects.get()
        assert said(response)[-1] == f"{connection} is connected already."
        assert response["Location"] == reverse("admin:syncapp_connection_change", args=[connection.pk])
        assert vendors.token_calls(system) == 1

    @BOTH
    def test_says_that_the_access_was_not_granted(self, system: str, alice: Client, vendors: Vendors) -> None:
        answer = vendors.person(started(alice, system), decision="deny")

        response = alice.get(f"/connect/{system}/callback", answer)

        assert "was not granted" in said(response)[0]
        assert response["Location"] == reverse("admin:syncapp_connection_changelist")

    @pytest.mark.parametrize("query", [{}, {"code": "x", "state": "y", "realmId": "1"}, {"error": "access_denied", "state": "z"}])
    @BOTH
    def test_refuses_what_was_not_started_here(self, system: str, query: dict[str, str], alice: Client, vendors: Vendors) -> None:
        response = alice.get(f"/connect/{system}/callback", query)

        assert "Start again" in said(response)[0]
        assert vendors.token_calls(system) == 0

    @BOTH
    def test_sends_a_stranger_to_sign_in_without_the_vendors_answer(self, system: str, vendors: Vendors) -> None:
        response = Client().get(f"/connect/{system}/callback", {"code": "secret-code", "state": "x"})

        assert response["Location"] == reverse("admin:login")
        assert response["Cache-Control"] == "no-store"

    @BOTH
    def test_is_closed_to_people_who_may_not_connect(self, system: str, vendors: Vendors) -> None:
        bob = signed_in("view_connection")

        assert bob.get(f"/connect/{system}/callback", {"state": "x"}).status_code == 403
        assert bob.post(f"/connect/{system}/start", LOCAL).status_code == 403

    @pytest.mark.parametrize("realm", ["9130", "no such company"])
    def test_pages_that_a_vendor_leads_strangers_to_tell_nothing_of_an_account(self, realm: str, vendors: Vendors) -> None:
        made.quickbooks("9130")
        page = reverse("admin:syncapp_connection_changelist")

        response = Client().get(page, {"realmId": realm})

        assert response.status_code == 302
        assert response["Location"].startswith(reverse("admin:login"))
        assert response.content == b""

    def test_leads_to_no_address_that_the_query_names(self, alice: Client, vendors: Vendors) -> None:
        answer = vendors.person(started(alice, HUBSPOT))

        response = alice.get("/connect/hubspot/callback", {**answer, "next": "//evil.example", "return_to": "https://evil.example"})

        assert "evil" not in response["Location"]

    def test_is_not_written_into_an_access_log(self) -> None:
        from syncapp.management import processes

        assert not [word for word in processes.web(host="127.0.0.1", port=1).argv if "access" in word]

    def test_connects_an_account_again(self, alice: Client, vendors: Vendors) -> None:
        alice.get("/connect/hubspot/callback", vendors.person(started(alice, HUBSPOT)))
        known = models.Connection.objects.get()

        answer = vendors.person(started(alice, HUBSPOT, {"reconnect": str(known.pk)}))
        alice.get("/connect/hubspot/callback", answer)

        assert models.Connection.objects.get() == known

    def test_ignores_what_a_forged_host_says(self, alice: Client, vendors: Vendors, settings: Settings) -> None:
        settings.ALLOWED_HOSTS = ["*"]

        response = alice.post("/connect/hubspot/start", LOCAL, headers={"host": "evil.example", "x-forwarded-host": "evil.example"})

        assert "evil" not in response["Location"]
