"""The QuickBooks client against the sandbox, over HTTP."""
from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from integrations import errors
from integrations.quickbooks import query
from integrations.quickbooks.bodies import BatchItem, Operation
from integrations.quickbooks.client import Client
from integrations.quickbooks.entities import Kind
from tests.integrations.quickbooks_client.sandboxed import Company


@pytest.fixture
def qbo(company: Company) -> Client:
    return company.client()


def names(qbo: Client, **wanted: Any) -> list[str]:
    return [one.fields["DisplayName"] for page in qbo.pages(kind=Kind.CUSTOMER, **wanted) for one in page.entries]


class TestTheCompany:
    def test_tells_who_it_is_and_what_it_allows(self, qbo: Client) -> None:
        info, preferences = qbo.company_info(), qbo.preferences()

        assert info.name
        assert info.server_time is not None
        assert preferences.home_currency == "USD"

    def test_of_somebody_else_is_not_reached(self, company: Company, quickbooks_url: str) -> None:
        other = Company(quickbooks_url)

        with pytest.raises(errors.NeedsReconnect):
            company.client(company_id=other.id).count(kind=Kind.CUSTOMER)


class TestCustomers:
    def test_are_created_read_changed_and_made_inactive(self, qbo: Client) -> None:
        body = {"DisplayName": "O'Brien \\ Söhne 🐦", "PrimaryEmailAddr": {"Address": "ada@larkspur.example"}}
        created = qbo.create(kind=Kind.CUSTOMER, body=body, request_id="one").entity

        changed = qbo.sparse_update(
            kind=Kind.CUSTOMER, identity=created.id, sync_token=created.sync_token, body={"Notes": "Likes tea"}, request_id="two"
        ).entity
        inactive = qbo.sparse_update(
            kind=Kind.CUSTOMER, identity=changed.id, sync_token=changed.sync_token, body={"Active": False}, request_id="three"
        ).entity

        assert (created.sync_token, changed.sync_token) == ("0", "1")
        assert changed.fields["PrimaryEmailAddr"] == {"Address": "ada@larkspur.example"}
        assert inactive.active is False
        assert inactive.fields["DisplayName"].endswith(" (deleted)")
        assert qbo.read(kind=Kind.CUSTOMER, identity=created.id) == inactive

    def test_are_cleared_by_a_full_update(self, qbo: Client) -> None:
        created = qbo.create(kind=Kind.CUSTOMER, body={"DisplayName": "Ada", "Notes": "old"}, request_id="one").entity

        updated = qbo.full_update(
            kind=Kind.CUSTOMER, identity=created.id, sync_token="0", body={"DisplayName": "Ada", "GivenName": "Ada"}, request_id="two"
        ).entity

        assert "Notes" not in updated.fields
        assert updated.fields["GivenName"] == "Ada"

    def test_are_found_by_names_with_quotes_and_backslashes(self, company: Company, qbo: Client) -> None:
        for name in ("Amy's Bird Sanctuary", "back\\slash", "both \\' of them", "plain"):
            company.customer(name)

        for name in ("Amy's Bird Sanctuary", "back\\slash", "both \\' of them"):
            assert names(qbo, where=[query.equals(field="DisplayName", value=name)]) == [name]

    def test_are_created_once_for_a_request_id(self, qbo: Client) -> None:
        first = qbo.create(kind=Kind.CUSTOMER, body={"DisplayName": "Ada"}, request_id="same")
        second = qbo.create(kind=Kind.CUSTOMER, body={"DisplayName": "Ada"}, request_id="same")

        assert second.entity == first.entity
        assert qbo.count(kind=Kind.CUSTOMER).total == 1

    def test_keep_money_exact(self, company: Company, qbo: Client) -> None:
        identity = company.customer("Ada", Balance=85.1)

        assert qbo.read(kind=Kind.CUSTOMER, identity=identity).fields["Balance"] == Decimal("85.1")


