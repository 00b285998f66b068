"""E-mail addresses, phone numbers and postal addresses: masked on every page for viewers, and found by no search of theirs."""

from __future__ import annotations

import html
from typing import Any

import pytest
from django.core import mail
from django.test import Client
from django.urls import reverse

from syncapp import models
from syncapp.engine import masking
from syncapp.engine.vocabulary import CareVerb, Digest, Direction, FieldType, NoticeKind, OperationKind, OperationStatus, PairState, Reason
from syncapp.services import notice_mail, personal, views
from tests.admin.conftest import signed_in
from tests.admin.scene import NOW, Scene
from tests.admin.test_every_page import PAGES
from tests.admin.test_roles import somebody

EMAIL, PHONE, STREET, CITY = "canary.mail@hidden.example", "+48 600 700 801", "Canary Street 17", "Canaryville"
SECRETS = (EMAIL, PHONE, STREET, CITY)
RECORDS = reverse("admin:syncapp_recordpair_changelist")


class Planted:
    """Personal values in every place where a page might show one."""

    def __init__(self, scene: Scene) -> None:
        self.scene, sides = scene, scene.sides
        self.street = self._mapped("address", "BillAddr.Line1")
        self.city = self._mapped("city", "BillAddr.City")
        self.phone = self._mapped("phone", "PrimaryPhone.FreeFormNumber")
        sides.left_fields["phone"].type = FieldType.PHONE
        self.pair = scene.in_conflict
        left = {"firstname": "Bea", "email": EMAIL, "address": STREET, "city": CITY, "phone": PHONE}
        right = {
            "GivenName": "Bea", "PrimaryEmailAddr.Address": EMAIL, "BillAddr.Line1": STREET, "BillAddr.City": CITY,
            "PrimaryPhone.FreeFormNumber": PHONE,
        }
        for record, values in ((self.pair.left, left), (self.pair.right, right)):
            assert record is not None
            models.Record.objects.filter(pk=record.pk).update(values=values, key1=EMAIL)
        nameless = scene.waiting.left
        assert nameless is not None
        models.Record.objects.filter(pk=nameless.pk).update(label=EMAIL, values=left, key1=EMAIL)
        self._pairs(left)
        self._history(left, right)
        models.Notice.objects.filter(pk=scene.notice.pk).update(words=f"Nobody answers {EMAIL} or {PHONE}.")

    def _mapped(self, left: str, right: str) -> models.FieldMapping:
        sides = self.scene.sides
        for fields, connection, kind, name in (
            (sides.left_fields, sides.left, "contacts", left), (sides.right_fields, sides.right, "customer", right)
        ):
            if name not in fields:
                fields[name] = models.VendorField.objects.create(connection=connection, kind=kind, name=name, label=name, writable=True)
        return sides.mapping(left, right, Direction.BOTH, position=9)

    def _pairs(self, values: dict[str, str]) -> None:
        scene = self.scene
        filtered = {"filters": {"LEFT": [{
            "group": "Near", "field": "city", "label": "City", "condition": "City is Warsaw", "seen": CITY,
            "sentence": f"Near: City is Warsaw — it is {CITY}",
        }]}}
        models.RecordPair.objects.filter(pk=scene.excluded.pk).update(detail=filtered)
        refused = {"code": "400", "field": "city", "words": f"{EMAIL} is refused, like {PHONE}", "values": {"city": CITY, "phone": PHONE}}
        models.RecordPair.objects.filter(pk=scene.failing.pk).update(detail=refused, reason=Reason.REFUSED)
        candidates = {"candidates": [self.pair.left.external_id if self.pair.left else ""]}
        models.RecordPair.objects.filter(pk=scene.waiting.pk).update(
            state=PairState.AMBIGUOUS, reason=Reason.SEVERAL_CANDIDATES, detail=candidates
        )
        base = {one.key: value for one, value in ((self.street, STREET), (self.city, CITY), (self.phone, PHONE))}
        models.RecordPair.objects.filter(pk=self.pair.pk).update(base_left={**base, scene.email.key: f"old.{EMAIL}"}, base_right=base)
        models.PairCare.objects.create(pair=self.pair, note=f"Call {PHONE}, write to {EMAIL}", noted_at=NOW)
        models.CareEvent.objects.create(pair=self.pair, verb=CareVerb.NOTED, words=f"Call {PHONE}", at=NOW)

    def _history(self, left: dict[str, str], right: dict[str, str]) -> None:
        scene = self.scene
        for mapping, value in ((scene.email, EMAIL), (self.street, STREET), (self.city, CITY), (self.phone, PHONE)):
            models.Conflict.objects.create(pair=self.pair, key=mapping.key, field_label=str(mapping), base=value, left=value, right=value)
        for run in (scene.run, scene.preview, scene.braked):
            scene._entry(
                run, self.pair, OperationStatus.SENDING if run == scene.run else OperationStatus.DONE, OperationKind.UPDATE,
                ["An", "Ann"], error_words=f"{EMAIL} is refused", note=f"Seen {PHONE}", sent_at=NOW,
            )
        changes = {name: [value, value] for name, value in right.items()}
        models.Operation.objects.filter(pair=self.pair).update(changes=changes, whys={"BillAddr.City": f"{EMAIL} was changed."})


