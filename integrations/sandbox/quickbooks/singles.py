"""The rules of CompanyInfo and Preferences: one object each per company, read and updated, never made or deleted.

Owns what a company may change about itself.
"""

from __future__ import annotations

from integrations.sandbox.quickbooks import faults
from integrations.sandbox.quickbooks.change import Change, Rules
from integrations.sandbox.quickbooks.fields import ENTITIES

PREFERENCE_GROUPS = tuple(ENTITIES["Preferences"].fields)


def _settle_info(change: Change) -> None:
    for name in ("CompanyName", "CompanyStartDate", "Country", "NameValue", "SupportedLanguages"):
        if name not in change.body and name in change.old_body:
            change.body[name] = change.old_body[name]


def _settle_preferences(change: Change) -> None:
    """Groups are merged member by member; what the update leaves out stays."""
    for group in PREFERENCE_GROUPS:
        sent, old = change.given.values.get(group), change.old_body.get(group)
        if sent is None and old is not None:
            change.body[group] = old
        elif isinstance(sent, dict) and isinstance(old, dict):
            change.body[group] = {**old, **sent}
    before = change.old_body.get("CurrencyPrefs", {})
    after = change.body.get("CurrencyPrefs", {})
    if before.get("MultiCurrencyEnabled") and not after.get("MultiCurrencyEnabled"):
        raise faults.business("Multicurrency cannot be turned off once it has been turned on.")
    home = change.company.home_currency
    if (after.get("HomeCurrency") or {}).get("value", home) != home:
        raise faults.business("The home currency of a company cannot be changed.")
    change.body["CurrencyPrefs"] = {**after, "HomeCurrency": {"value": home}}


def _nothing(change: Change) -> None:
    return


RULES = {
    "CompanyInfo": Rules(settle=_settle_info, after=_nothing),
    "Preferences": Rules(settle=_settle_preferences, after=_nothing),
}
