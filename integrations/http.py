"""Send one call to a vendor and bring back an answer or an error that names what to do next.

Owns time limits, the size limit, the bearer header, repeating what may be repeated, and the log line of a call. Knows no vendor:
what a refusal means is explained by the vendor's own module. Nothing of a query, a body or a token is logged or kept in an error.
"""

from __future__ import annotations

import contextlib
import dataclasses
import datetime
import email.utils
import json
import logging
import re
import threading
import urllib.parse
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any, Protocol, cast

import requests
import requests.auth
import tenacity
import urllib3.exceptions

from integrations import errors, outbound
from integrations.discretion import Secret

logger = logging.getLogger(__name__)
logging.getLogger("urllib3").setLevel(logging.WARNING)  # At DEBUG it prints whole addresses, with their queries.

CONNECT_SECONDS = 5.0
ANSWER_SECONDS = 60.0
BATCH_SECONDS = 110.0
MAX_BYTES = 20 * 1024 * 1024
MAX_ATTEMPTS = 5
LONGEST_PAUSE = 15.0
REQUEST_ID_HEADERS = ("X-HubSpot-Correlation-Id", "intuit_tid")
_NO_CONTENT = frozenset({204, 205})
_CHUNK = 64 * 1024


@dataclasses.dataclass(frozen=True)
class Call:
    """One request. `operation` is its label in logs and errors, `buckets` name the limits it counts against, `seconds` is the time
    after which no answer is waited for. The parts that may hold personal data stay out of the repr."""

    system: str
    operation: str
    method: str
    path: str = dataclasses.field(repr=False)
    query: tuple[tuple[str, str], ...] = dataclasses.field(default=(), repr=False)
    json: object | None = dataclasses.field(default=None, repr=False)
    form: Mapping[str, str] | None = dataclasses.field(default=None, repr=False)
    text: str | None = dataclasses.field(default=None, repr=False)
    writes: bool = False
    buckets: tuple[str, ...] = ()
    documentation: str = ""
    seconds: float = ANSWER_SECONDS


@dataclasses.dataclass(frozen=True)
class Answer:
    """What came back. Numbers with a fraction in `data` are Decimal; `server_time` is the vendor's own clock."""

    status: int
    headers: Mapping[str, str] = dataclasses.field(repr=False)
    data: Any = dataclasses.field(repr=False)
    received_at: datetime.datetime
    server_time: datetime.datetime | None

    @property
    def request_id(self) -> str | None:
        """What the vendor's support asks for."""
        return next((self.headers[name] for name in REQUEST_ID_HEADERS if name in self.headers), None)


class Limiter(Protocol):
    """Keeps us within the vendor's limits."""

    def acquire(self, call: Call) -> None:
        """Wait for the call's turn, or raise RateLimited when that is too far away."""

    def report(self, call: Call, answer: Answer) -> None:
        """Learn from the headers of every answer."""

    def blocked(self, call: Call, seconds: float, policy: str) -> None:
        """Hold back all calls that share the limit which the vendor says is used up."""


class TokenKeeper(Protocol):
    """Gives out access tokens."""

    def token(self) -> str:
        """Return the current access token, or raise NeedsReconnect."""

    def renewed(self, rejected: str) -> str:
        """Return a token other than the rejected one, or raise NeedsReconnect."""


def segment(value: str) -> str:
    """Escape a value for use as one part of a path. Raises ValueError for what would lead to another place however it is written."""
    if value in ("", ".", ".."):
        raise ValueError(f"“{value}” cannot be a part of an address.")
    return urllib.parse.quote(value, safe="")


def is_identity(value: str) -> bool:
    """Tell whether a text can be the id of a record at all."""
    return bool(re.fullmatch(r"[0-9]+", value))


def identity(value: str) -> str:
    """Return the id of a record for use as one part of a path. Raises ValueError: at both vendors ids are digits."""
    if not is_identity(value):
        raise ValueError(f"“{value[:40]}” is not the id of a record: those are digits.")
    return value


