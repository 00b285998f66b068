"""What a person chose for oneself, and times in that person's zone."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.core import mail
from django.utils import timezone

from syncapp import models
from syncapp.engine import exporting
from syncapp.engine.vocabulary import Digest, NoticeKind
from syncapp.selectors import personal as reading
from syncapp.selectors import words
from syncapp.services import personal
from tests.services import made
from tests.services.desk import Desk, csv_lines, path_of


def wishes(**other: Any) -> dict[str, Any]:
    return {
        "time_zone": "Europe/Warsaw", "language": "", "at_once": (NoticeKind.SYNC,), "digest": Digest.NEVER,
        "in_summary": (NoticeKind.BRAKE, NoticeKind.FAILING), "digest_hour": 6, **other,
    }


@pytest.mark.django_db
class TestSettings:
    def test_have_defaults_without_a_row(self) -> None:
        chosen = reading.of(user=made.alice())

        assert (chosen.time_zone, chosen.digest, chosen.digest_hour) == ("", Digest.DAILY, 8)
        assert (chosen.at_once, chosen.not_in_summary) == (["BRAKE", "RECONNECT"], [])
        assert not models.PersonalSettings.objects.exists()

    def test_are_kept_for_one_person(self) -> None:
        alice = made.alice()
        personal.save(user=alice, **wishes())
        personal.save(user=alice, **wishes(digest_hour=7))

        chosen = reading.of(user=alice)

        assert models.PersonalSettings.objects.count() == 1
        assert (chosen.time_zone, chosen.at_once, chosen.digest, chosen.digest_hour) == ("Europe/Warsaw", ["SYNC"], Digest.NEVER, 7)
        assert chosen.not_in_summary == ["RECONNECT", "SYNC", "EXPORT", "OTHER", "DECISIONS"]

    @pytest.mark.parametrize("name", ["Europe/Krakow", "../etc/passwd", "CET or so"])
    def test_take_no_time_zone_that_is_none(self, name: str) -> None:
        with pytest.raises(ValueError, match=r"is not a time zone\. Choose one such as Europe/Warsaw"):
            personal.save(user=made.alice(), **wishes(time_zone=name))

    @pytest.mark.parametrize("hour", [-1, 24])
    def test_take_no_hour_that_is_none(self, hour: int) -> None:
        with pytest.raises(ValueError, match="from 0 to 23"):
            personal.save(user=made.alice(), **wishes(digest_hour=hour))

    def test_fall_back_where_a_time_zone_is_no_longer_known(self) -> None:
        alice = made.alice()
        models.PersonalSettings.objects.create(user=alice, time_zone="Atlantis/Capital")

        assert str(reading.zone(chosen=reading.of(user=alice))) == "UTC"


class TestZones:
    def test_are_offered_by_region_and_all_known(self) -> None:
        regions = dict(reading.zones())

        assert ("Europe/Warsaw", "Europe/Warsaw") in regions["Europe"]
        assert ("America/New_York", "America/New York") in regions["America"]
        assert [name for zones in regions.values() for name, _ in zones if str(reading.zone(chosen=zoned(name))) != name] == []


def zoned(name: str) -> models.PersonalSettings:
    return models.PersonalSettings(time_zone=name)


class TestMoments:
    @pytest.mark.parametrize(
        ("zone", "shown"),
        [
            ("UTC", "2026-11-26 09:30 UTC"),
            ("Europe/Warsaw", "2026-11-26 10:30 CET"),
            ("America/Sao_Paulo", "2026-11-26 06:30 UTC-03"),
            ("Asia/Kathmandu", "2026-11-26 15:15 UTC+0545"),
        ],
    )
    def test_say_in_which_zone_they_are(self, zone: str, shown: str) -> None:
        with timezone.override(zone):
            assert words.moment(made.NOW) == shown

    def test_tell_the_two_hours_apart_that_an_autumn_night_has_twice(self) -> None:
        first = datetime(2026, 10, 25, 0, 30, tzinfo=UTC)

        with timezone.override("Europe/Warsaw"):
            assert [words.moment(first), words.moment(first + timedelta(hours=1))] == ["2026-10-25 02:30 CEST", "2026-10-25 02:30 CET"]

    def test_in_values_of_records_are_in_the_zone_of_the_reader(self) -> None:
        with timezone.override("Europe/Warsaw"):
            assert words.shown("2026-11-26T23:56:30.160Z") == "2026-11-27 00:56 CET"

    def test_in_sentences_about_filters_stay_as_they_were_written(self) -> None:
        with timezone.override("Europe/Warsaw"):
            assert words.readable("Created is after 2026-11-26T03:56:30.160Z") == "Created is after 2026-11-26 03:56 UTC"


class TestExports:
    def test_are_in_utc_even_when_written_on_a_page_of_another_zone(self, desk: Desk) -> None:
        with timezone.override("Europe/Warsaw"):
            export = desk.ask(format=exporting.ExportFormat.CSV, keys=("left_name", "changed"))

        lines = csv_lines(path_of(export))
        assert lines[0] == ["HubSpot record", "Last change (UTC)"]
        assert {line[1] for line in lines[1:]} == {"2026-11-26 09:30:00"}

    def test_are_in_utc_in_their_sentences_too(self, desk: Desk) -> None:
        failing = models.RecordPair.objects.filter(pk=desk.scene.failing.pk)
        failing.update(detail={"values": {"Created": "2026-11-26T09:30:00.000Z"}})

        with timezone.override("Europe/Warsaw"):
            export = desk.ask(format=exporting.ExportFormat.CSV, query="standing=FAILING", keys=("why",))

        assert csv_lines(path_of(export))[1:] == [["The value of Created was “2026-11-26 09:30 UTC”."]]

    def test_are_mailed_with_times_of_their_reader(self, desk: Desk) -> None:
        personal.save(user=desk.user, **wishes())

        desk.send(desk.ask())

        assert "until 2026-12-03 10:30 CET" in mail.outbox[0].body
