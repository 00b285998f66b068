"""Who is signed in, found by one query: every page begins with it.

Owns how a person's row, settings and permissions are read. Which password fits and what a permission opens is Django's business.
"""
from __future__ import annotations

from typing import Any

from django.contrib.auth.backends import ModelBackend
from django.contrib.auth.models import Permission, User
from django.db.models import Aggregate, CharField, F, OuterRef, Q, Subquery, TextField, Value
from django.db.models.functions import Concat


class Joined(Aggregate):
    """All values in one text, parted by commas."""

    function = "GROUP_CONCAT"
    output_field = TextField()

    def as_postgresql(self, compiler: Any, connection: Any, **extra: Any) -> Any:
        """The same under PostgreSQL's name."""
        return self.as_sql(compiler, connection, function="STRING_AGG", template="%(function)s(%(expressions)s, ',')", **extra)


class PersonBackend(ModelBackend):
    """Django's own, but a person comes with the own settings, the second factor and the permissions, by roles or alone."""

    def get_user(self, user_id: int) -> User | None:
        """Find a person who may sign in. Permissions are remembered where Django looks for them, until the end of the request."""
        given = Permission.objects.filter(Q(user=OuterRef("pk")) | Q(group__user=OuterRef("pk"))).order_by().values(same=Value(1))
        named = Concat(F("content_type__app_label"), Value("."), F("codename"), output_field=CharField())
        names = Subquery(given.annotate(names=Joined(named)).values("names"))
        people = User.objects.select_related("personal", "second_factor").annotate(given=names)
        found: Any = people.filter(pk=user_id).first()
        if found is None or not self.user_can_authenticate(found):
            return None
        if not found.is_superuser:
            found._perm_cache = set(filter(None, (found.given or "").split(",")))
        return found  # type: ignore[no-any-return]
