"""QuickBooks' refusals: the two envelopes and every code the sandbox can raise.

VendorFault        the service says no: `{"Fault": …}`, usually 400
GatewayFault       the gateway in front says no: lower-case envelope, 401 and 403

Owns the vendor's words. Decides nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from integrations.sandbox.messages import Json, Response
from integrations.sandbox.quickbooks import times

INACTIVE = "Something you're trying to use has been made inactive. Check the fields with accounts, customers, items, vendors or employees."

MESSAGES = {
    "120": "Authorization Failure",
    "500": "Unsupported Operation",
    "610": "Object Not Found",
    "620": "TxnID Cannot Be Linked",
    "700": "Parent Reference Invalid",
    "900": "Parent cannot be child",
    "1040": "Batch size exceeds allowed limit",
    "2000": "Invalid or unsupported object name",
    "2010": "Request has invalid or unsupported property",
    "2020": "Required param missing, need to supply the required value for the API",
    "2030": "Invalid ID",
    "2040": "Invalid String",
    "2050": "String length is either shorter or longer than supported by specification",
    "2060": "Invalid Date Format",
    "2090": "Invalid Number",
    "2130": "Invalid Request ID Format",
    "2160": "Invalid Quantity",
    "2170": "Invalid Enumeration",
    "2200": "Invalid Website Format",
    "2210": "Invalid Email Address format",
    "2250": "Missing Lines",
    "2290": "Negative Amount",
    "2500": "Invalid Reference Id",
    "2600": "Conflicting elements in request",
    "3000": "Invalid Custom Field",
    "3001": "message=ThrottleExceeded; errorCode=003001; statusCode=429",
    "4000": "Error parsing query",
    "4001": "Invalid query",
    "5010": "Stale Object Error",
    "6000": "A business validation error has occurred while processing your request",
    "6010": "Account Type or Account Subtype is missing",
    "6070": "Amount calculation incorrect in the request",
    "6080": "No Name Provided",
    "6090": "Discount line missing information",
    "6100": "Invalid line TaxCode",
    "6130": "Cannot change who customer bills with",
    "6140": "Duplicate Document Number Error",
    "6150": "ParentRef is required",
    "6160": "Invalid TaxCodeRef",
    "6180": "Sub-level limit exceeded",
    "6190": "Invalid Company Status",
    "6200": "Account Period Closed, Cannot Update Through Services API",
    "6210": "Account Period Closed, Password Required",
    "6220": "Cannot delete: the object has a balance",
    "6240": "Duplicate Name Exists Error",
    "6250": "Invalid Customer",
    "6270": "Inventory transaction before the item's start date",
    "6420": "Email address required for delivery type Email",
    "6430": "Invalid account type",
    "10000": "An application error has occurred while processing your request",
}


@dataclass(frozen=True, kw_only=True)
class Problem:
    """One entry of a Fault's `Error` list."""

    code: str
    detail: str
    element: str | None = None

    def as_json(self) -> Json:
        """The entry as it goes over the wire."""
        entry = {"Message": MESSAGES[self.code], "Detail": self.detail, "code": self.code}
        return entry if self.element is None else {**entry, "element": self.element}


class VendorFault(Exception):
    """The service refuses: carries what the answer will say."""

    def __init__(self, *problems: Problem, status: int = 400, kind: str = "ValidationFault", timed: bool = True) -> None:
        super().__init__("; ".join(f"{problem.code}: {problem.detail}" for problem in problems))
        self.problems = problems
        self.status = status
        self.kind = kind
        self.timed = timed

    def as_json(self) -> Json:
        """The `Fault` object, as it stands in an answer or in one item of a batch."""
        return {"Error": [problem.as_json() for problem in self.problems], "type": self.kind}


class GatewayFault(Exception):
    """The gateway refuses before the service sees the call."""

    def __init__(self, *, status: int, code: str, name: str, detail: str, kind: str) -> None:
        super().__init__(f"{code}: {detail}")
        self.status = status
        self.code = code
        self.message = f"message={name}; errorCode={code.zfill(6)}; statusCode={status}"
        self.detail = detail
        self.kind = kind


def response(fault: VendorFault | GatewayFault, *, now: datetime) -> Response:
    """The whole answer for a refusal."""
    if isinstance(fault, GatewayFault):
        return _gateway_response(fault, now=now)
    body: Json = {"Fault": fault.as_json()}
    if fault.timed:
        body["time"] = times.precise(now)
    return Response.of_json(body, status=fault.status, headers={"Content-Type": "application/json"})


