"""HubSpot, as the sandbox plays it: one store under four faces of paths.

Owns the order in which a call is judged: path, token, limits, scopes, then the call itself. The rules stand in the modules beside it.
"""
from __future__ import annotations

import uuid

from integrations.sandbox.hubspot import (
    bulk,
    commerce_rules,
    editing,
    errors,
    ids,
    kinds,
    limits,
    mishaps,
    moments,
    page,
    routes,
    seeding,
)
from integrations.sandbox.hubspot.call import Call
from integrations.sandbox.hubspot.consent import PATH as AUTHORIZE_PATH
from integrations.sandbox.hubspot.consent import Consent
from integrations.sandbox.hubspot.errors import Refused
from integrations.sandbox.hubspot.grants import OAUTH, SERVICE_KEY, Grant, Grants
from integrations.sandbox.hubspot.oauth import OAuth
from integrations.sandbox.hubspot.portal import Portal, Portals
from integrations.sandbox.messages import BadControl, Json, Request, Response, Switch
from integrations.sandbox.world import World

CORRELATION_HEADER = "X-HubSpot-Correlation-Id"
SWITCHES = (
    Switch(name="index_delay", default=2.0, meaning="Seconds until a search sees a change."),
    Switch(name="rotate_refresh_tokens", default=False, meaning="A refresh gives a new refresh token and the old one dies."),
    Switch(
        name="admin_required_property",
        default="",
        meaning="A property like contacts.phone that an administrator made required; writes by 2026-09 that lack it are refused.",
    ),
    Switch(name="preserve_primary_id_on_merge", default=False, meaning="A merge keeps the primary record's id."),
    Switch(name="accept_json_token_body", default=False, meaning="The token calls take JSON beside forms."),
    Switch(name="strict_unknown", default=False, meaning="What nobody outside HubSpot knows is decided the hard way."),
    Switch(name="neq_matches_missing", default=False, meaning="NEQ and NOT_IN in a search match records without the value."),
    Switch(name="access_token_seconds", default=1800, meaning="How long an access token lives."),
    Switch(name="portal_currency", default="", meaning="The company currency of every portal, instead of its own."),
    Switch(name="additional_currencies", default="", meaning="Further currencies that are enabled, joined by commas."),
    Switch(
        name="payments_enabled",
        default=False,
        meaning="The account has payment processing; without it every call on payments is refused.",
    ),
    Switch(
        name="read_only_properties",
        default="",
        meaning="Properties like invoices.hs_number, joined by commas, whose values cannot be written in this account.",
    ),
    Switch(
        name="writable_properties",
        default="",
        meaning="Properties like invoices.hs_amount_paid, joined by commas, whose values can be written although HubSpot computes them.",
    ),
    Switch(
        name="status_without_payment",
        default=True,
        meaning="An invoice that is not billable can be set paid or voided (unknown at the vendor).",
    ),
    Switch(
        name="non_billable_needs_line_items",
        default=False,
        meaning="An invoice that is not billable leaves draft only with a line item (unknown at the vendor).",
    ),
    Switch(
        name="billed_lost_on_create",
        default=False,
        meaning="hs_amount_billed is 0 after an invoice is made, until it is written again (seen at the vendor).",
    ),
    Switch(name="delete_open_invoices", default=False, meaning="Open invoices can be deleted, as a setting of the account allows."),
    Switch(
        name="shared_line_items",
        default=False,
        meaning="A line item may have several parents; the deletion of one takes it from all (unknown at the vendor).",
    ),
    Switch(name="note_to_invoice", default=False, meaning="Notes can be associated with invoices (unknown at the vendor)."),
    Switch(name="account_type", default="STANDARD", meaning="STANDARD, DEVELOPER_TEST, SANDBOX or APP_DEVELOPER."),
)


