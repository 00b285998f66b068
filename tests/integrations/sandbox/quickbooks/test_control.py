from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from integrations.sandbox.messages import BadControl, Request
from integrations.sandbox.quickbooks.face import QuickBooksFace
from integrations.sandbox.world import World
from tests.integrations.sandbox.quickbooks.conftest import REALM, Books

SEED: dict[str, Any] = {
    "companies": [
        {
            "realm_id": "123",
            "name": "Seeded Ltd",
            "home_currency": "USD",
            "customers": [
                {"DisplayName": "Trailing ", "created_days_ago": 10, "PrimaryEmailAddr": {"Address": "a@b.com"}},
                {"DisplayName": "Gone", "Active": False},
                {"DisplayName": "Kitchen", "Job": True, "ParentName": "Trailing "},
            ],
            "vendors": [{"DisplayName": "Vendor"}],
            "employees": [{"GivenName": "Emma", "FamilyName": "Ployee"}],
            "items": [
                {"Name": "Hours", "Type": "Service", "UnitPrice": 100},
                {"Name": "Box", "Type": "Inventory", "QtyOnHand": 1, "InvStartDate": "2026-01-01"},
            ],
            "invoices": [
                {
                    "CustomerName": "Trailing ",
                    "Line": [{"ItemName": "Hours", "Amount": 200}],
                    "created_days_ago": 3,
                }
            ],
        }
    ]
}


def seeded(books: Books, seed: dict[str, Any] = SEED) -> Books:
    books.face.reset(seed)
    books.realm = "123"
    books.tokens = books.face.mint({"realm_id": "123"})
    return books


class TestMint:
    def test_makes_an_unknown_company_with_the_usual_lists(self, books: Books) -> None:
        assert books.query("select count(*) from Customer") == {"totalCount": 0}
        assert "Accounts Receivable (A/R)" in books.names("select * from Account", "Account", "Name")
        assert "Net 30" in books.names("select * from Term", "Term", "Name")

    def test_takes_the_first_company_when_none_is_named(self, books: Books) -> None:
        assert books.face.mint({"scopes": None, "limits": None, "realm_id": None})["realm_id"] == REALM

    def test_makes_a_company_when_there_is_none(self) -> None:
        minted = QuickBooksFace(World()).mint({})

        assert minted["realm_id"].isdigit()
        assert set(minted) == {"access_token", "refresh_token", "client_id", "client_secret", "expires_in", "realm_id"}

    @pytest.mark.parametrize("realm", ["../x", "12a", ["1"], ""])
    def test_refuses_a_realm_that_is_no_number(self, books: Books, realm: object) -> None:
        with pytest.raises(BadControl, match="realm_id"):
            books.face.mint({"realm_id": realm})


class TestReset:
    def test_loads_what_the_seed_says(self, books: Books) -> None:
        seeded(books)
        trailing = books.read("Customer", "1")

        assert books.names("select * from Customer where Active in (true, false) orderby Id") == ["Trailing ", "Gone (deleted)", "Kitchen"]
        assert (trailing["MetaData"]["CreateTime"][:10], trailing["Balance"]) == ("2026-11-14", 200.0)
        assert books.read("Customer", "3")["FullyQualifiedName"] == "Trailing :Kitchen"
        assert books.query("select count(*) from Employee") == {"totalCount": 1}
        assert books.query("select * from Invoice")["Invoice"][0]["Line"][0]["SalesItemLineDetail"]["ItemRef"]["name"] == "Hours"
        assert books.read("Invoice", "1")["TxnDate"] == "2026-11-21"
        assert books.read("CompanyInfo", "123")["CompanyName"] == "Seeded Ltd"

    def test_forgets_what_was_there_and_ends_its_connections(self, books: Books) -> None:
        books.customer("Jane")
        books.face.reset({"companies": [{"realm_id": "123", "name": "Seeded Ltd"}]})

        assert "fault" in books.call("GET", "preferences")
        assert [company["realm_id"] for company in books.face.dump()["companies"]] == ["123"]

    def test_keeps_connections_to_companies_that_are_still_there(self, books: Books) -> None:
        books.customer("Jane")
        books.face.reset({"companies": [{"realm_id": REALM, "name": "Again"}]})

        assert books.query("select count(*) from Customer") == {"totalCount": 0}

    def test_names_the_record_that_is_wrong(self, books: Books) -> None:
        company = {"realm_id": "1", "name": "One", "customers": [{"DisplayName": "A"}, {"DisplayName": "a"}]}

        with pytest.raises(BadControl, match=r"customers number 2 of company 1 is refused: 6240"):
            books.face.reset({"companies": [company]})


