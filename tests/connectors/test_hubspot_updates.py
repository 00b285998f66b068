"""HubSpot contacts changed or put away by the sync."""

from __future__ import annotations

import time
from typing import Any

import pytest

from syncapp.connectors import base
from syncapp.connectors.hubspot import HubSpotConnector
from syncapp.engine import errors
from syncapp.engine.vocabulary import OperationKind, RecordState
from tests.connectors import listings
from tests.connectors.contacts import KEY, WANTED, person, update, values


@pytest.fixture
def connector(sandbox: Any, make_client: Any) -> HubSpotConnector:
    client = make_client(sandbox.url, sandbox.token())
    return HubSpotConnector(client=client, sleep=lambda seconds: time.sleep(0.01), portal_id="7", pages_url="https://app.hubspot.com/")


def archive(key: str, external_id: str) -> base.Write:
    return base.Write(key=key, kind=OperationKind.ARCHIVE, record_kind="contacts", values={}, external_id=external_id)


class TestAnUpdate:
    def test_answers_with_what_changed(self, sandbox: Any, connector: HubSpotConnector) -> None:
        contact = person(sandbox, email="a@x.pl", firstname="Ann", lastname="Old")

        written = connector.write(writes=[update(KEY + "1", contact, lastname="New", phone=None)])

        assert written[0].record is not None
        assert written[0].record.values["lastname"] == "New"
        now = values(connector, contact)
        assert (now["firstname"], now["lastname"], now["email"]) == ("Ann", "New", "a@x.pl")

    def test_clears_a_value(self, sandbox: Any, connector: HubSpotConnector) -> None:
        contact = person(sandbox, email="a@x.pl", lastname="Old")

        connector.write(writes=[update(KEY + "1", contact, lastname=None)])

        assert values(connector, contact)["lastname"] is None

    def test_of_a_record_that_is_gone_says_so_and_stops_no_other(self, sandbox: Any, connector: HubSpotConnector) -> None:
        contact, gone = person(sandbox, email="a@x.pl"), person(sandbox, email="b@x.pl")
        sandbox.edit(type="contacts", id=gone, delete=True)

        kept, lost = connector.write(writes=[update(KEY + "1", contact, lastname="New"), update(KEY + "2", gone, lastname="New")])

        assert kept.record is not None
        assert isinstance(lost.error, errors.Gone)

    @pytest.mark.parametrize("fault", ["status", "drop_after_commit", "html", "truncate"])
    def test_without_a_usable_answer_has_an_unknown_outcome(self, sandbox: Any, connector: HubSpotConnector, fault: str) -> None:
        contact = person(sandbox, email="a@x.pl")
        sandbox.breaks(fault, "batch/update", status=503)

        written = connector.write(writes=[update(KEY + "1", contact, lastname="New")])

        assert isinstance(written[0].error, errors.OutcomeUnknown)

    def test_of_which_only_a_part_is_answered_leaves_the_rest_unknown_or_refused(self, sandbox: Any, connector: HubSpotConnector) -> None:
        contacts = [person(sandbox, email=f"p{number}@x.pl") for number in range(4)]
        sandbox.breaks("partial", "batch/update")

        written = connector.write(writes=[update(f"{KEY}{number}", one, lastname="New") for number, one in enumerate(contacts)])

        assert [one.key for one in written] == [f"{KEY}{number}" for number in range(4)]
        assert {one.record is None for one in written} == {True, False}

    def test_is_repeated_after_a_limit(self, sandbox: Any, connector: HubSpotConnector) -> None:
        contact = person(sandbox, email="a@x.pl")
        sandbox.breaks("rate_limited", "batch/update", retry_after=1)

        written = connector.write(writes=[update(KEY + "1", contact, lastname="New")])

        assert written[0].record is not None


class TestAnArchive:
    def test_puts_the_record_away(self, sandbox: Any, connector: HubSpotConnector) -> None:
        contact = person(sandbox, email="a@x.pl")

        written = connector.write(writes=[archive(KEY + "1", contact)])

        assert written[0].record is not None and written[0].record.state is RecordState.ARCHIVED
        assert listings.whole(connector, wanted=WANTED) == []
