"""Which values a person may see, by the field that they stand in.

Owns that one permission opens personal values everywhere: in lists, on pages, in histories, files and mails. What is personal is the
business of `engine.masking`.
"""
from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cached_property, reduce
from operator import or_

from django.contrib.auth.models import AbstractBaseUser, PermissionsMixin
from django.db.models import Q

from syncapp import models
from syncapp.engine import masking
from syncapp.engine.vocabulary import FieldType

SEE = "syncapp.see_personal_values"


class _Known:
    """What has to be looked up to know a personal value where only a part of its field is known. Each is asked for once a reader."""

    @cached_property
    def names(self) -> frozenset[str]:
        """Fields that are personal by their type."""
        found = models.VendorField.objects.filter(type__in=(FieldType.EMAIL, FieldType.PHONE))
        return frozenset(found.values_list("name", flat=True))

    @cached_property
    def labels(self) -> frozenset[str]:
        """What personal fields are called on pages."""
        found = models.VendorField.objects.values_list("label", "name", "type").distinct()
        return frozenset(label for label, name, type in found if masking.is_personal(name=name, type=type))

    @cached_property
    def open_keys(self) -> frozenset[str]:
        """The mappings of which neither field is personal."""
        found = models.FieldMapping.objects.select_related("left_field", "right_field")
        return frozenset(one.key for one in found if not hides(one.left_field, one.right_field))


_known: ContextVar[_Known | None] = ContextVar("known", default=None)


@contextmanager
def as_seen_by(*, user: AbstractBaseUser) -> Iterator[None]:
    """Within this, personal values are masked unless the person may see them."""
    before = _known.set(_Known())
    try:
        with masking.within(masked=not (isinstance(user, PermissionsMixin) and user.has_perm(SEE))):
            yield
    finally:
        _known.reset(before)


def applies() -> bool:
    """Tell whether personal values are masked for who reads at present."""
    return masking.applies()


def text(said: str) -> str:
    """Write a text without the personal values that its reader may not see."""
    return masking.text(said)


def hides(*fields: models.VendorField) -> bool:
    """Tell whether the values of a field, or of any of several, are masked for who reads at present."""
    return masking.applies() and any(masking.is_personal(name=one.name, type=one.type) for one in fields)


def hides_name(name: str) -> bool:
    """The same by the name that a field has at its vendor."""
    return masking.applies() and (masking.is_personal(name=name) or name in _looked_up().names)


def hides_label(label: str) -> bool:
    """The same by what a field is called on pages."""
    return masking.applies() and label in _looked_up().labels


def hides_key(key: str) -> bool:
    """The same by the key of a mapping. One that is gone hides what it mapped."""
    return masking.applies() and key not in _looked_up().open_keys


def shown(text: str, *, hidden: bool) -> str:
    """Write a value, or the mask in its place."""
    return masking.MASK if hidden else text


def named(*, path: str, word: str) -> Q:
    """Look for a word in records' names. A name that is an e-mail address is found by nobody who may not see it."""
    found = Q(**{f"{path}__icontains": word})
    return found & ~Q(**{f"{path}__contains": "@"}) if masking.applies() else found


def looked_for(*, word: str, names: Iterable[str], ids: Iterable[str], keys: Iterable[str] = ()) -> Q:
    """Look for a word in names and ids, and for who may see that in what records are matched by."""
    open_paths = [*ids, *(() if masking.applies() else keys)]
    found = [named(path=path, word=word) for path in names] + [Q(**{f"{path}__icontains": word}) for path in open_paths]
    return reduce(or_, found)


def _looked_up() -> _Known:
    return _known.get() or _Known()
