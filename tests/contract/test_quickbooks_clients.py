"""The published Python clients, unmodified, against the sandbox over HTTP: only the base URL is ours."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from http.client import HTTPConnection
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from intuitlib import utils as intuit_utils
from intuitlib.client import AuthClient
from intuitlib.enums import Scopes
from intuitlib.exceptions import AuthClientError
from quickbooks import QuickBooks
from quickbooks.batch import batch_create, batch_delete, batch_update
from quickbooks.cdc import change_data_capture
from quickbooks.exceptions import AuthorizationException, ObjectNotFoundException, QuickbooksException, ValidationException
from quickbooks.objects import Account, CreditMemo, Customer, Employee, Invoice, Item, Payment, PaymentLine, TaxCode, Term, Vendor
from quickbooks.objects.base import EmailAddress, LinkedTxn, PhoneNumber, Ref
from quickbooks.objects.company_info import CompanyInfo
from quickbooks.objects.detailline import DiscountLine, DiscountLineDetail, SalesItemLine, SalesItemLineDetail
from quickbooks.objects.preferences import Preferences

from integrations.sandbox.quickbooks.face import QuickBooksFace
from integrations.sandbox.server import Server
from integrations.sandbox.world import World

CALLBACK = "http://127.0.0.1:9999/callback"
REALM = "9130002"


@dataclass
class Connected:
    server: Server
    auth: AuthClient
    client: QuickBooks

    def switch(self, name: str, value: Any) -> None:
        with self.server.world.lock:
            self.server.world.set_switch(f"quickbooks.{name}", value)


def consent(auth: AuthClient, *, decision: str = "allow") -> dict[str, str]:
    """Go to the consent page as a browser would, decide, and read where it leads."""
    asked = urlsplit(auth.get_authorization_url([Scopes.ACCOUNTING], state_token="s t&ate"))
    connection = HTTPConnection(asked.netloc, timeout=10)
    connection.request("GET", f"{asked.path}?{asked.query}")
    page = connection.getresponse()
    assert page.status == 200, page.read()
    page.read()
    form = {name: values[0] for name, values in parse_qs(asked.query).items()} | {"account": REALM, "decision": decision}
    connection.request("POST", asked.path, urlencode(form), {"Content-Type": "application/x-www-form-urlencoded"})
    answer = connection.getresponse()
    answer.read()
    connection.close()
    assert answer.status == 302
    return {name: values[0] for name, values in parse_qs(urlsplit(answer.headers["Location"]).query).items()}


@pytest.fixture
def server() -> Iterator[Server]:
    world = World()
    with Server(face=QuickBooksFace(world), world=world) as running:
        yield running


@pytest.fixture
def auth(server: Server, monkeypatch: pytest.MonkeyPatch) -> AuthClient:
    minted = server.face.mint({"realm_id": REALM})
    monkeypatch.setenv("OAUTHLIB_INSECURE_TRANSPORT", "1")
    monkeypatch.setitem(intuit_utils.DISCOVERY_URL, "sandbox", f"{server.url}/.well-known/openid_sandbox_configuration/")
    monkeypatch.setattr(QuickBooks, "sandbox_api_url_v3", f"{server.url}/v3")
    return AuthClient(minted["client_id"], minted["client_secret"], CALLBACK, "sandbox")


@pytest.fixture
def connected(server: Server, auth: AuthClient) -> Connected:
    for name in ("per_second", "per_minute"):
        server.world.set_switch(f"quickbooks.{name}", 10_000)
    landed = consent(auth)
    auth.get_bearer_token(landed["code"], realm_id=landed["realmId"])
    client = QuickBooks(auth_client=auth, refresh_token=auth.refresh_token, company_id=landed["realmId"], minorversion=75)
    return Connected(server=server, auth=auth, client=client)


def customer(connected: Connected, name: str) -> Any:
    new = Customer()
    new.DisplayName = name
    return new.save(qb=connected.client)


def invoice(connected: Connected, buyer: Any, item: Any, **details: Any) -> Any:
    new, line = Invoice(), SalesItemLine()
    line.Amount = 100
    line.SalesItemLineDetail = SalesItemLineDetail()
    line.SalesItemLineDetail.ItemRef = item.to_ref()
    new.Line.append(line)
    new.CustomerRef = buyer.to_ref()
    for name, value in details.items():
        setattr(new, name, value)
    return new.save(qb=connected.client)


def service(connected: Connected, name: str = "Hours") -> Any:
    new = Item()
    new.Name, new.Type, new.Sku = name, "Service", "H-1"
    new.IncomeAccountRef = Ref()
    new.IncomeAccountRef.value = Account.filter(Name="Services", qb=connected.client)[0].Id
    return new.save(qb=connected.client)


def payment(connected: Connected, buyer: Any, *laid_on: tuple[Any, float], amount: float) -> Any:
    new = Payment()
    new.CustomerRef, new.TotalAmt = buyer.to_ref(), amount
    for document, part in laid_on:
        line, linked = PaymentLine(), LinkedTxn()
        line.Amount, linked.TxnId, linked.TxnType = part, document.Id, document.qbo_object_name
        line.LinkedTxn.append(linked)
        new.Line.append(line)
    return new.save(qb=connected.client)


class TestIntuitOAuth:
    def test_discovers_the_endpoints(self, server: Server, auth: AuthClient) -> None:
        assert auth.token_endpoint == f"{server.url}/oauth2/v1/tokens/bearer"
        assert auth.auth_endpoint == f"{server.url}/connect/oauth2"

    def test_takes_the_address_of_the_document_as_environment(self, server: Server, auth: AuthClient) -> None:
        other = AuthClient("a", "b", CALLBACK, f"{server.url}/.well-known/openid_configuration/")

        assert other.revoke_endpoint == f"{server.url}/v2/oauth2/tokens/revoke"

    def test_exchanges_a_code(self, auth: AuthClient) -> None:
        landed = consent(auth)
        auth.get_bearer_token(landed["code"], realm_id=landed["realmId"])

        assert (landed["state"], auth.realm_id, auth.expires_in) == ("s t&ate", REALM, 3600)
        assert auth.x_refresh_token_expires_in == 8_640_000
        assert auth.access_token
        assert auth.id_token is None

    def test_hears_of_a_denial(self, auth: AuthClient) -> None:
        assert consent(auth, decision="deny") == {"error": "access_denied", "state": "s t&ate"}

    def test_refreshes_and_learns_the_newest_value(self, server: Server, connected: Connected) -> None:
        auth = connected.auth
        old_access, old_refresh = auth.access_token, auth.refresh_token
        auth.refresh()
        same = auth.refresh_token
        with server.world.lock:
            server.world.advance(86_400)
        auth.refresh()

        assert same == old_refresh != auth.refresh_token
        assert auth.access_token != old_access
        with pytest.raises(AuthClientError) as refused:
            auth.refresh(refresh_token=old_refresh)
        assert (refused.value.status_code, b"invalid_grant" in refused.value.content) == (400, True)
        assert refused.value.intuit_tid

    def test_revokes(self, connected: Connected) -> None:
        assert connected.auth.revoke(token=connected.auth.refresh_token) is True

        with pytest.raises(AuthClientError):
            connected.auth.refresh()
        with pytest.raises(AuthorizationException):
            Customer.all(qb=connected.client)

    def test_with_a_wrong_secret_is_no_client(self, auth: AuthClient) -> None:
        auth.client_secret = "wrong"

        with pytest.raises(AuthClientError) as refused:
            auth.refresh(refresh_token="RT1-x")
        assert refused.value.status_code == 401


class TestPythonQuickBooks:
    def test_creates_reads_changes_and_makes_inactive(self, connected: Connected) -> None:
        new = Customer()
        new.DisplayName, new.GivenName, new.Notes = "O'Brien & Söhne 🌻", "Pat", "tea"
        new.PrimaryEmailAddr, new.PrimaryPhone = EmailAddress(), PhoneNumber()
        new.PrimaryEmailAddr.Address, new.PrimaryPhone.FreeFormNumber = "pat@example.com", "(415) 555-0100"
        new.save(qb=connected.client)

        found = Customer.get(new.Id, qb=connected.client)
        found.Notes = "coffee"
        saved = found.save(qb=connected.client)
        saved.Active = False
        gone = saved.save(qb=connected.client)

        assert (found.DisplayName, found.SyncToken, saved.Notes, saved.SyncToken) == ("O'Brien & Söhne 🌻", "0", "coffee", "1")
        assert (gone.DisplayName, gone.PrimaryEmailAddr.Address) == ("O'Brien & Söhne 🌻 (deleted)", "pat@example.com")

    def test_lists_filters_chooses_counts_and_queries(self, connected: Connected) -> None:
        made = [customer(connected, name) for name in ("O'Brien & Co", "Beta", "Gamma")]
        client = connected.client

        assert len(Customer.all(qb=client, order_by="Id", max_results=2, start_position=2)) == 2
        assert [each.Id for each in Customer.filter(DisplayName="O'Brien & Co", qb=client)] == [made[0].Id]
        assert [each.Id for each in Customer.filter(Active=True, order_by="Id DESC", qb=client)] == ["3", "2", "1"]
        assert [each.Id for each in Customer.choose(["1", "3"], field="Id", qb=client)] == ["3", "1"]
        assert Customer.count("DisplayName LIKE 'b%'", qb=client) == 1
        assert [each.DisplayName for each in Customer.query("select * from customer where Id > '1' orderby Id", qb=client)] == [
            "Beta",
            "Gamma",
        ]
        assert Customer.where("MetaData.LastUpdatedTime > '2099-01-01'", qb=client) == []

    def test_writes_vendors_employees_items_accounts_and_terms(self, connected: Connected) -> None:
        vendor, employee, account, term = Vendor(), Employee(), Account(), Term()
        vendor.DisplayName = "Vendor"
        employee.GivenName, employee.FamilyName = "Em", "Ployee"
        account.Name, account.AccountSubType = "Petty cash", "CashOnHand"
        term.Name, term.DueDays = "Net 45", 45
        for each in (vendor, employee, account, term):
            each.save(qb=connected.client)
        item = service(connected)

        assert Employee.get(employee.Id, qb=connected.client).DisplayName == "Em Ployee"
        assert Account.get(account.Id, qb=connected.client).AccountType == "Bank"
        assert Term.get(term.Id, qb=connected.client).Type == "STANDARD"
        assert [each.Sku for each in Item.all(qb=connected.client)] == [item.Sku] == ["H-1"]

    def test_bills_and_deletes(self, connected: Connected) -> None:
        buyer, item = customer(connected, "Buyer"), service(connected)
        bill = invoice(connected, buyer, item, PrivateNote="first")
        owing = Customer.get(buyer.Id, qb=connected.client)
        bill.PrivateNote = "second"
        changed = bill.save(qb=connected.client)
        deleted = changed.delete(qb=connected.client)

        assert (bill.TotalAmt, bill.DocNumber, owing.Balance, owing.SyncToken) == (100.0, "1001", 100.0, "0")
        assert (changed.PrivateNote, changed.SyncToken, changed.Line[0].Id) == ("second", "1", "1")
        assert deleted["Invoice"]["status"] == "Deleted"
        with pytest.raises(ObjectNotFoundException):
            Invoice.get(bill.Id, qb=connected.client)

    def test_voids(self, connected: Connected) -> None:
        bill = invoice(connected, customer(connected, "Buyer"), service(connected))
        bill.void(qb=connected.client)

        voided = Invoice.get(bill.Id, qb=connected.client)
        assert (voided.TotalAmt, voided.PrivateNote) == (0, "Voided")

    def test_asks_once_with_a_request_id(self, connected: Connected) -> None:
        buyer, number = Customer(), str(uuid.uuid4())
        buyer.DisplayName = "Once"
        first = buyer.save(qb=connected.client, request_id=number)
        twin = Customer()
        twin.DisplayName = "Twice"
        second = twin.save(qb=connected.client, request_id=number)

        assert (first.Id, first.DisplayName) == (second.Id, second.DisplayName)
        assert Customer.count(qb=connected.client) == 1

    def test_works_in_batches(self, connected: Connected) -> None:
        people = []
        for number in range(65):
            person = Customer()
            person.DisplayName = f"Person {number}"
            people.append(person)
        people.append(people[0])
        made = batch_create(people, qb=connected.client)
        for person in made.successes:
            person.Notes = "seen"
        changed = batch_update(made.successes, qb=connected.client)
        bill = invoice(connected, made.successes[0], service(connected))
        deleted = batch_delete([bill], qb=connected.client)

        assert (len(made.successes), [fault.Error[0].code for fault in made.faults]) == (65, [])
        assert {person.Notes for person in changed.successes} == {"seen"}
        assert (len(deleted.successes), len(deleted.faults)) == (1, 0)

    def test_hears_of_one_bad_batch_item(self, connected: Connected) -> None:
        twins = [Customer(), Customer()]
        twins[0].DisplayName, twins[1].DisplayName = "Twin", "TWIN"
        answer = batch_create(twins, qb=connected.client)

        assert ([each.DisplayName for each in answer.successes], answer.faults[0].Error[0].code) == (["Twin"], "6240")
        assert answer.faults[0].original_object is twins[1]

    def test_captures_changes(self, connected: Connected) -> None:
        buyer, item = customer(connected, "Buyer"), service(connected)
        bill = invoice(connected, buyer, item)
        bill.delete(qb=connected.client)
        since = (datetime.now().astimezone() - timedelta(hours=1)).isoformat(timespec="seconds")

        changes = change_data_capture([Customer, Invoice, Vendor], since, qb=connected.client)

        assert [each.DisplayName for each in changes.Customer] == ["Buyer"]
        assert [(each.Id, each.status) for each in changes.Invoice] == [(bill.Id, "Deleted")]
        assert not hasattr(changes, "Vendor")

    def test_reads_the_company_and_its_preferences(self, connected: Connected) -> None:
        info = CompanyInfo.get(REALM, qb=connected.client)
        preferences = Preferences.get(qb=connected.client)
        preferences.SalesFormsPrefs.CustomTxnNumbers = True
        saved = preferences.save(qb=connected.client)

        assert info.CompanyName == "Company 0002"
        assert saved.SalesFormsPrefs.CustomTxnNumbers is True

    def test_hears_the_vendors_refusals(self, connected: Connected) -> None:
        customer(connected, "Jane")
        with pytest.raises(QuickbooksException) as taken:
            customer(connected, "jane")
        with pytest.raises(ValidationException) as unreadable:
            Customer.query("select * from Custmoer", qb=connected.client)
        with pytest.raises(ObjectNotFoundException) as unknown:
            Customer.get(77, qb=connected.client)
        connected.switch("per_minute", 1)
        with pytest.raises(ValidationException) as throttled:
            Customer.all(qb=connected.client)

        assert [error.value.error_code for error in (taken, unreadable, unknown, throttled)] == [6240, 4001, 610, 3001]


class TestPythonQuickBooksOnDocuments:
    def test_pays_changes_voids_and_deletes(self, connected: Connected) -> None:
        client, buyer, item = connected.client, customer(connected, "Buyer"), service(connected)
        bill = invoice(connected, buyer, item)
        first, second = payment(connected, buyer, (bill, 60), amount=70), payment(connected, buyer, (bill, 40), amount=40)
        paid = Invoice.get(bill.Id, qb=client)
        found = Payment.get(first.Id, qb=client)
        found.PrivateNote = "cash"
        changed = found.save(qb=client)
        changed.void(qb=client)
        Payment.get(second.Id, qb=client).delete(qb=client)
        voided, again = Payment.get(first.Id, qb=client), Invoice.get(bill.Id, qb=client)

        assert (paid.Balance, [each.TxnId for each in paid.LinkedTxn], first.UnappliedAmt) == (0, [first.Id, second.Id], 10.0)
        assert (changed.SyncToken, changed.UnappliedAmt) == ("1", 10.0)
        assert (voided.TotalAmt, voided.PrivateNote, again.Balance) == (0, "Voided - cash", 100.0)
        assert Payment.count(qb=client) == 1

    def test_saves_an_invoice_again_as_it_was_read(self, connected: Connected) -> None:
        bill = invoice(connected, customer(connected, "Buyer"), service(connected), Deposit=5)
        discount = DiscountLine()
        discount.DiscountLineDetail = DiscountLineDetail()
        discount.DiscountLineDetail.PercentBased, discount.DiscountLineDetail.DiscountPercent = True, 10
        bill.Line.append(discount)
        cheaper = bill.save(qb=connected.client)
        same = Invoice.get(bill.Id, qb=connected.client).save(qb=connected.client)

        assert (cheaper.TotalAmt, cheaper.Balance) == (90.0, 85.0)
        assert (same.TotalAmt, [line.Id for line in same.Line], same.SyncToken) == (90.0, [line.Id for line in cheaper.Line], "1")

    def test_credits(self, connected: Connected) -> None:
        buyer, item = customer(connected, "Buyer"), service(connected)
        bill, memo, line = invoice(connected, buyer, item), CreditMemo(), SalesItemLine()
        line.Amount, line.SalesItemLineDetail = 30, SalesItemLineDetail()
        memo.CustomerRef = buyer.to_ref()
        memo.Line.append(line)
        memo.save(qb=connected.client)
        payment(connected, buyer, (bill, 30), (memo, 30), amount=0)

        assert CreditMemo.get(memo.Id, qb=connected.client).RemainingCredit == 0
        assert Invoice.filter(DocNumber=bill.DocNumber, qb=connected.client)[0].Balance == 70.0

    def test_handles_payments_in_batches_and_by_change(self, connected: Connected) -> None:
        buyer = customer(connected, "Buyer")
        bill = invoice(connected, buyer, service(connected))
        new = []
        for amount in (10, 20):
            each = Payment()
            each.CustomerRef, each.TotalAmt = buyer.to_ref(), amount
            new.append(each)
        made = batch_create(new, qb=connected.client)
        since = (datetime.now().astimezone() - timedelta(hours=1)).isoformat(timespec="seconds")
        changes = change_data_capture([Payment, Invoice], since, qb=connected.client)

        assert sorted(each.UnappliedAmt for each in made.successes) == [10.0, 20.0]
        assert (len(changes.Payment), [each.Id for each in changes.Invoice]) == (2, [bill.Id])
        assert [each.Id for each in TaxCode.all(qb=connected.client, order_by="Id")] == ["2", "3", "TAX", "NON"]
