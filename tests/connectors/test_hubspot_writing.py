"""One outcome for every write, whatever HubSpot's answer leaves out."""

from __future__ import annotations

import json
from typing import Any

import pytest

from syncapp.connectors import base, hubspot_fields, hubspot_writing
from syncapp.engine import errors, records
from syncapp.engine.vocabulary import FieldType, OperationKind


def update(key: str, external_id: str) -> base.Write:
    values: dict[str, records.Value] = {"lastname": "New"}
    return base.Write(key=key, kind=OperationKind.UPDATE, record_kind="contacts", values=values, external_id=external_id)


def answered(id_: str, **more: object) -> dict[str, Any]:
    times = {"createdAt": "2026-11-01T10:00:00Z", "updatedAt": "2026-11-02T08:00:00Z", "archived": False}
    return {"id": id_, "properties": {"lastname": "New"}, **times, **more}


def sent_ids(scripted: Any) -> list[list[str]]:
    return [[one["id"] for one in json.loads(heard.body)["inputs"]] for heard in scripted.heard]


class TestOutcomes:
    def test_go_by_trace_id_or_id_and_never_by_place(self, scripted: Any, make_client: Any) -> None:
        scripted.says(body={"results": [answered("3"), answered("1", objectWriteTraceId="a"), answered("2", objectWriteTraceId="b")]})

        done = hubspot_writing.send(client=make_client(scripted.url), writes=[update("a", "1"), update("b", "2"), update("c", "3")])

        assert {key: one.remote.id for key, one in done.items() if one.remote} == {"a": "1", "b": "2", "c": "3"}

    def test_of_a_write_that_is_not_mentioned_is_unknown(self, scripted: Any, make_client: Any) -> None:
        scripted.says(body={"results": [answered("1")]}, headers={"X-HubSpot-Correlation-Id": "abc"})

        done = hubspot_writing.send(client=make_client(scripted.url), writes=[update("a", "1"), update("b", "2")])

        assert done["a"].remote is not None
        assert isinstance(done["b"].error, errors.OutcomeUnknown) and done["b"].error.request_id == "abc"

    def test_of_a_complaint_without_an_address_are_unknown(self, scripted: Any, make_client: Any) -> None:
        scripted.says(207, body={"results": [], "errors": [{"category": "VALIDATION_ERROR", "message": "somebody was bad"}]})

        done = hubspot_writing.send(client=make_client(scripted.url), writes=[update("a", "1")])

        assert isinstance(done["a"].error, errors.OutcomeUnknown)


class TestARefusedBatch:
    def test_is_halved_until_the_bad_record_stands_alone(self, scripted: Any, make_client: Any) -> None:
        refused = {"category": "VALIDATION_ERROR", "message": "no"}
        scripted.says(400, body=refused)
        scripted.says(body={"results": [answered("1"), answered("2")]})
        scripted.says(400, body=refused)
        scripted.says(400, body=refused)
        scripted.says(body={"results": [answered("4")]})
        writes = [update(f"k{number}", str(number)) for number in (1, 2, 3, 4)]

        done = hubspot_writing.send(client=make_client(scripted.url), writes=writes)

        assert sent_ids(scripted) == [["1", "2", "3", "4"], ["1", "2"], ["3", "4"], ["3"], ["4"]]
        assert [key for key, one in done.items() if one.error] == ["k3"]
        assert isinstance(done["k3"].error, errors.Rejected)

    @pytest.mark.parametrize(
        ("status", "body", "kind"),
        [
            (403, {"category": "MISSING_SCOPES"}, errors.Rejected),
            (503, {}, errors.OutcomeUnknown),
            (401, {}, errors.NeedsReconnect),
        ],
    )
    def test_is_not_sent_again_when_no_single_record_is_to_blame(
        self, scripted: Any, make_client: Any, status: int, body: object, kind: type[errors.SyncError]
    ) -> None:
        scripted.says(status, body=body)

        done = hubspot_writing.send(client=make_client(scripted.url), writes=[update("a", "1"), update("b", "2")])

        assert {type(one.error) for one in done.values()} == {kind}
        assert set(map(len, sent_ids(scripted))) == {2}


    def test_that_our_own_limits_hold_up_half_way_keeps_what_was_done(self, scripted: Any, make_client: Any) -> None:
        class OpenTwice:
            left = 2

            def acquire(self, call: object) -> None:
                self.left -= 1
                if self.left < 0:
                    raise errors.RateLimited("later", wait=60.0)

            def report(self, call: object, answer: object) -> None:
                return None

            def blocked(self, call: object, seconds: float, policy: str) -> None:
                return None

        scripted.says(400, body={"category": "VALIDATION_ERROR", "message": "no"})
        scripted.says(body={"results": [answered("1")]})
        client = make_client(scripted.url, limiter=OpenTwice())

        done = hubspot_writing.send(client=client, writes=[update("a", "1"), update("b", "2")])

        assert done["a"].remote is not None
        assert isinstance(done["b"].error, errors.RateLimited)


class TestValues:
    @pytest.mark.parametrize(
        ("value", "raw"), [(None, ""), (True, "true"), (False, "false"), (("a", "b"), "a;b"), ("12.5", "12.5"), ("Ann", "Ann")]
    )
    def test_are_written_as_hubspot_takes_them(self, value: records.Value, raw: str) -> None:
        assert hubspot_fields.raw(value) == raw

    @pytest.mark.parametrize(
        ("type_", "raw", "value"),
        [
            (FieldType.NUMBER, "20.0000", "20"),
            (FieldType.BOOLEAN, "true", True),
            (FieldType.CHOICES, "b;a", ("a", "b")),
            (FieldType.DATE, "1795651200000", "2026-11-26"),
            (FieldType.DATETIME, "2026-11-26T09:30:00Z", "2026-11-26T09:30:00.000Z"),
            (FieldType.TEXT, "", None),
            (FieldType.NUMBER, "about ten", "about ten"),
        ],
    )
    def test_are_read_in_their_one_form(self, type_: FieldType, raw: str, value: records.Value) -> None:
        assert hubspot_fields.reader(type_)(raw) == value


class TestLabels:
    @pytest.mark.parametrize(
        ("kind", "properties", "label"),
        [
            ("contacts", {"firstname": "Jan", "lastname": "Nowak", "email": "a@x.pl"}, "Jan Nowak"),
            ("contacts", {"firstname": None, "lastname": None, "email": "a@x.pl"}, "a@x.pl"),
            ("contacts", {}, ""),
            ("companies", {"name": None, "domain": "x.pl"}, "x.pl"),
            ("unicorns", {"name": "x"}, ""),
        ],
    )
    def test_are_what_people_call_a_record(self, kind: str, properties: dict[str, str | None], label: str) -> None:
        assert hubspot_fields.label(kind=kind, properties=properties) == label
