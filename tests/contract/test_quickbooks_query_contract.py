"""What QuickBooks finds by a query, and how its query language reads: the facts that our client leans on.

Asserted is what Intuit documents or was recorded from it; what is only likely stands inside `likely`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from tests.contract import targets
from tests.contract.targets import Answer, Json, QuickBooks


@dataclass(frozen=True)
class Four:
    """Four customers whose names begin alike; `gone` is inactive."""

    begin: str
    one: Json
    two: Json
    three: Json
    gone: Json

    @property
    def named(self) -> str:
        return f"DisplayName like '{self.begin}%'"

    @property
    def names(self) -> list[str]:
        """The names of those that are active, in the order of the alphabet."""
        return [self.one["DisplayName"], self.three["DisplayName"], self.two["DisplayName"]]


@pytest.fixture(scope="module")
def four(quickbooks_account: QuickBooks) -> Iterator[Four]:
    begin = targets.mark()
    with quickbooks_account.tidied():
        two, one, three, gone = (
            quickbooks_account.make("Customer", DisplayName=f"{begin} {end}") for end in ("two", "one", "three", "x gone")
        )
        quickbooks_account.deactivate("Customer", gone)
        made = Four(begin=begin, one=one, two=two, three=three, gone=gone)
        quickbooks_account.eventually(
            lambda: quickbooks_account.query(f"select count(*) from Customer where {made.named}"),
            until=lambda answer: bool(answer.json["QueryResponse"]["totalCount"] == 3),
        )
        yield made


def names(customers: list[Json]) -> list[str]:
    return [customer["DisplayName"] for customer in customers]


def refusal(answer: Answer) -> tuple[int, str, str]:
    """The status, the code and what kind of mistake the detail calls it."""
    error = answer.json["Fault"]["Error"][0]
    return answer.status, error["code"], error["Detail"].split(":")[0]


class TestAnswer:
    def test_says_how_many_it_holds_and_from_where(self, quickbooks: QuickBooks, four: Four) -> None:
        answer = quickbooks.query(f"select * from Customer where {four.named} orderby DisplayName startposition 2 maxresults 5")

        found = answer.json["QueryResponse"]
        assert answer.status == 200
        assert names(found["Customer"]) == four.names[1:]
        assert (found["startPosition"], found["maxResults"]) == (2, 2)

    def test_is_empty_when_nothing_is_found(self, quickbooks: QuickBooks) -> None:
        answer = quickbooks.query(f"select * from Customer where DisplayName = '{targets.mark()}'")

        assert (answer.status, answer.json["QueryResponse"]) == (200, {})

    def test_is_empty_past_the_end(self, quickbooks: QuickBooks, four: Four) -> None:
        answer = quickbooks.query(f"select * from Customer where {four.named} startposition 4 maxresults 10")

        assert answer.json["QueryResponse"] == {}

    def test_counts(self, quickbooks: QuickBooks, four: Four) -> None:
        answer = quickbooks.query(f"select count(*) from Customer where {four.named}")

        assert answer.json["QueryResponse"] == {"totalCount": 3}

    def test_holds_what_a_read_gives(self, quickbooks: QuickBooks, four: Four) -> None:
        [found] = quickbooks.found(f"select * from Customer where Id = '{four.one['Id']}'")

        assert found == quickbooks.read("Customer", four.one["Id"])

    def test_may_hold_only_some_fields(self, quickbooks: QuickBooks, four: Four) -> None:
        with quickbooks.likely("a list of fields is tolerated"):
            [found] = quickbooks.found(f"select Id, DisplayName from Customer where Id = '{four.one['Id']}'")
            assert (found["Id"], found["DisplayName"]) == (four.one["Id"], four.one["DisplayName"])
            assert found["sparse"] is True

    def test_is_the_same_when_the_statement_is_posted(self, quickbooks: QuickBooks, four: Four) -> None:
        statement = f"select * from Customer where {four.named} orderby DisplayName"

        posted = quickbooks.send("POST", quickbooks.path("query"), statement, headers={"Content-Type": "application/text"})

        assert posted.status == 200
        assert posted.json["QueryResponse"] == quickbooks.query(statement).json["QueryResponse"]


class TestGrammar:
    @pytest.mark.parametrize(
        ("tail", "positions"),
        [
            ("orderby DisplayName", [0, 1, 2]),
            ("ORDER BY DisplayName DESC", [2, 1, 0]),
            ("orderby Active, DisplayName desc", [2, 1, 0]),
            ("OrderBy DisplayName asc StartPosition 2 MaxResults 1", [1]),
            ("orderby DisplayName maxresults 1 startposition 3", [2]),
        ],
    )
    def test_orders_and_pages(self, quickbooks: QuickBooks, four: Four, tail: str, positions: list[int]) -> None:
        found = quickbooks.found(f"select * from Customer where {four.named} {tail}")

        assert names(found) == [four.names[position] for position in positions]

    @pytest.mark.parametrize(
        ("condition", "positions"),
        [
            ("Active = true", [0, 1, 2]),
            ("DisplayName like '%two' and Active = True", [2]),
            ("DisplayName like '% t%'", [1, 2]),
            ("MetaData.LastUpdatedTime > '2010-01-01T00:00:00-08:00'", [0, 1, 2]),
            ("Metadata.LastUpdatedTime < '2010-01-01T00:00:00-08:00'", []),
            ("Balance >= '0'", [0, 1, 2]),
        ],
    )
    def test_narrows(self, quickbooks: QuickBooks, four: Four, condition: str, positions: list[int]) -> None:
        found = quickbooks.found(f"select * from Customer where {four.named} and {condition} orderby DisplayName")

        assert names(found) == [four.names[position] for position in positions]

    def test_finds_by_a_list_of_ids(self, quickbooks: QuickBooks, four: Four) -> None:
        found = quickbooks.found(f"select * from Customer where Id in ('{four.one['Id']}', '{four.three['Id']}')")

        assert {customer["Id"] for customer in found} == {four.one["Id"], four.three["Id"]}

    def test_does_not_look_at_the_case_of_an_entitys_name(self, quickbooks: QuickBooks, four: Four) -> None:
        answer = quickbooks.query(f"SELECT * FROM customer WHERE {four.named}")

        assert len(answer.json["QueryResponse"]["Customer"]) == 3

    def test_escapes_an_apostrophe_with_a_backslash(self, quickbooks: QuickBooks) -> None:
        end = targets.mark()
        made = quickbooks.make("Customer", DisplayName=f"Amy's {end}")

        assert names(quickbooks.found(f"select * from Customer where DisplayName = 'Amy\\'s {end}'")) == [made["DisplayName"]]

    def test_does_not_escape_an_apostrophe_by_doubling_it(self, quickbooks: QuickBooks) -> None:
        answer = quickbooks.query("select * from Customer where DisplayName = 'Amy''s'")

        assert refusal(answer) == (400, "4000", "QueryParserError")

    @pytest.mark.parametrize("sign", ["&", "#", "+", "%", "ż"])
    def test_takes_every_other_sign_as_it_is(self, quickbooks: QuickBooks, sign: str) -> None:
        made = quickbooks.make("Customer", DisplayName=f"Amy {sign} {targets.mark()}")

        assert names(quickbooks.found(f"select * from Customer where DisplayName = '{made['DisplayName']}'")) == [made["DisplayName"]]

    def test_does_not_look_at_the_case_of_letters(self, quickbooks: QuickBooks, four: Four) -> None:
        with quickbooks.likely("= and LIKE do not look at the case of letters"):
            assert len(quickbooks.found(f"select * from Customer where DisplayName = '{four.names[0].upper()}'")) == 1
            assert len(quickbooks.found(f"select * from Customer where DisplayName like '{four.begin.upper()}%'")) == 3


class TestInactive:
    def test_customers_are_left_out(self, quickbooks: QuickBooks, four: Four) -> None:
        assert names(quickbooks.found(f"select * from Customer where {four.named} orderby DisplayName")) == four.names

    @pytest.mark.parametrize("condition", ["Active in (true, false)", "Active IN (True,False)"])
    def test_customers_are_found_beside_the_others(self, quickbooks: QuickBooks, four: Four, condition: str) -> None:
        statement = f"select count(*) from Customer where {four.named} and {condition}"

        assert quickbooks.query(statement).json["QueryResponse"]["totalCount"] == 4

    def test_customers_are_found_alone(self, quickbooks: QuickBooks, four: Four) -> None:
        found = quickbooks.found(f"select * from Customer where {four.named} and Active = false")

        assert names(found) == [f"{four.gone['DisplayName']} (deleted)"]

    def test_customers_can_be_read_by_their_id(self, quickbooks: QuickBooks, four: Four) -> None:
        assert quickbooks.read("Customer", four.gone["Id"])["Active"] is False


class TestRefusal:
    @pytest.mark.parametrize(
        "statement",
        [
            "select * from Customer where",
            "select * from Customer where Id = '1' or Id = '2'",
            "select * from Customer where (Id = '1')",
            "select * from Customer where Id != '1'",
            "choose * from Customer",
        ],
    )
    def test_of_what_the_language_does_not_have_is_a_4000(self, quickbooks: QuickBooks, statement: str) -> None:
        answer = quickbooks.query(statement)

        assert refusal(answer) == (400, "4000", "QueryParserError")
        assert answer.json["Fault"]["Error"][0]["Message"] == "Error parsing query"

    @pytest.mark.parametrize(
        ("statement", "detail"),
        [
            ("select * from Custmoer", "QueryValidationError: invalid context declaration: Custmoer"),
            ("select * from Customer where NoSuchField = 'x'", "QueryValidationError: Property NoSuchField not found for Entity Customer"),
            ("select * from Customer maxresults 0", "QueryValidationError: value 0 is too small. Min allowed value is 1"),
            ("select * from Customer startposition 0", "QueryValidationError: value 0 is too small. Min allowed value is 1"),
        ],
    )
    def test_of_what_does_not_exist_is_a_4001(self, quickbooks: QuickBooks, statement: str, detail: str) -> None:
        answer = quickbooks.query(statement)

        assert refusal(answer) == (400, "4001", "QueryValidationError")
        assert answer.json["Fault"]["Error"][0]["Detail"].startswith(detail)

    def test_of_more_than_a_thousand_is_a_4001(self, quickbooks: QuickBooks) -> None:
        assert quickbooks.query("select * from Customer maxresults 1000").status == 200

        answer = quickbooks.query("select * from Customer maxresults 1001")

        with quickbooks.likely("a page of 1001 is refused as too large"):
            assert refusal(answer) == (400, "4001", "QueryValidationError")
