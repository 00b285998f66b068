"""The calls on property definitions and groups.

Owns what may be defined and how. Values of records are none of its business.
"""
from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace

from integrations.sandbox.hubspot import call as calls
from integrations.sandbox.hubspot import errors, registry
from integrations.sandbox.hubspot.associations import batch_answer
from integrations.sandbox.hubspot.call import Call
from integrations.sandbox.hubspot.definitions import FIELD_TYPES, Option, Property
from integrations.sandbox.hubspot.errors import Refused
from integrations.sandbox.hubspot.kinds import Kind
from integrations.sandbox.messages import Json, Response

MOST = 100
NEEDED = ("name", "label", "type", "fieldType", "groupName")
CHANGEABLE = {"label", "type", "fieldType", "groupName", "description", "options", "displayOrder", "hidden", "formField"}
UNIQUE_UNSURE = ("products", "line_items", "invoices")
_NAME = re.compile(r"[a-z][a-z0-9_]{0,99}")


def list_all(call: Call) -> Response:
    """Answer every definition of a type, without pages."""
    found = call.portal.registry.every(call.kind(), archived=call.flag("archived"))
    return Response.of_json({"results": [one.as_json(strict=call.portal.strict) for one in found]})


def read_one(call: Call) -> Response:
    """Answer one definition."""
    return Response.of_json(_found(call, call.path["name"], archived=call.flag("archived")).as_json(strict=call.portal.strict))


def _found(call: Call, name: str, *, archived: bool = False) -> Property:
    found = call.portal.registry.any(call.kind(), name)
    if found is None or found.archived != archived:
        raise errors.no_definition(f"Property '{name}' does not exist on object type {call.kind().type_id}")
    return found


def create_one(call: Call) -> Response:
    """Define a property; an archived name comes back to life."""
    made = _define(call, call.body(*NEEDED))
    return Response.of_json(
        made.as_json(strict=call.portal.strict), status=201, headers={"Location": f"{call.url()}/{made.name}"}
    )


def _define(call: Call, body: Json) -> Property:
    kind, known = call.kind(), call.portal.registry
    lacking = [name for name in NEEDED if not isinstance(body.get(name), str) or not body[name]]
    if lacking:
        raise errors.attributes_missing(lacking)
    name = body["name"]
    if not _NAME.fullmatch(name):
        raise errors.invalid(f"Property name '{name}' has to be lower case letters, digits and underscores, starting with a letter")
    there = known.any(kind, name)
    if there is not None and not there.archived:
        raise errors.already_exists(f"A property named '{name}' already exists.", sub="Properties.PROPERTY_WITH_NAME_EXISTS")
    now = call.now_text()
    unique = body.get("hasUniqueValue") is True
    made = Property(
        name=name,
        label=body["label"],
        type=body["type"],
        field_type=body["fieldType"],
        group=body["groupName"],
        description=str(body.get("description") or ""),
        options=_options(body.get("options")),
        display_order=_order(body.get("displayOrder", -1)),
        unique=unique,
        hidden=body.get("hidden") is True,
        form_field=body.get("formField") is True,
        created_at=there.created_at if there is not None else now,
        updated_at=now,
        user_id=call.portal.person(),
    )
    _refuse_unfit(call, kind, made)
    _refuse_too_many(call, kind, made)
    known.keep(kind, made)
    return made


def _refuse_unfit(call: Call, kind: Kind, made: Property) -> None:
    fitting = FIELD_TYPES.get(made.type)
    if fitting is None:
        raise errors.invalid(f"{made.type} is not one of {', '.join(FIELD_TYPES)}", sub="PropertyValidationError.INVALID_TYPE")
    if made.field_type not in fitting:
        raise errors.invalid(
            f"The field type {made.field_type} does not go with the type {made.type}", sub="PropertyValidationError.INVALID_FIELD_TYPE"
        )
    if call.portal.registry.group(kind, made.group) is None:
        raise errors.invalid(f"The property group {made.group} does not exist", sub="PropertyValidationError.GROUP_DOES_NOT_EXIST")
    if made.type == "bool" and {option.value for option in made.options} != {"true", "false"}:
        raise errors.invalid("A bool property needs the options true and false", sub="PropertyValidationError.INVALID_OPTIONS")
    if made.type not in {"enumeration", "bool"} and made.options:
        raise errors.invalid(f"A {made.type} property has no options", sub="PropertyValidationError.INVALID_OPTIONS")
    if len({option.value for option in made.options}) < len(made.options):
        raise errors.invalid("The values of options have to differ", sub="PropertyValidationError.DUPLICATE_OPTIONS")


def _refuse_too_many(call: Call, kind: Kind, made: Property) -> None:
    custom = call.portal.registry.custom(kind)
    if len(custom) >= registry.MOST_CUSTOM:
        raise errors.invalid(f"An object type takes {registry.MOST_CUSTOM} custom properties", sub="Properties.LIMIT_REACHED")
    if not made.unique:
        return
    if made.type not in {"string", "number"}:
        raise errors.invalid("Only text and number properties can have unique values", sub="PropertyValidationError.INVALID_UNIQUE")
    if call.portal.strict and kind.name in UNIQUE_UNSURE:
        raise errors.invalid(f"Unique properties are not available on {kind.name}", sub="PropertyValidationError.INVALID_UNIQUE")
    if sum(one.unique for one in custom) >= registry.MOST_UNIQUE:
        raise errors.invalid(f"An object type takes {registry.MOST_UNIQUE} unique properties", sub="Properties.LIMIT_REACHED")


