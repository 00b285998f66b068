"""Rows that tests of the services start from."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from django.contrib.auth.models import User

from syncapp import models
from syncapp.engine.vocabulary import Direction, Environment, FieldType, ObjectPair, System
from syncapp.services import configs, defaults, ports

NOW = datetime(2026, 11, 26, 9, 30, tzinfo=UTC)


class Clock:
    """A time that passes only while somebody sleeps, or when a test says so."""

    def __init__(self, now: datetime = NOW) -> None:
        self.at = now
        self.keys = 0

    def now(self) -> datetime:
        return self.at

    def sleep(self, seconds: float) -> None:
        self.at += timedelta(seconds=seconds)

    def new_key(self) -> str:
        self.keys += 1
        return f"{self.keys:032x}"

    @property
    def ports(self) -> ports.Ports:
        return ports.Ports(now=self.now, sleep=self.sleep, new_key=self.new_key, chance=lambda: 0.5)


def alice() -> User:
    return User.objects.create_superuser("alice", "alice@example.com", "a long enough pass phrase")


def hubspot(external_id: str = "111", **facts: object) -> models.Connection:
    return _connection(System.HUBSPOT, external_id, "Acme portal", facts)


def quickbooks(external_id: str = "9130", **facts: object) -> models.Connection:
    return _connection(System.QUICKBOOKS, external_id, "Acme books", facts)


def _connection(system: System, external_id: str, name: str, facts: dict[str, object]) -> models.Connection:
    given = {"environment": Environment.LOCAL_SANDBOX, "name": name, "fields_read_at": NOW, **facts}
    return models.Connection.objects.create(system=system, external_id=external_id, **given)


def field(connection: models.Connection, name: str, type: FieldType = FieldType.TEXT, **facts: object) -> models.VendorField:
    one = _field(connection, name, type, **facts)
    one.save()
    return one


def _field(connection: models.Connection, name: str, type: FieldType = FieldType.TEXT, **facts: object) -> models.VendorField:
    kind = "contacts" if connection.system == System.HUBSPOT else "customer"
    given = {"label": name.replace(".", " ").replace("_", " ").capitalize(), "kind": kind, **facts}
    return models.VendorField(connection=connection, name=name, type=type, **given)


def _saved(fields: list[models.VendorField]) -> dict[str, models.VendorField]:
    """All at once: there are many of them in many tests."""
    return {one.name: one for one in models.VendorField.objects.bulk_create(fields)}


def contact_fields(connection: models.Connection) -> dict[str, models.VendorField]:
    """The fields of an account with invoices, as far as the recommended settings use them."""
    through: dict[str, Any] = {"writable": False}
    made = [
        _field(connection, "email", FieldType.EMAIL, unique_value=True),
        *(_field(connection, name) for name in ("firstname", "lastname", "company", "address", "city", "state", "zip", "country")),
        *(_field(connection, name, FieldType.PHONE) for name in ("phone", "mobilephone", "fax")),
        _field(connection, "website", FieldType.URL),
        _field(connection, "createdate", FieldType.DATETIME, writable=False),
        _field(connection, "full_name", writable=False),
        _field(connection, "companies.name", associated_kind="companies", **through),
        _field(
            connection, "invoices.hs_invoice_status", FieldType.CHOICE, associated_kind="invoices",
            choices=[["draft", "Draft"], ["open", "Open"], ["paid", "Paid"]], **through,
        ),
        _field(connection, "invoices.hs_createdate", FieldType.DATETIME, associated_kind="invoices", **through),
        _field(
            connection, "invoices.hs_invoice_source", FieldType.CHOICE, associated_kind="invoices",
            choices=[["hubspot_v2", "HubSpot"], ["data_sync", "Data Sync"]], **through,
        ),
    ]
    return _saved(made)


def customer_fields(connection: models.Connection) -> dict[str, models.VendorField]:
    made = [
        _field(connection, "PrimaryEmailAddr.Address", FieldType.EMAIL, max_length=100),
        _field(connection, "DisplayName", required=True, unique_value=True, max_length=500),
        *(_field(connection, name, max_length=100) for name in ("GivenName", "FamilyName", "CompanyName")),
        *(_field(connection, f"{name}.FreeFormNumber", FieldType.PHONE) for name in ("PrimaryPhone", "Mobile", "Fax")),
        _field(connection, "WebAddr.URI", FieldType.URL),
        *(
            _field(connection, f"BillAddr.{name}")
            for name in ("Line1", "City", "CountrySubDivisionCode", "PostalCode", "Country")
        ),
        _field(connection, "Balance", FieldType.NUMBER, writable=False),
        _field(connection, "Taxable", FieldType.BOOLEAN),
    ]
    return _saved(made)


class TwoSides:
    """Two accounts with their fields, and an empty config between them."""

    def __init__(self, name: str = "Contacts", *, suffix: str = "") -> None:
        self.left = hubspot(f"111{suffix}")
        self.right = quickbooks(f"9130{suffix}")
        self.left_fields = contact_fields(self.left)
        self.right_fields = customer_fields(self.right)
        self.config = models.SyncConfig.objects.create(
            name=name, left=self.left, right=self.right, object_pair=ObjectPair.CONTACT_CUSTOMER
        )

    def mapping(self, left: str, right: str, direction: Direction = Direction.BOTH, **facts: object) -> models.FieldMapping:
        return models.FieldMapping.objects.create(
            config=self.config, left_field=self.left_fields[left], right_field=self.right_fields[right], direction=direction, **facts
        )


def product_fields(connection: models.Connection, *, currency: str = "USD") -> dict[str, models.VendorField]:
    made = [
        *(_field(connection, name, kind="products") for name in ("name", "hs_sku", "description")),
        *(_field(connection, name, FieldType.NUMBER, kind="products", currency=currency) for name in ("price", "hs_cost_of_goods_sold")),
    ]
    return _saved(made)


def item_fields(connection: models.Connection, *, currency: str = "USD") -> dict[str, models.VendorField]:
    named: dict[str, Any] = {"kind": "item", "writable": False, "reason": "It names another record, not a value."}
    made = [
        _field(connection, "Name", kind="item", required=True, unique_value=True, max_length=100),
        _field(connection, "Sku", kind="item", max_length=100),
        _field(connection, "Description", kind="item", max_length=4000),
        *(_field(connection, name, FieldType.NUMBER, kind="item", currency=currency) for name in ("UnitPrice", "PurchaseCost")),
        _field(connection, "IncomeAccountRef", FieldType.REFERENCE, choices=[["1", "Services (Income)"], ["2", "Sales (Income)"]], **named),
        _field(connection, "ExpenseAccountRef", FieldType.REFERENCE, choices=[["6", "Cost of Goods Sold (Expense)"]], **named),
    ]
    return _saved(made)


class Shop:
    """Two accounts with what they sell, and the recommended sync of products between them, both ways."""

    def __init__(self, *, left_currency: str = "USD") -> None:
        self.left, self.right = hubspot("112"), quickbooks("9131")
        self.left_fields = product_fields(self.left, currency=left_currency)
        self.right_fields = item_fields(self.right)
        self.config = configs.create(
            name="Products", left=self.left, right=self.right, object_pair=ObjectPair.PRODUCT_ITEM, direction=Direction.BOTH, actor=None,
            now=NOW,
        )


def sound(suffix: str = "") -> TwoSides:
    sides = TwoSides(f"Contacts{suffix}", suffix=suffix)
    defaults.fill(config=sides.config, now=NOW)
    return sides
