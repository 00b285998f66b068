"""A QuickBooks company that invoices: what the tests of its documents share."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from integrations.quickbooks.entities import Entity, Kind, entity
from syncapp.connectors import base, quickbooks_fields
from syncapp.connectors.quickbooks import QuickBooksConnector
from syncapp.connectors.quickbooks_values import Place
from syncapp.engine import errors, lines, records
from syncapp.engine.lines import Line, LineKind
from syncapp.engine.vocabulary import OperationKind
from tests.integrations.quickbooks_client.sandboxed import Company

PAGE = "https://app.qbo.intuit.com/app/{page}{id}"
SWITCHES = {
    "multicurrency": False, "custom_txn_numbers": False, "automated_tax": False, "revenue_recognition": False, "custom_fields": "",
    "books_closed": "", "books_closed_password": False, "cdc_limit": 1000,
}
FIELDS = tuple(quickbooks_fields.of("invoice"))
WANTED = base.Wanted(kind="invoice", fields=FIELDS, links=("customer",))


def switched_off(url: str) -> Company:
    """A new company, and no switch set."""
    company = Company(url)
    company.switch(**SWITCHES)
    return company


def connected(company: Company, *, time_zone: str = "UTC") -> QuickBooksConnector:
    return QuickBooksConnector(client=company.client(), app_url=PAGE, time_zone=time_zone)


def books(company: Company) -> Any:
    """All that the company keeps."""
    return next(one for one in company.control("dump", method="GET")["companies"] if one["realm_id"] == company.id)


def item(company: Company, name: str, **more: Any) -> str:
    return str(company.edit(type="Item", create={"Name": name, **more})["id"])


def sold(name: str, amount: object = None, **detail: object) -> dict[str, object]:
    """A line that sells an item."""
    line: dict[str, object] = {"ItemName": name, "SalesItemLineDetail": detail}
    return line if amount is None else {**line, "Amount": amount}


def invoice(company: Company, customer: str, *sent: Mapping[str, object], **more: object) -> str:
    return str(company.edit(type="Invoice", create={"CustomerRef": {"value": customer}, "Line": list(sent), **more})["id"])


def payment(company: Company, customer: str, amount: object, *laid_on: tuple[str, str, object], **more: object) -> str:
    """Money of a customer, laid on documents: kind, id, amount."""
    claims = [{"Amount": part, "LinkedTxn": [{"TxnId": number, "TxnType": kind}]} for kind, number, part in laid_on]
    body = {"CustomerRef": {"value": customer}, "TotalAmt": amount, "Line": claims, **more}
    return str(company.edit(type="Payment", create=body)["id"])


def shown(connector: QuickBooksConnector, external_id: str, *, wanted: base.Wanted = WANTED) -> records.Record:
    (record,) = connector.read(wanted=wanted, ids=[external_id]).records
    return record


def lines_of(record: records.Record, name: str = "Line") -> tuple[lines.Line, ...]:
    return lines.parse(record.values[name])


def create(given: Mapping[str, records.Value] | None = None, /, *, key: str = "a", **values: records.Value) -> base.Write:
    return base.Write(key=key * 32, kind=OperationKind.CREATE, record_kind="invoice", values={**(given or {}), **values})


def update(
    record: records.Record, given: Mapping[str, records.Value] | None = None, /, *, key: str = "b", **values: records.Value
) -> base.Write:
    return base.Write(
        key=key * 32, kind=OperationKind.UPDATE, record_kind="invoice", values={**(given or {}), **values},
        external_id=record.ref.external_id, revision_token=record.revision.token,
    )


def one(connector: QuickBooksConnector, wanted: base.Write) -> base.Written:
    (result,) = connector.write(writes=[wanted])
    return result


def record_of(result: base.Written) -> records.Record:
    assert result.record is not None, result.error
    return result.record


def error_of(result: base.Written) -> errors.SyncError:
    assert result.error is not None
    return result.error


def place(names: dict[tuple[Kind, str], str] | None = None) -> Place:
    return Place(today=lambda: date(2026, 11, 26), names=names or {})


def read(found: Entity, *, place: Place) -> dict[str, records.Value]:
    return quickbooks_fields.read(kind="invoice", entity=found, place=place)


def paid(**told: Any) -> Entity:
    return entity(kind=Kind.PAYMENT, data={"Id": "7", **told})


def product(
    item: str, quantity: str = "1", price: str = "100", *, amount: str = "", description: str = "", service_date: str = ""
) -> Line:
    return Line(record=item, quantity=quantity, price=price, amount=amount, description=description, service_date=service_date)


def less(amount: str = "", *, percent: str = "") -> Line:
    return Line(kind=LineKind.DISCOUNT, name="Discount", amount=amount, percent=percent)


def tax(amount: str) -> Line:
    return Line(kind=LineKind.TAX, name="Tax", amount=amount)


def told(*wanted: Line) -> records.Value:
    return lines.compose(wanted)


def raw(company: Company, number: str) -> Any:
    """The invoice as QuickBooks answers it."""
    return company.client().read(kind=Kind.INVOICE, identity=number).fields


def sales(company: Company, number: str) -> list[dict[str, Any]]:
    return [line for line in raw(company, number)["Line"] if line["DetailType"] == "SalesItemLineDetail"]


def refusal(connector: QuickBooksConnector, wanted: base.Write) -> tuple[str, str]:
    """The field and the words of a refusal."""
    error = error_of(one(connector, wanted))
    assert isinstance(error, errors.Rejected), error
    return error.field, str(error)
