"""requestid: the same id again gets the first answer, and nothing is done twice.

Owns the stored answers and their lifetime.
"""

from __future__ import annotations

from integrations.sandbox.messages import Json, Response
from integrations.sandbox.quickbooks import faults
from integrations.sandbox.quickbooks.companies import Company

LONGEST, LONGEST_FOR_BATCH = 50, 36
_HOUR = 3600


def check(requestid: str, *, batch: bool) -> None:
    """Refuse an id that is too long. Raises VendorFault 2130."""
    limit = LONGEST_FOR_BATCH if batch else LONGEST
    if len(requestid) > limit:
        raise faults.problem("2130", f"Invalid Request ID Format : The requestid may have at most {limit} characters.", "requestid")


def stored(company: Company, requestid: str) -> Response | None:
    """The answer that this id got before, unless it is too long ago."""
    row = company.table("requests").get(requestid)
    if row is None:
        return None
    if company.epoch() - row["at"] >= float(company.switch("requestid_hours")) * _HOUR:
        company.table("requests").drop(requestid)
        return None
    return Response(status=row["status"], body=row["body"].encode("utf-8"), headers=dict(row["headers"]))


def keep(company: Company, requestid: str, response: Response) -> None:
    """Remember an answer; a fault only when the switch says so."""
    if response.status != 200 and not company.switch("replay_faults"):
        return
    row: Json = {"at": company.epoch(), "status": response.status, "body": response.body.decode("utf-8")}
    company.table("requests").put(requestid, {**row, "headers": dict(response.headers)})
