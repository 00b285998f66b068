"""The form that takes a pasted key. What was typed is never written back into the page."""
from __future__ import annotations

from typing import Any

from django import forms
from unfold.widgets import UnfoldAdminPasswordWidget, UnfoldAdminSelectWidget

from syncapp.engine.wording import later


class ServiceKeyForm(forms.Form):
    """A HubSpot service key and which account it opens."""

    environment = forms.ChoiceField(
        label=later("Account"), widget=UnfoldAdminSelectWidget, help_text=later("Which of HubSpot's worlds the key belongs to.")
    )
    key = forms.CharField(
        label=later("Service key"),
        max_length=2000,
        widget=UnfoldAdminPasswordWidget(attrs={"autocomplete": "off", "spellcheck": "false"}),
        help_text=later("From HubSpot: Settings, Integrations, Service keys. It is stored encrypted and shown nowhere."),
    )

    def __init__(self, *args: Any, environments: tuple[tuple[str, str], ...], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choice = self.fields["environment"]
        if isinstance(choice, forms.ChoiceField):
            choice.choices = environments
