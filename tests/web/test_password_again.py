"""Connecting, connecting again and disconnecting ask for the password where it was entered more than 15 minutes ago."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Group, User
from django.contrib.messages import get_messages
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from syncapp import models
from syncapp.engine.vocabulary import ConnectionStatus
from syncapp.services import people
from tests.services import made
from tests.services.conftest import HUBSPOT, Vendors, vendors

__all__ = ["vendors"]

pytestmark = pytest.mark.django_db
PASSWORD = "a long enough pass phrase"
QUESTION = "/syncapp/connection/password/"
LOCAL = {"environment": "LOCAL_SANDBOX"}


def person() -> Client:
    """An administrator, who is no superuser."""
    user = User.objects.create_user("ann", password=PASSWORD, is_staff=True)
    user.groups.add(Group.objects.get(name="Administrator"))
    client = Client()
    client.force_login(user)
    return client


def entered(client: Client, ago: timedelta) -> None:
    """Have the password entered so long ago."""
    session = client.session
    people.password_entered(session=session, now=timezone.now() - ago)
    session.save()


@pytest.fixture
def ann() -> Client:
    client = person()
    entered(client, people.FRESH + timedelta(seconds=5))
    return client


@pytest.fixture
def account() -> models.Connection:
    return made.hubspot()


def onward(answer: Any) -> str:
    assert answer.status_code == 302
    assert answer["Location"].startswith(f"{QUESTION}?next=")
    return str(answer["Location"])


class TestOldSignIn:
    def test_is_asked_before_an_account_is_connected(self, ann: Client, vendors: Vendors) -> None:
        onward(ann.post(f"/connect/{HUBSPOT}/start", LOCAL))

        assert not ann.session.get("consents")

    def test_is_asked_before_an_account_is_connected_again(self, ann: Client, account: models.Connection) -> None:
        question = onward(ann.post(f"/connect/{HUBSPOT}/start", {"reconnect": str(account.pk)}))

        assert question.endswith(f"%2Fconnection%2F{account.pk}%2Fchange%2F")

    def test_is_asked_before_an_account_is_disconnected(self, ann: Client, account: models.Connection) -> None:
        onward(ann.get(reverse("admin:syncapp_connection_end", args=[account.pk])))
        onward(ann.post(reverse("admin:syncapp_connection_disconnect", args=[account.pk])))

        account.refresh_from_db()
        assert account.status != ConnectionStatus.DISCONNECTED

    def test_is_asked_before_a_key_is_pasted(self, ann: Client) -> None:
        onward(ann.get(reverse("admin:syncapp_connection_key")))
        onward(ann.post(reverse("admin:syncapp_connection_key"), {"key": "pat-x", **LOCAL}))

        assert not models.Connection.objects.exists()

    def test_is_not_asked_for_a_test_of_the_connection(self, ann: Client, account: models.Connection) -> None:
        answer = ann.post(reverse("admin:syncapp_connection_pause", args=[account.pk]), {"paused": "yes"})

        assert answer["Location"] == reverse("admin:syncapp_connection_change", args=[account.pk])


class TestQuestion:
    def test_leads_on_once_it_is_answered(self, ann: Client, account: models.Connection) -> None:
        question = onward(ann.get(reverse("admin:syncapp_connection_end", args=[account.pk])))
        page = ann.get(question).content.decode()

        answer = ann.post(question, {"password": PASSWORD, "next": reverse("admin:syncapp_connection_end", args=[account.pk])})

        assert 'type="password"' in page and "more than 15 minutes ago" in page
        assert answer["Location"] == reverse("admin:syncapp_connection_end", args=[account.pk])
        assert ann.get(answer["Location"]).status_code == 200
        ann.post(reverse("admin:syncapp_connection_disconnect", args=[account.pk]))
        account.refresh_from_db()
        assert account.status == ConnectionStatus.DISCONNECTED

    def test_is_not_answered_by_another_password(self, ann: Client) -> None:
        User.objects.create_superuser("chief", password="another long pass phrase")

        for wrong in ("wrong", "", "another long pass phrase"):
            assert ann.post(QUESTION, {"password": wrong}).status_code == 200
        assert not people.is_fresh(session=ann.session, now=timezone.now())

    @pytest.mark.parametrize("where", ["https://evil.example/", "//evil.example", "javascript:alert(1)", "\\\\evil.example", ""])
    def test_leads_to_no_other_site(self, where: str, ann: Client) -> None:
        answer = ann.post(QUESTION, {"password": PASSWORD, "next": where})

        assert answer["Location"] == reverse("admin:syncapp_connection_changelist")
        assert [str(one) for one in get_messages(answer.wsgi_request)] == [
            "Thank you. For 15 minutes you can connect and disconnect accounts."
        ]


class TestSignIn:
    def test_counts_for_15_minutes(self) -> None:
        client = person()

        assert people.is_fresh(session=client.session, now=timezone.now() + timedelta(minutes=14))
        assert not people.is_fresh(session=client.session, now=timezone.now() + timedelta(minutes=16))

    def test_in_the_future_does_not_count(self) -> None:
        client = person()
        entered(client, -timedelta(hours=1))

        assert not people.is_fresh(session=client.session, now=timezone.now())

    def test_of_a_session_without_one_does_not_count(self) -> None:
        assert not people.is_fresh(session=Client().session, now=timezone.now())
