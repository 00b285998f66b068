"""The page on which a person plays with the records: look, search, change, make, put away.

Owns its HTML. Every change goes through the same commands as an edit in HubSpot's own screen.
"""
from __future__ import annotations

from dataclasses import dataclass
from html import escape
from urllib.parse import urlencode

from integrations.sandbox.hubspot import desk, editing, ids, kinds
from integrations.sandbox.hubspot.kinds import Kind
from integrations.sandbox.hubspot.links import End
from integrations.sandbox.hubspot.portal import Portal, Portals
from integrations.sandbox.hubspot.shelf import Record
from integrations.sandbox.messages import BadControl, Request, Response

A_PAGE = 25
SHOWN = (kinds.CONTACTS, kinds.COMPANIES, kinds.PRODUCTS, kinds.DEALS, kinds.INVOICES)
FIELDS = {
    "contacts": ("firstname", "lastname", "email", "phone", "company", "address", "city", "state", "zip", "country", "lifecyclestage"),
    "companies": ("name", "domain", "phone", "address", "city", "state", "zip", "country", "website"),
    "products": ("name", "hs_sku", "price", "description", "hs_cost_of_goods_sold", "hs_product_type"),
    "deals": ("dealname", "pipeline", "dealstage", "amount", "closedate"),
    "invoices": ("hs_currency", "hs_invoice_date", "hs_due_date", "hs_purchase_order_number", "hs_comments"),
}
COLUMNS = {
    "contacts": ("firstname", "lastname", "email", "phone", "company"),
    "companies": ("name", "domain", "phone", "city"),
    "products": ("name", "hs_sku", "price"),
    "deals": ("dealname", "dealstage", "amount"),
    "invoices": ("hs_number", "hs_invoice_status", "hs_currency", "hs_amount_billed", "hs_balance_due"),
}
BUTTONS = {"draft": ("finalize",), "open": ("pay", "void")}
SAID = {"create": "made", "archive": "archived", "finalize": "finalized", "pay": "paid", "void": "voided"}
_STYLE = (
    "body{font:15px/1.45 system-ui,sans-serif;margin:0;color:#213343;background:#f5f8fa}"
    "header{background:#213343;color:#fff;padding:.8rem 2rem}"
    "header h1{font-size:1.2rem;margin:0}main{padding:1rem 2rem;max-width:75rem}nav a{margin-right:1rem}table{border-collapse:collapse;"
    "width:100%;background:#fff}th,td{text-align:left;padding:.35rem .6rem;border-bottom:1px solid #dfe3eb;white-space:pre-wrap}"
    "td.when{white-space:nowrap}th{background:#eef2f6}"
    "form.edit{display:grid;grid-template-columns:9rem 1fr;gap:.4rem 1rem;max-width:40rem;background:#fff;"
    "padding:1rem;border:1px solid #dfe3eb}input,button,select{font:inherit;padding:.25rem .5rem}.said{background:#fef8f0;border:1px solid "
    "#fae0b5;padding:.5rem 1rem}.done{background:#e5f8f6;border-color:#7fded2}a{color:#0068b1}"
)


@dataclass(frozen=True, kw_only=True)
class _View:
    """What the page shows."""

    portal: Portal
    kind: Kind
    path: str
    query: str = ""
    after: int = 0
    record_id: str = ""
    said: str = ""
    done: str = ""

    def link(self, **changed: object) -> str:
        """The address of the page with something changed."""
        asked = {"portal": self.portal.id, "type": self.kind.name, "q": self.query, **changed}
        return escape(f"{self.path}?{urlencode({name: str(value) for name, value in asked.items() if value})}")


def answer(portals: Portals, request: Request) -> Response:
    """Show the page, or carry out its form and lead back to it."""
    if request.method == "POST":
        return _posted(portals, request)
    asked = dict(request.query)
    return Response.of_html(_page(portals, _view(portals, request, asked)))


def _view(portals: Portals, request: Request, asked: dict[str, str], *, said: str = "") -> _View:
    kind = kinds.find(asked.get("type", ""))
    return _View(
        portal=portals.find(asked.get("portal", "")) or portals.first(),
        kind=kind if kind in SHOWN else kinds.CONTACTS,
        path=request.raw_path,
        query=asked.get("q", ""),
        after=ids.whole(asked.get("after", "")) or 0,
        record_id=asked.get("id", ""),
        said=said,
        done=asked.get("done", ""),
    )


def _posted(portals: Portals, request: Request) -> Response:
    try:
        form = request.form()
    except ValueError:
        form = {}
    view = _view(portals, request, form)
    values = {name: form[name] for name in FIELDS[view.kind.name] if name in form}
    wanted: dict[str, object] = {"type": view.kind.name, "portal_id": view.portal.id}
    command = form.get("command", "")
    if command == "create":
        wanted["create"] = {name: value for name, value in values.items() if value}
    elif command == "archive":
        wanted |= {"id": view.record_id, "delete": True}
    elif command in desk.INVOICE_COMMANDS:
        wanted |= {"id": view.record_id, command: True}
    else:
        wanted |= {"id": view.record_id, "set": values}
    try:
        edited = editing.edit(portals, wanted)
    except BadControl as error:
        return Response.of_html(_page(portals, _view(portals, request, form, said=str(error))), status=400)
    said = SAID.get(command, "saved")
    back = {"portal": view.portal.id, "type": view.kind.name, "q": view.query, "done": f"{view.kind.label} {edited['id']} {said}."}
    if command != "archive":
        back["id"] = edited["id"]
    return Response(status=303, headers={"Location": f"{request.raw_path}?{urlencode(back)}"})


