"""What a property is: its definition, and the definition as JSON.

Owns the shape of a definition and which types go with which field types. Checks no value.
"""
from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from integrations.sandbox.messages import Json

FIELD_TYPES: Mapping[str, frozenset[str]] = {
    "string": frozenset({"text", "textarea", "html", "file", "phonenumber", "calculation_equation"}),
    "number": frozenset({"number", "calculation_equation"}),
    "bool": frozenset({"booleancheckbox", "calculation_equation"}),
    "enumeration": frozenset({"select", "radio", "checkbox", "booleancheckbox", "calculation_equation"}),
    "date": frozenset({"date"}),
    "datetime": frozenset({"date"}),
}
BUILT_IN_SINCE = "2019-08-06T02:41:08.029Z"
OWNER_OPTIONS = "OWNER"


@dataclass(frozen=True, kw_only=True)
class Option:
    """One choice of an enumeration."""

    label: str
    value: str
    display_order: int = -1
    hidden: bool = False
    description: str = ""

    def as_json(self) -> Json:
        """The option as the API shows it."""
        return {
            "label": self.label,
            "value": self.value,
            "displayOrder": self.display_order,
            "hidden": self.hidden,
            "description": self.description,
        }


@dataclass(frozen=True, kw_only=True)
class Property:
    """One property of an object type. `unsure`: nobody outside HubSpot knows whether its value may be written."""

    name: str
    label: str
    type: str
    field_type: str
    group: str
    description: str = ""
    options: tuple[Option, ...] = ()
    display_order: int = -1
    read_only: bool = False
    unsure: bool = False
    calculated: bool = False
    external: bool = False
    unique: bool = False
    hidden: bool = False
    form_field: bool = False
    built_in: bool = False
    archived: bool = False
    created_at: str = BUILT_IN_SINCE
    updated_at: str = BUILT_IN_SINCE
    user_id: str = ""

    @property
    def many(self) -> bool:
        """Whether several options may be chosen, joined by semicolons."""
        return self.type == "enumeration" and self.field_type == "checkbox"

    def as_json(self, *, strict: bool) -> Json:
        """The definition as the API shows it. `strict` makes what is unsure read-only."""
        body: Json = {
            "name": self.name,
            "label": self.label,
            "type": self.type,
            "fieldType": self.field_type,
            "description": self.description,
            "groupName": self.group,
            "options": [option.as_json() for option in self.options],
            "displayOrder": self.display_order,
            "calculated": self.calculated,
            "externalOptions": self.external,
            "archived": self.archived,
            "hasUniqueValue": self.unique,
            "hidden": self.hidden,
            "formField": self.form_field,
            "dataSensitivity": "non_sensitive",
            "createdAt": self.created_at,
            "updatedAt": self.updated_at,
            "modificationMetadata": {
                "archivable": not self.built_in,
                "readOnlyDefinition": self.built_in,
                "readOnlyValue": self.read_only or (self.unsure and strict),
            },
        }
        if self.external:
            body["referencedObjectType"] = OWNER_OPTIONS
        if self.built_in:
            body["hubspotDefined"] = True
        else:
            body |= {"createdUserId": self.user_id, "updatedUserId": self.user_id}
        if self.archived:
            body["archivedAt"] = self.updated_at
        return body

    def as_row(self) -> Json:
        """The definition as the store keeps it."""
        return {
            **{name: getattr(self, name) for name in _KEPT},
            "options": [vars(option) for option in self.options],
        }


_KEPT = (
    "name", "label", "type", "field_type", "group", "description", "display_order", "unique", "hidden", "form_field",
    "archived", "created_at", "updated_at", "user_id",
)  # fmt: skip


def from_row(row: Json) -> Property:
    """The definition that the store kept."""
    options = tuple(Option(**option) for option in row["options"])
    return Property(**{name: row[name] for name in _KEPT}, options=options)


def table(text: str, *, group: str, options: Mapping[str, str] | None = None) -> Iterable[Property]:
    """Definitions from lines of `name | Label | type/fieldType | flags`.

    Flags: `ro` read-only, `calc` calculated, `unsure`, `owner` (its options are the owners). Options are written
    `value=Label, value=Label`.
    """
    for line in text.strip().splitlines():
        name, label, types, *rest = (part.strip() for part in line.split("|"))
        kind, _, field_type = types.partition("/")
        flags = set(rest[0].split()) if rest else set()
        yield Property(
            name=name,
            label=label,
            type=kind,
            field_type=field_type,
            group=group,
            options=_options(kind, (options or {}).get(name, "")),
            read_only="ro" in flags,
            unsure="unsure" in flags,
            calculated="calc" in flags,
            external="owner" in flags,
            built_in=True,
        )


def _options(kind: str, text: str) -> tuple[Option, ...]:
    if kind == "bool":
        text = "true=Yes, false=No"
    pairs = [pair.strip().partition("=") for pair in text.split(",") if pair.strip()]
    return tuple(Option(value=value, label=label or value, display_order=index) for index, (value, _, label) in enumerate(pairs))