@pytest.fixture
def planted(scene: Scene) -> Planted:
    return Planted(scene)


def pages(planted: Planted) -> dict[str, str]:
    scene = planted.scene
    pair = {f"pair {one.pk}": reverse("admin:syncapp_recordpair_change", args=[one.pk]) for one in models.RecordPair.objects.all()}
    tried = reverse("admin:syncapp_fieldmapping_change", args=[planted.city.pk]) + f"?record=Bea&pair={planted.pair.pk}"
    partner = reverse("admin:syncapp_recordpair_change", args=[scene.failing.pk]) + "?partner=Bea&partner_side=RIGHT"
    return {**{name: page(scene) for name, page in PAGES.items()}, **pair, "tried": tried, "partner": partner}


def leaks(client: Client, planted: Planted) -> dict[str, list[str]]:
    """The personal values that each page shows to somebody."""
    found = {}
    for name, url in pages(planted).items():
        answer = client.get(url)
        if answer.status_code == 200:
            shown = html.unescape(answer.content.decode())
            found[name] = [secret for secret in SECRETS if secret in shown]
    return found


def with_columns(user: Any, planted: Planted) -> None:
    """Have a person's list show every field that there is."""
    keys = ["left_name", "right_name", "why", "note", *(f"left:{name}" for name in ("email", "phone", "address", "city"))]
    views.remember(user=user, config=planted.scene.config, keys=keys)


class TestPages:
    def test_show_a_viewer_no_personal_value_anywhere(self, planted: Planted) -> None:
        viewer = somebody("Viewer")
        with_columns(viewer, planted)

        found = leaks(signed_in(viewer), planted)

        assert len(found) > 30
        assert {name: secrets for name, secrets in found.items() if secrets} == {}

    def test_show_an_operator_all_of_them(self, planted: Planted) -> None:
        operator = somebody("Operator")
        with_columns(operator, planted)

        found = leaks(signed_in(operator), planted)

        for name in ("pairs", f"pair {planted.pair.pk}", "conflicts", "run", "unknown outcomes", "notices", "notice", "overview"):
            assert found[name], name
        assert set(found[f"pair {planted.pair.pk}"]) == set(SECRETS)
        assert {EMAIL, PHONE, STREET, CITY} == set(found["pairs"])

    def test_say_that_something_is_masked_and_keep_names(self, planted: Planted) -> None:
        shown = signed_in(somebody("Viewer")).get(reverse("admin:syncapp_recordpair_change", args=[planted.pair.pk])).content.decode()

        assert masking.MASK in shown
        assert "Bea" in shown

    def test_do_not_let_a_viewer_test_filters_which_shows_values(self, planted: Planted) -> None:
        answer = signed_in(somebody("Viewer")).post(reverse("admin:syncapp_syncconfig_filters", args=[planted.scene.config.pk]))

        assert answer.status_code == 403


