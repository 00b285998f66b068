"""Which call a method and a path mean, in every version, and which scopes it needs.

Owns the table of calls. The versions of one call share one handler and one label.
"""
from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from integrations.sandbox.hubspot import (
    account,
    association_batches,
    associations,
    batches,
    objects,
    property_calls,
    search,
)
from integrations.sandbox.hubspot.call import Call
from integrations.sandbox.messages import Response

DATED = ("2026-03", "2026-09")
Handler = Callable[[Call], Response]
Needs = Callable[[Call], list[tuple[str, ...]]]


@dataclass(frozen=True, kw_only=True)
class Route:
    """One call. `legacy` is its version before the dated ones; `needs` gives groups of scopes, one of each is enough."""

    method: str
    pattern: tuple[str, ...]
    handler: Handler
    needs: Needs
    legacy: str
    searching: bool = False

    @property
    def label(self) -> str:
        """The path with a place for version and ids."""
        area, *rest = self.pattern
        head = ("crm", area) if area in _CRM else (area,)
        return "/" + "/".join((*head, "{version}", *rest))

    def match(self, parts: Sequence[str]) -> dict[str, str] | None:
        """The variables of the path, or None when it is another call's."""
        if len(parts) != len(self.pattern):
            return None
        found = {}
        for wanted, part in zip(self.pattern, parts, strict=True):
            if wanted.startswith("{"):
                found[wanted[1:-1]] = part
            elif wanted != part:
                return None
        return found


@dataclass(frozen=True, kw_only=True)
class Match:
    """A path that was understood. Without a route, the path exists but not with this method."""

    version: str
    route: Route | None = None
    path: dict[str, str] = field(default_factory=dict)


_CRM = ("objects", "associations", "properties", "owners", "pipelines")
_ALONE = ("account-info", "appinstalls", "tax-rates")


def find(method: str, segments: Sequence[str]) -> Match | None:
    """The call that is meant, or None when there is no such path."""
    version, parts = _normal(segments)
    known = [
        (route, found) for route in ROUTES if (found := route.match(parts)) is not None and version in (route.legacy, *DATED)
    ]
    if not known:
        return None
    for route, found in known:
        if route.method == method:
            return Match(version=version, route=route, path=found)
    return Match(version=version)


def _normal(segments: Sequence[str]) -> tuple[str, Sequence[str]]:
    """The version, and the path as the table writes it: the area first, without the version."""
    if len(segments) >= 3 and segments[0] == "crm":
        first, second, *rest = segments[1:]
        if second in _CRM:
            return first, (second, *rest)
        if first in _CRM:
            return ("" if second in {"v1", "v3", "v4"} else second), (first, *rest)
    if len(segments) >= 2 and segments[0] in _ALONE:
        return segments[1], (segments[0], *segments[2:])
    return "", ()


def _nothing(_: Call) -> list[tuple[str, ...]]:
    return []


def _reading(call: Call) -> list[tuple[str, ...]]:
    return [call.kind().read_scopes]


def _writing(call: Call) -> list[tuple[str, ...]]:
    return [call.kind().write_scopes]


def _reading_definitions(call: Call) -> list[tuple[str, ...]]:
    return [call.kind().read_definition_scopes]


def _defining(call: Call) -> list[tuple[str, ...]]:
    return [call.kind().define_scopes]


def _reading_links(call: Call) -> list[tuple[str, ...]]:
    return [call.kind().read_scopes, call.kind("to").read_scopes]


def _writing_links(call: Call) -> list[tuple[str, ...]]:
    return [call.kind().write_scopes, call.kind("to").read_scopes]


def _reading_labels(call: Call) -> list[tuple[str, ...]]:
    return [call.kind_beside().read_scopes, call.kind_beside("to").read_scopes]


def _writing_labels(call: Call) -> list[tuple[str, ...]]:
    return [call.kind_beside().write_scopes, call.kind_beside("to").read_scopes]


def _one(scope: str) -> Needs:
    return lambda _: [(scope,)]


def _table(legacy: str, text: str, needs: dict[str, Needs], handlers: dict[str, Handler]) -> Iterator[Route]:
    """Routes from lines of `METHOD path need handler`."""
    for line in text.strip().splitlines():
        method, path, need, name = line.split()
        yield Route(
            method=method,
            pattern=tuple(path.split("/")),
            handler=handlers[name],
            needs=needs[need],
            legacy=legacy,
            searching=name == "search",
        )


_NEEDS: dict[str, Needs] = {
    "-": _nothing,
    "read": _reading,
    "write": _writing,
    "read_definitions": _reading_definitions,
    "define": _defining,
    "read_links": _reading_links,
    "write_links": _writing_links,
    "read_labels": _reading_labels,
    "write_labels": _writing_labels,
    "owners": _one("crm.objects.owners.read"),
    "tax_rates": _one("tax_rates.read"),
}

