"""The form that takes a file to import, and what its page says of each kind."""
from __future__ import annotations

from typing import Any

from django import forms
from unfold.widgets import UnfoldAdminFileFieldWidget, UnfoldAdminSelectWidget

from syncapp.engine.vocabulary import ImportKind
from syncapp.engine.wording import later

ABOUT = {
    ImportKind.LINKS: later(
        "Each line makes a HubSpot record and a QuickBooks record partners. Both must be known to this sync and have no "
        "partner yet."
    ),
    ImportKind.EXCLUSIONS: later(
        "Each line leaves a record and its partner out of this sync, or takes them in again."
    ),
    ImportKind.MAPPINGS: later(
        "Each line adds a field mapping or changes one that is there. An empty cell leaves a setting as it is, and no "
        "mapping is removed. Steps and value maps are not part of the file."
    ),
    ImportKind.VALUES: later(
        "Each line says which HubSpot value is which QuickBooks value. A value may stand there once on each side."
    ),
    ImportKind.SETTINGS: later(
        "The file holds all settings of a sync with its mappings and filters. This sync gets exactly those; only its name and its "
        "accounts stay. What is agreed about its pairs stays too."
    ),
}
MODES = [("add", later("Keep it, and add the file")), ("replace", later("Replace it by the file"))]


def settings_file() -> forms.FileField:
    """A field that takes a file of settings."""
    return forms.FileField(
        label=later("File"), allow_empty_file=True, help_text=later("A file that was downloaded from the page of a sync. At most 5 MB."),
        widget=UnfoldAdminFileFieldWidget(attrs={"accept": ".json"}), error_messages={"required": later("Choose a file of at most 5 MB.")},
    )


class FileForm(forms.Form):
    """A file, and for a value map what becomes of the values that it has."""

    file = forms.FileField(
        label=later("File"), allow_empty_file=True,
        help_text=later("CSV in UTF-8, parted by commas, semicolons or tabs, or XLSX. At most 5 MB and 20,000 lines."),
        widget=UnfoldAdminFileFieldWidget(attrs={"accept": ".csv,.tsv,.txt,.xlsx"}),
        error_messages={"required": later("Choose a file of at most 5 MB.")},
    )
    mode = forms.ChoiceField(
        label=later("What is in the value map now"), widget=UnfoldAdminSelectWidget, choices=MODES,
        help_text=later("Replacing removes the values that are not in the file."),
    )

    def __init__(self, *args: Any, kind: ImportKind) -> None:
        super().__init__(*args)
        if kind is ImportKind.SETTINGS:
            self.fields["file"] = settings_file()
        if kind is not ImportKind.VALUES:
            del self.fields["mode"]
