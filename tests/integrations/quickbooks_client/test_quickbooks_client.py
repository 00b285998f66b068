"""The calls of the QuickBooks client on the wire, and what it makes of odd answers."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from integrations import errors
from integrations.quickbooks.client import Client
from integrations.quickbooks.entities import Kind
from tests.integrations.quickbooks_client.answers import TIME, TIME_IN_UTC, customer, refusal


def listed(*rows: dict[str, object], start: int = 1, **extra: object) -> dict[str, object]:
    block = {"Customer": list(rows), "startPosition": start, "maxResults": len(rows)} if rows else {}
    return {"QueryResponse": {**block, **extra}, "time": TIME}


class TestReads:
    def test_give_an_entity(self, qbo: Client, scripted: Any, limits: Any) -> None:
        scripted.says(body={"Customer": customer(7, Balance=85.10), "time": TIME})

        entity = qbo.read(kind=Kind.CUSTOMER, identity="7")

        assert (entity.id, entity.sync_token, entity.active, entity.deleted) == ("7", "0", True, False)
        assert entity.updated_at == datetime(2026, 11, 2, 17, tzinfo=UTC)
        assert entity.fields["Balance"] == Decimal("85.1")
        heard = scripted.heard[0]
        assert (heard.method, heard.path, heard.query) == ("GET", "/v3/company/42/customer/7", {"minorversion": ["75"]})
        assert limits.acquired == [("minute", "second", "concurrent", "month")]

    @pytest.mark.parametrize("identity", ["1/../../9?x=1", "..", "", "٣", "1%2f9"])
    def test_of_what_can_be_no_id_find_it_gone_without_asking(self, identity: str, qbo: Client, scripted: Any) -> None:
        with pytest.raises(errors.Gone):
            qbo.read(kind=Kind.CUSTOMER, identity=identity)

        assert scripted.heard == []

    def test_of_an_unknown_id_find_it_gone(self, qbo: Client, scripted: Any) -> None:
        scripted.says(status=400, body=refusal("610"))

        with pytest.raises(errors.Gone):
            qbo.read(kind=Kind.CUSTOMER, identity="999")

    def test_take_a_fault_for_one_whatever_the_status(self, qbo: Client, scripted: Any) -> None:
        scripted.says(status=200, body=refusal("610"))

        with pytest.raises(errors.Gone):
            qbo.read(kind=Kind.CUSTOMER, identity="7")

    @pytest.mark.parametrize(
        "body",
        [
            {},
            [],
            {"Vendor": customer(7)},
            {"Customer": [customer(7)]},
            {"Customer": {"SyncToken": "0"}},
            {"Customer": {"Id": 7}},
            {"Customer": customer(7, MetaData="x")},
            {"Customer": customer(7, MetaData={"LastUpdatedTime": "yesterday"})},
            {"Customer": customer(7, MetaData={"LastUpdatedTime": "2026-11-02T09:00:00"})},
        ],
    )
    def test_of_something_undocumented_are_loud(self, qbo: Client, scripted: Any, body: object) -> None:
        scripted.says(body=body)

        with pytest.raises(errors.Misunderstood):
            qbo.read(kind=Kind.CUSTOMER, identity="7")

    def test_of_many_ids_ask_in_chunks_and_for_inactive_ones_too(self, qbo: Client, scripted: Any) -> None:
        scripted.says(body=listed(customer(1), customer(2, Active=False)))
        scripted.says(body=listed(customer(301)))

        found = qbo.read_many(kind=Kind.CUSTOMER, ids=[str(number) for number in (*range(1, 302), 1)])

        assert sorted(found) == ["1", "2", "301"]
        assert found["2"].active is False
        statements = [heard.body.decode() for heard in scripted.heard]
        assert statements[0].startswith("SELECT * FROM Customer WHERE Id IN ('1', '2', ")
        assert statements[1] == (
            "SELECT * FROM Customer WHERE Id IN ('301') AND Active IN (true, false) ORDERBY Id STARTPOSITION 1 MAXRESULTS 1000"
        )
        assert scripted.heard[0].headers["content-type"] == "application/text"

    def test_of_no_ids_make_no_call(self, qbo: Client, scripted: Any) -> None:
        assert qbo.read_many(kind=Kind.CUSTOMER, ids=[]) == {}
        assert scripted.heard == []


class TestTheCompany:
    def test_is_read(self, qbo: Client, scripted: Any) -> None:
        info = {
            "Id": "1",
            "CompanyName": "Larkspur",
            "LegalName": "Larkspur LLC",
            "Country": "US",
            "Email": {"Address": "office@larkspur.example"},
            "NameValue": [
                {"Name": "OfferingSku", "Value": "QuickBooks Online Plus"},
                {"Name": "SubscriptionStatus", "Value": "SUBSCRIBED"},
            ],
        }
        scripted.says(body={"CompanyInfo": info, "time": TIME})

        company = qbo.company_info()

        assert (company.name, company.country, company.offering) == ("Larkspur", "US", "QuickBooks Online Plus")
        assert company.server_time == TIME_IN_UTC
        assert scripted.heard[0].path == "/v3/company/42/companyinfo/42"

    def test_has_preferences(self, qbo: Client, scripted: Any) -> None:
        switches = [
            {"Name": f"SalesFormsPrefs.UseSalesCustom{number}", "Type": "BooleanType", "BooleanValue": number == 1} for number in (3, 2, 1)
        ]
        labels = [{"Name": "SalesFormsPrefs.SalesCustomName1", "Type": "StringType", "StringValue": "Crew #"}]
        sales = {
            "CustomField": [{"CustomField": switches}, {"CustomField": labels}],
            "CustomTxnNumbers": True,
            "AllowDiscount": True,
            "DefaultTerms": {"value": "3"},
        }
        data = {
            "SalesFormsPrefs": sales,
            "CurrencyPrefs": {"MultiCurrencyEnabled": False, "HomeCurrency": {"value": "USD"}},
            "TaxPrefs": {"UsingSalesTax": True},
            "AccountingInfoPrefs": {"BookCloseDate": "2026-06-30"},
            "Id": "1",
        }
        scripted.says(body={"Preferences": data, "time": TIME})

        preferences = qbo.preferences()

        assert preferences.custom_transaction_numbers is True
        assert (preferences.home_currency, preferences.multicurrency) == ("USD", False)
        assert (preferences.using_sales_tax, preferences.automated_sales_tax) == (True, None)
        assert str(preferences.books_closed_until) == "2026-06-30"
        assert [(one.definition_id, one.label, one.enabled) for one in preferences.custom_fields] == [
            ("1", "Crew #", True),
            ("2", "", False),
            ("3", "", False),
        ]
        assert scripted.heard[0].path == "/v3/company/42/preferences"


class TestListings:
    def test_end_when_a_page_is_not_full(self, qbo: Client, scripted: Any) -> None:
        scripted.says(body=listed(customer(1), customer(2), customer(3)))
        scripted.says(body=listed(customer(3), customer(4), start=3))

        pages = list(qbo.pages(kind=Kind.CUSTOMER, size=3))

        assert [[one.id for one in page.entries] for page in pages] == [["1", "2", "3"], ["4"]]
        assert pages[0].server_time == TIME_IN_UTC
        assert "STARTPOSITION 3 MAXRESULTS 3" in scripted.heard[1].body.decode()

    def test_of_nothing_are_one_empty_page(self, qbo: Client, scripted: Any) -> None:
        scripted.says(body=listed())

        pages = list(qbo.pages(kind=Kind.INVOICE))

        assert [page.entries for page in pages] == [()]
        assert "Active" not in scripted.heard[0].body.decode()

    def test_step_back_when_something_before_has_left(self, qbo: Client, scripted: Any) -> None:
        scripted.says(body=listed(customer(1), customer(2), customer(3)))
        scripted.says(body=listed(customer(5), start=3))  # 2 has left: 4 moved to a place that was read already
        scripted.says(body=listed(customer(3), customer(4), customer(5), start=2))
        scripted.says(body=listed(customer(5), start=4))

        read = [one.id for page in qbo.pages(kind=Kind.CUSTOMER, size=3) for one in page.entries]

        assert read == ["1", "2", "3", "4", "5"]

    def test_step_back_when_the_anchor_itself_has_left(self, qbo: Client, scripted: Any) -> None:
        scripted.says(body=listed(customer(1), customer(2), customer(3)))
        scripted.says(body=listed(customer(4), start=3))  # 3 has left; what precedes 4 is not known
        scripted.says(body=listed(customer(2), customer(4), start=2))

        read = [one.id for page in qbo.pages(kind=Kind.CUSTOMER, size=3) for one in page.entries]

        assert read == ["1", "2", "3", "2", "4"]

    def test_begin_again_when_stepping_back_does_not_help(self, qbo: Client, scripted: Any) -> None:
        scripted.says(body=listed())  # all but the last have left
        scripted.says(body=listed())
        scripted.says(body=listed())
        scripted.says(body=listed(customer(99)))

        page = qbo.page(kind=Kind.CUSTOMER, after="40:40", size=10)

        assert [one.id for one in page.entries] == ["99"]
        starts = [heard.body.decode().split("STARTPOSITION ")[1].split()[0] for heard in scripted.heard]
        assert starts == ["40", "38", "30", "1"]

    @pytest.mark.parametrize(
        "body",
        [
            {"time": TIME},
            listed(customer(1)) | {"QueryResponse": []},
            {"QueryResponse": {"Customer": [customer(1)], "startPosition": 1, "maxResults": 2}},
            {"QueryResponse": {"Vendor": [customer(1)], "maxResults": 1}},
            {"QueryResponse": {"Customer": {"Id": "1"}}},
            {"QueryResponse": {"Customer": [customer(1), customer(1)], "maxResults": 2}},
            {"QueryResponse": {"Fault": {"Error": []}}},
        ],
    )
    def test_that_are_not_whole_are_errors(self, qbo: Client, scripted: Any, body: object) -> None:
        scripted.says(body=body)

        with pytest.raises(errors.Misunderstood):
            list(qbo.pages(kind=Kind.CUSTOMER))

    def test_that_go_round_are_errors(self, qbo: Client, scripted: Any) -> None:
        scripted.says(body=listed(customer(1), customer(2)))

        with pytest.raises(errors.Misunderstood, match="those from 1 on arrived"):
            list(qbo.pages(kind=Kind.CUSTOMER, size=2))

    def test_that_never_stand_still_are_errors(self, qbo: Client, scripted: Any) -> None:
        for rows in (3, 0, 0, 3):  # what followed is gone each time, and the first page full again
            scripted.says(body=listed(*(customer(number) for number in range(1, rows + 1))))

        with pytest.raises(errors.Misunderstood, match="repeats itself"):
            list(qbo.pages(kind=Kind.CUSTOMER, size=3))

    @pytest.mark.parametrize("token", ["7", "x:1", "0:1", "5:", "-1:3"])
    def test_refuse_a_token_that_is_not_theirs(self, qbo: Client, token: str) -> None:
        with pytest.raises(ValueError, match="position"):
            qbo.page(kind=Kind.CUSTOMER, after=token)

    def test_of_changes_have_a_fixed_end(self, qbo: Client, scripted: Any) -> None:
        scripted.says(body=listed(customer(1)))
        since, until = datetime(2026, 11, 26, 10, tzinfo=UTC), datetime(2026, 11, 26, 11, tzinfo=UTC)

        page = qbo.changed(kind=Kind.CUSTOMER, since=since, until=until)

        assert [one.id for one in page.entries] == ["1"]
        statement = scripted.heard[0].body.decode()
        assert "MetaData.LastUpdatedTime >= '2026-11-26T10:00:00+00:00'" in statement
        assert "MetaData.LastUpdatedTime <= '2026-11-26T11:00:00+00:00'" in statement

    def test_are_counted_with_quickbooks_own_time(self, qbo: Client, scripted: Any) -> None:
        scripted.says(body=listed(totalCount=41))

        counted = qbo.count(kind=Kind.CUSTOMER)

        assert (counted.total, counted.server_time) == (41, TIME_IN_UTC)
        assert scripted.heard[0].body == b"SELECT COUNT(*) FROM Customer WHERE Active IN (true, false)"

    def test_without_a_count_are_errors(self, qbo: Client, scripted: Any) -> None:
        scripted.says(body=listed())

        with pytest.raises(errors.Misunderstood):
            qbo.count(kind=Kind.CUSTOMER)


class TestChangeDataCapture:
    SINCE = datetime(2026, 11, 25, tzinfo=UTC)

    def captured(self, *blocks: object) -> dict[str, object]:
        return {"CDCResponse": [{"QueryResponse": list(blocks)}], "time": TIME}

    def test_sorts_answers_by_kind_and_marks_stubs(self, qbo: Client, scripted: Any) -> None:
        stub = {"domain": "QBO", "status": "Deleted", "Id": "9", "MetaData": {"LastUpdatedTime": "2026-11-25T11:20:00-08:00"}}
        scripted.says(
            body=self.captured(
                {},
                {"Invoice": [stub], "startPosition": 1, "maxResults": 1, "totalCount": 1},
                {"Customer": [customer(1), customer(2, Active=False)], "startPosition": 1, "maxResults": 2},
            )
        )

        changes = qbo.cdc(kinds=[Kind.CUSTOMER, Kind.ITEM, Kind.INVOICE], since=self.SINCE)

        assert {kind: [one.id for one in rows] for kind, rows in changes.entities.items()} == {
            Kind.CUSTOMER: ["1", "2"],
            Kind.ITEM: [],
            Kind.INVOICE: ["9"],
        }
        assert changes.entities[Kind.INVOICE][0].deleted is True
        assert changes.entities[Kind.CUSTOMER][1].active is False
        assert (changes.truncated, changes.server_time) == (False, TIME_IN_UTC)
        assert scripted.heard[0].query == {
            "entities": ["Customer,Item,Invoice"],
            "changedSince": ["2026-11-25T00:00:00+00:00"],
            "minorversion": ["75"],
        }

    @pytest.mark.parametrize(("first", "second", "truncated"), [(1000, 0, True), (600, 400, True), (600, 399, False)])
    def test_is_truncated_at_a_thousand_in_all(self, qbo: Client, scripted: Any, first: int, second: int, truncated: bool) -> None:
        invoices = [{"Id": str(number), "status": "Deleted"} for number in range(second)]
        scripted.says(body=self.captured({"Customer": [customer(number) for number in range(first)]}, {"Invoice": invoices}))

        changes = qbo.cdc(kinds=[Kind.CUSTOMER, Kind.INVOICE], since=self.SINCE)

        assert changes.truncated is truncated

    def test_is_truncated_when_more_is_counted_than_came(self, qbo: Client, scripted: Any) -> None:
        scripted.says(body=self.captured({"Customer": [customer(1)], "startPosition": 1, "maxResults": 1, "totalCount": 1200}))

        assert qbo.cdc(kinds=[Kind.CUSTOMER], since=self.SINCE).truncated is True

    @pytest.mark.parametrize(
        "body",
        [
            {},
            {"CDCResponse": []},
            {"CDCResponse": [{}]},
            {"CDCResponse": [{"QueryResponse": [{"Vendor": []}]}]},
            {"CDCResponse": [{"QueryResponse": [{"Fault": {}}]}]},
            {"CDCResponse": [{"QueryResponse": ["x"]}]},
        ],
    )
    def test_of_something_undocumented_is_loud(self, qbo: Client, scripted: Any, body: object) -> None:
        scripted.says(body=body)

        with pytest.raises(errors.Misunderstood):
            qbo.cdc(kinds=[Kind.CUSTOMER], since=self.SINCE)

    @pytest.mark.parametrize("kinds", [[], [Kind.TAX_CODE], [Kind.CUSTOMER, Kind.COMPANY_INFO]])
    def test_is_not_asked_for_what_it_does_not_report(self, qbo: Client, kinds: list[Kind]) -> None:
        with pytest.raises(ValueError, match="does not report"):
            qbo.cdc(kinds=kinds, since=self.SINCE)
