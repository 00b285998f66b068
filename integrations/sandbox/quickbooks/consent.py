"""The page on which a user lets an app into a company, without script.

Owns its HTML and the redirects that follow. Only a registered redirect URI is ever followed.
"""

from __future__ import annotations

from html import escape
from urllib.parse import urlencode

from integrations.sandbox.messages import Json, Request, Response
from integrations.sandbox.quickbooks.companies import Companies
from integrations.sandbox.quickbooks.grants import SCOPES, Grants
from integrations.sandbox.quickbooks.oauth import AUTHORIZE

_KEPT = ("client_id", "response_type", "scope", "redirect_uri", "state", "code_challenge", "code_challenge_method")
_STYLE = (
    "body{font:16px/1.5 system-ui,sans-serif;background:#f4f5f8;color:#21262a;margin:0}"
    "main{max-width:30rem;margin:4rem auto;background:#fff;padding:2rem;border-radius:8px;box-shadow:0 1px 4px #0003}"
    "h1{font-size:1.3rem}select,button{font:inherit;padding:.5rem .75rem}select{width:100%;margin:.5rem 0 1.5rem}"
    "button{border:1px solid #2ca01c;border-radius:4px;background:#fff;color:#2ca01c;margin-right:.5rem;cursor:pointer}"
    "button.main{background:#2ca01c;color:#fff}li{font-family:monospace;font-size:.85rem}"
)


def answer(request: Request, grants: Grants, companies: Companies) -> Response:
    """The page (GET), or where its form leads (POST)."""
    try:
        sent = dict(request.query) if request.method == "GET" else request.form()
    except ValueError:
        return _error("The form could not be read.")
    client = grants.client(sent.get("client_id", ""))
    if client is None:
        return _error("There is no app with this client_id.")
    redirect_uri = sent.get("redirect_uri", "")
    if not grants.may_redirect(client, redirect_uri):
        return _error("The redirect_uri query parameter value is invalid. Make sure it is listed in the Redirect URIs section of the app.")
    if sent.get("response_type") != "code":
        return _back(sent, error="unsupported_response_type")
    scopes = sent.get("scope", "").split()
    if not scopes or not set(scopes) <= set(SCOPES):
        return _back(sent, error="invalid_scope")
    if sent.get("code_challenge_method", "S256") not in ("S256", "plain"):
        return _back(sent, error="invalid_request")
    if request.method == "GET":
        return _page(sent, client, scopes, companies)
    return _decided(sent, scopes, grants, companies)


def _decided(sent: dict[str, str], scopes: list[str], grants: Grants, companies: Companies) -> Response:
    if sent.get("decision") != "allow":
        return _back(sent, error="access_denied")
    company = companies.get(sent.get("account", ""))
    if company is None:
        return _error("Choose a company.")
    code = grants.make_code(
        client_id=sent["client_id"],
        realm=company.realm,
        scopes=scopes,
        redirect_uri=sent["redirect_uri"],
        challenge=sent.get("code_challenge", ""),
        method=sent.get("code_challenge_method", "plain"),
    )
    return _back(sent, code=code, realmId=company.realm)


def _back(sent: dict[str, str], **parameters: str) -> Response:
    uri = sent["redirect_uri"]
    if "state" in sent:
        parameters["state"] = sent["state"]
    return Response(status=302, headers={"Location": f"{uri}{'&' if '?' in uri else '?'}{urlencode(parameters)}"})


def _page(sent: dict[str, str], client: Json, scopes: list[str], companies: Companies) -> Response:
    hidden = "".join(f'<input type="hidden" name="{name}" value="{escape(sent[name])}">' for name in _KEPT if name in sent)
    options = "".join(f'<option value="{escape(company.realm)}">{escape(company.name)}</option>' for company in companies)
    asked = "".join(f"<li>{escape(scope)}</li>" for scope in scopes)
    return _html(
        "Connect to QuickBooks",
        f"<h1>Let {escape(str(client['name']))} use your QuickBooks company?</h1><p>It asks for:</p><ul>{asked}</ul>"
        f'<form method="post" action="{AUTHORIZE}">{hidden}<label for="account">Company</label>'
        f'<select id="account" name="account">{options}</select>'
        '<button class="main" name="decision" value="allow">Connect</button>'
        '<button name="decision" value="deny">Cancel</button></form>',
    )


def _error(text: str) -> Response:
    return _html("Something went wrong", f"<h1>Sorry, but this app cannot be connected</h1><p>{escape(text)}</p>", status=400)


def _html(title: str, content: str, *, status: int = 200) -> Response:
    head = f'<meta charset="utf-8"><title>{escape(title)}</title><style>{_STYLE}</style>'
    return Response.of_html(f'<!DOCTYPE html><html lang="en"><head>{head}</head><body><main>{content}</main></body></html>', status=status)
