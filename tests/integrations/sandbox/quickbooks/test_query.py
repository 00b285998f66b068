from __future__ import annotations

from typing import Any

import pytest

from tests.integrations.sandbox.quickbooks.conftest import Books


@pytest.fixture
def list_of(books: Books) -> Books:
    """Customers 1 to 6, a minute apart; 5 is inactive, 6 is a job of 2. Invoices 1 to 3 of customers 1, 1 and 2."""
    people: list[tuple[str, dict[str, Any]]] = [
        ("Amy's Bird Sanctuary", {"GivenName": "Amy", "PrimaryEmailAddr": {"Address": "Birds@Intuit.com"}}),
        ("bill's Windsurf Shop", {"GivenName": "Bill", "PrimaryPhone": {"FreeFormNumber": "(415) 444"}}),
        ("Robertson & Associates", {"CompanyName": "R#1 100% +more"}),
        ("Cool Cars", {"GivenName": "Grace", "Taxable": False}),
        ("Zed", {}),
    ]
    for name, more in people:
        books.customer(name, **more)
        books.later(seconds=60)
    books.write("Customer", {"Id": "5", "SyncToken": "0", "sparse": True, "Active": False})
    books.later(seconds=60)
    books.customer("Kitchen", Job=True, ParentRef={"value": "2"})
    books.invoice("1", 100, TxnDate="2026-10-01")
    books.later(seconds=60)
    books.invoice("1", 250.5, TxnDate="2026-11-01")
    books.later(seconds=60)
    books.invoice("2", 300, TxnDate="2026-11-15")
    return books


def ids(books: Books, where: str, kind: str = "Customer") -> list[str]:
    return books.names(f"select * from {kind} {where}", kind, "Id")


class TestAnswer:
    def test_tells_where_it_starts_and_how_many_it_holds(self, list_of: Books) -> None:
        found = list_of.query("SELECT * FROM Customer MAXRESULTS 2 STARTPOSITION 2")

        assert [customer["Id"] for customer in found["Customer"]] == ["2", "6"]
        assert (found["startPosition"], found["maxResults"]) == (2, 2)
        assert "totalCount" not in found

    @pytest.mark.parametrize("text", ["select * from Customer startposition 99", "select * from Customer where DisplayName = 'Nobody'"])
    def test_past_the_end_is_empty(self, list_of: Books, text: str) -> None:
        assert list_of.query(text) == {}

    @pytest.mark.parametrize("text", ["select count(*) from customer startposition 1 maxresults 1000", "SELECT COUNT(*) FROM Customer "])
    def test_counts_what_is_active(self, list_of: Books, text: str) -> None:
        assert list_of.query(text) == {"totalCount": 5}
        assert list_of.query("select count(*) from Customer where Active in (true, false)") == {"totalCount": 6}

    def test_has_the_canonical_name_whatever_the_letters(self, list_of: Books) -> None:
        assert set(list_of.query("select * from CUSTOMER")) == {"Customer", "startPosition", "maxResults"}

    def test_of_an_entity_that_is_not_kept_here_is_empty(self, list_of: Books) -> None:
        assert list_of.query("select * from Payment where TotalAmt > '3'") == {}
        assert list_of.query("select count(*) from Payment") == {"totalCount": 0}

    def test_comes_for_a_post_too(self, list_of: Books) -> None:
        text = b"SELECT *, Sku FROM Item ORDER BY Id ASC STARTPOSITION 1 MAXRESULTS 10"
        list_of.item("Hours", Sku="H-1")

        answer = list_of.call("POST", "query", text, content_type="application/text", minorversion="75")
        list_of.call("POST", "query", text)

        assert answer["QueryResponse"]["Item"][0]["Sku"] == "H-1"
        assert list_of.code() == "500"

    def test_holds_a_hundred_unless_told_otherwise(self, books: Books) -> None:
        books.face.generate({"customers": 120, "random_seed": 1})

        assert books.query("select * from Customer")["maxResults"] == 100
        assert books.query("select * from Customer maxresults 1000")["maxResults"] == 120


