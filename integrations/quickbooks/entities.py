"""What QuickBooks answers, as values: entities, changes, the company and its preferences.

Owns the reading of Intuit's JSON, strictly: a surprise is an Undocumented that names the place. Sends nothing.
"""
from __future__ import annotations

import enum
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any

Fields = dict[str, Any]


class Undocumented(ValueError):
    """An answer that is not as Intuit documents it; the text says where."""


class Kind(enum.StrEnum):
    """The entities this client reads or writes, by Intuit's own names."""

    ACCOUNT = "Account"
    CLASS = "Class"
    COMPANY_INFO = "CompanyInfo"
    CREDIT_MEMO = "CreditMemo"
    CUSTOMER = "Customer"
    DEPARTMENT = "Department"
    EMPLOYEE = "Employee"
    ESTIMATE = "Estimate"
    INVOICE = "Invoice"
    ITEM = "Item"
    PAYMENT = "Payment"
    PAYMENT_METHOD = "PaymentMethod"
    PREFERENCES = "Preferences"
    REFUND_RECEIPT = "RefundReceipt"
    SALES_RECEIPT = "SalesReceipt"
    TAX_CODE = "TaxCode"
    TERM = "Term"
    VENDOR = "Vendor"

    @property
    def path(self) -> str:
        """The name as it stands in an address."""
        return self.value.lower()

    @property
    def is_name_list(self) -> bool:
        """Whether it can be made inactive; then it is never deleted, and queries leave inactive ones out unless asked."""
        return self in NAME_LISTS

    @property
    def in_change_data_capture(self) -> bool:
        """Whether change data capture reports it."""
        return self not in OUTSIDE_CHANGE_DATA_CAPTURE


NAME_LISTS = frozenset(
    {
        Kind.ACCOUNT,
        Kind.CLASS,
        Kind.CUSTOMER,
        Kind.DEPARTMENT,
        Kind.EMPLOYEE,
        Kind.ITEM,
        Kind.PAYMENT_METHOD,
        Kind.TAX_CODE,
        Kind.TERM,
        Kind.VENDOR,
    }
)
_NUMBERS = frozenset({"startPosition", "maxResults", "totalCount"})
OUTSIDE_CHANGE_DATA_CAPTURE = frozenset({Kind.COMPANY_INFO, Kind.PREFERENCES, Kind.TAX_CODE})


@dataclass(frozen=True, kw_only=True)
class Entity:
    """One object as QuickBooks holds it. `fields` is Intuit's JSON, money as Decimal; of a deleted one only the id is sure."""

    kind: Kind
    id: str
    sync_token: str
    created_at: datetime | None
    updated_at: datetime | None
    active: bool
    deleted: bool
    fields: Fields = field(repr=False)


@dataclass(frozen=True, kw_only=True)
class Written:
    """The answer to a write: the whole entity after it, and how Intuit can find the call again."""

    entity: Entity
    request_id: str | None
    server_time: datetime | None


@dataclass(frozen=True, kw_only=True)
class Position:
    """Where a listing goes on: at a row that must be the anchor, the last one read before."""

    start: int = 1
    anchor: str = ""

    def __str__(self) -> str:
        """A token that can be stored and read back by `of`."""
        return f"{self.start}:{self.anchor}"

    @classmethod
    def of(cls, token: str) -> Position:
        """Read a stored token. Raises ValueError when it is none."""
        start, colon, anchor = token.partition(":")
        if not colon or not start.isdecimal() or int(start) < 1 or (start != "1" and not anchor):
            raise ValueError(f"{token!r} is not the position of a QuickBooks listing.")
        return cls(start=int(start), anchor=anchor)


@dataclass(frozen=True, kw_only=True)
class Changes:
    """The answer of change data capture. When `truncated` is true some changes are missing: read a window by query instead."""

    entities: Mapping[Kind, tuple[Entity, ...]]
    truncated: bool
    server_time: datetime | None


@dataclass(frozen=True, kw_only=True)
class Counted:
    """How many entities a query matches, and when QuickBooks counted them."""

    total: int
    server_time: datetime | None


