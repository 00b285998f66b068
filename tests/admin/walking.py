"""A walk over every address of this program: each person, each method, one's own thing, another's and none.

Owns how an address is filled in, what an answer is called, and how `tests/permissions.yaml` is read and written. Judges nothing.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from http.cookies import SimpleCookie
from pathlib import Path
from typing import Any

import yaml
from django.conf import settings
from django.contrib.auth.models import Group, User
from django.db import connection, transaction
from django.http import HttpResponseBase
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from syncapp import models
from syncapp.engine.vocabulary import ExportFormat, ExportState, ImportKind
from syncapp.services import actors, audit_settings, config_versions
from tests.admin.conftest import signed_in
from tests.admin.scene import NOW, Scene, person

FILE = Path(__file__).parents[1] / "permissions.yaml"
SIGN_IN = "sign-in"
MISSING = 987_654
STRANGERS = ("anonymous", "inactive")
STAFF = ("viewer", "operator", "administrator", "superuser")
WHOSE = ("own", "other", "missing")
_PLACE = re.compile(r"<(?:\w+:)?(\w+)>")
_WRITE = re.compile(r"\s*(INSERT INTO|UPDATE|DELETE FROM|REPLACE INTO)\s+\"?(\w+)", re.IGNORECASE)
OF_NO_ACCOUNT = {"django_session"}
"""Tables that hold nothing but that somebody is signed in."""


@dataclass(frozen=True, kw_only=True)
class Address:
    """One line of the resolver: its name, and its route."""

    name: str
    route: str

    @property
    def model(self) -> str:
        found = re.match(r"admin:(?:syncapp|auth)_([a-z]+)", self.name)
        return found[1] if found else ""

    @property
    def objects(self) -> tuple[str, ...]:
        """Whose things there are at this address."""
        if self.name == "admin:syncapp_recordpair_view_delete" or self.model in OWNED:
            return WHOSE if _PLACE.search(self.route) else ("own",)
        return ("own", "missing") if {"pk", "object_id", "id"} & set(_PLACE.findall(self.route)) else ("own",)


OWNED = {"exportfile", "exportschedule", "notice", "user"}


def addresses(resolver: URLResolver | None = None, space: str = "", before: str = "") -> Iterator[Address]:
    """List every address there is. One without a name is called by its route."""
    for one in (resolver or get_resolver()).url_patterns:
        route = before + str(one.pattern)
        if isinstance(one, URLResolver):
            yield from addresses(one, f"{space}{one.namespace}:" if one.namespace else space, route)
        elif isinstance(one, URLPattern):
            yield Address(name=space + one.name if one.name else _called(route), route=route)


def _called(route: str) -> str:
    return "(the former address of a page)" if route.endswith("/<path:object_id>/") else f"({route})"


@dataclass
class Answers:
    """What came of one method at one address: a code for each person, by whose thing it was."""

    name: str
    method: str
    whose: str
    codes: dict[str, Any] = field(default_factory=dict)
    traces: dict[str, list[str]] = field(default_factory=dict)

    def __str__(self) -> str:
        return f"{self.method} {self.name} ({self.whose})"


class Company:
    """Six people and something of each kind that is one's own and another's."""

    def __init__(self, scene: Scene) -> None:
        self.scene = scene
        self.clients: dict[str, Client] = {"anonymous": Client()}
        self.users: dict[str, User] = {}
        for name in ("inactive", *STAFF):
            user = User.objects.create_superuser(name) if name in ("superuser", "inactive") else person(name)
            if name in ("viewer", "operator", "administrator"):
                user.groups.add(Group.objects.get(name=name.capitalize()))
            self.users[name], self.clients[name] = user, signed_in(user)
        User.objects.filter(username="inactive").update(is_active=False)
        config_versions.record(config=scene.config, actor=None, now=NOW)
        audit_settings.changed(subject=scene.config, who=actors.of(scene.erin), now=NOW, made=True)
        self._cookies = {name: client.cookies.output(header="", sep="") for name, client in self.clients.items()}
        self.things = {name: self._things(user) for name, user in {**self.users, "other": scene.erin}.items()}
        self.things["anonymous"] = self.things["viewer"]

    def _things(self, user: User) -> dict[str, int]:
        """What belongs to one person."""
        folder = Path(settings.EXPORT_DIR)
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"{user.pk}.csv").write_text("x")
        view = models.SavedView.objects.create(owner=user, name=f"View of {user}", config=self.scene.config, columns=["left_name"])
        return {
            "view": view.pk, "user": user.pk,
            "exportfile": models.ExportFile.objects.create(
                owner=user, name="x", format=ExportFormat.CSV, state=ExportState.READY, file=f"{user.pk}.csv", columns=["left_name"],
                finished_at=NOW, expires_at=NOW.replace(year=NOW.year + 50),
            ).pk,
            "exportschedule": models.ExportSchedule.objects.create(owner=user, name="x", view=view, format=ExportFormat.CSV).pk,
            "notice": models.Notice.objects.create(subject=f"For {user}", words="For one alone.", user=user).pk,
            "draft": models.ImportDraft.objects.create(
                owner=user, config=self.scene.config, kind=ImportKind.LINKS, name="x.csv", expires_at=NOW.replace(year=NOW.year + 50),
                lines=[],
            ).pk,
        }

    def ask(self, who: str, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
        """Ask for something as somebody who is signed in, whatever was asked for before."""
        client = self.clients[who]
        client.raise_request_exception = False
        client.cookies = SimpleCookie(self._cookies[who])
        return getattr(client, method.lower())(path, body)

    def answers(self, address: Address, method: str, whose: str, people: Iterable[str], monkeypatch: Any) -> Answers:
        """Ask for the same as several people, and take back what each did."""
        found = Answers(address.name, method, whose)
        for who in people:
            with undone(monkeypatch) as watch:
                found.codes[who] = code(self.ask(who, method, self.path(address, who, whose)))
            found.traces[who] = watch.traces
        return found

    def path(self, address: Address, who: str, whose: str) -> str:
        """Fill in an address."""
        if address.name == "admin:app_list":
            return "/syncapp/"
        if address.route.endswith("(?P<url>.*)$"):
            return "/nowhere/at/all"
        pk = MISSING if whose == "missing" else self._subject(address, "other" if whose == "other" else who)
        mapping = "<int:mapping>" in address.route
        filled = {
            "pk": pk, "object_id": pk, "id": pk, "kind": "values" if mapping else "links", "mapping": self.scene.first_name.pk,
            "draft": self.things[who]["draft"], "content_type_id": 1, "number": MISSING if whose == "missing" else 1,
        }
        return "/" + _PLACE.sub(lambda place: str(filled[place[1]]), address.route)

    def _subject(self, address: Address, who: str) -> int:
        scene, things = self.scene, self.things[who]
        runs = {"release": scene.braked, "approve": scene.preview}
        shared: dict[str, Any] = {
            "syncconfig": scene.config, "connection": scene.left, "conflict": scene.conflict, "recordpair": scene.in_sync,
            "syncrun": next((run for end, run in runs.items() if address.name.endswith(end)), scene.run),
            "vendorfield": scene.sides.left_fields["email"], "fieldmapping": scene.first_name, "group": Group.objects.get(name="Viewer"),
            "auditentry": models.AuditEntry.objects.latest("number"),
        }
        if address.name.endswith("view_delete"):
            return things["view"]
        if address.name == "(the former address of a page)":
            return 1
        return things[address.model] if address.model in things else int(shared[address.model].pk) if address.model in shared else 1


@dataclass
class Watch:
    """What was written, called and filed while somebody asked for something."""

    written: list[str] = field(default_factory=list)
    values: list[str] = field(default_factory=list)
    called: list[str] = field(default_factory=list)
    files: set[str] = field(default_factory=set)

    def __call__(self, execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        found = _WRITE.match(sql)
        if found and found[2] not in OF_NO_ACCOUNT:
            self.written.append(f"{found[1]} {found[2]}")
            self.values.append(f"{found[2]}: {params}")
        return execute(sql, params, many, context)

    @property
    def traces(self) -> list[str]:
        return self.written + self.called + sorted(self.files ^ _files())


def _files() -> set[str]:
    return {one.name for one in Path(settings.EXPORT_DIR).iterdir()} if Path(settings.EXPORT_DIR).exists() else set()


@contextmanager
def undone(monkeypatch: Any) -> Iterator[Watch]:
    """Within this, all that is written is seen, and it is taken back afterwards. No vendor is there."""
    watch = Watch(files=_files())

    def called(*_: Any, **__: Any) -> Any:
        watch.called.append("a vendor was called")
        raise OSError("no vendor is there")

    with ExitStack() as stack:
        patch = stack.enter_context(monkeypatch.context())
        patch.setattr("requests.adapters.HTTPAdapter.send", called)
        stack.enter_context(connection.execute_wrapper(watch))
        with transaction.atomic():
            yield watch
            transaction.set_rollback(True)
    for name in _files() - watch.files:
        os.unlink(Path(settings.EXPORT_DIR) / name)


def unwritten(monkeypatch: Any) -> None:
    """Have pages decided on and not written out, which takes most of the time."""
    monkeypatch.setattr("django.template.response.SimpleTemplateResponse.rendered_content", "")


def code(answer: HttpResponseBase) -> Any:
    """Call an answer: by its number, or as the way to the sign-in."""
    leads = answer.headers.get("Location", "")
    return SIGN_IN if answer.status_code == 302 and leads.startswith("/login/") else answer.status_code


def expected() -> dict[str, Any]:
    """Read the file."""
    return dict(yaml.safe_load(FILE.read_text(encoding="utf-8")))


def told(group: dict[str, Any], everywhere: dict[str, Any], *, method: str, whose: str) -> dict[str, Any]:
    """Tell what a group of the file says for each person, the usual answers filled in. A superuser is named where that differs."""
    said = group.get(whose, {}).get(method, group.get(method, everywhere.get(method, "(nothing)")))
    staff = said if isinstance(said, list) else [said] * (len(STAFF) - 1)
    strange = group.get("strangers", {}).get(method, everywhere["strangers"]) if method in ("GET", "POST") else said
    return {**dict.fromkeys(STRANGERS, strange), **dict(zip(STAFF, staff, strict=False))}


def snippet(names: Iterable[str], seen: Iterable[Answers]) -> str:
    """Write what was seen of some addresses as the file would have it."""
    seen = list(seen)
    lines = []
    for name in names:
        lines += ["  - what: (say in a few words who may do what here)", f"    urls: [\"{name}\"]"]
        for whose in WHOSE:
            found = {one.method: one.codes for one in seen if one.name == name and one.whose == whose}
            indent = "    " if whose == "own" else "      "
            wanted = {method: codes for method, codes in found.items() if method in ("GET", "POST")}
            if whose != "own" and wanted:
                lines.append(f"    {whose}:")
            for method, codes in wanted.items():
                staff = [codes[who] for who in STAFF if who in codes]
                staff = staff[:-1] if len(staff) == len(STAFF) and staff[-1] == staff[-2] else staff
                lines.append(f"{indent}{method}: {staff[0] if len(set(staff)) == 1 else staff}")
            strange = {method: codes["anonymous"] for method, codes in wanted.items()}
            if whose == "own" and set(strange.values()) != {SIGN_IN}:
                lines.append(f"    strangers: {strange}".replace("'", ""))
    return "\n".join(lines)

