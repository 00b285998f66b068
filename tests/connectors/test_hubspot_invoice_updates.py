"""A HubSpot invoice changed or put away by the sync: what is sent, and what an account refuses."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

import pytest

from syncapp.connectors import base
from syncapp.connectors.hubspot import HubSpotConnector
from syncapp.engine import errors, lines, records
from syncapp.engine.lines import Line, LineKind
from syncapp.engine.vocabulary import OperationKind
from tests.connectors.hubspot_invoicing import REVIEW, WANTED, calls, held, invoice, shown, typed


@pytest.fixture
def connector(sandbox: Any, make_client: Any) -> HubSpotConnector:
    return HubSpotConnector(client=make_client(sandbox.url, sandbox.token()), sleep=lambda seconds: time.sleep(0.01))


def update(key: str, external_id: str, *, current: Mapping[str, records.Value] | None = None, **values: records.Value) -> base.Write:
    return base.Write(
        key=key, kind=OperationKind.UPDATE, record_kind="invoices", values=values, external_id=external_id, current=current or {}
    )


@pytest.mark.usefixtures("strict")
class TestAnUpdate:
    def test_writes_all_parts_and_shows_them(self, sandbox: Any, connector: HubSpotConnector) -> None:
        ann, acme = typed(sandbox, "contacts", email="ann@x.pl"), typed(sandbox, "companies", name="Acme")
        audit = typed(sandbox, "products", name="Audit", price="5")
        one = invoice(sandbox)
        wanted = lines.compose([
            Line(record=audit, name="Audit", description="May", quantity="3", price="20", amount="60", service_date="2026-05-01"),
            Line(kind=LineKind.DISCOUNT, name="Loyal", percent="10"), Line(kind=LineKind.TAX, name="VAT", amount="4.5"),
        ])

        (written,) = connector.write(
            writes=[update("a", one, contacts=ann, companies=acme, line_items=wanted, hs_invoice_status="open", hs_comments="Hi")]
        )

        values = shown(written)
        assert (values["contacts"], values["companies"], values["hs_invoice_status"], values["hs_comments"]) == (ann, acme, "open", "Hi")
        assert lines.parse(values["line_items"])[0] == Line(
            record=audit, name="Audit", description="May", quantity="3", price="20", amount="60"
        )
        assert [(line.kind, line.name, line.percent, line.amount) for line in lines.parse(values["line_items"])[1:]] == [
            (LineKind.DISCOUNT, "Loyal", "10", ""), (LineKind.TAX, "VAT", "", "4.5"),
        ]
        assert held(connector, one)["hs_amount_billed"] == "58.5"
        assert held(connector, one)["line_items"] == values["line_items"]

    def test_shows_also_what_followed_of_the_known_values(self, sandbox: Any, connector: HubSpotConnector) -> None:
        one = invoice(sandbox)

        (written,) = connector.write(
            writes=[update("a", one, line_items=lines.compose([Line(name="A", quantity="1", price="7")]), current=held(connector, one))]
        )

        assert shown(written)["hs_amount_billed"] == "7"
        assert written.record is not None
        assert written.record.revision == connector.read(wanted=WANTED, ids=[one]).records[0].revision

    def test_replaces_the_contact_that_stood_there(self, sandbox: Any, connector: HubSpotConnector) -> None:
        ann, bob = typed(sandbox, "contacts", email="ann@x.pl"), typed(sandbox, "contacts", email="bob@x.pl")
        one = invoice(sandbox, contacts=[ann])

        (written,) = connector.write(writes=[update("a", one, contacts=bob, current={"contacts": ann})])

        assert shown(written)["contacts"] == bob
        (record,) = connector.read(wanted=base.Wanted(kind="invoices", fields=(), links=("contacts",)), ids=[one]).records
        assert record.links["contacts"] == (bob,)

    def test_takes_a_company_away(self, sandbox: Any, connector: HubSpotConnector) -> None:
        acme = typed(sandbox, "companies", name="Acme")
        one = invoice(sandbox, companies=[acme])

        (written,) = connector.write(writes=[update("a", one, companies=None, current={"companies": acme})])

        assert shown(written)["companies"] is None

    def test_of_plain_values_takes_one_call(self, sandbox: Any, connector: HubSpotConnector) -> None:
        ids = [invoice(sandbox) for _ in range(3)]
        connector.fields(kind="invoices")
        sandbox.control("log", method="DELETE")

        written = connector.write(writes=[update(f"k{one}", one, hs_comments="Hi") for one in ids])

        assert [shown(one)["hs_comments"] for one in written] == ["Hi"] * 3
        assert len(calls(sandbox)) == 1

    def test_that_fails_for_one_stops_no_other(self, sandbox: Any, connector: HubSpotConnector) -> None:
        ann = typed(sandbox, "contacts", email="ann@x.pl")
        gone = typed(sandbox, "contacts", email="gone@x.pl")
        sandbox.edit(type="contacts", id=gone, delete=True)
        first, second, third, fourth = (invoice(sandbox) for _ in range(4))
        good = lines.compose([Line(name="A", quantity="1", price="7")])

        done = connector.write(
            writes=[
                update("a", first, contacts=gone, line_items=good),
                update("b", second, contacts=ann, line_items=lines.compose([Line(name="A", quantity="1", price="-7")])),
                update("c", third, contacts=ann, line_items=good, hs_comments="Hi"),
                update("d", fourth, line_items=good, hs_due_date="no date"),
            ]
        )

        assert [type(one.error) for one in done] == [errors.Rejected, errors.Rejected, type(None), errors.Rejected]
        assert [one.error.field for one in done if one.error] == ["contacts", "line_items", "hs_due_date"]
        assert str(done[0].error) == f"HubSpot has no contact {gone} any more, so it cannot be associated."
        assert "below zero" in str(done[1].error)
        assert shown(done[2])["hs_comments"] == "Hi" and shown(done[2])["line_items"]

    @pytest.mark.parametrize("part", ["contacts", "line_items", "no lines", "properties"])
    def test_of_an_invoice_that_is_gone_says_so(self, sandbox: Any, connector: HubSpotConnector, part: str) -> None:
        ann = typed(sandbox, "contacts", email="ann@x.pl")
        values: dict[str, dict[str, records.Value]] = {
            "contacts": {"contacts": ann},
            "line_items": {"line_items": lines.compose([Line(name="A", quantity="1", price="7")])},
            "no lines": {"line_items": None},
            "properties": {"hs_comments": "Hi"},
        }
        one = invoice(sandbox, lines=[REVIEW])
        sandbox.edit(type="invoices", id=one, delete=True)

        (written,) = connector.write(writes=[update("a", one, **values[part])])

        assert isinstance(written.error, errors.Gone)


class TestAStandardPropertyThatIsRefused:
    def test_is_left_out_and_shown_as_it_is(self, sandbox: Any, connector: HubSpotConnector) -> None:
        sandbox.switch(strict_unknown=True)
        one, other = invoice(sandbox), invoice(sandbox)

        done = connector.write(
            writes=[
                update("a", one, hs_number="1001", hs_payment_date="2026-11-01T00:00:00.000Z", hs_amount_billed="9", hs_comments="Hi"),
                update("b", other, hs_comments="Ho"),
            ]
        )

        assert [shown(one)["hs_comments"] for one in done] == ["Hi", "Ho"]
        assert (shown(done[0])["hs_number"], shown(done[0])["hs_payment_date"]) == (None, None)
        assert shown(done[0])["hs_amount_billed"] == "0"

    def test_may_be_all_there_was(self, sandbox: Any, connector: HubSpotConnector) -> None:
        sandbox.switch(strict_unknown=True)
        one = invoice(sandbox)

        (written,) = connector.write(writes=[update("a", one, hs_number="1001")])

        assert shown(written)["hs_number"] is None

    @pytest.mark.parametrize("status", ["paid", "voided"])
    def test_may_be_the_status(self, sandbox: Any, connector: HubSpotConnector, status: str) -> None:
        one, other = invoice(sandbox), invoice(sandbox)
        sandbox.switch(status_without_payment=False)
        try:
            done = connector.write(
                writes=[update("a", one, hs_invoice_status=status, hs_comments="Hi"), update("b", other, hs_invoice_status="open")]
            )
        finally:
            sandbox.switch(status_without_payment=True)

        assert (shown(done[0])["hs_invoice_status"], shown(done[0])["hs_comments"]) == ("draft", "Hi")
        assert shown(done[1])["hs_invoice_status"] == "open"

    def test_may_be_a_status_that_needs_lines(self, sandbox: Any, connector: HubSpotConnector) -> None:
        one, other = invoice(sandbox), invoice(sandbox)
        wanted = lines.compose([Line(name="A", quantity="1", price="7")])
        sandbox.switch(non_billable_needs_line_items=True)
        try:
            done = connector.write(
                writes=[
                    update("a", one, hs_invoice_status="open", hs_comments="Hi"),
                    update("b", other, hs_invoice_status="open", line_items=wanted),
                ]
            )
        finally:
            sandbox.switch(non_billable_needs_line_items=False)

        assert [shown(one)["hs_invoice_status"] for one in done] == ["draft", "open"]
        assert shown(done[0])["hs_comments"] == "Hi"

    def test_that_the_account_does_not_have_is_left_out_too(self, sandbox: Any, connector: HubSpotConnector) -> None:
        one = invoice(sandbox)

        (written,) = connector.write(writes=[update("a", one, hs_unheard_of="x", hs_comments="Hi")])

        assert (shown(written)["hs_unheard_of"], shown(written)["hs_comments"]) == (None, "Hi")

    def test_is_not_the_currency_nor_one_of_ours(self, sandbox: Any, connector: HubSpotConnector) -> None:
        one = invoice(sandbox)

        money, ours = connector.write(writes=[update("a", one, hs_currency="ZZZ"), update("b", invoice(sandbox), qbo_total="5")])

        assert isinstance(money.error, errors.Rejected) and money.error.field == "hs_currency"
        assert isinstance(ours.error, errors.Rejected) and ours.error.field == "qbo_total"


class TestAnArchive:
    def test_puts_a_draft_away_and_no_paid_invoice(self, sandbox: Any, connector: HubSpotConnector) -> None:
        draft, paid = invoice(sandbox), invoice(sandbox, lines=[REVIEW])
        connector.write(writes=[update("a", paid, hs_invoice_status="paid")])

        done = connector.write(
            writes=[
                base.Write(key=key, kind=OperationKind.ARCHIVE, record_kind="invoices", values={}, external_id=one)
                for key, one in (("a", draft), ("b", paid))
            ]
        )

        assert done[0].record is not None
        assert isinstance(done[1].error, errors.Rejected)
