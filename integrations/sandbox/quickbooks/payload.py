"""Read the body of a write as strictly as QuickBooks does, field by field.

Owns shapes, lengths, formats and enumerations. Knows nothing of other objects: references are looked up elsewhere.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from integrations.sandbox.messages import Json
from integrations.sandbox.quickbooks import faults, times
from integrations.sandbox.quickbooks.fields import PART_VALUE, PARTS, Entity, Field

_ADDRESS = re.compile(r"[^\s@,;:<>()\[\]\"]+@[^\s@,;:<>()\[\]\"]+")
_SITE = re.compile(r"(https?://)?[^\s/.]+(\.[^\s/.]+)+(/\S*)?", re.IGNORECASE)
FORBIDDEN_IN_NAMES = re.compile(r"[:\t\n\r]")
_BEYOND_BMP = re.compile("[\U00010000-\U0010ffff]")
_ADDRESS_TOTAL = 2000
_NUMBER_CEILING = 99_999_999_999
_CLASS = "com.intuit.schema.finance.v3"


@dataclass(kw_only=True)
class Given:
    """What a write says: values to set, and fields it wants emptied."""

    values: Json = field(default_factory=dict)
    cleared: set[str] = field(default_factory=set)


def read(entity: Entity, payload: Json, *, refuse_emoji: bool = False) -> Given:
    """Check a body against the entity's fields; server-owned and ignored ones are left out. Raises VendorFault."""
    known = entity.fields
    for name in payload:
        if name not in known and name not in entity.ignored:
            raise unknown_property(name, entity.name, [*known, *sorted(entity.ignored)])
    given = Given()
    for name, value in payload.items():
        spec = known.get(name)
        if spec is None or spec.ours or value is None:
            continue
        read_value = _READERS[spec.kind](spec, value)
        if read_value is None:
            given.cleared.add(name)
            continue
        if spec.plain and (FORBIDDEN_IN_NAMES.search(read_value) or (refuse_emoji and _BEYOND_BMP.search(read_value))):
            raise faults.problem("2040", f"Element contains invalid characters. {read_value}", name)
        given.values[name] = read_value
    return given


def unknown_property(name: str, owner: str, known: list[str]) -> faults.VendorFault:
    """2010 in the words of the service's JSON reader, which lists what it would have known."""
    listed = ", ".join(f'"{each}"' for each in known)
    if len(listed) > 1000:
        listed = f"{listed[:1000]} [truncated]"
    text = f'Unrecognized field "{name}" (class {_CLASS}.{owner}), not marked as ignorable ({len(known)} known properties: {listed}])'
    return faults.bad_property(text)


def text_of(value: Any) -> str:
    """A scalar as text; 2010 for an object or a list."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return str(value)
    token = "START_OBJECT" if isinstance(value, dict) else "START_ARRAY"
    raise faults.bad_property(f"Can not deserialize instance of java.lang.String out of {token} token")


def number_of(value: Any) -> int | float | None:
    """A JSON number, or text holding one; None for empty text; 2010 otherwise."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise faults.bad_property(f"Can not deserialize instance of java.math.BigDecimal out of {_token(value)} token")
    if isinstance(value, str):
        if not value.strip():
            return None
        try:
            value = float(value)
        except ValueError:
            shown = text_of(value)
            raise faults.bad_property(
                f"Can not construct instance of java.math.BigDecimal from String value '{shown}': not a valid representation"
            ) from None
    if value != value or abs(value) > _NUMBER_CEILING:
        raise faults.problem("2090", f"Invalid Number : {value}")
    return int(value) if float(value).is_integer() and not isinstance(value, int) else value


def part(kind: str, name: str, value: Any) -> Json | None:
    """A nested object (reference, address, e-mail …) without its empty members; None when nothing is left."""
    if not isinstance(value, dict):
        if value == "":
            return None
        raise faults.bad_property(f"Can not instantiate value of type [simple type, class {_CLASS}.{_NESTED[kind]}] from {_token(value)}")
    limits = PARTS[kind]
    found: Json = {}
    for key, each in value.items():
        if key not in limits:
            raise unknown_property(key, _NESTED[kind], list(limits))
        if each is None:
            continue
        text = text_of(each)
        if limits[key] and len(text) > limits[key]:
            raise faults.too_long(name if key in PART_VALUE.values() else key, limit=limits[key], length=len(text))
        if text != "":
            found[key] = text
    return found or None


_NESTED = {
    "ref": "ReferenceType",
    "address": "PhysicalAddress",
    "email": "EmailAddress",
    "phone": "TelephoneNumber",
    "url": "WebSiteAddress",
    "memo": "MemoRef",
}


