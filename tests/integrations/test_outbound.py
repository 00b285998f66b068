"""Nothing a vendor answers, nothing in our settings and nothing in the environment leads a call somewhere else."""

from __future__ import annotations

import datetime
import gzip
import ipaddress
import ssl
import threading
from collections.abc import Iterator
from http import server as http_server
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from integrations import errors, http, oauth, outbound
from integrations.hubspot import environments
from tests.integrations.conftest import ScriptedServer
from tests.integrations.hubspot import sandboxed
from tests.integrations.test_http import READ, WRITE, Sender
from tests.integrations.test_oauth import CLIENT, RETURN, basic_provider, form_provider


@pytest.fixture
def elsewhere() -> Iterator[ScriptedServer]:
    """A second server, which nobody has a reason to call."""
    server = ScriptedServer()
    server.says()
    yield server
    server.close()


class TestRedirects:
    @pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
    @pytest.mark.parametrize("call", [READ, WRITE], ids=["read", "write"])
    def test_of_a_call_are_not_followed(self, call: http.Call, status: int, scripted: Any, elsewhere: ScriptedServer) -> None:
        scripted.says(status, headers={"Location": f"{elsewhere.url}/stolen"})

        with pytest.raises(errors.ApiError):
            Sender(scripted).send(call)

        assert elsewhere.heard == []

    @pytest.mark.parametrize("provider", [form_provider, basic_provider])
    @pytest.mark.parametrize("status", [302, 307, 308])
    def test_of_a_sign_in_are_not_followed(self, provider: Any, status: int, scripted: Any, elsewhere: ScriptedServer) -> None:
        scripted.says(status, headers={"Location": f"{elsewhere.url}/stolen"})
        own = provider(scripted.url)

        for ask in (
            lambda: oauth.fetch(provider=own, client=CLIENT, code="c", redirect_uri=RETURN),
            lambda: oauth.refresh(provider=own, client=CLIENT, refresh_token="r"),
            lambda: oauth.revoke(provider=own, client=CLIENT, token="r"),
        ):
            with pytest.raises(errors.ApiError):
                ask()

        assert elsewhere.heard == []


class TestAddresses:
    @pytest.mark.parametrize(
        "url",
        [
            "http://169.254.169.254/", "http://localhost:8801", "https://api.hubapi.com.evil:80", "https://api.hubapi.com@evil",
            "file:///etc/passwd", "http://[::ffff:127.0.0.1]:8801", "http://2130706433:8801", "http://127.0.0.1.:8801", "http://0177.0.0.1:80",
        ],
    )
    def test_of_anybody_else_are_refused_when_a_call_is_to_be_made(self, url: str) -> None:
        with pytest.raises(errors.Misconfigured):
            environments.provider(environment="LOCAL_SANDBOX", local_url=url)

    def test_in_an_answer_are_not_called(self, scripted: Any, elsewhere: ScriptedServer) -> None:
        more = {"results": [], "paging": {"next": {"after": "52", "link": f"{elsewhere.url}/stolen?after=52"}}}
        scripted.says(body=more, headers={"Location": elsewhere.url, "Link": f"<{elsewhere.url}>; rel=next"})
        scripted.says(body={"results": []})
        client = sandboxed.connected(scripted.url, "token")

        page = client.list_page(object_type="contacts", properties=["email"])
        client.list_page(object_type="contacts", properties=["email"], after=page.after or "")

        assert elsewhere.heard == []
        assert scripted.heard[1].query["after"] == ["52"]


class TestIds:
    @pytest.mark.parametrize(
        "identity", ["", ".", "..", "../1", "1/../2", "%2e%2e", "%2f", "1?x=y", "1#", "-1", "1 ", "٣", "1\n", "x' OR '1'='1"]
    )
    def test_that_are_no_digits_are_refused(self, identity: str, scripted: Any) -> None:
        client = sandboxed.connected(scripted.url, "token")

        with pytest.raises(ValueError, match="digits"):
            http.identity(identity)
        with pytest.raises(errors.Gone):
            client.read(object_type="contacts", object_id=identity, properties=["email"])
        with pytest.raises(ValueError, match="digits"):
            client.associate(from_type="contacts", from_id="1", to_type="companies", to_id=identity)
        assert scripted.heard == []

    @pytest.mark.parametrize("part", ["", ".", ".."])
    def test_and_names_lead_to_no_other_place(self, part: str) -> None:
        with pytest.raises(ValueError, match="cannot be a part"):
            http.segment(part)

    def test_and_names_are_escaped(self) -> None:
        assert http.segment("a/../b?c#d%2f") == "a%2F..%2Fb%3Fc%23d%252f"