class TestRefusals:
    def test_of_a_taken_name(self, company: Company, qbo: Client) -> None:
        company.edit(type="Vendor", create={"DisplayName": "Ada"})

        with pytest.raises(errors.AlreadyExists) as refused:
            qbo.create(kind=Kind.CUSTOMER, body={"DisplayName": "ada"}, request_id="one")

        assert refused.value.code == "6240"

    def test_of_a_stale_sync_token(self, company: Company, qbo: Client) -> None:
        identity = company.customer("Ada")
        company.edit(type="Customer", id=identity, set={"Notes": "newer"})

        with pytest.raises(errors.StaleRevision):
            qbo.sparse_update(kind=Kind.CUSTOMER, identity=identity, sync_token="0", body={"Notes": "older"}, request_id="one")

    def test_of_what_is_not_there(self, qbo: Client) -> None:
        with pytest.raises(errors.Gone):
            qbo.read(kind=Kind.CUSTOMER, identity="999")

    def test_of_a_field_too_long(self, qbo: Client) -> None:
        with pytest.raises(errors.Rejected) as refused:
            qbo.create(kind=Kind.CUSTOMER, body={"DisplayName": "Ada", "Title": "x" * 17}, request_id="one")

        assert refused.value.field == "Title"

    def test_of_an_unknown_property(self, qbo: Client) -> None:
        with pytest.raises(errors.Misunderstood):
            qbo.create(kind=Kind.CUSTOMER, body={"DisplayName": "Ada", "Shoe": 42}, request_id="one")


class TestListings:
    def test_hold_every_customer_once_inactive_ones_too(self, company: Company, qbo: Client) -> None:
        wanted = [f"Customer {number:02}" for number in range(11)]
        ids = [company.customer(name) for name in wanted]
        company.edit(type="Customer", id=ids[3], delete=True)

        assert names(qbo, size=4) == [f"{name} (deleted)" if name == wanted[3] else name for name in wanted]

    def test_lose_nobody_when_somebody_leaves_the_set_meanwhile(self, company: Company, qbo: Client) -> None:
        ids = [company.customer(f"Customer {number:02}", Notes="in") for number in range(9)]
        where = [query.equals(field="CompanyName", value="Larkspur")]
        for identity in ids:
            company.edit(type="Customer", id=identity, set={"CompanyName": "Larkspur"})
        pages = qbo.pages(kind=Kind.CUSTOMER, where=where, size=3)

        seen = [one.id for one in next(pages).entries]
        for identity in (ids[0], ids[2]):
            company.edit(type="Customer", id=identity, set={"CompanyName": "Elsewhere"})
        seen += [one.id for page in pages for one in page.entries]

        assert set(seen) == set(ids)

    def test_go_on_from_a_stored_token(self, company: Company, qbo: Client) -> None:
        for number in range(4):
            company.customer(f"Customer {number}")
        first = qbo.page(kind=Kind.CUSTOMER, size=3)

        second = company.client().page(kind=Kind.CUSTOMER, after=first.after, size=3)

        assert [one.fields["DisplayName"] for one in second.entries] == ["Customer 3"]
        assert second.after is None

    def test_of_a_window_hold_what_changed_within_it(self, company: Company, qbo: Client) -> None:
        company.customer("Earlier")
        company.control("clock", {"advance_seconds": 100})
        since = qbo.count(kind=Kind.CUSTOMER).server_time
        company.customer("Within")
        company.control("clock", {"advance_seconds": 100})
        until = qbo.count(kind=Kind.CUSTOMER).server_time
        company.control("clock", {"advance_seconds": 100})
        company.customer("Later")

        assert since is not None
        assert until is not None
        page = qbo.changed(kind=Kind.CUSTOMER, since=since - timedelta(seconds=1), until=until)

        assert [one.fields["DisplayName"] for one in page.entries] == ["Within"]

    def test_by_id_leave_out_what_is_not_there(self, company: Company, qbo: Client) -> None:
        ids = [company.customer(name) for name in ("Ada", "Grace")]
        company.edit(type="Customer", id=ids[1], delete=True)

        found = qbo.read_many(kind=Kind.CUSTOMER, ids=[*ids, "999"])

        assert set(found) == set(ids)
        assert found[ids[1]].active is False


