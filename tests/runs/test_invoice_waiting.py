"""An invoice waits for what it names, says for what and why, goes on by itself, and holds up no other."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from syncapp import models
from syncapp.engine.vocabulary import PairState, Reason, RunState, Standing
from syncapp.selectors import reasons
from syncapp.services import configs, pairs
from tests.runs.billing import Desk, sold


def waits(desk: Desk, invoice: str) -> str:
    """What an invoice says that it waits for."""
    pair = desk.pair(invoice)
    assert (pair.state, pair.reason, PairState(pair.state).standing) == (PairState.BLOCKED, Reason.WAITS_FOR, Standing.WAITING)
    assert pair.left is None
    return " ".join(reasons.sentences(pair.detail))


def only_travel(desk: Desk) -> None:
    """A filter of the sync of products that lets travel in and nothing else."""
    field = models.VendorField.objects.get(connection=desk.products.right, kind="item", name="Name")
    group = models.FilterGroup.objects.create(config=desk.products, side="RIGHT", name="Travel only")
    models.FilterRule.objects.create(group=group, field=field, operator="EQUALS", values=["Travel"])
    configs.save_rules(config=desk.products, actor=None, now=desk.company.clock.now())


class TestAProduct:
    def test_that_a_filter_leaves_out_is_named_with_the_reason(self, desk: Desk) -> None:
        only_travel(desk)
        seminar = desk.company.service("Seminar", UnitPrice=300)
        desk.run_first(desk.products)
        desk.open()
        waiting, neighbor = desk.bill(sold("Seminar", 1, 300)), desk.bill(sold("Travel", 1, 45.5))

        run = desk.run()
        told = waits(desk, waiting)
        models.FilterGroup.objects.filter(config=desk.products).delete()
        configs.save_rules(config=desk.products, actor=None, now=desk.company.clock.now())
        desk.run(desk.products, desk.invoices)

        assert run.state == RunState.SUCCEEDED
        assert "It waits for the item “Seminar”." in told
        assert "“Things to sell”" in told and "excluded" in told and "Travel only: Name is equal to" in told
        assert desk.pair(neighbor).state == PairState.LINKED
        assert [line["hs_product_id"] for line in desk.lines(waiting)] == [desk.product(seminar)]

    def test_that_a_person_excluded_is_waited_for_until_it_is_included(self, desk: Desk) -> None:
        seminar = desk.company.service("Seminar", UnitPrice=300)
        desk.run_first(desk.products)
        self.part(desk, seminar)
        desk.open()
        waiting = desk.bill(sold("Seminar", 1, 300))
        desk.run()
        told = waits(desk, waiting)

        self.include(desk, seminar)
        desk.run(desk.products, desk.invoices)

        assert "It waits for the item “Seminar”." in told
        assert "A person excluded it." in told
        assert desk.pair(waiting).state == PairState.LINKED
        assert [line["name"] for line in desk.lines(waiting)] == ["Seminar"]

    def part(self, desk: Desk, item: str) -> None:
        pairs.unlink(pair=models.RecordPair.objects.get(config=desk.products, right__external_id=item), now=desk.company.clock.now())

    def include(self, desk: Desk, item: str) -> None:
        for pair in models.RecordPair.objects.filter(config=desk.products, excluded_by_hand=True):
            pairs.exclude(pair=pair, excluded=False, now=desk.company.clock.now())

    def test_that_was_not_seen_yet_is_only_late(self, desk: Desk) -> None:
        desk.open()
        desk.company.service("Seminar", UnitPrice=300)
        late = desk.bill(sold("Seminar", 1, 300))
        desk.run()
        told = waits(desk, late)

        desk.run(desk.products, desk.invoices)

        assert "has not seen it yet; it goes on by itself" in told
        assert desk.pair(late).state == PairState.LINKED

    def test_on_a_line_that_is_added_later_holds_the_whole_edit_back(self, desk: Desk) -> None:
        desk.open()
        desk.run_with(invoice := desk.bill())
        desk.company.service("Seminar", UnitPrice=300)

        desk.change(invoice, Line=[sold("Audit", 1, 100), sold("Seminar", 1, 300)])
        desk.run()
        pair, before = desk.pair(invoice), desk.shown(invoice)["hs_amount_billed"]
        desk.run(desk.products, desk.invoices)

        assert (pair.state, pair.reason, before) == (PairState.BLOCKED, Reason.WAITS_FOR, "100")
        assert (desk.pair(invoice).state, desk.shown(invoice)["hs_amount_billed"]) == (PairState.LINKED, "400")
        assert [line["name"] for line in desk.lines(invoice)] == ["Audit", "Seminar"]

    def test_that_is_inactive_and_was_never_synced_is_not_waited_for(self, desk: Desk) -> None:
        gone = desk.company.service("Seminar", UnitPrice=300)
        desk.open()
        invoice = desk.bill(sold("Seminar", 1, 300), sold("Audit", 1, 100))
        desk.company.quickbooks.delete("Item", gone)

        desk.run(desk.products, desk.invoices)

        assert desk.pair(invoice).state == PairState.LINKED
        told = [(line["name"], line.get("hs_product_id") or "", line["amount"]) for line in desk.lines(invoice)]
        assert told == [("Seminar", "", "300"), ("Audit", desk.product(desk.audit), "100")]

    def test_is_not_needed_where_no_sync_of_products_is_set_up(self, desk: Desk) -> None:
        configs.delete(config=desk.products, actor=None, now=desk.company.clock.now())
        desk.open()

        run = desk.run_with(invoice := desk.bill())

        assert (run.state, desk.pair(invoice).state) == (RunState.SUCCEEDED, PairState.LINKED)
        assert [(line["name"], line.get("hs_product_id") or "") for line in desk.lines(invoice)] == [("Audit", "")]


class TestACustomer:
    def test_without_a_contact_is_named_with_the_reason(self, desk: Desk) -> None:
        cash = desk.company.customer(DisplayName="Cash Sales")
        desk.open()
        waiting, neighbor = desk.bill(customer=cash), desk.bill()

        run = desk.run(desk.people, desk.invoices)
        told = waits(desk, waiting)
        desk.company.quickbooks.change("Customer", cash, PrimaryEmailAddr={"Address": "cash@example.com"})
        desk.run(desk.people, desk.invoices)

        assert run.state == RunState.SUCCEEDED
        assert "It waits for the customer “Cash Sales”." in told
        assert "no value to be matched by" in told
        assert desk.pair(neighbor).state == PairState.LINKED
        assert desk.pair(waiting).state == PairState.LINKED

    def test_whose_contact_was_deleted_is_named_too(self, desk: Desk) -> None:
        desk.open()
        desk.company.hubspot.delete("contacts", desk.contact)
        desk.company.clock.pass_seconds(7200)
        waiting = desk.bill()

        desk.run(desk.people, desk.invoices)

        told = waits(desk, waiting)
        assert "It waits for the customer “Ann Archer”." in told
        assert "was deleted or archived" in told

    @pytest.mark.parametrize("end", ["delete", "void"])
    def test_is_not_waited_for_any_more_once_the_invoice_is_over(self, desk: Desk, end: str) -> None:
        cash = desk.company.customer(DisplayName="Cash Sales")
        desk.open()
        invoice = desk.bill(customer=cash)
        desk.run(desk.people, desk.invoices)
        steps: dict[str, Callable[[], object]] = {
            "delete": lambda: desk.company.quickbooks.delete("Invoice", invoice), "void": lambda: desk.void(invoice),
        }

        steps[end]()
        desk.run()

        states = {"delete": PairState.TOMBSTONE, "void": PairState.BLOCKED}
        assert desk.pair(invoice).state == states[end]