class TestSearch:
    @pytest.mark.parametrize("word", ["canary.mail", "hidden.example", EMAIL])
    def test_finds_an_address_for_an_operator_and_nothing_for_a_viewer(self, word: str, planted: Planted) -> None:
        found = {
            role: signed_in(somebody(role)).get(RECORDS, {"q": word}).context["cl"].result_count for role in ("Viewer", "Operator")
        }

        assert found["Viewer"] == 0
        assert found["Operator"] >= 2

    @pytest.mark.parametrize(
        ("page", "name"),
        [
            ("admin:syncapp_conflict_changelist", "q"), ("admin:syncapp_notice_changelist", "q"),
            ("admin:syncapp_recordpair_changelist", "related"),
        ],
    )
    def test_tells_a_viewer_nothing_by_what_it_finds(self, page: str, name: str, planted: Planted) -> None:
        models.Conflict.objects.update(pair=planted.scene.waiting)
        viewer = signed_in(somebody("Viewer"))

        right, wrong = (viewer.get(reverse(page), {name: word}).context["cl"].result_count for word in ("canary.mail", "nobody.there"))

        assert right == wrong

    def test_of_entries_tells_a_viewer_nothing_either(self, planted: Planted) -> None:
        models.Operation.objects.filter(run=planted.scene.run, status=OperationStatus.DONE).update(pair=planted.scene.waiting)
        run = reverse("admin:syncapp_syncrun_change", args=[planted.scene.run.pk])

        found = {role: len(signed_in(somebody(role)).get(run, {"q": "canary.mail"}).context["sheet"]) for role in ("Viewer", "Operator")}

        assert found["Viewer"] == 0
        assert found["Operator"] > 0


def test_history_of_a_pair_is_for_those_who_may_see_what_was_typed(planted: Planted) -> None:
    page = reverse("admin:syncapp_recordpair_history", args=[planted.pair.pk])

    assert signed_in(somebody("Viewer")).get(page).status_code == 403
    assert signed_in(somebody("Operator")).get(page).status_code == 200


def test_mail_about_a_notice_is_masked_for_its_reader(planted: Planted) -> None:
    for role in ("Viewer", "Operator"):
        user = somebody(role)
        type(user).objects.filter(pk=user.pk).update(email=f"{role.lower()}@example.com")
        kinds = [NoticeKind.BRAKE]
        personal.save(user=user, time_zone="", language="", at_once=kinds, digest=Digest.NEVER, in_summary=(), digest_hour=8)
        kept = models.NoticeMail.objects.create(user=user, notice=planted.scene.notice, created_at=NOW)
        notice_mail.send(mail_id=kept.pk)

    sent = {one.to[0]: f"{one.subject} {one.body}" for one in mail.outbox}
    assert EMAIL in sent["operator@example.com"]
    assert EMAIL not in sent["viewer@example.com"] and PHONE not in sent["viewer@example.com"]
    assert masking.MASK in sent["viewer@example.com"]


class TestMeaning:
    @pytest.mark.parametrize(
        "name",
        [
            "email", "hs_email_domain", "work_email", "phone", "mobilephone", "fax", "address", "address2", "city", "zip", "state",
            "country",
            "PrimaryEmailAddr.Address", "PrimaryPhone.FreeFormNumber", "Mobile.FreeFormNumber", "BillAddr.Line1", "BillAddr.PostalCode",
            "BillAddr.CountrySubDivisionCode", "ShipAddr.City", "companies.phone",
        ],
    )
    def test_of_a_field_is_known_by_its_name(self, name: str) -> None:
        assert masking.is_personal(name=name)

    @pytest.mark.parametrize(
        "name", ["firstname", "DisplayName", "company", "amount", "hs_invoice_status", "dealstage", "TotalAmt", "statement_of_account"]
    )
    def test_of_others_is_not(self, name: str) -> None:
        assert not masking.is_personal(name=name)

    def test_is_known_by_the_type_of_a_field_of_ones_own(self) -> None:
        assert masking.is_personal(name="how_to_reach", type=FieldType.PHONE)

    def test_holds_only_within(self) -> None:
        with masking.within(masked=True):
            assert masking.text("Ask ann@example.com or +48 600 700 800.") == "Ask ••• or •••."
        assert masking.text("Ask ann@example.com.") == "Ask ann@example.com."


