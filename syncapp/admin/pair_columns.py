"""The columns of the list of records: what each shows of a pair, and those of both sides' fields."""
from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from django.template.loader import render_to_string
from unfold.decorators import display

from syncapp import models
from syncapp.engine.vocabulary import FieldType, Standing
from syncapp.engine.wording import later, say
from syncapp.selectors import columns, reasons, sheets, words

BADGES = {
    Standing.IN_SYNC.value: "success", Standing.EXCLUDED.value: "default", Standing.FAILING.value: "danger",
    Standing.NEEDS_YOU.value: "warning", Standing.WAITING.value: "info",
}
SORTED = ("standing", "left_name", "right_name", "why", "sync", "in_sync", "life", "found", "since", "assigned")


class FieldColumn:
    """A column that shows a field of one of the two records. The list fills in the cells of a whole page at once."""

    def __init__(self, column: columns.Column) -> None:
        self.column = column
        self.short_description = column.label
        self.__name__ = "".join(one if one.isalnum() else "_" for one in column.key)

    def __call__(self, pair: Any) -> str:
        """The value as a person reads it."""
        cell = pair.cells[self.column.key]
        if self.column.type is FieldType.URL and isinstance(cell, str) and cell.startswith(("https://", "http://")):
            return _linked(cell, cell)
        return sheets.text(cell)


def listed(chosen: Iterable[columns.Column]) -> list[str | Callable[[Any], str]]:
    """Name the columns as the list knows them: our own by their methods, fields as themselves."""
    return [column.key if column.field is None else FieldColumn(column) for column in chosen]


def _linked(url: str, title: str) -> str:
    found: str = render_to_string("syncapp/parts/out.html", {"url": url, "title": title})
    return found


class PairColumns:
    """Our own columns."""

    @display(description=later("standing"), ordering="state", label=BADGES)
    def standing(self, pair: models.RecordPair) -> tuple[str, str]:
        """The word."""
        return pair.standing.value, pair.standing.label

    @display(description=later("HubSpot record"), ordering="left__label")
    def left_name(self, pair: models.RecordPair) -> str:
        """The left record's name."""
        return str(pair.left) if pair.left else say("none yet")

    @display(description=later("QuickBooks record"), ordering="right__label")
    def right_name(self, pair: models.RecordPair) -> str:
        """The right record's name."""
        return str(pair.right) if pair.right else say("none yet")

    @display(description=later("in HubSpot"))
    def left_page(self, pair: Any) -> str:
        """A link to the left record."""
        return _linked(pair.cells["left_page"], say("Open in HubSpot")) if pair.cells["left_page"] else words.NOTHING

    @display(description=later("in QuickBooks"))
    def right_page(self, pair: Any) -> str:
        """A link to the right record."""
        return _linked(pair.cells["right_page"], say("Open in QuickBooks")) if pair.cells["right_page"] else words.NOTHING

    @display(description=later("last change"))
    def changed(self, pair: Any) -> str:
        """When either record last changed."""
        return words.moment(sheets.changed_at(pair))

    @display(description=later("why"), ordering="reason")
    def why(self, pair: models.RecordPair) -> str:
        """The reason in one line."""
        return reasons.short(pair=pair)

    @display(description=later("sync"), ordering="config__name")
    def sync(self, pair: models.RecordPair) -> str:
        """Of which sync."""
        return str(pair.config)

    @display(description=later("last in sync"), ordering="synced_at")
    def in_sync(self, pair: models.RecordPair) -> str:
        """When both sides last agreed."""
        return words.moment(pair.synced_at)

    @display(description=later("state"), ordering="state")
    def life(self, pair: Any) -> str:
        """Where it is in its life."""
        return sheets.text(pair.cells["life"])

    @display(description=later("HubSpot id"))
    def left_number(self, pair: Any) -> str:
        """The left record's id."""
        return sheets.text(pair.cells["left_number"])

    @display(description=later("QuickBooks id"))
    def right_number(self, pair: Any) -> str:
        """The right record's id."""
        return sheets.text(pair.cells["right_number"])

    @display(description=later("changed in HubSpot"))
    def left_changed(self, pair: Any) -> str:
        """When the left record last changed."""
        return sheets.text(pair.cells["left_changed"])

    @display(description=later("changed in QuickBooks"))
    def right_changed(self, pair: Any) -> str:
        """When the right record last changed."""
        return sheets.text(pair.cells["right_changed"])

    @display(description=later("first seen"), ordering="created_at")
    def found(self, pair: Any) -> str:
        """When the pair was made."""
        return words.moment(pair.created_at)

    @display(description=later("failing since"), ordering="failing_since")
    def since(self, pair: Any) -> str:
        """When it began to fail."""
        return sheets.text(pair.cells["since"])

    @display(description=later("assigned to"), ordering="care__assignee__username")
    def assigned(self, pair: Any) -> str:
        """Who looks after it."""
        return sheets.text(pair.cells["assigned"])

    @display(description=later("note"))
    def note(self, pair: Any) -> str:
        """What people noted about it."""
        return sheets.text(pair.cells["note"])

    @display(description=later("snoozed until"))
    def snoozed(self, pair: Any) -> str:
        """Until when its failure is put aside."""
        return sheets.text(pair.cells["snoozed"])

    @display(description=later("what to do"))
    def decision(self, pair: Any) -> str:
        """The buttons that decide about it. They belong to the form around the list."""
        found: str = render_to_string("syncapp/parts/decision.html", {"pair": pair, "decision": pair.decision})
        return found
