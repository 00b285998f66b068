"""HubSpot's answers as values.

Owns the reading of a body: strict, so that a surprise raises instead of travelling on. The readers of single
values raise KeyError, TypeError, ValueError or AttributeError, which `understood` turns into an ApiError.
"""

from __future__ import annotations

import dataclasses
import datetime
from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeVar

from integrations import errors, http, paging

PRIMARY_LABEL = "Primary"
_TEXT_OR_NOTHING = frozenset({str, type(None)})

Parsed = TypeVar("Parsed")


@dataclasses.dataclass(frozen=True)
class Account:
    """The account (portal) that a token leads to."""

    portal_id: str
    name: str
    account_type: str
    time_zone: str
    currency: str
    additional_currencies: tuple[str, ...]
    ui_domain: str
    data_location: str


@dataclasses.dataclass(frozen=True)
class Owner:
    """A user to whom records can belong."""

    id: str
    email: str = dataclasses.field(repr=False)
    name: str = dataclasses.field(repr=False)
    archived: bool


@dataclasses.dataclass(frozen=True)
class Property:
    """A field's definition. `options` are (value, label)."""

    name: str
    label: str
    type: str
    field_type: str
    group: str
    description: str
    options: tuple[tuple[str, str], ...]
    read_only: bool
    calculated: bool
    hidden: bool
    archived: bool
    unique: bool
    hubspot_defined: bool


@dataclasses.dataclass(frozen=True)
class PastValue:
    """One entry of a property's history."""

    value: str | None = dataclasses.field(repr=False)
    at: datetime.datetime
    source_type: str
    source_id: str
    source_label: str
    user_id: str


@dataclasses.dataclass(frozen=True)
class RemoteObject:
    """One record. After a write `properties` holds only what the answer told: the changed and the computed ones.

    `associations` are ids by kind, the primary one first; `history` is newest first; `new` is told by an upsert only.
    """

    id: str
    properties: Mapping[str, str | None] = dataclasses.field(repr=False)
    created_at: datetime.datetime
    updated_at: datetime.datetime
    archived: bool
    associations: Mapping[str, tuple[str, ...]] = dataclasses.field(default_factory=dict)
    history: Mapping[str, tuple[PastValue, ...]] = dataclasses.field(default_factory=dict, repr=False)
    trace_id: str | None = None
    new: bool | None = None


@dataclasses.dataclass(frozen=True)
class BatchError:
    """One complaint of a batch, with the inputs it concerns: by id, by trace id, or neither."""

    error: errors.ApiError
    ids: tuple[str, ...]
    trace_ids: tuple[str, ...]


@dataclasses.dataclass(frozen=True)
class BatchResult:
    """What a batch did, in no particular order. An input that is named in neither part is one of unknown outcome."""

    results: tuple[RemoteObject, ...]
    errors: tuple[BatchError, ...]
    request_id: str | None


def understood(call: http.Call, answer: http.Answer, read: Callable[[Any], Parsed]) -> Parsed:
    """Read the answer, or say that it is not as documented: Misunderstood, after a write OutcomeUnknown.

    What exactly was odd is not kept: it may be personal.
    """
    try:
        return read(answer.data)
    except (KeyError, TypeError, ValueError, AttributeError):
        pass
    kind = errors.OutcomeUnknown if call.writes else errors.Misunderstood
    words = "The answer does not have the documented form."
    raise kind(system=call.system, operation=call.operation, status=answer.status, words=words, request_id=answer.request_id)


def page(data: Any, read: Callable[[Any], Parsed]) -> paging.Page[Parsed]:
    """Read one page of a list."""
    after = ((data.get("paging") or {}).get("next") or {}).get("after")
    return paging.Page(entries=tuple(map(read, data["results"])), after=None if after is None else identifier(after))


def blamed(data: Any) -> tuple[Mapping[str, Any], tuple[str, ...], tuple[str, ...]]:
    """Read one complaint of a batch: itself, and the ids and trace ids of the inputs it concerns."""
    context = data.get("context") or {}
    return data, tuple(map(str, context.get("ids") or ())), tuple(map(str, context.get("objectWriteTraceId") or ()))


def concerned(data: Any) -> tuple[Mapping[str, Any], tuple[str, ...]]:
    """Read one complaint of a batch of associations: itself, and every id that it names."""
    context = data.get("context") or {}
    return data, tuple(str(one) for ids in context.values() if isinstance(ids, list) for one in ids)


def property_group(data: Any) -> str:
    """Read a group of fields; its name is all that matters."""
    name = data["name"]
    if not isinstance(name, str):
        raise TypeError("a name is no text")
    return name