@dataclass(frozen=True, kw_only=True)
class CompanyInfo:
    """Who the connected company is."""

    name: str
    legal_name: str
    country: str
    email: str
    offering: str
    subscription_status: str
    server_time: datetime | None
    fields: Fields = field(repr=False)


@dataclass(frozen=True, kw_only=True)
class CustomField:
    """One custom field of the sales forms: its definition id and the label people see."""

    definition_id: str
    label: str
    enabled: bool


@dataclass(frozen=True, kw_only=True)
class Preferences:
    """The company's settings that decide what can be written. `automated_sales_tax` is None where legacy tax is in use."""

    custom_transaction_numbers: bool
    allow_discount: bool
    multicurrency: bool
    home_currency: str
    using_sales_tax: bool
    revenue_recognition: bool
    automated_sales_tax: bool | None
    books_closed_until: date | None
    default_term: str
    custom_fields: tuple[CustomField, ...]
    fields: Fields = field(repr=False)


def moment(value: object) -> datetime | None:
    """Read Intuit's ISO 8601 with any offset as UTC; None stays None. Raises Undocumented for anything else."""
    if value is None:
        return None
    if not isinstance(value, str):
        raise Undocumented(f"a time is {type(value).__name__}")
    try:
        read = datetime.fromisoformat(value)
    except ValueError as error:
        raise Undocumented("a time is not in ISO 8601") from error
    if read.tzinfo is None:
        raise Undocumented("a time has no offset")
    return read.astimezone(UTC)


def entity(*, kind: Kind, data: object) -> Entity:
    """Read one entity of an answer. Raises Undocumented where it is not as documented."""
    if not isinstance(data, dict):
        raise Undocumented(f"{kind} is {type(data).__name__}, not an object")
    identity = data.get("Id")
    if not isinstance(identity, str) or not identity:
        raise Undocumented(f"{kind} has no Id")
    meta = data.get("MetaData") or {}
    if not isinstance(meta, dict):
        raise Undocumented(f"{kind} {identity} has an odd MetaData")
    return Entity(
        kind=kind,
        id=identity,
        sync_token=str(data.get("SyncToken", "")),
        created_at=moment(meta.get("CreateTime")),
        updated_at=moment(meta.get("LastUpdatedTime")),
        active=data.get("Active", True) is True,
        deleted=data.get("status") == "Deleted",
        fields=data,
    )


def entities(*, kind: Kind, block: object, start: int = 1) -> tuple[Entity, ...]:
    """Read the rows of one QueryResponse that was asked for from `start` on.

    Raises Undocumented when they are others, or not as many, as QuickBooks says.
    """
    if not isinstance(block, dict):
        raise Undocumented("QueryResponse is not an object")
    strange = block.keys() - {kind.value} - _NUMBERS
    if strange:
        raise Undocumented(f"asked for {kind}, answered with {', '.join(sorted(strange))}")
    rows = block.get(kind.value, [])
    if not isinstance(rows, list):
        raise Undocumented(f"{kind} is {type(rows).__name__}, not a list")
    if block.get("maxResults", len(rows)) != len(rows):
        raise Undocumented(f"{block['maxResults']} {kind} were announced and {len(rows)} arrived")
    if block.get("startPosition", start) != start:
        raise Undocumented(f"{kind} from {start} on were asked for, those from {block['startPosition']} on arrived")
    read = tuple(entity(kind=kind, data=row) for row in rows)
    if len({one.id for one in read}) != len(read):
        raise Undocumented(f"one {kind} came twice in a page")
    return read


