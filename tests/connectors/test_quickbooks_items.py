"""QuickBooks items as the sync sees them: what is read, what is never touched, and what a new one is given."""

from __future__ import annotations

from typing import Any

import pytest

from integrations.quickbooks.entities import Kind, entity
from syncapp.connectors import base, quickbooks_fields
from syncapp.connectors.quickbooks import QuickBooksConnector
from syncapp.engine import errors, records, schema
from syncapp.engine.vocabulary import FieldType, OperationKind, RecordState
from tests.integrations.quickbooks_client.sandboxed import Company

WANTED = base.Wanted(kind="item", fields=("Name", "Sku", "UnitPrice", "Type", "ParentRef.name", "FullyQualifiedName", "QtyOnHand"))


def fields(connector: QuickBooksConnector) -> dict[str, schema.FieldSpec]:
    return {spec.name: spec for spec in connector.fields(kind="item")}


def account(connector: QuickBooksConnector, field_name: str, begins: str) -> str:
    return next(identity for identity, label in fields(connector)[field_name].choices if label.startswith(begins))


def service(company: Company, connector: QuickBooksConnector, name: str, **more: Any) -> str:
    given = {"Name": name, "Type": "Service", "IncomeAccountRef": {"value": account(connector, "IncomeAccountRef", "Services")}, **more}
    return str(company.edit(type="Item", create=given)["id"])


def listed(connector: QuickBooksConnector) -> dict[str, records.Record]:
    return {record.label: record for record in connector.listing(wanted=WANTED, token=None).records}


def create(connector: QuickBooksConnector, **values: records.Value) -> base.Write:
    given = {"Type": "Service", "IncomeAccountRef": account(connector, "IncomeAccountRef", "Services"), **values}
    return base.Write(key="a" * 32, kind=OperationKind.CREATE, record_kind="item", values=given)


def update(record: records.Record, **values: records.Value) -> base.Write:
    return base.Write(
        key="b" * 32, kind=OperationKind.UPDATE, record_kind="item", values=values, external_id=record.ref.external_id,
        revision_token=record.revision.token,
    )


class TestFields:
    def test_say_what_may_be_written(self, connector: QuickBooksConnector) -> None:
        found = fields(connector)

        written = {name for name, spec in found.items() if spec.writable}
        assert written == {"Name", "Sku", "Description", "PurchaseDesc", "UnitPrice", "PurchaseCost", "Taxable"}
        assert (found["Name"].required, found["Name"].max_length) == (True, 100)

    def test_tell_the_currency_of_the_company(self, connector: QuickBooksConnector) -> None:
        assert (fields(connector)["UnitPrice"].currency, fields(connector)["Sku"].currency) == ("USD", "")

    def test_offer_the_accounts_that_fit(self, company: Company, connector: QuickBooksConnector) -> None:
        company.edit(type="Account", id=account(connector, "IncomeAccountRef", "Discounts"), set={"Active": False})

        found = fields(connector)

        income = [label for _, label in found["IncomeAccountRef"].choices]
        assert income == sorted(income, key=str.casefold)
        assert "Services (Income)" in income
        assert not any(label.startswith(("Discounts", "Checking", "Accounts")) for label in income)
        assert any(label.startswith("Cost of Goods Sold") for _, label in found["ExpenseAccountRef"].choices)
        assert found["IncomeAccountRef"].reason and found["IncomeAccountRef"].type is FieldType.REFERENCE


class TestReading:
    def test_shows_an_item_below_its_category(self, company: Company, connector: QuickBooksConnector) -> None:
        above = str(company.edit(type="Item", create={"Name": "Advice", "Type": "Category"})["id"])
        service(company, connector, "Audit", Sku="A-1", UnitPrice=120.5, SubItem=True, ParentRef={"value": above})

        found = listed(connector)

        assert list(found) == ["Review", "Audit"]
        assert found["Audit"].values == {
            "Name": "Audit", "Sku": "A-1", "UnitPrice": "120.5", "Type": "Service", "ParentRef.name": "Advice",
            "FullyQualifiedName": "Advice:Audit", "QtyOnHand": None,
        }

    def test_takes_deleted_off_the_name_of_an_inactive_one(self, company: Company, connector: QuickBooksConnector) -> None:
        gone = service(company, connector, "Audit")
        company.edit(type="Item", id=gone, delete=True)

        (record,) = connector.read(wanted=WANTED, ids=[gone]).records

        assert (record.state, record.values["Name"], record.label) == (RecordState.ARCHIVED, "Audit", "Audit")

    @pytest.mark.parametrize("kind", ["Category", "Group", "Bundle"])
    def test_leaves_alone_what_only_arranges_others(self, kind: str) -> None:
        found = entity(kind=Kind.ITEM, data={"Id": "7", "Name": "Kit", "Type": kind})

        assert quickbooks_fields.left_alone(kind="item", entity=found)

    def test_finds_by_sku_and_by_name(self, company: Company, connector: QuickBooksConnector) -> None:
        service(company, connector, "Audit", Sku="A-1")
        service(company, connector, "Travel", Sku="T-1")

        by_sku = connector.find(wanted=WANTED, field_name="Sku", values=["a-1"])
        by_name = connector.find(wanted=WANTED, field_name="Name", values=["travel"])

        assert [[one.label for one in found] for found in (by_sku, by_name)] == [["Audit"], ["Travel"]]

    def test_knows_the_page_of_an_item(self, connector: QuickBooksConnector) -> None:
        assert connector.record_url(kind="item", external_id="7").endswith("7")


