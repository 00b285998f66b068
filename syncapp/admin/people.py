"""Users and roles, in unfold's clothes. The queue's own pages are taken away: they would run any function by its name."""
from __future__ import annotations

from django.contrib import admin
from django.contrib.auth.admin import GroupAdmin, UserAdmin
from django.contrib.auth.models import Group, User
from django_q import models as queue
from unfold.forms import AdminPasswordChangeForm, UserChangeForm, UserCreationForm

from syncapp.admin import base

for model in (User, Group, queue.Schedule, queue.Success, queue.Failure, queue.OrmQ):
    if admin.site.is_registered(model):
        admin.site.unregister(model)


@admin.register(User)
class PersonAdmin(UserAdmin, base.PageAdmin):  # type: ignore[type-arg, misc]
    """Who may sign in."""

    form = UserChangeForm
    add_form = UserCreationForm
    change_password_form = AdminPasswordChangeForm


@admin.register(Group)
class RoleAdmin(GroupAdmin, base.PageAdmin):  # type: ignore[misc]
    """What people may do, by role."""
