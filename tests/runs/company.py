"""Two accounts in the sandbox, a sync between them, and what a person does at either vendor."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from datetime import UTC, datetime, timedelta
from typing import Any

from django.contrib.auth.models import User
from django.db import connection as database

from integrations.oauth import TokenSet
from integrations.sandbox.serve import Sandbox
from syncapp import models
from syncapp.engine.vocabulary import (
    ConnectionStatus,
    Direction,
    Environment,
    ObjectPair,
    OperationStatus,
    RunKind,
    RunTrigger,
    System,
)
from syncapp.services import configs, credentials, drafts, fields, lane, own, ports, runs

GROUPS = {"invoices": "invoiceinformation"}
"""The groups in which a person makes properties in HubSpot."""
FIELDS: dict[str, list[list[Any]]] = {}
"""The fields of a new account of each vendor, as they were read the first time, ready for the database."""
COLUMNS = [field for field in models.VendorField._meta.concrete_fields if not field.primary_key]


class Clock:
    """Real time and what was added to it; sleeping only adds."""

    def __init__(self) -> None:
        self.added = timedelta()

    def now(self) -> datetime:
        return datetime.now(UTC) + self.added

    def pass_seconds(self, seconds: float) -> None:
        self.added += timedelta(seconds=seconds)

    @property
    def ports(self) -> ports.Ports:
        return ports.Ports(now=self.now, sleep=self.pass_seconds, new_key=ports.REAL.new_key, chance=lambda: 0.5)


class Vendor:
    """One face of the sandbox, as a person in the vendor's own screens and as a test that looks on."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.written_before = 0
        self.token = ""

    def control(self, path: str, body: object | None = None, *, method: str = "POST") -> Any:
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(f"{self.url}/_sandbox/{path}", data, {"Content-Type": "application/json"}, method=method)
        try:
            with urllib.request.urlopen(request, timeout=20) as response:
                content = response.read()
        except urllib.error.HTTPError as refusal:
            raise AssertionError(refusal.read().decode()) from refusal
        return json.loads(content) if content else None

    def switch_back(self) -> None:
        """Put every switch where it stands at first."""
        listed = self.control("switch", method="GET")
        moved = {one["name"].rpartition(".")[2]: one["default"] for one in listed if one["value"] != one["default"]}
        if moved:
            self.control("switch", moved)

    def create(self, kind: str, **values: object) -> str:
        return str(self.control("edit", {"type": kind, "create": values})["id"])

    def change(self, kind: str, external_id: str, **values: object) -> None:
        self.control("edit", {"type": kind, "id": external_id, "set": values})

    def delete(self, kind: str, external_id: str) -> None:
        self.control("edit", {"type": kind, "id": external_id, "delete": True})

    def restore(self, kind: str, external_id: str) -> None:
        """Bring an archived HubSpot record back."""
        self.control("edit", {"type": kind, "id": external_id, "restore": True})

    def merge(self, kind: str, kept: str, lost: str) -> Any:
        return self.control("edit", {"type": kind, "merge": [kept, lost]})

    def breaks(self, fault: str, path_regex: str, *, method: str | None = None, times: int = 1, **more: object) -> None:
        match = {"path_regex": path_regex, **({"method": method} if method else {})}
        self.control("faults", {"match": match, "times": times, "fault": fault, **more})

    def associate(self, kind: str, external_id: str, other: str, other_id: str) -> None:
        """What no command of the control face does: another application relates two HubSpot records."""
        self.call("PUT", f"/crm/objects/2026-09/{kind}/{external_id}/associations/default/{other}/{other_id}")

    def define(self, kind: str, name: str, type_: str = "string", **more: object) -> None:
        """A person makes a property in HubSpot."""
        field_type = {"string": "text", "enumeration": "select"}.get(type_, type_)
        body = {"name": name, "label": name.replace("_", " ").capitalize(), "type": type_, "fieldType": field_type, **more}
        self.call("POST", f"/crm/properties/2026-09/{kind}", {"groupName": GROUPS[kind], **body})

    def undefine(self, kind: str, name: str) -> None:
        """A person deletes a property in HubSpot."""
        self.call("DELETE", f"/crm/properties/2026-09/{kind}/{name}")

    def call(self, method: str, path: str, body: object | None = None) -> None:
        """A call of the vendor's own API."""
        headers = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"}
        data = b"" if body is None else json.dumps(body).encode()
        urllib.request.urlopen(urllib.request.Request(self.url + path, data, headers, method=method), timeout=20).close()

    def written(self) -> int:
        """How many records the application wrote here since the test began."""
        return sum(self.control("counts", method="GET")["written"].values()) - self.written_before


