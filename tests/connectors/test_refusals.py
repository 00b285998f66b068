"""Every error of a client has its counterpart in the engine."""

from __future__ import annotations

import inspect

import pytest
from django.utils import translation

from integrations import errors as client_errors
from syncapp.connectors import refusals
from syncapp.engine import errors

FACTS: client_errors.Facts = {"system": "HubSpot", "operation": "contact read", "words": "no", "code": "X", "request_id": "abc"}
KINDS = [
    kind
    for _, kind in inspect.getmembers(client_errors, inspect.isclass)
    if issubclass(kind, client_errors.ApiError) and kind is not client_errors.ApiError
]


class TestTranslated:
    @pytest.mark.parametrize("kind", KINDS)
    def test_keeps_the_name_and_the_facts(self, kind: type[client_errors.ApiError]) -> None:
        extra = {"until": 5.0} if kind is client_errors.RateLimited else {}

        error = refusals.translated(kind(**extra, **FACTS))

        expected = "Rejected" if kind is client_errors.MissingScopes else kind.__name__
        assert type(error).__name__ == expected
        assert (error.system, error.operation, error.code, error.request_id) == ("HubSpot", "contact read", "X", "abc")
        assert "no" in error.words

    def test_carries_what_is_particular(self) -> None:
        limited = refusals.translated(client_errors.RateLimited(until=7.0, policy="DAILY", **FACTS))
        rejected = refusals.translated(client_errors.Rejected(field="email", **FACTS))
        existing = refusals.translated(client_errors.AlreadyExists(existing_id="51", **FACTS))

        assert (limited.wait, limited.policy) == (7.0, "DAILY")
        assert (rejected.field, existing.existing_id) == ("email", "51")

    @pytest.mark.parametrize("words", ["", "Property values were not valid."])
    @pytest.mark.parametrize("kind", KINDS)
    def test_says_what_the_client_says(self, kind: type[client_errors.ApiError], words: str) -> None:
        extra = {"until": 5.0} if kind is client_errors.RateLimited else {}
        extra |= {"scopes": ("crm.objects.deals.read",)} if kind is client_errors.MissingScopes else {}
        error = kind(**extra, **{**FACTS, "words": words})  # type: ignore[arg-type]

        assert refusals.translated(error).words == error.sentence

    def test_says_it_in_the_language_of_who_reads_it(self) -> None:
        error = client_errors.Rejected(**FACTS)

        with translation.override("pl"):
            told = refusals.translated(error).words

        assert told == "HubSpot odrzucił dane (contact read): no. Popraw rekord lub mapowanie; próba ponowi się sama."

    def test_names_missing_scopes_in_its_words(self) -> None:
        error = refusals.translated(client_errors.MissingScopes(scopes=("crm.objects.invoices.read",), **FACTS))

        assert "crm.objects.invoices.read" in error.words


class TestAsked:
    def test_returns_the_result(self) -> None:
        assert refusals.asked(lambda: 5) == 5

    def test_chains_nothing(self) -> None:
        def refuse() -> None:
            raise client_errors.Gone(**FACTS)

        with pytest.raises(errors.Gone) as caught:
            refusals.asked(refuse)

        assert caught.value.__cause__ is None and caught.value.__context__ is None
