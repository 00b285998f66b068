"""Numbers of sales forms: the next one, none, or the one that was sent.

Owns DocNumber and its uniqueness over invoices, credit memos and refund receipts together.
"""

from __future__ import annotations

import re

from integrations.sandbox.quickbooks import faults
from integrations.sandbox.quickbooks.change import Change
from integrations.sandbox.quickbooks.companies import Company
from integrations.sandbox.quickbooks.fields import SALES_FORMS

ALLOW_TWINS = "allowduplicatedocnum"
_COUNTED = re.compile(r"\d{1,12}")


def settle(change: Change) -> None:
    """Decide the number. Raises VendorFault 6140 for one that is taken."""
    body, company, old = change.body, change.company, change.old_body.get("DocNumber")
    if not body.get("DocNumber"):
        if change.old:
            if "DocNumber" not in change.given.cleared and old:
                body["DocNumber"] = old
        elif not company.preferences("SalesFormsPrefs").get("CustomTxnNumbers"):
            body["DocNumber"] = company.take("doc")
        return
    if body["DocNumber"] == old:
        return
    if ALLOW_TWINS not in change.write.include and not change.write.by_hand:
        _refuse_taken(company, body["DocNumber"])
    if _COUNTED.fullmatch(body["DocNumber"]):
        company.reach("doc", int(body["DocNumber"]))


def _refuse_taken(company: Company, number: str) -> None:
    for kind in SALES_FORMS:
        for taken in company.shelves[kind].matching("DocNumber", [number]):
            raise faults.problem(
                "6140",
                "Duplicate Document Number Error : You must specify a different number. This number has already been used. "
                f"DocNumber={number} is assigned to TxnType={kind} with TxnId={taken}",
            )