def _gateway_response(fault: GatewayFault, *, now: datetime) -> Response:
    error = {"message": fault.message, "detail": fault.detail, "code": fault.code, "element": None}
    body: Json = {
        "warnings": None,
        "intuitObject": None,
        "fault": {"error": [error], "type": fault.kind},
        "report": None,
        "queryResponse": None,
        "batchItemResponse": [],
        "attachableResponse": [],
        "syncErrorResponse": None,
        "requestId": None,
        "time": int(now.timestamp() * 1000),
        "status": None,
        "cdcresponse": [],
    }
    headers = {"Content-Type": "application/json"}
    if fault.status == 401:
        headers["WWW-Authenticate"] = 'Bearer realm="Intuit", error="invalid_token"'
    return Response.of_json(body, status=fault.status, headers=headers)


def problem(code: str, detail: str, element: str | None = None) -> VendorFault:
    """A refusal with one entry."""
    return VendorFault(Problem(code=code, detail=detail, element=element))


def unsupported(what: str) -> VendorFault:
    """500: the operation does not exist."""
    return problem("500", f"Operation {what} is not supported.")


def no_such_path(path: str) -> VendorFault:
    """500: no resource lies under that path."""
    return unsupported(f"Could not find resource for relative : {path} of full path: {path}")


def missing(name: str) -> VendorFault:
    """2020: a required parameter is not there."""
    return problem("2020", f"Required parameter {name} is missing in the request", name)


def bad_property(text: str) -> VendorFault:
    """2010: the body has something the schema does not know or cannot read."""
    return problem("2010", f"Property Name:{text}\n specified is unsupported or invalid")


def not_found() -> VendorFault:
    """610: no such object, or an inactive one was used."""
    return problem("610", f"Object Not Found : {INACTIVE}", "")


def bad_id(value: object) -> VendorFault:
    """2030: an Id that is no number; the only fault recorded without `time`."""
    entry = Problem(code="2030", detail=f"Id should be a valid number. Supplied value:{value}", element="Id")
    return VendorFault(entry, timed=False)


def too_long(element: str, *, limit: int, length: int) -> VendorFault:
    """2050: text longer than the field takes."""
    detail = f"String length specified does not match the supported length. Min:0 Max:{limit:,} supported. Supplied length:{length:,}"
    return problem("2050", detail, element)


def bad_reference(group: str, number: object) -> VendorFault:
    """2500: a reference to something that never was."""
    return problem("2500", f"Invalid Reference Id : {group} element id {number} not found", "")


def stale(user: str) -> VendorFault:
    """5010: somebody else saved in between."""
    detail = (
        f"Stale Object Error : You and {user} were working on this at the same time. "
        f"{user} finished before you did, so your work was not saved."
    )
    return problem("5010", detail, "")


def business(text: str) -> VendorFault:
    """6000: a rule of bookkeeping, told to a human."""
    return problem("6000", f"Business Validation Error: {text}")


def throttled() -> VendorFault:
    """429 with 3001."""
    entry = Problem(code="3001", detail="The request limit was reached.  Try again later")
    return VendorFault(entry, status=429, kind="SERVICE")


def lost_rights() -> VendorFault:
    """401 with 120: the user who connected may no longer use the company."""
    detail = "AuthorizationFailure: -11014-You do not have access to use QuickBooks Online Plus."
    return VendorFault(Problem(code="120", detail=detail), status=401, kind="AuthorizationFault")


def subscription_over() -> VendorFault:
    """6190: the company may be read but not written."""
    return problem(
        "6190",
        "Subscription period has ended or canceled or there was a billing problem : You can't add data to QuickBooks Online Plus"
        " because your trial or subscription period ended or was canceled or there was a billing problem.",
    )


def system_failure(status: int = 500) -> VendorFault:
    """10000: something broke inside the service."""
    entry = Problem(code="10000", detail="System Failure Error: An unexpected error occurred while processing your request.")
    return VendorFault(entry, status=status, kind="SystemFault")


def token_refused(why: str) -> GatewayFault:
    """401 with 3200 for a token that is expired, revoked or unknown."""
    return GatewayFault(status=401, code="3200", name="AuthenticationFailed", detail=why, kind="AUTHENTICATION")


def token_absent() -> GatewayFault:
    """401 with 3202: no token came at all."""
    return GatewayFault(status=401, code="3202", name="EmptyField", detail="missing authorization header", kind="AUTHENTICATION")


def foreign_realm() -> GatewayFault:
    """403 with 3100: the token is for another company, or for other work."""
    return GatewayFault(
        status=403, code="3100", name="ApplicationAuthorizationFailed", detail="The application is not authorized.", kind="AUTHORIZATION"
    )
