"""What QuickBooks does with one customer, and what it says when it refuses: the facts that our client leans on.

Asserted is what Intuit documents or was recorded from it; what is only likely stands inside `likely`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest

from tests.contract import targets
from tests.contract.targets import Answer, Json, QuickBooks

SECOND = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[+-]\d\d:\d\d")
MILLISECOND = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{1,3}[+-]\d\d:\d\d")


def fault(answer: Answer) -> Json:
    """The first error of a refusal."""
    found: Json = answer.json["Fault"]["Error"][0]
    return found


def code(answer: Answer) -> tuple[int, str]:
    """The status of a refusal and the code of its first error."""
    return answer.status, fault(answer)["code"]


def nulls(value: Any) -> bool:
    if isinstance(value, dict):
        return any(nulls(one) for one in value.values())
    return any(nulls(one) for one in value) if isinstance(value, list) else value is None


class TestCreate:
    def test_needs_no_more_than_a_name(self, quickbooks: QuickBooks) -> None:
        name = targets.mark()

        answer = quickbooks.write("Customer", {"DisplayName": name})

        made = quickbooks.keep("Customer", answer.json["Customer"])
        assert answer.status == 200
        assert MILLISECOND.fullmatch(answer.json["time"])
        assert made["DisplayName"] == made["FullyQualifiedName"] == made["PrintOnCheckName"] == name
        assert made["Id"].isdecimal()
        assert (made["SyncToken"], made["Active"], made["sparse"], made["domain"]) == ("0", True, False, "QBO")
        assert (made["Job"], made["BillWithParent"], made["Balance"], made["BalanceWithJobs"]) == (False, False, 0, 0)
        assert made["PreferredDeliveryMethod"] == "Print"
        assert made["CurrencyRef"]["value"]

    def test_leaves_out_what_has_no_value(self, quickbooks: QuickBooks) -> None:
        made = quickbooks.make("Customer", DisplayName=targets.mark())

        assert not {"GivenName", "CompanyName", "PrimaryEmailAddr", "BillAddr", "Notes"} & set(made)
        assert not nulls(made)

    def test_tells_times_to_the_second_with_their_offset(self, quickbooks: QuickBooks) -> None:
        made = quickbooks.make("Customer", DisplayName=targets.mark())

        assert all(SECOND.fullmatch(made["MetaData"][name]) for name in ("CreateTime", "LastUpdatedTime"))

    def test_puts_a_display_name_together_from_its_parts(self, quickbooks: QuickBooks) -> None:
        name = targets.mark()

        made = quickbooks.make("Customer", GivenName="Ida", FamilyName=name)

        assert made["DisplayName"] == f"Ida {name}"

    def test_keeps_every_letter_that_was_sent(self, quickbooks: QuickBooks) -> None:
        name = f"Zoë O'Brien & Søn, #1 {targets.mark()}"

        made = quickbooks.make("Customer", DisplayName=name)

        assert quickbooks.read("Customer", made["Id"])["DisplayName"] == name

    def test_ignores_empty_texts_and_what_only_quickbooks_writes(self, quickbooks: QuickBooks) -> None:
        name = targets.mark()

        made = quickbooks.make("Customer", DisplayName=name, GivenName="", FullyQualifiedName="", Level=0, IsProject=False)

        assert (made["DisplayName"], made["FullyQualifiedName"]) == (name, name)
        assert "GivenName" not in made

    def test_carries_the_number_that_intuits_support_asks_for(self, quickbooks: QuickBooks) -> None:
        assert quickbooks.company("GET", "preferences").headers["intuit_tid"]


class TestNames:
    def test_are_shared_by_customers_vendors_and_employees(self, quickbooks: QuickBooks) -> None:
        name = targets.mark()
        quickbooks.make("Customer", DisplayName=name)

        for kind, body in (
            ("Customer", {"DisplayName": name}),
            ("Vendor", {"DisplayName": name}),
            ("Employee", {"DisplayName": name, "GivenName": name, "FamilyName": "x"}),
        ):
            answer = quickbooks.write(kind, body)
            assert code(answer) == (400, "6240"), kind
            assert fault(answer)["Message"] == "Duplicate Name Exists Error"

    def test_do_not_differ_by_the_case_of_letters(self, quickbooks: QuickBooks) -> None:
        name = targets.mark()
        quickbooks.make("Customer", DisplayName=name)

        answer = quickbooks.write("Vendor", {"DisplayName": name.upper()})

        with quickbooks.likely("names that differ in the case of letters only are the same name"):
            assert code(answer) == (400, "6240")

    def test_are_refused_to_an_update_too(self, quickbooks: QuickBooks) -> None:
        name = targets.mark()
        quickbooks.make("Vendor", DisplayName=name)
        other = quickbooks.make("Customer", DisplayName=targets.mark())

        answer = quickbooks.write("Customer", {"Id": other["Id"], "SyncToken": "0", "sparse": True, "DisplayName": name})

        assert code(answer) == (400, "6240")

    @pytest.mark.parametrize("sign", [":", "\t", "\n"], ids=["colon", "tab", "newline"])
    def test_hold_no_colon_tab_or_newline(self, quickbooks: QuickBooks, sign: str) -> None:
        answer = quickbooks.write("Customer", {"DisplayName": f"{targets.mark()}{sign}x"})

        assert answer.status == 400
        with quickbooks.likely("a name with such a sign is an invalid string"):
            assert fault(answer)["code"] == "2040"

    def test_of_a_job_stand_below_its_customers_name(self, quickbooks: QuickBooks) -> None:
        parent, name = quickbooks.make("Customer", DisplayName=targets.mark()), targets.mark()
        quickbooks.make("Customer", DisplayName=name)

        job = quickbooks.make("Customer", DisplayName=name, Job=True, ParentRef={"value": parent["Id"]})

        assert (job["Job"], job["ParentRef"]["value"], job["Level"]) == (True, parent["Id"], 1)
        assert (job["DisplayName"], job["FullyQualifiedName"]) == (name, f"{parent['DisplayName']}:{name}")

    def test_are_needed(self, quickbooks: QuickBooks) -> None:
        assert code(quickbooks.write("Customer", {"Notes": "nobody"})) == (400, "6080")


class TestInactive:
    def test_customers_carry_it_in_their_name(self, quickbooks: QuickBooks) -> None:
        made = quickbooks.make("Customer", DisplayName=targets.mark())
        name = made["DisplayName"]

        answer = quickbooks.deactivate("Customer", made)

        found = quickbooks.read("Customer", made["Id"])
        assert answer.status == 200
        assert (found["Active"], found["SyncToken"]) == (False, "1")
        assert found["DisplayName"] == found["FullyQualifiedName"] == f"{name} (deleted)"
        assert found["PrintOnCheckName"] == name

    def test_customers_stay_as_they_are_when_made_inactive_again(self, quickbooks: QuickBooks) -> None:
        made = quickbooks.make("Customer", DisplayName=targets.mark())
        quickbooks.deactivate("Customer", made)
        before = quickbooks.read("Customer", made["Id"])

        answer = quickbooks.deactivate("Customer", before)

        assert answer.status == 200
        assert answer.json["Customer"]["SyncToken"] == before["SyncToken"]
        assert answer.json["Customer"]["MetaData"]["LastUpdatedTime"] == before["MetaData"]["LastUpdatedTime"]

    def test_customers_give_their_name_free(self, quickbooks: QuickBooks) -> None:
        made = quickbooks.make("Customer", DisplayName=targets.mark())
        quickbooks.deactivate("Customer", made)

        with quickbooks.likely("the name of an inactive customer is free, and a second one is numbered"):
            second = quickbooks.make("Customer", DisplayName=made["DisplayName"])
            quickbooks.deactivate("Customer", second)
            assert quickbooks.read("Customer", second["Id"])["DisplayName"] == f"{made['DisplayName']} (deleted-1)"

    def test_customers_get_their_name_back_with_their_life(self, quickbooks: QuickBooks) -> None:
        made = quickbooks.make("Customer", DisplayName=targets.mark())
        quickbooks.deactivate("Customer", made)

        answer = quickbooks.write("Customer", {"Id": made["Id"], "SyncToken": "1", "sparse": True, "Active": True})

        assert answer.status == 200
        assert answer.json["Customer"]["Active"] is True
        with quickbooks.likely("the suffix goes when the customer is active again"):
            assert answer.json["Customer"]["DisplayName"] == made["DisplayName"]

    def test_customers_do_not_come_back_to_a_name_that_is_taken(self, quickbooks: QuickBooks) -> None:
        made = quickbooks.make("Customer", DisplayName=targets.mark())
        quickbooks.deactivate("Customer", made)

        with quickbooks.likely("a taken name keeps a customer from becoming active again"):
            quickbooks.make("Vendor", DisplayName=made["DisplayName"])
            answer = quickbooks.write("Customer", {"Id": made["Id"], "SyncToken": "1", "sparse": True, "Active": True})
            assert code(answer) == (400, "6240")


class TestUpdate:
    @pytest.fixture
    def made(self, quickbooks: QuickBooks) -> Json:
        return quickbooks.make("Customer", DisplayName=targets.mark(), GivenName="Ida", Notes="Pays late.", CompanyName="Lind")

    def test_that_is_sparse_changes_only_what_it_names(self, quickbooks: QuickBooks, made: Json) -> None:
        answer = quickbooks.write("Customer", {"Id": made["Id"], "SyncToken": "0", "sparse": True, "Notes": "Pays early."})

        found = answer.json["Customer"]
        assert (answer.status, found["SyncToken"], found["sparse"]) == (200, "1", False)
        assert (found["Notes"], found["GivenName"], found["CompanyName"]) == ("Pays early.", "Ida", "Lind")

    def test_that_is_full_clears_what_it_leaves_out(self, quickbooks: QuickBooks, made: Json) -> None:
        name = targets.mark()

        answer = quickbooks.write("Customer", {"Id": made["Id"], "SyncToken": "0", "DisplayName": name, "GivenName": "Ida"})

        found = answer.json["Customer"]
        assert (answer.status, found["SyncToken"]) == (200, "1")
        assert (found["DisplayName"], found["GivenName"], found["PrintOnCheckName"]) == (name, "Ida", name)
        assert not {"Notes", "CompanyName"} & set(quickbooks.read("Customer", made["Id"]))

    @pytest.mark.parametrize("sparse", [True, False], ids=["sparse", "full"])
    def test_of_an_older_state_is_refused(self, quickbooks: QuickBooks, made: Json, sparse: bool) -> None:
        quickbooks.write("Customer", {"Id": made["Id"], "SyncToken": "0", "sparse": True, "Notes": "Pays early."})

        answer = quickbooks.write("Customer", {**made, "sparse": sparse, "Notes": "Pays never."})

        assert code(answer) == (400, "5010")
        assert fault(answer)["Message"] == "Stale Object Error"
        assert quickbooks.read("Customer", made["Id"])["Notes"] == "Pays early."

    def test_without_a_state_is_refused(self, quickbooks: QuickBooks, made: Json) -> None:
        answer = quickbooks.write("Customer", {"Id": made["Id"], "sparse": True, "Notes": "Pays never."})

        with quickbooks.likely("an update without SyncToken lacks a required parameter"):
            assert code(answer) == (400, "2020")

    def test_takes_the_state_as_a_number_too(self, quickbooks: QuickBooks, made: Json) -> None:
        answer = quickbooks.write("Customer", {"Id": made["Id"], "SyncToken": 0, "sparse": True, "Notes": "Pays early."})

        assert answer.status == 200

    def test_with_null_leaves_alone(self, quickbooks: QuickBooks, made: Json) -> None:
        answer = quickbooks.write("Customer", {"Id": made["Id"], "SyncToken": "0", "sparse": True, "Notes": None, "GivenName": "Eva"})

        with quickbooks.likely("null in a sparse update counts as absent"):
            assert answer.json["Customer"]["Notes"] == "Pays late."


class TestRefusal:
    def test_of_an_unknown_property_names_it(self, quickbooks: QuickBooks) -> None:
        answer = quickbooks.write("Customer", {"DisplayName": targets.mark(), "NoSuchField": "x"})

        assert code(answer) == (400, "2010")
        assert fault(answer)["Message"] == "Request has invalid or unsupported property"
        assert 'Unrecognized field "NoSuchField"' in fault(answer)["Detail"]
        assert answer.json["Fault"]["type"] == "ValidationFault"

    def test_of_a_missing_value_names_it(self, quickbooks: QuickBooks) -> None:
        answer = quickbooks.write("Item", {"Type": "Service"})

        assert code(answer) == (400, "2020")
        assert fault(answer)["element"] == "Name"
        assert fault(answer)["Detail"] == "Required parameter Name is missing in the request"

    def test_of_an_id_that_is_no_number_has_no_time(self, quickbooks: QuickBooks) -> None:
        answer = quickbooks.company("GET", "customer/1.5")

        assert code(answer) == (400, "2030")
        assert (fault(answer)["Message"], fault(answer)["element"]) == ("Invalid ID", "Id")
        assert fault(answer)["Detail"] == "Id should be a valid number. Supplied value:1.5"
        assert "time" not in answer.json

    def test_of_an_id_that_nobody_has_is_a_400(self, quickbooks: QuickBooks) -> None:
        answer = quickbooks.company("GET", "customer/99999999")

        assert code(answer) == (400, "610")
        assert fault(answer)["Message"] == "Object Not Found"
        assert fault(answer)["Detail"].startswith("Object Not Found : Something you're trying to use has been made inactive.")

    def test_of_a_path_that_leads_nowhere_is_a_400(self, quickbooks: QuickBooks) -> None:
        answer = quickbooks.company("GET", "customer/1/5")

        assert code(answer) == (400, "500")
        assert fault(answer)["Message"] == "Unsupported Operation"

    def test_of_a_text_that_is_too_long_names_the_field_and_its_length(self, quickbooks: QuickBooks) -> None:
        answer = quickbooks.write("Customer", {"DisplayName": targets.mark(), "GivenName": "x" * 101})

        assert code(answer) == (400, "2050")
        assert fault(answer)["element"] == "GivenName"
        assert "Max:100 supported. Supplied length:101" in fault(answer)["Detail"]

    def test_of_an_email_that_is_none_has_a_code(self, quickbooks: QuickBooks) -> None:
        answer = quickbooks.write("Customer", {"DisplayName": targets.mark(), "PrimaryEmailAddr": {"Address": "no address"}})

        assert code(answer) == (400, "2210")


class TestAccess:
    def test_with_a_bad_token_is_a_401_of_another_shape(self, quickbooks: QuickBooks) -> None:
        answer = quickbooks.send("GET", quickbooks.path("customer/1"), headers={"Authorization": "Bearer eyJlbmMi.none.of.them.counts"})

        assert answer.status == 401
        assert answer.headers["WWW-Authenticate"] == 'Bearer realm="Intuit", error="invalid_token"'
        assert "Fault" not in answer.json
        error = answer.json["fault"]["error"][0]
        assert (error["code"], answer.json["fault"]["type"]) == ("3200", "AUTHENTICATION")
        assert error["message"] == "message=AuthenticationFailed; errorCode=003200; statusCode=401"
        assert isinstance(answer.json["time"], int)

    def test_to_another_company_is_a_403(self, quickbooks: QuickBooks) -> None:
        answer = quickbooks.send("GET", "/v3/company/9199999999999/preferences")

        with quickbooks.likely("a token does not count for another company"):
            assert answer.status == 403
            assert "3100" in answer.content.decode()


class TestCompany:
    @pytest.fixture
    def answers(self, quickbooks: QuickBooks) -> Iterator[tuple[Json, Json]]:
        read = quickbooks.company("GET", f"companyinfo/{quickbooks.realm}")
        assert read.status == 200
        yield read.json["CompanyInfo"], quickbooks.found("select * from CompanyInfo", "CompanyInfo")[0]

    def test_says_its_name_by_read_and_by_query(self, answers: tuple[Json, Json]) -> None:
        read, queried = answers

        assert read["CompanyName"]
        assert re.fullmatch(r"[A-Z]{2}", read["Country"])
        assert (queried["CompanyName"], queried["Id"]) == (read["CompanyName"], read["Id"])

    def test_says_what_is_switched_on(self, quickbooks: QuickBooks) -> None:
        answer = quickbooks.company("GET", "preferences")

        found = answer.json["Preferences"]
        assert answer.status == 200
        assert re.fullmatch(r"[A-Z]{3}", found["CurrencyPrefs"]["HomeCurrency"]["value"])
        assert isinstance(found["CurrencyPrefs"]["MultiCurrencyEnabled"], bool)
        assert isinstance(found["SalesFormsPrefs"]["CustomTxnNumbers"], bool)
        assert isinstance(found["TaxPrefs"]["UsingSalesTax"], bool)

    @pytest.mark.parametrize("version", ["1", "75", ""])
    def test_answers_alike_whatever_minor_version_is_asked_for(self, quickbooks: QuickBooks, version: str) -> None:
        more = {"minorversion": version} if version else {}

        answer = quickbooks.send("GET", quickbooks.path("preferences"), query=more)

        assert set(answer.json["Preferences"]) == set(quickbooks.company("GET", "preferences").json["Preferences"])
