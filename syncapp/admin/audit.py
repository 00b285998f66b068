"""The audit: what was done for good, by whom, with old and new values for those who may see them. Read, searched and exported only."""
from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, QueryDict
from django.urls import URLPattern, path, reverse
from unfold.decorators import display

from syncapp import models
from syncapp.admin import base, export_doors
from syncapp.engine.vocabulary import AuditKind, AuditVerb, ExportContent
from syncapp.engine.wording import later, say
from syncapp.selectors import audit_lists as reading
from syncapp.selectors import words


class PersonFilter(admin.SimpleListFilter):
    """Who did it, or answers for the schedule that did."""

    title = later("who")
    parameter_name = reading.PERSON

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """Everybody who may sign in."""
        return reading.people()

    def queryset(self, request: HttpRequest, queryset: QuerySet[models.AuditEntry]) -> QuerySet[models.AuditEntry]:
        """Keep what that person did."""
        return queryset.filter(person_id=self.value()) if (self.value() or "").isdecimal() else queryset


class AccountFilter(admin.SimpleListFilter):
    """At which account."""

    title = later("account")
    parameter_name = reading.ACCOUNT

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """The connected accounts."""
        return reading.accounts()

    def queryset(self, request: HttpRequest, queryset: QuerySet[models.AuditEntry]) -> QuerySet[models.AuditEntry]:
        """Keep what was done there."""
        return queryset.filter(connection=self.value()) if (self.value() or "").isdecimal() else queryset


class NumberFilter(admin.SimpleListFilter):
    """To what another page leads here for. It stands beside the list only while it narrows it."""

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """The number that is asked for."""
        number = self.value() or ""
        return [(number, f"#{number}")] if number.isdecimal() and len(number) <= 18 else []

    def queryset(self, request: HttpRequest, queryset: QuerySet[models.AuditEntry]) -> QuerySet[models.AuditEntry]:
        """Keep what belongs to that number."""
        return queryset.filter(**{str(self.parameter_name): self.value()})


class RunFilter(NumberFilter):
    """Of which run."""

    title = later("run")
    parameter_name = reading.RUN


class PairFilter(NumberFilter):
    """Of which record pair."""

    title = later("record pair")
    parameter_name = reading.PAIR


@admin.register(models.AuditEntry)
class AuditAdmin(base.ReadOnlyAdmin):
    """Newest first. Searched by a record's id."""

    list_display = ["number", "moment", "about", "done", "subject", "fields_changed", "somebody", "sync"]
    list_display_links = ["number", "subject"]
    # No date_hierarchy: it would look at every entry there ever was for each page.
    list_filter = ["kind", "verb", PersonFilter, AccountFilter, RunFilter, PairFilter, "at"]
    search_fields = ["=subject_id"]
    search_help_text = later("The id of a record at its vendor, or the number of what was set here.")
    list_before_template = "syncapp/audit_export.html"
    page_template = "syncapp/audit.html"
    show_full_result_count = False
    nothing = later("Nothing of the kind was done yet.")

    def get_urls(self) -> list[URLPattern]:
        """The button that exports the list."""
        return [path("export/", self.admin_site.admin_view(self.export_view), name="syncapp_auditentry_export"), *super().get_urls()]

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """The list, under the button that exports it."""
        context: dict[str, Any] = {
            "title": say("Audit"), "formats": export_doors.formats(request, ExportContent.AUDIT),
            "export_url": reverse("admin:syncapp_auditentry_export"), "list_query": reading.kept(request.GET), **(extra_context or {}),
        }
        answer: HttpResponse = super().changelist_view(request, context)
        return answer

    def export_view(self, request: HttpRequest) -> HttpResponse:
        """Make a file of the entries that the list shows."""
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        query = reading.kept(QueryDict(request.POST.get("query", "")))
        back = f"{reverse('admin:syncapp_auditentry_changelist')}?{query}"
        return export_doors.answered(request, content=ExportContent.AUDIT, query=query, name=say("Audit"), back=back)

    def page_context(self, request: HttpRequest, subject: models.AuditEntry) -> dict[str, Any]:
        """One entry, with its values for those who may see them."""
        plain = reading.may_see_values(request.user)
        return {
            "who": reading.who(subject), "what": reading.what(subject), "changes": reading.changes(subject, plain=plain), "plain": plain,
            "about": AuditKind(subject.kind).label, "done": AuditVerb(subject.verb).label, "at": words.moment(subject.at, seconds=True),
            "of_record": subject.kind == AuditKind.RECORD,
        }

    @display(description=later("when"), ordering="number")
    def moment(self, entry: models.AuditEntry) -> str:
        """When it was done."""
        return words.moment(entry.at, seconds=True)

    @display(description=later("about"))
    def about(self, entry: models.AuditEntry) -> str:
        """What kind of thing."""
        return AuditKind(entry.kind).label

    @display(
        description=later("what"),
        label={
            AuditVerb.ADDED.value: "success", AuditVerb.CHANGED.value: "info", AuditVerb.ARCHIVED.value: "warning",
            AuditVerb.REMOVED.value: "danger", AuditVerb.DOUBTFUL.value: "warning",
        },
    )
    def done(self, entry: models.AuditEntry) -> tuple[str, str]:
        """What was done to it."""
        return entry.verb, AuditVerb(entry.verb).label

    @display(description=later("which"))
    def subject(self, entry: models.AuditEntry) -> str:
        """Which record or setting."""
        return reading.what(entry)

    @display(description=later("fields"))
    def fields_changed(self, entry: models.AuditEntry) -> str:
        """Which fields, without their values."""
        return reading.fields(entry)

    @display(description=later("who"))
    def somebody(self, entry: models.AuditEntry) -> str:
        """Who did it."""
        return reading.who(entry)