def _options(value: object) -> tuple[Option, ...]:
    if value is None:
        return ()
    if not isinstance(value, list) or not all(isinstance(one, dict) and one.get("value") not in (None, "") for one in value):
        raise errors.bad_shape("options is a list of objects with label and value")
    return tuple(
        Option(
            label=str(one.get("label") or one["value"]),
            value=str(one["value"]),
            display_order=_order(one.get("displayOrder", -1)),
            hidden=one.get("hidden") is True,
            description=str(one.get("description") or ""),
        )
        for one in value
    )


def _order(value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise errors.bad_shape("displayOrder is a whole number")
    return value


def change_one(call: Call) -> Response:
    """Change a definition; `options` replaces the whole list."""
    kind, found = call.kind(), _found(call, call.path["name"])
    body = call.body()
    if found.built_in:
        raise errors.invalid(f"The definition of {found.name} is read only", sub="PropertyValidationError.READ_ONLY_DEFINITION")
    strange = sorted(set(body) - CHANGEABLE)
    if strange:
        raise errors.invalid(f"These attributes of a property cannot be changed: {', '.join(strange)}")
    names = {"label": "label", "type": "type", "fieldType": "field_type", "groupName": "group", "description": "description"}
    changes: dict[str, object] = {own: str(body[name]) for name, own in names.items() if body.get(name) is not None}
    changes |= {own: body[name] is True for name, own in (("hidden", "hidden"), ("formField", "form_field")) if name in body}
    if "options" in body:
        changes["options"] = _options(body["options"])
    if "displayOrder" in body:
        changes["display_order"] = _order(body["displayOrder"])
    changed = replace(found, **changes, updated_at=call.now_text())  # type: ignore[arg-type]
    _refuse_unfit(call, kind, changed)
    call.portal.registry.keep(kind, changed)
    return Response.of_json(changed.as_json(strict=call.portal.strict))


def archive_one(call: Call) -> Response:
    """Put a definition away."""
    _archive(call, call.path["name"])
    return calls.no_content()


def _archive(call: Call, name: str) -> None:
    found = _found(call, name)
    if found.built_in:
        sub = "PropertyValidationError.CANNOT_DELETE_PROPERTY_IN_USE"
        raise errors.invalid(f"{name} belongs to HubSpot and cannot be archived", sub=sub)
    call.portal.registry.archive(call.kind(), found, now=call.now_text())


def batch_create(call: Call) -> Response:
    """Define properties, each by itself."""
    return _batch(call, lambda one: _define(call, one), status=201)


def batch_read(call: Call) -> Response:
    """Answer definitions by name."""
    archived = call.body("inputs").get("archived") is True
    return _batch(call, lambda one: _found(call, _name_of(one), archived=archived))


def _batch(call: Call, work: Callable[[Json], Property], *, status: int = 200) -> Response:
    results: list[Json] = []
    problems: list[Json] = []
    for one in call.inputs(most=MOST):
        try:
            results.append(work(one).as_json(strict=call.portal.strict))
        except Refused as error:
            problems.append({**error.body, "category": error.category, "context": {"name": [str(one.get("name"))]}})
    return batch_answer(call, results, problems, status=status)


def batch_archive(call: Call) -> Response:
    """Put definitions away; names that are not there are no error."""
    for name in [_name_of(one) for one in call.inputs(most=MOST)]:
        if call.portal.registry.find(call.kind(), name) is not None:
            _archive(call, name)
    return calls.no_content()


def _name_of(one: Json) -> str:
    if not isinstance(one.get("name"), str):
        raise errors.attributes_missing(["name"])
    return str(one["name"])


def list_groups(call: Call) -> Response:
    """Answer the groups of a type."""
    return Response.of_json({"results": call.portal.registry.groups(call.kind())})


def read_group(call: Call) -> Response:
    """Answer one group."""
    return Response.of_json(_group(call))


def _group(call: Call) -> Json:
    found = call.portal.registry.group(call.kind(), call.path["name"])
    if found is None:
        raise errors.no_definition(f"Property group '{call.path['name']}' does not exist")
    return found


def create_group(call: Call) -> Response:
    """Make a group."""
    body = call.body("name", "label")
    name = str(body["name"])
    if not _NAME.fullmatch(name):
        raise errors.invalid(f"Group name '{name}' has to be lower case letters, digits and underscores, starting with a letter")
    if call.portal.registry.group(call.kind(), name) is not None:
        raise errors.already_exists(f"A property group named '{name}' already exists.", sub="PropertyGroupError.GROUP_ALREADY_EXISTS")
    group = {"name": name, "label": str(body["label"]), "displayOrder": _order(body.get("displayOrder", -1)), "archived": False}
    call.portal.registry.keep_group(call.kind(), group)
    return Response.of_json(group, status=201, headers={"Location": f"{call.url()}/{name}"})


def change_group(call: Call) -> Response:
    """Change the label or the place of a group."""
    group, body = _group(call), call.body()
    if call.portal.registry.has_built_in_group(group["name"]):
        raise errors.invalid(f"The group {group['name']} belongs to HubSpot and cannot be changed")
    label, order = body.get("label", group["label"]), body.get("displayOrder", group["displayOrder"])
    changed: Json = {**group, "label": str(label), "displayOrder": _order(order)}
    call.portal.registry.keep_group(call.kind(), changed)
    return Response.of_json(changed)


def archive_group(call: Call) -> Response:
    """Forget a group that has no properties."""
    group = _group(call)
    if any(one.group == group["name"] for one in call.portal.registry.every(call.kind())):
        raise errors.invalid(f"The group {group['name']} still has properties", sub="PropertyGroupError.GROUP_WITH_ACTIVE_PROPERTIES")
    call.portal.registry.drop_group(call.kind(), group["name"])
    return calls.no_content()
