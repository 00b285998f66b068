"""HTML without what could do harm, as HubSpot keeps the body of a note.

Owns which tags and attributes stay. Text, entities and allowed tags are kept; bare signs beside tags become entities.
"""
from __future__ import annotations

import re
from html import escape
from html.parser import HTMLParser

_TAGS = """
a abbr b blockquote br code dd del div dl dt em font h1 h2 h3 h4 h5 h6 hr i img ins li ol p pre s small span strike strong sub sup
table tbody td tfoot th thead tr u ul
"""
_SWALLOWED = "applet form iframe math noscript object script style svg template textarea title"
_ATTRIBUTES = "align alt class color colspan height href rel rowspan src style target title width"
TAGS, SWALLOWED, ATTRIBUTES = (frozenset(words.split()) for words in (_TAGS, _SWALLOWED, _ATTRIBUTES))
ADDRESSES = frozenset({"href", "src"})
_BARE_AMPERSAND = re.compile(r"&(?!(?:#\d+|#[xX][0-9a-fA-F]+|[a-zA-Z][a-zA-Z0-9]*);)")
_MARKED_SECTION = "<!["
SCHEMES = ("http:", "https:", "mailto:", "tel:")


def clean(text: str) -> str:
    """Take scripts, frames, forms, comments, event handlers and odd addresses out of a text."""
    if "<" not in text:
        return text
    cleaner = _Cleaner()
    cleaner.feed(_BARE_AMPERSAND.sub("&amp;", text.replace(_MARKED_SECTION, "&lt;![")))
    cleaner.close()
    return "".join(cleaner.kept)


class _Cleaner(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=False)
        self.kept: list[str] = []
        self._inside: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in SWALLOWED:
            self._inside.append(tag)
        elif not self._inside and tag in TAGS:
            good = "".join(f' {name}="{escape(value or "")}"' for name, value in attrs if _allowed(name, value or ""))
            self.kept.append(f"<{tag}{good}>")

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in SWALLOWED:
            self.handle_starttag(tag, attrs)

    def handle_endtag(self, tag: str) -> None:
        if self._inside:
            if tag == self._inside[-1]:
                self._inside.pop()
        elif tag in TAGS:
            self.kept.append(f"</{tag}>")

    def handle_data(self, data: str) -> None:
        self._keep(data.replace("<", "&lt;"))

    def handle_entityref(self, name: str) -> None:
        self._keep(f"&{name};")

    def handle_charref(self, name: str) -> None:
        self._keep(f"&#{name};")

    def _keep(self, text: str) -> None:
        if not self._inside:
            self.kept.append(text)


def _allowed(name: str, value: str) -> bool:
    if name not in ATTRIBUTES:
        return False
    if name == "style":
        return "url(" not in value.lower() and "expression" not in value.lower()
    if name not in ADDRESSES:
        return True
    plain = "".join(sign for sign in value if sign.isprintable() and not sign.isspace()).lower()
    head = plain.partition("/")[0]
    return ":" not in head or plain.startswith(SCHEMES)
