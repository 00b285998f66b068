"""Closed books: what lies in them is not touched from outside.

Owns the refusal. When the books were closed is the company's business.
"""

from __future__ import annotations

from integrations.sandbox.messages import Json
from integrations.sandbox.quickbooks import faults
from integrations.sandbox.quickbooks.companies import Company


def check(company: Company, body: Json) -> None:
    """Refuse to touch what lies in a closed period. Raises VendorFault 6200 or 6210."""
    closed = company.books_closed_on
    if closed and body["TxnDate"] <= closed:
        code = "6210" if company.switch("books_closed_password") else "6200"
        detail = (
            "The account period has closed and the account books cannot be updated through the QBO Services API. "
            "Please use the QBO website to make these changes."
        )
        raise faults.problem(code, detail)