class TestEdit:
    def test_sets_fields_without_token(self, books: Books) -> None:
        jane = books.customer("Jane")
        books.later(seconds=60)

        told = books.face.edit({"type": "customer", "id": "1", "set": {"PrimaryPhone": {"FreeFormNumber": "1"}, "Notes": None}})
        now = books.read("Customer", "1")

        assert told == {"id": "1", "sync_token": "1", "last_updated": "2026-11-24T10:31:00-08:00"}
        assert now == {**jane, "PrimaryPhone": {"FreeFormNumber": "1"}, "SyncToken": "1", "MetaData": now["MetaData"]}

    def test_creates(self, books: Books) -> None:
        told = books.face.edit({"type": "Customer", "create": {"DisplayName": "Jane"}})

        assert books.read("Customer", told["id"])["DisplayName"] == "Jane"

    def test_makes_inactive_what_is_on_a_list_and_deletes_what_is_booked(self, books: Books) -> None:
        books.customer("Jane")
        books.invoice("1")
        books.switch("books_closed", "2026-12-31")

        assert books.face.edit({"type": "Customer", "id": "1", "delete": True})["sync_token"] == "1"
        assert books.face.edit({"type": "Invoice", "id": "1", "delete": True}) == {"id": "1", "deleted": True}
        assert books.read("Customer", "1")["Active"] is False

    def test_merges_one_customer_into_another(self, books: Books) -> None:
        books.customer("Stays", Balance=10)
        books.customer("Goes", Balance=5)
        books.invoice("2", 100)
        books.later(seconds=60)

        told = books.face.edit({"type": "Customer", "merge": ["1", "2"]})
        stays, invoice = books.read("Customer", "1"), books.read("Invoice", "1")
        books.read("Customer", "2")

        assert (told["id"], books.code()) == ("1", "610")
        assert (stays["Balance"], stays["SyncToken"], invoice["CustomerRef"]) == (115.0, "1", {"value": "1", "name": "Stays"})
        assert invoice["SyncToken"] == "1"
        assert books.customer("Goes")["Id"] == "3"

    @pytest.mark.parametrize(
        "wanted",
        [
            {},
            {"type": "Customer"},
            {"type": "Dog", "id": "1", "delete": True},
            {"type": "Customer", "id": "9", "set": {"Notes": "x"}},
            {"type": "Customer", "id": "1", "set": {}},
            {"type": "Customer", "id": "1", "set": {"Nonsense": 1}},
            {"type": "Customer", "id": "1", "set": {"SyncToken": "5"}},
            {"type": "Customer", "id": "1", "set": {"DisplayName": "Bill"}},
            {"type": "Customer", "id": "1", "set": {"Notes": "x"}, "delete": True},
            {"type": "Customer", "id": "1", "delete": False},
            {"type": "Customer", "id": "1", "set": {"Notes": "x"}, "why": "because"},
            {"type": "Customer", "create": {"CompanyName": "No name"}},
            {"type": "Customer", "merge": ["1", "1"]},
            {"type": "Customer", "merge": ["1"]},
            {"type": "Customer", "merge": ["1", "9"]},
            {"type": "Vendor", "merge": ["1", "2"]},
            {"type": "Preferences", "delete": True},
            {"type": "Customer", "id": "1", "void": True},
            {"type": "Customer", "id": "1", "void": False},
            {"type": "Customer", "id": "1", "set": {"Notes": "x"}, "realm_id": "404"},
        ],
    )
    def test_refuses_nonsense(self, books: Books, wanted: dict[str, Any]) -> None:
        jane = books.customer("Jane")
        books.customer("Bill")

        with pytest.raises(BadControl):
            books.face.edit(wanted)
        assert books.read("Customer", "1") == jane


class TestGenerate:
    def test_makes_believable_customers_items_and_invoices(self, books: Books) -> None:
        made = books.face.generate({"customers": 60, "items": 8, "invoices": 30, "random_seed": 7, "overlap": 0.5})

        assert made == {"realm_id": REALM, "customers": 60, "items": 8, "invoices": 30}
        customers = books.query("select * from Customer maxresults 1000")["Customer"]
        assert len({customer["DisplayName"].lower() for customer in customers}) == 60
        assert all("@" in customer["PrimaryEmailAddr"]["Address"] for customer in customers)
        open_amounts = (invoice["Balance"] for invoice in books.query("select * from Invoice")["Invoice"])
        assert sum(Decimal(str(customer["Balance"])) for customer in customers) == sum(map(Decimal, map(str, open_amounts)))

    def test_is_repeatable(self, books: Books) -> None:
        other = QuickBooksFace(World(clock=books.world.clock))
        other.mint({"realm_id": REALM})
        for face in (books.face, other):
            face.generate({"customers": 50, "items": 5, "invoices": 20, "messy": True, "random_seed": 7})

        assert books.face.dump()["companies"] == other.dump()["companies"]

    def test_can_be_messy(self, books: Books) -> None:
        books.face.generate({"customers": 120, "messy": True, "random_seed": 7})
        customers = books.query("select * from Customer where Active in (true, false) maxresults 1000")["Customer"]

        assert any(not customer["Active"] for customer in customers)
        assert any("PrimaryEmailAddr" not in customer for customer in customers)
        assert any(customer.get("GivenName", "").endswith(" ") for customer in customers)

    def test_twice_finds_other_names(self, books: Books) -> None:
        for _ in range(2):
            books.face.generate({"customers": 20, "items": 5, "random_seed": 7})

        assert books.query("select count(*) from Customer") == {"totalCount": 40}

    def test_needs_customers_to_invoice(self, books: Books) -> None:
        with pytest.raises(BadControl, match="Generate customers first"):
            books.face.generate({"invoices": 1})


