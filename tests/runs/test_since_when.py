"""Since when a pair fails: from the first failure until it is in sync, however often it is tried in between."""

from __future__ import annotations

from datetime import timedelta

from syncapp.engine.vocabulary import Direction, PairState
from syncapp.services import pairs
from tests.runs.company import Company


class TestWhatCannotBePlanned:
    def test_fails_since_it_first_did(self, company: Company) -> None:
        company.sell(direction=Direction.BOTH)
        product = company.product(name="N" * 101, price="1")
        company.run()
        first = company.pair(left=product).failing_since

        company.let_pass(timedelta(hours=2))
        company.hubspot.change("products", product, price="2")
        company.run()

        again = company.pair(left=product)
        assert first is not None
        assert (again.state, again.failing_since) == (PairState.FAILED, first)

    def test_fails_no_more_once_it_is_in_sync(self, company: Company) -> None:
        company.sell(direction=Direction.BOTH)
        product = company.product(name="N" * 101, price="1")
        company.run()

        company.hubspot.change("products", product, name="Lamp")
        company.run()

        mended = company.pair(left=product)
        assert (mended.state, mended.failing_since) == (PairState.LINKED, None)

    def test_fails_no_more_once_it_is_left_out(self, company: Company) -> None:
        company.sell(direction=Direction.BOTH)
        product = company.product(name="N" * 101, price="1")
        company.run()

        pairs.exclude(pair=company.pair(left=product), excluded=True, now=company.clock.now())
        company.run()

        assert company.pair(left=product).failing_since is None


class TestWhatTheVendorRefuses:
    def test_fails_since_the_first_refusal_through_a_retry(self, company: Company) -> None:
        company.quickbooks.create("Vendor", DisplayName="Ann Archer")
        contact = company.contact(firstname="Ann", lastname="Archer", email="ann@example.com")
        company.run()
        first = company.pair(left=contact)

        company.let_pass(timedelta(hours=2))
        pairs.retry(pair=first)
        company.run()

        again = company.pair(left=contact)
        assert first.failing_since is not None
        assert (again.state, again.failing_since) == (PairState.FAILED, first.failing_since)
        assert again.operations.count() == 2
