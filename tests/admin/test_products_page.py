"""The page of a sync of products: accounts are picked there, from what was read, and nowhere else."""

from __future__ import annotations

from django.test import Client
from django.urls import reverse

from syncapp import models
from syncapp.engine.vocabulary import (
    Direction,
    NamePolicy,
    OperationKind,
    OperationStatus,
    PairState,
    Reason,
    RunKind,
    RunState,
    RunTrigger,
    Side,
)
from syncapp.services import rules
from tests.admin.scene import Scene
from tests.admin.test_sync_page import SyncPage
from tests.services import made
from tests.services.made import NOW, Shop


class TestTheSettings:
    def test_offer_the_accounts_of_the_company(self, db: object, alice: Client) -> None:
        shop = Shop()

        page = alice.get(SyncPage(alice, shop.config).url).content.decode()

        assert "What new QuickBooks records are given" in page
        assert "Sales (Income)" in page and "Cost of Goods Sold (Expense)" in page
        assert "New QuickBooks items need an income account." in page

    def test_keep_what_was_picked(self, db: object, alice: Client) -> None:
        page = SyncPage(alice, Shop().config)
        page.fields |= {"income_account": "2", "expense_account": "6", "new_product_type": "NonInventory"}

        assert page.save().status_code == 302

        config = models.SyncConfig.objects.get()
        assert (config.income_account, config.expense_account, config.new_product_type) == ("2", "6", "NonInventory")
        assert "It cannot run yet" not in alice.get(page.url).content.decode()

    def test_refuse_an_account_that_is_not_offered(self, db: object, alice: Client) -> None:
        page = SyncPage(alice, Shop().config)
        page.fields["income_account"] = "99"

        assert "99 is not one of the available choices" in page.refusal()

    def test_still_show_a_picked_account_that_is_gone(self, db: object, alice: Client) -> None:
        shop = Shop()
        models.SyncConfig.objects.update(income_account="77")

        page = alice.get(SyncPage(alice, shop.config).url).content.decode()

        assert "Account 77, which is not there any more" in page
        assert "The income account that was chosen for new items is not in QuickBooks any more" in page

    def test_offer_no_sub_customers_for_products(self, db: object, alice: Client) -> None:
        page = alice.get(SyncPage(alice, Shop().config).url).content.decode()

        assert f'value="{NamePolicy.SUB_CUSTOMER}"' not in page
        assert f'value="{NamePolicy.SUFFIX}"' in page

    def test_of_contacts_ask_for_no_accounts(self, scene: Scene, alice: Client) -> None:
        page = alice.get(SyncPage(alice, scene.config).url).content.decode()

        assert "What new QuickBooks records are given" not in page
        assert "income_account" not in page


class TestActivating:
    def test_is_refused_until_the_accounts_are_chosen(self, db: object, alice: Client) -> None:
        shop = Shop()

        page = alice.post(reverse("admin:syncapp_syncconfig_activate", args=[shop.config.pk]), follow=True).content.decode()

        assert "New QuickBooks items need an income account." in page
        assert not models.SyncConfig.objects.get().active


class TestSettingOneUp:
    def test_takes_the_recommended_direction(self, db: object, alice: Client) -> None:
        left, right = made.hubspot(), made.quickbooks()
        made.product_fields(left)
        made.item_fields(right)

        alice.post(reverse("admin:syncapp_syncconfig_add"), {
            "name": "Products", "left": left.pk, "right": right.pk, "object_pair": "PRODUCT_ITEM", "direction": "",
        })

        config = models.SyncConfig.objects.get()
        assert (config.direction, config.create_to) == (Direction.TO_LEFT, "LEFT")


class TestAPair:
    def test_shows_amounts_with_their_currency_and_the_reason_in_words(self, db: object, alice: Client) -> None:
        shop = Shop()
        record = models.Record.objects.create(
            connection=shop.left, kind="products", external_id="5", label="Audit", values={"name": "Audit", "price": "12.5"},
            observed_at=NOW, remote_updated_at=NOW,
        )
        pair = models.RecordPair.objects.create(
            config=shop.config, left=record, state=PairState.FAILED, reason=Reason.ACCOUNT_MISSING, dirty=False,
            detail={"sentence": "Choose the income account for new QuickBooks records in the settings of the sync."},
        )

        page = alice.get(reverse("admin:syncapp_recordpair_change", args=[pair.pk])).content.decode()

        assert "12.5 USD" in page
        assert Reason.ACCOUNT_MISSING.label in page
        assert "Choose the income account for new QuickBooks records" in page


class TestARun:
    def test_names_what_new_records_were_given(self, db: object, alice: Client) -> None:
        shop = Shop()
        shop.config.income_account = "2"
        run = models.SyncRun.objects.create(
            config=shop.config, kind=RunKind.PREVIEW, trigger=RunTrigger.HAND, state=RunState.SUCCEEDED,
            rules=rules.to_json(rules.freeze(config=shop.config)),
        )
        record = models.Record.objects.create(
            connection=shop.left, kind="products", external_id="5", label="Audit", values={"name": "Audit"}, observed_at=NOW
        )
        pair = models.RecordPair.objects.create(config=shop.config, left=record, state=PairState.CREATING)
        models.Operation.objects.create(
            run=run, config=shop.config, pair=pair, side=Side.RIGHT, kind=OperationKind.CREATE, record_kind="item",
            status=OperationStatus.PLANNED, changes={"IncomeAccountRef": [None, "2"]}, idempotency_key="key-1",
            whys={"IncomeAccountRef": "The settings of the sync say so: Sales (Income)."},
        )

        page = alice.get(reverse("admin:syncapp_syncrun_change", args=[run.pk])).content.decode()

        assert "Income account" in page and "Sales (Income)" in page
