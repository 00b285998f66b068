"""Every address answers every person, with every method and every thing, as `tests/permissions.yaml` says. Nothing else is answered."""

from __future__ import annotations

from typing import Any

import pytest

from tests.admin import walking
from tests.admin.scene import Scene
from tests.admin.walking import Company

METHODS = ("GET", "POST", "PUT", "DELETE")
REFUSED = {403, 404, 405, walking.SIGN_IN}
ADDRESSES = list(walking.addresses())
FOUND = walking.expected()
GROUPS = {url: group for group in FOUND["groups"] for url in group["urls"]}


class Walk:
    """All answers of one method, beside what the file says, and what refused people left behind."""

    def __init__(self, company: Company, method: str, monkeypatch: pytest.MonkeyPatch) -> None:
        self.different: list[str] = []
        self.traces: list[str] = []
        walking.unwritten(monkeypatch)
        for address in ADDRESSES:
            for whose in address.objects if address.name in GROUPS else ():
                wanted = walking.told(GROUPS[address.name], FOUND["everywhere"], method=method, whose=whose)
                seen = company.answers(address, method, whose, wanted, monkeypatch)
                if seen.codes != wanted:
                    self.different.append(f"{seen}: {seen.codes}, where the file says {wanted}")
                for who, left in seen.traces.items():
                    if left and (method != "POST" or seen.codes[who] in REFUSED):
                        self.traces.append(f"{seen} by {who}: {seen.codes[who]}, but {left}")


@pytest.fixture
def company(scene: Scene) -> Company:
    return Company(scene)


@pytest.mark.parametrize("method", METHODS)
def test_every_address_answers_every_person_as_the_file_says(method: str, company: Company, monkeypatch: pytest.MonkeyPatch) -> None:
    walk = Walk(company, method, monkeypatch)

    assert walk.different == []
    assert walk.traces == []


class TestFile:
    def test_names_every_address_and_no_other(self, company: Company, monkeypatch: pytest.MonkeyPatch) -> None:
        missing = [address for address in ADDRESSES if address.name not in GROUPS]
        seen = [
            company.answers(address, method, whose, company.clients, monkeypatch)
            for address in missing for method in ("GET", "POST") for whose in address.objects
        ]

        assert not missing, "Put these lines into tests/permissions.yaml if that is right:\n" + walking.snippet(
            dict.fromkeys(address.name for address in missing), seen
        )
        assert set(GROUPS) - {address.name for address in ADDRESSES} == set()

    def test_names_no_address_twice(self) -> None:
        named = [url for group in FOUND["groups"] for url in group["urls"]]

        assert len(named) == len(set(named))

    def test_says_why_in_each_group(self) -> None:
        assert [group["urls"] for group in FOUND["groups"] if len(group["what"]) < 10] == []

    def test_would_notice_another_answer(self) -> None:
        group: dict[str, Any] = {"GET": [403, 200, 200], "missing": {"GET": 404}, "strangers": {"GET": 200}}

        assert walking.told(group, FOUND["everywhere"], method="GET", whose="own") == {
            "anonymous": 200, "inactive": 200, "viewer": 403, "operator": 200, "administrator": 200,
        }
        assert walking.told(group, FOUND["everywhere"], method="GET", whose="missing")["viewer"] == 404
