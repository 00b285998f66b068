"""Pickers of an account's fields: they search on the server and offer only what the sync's account has.

Owns the widget. Which fields may be picked is read by a selector; whether they fit is checked by a service when saving.
"""
from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.contrib.admin.sites import AdminSite
from django.contrib.admin.widgets import AutocompleteSelect, RelatedFieldWidgetWrapper
from django.db.models import Field, ForeignKey, QuerySet
from django.http import HttpRequest

from syncapp import models
from syncapp.engine.vocabulary import FilterOperator, Side
from syncapp.engine.wording import later
from syncapp.selectors import pickers
from syncapp.services import defaults, drafts

UNKNOWN = later("This account has no such field. Refresh its fields on the connection's page, or choose another field.")


@dataclass(frozen=True, kw_only=True)
class Offer:
    """What one side of a sync offers: the account, the kind of record, and the labels of its fields by their ids.

    `unasked` are the conditions that none of its fields can answer.
    """

    connection_id: int
    kind: str
    labels: Mapping[int, str]
    unasked: frozenset[FilterOperator] = frozenset()

    def fields(self) -> QuerySet[models.VendorField]:
        """The fields that a form may name; those that vanished are told apart when saving."""
        return models.VendorField.objects.filter(connection=self.connection_id, kind=self.kind).select_related("connection")


def draft(request: HttpRequest, config: models.SyncConfig) -> drafts.Draft:
    """Gather a sync's settings as they are saved; once a request, for its checks, pickers and lines."""
    known: dict[int, drafts.Draft] = request.__dict__.setdefault("_drafts", {})
    if config.pk not in known:
        known[config.pk] = drafts.saved(config=config)
    return known[config.pk]


def offer(*, draft: drafts.Draft, side: Side | str) -> Offer:
    """Tell what a side of a sync offers."""
    config, kinds = draft.config, defaults.of(draft.config.object_pair)
    connection_id, kind = (config.left_id, kinds.left_kind) if side == Side.LEFT else (config.right_id, kinds.right_kind)
    labels = {one.pk: pickers.label(one) for one in draft.fields[Side(side)]}
    return Offer(connection_id=connection_id, kind=kind, labels=labels, unasked=defaults.unasked(kind=kind))


class FieldPicker(AutocompleteSelect):
    """Django's autocomplete, limited to one account's fields; the labels of what is chosen are known beforehand."""

    def __init__(self, field: ForeignKey[Any, Any], admin_site: AdminSite, *, offered: Offer, use: str = "") -> None:
        super().__init__(field, admin_site)
        self.offered = offered
        self.use = use

    def get_url(self) -> str:
        """The search, with what it is limited to."""
        limits = {"connection": self.offered.connection_id, "kind": self.offered.kind, "use": self.use}
        return f"{super().get_url()}?{urlencode(limits)}"

    def optgroups(self, name: str, value: Iterable[Any], attrs: dict[str, Any] | None = None) -> Any:
        """A blank, and what is chosen."""
        options = [self.create_option(name, "", "", False, 0)]
        for chosen in value:
            label = self.offered.labels.get(int(chosen)) if str(chosen).isdecimal() else None
            if label is not None:
                options.append(self.create_option(name, str(chosen), label, True, len(options)))
        return [(None, options, 0)]


class PlainPickers:
    """For pages whose pickers have no links to other pages beside them."""

    def formfield_for_dbfield(self, db_field: Field[Any, Any], request: HttpRequest, **kwargs: Any) -> forms.Field | None:
        """Without the links."""
        made: forms.Field | None = super().formfield_for_dbfield(db_field, request, **kwargs)  # type: ignore[misc]
        if made is not None and isinstance(made.widget, RelatedFieldWidgetWrapper):
            made.widget = made.widget.widget
        return made


def picking(*, field: ForeignKey[Any, Any], site: AdminSite, offered: Offer, use: str = "") -> dict[str, Any]:
    """Give the arguments that make a form field a picker."""
    return {
        "queryset": offered.fields(), "widget": FieldPicker(field, site, offered=offered, use=use),
        "error_messages": {"invalid_choice": UNKNOWN},
    }
