"""What an error says, and what it never says."""

from __future__ import annotations

import inspect

import pytest

from integrations import errors


class TestSafeWords:
    @pytest.mark.parametrize(
        ("said", "kept"),
        [
            ("Contact jan.nowak@example.pl exists", "Contact … exists"),
            ('"Ann O\'Brien" was not valid', "… was not valid"),
            ("A property named 'secret' already exists.", "A property named … already exists."),
            ("HubSpot's and customers' limits", "HubSpot's and customers' limits"),
            ("Call +48 600 100 200 now", "Call … now"),
            ("token " + "x" * 60, "token …"),
            ("Contact already exists. Existing ID: 12345", "Contact already exists. Existing ID: 12345"),
        ],
    )
    def test_cut_what_is_personal(self, said: str, kept: str) -> None:
        assert errors.safe_words(said) == kept

    def test_keep_the_name_of_a_field(self) -> None:
        words = errors.safe_words('Property "qbo_id" of "Ann" does not exist', keep={"qbo_id"})

        assert words == "Property qbo_id of … does not exist"

    def test_are_short(self) -> None:
        assert len(errors.safe_words("no " * 500)) <= errors.MAX_WORDS

    def test_change_nothing_the_second_time(self) -> None:
        once = errors.safe_words('\\"a b\\" c@d.e ' + "long " * 100)

        assert errors.safe_words(once) == once


class TestAnError:
    def test_is_fit_for_a_page(self) -> None:
        error = errors.Rejected(
            field="email", system="HubSpot", operation="contact create", status=400, code="INVALID_EMAIL", words="no good", request_id="abc"
        )

        assert str(error) == (
            "HubSpot refused the data (contact create): no good. Correct the record or the mapping; it is then tried again by itself. "
            "[HTTP 400, INVALID_EMAIL, request id abc]"
        )

    def test_names_the_scopes_that_are_missing(self) -> None:
        error = errors.MissingScopes(scopes=("crm.objects.invoices.read",), system="HubSpot", operation="x")

        assert "crm.objects.invoices.read" in str(error)

    @pytest.mark.parametrize(
        "kind", [kind for _, kind in inspect.getmembers(errors, inspect.isclass) if issubclass(kind, errors.ApiError)]
    )
    def test_cleans_the_words_itself(self, kind: type[errors.ApiError]) -> None:
        extra = {"until": 1.0} if kind is errors.RateLimited else {}

        error = kind(system="HubSpot", operation="x", words="a@b.pl said 'no'", **extra)

        assert error.words == "… said …"

    def test_is_drawn_in_the_tree(self) -> None:
        kinds = [name for name, kind in inspect.getmembers(errors, inspect.isclass) if issubclass(kind, errors.ApiError)]

        assert [name for name in kinds if name not in (errors.__doc__ or "")] == []
