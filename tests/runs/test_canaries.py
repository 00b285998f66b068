"""Nothing secret gets out: random secrets and made-up people go through all that this program does, and are then looked for everywhere."""

from __future__ import annotations

import base64
import json
import logging
import pickle
import pprint
import secrets
import sys
import traceback
import urllib.parse
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
from django.contrib.auth.models import Group, User
from django.contrib.messages import get_messages
from django.contrib.sessions.models import Session
from django.core import mail
from django.db import connection as database
from django.test import Client, RequestFactory
from django.urls import reverse

from syncapp import gate, models
from syncapp.engine import errors
from syncapp.engine.vocabulary import Environment, ExportFormat, RunKind, System
from syncapp.services import connections, consent, credentials, export_mail, exports, notice_mail, roles, second_factor
from syncapp.web.security import DiscreetReporter, DiscreetReporterFilter
from tests.runs.company import Company

PASSWORD = secrets.token_urlsafe(16)
PERSON = {
    "firstname": "Zzyzxa", "lastname": "Qwlbrt", "email": "zzyzxa.qwlbrt@example.com", "phone": "+1 415 555 0199",
    "address": "77 Xylograph Passage",
}


def forms(secret: str) -> set[str]:
    """In what forms a secret may turn up."""
    raw = secret.encode()
    return {
        secret, secret[:12], base64.b64encode(raw).decode(), base64.urlsafe_b64encode(raw).decode().rstrip("="), raw.hex(),
        urllib.parse.quote(secret, safe=""), json.dumps(secret)[1:-1],
    }


class Evidence:
    """The secrets that were planted, the people, and everything that came out."""

    def __init__(self) -> None:
        self.secrets: dict[str, str] = {}
        self.out: dict[str, str] = {}

    def plant(self, **secrets: str) -> None:
        assert all(len(secret) >= 12 for secret in secrets.values())
        self.secrets |= secrets

    def keep(self, place: str, text: object) -> None:
        self.out[place] = self.out.get(place, "") + f"\n{text}"

    def leaks(self) -> list[str]:
        """Where which secret was found, and in which form."""
        return sorted(
            f"{name} in {place}: {form[:6]}…"
            for place, text in self.out.items() for name, secret in self.secrets.items() for form in forms(secret) if form in text
        )


@pytest.fixture
def evidence(settings: Any, tmp_path: Path) -> Evidence:
    found = Evidence()
    planted = {name: secrets.token_urlsafe(24) for name in ("HUBSPOT_WEBHOOK_SECRET", "QUICKBOOKS_WEBHOOK_TOKEN", "EMAIL_HOST_PASSWORD")}
    settings.HUBSPOT_WEBHOOK_SECRET = [planted["HUBSPOT_WEBHOOK_SECRET"]]
    settings.QUICKBOOKS_WEBHOOK_TOKEN = [planted["QUICKBOOKS_WEBHOOK_TOKEN"]]
    settings.EMAIL_HOST_PASSWORD = planted["EMAIL_HOST_PASSWORD"]
    settings.EXPORT_DIR = tmp_path / "exports"
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    key = secrets.token_bytes(32)
    settings.CREDENTIAL_KEYS = (("canary", key), *settings.CREDENTIAL_KEYS)
    found.plant(
        **planted, SECRET_KEY=settings.SECRET_KEY, CREDENTIAL_KEY=base64.b64encode(key).decode(), password=PASSWORD,
    )
    return found


def token_secrets() -> Iterator[tuple[str, str]]:
    for row in models.Credential.objects.select_related("connection"):
        for name in ("access_token", "refresh_token"):
            sealed = getattr(row, name)
            yield f"{row.connection.system} {name} {sealed[-6:]}", credentials.unseal(
                connection_id=row.connection_id, name=name, sealed=sealed
            )


def in_full(thing: object, depth: int = 3) -> str:
    """Whatever can be had of an object without asking it for a secret."""
    parts = [repr(thing), str(thing), pprint.pformat(thing)]
    try:
        parts.append(repr(pickle.dumps(thing)))
    except (TypeError, AttributeError, pickle.PicklingError):
        parts.append("cannot be pickled")
    if depth:
        parts += [in_full(value, depth - 1) for value in getattr(thing, "__dict__", {}).values()]
    if isinstance(thing, BaseException):
        parts += [in_full(cause, depth - 1) for cause in (thing.__cause__, thing.__context__) if cause is not None and depth]
    return "\n".join(parts)


