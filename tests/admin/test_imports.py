"""Importing files: the pages, who may open them, and what they tell."""

from __future__ import annotations

import csv
import io
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from syncapp import models
from syncapp.engine.vocabulary import ImportKind
from syncapp.services import import_files
from tests.admin.conftest import OPERATOR, signed_in
from tests.admin.scene import Scene, person
from tests.admin.test_buttons import said
from tests.admin.test_every_page import OUR_SCRIPT
from tests.services import made
from tests.services.uploads import csv_file, workbook

IDS = ("hubspot id", "quickbooks id")
FIELDS = ("hubspot field", "quickbooks field")
VALUES = ("hubspot value", "quickbooks value")
IMPORT = "syncapp.import_syncconfig"
SETTINGS = (ImportKind.MAPPINGS, ImportKind.VALUES)
OF_LINES = [kind for kind in ImportKind if kind is not ImportKind.SETTINGS]


def address(scene: Scene, kind: ImportKind, name: str = "import") -> str:
    mapping = [scene.first_name.pk] if kind is ImportKind.VALUES else []
    return reverse(f"admin:syncapp_syncconfig_{name}", args=[scene.config.pk, kind.value.lower(), *mapping])


def sent(client: Client, scene: Scene, kind: ImportKind, content: bytes, name: str = "mine.csv", **more: str) -> Any:
    return client.post(address(scene, kind), {"file": SimpleUploadedFile(name, content), "mode": "add", **more})


def uploaded(client: Client, scene: Scene, kind: ImportKind, *lines: tuple[str, ...], **more: str) -> str:
    """Upload a file, and give the address of its preview."""
    answer = sent(client, scene, kind, csv_file(*lines), **more)
    assert answer.status_code == 302, answer.content.decode()
    return str(answer.headers["Location"])


def page(client: Client, url: str) -> str:
    answer = client.get(url)
    assert answer.status_code == 200
    return str(answer.content.decode()).replace("&quot;", '"').replace("&#x27;", "'")


def carried_out(client: Client, scene: Scene, preview: str) -> Any:
    """Press the button as it stands on the preview."""
    shown = client.get(preview).context
    facts = {"draft": shown["draft"].pk, "seen": shown["plan"].digest}
    return client.post(reverse("admin:syncapp_syncconfig_carry_out", args=[scene.config.pk]), facts)


def one_line(scene: Scene, kind: ImportKind) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """A file of each kind that changes something."""
    assert scene.excluded.left is not None
    customer = models.Record.objects.create(
        connection=scene.right, kind="customer", external_id="8001", label="Cal Ltd", observed_at=made.NOW
    )
    models.RecordPair.objects.create(config=scene.config, right=customer)
    return {
        ImportKind.LINKS: (IDS, (scene.excluded.left.external_id, "8001")),
        ImportKind.EXCLUSIONS: (IDS, (scene.excluded.left.external_id, "")),
        ImportKind.MAPPINGS: (FIELDS, ("company", "CompanyName")),
        ImportKind.VALUES: (VALUES, ("Bob", "Robert")),
    }[kind]


@pytest.fixture
def dave(db: Any) -> Client:
    """May look at syncs, and change nothing."""
    return signed_in(person("dave", "syncapp.view_syncconfig", "syncapp.view_recordpair"))


