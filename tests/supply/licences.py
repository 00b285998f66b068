"""The licences of the packages that this program runs with, as `docs/licences.md` tells them.

    python -m tests.supply.licences             tells whether the document is as it should be
    python -m tests.supply.licences --update    writes it anew, from the packages that are installed

Owns how a package's licence is found out, and which licences ask for something to be given on.
"""

from __future__ import annotations

import re
import sys
from importlib import metadata
from pathlib import Path

from syncapp.management.quality import locks
from tests.architecture import tree

DOCUMENT = tree.ROOT / "docs" / "licences.md"
LONGEST = 40
BY_CLASSIFIER = {
    "Apache Software License": "Apache-2.0", "BSD License": "BSD-3-Clause", "MIT License": "MIT", "The Unlicense (Unlicense)": "Unlicense",
}
COPYLEFT = re.compile(r"\b(A?GPL|LGPL|MPL|EPL|EUPL|CDDL|OSL)\b", re.IGNORECASE)
HEAD = """# Licences

The packages of `requirements.lock`, which run in every installation, with what they say of their licences. Written by
`python -m tests.supply.licences --update`; a test compares it with the lock.

{copyleft}

| Package | Version | Licence |
|---|---|---|
"""
MEANING = {
    "LGPL": (
        "the library itself stays free: whoever gives this program on to others gives its licence on with it, does not keep them from"
        " exchanging the library for another version, and gives the source of the library if it was changed. It is used here as it"
        " comes, as a package of its own, so nothing of this program falls under it. Running it asks for nothing."
    ),
    "MPL": (
        "files of the package that are changed and given on stay free, with their source. It is used here as it comes, so it asks for"
        " no more than that its licence goes with it."
    ),
}


def licence(name: str) -> str:
    """Find out the licence of an installed package."""
    found = metadata.metadata(name)
    short = found.get("License-Expression") or found.get("License") or ""
    if short and len(short) < LONGEST:
        return "MIT" if short == "MIT License" else short
    told = [one.rpartition("::")[2].strip() for one in found.get_all("Classifier") or [] if one.startswith("License ::")]
    return " AND ".join(BY_CLASSIFIER.get(one, one) for one in told)


def listed() -> dict[str, tuple[str, str]]:
    """What the document says: version and licence of each package."""
    text = DOCUMENT.read_text(encoding="utf-8") if DOCUMENT.exists() else ""
    return {name: (version, said) for name, version, said in re.findall(r"^\| ([\w.-]+) \| (\d\S*) \| (.+?) \|$", text, flags=re.MULTILINE)}


def written() -> str:
    """The document as it should be. A package that no machine of this kind installs keeps what was said of it."""
    known = listed()
    lines = {}
    for pin in locks.pins(file=tree.ROOT / locks.RUNTIME):
        try:
            said = licence(pin.name)
        except metadata.PackageNotFoundError:
            said = known.get(pin.name, ("", ""))[1]
        lines[pin.name] = (pin.version, said)
    table = "".join(f"| {name} | {version} | {said} |\n" for name, (version, said) in sorted(lines.items()))
    return HEAD.format(copyleft=_copyleft({name: said for name, (_, said) in lines.items()})) + table


def _copyleft(found: dict[str, str]) -> str:
    """Name the packages that ask for something to be given on, and what that means here."""
    kinds: dict[str, list[str]] = {}
    for name, said in sorted(found.items()):
        if asked := COPYLEFT.search(said):
            kinds.setdefault(asked[1].upper(), []).append(name)
    told = [f"- **{', '.join(names)}** ({kind}): {MEANING[kind]}" for kind, names in sorted(kinds.items())]
    return "All of them may be used and given on freely, within a company and beyond. These ask for a little more:\n\n" + "\n".join(told)


if __name__ == "__main__":
    wanted = written()
    if "--update" in sys.argv:
        Path(DOCUMENT).write_text(wanted, encoding="utf-8")
    same = DOCUMENT.exists() and DOCUMENT.read_text(encoding="utf-8") == wanted
    sys.stdout.write("docs/licences.md is as it should be.\n" if same else "docs/licences.md is out of date: --update writes it.\n")
    sys.exit(not same)
