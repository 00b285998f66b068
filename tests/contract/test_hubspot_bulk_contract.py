"""What HubSpot does with many records in one call, with merges and with a property's history: the facts that our client leans on.

Asserted is what HubSpot documents or was recorded from it; what is only likely stands inside `likely`.
"""

from __future__ import annotations

from typing import Any

from tests.contract import targets
from tests.contract.targets import Answer, HubSpot

NO_SUCH_PROPERTY = "contract_suite_no_such_property"


def batch(account: HubSpot, verb: str, inputs: list[dict[str, Any]], **more: object) -> Answer:
    """Send a batch of contacts."""
    answer = account.objects("POST", f"contacts/batch/{verb}", {"inputs": inputs, **more})
    if verb in ("create", "upsert") and answer.status < 300:
        for record in answer.json["results"]:
            account.keep("contacts", record["id"])
    return answer


def gone(account: HubSpot) -> str:
    """The id of a contact that is there no more."""
    record_id = account.make("contacts", lastname=targets.mark())
    account.objects("DELETE", f"contacts/{record_id}")
    return record_id


def ids(answer: Answer) -> set[str]:
    return {record["id"] for record in answer.json["results"]}


class TestBatchRead:
    def test_gives_every_record_with_the_properties_that_were_named(self, hubspot: HubSpot) -> None:
        cities = {hubspot.make("contacts", lastname=targets.mark(), city=city): city for city in ("Oslo", "Lima")}

        answer = batch(hubspot, "read", [{"id": one} for one in cities], properties=["city"])

        assert (answer.status, answer.json["status"]) == (200, "COMPLETE")
        assert {record["id"]: record["properties"]["city"] for record in answer.json["results"]} == cities

    def test_answers_207_with_one_error_for_all_that_are_missing(self, hubspot: HubSpot) -> None:
        there = hubspot.make("contacts", lastname=targets.mark())
        missing = [gone(hubspot), gone(hubspot)]

        answer = batch(hubspot, "read", [{"id": one} for one in (missing[0], there, missing[1])], properties=["lastname"])

        assert (answer.status, answer.json["status"], answer.json["numErrors"]) == (207, "COMPLETE", 1)
        assert ids(answer) == {there}
        [error] = answer.json["errors"]
        assert (error["status"], error["category"]) == ("error", "OBJECT_NOT_FOUND")
        assert set(error["context"]["ids"]) == set(missing)

    def test_answers_207_also_when_none_is_found(self, hubspot: HubSpot) -> None:
        answer = batch(hubspot, "read", [{"id": gone(hubspot)}], properties=["lastname"])

        assert (answer.status, answer.json["results"]) == (207, [])

    def test_finds_archived_records_when_asked_for_those(self, hubspot: HubSpot) -> None:
        record_id = gone(hubspot)

        answer = hubspot.objects(
            "POST", "contacts/batch/read", {"inputs": [{"id": record_id}], "properties": ["lastname"]}, archived="true"
        )

        assert (answer.status, ids(answer)) == (200, {record_id})
        assert answer.json["results"][0]["archived"] is True

    def test_finds_by_a_unique_property(self, hubspot: HubSpot, unique_property: str) -> None:
        key = targets.mark()
        record_id = hubspot.make("contacts", lastname=key, **{unique_property: key})

        answer = batch(hubspot, "read", [{"id": key}], properties=[unique_property], idProperty=unique_property)

        assert (answer.status, ids(answer)) == (200, {record_id})

    def test_takes_no_more_than_a_hundred(self, hubspot: HubSpot) -> None:
        answer = batch(hubspot, "read", [{"id": str(number)} for number in range(1, 102)], properties=["lastname"])

        with hubspot.likely("a batch of 101 is refused"):
            assert (answer.status, answer.json["category"]) == (400, "VALIDATION_ERROR")


