"""Believable, repeatable companies, people and products, the same for both faces.

Owns the making of them. The n-th of a seed is always the same, whoever asks; nothing here knows a vendor's field.
"""

from __future__ import annotations

import dataclasses
import functools
import math
import random
import unicodedata
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal, TypedDict

from integrations.sandbox import names

Side = Literal["left", "right"]

COUNTRY = "USA"
EMPLOYEES = 3
PRIVATE_PEOPLE = 11
ODD_PRODUCTS = 9
ODD_COMPANIES = 13
ODD_TURN = 40
ODD_NAME_TURN = 3
_STREAMS = ("shared", "left", "right")
_GOLDEN = 0.6180339887
_CAPITALS, _OTHER_PHONE, _OTHER_STREET = 0.06, 0.16, 0.20
_TWICE, _SAME_EMAIL = 0.03, 0.06
_CENT = Decimal("0.01")
_SPELLED = str.maketrans({"ø": "o", "Ø": "O", "ß": "ss", "æ": "ae", "ł": "l", "Ł": "L"})


class _Address(TypedDict):
    street: str
    city: str
    state: str
    zip: str
    country: str
    phone: str


@dataclass(frozen=True, kw_only=True)
class Person:
    """Somebody a company deals with. `company` may be blank; `email` too in messy data."""

    first: str
    last: str
    email: str
    phone: str
    company: str
    website: str
    street: str
    city: str
    state: str
    zip: str
    country: str


@dataclass(frozen=True, kw_only=True)
class Company:
    """A company that people work for."""

    name: str
    domain: str
    industry: str
    phone: str
    street: str
    city: str
    state: str
    zip: str
    country: str


@dataclass(frozen=True, kw_only=True)
class Product:
    """Something that is sold by the hour or by the piece."""

    name: str
    sku: str
    description: str
    price: Decimal
    cost: Decimal


def people(*, count: int, random_seed: int, overlap: float, side: Side, messy: bool) -> Iterator[Person]:
    """Make people; the first `round(count * overlap)` are those that the other side has too.

    Without `messy` every e-mail and every full name is there once, on both sides together. With it some have no e-mail,
    share one (only on the right: HubSpot refuses that), come twice, or have a name, a blank or a sign that breaks careless
    code; a shared person then also differs a little between the sides: capitals in the e-mail, the writing of the phone.
    """
    chances = random.Random(f"{random_seed}/{side}/mess")  # noqa: S311 - made-up data
    previous: Person | None = None
    for number, stream, shared in _numbers(count=count, overlap=overlap, side=side):
        person = _person(number, stream=stream, random_seed=random_seed)
        if messy:
            person = _odd(person, number=number, stream=stream)
            chance = chances.random()
            if shared:
                person = _written_differently(person, side=side, chance=chance)
            elif previous is not None:
                person = _repeated(person, previous=previous, side=side, chance=chance)
        previous = person
        yield person


def companies(*, count: int, random_seed: int, overlap: float, side: Side, messy: bool) -> Iterator[Company]:
    """Make companies; the first `round(count * overlap)` are those that the other side has too, and that `people` work for."""
    for number, stream, _ in _numbers(count=count, overlap=overlap, side=side):
        company = _company(number, stream=stream, random_seed=random_seed)
        if messy and number % ODD_COMPANIES == 0:
            company = dataclasses.replace(company, name=f"{company.name}  ", domain="")
        yield company


def products(*, count: int, random_seed: int, overlap: float, side: Side, messy: bool) -> Iterator[Product]:
    """Make products with one name and one SKU each; the first `round(count * overlap)` are those that the other side has too."""
    for number, stream, shared in _numbers(count=count, overlap=overlap, side=side):
        product = _product(number, stream=stream, random_seed=random_seed)
        if messy and number % ODD_PRODUCTS == 0:
            product = dataclasses.replace(product, name=f"{product.name} & more", description="", sku=product.sku.lower() if shared else "")
        yield product


def ascii_only(text: str) -> str:
    """The text as it would stand in an e-mail address: without accents, signs and blanks, in small letters."""
    plain = unicodedata.normalize("NFKD", text.translate(_SPELLED)).encode("ascii", "ignore").decode("ascii")
    return "".join(sign for sign in plain.lower() if sign.isalnum() or sign == "-")


def _numbers(*, count: int, overlap: float, side: Side) -> Iterator[tuple[int, str, bool]]:
    """For each wanted thing: its number in its stream, the stream, and whether it is shared."""
    shared = round(count * overlap)
    for number in range(shared):
        yield number, "shared", True
    for number in range(count - shared):
        yield number, side, False


def _spot(number: int, *, stream: str, random_seed: int, size: int) -> tuple[int, int]:
    """Scatter the numbers of all streams over `size` places without two meeting: how often round, and the place."""
    lap, place = divmod(number * len(_STREAMS) + _STREAMS.index(stream), size)
    return lap, (place * _step(size) + zlib.crc32(str(random_seed).encode())) % size


@functools.cache
def _step(size: int) -> int:
    step = int(size * _GOLDEN)
    while math.gcd(step, size) != 1:
        step += 1
    return step


