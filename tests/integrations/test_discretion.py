"""A secret in memory shows itself to nobody who does not ask for it by name."""

from __future__ import annotations

import copy
import json
import pickle
import re
from typing import Any

import pytest

from integrations import discretion, oauth
from integrations.discretion import Secret
from tests.architecture import tree

CANARY = "a plain word that looks like nothing"
MAY_REVEAL = {
    "integrations/discretion.py", "integrations/http.py", "integrations/oauth.py",
    "syncapp/services/connections.py", "syncapp/services/consent.py", "syncapp/services/credentials.py",
}
"""The transport and the sign-in hand secrets to the vendor; of the services, three seal them or pass them on."""


class TestSecret:
    @pytest.mark.parametrize(
        "show",
        [
            repr, str, "{}".format, "{:>10}".format, "%s".__mod__, lambda secret: f"{secret!r}{secret!s}{secret:x}",
            lambda secret: json.dumps(secret, default=str), lambda secret: repr({"a": [secret]}),
        ],
    )
    def test_prints_as_three_stars(self, show: Any) -> None:
        shown = show(Secret(CANARY))

        assert CANARY not in shown
        assert "***" in shown

    def test_is_no_text_that_json_would_write(self) -> None:
        with pytest.raises(TypeError):
            json.dumps(Secret(CANARY))

    @pytest.mark.parametrize("carried", [lambda secret: pickle.loads(pickle.dumps(secret)), copy.copy, copy.deepcopy])
    def test_is_lost_when_it_is_carried_away(self, carried: Any) -> None:
        assert carried(Secret(CANARY)).reveal() == "***"

    def test_has_no_attributes_to_list(self) -> None:
        with pytest.raises(TypeError):
            vars(Secret(CANARY))

    def test_is_revealed_to_who_asks_for_it(self) -> None:
        assert Secret(Secret(CANARY)).reveal() == CANARY

    def test_is_equal_to_the_same_and_to_no_text(self) -> None:
        assert Secret("a") == Secret("a")
        assert hash(Secret("a")) == hash(Secret("a"))
        assert Secret("a") != Secret("b")
        assert Secret("a") != "a"
        assert (bool(Secret("a")), bool(Secret(""))) == (True, False)

    def test_is_what_tokens_are_held_in(self) -> None:
        held = oauth.TokenSet(access_token=CANARY, refresh_token=CANARY, expires_in=60)  # type: ignore[arg-type]

        assert CANARY not in repr(vars(held)) + repr(held) + repr(pickle.dumps(held))

    def test_is_revealed_in_few_modules(self) -> None:
        revealing = {tree.place(file) for file in tree.modules() if re.search(r"\breveal\(", file.read_text(encoding="utf-8"))}

        assert revealing == MAY_REVEAL


class TestRedact:
    def test_knows_a_token_by_its_value_once_it_was_used(self) -> None:
        word = "used-by-nobody-but-this-test"
        assert discretion.redact(word) == word

        Secret(word).reveal()

        assert discretion.redact(f"it said {word}, and {word.encode()!r}") == "it said ***, and b'***'"

    def test_knows_what_it_was_told_in_addresses_too(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(discretion, "_set_up", set())

        discretion.remember(["pass/word+1", "short"])

        assert discretion.redact("pass/word+1 pass%2Fword%2B1 short") == "*** *** short"

    def test_remembers_the_latest_only(self, monkeypatch: pytest.MonkeyPatch) -> None:
        for number in range(discretion.MOST_USED + 1):
            Secret(f"token number {number}").reveal()

        assert discretion.redact("token number 0!") == "token number 0!"
        assert discretion.redact(f"token number {discretion.MOST_USED}!") == "***!"
