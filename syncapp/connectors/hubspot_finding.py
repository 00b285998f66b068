"""Looking for HubSpot records by a value that is not unique: by the search, or by going through all of them.

Owns how values are packed into searches and that no page is left out. Believes no find: what is found is still to be read.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence

from integrations import paging
from integrations.hubspot import answers
from integrations.hubspot import client as hubspot_client
from syncapp.connectors import refusals
from syncapp.engine import vocabulary

_SEARCHED_CHARACTERS = 2000
"""HubSpot refuses a search of more than 3,000 characters."""


def searched(*, client: hubspot_client.Client, kind: str, field_name: str, values: Sequence[str]) -> list[str]:
    """Return the ids of live records that the search finds. It may miss what was written in the last seconds."""
    found: list[str] = []
    for part in _fitting(values):
        last_id = "0"
        while last_id:
            page = _page(client, kind, field_name, part, last_id)
            found += page.ids
            last_id = page.last_id if page.ids else ""
    return found


def everything(*, client: hubspot_client.Client, kind: str, properties: Sequence[str]) -> tuple[answers.RemoteObject, ...]:
    """Return every record of a kind, live and archived ones; the list shows at once what was written."""
    return (*_listed(client, kind, properties, archived=False), *_listed(client, kind, properties, archived=True))


def _page(
    client: hubspot_client.Client, kind: str, field_name: str, values: Sequence[str], last_id: str
) -> hubspot_client.SearchPage:
    return refusals.asked(lambda: client.search_values(object_type=kind, property_name=field_name, values=values, last_id=last_id))


def _listed(
    client: hubspot_client.Client, kind: str, properties: Sequence[str], *, archived: bool
) -> Iterator[answers.RemoteObject]:
    pages = paging.pages(
        system=vocabulary.System.HUBSPOT.label, operation=f"{kind} list",
        fetch=lambda after: client.list_page(object_type=kind, properties=properties, after=after, archived=archived),
    )
    while (page := refusals.asked(lambda: next(pages, None))) is not None:
        yield from page.entries


def _fitting(values: Sequence[str]) -> Iterator[tuple[str, ...]]:
    """Parts that fit into one search each."""
    part: list[str] = []
    for value in dict.fromkeys(values):
        if part and sum(len(json.dumps(one)) + 1 for one in (*part, value)) > _SEARCHED_CHARACTERS:
            yield tuple(part)
            part = []
        part.append(value)
    if part:
        yield tuple(part)