class TestOrder:
    def test_of_names_is_by_full_name(self, list_of: Books) -> None:
        assert list_of.names("select * from Customer", field="FullyQualifiedName") == [
            "Amy's Bird Sanctuary", "bill's Windsurf Shop", "bill's Windsurf Shop:Kitchen", "Cool Cars", "Robertson & Associates",
        ]  # fmt: skip

    def test_of_transactions_is_newest_first(self, list_of: Books) -> None:
        list_of.later(seconds=60)
        list_of.write("Invoice", {"Id": "1", "SyncToken": "0", "sparse": True, "PrivateNote": "x"})

        assert ids(list_of, "", "Invoice") == ["1", "3", "2"]

    @pytest.mark.parametrize(
        ("clause", "expected"),
        [
            ("orderby Id", ["1", "2", "3", "4", "6"]),
            ("ORDER BY Id DESC", ["6", "4", "3", "2", "1"]),
            ("orderby MetaData.LastUpdatedTime desc", ["2", "1", "6", "4", "3"]),
            ("orderby MetaData.CreateTime desc, Id", ["6", "4", "3", "2", "1"]),
            ("orderby GivenName desc, Id desc", ["4", "2", "1", "6", "3"]),
            ("orderby Balance desc", ["1", "2", "3", "4", "6"]),
            ("orderby FullyQualifiedName desc", ["3", "4", "6", "2", "1"]),
        ],
    )
    def test_is_as_asked(self, list_of: Books, clause: str, expected: list[str]) -> None:
        assert ids(list_of, clause) == expected

    def test_pages_without_gap_or_repeat(self, books: Books) -> None:
        books.face.generate({"customers": 25, "random_seed": 1})
        for order in ("", "orderby Id", "orderby MetaData.LastUpdatedTime", "orderby DisplayName desc"):
            pages = [ids(books, f"{order} startposition {start} maxresults 10") for start in (1, 11, 21, 31)]

            assert [len(page) for page in pages] == [10, 10, 5, 0]
            assert len({number for page in pages for number in page}) == 25


class TestFilters:
    @pytest.mark.parametrize(
        ("where", "expected"),
        [
            (r"DisplayName = 'Amy\'s Bird Sanctuary'", ["1"]),
            ("DisplayName = 'BILL\\'S WINDSURF SHOP'", ["2"]),
            ("DisplayName = 'Robertson & Associates'", ["3"]),
            ("CompanyName = 'R#1 100% +more'", ["3"]),
            ("DisplayName like '%S%'", ["1", "2", "4", "3"]),
            ("DisplayName LIKE 'c%'", ["4"]),
            ("DisplayName LIKE 'ool'", []),
            ("GivenName in ('Amy', 'grace', 'Nobody')", ["1", "4"]),
            ("GivenName > 'Amy' and GivenName < 'C'", ["2"]),
            ("Id in ('1','3','99','x')", ["1", "3"]),
            ("Id = '5'", []),
            ("Id > '3' and Id <= '6' orderby Id", ["4", "6"]),
            ("Active = false", ["5"]),
            ("Active = True orderby Id", ["1", "2", "3", "4", "6"]),
            ("Active in (false, true) orderby Id", ["1", "2", "3", "4", "5", "6"]),
            ("Active IN (false)", ["5"]),
            ("Taxable = false", ["4"]),
            ("Job = true", ["6"]),
            ("ParentRef = '2'", ["6"]),
            ("Balance > '200'", ["1", "2"]),
            ("Balance >= 300 and Balance < 300.01", ["2"]),
            ("PrimaryEmailAddr = 'birds@intuit.com'", ["1"]),
            ("PrimaryPhone like '%415%'", ["2"]),
            ("MetaData.CreateTime >= '2026-11-24T10:32:00-08:00'", ["6", "4", "3"]),
            ("Metadata.LastUpdatedTime > '2026-11-24T18:33:00Z' orderby Id", ["1", "2", "6"]),
            (
                "MetaData.LastUpdatedTime >= '2026-11-24T18:33:00Z' and MetaData.LastUpdatedTime <= '2026-11-24T10:36:00' orderby Id",
                ["4", "6"],
            ),
            ("MetaData.LastUpdatedTime < '2026-11-24T18:33:00Z'", ["3"]),
            ("MetaData.LastUpdatedTime = '2026-11-24T18:32:00Z'", ["3"]),
        ],
    )
    def test_of_customers(self, list_of: Books, where: str, expected: list[str]) -> None:
        assert ids(list_of, f"where {where}") == expected

    @pytest.mark.parametrize(
        ("where", "expected"),
        [
            ("CustomerRef = '1'", ["2", "1"]),
            ("CustomerRef IN ('1','2') and TotalAmt > '200'", ["3", "2"]),
            ("DocNumber = '1002'", ["2"]),
            ("TxnDate >= '2026-11-01' and TxnDate < '2026-11-15'", ["2"]),
            ("Balance > 0 orderby TxnDate", ["1", "2", "3"]),
            ("DueDate > '2026-12-01T00:00:00'", ["3"]),
        ],
    )
    def test_of_invoices(self, list_of: Books, where: str, expected: list[str]) -> None:
        found = ids(list_of, f"where {where}", "Invoice")

        assert found == expected

    def test_take_a_backslash(self, books: Books) -> None:
        books.customer("back\\slash")

        assert ids(books, r"where DisplayName = 'back\\slash'") == ["1"]