class HubSpotFace:
    """One HubSpot with any number of portals."""

    name = "hubspot"
    switches = SWITCHES

    def __init__(self, world: World) -> None:
        self._world = world
        world.declare(self.name, self.switches)
        self._grants = Grants(world)
        self._portals = Portals(world=world)
        self._limits = limits.Limits()
        self._consent = Consent(grants=self._grants, portals=self._portals)
        self._oauth = OAuth(
            grants=self._grants,
            portals=self._portals,
            json_accepted=lambda: bool(world.switch("hubspot.accept_json_token_body")),
            rotating=lambda: bool(world.switch("hubspot.rotate_refresh_tokens")),
        )

    def handle(self, request: Request) -> Response:
        """Answer a call of the API, or the OAuth pages and calls."""
        correlation_id = str(uuid.uuid4())
        try:
            response = self._answered(request, correlation_id)
        except Refused as refused:
            response = self._refusal(refused, correlation_id)
        response.headers[CORRELATION_HEADER] = correlation_id
        return response

    @staticmethod
    def _refusal(refused: Refused, correlation_id: str) -> Response:
        body = {**refused.body, "correlationId": correlation_id}
        return Response.of_json(body, status=refused.status, headers=refused.headers)

    def _answered(self, request: Request, correlation_id: str) -> Response:
        segments = request.segments
        if request.raw_path.rstrip("/") == AUTHORIZE_PATH and request.method in {"GET", "POST"}:
            return self._consent.answer(request)
        if len(segments) >= 3 and segments[0] == "oauth":
            return self._oauth_answered(request, segments)
        match = routes.find(request.method, segments)
        if match is None:
            raise errors.not_found()
        if match.route is None:
            raise Refused(405, errors.error_body(f"The method {request.method} is not allowed here"))
        return self._called(request, match, match.route, correlation_id)

    def _oauth_answered(self, request: Request, segments: tuple[str, ...]) -> Response:
        found = self._oauth.answer(request, segments[1], segments[2:])
        if found is None:
            raise errors.not_found()
        response, route = found
        response.route = route
        return response

    def _called(self, request: Request, match: routes.Match, route: routes.Route, correlation_id: str) -> Response:
        headers: dict[str, str] = {}
        written: list[tuple[str, str]] = []
        try:
            grant, portal = self._admitted(request)
            local = limits.local_time(self._world.clock.now(), portal.facts["time_zone"])
            headers = self._limits.admit(grant, now=portal.now(), local=local, search=route.searching)
            call = Call(
                request=request,
                version=match.version,
                path=match.path,
                portal=portal,
                grant=grant,
                grants=self._grants,
                written=written,
            )
            for wanted in route.needs(call):
                if not set(wanted) & set(grant.scopes):
                    raise errors.missing_scopes(wanted)
            if route.pattern[0] == "objects":
                commerce_rules.check_processing(portal, [call.kind(name) for name in ("type", "to") if name in call.path])
            call.records.pass_days()
            response = route.handler(call)
        except Refused as refused:
            response = self._refusal(refused, correlation_id)
        response.headers.update({name: value for name, value in headers.items() if name not in response.headers})
        response.route, response.written = route.label, written
        return response

    def _admitted(self, request: Request) -> tuple[Grant, Portal]:
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        access = self._grants.access(token.strip()) if scheme.lower() == "bearer" else None
        portal = self._portals.find(access.grant.portal_id) if access is not None else None
        if access is None or portal is None:
            raise errors.unauthenticated()
        if access.expired_for is not None and access.expired_for >= 0:
            raise errors.expired(access.expired_for)
        return access.grant, portal

    def mint(self, wanted: Json) -> Json:
        """Make an app and its tokens at once; `{"kind": "service_key"}` makes a key that does not expire."""
        kind = wanted.get("kind") or OAUTH
        if kind not in {OAUTH, SERVICE_KEY}:
            raise BadControl(f'"kind" is "{OAUTH}" or "{SERVICE_KEY}", not {kind!r}.')
        scopes = wanted.get("scopes")
        strange = sorted(set(scopes or ()) - set(kinds.ALL_SCOPES))
        if strange:
            raise BadControl(f"HubSpot has no such scopes here: {', '.join(strange)}.")
        portal = self._wanted_portal(wanted)
        granted = kinds.ALL_SCOPES if scopes is None else tuple(dict.fromkeys(["oauth", *scopes]))
        client = self._grants.add_client(
            wanted={
                "name": wanted.get("name"),
                "scopes": None if scopes is None else list(granted),
                "limits": wanted.get("limits"),
                "loopback": True,
            }
        )
        grant = Grant(client_id=client["client_id"], portal_id=portal.id, scopes=granted, limits=wanted.get("limits"), kind=kind)
        oauth = kind == OAUTH
        return {
            "access_token": self._grants.issue_access(grant),
            "refresh_token": self._grants.issue_refresh(grant) if oauth else None,
            "client_id": client["client_id"],
            "client_secret": client["client_secret"],
            "expires_in": self._grants.lifetime() if oauth else None,
            "portal_id": int(portal.id),
        }

    def _wanted_portal(self, wanted: Json) -> Portal:
        portal_id = wanted.get("portal_id")
        if portal_id is None:
            return self._portals.first()
        if ids.whole(str(portal_id)) is None:
            raise BadControl(f'"portal_id" is a number, not {portal_id!r}.')
        return self._portals.find(str(portal_id)) or self._portals.make({"portal_id": portal_id})

    def fault(self, kind: str, fault: Json, request: Request) -> Response:
        """Answer a call as HubSpot does on a bad day."""
        correlation_id = str(uuid.uuid4())
        if kind == "partial":
            response = mishaps.partial(request, self.handle)
        else:
            refused = mishaps.refusal(kind, fault)
            response = self._refusal(refused, correlation_id)
        response.headers.setdefault(CORRELATION_HEADER, correlation_id)
        match = routes.find(request.method, request.segments)
        response.route = response.route or (match.route.label if match is not None and match.route is not None else "")
        return response

    def edit(self, wanted: Json) -> Json:
        """Do what a person does in HubSpot's own screen."""
        return editing.edit(self._portals, wanted)

    def generate(self, wanted: Json) -> Json:
        """Make believable records in bulk."""
        return bulk.generate(self._wanted_portal(wanted), wanted)

    def reset(self, seed: Json) -> None:
        """Forget every portal and load those of a seed; apps stay, and tokens of portals that still exist."""
        self._portals.clear()
        seeding.load(seed.get("hubspot", seed), portals=self._portals, grants=self._grants)
        self._grants.forget_absent([portal.id for portal in self._portals.every()])

    def dump(self) -> Json:
        """Give every portal with its records, and the apps without their secrets."""
        return {
            "portals": [seeding.dump(portal) for portal in self._portals.every()],
            "now": moments.text(moments.to_ms(self._world.clock.now())),
            **self._grants.dump(),
        }

    def shown(self, table: str, row: Json) -> tuple[str, str, Json] | None:
        """The portal, the type and the values of a record's row."""
        parts = table.split("/")
        if len(parts) != 4 or parts[2] != "objects":
            return None
        return parts[1], parts[3], {**row["values"], "archived": row["archived"] is not None}

    def records_page(self, request: Request) -> Response:
        """Answer the page on which a person looks at the records and edits them."""
        return page.answer(self._portals, request)
