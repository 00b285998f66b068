"""The headings of a list, made once. Unfold makes all of them anew for each line, whose cells are named by them: an eighth of a page's
time.

Stands in for that one function of Unfold's, which goes on making them.
"""
from __future__ import annotations

from typing import Any

from unfold.templatetags import unfold_list

_made = unfold_list.result_headers


def connect() -> None:
    """Have Unfold's lists ask here."""
    unfold_list.result_headers = _once


def _once(listed: Any) -> list[dict[str, Any]]:
    """The headings of a list, which a request makes for itself and shows once."""
    if not hasattr(listed, "headings"):
        listed.headings = list(_made(listed))
    found: list[dict[str, Any]] = listed.headings
    return found
