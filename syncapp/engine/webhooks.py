"""The words for what became of a vendor's webhook.

Owns the codes. What follows from one is the business of the services.
"""
from __future__ import annotations

from syncapp.engine.words import Word


class DeliveryState(Word):
    """What became of a delivery."""

    WAITING = "WAITING", "Waits"
    DONE = "DONE", "Taken in"
    UNREADABLE = "UNREADABLE", "Could not be read"
