"""The fields of connected accounts: what the pickers of a sync's page search in. No menu entry of its own."""
from __future__ import annotations

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import URLPattern, path

from syncapp import models
from syncapp.admin import base
from syncapp.selectors import pickers
from syncapp.services import asking

MOST = 200
"""Fields that are told of at once."""


@admin.register(models.VendorField)
class VendorFieldAdmin(base.ReadOnlyAdmin):
    """Answers the pickers; whoever may see a sync may see which fields it can have."""

    search_fields = ["label", "name"]
    list_display = ["label", "name", "kind", "type", "writable", "connection"]
    list_filter = ["connection", "kind", "type"]
    list_select_related = ["connection"]
    page_template = "syncapp/field.html"

    def has_view_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Beside the field's own permission, that of the sync is enough."""
        return bool(super().has_view_permission(request, obj) or request.user.has_perm("syncapp.view_syncconfig"))

    def get_urls(self) -> list[URLPattern]:
        """What may be asked of fields, for the conditions on a sync's page."""
        asking_view = self.admin_site.admin_view(self.asking_view)
        return [path("asking/", asking_view, name="syncapp_vendorfield_asking"), *super().get_urls()]

    def asking_view(self, request: HttpRequest) -> HttpResponse:
        """Tell of some fields which conditions fit them, and what there is to choose."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        wanted = [int(one) for one in request.GET.getlist("id")[:MOST] if one.isascii() and one.isdecimal() and len(one) < 19]
        return JsonResponse(asking.told(fields=models.VendorField.objects.filter(pk__in=wanted)))

    def has_module_permission(self, request: HttpRequest) -> bool:
        """No menu entry."""
        return False

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[models.VendorField], search_term: str
    ) -> tuple[QuerySet[models.VendorField], bool]:
        """For a picker, only the fields of its account, of the kind its sync keeps in step."""
        found, may_repeat = super().get_search_results(request, queryset, search_term)
        if "connection" in request.GET:
            found = pickers.offered(
                fields=found, connection_id=request.GET["connection"], kind=request.GET.get("kind", ""), use=request.GET.get("use", ""),
                beside=request.GET.get("beside", ""),
            )
        return found, may_repeat