def _company(number: int, *, stream: str, random_seed: int) -> Company:
    first, second, kinds = names.COMPANY_FIRST, names.COMPANY_SECOND, names.COMPANY_KIND
    lap, spot = _spot(number, stream=stream, random_seed=random_seed, size=len(first) * len(second) * len(kinds))
    rest, front = divmod(spot, len(first))
    kind, back = divmod(rest, len(second))
    word, industry = kinds[kind]
    name = f"{first[front]}{second[back]} {word}{f' {lap + 1}' if lap else ''}"
    domain = f"{name.lower().replace(' ', '-')}.example.com"
    return Company(name=name, domain=domain, industry=industry, **_address(spot))


def _person(number: int, *, stream: str, random_seed: int) -> Person:
    lap, spot = _spot(number, stream=stream, random_seed=random_seed, size=len(names.FIRST) * len(names.LAST))
    first, last = names.FIRST[spot % len(names.FIRST)], names.LAST[spot // len(names.FIRST)]
    local = f"{first}.{last}".lower()
    if lap:
        initial = chr(ord("A") + (lap - 1) % 26)
        first, local = f"{first} {initial}.", f"{first}.{initial}{lap}.{last}".lower()
    company = _company(number // EMPLOYEES, stream=stream, random_seed=random_seed)
    private = number % PRIVATE_PEOPLE == PRIVATE_PEOPLE - 1
    return Person(
        first=first,
        last=last,
        email=f"{local}@mail{random_seed % 1000}.example.org" if private else f"{local}@{company.domain}",
        company="" if private else company.name,
        website="" if private else f"https://www.{company.domain}",
        **_address(spot + len(names.FIRST)),
    )


def _product(number: int, *, stream: str, random_seed: int) -> Product:
    subjects, services, levels = names.SUBJECTS, names.SERVICES, names.LEVELS
    lap, spot = _spot(number, stream=stream, random_seed=random_seed, size=len(subjects) * len(services) * len(levels))
    rest, subject = divmod(spot, len(subjects))
    level, service = divmod(rest, len(services))
    price = Decimal(75 + spot % 190 * 5) + (Decimal("0.50") if spot % 7 == 0 else 0)
    return Product(
        name=f"{subjects[subject]} {services[service]} {levels[level]}{f' {lap + 1}' if lap else ''}",
        sku=f"{ascii_only(subjects[subject])[:3].upper()}-{stream[0].upper()}{random_seed % 100:02d}-{number + 1:04d}",
        description=f"{services[service]} for {subjects[subject]}, {levels[level].lower()} level.",
        price=price.quantize(_CENT),
        cost=(price * Decimal("0.4")).quantize(_CENT),
    )


def _address(spot: int) -> _Address:
    mixed = zlib.crc32(spot.to_bytes(8, "big"))
    city, state, code, area = names.PLACES[mixed % len(names.PLACES)]
    street = names.STREETS[mixed // 31 % len(names.STREETS)]
    kind = names.STREET_KINDS[mixed // 2111 % len(names.STREET_KINDS)]
    return {
        "street": f"{10 + mixed // 17 % 1900} {street} {kind}",
        "city": city,
        "state": state,
        "zip": f"{code}{mixed // 97 % 100:02d}",
        "country": COUNTRY,
        "phone": f"({area}) 555-{mixed // 13 % 10_000:04d}",
    }


def _odd(person: Person, *, number: int, stream: str) -> Person:
    """The oddity that a person has on both sides, by its number; most have none."""
    turn = number % ODD_TURN
    if turn == ODD_NAME_TURN:
        first, last = names.ODD_NAMES[number // ODD_TURN % len(names.ODD_NAMES)]
        local = f"{ascii_only(first)}.{ascii_only(last)}.{stream[0]}{number}"
        return dataclasses.replace(person, first=first, last=last, email=f"{local}@{person.email.partition('@')[2]}")
    oddity = _ODDITIES.get(turn)
    return person if oddity is None else oddity(person)


def _without_email(person: Person) -> Person:
    return dataclasses.replace(person, email="")


def _with_blanks(person: Person) -> Person:
    return dataclasses.replace(person, first=f"{person.first} ", last=f" {person.last}", city=f"{person.city}  ")


def _hardly_known(person: Person) -> Person:
    return dataclasses.replace(person, phone="", street="", city="", state="", zip="", country="", website="")


def _with_signs(person: Person) -> Person:
    return dataclasses.replace(person, last=f"{person.last} 🚀", company=f'{person.last} & Sons, "The Best" <Ltd>')


_ODDITIES: dict[int, Callable[[Person], Person]] = {
    9: _without_email,
    13: _with_blanks,
    17: _hardly_known,
    22: _without_email,
    29: _with_signs,
}


def _written_differently(person: Person, *, side: Side, chance: float) -> Person:
    """A shared person as this side wrote it down."""
    if chance < _CAPITALS:
        return dataclasses.replace(person, email=person.email.upper() if side == "right" else person.email.title())
    if chance < _OTHER_PHONE:
        return dataclasses.replace(person, phone="".join(sign for sign in person.phone if sign.isdecimal()))
    if chance < _OTHER_STREET:
        return dataclasses.replace(person, street=person.street.upper())
    return person


def _repeated(person: Person, *, previous: Person, side: Side, chance: float) -> Person:
    """A person of this side alone: sometimes the one before once more, sometimes with that one's e-mail."""
    if chance < _TWICE:
        return dataclasses.replace(previous, email=person.email)
    if chance < _SAME_EMAIL and side == "right":
        return dataclasses.replace(person, email=previous.email)
    return person
