"""Secrets that stand in the tree or in its history, found by detect-secrets.

    python -m tests.supply.secrets              what of the tree is not on the list of `secrets.toml`
    python -m tests.supply.secrets --history    the same of every line that was ever added

Owns which files are looked at. What looks like a secret and is none stands on the list, with the reason.
"""

from __future__ import annotations

import hashlib
import re
import subprocess
import sys
import tempfile
import tomllib
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from detect_secrets.core import scan
from detect_secrets.settings import default_settings

from tests.architecture import tree

LIST = tree.ROOT / "tests" / "supply" / "secrets.toml"
OURS = ("syncapp", "settings", "integrations", "tests", "docs", "fixtures", ".ci")
# Digests of packages, translations, and recorded worlds of the simulation: long, and made by programs from nothing secret.
LEFT_OUT = (".lock", ".po", ".mo", ".svg", ".pyc")
# Without one of these a line holds no secret: a word that announces one, a sign-in in an address, the head of a key, a long run with
# digits.
POSSIBLE = re.compile(
    r"key|pass|pwd|secret|token|auth|credential|://[^\s/]*:[^\s/]*@|BEGIN|\bA(?:P[\dA-F]|KC)\w{8}"
    r"|(?=[\w+/=.-]{16})[A-Za-z_+/=.-]*\d[\w+/=.-]*",
    re.IGNORECASE,
)
# A kind that detect-secrets does not know.
SERVICE_KEY = re.compile(r"\bpat-[a-z]{2}\d-[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b")


@dataclass(frozen=True, order=True)
class Find:
    """Something that looks like a secret. Its digest stands for it, so that no list repeats it."""

    file: str
    digest: str
    kind: str = ""
    line: int = 0


def known() -> dict[tuple[str, str], str]:
    """The list: reasons by file and digest."""
    listed = tomllib.loads(LIST.read_text(encoding="utf-8"))["known"]
    return {(one["file"], digest): one["reason"] for one in listed for digest in one["digests"]}


def files() -> list[Path]:
    """The files that are looked at: those of the root and all below our folders."""
    found = [file for file in tree.ROOT.iterdir() if file.is_file()]
    found += [file for name in OURS for file in (tree.ROOT / name).rglob("*") if file.is_file()]
    return sorted(file for file in found if file.suffix not in LEFT_OUT and file != LIST and file.name not in (".git", ".env"))


def in_tree() -> list[Find]:
    """Look at the files as they are."""
    return _found(
        (tree.place(file), number, line)
        for file in files() for number, line in enumerate(file.read_text(encoding="utf-8", errors="replace").splitlines(), start=1)
    )


def in_history() -> list[Find]:
    """Look at every line that any commit of what is checked out added, once."""
    lines = {line: file for file, line in _added() if not file.endswith(LEFT_OUT) and tree.ROOT / file != LIST}
    return _found((file, 0, line) for line, file in lines.items())


def _found(lines: Iterable[tuple[str, int, str]]) -> list[Find]:
    """Have detect-secrets look at the lines that could hold anything, those of files of one kind together: it reads each kind its way."""
    kinds: dict[str, list[tuple[str, int, str]]] = defaultdict(list)
    found = set()
    for file, number, line in lines:
        if POSSIBLE.search(line):
            kinds[Path(file).suffix].append((file, number, line))
        if key := SERVICE_KEY.search(line):
            found.add(Find(file=file, digest=_digest(key[0]), kind="HubSpot service key", line=number))
    with tempfile.TemporaryDirectory() as folder, default_settings():
        for kind, possible in kinds.items():
            gathered = Path(folder) / f"gathered{kind}"
            gathered.write_text("\n".join(line for _, _, line in possible), encoding="utf-8")
            for one in scan.scan_file(str(gathered)):
                file, number, _ = possible[one.line_number - 1]
                found.add(Find(file=file, digest=_digest(str(one.secret_value)), kind=one.type, line=number))
    return sorted(found)


def unknown(finds: Iterable[Find]) -> list[Find]:
    """Those that are not on the list. One that is listed for a file is known wherever it once stood."""
    digests = {digest for _, digest in known()}
    return [one for one in finds if one.digest not in digests]


def _added() -> Iterator[tuple[str, str]]:
    command = ["git", "log", "--patch", "--unified=0", "--no-color", "--no-ext-diff", "--text"]
    with subprocess.Popen(command, cwd=tree.ROOT, stdout=subprocess.PIPE, text=True, encoding="utf-8", errors="replace") as log:
        file = ""
        for line in log.stdout or ():
            if line.startswith("+++ "):
                file = line[4:].strip().removeprefix("b/")
            elif line.startswith("+"):
                yield file, line[1:].rstrip("\n")
    if log.returncode:
        sys.exit("git could not tell the history.")


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()[:16]


if __name__ == "__main__":
    strange = unknown(in_history() if "--history" in sys.argv else in_tree())
    for one in strange:
        sys.stdout.write(f"{one.file}:{one.line} {one.kind}, digest {one.digest}\n")
    sys.stdout.write(f"{len(strange)} unknown. A secret is revoked first, then removed; what is none goes onto the list in {LIST.name}.\n")
    sys.exit(bool(strange))
