"""Where scenarios are played: one database in memory, set up once and put back for each, and a fresh sandbox every time.

Owns the two made-up accounts, and their namesakes: a second portal and a second realm with the same people in them.
"""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from unittest import mock

from django.conf import settings
from django.contrib.auth.models import User
from django.test import override_settings

from integrations.oauth import TokenSet
from integrations.sandbox import serve
from integrations.sandbox.messages import Request
from integrations.sandbox.server import Server
from integrations.sandbox.world import Clock as SandboxClock
from syncapp import models
from syncapp.engine.vocabulary import ConnectionStatus, Environment, ObjectPair, System
from syncapp.services import configs, connections, credentials, fields, governor
from tests.runs.company import Company, Vendor
from tests.simulation.door import PORTS, Conductor, Door
from tests.simulation.memory import Memory
from tests.simulation.times import VirtualClock

NAMESAKES = {"hubspot": 990099, "quickbooks": "9130347990099"}
PREPARING = -1
SYSTEMS = {System.HUBSPOT: "hubspot", System.QUICKBOOKS: "quickbooks"}
ACCOUNTS = {"hubspot": "portal_id", "quickbooks": "realm_id"}


class Account(Vendor):
    """One face of a sandbox in the same process."""

    def __init__(self, server: Server) -> None:
        super().__init__(f"http://127.0.0.1:{PORTS[server.face.name]}")
        self.server = server

    def control(self, path: str, body: object | None = None, *, method: str = "POST") -> Any:
        data = b"" if body is None else json.dumps(body).encode()
        found = self._asked(Request.of(method=method, target=f"/_sandbox/{path}", body=data))
        if path == "dump":
            held = "portals" if "portals" in found else "companies"
            found[held] = found[held][:1]  # the namesake is no business of who looks on
        return found

    def call(self, method: str, path: str, body: object | None = None) -> None:
        headers = (("Authorization", f"Bearer {self.token}"), ("Content-Type", "application/json"))
        self._asked(Request.of(method=method, target=path, headers=headers, body=b"" if body is None else json.dumps(body).encode()))

    def _asked(self, request: Request) -> Any:
        response = self.server.answer(request).response
        if response.status >= 400:
            raise AssertionError(response.body.decode())
        return json.loads(response.body) if response.body else None

    def mint(self, **wanted: object) -> dict[str, Any]:
        """An app's access to the account, in one step."""
        return dict(self.control("tokens", {"scopes": None, "limits": None, **wanted}))


class Quiet:
    """A conductor that lets everything pass."""

    def begin(self, _: object) -> None:
        """Nothing goes wrong."""

    def end(self, _: object) -> None:
        """Nothing goes wrong."""


class Simulated(Company):
    """The made-up company on a stage. `others` is the same sync between the two namesakes."""

    def __init__(self, *, clock: VirtualClock, sandbox: serve.Sandbox, conductor: Conductor) -> None:
        self.clock = clock  # type: ignore[assignment]
        self.sandbox = sandbox
        self.hubspot, self.quickbooks = Account(sandbox.hubspot), Account(sandbox.quickbooks)
        self.accounts = {"hubspot": self.hubspot, "quickbooks": self.quickbooks}
        self.secrets: list[str] = []
        self.door = Door(sandbox=sandbox, clock=clock, conductor=conductor)

    def let_pass(self, time: Any) -> None:
        self.clock.pass_seconds(time.total_seconds())

    def give_tokens(self, connection: models.Connection, minted: dict[str, Any]) -> None:
        """Let a connection have the access that was minted, as a person's consent would."""
        self.secrets += [minted["access_token"], minted["refresh_token"], minted["client_secret"]]
        tokens = TokenSet(access_token=minted["access_token"], refresh_token=minted["refresh_token"], expires_in=minted["expires_in"])
        credentials.store(connection=connection, tokens=tokens, client_id=minted["client_id"], now=self.clock.now())

    def reconnect(self, system: str) -> None:
        """A person allows the access to the first account anew."""
        account = self.accounts[system]
        minted = account.mint(**{ACCOUNTS[system]: self.of(system).external_id})
        connection = self.of(system)
        self.give_tokens(connection, minted)
        prefix = connection.system
        setattr(settings, f"{prefix}_CLIENT_ID", minted["client_id"])
        setattr(settings, f"{prefix}_CLIENT_SECRET", minted["client_secret"])
        account.token = minted["access_token"]
        models.Connection.objects.filter(pk=connection.pk).update(status=ConnectionStatus.CONNECTED)

    def allow_others(self) -> None:
        """The namesakes' accounts are connected as if just now."""
        for connection in (self.others.left, self.others.right):
            system = SYSTEMS[System(connection.system)]
            self.give_tokens(connection, self.accounts[system].mint(**{ACCOUNTS[system]: NAMESAKES[system]}))

    def of(self, system: str) -> models.Connection:
        """The connection to the first account of a vendor, as it is now."""
        return models.Connection.objects.get(pk=self.config.left_id if system == "hubspot" else self.config.right_id)


