"""How gunicorn runs our pages: `gunicorn -c python:settings.gunicorn settings.wsgi`, as `manage.py serve` calls it.

Owns the number of its processes and threads, how long a request may take and how long one is waited for when it is asked to stop.
"""

from __future__ import annotations

import os

from django.conf import settings as _settings

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "settings.production")

chdir = str(_settings.BASE_DIR)
workers = 2
threads = 4
timeout = 60
graceful_timeout = 10
control_socket_disable = True
# Its own lines through our formatter, so that they are masked, and JSON where that is wished.
logconfig_dict = {
    **_settings.LOGGING,
    "loggers": {**_settings.LOGGING["loggers"], "gunicorn.error": {"level": "WARNING", "propagate": True}},
}