class TestDump:
    def test_holds_everything_but_secrets(self, books: Books) -> None:
        books.customer("Jane")
        text = json.dumps(books.face.dump())

        assert "Jane" in text
        assert not [name for name in ("access_token", "refresh_token", "client_secret") if str(books.tokens[name]) in text]


class TestStateFile:
    def test_brings_everything_back(self, tmp_path: Path) -> None:
        world = World(state=tmp_path / "state")
        face = QuickBooksFace(world)
        books = Books(world=world, face=face, tokens=face.mint({"realm_id": REALM}))
        books.customer("Jane", PrimaryTaxIdentifier="123456789")
        books.customer("Kitchen", Job=True, ParentRef={"value": "1"})
        books.write("Customer", {"Id": "2", "SyncToken": "0", "sparse": True, "Active": False})
        books.invoice("1")
        books.call("POST", "customer", {"DisplayName": "Once"}, requestid="once")
        dump = face.dump()
        world.store.close()

        world = World(state=tmp_path / "state")
        again = Books(world=world, face=QuickBooksFace(world), tokens=books.tokens)

        assert again.face.dump() == dump
        again.call("POST", "customer", {"DisplayName": "Once"}, requestid="once")
        assert again.last.status == 200
        again.customer("jane")
        assert again.code() == "6240"
        assert again.invoice("1")["DocNumber"] == "1002"
        assert again.names("select * from Customer where Active in (true,false)", field="FullyQualifiedName") == [
            "Jane",
            "Jane:Kitchen (deleted)",
            "Once",
        ]


class TestPlantedFaults:
    def request(self, books: Books, path: str, body: object = None) -> Request:
        headers = {"Authorization": f"Bearer {books.tokens['access_token']}"}
        return Request(method="POST", raw_path=path, headers=headers, body=json.dumps(body).encode())

    @pytest.mark.parametrize(
        ("kind", "fault", "status", "words"),
        [
            ("status", {"status": 500}, 500, '"code":"10000"'),
            ("status", {"status": 503}, 503, "<h1>503"),
            ("status", {"status": 400}, 400, '"code":"6000"'),
            ("status", {"status": 403}, 403, '"code":"3100"'),
            ("token_expired", {}, 401, '"code":"3200"'),
            ("rate_limited", {}, 429, '"code":"3001"'),
            ("partial", {}, 503, "<h1>503"),
        ],
    )
    def test_have_the_vendors_shape(self, books: Books, kind: str, fault: dict[str, Any], status: int, words: str) -> None:
        response = books.face.fault(kind, fault, self.request(books, f"/v3/company/{REALM}/customer", {"DisplayName": "Jane"}))

        assert (response.status, words in response.body.decode(), response.route) == (status, True, "/v3/company/{realm}/customer")
        assert "Retry-After" not in response.headers
        assert books.query("select count(*) from Customer") == {"totalCount": 0}

    def test_tell_when_to_come_again_if_so_planted(self, books: Books) -> None:
        response = books.face.fault("rate_limited", {"retry_after": 7}, self.request(books, f"/v3/company/{REALM}/customer"))

        assert response.headers["Retry-After"] == "7"

    @pytest.mark.parametrize(
        ("kind", "fault", "expected"), [("token_expired", {}, (400, "invalid_grant")), ("status", {"status": 503}, (503, "server_error"))]
    )
    def test_speak_oauth_at_the_token_endpoint(self, books: Books, kind: str, fault: dict[str, Any], expected: tuple[int, str]) -> None:
        response = books.face.fault(kind, fault, self.request(books, "/oauth2/v1/tokens/bearer"))

        assert (response.status, json.loads(response.body)["error"]) == expected

    def test_of_half_a_batch_do_the_first_half(self, books: Books) -> None:
        items = [{"bId": str(number), "operation": "create", "Customer": {"DisplayName": f"C {number}"}} for number in range(4)]

        response = books.face.fault("partial", {}, self.request(books, f"/v3/company/{REALM}/batch", {"BatchItemRequest": items}))
        answers = json.loads(response.body)["BatchItemResponse"]

        assert ["Fault" in answer for answer in answers] == [False, False, True, True]
        assert response.written == [("create", "Customer")] * 2
        assert books.query("select count(*) from Customer") == {"totalCount": 2}


class TestSwitches:
    def test_are_declared_with_their_meaning(self, books: Books) -> None:
        listed = {switch["name"]: switch for switch in books.world.switches(face="quickbooks")}

        assert {"quickbooks.rotate_always", "quickbooks.requestid", "quickbooks.books_closed", "quickbooks.subscription_ended"} <= set(
            listed
        )
        assert all(switch["meaning"] for switch in listed.values())


class TestOddPaths:
    @pytest.mark.parametrize("path", ["/", "/v3", "/v3/company/", "/v3/company/%2e%2e/customer", "/oauth2/v1/tokens/bearer", "/%ff", "//"])
    def test_never_break_the_face(self, books: Books, path: str) -> None:
        response = books.send("GET", path)

        assert response.status in (401, 404)
