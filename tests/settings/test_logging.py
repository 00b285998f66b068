"""What leaves through the log."""

from __future__ import annotations

import json
import logging
import sys
from io import StringIO

import pytest

from settings.logging import JsonFormatter, RedactingFormatter, WithIds, config, redact
from syncapp import about

JWT = "eyJhbGciOiJkaXIiLCJlbmMiOiJBMTI4Q0JDLUhTMjU2In0..Abc-123_def.456"
SERVICE_KEY = "pat-na1-0f1e2d3c-aaaa-bbbb-cccc-0123456789ab"
REFRESH = "AB11730000000xYzAbCdEfGhIjKlMnOpQrStUvWxYz01234567"


def record(message: str, *arguments: object, error: BaseException | None = None) -> logging.LogRecord:
    info = (type(error), error, error.__traceback__) if error else None
    return logging.LogRecord("syncapp.test", logging.INFO, "file.py", 1, message, arguments, info)


class TestRedact:
    @pytest.mark.parametrize(
        ("text", "secret"),
        [
            (f"Authorization: Bearer {JWT}", JWT),
            (f'{{"access_token": "{SERVICE_KEY}", "expires_in": 3600}}', SERVICE_KEY),
            ("refresh_token=short-one&grant_type=refresh_token", "short-one"),
            ("GET /callback?code=abc123&state=xyz789 HTTP/1.1", "abc123"),
            ("GET /callback?code=abc123&state=xyz789 HTTP/1.1", "xyz789"),
            ("client_secret='hush-hush'", "hush-hush"),
            (f"the vendor said {REFRESH} is stale", REFRESH),
            (f"bad key {SERVICE_KEY}", SERVICE_KEY),
            ("Basic dXNlcjpwYXNzd29yZA==", "dXNlcjpwYXNzd29yZA=="),
            ("unknown kind Zx9yQwErTyUiOpAsDfGhJkLzXcVbNm1234567890abcd", "Zx9yQwErTyUiOpAsDfGhJkLzXcVbNm1234567890abcd"),
        ],
    )
    def test_masks_what_looks_like_a_token(self, text: str, secret: str) -> None:
        masked = redact(text)

        assert secret not in masked
        assert "***" in masked

    @pytest.mark.parametrize(
        "text",
        [
            "Customer 58 was refused: code 6240, name O'Brien & Søns is taken.",
            "run 7: 120 pairs in sync, 3 failing (pair 0f8fad5b-d9cb-469f-a165-70867728950e)",
            "syncapp/services/observe.py:114 in test_takes_the_side_that_changed_since_the_baseline",
            "the state: running, error code: 3200",
        ],
    )
    def test_leaves_ordinary_words(self, text: str) -> None:
        assert redact(text) == text

    def test_masks_known_secrets_by_value(self) -> None:
        assert redact("seen: plain-words-only", secrets=["plain-words-only", ""]) == "seen: ***"


class TestFormatter:
    def test_keeps_a_message_on_one_line(self) -> None:
        line = RedactingFormatter("%(levelname)s %(message)s").format(record("name %s", "x\r\nERROR forged\u2028\x1b[31m"))

        assert line == "INFO name x\\x0d\\x0aERROR forged\\x2028\\x1b[31m"

    def test_masks_in_tracebacks_too(self) -> None:
        try:
            raise ValueError(f"refused {SERVICE_KEY}")
        except ValueError:
            error = sys.exc_info()[1]

        text = RedactingFormatter("%(message)s").format(record("it failed", error=error))

        assert "Traceback" in text
        assert SERVICE_KEY not in text


class TestJson:
    def test_writes_one_object_a_line_whatever_a_name_holds(self) -> None:
        line = JsonFormatter().format(record("name %s", 'x\r\n{"level": "ERROR"}\u2028\x1b[31m'))

        told = json.loads(line)
        assert (told["level"], told["logger"], told["message"]) == ("INFO", "syncapp.test", 'name x\r\n{"level": "ERROR"}\u2028\x1b[31m')
        assert line.isascii()
        assert line.isprintable()

    def test_masks_secrets_in_message_and_traceback(self) -> None:
        try:
            raise ValueError(f"refused {SERVICE_KEY}")
        except ValueError:
            error = sys.exc_info()[1]

        told = json.loads(JsonFormatter(secrets=["plain-words-only"]).format(record(f"plain-words-only {JWT}", error=error)))

        assert told["message"] == "*** ***"
        assert "Traceback" in told["traceback"]
        assert SERVICE_KEY not in told["traceback"]


class TestIds:
    @staticmethod
    def logged(format: str) -> str:
        """What a logger says inside a run, through the handler as it is set up."""
        set_up = config(level="INFO", secrets=[], format=format)["handlers"]["terminal"]["formatter"]
        stream = StringIO()
        handler = logging.StreamHandler(stream)
        handler.setFormatter({"json": JsonFormatter(), "line": RedactingFormatter("%(levelname)s%(about)s: %(message)s")}[set_up])
        handler.addFilter(WithIds())
        with about.about(job="a1"), about.about(run=7, connections=[1, 2]):
            handler.handle(record("it went well"))
        handler.handle(record("and so on"))
        return stream.getvalue()

    def test_stand_in_fields_of_their_own(self) -> None:
        inside, after = (json.loads(line) for line in self.logged("json").splitlines())

        assert {name: inside[name] for name in ("job", "run", "connections")} == {"job": "a1", "run": 7, "connections": [1, 2]}
        assert "run" not in after

    def test_stand_before_the_message_of_a_text(self) -> None:
        assert self.logged("line") == "INFO [job=a1 run=7 connections=1,2]: it went well\nINFO: and so on\n"

    def test_are_given_to_every_line_of_the_program(self) -> None:
        terminal = config(level="INFO", secrets=[])["handlers"]["terminal"]

        assert terminal["filters"] == ["ids"]


class TestConfig:
    @pytest.mark.parametrize("name", ["oauthlib", "requests_oauthlib", "urllib3", "django-q", "django.db.backends"])
    def test_quiets_libraries_that_log_tokens_or_every_job(self, name: str) -> None:
        assert config(level="DEBUG", secrets=[])["loggers"][name]["level"] == "WARNING"