class TestBatchCreate:
    def test_makes_every_record(self, hubspot: HubSpot) -> None:
        names = {"one": targets.mark(), "two": targets.mark()}

        answer = batch(
            hubspot, "create", [{"objectWriteTraceId": trace, "properties": {"lastname": name}} for trace, name in names.items()]
        )

        assert (answer.status, answer.json["status"]) == (201, "COMPLETE")
        assert {record["properties"]["lastname"] for record in answer.json["results"]} == set(names.values())
        with hubspot.likely("results carry the trace id of their input"):
            assert {record["objectWriteTraceId"]: record["properties"]["lastname"] for record in answer.json["results"]} == names

    def test_makes_the_good_ones_when_every_input_has_a_trace_id(self, hubspot: HubSpot) -> None:
        good = targets.mark()
        inputs = [
            {"objectWriteTraceId": "good", "properties": {"lastname": good}},
            {"objectWriteTraceId": "bad", "properties": {"lastname": targets.mark(), NO_SUCH_PROPERTY: "x"}},
        ]

        answer = batch(hubspot, "create", inputs)

        assert (answer.status, answer.json["numErrors"]) == (207, 1)
        assert [record["properties"]["lastname"] for record in answer.json["results"]] == [good]
        [error] = answer.json["errors"]
        assert error["category"] == "VALIDATION_ERROR"
        assert error["context"]["objectWriteTraceId"] == ["bad"]

    def test_makes_none_when_one_is_bad_and_nothing_tells_them_apart(self, hubspot: HubSpot) -> None:
        address = targets.email()
        inputs = [{"properties": {"email": address}}, {"properties": {"email": targets.email(), NO_SUCH_PROPERTY: "x"}}]

        answer = batch(hubspot, "create", inputs)

        with hubspot.likely("a batch without trace ids is made whole or not at all"):
            assert answer.status == 400
            assert batch(hubspot, "read", [{"id": address}], properties=["email"], idProperty="email").json["results"] == []

    def test_makes_none_when_an_email_is_taken_and_nothing_tells_them_apart(self, hubspot: HubSpot) -> None:
        taken, free = targets.email(), targets.email()
        hubspot.make("contacts", email=taken)

        answer = batch(hubspot, "create", [{"properties": {"email": free}}, {"properties": {"email": taken}}])

        with hubspot.likely("a taken e-mail refuses a batch without trace ids as a whole"):
            assert answer.status == 409
            assert batch(hubspot, "read", [{"id": free}], properties=["email"], idProperty="email").json["results"] == []


class TestBatchUpdate:
    def test_answers_with_what_changed_and_not_with_whole_records(self, hubspot: HubSpot) -> None:
        record_id = hubspot.make("contacts", lastname=targets.mark(), jobtitle="Bookkeeper")

        answer = batch(hubspot, "update", [{"id": record_id, "properties": {"city": "Oslo"}}])

        assert (answer.status, ids(answer)) == (200, {record_id})
        changed = answer.json["results"][0]["properties"]
        assert changed["city"] == "Oslo"
        assert "jobtitle" not in changed

    def test_changes_the_others_when_one_is_missing(self, hubspot: HubSpot) -> None:
        there, missing = hubspot.make("contacts", lastname=targets.mark()), gone(hubspot)
        inputs = [{"id": one, "objectWriteTraceId": f"for-{one}", "properties": {"city": "Oslo"}} for one in (there, missing)]

        answer = batch(hubspot, "update", inputs)

        with hubspot.likely("a batch update tells which records are missing and changes the others"):
            assert (answer.status, ids(answer)) == (207, {there})
            assert answer.json["errors"][0]["category"] == "OBJECT_NOT_FOUND"
            assert answer.json["errors"][0]["context"]["ids"] == [missing]

    def test_finds_by_a_unique_property(self, hubspot: HubSpot, unique_property: str) -> None:
        key = targets.mark()
        record_id = hubspot.make("contacts", lastname=key, **{unique_property: key})

        answer = batch(hubspot, "update", [{"idProperty": unique_property, "id": key, "properties": {"city": "Oslo"}}])

        assert (answer.status, ids(answer)) == (200, {record_id})

    def test_does_not_find_contacts_by_email(self, hubspot: HubSpot) -> None:
        address = targets.email()
        hubspot.make("contacts", email=address)

        answer = batch(hubspot, "update", [{"idProperty": "email", "id": address, "properties": {"city": "Oslo"}}])

        with hubspot.likely("email is no unique property in the sense of a batch update"):
            assert answer.status == 400


class TestBatchUpsert:
    def test_makes_a_record_once_and_finds_it_again(self, hubspot: HubSpot, unique_property: str) -> None:
        key = targets.mark()
        asked = [{"idProperty": unique_property, "id": key, "properties": {"lastname": key, "city": "Oslo"}}]

        first = batch(hubspot, "upsert", asked)
        second = batch(hubspot, "upsert", asked)

        assert (first.status, second.status) == (200, 200)
        assert (first.json["results"][0]["new"], second.json["results"][0]["new"]) == (True, False)
        assert ids(first) == ids(second)

    def test_writes_the_key_into_the_unique_property(self, hubspot: HubSpot, unique_property: str) -> None:
        key = targets.mark()

        answer = batch(hubspot, "upsert", [{"idProperty": unique_property, "id": key, "properties": {"lastname": key}}])

        with hubspot.likely("the id of an upsert is written to the property it names"):
            assert hubspot.read("contacts", answer.json["results"][0]["id"], unique_property)[unique_property] == key

    def test_is_found_at_once_by_a_read_of_the_key(self, hubspot: HubSpot, unique_property: str) -> None:
        key = targets.mark()
        made = batch(hubspot, "upsert", [{"idProperty": unique_property, "id": key, "properties": {"lastname": key, unique_property: key}}])

        answer = hubspot.objects("GET", f"contacts/{key}", idProperty=unique_property)

        assert (answer.status, answer.json["id"]) == (200, made.json["results"][0]["id"])

    def test_of_a_value_that_another_record_has_stays_with_that_record(self, hubspot: HubSpot, unique_property: str) -> None:
        key = targets.mark()
        hubspot.make("contacts", lastname=key, **{unique_property: key})
        other = hubspot.make("contacts", lastname=targets.mark())

        answer = hubspot.objects("PATCH", f"contacts/{other}", {"properties": {unique_property: key}})

        with hubspot.likely("a taken value of a unique property is a 409"):
            assert answer.status == 409


