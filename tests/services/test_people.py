"""Administrators hear of a superuser who signs in, and there is always one left."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import Group, User
from django.test import Client

from syncapp import models
from syncapp.services import people

pytestmark = pytest.mark.django_db
PASSWORD = "a long enough pass phrase"


def somebody(name: str, role: str = "") -> User:
    user = User.objects.create_user(name, password=PASSWORD, is_staff=True)
    if role:
        user.groups.add(Group.objects.get(name=role))
    return user


class TestSuperuserSigningIn:
    def test_is_told_to_the_other_administrators_and_to_nobody_else(self) -> None:
        for name, role in (("ann", "Administrator"), ("bob", "Operator"), ("vic", "Viewer")):
            somebody(name, role)
        User.objects.create_superuser("chief", password=PASSWORD)

        Client().post("/login/?next=/", {"username": "chief", "password": PASSWORD})

        notice = models.Notice.objects.get()
        assert notice.user is not None and notice.user.username == "ann"
        assert "chief signed in as a superuser, who may do everything, at " in notice.words

    def test_is_told_once_while_the_notice_is_open(self) -> None:
        somebody("ann", "Administrator")
        chief = User.objects.create_superuser("chief")

        for _ in range(3):
            Client().force_login(chief)

        assert models.Notice.objects.count() == 1

    def test_of_others_is_not_told(self) -> None:
        somebody("ann", "Administrator")

        Client().force_login(somebody("bob", "Operator"))

        assert not models.Notice.objects.exists()


class TestAdministrators:
    def test_are_superusers_and_those_of_the_role_who_may_sign_in(self) -> None:
        ann, gone, guest = (somebody(name, "Administrator") for name in ("ann", "gone", "guest"))
        User.objects.filter(pk=gone.pk).update(is_active=False)
        User.objects.filter(pk=guest.pk).update(is_staff=False)
        chief = User.objects.create_superuser("chief")
        somebody("bob", "Operator")

        assert set(people.administrators()) == {ann, chief}

    def test_know_who_is_the_last_one(self) -> None:
        ann, bob = somebody("ann", "Administrator"), somebody("bob", "Operator")

        assert people.is_last_administrator(user=ann)
        assert not people.is_last_administrator(user=bob)
