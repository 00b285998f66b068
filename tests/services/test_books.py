"""What the settings of a QuickBooks company bar, and what they make worth knowing, before invoices are made there."""

from __future__ import annotations

import pytest

from syncapp import models
from syncapp.engine.vocabulary import Direction, ObjectPair
from syncapp.services import books, configs, defaults, drafts, needs, rules
from tests.services import made

pytestmark = pytest.mark.django_db

HOME = {"country": "US", "sales tax": "off", "custom transaction numbers": "no", "revenue recognition": "no"}


def invoices(direction: Direction = Direction.BOTH, *, mapped: bool = True, **details: str) -> models.SyncConfig:
    """A sync of invoices with a company of these facts; `mapped` with the mapping by which an invoice is known again."""
    left, right = made.hubspot(), made.quickbooks(details={**HOME, **{name.replace("_", " "): told for name, told in details.items()}})
    config = models.SyncConfig.objects.create(name="Invoices", left=left, right=right, object_pair=ObjectPair.INVOICE, direction=direction)
    made.field(left, "hs_invoice_billable", made.FieldType.BOOLEAN, kind="invoices")
    if mapped:
        ends = made.field(left, "qbo_id", kind="invoices"), made.field(right, "Id", kind="invoice")
        models.FieldMapping.objects.create(config=config, left_field=ends[0], right_field=ends[1], direction=Direction.TO_LEFT)
    return config


def numbered(config: models.SyncConfig, direction: Direction) -> None:
    ends = made.field(config.left, "hs_number", kind="invoices"), made.field(config.right, "DocNumber", kind="invoice")
    models.FieldMapping.objects.create(config=config, left_field=ends[0], right_field=ends[1], direction=direction)


def advice(config: models.SyncConfig) -> str:
    return " ".join(one.words for one in books.advice(draft=drafts.saved(config=config)))


class TestABar:
    def test_is_none_for_a_company_at_home(self) -> None:
        assert list(books.barred(draft=drafts.saved(config=invoices()))) == []

    def test_is_a_company_abroad_that_needs_tax(self) -> None:
        (words,) = books.barred(draft=drafts.saved(config=invoices(country="PL", sales_tax="on")))

        assert "requires a tax code on every line of an invoice" in words
        assert "let the sync go “QuickBooks → HubSpot” only" in words

    def test_is_not_a_company_abroad_without_tax(self) -> None:
        assert list(books.barred(draft=drafts.saved(config=invoices(country="PL", sales_tax="off")))) == []

    def test_is_revenue_recognition(self) -> None:
        (words,) = books.barred(draft=drafts.saved(config=invoices(revenue_recognition="yes")))

        assert words.startswith("Enter a service date: revenue recognition is on")

    def test_is_an_invoice_that_could_not_be_known_again(self) -> None:
        (words,) = books.barred(draft=drafts.saved(config=invoices(mapped=False)))

        assert "could be made twice" in words

    def test_is_an_account_that_does_not_tell_what_it_bills(self) -> None:
        config = invoices()
        models.VendorField.objects.filter(name="hs_invoice_billable").update(archived=True)

        (words,) = books.barred(draft=drafts.saved(config=config))

        assert "does not show by which invoices it bills" in words

    def test_keeps_a_sync_from_being_switched_on(self) -> None:
        config = invoices(country="PL", sales_tax="on")

        with pytest.raises(configs.ConfigRefused, match="requires a tax code"):
            configs.activate(config=config, actor=None, now=made.NOW)

    def test_is_none_where_only_hubspot_is_written(self) -> None:
        config = invoices(Direction.TO_LEFT, mapped=False, country="PL", sales_tax="on", revenue_recognition="yes")

        assert (list(books.barred(draft=drafts.saved(config=config))), advice(config)) == ([], "")


