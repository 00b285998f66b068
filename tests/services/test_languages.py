"""Services tell everybody in the language that the person chose, or that is spoken at the moment."""

from __future__ import annotations

import pytest
from django.core import mail
from django.utils import translation

from syncapp import models
from syncapp.engine.vocabulary import Digest, ImportKind, ImportOutcome
from syncapp.services import import_mappings, import_records, imports, partners, personal
from tests.admin.scene import Scene
from tests.services import made
from tests.services.desk import Desk
from tests.services.importing import Importer, told
from tests.services.mail.post import Post

FIELDS = ("hubspot field", "quickbooks field")


@pytest.mark.django_db
class TestMails:
    def test_about_an_urgent_notice_are_in_the_language_of_who_reads_them(self) -> None:
        post = Post()
        post.chooses(post.zoe, language="pl", digest=Digest.NEVER)

        post.minute()

        sent = post.received()[0]
        assert sent.subject == "Pilne: The sync stopped before writing."
        assert "Zgłoszono: 2026-11-26 07:59 UTC.\n\nGdzie się tym zająć:\n" in sent.body
        assert "Można to zmienić w części Moje ustawienia:" in sent.body

    def test_with_an_export_are_in_the_language_of_its_owner(self, desk: Desk) -> None:
        personal.save(user=desk.user, time_zone="", language="pl", at_once=(), digest=Digest.NEVER, in_summary=(), digest_hour=8)

        desk.send(desk.ask())

        assert mail.outbox[0].subject.startswith("Eksport gotowy: 5 ")
        assert "Plik jest w załączniku.\nPo zalogowaniu można go pobrać do " in mail.outbox[0].body


class TestExports:
    def test_that_a_worker_makes_are_in_the_language_of_their_owner(self, desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
        personal.save(user=desk.user, time_zone="", language="pl", at_once=(), digest=Digest.NEVER, in_summary=(), digest_hour=8)
        export = desk.queued(monkeypatch)
        desk.user.user_permissions.clear()

        desk.write(export)

        why = "Osoba, która o niego poprosiła, nie ma już prawa tego eksportować."
        assert export.error == why
        assert models.Notice.objects.get(user=desk.user).words == f"Eksport się nie powiódł. {why}"


@pytest.mark.django_db
class TestImports:
    def test_understand_words_in_english_and_in_the_language_that_is_spoken(self) -> None:
        zoe = Importer()
        with translation.override("pl"):
            draft = zoe.upload(
                ImportKind.MAPPINGS, (*FIELDS, "conflict"), ("firstname", "GivenName", "Ask me"), ("lastname", "FamilyName", "zapytaj mnie")
            )

            assert told(draft) == [
                (2, ImportOutcome.CHANGE, "Zmień „Firstname” ↔ „Givenname”: conflict z „Jak w synchronizacji” na „Zapytaj mnie”."),
                (3, ImportOutcome.CHANGE, "Zmień „Lastname” ↔ „Familyname”: conflict z „Jak w synchronizacji” na „Zapytaj mnie”."),
            ]

    def test_come_back_from_somebody_with_another_language(self) -> None:
        zoe = Importer()
        with translation.override("pl"):
            content = imports.template(place=imports.Place(kind=ImportKind.MAPPINGS, config=zoe.config))

        draft = zoe.upload_file(ImportKind.MAPPINGS, content)

        assert {outcome for _, outcome, _ in told(draft)} == {ImportOutcome.SAME}

    def test_explain_their_columns_in_the_language_that_is_spoken(self) -> None:
        with translation.override("pl"):
            about = {column.name: str(column.about) for column in (*import_mappings.columns(), *import_records.LINK_COLUMNS)}

        assert about["direction"].startswith("„W obie strony” lub „QuickBooks → HubSpot” lub „")
        assert about["quickbooks id"] == "Id rekordu QuickBooks, który jest jego odpowiednikiem."

    def test_say_whole_sentences_about_records(self) -> None:
        zoe = Importer()
        left = zoe.scene.failing.left
        assert left is not None
        with translation.override("pl"):
            draft = zoe.upload(ImportKind.LINKS, ("hubspot id", "quickbooks id"), (left.external_id, "77777"), (left.external_id, "77777"))

            words = [one for _, _, one in told(draft)]

        assert words == [
            "Ta synchronizacja nie zna rekordu QuickBooks „77777”. Popraw id albo uruchom synchronizację, aby odczytała ten rekord.",
            f"Rekord HubSpot „{left.external_id}”: występuje już w wierszu 2. Pomiń jeden z tych dwóch wierszy.",
        ]


@pytest.mark.django_db
class TestRefusals:
    def test_are_in_the_language_that_is_spoken(self) -> None:
        scene = Scene()

        with translation.override("pl"), pytest.raises(partners.NotPossible, match="Ten rekord ma już odpowiednik"):
            partners.link(pair=scene.in_sync, external_id="1", now=made.NOW)
