"""What people read goes through the catalogues: no template has words of its own."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html.parser import HTMLParser

import pytest

from tests.architecture import tree

TRANSLATED = re.compile(r"\{% blocktranslate\b.*?\{% endblocktranslate %\}", re.DOTALL)
TAG = re.compile(r"\{#.*?#\}|\{%.*?%\}|\{\{.*?\}\}", re.DOTALL)
ICON = re.compile(r"<span[^>]*\bmaterial-symbols-outlined\b[^>]*>[^<]*</span>")
# Codes given to a filter stand in single quotes, words in double ones; the parts that show words take them by these names.
GIVEN = re.compile(r"\|\s*\w+:\"([^\"]*)\"|\b(?:label|title|holds|nothing)=[\"']([^\"']*)[\"']")
READ = ("title", "aria-label", "placeholder", "alt", "data-said")
NAMES = re.compile(r"\b(HubSpot|QuickBooks|UTC)\b")


def is_word(text: str) -> bool:
    """Tell whether there is something to translate in a text."""
    return bool(re.search(r"[^\W\d_]", NAMES.sub("", text)))


def blank(found: re.Match[str]) -> str:
    """What is left of a text that was looked at: its lines."""
    return "\n" * found.group(0).count("\n")


class Page(HTMLParser):
    """Gathers what a browser shows of a page, with the lines it stands on."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[tuple[int, str]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Take the attributes that are read or read out; `aria-labelledby` only names another element."""
        read = [value for name, value in attrs if name.startswith(READ) and name != "aria-labelledby"]
        self.found += [(self.getpos()[0], value) for value in read if value and is_word(value)]

    def handle_data(self, data: str) -> None:
        """Take the text."""
        above = self.getpos()[0]
        self.found += [(above + at, line.strip()) for at, line in enumerate(data.split("\n")) if is_word(line)]


def untranslated(template: str) -> list[tuple[int, str]]:
    """The words of a template that are in one language only, with their lines."""
    template = TRANSLATED.sub(blank, template)
    page = Page()
    page.feed(ICON.sub(blank, TAG.sub(blank, template)))
    page.close()
    return sorted([*page.found, *_given(template)])


def _given(template: str) -> Iterator[tuple[int, str]]:
    for tag in TAG.finditer(template):
        if tag.group(0).startswith("{#") or " load " in tag.group(0):
            continue
        line = template.count("\n", 0, tag.start()) + 1
        yield from ((line, given[1] or given[2]) for given in GIVEN.finditer(tag.group(0)) if is_word(given[1] or given[2] or ""))


class TestTemplates:
    def test_have_no_words_but_those_of_the_catalogues(self) -> None:
        found = [
            f"{tree.place(file, line)} {words}"
            for file in tree.templates()
            for line, words in untranslated(file.read_text(encoding="utf-8"))
        ]

        assert found == []

    @pytest.mark.parametrize(
        "template",
        [
            "{% if it %}\n<p>Nothing yet</p>{% endif %}",
            '{% translate "Fine" %}\n<a title="Not fine">{{ it }}</a>',
            '\n<p>{{ it|default:"nobody" }}</p>',
            '\n{% include "syncapp/parts/button.html" with label="Press" icon="add" %}',
            "{% blocktranslate trimmed %}\n{% endblocktranslate %} of {{ it }}",
        ],
    )
    def test_are_read_with_everything_that_people_see(self, template: str) -> None:
        assert [line for line, _ in untranslated(template)] == [2]

    @pytest.mark.parametrize(
        "template",
        [
            '{% blocktranslate trimmed %}\nIt is {{ it }}.\n{% endblocktranslate %}{# a remark #}',
            "<span class='material-symbols-outlined'>add</span> <b class='{{ it|yesno:'on,off' }}'>QuickBooks: {{ it }}</b>",
            '{% include "syncapp/parts/button.html" with label=_("Press") icon="add" %}{{ it|default:_("nobody") }}',
        ],
    )
    def test_may_have_names_and_codes(self, template: str) -> None:
        assert untranslated(template) == []
