"""The page on which a person lets an app into an account.

Owns `/oauth/authorize`, both its page and its answer. Without script: one form that is posted back.
"""
from __future__ import annotations

from dataclasses import dataclass
from html import escape
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from integrations.sandbox.hubspot.grants import PUBLISHED_LIMITS, Grant, Grants
from integrations.sandbox.hubspot.kinds import ALL_SCOPES
from integrations.sandbox.hubspot.portal import Portals
from integrations.sandbox.messages import Json, Request, Response

PATH = "/oauth/authorize"
CARRIED = ("client_id", "redirect_uri", "scope", "optional_scope", "state", "code_challenge", "code_challenge_method")
LOOPBACK_HOSTS = frozenset({"127.0.0.1", "localhost", "::1"})
_STYLE = (
    "body{font:16px/1.5 system-ui,sans-serif;max-width:34rem;margin:3rem auto;padding:0 1rem;color:#213343;background:#f5f8fa}"
    "main{background:#fff;border:1px solid #cbd6e2;border-radius:6px;padding:1.5rem 2rem}h1{font-size:1.3rem;margin-top:0}"
    "code{background:#eef2f6;padding:0 .3em}select,button{font:inherit;padding:.4rem .8rem}button{margin-right:.6rem}"
    ".allow{background:#ff5c35;border:1px solid #ff5c35;color:#fff;border-radius:4px}"
)


class Unacceptable(ValueError):
    """The request for consent is wrong, so nobody is sent anywhere; the text tells a person why."""


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """A request for consent that is in order."""

    client: Json
    parameters: dict[str, str]
    scopes: tuple[str, ...]

    @property
    def redirect_uri(self) -> str:
        """Where the answer goes."""
        return self.parameters["redirect_uri"]


@dataclass(frozen=True, kw_only=True)
class Consent:
    """The consent page over the apps and accounts of this sandbox."""

    grants: Grants
    portals: Portals

    def answer(self, request: Request) -> Response:
        """Show the page (GET), or take the decision (POST) and send the browser back to the app."""
        try:
            form = request.form() if request.method == "POST" else dict(request.query)
            wanted = self._checked(form)
            response = self._decided(wanted, form) if request.method == "POST" else Response.of_html(self._page(wanted))
        except (Unacceptable, UnicodeDecodeError) as error:
            response = Response.of_html(_document("This app cannot be connected", f"<p>{escape(str(error))}</p>"), status=400)
        response.route = PATH
        return response

    def _checked(self, form: dict[str, str]) -> Wanted:
        client = self.grants.client(form.get("client_id", ""))
        if client is None:
            raise Unacceptable("No app has this client_id. Check the client ID in the settings of the app.")
        redirect_uri = form.get("redirect_uri", "")
        if not _registered(client, redirect_uri):
            raise Unacceptable("The redirect_uri is not one that the app registered. It has to be the same to the letter.")
        allowed = set(ALL_SCOPES if client["scopes"] is None else client["scopes"])
        required = form.get("scope", "").split()
        if not required:
            raise Unacceptable("The scope parameter is missing. Name the scopes that the app needs, joined by spaces.")
        strange = [scope for scope in required if scope not in allowed]
        if strange:
            raise Unacceptable(f"The app may not ask for these scopes: {', '.join(strange)}.")
        if bool(form.get("code_challenge")) != bool(form.get("code_challenge_method")) or form.get(
            "code_challenge_method", "S256"
        ) not in {"S256", ""}:
            raise Unacceptable("A code_challenge comes with code_challenge_method=S256; no other method is taken.")
        optional = [scope for scope in form.get("optional_scope", "").split() if scope in allowed]
        parameters = {name: form[name] for name in CARRIED if name in form}
        return Wanted(client=client, parameters=parameters, scopes=tuple(dict.fromkeys([*required, *optional])))

    def _decided(self, wanted: Wanted, form: dict[str, str]) -> Response:
        state = {"state": wanted.parameters["state"]} if "state" in wanted.parameters else {}
        if form.get("decision") != "allow":
            denied = {"error": "access_denied", "error_description": "The user denied access to the app", **state}
            return _back(wanted.redirect_uri, denied)
        portal = self.portals.find(form.get("account", ""))
        if portal is None:
            raise Unacceptable("There is no such account. Go back and choose one of the list.")
        limits = wanted.client["limits"] or PUBLISHED_LIMITS
        grant = Grant(client_id=wanted.client["client_id"], portal_id=portal.id, scopes=wanted.scopes, limits=limits)
        challenge = wanted.parameters.get("code_challenge") or None
        code = self.grants.issue_code(grant, redirect_uri=wanted.redirect_uri, challenge=challenge)
        return _back(wanted.redirect_uri, {"code": code, **state})

    def _page(self, wanted: Wanted) -> str:
        hidden = "".join(
            f'<input type="hidden" name="{name}" value="{escape(value)}">' for name, value in wanted.parameters.items()
        )
        options = "".join(
            f'<option value="{portal.id}">{escape(portal.facts["name"])} ({portal.id})</option>' for portal in self.portals.every()
        )
        scopes = "".join(f"<li><code>{escape(scope)}</code></li>" for scope in wanted.scopes)
        return _document(
            f"Connect {wanted.client['name']} to HubSpot",
            f"<p>The app <strong>{escape(wanted.client['name'])}</strong> asks for access to:</p><ul>{scopes}</ul>"
            f'<form method="post" action="{PATH}">{hidden}'
            f'<p><label for="account">Account</label> <select id="account" name="account">{options}</select></p>'
            '<p><button class="allow" name="decision" value="allow">Connect app</button>'
            '<button name="decision" value="deny">Cancel</button></p></form>',
        )


def _registered(client: Json, redirect_uri: str) -> bool:
    if redirect_uri in client["redirect_uris"]:
        return True
    try:
        parts = urlsplit(redirect_uri)
    except ValueError:
        return False
    return bool(client["loopback"]) and parts.scheme in {"http", "https"} and parts.hostname in LOOPBACK_HOSTS and not parts.fragment


def _back(redirect_uri: str, answer: dict[str, str]) -> Response:
    parts = urlsplit(redirect_uri)
    query = urlencode([*parse_qsl(parts.query, keep_blank_values=True), *answer.items()])
    return Response(status=302, headers={"Location": urlunsplit(parts._replace(query=query))})


def _document(title: str, body: str) -> str:
    return (
        f'<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>{escape(title)}</title><style>{_STYLE}</style></head>'
        f"<body><main><h1>{escape(title)}</h1>{body}</main></body></html>"
    )
