"""Invoices in accounts of different kinds: what HubSpot does not let be written, currencies, and fields that people make and unmake."""

from __future__ import annotations

import pytest

from syncapp import models
from syncapp.engine.vocabulary import Direction, FieldType, FilterOperator, PairState, Reason, RunState, Standing
from syncapp.selectors import reasons
from syncapp.services import configs, fields
from tests.runs.billing import Desk, fixed, sold


class TestAnAccountThatLetsLittleBeWritten:
    @pytest.fixture(autouse=True)
    def strict(self, desk: Desk) -> None:
        desk.company.hubspot.control("switch", {"strict_unknown": True})

    def test_holds_number_and_amounts_in_our_own_properties(self, desk: Desk) -> None:
        desk.open()
        invoice = desk.bill(sold("Audit", 2, 100), fixed(20), DocNumber="A-17")

        run = desk.run()
        written = desk.company.hubspot.written()
        again = desk.run()

        shown = desk.shown(invoice)
        assert (run.state, again.state, desk.company.hubspot.written()) == (RunState.SUCCEEDED, RunState.SUCCEEDED, written)
        assert (shown["qbo_doc_number"], shown["qbo_total"], shown["qbo_balance"]) == ("A-17", "180", "180")
        assert (shown["qbo_discount"], shown["qbo_status"], shown["qbo_id"]) == ("20", "open", invoice)
        assert "hs_number" not in {field for one in models.Operation.objects.filter(status="FAILED") for field in one.changes}
        assert len(desk.lines(invoice)) == 1

    def test_is_told_of_payment_and_void_by_our_status_without_writing_for_ever(self, desk: Desk) -> None:
        desk.open()
        paid, voided = desk.bill(), desk.bill()
        desk.run()

        desk.pay(paid, 100)
        desk.void(voided)
        run = desk.run()
        written = desk.company.hubspot.written()
        desk.run()
        desk.run()

        assert run.state == RunState.SUCCEEDED
        assert [desk.shown(one)["qbo_status"] for one in (paid, voided)] == ["paid", "voided"]
        assert [desk.pair(one).state for one in (paid, voided)] == [PairState.LINKED] * 2
        assert desk.company.hubspot.written() == written


class TestPropertiesThatCannotBeWritten:
    def test_by_what_the_account_says_leave_the_rest_of_the_invoice_alone(self, desk: Desk) -> None:
        desk.open()
        desk.company.hubspot.control("switch", {"read_only_properties": "invoices.hs_number,invoices.hs_amount_billed"})

        run = desk.run_with(invoice := desk.bill(DocNumber="A-17"))
        written = desk.company.hubspot.written()
        desk.run()

        assert (run.state, desk.pair(invoice).state) == (RunState.SUCCEEDED, PairState.LINKED)
        assert (desk.shown(invoice)["qbo_doc_number"], desk.shown(invoice)["qbo_total"]) == ("A-17", "100")
        assert desk.company.hubspot.written() == written


class TestAnAccountInTokyo:
    def test_shows_the_days_that_quickbooks_shows(self, desk: Desk) -> None:
        models.Connection.objects.filter(pk=desk.people.left_id).update(time_zone="Asia/Tokyo")
        desk.company.config = models.SyncConfig.objects.get(pk=desk.people.pk)
        desk.open()

        desk.run_with(invoice := desk.bill(TxnDate="2026-11-20", DueDate="2099-12-20"))
        written = desk.company.hubspot.written()
        desk.run()

        shown = desk.shown(invoice)
        assert (shown["hs_invoice_date"], shown["qbo_txn_date"]) == ("2026-11-19T15:00:00.000Z", "2026-11-20")
        assert (shown["hs_due_date"], shown["qbo_due_date"]) == ("2099-12-19T15:00:00.000Z", "2099-12-20")
        assert desk.company.hubspot.written() == written


class TestAnAccountWithoutOurProperties:
    def test_is_told_what_is_missing_before_anything_is_written(self, desk: Desk) -> None:
        desk.open(prepared=False)

        (problem,) = configs.problems(config=desk.invoices)

        assert (problem.field, "has no field “qbo_id” to match by" in problem.words) == ("match_mode", True)


