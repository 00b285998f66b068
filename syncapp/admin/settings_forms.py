"""The forms of the pages about settings as a file.

Owns what is asked. What a file says is read by `services.settings_files`.
"""
from __future__ import annotations

from typing import Any

from django import forms
from unfold.widgets import UnfoldAdminIntegerFieldWidget, UnfoldAdminSelectWidget, UnfoldAdminTextInputWidget

from syncapp import models
from syncapp.admin import import_forms
from syncapp.engine.vocabulary import System
from syncapp.engine.wording import later, say
from syncapp.services import import_files


class CompareForm(forms.Form):
    """A file."""

    file = import_forms.settings_file()


class NewFromFileForm(forms.Form):
    """A file, the accounts that the new sync joins, and its name if it is to have another one."""

    file = import_forms.settings_file()
    left = forms.ModelChoiceField(
        models.Connection.objects.filter(system=System.HUBSPOT), label=later("HubSpot account"), widget=UnfoldAdminSelectWidget,
        empty_label=later("Choose an account"), help_text=later("No account to choose? Connect one first."),
    )
    right = forms.ModelChoiceField(
        models.Connection.objects.filter(system=System.QUICKBOOKS), label=later("QuickBooks company"), widget=UnfoldAdminSelectWidget,
        empty_label=later("Choose a company"), help_text=later("The company whose books are kept in step."),
    )
    name = forms.CharField(
        label=later("Name"), max_length=100, required=False, widget=UnfoldAdminTextInputWidget,
        help_text=later("Empty: the name that stands in the file."),
    )


class VersionsForm(forms.Form):
    """Two versions by their numbers."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, label in (("from", later("From version")), ("to", later("To version"))):
            self.fields[name] = forms.IntegerField(
                label=label, min_value=1, max_value=2_147_483_647, widget=UnfoldAdminIntegerFieldWidget
            )


def content(form: forms.Form) -> bytes:
    """What the uploaded file holds. Raises FileRefused for one that is too large to be looked at."""
    file = form.cleaned_data["file"]
    if file.size > import_files.MOST_BYTES:
        raise import_files.FileRefused(say("The file is larger than {number} MB. It holds no settings of a sync.", number=5))
    found: bytes = file.read()
    return found