ROUTES: tuple[Route, ...] = (
    *_table(
        "v3",
        """
        GET objects/{type} read list_records
        POST objects/{type} write create_record
        POST objects/{type}/search read search
        POST objects/{type}/merge write merge_records
        POST objects/{type}/gdpr-delete write forget_record
        POST objects/{type}/batch/read read batch_read
        POST objects/{type}/batch/create write batch_create
        POST objects/{type}/batch/update write batch_update
        POST objects/{type}/batch/upsert write batch_upsert
        POST objects/{type}/batch/archive write batch_archive
        GET objects/{type}/{id} read read_record
        PATCH objects/{type}/{id} write update_record
        DELETE objects/{type}/{id} write archive_record
        """,
        _NEEDS,
        {
            "list_records": objects.list_records,
            "create_record": objects.create_record,
            "search": search.search,
            "merge_records": objects.merge_records,
            "forget_record": objects.forget_record,
            "batch_read": batches.read,
            "batch_create": batches.create,
            "batch_update": batches.update,
            "batch_upsert": batches.upsert,
            "batch_archive": batches.archive,
            "read_record": objects.read_record,
            "update_record": objects.update_record,
            "archive_record": objects.archive_record,
        },
    ),
    *_table(
        "v4",
        """
        GET objects/{type}/{id}/associations/{to} read_links list_of_record
        PUT objects/{type}/{id}/associations/default/{to}/{to_id} write_links put_default
        PUT objects/{type}/{id}/associations/{to}/{to_id} write_links put_types
        DELETE objects/{type}/{id}/associations/{to}/{to_id} write_links delete_link
        POST associations/{type}/{to}/batch/read read_links batch_read
        POST associations/{type}/{to}/batch/create write_links batch_create
        POST associations/{type}/{to}/batch/associate/default write_links batch_default
        POST associations/{type}/{to}/batch/archive write_links batch_archive
        POST associations/{type}/{to}/batch/labels/archive write_links batch_labels_archive
        GET associations/{type}/{to}/labels read_labels list_labels
        POST associations/{type}/{to}/labels write_labels create_label
        PUT associations/{type}/{to}/labels write_labels change_label
        DELETE associations/{type}/{to}/labels/{number} write_labels delete_label
        """,
        _NEEDS,
        {
            "list_of_record": associations.list_of_record,
            "put_default": associations.put_default,
            "put_types": associations.put_types,
            "delete_link": associations.delete_link,
            "batch_read": association_batches.read,
            "batch_create": association_batches.create,
            "batch_default": association_batches.create_default,
            "batch_archive": association_batches.archive,
            "batch_labels_archive": association_batches.archive_labels,
            "list_labels": associations.list_labels,
            "create_label": associations.create_label,
            "change_label": associations.change_label,
            "delete_label": associations.delete_label,
        },
    ),
    *_table(
        "v3",
        """
        GET properties/{type} read_definitions list_all
        POST properties/{type} define create_one
        POST properties/{type}/batch/create define batch_create
        POST properties/{type}/batch/read read_definitions batch_read
        POST properties/{type}/batch/archive define batch_archive
        GET properties/{type}/groups read_definitions list_groups
        POST properties/{type}/groups define create_group
        GET properties/{type}/groups/{name} read_definitions read_group
        PATCH properties/{type}/groups/{name} define change_group
        DELETE properties/{type}/groups/{name} define archive_group
        GET properties/{type}/{name} read_definitions read_one
        PATCH properties/{type}/{name} define change_one
        DELETE properties/{type}/{name} define archive_one
        GET pipelines/{type} read_definitions list_pipelines
        GET pipelines/{type}/{id} read_definitions read_pipeline
        GET pipelines/{type}/{id}/stages read_definitions list_stages
        GET owners owners list_owners
        GET owners/{id} owners read_owner
        GET account-info/details - details
        DELETE appinstalls/external-install - uninstall
        """,
        _NEEDS,
        {
            "list_all": property_calls.list_all,
            "create_one": property_calls.create_one,
            "batch_create": property_calls.batch_create,
            "batch_read": property_calls.batch_read,
            "batch_archive": property_calls.batch_archive,
            "list_groups": property_calls.list_groups,
            "create_group": property_calls.create_group,
            "read_group": property_calls.read_group,
            "change_group": property_calls.change_group,
            "archive_group": property_calls.archive_group,
            "read_one": property_calls.read_one,
            "change_one": property_calls.change_one,
            "archive_one": property_calls.archive_one,
            "list_pipelines": account.list_pipelines,
            "read_pipeline": account.read_pipeline,
            "list_stages": account.list_stages,
            "list_owners": account.list_owners,
            "read_owner": account.read_owner,
            "details": account.details,
            "uninstall": account.uninstall,
        },
    ),
    *_table("v1", "GET tax-rates/tax-rates tax_rates list_tax_rates", _NEEDS, {"list_tax_rates": account.list_tax_rates}),
)