class TestCurrencies:
    @pytest.fixture
    def euro(self, desk: Desk) -> str:
        """A customer in Europe, with a contact."""
        desk.company.quickbooks.control("switch", {"multicurrency": True})
        return desk.company.customer(
            DisplayName="Jürgen Groß", GivenName="Jürgen", FamilyName="Groß", email="juergen@example.com", CurrencyRef={"value": "EUR"}
        )

    def test_are_kept_where_the_account_has_them(self, desk: Desk, euro: str) -> None:
        desk.company.hubspot.control("switch", {"additional_currencies": "EUR"})
        desk.open()
        invoice = desk.bill(customer=euro)

        run = desk.run(desk.people, desk.invoices)

        assert run.state == RunState.SUCCEEDED
        assert (desk.shown(invoice)["hs_currency"], desk.shown(invoice)["qbo_currency"]) == ("EUR", "EUR")
        assert [line["hs_line_item_currency_code"] for line in desk.lines(invoice)] == ["EUR"]

    def test_that_the_account_has_not_are_named_until_they_are_enabled(self, desk: Desk, euro: str) -> None:
        desk.open()
        foreign, neighbor = desk.bill(customer=euro), desk.bill()
        desk.run(desk.people, desk.invoices)
        pair = desk.pair(foreign)

        desk.company.hubspot.control("switch", {"additional_currencies": "EUR"})
        fields.refresh(connection=desk.invoices.left, now=desk.company.clock.now())
        desk.run()

        assert (pair.state, pair.reason, pair.left) == (PairState.FAILED, Reason.CURRENCY_OFF, None)
        assert "The currency EUR is not enabled in HubSpot." in reasons.short(pair=pair)
        assert reasons.REMEDIES[Reason.CURRENCY_OFF]
        assert desk.pair(neighbor).state == PairState.LINKED
        assert (desk.pair(foreign).state, desk.shown(foreign)["hs_currency"]) == (PairState.LINKED, "EUR")