class TestBounds:
    def test_hold_for_what_a_small_answer_grows_to(self, scripted: Any, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(http, "MAX_BYTES", 100_000)
        bomb = gzip.compress(b"[" + b" " * 5_000_000 + b"]")
        scripted.says(raw=bomb, headers={"Content-Encoding": "gzip", "Content-Type": "application/json"})

        with pytest.raises(errors.Transient, match="larger than"):
            Sender(scripted).send(READ)

        assert len(bomb) < 100_000


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate for this machine that it signed itself, with its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.datetime.now(datetime.UTC)
    made = (
        x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
        .serial_number(1).not_valid_before(now - datetime.timedelta(days=1)).not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False)
        .sign(key, hashes.SHA256())
    )
    file = tmp_path_factory.mktemp("certificate") / "own.pem"
    plain = serialization.NoEncryption()
    file.write_bytes(
        made.public_bytes(serialization.Encoding.PEM)
        + key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain)
    )
    return file


@pytest.fixture
def self_signed(certificate: Path) -> Iterator[tuple[str, list[str]]]:
    """A server with that certificate, and what it heard."""
    heard: list[str] = []

    class Handler(http_server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            heard.append(self.path)
            self.send_response(200)
            self.send_header("Content-Length", "2")
            self.end_headers()
            self.wfile.write(b"{}")

        def log_message(self, format: str, *args: object) -> None:
            """Quiet."""

    server = http_server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    yield f"https://127.0.0.1:{server.server_port}", heard
    server.shutdown()
    server.server_close()


class TestCertificates:
    @pytest.mark.parametrize(
        "environment",
        [
            {}, {"CURL_CA_BUNDLE": ""}, {"REQUESTS_CA_BUNDLE": ""}, {"PYTHONHTTPSVERIFY": "0"}, {"SSL_NO_VERIFY": "1"},
            {"REQUESTS_VERIFY": "0", "HUBSPOT_VERIFY": "false", "VERIFY": "0"},
        ],
    )
    def test_that_nobody_vouches_for_are_refused_whatever_the_environment_says(
        self, environment: dict[str, str], self_signed: tuple[str, list[str]], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        for name, value in environment.items():
            monkeypatch.setenv(name, value)
        url, heard = self_signed

        with pytest.raises(errors.Transient):
            Sender(url).send(READ)

        assert heard == []

    @pytest.mark.parametrize("name", ["REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"])
    def test_of_an_own_authority_are_believed_where_the_machine_names_it(
        self, name: str, certificate: Path, self_signed: tuple[str, list[str]], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        for other in ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"):
            monkeypatch.delenv(other, raising=False)
        monkeypatch.setenv(name, str(certificate))
        url, heard = self_signed

        assert Sender(url).send(READ).status == 200
        assert heard == ["/contacts/51"]


class TestProxy:
    @pytest.fixture(autouse=True)
    def proxy(self, elsewhere: ScriptedServer, monkeypatch: pytest.MonkeyPatch) -> ScriptedServer:
        """A proxy that the environment names for every address, that of this machine included."""
        for name in ("no_proxy", "NO_PROXY"):
            monkeypatch.delenv(name, raising=False)
        for name in ("http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
            monkeypatch.setenv(name, elsewhere.url)
        monkeypatch.setattr(outbound.Direct, "takes_proxies", False)
        return elsewhere

    def test_of_the_environment_is_not_taken(self, scripted: Any, proxy: ScriptedServer) -> None:
        scripted.says()
        scripted.says(body={"access_token": "a", "refresh_token": "r", "expires_in": 1800})

        Sender(scripted).send(READ)
        oauth.refresh(provider=form_provider(scripted.url), client=CLIENT, refresh_token="r")

        assert (len(scripted.heard), proxy.heard) == (2, [])

    def test_of_the_environment_is_taken_where_the_set_up_allows_it(self, scripted: Any, proxy: ScriptedServer) -> None:
        outbound.allow_proxies(allowed=True)

        Sender(scripted).send(READ)

        assert (scripted.heard, len(proxy.heard)) == ([], 1)
