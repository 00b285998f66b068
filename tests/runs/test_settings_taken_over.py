"""A sync that is set up from its own file goes on as if nothing had happened."""

from __future__ import annotations

from dataclasses import replace

from syncapp import models
from syncapp.engine.vocabulary import PairState, RunState
from syncapp.services import configs, import_settings, settings_files
from tests.runs.company import Company


class TestOwnFile:
    def test_of_a_sync_that_is_gone_brings_back_one_that_writes_nothing(self, company: Company) -> None:
        company.contact(firstname="Ann", email="ann@example.com", city="Leeds")
        company.customer(DisplayName="Bea", email="bea@example.com")
        company.settle()
        text, left, right = settings_files.text(config=company.config), company.config.left, company.config.right
        configs.delete(config=company.config, actor=company.alice, now=company.clock.now())
        before = company.hubspot.written(), company.quickbooks.written()

        company.config = import_settings.create(
            wished=settings_files.read(content=text), left=left, right=right, name="", actor=company.alice, now=company.clock.now()
        )
        run = company.run()

        assert run.state == RunState.SUCCEEDED
        assert (company.hubspot.written(), company.quickbooks.written()) == before
        assert set(models.RecordPair.objects.values_list("state", flat=True)) == {PairState.LINKED}
        assert settings_files.text(config=company.config) == text

    def test_of_a_sync_that_is_there_makes_no_run_write_anything(self, company: Company) -> None:
        company.contact(firstname="Ann", email="ann@example.com", city="Leeds")
        company.settle()
        wished = settings_files.read(content=settings_files.text(config=company.config))
        writes = company.writes()
        import_settings.apply(
            config=company.config, wished=replace(wished, mappings=wished.mappings[:-1]), actor=company.alice, now=company.clock.now()
        )
        import_settings.apply(config=company.config, wished=wished, actor=company.alice, now=company.clock.now())

        company.run()

        assert company.writes() == writes
        assert company.config.versions.count() == 3
