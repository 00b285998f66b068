"""The QuickBooks face: what the sandbox's server and control calls talk to.

Owns the routing by path and the list of switches. Every kind of work stands in its own file.
"""

from __future__ import annotations

from integrations.sandbox.messages import BadControl, Json, Request, Response, Switch
from integrations.sandbox.quickbooks import consent, founding, generate, limits, oauth, pages, planted, preferences, screen, seeding
from integrations.sandbox.quickbooks.api import Api, label, new_tid
from integrations.sandbox.quickbooks.companies import PREFIX, Companies, Company
from integrations.sandbox.quickbooks.fields import ENTITIES
from integrations.sandbox.quickbooks.grants import SCOPES, Grants
from integrations.sandbox.world import World

SWITCHES = (
    Switch(name="rotate_always", default=False, meaning="every refresh gives a new refresh token, not only one older than a day"),
    Switch(name="access_token_seconds", default=3600, meaning="how long an access token lives"),
    Switch(name="requestid", default=True, meaning="a write with a known requestid gets the first answer again"),
    Switch(name="requestid_hours", default=24, meaning="how long a requestid is remembered"),
    Switch(name="replay_faults", default=False, meaning="a refusal is remembered under its requestid too (unknown at the vendor)"),
    Switch(name="per_minute", default=500, meaning="calls a minute for each connection made through the consent page"),
    Switch(name="per_second", default=10, meaning="calls a second for each connection made through the consent page"),
    Switch(name="concurrent", default=10, meaning="calls at once for each connection made through the consent page"),
    Switch(name="batch_per_minute", default=40, meaning="batches a minute for each connection made through the consent page"),
    Switch(name="company_batches_per_minute", default=120, meaning="batches a minute for each company, all apps together"),
    Switch(name="cdc_limit", default=1000, meaning="how many objects a change data capture answer holds at most"),
    Switch(name="multicurrency", default=False, meaning="every company may use other currencies than its own"),
    Switch(name="custom_txn_numbers", default=False, meaning="every company numbers its forms itself: none is given, none is made up"),
    Switch(name="automated_tax", default=False, meaning="every American company has its sales tax computed by QuickBooks"),
    Switch(name="revenue_recognition", default=False, meaning="every line needs a service date; without one it is refused with 6000"),
    Switch(name="custom_fields", default="", meaning="labels of up to three custom fields of sales forms, joined by commas"),
    Switch(name="books_closed", default="", meaning="last closed day as YYYY-MM-DD; transactions up to it are refused with 6200"),
    Switch(name="books_closed_password", default=False, meaning="closed books have a password: 6210 instead of 6200"),
    Switch(name="subscription_ended", default=False, meaning="writes are refused with 6190, reads go on"),
    Switch(name="user_lost_rights", default=False, meaning="every call is refused with 120: the user who connected lost the rights"),
    Switch(
        name="refuse_ending_paid",
        default=False,
        meaning="voiding or deleting a form with payments is refused with 6000, not unlinked (unknown at the vendor)",
    ),
    Switch(name="refuse_inactive_with_balance", default=True, meaning="customers with a balance stay active (6220; unknown at the vendor)"),
    Switch(name="refuse_emoji_in_names", default=False, meaning="names with emoji are refused with 2040 (unknown at the vendor)"),
    Switch(name="trim_names", default=True, meaning="blanks around a display name are dropped when it is written (likely at the vendor)"),
    Switch(name="country_codes", default=True, meaning="countries in addresses come back as ISO codes of three letters"),
)
_CONTENTS = tuple(name for name in ENTITIES)