@pytest.mark.parametrize("kind", OF_LINES)
class TestEveryImport:
    def test_opens_for_an_administrator(self, kind: ImportKind, scene: Scene, alice: Client) -> None:
        shown = page(alice, address(scene, kind))

        assert f"Import: {kind.label.lower()}</h2>" in shown
        assert "Nothing is changed before you have seen what would come of every line." in shown
        assert OUR_SCRIPT.search(shown) is None

    def test_is_closed_to_operators_to_those_who_may_only_look_and_to_all_others(
        self, kind: ImportKind, scene: Scene, bob: Client, dave: Client, charlie: Client, nobody: Client
    ) -> None:
        for name in ("import", "import_template"):
            assert bob.get(address(scene, kind, name)).status_code == 403
            assert dave.get(address(scene, kind, name)).status_code == 403
            assert charlie.get(address(scene, kind, name)).status_code == 403
            assert nobody.get(address(scene, kind, name)).headers["Location"].startswith("/login/")
        assert sent(bob, scene, kind, b"x").status_code == 403
        assert sent(dave, scene, kind, csv_file(*one_line(scene, kind))).status_code == 403
        assert sent(charlie, scene, kind, b"x").status_code == 403
        assert not models.ImportDraft.objects.exists()

    def test_needs_the_sync_to_be_seen_too(self, kind: ImportKind, scene: Scene) -> None:
        blind = signed_in(person("eve", IMPORT))

        assert blind.get(address(scene, kind)).status_code == 403
        assert sent(blind, scene, kind, b"x").status_code == 403

    def test_is_previewed_then_carried_out_and_remembered(self, kind: ImportKind, scene: Scene, alice: Client) -> None:
        watched = (models.RecordPair, models.FieldMapping, models.ValueMapping, models.SyncConfig)
        lines = one_line(scene, kind)
        before = [list(model.objects.order_by("pk").values()) for model in watched]

        preview = uploaded(alice, scene, kind, *lines)
        shown = page(alice, preview)

        assert "This is a preview: nothing has been changed." in shown
        assert "Will be done" in shown
        assert OUR_SCRIPT.search(shown) is None
        assert [list(model.objects.order_by("pk").values()) for model in watched] == before
        answer = carried_out(alice, scene, preview)
        assert "imported from “mine.csv”: 1 of 1 lines changed something" in said(answer)
        assert "Nothing was written at a vendor; the next run goes by it." in said(answer)
        assert [list(model.objects.order_by("pk").values()) for model in watched] != before
        entry = LogEntry.objects.get()
        assert (entry.user.username, entry.object_id, str(entry.content_type)) == ("alice", str(scene.config.pk), "Sync | sync")
        assert "1 of 1 lines changed something" in entry.change_message
        assert not models.ImportDraft.objects.exists()

    def test_cannot_be_carried_out_by_those_who_could_not_upload_it(self, kind: ImportKind, scene: Scene, alice: Client) -> None:
        user = person("fay", *OPERATOR, IMPORT, "syncapp.change_syncconfig")
        fay = signed_in(user)
        preview = uploaded(fay, scene, kind, *one_line(scene, kind))
        shown = fay.get(preview).context
        facts = {"draft": shown["draft"].pk, "seen": shown["plan"].digest}
        url = reverse("admin:syncapp_syncconfig_carry_out", args=[scene.config.pk])

        assert "took its place, or its hour is over" in said(alice.post(url, facts))
        user.user_permissions.clear()
        assert signed_in(type(user).objects.get(pk=user.pk)).post(url, facts).status_code == 403
        user.user_permissions.set(person("gus", "syncapp.view_syncconfig").user_permissions.all())
        assert signed_in(type(user).objects.get(pk=user.pk)).post(url, facts).status_code == 403
        assert models.ImportDraft.objects.count() == 1


class TestButton:
    def url(self, scene: Scene) -> str:
        return reverse("admin:syncapp_syncconfig_carry_out", args=[scene.config.pk])

    def test_is_not_pressed_by_opening_its_address(self, scene: Scene, alice: Client) -> None:
        assert alice.get(self.url(scene)).status_code == 405

    def test_is_closed_to_others(self, scene: Scene, charlie: Client, nobody: Client) -> None:
        assert charlie.post(self.url(scene)).status_code == 403
        assert nobody.post(self.url(scene)).headers["Location"].startswith("/login/")

    @pytest.mark.parametrize("draft", ["", "x", "0", "999", "../../etc/passwd", "9" * 30])
    def test_without_a_draft_says_so(self, scene: Scene, alice: Client, draft: str) -> None:
        assert "Upload the file again." in said(alice.post(self.url(scene), {"draft": draft}))

    def test_without_what_was_seen_does_nothing_and_shows_it(self, scene: Scene, alice: Client) -> None:
        preview = uploaded(alice, scene, ImportKind.EXCLUSIONS, *one_line(scene, ImportKind.EXCLUSIONS))

        answer = alice.post(self.url(scene), {"draft": models.ImportDraft.objects.get().pk, "seen": "x" * 64})

        assert answer.headers["Location"] == preview
        assert "Nothing was written: something changed since you looked." in said(answer)
        assert not models.RecordPair.objects.filter(excluded_by_hand=True).exists()
        assert not LogEntry.objects.exists()

    def test_leads_back_to_the_preview_where_a_line_no_longer_holds(self, scene: Scene, alice: Client) -> None:
        preview = uploaded(alice, scene, ImportKind.LINKS, *one_line(scene, ImportKind.LINKS))
        shown = alice.get(preview).context
        models.RecordPair.objects.filter(right__external_id="8001").delete()

        answer = alice.post(self.url(scene), {"draft": shown["draft"].pk, "seen": shown["plan"].digest}, follow=True)

        told = answer.content.decode()
        assert "Nothing was written: something changed since you looked." in told
        assert "This sync knows no QuickBooks record “8001”." in told
        assert "Carry out</button>" not in told

    def test_of_a_value_map_leads_to_its_mapping(self, scene: Scene, alice: Client) -> None:
        answer = carried_out(alice, scene, uploaded(alice, scene, ImportKind.VALUES, *one_line(scene, ImportKind.VALUES)))

        assert answer.headers["Location"] == reverse("admin:syncapp_fieldmapping_change", args=[scene.first_name.pk])


