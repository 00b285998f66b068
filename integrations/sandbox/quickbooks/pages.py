"""The HTML page on which a person looks at a company's customers and edits them, without script.

Owns its layout and its form. What a save means is decided where every save is decided.
"""

from __future__ import annotations

from html import escape
from urllib.parse import urlencode

from integrations.sandbox.messages import BadControl, Json, Request, Response
from integrations.sandbox.quickbooks import screen
from integrations.sandbox.quickbooks.companies import Companies, Company
from integrations.sandbox.quickbooks.shelf import folded, plain_value

PER_PAGE = 25
_PLAIN = ("DisplayName", "CompanyName", "GivenName", "FamilyName", "Notes")
_NESTED = {"PrimaryEmailAddr": "Address", "PrimaryPhone": "FreeFormNumber", "Mobile": "FreeFormNumber", "WebAddr": "URI"}
_ADDRESS = ("Line1", "City", "CountrySubDivisionCode", "PostalCode", "Country")
_LABELS = {
    "DisplayName": "Display name",
    "CompanyName": "Company",
    "GivenName": "First name",
    "FamilyName": "Last name",
    "PrimaryEmailAddr": "E-mail",
    "PrimaryPhone": "Phone",
    "Mobile": "Mobile",
    "WebAddr": "Website",
    "Line1": "Street",
    "City": "City",
    "CountrySubDivisionCode": "State",
    "PostalCode": "Postal code",
    "Country": "Country",
    "Notes": "Notes",
}
_SEARCHED = ("DisplayName", "CompanyName", "GivenName", "FamilyName", "PrimaryEmailAddr")
_STYLE = (
    "body{font:15px/1.45 system-ui,sans-serif;margin:0;background:#f4f5f8;color:#21262a}"
    "header{background:#2ca01c;color:#fff;padding:.8rem 1.5rem}"
    "header h1{font-size:1.15rem;margin:0}main{display:flex;flex-wrap:wrap;gap:1.5rem;padding:1.5rem;align-items:flex-start}"
    "section{background:#fff;border-radius:6px;padding:1rem 1.25rem;box-shadow:0 1px 3px #0002}"
    "section.list{flex:2 1 34rem}section.one{flex:1 1 20rem}"
    "table{border-collapse:collapse;width:100%}th,td{text-align:left;padding:.35rem .5rem;border-bottom:1px solid #e3e5e8}"
    "label{display:block;margin:.45rem 0 .1rem;font-size:.85rem;color:#555}input,select,button{font:inherit;padding:.35rem .5rem}"
    "form.one input{width:100%;box-sizing:border-box}button{margin:.8rem .4rem 0 0;cursor:pointer}p.wrong{background:#fde8e8;padding:.6rem}"
    "td:last-child{white-space:nowrap}tr.off td{color:#8a8f94}nav a{margin-right:.8rem}"
)


def answer(request: Request, companies: Companies) -> Response:
    """The page (GET), or what its form asks for (POST)."""
    company = companies.get(request.first("realm") or "") or companies.first()
    if company is None:
        return _html("No company", "<section><p>There is no company yet. Load a seed first.</p></section>")
    number = request.first("id") or ""
    if request.method != "POST":
        return _page(request, companies, company, number=number)
    try:
        sent = request.form()
        saved = _carried_out(company, sent, number)
    except (BadControl, ValueError) as error:
        return _page(request, companies, company, number=number, wrong=str(error))
    query = {"realm": company.realm, "q": request.first("q") or "", "page": request.first("page") or "1", "id": saved}
    return Response(status=303, headers={"Location": f"?{urlencode(query)}"})


def _carried_out(company: Company, sent: dict[str, str], number: str) -> str:
    wanted: Json = {"type": "Customer"}
    action = sent.get("action")
    if action == "inactive":
        wanted |= {"id": number, "delete": True}
    elif action == "active":
        wanted |= {"id": number, "set": {"Active": True}}
    elif number:
        wanted |= {"id": number, "set": _values(company, sent, number)}
    else:
        wanted |= {"create": _values(company, sent, number)}
    return str(screen.edit(company, wanted)["id"])


def _values(company: Company, sent: dict[str, str], number: str) -> Json:
    row = company.shelves["Customer"].get(number) if number.isdecimal() else None
    values: Json = {name: sent[name] for name in _PLAIN if name in sent}
    for name, inner in _NESTED.items():
        if name in sent:
            values[name] = {inner: sent[name]}
    if any(name in sent for name in _ADDRESS):
        kept = row["body"].get("BillAddr", {}) if row else {}
        values["BillAddr"] = {**kept, **{name: sent[name] for name in _ADDRESS if name in sent}}
    return values


