"""Records as the API shows them.

Owns the JSON of a record and of what stands around it. Decides nothing.
"""
from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

from integrations.sandbox.hubspot import moments
from integrations.sandbox.hubspot.kinds import Kind
from integrations.sandbox.hubspot.links import End
from integrations.sandbox.hubspot.portal import Portal
from integrations.sandbox.hubspot.shelf import Entry, Record, entry_json
from integrations.sandbox.messages import Json

INLINE_LINKS = 100


def values_json(kind: Kind, values: Mapping[str, str], names: Iterable[str]) -> Json:
    """A record of which only the values are known."""
    return {
        "id": values["hs_object_id"],
        "properties": {name: values.get(name) for name in names},
        "createdAt": values[kind.created[0]],
        "updatedAt": values[kind.modified],
        "archived": False,
    }


def record_json(kind: Kind, record: Record, names: Iterable[str], *, with_history: Collection[str] = ()) -> Json:
    """A record with the named properties; they are expected to exist."""
    body = values_json(kind, record.values, names)
    if with_history:
        body["propertiesWithHistory"] = {name: [entry_json(one) for one in steps(kind, record, name)] for name in with_history}
    if record.archived is not None:
        body |= {"archived": True, "archivedAt": moments.text(record.archived)}
    return body


def written_json(portal: Portal, kind: Kind, record: Record, written: Iterable[str] | None) -> Json:
    """The answer to a write: every value of a new record (None), or what was written and what followed from it."""
    names = record.values if written is None else written
    return record_json(kind, record, portal.registry.known(kind, names))


def steps(kind: Kind, record: Record, name: str) -> list[Entry]:
    """The history of a property, newest first."""
    known = record.history.get(name)
    if known is not None:
        return known[::-1]
    value = record.values.get(name)
    if value is None:
        return []
    _, at, *origin = record.origin
    return [[value, record.at if name == kind.modified else at, *origin]]


def inline_links(portal: Portal, start: End, wanted: Iterable[Kind], *, page_url: str) -> Json:
    """The `associations` of a read: ids as text, one entry for each type of association."""
    found: Json = {}
    for kind in wanted:
        linked = portal.linked(start, kind)
        if not linked:
            continue
        types = {one.number: one for one in portal.links.types.between(start.kind, kind)}
        shown = linked[:INLINE_LINKS]
        body: Json = {
            "results": [
                {"id": str(one), "type": types[number].inline_name} for one, numbers in shown for number in numbers if number in types
            ]
        }
        if len(linked) > INLINE_LINKS:
            after = str(shown[-1][0])
            body["paging"] = {"next": {"after": after, "link": f"{page_url}/{start.id}/associations/{kind.name}?after={after}"}}
        found["line items" if kind.name == "line_items" else kind.name] = body
    return found
