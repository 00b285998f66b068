"""The forms of a sync's page: setting one up, its settings, its mappings, and its filters.

Owns how what is typed becomes values. Whether the settings make sense is told by `services.configs`.
"""
from __future__ import annotations

import copy
from typing import Any

from django import forms
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextareaWidget, UnfoldAdminTextInputWidget

from syncapp import models
from syncapp.engine.vocabulary import Direction, FieldType, FilterOperator, NamePolicy, ObjectPair, System
from syncapp.services import configs, defaults, recommended

ARROWS = [(Direction.BOTH, "↔ both ways"), (Direction.TO_RIGHT, "→ QuickBooks"), (Direction.TO_LEFT, "← HubSpot")]
BY_COMMA = {FieldType.CHOICE, FieldType.CHOICES, FieldType.NUMBER, FieldType.DATE, FieldType.DATETIME}


class NewSyncForm(forms.Form):
    """The four questions of a new sync; everything else is filled in and can be changed afterwards."""

    name = forms.CharField(
        max_length=100, initial="Contacts and customers", widget=UnfoldAdminTextInputWidget,
        help_text="How this sync is called on pages and on the command line.",
    )
    left = forms.ModelChoiceField(
        models.Connection.objects.filter(system=System.HUBSPOT), label="HubSpot account", widget=UnfoldAdminSelectWidget,
        empty_label="Choose an account", help_text="No account to choose? Connect one first.",
    )
    right = forms.ModelChoiceField(
        models.Connection.objects.filter(system=System.QUICKBOOKS), label="QuickBooks company", widget=UnfoldAdminSelectWidget,
        empty_label="Choose a company", help_text="The company whose books are kept in step.",
    )
    object_pair = forms.ChoiceField(
        label="Objects", choices=ObjectPair.choices(), widget=UnfoldAdminSelectWidget, help_text="Which kinds of record are kept in step."
    )
    direction = forms.ChoiceField(
        choices=[("", "As recommended"), *Direction.choices()], required=False, widget=UnfoldAdminSelectWidget,
        help_text="Which way values flow. Recommended: contacts both ways, products from QuickBooks to HubSpot. "
        "Each field can be narrowed later.",
    )


class SyncConfigForm(forms.ModelForm):  # type: ignore[type-arg]
    """The settings. What is wrong with them is said at the field."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk is None:
            return
        entry = defaults.of(self.instance.object_pair)
        for one in entry.new_values:
            if one.account and one.setting in self.fields:
                self.fields[one.setting] = self._account(one)
        policy = self.fields.get("name_policy")
        if not entry.nested and isinstance(policy, forms.ChoiceField):
            policy.choices = [choice for choice in NamePolicy.choices() if choice[0] != NamePolicy.SUB_CUSTOMER]

    def _account(self, needed: recommended.NewValue) -> forms.ChoiceField:
        """A choice among the company's accounts as they were last read; one that is gone stays visible until another is chosen."""
        plain = self.fields[needed.setting]
        known = configs.accounts(config=self.instance, field_name=needed.field)
        chosen = getattr(self.instance, needed.setting)
        gone = [] if chosen in ("", *known) else [(chosen, f"Account {chosen}, which is not there any more")]
        return forms.ChoiceField(
            choices=[("", "Choose an account" if known else "No account known: refresh the fields of the company"), *gone, *known.items()],
            label=plain.label, required=False, widget=UnfoldAdminSelectWidget, help_text=plain.help_text,
        )

    def clean(self) -> dict[str, Any] | None:
        """Ask the service about the settings as they would be."""
        cleaned = super().clean()
        draft = copy.copy(self.instance)
        for name, value in self.cleaned_data.items():
            setattr(draft, name, value)
        if not self.errors:
            try:
                configs.refuse_or_pass(config=draft)
            except configs.ConfigRefused as refused:
                for problem in refused.problems:
                    self.add_error(problem.field if problem.field in self.fields else None, problem.words)
        return cleaned