class TestCustomFields:
    """A field for the project, that a person made in QuickBooks and as a property in HubSpot."""

    @pytest.fixture(autouse=True)
    def made(self, desk: Desk) -> None:
        desk.company.quickbooks.control("switch", {"custom_fields": "Project"})
        desk.company.hubspot.define("invoices", "project")
        fields.refresh(connection=desk.people.right, now=desk.company.clock.now())

    def map(self, desk: Desk) -> None:
        left = models.VendorField.objects.get(connection=desk.invoices.left, kind="invoices", name="project")
        right = models.VendorField.objects.get(connection=desk.invoices.right, kind="invoice", label="Project")
        models.FieldMapping.objects.create(
            config=desk.invoices, left_field=left, right_field=right, direction=Direction.TO_LEFT, position=99
        )
        configs.save_rules(config=desk.invoices, actor=None, now=desk.company.clock.now())

    def refresh(self, desk: Desk) -> None:
        for connection in (desk.invoices.left, desk.invoices.right):
            fields.refresh(connection=connection, now=desk.company.clock.now())

    def project(self, desk: Desk, name: str) -> str:
        return desk.bill(CustomField=[{"DefinitionId": "1", "StringValue": name}])

    def test_that_are_mapped_later_are_filled_in_on_old_invoices_too(self, desk: Desk) -> None:
        desk.open()
        old = [self.project(desk, "Bridge"), self.project(desk, "Tunnel")]
        desk.run()
        desk.company.clock.pass_seconds(7200)
        desk.run()
        before = desk.company.hubspot.written()

        self.map(desk)
        run = desk.run()
        filled = desk.company.hubspot.written()
        desk.run()

        assert (run.state, configs.problems(config=desk.invoices)) == (RunState.SUCCEEDED, ())
        assert [desk.shown(one)["project"] for one in old] == ["Bridge", "Tunnel"]
        assert (filled - before, desk.company.hubspot.written()) == (2, filled)

    def test_that_are_mapped_later_stay_empty_on_what_the_filter_leaves_out(self, desk: Desk) -> None:
        desk.open()
        inside, outside = self.project(desk, "Bridge"), self.project(desk, "Tunnel")
        desk.run()
        group = models.FilterGroup.objects.create(config=desk.invoices, side="RIGHT", name="Bridges")
        number = models.VendorField.objects.get(connection=desk.invoices.right, kind="invoice", name="DocNumber")
        only = desk.shown(inside)["hs_number"]
        models.FilterRule.objects.create(group=group, field=number, operator=FilterOperator.EQUALS, values=[only])

        self.map(desk)
        desk.run()

        assert (desk.shown(inside).get("project"), desk.shown(outside).get("project")) == ("Bridge", None)
        assert desk.pair(outside).reason == Reason.FILTERED

    def test_follow_their_values(self, desk: Desk) -> None:
        desk.open()
        self.map(desk)
        desk.run_with(invoice := self.project(desk, "Bridge"))

        desk.change(invoice, CustomField=[{"DefinitionId": "1", "StringValue": "Tunnel"}])
        desk.run()

        assert desk.shown(invoice)["project"] == "Tunnel"

    def test_that_are_renamed_go_on_under_the_new_name(self, desk: Desk) -> None:
        desk.open()
        self.map(desk)

        desk.company.quickbooks.control("switch", {"custom_fields": "Undertaking"})
        self.refresh(desk)
        run = desk.run_with(invoice := self.project(desk, "Bridge"))

        assert (run.state, desk.shown(invoice)["project"]) == (RunState.SUCCEEDED, "Bridge")
        assert desk.invoices.mappings.filter(right_field__label="Undertaking").exists()

    def test_that_are_switched_off_are_named_in_a_problem_and_empty_nothing_before(self, desk: Desk) -> None:
        desk.open()
        self.map(desk)
        desk.run_with(invoice := self.project(desk, "Bridge"))

        desk.company.quickbooks.control("switch", {"custom_fields": ""})
        desk.change(invoice, CustomerMemo={"value": "Changed"})
        run = desk.run()
        self.refresh(desk)
        (problem,) = configs.problems(config=desk.invoices)

        assert (run.state, desk.shown(invoice)["project"], desk.shown(invoice)["hs_comments"]) == (RunState.SUCCEEDED, "Bridge", "Changed")
        assert problem.mapping is not None
        assert "Project" in problem.words or "Custom field 1" in problem.words
        assert "cannot be mapped" in problem.words

    def test_whose_property_was_deleted_in_hubspot_are_named_and_the_rest_goes_on(self, desk: Desk) -> None:
        desk.open()
        self.map(desk)
        desk.run_with(self.project(desk, "Bridge"))

        desk.company.hubspot.undefine("invoices", "project")
        with_project, without = self.project(desk, "Tunnel"), desk.bill()
        run = desk.run()
        pair = desk.pair(with_project)
        self.refresh(desk)
        (problem,) = configs.problems(config=desk.invoices)

        assert run.state == RunState.PARTIAL
        assert (pair.state, pair.reason, PairState(pair.state).standing) == (PairState.FAILED, Reason.REFUSED, Standing.FAILING)
        assert "project" in " ".join(reasons.sentences(pair.detail))
        assert desk.pair(without).state == PairState.LINKED
        assert "Project" in problem.words and "Refresh its fields, or choose another field" in problem.words

    def test_with_a_choice_that_hubspot_does_not_know_fail_alone(self, desk: Desk) -> None:
        options = [{"label": "Bridge", "value": "bridge", "displayOrder": 0}]
        desk.company.hubspot.define("invoices", "building", "enumeration", options=options)
        desk.open()
        left = models.VendorField.objects.get(connection=desk.invoices.left, kind="invoices", name="building")
        right = models.VendorField.objects.get(connection=desk.invoices.right, kind="invoice", label="Project")
        mapping = models.FieldMapping.objects.create(
            config=desk.invoices, left_field=left, right_field=right, direction=Direction.TO_LEFT, position=99
        )
        models.ValueMapping.objects.create(mapping=mapping, left_value="bridge", right_value="Bridge")
        configs.save_rules(config=desk.invoices, actor=None, now=desk.company.clock.now())
        known, unknown = self.project(desk, "Bridge"), self.project(desk, "Tunnel")

        desk.run()

        assert left.type == FieldType.CHOICE
        pair = desk.pair(unknown)
        assert (desk.shown(known)["building"], pair.state, pair.reason) == ("bridge", PairState.FAILED, Reason.NOT_ALLOWED)
        assert 'HubSpot field "Building" does not take "Tunnel"' in reasons.short(pair=pair)