class TestProjection:
    def test_gives_partial_objects(self, list_of: Books) -> None:
        found = list_of.query("select DisplayName, MetaData.LastUpdatedTime from Customer where Id = '3'")["Customer"]

        assert found == [
            {
                "domain": "QBO", "sparse": True, "Id": "3", "MetaData": {"LastUpdatedTime": "2026-11-24T10:32:00-08:00"},
                "DisplayName": "Robertson & Associates",
            },
        ]  # fmt: skip


class TestRefusals:
    @pytest.mark.parametrize(
        ("text", "detail"),
        [
            ("SELECT * FROM Custmoer", "invalid context declaration: Custmoer"),
            ("select * from Customer where NoSuchField = '1'", "Property NoSuchField not found for Entity Customer"),
            ("select * from Customer where BillAddr = '1'", "Property BillAddr not found for Entity Customer"),
            ("select * from Customer where PrimaryTaxIdentifier = '1'", "Property PrimaryTaxIdentifier not found for Entity Customer"),
            ("select * from Customer orderby Nothing", "Property Nothing not found for Entity Customer"),
            ("select Nothing from Customer", "Property Nothing not found for Entity Customer"),
            ("select * from Customer startposition 0", "value 0 is too small. Min allowed value is 1"),
            ("select * from Customer maxresults 0", "value 0 is too small. Min allowed value is 1"),
            ("select * from Customer maxresults 1001", "value 1001 is too large. Max allowed value is 1000"),
            ("select * from Customer where Balance > 'much'", "value much is not a valid number"),
            ("select * from Customer where MetaData.CreateTime > 'today'", "value today is not a valid date time"),
            ("select * from Invoice where TxnDate > 'today'", "value today is not a valid date"),
            ("select * from Customer where Active = 'maybe'", "value maybe is not a valid boolean"),
        ],
    )
    def test_of_meaning_are_4001(self, list_of: Books, text: str, detail: str) -> None:
        list_of.query(text)

        assert list_of.last.status == 400
        assert list_of.fault() == {"Message": "Invalid query", "Detail": f"QueryValidationError: {detail}", "code": "4001"}

    @pytest.mark.parametrize(
        ("text", "begins"),
        [
            ("select * from NULL", 'Encountered " "null" "NULL "" at line 1, column 15.\nWas expecting:\n    <IDENTIFIER> ...\n    '),
            ("select * from Customer TxnDate", 'Encountered " <IDENTIFIER> "TxnDate "" at line 1, column 24.'),
            ("select * from Customer where DisplayName = 'Amy''s Birds'", 'Encountered " <STRING> "\'s Birds\' "" at line 1, column 49.'),
            ("select * from Customer where DisplayName != 'x'", 'Lexical error at line 1, column 42.  Encountered: "!" (33)'),
            ("select * from Customer where DisplayName = 'x", "Lexical error at line 1, column 44.  Encountered: <EOF>"),
            ("select * from Customer where A = '1' or B = '2'", 'Encountered " <IDENTIFIER> "or "" at line 1, column 38.'),
            ("select * from Customer where (A = '1')", 'Encountered " "(" "( "" at line 1, column 30.'),
            ("select * from Customer where A", 'Encountered "<EOF>" at line 1, column 31.\nWas expecting one of:'),
            ("select * from Customer\nwhere A in ()", 'Encountered " ")" ") "" at line 2, column 13.'),
            ("select * from Customer where A like 5", 'Encountered " <NUMBER> "5 "" at line 1, column 37.'),
            ("select * from Customer maxresults 1 maxresults 2", 'Encountered " "maxresults" "maxresults "" at line 1, column 37.'),
            ("select * from Customer maxresults 1.5", 'Encountered " <NUMBER> "1.5 "" at line 1, column 35.'),
            ("select count(Id) from Customer", 'Encountered " <IDENTIFIER> "Id "" at line 1, column 14.'),
            ("delete from Customer", 'Encountered " <IDENTIFIER> "delete "" at line 1, column 1.'),
            ("", 'Encountered "<EOF>" at line 1, column 0.'),
        ],
    )
    def test_of_grammar_are_4000(self, list_of: Books, text: str, begins: str) -> None:
        list_of.query(text)

        assert (list_of.code(), list_of.fault()["Message"]) == ("4000", "Error parsing query")
        assert list_of.fault()["Detail"].startswith(f"QueryParserError: {begins}")
