"""Importing manual links and exclusions: what is said of each line, and that a file is carried out whole or not at all."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from pytest_django import DjangoAssertNumQueries

from syncapp import models, tasks
from syncapp.engine.vocabulary import (
    ImportKind,
    ImportOutcome,
    ObjectPair,
    OperationKind,
    OperationStatus,
    PairState,
    Reason,
    RecordState,
)
from syncapp.services import imports, pairs, partners
from tests.admin.scene import person
from tests.services import made
from tests.services.importing import Importer, told, wrong
from tests.services.uploads import workbook

HEAD = ("hubspot id", "quickbooks id")


@pytest.fixture
def zoe(db: Any) -> Importer:
    return Importer()


def lone_customer(zoe: Importer, name: str = "Cal Ltd", **facts: object) -> models.RecordPair:
    record = models.Record.objects.create(
        connection=zoe.scene.right, kind="customer", external_id=f"8{models.Record.objects.count()}", label=name, observed_at=made.NOW,
        **facts,
    )
    return models.RecordPair.objects.create(config=zoe.config, right=record, dirty=False)


def left_id(pair: models.RecordPair) -> str:
    assert pair.left is not None
    return pair.left.external_id


def right_id(pair: models.RecordPair) -> str:
    assert pair.right is not None
    return pair.right.external_id


class TestLinks:
    def test_make_pairs_as_the_button_of_a_pair_does(self, zoe: Importer) -> None:
        by_file, by_button = lone_customer(zoe), lone_customer(zoe, "Dan Ltd")
        draft = zoe.upload(ImportKind.LINKS, HEAD, (left_id(zoe.scene.excluded), right_id(by_file)))

        words = zoe.carry_out(draft)
        partners.link(pair=zoe.scene.failing, external_id=right_id(by_button), now=zoe.now)

        assert words == "Manual links imported from “my lines.csv”: 1 of 1 lines changed something, 0 were so already."
        unlike = ("id", "left_id", "right_id", "key", "created_at")
        linked, pressed = models.RecordPair.objects.filter(left__label__in=["Cal", "Dan"]).order_by("left__label").values()
        assert (linked["left_id"], linked["right_id"]) == (zoe.scene.excluded.left_id, by_file.right_id)
        assert {**linked, **dict.fromkeys(unlike)} == {**pressed, **dict.fromkeys(unlike)}
        assert not models.RecordPair.objects.filter(pk=by_file.pk).exists()

    def test_take_over_what_was_planned_and_done_for_both(self, zoe: Importer) -> None:
        customer = lone_customer(zoe)
        facts = {"run": zoe.scene.run, "config": zoe.config, "side": "LEFT", "kind": OperationKind.CREATE, "record_kind": "contacts"}
        planned = models.Operation.objects.create(pair=customer, status=OperationStatus.READY, idempotency_key="a", **facts)
        ours = models.Operation.objects.create(pair=zoe.scene.excluded, status=OperationStatus.PLANNED, idempotency_key="b", **facts)

        zoe.carry_out(zoe.upload(ImportKind.LINKS, HEAD, (left_id(zoe.scene.excluded), right_id(customer))))

        for operation in (planned, ours):
            operation.refresh_from_db()
            assert (operation.pair_id, operation.status) == (zoe.scene.excluded.pk, OperationStatus.SUPERSEDED)

    def test_say_of_every_line_what_would_come_of_it(self, zoe: Importer) -> None:
        customer, scene = lone_customer(zoe), zoe.scene
        pairs.exclude(pair=customer, excluded=True, now=zoe.now)
        draft = zoe.upload(
            ImportKind.LINKS, HEAD, (left_id(scene.excluded), right_id(customer)), (left_id(scene.in_sync), right_id(scene.in_sync)),
            ("nobody", right_id(scene.in_conflict)),
        )

        assert told(draft) == [
            (2, ImportOutcome.CHANGE, f"Link “Cal” ({left_id(scene.excluded)}) with “Cal Ltd” ({right_id(customer)}). "
             "What was excluded of it is taken in again."),
            (3, ImportOutcome.SAME, "“Ann” and “Ann Ltd” are partners already."),
            (4, ImportOutcome.WRONG,
             "This sync knows no HubSpot record “nobody”. Correct the id, or run the sync so that it reads the record."),
        ]
        assert zoe.refusal(draft) == imports.CHANGED

    def test_refuse_a_record_with_another_partner_on_either_side(self, zoe: Importer) -> None:
        customer, scene = lone_customer(zoe), zoe.scene

        assert wrong(zoe.upload(ImportKind.LINKS, HEAD, (left_id(scene.in_sync), right_id(customer)))) == (
            f"HubSpot record “Ann” has another partner: “Ann Ltd” ({right_id(scene.in_sync)}). Unlink the two on their page first."
        )
        assert "QuickBooks record “Ann Ltd” has another partner: “Ann”" in wrong(
            zoe.upload(ImportKind.LINKS, HEAD, (left_id(scene.excluded), right_id(scene.in_sync)))
        )

    def test_refuse_a_record_that_an_earlier_line_names(self, zoe: Importer) -> None:
        first, second, scene = lone_customer(zoe), lone_customer(zoe), zoe.scene
        cal, dan = left_id(scene.excluded), left_id(scene.failing)
        lines = (cal, right_id(first)), (cal, right_id(second)), (dan, right_id(first))

        words = [words for _, outcome, words in told(zoe.upload(ImportKind.LINKS, HEAD, *lines)) if outcome is ImportOutcome.WRONG]

        assert words == [
            f"HubSpot record “{left_id(scene.excluded)}” stands on line 2 already. Leave one of the two lines out.",
            f"QuickBooks record “{right_id(first)}” stands on line 2 already. Leave one of the two lines out.",
        ]

    @pytest.mark.parametrize(
        ("state", "words"),
        [
            (RecordState.ARCHIVED, "QuickBooks record “Cal Ltd” is archived or inactive. Restore it there and run the sync"),
            (RecordState.GONE, "QuickBooks record “Cal Ltd” was deleted. Leave the line out."),
            (RecordState.MERGED, "QuickBooks record “Cal Ltd” was merged into another record. Name that one."),
        ],
    )
    def test_refuse_a_record_that_is_not_there_any_more(self, zoe: Importer, state: RecordState, words: str) -> None:
        gone = lone_customer(zoe, state=state)

        assert words in wrong(zoe.upload(ImportKind.LINKS, HEAD, (left_id(zoe.scene.excluded), right_id(gone))))

    def test_refuse_a_record_that_is_being_written(self, zoe: Importer) -> None:
        models.Operation.objects.filter(pair=zoe.scene.waiting).update(status=OperationStatus.SENDING)

        assert "A write for HubSpot record “Eve” is on its way." in wrong(
            zoe.upload(ImportKind.LINKS, HEAD, (left_id(zoe.scene.waiting), right_id(lone_customer(zoe))))
        )

    def test_know_records_of_this_sync_and_kind_only(self, zoe: Importer) -> None:
        stranger = models.Record.objects.create(
            connection=zoe.scene.right, kind="item", external_id="555", label="A product", observed_at=made.NOW
        )
        other = models.SyncConfig.objects.create(name="Elsewhere", left=made.hubspot("222"), right=made.quickbooks("333"))
        models.RecordPair.objects.create(config=zoe.config, right=stranger)
        elsewhere = models.Record.objects.create(connection=other.right, kind="customer", external_id="777", observed_at=made.NOW)
        models.RecordPair.objects.create(config=other, right=elsewhere)

        for external_id in ("555", "777"):
            draft = zoe.upload(ImportKind.LINKS, HEAD, (left_id(zoe.scene.excluded), external_id))
            assert f"This sync knows no QuickBooks record “{external_id}”." in wrong(draft)

    @pytest.mark.parametrize("shortened", ["1.23E+10", "1,23E+10", "1e10"])
    def test_name_an_id_that_a_spreadsheet_shortened(self, zoe: Importer, shortened: str) -> None:
        draft = zoe.upload(ImportKind.LINKS, HEAD, (shortened, "1"))

        assert f"“{shortened}” is what a spreadsheet made of a long number, not an id." in wrong(draft)

    def test_name_an_empty_cell_and_a_cell_that_is_not_to_be_trusted(self, zoe: Importer) -> None:
        assert "The column “quickbooks id” is empty." in wrong(zoe.upload(ImportKind.LINKS, HEAD, (left_id(zoe.scene.excluded), "")))
        content = workbook(HEAD, (left_id(zoe.scene.excluded), "=1+1"))
        assert "Cell B2 holds a formula." in wrong(zoe.upload_file(ImportKind.LINKS, content, "links.xlsx"))

    def test_are_refused_where_we_make_the_partners(self, zoe: Importer) -> None:
        models.SyncConfig.objects.filter(pk=zoe.config.pk).update(object_pair=ObjectPair.DEAL)
        draft = zoe.upload(ImportKind.LINKS, HEAD, ("1", "2"))

        assert imports.plan(draft=draft).refusals == (
            "The pairs of “Invoices → Figures on deals” are made by this program. They cannot be linked by hand.",
        )
        assert zoe.refusal(draft) == imports.CHANGED

    def test_need_no_query_per_line(self, zoe: Importer, django_assert_max_num_queries: DjangoAssertNumQueries) -> None:
        lines = [(left_id(pair), right_id(lone_customer(zoe))) for pair in (zoe.scene.excluded, zoe.scene.failing, zoe.scene.waiting)]
        draft = zoe.upload(ImportKind.LINKS, HEAD, *lines)
        seen = imports.plan(draft=draft)

        with django_assert_max_num_queries(24):
            zoe.carry_out(draft, seen)

        assert models.RecordPair.objects.filter(state=PairState.LINKED, reason=Reason.NONE).count() == 4


class TestMeanwhile:
    """What was looked at is what is done."""

    def test_a_partner_that_somebody_found_first_leaves_everything_as_it_was(self, zoe: Importer) -> None:
        first, second = lone_customer(zoe), lone_customer(zoe)
        draft = zoe.upload(
            ImportKind.LINKS, HEAD, (left_id(zoe.scene.excluded), right_id(first)), (left_id(zoe.scene.failing), right_id(second))
        )
        seen = imports.plan(draft=draft)
        partners.link(pair=zoe.scene.waiting, external_id=right_id(second), now=zoe.now)

        assert zoe.refusal(draft, seen) == "Nothing was written: something changed since you looked. Look at the lines once more."
        assert "QuickBooks record “Cal Ltd” has another partner: “Eve”" in told(draft)[1][2]

    def test_what_became_so_by_itself_is_shown_once_more(self, zoe: Importer) -> None:
        draft = zoe.upload(ImportKind.EXCLUSIONS, HEAD, (left_id(zoe.scene.in_sync), ""), (left_id(zoe.scene.failing), ""))
        seen = imports.plan(draft=draft)
        pairs.exclude(pair=zoe.scene.failing, excluded=True, now=zoe.now)

        zoe.refusal(draft, seen)
        zoe.carry_out(draft)

        assert set(models.RecordPair.objects.filter(excluded_by_hand=True)) == {zoe.scene.in_sync, zoe.scene.failing}

    @pytest.mark.parametrize("end", ["left", "right", "none"])
    def test_a_pair_that_changes_between_the_check_and_the_deed_undoes_all(
        self, zoe: Importer, monkeypatch: pytest.MonkeyPatch, end: str
    ) -> None:
        first, second = lone_customer(zoe), lone_customer(zoe)
        draft = zoe.upload(
            ImportKind.LINKS, HEAD, (left_id(zoe.scene.excluded), right_id(first)), (left_id(zoe.scene.failing), right_id(second))
        )
        join_all = pairs.join_all
        thief = models.Record.objects.create(connection=zoe.scene.left, kind="contacts", external_id="thief", observed_at=made.NOW)
        other = models.Record.objects.create(connection=zoe.scene.right, kind="customer", external_id="thief", observed_at=made.NOW)

        def late(**facts: Any) -> None:
            if end == "left":
                models.RecordPair.objects.filter(pk=zoe.scene.failing.pk).update(right=other)
            elif end == "right":
                models.RecordPair.objects.filter(pk=second.pk).update(left=thief)
            else:
                models.RecordPair.objects.filter(pk=second.pk).delete()
            join_all(**facts)

        monkeypatch.setattr(pairs, "join_all", late)

        assert zoe.refusal(draft) == imports.CHANGED

    def test_a_file_is_carried_out_once(self, zoe: Importer) -> None:
        draft = zoe.upload(ImportKind.EXCLUSIONS, HEAD, (left_id(zoe.scene.in_sync), ""))
        seen = imports.plan(draft=draft)
        zoe.carry_out(draft, seen)
        pairs.exclude(pair=zoe.scene.in_sync, excluded=False, now=zoe.now)

        assert zoe.refusal(draft, seen) == imports.OVER


class TestExclusions:
    head = (*HEAD, "excluded")

    def test_leave_out_and_take_in_by_either_id(self, zoe: Importer) -> None:
        scene = zoe.scene
        pairs.exclude(pair=scene.failing, excluded=True, now=zoe.now)
        draft = zoe.upload(
            ImportKind.EXCLUSIONS, self.head, (left_id(scene.waiting), "", "yes"), ("", right_id(scene.in_conflict), ""),
            (left_id(scene.failing), "", "No"), (left_id(scene.in_sync), right_id(scene.in_sync), "off"),
        )

        assert told(draft) == [
            (2, ImportOutcome.CHANGE, "Exclude “Eve”."), (3, ImportOutcome.CHANGE, "Exclude “Bea ↔ Bea Ltd”."),
            (4, ImportOutcome.CHANGE, "Take “Dan” in again."), (5, ImportOutcome.SAME, "“Ann ↔ Ann Ltd” is not excluded by hand."),
        ]
        zoe.carry_out(draft)

        assert set(models.RecordPair.objects.filter(excluded_by_hand=True)) == {scene.waiting, scene.in_conflict}
        assert set(models.RecordPair.objects.filter(dirty=True)) == {scene.waiting, scene.in_conflict, scene.failing}
        assert models.Operation.objects.get(pair=scene.waiting).status == OperationStatus.SUPERSEDED

    def test_need_no_column_that_says_so(self, zoe: Importer) -> None:
        zoe.carry_out(zoe.upload(ImportKind.EXCLUSIONS, ("quickbooks id",), (right_id(zoe.scene.in_sync),)))

        assert models.RecordPair.objects.get(excluded_by_hand=True) == zoe.scene.in_sync

    def test_name_what_is_wrong(self, zoe: Importer) -> None:
        scene = zoe.scene
        draft = zoe.upload(
            ImportKind.EXCLUSIONS, self.head, (left_id(scene.in_sync), right_id(scene.in_conflict), ""), ("", "", "yes"),
            (left_id(scene.in_sync), "", "maybe"), (left_id(scene.in_sync), "", ""), ("", right_id(scene.in_sync), "no"), ("404", "", ""),
        )

        assert [words for _, outcome, words in told(draft) if outcome is ImportOutcome.WRONG] == [
            "HubSpot record “Ann” and QuickBooks record “Bea Ltd” are not partners. Name one of them a line.",
            "Neither “hubspot id” nor “quickbooks id” is filled in. Name the record by one of them.",
            "“maybe” in the column “excluded” is neither yes nor no. Write one of the two.",
            "“Ann ↔ Ann Ltd” stands on line 5 already. Leave one of the two lines out.",
            "This sync knows no HubSpot record “404”. Correct the id, or run the sync so that it reads the record.",
        ]


class TestDrafts:
    def test_belong_to_who_uploaded_them(self, zoe: Importer) -> None:
        draft = zoe.upload(ImportKind.EXCLUSIONS, HEAD, (left_id(zoe.scene.in_sync), ""))

        with pytest.raises(imports.ImportRefused):
            imports.mine(owner=person("yan"), config=zoe.config, pk=draft.pk, now=zoe.now)
        with pytest.raises(imports.ImportRefused):
            imports.carry_out(draft=draft, seen=imports.plan(draft=draft).digest, actor=person("xia"), now=zoe.now)

    def test_belong_to_one_sync(self, zoe: Importer) -> None:
        draft = zoe.upload(ImportKind.LINKS, HEAD, ("1", "2"))
        other = models.SyncConfig.objects.create(name="Elsewhere", left=made.hubspot("222"), right=zoe.scene.right)

        with pytest.raises(imports.ImportRefused):
            imports.mine(owner=zoe.user, config=other, pk=draft.pk, now=zoe.now)

    def test_are_replaced_by_the_next_file_and_gone_after_an_hour(self, zoe: Importer) -> None:
        zoe.upload(ImportKind.LINKS, HEAD, ("1", "2"))
        second = zoe.upload(ImportKind.LINKS, HEAD, ("3", "4"))
        others = zoe.upload(ImportKind.EXCLUSIONS, HEAD, ("3", "4"))

        assert set(models.ImportDraft.objects.all()) == {second, others}
        zoe.now += timedelta(hours=1)
        with pytest.raises(imports.ImportRefused):
            imports.mine(owner=zoe.user, config=zoe.config, pk=second.pk, now=zoe.now)
        assert zoe.refusal(second) == imports.OVER
        assert imports.sweep(now=zoe.now - timedelta(seconds=1)) == 0
        assert imports.sweep(now=zoe.now) == 2

    def test_are_swept_by_the_queue(self, zoe: Importer) -> None:
        models.ImportDraft.objects.filter(pk=zoe.upload(ImportKind.LINKS, HEAD, ("1", "2")).pk).update(expires_at="2020-01-01T00:00:00Z")

        assert tasks.sweep_imports() == 1

    def test_keep_no_strange_characters_of_a_files_name(self, zoe: Importer) -> None:
        content = b"hubspot id,quickbooks id\n1,2\n"

        assert zoe.upload_file(ImportKind.LINKS, content, "a\r\nb\0\u202e" + "x" * 200 + ".csv").name == "x" * 96 + ".csv"
        assert zoe.upload_file(ImportKind.LINKS, content, "a\u202eb\n.csv").name == "ab.csv"
