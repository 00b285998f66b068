"""Names of list objects: uniqueness, hierarchy, and the ` (deleted)` that QuickBooks appends to inactive ones.

Owns DisplayName or Name, FullyQualifiedName and Level. `row["name"]` keeps the name without suffix.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count

from integrations.sandbox.messages import Json
from integrations.sandbox.quickbooks import faults
from integrations.sandbox.quickbooks.change import Change
from integrations.sandbox.quickbooks.companies import Company, key_of

DEEPEST_LEVEL = 4


def settle(change: Change) -> None:
    """Decide the shown name and refuse one that is taken. Raises VendorFault 6240."""
    title, body = change.entity.title, change.body
    parent = _parent_row(change)
    prefix = f"{parent['body']['FullyQualifiedName']}:" if parent else ""
    base = _base_name(change)
    pool = change.company.pools[change.entity.pool]
    mine = (change.entity.name, int(change.number or 0))
    if body["Active"]:
        shown = base
    elif _stays_inactive(change, base):
        shown = change.old_body[title]
    else:
        shown = next(name for name in _deleted_names(base) if pool.get(key_of(prefix + name), mine) == mine)
    key = key_of(prefix + shown)
    if pool.get(key, mine) != mine:
        raise faults.problem("6240", "The name supplied already exists. : null")
    change.row["name"] = base
    change.shown_key = key
    body[title] = shown
    if "FullyQualifiedName" in change.entity.fields:
        body["FullyQualifiedName"] = prefix + shown
    if "Level" in change.entity.fields:
        body.pop("Level", None)
        if parent:
            body["Level"] = int(parent["body"].get("Level", 0)) + 1


def claim(change: Change) -> None:
    """Put the shown name into use, give the old one back, and rename what lies below."""
    company, entity = change.company, change.entity
    number = int(change.body["Id"])
    if change.old is not None:
        release(company, pool=entity.pool, body=change.old_body, title=entity.title)
    company.pools[entity.pool][change.shown_key] = (entity.name, number)
    moved = change.old is not None and change.old_body.get("FullyQualifiedName") != change.body.get("FullyQualifiedName")
    if moved or change.old_body.get("Level") != change.body.get("Level"):
        _rename_children(company, entity.name, change.body)


def check_parent(change: Change) -> None:
    """Refuse a parent that is not there, is the object itself or lies below it, or makes the tree too deep."""
    wanted = change.ref("ParentRef")
    if not wanted or wanted == change.old_ref("ParentRef"):
        return
    if change.number and wanted == change.number:
        raise faults.problem("900", "Parent cannot be child : An object cannot be its own parent.", "ParentRef")
    shelf = change.company.shelves[change.entity.name]
    row = shelf.get(wanted) if wanted.isdecimal() else None
    if row is None:
        raise faults.problem("700", f"Parent Reference Invalid : {change.entity.group} element id {wanted} not found", "ParentRef")
    above = row
    while "ParentRef" in above["body"]:
        if change.number and above["body"]["ParentRef"]["value"] == change.number:
            raise faults.problem("900", "Parent cannot be child : The parent lies below this object.", "ParentRef")
        found = shelf.get(above["body"]["ParentRef"]["value"])
        if found is None:
            break
        above = found
    level = _level(change.company, change.entity.name, row["body"]) + 1
    if level + _height(change.company, change.entity.name, change.number) > DEEPEST_LEVEL:
        raise faults.problem("6180", "Sub-level limit exceeded : An object can have at most 5 levels in all.", "ParentRef")


def release(company: Company, *, pool: str, body: Json, title: str) -> None:
    """Give back the name of an object that vanishes."""
    company.pools[pool].pop(key_of(body.get("FullyQualifiedName") or body[title]), None)


def _base_name(change: Change) -> str:
    wanted = str(change.body[change.entity.title])
    if change.old is not None and wanted == change.old_body[change.entity.title]:
        return str(change.old["name"])
    return wanted.strip() if change.company.switch("trim_names") and not change.write.by_hand else wanted


def _stays_inactive(change: Change, base: str) -> bool:
    same_place = change.ref("ParentRef") == change.old_ref("ParentRef")
    return not change.old_body.get("Active", True) and base == change.row.get("name") and same_place


def _deleted_names(base: str) -> Iterator[str]:
    yield f"{base} (deleted)"
    for number in count(1):
        yield f"{base} (deleted-{number})"


def _parent_row(change: Change) -> Json | None:
    wanted = change.ref("ParentRef") if "FullyQualifiedName" in change.entity.fields else ""
    return change.company.shelves[change.entity.name].get(wanted) if wanted else None


def _children(company: Company, kind: str, number: str) -> list[Json]:
    shelf = company.shelves[kind]
    return [row for each in shelf.matching("ParentRef", [number]) if (row := shelf.get(each)) is not None] if number else []


def _rename_children(company: Company, kind: str, parent: Json) -> None:
    shelf = company.shelves[kind]
    if not shelf.indexed("ParentRef"):
        return
    for row in _children(company, kind, parent["Id"]):
        body = row["body"]
        pool = company.pools[shelf.entity.pool]
        pool.pop(key_of(body["FullyQualifiedName"]), None)
        body["FullyQualifiedName"] = f"{parent['FullyQualifiedName']}:{body[shelf.entity.title]}"
        if "Level" in shelf.entity.fields:
            body["Level"] = int(parent.get("Level", 0)) + 1
        pool[key_of(body["FullyQualifiedName"])] = (kind, int(body["Id"]))
        shelf.put(body["Id"], row)
        _rename_children(company, kind, body)


def _level(company: Company, kind: str, body: Json) -> int:
    level = 0
    while "ParentRef" in body:
        level += 1
        row = company.shelves[kind].get(body["ParentRef"]["value"])
        if row is None:
            break
        body = row["body"]
    return level


def _height(company: Company, kind: str, number: str) -> int:
    below = _children(company, kind, number)
    return 1 + max(_height(company, kind, row["body"]["Id"]) for row in below) if below else 0