class TestWriting:
    def test_gives_a_new_one_its_type_and_accounts(self, connector: QuickBooksConnector) -> None:
        (written,) = connector.write(writes=[create(connector, Name="Audit", UnitPrice="0.1")])

        assert written.record is not None
        assert (written.record.values["Type"], written.record.values["UnitPrice"]) == ("Service", "0.1")
        assert written.record.values["IncomeAccountRef.name"] == "Services"

    def test_empties_a_field_of_a_service(self, company: Company, connector: QuickBooksConnector) -> None:
        service(company, connector, "Audit", Sku="A-1", Description="A look")

        (written,) = connector.write(writes=[update(listed(connector)["Audit"], Sku=None)])

        assert written.record is not None
        assert (written.record.values["Sku"], written.record.values["Description"]) == (None, "A look")

    def test_empties_no_field_of_what_is_in_stock(self, company: Company, connector: QuickBooksConnector) -> None:
        product_income = account(connector, "IncomeAccountRef", "Sales of Product Income")
        cost = account(connector, "ExpenseAccountRef", "Cost of Goods Sold")
        asset = next(one["Id"] for one in _books(company)["Account"] if one["Name"] == "Inventory Asset")
        service(
            company, connector, "Handbook", Type="Inventory", TrackQtyOnHand=True, QtyOnHand=7, InvStartDate="2026-01-01", Sku="H-1",
            IncomeAccountRef={"value": product_income}, ExpenseAccountRef={"value": cost}, AssetAccountRef={"value": asset},
        )
        stocked = listed(connector)["Handbook"]

        (emptied,) = connector.write(writes=[update(stocked, Sku=None)])
        (priced,) = connector.write(writes=[update(stocked, UnitPrice="21")])

        assert isinstance(emptied.error, errors.Rejected) and "stock" in str(emptied.error)
        assert priced.record is not None
        assert (priced.record.values["UnitPrice"], priced.record.values["QtyOnHand"]) == ("21", "7")

    def test_refuses_to_write_a_quantity_or_another_type(self, company: Company, connector: QuickBooksConnector) -> None:
        service(company, connector, "Audit")
        record = listed(connector)["Audit"]

        refused = [connector.write(writes=[update(record, **{name: "1"})])[0] for name in ("QtyOnHand", "Type", "IncomeAccountRef")]

        assert all(isinstance(one.error, errors.Rejected) for one in refused)

    def test_tells_who_has_a_name_that_is_taken(self, company: Company, connector: QuickBooksConnector) -> None:
        taken = service(company, connector, "Audit")
        company.edit(type="Item", create={"Name": "Advice", "Type": "Category"})

        (audit,) = connector.write(writes=[create(connector, Name="Audit")])
        (advice,) = connector.write(writes=[create(connector, Name="Advice")])

        assert isinstance(audit.error, errors.AlreadyExists) and audit.error.existing_id == taken
        assert isinstance(advice.error, errors.AlreadyExists) and advice.error.existing_id == ""
        assert "category" in str(advice.error)

    def test_makes_inactive_what_is_to_be_archived(self, company: Company, connector: QuickBooksConnector) -> None:
        service(company, connector, "Audit")
        record = listed(connector)["Audit"]
        archive = base.Write(
            key="c" * 32, kind=OperationKind.ARCHIVE, record_kind="item", values={}, external_id=record.ref.external_id,
            revision_token=record.revision.token,
        )

        (written,) = connector.write(writes=[archive])

        assert written.record is not None and written.record.state is RecordState.ARCHIVED


def _books(company: Company) -> Any:
    return next(one for one in company.control("dump", method="GET")["companies"] if one["realm_id"] == company.id)