class Company:
    """The made-up company whose two accounts are kept in step."""

    def __init__(self, sandbox: Sandbox, settings: Any, clock: Clock) -> None:
        self.clock = clock
        self.hubspot = Vendor(sandbox.hubspot.url)
        self.quickbooks = Vendor(sandbox.quickbooks.url)
        for vendor in (self.hubspot, self.quickbooks):
            vendor.control("faults", method="DELETE")
            vendor.control("reset", {"seed": "empty"})
            vendor.written_before = vendor.written()
            vendor.switch_back()
        self.hubspot.control("switch", {"index_delay": 0.0})
        settings.LOCAL_SANDBOX_HUBSPOT_URL, settings.LOCAL_SANDBOX_QUICKBOOKS_URL = self.hubspot.url, self.quickbooks.url
        self.alice = User.objects.create_superuser("alice", "alice@example.com", "a long enough pass phrase")
        left = self._connect(System.HUBSPOT, self.hubspot, "portal_id", settings)
        right = self._connect(System.QUICKBOOKS, self.quickbooks, "realm_id", settings)
        self.config = configs.create(
            name="People", left=left, right=right, object_pair=ObjectPair.CONTACT_CUSTOMER, actor=self.alice, now=self.clock.now()
        )
        self.config.filter_groups.all().delete()

    def _connect(self, system: System, vendor: Vendor, account: str, settings: Any) -> models.Connection:
        made = vendor.control("tokens", {"scopes": None, "limits": None})
        setattr(settings, f"{system.value}_CLIENT_ID", made["client_id"])
        setattr(settings, f"{system.value}_CLIENT_SECRET", made["client_secret"])
        vendor.token = made["access_token"]
        connection = models.Connection.objects.create(
            system=system, environment=Environment.LOCAL_SANDBOX, external_id=str(made[account]), name=system.label,
            status=ConnectionStatus.CONNECTED,
        )
        tokens = TokenSet(access_token=made["access_token"], refresh_token=made["refresh_token"], expires_in=made["expires_in"])
        credentials.store(connection=connection, tokens=tokens, client_id=made["client_id"], now=self.clock.now())
        self._learn_fields(connection)
        return connection

    def _learn_fields(self, connection: models.Connection) -> None:
        """Every new account has the same fields, so they are read once and then remembered: there are hundreds."""
        known = FIELDS.get(connection.system)
        if known is None:
            fields.refresh(connection=connection, now=self.clock.now())
            rows = models.VendorField.objects.filter(connection=connection).order_by("pk")
            FIELDS[connection.system] = [
                [column.get_db_prep_save(getattr(row, column.attname), database) for column in COLUMNS] for row in rows
            ]
            return
        at = [column.attname for column in COLUMNS].index("connection_id")
        names, places = ", ".join(database.ops.quote_name(column.column) for column in COLUMNS), ", ".join("%s" for _ in COLUMNS)
        statement = f"INSERT INTO {models.VendorField._meta.db_table} ({names}) VALUES ({places})"
        with database.cursor() as cursor:
            cursor.executemany(statement, [[*row[:at], connection.pk, *row[at + 1 :]] for row in known])
        connection.fields_read_at = self.clock.now()
        connection.save(update_fields=["fields_read_at"])

    def set(self, **settings: object) -> None:
        """Change the sync's settings, as its page would."""
        models.SyncConfig.objects.filter(pk=self.config.pk).update(**settings)
        self.config = models.SyncConfig.objects.select_related("left", "right").get(pk=self.config.pk)
        configs.save_rules(config=self.config, actor=self.alice, now=self.clock.now())
        models.SyncRun.objects.filter(state="QUEUED").delete()
        self.config.refresh_from_db()

    def let_pass(self, time: timedelta) -> None:
        """For the application and for both vendors. Their clock never goes back, so the sandbox is to be the test's own."""
        self.clock.added += time
        self.quickbooks.control("clock", {"advance_seconds": time.total_seconds()})

    def sell(self, *, direction: Direction | None = None, accounts: bool = True) -> None:
        """From here on the sync of products is looked at; without a direction in the recommended one."""
        self.config = configs.create(
            name="Things to sell", left=self.config.left, right=self.config.right, object_pair=ObjectPair.PRODUCT_ITEM,
            direction=direction, actor=self.alice, now=self.clock.now(),
        )
        if accounts:
            income, expense = self.account("IncomeAccountRef", "Sales ("), self.account("ExpenseAccountRef", "Cost of")
            self.set(income_account=income, expense_account=expense)

    def bill(self, *, frozen: bool = False, prepared: bool = True, **settings: Any) -> None:
        """From here on the sync of invoices is looked at, in the recommended direction; only `frozen` with the recommended filter."""
        if prepared:
            own.install(connection=self.config.left, actor=self.alice, now=self.clock.now())
        self.config = configs.create(
            name="Invoices", left=self.config.left, right=self.config.right, object_pair=ObjectPair.INVOICE, actor=self.alice,
            now=self.clock.now(), **settings,
        )
        if not frozen:
            self.config.filter_groups.all().delete()

    def invoice(self, customer: str, *lines: dict[str, Any], **body: Any) -> str:
        """An invoice as a person makes it in QuickBooks."""
        return self.quickbooks.create("Invoice", CustomerRef={"value": customer}, Line=list(lines), **body)

    def invoices(self) -> dict[str, dict[str, Any]]:
        """The live invoices as HubSpot has them, by id."""
        return self.held("invoices")

    def held(self, kind: str) -> dict[str, dict[str, Any]]:
        """The live records of a kind as HubSpot has them, by id."""
        (portal,) = self.hubspot.control("dump", method="GET")["portals"]
        return {row["id"]: row["properties"] for row in portal["objects"][kind] if not row["archived"]}

    def account(self, field_name: str, begins: str) -> str:
        """The id of the account that the sync's page offers under a name."""
        offered = drafts.saved(config=self.config).accounts(field_name=field_name)
        return next(identity for identity, label in offered.items() if label.startswith(begins))

    def product(self, **properties: object) -> str:
        return self.hubspot.create("products", **properties)

    def service(self, name: str, **body: object) -> str:
        """A service as QuickBooks sells it, booked to the first income account there is."""
        given = {"Name": name, "Type": "Service", "IncomeAccountRef": {"value": self.book("Services")}, **body}
        return self.quickbooks.create("Item", **given)

    def book(self, name: str) -> str:
        """The id of an account of the books."""
        (books,) = self.quickbooks.control("dump", method="GET")["companies"]
        return next(str(row["Id"]) for row in books["Account"] if row["Name"] == name)

    def products(self) -> dict[str, dict[str, Any]]:
        """The live products as HubSpot has them, by id."""
        (portal,) = self.hubspot.control("dump", method="GET")["portals"]
        return {row["id"]: row["properties"] for row in portal["objects"]["products"] if not row["archived"]}

    def items(self) -> dict[str, dict[str, Any]]:
        """The active items as QuickBooks has them, by id."""
        (books,) = self.quickbooks.control("dump", method="GET")["companies"]
        return {row["Id"]: row for row in books["Item"] if row["Active"]}

    def contact(self, **properties: object) -> str:
        return self.hubspot.create("contacts", **properties)

    def customer(self, **body: object) -> str:
        email = body.pop("email", None)
        if email is not None:
            body["PrimaryEmailAddr"] = {"Address": email}
        return self.quickbooks.create("Customer", **body)

    def start(self, kind: RunKind = RunKind.DELTA, **more: Any) -> models.SyncRun:
        return runs.start(
            config=self.config, kind=kind, trigger=RunTrigger.HAND, now=self.clock.now(), actor=self.alice, enqueue=False, **more
        )

    def run(self, kind: RunKind = RunKind.DELTA, **more: Any) -> models.SyncRun:
        """One whole run."""
        return lane.to_the_end(run_id=self.start(kind, **more).pk, ports=self.clock.ports)

    def finish(self, run: models.SyncRun) -> models.SyncRun:
        """Work on a started run until it is over."""
        return lane.to_the_end(run_id=run.pk, ports=self.clock.ports)

    def pair(self, *, left: str | None = None, right: str | None = None) -> models.RecordPair:
        found = models.RecordPair.objects.filter(config=self.config)
        found = found.filter(left__external_id=left) if left else found.filter(right__external_id=right)
        return found.select_related("left", "right").get()

    def writes(self) -> int:
        """Writes that were carried out, by our own journal."""
        return models.Operation.objects.filter(config=self.config, status=OperationStatus.DONE).count()

    def contacts(self) -> dict[str, dict[str, Any]]:
        """The live contacts as HubSpot has them, by id."""
        (portal,) = self.hubspot.control("dump", method="GET")["portals"]
        return {row["id"]: row["properties"] for row in portal["objects"]["contacts"] if not row["archived"]}

    def customers(self) -> dict[str, dict[str, Any]]:
        """The active customers as QuickBooks has them, by id."""
        (books,) = self.quickbooks.control("dump", method="GET")["companies"]
        return {row["Id"]: row for row in books["Customer"] if row["Active"]}

    def emails(self) -> tuple[list[str], list[str]]:
        """The e-mail addresses on both sides, each sorted, twins included."""
        left = sorted(str(contact.get("email")) for contact in self.contacts().values())
        return left, sorted(str(customer.get("PrimaryEmailAddr", {}).get("Address")) for customer in self.customers().values())

    def settle(self) -> int:
        """Let every wait run out and run until nothing is written any more. Returns how many runs it took."""
        for number in range(1, 6):
            self.clock.pass_seconds(400)
            before = self.writes()
            for cut_off in models.SyncRun.objects.filter(state__in=["QUEUED", "RUNNING"]):
                self.finish(cut_off)
            self.run()
            if self.writes() == before and not models.Operation.objects.filter(status=OperationStatus.SENDING).exists():
                return number
        raise AssertionError("It never came to rest.")
