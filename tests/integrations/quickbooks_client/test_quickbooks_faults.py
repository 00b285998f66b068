"""What a fault of QuickBooks means for us."""
from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from integrations import errors, http
from integrations.quickbooks import faults

NOON = datetime(2026, 11, 26, 12, tzinfo=UTC)

# Every code that Intuit's list of faults has.
PUBLISHED = {
    *(100, 110, 120, 130, 140, 150, 500, 600, 610, 620, 700, 800, 900, 1010, 1020, 1040),
    *(2000, 2010, 2020, 2030, 2040, 2050, 2060, 2070, 2080, 2090, 2100, 2110, 2120, 2130, 2140, 2150, 2160, 2170, 2190),
    *(2200, 2210, 2250, 2290, 2500, 2600, 3000, 3001, 3100, 3200, 3202, 4000, 4001, 4002, 5010, 5020, 5030),
    *(6000, 6010, 6070, 6080, 6090, 6100, 6130, 6140, 6150, 6160, 6180, 6190, 6200, 6210, 6220, 6230, 6240, 6250, 6270),
    *(6280, 6310, 6420, 6430, 6440, 6450, 6480, 6540, 6560, 10000, 10100, 10200),
}


def fault(code: str, *, message: str = "It did not work", detail: str = "", element: str = "") -> dict[str, Any]:
    return {"Message": message, "Detail": detail, "code": code, "element": element}


def envelope(*listed: dict[str, Any], kind: str = "ValidationFault") -> dict[str, Any]:
    return {"Fault": {"Error": list(listed), "type": kind}, "time": "2026-11-26T04:00:00.000-08:00"}


def explained(
    data: Any, *, status: int = 400, writes: bool = False, json: object = None, buckets: tuple[str, ...] = (), **headers: str
) -> errors.ApiError:
    call = http.Call(
        system="QuickBooks Online", operation="create a Customer", method="POST", path="/x", json=json, writes=writes, buckets=buckets
    )
    named = {name.replace("_", "-"): value for name, value in headers.items()} | {"intuit_tid": "1-abc"}
    return faults.explain(call, http.Answer(status=status, headers=named, data=data, received_at=NOON, server_time=None))


class TestTheTable:
    def test_has_every_published_code(self) -> None:
        assert faults.CODES.keys() == PUBLISHED

    @pytest.mark.parametrize(
        ("code", "kind"),
        [
            ("610", errors.Gone),
            ("3200", errors.NeedsReconnect),
            ("5010", errors.StaleRevision),
            ("6240", errors.AlreadyExists),
            ("6140", errors.AlreadyExists),
            ("3001", errors.RateLimited),
            ("2010", errors.Misunderstood),
            ("2050", errors.Rejected),
            ("6190", errors.Misconfigured),
            ("140", errors.Transient),
            ("10000", errors.Transient),
        ],
    )
    def test_decides_by_the_code(self, code: str, kind: type[errors.ApiError]) -> None:
        error = explained(envelope(fault(code)))

        assert type(error) is kind
        assert error.code == code

    @pytest.mark.parametrize(
        ("code", "kind"),
        [("199", errors.NeedsReconnect), ("560", errors.Misunderstood), ("6999", errors.Rejected), ("10999", errors.Transient)],
    )
    def test_knows_the_range_of_a_new_code(self, code: str, kind: type[errors.ApiError]) -> None:
        assert type(explained(envelope(fault(code)))) is kind

    def test_does_not_read_the_texts(self) -> None:
        error = explained(envelope(fault("2050", message="Duplicate Name Exists Error", detail="Stale Object Error")))

        assert type(error) is errors.Rejected