def changes(*, kinds: Sequence[Kind], data: object, server_time: datetime | None, most: int) -> Changes:
    """Read the answer of change data capture, whose entries come in any order and may lack kinds without a change.

    Raises Undocumented where it is not as documented.
    """
    responses = _listed(data, "CDCResponse")
    blocks = responses[0].get("QueryResponse") if len(responses) == 1 else None
    if not isinstance(blocks, list):
        raise Undocumented("there is no CDCResponse")
    wanted = {kind.value.lower(): kind for kind in kinds}
    read: dict[Kind, tuple[Entity, ...]] = dict.fromkeys(kinds, ())
    announced = 0
    for block in blocks:
        named = sorted(block.keys() - _NUMBERS) if isinstance(block, dict) else ["?"]
        if not named:
            continue
        kind = wanted.get(named[0].lower())
        if kind is None:
            raise Undocumented(f"{named[0]} was not asked for")
        rows = entities(kind=kind, block=block)
        read[kind] += rows
        announced += max(len(rows), _number(block.get("totalCount")))
    return Changes(entities=read, truncated=announced >= most, server_time=server_time)


def counted(*, block: object, server_time: datetime | None) -> Counted:
    """Read the answer to a count. Raises Undocumented when it holds none."""
    total = block.get("totalCount") if isinstance(block, dict) else None
    if not isinstance(total, int):
        raise Undocumented("there is no totalCount")
    return Counted(total=total, server_time=server_time)


def company_info(*, data: Fields, server_time: datetime | None) -> CompanyInfo:
    """Read the company's own record."""
    named = _pairs(data.get("NameValue"))
    return CompanyInfo(
        name=str(data.get("CompanyName", "")),
        legal_name=str(data.get("LegalName", "")),
        country=str(data.get("Country", "")),
        email=str(_inside(data, "Email").get("Address", "")),
        offering=named.get("OfferingSku", ""),
        subscription_status=named.get("SubscriptionStatus", ""),
        server_time=server_time,
        fields=data,
    )


def preferences(*, data: Fields) -> Preferences:
    """Read the company's settings. Absent groups read as switched off."""
    sales = _inside(data, "SalesFormsPrefs")
    currency = _inside(data, "CurrencyPrefs")
    tax = _inside(data, "TaxPrefs")
    closed = _inside(data, "AccountingInfoPrefs").get("BookCloseDate")
    partner = tax.get("PartnerTaxEnabled")
    return Preferences(
        custom_transaction_numbers=sales.get("CustomTxnNumbers") is True,
        allow_discount=sales.get("AllowDiscount") is True,
        multicurrency=currency.get("MultiCurrencyEnabled") is True,
        home_currency=str(_inside(currency, "HomeCurrency").get("value", "")),
        using_sales_tax=tax.get("UsingSalesTax") is True,
        revenue_recognition=_inside(data, "ProductAndServicesPrefs").get("RevenueRecognition") is True,
        automated_sales_tax=partner if isinstance(partner, bool) else None,
        books_closed_until=date.fromisoformat(closed) if isinstance(closed, str) and closed else None,
        default_term=str(_inside(sales, "DefaultTerms").get("value", "")),
        custom_fields=_custom_fields(sales.get("CustomField")),
        fields=data,
    )


def _inside(data: Fields, name: str) -> Fields:
    found = data.get(name)
    return found if isinstance(found, dict) else {}


def _number(value: object) -> int:
    return value if isinstance(value, int) else 0


def _pairs(listed: object) -> dict[str, str]:
    return {str(one.get("Name", "")): str(one.get("Value", "")) for one in _listed({"": listed}, "")}


def _listed(data: object, name: str) -> list[Fields]:
    found = data.get(name) if isinstance(data, dict) else None
    return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []


def _custom_fields(groups: object) -> tuple[CustomField, ...]:
    """The labels and switches come as two lists of `SalesFormsPrefs.SalesCustomName1` and `SalesFormsPrefs.UseSalesCustom1`."""
    entries: dict[str, Any] = {}
    for group in groups if isinstance(groups, list) else []:
        for one in _listed(group, "CustomField"):
            entries[str(one.get("Name", "")).removeprefix("SalesFormsPrefs.")] = one.get("StringValue", one.get("BooleanValue"))
    return tuple(
        CustomField(
            definition_id=number,
            label=str(entries.get(f"SalesCustomName{number}") or ""),
            enabled=entries.get(f"UseSalesCustom{number}") in {True, "true"},
        )
        for number in ("1", "2", "3")
        if f"SalesCustomName{number}" in entries or f"UseSalesCustom{number}" in entries
    )