class QuickBooksFace:
    """One vendor of the sandbox."""

    name = PREFIX
    switches = SWITCHES

    def __init__(self, world: World) -> None:
        self._world = world
        world.declare(self.name, SWITCHES)
        self.companies = Companies(world=world)
        self._grants = Grants(world=world)
        self._throttle = limits.Throttle(world=world)
        self._api = Api(world=world, companies=self.companies, grants=self._grants, throttle=self._throttle)

    def handle(self, request: Request) -> Response:
        """Answer a call of the API or of the OAuth pages."""
        response = self._routed(request)
        response.headers.setdefault("intuit_tid", new_tid())
        response.route = response.route or label(request)
        return response

    def _routed(self, request: Request) -> Response:
        path = f"/{'/'.join(request.segments)}"
        if path.startswith("/v3/company/"):
            return self._api.answer(request)
        get, post = request.method == "GET", request.method == "POST"
        if get and path in {f"/.well-known/{name}" for name in oauth.DISCOVERY}:
            return oauth.discovery(request)
        if path == oauth.AUTHORIZE and (get or post):
            return consent.answer(request, self._grants, self.companies)
        if path == oauth.TOKEN and post:
            return oauth.token(request, self._grants)
        if path == oauth.REVOKE and post:
            return oauth.revoke(request, self._grants)
        if path == oauth.USER_INFO and get:
            return oauth.user_info(request, self._grants)
        if path == oauth.KEYS and get:
            return Response.of_json({"keys": []})
        return Response.of_html("<!DOCTYPE html><title>Not found</title><h1>404 Not Found</h1>", status=404)

    def mint(self, wanted: Json) -> Json:
        """Make a client and a connection at once; an unknown realm becomes a new, empty company."""
        company = self._company(wanted)
        scopes = list(SCOPES) if wanted.get("scopes") is None else [str(scope) for scope in wanted["scopes"]]
        own = limits.checked(wanted.get("limits"))
        client = self._grants.add_client(name="Sandbox client", redirect_uris=None, limits=own or None)
        tokens = self._grants.mint(client=client, realm=company.realm, scopes=scopes, limits=own)
        return {
            "access_token": tokens.access,
            "refresh_token": tokens.refresh,
            "client_id": client["client_id"],
            "client_secret": client["client_secret"],
            "expires_in": tokens.expires_in,
            "realm_id": company.realm,
        }

    def _company(self, wanted: Json) -> Company:
        """The company of a realm id, made when there is none; without an id the first one."""
        realm = wanted.get("realm_id")
        if realm is not None and not isinstance(realm, str | int):
            raise BadControl('"realm_id" is a text of digits, or null for the first company.')
        first = self.companies.first()
        if realm is None and first is not None:
            return first
        number = self.companies.free_realm() if realm is None else str(realm)
        found = self.companies.get(number)
        if found is not None:
            return found
        currency, country = str(wanted.get("home_currency", "USD")), str(wanted.get("country", preferences.USA))
        name = f"Company {number[-4:]}"
        return founding.found(self.companies, realm=number, name=name, home_currency=currency, country=country, days_ago=0)

    def fault(self, kind: str, fault: Json, request: Request) -> Response:
        """The vendor's own answer for a planted fault."""
        response = planted.answer(kind, fault, request, api=self._api, now=self._world.clock.now())
        response.headers.setdefault("intuit_tid", new_tid())
        response.route = label(request)
        return response

    def edit(self, wanted: Json) -> Json:
        """What a person does in QuickBooks' own screen."""
        return screen.edit(self._company_of(wanted), wanted)

    def generate(self, wanted: Json) -> Json:
        """Believable records in bulk."""
        return generate.run(self._company_of(wanted), wanted)

    def _company_of(self, wanted: Json) -> Company:
        realm = wanted.get("realm_id")
        company = self.companies.first() if realm is None else self.companies.get(str(realm))
        if company is None:
            raise BadControl("There is no such company. Mint tokens with this realm_id first, or load a seed.")
        return company

    def reset(self, seed: Json) -> None:
        """Forget every company, then load those of a seed; connections to companies that are gone end."""
        self.companies.forget_all()
        seeding.load(self.companies, seed)
        for client in seed.get("clients", []):
            self._grants.add_client(
                name=str(client.get("name", "App")),
                redirect_uris=[str(uri) for uri in client["redirect_uris"]],
                limits=None,
                client_id=str(client["client_id"]),
                secret=str(client["client_secret"]),
            )
        self._grants.end_realms_except({company.realm for company in self.companies})

    def dump(self) -> Json:
        """Everything of this vendor, without secrets and tokens."""
        companies = []
        for company in self.companies:
            contents = {name: [row["body"] for row in company.shelves[name].rows()] for name in _CONTENTS}
            gone = list(company.table("gone").values())
            companies.append({"realm_id": company.realm, "name": company.name, **contents, "gone": gone})
        clients = [{key: value for key, value in client.items() if key != "client_secret"} for client in self._grants.clients()]
        return {"companies": companies, "clients": clients, "connections": self._grants.listed()}

    def shown(self, table: str, row: Json) -> tuple[str, str, Json] | None:
        """The realm, the type and the body of an object's row."""
        parts = table.split("/")
        return (parts[1], parts[2], dict(row["body"])) if len(parts) == 3 and parts[2] in ENTITIES else None

    def records_page(self, request: Request) -> Response:
        """The page on which a person looks at customers and edits them."""
        return pages.answer(request, self.companies)
