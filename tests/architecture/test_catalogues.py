"""The catalogues know every text that people read, in every language that is offered."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

import pytest
import unfold
from babel.messages.catalog import Message
from babel.messages.mofile import read_mo
from django.conf import settings
from django.utils import translation

from tests import catalogues

PLACE = re.compile(r"\{[^{}]*\}|%\([^)]*\)[sd]|<[^>]+>")


def texts_of(language: str) -> dict[object, object]:
    return by_text(catalogues.read(catalogues.file_of(language), language))


def by_text(catalogue: Iterable[Message]) -> dict[object, object]:
    """The translations of a catalogue, counted ones by both their texts."""
    return {_fixed(one.id): _fixed(one.string) for one in catalogue if one.id}


def compiled_to(text: object, words: object) -> object:
    """What a translation is compiled to: a counted text without one stands for itself."""
    if isinstance(text, tuple) and isinstance(words, tuple):
        return tuple(word or text[min(place, 1)] for place, word in enumerate(words))
    return words


def _fixed(text: object) -> object:
    return tuple(text) if isinstance(text, list) else text


def forms(message: Message) -> tuple[list[str], list[str]]:
    """What stands in the code, and what the catalogue makes of it."""
    texts = list(message.id) if isinstance(message.id, list | tuple) else [str(message.id)]
    translated = list(message.string) if isinstance(message.string, list | tuple) else [str(message.string)]
    return texts, translated


class TestCatalogues:
    def test_are_there_for_every_language_that_is_offered(self) -> None:
        assert [code for code, _ in settings.LANGUAGES] == list(catalogues.LANGUAGES)

    @pytest.mark.parametrize("language", catalogues.LANGUAGES)
    def test_know_every_text(self, language: str) -> None:
        assert catalogues.missing(language, catalogues.said()) == []

    @pytest.mark.parametrize("language", catalogues.LANGUAGES)
    def test_hold_nothing_that_nobody_says(self, language: str) -> None:
        said = {text if isinstance(text, str) else text[0] for text in catalogues.said()}

        assert [text for text in texts_of(language) if (text if isinstance(text, str) else text[0]) not in said] == []  # type: ignore[index]

    @pytest.mark.parametrize("language", catalogues.LANGUAGES)
    def test_are_compiled(self, language: str) -> None:
        with catalogues.file_of(language).with_suffix(".mo").open("rb") as file:
            compiled = by_text(read_mo(file))

        assert compiled == {text: found for text, words in texts_of(language).items() if (found := compiled_to(text, words))}

    def test_are_heard_before_those_of_other_applications(self) -> None:
        known = {text: words for text, words in texts_of("pl").items() if isinstance(text, str) and words}

        with translation.override("pl"):
            heard = {text: translation.gettext(text) for text in known}

        assert heard == known

    def test_know_what_the_theme_says(self) -> None:
        theme = Path(unfold.__file__).parent
        pages = "".join(file.read_text(encoding="utf-8") for file in theme.rglob("*.*") if file.suffix in (".html", ".py"))
        said = [text if isinstance(text, str) else text[0] for text in catalogues.THEME]

        assert [text for text in said if re.split(r"[%{]", text.strip())[0][:60] not in pages] == []

    def test_keep_the_places_for_values(self) -> None:
        wrong = []
        for message in catalogues.read(catalogues.file_of("pl"), "pl"):
            texts, translated = forms(message)
            places = {tuple(sorted(PLACE.findall(text))) for text in texts}
            wrong += [text for text in translated if message.id and tuple(sorted(PLACE.findall(text))) not in places]

        assert wrong == []