class TestPreview:
    def test_names_bad_lines_first_and_offers_no_button(self, scene: Scene, alice: Client) -> None:
        shown = page(alice, uploaded(alice, scene, ImportKind.EXCLUSIONS, IDS, ("404", ""), ("", "405"), (str(scene.in_sync.left), "")))

        assert "Nothing can be done yet. Mend the file, then upload it again." in shown
        assert '<td class="s-tight">3</td>' in shown
        assert "This sync knows no QuickBooks record “405”." in shown
        assert "Carry out</button>" not in shown

    def test_escapes_what_a_file_holds(self, scene: Scene, alice: Client) -> None:
        attack = "<img src=x onerror=alert(1)>"

        shown = alice.get(uploaded(alice, scene, ImportKind.LINKS, IDS, (attack, "1"))).content.decode()

        assert "&lt;img src=x onerror=alert(1)&gt;" in shown
        assert attack not in shown

    def test_says_where_there_is_nothing_to_do(self, scene: Scene, alice: Client) -> None:
        shown = page(alice, uploaded(alice, scene, ImportKind.MAPPINGS, FIELDS, ("firstname", "GivenName")))

        assert "Everything in the file is so already. There is nothing to do." in shown
        assert "Carry out</button>" not in shown

    def test_tells_what_a_value_map_loses(self, scene: Scene, alice: Client) -> None:
        models.ValueMapping.objects.create(mapping=scene.first_name, left_value="old", right_value="Old")

        shown = page(alice, uploaded(alice, scene, ImportKind.VALUES, VALUES, ("Bob", "Robert"), mode="replace"))

        assert "1 value not in the file will be removed from the value map: “old” ↔ “Old”." in shown

    def test_shows_many_lines_a_page_at_a_time(self, scene: Scene, alice: Client) -> None:
        url = uploaded(alice, scene, ImportKind.LINKS, IDS, *((str(number), "1") for number in range(1000, 1150)))

        assert "1 to 100 of 150" in page(alice, url)
        assert "101 to 150 of 150" in page(alice, f"{url}?show=WRONG&p=2")
        assert "No line of this kind." in page(alice, f"{url}?show=SAME")
        assert page(alice, f"{url}?show=nonsense&p=x")

    def test_is_ones_own(self, scene: Scene, alice: Client) -> None:
        url = uploaded(signed_in(person("fay", *OPERATOR, IMPORT)), scene, ImportKind.EXCLUSIONS, *one_line(scene, ImportKind.EXCLUSIONS))

        answer = alice.get(url)

        assert answer.headers["Location"] == reverse("admin:syncapp_syncconfig_change", args=[scene.config.pk])
        assert "Upload the file again." in said(answer)

    def test_needs_no_query_per_line(self, scene: Scene, alice: Client, django_assert_max_num_queries: Any) -> None:
        url = uploaded(alice, scene, ImportKind.LINKS, IDS, *((str(number), str(number)) for number in range(1000, 1400)))

        with django_assert_max_num_queries(13):
            alice.get(url)


