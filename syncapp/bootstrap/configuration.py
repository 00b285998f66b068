"""Choose the settings, and make the secrets that a first start needs.

Owns which settings module a command runs under, the `.env` that `serve` writes for a newcomer, and the demo's own environment
in `var/demo/` (`demo --once` begins afresh each time, in `var/demo-once/`). No secret is ever a constant: each is made by the
machine it is used on. Standard library only.
"""

from __future__ import annotations

import base64
import os
import re
import secrets
import shutil
import socket
import sys
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlsplit

ROOT = Path(__file__).resolve().parent.parent.parent
MODULE = "DJANGO_SETTINGS_MODULE"
ENV_FILE = "SYNCAPP_ENV_FILE"
LOCAL = "settings.local"
SECRETS = ("SECRET_KEY", "CREDENTIAL_KEYS")
DEMO_APPS = ("HUBSPOT_CLIENT_ID", "HUBSPOT_CLIENT_SECRET", "QUICKBOOKS_CLIENT_ID", "QUICKBOOKS_CLIENT_SECRET")
_LINE = re.compile(r"^(?:export )?([A-Za-z_0-9]+)=(.*)$")


def prepare(*, command: str) -> None:
    """Set the environment variables that the command's settings read."""
    if command in ("test", "simulate"):
        os.environ[MODULE] = "settings.test"
    elif command == "demo":
        once = "--once" in sys.argv
        folder = ROOT / "var" / ("demo-once" if once else "demo")
        if once:
            shutil.rmtree(folder, ignore_errors=True)
        _prepare_demo(folder)
    elif command == "sandbox":
        os.environ.setdefault(MODULE, LOCAL)
        for name in SECRETS:
            os.environ.setdefault(name, _generate(name))  # it keeps nothing of ours, so they need not outlive it
    else:
        file = Path(os.environ.get(ENV_FILE) or ROOT / ".env")
        os.environ.setdefault(MODULE, read(file).get(MODULE) or LOCAL)
        if command == "serve" and os.environ[MODULE] == LOCAL:
            complete(file, environ=os.environ)


def read(file: Path) -> dict[str, str]:
    """Return the variables of an environment file; none where there is no file."""
    if not file.exists():
        return {}
    found = (_LINE.match(line) for line in file.read_text(encoding="utf-8").splitlines())
    return {match[1]: match[2].strip().strip("'\"") for match in found if match}


def complete(file: Path, *, environ: Mapping[str, str]) -> None:
    """Write the secrets that neither the environment nor the file has into the file, readable by its owner only, and say so."""
    present = {**read(file), **environ}
    missing = [name for name in SECRETS if not present.get(name) and not present.get(f"{name}_FILE")]
    if not missing:
        return
    is_new = not file.exists()
    template = ROOT / ".env.example" if is_new else file
    _write(file, lines=template.read_text(encoding="utf-8").splitlines(), values={name: _generate(name) for name in missing})
    _announce(file, missing=missing, is_new=is_new)


def _announce(file: Path, *, missing: list[str], is_new: bool) -> None:
    sys.stderr.write(
        "\n" + "=" * 88 + "\n"
        f"  {'Created' if is_new else 'Completed'} {file} with a new {' and '.join(missing)}.\n"
        "  Keep a copy of this file somewhere safe: without CREDENTIAL_KEYS nobody, you included, can read\n"
        "  the stored HubSpot and QuickBooks tokens, and both accounts have to be connected again.\n"
        "  The same file takes the client ids and secrets of your HubSpot and QuickBooks apps.\n" + "=" * 88 + "\n\n"
    )
    sys.stderr.flush()


def _generate(name: str) -> str:
    """Return a new value for a secret."""
    if name == "CREDENTIAL_KEYS":
        return f"key-{secrets.token_hex(3)}:{base64.b64encode(secrets.token_bytes(32)).decode('ascii')}"
    return secrets.token_urlsafe(50)


def _write(file: Path, *, lines: list[str], values: Mapping[str, str]) -> None:
    """Write the file with the values in place of the lines that name them, in one step, so that it is never half there."""
    left = dict(values)
    written = []
    for line in lines:
        match = _LINE.match(line)
        written.append(f"{match[1]}={left.pop(match[1])}" if match and match[1] in left else line)
    written += [f"{name}={value}" for name, value in left.items()]
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = file.with_name(f"{file.name}.{os.getpid()}.new")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as output:
        output.write("\n".join(written) + "\n")
    draft.replace(file)


def _prepare_demo(folder: Path) -> None:
    """Give the demo an environment of its own: nothing of a real installation reaches it, and it leaves nothing in one."""
    file = folder / "env"
    before = read(file)
    values = {name: before.get(name) or _generate(name) for name in SECRETS}
    # The apps that an earlier start had the sandbox make: without them its tokens could not be renewed.
    values |= {name: before[name] for name in DEMO_APPS if before.get(name)}
    taken: set[int] = set()
    values |= {
        "VAR_DIR": str(folder),
        "DATABASE_URL": f"sqlite:///{folder / 'demo.sqlite3'}",
        "ALLOWED_HOSTS": "127.0.0.1,localhost",
        "PUBLIC_URL": _address("PUBLIC_URL", port=8000, taken=taken),
        "LOCAL_SANDBOX_HUBSPOT_URL": _address("LOCAL_SANDBOX_HUBSPOT_URL", port=8801, taken=taken),
        "LOCAL_SANDBOX_QUICKBOOKS_URL": _address("LOCAL_SANDBOX_QUICKBOOKS_URL", port=8802, taken=taken),
    }
    _write(file, lines=["# Written by `manage.py demo`, each time anew."], values=values)
    for name in read(ROOT / ".env.example"):
        os.environ.pop(name, None)
        os.environ.pop(f"{name}_FILE", None)
    os.environ.update(values)
    os.environ[ENV_FILE] = str(file)
    os.environ[MODULE] = LOCAL


def _address(name: str, *, port: int, taken: set[int]) -> str:
    """Return an address on this machine whose port is free: the one asked for in the environment, else the usual one or the next."""
    wanted = urlsplit(os.environ.get(name, ""))
    if wanted.scheme == "http" and wanted.hostname == "127.0.0.1" and wanted.port:
        port = wanted.port
    while port in taken or not _is_free(port):
        port += 1
    taken.add(port)
    return f"http://127.0.0.1:{port}"


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) != 0