@dataclass(kw_only=True)
class Set:
    """What a play begins with: the database's content, and which rows the sync and its namesake are."""

    content: bytes
    config_id: int
    others_id: int
    alice_id: int


class Stage:
    """Builds worlds, one after the other."""

    def __init__(self, memory: Memory) -> None:
        self._memory = memory
        self._empty = memory.save()
        self._sets: dict[str, Set] = {}

    @property
    def memory(self) -> Memory:
        """The database."""
        return self._memory

    @contextmanager
    def world(self, *, conductor: Conductor, seed: int = 0, metered: bool = False) -> Iterator[Simulated]:
        """A fresh world with a sync of people; everything in it is gone afterwards."""
        prepared = self._sets.get("people") or self._prepare()
        self._memory.restore(prepared.content)
        with _built(seed=seed, conductor=conductor, metered=metered) as company:
            company.alice = User.objects.get(pk=prepared.alice_id)
            company.config = _config(prepared.config_id)
            company.others = _config(prepared.others_id)
            for config, twins in ((company.config, False), (company.others, True)):
                for connection in (config.left, config.right):
                    system = SYSTEMS[System(connection.system)]
                    if not twins:
                        _introduce(company, system, connection)
            company.allow_others()
            yield company
        self._memory.watch(None)

    def _prepare(self) -> Set:
        """Set everything up the first time."""
        self._memory.restore(self._empty)
        with _built(seed=PREPARING, conductor=Quiet(), metered=False) as company:
            company.alice = User.objects.create_superuser("alice", "alice@example.com", "a long enough pass phrase")
            made = [_sync(company, name, twins=twins) for name, twins in (("People", False), ("People of the namesake", True))]
            prepared = Set(content=self._memory.save(), config_id=made[0].pk, others_id=made[1].pk, alice_id=company.alice.pk)
        self._sets["people"] = prepared
        return prepared


@contextmanager
def _built(*, seed: int, conductor: Conductor, metered: bool) -> Iterator[Simulated]:
    clock = VirtualClock(seed=seed)
    random.seed(seed)  # the pauses between the tries of a call
    sandbox = serve.build(seed="empty", clock=SandboxClock(real=clock.vendors_now), wait=clock.pass_seconds)
    company = Simulated(clock=clock, sandbox=sandbox, conductor=conductor)
    urls = {f"LOCAL_SANDBOX_{system}_URL": company.accounts[name].url for system, name in SYSTEMS.items()}
    limits = mock.patch.object(governor, "Governor", lambda **_: connections.Unmetered())
    with (
        override_settings(**urls),
        mock.patch("django.utils.timezone.now", clock.now),
        mock.patch("uuid.uuid4", clock.new_uuid),
        mock.patch.object(models.RecordPair._meta.get_field("key"), "default", clock.new_key),
        company.door.open(),
    ):
        company.hubspot.control("switch", {"index_delay": 0.0})
        if metered:
            yield company
            return
        with limits:
            yield company


def _config(pk: int) -> models.SyncConfig:
    return models.SyncConfig.objects.select_related("left", "right").get(pk=pk)


def _sync(company: Simulated, name: str, *, twins: bool) -> models.SyncConfig:
    ends = []
    for system, vendor in SYSTEMS.items():
        minted = company.accounts[vendor].mint(**({ACCOUNTS[vendor]: NAMESAKES[vendor]} if twins else {}))
        connection = models.Connection.objects.create(
            system=system, environment=Environment.LOCAL_SANDBOX, external_id=str(minted[ACCOUNTS[vendor]]), name=system.label,
            status=ConnectionStatus.CONNECTED,
        )
        _admit(company, vendor, connection, minted)
        fields.refresh(connection=connection, now=company.clock.now())
        ends.append(connection)
    config = configs.create(
        name=name, left=ends[0], right=ends[1], object_pair=ObjectPair.CONTACT_CUSTOMER, actor=company.alice, now=company.clock.now()
    )
    config.filter_groups.all().delete()
    return config


def _introduce(company: Simulated, system: str, connection: models.Connection) -> None:
    minted = company.accounts[system].mint()
    if str(minted[ACCOUNTS[system]]) != connection.external_id:
        raise RuntimeError(f"The sandbox made another account than before: {minted[ACCOUNTS[system]]}.")
    _admit(company, system, connection, minted)
    company.accounts[system].token = minted["access_token"]


def _admit(company: Simulated, system: str, connection: models.Connection, minted: dict[str, Any]) -> None:
    setattr(settings, f"{connection.system}_CLIENT_ID", minted["client_id"])
    setattr(settings, f"{connection.system}_CLIENT_SECRET", minted["client_secret"])
    company.give_tokens(connection, minted)