class TestFile:
    def refusal(self, client: Client, scene: Scene, content: bytes, name: str = "mine.csv") -> str:
        answer = sent(client, scene, ImportKind.LINKS, content, name)
        assert answer.status_code == 200
        assert not models.ImportDraft.objects.exists()
        return str(answer.content.decode())

    def test_that_cannot_be_read_is_refused_at_its_field(self, scene: Scene, alice: Client) -> None:
        assert "The file is empty." in self.refusal(alice, scene, b"")
        assert "The file lacks a column: “quickbooks id”." in self.refusal(alice, scene, csv_file(("hubspot id",), ("1",)))
        assert "Files with macros (.xlsm) are not read." in self.refusal(alice, scene, workbook(IDS, ("1", "2")), "mine.xlsm")
        assert "The workbook is damaged" in self.refusal(alice, scene, b"PK\x03\x04 nothing", "mine.xlsx")

    def test_that_is_too_large_is_refused(self, scene: Scene, alice: Client) -> None:
        assert "larger than 5 MB" in self.refusal(alice, scene, b"x" * (import_files.MOST_BYTES + 1))
        assert "Choose a file of at most 5 MB." in self.refusal(alice, scene, b"x" * (import_files.MOST_BYTES * 2))

    def test_has_to_be_chosen(self, scene: Scene, alice: Client) -> None:
        answer = alice.post(address(scene, ImportKind.LINKS), {})

        assert "Choose a file of at most 5 MB." in answer.content.decode()

    def test_may_be_a_workbook(self, scene: Scene, alice: Client) -> None:
        lines = one_line(scene, ImportKind.LINKS)

        answer = sent(alice, scene, ImportKind.LINKS, workbook(*lines), "mine.xlsx")

        assert "Link “Cal”" in page(alice, answer.headers["Location"])

    def test_to_begin_with_holds_what_is_there(self, scene: Scene, alice: Client) -> None:
        answer = alice.get(address(scene, ImportKind.MAPPINGS, "import_template"))
        content = b"".join(answer.streaming_content)  # type: ignore[attr-defined]

        lines = list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))
        assert answer.headers["Content-Disposition"] == 'attachment; filename="contacts-field-mappings.csv"'
        assert lines[1] == ["email", "PrimaryEmailAddr.Address", "Both ways", "yes", "As the sync says", "no", "no"]

    @pytest.mark.parametrize("kind", [ImportKind.LINKS, ImportKind.EXCLUSIONS])
    def test_to_begin_with_has_the_headings_alone_for_records(self, scene: Scene, alice: Client, kind: ImportKind) -> None:
        content = b"".join(alice.get(address(scene, kind, "import_template")).streaming_content)  # type: ignore[attr-defined]

        assert content.decode("utf-8-sig").startswith("hubspot id,quickbooks id")
        assert content.count(b"\n") == 1


class TestAddress:
    def test_of_no_import_is_nothing(self, scene: Scene, alice: Client) -> None:
        base = reverse("admin:syncapp_syncconfig_change", args=[scene.config.pk]).replace("/change/", "")
        other = models.SyncConfig.objects.create(name="Elsewhere", left=made.hubspot("222"), right=scene.right)

        for path in (
            f"{base}/import/nonsense/", f"{base}/import/values/", f"{base}/import/links/{scene.first_name.pk}/",
            f"{base}/import/values/99999/", f"/syncapp/syncconfig/{other.pk}/import/values/{scene.first_name.pk}/",
            "/syncapp/syncconfig/99999/import/links/",
        ):
            assert alice.get(path).status_code == 404, path

    @pytest.mark.parametrize("draft", ["../../etc/passwd", "%2e%2e%2fetc%2fpasswd", "/etc/passwd", "1.csv", "-1", "99999"])
    def test_of_a_preview_is_a_number_and_names_no_file(self, draft: str, scene: Scene, alice: Client) -> None:
        base = reverse("admin:syncapp_syncconfig_change", args=[scene.config.pk]).replace("/change/", "")
        answer = alice.get(f"{base}/imported/{draft}/")
        pressed = alice.post(reverse("admin:syncapp_syncconfig_carry_out", args=[scene.config.pk]), {"draft": draft, "seen": "x"})

        assert answer.status_code in (302, 404)
        assert b"root:" not in answer.content
        assert "Upload the file again." in said(pressed)

    def test_stands_on_the_page_of_the_sync_for_those_who_may(self, scene: Scene, alice: Client, bob: Client, dave: Client) -> None:
        sync = reverse("admin:syncapp_syncconfig_change", args=[scene.config.pk])
        shown = [[kind for kind in ImportKind if address(scene, kind) in page(client, sync)] for client in (alice, bob, dave)]

        assert shown == [[ImportKind.LINKS, ImportKind.EXCLUSIONS, ImportKind.MAPPINGS, ImportKind.SETTINGS], [], []]

    def test_of_a_value_map_stands_on_the_page_of_its_mapping(self, scene: Scene, alice: Client, bob: Client) -> None:
        mapping = reverse("admin:syncapp_fieldmapping_change", args=[scene.first_name.pk])

        assert [address(scene, ImportKind.VALUES) in page(client, mapping) for client in (alice, bob)] == [True, False]
