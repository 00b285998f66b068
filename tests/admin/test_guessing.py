"""What a person may not see cannot be guessed: by no comparison in an address, picker, search, date or history."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib import admin
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.auth.models import User
from django.contrib.contenttypes.models import ContentType
from django.test import Client
from django.urls import reverse

from syncapp import models
from syncapp.services import roles
from tests.admin.conftest import signed_in
from tests.admin.scene import NOW, Scene
from tests.admin.test_roles import somebody

LISTS = {
    model: reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")
    for model in admin.site._registry if model is not models.PersonalSettings
}
SECRET = {
    models.Connection: ["credential__access_token__startswith=a", "credential__refresh_token__isnull=0", "external_id__startswith=1"],
    models.SyncConfig: ["left__credential__access_token__startswith=a", "right__external_id__startswith=9", "name__regex=(a%2B)%2B$"],
    models.SyncRun: ["config__left__credential__access_token__startswith=a", "actor__password__startswith=p", "words__regex=(a%2B)%2B$"],
    models.RecordPair: ["left__values__email__startswith=a", "left__key1__startswith=a", "config__left__credential__isnull=0"],
    models.Conflict: ["left__startswith=a", "pair__left__key1__startswith=a", "pair__left__values__email=a", "decided_by__password__gt=a"],
    models.Notice: ["words__icontains=canary", "words__regex=(a%2B)%2B$", "user__password__startswith=p", "subject__startswith=a"],
    models.VendorField: ["connection__credential__access_token__startswith=a", "label__regex=(a%2B)%2B$"],
    models.FieldMapping: ["config__left__credential__access_token__startswith=a", "key__startswith=a"],
    models.ExportFile: ["owner__password__startswith=p", "file__startswith=a", "query__contains=a"],
    models.ExportSchedule: ["owner__password__startswith=p", "view__query__contains=a"],
    models.AuditEntry: ["person__startswith=a", "changes__contains=a", "hash__startswith=a"],
    User: ["password__startswith=p", "email__startswith=a", "logentry__change_message__contains=a", "groups__permissions__codename=x"],
}


@pytest.fixture
def people(scene: Scene) -> dict[str, Client]:
    return {role: signed_in(somebody(role)) for role in roles.ROLES} | {"Superuser": signed_in(User.objects.create_superuser("chief"))}


class TestAddressOfAList:
    @pytest.mark.parametrize(("model", "lookups"), SECRET.items(), ids=lambda one: getattr(one, "__name__", ""))
    def test_takes_no_comparison_that_no_filter_offers(self, model: Any, lookups: list[str], people: dict[str, Client]) -> None:
        found = {
            f"{who}: {lookup}": answer.status_code
            for who, client in people.items() for lookup in lookups
            if (answer := client.get(f"{LISTS[model]}?{lookup}")).status_code not in (400, 403)
        }

        assert found == {}

    def test_is_tried_for_every_list(self) -> None:
        assert {model.__name__ for model in LISTS} - {model.__name__ for model in SECRET} == {"Group"}

    @pytest.mark.parametrize("parameter", ["_to_field=password", "_to_field=credential", "_popup=1&_to_field=words"])
    def test_names_no_field_to_give_back(self, parameter: str, people: dict[str, Client]) -> None:
        for model in (models.Connection, models.Notice, models.SyncRun):
            assert {client.get(f"{LISTS[model]}?{parameter}").status_code for client in people.values()} == {400}, model

    @pytest.mark.parametrize(
        ("model", "query"),
        [
            (models.SyncRun, "state__exact=BRAKED"), (models.SyncRun, "config__id__exact={config}"), (models.SyncRun, "held=yes"),
            (models.SyncRun, "created_at__gte=2026-01-01+00:00Z&created_at__lt=2030-01-01+00:00Z"),
            (models.Conflict, "pair__config__id__exact={config}"),
            (models.Conflict, "field_label=First+name"), (models.Notice, "kind__exact=BRAKE&urgent__exact=1"),
            (models.Notice, "created_at__year=2026"), (models.SyncConfig, "active__exact=0"), (models.Connection, "system__exact=HUBSPOT"),
            (models.VendorField, "connection__id__exact={left}"), (models.FieldMapping, "config__id__exact={config}"),
        ],
    )
    def test_takes_what_the_filters_ask_for(self, model: Any, query: str, scene: Scene, people: dict[str, Client]) -> None:
        asked = query.format(config=scene.config.pk, left=scene.left.pk)

        assert {client.get(f"{LISTS[model]}?{asked}").status_code for client in people.values()} == {200}


class TestPicker:
    PICKER = reverse("admin:autocomplete")

    @pytest.mark.parametrize(
        "asked",
        [
            "app_label=syncapp&model_name=syncrun&field_name=actor", "app_label=syncapp&model_name=notice&field_name=user",
            "app_label=syncapp&model_name=exportfile&field_name=owner", "app_label=auth&model_name=user&field_name=groups",
            "app_label=syncapp&model_name=recordpair&field_name=left",
        ],
    )
    def test_tells_nothing_of_what_is_for_others(self, asked: str, people: dict[str, Client]) -> None:
        assert {who: people[who].get(f"{self.PICKER}?{asked}&term=a").status_code for who in ("Viewer", "Operator")} == {
            "Viewer": 403, "Operator": 403,
        }

    def test_of_a_field_tells_words_of_the_vendor_and_no_value(self, scene: Scene, people: dict[str, Client]) -> None:
        asked = f"app_label=syncapp&model_name=fieldmapping&field_name=left_field&term=mail&connection={scene.left.pk}&kind=contacts"

        answer = people["Viewer"].get(f"{self.PICKER}?{asked}")

        assert "Ann@example.com" not in answer.content.decode()


class TestOthersThings:
    @pytest.fixture
    def erins(self, scene: Scene) -> dict[str, Any]:
        notice = models.Notice.objects.create(subject="erins", words="For Erin's eyes alone.", user=scene.erin)
        export = models.ExportFile.objects.create(owner=scene.erin, name="Erin's list", format="CSV", columns=["left_name"])
        for thing in (notice, export):
            LogEntry.objects.create(
                user=scene.erin, content_type=ContentType.objects.get_for_model(thing), object_id=str(thing.pk), object_repr="Erin's",
                action_flag=CHANGE, change_message="For Erin's eyes alone.",
            )
        return {"notice": notice, "exportfile": export}

    @pytest.mark.parametrize("query", ["", "?q=Erin", "?shown=all", "?created_at__year={year}", "?o=1", "?q=eyes&o=-2"])
    def test_are_in_no_list_however_it_is_asked(self, query: str, erins: dict[str, Any], people: dict[str, Client]) -> None:
        year = erins["notice"].created_at.year
        for who in roles.ROLES:
            for name in ("notice", "exportfile"):
                page = people[who].get(reverse(f"admin:syncapp_{name}_changelist") + query.format(year=year)).content.decode()
                assert "eyes alone" not in page and "s list" not in page, (who, name)

    def test_have_no_history_for_others(self, erins: dict[str, Any], people: dict[str, Client]) -> None:
        for who in roles.ROLES:
            for name, thing in erins.items():
                answer = people[who].get(reverse(f"admin:syncapp_{name}_history", args=[thing.pk]))
                assert answer.status_code == 302
                assert "eyes alone" not in answer.content.decode()

    def test_are_not_found_by_the_search_of_all_pages(self, erins: dict[str, Any], people: dict[str, Client]) -> None:
        for query in ("s=erin", "s=erin&extended=1", "s=ann&extended=1"):
            page = people["Viewer"].get(f"{reverse('admin:search')}?{query}").content.decode()
            assert "Erin" not in page and "Ann" not in page


def test_dates_above_a_list_tell_of_no_day_of_others(scene: Scene, people: dict[str, Client]) -> None:
    models.Notice.objects.filter(pk=scene.notice.pk).update(created_at=NOW)
    hidden = models.Notice.objects.create(subject="erins", words="x", user=scene.erin)
    models.Notice.objects.filter(pk=hidden.pk).update(created_at=NOW.replace(year=2019))

    assert "2019" not in people["Viewer"].get(LISTS[models.Notice]).content.decode()
