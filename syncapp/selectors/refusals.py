"""What a page catches when a vendor could not do what was asked. Its text is fit for a page."""
from __future__ import annotations

from syncapp.engine import errors

VendorTrouble = errors.SyncError
