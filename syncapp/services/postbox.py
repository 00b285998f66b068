"""Whether mail can leave this installation, and to whom.

Owns what counts as an address. Sends nothing itself.
"""
from __future__ import annotations

from email.utils import formataddr

from django.conf import settings
from django.contrib.auth.models import User

NO_MAIL = "django.core.mail.backends.dummy.EmailBackend"
INTO_FILES = "django.core.mail.backends.filebased.EmailBackend"


def is_there() -> bool:
    """Tell whether this installation sends mail, or at least writes it into files."""
    return settings.EMAIL_BACKEND != NO_MAIL


def is_into_files() -> bool:
    """Tell whether mail is only written into files here."""
    return settings.EMAIL_BACKEND == INTO_FILES


def address(user: User) -> str:
    """The address of an account, "" where it has none that could be used."""
    found = user.email.strip()
    return "" if set("\r\n") & set(found) else found


def recipient(user: User) -> str:
    """The address with the name of the person."""
    return formataddr((" ".join(user.get_full_name().split()), address(user)))
