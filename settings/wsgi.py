"""The door for a web server: `gunicorn settings.wsgi:application`. Without a choice it is the strict set-up, production."""

from __future__ import annotations

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "settings.production")
application = get_wsgi_application()

from syncapp import checks  # noqa: E402  (what it looks at is there now)
from syncapp.services import garbage  # noqa: E402

checks.refuse()
garbage.leave_what_is_loaded()
