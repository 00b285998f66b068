"""One call to a vendor: what is repeated, what never is, and what may be known about a failure."""

from __future__ import annotations

import datetime
import logging
import socket
from decimal import Decimal
from typing import Any

import pytest

from integrations import errors, http

CANARY = "canary-7f3a@secret.example"
NOON = datetime.datetime(2026, 11, 26, 12, tzinfo=datetime.UTC)


class Tokens:
    def __init__(self, *tokens: str) -> None:
        self.given = list(tokens)
        self.rejected: list[str] = []

    def token(self) -> str:
        return self.given[0]

    def renewed(self, rejected: str) -> str:
        self.rejected.append(rejected)
        self.given.pop(0)
        return self.given[0]


class Limits:
    def __init__(self) -> None:
        self.acquired = 0
        self.reported: list[http.Answer] = []
        self.blocks: list[tuple[float, str]] = []

    def acquire(self, call: http.Call) -> None:
        self.acquired += 1

    def report(self, call: http.Call, answer: http.Answer) -> None:
        self.reported.append(answer)

    def blocked(self, call: http.Call, seconds: float, policy: str) -> None:
        self.blocks.append((seconds, policy))


class Slept(list[float]):
    def __call__(self, seconds: float) -> None:
        self.append(seconds)


def explain(call: http.Call, answer: http.Answer) -> errors.ApiError:
    if answer.status == 429:
        until = float(answer.headers.get("Retry-After", "1"))
        return errors.RateLimited(until=until, policy="BURST", system=call.system, operation=call.operation, status=429)
    kind = {401: errors.NeedsReconnect, 400: errors.Rejected, 423: errors.Transient}.get(answer.status, errors.Transient)
    words = answer.data.get("message", "") if isinstance(answer.data, dict) else ""
    return kind(system=call.system, operation=call.operation, status=answer.status, words=words, request_id=answer.request_id)


READ = http.Call(system="HubSpot", operation="contact read", method="GET", path="/contacts/51")
WRITE = http.Call(system="HubSpot", operation="contact update", method="PATCH", path="/contacts/51", json={"a": "b"}, writes=True)


class Sender:
    def __init__(self, server: Any, *tokens: str) -> None:
        self.tokens = Tokens(*(tokens or ("first", "second", "third")))
        self.limits = Limits()
        self.slept = Slept()
        self.transport = http.Transport(
            base_url=server if isinstance(server, str) else server.url,
            tokens=self.tokens,
            limiter=self.limits,
            explain=explain,
            sleep=self.slept,
            clock=lambda: NOON,
        )

    def send(self, call: http.Call) -> http.Answer:
        try:
            return self.transport.send(call)
        finally:
            self.transport.close()


class TestAnAnswer:
    def test_holds_decimals_where_the_vendor_sent_fractions(self, scripted: Any) -> None:
        scripted.says(raw=b'{"amount": 0.10, "count": 3}')

        answer = Sender(scripted).send(READ)

        assert answer.data == {"amount": Decimal("0.10"), "count": 3}
        assert isinstance(answer.data["amount"], Decimal)

    def test_tells_the_vendors_time_and_request_id(self, scripted: Any) -> None:
        scripted.says(headers={"X-HubSpot-Correlation-Id": "abc"})

        answer = Sender(scripted).send(READ)

        assert answer.request_id == "abc"
        assert answer.server_time is not None and answer.server_time.tzinfo is datetime.UTC
        assert answer.received_at == NOON

    def test_may_be_empty_when_there_is_no_content(self, scripted: Any) -> None:
        scripted.says(204)

        assert Sender(scripted).send(WRITE).data is None

    def test_shows_nothing_personal_in_its_repr(self, scripted: Any) -> None:
        scripted.says(body={"email": CANARY})

        answer = Sender(scripted).send(READ)

        assert CANARY not in repr(answer)


