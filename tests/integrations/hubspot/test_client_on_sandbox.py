"""The client against the sandbox over HTTP: sign-in, records in bulk, and what goes wrong on the way."""

from __future__ import annotations

import datetime
import urllib.error
import urllib.parse
import urllib.request
from typing import Any

import pytest

from integrations import errors, oauth, paging
from integrations.hubspot import client as hubspot_client
from integrations.hubspot import environments

RETURN = "http://127.0.0.1:9/callback"


def entry(trace_id: str, id_: str = "", /, **properties: str) -> hubspot_client.Input:
    return hubspot_client.Input(trace_id=trace_id, properties=properties, id=id_)


def make_unique(client: hubspot_client.Client, name: str) -> None:
    client.create_group(object_type="contacts", name="ours", label="Ours")
    client.create_property(object_type="contacts", name=name, label=name, group="ours", type="string", field_type="text", unique=True)


class Consent(urllib.request.HTTPRedirectHandler):
    """A browser that stops at the way back to us."""

    def redirect_request(self, req: Any, fp: Any, code: int, msg: str, headers: Any, newurl: str) -> None:
        return None


def consent(url: str, account: object) -> str:
    """Press the button on the consent page and return the address the browser is sent to."""
    address, _, query = url.partition("?")
    form = f"{query}&decision=allow&account={account}".encode()
    opener = urllib.request.build_opener(Consent)
    try:
        with opener.open(urllib.request.Request(address, form, method="POST"), timeout=10) as response:
            raise AssertionError(f"no redirect but {response.status}")
    except urllib.error.HTTPError as answer:
        with answer:
            return str(answer.headers["Location"])


class TestSignIn:
    def test_goes_from_consent_to_a_first_call_and_ends_with_a_revocation(self, sandbox: Any, make_client: Any) -> None:
        minted = sandbox.control("tokens", {"scopes": None, "limits": None})
        app = oauth.Client(client_id=minted["client_id"], client_secret=minted["client_secret"])
        provider = environments.provider(environment="LOCAL_SANDBOX", local_url=sandbox.url)
        proof = oauth.proof_key(random_bytes=lambda count: b"\x05" * count)

        url = oauth.authorize_url(provider=provider, client=app, redirect_uri=RETURN, state="s-1", code_challenge=proof.challenge)
        query = urllib.parse.parse_qs(urllib.parse.urlsplit(consent(url, minted["portal_id"])).query)
        assert query["state"] == ["s-1"]
        tokens = oauth.fetch(provider=provider, client=app, code=query["code"][0], redirect_uri=RETURN, verifier=proof.verifier)
        account = make_client(sandbox.url, tokens.access_token).account()

        assert tokens.account_id == account.portal_id == str(minted["portal_id"])
        assert set(environments.SCOPES) <= set(tokens.scopes)
        assert tokens.refresh_token is not None
        renewed = oauth.refresh(provider=provider, client=app, refresh_token=tokens.refresh_token)
        assert renewed.access_token != tokens.access_token
        oauth.revoke(provider=provider, client=app, token=tokens.refresh_token)
        with pytest.raises(errors.NeedsReconnect):
            oauth.refresh(provider=provider, client=app, refresh_token=tokens.refresh_token)

    def test_refuses_a_wrong_verifier(self, sandbox: Any) -> None:
        minted = sandbox.control("tokens", {"scopes": None, "limits": None})
        app = oauth.Client(client_id=minted["client_id"], client_secret=minted["client_secret"])
        provider = environments.provider(environment="LOCAL_SANDBOX", local_url=sandbox.url)
        url = oauth.authorize_url(provider=provider, client=app, redirect_uri=RETURN, state="s", code_challenge="x" * 43)
        code = urllib.parse.parse_qs(urllib.parse.urlsplit(consent(url, minted["portal_id"])).query)["code"][0]

        with pytest.raises(errors.ApiError):
            oauth.fetch(provider=provider, client=app, code=code, redirect_uri=RETURN, verifier="y" * 43)

    def test_blames_the_settings_for_a_wrong_secret(self, sandbox: Any) -> None:
        minted = sandbox.control("tokens", {"scopes": None, "limits": None})
        provider = environments.provider(environment="LOCAL_SANDBOX", local_url=sandbox.url)

        with pytest.raises(errors.Misconfigured):
            wrong = oauth.Client(client_id=minted["client_id"], client_secret="wrong")
            oauth.refresh(provider=provider, client=wrong, refresh_token=minted["refresh_token"])


