"""Which deals get figures, and what the settings of that sync say."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from syncapp import models
from syncapp.engine.vocabulary import (
    ConflictStatus,
    CreateTo,
    DeletePolicy,
    MatchMode,
    ObjectPair,
    OperationKind,
    OperationStatus,
    PairState,
    RecordState,
    RunKind,
)
from syncapp.services import configs
from tests.runs.books import LAST, ROLL_UP, Books, add_figures, add_invoices
from tests.runs.company import Company

ACCOUNTING = {"accounting_invoice_total": "12.34", "accounting_invoice_status": "kept by another app"}


class TestDeals:
    @pytest.fixture(autouse=True)
    def _accounting(self, company: Company) -> Iterator[None]:
        """What the retired app left on deals: its group, its properties, and that nothing of it ever moves."""
        path, like = "/crm/properties/2026-09/deals", {"groupName": "accounting", "type": "string", "fieldType": "text"}
        company.hubspot.call("POST", f"{path}/groups", {"name": "accounting", "label": "Accounting"})
        for name in ACCOUNTING:
            company.hubspot.call("POST", path, {"name": name, "label": name, **like})
        yield
        for deal in company.held("deals").values():
            assert {name: deal.get(name) for name in ACCOUNTING if deal.get(name)} in ({}, ACCOUNTING)
        written = models.Operation.objects.filter(config__object_pair=ObjectPair.DEAL)
        assert {name for one in written for name in one.changes} <= set(_own(company))

    def test_keep_what_stands_in_the_group_accounting(self, books: Books) -> None:
        books.company.hubspot.change("deals", books.roof, **ACCOUNTING)
        paid = books.bill(100, deal=books.roof, DocNumber="R-1")
        books.run()
        before = books.company.held("deals")[books.roof]

        books.pay(paid, 100)
        books.run()

        after = books.company.held("deals")[books.roof]
        changed = {name for name in {*before, *after} if before.get(name) != after.get(name)}
        assert {name: after[name] for name in ACCOUNTING} == ACCOUNTING
        assert "qbo_paid" in changed
        assert {name for name in changed if not name.startswith("hs_")} <= set(_own(books.company))

    def test_come_to_rest_at_once(self, books: Books) -> None:
        books.bill(100, deal=books.roof, DocNumber="R-1")
        books.run()
        deals, written = books.company.held("deals"), books.company.hubspot.written()
        kept = models.Record.objects.get(kind="billing").revision_number

        books.company.clock.pass_seconds(400)
        again = books.run()

        assert again.counts.get("planned", 0) == 0
        assert books.company.writes() == 1
        assert (books.company.held("deals"), books.company.hubspot.written()) == (deals, written)
        assert models.Record.objects.get(kind="billing").revision_number == kept

    def test_are_never_made_and_never_archived(self, books: Books) -> None:
        ended = books.bill(100, deal=books.roof, DocNumber="R-1")
        books.run()

        books.company.quickbooks.delete("Invoice", ended)
        books.company.hubspot.delete("deals", books.roof)
        books.company.clock.pass_seconds(4000)
        books.run()
        books.run()

        assert set(books.company.held("deals")) == {books.cellar}
        kinds = set(models.Operation.objects.filter(config=books.figures).values_list("kind", flat=True))
        assert kinds == {OperationKind.UPDATE}
        assert books.pair(books.roof).state == PairState.TOMBSTONE
        assert books.pair(books.cellar).state == PairState.FROZEN
        assert books.company.quickbooks.written() == 0

    def test_get_back_what_a_person_typed_over_with_the_next_change(self, books: Books) -> None:
        paid = books.bill(100, deal=books.roof, DocNumber="R-1")
        books.run()

        books.company.hubspot.change("deals", books.roof, qbo_paid="77", qbo_billed="5")
        books.run()
        assert books.on(books.roof, "paid", "billed") == ("77", "5")

        books.pay(paid, 60)
        books.run()
        assert books.on(books.roof, "paid", "open") == ("60", "40")
        conflict = models.Conflict.objects.get(pair=books.pair(books.roof))
        assert (conflict.left, conflict.right, conflict.status) == ("77", "60", ConflictStatus.BY_RULE)

    def test_lose_what_an_earlier_sync_left_on_them(self, books: Books) -> None:
        books.company.hubspot.change("deals", books.roof, qbo_billed="5", qbo_oldest_overdue="2020-01-01")
        books.bill(100, deal=books.roof, DocNumber="R-1")

        books.run()
        books.run()

        assert books.on(books.roof, "billed", "oldest_overdue", "invoice_number") == ("100", None, "R-1")
        assert not models.Conflict.objects.filter(pair=books.pair(books.roof)).exists()

    def test_that_were_merged_show_the_invoices_of_both(self, books: Books) -> None:
        books.bill(100, deal=books.roof, DocNumber="R-1")
        books.bill(10, deal=books.cellar, DocNumber="C-1")
        books.run()

        merged = str(books.company.hubspot.merge("deals", books.roof, books.cellar)["id"])
        books.run()
        books.run()

        assert books.on(merged, "invoice_number", *ROLL_UP) == ("C-1", "110", "0", "110", "2")
        assert books.pair(merged).state == PairState.LINKED
        old = models.Record.objects.filter(kind="billing").exclude(external_id=merged)
        assert [row.state for row in old] == [RecordState.GONE] * 2

    def test_that_swallowed_one_with_figures_show_them(self, books: Books) -> None:
        books.bill(10, deal=books.cellar, DocNumber="C-1")
        books.run()

        merged = str(books.company.hubspot.merge("deals", books.roof, books.cellar)["id"])
        books.run()
        books.run()

        assert books.on(merged, "invoice_number", *ROLL_UP) == ("C-1", "10", "0", "10", "1")
        assert books.pair(merged).state == PairState.LINKED


class TestSettings:
    @pytest.fixture
    def figures(self, company: Company) -> models.SyncConfig:
        add_invoices(company)
        return add_figures(company, "Figures")

    def test_are_fixed_where_only_figures_are_filled_in(self, company: Company, figures: models.SyncConfig) -> None:
        assert configs.problems(config=figures) == ()
        assert (figures.create_to, figures.filter_groups.count()) == (CreateTo.NONE, 0)
        refused = {"create_to": CreateTo.LEFT, "delete_policy": DeletePolicy.ARCHIVE, "match_mode": MatchMode.NONE}
        models.SyncConfig.objects.filter(pk=figures.pk).update(**refused)
        figures.refresh_from_db()

        found = {problem.field: problem.words for problem in configs.problems(config=figures)}

        assert set(found) == set(refused)
        assert found["create_to"] == (
            "This sync only fills in the fields of records that are there. Choose “Create nothing, only update existing pairs”."
        )

    def test_let_one_company_and_one_portal_have_the_figures(self, company: Company, figures: models.SyncConfig) -> None:
        books, portal = _copy(figures.right, "Second books"), _copy(figures.left, "Second portal")
        rows = list(models.VendorField.objects.filter(connection_id=figures.right_id, kind="billing"))
        for row in rows:
            row.pk, row.connection = None, books
        models.VendorField.objects.bulk_create(rows)

        found = [problem.words for problem in configs.problems(config=add_figures(company, "More figures", right=books))]

        assert (
            "HubSpot field “QuickBooks billed” is written by the sync “Figures” already. "
            "Let only one of them write it: change the direction of the mapping here or there."
        ) in found
        assert any(words.startswith("Invoices → Figures on deals name records of Invoices ↔ Invoices.") for words in found)
        with pytest.raises(configs.ConfigRefused, match="shows this company's figures in HubSpot: HubSpot already"):
            add_figures(company, "Other figures", left=portal)

    def test_show_a_preview_that_writes_nothing(self, books: Books) -> None:
        books.bill(100, deal=books.roof, DocNumber="R-1")
        books.sync_invoices()

        preview = books.company.run(RunKind.PREVIEW)

        (planned,) = models.Operation.objects.filter(run=preview, status=OperationStatus.PLANNED)
        assert planned.changes["qbo_invoice_number"] == [None, "R-1"]
        assert books.on(books.roof, *LAST) == (None,) * 4


def _copy(connection: models.Connection, name: str) -> models.Connection:
    return models.Connection.objects.create(
        system=connection.system, environment=connection.environment, external_id=name, name=name, status=connection.status,
        fields_read_at=connection.fields_read_at,
    )


def _own(company: Company) -> list[str]:
    fields = models.VendorField.objects.filter(connection=company.config.left, kind="deals", name__startswith="qbo_")
    return list(fields.values_list("name", flat=True))
