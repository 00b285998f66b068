"""The forms of a sync's page: setting one up, its settings, its mappings, and its filters.

Owns how what is typed becomes values. Whether the settings make sense is told by `services.configs`.
"""
from __future__ import annotations

import copy
from typing import Any

from django import forms
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextareaWidget, UnfoldAdminTextInputWidget

from syncapp import models
from syncapp.engine.vocabulary import Direction, FilterOperator, NamePolicy, ObjectPair, System
from syncapp.engine.wording import later, say
from syncapp.services import asking, configs, defaults, drafts, recommended

ARROWS = [(Direction.BOTH, later("↔ both ways")), (Direction.TO_RIGHT, "→ QuickBooks"), (Direction.TO_LEFT, "← HubSpot")]


class NewSyncForm(forms.Form):
    """The four questions of a new sync; everything else is filled in and can be changed afterwards."""

    name = forms.CharField(
        label=later("Name"), max_length=100, initial=later("Contacts and customers"), widget=UnfoldAdminTextInputWidget,
        help_text=later("How this sync is called on pages and on the command line."),
    )
    left = forms.ModelChoiceField(
        models.Connection.objects.filter(system=System.HUBSPOT), label=later("HubSpot account"), widget=UnfoldAdminSelectWidget,
        empty_label=later("Choose an account"), help_text=later("No account to choose? Connect one first."),
    )
    right = forms.ModelChoiceField(
        models.Connection.objects.filter(system=System.QUICKBOOKS), label=later("QuickBooks company"), widget=UnfoldAdminSelectWidget,
        empty_label=later("Choose a company"), help_text=later("The company whose books are kept in step."),
    )
    object_pair = forms.ChoiceField(
        label=later("Objects"), choices=ObjectPair.choices(), widget=UnfoldAdminSelectWidget,
        help_text=later("Which kinds of record are kept in step."),
    )
    direction = forms.ChoiceField(
        label=later("Direction"), choices=[("", later("As recommended")), *Direction.choices()], required=False,
        widget=UnfoldAdminSelectWidget,
        help_text=later(
            "Which way values flow. Recommended: contacts both ways, products from QuickBooks to HubSpot. "
            "Each field can be narrowed later."
        ),
    )


class SyncConfigForm(forms.ModelForm):  # type: ignore[type-arg]
    """The settings. What is wrong with them is said at the field."""

    draft: drafts.Draft | None = None

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
        known = self.draft.accounts(field_name=needed.field) if self.draft is not None else {}
        chosen = getattr(self.instance, needed.setting)
        gone = [] if chosen in ("", *known) else [(chosen, say("Account {number}, which is not there any more", number=chosen))]
        first = say("Choose an account") if known else say("No account known: refresh the fields of the company")
        return forms.ChoiceField(
            choices=[("", first), *gone, *known.items()],
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
            option["attrs"]["data-hint"] = asking.hint(operator=FilterOperator(value))
        return option


class RuleForm(forms.ModelForm):  # type: ignore[type-arg]
    """One condition. Values are typed as text: one on a line; numbers, dates and choices may be parted by commas too."""

    typed = forms.CharField(
        label=later("value"), required=False, strip=True, widget=UnfoldAdminTextareaWidget(attrs={"rows": 1}),
        help_text=later("One value on a line. Dates as YYYY-MM-DD. For choices, their names."),
    )
    left_out: frozenset[FilterOperator] = frozenset()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "operator" in self.fields:
            left_out = self.left_out - {self.instance.operator}
            offered = [choice for choice in FilterOperator.choices() if choice[0] not in left_out]
            self.fields["operator"].widget = OperatorSelect(choices=[("", say("Choose a condition")), *offered])
        if self.instance.pk is not None:
            self.initial["typed"] = asking.as_text(rule=self.instance)

    def clean(self) -> dict[str, Any] | None:
        """Turn what was typed into the rule's values."""
        cleaned = super().clean()
        field = self.cleaned_data.get("field")
        if field is not None:
            self.instance.values = asking.as_values(typed=self.cleaned_data.get("typed", ""), field=field)
        return cleaned
