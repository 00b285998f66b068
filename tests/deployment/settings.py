"""settings.production, word for word, but for the one thing that it refuses and that a trial cannot do without: the sandbox's addresses.

They come in under names of their own, so that production itself stays as strict as it is.
"""

from __future__ import annotations

from settings import env as _env
from settings.production import *  # noqa: F403

LOCAL_SANDBOX_HUBSPOT_URL = _env.loopback("DEPLOYMENT_HUBSPOT_URL")
LOCAL_SANDBOX_QUICKBOOKS_URL = _env.loopback("DEPLOYMENT_QUICKBOOKS_URL")
SILENCED_SYSTEM_CHECKS = ["syncapp.E002"]
SECOND_FACTOR = "off"  # a person here is a program without a telephone