def plain_dump() -> str:
    """Every row of every table, with the sessions opened."""
    lines: list[str] = []
    with database.cursor() as cursor:
        for table in database.introspection.table_names(cursor):
            cursor.execute(f'SELECT * FROM "{table}"')
            lines += [f"{table}: {row!r}" for row in cursor.fetchall()]
    return "\n".join([*lines, *(repr(session.get_decoded()) for session in Session.objects.all())])


class TestCanaries:
    @pytest.fixture
    def lived(
        self, company: Company, evidence: Evidence, settings: Any, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
    ) -> Evidence:
        """A day of the company, with everything that it brought out."""
        for name in ("", "syncapp", "integrations", "django", "django.request", "django_q"):
            caplog.set_level(logging.DEBUG, name)
        caplog.set_level(logging.INFO, "django.template")  # it tells of every name that a page of the theme does without
        for row in models.Connection.objects.all():
            evidence.plant(**{f"{row.system} client": getattr(settings, f"{row.system}_CLIENT_SECRET")})
        evidence.plant(**dict(token_secrets()))
        self.work(company, evidence)
        evidence.plant(**dict(token_secrets()))
        self.look(company, evidence)
        self.hand_out(company, evidence)
        self.crash(company, evidence, monkeypatch)
        evidence.keep("dump", plain_dump())
        evidence.keep("log", caplog.text)
        return evidence

    def work(self, company: Company, evidence: Evidence) -> None:
        """A consent, runs with a renewed token and with trouble on the way, a preview, and an undo that is proposed."""
        session: dict[str, Any] = {}
        evidence.keep("state", consent.begin(
            system="HUBSPOT", environment="LOCAL_SANDBOX", session=session, user=company.alice, now=company.clock.now()
        ).partition("state=")[0])
        evidence.keep("session of a consent", session)
        first = company.contact(**PERSON)
        company.run()
        models.Credential.objects.update(access_expires_at=company.clock.now())
        company.quickbooks.breaks("status", "/customer", method="POST", status=500)
        company.hubspot.change("contacts", first, lastname="Qwlbrtova")
        company.customer(DisplayName="Zzyzxb Qwlbrt", email="zzyzxb@example.com")
        company.run()
        company.run(RunKind.PREVIEW)
        for row in models.Connection.objects.all():
            connections.test(connection=row, now=company.clock.now())

    def look(self, company: Company, evidence: Evidence) -> None:
        """Every kind of page and history, as every role."""
        roles.ensure(now=company.clock.now())
        run, pair, row = models.SyncRun.objects.latest("pk"), models.RecordPair.objects.latest("pk"), company.config.left
        evidence_pages = [
            *(reverse(f"admin:{name}") for name in (
                "index", "syncapp_connection_changelist", "syncapp_connection_jobs", "syncapp_connection_key", "syncapp_syncrun_changelist",
                "syncapp_recordpair_changelist", "syncapp_conflict_changelist", "syncapp_notice_changelist",
                "syncapp_personalsettings_changelist", "syncapp_exportfile_changelist", "auth_user_changelist",
            )),
            reverse("admin:syncapp_connection_change", args=[row.pk]), reverse("admin:syncapp_connection_end", args=[row.pk]),
            reverse("admin:syncapp_syncconfig_change", args=[company.config.pk]), reverse("admin:syncapp_syncrun_change", args=[run.pk]),
            reverse("admin:syncapp_recordpair_change", args=[pair.pk]), reverse("admin:auth_user_change", args=[company.alice.pk]),
            reverse("admin:syncapp_syncconfig_history", args=[company.config.pk]), reverse("health-ready"), "/no/such/page/",
        ]
        for role in ("superuser", "nobody", *roles.ROLES):
            client = Client()
            if role != "nobody":
                user = User.objects.create_user(role, password=PASSWORD, is_staff=True, is_superuser=role == "superuser")
                user.groups.set(Group.objects.filter(name=role))
                client.post(reverse("admin:login"), {"username": role, "password": PASSWORD})
                self.second_factor(user, evidence)
            for page in evidence_pages:
                answer = client.get(page)
                evidence.keep(f"pages of {role}", answer.content.decode() + str(answer.headers))
                assert "no-store" in answer["Cache-Control"], page
            refused = client.post(reverse("admin:syncapp_connection_key"), {"environment": "LOCAL_SANDBOX", "key": PASSWORD})
            evidence.keep(f"messages of {role}", [*map(str, get_messages(refused.wsgi_request)), refused.content.decode()])

    def second_factor(self, user: User, evidence: Evidence) -> None:
        session: dict[str, Any] = {}
        offered = second_factor.offer(user=user, session=session)
        evidence.plant(**{f"second factor of {user}": offered.secret.replace(" ", "")})
        evidence.keep("session of a second factor", session)
        evidence.keep("offer", repr(offered))

    def hand_out(self, company: Company, evidence: Evidence) -> None:
        """Files and mails."""
        User.objects.filter(pk=company.alice.pk).update(email="alice@example.com")
        for format in ExportFormat:
            export = exports.ask(
                owner=company.alice, format=format, query="", columns=["left_name", "right_name"], config=company.config, name="All",
                outside=company.clock.ports,
            )
            path = exports.path_of(export)
            assert path is not None
            evidence.keep("exports", path.read_bytes().decode("utf-8", "replace"))
            export_mail.send(export_id=export.pk, outside=company.clock.ports)
        notice_mail.look_after(now=company.clock.now())
        for one in mail.outbox:
            evidence.keep("mails", one.message().as_string())
        assert mail.outbox

    def crash(self, company: Company, evidence: Evidence, monkeypatch: pytest.MonkeyPatch) -> None:
        """Something breaks where a token is in everybody's hands: in the library that sends it."""

        def broken(session: Any, request: Any, **_: Any) -> Any:
            held = str(request.headers["Authorization"])
            raise ZeroDivisionError(len(held))

        connector = connections.connector(connection=company.config.left, outside=company.clock.ports)
        keeper = credentials.TokenKeeper(
            connection_id=company.config.left.pk, outside=company.clock.ports,
            app=connections.app(system=System.HUBSPOT, environment=Environment.LOCAL_SANDBOX),
        )
        opened = credentials._opened(models.Credential.objects.earliest("pk"))
        rows = (*models.Connection.objects.all(), *models.Credential.objects.all())
        evidence.keep("objects", "\n".join(map(in_full, (connector, keeper, opened, *rows))))
        company.hubspot.breaks("status", "/account-info", status=403, times=5)
        with pytest.raises(errors.SyncError) as refused:
            connector.account()
        evidence.keep("exceptions", in_full(refused.value))
        with monkeypatch.context() as patched:
            patched.setattr(requests.Session, "send", broken)
            try:
                connector.account()
            except ZeroDivisionError as error:
                report = DiscreetReporter(RequestFactory().get("/"), *sys.exc_info())
                evidence.keep("exceptions", in_full(error))
                evidence.keep("report", report.get_traceback_html() + report.get_traceback_text())
                task = {"success": False, "result": f"{opened.access.reveal()} : {traceback.format_exc()}"}
                gate._conceal(task=task)
                evidence.keep("results of jobs", task["result"])
        assert "ZeroDivisionError" in evidence.out["report"]
        assert "<td class=\"code\"><pre>" in evidence.out["report"]
        evidence.keep("settings", DiscreetReporterFilter().get_safe_settings())

    def test_are_found_nowhere_and_people_in_no_log(self, lived: Evidence) -> None:
        assert len(lived.secrets) >= 12
        assert set(lived.out) >= {"log", "dump", "exports", "mails", "objects", "exceptions", "report", "settings", "results of jobs"}
        assert lived.leaks() == []
        assert [value for value in (*PERSON.values(), "Zzyzxb", "zzyzxb@example.com") if value in lived.out["log"]] == []
        assert PERSON["email"] in lived.out["dump"]

    def test_would_be_found(self, evidence: Evidence) -> None:
        for name, secret in evidence.secrets.items():
            for form in forms(secret):
                evidence.out = {"somewhere": f"…{form}…"}

                assert f"{name} in somewhere: {form[:6]}…" in evidence.leaks()
