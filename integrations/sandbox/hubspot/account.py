"""The calls on the account itself: details, owners, pipelines, tax rates, uninstalling.

Owns the shapes of these answers.
"""
from __future__ import annotations

from datetime import timedelta

from integrations.sandbox.hubspot import call as calls
from integrations.sandbox.hubspot import catalog_crm, definitions, errors, kinds, limits, moments
from integrations.sandbox.hubspot.call import Call
from integrations.sandbox.messages import Json, Response

MOST_OWNERS = 500
PORTAL_NAME_SINCE = "2026-09"


def details(call: Call) -> Response:
    """Answer who the account is."""
    portal = call.portal
    offset = limits.local_time(moments.from_ms(portal.now()), portal.facts["time_zone"]).utcoffset() or timedelta()
    minutes = int(offset.total_seconds() // 60)
    body: Json = {
        "portalId": int(portal.id),
        "accountType": str(portal.switch("account_type")),
        "timeZone": portal.facts["time_zone"],
        "companyCurrency": portal.currency(),
        "additionalCurrencies": list(portal.currencies()[1:]),
        "utcOffset": f"{'-' if minutes < 0 else '+'}{abs(minutes) // 60:02d}:{abs(minutes) % 60:02d}",
        "utcOffsetMilliseconds": minutes * 60_000,
        "uiDomain": "app.hubspot.com",
        "dataHostingLocation": "na1",
    }
    if not call.legacy and call.version >= PORTAL_NAME_SINCE:
        body |= {"portalName": portal.facts["name"], "createdAt": portal.facts["created_at"]}
    return Response.of_json(body)


def list_owners(call: Call) -> Response:
    """Answer a page of the owners."""
    limit = call.number("limit", default=100, least=1, most=MOST_OWNERS)
    email, archived = call.request.first("email"), call.flag("archived")
    found = sorted(
        (one for one in call.portal.owners() if one["archived"] == archived and email in (None, "", one["email"])),
        key=lambda one: int(one["id"]),
    )
    rest = [one for one in found if int(one["id"]) > call.after()]
    body: Json = {"results": [_owner(one) for one in rest[:limit]]}
    if len(rest) > limit:
        after = rest[limit - 1]["id"]
        body["paging"] = {"next": {"after": after, "link": f"{call.url()}?after={after}"}}
    return Response.of_json(body)


def read_owner(call: Call) -> Response:
    """Answer one owner, by id or by user id."""
    name = call.request.first("idProperty") or "id"
    if name not in {"id", "userId"}:
        raise errors.invalid(f"idProperty is id or userId, not {name}")
    archived = call.flag("archived")
    for one in call.portal.owners():
        if str(one[name]) == call.path["id"] and one["archived"] == archived:
            return Response.of_json(_owner(one))
    raise errors.no_definition(f"There is no owner {call.path['id']}")


def _owner(one: Json) -> Json:
    return {
        "id": one["id"],
        "email": one["email"],
        "type": "PERSON",
        "firstName": one["firstName"],
        "lastName": one["lastName"],
        "userId": None if one["archived"] else one["userId"],
        "userIdIncludingInactive": one["userId"],
        "createdAt": one["createdAt"],
        "updatedAt": one["createdAt"],
        "archived": one["archived"],
        "teams": [],
    }


def _pipeline() -> Json:
    since = definitions.BUILT_IN_SINCE
    stages = [
        {
            "id": value,
            "label": label,
            "displayOrder": order,
            "metadata": {"isClosed": "true" if value.startswith("closed") else "false", "probability": probability},
            "createdAt": since,
            "updatedAt": since,
            "archived": False,
            "writePermissions": "CRM_PERMISSIONS_ENFORCEMENT",
        }
        for order, (value, label, probability) in enumerate(catalog_crm.DEAL_STAGES)
    ]
    value, label = catalog_crm.DEAL_PIPELINE
    return {
        "id": value,
        "label": label,
        "displayOrder": 0,
        "stages": stages,
        "createdAt": since,
        "updatedAt": since,
        "archived": False,
    }


def list_pipelines(call: Call) -> Response:
    """Answer the pipelines of a type; only deals have one here."""
    return Response.of_json({"results": [_pipeline()] if call.kind() is kinds.DEALS else []})


def _found_pipeline(call: Call) -> Json:
    pipeline = _pipeline()
    if call.kind() is not kinds.DEALS or call.path["id"] != pipeline["id"]:
        raise errors.no_definition(f"There is no pipeline {call.path['id']}")
    return pipeline


def read_pipeline(call: Call) -> Response:
    """Answer one pipeline."""
    return Response.of_json(_found_pipeline(call))


def list_stages(call: Call) -> Response:
    """Answer the stages of a pipeline."""
    return Response.of_json({"results": _found_pipeline(call)["stages"]})


def list_tax_rates(call: Call) -> Response:
    """Answer the tax rates of the account; there are none until one is made by hand."""
    return Response.of_json({"results": []})


def uninstall(call: Call) -> Response:
    """Take the calling app out of the account: every token of it dies."""
    call.grants.uninstall(call.grant)
    return calls.no_content()
