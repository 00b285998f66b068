"""Associating HubSpot records in batches: who is to blame for what is refused."""

from __future__ import annotations

import json
from typing import Any

from syncapp.connectors import hubspot_related
from syncapp.connectors.hubspot_related import Ties
from syncapp.engine import errors


def tie(scripted: Any, make_client: Any, *ties: Ties) -> dict[str, str]:
    done = hubspot_related.tie(client=make_client(scripted.url), kind="invoices", other="contacts", ties=ties)
    return {key: type(error).__name__ for key, error in done.items()}


def complaint(category: str, **context: list[str]) -> dict[str, Any]:
    return {"category": category, "message": "no", "context": context}


def partly(*complaints: dict[str, Any]) -> dict[str, Any]:
    return {"status": "COMPLETE", "results": [], "numErrors": len(complaints), "errors": list(complaints)}


ONE, TWO, THREE = (Ties(key=key, from_id=key, add=(to,)) for key, to in (("1", "51"), ("2", "52"), ("3", "51")))


class TestARefusal:
    def test_of_a_record_that_is_gone_is_that_of_all_who_name_it(self, scripted: Any, make_client: Any) -> None:
        scripted.says(207, body=partly(complaint("OBJECT_NOT_FOUND", ids=["51"])))

        assert tie(scripted, make_client, ONE, TWO, THREE) == {"1": "Rejected", "3": "Rejected"}

    def test_of_the_naming_record_says_that_it_is_gone(self, scripted: Any, make_client: Any) -> None:
        scripted.says(207, body=partly(complaint("OBJECT_NOT_FOUND", ids=["2"])))

        assert tie(scripted, make_client, ONE, TWO) == {"2": "Gone"}

    def test_that_names_a_pair_is_that_pairs_only(self, scripted: Any, make_client: Any) -> None:
        scripted.says(207, body=partly(complaint("VALIDATION_ERROR", fromObjectId=["1"], toObjectId=["51"])))

        assert tie(scripted, make_client, ONE, TWO, THREE) == {"1": "Rejected"}

    def test_that_names_nobody_is_everybodys(self, scripted: Any, make_client: Any) -> None:
        scripted.says(207, body=partly({"category": "VALIDATION_ERROR", "message": "somebody was bad"}))

        assert tie(scripted, make_client, ONE, TWO) == {"1": "Rejected", "2": "Rejected"}

    def test_of_the_whole_is_halved(self, scripted: Any, make_client: Any) -> None:
        scripted.says(400, body={"category": "VALIDATION_ERROR", "message": "no"})
        scripted.says(400, body={"category": "VALIDATION_ERROR", "message": "no"})
        scripted.says(body=partly())

        assert tie(scripted, make_client, ONE, TWO) == {"1": "Rejected"}
        assert [len(json.loads(call.body)["inputs"]) for call in scripted.heard] == [2, 1, 1]

    def test_without_an_answer_is_of_unknown_outcome_and_undoes_nothing(self, scripted: Any, make_client: Any) -> None:
        scripted.says(503, body={})

        assert tie(scripted, make_client, Ties(key="1", from_id="1", add=("51",), remove=("50",))) == {"1": "OutcomeUnknown"}
        assert len(scripted.heard) == 1


class TestUndoing:
    def test_what_is_not_there_is_no_error(self, scripted: Any, make_client: Any) -> None:
        scripted.says(207, body=partly(complaint("OBJECT_NOT_FOUND", fromObjectId=["1"])))

        assert tie(scripted, make_client, Ties(key="1", from_id="1", remove=("51",))) == {}


def test_words_name_the_record_that_is_gone(scripted: Any, make_client: Any) -> None:
    scripted.says(207, body=partly(complaint("OBJECT_NOT_FOUND", ids=["51"])))

    done = hubspot_related.tie(client=make_client(scripted.url), kind="invoices", other="contacts", ties=[ONE])

    assert isinstance(done["1"], errors.Rejected) and done["1"].field == "contacts"
    assert str(done["1"]) == "HubSpot has no contact 51 any more, so it cannot be associated."