class Transport:
    """Sends calls to one vendor account over one session. Not for use by several threads at once."""

    def __init__(
        self,
        *,
        base_url: str,
        tokens: TokenKeeper,
        limiter: Limiter,
        explain: Callable[[Call, Answer], errors.ApiError],
        sleep: Callable[[float], None],
        clock: Callable[[], datetime.datetime],
    ) -> None:
        self._base_url = base_url.rstrip("/")
        self._tokens = tokens
        self._limiter = limiter
        self._explain = explain
        self._sleep = sleep
        self._clock = clock
        self._session = requests.Session()
        outbound.confine(session=self._session)
        self._server_time: datetime.datetime | None = None

    @property
    def server_time(self) -> datetime.datetime | None:
        """The vendor's own time in the latest answer that told it."""
        return self._server_time

    def close(self) -> None:
        """Give up the connections that are kept open."""
        self._session.close()

    def send(self, call: Call) -> Answer:
        """Send the call and return its answer (2xx).

        A read is repeated with pauses, at most five times in all. A write is repeated only where the vendor provably did nothing:
        after 429, and after 401 with a renewed token. Raises an ApiError, or what the limiter or the token source raises.
        """
        retrying = tenacity.Retrying(
            stop=tenacity.stop_after_attempt(MAX_ATTEMPTS),
            retry=tenacity.retry_if_result(lambda outcome: _may_repeat(call, outcome)),
            wait=_Pause(),
            sleep=self._sleep,
            retry_error_callback=_last_outcome,
        )
        outcome: Answer | errors.ApiError = retrying(self._attempt, call)
        if isinstance(outcome, errors.ApiError):
            raise outcome
        return outcome

    def _attempt(self, call: Call) -> Answer | errors.ApiError:
        token = Secret(self._tokens.token())
        outcome = self._exchange(call, token)
        if isinstance(outcome, Answer) and outcome.status == 401:
            outcome = self._exchange(call, Secret(self._tokens.renewed(token.reveal())))
        if isinstance(outcome, errors.ApiError):
            return outcome
        return outcome if 200 <= outcome.status < 300 else self._refusal(call, outcome)

    def _refusal(self, call: Call, answer: Answer) -> errors.ApiError:
        error = self._explain(call, answer)
        if answer.status < 400:
            kind = errors.OutcomeUnknown if call.writes else errors.Misunderstood
            return _same_facts(error, kind)
        if answer.status >= 500:
            return _same_facts(error, errors.OutcomeUnknown if call.writes else errors.Transient)
        if isinstance(error, errors.RateLimited):
            self._limiter.blocked(call, error.until, error.policy)
        return error

    def _exchange(self, call: Call, token: Secret) -> Answer | errors.ApiError:
        """One request, one answer of any status, or an error where there is none that can be read."""
        if not re.fullmatch(r"[\x21-\x7e]+", token.reveal()):
            return errors.Misconfigured(
                system=call.system, operation=call.operation, words="The access token has characters that cannot be sent."
            )
        self._limiter.acquire(call)
        started = self._clock()
        response = self._request(call, token)
        if isinstance(response, errors.ApiError):
            self._log(call, "none", started, None)
            return response
        left = call.seconds - (self._clock() - started).total_seconds()
        body, cut = _read_body(response, left)
        data, unreadable = (None, cut) if cut else _parse(body, response.status_code)
        answer = Answer(
            status=response.status_code,
            headers=response.headers,
            data=data,
            received_at=self._clock(),
            server_time=_server_time(response.headers.get("Date")),
        )
        self._log(call, str(answer.status), started, answer.request_id)
        self._server_time = answer.server_time or self._server_time
        self._limiter.report(call, answer)
        if unreadable and 200 <= answer.status < 300:
            return _unusable(call, answer, unreadable, otherwise=errors.Transient if cut else errors.Misunderstood)
        return answer

    def _request(self, call: Call, token: Secret) -> requests.Response | errors.ApiError:
        content, content_type = _content(call)
        headers = {"Accept": "application/json", "User-Agent": "syncapp"}
        if content_type:
            headers["Content-Type"] = content_type
        try:
            response = self._session.request(
                call.method,
                self._base_url + call.path,
                params=call.query or None,
                data=content,
                headers=headers,
                auth=_Bearer(token),
                timeout=(CONNECT_SECONDS, call.seconds),
                allow_redirects=False,
                stream=True,
            )
        except requests.RequestException as error:
            return _no_answer(call, error)
        return response

    def _log(self, call: Call, status: str, started: datetime.datetime, request_id: str | None) -> None:
        milliseconds = (self._clock() - started) / datetime.timedelta(milliseconds=1)
        logger.debug(
            "%s %s %s: status %s, %.0f ms, request id %s", call.system, call.method, call.operation, status, milliseconds, request_id
        )


class _Bearer(requests.auth.AuthBase):
    """Sets the header, and keeps requests from taking one out of a .netrc file."""

    def __init__(self, token: Secret) -> None:
        self._token = token

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        request.headers["Authorization"] = f"Bearer {self._token.reveal()}"
        return request


class _Pause(tenacity.wait.wait_base):
    """As long as the vendor asks, or growing with chance in it."""

    def __init__(self) -> None:
        self._growing = tenacity.wait_exponential_jitter(multiplier=0.5, max=8.0)

    def __call__(self, retry_state: tenacity.RetryCallState) -> float:
        outcome = retry_state.outcome.result() if retry_state.outcome else None
        return outcome.until if isinstance(outcome, errors.RateLimited) else self._growing(retry_state)