class TestSetup:
    def test_lists_owners_and_properties(self, client: hubspot_client.Client) -> None:
        assert all(owner.id for owner in client.owners())
        assert {"email", "firstname"} <= {one.name for one in client.properties(object_type="contacts")}

    def test_makes_a_unique_property_once(self, client: hubspot_client.Client) -> None:
        make_unique(client, "our_key")

        found = {one.name: one for one in client.properties(object_type="contacts")}["our_key"]
        assert found.unique and found.group == "ours"
        with pytest.raises(errors.AlreadyExists):
            client.create_property(
                object_type="contacts", name="our_key", label="x", group="ours", type="string", field_type="text"
            )
        with pytest.raises(errors.AlreadyExists):
            client.create_group(object_type="contacts", name="ours", label="Ours")


class TestRecordsInBulk:
    def test_are_created_each_by_itself(self, sandbox: Any, client: hubspot_client.Client) -> None:
        taken = str(sandbox.edit(type="contacts", create={"email": "taken@x.pl"})["id"])

        result = client.batch_create(
            object_type="contacts",
            inputs=[entry("good", email="new@x.pl"), entry("taken", email="taken@x.pl"), entry("odd", unicorn="1")],
        )

        assert [one.trace_id for one in result.results] == ["good"]
        blamed = {trace: one.error for one in result.errors for trace in one.trace_ids}
        assert isinstance(blamed["taken"], errors.AlreadyExists) and blamed["taken"].existing_id == taken
        assert isinstance(blamed["odd"], errors.Rejected) and blamed["odd"].field == "unicorn"

    def test_are_listed_page_by_page(self, sandbox: Any, client: hubspot_client.Client) -> None:
        sandbox.control("generate", {"contacts": 120, "random_seed": 3})

        pages = paging.pages(
            system="HubSpot",
            operation="list",
            fetch=lambda after: client.list_page(object_type="contacts", properties=["email"], after=after, limit=50),
        )

        assert [len(page.entries) for page in pages] == [50, 50, 20]

    def test_are_upserted_by_a_unique_property(self, client: hubspot_client.Client) -> None:
        make_unique(client, "our_key")
        write = hubspot_client.Input(trace_id="t", properties={"email": "a@x.pl"}, id="k-1", id_property="our_key")

        first = client.batch_upsert(object_type="contacts", inputs=[write]).results[0]
        second = client.batch_upsert(object_type="contacts", inputs=[write]).results[0]

        assert (first.new, second.new) == (True, False)
        assert first.id == second.id
        found = client.batch_read(object_type="contacts", ids=["k-1"], properties=["email", "our_key"], id_property="our_key")
        assert found.results[0].properties["our_key"] == "k-1"

    def test_are_read_with_their_history(self, sandbox: Any, client: hubspot_client.Client) -> None:
        one = str(sandbox.edit(type="contacts", create={"email": "a@x.pl", "lastname": "Old"})["id"])
        client.batch_update(object_type="contacts", inputs=[entry("t", one, lastname="New")])

        found = client.batch_read(object_type="contacts", ids=[one], properties=["lastname"], history=["lastname"]).results[0]

        assert [past.value for past in found.history["lastname"]] == ["New", "Old"]

    def test_are_archived(self, sandbox: Any, client: hubspot_client.Client) -> None:
        one = str(sandbox.edit(type="contacts", create={"email": "a@x.pl"})["id"])

        client.batch_archive(object_type="contacts", ids=[one, "99999999999"])

        result = client.batch_read(object_type="contacts", ids=[one], properties=["email"])
        assert result.results == () and isinstance(result.errors[0].error, errors.Gone)
        assert client.batch_read(object_type="contacts", ids=[one], properties=["email"], archived=True).results[0].archived

    def test_are_merged(self, sandbox: Any, client: hubspot_client.Client) -> None:
        one, two = (str(sandbox.edit(type="contacts", create={"email": email})["id"]) for email in ("a@x.pl", "b@x.pl"))

        survivor = client.merge(object_type="contacts", primary_id=one, other_id=two)

        assert client.read(object_type="contacts", object_id=two, properties=["email"]).id == survivor.id


