"""The pages about the settings of a sync as a file: who may open them, and what they tell."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from syncapp import models
from syncapp.services import configs, import_files, settings_files
from tests.admin.conftest import signed_in
from tests.admin.filled import FilledPage
from tests.admin.scene import Scene, person
from tests.admin.test_buttons import said
from tests.admin.test_imports import carried_out, page
from tests.services import made
from tests.services.dressed import dressed

MOST_QUERIES = 12


def address(scene: Scene, name: str, *more: object) -> str:
    return reverse(f"admin:syncapp_syncconfig_{name}", args=[scene.config.pk, *more])


def text(scene: Scene) -> str:
    return settings_files.text(config=models.SyncConfig.objects.get(pk=scene.config.pk))


def sent(client: Client, url: str, content: str | bytes, **more: object) -> Any:
    raw = content.encode() if isinstance(content, str) else content
    return client.post(url, {"file": SimpleUploadedFile("settings.json", raw), **more})


@pytest.fixture
def scene(db: Any) -> Scene:
    """With two versions: as it was found, and with a brake that alice changed."""
    scene = Scene()
    configs.begin_change(config=scene.config, now=made.NOW)
    models.SyncConfig.objects.filter(pk=scene.config.pk).update(brake_creates=9)
    configs.save_rules(config=scene.config, actor=person("gina"), now=made.NOW)
    return scene


@pytest.fixture
def viewer(db: Any) -> Client:
    return signed_in(person("vic", "syncapp.view_syncconfig"))


PAGES = {"settings_file": (), "compare": (), "versions": (), "version": (1,), "differences": ()}


class TestWhoMay:
    @pytest.mark.parametrize("name", PAGES)
    def test_look(self, name: str, scene: Scene, alice: Client, viewer: Client, charlie: Client, nobody: Client) -> None:
        url = address(scene, name, *PAGES[name]) + ("?from=1&to=2" if name == "differences" else "")

        assert [client.get(url).status_code for client in (alice, viewer, charlie, nobody)] == [200, 200, 403, 302]

    def test_take_over(self, scene: Scene, alice: Client, bob: Client, viewer: Client, charlie: Client, nobody: Client) -> None:
        change = address(scene, "import", "settings")

        assert [client.get(change).status_code for client in (alice, bob, viewer, charlie, nobody)] == [200, 403, 403, 403, 302]
        assert [sent(client, change, text(scene)).status_code for client in (bob, viewer, charlie, nobody)] == [403, 403, 403, 302]
        assert not models.ImportDraft.objects.exists()

    def test_take_a_version_back(self, scene: Scene, alice: Client, bob: Client, viewer: Client, charlie: Client, nobody: Client) -> None:
        back = address(scene, "take_back", 1)

        assert [client.post(back).status_code for client in (bob, viewer, charlie, nobody)] == [403, 403, 403, 302]
        assert not models.ImportDraft.objects.exists()
        assert alice.get(back).status_code == 405
        assert alice.post(back).status_code == 302

    def test_set_up_a_new_sync(self, scene: Scene, alice: Client, bob: Client, viewer: Client, charlie: Client, nobody: Client) -> None:
        url = reverse("admin:syncapp_syncconfig_from_file")

        assert [client.get(url).status_code for client in (alice, bob, viewer, charlie, nobody)] == [200, 403, 403, 403, 302]
        assert [sent(client, url, b"{}").status_code for client in (bob, viewer, charlie, nobody)] == [403, 403, 403, 302]

    def test_find_it_on_the_page_of_the_sync(self, scene: Scene, alice: Client, viewer: Client) -> None:
        shown = [page(client, address(scene, "change")) for client in (alice, viewer)]

        for name in ("settings_file", "compare", "versions"):
            assert [address(scene, name) in one for one in shown] == [True, True]
        assert [address(scene, "import", "settings") in one for one in shown] == [True, False]


class TestDownload:
    def test_is_the_file(self, scene: Scene, viewer: Client) -> None:
        answer = viewer.get(address(scene, "settings_file"))

        assert answer.content.decode() == text(scene)
        assert answer.headers["Content-Disposition"] == 'attachment; filename="contacts-settings.json"'
        assert answer.headers["Content-Type"] == "application/json; charset=utf-8"

    def test_of_a_version_is_the_file_as_it_was(self, scene: Scene, viewer: Client) -> None:
        answer = viewer.get(address(scene, "version", 1))

        assert answer.content.decode() == text(scene).replace('"brake_creates": 9', '"brake_creates": 50')
        assert answer.headers["Content-Disposition"] == 'attachment; filename="contacts-settings-1.json"'
        assert viewer.get(address(scene, "version", 3)).status_code == 404


class TestCompare:
    def test_shows_what_differs_and_changes_nothing(self, scene: Scene, viewer: Client) -> None:
        before = text(scene)

        shown = sent(viewer, address(scene, "compare"), before.replace('"brake_creates": 9', '"brake_creates": 3')).content.decode()

        assert "<td>Brake: records created</td><td>9</td><td>3</td>" in shown
        assert text(scene) == before
        assert not models.ImportDraft.objects.exists()

    def test_says_where_nothing_differs(self, scene: Scene, viewer: Client) -> None:
        assert "Nothing differs." in sent(viewer, address(scene, "compare"), text(scene)).content.decode()

    def test_says_what_is_wrong_with_the_file(self, scene: Scene, viewer: Client) -> None:
        wrong = text(scene).replace('"BOTH"', '"SIDEWAYS"', 1)

        assert "“direction”: “SIDEWAYS” is not known." in sent(viewer, address(scene, "compare"), wrong).content.decode()
        large = sent(viewer, address(scene, "compare"), b"x" * (import_files.MOST_BYTES + 1)).content.decode()
        assert "The file is larger than 5 MB." in large
        assert "Choose a file of at most 5 MB." in viewer.post(address(scene, "compare")).content.decode()

    def test_escapes_what_the_file_holds(self, scene: Scene, viewer: Client) -> None:
        attack = "<img src=x onerror=alert(1)>"

        shown = sent(viewer, address(scene, "compare"), text(scene).replace("Has a new invoice", attack)).content.decode()

        assert "&lt;img src=x onerror=alert(1)&gt;" in shown
        assert attack not in shown


class TestTakingOver:
    def test_is_previewed_then_done(self, scene: Scene, alice: Client) -> None:
        wished = text(scene).replace('"brake_creates": 9', '"brake_creates": 3').replace('"interval_minutes": 10', '"interval_minutes": 60')

        preview = str(sent(alice, address(scene, "import", "settings"), wished).headers["Location"])
        shown = page(alice, preview)

        assert "This is a preview: nothing has been changed." in shown
        assert "Every (minutes): 10 → 60" in shown
        assert "Brake: records created: 9 → 3" in shown
        assert text(scene) != wished
        answer = carried_out(alice, scene, preview)
        words = "The settings of “settings.json” were taken over: 2 changes. Nothing was written at a vendor; the next run goes by it."
        assert words in said(answer)
        assert text(scene) == wished

    def test_of_a_file_that_does_not_fit_names_the_places_and_does_nothing(self, scene: Scene, alice: Client) -> None:
        before = text(scene)
        wished = before.replace('"firstname"', '"nickname"').replace('"brake_creates": 9', '"brake_creates": 3')

        shown = page(alice, str(sent(alice, address(scene, "import", "settings"), wished).headers["Location"]))

        assert "What is wrong stands below, with its place in the file." in shown
        assert "“mappings → 2 → left_field”: HubSpot has no field “nickname” here." in shown
        assert "Carry out</button>" not in shown
        assert text(scene) == before

    def test_of_settings_that_changed_meanwhile_is_looked_at_again(self, scene: Scene, alice: Client) -> None:
        wished = text(scene).replace('"brake_creates": 9', '"brake_creates": 3')
        preview = str(sent(alice, address(scene, "import", "settings"), wished).headers["Location"])
        shown = alice.get(preview).context
        models.SyncConfig.objects.filter(pk=scene.config.pk).update(brake_creates=4)

        facts = {"draft": shown["draft"].pk, "seen": shown["plan"].digest}
        answer = alice.post(address(scene, "carry_out"), facts)

        assert "Nothing was written: something changed since you looked." in said(answer)

    def test_of_a_file_that_is_none_is_refused_at_its_field(self, scene: Scene, alice: Client) -> None:
        answer = sent(alice, address(scene, "import", "settings"), b"[" * 100_000)

        assert "The file is nested far too deeply." in answer.content.decode()
        assert not models.ImportDraft.objects.exists()


class TestHistory:
    def test_tells_who_changed_what_and_when(self, scene: Scene, viewer: Client) -> None:
        shown = page(viewer, address(scene, "versions"))

        assert "Brake: records created: 50 → 9" in shown
        assert "gina" in shown
        assert "The settings as they were first kept." in shown
        assert "2026-11-26 09:30 UTC" in shown
        assert "Take this version back" not in shown

    def test_of_a_sync_that_was_never_changed_says_so(self, scene: Scene, viewer: Client) -> None:
        models.ConfigVersion.objects.all().delete()

        assert "Nothing was changed since this history is kept." in page(viewer, address(scene, "versions"))

    def test_begins_with_the_settings_as_they_were_before_the_form_was_saved(self, alice: Client, db: Any) -> None:
        config = dressed().config
        url = reverse("admin:syncapp_syncconfig_change", args=[config.pk])
        form = FilledPage(alice, url, "syncconfig_form")
        form.fields["brake_updates"] = "5"

        answer = form.save()

        assert answer.status_code == 302, answer.content.decode()
        first, second = models.ConfigVersion.objects.order_by("number")
        assert ('"brake_updates": 200' in first.content, '"brake_updates": 5' in second.content) == (True, True)
        assert (first.made_by, str(second.made_by)) == (None, "alice")

    def test_keeps_what_the_page_of_a_mapping_changes(self, scene: Scene, alice: Client) -> None:
        form = FilledPage(alice, reverse("admin:syncapp_fieldmapping_change", args=[scene.first_name.pk]), "fieldmapping_form")
        form.fields |= {"values-TOTAL_FORMS": "1", "values-0-left_value": "Bob", "values-0-right_value": "Robert", "values-0-id": ""}

        form.save()

        assert "Mapping “Firstname” ↔ “Givenname”, value map: nothing → “Bob” ↔ “Robert”" in page(alice, address(scene, "versions"))

    def test_shows_what_differs_between_any_two(self, scene: Scene, viewer: Client) -> None:
        back = page(viewer, address(scene, "differences") + "?from=2&to=1")

        assert "From version 2 to version 1" in back
        assert "<td>Brake: records created</td><td>9</td><td>50</td>" in back
        assert viewer.get(address(scene, "differences") + "?from=1&to=7").status_code == 404
        assert "Choose two versions by their numbers." in said(viewer.get(address(scene, "differences") + "?from=x"))

    def test_takes_a_version_back_after_a_preview(self, scene: Scene, alice: Client) -> None:
        preview = str(alice.post(address(scene, "take_back", 1)).headers["Location"])

        assert "Brake: records created: 9 → 50" in page(alice, preview)
        assert '"brake_creates": 9' in text(scene)
        carried_out(alice, scene, preview)
        assert text(scene) == models.ConfigVersion.objects.get(number=1).content
        assert models.ConfigVersion.objects.count() == 3

    def test_of_a_file_that_cannot_be_read_any_more_says_so(self, scene: Scene, alice: Client) -> None:
        models.ConfigVersion.objects.filter(number=1).update(content='{"syncapp_settings": 99}')

        assert "Kept by another release of this program" in page(alice, address(scene, "versions"))
        assert "The file is of version 99" in said(alice.post(address(scene, "take_back", 1)))
        assert "The file is of version 99" in said(alice.get(address(scene, "differences") + "?from=1&to=2"))

    @pytest.mark.parametrize("name", ["versions", "differences", "compare", "settings_file"])
    def test_needs_few_queries(self, scene: Scene, alice: Client, name: str, django_assert_max_num_queries: Any) -> None:
        for number in range(30):
            models.SyncConfig.objects.filter(pk=scene.config.pk).update(brake_creates=100 + number)
            configs.save_rules(config=scene.config, actor=None, now=made.NOW)
        url = address(scene, name) + ("?from=1&to=20" if name == "differences" else "")
        alice.get(address(scene, "settings_file"))

        with django_assert_max_num_queries(MOST_QUERIES):
            if name == "compare":
                sent(alice, url, models.ConfigVersion.objects.get(number=5).content)
            else:
                alice.get(url)


class TestNewSync:
    def test_is_set_up_as_the_file_says_and_off(self, scene: Scene, alice: Client) -> None:
        there = made.sound("8")
        there.config.delete()
        url = reverse("admin:syncapp_syncconfig_from_file")

        answer = sent(alice, url, text(scene), left=there.left.pk, right=there.right.pk, name="Elsewhere")

        config = models.SyncConfig.objects.get(name="Elsewhere")
        assert answer.headers["Location"] == reverse("admin:syncapp_syncconfig_change", args=[config.pk])
        assert "Elsewhere is set up as the file says, and off." in said(answer)
        assert (config.active, config.mappings.count(), config.brake_creates) == (False, 4, 9)

    def test_is_not_set_up_where_anything_is_wrong(self, scene: Scene, alice: Client) -> None:
        there = made.sound("8")
        there.config.delete()
        url, accounts = reverse("admin:syncapp_syncconfig_from_file"), {"left": there.left.pk, "right": there.right.pk}

        unknown = sent(alice, url, text(scene).replace('"firstname"', '"nickname"'), **accounts).content.decode()
        unreadable = sent(alice, url, b"{}", **accounts).content.decode()
        twin = sent(alice, url, text(scene), left=scene.left.pk, right=scene.right.pk).content.decode()

        assert "HubSpot has no field “nickname” here." in unknown
        assert "The file holds no settings of a sync." in unreadable
        assert "keeps these accounts in step already" in twin
        assert models.SyncConfig.objects.count() == 1
