"""A display name is one that QuickBooks takes, and a taken one is handled as the policy says."""

from __future__ import annotations

import pytest

from syncapp.engine import names
from syncapp.engine.names import Holder, Resolution
from syncapp.engine.vocabulary import NamePolicy, Reason

CUSTOMER = Holder(kind="customer", external_id="7", paired=False)
PAIRED = Holder(kind="customer", external_id="7", paired=True)
VENDOR = Holder(kind="vendor", external_id="7", paired=False)
INACTIVE = Holder(kind="customer", external_id="7", paired=False, live=False)


def resolve(policy: NamePolicy, holder: Holder = CUSTOMER, taken: tuple[str, ...] = ()) -> Resolution:
    return names.resolve(policy=policy, name="Acme", pattern=" ({n})", holder=holder, taken=taken)


class TestClean:
    @pytest.mark.parametrize(
        ("name", "expected"),
        [
            (" Acme ", "Acme"),
            ("Acme: Bath", "Acme Bath"),
            ("Acme\tBath\n", "Acme Bath"),
            ("O'Brien & Söhne 🙂", "O'Brien & Söhne 🙂"),
            (":", ""),
        ],
    )
    def test_leaves_what_quickbooks_takes(self, name: str, expected: str) -> None:
        assert names.clean(name) == expected


class TestCandidate:
    def test_is_the_first_name_with_something_in_it(self) -> None:
        assert names.candidate(names=[None, " : ", "Ann Lee", "ann@lee.example"]) == "Ann Lee"
        assert names.candidate(names=["", None]) == ""

    def test_joins_first_and_last_name_without_gaps(self) -> None:
        assert names.joined(parts=[" Ann ", "Lee"]) == "Ann Lee"
        assert names.joined(parts=[None, "Lee"]) == "Lee"


class TestSuffix:
    def test_counts_from_two_past_the_names_that_are_taken(self) -> None:
        assert names.free_name(name="Acme", pattern=" ({n})", taken=["ACME (2) ", "Acme (4)"]) == "Acme (3)"

    def test_is_nothing_where_none_is_free(self) -> None:
        assert names.free_name(name="Acme", pattern=" {n}", taken=[f"acme {n}" for n in range(2, 10)], most=8) == ""

    def test_fits_into_the_longest_name(self) -> None:
        name = names.suffixed(name="A" * 500, pattern=" ({n})", n=12)

        assert (len(name), name[-6:]) == (500, "A (12)")

    def test_without_a_place_for_the_number_gets_it_at_the_end(self) -> None:
        assert names.suffixed(name="Acme", pattern=" no. ", n=2) == "Acme no. 2"


class TestResolve:
    def test_fails_or_holds(self) -> None:
        assert resolve(NamePolicy.FAIL) == Resolution(reason=Reason.NAME_TAKEN)
        assert resolve(NamePolicy.HOLD) == Resolution(reason=Reason.NAME_TAKEN, held=True)

    def test_adds_a_suffix(self) -> None:
        assert resolve(NamePolicy.SUFFIX, taken=("Acme (2)",)) == Resolution(name="Acme (3)")
        assert resolve(NamePolicy.SUFFIX, holder=VENDOR) == Resolution(name="Acme (2)")

    def test_links_with_a_customer_that_has_no_partner(self) -> None:
        assert resolve(NamePolicy.LINK) == Resolution(link_to="7")
        assert [resolve(NamePolicy.LINK, holder).held for holder in (PAIRED, VENDOR, INACTIVE)] == [True, True, True]

    def test_makes_a_sub_customer_of_any_live_customer(self) -> None:
        assert resolve(NamePolicy.SUB_CUSTOMER, PAIRED) == Resolution(parent="7")
        assert resolve(NamePolicy.SUB_CUSTOMER, VENDOR).held


class TestFolded:
    def test_is_how_quickbooks_compares(self) -> None:
        assert names.folded(" ACME Inc ") == names.folded("acme inc")
