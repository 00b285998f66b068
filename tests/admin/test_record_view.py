"""The list of records: what it shows, its filters, the columns that people choose, and the views they keep."""

from __future__ import annotations

import re
from datetime import timedelta
from html.parser import HTMLParser
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from pytest_django.fixtures import Settings

from syncapp import models
from syncapp.engine.vocabulary import PairState
from syncapp.selectors import pair_lists
from tests.admin.conftest import OPERATOR, signed_in
from tests.admin.scene import NOW, Scene, person
from tests.admin.test_buttons import said
from tests.services import made

LIST = reverse("admin:syncapp_recordpair_changelist")
COLUMNS = reverse("admin:syncapp_recordpair_columns")
USE = reverse("admin:syncapp_recordpair_columns_use")
SAVE = reverse("admin:syncapp_recordpair_view_save")


class Table(HTMLParser):
    """The headings and cells of the list, and where its links lead."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.headings: list[str] = []
        self.lines: list[list[str]] = []
        self.links: list[str] = []
        self._text = ""
        self._inside = False
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        facts = {name: value or "" for name, value in attrs}
        if tag == "table":
            self._inside = facts.get("id") == "result_list"
        if not self._inside:
            return
        if tag == "tr":
            self.lines.append([])
        if tag in ("th", "td"):
            self._text = ""
        if tag == "a":
            self.links.append(facts.get("href", ""))

    def handle_endtag(self, tag: str) -> None:
        if tag == "table":
            self._inside = False
        if self._inside and tag in ("th", "td"):
            self.lines[-1].append(" ".join(self._text.split()))

    def handle_data(self, data: str) -> None:
        self._text += data


def listed(client: Client, query: str = "") -> Table:
    answer = client.get(f"{LIST}?{query}")
    assert answer.status_code == 200
    table = Table(answer.content.decode())
    table.headings = table.lines[0] if table.lines else []
    table.lines = [line for line in table.lines[1:] if line]
    return table


def names(client: Client, query: str = "") -> list[str]:
    """The HubSpot records of the list."""
    table = listed(client, query)
    if not table.lines:
        return []
    at = table.headings.index("HubSpot record")
    return [line[at].strip() for line in table.lines]


def places(*keys: str) -> dict[str, str]:
    return {f"place:{key}": str(place) for place, key in enumerate(keys, start=1)}


@pytest.fixture
def reachable(settings: Settings) -> None:
    """Both vendors have pages that records can be seen on."""
    settings.LOCAL_SANDBOX_HUBSPOT_URL = "http://127.0.0.1:8801"
    settings.LOCAL_SANDBOX_QUICKBOOKS_URL = "http://127.0.0.1:8802"


class TestTable:
    def test_shows_pairs_with_state_names_links_change_and_reason(self, scene: Scene, bob: Client, reachable: None) -> None:
        table = listed(bob)

        assert table.headings[1:] == [
            "Standing", "HubSpot record", "In HubSpot", "QuickBooks record", "In QuickBooks", "Last change", "Why", "Sync",
        ]
        failing = next(line for line in table.lines if "Dan" in line)
        assert failing[1:] == [
            "Failing", "Dan", "open_in_new", "none yet", "—", "2026-11-26 09:30 UTC", failing[7], "Contacts",
        ]
        assert "belongs to Ann Ltd" in failing[7]
        assert [link for link in table.links if link.startswith("http://127.0.0.1:8801")] != []
        assert [link for link in table.links if link.startswith("http://127.0.0.1:8802")] != []
        assert f"{LIST}{scene.failing.pk}/change/" in [link.partition("?")[0] for link in table.links]

    def test_needs_no_more_queries_for_more_pairs(self, scene: Scene, alice: Client) -> None:
        models.SavedView.objects.create(
            owner=User.objects.get(username="alice"), config=scene.config,
            columns=["left_name", "left_page", "right_page", "changed", "left:email", "left:companies.name", "right:DisplayName"],
        )
        alice.get(LIST)
        few = self.number_of_queries(alice)
        for number in range(40):
            scene._pair(f"P{number}", f"P{number} Ltd", PairState.LINKED)

        many = self.number_of_queries(alice)

        assert (many, many < 30) == (few, True)

    def number_of_queries(self, client: Client) -> int:
        with CaptureQueriesContext(connection) as found:
            client.get(LIST)
        return len(found)


class TestFilters:
    @pytest.mark.parametrize(
        ("query", "expected"),
        [
            ("standing=FAILING", ["Dan"]),
            ("state__exact=FROZEN", ["Cal"]),
            ("reason__exact=NAME_TAKEN", ["Dan"]),
            ("code=6240", ["Dan"]),
            ("reason__exact=NAME_TAKEN&code=1", []),
            ("synced_from=2026-11-26", ["Ann"]),
            ("synced_from=2026-11-27", []),
            ("synced_to=2026-11-26", ["Ann"]),
            ("changed_from=2026-11-27", []),
            ("changed_from=2026-11-26&changed_to=2026-11-26&standing=WAITING", ["Eve"]),
            ("q=Ann+Ltd", ["Ann"]),
            ("q=Dan&standing=WAITING", []),
        ],
    )
    def test_narrow_the_list(self, scene: Scene, bob: Client, query: str, expected: list[str]) -> None:
        assert names(bob, query) == expected

    @pytest.mark.parametrize("words", ["roof", "ROOF", "501", "Roof+Ltd"])
    @pytest.mark.parametrize("backwards", [False, True])
    def test_narrow_it_by_what_a_record_is_associated_with(self, scene: Scene, bob: Client, words: str, backwards: bool) -> None:
        contact = scene.failing.left
        assert contact is not None
        company = models.Record.objects.create(
            connection=scene.left, kind="companies", external_id="501", label="Roof Ltd", observed_at=made.NOW
        )
        ends = [(contact.kind, contact.external_id), (company.kind, company.external_id)]
        (from_kind, from_id), (to_kind, to_id) = reversed(ends) if backwards else ends
        models.RecordLink.objects.create(connection=scene.left, from_kind=from_kind, from_id=from_id, to_kind=to_kind, to_id=to_id)

        assert names(bob, f"related={words}") == ["Dan"]
        assert names(bob, "related=cellar") == []
        assert "Associated with: roof" in list(pair_lists.described(pair_lists.read("related=roof", me=None)))

    def test_narrow_it_to_one_sync(self, scene: Scene, bob: Client) -> None:
        shop = made.Shop()

        assert len(names(bob, f"config__id__exact={scene.config.pk}")) == 5
        assert names(bob, f"config__id__exact={shop.config.pk}") == []

    def test_go_by_the_later_change_of_the_two_records(self, scene: Scene, bob: Client) -> None:
        models.Record.objects.filter(pk=scene.in_sync.right_id).update(remote_updated_at=NOW + timedelta(days=3))

        assert names(bob, "changed_from=2026-11-28") == ["Ann"]
        assert "Ann" not in names(bob, "changed_to=2026-11-28")

    def test_find_an_e_mail_address_on_either_side(self, scene: Scene, bob: Client) -> None:
        models.Record.objects.filter(pk=scene.in_conflict.right_id).update(key1="beate@example.org")

        assert names(bob, "q=beate@example") == ["Bea"]

    def test_stand_above_the_table_with_what_was_chosen(self, scene: Scene, bob: Client) -> None:
        page = bob.get(f"{LIST}?standing=FAILING&changed_from=2026-11-26&q=Dan").content.decode()

        assert page.index('name="standing"') < page.index('id="result_list"')
        assert '<option value="FAILING" selected>' in page
        assert re.search(r'name="changed_from" value="2026-11-26"', page)
        assert re.search(r'name="q" value="Dan"', page)

    @pytest.mark.parametrize("query", ["base_left__contains=a", "left__values__email=x", "nonsense=1"])
    def test_take_no_others(self, scene: Scene, bob: Client, query: str) -> None:
        assert bob.get(f"{LIST}?{query}").status_code == 400

    @pytest.mark.parametrize(
        "query", ["changed_from=never", "config__id__exact=x", "config__id__exact=99999999999999999999", "view=x", "view=77", "code=%00"]
    )
    def test_ignore_what_cannot_be(self, scene: Scene, bob: Client, query: str) -> None:
        assert len(names(bob, query)) == 5


class TestColumns:
    def test_are_chosen_and_put_in_order(self, scene: Scene, bob: Client) -> None:
        answer = bob.post(USE, {"query": "standing=IN_SYNC", **places("right:DisplayName", "left_name", "left:email")})

        assert answer.headers["Location"] == f"{LIST}?standing=IN_SYNC&config__id__exact={scene.config.pk}"
        table = listed(bob, "standing=IN_SYNC")
        assert table.headings[1:] == ["QuickBooks: Displayname", "HubSpot record", "HubSpot: Email"]
        assert table.lines[0][1:] == ["Ann Ltd", "Ann", "Ann@example.com"]

    def test_go_by_the_numbers_that_are_typed(self, scene: Scene, bob: Client) -> None:
        bob.post(USE, {"place:left_name": "20", "place:standing": "3", "place:why": "", "place:sync": "0", "place:changed": "x"})

        assert listed(bob).headings[1:] == ["Standing", "HubSpot record"]

    def test_are_remembered_for_each_person(self, scene: Scene, bob: Client, alice: Client) -> None:
        bob.post(USE, places("left_name"))

        assert listed(bob).headings[1:] == ["HubSpot record"]
        assert len(listed(alice).headings) == 9

    def test_are_the_usual_ones_where_none_are_left(self, scene: Scene, bob: Client) -> None:
        bob.post(USE, {"place:nonsense": "1"})

        assert len(listed(bob).headings) == 9

    def test_lead_to_the_pair_where_no_name_is_shown(self, scene: Scene, bob: Client) -> None:
        bob.post(USE, places("left:email", "standing"))

        assert f"{LIST}{scene.in_sync.pk}/change/" in [link.partition("?")[0] for link in listed(bob).links]

    def test_are_offered_from_the_fields_that_the_sync_reads(self, scene: Scene, bob: Client) -> None:
        page = bob.get(COLUMNS).content.decode()

        assert all(f'name="place:{key}"' in page for key in ("left:email", "left:companies.name", "right:DisplayName", "changed", "why"))
        assert 'name="place:left:fax"' not in page
        assert 'name="place:right:Balance"' not in page

    def test_of_one_sync_are_asked_for_where_there_are_several(self, scene: Scene, bob: Client) -> None:
        made.Shop()

        assert 'name="place:left:email"' not in bob.get(COLUMNS).content.decode()
        page = bob.get(f"{COLUMNS}?config__id__exact={scene.config.pk}&standing=FAILING").content.decode()
        assert 'name="place:left:email"' in page
        assert '<input type="hidden" name="standing" value="FAILING">' in page

    def test_of_one_sync_are_empty_for_the_records_of_another(self, scene: Scene, alice: Client) -> None:
        shop = made.Shop()
        record = models.Record.objects.create(
            connection=shop.left, kind="products", external_id="p1", label="Lamp", values={"email": "no"}, observed_at=NOW
        )
        models.RecordPair.objects.create(config=shop.config, left=record)
        view = models.SavedView.objects.create(
            owner=User.objects.get(username="alice"), name="Both", config=scene.config, columns=["left_name", "left:email"]
        )

        lines = listed(alice, f"view={view.pk}").lines

        assert {tuple(line[1:]) for line in lines} >= {("Lamp", "—"), ("Ann", "Ann@example.com")}

    def test_link_to_web_addresses_only(self, scene: Scene, bob: Client) -> None:
        website = scene.sides.left_fields["website"]
        models.FieldMapping.objects.create(config=scene.config, left_field=website, right_field=scene.sides.right_fields["WebAddr.URI"])
        for record, url in ((scene.in_sync.left, "https://ann.example"), (scene.in_conflict.left, "javascript:alert(1)")):
            record.values["website"] = url
            record.save()
        bob.post(USE, places("left_name", "left:website"))

        table = listed(bob)

        assert "https://ann.example" in table.links
        assert [link for link in table.links if link.startswith("javascript")] == []

    def test_escape_what_vendors_send(self, scene: Scene, bob: Client) -> None:
        scene.in_sync.left.values["email"] = "<img src=x>"
        scene.in_sync.left.save()
        bob.post(USE, places("left:email"))

        assert "<img src=x>" not in bob.get(LIST).content.decode()


class TestViews:
    def save(self, client: Client, name: str = "Broken", *, query: str = "standing=FAILING", **more: str) -> models.SavedView:
        answer = client.post(SAVE, {"query": query, "name": name, **places("left_name", "left:email"), **more})
        assert "is saved" in said(answer), said(answer)
        return models.SavedView.objects.get(name=name)

    def test_keep_columns_and_filters(self, scene: Scene, bob: Client) -> None:
        view = self.save(bob)

        page = bob.get(LIST).content.decode()
        opened = f"{view.query}&view={view.pk}"
        assert opened.replace("&", "&amp;") in page
        assert listed(bob, opened).headings[1:] == ["HubSpot record", "HubSpot: Email"]
        assert names(bob, opened) == ["Dan"]

    def test_are_private_unless_shared(self, scene: Scene, bob: Client, alice: Client) -> None:
        view = self.save(bob)
        assert "Broken" not in alice.get(LIST).content.decode()
        assert len(listed(alice, f"view={view.pk}").headings) == 9

        self.save(bob, query=f"standing=FAILING&view={view.pk}", change="1", shared="1")

        assert "Broken" in alice.get(LIST).content.decode()
        assert listed(alice, f"view={view.pk}").headings[1:] == ["HubSpot record", "HubSpot: Email"]

    def test_are_changed_by_their_owner(self, scene: Scene, bob: Client) -> None:
        view = self.save(bob)

        self.save(bob, "Left out", query=f"standing=EXCLUDED&view={view.pk}", change="1")

        changed = models.SavedView.objects.get(pk=view.pk)
        assert (changed.name, changed.query) == ("Left out", "standing=EXCLUDED")

    def test_are_not_changed_or_deleted_by_others(self, scene: Scene, bob: Client, alice: Client) -> None:
        view = self.save(alice, shared="1")

        changed = bob.post(SAVE, {"query": f"view={view.pk}", "name": "Mine", "change": "1", **places("left_name")})
        deleted = bob.post(reverse("admin:syncapp_recordpair_view_delete", args=[view.pk]))

        assert "somebody else" in said(changed)
        assert "somebody else" in said(deleted)
        assert models.SavedView.objects.get(pk=view.pk).name == "Broken"
        assert "Delete the view" not in bob.get(f"{COLUMNS}?view={view.pk}").content.decode()

    def test_that_are_private_are_not_there_for_others(self, scene: Scene, bob: Client, alice: Client) -> None:
        view = self.save(alice)

        assert bob.post(reverse("admin:syncapp_recordpair_view_delete", args=[view.pk])).status_code == 404

    def test_are_deleted_without_touching_a_record(self, scene: Scene, bob: Client) -> None:
        view = self.save(bob)

        answer = bob.post(reverse("admin:syncapp_recordpair_view_delete", args=[view.pk]))

        assert "is deleted" in said(answer)
        assert (models.SavedView.objects.count(), models.RecordPair.objects.count()) == (0, 5)

    @pytest.mark.parametrize(("name", "words"), [("", "Give the view a name"), ("Broken", "You have a view called")])
    def test_are_refused_in_words(self, scene: Scene, bob: Client, name: str, words: str) -> None:
        self.save(bob)

        answer = bob.post(SAVE, {"name": name, **places("left_name")})

        assert words in said(answer)
        assert models.SavedView.objects.count() == 1


@pytest.mark.parametrize("url", [COLUMNS, USE, SAVE, reverse("admin:syncapp_recordpair_view_delete", args=[1])])
class TestDoors:
    def test_are_closed_to_those_without_permission(self, url: str, scene: Scene, charlie: Client) -> None:
        assert charlie.post(url).status_code == 403

    def test_ask_for_a_sign_in(self, url: str, scene: Scene, nobody: Client) -> None:
        assert nobody.post(url).headers["Location"].startswith("/login/")

    def test_refuse_a_post_from_elsewhere(self, url: str, scene: Scene, alice: Client) -> None:
        alice.handler.enforce_csrf_checks = True

        assert alice.post(url).status_code == 403

    def test_change_nothing_when_opened(self, url: str, scene: Scene, alice: Client) -> None:
        assert alice.get(url).status_code == (200 if url == COLUMNS else 405)
        assert models.SavedView.objects.count() == 0


def test_a_person_who_may_only_look_sees_views_and_no_export(scene: Scene, db: Any) -> None:
    viewer = signed_in(person("vera", *OPERATOR[:3]))

    page = viewer.get(LIST).content.decode()

    assert "Edit columns" in page
    assert 'name="format"' not in page