def _page(request: Request, companies: Companies, company: Company, *, number: str, wrong: str = "") -> Response:
    search = request.first("q") or ""
    shown = request.first("page") or "1"
    page = int(shown) if shown.isdecimal() and int(shown) > 0 else 1
    row = company.shelves["Customer"].get(number) if number.isdecimal() else None
    content = _list(companies, company, search=search, page=page) + _one(company, row, wrong=wrong)
    return _html(company.name, content, status=400 if wrong else 200)


def _list(companies: Companies, company: Company, *, search: str, page: int) -> str:
    shelf = company.shelves["Customer"]
    wanted = folded(search.strip())
    rows = [shelf.row(number) for _, number in shelf.by_name]
    if wanted:
        rows = [row for row in rows if any(wanted in folded(plain_value(shelf.entity, row["body"], name) or "") for name in _SEARCHED)]
    pages = max((len(rows) + PER_PAGE - 1) // PER_PAGE, 1)
    page = min(page, pages)
    lines = "".join(_line(company, row["body"], search=search, page=page) for row in rows[(page - 1) * PER_PAGE : page * PER_PAGE])
    links = "".join(
        f'<a href="?{_query(company, search=search, page=number)}">{text}</a>'
        for number, text in ((page - 1, "&larr; back"), (page + 1, "more &rarr;"))
        if 1 <= number <= pages
    )
    options = "".join(
        f'<option value="{each.realm}"{" selected" if each is company else ""}>{escape(each.name)}</option>' for each in companies
    )
    counts = ", ".join(f"{len(company.shelves[kind])} {words}" for kind, words in _COUNTED.items())
    return (
        f'<section class="list"><p>{len(shelf.active)} active of {len(shelf)} customers; {counts}.</p>'
        f'<form method="get" action=""><select name="realm" aria-label="Company">{options}</select> '
        f'<input name="q" value="{escape(search)}" placeholder="Name or e-mail" aria-label="Search"> <button>Show</button></form>'
        "<table><thead><tr><th>Id</th><th>Display name</th><th>Company</th><th>E-mail</th><th>Balance</th><th>Last change</th></tr></thead>"
        f"<tbody>{lines}</tbody></table><nav>{links}Page {page} of {pages}</nav></section>"
    )


_COUNTED = {
    "Invoice": "invoices",
    "Payment": "payments",
    "CreditMemo": "credit memos",
    "Item": "items",
    "Vendor": "vendors",
    "Employee": "employees",
}


def _query(company: Company, **parts: object) -> str:
    return escape(urlencode({"realm": company.realm, **{("q" if name == "search" else name): value for name, value in parts.items()}}))


def _line(company: Company, body: Json, *, search: str, page: int) -> str:
    link = f"?{_query(company, search=search, page=page, id=body['Id'])}"
    email = body.get("PrimaryEmailAddr", {}).get("Address", "")
    cells = (body.get("CompanyName", ""), email, f"{body['Balance']:.2f}", body["MetaData"]["LastUpdatedTime"][:16].replace("T", " "))
    rest = "".join(f"<td>{escape(str(cell))}</td>" for cell in cells)
    name = escape(body["FullyQualifiedName"])
    return f'<tr{"" if body["Active"] else " class=off"}><td>{body["Id"]}</td><td><a href="{link}">{name}</a></td>{rest}</tr>'


def _one(company: Company, row: Json | None, *, wrong: str) -> str:
    body = row["body"] if row else {}
    fields = "".join(
        f'<label for="{name}">{label}</label><input id="{name}" name="{name}" value="{escape(_value(body, name))}">'
        for name, label in _LABELS.items()
    )
    title = f"Customer {body['Id']}" if row else "New customer"
    buttons = f'<button name="action" value="save">{"Save" if row else "Create"}</button>'
    if row:
        action, text = ("inactive", "Make inactive") if body["Active"] else ("active", "Make active")
        buttons += f'<button name="action" value="{action}">{text}</button>'
    again = f'<p><a href="?{_query(company)}">New customer</a></p>' if row else ""
    told = f'<p class="wrong">{escape(wrong)}</p>' if wrong else ""
    return f'<section class="one"><h2>{title}</h2>{told}<form class="one" method="post" action="">{fields}{buttons}</form>{again}</section>'


def _value(body: Json, name: str) -> str:
    if name in _NESTED:
        return str(body.get(name, {}).get(_NESTED[name], ""))
    return str((body.get("BillAddr", {}) if name in _ADDRESS else body).get(name, ""))


def _html(title: str, content: str, *, status: int = 200) -> Response:
    head = f'<meta charset="utf-8"><title>{escape(title)}</title><style>{_STYLE}</style>'
    body = f"<header><h1>{escape(title)} &middot; QuickBooks sandbox</h1></header><main>{content}</main>"
    return Response.of_html(f'<!DOCTYPE html><html lang="en"><head>{head}</head><body>{body}</body></html>', status=status)