class TestAdvice:
    def test_is_to_close_the_books(self) -> None:
        assert "QuickBooks has no closing date. Set one" in advice(invoices())

    def test_is_silent_where_they_are_closed(self) -> None:
        assert advice(invoices(books_closed_until="2026-10-31")) == ""

    def test_tells_of_sales_tax(self) -> None:
        assert "make invoices with tax in QuickBooks" in advice(invoices(sales_tax="automated"))

    def test_tells_of_customers_that_are_never_made(self) -> None:
        config = invoices()
        models.SyncConfig.objects.create(
            name="People", left=config.left, right=config.right, object_pair=ObjectPair.CONTACT_CUSTOMER, direction=Direction.TO_LEFT
        )

        assert "The sync “People” makes no customers in QuickBooks" in advice(config)

    @pytest.mark.parametrize(
        ("own", "direction", "words"),
        [
            ("yes", Direction.BOTH, "invoices keep HubSpot's number there"),
            ("yes", Direction.TO_LEFT, "HubSpot's invoices have no number there"),
            ("no", Direction.BOTH, "QuickBooks numbers its forms itself"),
        ],
    )
    def test_tells_who_numbers_the_invoices(self, own: str, direction: Direction, words: str) -> None:
        config = invoices(custom_transaction_numbers=own, books_closed_until="2026-10-31")
        numbered(config, direction)

        assert words in advice(config)

    def test_says_nothing_of_numbers_that_are_quickbooks_own(self) -> None:
        config = invoices(books_closed_until="2026-10-31")
        numbered(config, Direction.TO_LEFT)

        assert advice(config) == ""


class TestOwnership:
    def test_counts_only_where_quickbooks_is_written(self) -> None:
        config = invoices()
        both = rules.freeze(config=config)
        config.direction = Direction.TO_LEFT
        one_way = rules.freeze(config=config)

        assert both.ownership is not None and one_way.ownership is None
        assert [key.left for key in both.match_keys] == ["qbo_id"]
        assert [key.left for key in one_way.match_keys] == ["qbo_id", "hs_number"]
        assert (both.key_required, one_way.key_required) == (False, True)

    def test_is_saved_with_a_run(self) -> None:
        frozen = rules.freeze(config=invoices())

        assert rules.from_json(rules.to_json(frozen)).ownership == frozen.ownership

    def test_has_what_it_looks_at_read(self) -> None:
        config = invoices()

        wanted = needs.of(connection_id=config.left_id).wanted(kind="invoices")

        assert {"hs_invoice_billable", "hs_invoice_status", "line_items", "hs_amount_billed"} <= set(wanted.fields)


class TestRecommendedMappings:
    def test_are_completed_when_the_direction_changes(self) -> None:
        config = invoices()
        numbered(config, Direction.TO_LEFT)
        date = made.field(config.left, "hs_due_date", made.FieldType.DATETIME, kind="invoices")
        due = made.field(config.right, "DueDate", made.FieldType.DATE, kind="invoice")
        narrow = models.FieldMapping.objects.create(config=config, left_field=date, right_field=due, direction=Direction.TO_LEFT)
        made.field(config.left, "hs_comments", kind="invoices")
        made.field(config.right, "CustomerMemo.value", kind="invoice")
        made.field(config.left, "hs_createdate", made.FieldType.DATETIME, kind="invoices", writable=False)

        number = configs.complete(config=config, actor=None, now=made.NOW)
        again = configs.complete(config=config, actor=None, now=made.NOW)

        narrow.refresh_from_db()
        directions = dict(config.mappings.values_list("left_field__name", "direction"))
        assert (number, again) == (3, 0)
        assert (narrow.direction, directions["hs_comments"]) == (Direction.BOTH, Direction.BOTH)
        assert directions["hs_number"] == Direction.TO_LEFT
        assert [group.name for group in config.filter_groups.all()] == ["Created since the sync was set up"]

    def test_take_the_number_along_where_the_company_has_none_of_its_own(self) -> None:
        config = invoices(custom_transaction_numbers="yes")
        numbered(config, Direction.TO_LEFT)

        configs.complete(config=config, actor=None, now=made.NOW)

        assert config.mappings.get(left_field__name="hs_number").direction == Direction.BOTH

    def test_ask_for_no_filter_of_a_side_that_nothing_flows_from(self) -> None:
        config = invoices(Direction.TO_LEFT, mapped=False)
        made.field(config.left, "hs_createdate", made.FieldType.DATETIME, kind="invoices", writable=False)

        defaults.fill(config=config, now=made.NOW)

        assert not config.filter_groups.exists()
