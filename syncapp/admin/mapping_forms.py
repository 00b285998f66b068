"""The forms of a mapping's own page: its steps and its value map, and the check of both before anything is saved.

Owns how what is typed becomes settings and values. Whether they make sense is told by `services.mapping_details`.
"""
from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from unfold.forms import PaginationInlineFormSet
from unfold.widgets import UnfoldAdminSelectWidget

from syncapp import models
from syncapp.admin import config_formsets
from syncapp.engine.vocabulary import Side, TransformKind
from syncapp.engine.wording import later, say
from syncapp.services import mapping_details

HINTS = {
    TransformKind.TEMPLATE: later("Text with fields in braces, such as {firstname} {lastname}"),
    TransformKind.PHONE_E164: later("The country of numbers without one, such as US"),
    TransformKind.COUNTRY_ISO: later("code or name"),
    TransformKind.DEFAULT: later("The value"),
    TransformKind.TRUNCATE: later("A number of characters, or nothing for as many as the field holds"),
}


class KindSelect(UnfoldAdminSelectWidget):
    """What a step does, each with a hint of what to type beside it."""

    def create_option(self, name: str, value: Any, label: Any, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """Put the hint on the option, where the page's script finds it."""
        option: dict[str, Any] = super().create_option(name, value, label, *args, **kwargs)
        if value in set(TransformKind):
            option["attrs"]["data-hint"] = HINTS.get(TransformKind(value), "")
        return option


class StepForm(forms.ModelForm):  # type: ignore[type-arg]
    """One step."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "kind" in self.fields:
            self.fields["kind"].widget = KindSelect(choices=[("", say("Choose a step")), *TransformKind.choices()])


class ValueForm(forms.ModelForm):  # type: ignore[type-arg]
    """One value of either side. The choices of a field are typed and shown by their names."""

    def __init__(self, *args: Any, mapping: models.FieldMapping, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._mapping = mapping
        if self.instance.pk is not None:
            for side, name in ((Side.LEFT, "left_value"), (Side.RIGHT, "right_value")):
                self.initial[name] = mapping_details.shown_as_known(mapping=mapping, side=side, value=getattr(self.instance, name))

    def clean_left_value(self) -> str:
        """The HubSpot value."""
        return mapping_details.typed_as_known(mapping=self._mapping, side=Side.LEFT, typed=self.cleaned_data["left_value"])

    def clean_right_value(self) -> str:
        """The QuickBooks value."""
        return mapping_details.typed_as_known(mapping=self._mapping, side=Side.RIGHT, typed=self.cleaned_data["right_value"])

    def validate_constraints(self) -> None:
        """Left to the check of the whole page, which says it in words."""


class StepFormSet(config_formsets.OrderedFormSet):
    """The steps, in the order in which they are done."""


class ValueFormSet(PaginationInlineFormSet):
    """The value map. The last formset of the page checks the page as a whole."""

    page: Sequence[Any] = ()

    def get_form_kwargs(self, index: int | None) -> dict[str, Any]:
        """Tell every line whose values it names."""
        return {**super().get_form_kwargs(index), "mapping": self.instance}

    def validate_unique(self) -> None:
        """Left to the check of the whole page."""

    def kept(self) -> list[Any]:
        """The lines that will stand after saving."""
        gone = self.deleted_forms
        return [form for form in self.forms if form not in gone and (form.instance.pk is not None or form.has_changed())]

    def clean(self) -> None:
        """Check steps and values together, and say at each place what is wrong there."""
        super().clean()
        if not self.page or any(self.errors) or not all(formset.is_valid() for formset in self.page if formset is not self):
            return
        steps, lines = self.page[0].kept(), self.kept()
        found = mapping_details.check(
            mapping=self.instance, steps=[form.instance for form in steps], values=[form.instance for form in lines]
        )
        for at, words in found.steps.items():
            steps[at].add_error("setting", words)
        for at, words in found.values.items():
            lines[at].add_error("left_value", words)
        if found.sentences:
            raise ValidationError(found.sentences)
