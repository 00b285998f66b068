"""What people read goes through the catalogues: no module says it past the engine's wording.

Owns what counts as a text that people read: a sentence, or a label of several words that begins with a capital.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.architecture import tree
from tests.catalogues import CALLS

PLACES = (
    "syncapp/engine", "syncapp/connectors", "syncapp/selectors", "syncapp/services", "syncapp/models", "syncapp/admin", "syncapp/web",
)
# Fields bear the names that their vendor gives them, in whatever language somebody reads; there only sentences count.
VENDORS_LABELS = {
    "syncapp/connectors/hubspot_fields.py", "syncapp/connectors/hubspot_own.py", "syncapp/connectors/quickbooks_invoice_fields.py",
    "syncapp/connectors/quickbooks_lists.py", "syncapp/connectors/quickbooks_payments.py", "syncapp/connectors/quickbooks_values.py",
    "syncapp/services/deal_pairs.py",
}
# Texts that nobody reads on a page: written into a vendor's account or our tables, put to a vendor, compared, or told to developers only.
NOT_READ = {
    "syncapp/connectors/hubspot_own.py": {"Kept by the data sync with QuickBooks. What is typed here is overwritten."},
    "syncapp/connectors/hubspot_writing.py": {
        "Data sync", "Data sync key", "Set by the data sync on records it creates, so that none is created twice. Do not edit.",
    },
    "syncapp/connectors/quickbooks.py": {"QuickBooks Online"},
    "syncapp/engine/planning.py": {"A pair needs a record on one side at least."},
    "syncapp/engine/values.py": {"{} is not a stored value."},
    "syncapp/models/configs.py": {"Can start, preview, activate and stop a sync", "Can import files into a sync"},
    "syncapp/models/filters.py": {"Filter group"},
    "syncapp/models/pairs.py": {"Can export records", "Can see e-mail addresses, phone numbers and postal addresses"},
    "syncapp/models/runs.py": {"Can confirm what a brake stopped"},
    "syncapp/services/context.py": {"Run {} was ended."},
    "syncapp/services/entry_texts.py": {
        "Payment received", "Credit memo applied", "Credit memo issued", "Refund paid", "It was voided in QuickBooks and counts no more.",
        "Before, it was applied to {}.", "Credit memo {}: {} used", "It is not applied to any invoice now.", "Invoice {}: {} applied",
    },
    "syncapp/services/figures.py": {"No invoices", "Invoice {}"},
    "syncapp/services/imports.py": {"An import of values needs the mapping whose values they are."},
    "syncapp/services/invoice_pairs.py": {"HubSpot invoice {id}."},
    "syncapp/services/leases.py": {"The lease {} was taken over by another worker. This one stops; the other goes on."},
}
# Statements for the database, not sentences for people.
STATEMENTS = {"syncapp/services/audit_lock.py", "syncapp/services/statements.py"}
LOGS = {"debug", "info", "warning", "error", "exception"}


def spoken(file: Path) -> Iterator[tuple[int, str]]:
    """Yield the texts of a file that people read and the catalogues do not know, with their lines."""
    yield from _texts(tree.parsed(file))


def _texts(node: ast.AST) -> Iterator[tuple[int, str]]:
    text = _text(node)
    if text is not None and is_read(text):
        yield getattr(node, "lineno", 0), text
    for part in _parts(node):
        yield from _texts(part)


def _parts(node: ast.AST) -> list[ast.AST]:
    """What of a node is looked at: not what is wrapped, logged or documented."""
    if isinstance(node, ast.JoinedStr):
        return [part.value for part in node.values if isinstance(part, ast.FormattedValue)]
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
        return []
    if isinstance(node, ast.Call) and _called(node) in CALLS:
        return [*(part for part in node.args if not isinstance(part, ast.Constant)), *node.keywords]
    if isinstance(node, ast.Call) and _called(node) in LOGS and isinstance(node.func, ast.Attribute):
        return []
    if isinstance(node, ast.ClassDef) and any(isinstance(base, ast.Name) and base.id == "Word" for base in node.bases):
        return [part for part in node.body if not isinstance(part, ast.Assign)]
    return list(ast.iter_child_nodes(node))


def _called(call: ast.Call) -> str:
    return call.func.id if isinstance(call.func, ast.Name) else call.func.attr if isinstance(call.func, ast.Attribute) else ""


def _text(node: ast.AST) -> str | None:
    """A text with empty braces for its values."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.JoinedStr):
        return "".join(str(part.value) if isinstance(part, ast.Constant) else "{}" for part in node.values)
    return None


def is_read(text: str) -> bool:
    """Tell whether a text looks like one that people read."""
    words = text.strip()
    return is_sentence(words) or bool(re.match(r"[A-Z][a-zA-Z’']* \S", words) and not words.isupper())


def is_sentence(text: str) -> bool:
    """Tell whether a text looks like a whole sentence."""
    return bool(re.search(r"[a-z{}] \S.*[\w{}”\")]\.$", text.strip(), re.DOTALL))


def is_excepted(place: str, text: str) -> bool:
    """Tell whether a text may stay as it is."""
    labels = place in VENDORS_LABELS and not is_sentence(text)
    return labels or place in STATEMENTS or text in NOT_READ.get(place, set())


def parsed(source: str) -> list[str]:
    """The texts of a piece of code that people read and the catalogues do not know."""
    return [text for _, text in _texts(ast.parse(source))]


class TestModules:
    def test_say_nothing_past_the_catalogues(self) -> None:
        found = [
            f"{tree.place(file, line)} {text}"
            for file in tree.modules(*PLACES)
            for line, text in spoken(file)
            if not is_excepted(tree.place(file), text)
        ]

        assert found == []

    def test_have_no_exceptions_that_are_not_needed(self) -> None:
        needed = {(tree.place(file), text) for file in tree.modules(*PLACES) for _, text in spoken(file)}

        assert [(place, text) for place, texts in NOT_READ.items() for text in sorted(texts) if (place, text) not in needed] == []
        assert sorted(place for place in VENDORS_LABELS if place not in {place for place, _ in needed}) == []

    @pytest.mark.parametrize(
        "source",
        [
            'raise Refused("Choose another field.")',
            'words = f"{name} has no value."',
            'TITLES = {"all": "All records"}',
            'say("{what}: {why}", what="It failed again.", why=why)',
            'say(f"Run {number} failed.")',
            'def told(vendor: str = "The account") -> str: ...',
        ],
    )
    def test_are_found_where_they_speak_past_them(self, source: str) -> None:
        assert len(parsed(source)) == 1

    @pytest.mark.parametrize(
        "source",
        [
            'raise Refused(say("Choose another field."))',
            'LABELS = {"all": later("All records")}',
            'count("{number} Good record", "{number} Good records", number=number)',
            'class Way(Word):\n    """Which way. It is stored."""\n\n    BOTH = "BOTH", "Both ways"',
            'logger.info("Run %s failed.", number)',
            'name = f"{kind}.{field}"; pattern = "%Y-%m-%d"; code = "NOT_THERE"; path = "admin:syncapp_run_change"',
        ],
    )
    def test_may_have_codes_and_what_is_wrapped(self, source: str) -> None:
        assert parsed(source) == []
