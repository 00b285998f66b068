"""My settings: the one page where everybody who is signed in chooses language, time zone and e-mails, for oneself alone."""
from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils import timezone
from unfold.widgets import UnfoldAdminCheckboxSelectMultipleWidget, UnfoldAdminSelectWidget

from syncapp import models
from syncapp.admin import base, doors
from syncapp.engine.vocabulary import Digest, NoticeKind
from syncapp.engine.wording import later, say
from syncapp.selectors import notices, personal
from syncapp.services import personal as keeping
from syncapp.services import postbox

PAGE = "admin:syncapp_personalsettings_changelist"
HOURS = [(hour, f"{hour:02}:00") for hour in range(24)]


def _help(name: str) -> Any:
    return getattr(models.PersonalSettings._meta.get_field(name), "help_text", "")


def _usual(what: str) -> str:
    """The choice of those who choose nothing."""
    return say("That of this installation ({what})", what=what)


class PersonalForm(forms.Form):
    """What a person chooses."""

    language = forms.ChoiceField(
        label=later("Language"), required=False, widget=UnfoldAdminSelectWidget, help_text=later("The language of pages and e-mails.")
    )
    time_zone = forms.ChoiceField(
        label=later("Time zone"), required=False, widget=UnfoldAdminSelectWidget,
        help_text=later("All times on pages and in e-mails are shown in it."),
    )
    at_once = forms.MultipleChoiceField(
        label=later("Send me at once"), required=False, choices=NoticeKind.noticed(), widget=UnfoldAdminCheckboxSelectMultipleWidget,
        help_text=later("Within a minute of being told. Exports are e-mailed by themselves; choosing them here tells you once more."),
    )
    digest = forms.ChoiceField(
        label=later("Send me a summary"), choices=Digest.choices(), widget=UnfoldAdminSelectWidget, help_text=_help("digest")
    )
    digest_hour = forms.TypedChoiceField(
        label=later("Summary from"), choices=HOURS, coerce=int, widget=UnfoldAdminSelectWidget, help_text=_help("digest_hour")
    )
    in_summary = forms.MultipleChoiceField(
        label=later("The summary tells of"), required=False, choices=NoticeKind.choices(), widget=UnfoldAdminCheckboxSelectMultipleWidget,
        help_text=later("Each only as far as you may see it."),
    )

    def __init__(self, data: Any = None, *, chosen: models.PersonalSettings) -> None:
        fields = ("language", "time_zone", "at_once", "digest", "digest_hour")
        told = [kind.value for kind in NoticeKind if kind not in chosen.not_in_summary]
        super().__init__(data, initial={**{name: getattr(chosen, name) for name in fields}, "in_summary": told})
        languages = dict(settings.LANGUAGES)
        self.fields["language"].choices = [  # type: ignore[attr-defined]
            ("", _usual(languages[settings.LANGUAGE_CODE])), *settings.LANGUAGES
        ]
        choices: list[Any] = [("", _usual(timezone.get_default_timezone_name())), *personal.zones()]
        kept = chosen.time_zone
        if kept and not any(kept == name for _, zones in personal.zones() for name, _ in zones):
            choices.append((kept, kept))
        self.fields["time_zone"].choices = choices  # type: ignore[attr-defined]

    def wishes(self) -> dict[str, Any]:
        """What was chosen, in words of ours."""
        given = self.cleaned_data
        kinds = {name: [NoticeKind(code) for code in given[name]] for name in ("at_once", "in_summary")}
        return {**given, **kinds, "digest": Digest(given["digest"])}


@admin.register(models.PersonalSettings)
class PersonalAdmin(base.PageAdmin):
    """One page and no list: nobody opens another person's."""

    def get_urls(self) -> list[URLPattern]:
        """The page alone."""
        return [path("", self.admin_site.admin_view(self.page_view), name="syncapp_personalsettings_changelist")]

    def has_module_permission(self, request: HttpRequest) -> bool:
        """It stands in the person's own menu, not among the lists."""
        return False

    def page_view(self, request: HttpRequest) -> HttpResponse:
        """Show one's own settings and the latest mails, and save them."""
        user = doors.person(request)
        form = PersonalForm(request.POST or None, chosen=personal.of(user=user))
        if request.method == "POST" and form.is_valid():
            try:
                keeping.save(user=user, **form.wishes())
            except ValueError as refused:
                form.add_error(None, str(refused))
            else:
                messages.success(request, say("Your settings are saved."))
                return redirect(PAGE)
        context = {
            **self.admin_site.each_context(request), "opts": self.opts, "title": say("My settings"), "form": form, "now": timezone.now(),
            "address": postbox.address(user), "mail_server": postbox.is_there(), "into_files": postbox.is_into_files(),
            "told": notices.may_see_all(user=user), "mails": personal.mails(user=user),
        }
        return TemplateResponse(request, "syncapp/personal.html", context)
