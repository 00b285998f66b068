"""Users and roles, in unfold's clothes. The queue's own pages are taken away: they would run any function by its name."""
from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager, nullcontext
from typing import Any, ClassVar

from django.contrib import admin, messages
from django.contrib.auth.admin import GroupAdmin, UserAdmin
from django.contrib.auth.models import Group, User
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django_q import models as queue
from unfold.forms import AdminPasswordChangeForm, UserChangeForm, UserCreationForm

from syncapp.admin import audited, base, doors, people_fields
from syncapp.engine.wording import say
from syncapp.services import actors, audit_settings, people, second_factor

for model in (User, Group, queue.Schedule, queue.Success, queue.Failure, queue.OrmQ):
    if admin.site.is_registered(model):
        admin.site.unregister(model)


def _without_second_factor(request: HttpRequest, user: User) -> doors.Said:
    """Take somebody's second factor away, for those who may change that person."""
    if not admin.site.get_model_admin(User).has_change_permission(request, user):
        raise PermissionDenied
    if not second_factor.take_away(user=user, actor=doors.person(request)):
        return doors.Said(words=say("{account} has no second factor; nothing was changed.", account=user), level=messages.WARNING)
    return doors.Said(words=say("The second factor of {account} is reset. A new one is set up at the next sign-in.", account=user))


BEYOND = ("is_superuser", "user_permissions")
RIGHTS = ("groups", "is_staff", "is_active")
NOTED = ("last_login", "date_joined")


@contextmanager
def _keeping_one(person: User) -> Iterator[None]:
    try:
        with people.keeping_one(user=person):
            yield
    except people.LastAdministrator as last:
        raise PermissionDenied(str(last)) from last


@admin.register(User)
class PersonAdmin(audited.Audited, people_fields.ToldFields, UserAdmin, base.PageAdmin):  # type: ignore[type-arg, misc]
    """Who may sign in. Who is no superuser makes none and touches none; nobody changes one's own rights, or takes the last
    administrator's.
    """

    form = UserChangeForm
    add_form = UserCreationForm
    change_password_form = AdminPasswordChangeForm
    change_form_outer_before_template = "syncapp/person_second_factor.html"
    doors: ClassVar[tuple[doors.Door, ...]] = (
        doors.Door(name="second_factor", permission="auth.change_user", act=_without_second_factor),
    )

    def get_readonly_fields(self, request: HttpRequest, obj: User | None = None) -> Any:
        """The rights that this person may not give, or nobody may take."""
        fixed = (*super().get_readonly_fields(request, obj), *NOTED)
        kept = obj is not None and (obj == request.user or people.is_last_administrator(user=obj))
        return (*fixed, *(() if request.user.is_superuser and not kept else BEYOND), *(RIGHTS if kept else ()))

    def change_view(self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None) -> HttpResponse:
        """The form, with how the person's second factor stands above it."""
        shown = {"second_factor_required": second_factor.is_required(), **(extra_context or {})}
        person = self.get_object(request, object_id) if request.method == "POST" else None
        with _keeping_one(person) if person is not None else nullcontext():
            answer: HttpResponse = super().change_view(request, object_id, form_url, shown)
        return answer

    def delete_model(self, request: HttpRequest, obj: User) -> None:
        """Delete somebody, never the last administrator."""
        with _keeping_one(obj):
            super().delete_model(request, obj)

    def beside(self, subject: User, *, made: bool) -> Mapping[str, list[str]]:
        """Somebody's first password, by its fingerprint."""
        return audit_settings.first_password(user=subject) if made else {}

    def has_change_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        """Superusers are changed by superusers."""
        return bool(super().has_change_permission(request, obj)) and self._within_reach(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        """As for changing; and nobody deletes the account that is signed in, or the last administrator's."""
        kept = obj is not None and (obj == request.user or people.is_last_administrator(user=obj))
        return bool(super().has_delete_permission(request, obj)) and self._within_reach(request, obj) and not kept

    def user_change_password(self, request: HttpRequest, id: str, form_url: str = "") -> HttpResponse:
        """Set a password, and tell who did."""
        person = self.get_object(request, id)
        if person is None:  # Django's own answers to who asks for nobody.
            return super().user_change_password(request, id, form_url)
        with audit_settings.around(user=person, who=actors.of(doors.person(request)), now=timezone.now()):
            answer: HttpResponse = super().user_change_password(request, id, form_url)
        return answer

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> Any:
        """Of several chosen in the list, those out of reach bar the rest too."""
        found, counts, missing, protected = super().get_deleted_objects(objs, request)
        barred = {str(self.opts.verbose_name) for one in objs if not self.has_delete_permission(request, one)}
        if not people.administrators().exclude(pk__in=[one.pk for one in objs]).exists():
            barred.add(str(self.opts.verbose_name))
        return found, counts, missing | barred, protected

    def _within_reach(self, request: HttpRequest, obj: User | None) -> bool:
        return obj is None or bool(request.user.is_superuser) or not obj.is_superuser


@admin.register(Group)
class RoleAdmin(audited.Audited, people_fields.ToldFields, GroupAdmin, base.PageAdmin):  # type: ignore[misc]
    """What people may do, by role."""

    list_display = ("name",)