class TestChangeDataCapture:
    def test_tells_changes_and_merged_ones_of_several_kinds(self, company: Company, qbo: Client) -> None:
        since = qbo.count(kind=Kind.CUSTOMER).server_time
        assert since is not None
        keeps, loses = company.customer("Ada"), company.customer("Ada Lovelace")
        company.edit(type="Customer", merge=[keeps, loses])

        changes = qbo.cdc(kinds=[Kind.CUSTOMER, Kind.VENDOR], since=since)

        told = {one.id: one.deleted for one in changes.entities[Kind.CUSTOMER]}
        assert told == {keeps: False, loses: True}
        assert changes.entities[Kind.VENDOR] == ()
        assert changes.truncated is False

    def test_does_not_reach_back_for_ever(self, qbo: Client) -> None:
        with pytest.raises(errors.Misunderstood):
            qbo.cdc(kinds=[Kind.CUSTOMER], since=datetime.now(UTC) - timedelta(days=3000))


class TestBatches:
    def test_give_each_write_its_own_result(self, company: Company, qbo: Client) -> None:
        stale, good = company.customer("Stale"), company.customer("Good")
        company.edit(type="Customer", id=stale, set={"Notes": "newer"})
        items = [
            BatchItem(bid="c", operation=Operation.CREATE, kind=Kind.CUSTOMER, body={"DisplayName": "New"}),
            BatchItem(bid="t", operation=Operation.CREATE, kind=Kind.CUSTOMER, body={"DisplayName": "good"}),
            BatchItem(bid="s", operation=Operation.SPARSE_UPDATE, kind=Kind.CUSTOMER, body={"Notes": "x"}, id=stale, sync_token="0"),
            BatchItem(bid="u", operation=Operation.SPARSE_UPDATE, kind=Kind.CUSTOMER, body={"Notes": "y"}, id=good, sync_token="0"),
        ]

        results = qbo.batch(items=items, request_id="one")

        kinds = {bid: type(result).__name__ for bid, result in results.items()}
        assert kinds == {"c": "Written", "t": "AlreadyExists", "s": "StaleRevision", "u": "Written"}
        assert qbo.read(kind=Kind.CUSTOMER, identity=good).fields["Notes"] == "y"

    def test_look_up_names(self, company: Company, qbo: Client) -> None:
        identity = company.customer("O'Brien")
        where = [query.equals(field="DisplayName", value="O'Brien")]

        found = qbo.batch_of_queries(selections={"c": (Kind.CUSTOMER, where), "v": (Kind.VENDOR, where)})

        assert {bid: [one.id for one in rows] for bid, rows in found.items() if not isinstance(rows, errors.ApiError)} == {
            "c": [identity],
            "v": [],
        }


class TestTroubleOnTheWay:
    def test_of_a_read_is_sat_out(self, company: Company, qbo: Client) -> None:
        company.customer("Ada")
        for fault in ("drop_before", "status", "html", "malformed", "truncate"):
            company.breaks(fault, "/query", status=503)
            assert names(qbo) == ["Ada"], fault

    @pytest.mark.parametrize("fault", ["drop_after_commit", "html", "malformed", "truncate"])
    def test_of_a_write_leaves_its_outcome_unknown_and_the_request_id_keeps_it_single(
        self, company: Company, qbo: Client, fault: str
    ) -> None:
        company.breaks(fault, "/customer")

        with pytest.raises(errors.OutcomeUnknown):
            qbo.create(kind=Kind.CUSTOMER, body={"DisplayName": "Ada"}, request_id="same")
        qbo.create(kind=Kind.CUSTOMER, body={"DisplayName": "Ada"}, request_id="same")

        assert names(qbo) == ["Ada"]

    def test_in_half_a_batch_is_told_write_by_write(self, company: Company, qbo: Client) -> None:
        company.breaks("partial", "/batch")
        items = [
            BatchItem(bid=str(number), operation=Operation.CREATE, kind=Kind.CUSTOMER, body={"DisplayName": f"Customer {number}"})
            for number in range(4)
        ]

        results = qbo.batch(items=items, request_id="one")

        done = [bid for bid, result in results.items() if not isinstance(result, errors.ApiError)]
        assert 0 < len(done) < 4
        assert len(names(qbo)) == len(done)

    def test_throttles_are_told_with_their_pause(self, company: Company, qbo: Client) -> None:
        company.breaks("rate_limited", "/query")

        with pytest.raises(errors.RateLimited) as refused:
            names(qbo)

        assert refused.value.until == 60

    def test_a_dead_token_needs_a_person(self, company: Company, qbo: Client) -> None:
        company.breaks("token_expired", "/query", times=2)

        with pytest.raises(errors.NeedsReconnect):
            names(qbo)
