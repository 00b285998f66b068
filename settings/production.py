"""For the internet: refuses to start with anything that is only safe on one machine."""

from __future__ import annotations

import os

from django.core.exceptions import ImproperlyConfigured

from settings.base import *

if DEBUG:
    raise ImproperlyConfigured(
        "DEBUG must stay off in production: its error pages show settings and values. Remove it from the environment."
    )
if not HTTPS:
    raise ImproperlyConfigured("PUBLIC_URL must begin with https:// in production. Set it to the address people use.")
if not ALLOWED_HOSTS:
    raise ImproperlyConfigured("ALLOWED_HOSTS is empty. Name the hosts that this installation answers to, separated by commas.")
if LOCAL_SANDBOX_HUBSPOT_URL or LOCAL_SANDBOX_QUICKBOOKS_URL:
    raise ImproperlyConfigured("LOCAL_SANDBOX_HUBSPOT_URL and LOCAL_SANDBOX_QUICKBOOKS_URL must be empty in production.")
if "OAUTHLIB_INSECURE_TRANSPORT" in os.environ:
    raise ImproperlyConfigured("OAUTHLIB_INSECURE_TRANSPORT allows tokens over plain HTTP. Remove it from the environment.")

PRODUCTION = True
STORAGES = {**STORAGES, "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"}}