class MappingForm(forms.ModelForm):  # type: ignore[type-arg]
    """One mapping, with short words for the directions. Two mappings that write one field are found by the check of the page."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        direction = self.fields.get("direction")
        if isinstance(direction, forms.ChoiceField):
            direction.choices = ARROWS

    def validate_constraints(self) -> None:
        """Left to the check of the whole page: against the rows as saved, a mere exchange of two mappings would be refused."""


class GroupForm(forms.ModelForm):  # type: ignore[type-arg]
    """A filter group. A new one counts as filled in, since its conditions need it."""

    def has_changed(self) -> bool:
        """Whether there is something to save."""
        return self.instance.pk is None or super().has_changed()


class OperatorSelect(UnfoldAdminSelectWidget):
    """The conditions, each with a hint of what to type beside it."""

    def create_option(self, name: str, value: Any, label: Any, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """Put the hint on the option, where the page's script finds it."""
        option: dict[str, Any] = super().create_option(name, value, label, *args, **kwargs)
        if value in set(FilterOperator):
            option["attrs"]["data-hint"] = hint(FilterOperator(value))
        return option


class RuleForm(forms.ModelForm):  # type: ignore[type-arg]
    """One condition. Values are typed as text: one on a line; numbers, dates and choices may be parted by commas too."""

    typed = forms.CharField(
        label="value", required=False, strip=True, widget=UnfoldAdminTextareaWidget(attrs={"rows": 1}),
        help_text="One value on a line. Dates as YYYY-MM-DD. For choices, their names.",
    )
    left_out: frozenset[FilterOperator] = frozenset()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "operator" in self.fields:
            left_out = self.left_out - {self.instance.operator}
            offered = [choice for choice in FilterOperator.choices() if choice[0] not in left_out]
            self.fields["operator"].widget = OperatorSelect(choices=[("", "Choose a condition"), *offered])
        if self.instance.pk is not None:
            self.initial["typed"] = as_text(self.instance)

    def clean(self) -> dict[str, Any] | None:
        """Turn what was typed into the rule's values."""
        cleaned = super().clean()
        field = self.cleaned_data.get("field")
        if field is not None:
            self.instance.values = as_values(self.cleaned_data.get("typed", ""), field)
        return cleaned


def as_text(rule: models.FilterRule) -> str:
    """Write a rule's values as they are typed: choices by their names, one on a line."""
    names = dict(rule.field.choices)
    return "\n".join(str(names.get(value, value)) for value in rule.values)


def as_values(typed: str, field: models.VendorField) -> list[str]:
    """Read the values out of what was typed; the name of a choice becomes the choice."""
    lines = typed.splitlines()
    if FieldType(field.type) in BY_COMMA:
        lines = [part for line in lines for part in line.split(",")]
    codes = {str(label).casefold(): str(value) for value, label in field.choices}
    parts = [line.strip() for line in lines if line.strip()]
    return [codes.get(part.casefold(), part) for part in parts]


def hint(operator: FilterOperator) -> str:
    """Say what to type for an operator; "" where nothing is typed."""
    name = operator.value
    if operator in (FilterOperator.IS_KNOWN, FilterOperator.IS_UNKNOWN):
        return ""
    if operator in (FilterOperator.BETWEEN, FilterOperator.NOT_BETWEEN):
        return "Two values, the smaller first"
    if name.endswith(("_AGO", "_AHEAD")):
        return "A number of days, such as 30"
    if name.startswith("IN_"):
        return "day, week, month, quarter or year"
    if name.endswith("_FIELD"):
        return "The name of another date field"
    if operator in (FilterOperator.BEFORE, FilterOperator.AFTER):
        return "A date, such as 2026-01-31"
    if operator in (FilterOperator.GREATER, FilterOperator.GREATER_OR_EQUAL, FilterOperator.LESS, FilterOperator.LESS_OR_EQUAL):
        return "A number"
    return "One value on a line"