class TestBatchArchive:
    def test_answers_204_and_archives_all(self, hubspot: HubSpot) -> None:
        made = [hubspot.make("contacts", lastname=targets.mark()) for _ in range(2)]

        answer = batch(hubspot, "archive", [{"id": one} for one in made])

        assert (answer.status, answer.content) == (204, b"")
        assert batch(hubspot, "read", [{"id": one} for one in made], properties=["lastname"]).json["results"] == []


class TestMerge:
    def test_tells_which_records_went_into_it(self, hubspot: HubSpot) -> None:
        primary, absorbed = hubspot.make("contacts", lastname=targets.mark()), hubspot.make("contacts", lastname=targets.mark())

        survivor = merge(hubspot, primary, absorbed)

        merged_ids = hubspot.read("contacts", survivor, "hs_merged_object_ids")["hs_merged_object_ids"].split(";")
        assert survivor != absorbed
        assert absorbed in merged_ids

    def test_leaves_a_record_with_a_new_id(self, hubspot: HubSpot) -> None:
        primary, absorbed = hubspot.make("contacts", lastname=targets.mark()), hubspot.make("contacts", lastname=targets.mark())

        survivor = merge(hubspot, primary, absorbed)

        with hubspot.likely("the account does not preserve primary ids, so a merge makes a new one"):
            assert survivor != primary
            assert primary in hubspot.read("contacts", survivor, "hs_merged_object_ids")["hs_merged_object_ids"].split(";")

    def test_keeps_the_primary_records_values(self, hubspot: HubSpot) -> None:
        name = targets.mark()
        primary, absorbed = hubspot.make("contacts", lastname=name), hubspot.make("contacts", lastname=targets.mark(), city="Oslo")

        survivor = merge(hubspot, primary, absorbed)

        found = hubspot.read("contacts", survivor, "lastname", "city")
        with hubspot.likely("the primary record's values win, and its blanks are filled from the other"):
            assert (found["lastname"], found["city"]) == (name, "Oslo")

    def test_answers_for_the_old_ids_with_the_survivor(self, hubspot: HubSpot) -> None:
        primary, absorbed = hubspot.make("contacts", lastname=targets.mark()), hubspot.make("contacts", lastname=targets.mark())

        survivor = merge(hubspot, primary, absorbed)

        with hubspot.likely("a read of an id that was merged away gives the survivor"):
            for old in (primary, absorbed):
                assert hubspot.objects("GET", f"contacts/{old}").json["id"] == survivor

    def test_keeps_both_emails_taken(self, hubspot: HubSpot) -> None:
        addresses = [targets.email(), targets.email()]
        primary, absorbed = (hubspot.make("contacts", email=address) for address in addresses)

        survivor = merge(hubspot, primary, absorbed)

        with hubspot.likely("the absorbed record's e-mail becomes an additional one of the survivor, and stays taken"):
            answer = hubspot.objects("POST", "contacts", {"properties": {"email": addresses[1]}})
            assert answer.status == 409
            assert f"Existing ID: {survivor}" in answer.json["message"]


class TestHistory:
    def test_is_told_newest_first(self, hubspot: HubSpot) -> None:
        record_id = hubspot.make("contacts", lastname=targets.mark(), city="Oslo")
        for city in ("Lima", "Quito"):
            hubspot.objects("PATCH", f"contacts/{record_id}", {"properties": {"city": city}})

        answer = hubspot.objects("GET", f"contacts/{record_id}", propertiesWithHistory="city")

        entries = answer.json["propertiesWithHistory"]["city"]
        assert [entry["value"] for entry in entries] == ["Quito", "Lima", "Oslo"]
        assert [entry["timestamp"] for entry in entries] == sorted((entry["timestamp"] for entry in entries), reverse=True)
        assert all({"value", "timestamp", "sourceType"} <= set(entry) for entry in entries)

    def test_comes_with_a_batch_read_too(self, hubspot: HubSpot) -> None:
        record_id = hubspot.make("contacts", lastname=targets.mark(), city="Oslo")
        hubspot.objects("PATCH", f"contacts/{record_id}", {"properties": {"city": "Lima"}})

        answer = batch(hubspot, "read", [{"id": record_id}], properties=["city"], propertiesWithHistory=["city"])

        [record] = answer.json["results"]
        assert record["properties"]["city"] == "Lima"
        assert [entry["value"] for entry in record["propertiesWithHistory"]["city"]] == ["Lima", "Oslo"]


def merge(account: HubSpot, primary: str, absorbed: str) -> str:
    """Merge two contacts and return the id of the one that is left."""
    answer = account.objects("POST", "contacts/merge", {"primaryObjectId": primary, "objectIdToMerge": absorbed})
    assert answer.status == 200, answer.content
    return account.keep("contacts", str(answer.json["id"]))