class TestARequest:
    def test_carries_token_query_and_json(self, scripted: Any) -> None:
        scripted.says()
        call = http.Call(
            system="HubSpot",
            operation="create",
            method="POST",
            path=f"/contacts/{http.segment('a@b/c')}",
            query=(("properties", "a,b"),),
            json={"price": Decimal("12.50"), "name": "Zażółć"},
            writes=True,
        )

        Sender(scripted).send(call)

        heard = scripted.heard[0]
        assert heard.path == "/contacts/a%40b%2Fc"
        assert heard.query == {"properties": ["a,b"]}
        assert heard.headers["authorization"] == "Bearer first"
        assert heard.headers["content-type"] == "application/json"
        assert heard.body == b'{"price":12.5,"name":"Za\\u017c\\u00f3\\u0142\\u0107"}'

    def test_takes_no_credentials_from_a_netrc_file(self, scripted: Any, tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
        scripted.says()
        netrc = tmp_path / "netrc"
        netrc.write_text("machine 127.0.0.1 login stranger password x\n")
        monkeypatch.setenv("NETRC", str(netrc))

        Sender(scripted).send(READ)

        assert scripted.heard[0].headers["authorization"] == "Bearer first"

    def test_refuses_a_number_that_would_lose_digits(self, scripted: Any) -> None:
        body = {"n": Decimal("0.1234567890123456789")}
        call = http.Call(system="QuickBooks", operation="x", method="POST", path="/", json=body, writes=True)

        with pytest.raises(TypeError, match="more digits"):
            Sender(scripted).send(call)

    def test_is_not_made_with_a_token_that_no_header_can_carry(self, scripted: Any) -> None:
        with pytest.raises(errors.Misconfigured) as caught:
            Sender(scripted, f"{CANARY}\nX-Evil: 1").send(READ)

        assert CANARY not in repr(caught.value)
        assert scripted.heard == []

    def test_does_not_follow_a_redirect(self, scripted: Any) -> None:
        scripted.says(302, headers={"Location": scripted.url + "/elsewhere"})

        with pytest.raises(errors.Misunderstood):
            Sender(scripted).send(READ)

        assert [heard.path for heard in scripted.heard] == ["/contacts/51"]


class TestARead:
    def test_is_repeated_after_a_server_fault(self, scripted: Any) -> None:
        scripted.says(503)
        scripted.says(502, raw=b"<html>")
        scripted.says(body={"id": "51"})
        sender = Sender(scripted)

        answer = sender.send(READ)

        assert answer.data == {"id": "51"}
        assert len(sender.slept) == 2
        assert sender.limits.acquired == 3

    def test_gives_up_after_five_tries(self, scripted: Any) -> None:
        scripted.says(503, body={"message": "down"})

        with pytest.raises(errors.Transient) as caught:
            Sender(scripted).send(READ)

        assert len(scripted.heard) == 5
        assert caught.value.status == 503

    @pytest.mark.parametrize("reply", [{"hang_up": True}, {"body": b'{"id": "5', "promised": 4000}])
    def test_is_repeated_after_a_broken_connection(self, scripted: Any, reply: dict[str, Any]) -> None:
        scripted.says_exactly(**reply)
        scripted.says(body={"id": "51"})

        assert Sender(scripted).send(READ).data == {"id": "51"}

    @pytest.mark.parametrize("raw", [b"<html>sign in</html>", b""])
    def test_is_misunderstood_when_the_answer_is_never_json(self, scripted: Any, raw: bytes) -> None:
        scripted.says(raw=raw)

        with pytest.raises(errors.Misunderstood):
            Sender(scripted).send(READ)

        assert len(scripted.heard) == 5

    def test_is_not_repeated_when_it_is_refused(self, scripted: Any) -> None:
        scripted.says(400, body={"message": "no"})

        with pytest.raises(errors.Rejected):
            Sender(scripted).send(READ)

        assert len(scripted.heard) == 1

    def test_is_cut_off_when_the_answer_only_drips(self, scripted: Any) -> None:
        scripted.says_exactly(body=b'"' + b"x" * 100_000 + b'"', pause=0.01)
        call = http.Call(system="HubSpot", operation="list", method="POST", path="/", seconds=0.2, writes=True)

        with pytest.raises(errors.OutcomeUnknown, match="took too long"):
            Sender(scripted).send(call)

    def test_is_cut_off_when_the_answer_is_too_large(self, scripted: Any, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(http, "MAX_BYTES", 1000)
        scripted.says(raw=b'"' + b"x" * 2000 + b'"')

        with pytest.raises(errors.Transient, match="larger"):
            Sender(scripted).send(READ)


class TestAWrite:
    @pytest.mark.parametrize(
        "reply",
        [
            {"status": 500},
            {"status": 503},
            {"hang_up": True},
            {"body": b'{"id": "5', "promised": 4000},
            {"body": b"<html>ok</html>"},
            {"body": b""},
            {"status": 302},
        ],
    )
    def test_has_an_unknown_outcome_and_is_never_repeated(self, scripted: Any, reply: dict[str, Any]) -> None:
        scripted.says_exactly(**reply)

        with pytest.raises(errors.OutcomeUnknown):
            Sender(scripted).send(WRITE)

        assert len(scripted.heard) == 1

    def test_is_only_late_when_nothing_could_be_sent(self) -> None:
        with socket.socket() as closed:
            closed.bind(("127.0.0.1", 0))
            url = f"http://127.0.0.1:{closed.getsockname()[1]}"

            with pytest.raises(errors.Transient, match="nothing was sent"):
                Sender(url).send(WRITE)

    def test_is_repeated_after_a_short_limit(self, scripted: Any) -> None:
        scripted.says(429, headers={"Retry-After": "3"})
        scripted.says(body={"id": "51"})
        sender = Sender(scripted)

        sender.send(WRITE)

        assert sender.slept == [3.0]
        assert sender.limits.blocks == [(3.0, "BURST")]
        assert [heard.body for heard in scripted.heard] == [b'{"a":"b"}'] * 2

    def test_does_not_wait_for_a_long_limit(self, scripted: Any) -> None:
        scripted.says(429, headers={"Retry-After": "3600"})
        sender = Sender(scripted)

        with pytest.raises(errors.RateLimited) as caught:
            sender.send(WRITE)

        assert caught.value.until == 3600
        assert sender.limits.blocks == [(3600.0, "BURST")]
        assert sender.slept == []

    def test_is_not_repeated_after_a_lock(self, scripted: Any) -> None:
        scripted.says(423)

        with pytest.raises(errors.Transient):
            Sender(scripted).send(WRITE)

        assert len(scripted.heard) == 1


class TestARejectedToken:
    @pytest.mark.parametrize("call", [READ, WRITE])
    def test_is_renewed_once_and_the_call_repeated(self, scripted: Any, call: http.Call) -> None:
        scripted.says(401)
        scripted.says(body={"id": "51"})
        sender = Sender(scripted)

        assert sender.send(call).data == {"id": "51"}
        assert sender.tokens.rejected == ["first"]
        assert [heard.headers["authorization"] for heard in scripted.heard] == ["Bearer first", "Bearer second"]

    def test_ends_the_connection_when_the_new_one_is_rejected_too(self, scripted: Any) -> None:
        scripted.says(401)
        sender = Sender(scripted)

        with pytest.raises(errors.NeedsReconnect):
            sender.send(READ)

        assert len(scripted.heard) == 2


class TestWhatIsWrittenDown:
    def test_names_the_call_and_nothing_of_its_content(self, scripted: Any, caplog: pytest.LogCaptureFixture) -> None:
        caplog.set_level(logging.DEBUG)
        scripted.says(503, body={"message": f"no {CANARY} here"}, headers={"X-HubSpot-Correlation-Id": "abc"})
        call = http.Call(
            system="HubSpot",
            operation="contact create",
            method="POST",
            path=f"/contacts/{CANARY}",
            query=(("email", CANARY),),
            json={"email": CANARY},
            writes=True,
        )

        with pytest.raises(errors.OutcomeUnknown) as caught:
            Sender(scripted, CANARY).send(call)

        logged = "\n".join(record.getMessage() for record in caplog.records)
        assert "contact create" in logged and "status 503" in logged and "abc" in logged
        assert CANARY not in logged
        assert CANARY not in repr(caught.value) + repr(call)

    def test_chains_no_exception_that_holds_the_address(self) -> None:
        with pytest.raises(errors.Transient) as caught:
            Sender("http://127.0.0.1:9").send(READ)

        assert caught.value.__cause__ is None and caught.value.__context__ is None
