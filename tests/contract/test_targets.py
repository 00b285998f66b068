"""The suite's own promises: where it runs, how it reports what is only likely, and that it tidies up."""

from __future__ import annotations

import warnings

import pytest

from tests.contract import targets
from tests.contract.targets import Account, Answer, ContractDifference, HubSpot, Place, QuickBooks

URL = "https://vendor.example"


class Canned(Account):
    """An account that answers with the statuses it was given, one after the other."""

    pause_seconds = 0.0

    def __init__(self, *statuses: int) -> None:
        super().__init__(place=Place.REAL, url=URL, token="x")
        self.statuses = list(statuses)

    def _exchange(self, *_: object) -> Answer:
        return Answer(status=self.statuses.pop(0))


class TestPlaces:
    def test_are_the_sandbox_alone_without_credentials(self) -> None:
        assert targets.places("ONE", "TWO", environment={"ONE": "x", "TWO": ""}) == [Place.SANDBOX]

    def test_are_both_with_all_credentials(self) -> None:
        assert targets.places("ONE", "TWO", environment={"ONE": "x", "TWO": "y"}) == [Place.SANDBOX, Place.REAL]


class TestLikely:
    def test_fails_on_the_sandbox(self) -> None:
        account = Account(place=Place.SANDBOX, url=URL, token="x")

        with pytest.raises(AssertionError), account.likely("water is dry"):
            raise AssertionError

    @pytest.mark.parametrize("difference", [AssertionError, KeyError, TypeError])
    def test_warns_on_a_real_account(self, difference: type[Exception]) -> None:
        account = Account(place=Place.REAL, url=URL, token="x")

        with pytest.warns(ContractDifference, match="water is dry"), account.likely("water is dry"):
            raise difference

    def test_is_silent_about_what_is_so(self) -> None:
        account = Account(place=Place.REAL, url=URL, token="x")

        with warnings.catch_warnings(), account.likely("water is wet"):
            warnings.simplefilter("error")


class TestThrottling:
    def test_is_waited_out(self) -> None:
        account = Canned(429, 429, 200)

        assert account.send("GET", "/").status == 200

    def test_is_told_when_it_does_not_end(self) -> None:
        account = Canned(*[429] * targets.TRIES)

        assert account.send("GET", "/").status == 429
        assert account.statuses == []


class TestTidying:
    def test_archives_contacts(self, hubspot_account: HubSpot) -> None:
        with hubspot_account.tidied():
            record_id = hubspot_account.make("contacts", lastname=targets.mark())

        found = hubspot_account.objects("POST", "contacts/batch/read", {"inputs": [{"id": record_id}], "properties": ["lastname"]})
        assert found.json["results"] == []

    def test_makes_customers_inactive(self, quickbooks_account: QuickBooks) -> None:
        with quickbooks_account.tidied():
            made = quickbooks_account.make("Customer", DisplayName=targets.mark())

        assert quickbooks_account.read("Customer", made["Id"])["Active"] is False

    def test_leaves_alone_what_was_there_before(self) -> None:
        account, seen = Account(place=Place.REAL, url=URL, token="x"), list[str]()

        def put_away(name: str) -> Answer:
            seen.append(name)
            return Answer(status=204)

        with account.tidied():
            account.afterwards(lambda: put_away("outer"))
            with account.tidied():
                account.afterwards(lambda: put_away("first"))
                account.afterwards(lambda: put_away("second"))
            assert seen == ["second", "first"]

        assert seen == ["second", "first", "outer"]

    def test_tells_what_it_could_not_put_away(self) -> None:
        account = Account(place=Place.REAL, url=URL, token="x")

        with pytest.warns(ContractDifference, match="status 400"), account.tidied():
            account.afterwards(lambda: Answer(status=400))
