"""TLS in front of the web server: nginx as docs/deploy has it where there is one, else a small terminator that says the same of a caller.

Owns the certificate, which is made anew each time and signed by itself.
"""

from __future__ import annotations

import contextlib
import http.client
import http.server
import os
import shutil
import ssl
import subprocess
import threading
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests.architecture import tree

NAME = "sync.example.com"
STOP_SECONDS = 10
_OF_THE_CONNECTION = {"connection", "keep-alive", "transfer-encoding", "x-forwarded-for", "x-forwarded-proto", "x-forwarded-host"}


def certificate(folder: Path) -> tuple[Path, Path]:
    """Make a certificate for the name and for this machine, good for a day, and tell where it and its key lie."""
    key = ec.generate_private_key(ec.SECP256R1())
    whose = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, NAME)])
    names = x509.SubjectAlternativeName([x509.DNSName(NAME), x509.IPAddress(ip_address("127.0.0.1"))])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder().subject_name(whose).issuer_name(whose).public_key(key.public_key())
        .serial_number(x509.random_serial_number()).not_valid_before(now - timedelta(hours=1)).not_valid_after(now + timedelta(days=1))
        .add_extension(names, critical=False).add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    chain, private = folder / "fullchain.pem", folder / "key.pem"
    chain.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    private.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return chain, private


class Nginx:
    """nginx with docs/deploy/nginx.conf, but for its ports and paths."""

    def __init__(self, *, program: str, folder: Path, chain: Path, key: Path, port: int, web_port: int) -> None:
        site = (tree.ROOT / "docs" / "deploy" / "nginx.conf").read_text(encoding="utf-8")
        for before, after in (
            ("listen 443 ssl", f"listen 127.0.0.1:{port} ssl"), ("listen 80;", f"listen 127.0.0.1:{port + 1};"),
            ("/etc/ssl/syncapp/fullchain.pem", str(chain)), ("/etc/ssl/syncapp/key.pem", str(key)),
            ("127.0.0.1:8000", f"127.0.0.1:{web_port}"), ("/var/log/nginx/syncapp.log", str(folder / "nginx-access.log")),
        ):
            assert before in site, before
            site = site.replace(before, after)
        places = "".join(f"{kind}_temp_path {folder}/{kind};\n" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
        file = folder / "nginx.conf"
        user = "user root;\n" if os.geteuid() == 0 else ""
        file.write_text(
            f"{user}daemon off;\npid {folder}/nginx.pid;\nerror_log {folder}/nginx.log;\nevents {{}}\nhttp {{\n{places}{site}}}\n",
            encoding="utf-8",
        )
        self._process = subprocess.Popen([program, "-p", str(folder), "-e", str(folder / "nginx.log"), "-c", str(file)])
        self.words = "nginx with docs/deploy/nginx.conf"

    def stop(self) -> None:
        """End it."""
        self._process.terminate()
        self._process.wait(timeout=STOP_SECONDS)


class Terminator:
    """A server that ends TLS and hands each request on, with what it knows of the caller in place of what the caller says."""

    def __init__(self, *, chain: Path, key: Path, port: int, web_port: int) -> None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(chain, key)
        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", port), _handler(web_port))
        self._server.socket = context.wrap_socket(self._server.socket, server_side=True)
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        self.words = "a small terminator, since there is no nginx here"

    def stop(self) -> None:
        """End it."""
        self._server.shutdown()
        self._server.server_close()


def terminated(*, folder: Path, port: int, web_port: int) -> tuple[Nginx | Terminator, Path]:
    """End TLS at the port by what there is, and tell which certificate to believe."""
    chain, key = certificate(folder)
    program = os.environ.get("NGINX_PATH") or shutil.which("nginx")
    if program:
        return Nginx(program=program, folder=folder, chain=chain, key=key, port=port, web_port=web_port), chain
    return Terminator(chain=chain, key=key, port=port, web_port=web_port), chain


def _handler(web_port: int) -> type[http.server.BaseHTTPRequestHandler]:
    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            told = {name: value for name, value in self.headers.items() if name.lower() not in _OF_THE_CONNECTION}
            behind = http.client.HTTPConnection("127.0.0.1", web_port, timeout=60)
            with contextlib.closing(behind):
                further = {**told, "X-Forwarded-For": self.client_address[0], "X-Forwarded-Proto": "https"}
                behind.request(self.command, self.path, body=body or None, headers=further)
                answer = behind.getresponse()
                content = answer.read()
            self.send_response_only(answer.status)
            for name, value in answer.getheaders():
                if name.lower() not in {*_OF_THE_CONNECTION, "content-length"}:
                    self.send_header(name, value)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(content)

        do_POST = do_HEAD = do_GET

        def log_message(self, *arguments: object) -> None:
            """Say nothing."""

    return Handler
