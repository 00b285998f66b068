"""A run of invoices that is cut off anywhere: in the end every invoice is there once, with its lines, and tied to whom it belongs."""

from __future__ import annotations

from syncapp import models
from syncapp.engine.vocabulary import OperationStatus, PairState
from tests.runs.billing import Desk, fixed, sold
from tests.runs.crashing import Died, Points, mortal

VERSIONS = (
    [sold("Audit", 2, 100), sold("Travel", 1, 45.5), fixed(15)],
    [sold("Travel", 3, 45.5), sold("Audit", 1, 80, Description="The books"), sold("Audit", 1, 5)],
)
"""What the lines of an invoice are changed into and back: more and fewer, in another order, with and without a discount."""


def state(desk: Desk, invoice: str) -> dict[str, object]:
    """What HubSpot holds of an invoice, ids and times left out, and how its pair stands."""
    shown, pair = desk.shown(invoice), desk.pair(invoice)
    return {
        "status": (shown["hs_invoice_status"], shown["qbo_status"], shown["hs_amount_billed"], shown["hs_invoice_billable"]),
        "lines": [(line["name"], line["quantity"], line["price"], line.get("description") or "") for line in desk.lines(invoice)],
        "discounts": [line["hs_value"] for line in desk.lines(invoice, "discounts")],
        "tied": (desk.linked(invoice, "contacts"), desk.linked(invoice, "companies")),
        "pair": (pair.state, pair.reason, pair.flagged),
    }


class TestADeadProcess:
    """In every round one invoice is new and another has been edited; each round dies one step later than the one before."""

    def test_leaves_the_next_run_to_end_in_the_same_state(self, desk: Desk) -> None:
        desk.open()
        edited = desk.bill(*VERSIONS[1])
        desk.run()
        expected = [self._round(desk, edited, version, Points()) for version in (0, 1)]

        differences, at, points = [], 0, Points()
        while points.passed >= at:
            at += 1
            points = Points(at=at, after_changes=True)
            found = self._round(desk, edited, at % 2, points)
            if found != expected[at % 2]:
                differences.append((at, found))

        assert at > 20
        assert differences == []
        self._nothing_is_double(desk)

    def _round(self, desk: Desk, edited: str, version: int, points: Points) -> list[dict[str, object]]:
        """Bill one and change the other, die on the way, and come to rest."""
        new = desk.bill(*VERSIONS[0])
        desk.change(edited, Line=VERSIONS[version])
        try:
            with mortal(points):
                desk.run()
        except Died:
            self._rest(desk)
        return [state(desk, new), state(desk, edited)]

    def _rest(self, desk: Desk) -> None:
        """Let leases and the quarantine run out, and finish what was cut off."""
        desk.company.clock.pass_seconds(200)
        for cut_off in models.SyncRun.objects.filter(config=desk.invoices, state__in=["QUEUED", "RUNNING"]):
            desk.company.finish(cut_off)

    def _nothing_is_double(self, desk: Desk) -> None:
        """One HubSpot invoice for each in QuickBooks, no line that belongs to none, nothing on its way, nobody asked for anything."""
        (books,) = desk.company.quickbooks.control("dump", method="GET")["companies"]
        shown = desk.company.invoices()
        assert sorted(one["qbo_id"] for one in shown.values()) == sorted(one["Id"] for one in books["Invoice"])
        (portal,) = desk.company.hubspot.control("dump", method="GET")["portals"]
        for kind in ("line_items", "discounts", "fees", "taxes"):
            rows = [row for row in portal["objects"][kind] if not row["archived"]]
            assert [row for row in rows if not row["associations"].get("invoices")] == []
        assert set(models.RecordPair.objects.filter(config=desk.invoices).values_list("state", flat=True)) == {PairState.LINKED}
        assert not models.Operation.objects.filter(status__in=[OperationStatus.SENDING, OperationStatus.READY]).exists()
        assert not models.Conflict.objects.exists()