def moment(value: Any) -> datetime.datetime:
    """Read a time: ISO 8601 with or without milliseconds, or milliseconds since 1970."""
    if isinstance(value, str) and not value.lstrip("-").isdigit():
        parsed = datetime.datetime.fromisoformat(value)
        if parsed.tzinfo is datetime.UTC:
            return parsed
        return parsed.replace(tzinfo=parsed.tzinfo or datetime.UTC).astimezone(datetime.UTC)
    return datetime.datetime.fromtimestamp(int(value) / 1000, tz=datetime.UTC)


def account(data: Any) -> Account:
    """Read the details of an account."""
    return Account(
        portal_id=str(data["portalId"]),
        name=str(data.get("portalName") or ""),
        account_type=str(data.get("accountType") or ""),
        time_zone=str(data["timeZone"]),
        currency=str(data["companyCurrency"]),
        additional_currencies=tuple(str(code) for code in data.get("additionalCurrencies") or ()),
        ui_domain=str(data["uiDomain"]),
        data_location=str(data.get("dataHostingLocation") or ""),
    )


def owner(data: Any) -> Owner:
    """Read one owner."""
    name = " ".join(part for part in (data.get("firstName"), data.get("lastName")) if part)
    return Owner(id=str(data["id"]), email=str(data.get("email") or ""), name=name, archived=bool(data.get("archived", False)))


def property_definition(data: Any) -> Property:
    """Read a field's definition."""
    modification = data.get("modificationMetadata") or {}
    return Property(
        name=data["name"],
        label=str(data.get("label") or data["name"]),
        type=data["type"],
        field_type=data["fieldType"],
        group=str(data.get("groupName") or ""),
        description=str(data.get("description") or ""),
        options=tuple((str(option["value"]), str(option["label"])) for option in data.get("options") or () if not option.get("hidden")),
        read_only=bool(modification.get("readOnlyValue", False)),
        calculated=bool(data.get("calculated", False)),
        hidden=bool(data.get("hidden", False)),
        archived=bool(data.get("archived", False)),
        unique=bool(data.get("hasUniqueValue", False)),
        hubspot_defined=bool(data.get("hubspotDefined", False)),
    )


def remote_object(data: Any) -> RemoteObject:
    """Read one record."""
    return RemoteObject(
        id=identifier(data["id"]),
        properties=_properties(data["properties"]),
        created_at=moment(data["createdAt"]),
        updated_at=moment(data["updatedAt"]),
        archived=bool(data.get("archived", False)),
        associations={kind_name(kind): inline_ids(found["results"]) for kind, found in (data.get("associations") or {}).items()},
        history={name: tuple(map(past_value, past)) for name, past in (data.get("propertiesWithHistory") or {}).items()},
        trace_id=data.get("objectWriteTraceId"),
        new=data.get("new"),
    )


def past_value(data: Any) -> PastValue:
    """Read one entry of a history."""
    return PastValue(
        value=_value(data.get("value")) or None,
        at=moment(data["timestamp"]),
        source_type=str(data["sourceType"]),
        source_id=str(data.get("sourceId") or ""),
        source_label=str(data.get("sourceLabel") or ""),
        user_id=str(data.get("updatedByUserId") or ""),
    )


def unfinished(data: Any) -> tuple[str, ...]:
    """Name the kinds of associations of which a record's answer shows only the first page."""
    return tuple(kind_name(kind) for kind, found in (data.get("associations") or {}).items() if found.get("paging", {}).get("next"))


def kind_name(kind: str) -> str:
    """Return the usual name of a kind: live answers say `line items`."""
    return kind.replace(" ", "_").lower()


def inline_ids(results: Any) -> tuple[str, ...]:
    """Return each associated id once, the primary one first (HubSpot lists one entry for each label)."""
    primary = [identifier(found["id"]) for found in results if not str(found["type"]).endswith("_unlabeled")]
    return _once([*primary, *(identifier(found["id"]) for found in results)])


def typed_ids(results: Any) -> tuple[str, ...]:
    """Do the same for answers of the associations API, where a label marks the primary one."""
    primary = [
        identifier(found["toObjectId"])
        for found in results
        if any(kind.get("label") == PRIMARY_LABEL for kind in found["associationTypes"])
    ]
    return _once([*primary, *(identifier(found["toObjectId"]) for found in results)])


def identifier(value: Any) -> str:
    """Return an id as text; HubSpot sends some as numbers."""
    if isinstance(value, bool) or not isinstance(value, str | int) or not str(value):
        raise TypeError("an id is neither text nor a number")
    return str(value)


def _properties(found: Any) -> Mapping[str, str | None]:
    """A record's properties as they came, once it is sure that all are texts or nothing."""
    if not _TEXT_OR_NOTHING.issuperset(map(type, found.values())):
        raise TypeError("a property's value is not text")
    checked: Mapping[str, str | None] = found
    return checked


def _value(value: Any) -> str | None:
    if value is not None and not isinstance(value, str):
        raise TypeError("a property's value is not text")
    return value


def _once(ids: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(ids))
