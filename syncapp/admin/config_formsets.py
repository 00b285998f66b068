"""The formsets of a sync's page, and the check of the whole page before anything of it is saved.

Owns the order of lines and which of them will stand. Saves nothing itself; Django does, once the check has passed.
"""
from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.core.exceptions import ValidationError
from unfold.forms import PaginationInlineFormSet

from syncapp import models
from syncapp.engine.vocabulary import Side
from syncapp.services import configs


class OrderedFormSet(PaginationInlineFormSet):
    """New lines go to the end. `saved` are the lines that were read already with what they belong to."""

    saved: Sequence[Any] | None = None

    def get_queryset(self) -> Any:
        """The lines as they are saved."""
        return super().get_queryset() if self.saved is None else self.saved

    def save_new(self, form: Any, commit: bool = True) -> Any:
        """Place the line behind the others unless it was dragged."""
        if "position" not in form.changed_data:
            last = max((known.instance.position for known in self.initial_forms), default=-1)
            form.instance.position = last + 1 + self.extra_forms.index(form)
        return super().save_new(form, commit)

    def kept(self) -> list[Any]:
        """The forms that will stand after saving, in the order of the page."""
        gone = self.deleted_forms
        stays = [form for form in self.forms if form not in gone and (form.instance.pk is not None or form.has_changed())]
        return sorted(stays, key=lambda form: form.cleaned_data.get("position") or 0)


class MappingFormSet(OrderedFormSet):
    """The mappings. Two of them may exchange their fields in one go."""

    def save_existing_objects(self, commit: bool = True) -> Any:
        """Switch off what changes or goes before anything is switched on, so that no two write one field on the way."""
        for form in self.initial_forms:
            if commit and (form in self.deleted_forms or form.has_changed()):
                wanted, form.instance.active = form.instance.active, False
                self.save_existing(form, form.instance, commit)
                form.instance.active = wanted
        return super().save_existing_objects(commit)


class GroupFormSet(OrderedFormSet):
    """The filter groups of one side. The last formset of the page checks the page as a whole."""

    side: Side
    page: Sequence[Any] = ()

    @classmethod
    def get_default_prefix(cls) -> str:
        """A prefix for each side."""
        return f"{cls.side.value.lower()}_groups"

    def _construct_form(self, i: int, **kwargs: Any) -> Any:
        return self._placed(super()._construct_form(i, **kwargs))

    @property
    def empty_form(self) -> Any:
        """The form that new groups are copied from."""
        return self._placed(super().empty_form)

    def _placed(self, form: Any) -> Any:
        form.instance.side = self.side
        form.instance.config = self.instance
        return form

    def clean(self) -> None:
        """Check the page as a whole once its parts are sound, and say at each place what is wrong there."""
        super().clean()
        if not self.page or any(self.errors) or not all(formset.is_valid() for formset in self.page if formset is not self):
            return
        group_forms = [(form, nested_forms(form)) for formset in self.page[1:] for form in formset.kept()]
        if not all(rule.is_valid() for _, rules in group_forms for rule in rules):
            return
        mapping_forms = self.page[0].kept()
        try:
            configs.refuse_or_pass(config=self.instance)
        except configs.ConfigRefused:
            return
        problems = configs.check_forms(
            config=self.instance, mappings=[form.instance for form in mapping_forms],
            groups=[(form.instance, [rule.instance for rule in rules]) for form, rules in group_forms],
            value_maps=_value_maps(self.instance, mapping_forms), steps=_steps(self.instance, mapping_forms),
        )
        for problem in problems:
            if problem.mapping is not None:
                _blame(mapping_forms[problem.mapping], problem)
            elif problem.rule is not None:
                form, rules = group_forms[problem.rule[0]]
                _blame(rules[problem.rule[1]] if rules else form, problem)
        if problems:
            raise ValidationError([problem.words for problem in problems])


def nested_forms(form: Any) -> list[Any]:
    """List the conditions of a group's form that will stand after saving."""
    formset = form.nested_formsets[0].formset if getattr(form, "nested_formsets", None) else None
    return formset.kept() if formset is not None and formset.is_valid() else list(formset.forms) if formset is not None else []


def _blame(form: Any, problem: Any) -> None:
    name = "typed" if problem.field == "values" else problem.field
    form.add_error(name if name in form.fields else None, problem.words)


def _value_maps(config: models.SyncConfig, forms_in_order: Iterable[Any]) -> Mapping[int, Sequence[tuple[str, str]]]:
    known: dict[int, list[tuple[str, str]]] = {}
    for value in models.ValueMapping.objects.filter(mapping__config=config):
        known.setdefault(value.mapping_id, []).append((value.left_value, value.right_value))
    return {at: known[form.instance.pk] for at, form in enumerate(forms_in_order) if form.instance.pk in known}


def _steps(config: models.SyncConfig, forms_in_order: Iterable[Any]) -> Mapping[int, Sequence[models.Transform]]:
    known: dict[int, list[models.Transform]] = {}
    for step in models.Transform.objects.filter(mapping__config=config):
        known.setdefault(step.mapping_id, []).append(step)
    return {at: known[form.instance.pk] for at, form in enumerate(forms_in_order) if form.instance.pk in known}


class LeftGroupFormSet(GroupFormSet):
    """HubSpot's groups."""

    side = Side.LEFT


class RightGroupFormSet(GroupFormSet):
    """QuickBooks' groups."""

    side = Side.RIGHT