class TestOneRecord:
    def test_is_read_by_its_address(self, sandbox: Any, client: hubspot_client.Client) -> None:
        one = str(sandbox.edit(type="contacts", create={"email": "a@x.pl"})["id"])

        assert client.read(object_type="contacts", object_id="a@x.pl", properties=["email"], id_property="email").id == one

    @pytest.mark.parametrize("asked", ["99999999999", "not-a-number"])
    def test_is_gone_when_there_is_none(self, client: hubspot_client.Client, asked: str) -> None:
        with pytest.raises(errors.Gone):
            client.read(object_type="contacts", object_id=asked, properties=["email"])


class TestAssociations:
    def test_are_made_and_read_from_both_ends(self, sandbox: Any, client: hubspot_client.Client) -> None:
        contact = str(sandbox.edit(type="contacts", create={"email": "a@x.pl"})["id"])
        other = str(sandbox.edit(type="contacts", create={"email": "b@x.pl"})["id"])
        company = str(sandbox.edit(type="companies", create={"name": "First"})["id"])

        client.associate(from_type="contacts", from_id=contact, to_type="companies", to_id=company)

        there = client.associated_ids(from_type="contacts", to_type="companies", ids=[contact, other])
        back = client.associated_ids(from_type="companies", to_type="contacts", ids=[company])
        assert (there, back) == ({contact: (company,)}, {company: (contact,)})


class TestASearch:
    def test_goes_through_many_records_of_one_time(self, sandbox: Any, client: hubspot_client.Client) -> None:
        sandbox.control("generate", {"contacts": 300, "random_seed": 3})
        since = datetime.datetime(2000, 1, 1, tzinfo=datetime.UTC)
        until = datetime.datetime(2100, 1, 1, tzinfo=datetime.UTC)
        seen: list[str] = []
        last_id = "0"

        while True:
            page = client.search_ids(object_type="contacts", since=since, until=until, last_id=last_id, limit=70)
            if not page.ids:
                break
            seen += page.ids
            last_id = page.last_id

        assert len(seen) == len(set(seen)) == 300


class TestTrouble:
    @pytest.mark.parametrize("fault", ["status", "drop_before", "malformed", "html", "truncate"])
    def test_that_passes_is_not_noticed_by_a_read(self, sandbox: Any, client: hubspot_client.Client, fault: str) -> None:
        sandbox.breaks(fault, "account-info", times=2, status=503)

        assert client.account().portal_id

    def test_of_a_write_is_never_answered_by_sending_again(self, sandbox: Any, client: hubspot_client.Client) -> None:
        sandbox.breaks("drop_after_commit", "batch/create")

        with pytest.raises(errors.OutcomeUnknown):
            client.batch_create(object_type="contacts", inputs=[entry("t", email="a@x.pl")])

        assert client.read(object_type="contacts", object_id="a@x.pl", properties=[], id_property="email").id

    def test_with_a_token_asks_for_another_one(self, sandbox: Any, client: hubspot_client.Client) -> None:
        sandbox.breaks("token_expired", "account-info")

        assert client.account().portal_id

    def test_with_scopes_names_them(self, sandbox: Any, make_client: Any) -> None:
        limited = make_client(sandbox.url, sandbox.token(["oauth"]))

        with pytest.raises(errors.MissingScopes) as caught:
            limited.list_page(object_type="contacts", properties=["email"])

        assert "crm.objects.contacts.read" in caught.value.scopes

    def test_with_limits_is_waited_for(self, sandbox: Any, make_client: Any) -> None:
        limits = {"burst": 2, "burst_seconds": 1, "search_per_second": 1, "daily": 1000}
        token = sandbox.control("tokens", {"scopes": None, "limits": limits})["access_token"]
        blocked: list[tuple[float, str]] = []

        class Noting:
            def acquire(self, call: Any) -> None:
                return None

            def report(self, call: Any, answer: Any) -> None:
                return None

            def blocked(self, call: Any, seconds: float, policy: str) -> None:
                blocked.append((seconds, policy))

        client = make_client(sandbox.url, token, limiter=Noting())

        with pytest.raises(errors.RateLimited):
            for _ in range(10):
                client.account()

        assert blocked and blocked[0][1] == "TEN_SECONDLY_ROLLING"