def _page(portals: Portals, view: _View) -> str:
    name = escape(str(view.portal.facts["name"]))
    others = "".join(
        f'<a href="{view.link(portal=portal.id, q="")}">{escape(str(portal.facts["name"]))}</a>'
        for portal in portals.every()
        if portal is not view.portal
    )
    tabs = "".join(
        f'<a href="{view.link(type=kind.name, q="")}">{kind.label} records: {len(view.portal.shelf(kind))}</a>' for kind in SHOWN
    )
    said = f'<p class="said">{escape(view.said)}</p>' if view.said else ""
    done = f'<p class="said done">{escape(view.done)}</p>' if view.done else ""
    return (
        f'<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>{name} – HubSpot sandbox</title><style>{_STYLE}</style></head>'
        f"<body><header><h1>HubSpot sandbox: {name} (portal {view.portal.id})</h1></header><main><nav><p>{tabs}"
        f'<a href="{view.link(id="new")}">New {view.kind.singular}</a>{others}</p></nav>'
        f"{said}{done}{_form(view)}{_list(view)}</main></body></html>"
    )


def _form(view: _View) -> str:
    record = None if view.record_id == "new" else view.portal.shelf(view.kind).find(ids.whole(view.record_id))
    if record is None and view.record_id != "new":
        return ""
    values = record.values if record is not None else {}
    hidden = {"portal": view.portal.id, "type": view.kind.name, "q": view.query, "id": view.record_id}
    kept = "".join(f'<input type="hidden" name="{name}" value="{escape(value)}">' for name, value in hidden.items())
    inputs = "".join(_input(view, name, values.get(name, "")) for name in FIELDS[view.kind.name])
    buttons = '<button name="command" value="create">Create</button>'
    if record is not None:
        others = BUTTONS.get(values.get("hs_invoice_status", ""), ())
        buttons = " ".join(
            f'<button name="command" value="{name}">{name.title()}</button>' for name in ("save", "archive", *others)
        )
    title = f"{view.kind.label} {record.key}" if record is not None else f"New {view.kind.singular}"
    changed = f"<p>Last changed {_when(view, record)}{_linked(view, record)}</p>" if record is not None else ""
    return (
        f'<h2>{title}</h2>{changed}<form class="edit" method="post" action="{escape(view.path)}">'
        f"{kept}{inputs}<span></span><span>{buttons}</span></form>"
    )


def _input(view: _View, name: str, value: str) -> str:
    definition = view.portal.registry.find(view.kind, name)
    label = escape(_label(view, name))
    if definition is not None and definition.options:
        choices = "".join(
            f'<option value="{escape(option.value)}"{" selected" if option.value == value else ""}>{escape(option.label)}</option>'
            for option in definition.options
        )
        return f'<label for="{name}">{label}</label><select id="{name}" name="{name}"><option value=""></option>{choices}</select>'
    return f'<label for="{name}">{label}</label><input id="{name}" name="{name}" value="{escape(value)}">'


def _label(view: _View, name: str) -> str:
    definition = view.portal.registry.find(view.kind, name)
    return definition.label if definition is not None else name


def _when(view: _View, record: Record) -> str:
    return escape(record.values[view.kind.modified][:19].replace("T", " "))


def _linked(view: _View, record: Record) -> str:
    start = End(kind=view.kind, id=record.id)
    return "".join(_linked_to(view, start, other) for other in (kinds.CONTACTS, kinds.COMPANIES) if other is not view.kind)


def _linked_to(view: _View, start: End, other: Kind) -> str:
    links = ", ".join(
        f'<a href="{view.link(type=other.name, id=one, q="")}">{_called(view.portal, other, one)}</a>'
        for one, _ in view.portal.linked(start, other)[:A_PAGE]
    )
    return f" · {other.label} {links}" if links else ""


def _called(portal: Portal, kind: Kind, record_id: int) -> str:
    record = portal.shelf(kind).find(record_id)
    names = ("name",) if kind is kinds.COMPANIES else ("firstname", "lastname")
    text = " ".join(record.values.get(name, "") for name in names).strip() if record is not None else ""
    return escape(text or str(record_id))


def _list(view: _View) -> str:
    found, more = _found(view)
    columns = COLUMNS[view.kind.name]
    head = "".join(f"<th>{escape(name)}</th>" for name in ("Record ID", *(_label(view, name) for name in columns), "Last changed"))
    rows = "".join(
        f'<tr><td><a href="{view.link(id=one.id, after=view.after)}">{one.id}</a></td>'
        + "".join(f"<td>{escape(one.values.get(name, ''))}</td>" for name in columns)
        + f'<td class="when">{_when(view, one)}</td></tr>'
        for one in found
    )
    following = f'<p><a href="{view.link(after=found[-1].id)}">Next page</a></p>' if more else ""
    first = f'<p><a href="{view.link()}">First page</a></p>' if view.after else ""
    return (
        f'<h2>{view.kind.label} records</h2><form method="get" action="{escape(view.path)}">'
        f'<input type="hidden" name="portal" value="{view.portal.id}"><input type="hidden" name="type" value="{view.kind.name}">'
        f'<p><label for="q">Search</label> <input id="q" name="q" value="{escape(view.query)}"> <button>Search</button></p></form>'
        f"<table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>{first}{following}"
    )


def _found(view: _View) -> tuple[list[Record], bool]:
    shelf = view.portal.shelf(view.kind)
    if not view.query:
        return shelf.page(after=view.after, limit=A_PAGE, archived=False)
    words = view.query.lower().split()
    names = ("hs_object_id", "hs_number", *view.kind.queried)
    found: list[Record] = []
    for record in shelf.live():
        text = " ".join(record.values.get(name, "") for name in names).lower()
        if record.id > view.after and all(word in text for word in words):
            found.append(record)
            if len(found) > A_PAGE:
                return found[:A_PAGE], True
    return found, False
