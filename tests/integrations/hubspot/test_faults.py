"""Every refusal HubSpot documents leads to the error that says what to do next."""

from __future__ import annotations

import datetime
import json
from typing import Any

import pytest

from integrations import errors, http
from integrations.hubspot import faults

EVENING = datetime.datetime(2026, 11, 26, 21, 30, tzinfo=datetime.UTC)
READ = http.Call(system="HubSpot", operation="contacts read", method="GET", path="/x", buckets=("burst", "daily"))
SEARCH = http.Call(system="HubSpot", operation="contacts search", method="POST", path="/x", buckets=("search", "daily"))
WRITE = http.Call(system="HubSpot", operation="contacts batch update", method="POST", path="/x", writes=True)


def explained(
    status: int, body: object = None, *, headers: dict[str, str] | None = None, call: http.Call = READ, zone: str | None = None
) -> Any:
    answer = http.Answer(status=status, headers=headers or {}, data=body, received_at=EVENING, server_time=None)
    return faults.Explainer(time_zone=zone)(call, answer)


def invalid(code: str, name: str, message: str) -> dict[str, object]:
    detail = {"isValid": False, "message": message, "error": code, "name": name, "portalId": 1}
    return {"status": "error", "category": "VALIDATION_ERROR", "message": f"Property values were not valid: {json.dumps([detail])}"}


class TestTheTable:
    @pytest.mark.parametrize(
        ("status", "kind"),
        [
            (400, errors.Rejected),
            (401, errors.NeedsReconnect),
            (403, errors.Rejected),
            (404, errors.Gone),
            (405, errors.Misunderstood),
            (409, errors.AlreadyExists),
            (414, errors.Rejected),
            (415, errors.Misunderstood),
            (423, errors.Transient),
            (429, errors.RateLimited),
            (477, errors.RateLimited),
            (500, errors.Transient),
            (502, errors.Transient),
            (503, errors.Transient),
            (504, errors.Transient),
            (521, errors.Transient),
            (526, errors.Transient),
        ],
    )
    @pytest.mark.parametrize("body", [None, "text", [], {}, {"errors": "x", "message": 5}, {"errors": [None], "context": None}])
    def test_covers_every_status_whatever_the_body(self, status: int, kind: type[errors.ApiError], body: object) -> None:
        assert type(explained(status, body)) is kind


class TestARejectedValue:
    @pytest.mark.parametrize(
        ("code", "message"),
        [
            ("INVALID_OPTION", "canary was not one of the allowed options: [label: \"A\"]"),
            ("INVALID_EMAIL", "Email address canary is invalid"),
            ("INVALID_INTEGER", "canary was not a valid integer."),
            ("PROPERTY_DOESNT_EXIST", 'Property "qbo_id" does not exist'),
            ("READ_ONLY_VALUE", '"qbo_id" is a read only property; its value cannot be set.'),
        ],
    )
    def test_names_code_and_field_and_never_the_value(self, code: str, message: str) -> None:
        error = explained(400, invalid(code, "qbo_id", message))

        assert (error.code, error.field) == (code, "qbo_id")
        assert "qbo_id" in error.words
        assert "canary" not in str(error)

    def test_is_read_from_the_list_of_errors_too(self) -> None:
        body = {
            "category": "VALIDATION_ERROR",
            "message": "no",
            "errors": [{"message": "No value", "code": "MISSING_REQUIRED_PROPERTY", "context": {"propertyName": ["x"]}}],
        }

        error = explained(400, body)

        assert (error.code, error.field) == ("MISSING_REQUIRED_PROPERTY", "x")

    def test_keeps_words_that_have_no_code(self) -> None:
        error = explained(400, {"category": "VALIDATION_ERROR", "message": "One or more associations are invalid"})

        assert error.words == "One or more associations are invalid"

    def test_keeps_the_request_id(self) -> None:
        assert explained(400, {}, headers={"X-HubSpot-Correlation-Id": "abc"}).request_id == "abc"
        assert explained(400, {"correlationId": "def"}).request_id == "def"


class TestAConflict:
    def test_tells_the_id_of_the_contact_that_has_the_address(self) -> None:
        error = explained(409, {"category": "CONFLICT", "message": "Contact already exists. Existing ID: 12345"})

        assert error.existing_id == "12345"

    def test_may_tell_nothing(self) -> None:
        assert explained(409, {"category": "OBJECT_ALREADY_EXISTS", "message": "A property named 'x' already exists."}).existing_id is None


class TestMissingScopes:
    def test_are_named(self) -> None:
        body = {
            "category": "MISSING_SCOPES",
            "errors": [{"message": "…", "context": {"requiredGranularScopes": ["crm.objects.invoices.read", "e-commerce"]}}],
        }

        error = explained(403, body)

        assert type(error) is errors.MissingScopes
        assert error.scopes == ("crm.objects.invoices.read", "e-commerce")


class TestALimit:
    @pytest.mark.parametrize(
        ("body", "call", "policy", "until"),
        [
            ({"policyName": "TEN_SECONDLY_ROLLING"}, READ, "TEN_SECONDLY_ROLLING", 10.0),
            ({"policyName": "SECONDLY"}, SEARCH, "SECONDLY", 1.0),
            ({"category": "RATE_LIMITS"}, SEARCH, "SECONDLY", 1.0),
            ({}, READ, "TEN_SECONDLY_ROLLING", 10.0),
        ],
    )
    def test_says_how_long_to_wait(self, body: object, call: http.Call, policy: str, until: float) -> None:
        error = explained(429, body, call=call)

        assert (error.policy, error.until) == (policy, until)

    def test_obeys_the_vendors_own_figure(self) -> None:
        assert explained(429, {"policyName": "DAILY"}, headers={"Retry-After": "7"}).until == 7
        assert explained(477, {}, headers={"Retry-After": "86400"}).until == 86400

    def test_of_a_day_lasts_to_midnight_in_the_account(self) -> None:
        assert explained(429, {"policyName": "DAILY"}, zone="Europe/Warsaw").until == 90 * 60
        assert explained(429, {"policyName": "DAILY"}, zone="UTC").until == 150 * 60

    @pytest.mark.parametrize("zone", [None, "Nowhere/Land", "../etc"])
    def test_of_a_day_is_looked_at_hourly_where_the_zone_is_not_known(self, zone: str | None) -> None:
        assert explained(429, {"policyName": "DAILY"}, zone=zone).until == faults.UNKNOWN_ZONE_PAUSE


class TestAnEntryOfABatch:
    @pytest.mark.parametrize(
        ("category", "kind"),
        [
            ("VALIDATION_ERROR", errors.Rejected),
            ("OBJECT_NOT_FOUND", errors.Gone),
            ("CONFLICT", errors.AlreadyExists),
            ("OBJECT_ALREADY_EXISTS", errors.AlreadyExists),
            ("MISSING_SCOPES", errors.MissingScopes),
            ("RATE_LIMITS", errors.RateLimited),
        ],
    )
    def test_goes_by_category(self, category: str, kind: type[errors.ApiError]) -> None:
        answer = http.Answer(status=207, headers={}, data={}, received_at=EVENING, server_time=None)

        assert type(faults.Explainer().entry(WRITE, answer, {"category": category})) is kind

    def test_of_an_unknown_category_has_an_unknown_outcome(self) -> None:
        answer = http.Answer(status=207, headers={}, data={}, received_at=EVENING, server_time=None)

        assert type(faults.Explainer().entry(WRITE, answer, {"category": "NEW"})) is errors.OutcomeUnknown
        assert type(faults.Explainer().entry(READ, answer, {})) is errors.Transient