class TestEnvelopes:
    def test_in_lower_case_are_read(self) -> None:
        gateway = {
            "fault": {
                "error": [
                    {
                        "message": "message=AuthenticationFailed; errorCode=003200; statusCode=401",
                        "detail": "Token expired",
                        "code": "3200",
                        "element": None,
                    }
                ],
                "type": "AUTHENTICATION",
            },
            "time": 1601391072830,
        }

        error = explained(gateway, status=401)

        assert type(error) is errors.NeedsReconnect
        assert "Token expired" in error.words

    @pytest.mark.parametrize("data", [None, [], "text", {}, {"Fault": None}, {"QueryResponse": {}}])
    def test_without_a_fault_hold_none(self, data: Any) -> None:
        assert faults.read(data) == ()

    def test_with_an_empty_fault_hold_one(self) -> None:
        assert len(faults.read({"Fault": {"type": "SystemFault"}})) == 1

    def test_keep_the_field_and_the_vendors_words_and_id(self) -> None:
        detail = "String length specified does not match the supported length. Min:0 Max:21 supported. Supplied length:45"

        error = explained(envelope(fault("2050", message="Invalid String length", detail=detail, element="DocNumber")))

        assert isinstance(error, errors.Rejected)
        assert error.field == "DocNumber"
        assert "Max:21" in str(error)
        assert error.request_id == "1-abc"

    def test_with_several_errors_keep_all_words_and_the_graver_class(self) -> None:
        listed = [fault("2050", detail="Too long"), fault("5010", message="Stale Object Error"), fault("2020", detail="Missing")]

        error = explained(envelope(*listed))

        assert type(error) is errors.StaleRevision
        assert error.code == "5010"
        assert all(words in error.words for words in ("Too long", "Stale Object Error", "Missing"))

    def test_never_repeat_a_persons_name(self) -> None:
        stale = fault("5010", message="Stale Object Error", detail="Stale Object Error : You and Kim Jones were working on this.")
        bad_name = fault("2040", message="Invalid String", detail="Element contains invalid characters. Kim\tJones", element="DisplayName")

        assert "Kim" not in str(explained(envelope(stale)))
        assert "Kim" not in str(explained(envelope(bad_name)))


class TestWrites:
    def test_that_crash_over_there_have_an_unknown_outcome(self) -> None:
        assert type(explained(envelope(fault("10000"), kind="SystemFault"), writes=True)) is errors.OutcomeUnknown
        assert type(explained(None, status=502, writes=True)) is errors.OutcomeUnknown

    def test_that_are_refused_for_maintenance_are_tried_again(self) -> None:
        assert type(explained(envelope(fault("150")), writes=True)) is errors.Transient

    def test_with_a_known_request_id_have_an_unknown_outcome_and_reads_none(self) -> None:
        assert type(explained(envelope(fault("600")), writes=True)) is errors.OutcomeUnknown
        assert type(explained(envelope(fault("600")))) is errors.Transient

    def test_of_new_records_that_refer_to_something_gone_are_rejected(self) -> None:
        create, update = {"CustomerRef": {"value": "9"}}, {"Id": "9", "SyncToken": "0"}

        assert type(explained(envelope(fault("610")), writes=True, json=create)) is errors.Rejected
        assert type(explained(envelope(fault("610")), writes=True, json=update)) is errors.Gone

    @pytest.mark.parametrize(
        ("detail", "existing"),
        [
            ("The name supplied already exists. : null", None),
            ("The name supplied already exists. : Id=77", "77"),
            ("This number has already been used. DocNumber=1234 is assigned to TxnType=Invoice with TxnId=111", "111"),
        ],
    )
    def test_of_taken_names_tell_the_holder_where_intuit_does(self, detail: str, existing: str | None) -> None:
        error = explained(envelope(fault("6240", detail=detail)), writes=True, json={})

        assert isinstance(error, errors.AlreadyExists)
        assert error.existing_id == existing


class TestAnswersWithoutACode:
    @pytest.mark.parametrize(
        ("status", "kind"),
        [
            (400, errors.Misunderstood),
            (401, errors.NeedsReconnect),
            (403, errors.MissingScopes),
            (404, errors.Misunderstood),
            (413, errors.Misunderstood),
            (429, errors.RateLimited),
            (503, errors.Transient),
        ],
    )
    def test_are_judged_by_their_status(self, status: int, kind: type[errors.ApiError]) -> None:
        assert type(explained(None, status=status)) is kind


class TestThrottles:
    def test_last_a_minute(self) -> None:
        error = explained(envelope(fault("3001"), kind="SERVICE"), status=429)

        assert isinstance(error, errors.RateLimited)
        assert (error.until, error.policy) == (60.0, "minute")

    def test_last_as_long_as_the_header_says(self) -> None:
        error = explained(envelope(fault("3001")), status=429, Retry_After="7")

        assert isinstance(error, errors.RateLimited)
        assert error.until == 7.0

    def test_of_batches_hold_back_batches(self) -> None:
        error = explained(envelope(fault("3001")), status=429, buckets=("minute", "batch"))

        assert isinstance(error, errors.RateLimited)
        assert error.policy == "batch"
