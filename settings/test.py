"""The tests: secrets of their own, never a developer's `.env`, and the database TEST_DATABASE_URL names, else an SQLite file."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

TEST_DIR = Path(tempfile.gettempdir()) / f"syncapp-tests-{os.getuid()}"

os.environ |= {
    "SYNCAPP_ENV_FILE": "",
    "SECRET_KEY": "only-the-tests-use-this-key-0123456789-abcdefghijklmnop",
    "CREDENTIAL_KEYS": "test:" + "VGhlIHRlc3RzIHVzZSB0aGlzIGtleSBhbG9uZSEhISE=",
    "DATABASE_URL": os.environ.get("TEST_DATABASE_URL", ""),
    "VAR_DIR": str(TEST_DIR),
    "PUBLIC_URL": "http://127.0.0.1:8000",
    "ALLOWED_HOSTS": "testserver,127.0.0.1,localhost",
    "DEBUG": "",
    "EMAIL_URL": "memorymail://",
}

from settings.base import *  # noqa: E402  (the lines above decide what it reads)

DATABASES["default"]["TEST"] = {"NAME": str(TEST_DIR / f"tests-{os.getpid()}.sqlite3") if not os.environ["DATABASE_URL"] else None}
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
STORAGES = {**STORAGES, "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}}
STATIC_ROOT = None
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = True  # files are looked up when asked for, not all of them for every client of every test