def _token(value: Any) -> str:
    if isinstance(value, bool):
        return "VALUE_TRUE" if value else "VALUE_FALSE"
    if isinstance(value, dict | list):
        return "START_OBJECT" if isinstance(value, dict) else "START_ARRAY"
    return "VALUE_STRING" if isinstance(value, str) else "VALUE_NUMBER"


def _text(spec: Field, value: Any) -> str | None:
    text = text_of(value)
    if spec.limit and len(text) > spec.limit:
        raise faults.too_long(spec.name, limit=spec.limit, length=len(text))
    return text or None


def _bool(spec: Field, value: Any) -> bool | None:
    if isinstance(value, bool):
        return value
    text = text_of(value).strip().lower()
    if text in ("true", "false"):
        return text == "true"
    if not text:
        return None
    raise faults.bad_property(f'Can not construct instance of java.lang.Boolean from String value \'{text}\': only "true" or "false"')


def _number(spec: Field, value: Any) -> int | float | None:
    return number_of(value)


def _int(spec: Field, value: Any) -> int | None:
    number = number_of(value)
    if number is not None and not float(number).is_integer():
        raise faults.problem("2090", f"Invalid Number : {number}", spec.name)
    return None if number is None else int(number)


def _date(spec: Field, value: Any) -> str | None:
    text = text_of(value).strip()
    if not text:
        return None
    found = times.parse_date(text)
    if found is None:
        raise faults.problem("2060", f"Invalid Date Format : {text}", spec.name)
    return found.isoformat()


def _choice(spec: Field, value: Any) -> str | None:
    text = text_of(value)
    if text and text not in spec.choices:
        raise faults.problem("2170", f"Invalid Enumeration : {text}")
    return text or None


def _ref(spec: Field, value: Any) -> Json | None:
    found = part("ref", spec.name, value)
    if found is None or "value" not in found:
        return None
    if spec.limit and len(found["value"]) > spec.limit:
        raise faults.too_long(spec.name, limit=spec.limit, length=len(found["value"]))
    return {"value": found["value"]}


def _address(spec: Field, value: Any) -> Json | None:
    found = part("address", spec.name, value)
    if found is None:
        return None
    total = sum(len(found.get(f"Line{number}", "")) for number in range(1, 6))
    if total > _ADDRESS_TOTAL:
        raise faults.too_long(spec.name, limit=_ADDRESS_TOTAL, length=total)
    kept = {key: each for key, each in found.items() if key not in ("Lat", "Long")}
    return kept if set(kept) - {"Id"} else None


def _email(spec: Field, value: Any) -> Json | None:
    found = part("email", spec.name, value)
    if found is None or "Address" not in found:
        return None
    for address in found["Address"].split(","):
        if not _ADDRESS.fullmatch(address.strip()):
            raise faults.problem("2210", "Email Address does not conform to the syntax rules of RFC 822.", spec.name)
    return {"Address": found["Address"]}


def _phone(spec: Field, value: Any) -> Json | None:
    found = part("phone", spec.name, value)
    return {"FreeFormNumber": found["FreeFormNumber"]} if found and "FreeFormNumber" in found else None


def _url(spec: Field, value: Any) -> Json | None:
    found = part("url", spec.name, value)
    if found is None or "URI" not in found:
        return None
    if not _SITE.fullmatch(found["URI"].strip()):
        raise faults.problem("2200", f"Invalid Website Format : {found['URI']}", spec.name)
    return {"URI": found["URI"]}


def _memo(spec: Field, value: Any) -> Json | None:
    return part("memo", spec.name, value)


def _list(spec: Field, value: Any) -> list[Json]:
    if not isinstance(value, list) or not all(isinstance(each, dict) for each in value):
        raise faults.bad_property(f"Can not deserialize instance of java.util.ArrayList out of {_token(value)} token")
    return value


def _object(spec: Field, value: Any) -> Json:
    if not isinstance(value, dict):
        raise faults.bad_property(f"Can not deserialize instance of {_CLASS}.{spec.name} out of {_token(value)} token")
    return value


def _group(spec: Field, value: Any) -> Any:
    return _list(spec, value) if spec.name == "NameValue" else _object(spec, value)


_READERS = {
    "text": _text,
    "bool": _bool,
    "number": _number,
    "int": _int,
    "date": _date,
    "choice": _choice,
    "ref": _ref,
    "address": _address,
    "email": _email,
    "phone": _phone,
    "url": _url,
    "memo": _memo,
    "lines": _list,
    "custom": _list,
    "links": _list,
    "tax": _object,
    "group": _group,
}
