"""What HubSpot says when it refuses.

    Refused                  a status and a body; everything below makes one
      unauthenticated, expired, missing_scopes          401, 401, 403
      invalid, invalid_properties, bad_json             400
      not_found, not_numeric, no_definition             404
      conflict                                          409

Owns the words and shapes of error bodies. The face adds the correlation id.
"""
from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from integrations.sandbox.messages import Json

OBJECT_NOT_FOUND = "OBJECT_NOT_FOUND"
VALIDATION_ERROR = "VALIDATION_ERROR"


class Refused(Exception):
    """HubSpot does not do what was asked. `body` lacks only the correlation id."""

    def __init__(self, status: int, body: Json, *, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(f"{status} {body.get('message', '')}")
        self.status = status
        self.body = body
        self.headers = dict(headers or {})

    @property
    def category(self) -> str:
        """The category of the body, as an entry of a 207 repeats it."""
        return str(self.body.get("category", VALIDATION_ERROR))

    @property
    def message(self) -> str:
        """The sentence of the body."""
        return str(self.body["message"])


@dataclass(frozen=True, kw_only=True)
class PropertyProblem:
    """One value that HubSpot does not take."""

    name: str
    code: str
    message: str


def error_body(message: str, **more: object) -> Json:
    """The usual envelope."""
    return {"status": "error", "message": message, **more}


def invalid(
    message: str, *, code: str | None = None, context: Mapping[str, Sequence[str]] | None = None, sub: str | None = None
) -> Refused:
    """A 400 of the category VALIDATION_ERROR."""
    body = error_body(message, category=VALIDATION_ERROR)
    if sub is not None:
        body["subCategory"] = sub
    if context is not None:
        body["context"] = dict(context)
    if code is not None:
        body["errors"] = [{"message": message, "code": code, **({"context": dict(context)} if context else {})}]
    return Refused(400, body)


def invalid_properties(problems: Sequence[PropertyProblem], *, portal_id: str) -> Refused:
    """A 400 that names every value that was not taken."""
    listed = [
        {
            "isValid": False,
            "message": problem.message,
            "error": problem.code,
            "name": problem.name,
            "localizedErrorMessage": problem.message,
            "portalId": int(portal_id),
        }
        for problem in problems
    ]
    text = json.dumps(listed, ensure_ascii=False, separators=(",", ":"))
    errors = [{"message": p.message, "code": p.code, "context": {"propertyName": [p.name]}} for p in problems]
    return Refused(400, error_body(f"Property values were not valid: {text}", category=VALIDATION_ERROR, errors=errors))


def bad_json(error: Exception) -> Refused:
    """A 400 for a body that is no JSON."""
    line, column = (error.lineno, error.colno) if isinstance(error, json.JSONDecodeError) else (1, 1)
    return invalid(f"Invalid input JSON on line {line}, column {column}: the input could not be read")


def bad_shape(message: str) -> Refused:
    """A 400 for JSON of another form than the call takes."""
    return invalid(f"Invalid input JSON on line 1, column 1: {message}")


def attributes_missing(names: Sequence[str]) -> Refused:
    """A 400 for a body without a required attribute."""
    return bad_shape(f"Cannot build the request, some of required attributes are not set [{', '.join(names)}]")


def not_numeric(record_id: str) -> Refused:
    """A 404 for an id that is no number."""
    message = "Object not found.  objectId are usually numeric."
    return Refused(404, error_body(message, category=OBJECT_NOT_FOUND, context={"id": [record_id]}))


def not_found() -> Refused:
    """A 404 without a category, as a missing record gets it."""
    return Refused(404, error_body("resource not found"))


def no_definition(message: str) -> Refused:
    """A 404 for a property, group, pipeline, owner or label that does not exist."""
    return Refused(404, error_body(message, category=OBJECT_NOT_FOUND))


def contact_exists(record_id: int) -> Refused:
    """A 409 for an e-mail address that another contact has."""
    return Refused(409, error_body(f"Contact already exists. Existing ID: {record_id}", category="CONFLICT"))


def value_taken(name: str, *, label: str, record_id: int | None) -> Refused:
    """A 409 for a unique value that another record, or another input of the same batch, has."""
    owner = f"{label} {record_id}" if record_id is not None else "Another input of this batch"
    message = f"{owner} already has that value for {name}."
    error = {"message": message, "code": "CONFLICTING_UNIQUE_VALUE", "context": {"propertyName": [name]}}
    return Refused(409, error_body(message, category="CONFLICT", errors=[error]))


def already_exists(message: str, *, sub: str) -> Refused:
    """A 409 for a definition whose name is taken."""
    return Refused(409, error_body(message, category="OBJECT_ALREADY_EXISTS", subCategory=sub))


def unauthenticated() -> Refused:
    """A 401 without a usable token."""
    return Refused(
        401,
        error_body(
            "Authentication credentials not found. This API supports OAuth 2.0 authentication and you can find more details at"
            " https://developers.hubspot.com/docs/methods/auth/oauth-overview",
            category="INVALID_AUTHENTICATION",
        ),
    )


def expired(seconds: int) -> Refused:
    """A 401 for a token past its time."""
    message = f"The OAuth token used to make this call expired {seconds} second(s) ago."
    return Refused(401, error_body(message, category="EXPIRED_AUTHENTICATION"))


def missing_scopes(wanted: Sequence[str]) -> Refused:
    """A 403 that names the scopes of which one is needed."""
    page = "https://developers.hubspot.com/scopes"
    return Refused(
        403,
        error_body(
            "This app hasn't been granted all required scopes to make this call. Read more about required scopes here:"
            f" {page}.",
            errors=[
                {"message": "One or more of the following scopes are required.", "context": {"requiredGranularScopes": list(wanted)}}
            ],
            links={"scopes": page},
            category="MISSING_SCOPES",
        ),
    )
