"""One machine: SQLite in `var/` unless DATABASE_URL says otherwise, static files straight from the packages, mail into files."""

from __future__ import annotations

from settings import env
from settings.base import *

ALLOWED_HOSTS = sorted({*ALLOWED_HOSTS, "127.0.0.1", "localhost", PUBLIC_HOST})
STATIC_ROOT = None
WHITENOISE_USE_FINDERS = True
EMAIL_BACKEND = EMAIL_BACKEND if env.text("EMAIL_URL") else "django.core.mail.backends.filebased.EmailBackend"
