"""Made-up people, companies and products: repeatable, shared between the sides, messy when asked."""

from __future__ import annotations

from collections import Counter

import pytest

from integrations.sandbox import people
from integrations.sandbox.people import Person, Side


def made(side: Side, *, count: int = 400, seed: int = 7, overlap: float = 0.5, messy: bool = False) -> list[Person]:
    return list(people.people(count=count, random_seed=seed, overlap=overlap, side=side, messy=messy))


class TestPeople:
    def test_are_the_same_each_time(self) -> None:
        assert made("left", messy=True) == made("left", messy=True)

    def test_differ_with_the_seed(self) -> None:
        assert not {person.email for person in made("left", seed=1)} & {person.email for person in made("left", seed=2)}

    @pytest.mark.parametrize(("overlap", "shared"), [(0.0, 0), (0.25, 100), (1.0, 400)])
    def test_share_the_first_with_the_other_side(self, overlap: float, shared: int) -> None:
        left, right = made("left", overlap=overlap), made("right", overlap=overlap)

        assert left[:shared] == right[:shared]
        assert not {person.email for person in left[shared:]} & {person.email for person in right}

    def test_have_one_email_and_one_name_each(self) -> None:
        everyone = made("left", count=30_000) + made("right", count=30_000)[15_000:]

        assert len({person.email for person in everyone}) == len(everyone)
        assert len({(person.first, person.last) for person in everyone}) == len(everyone)

    def test_work_several_to_a_company(self) -> None:
        staff = Counter(person.company for person in made("left") if person.company)

        assert max(staff.values()) > 1
        assert any(not person.company for person in made("left"))


class TestMess:
    def test_is_of_every_kind(self) -> None:
        left = made("left", messy=True, count=2_000)
        names = "".join(person.first + person.last for person in left)

        assert all(sign in names for sign in "'üŁ🚀")
        assert any(not person.email for person in left)
        assert any(person.first.endswith(" ") for person in left)
        assert any("&" in person.company for person in left)
        assert any(not person.phone and not person.street for person in left)

    def test_repeats_people_on_both_sides_but_emails_only_on_the_right(self) -> None:
        left, right = made("left", messy=True, count=2_000), made("right", messy=True, count=2_000)
        left_emails = Counter(person.email.lower() for person in left if person.email)
        right_emails = Counter(person.email.lower() for person in right if person.email)

        assert max(left_emails.values()) == 1
        assert max(right_emails.values()) > 1
        for side in (left, right):
            assert max(Counter((person.first, person.last) for person in side).values()) > 1

    def test_keeps_the_overlap_findable_by_email(self) -> None:
        left, right = made("left", messy=True)[:200], made("right", messy=True)[:200]

        assert [person.email.lower() for person in left] == [person.email.lower() for person in right]
        assert left != right


class TestCompanies:
    def test_are_where_people_work(self) -> None:
        companies = {company.name for company in people.companies(count=100, random_seed=7, overlap=1, side="left", messy=False)}

        assert {person.company for person in made("left", count=300, overlap=1) if person.company} <= companies

    def test_have_one_name_and_one_domain_each(self) -> None:
        companies = list(people.companies(count=20_000, random_seed=7, overlap=0, side="right", messy=False))

        assert len({company.name for company in companies}) == len({company.domain for company in companies}) == 20_000


class TestProducts:
    def test_have_one_name_and_one_sku_each(self) -> None:
        products = list(people.products(count=5_000, random_seed=7, overlap=0.5, side="left", messy=False))

        assert len({product.name for product in products}) == len({product.sku for product in products}) == 5_000
        assert all(product.price > product.cost > 0 for product in products)

    def test_lose_sku_and_description_when_messy(self) -> None:
        products = list(people.products(count=50, random_seed=7, overlap=0, side="left", messy=True))

        assert any(not product.sku and not product.description and "&" in product.name for product in products)
