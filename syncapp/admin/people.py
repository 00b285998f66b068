"""Users and roles, in unfold's clothes. The queue's own pages are taken away: they would run any function by its name."""
from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.contrib.auth.admin import GroupAdmin, UserAdmin
from django.contrib.auth.models import Group, User
from django.http import HttpRequest
from django_q import models as queue
from unfold.forms import AdminPasswordChangeForm, UserChangeForm, UserCreationForm

from syncapp.admin import base, people_fields

for model in (User, Group, queue.Schedule, queue.Success, queue.Failure, queue.OrmQ):
    if admin.site.is_registered(model):
        admin.site.unregister(model)


BEYOND = ("is_superuser", "user_permissions")
OWN_RIGHTS = ("groups", "is_staff", "is_active")
NOTED = ("last_login", "date_joined")


@admin.register(User)
class PersonAdmin(people_fields.ToldFields, UserAdmin, base.PageAdmin):  # type: ignore[type-arg, misc]
    """Who may sign in. Who is no superuser makes none, touches none, and does not change one's own rights."""

    form = UserChangeForm
    add_form = UserCreationForm
    change_password_form = AdminPasswordChangeForm

    def get_readonly_fields(self, request: HttpRequest, obj: User | None = None) -> Any:
        """The rights that this person may not give."""
        fixed = (*super().get_readonly_fields(request, obj), *NOTED)
        if request.user.is_superuser:
            return fixed
        return (*fixed, *BEYOND, *(OWN_RIGHTS if obj == request.user else ()))

    def has_change_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        """Superusers are changed by superusers."""
        return bool(super().has_change_permission(request, obj)) and self._within_reach(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        """As for changing; and nobody deletes the account that is signed in."""
        return bool(super().has_delete_permission(request, obj)) and self._within_reach(request, obj) and obj != request.user

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> Any:
        """Of several chosen in the list, those out of reach bar the rest too."""
        found, counts, missing, protected = super().get_deleted_objects(objs, request)
        barred = {str(self.opts.verbose_name) for one in objs if not self.has_delete_permission(request, one)}
        return found, counts, missing | barred, protected

    def _within_reach(self, request: HttpRequest, obj: User | None) -> bool:
        return obj is None or bool(request.user.is_superuser) or not obj.is_superuser


@admin.register(Group)
class RoleAdmin(people_fields.ToldFields, GroupAdmin, base.PageAdmin):  # type: ignore[misc]
    """What people may do, by role."""

    list_display = ("name",)