def _may_repeat(call: Call, outcome: Answer | errors.ApiError) -> bool:
    if isinstance(outcome, errors.RateLimited):
        return outcome.until <= LONGEST_PAUSE
    if call.writes or not isinstance(outcome, errors.ApiError):
        return False
    unreadable = isinstance(outcome, errors.Misunderstood) and outcome.status is not None and outcome.status < 300
    return unreadable or isinstance(outcome, errors.Transient)


def _last_outcome(retry_state: tenacity.RetryCallState) -> Answer | errors.ApiError:
    """After the last try there is always an outcome; the library's types do not say so."""
    outcome: Answer | errors.ApiError = cast(tenacity.Future, retry_state.outcome).result()
    return outcome


def _content(call: Call) -> tuple[bytes | None, str | None]:
    if call.json is not None:
        return json.dumps(call.json, default=_number, allow_nan=False, separators=(",", ":")).encode("ascii"), "application/json"
    if call.form is not None:
        return urllib.parse.urlencode(call.form).encode("ascii"), "application/x-www-form-urlencoded"
    if call.text is not None:
        return call.text.encode("utf-8"), "application/text"
    return None, None


def _number(value: object) -> int | float:
    """Decimals become JSON numbers, and only such as lose nothing on the way."""
    if not isinstance(value, Decimal):
        raise TypeError(f"{type(value).__name__} has no place in a JSON body")
    if value == value.to_integral_value():
        return int(value)
    number = float(value)
    if Decimal(repr(number)) != value:
        raise TypeError("the number has more digits than JSON carries safely")
    return number


def _read_body(response: requests.Response, seconds: float) -> tuple[bytes, str]:
    """The body, or why there is none: the time limit covers it whole, however slowly it drips."""
    body = bytearray()
    late = threading.Event()

    def cut_off() -> None:
        late.set()
        with contextlib.suppress(ValueError, RuntimeError, OSError):
            response.raw.shutdown()

    timer = threading.Timer(max(seconds, 0.0), cut_off)
    timer.daemon = True
    timer.start()
    why = ""
    try:
        for chunk in response.iter_content(_CHUNK):
            body += chunk
            if len(body) > MAX_BYTES:
                why = f"The answer is larger than {MAX_BYTES // 1024 // 1024} MB."
                break
    except requests.RequestException:
        why = "The answer broke off."
    finally:
        timer.cancel()
        response.close()
    return bytes(body), "The answer took too long." if late.is_set() else why


def _parse(body: bytes, status: int) -> tuple[Any, str]:
    if not body.strip():
        return None, "" if status in _NO_CONTENT else "The answer is empty."
    try:
        return json.loads(body, parse_float=Decimal), ""
    except (ValueError, RecursionError):
        return None, "The answer is not JSON."


def _server_time(header: str | None) -> datetime.datetime | None:
    if not header:
        return None
    try:
        parsed = email.utils.parsedate_to_datetime(header)
    except ValueError:
        return None
    return parsed.replace(tzinfo=parsed.tzinfo or datetime.UTC).astimezone(datetime.UTC)


def _unusable(call: Call, answer: Answer, why: str, *, otherwise: type[errors.ApiError]) -> errors.ApiError:
    kind = errors.OutcomeUnknown if call.writes else otherwise
    return kind(system=call.system, operation=call.operation, status=answer.status, words=why, request_id=answer.request_id)


def _no_answer(call: Call, error: requests.RequestException) -> errors.ApiError:
    """Nothing of the library's message is kept: it holds the whole address with its query."""
    kind: type[errors.ApiError] = errors.OutcomeUnknown if call.writes else errors.Transient
    words = "The connection broke before an answer came."
    if _never_sent(error):
        kind, words = errors.Transient, "No connection could be made, so nothing was sent."
    elif isinstance(error, requests.exceptions.Timeout):
        words = f"No answer came within {call.seconds:.0f} seconds."
    elif isinstance(error, requests.exceptions.InvalidURL | requests.exceptions.InvalidHeader | requests.exceptions.InvalidSchema):
        kind, words = errors.Misconfigured, "The address or a header cannot be sent."
    return kind(system=call.system, operation=call.operation, words=words)


def _never_sent(error: requests.RequestException) -> bool:
    cause = error.args[0] if error.args else None
    reason = getattr(cause, "reason", None)
    return isinstance(error, requests.exceptions.ConnectTimeout) or isinstance(reason, urllib3.exceptions.NewConnectionError)


def _same_facts(error: errors.ApiError, kind: type[errors.ApiError]) -> errors.ApiError:
    return kind(
        system=error.system,
        operation=error.operation,
        status=error.status,
        code=error.code,
        words=error.words,
        request_id=error.request_id,
    )
