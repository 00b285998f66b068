"""A page's form as a browser would send it back."""

from __future__ import annotations

from html.parser import HTMLParser
from typing import Any

from django.test import Client


class FilledForm(HTMLParser):
    """The fields of the form with an id, as they stand on the page."""

    def __init__(self, page: str, form_id: str) -> None:
        super().__init__()
        self.fields: dict[str, str] = {}
        self._form_id = form_id
        self._inside = False
        self._select = ""
        self._textarea = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        facts = {name: value or "" for name, value in attrs}
        if tag == "form":
            self._inside = facts.get("id") == self._form_id
        name = facts.get("name", "")
        if not self._inside or (tag != "option" and (not name or "__prefix__" in name)):
            return
        if tag == "input" and (facts.get("type") != "checkbox" or "checked" in facts):
            self.fields[name] = facts.get("value", "on")
        elif tag == "select":
            self._select = name
            self.fields[name] = ""
        elif tag == "option" and self._select and "selected" in facts:
            self.fields[self._select] = facts.get("value", "")
        elif tag == "textarea":
            self._textarea = name
            self.fields[name] = ""

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._inside = False
        elif tag == "select":
            self._select = ""
        elif tag == "textarea":
            self._textarea = ""

    def handle_data(self, data: str) -> None:
        if self._textarea:
            self.fields[self._textarea] += data.removeprefix("\n")


class FilledPage:
    """A page with a form, as somebody fills it in and saves it."""

    def __init__(self, client: Client, url: str, form_id: str) -> None:
        self._client = client
        self.url = url
        self.text = client.get(url).content.decode()
        self.fields = FilledForm(self.text, form_id).fields

    def save(self) -> Any:
        return self._client.post(self.url, self.fields)

    def refusal(self) -> str:
        """Save, expect to be refused, and read the page."""
        answer = self.save()
        assert answer.status_code == 200, "it was saved"
        page: str = answer.content.decode()
        assert "Not saved. Mend this first:" in page
        return page.replace("&quot;", '"').replace("&#x27;", "'")
