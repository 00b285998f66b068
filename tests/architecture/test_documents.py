"""The documents are complete and lead somewhere: every command, setting, word of the pages and call of the sandbox stands in its guide."""

from __future__ import annotations

import ast
import json
import re
from functools import cache
from pathlib import Path

import pytest

from integrations.hubspot import environments as hubspot
from integrations.quickbooks import environments as quickbooks
from integrations.sandbox import control, serve
from integrations.sandbox.faults import FaultKind
from integrations.sandbox.messages import Request
from syncapp.engine import vocabulary
from syncapp.engine.words import Word
from syncapp.services import connections
from tests.architecture import tree

OPERATORS = "docs/operator-guide.md"
INSTALLERS = "docs/installer-guide.md"
SANDBOX = "docs/sandbox.md"
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
FENCE = re.compile(r"^```.*?^```", flags=re.MULTILINE | re.DOTALL)
PRESSED = re.compile(r"[Pp]ress(?:ing)? (?:on )?\*\*([^*]+)\*\*(?:,? or \*\*([^*]+)\*\*)?")
WORDS: tuple[type[Word], ...] = (
    vocabulary.ConflictRule,
    vocabulary.AuditActor,
    vocabulary.AuditKind,
    vocabulary.AuditVerb,
    vocabulary.Direction,
    vocabulary.FilterOperator,
    vocabulary.LeaveFilterPolicy,
    vocabulary.NamePolicy,
    vocabulary.PairState,
    vocabulary.Reason,
    vocabulary.RunState,
    vocabulary.Standing,
    vocabulary.TransformKind,
)


def documents() -> list[Path]:
    """Return every document."""
    return [tree.ROOT / "README.md", tree.ROOT / "CHANGELOG.md", *sorted((tree.ROOT / "docs").rglob("*.md"))]


@cache
def read(name: str) -> str:
    """Return the text of a document."""
    return (tree.ROOT / name).read_text(encoding="utf-8")


def anchors(file: Path) -> set[str]:
    """Return the anchors of a document's headings."""
    headings = re.findall(r"^#+ (.+)$", FENCE.sub("", file.read_text(encoding="utf-8")), flags=re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def is_dead(file: Path, link: str) -> bool:
    """Say whether a link leads to no file, or to no heading of it."""
    path, _, anchor = link.partition("#")
    goal = (file.parent / path).resolve() if path else file
    return not goal.exists() or (bool(anchor) and anchor not in anchors(goal))


def commands() -> dict[str, set[str]]:
    """Return our management commands with the options they declare."""
    files = [file for file in tree.modules("syncapp/management/commands") if file.stem != "__init__"]
    return {file.stem: {name for name in declared(file) if name.startswith("--")} for file in files}


def declared(file: Path) -> set[str]:
    """Return the names of the arguments that a command declares."""
    calls = [node for node in ast.walk(tree.parsed(file)) if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)]
    added = [call.args[0] for call in calls if isinstance(call.func, ast.Attribute) and call.func.attr == "add_argument" and call.args]
    return {str(name.value) for name in added if isinstance(name, ast.Constant)}


def settings() -> dict[str, str]:
    """Return the settings of `.env.example` with their values."""
    return dict(re.findall(r"^([A-Z_]+)=(.*)$", read(".env.example"), flags=re.MULTILINE))


def rows(document: str) -> dict[str, str]:
    """Return the table rows of a document that begin with a name in code, by that name."""
    return {match[1]: match[0] for match in re.finditer(r"^\| `([A-Z_]+)` \|.*$", read(document), flags=re.MULTILINE)}


def page_texts() -> str:
    """Return all that our pages can say, with the vendors' names in their places."""
    texts = [file.read_text(encoding="utf-8") for file in tree.templates()]
    texts += [str(text.value) for file in tree.modules("syncapp/admin", "syncapp/selectors") for text in tree.strings(file)]
    whole = "\n".join(texts)
    return "\n".join(whole.replace("{{ vendor }}", system.label) for system in vocabulary.System)


def control_calls() -> list[str]:
    """Return the control calls, which an unknown one is told."""
    sandbox = serve.build(seed="empty")
    answer = sandbox.hubspot.answer(Request(method="GET", raw_path=f"{control.PREFIX}/nonsense")).response.body.decode()
    return re.findall(r"[a-z]+", answer.partition("There are:")[2].partition('"')[0])


class TestLinks:
    @pytest.mark.parametrize("file", documents(), ids=tree.place)
    def test_lead_somewhere(self, file: Path) -> None:
        links = [link for link in LINK.findall(FENCE.sub("", file.read_text(encoding="utf-8"))) if "://" not in link]

        assert [link for link in links if is_dead(file, link)] == []

    def test_are_dead_without_the_file_or_the_heading(self) -> None:
        readme = tree.ROOT / "README.md"

        assert not is_dead(readme, "docs/operator-guide.md#filters")
        assert is_dead(readme, "docs/operator-guide.md#nothing")
        assert is_dead(readme, "docs/nothing.md")

    def test_reach_every_document(self) -> None:
        reached = {
            (file.parent / link.partition("#")[0]).resolve()
            for file in documents()
            for link in LINK.findall(file.read_text(encoding="utf-8"))
            if "://" not in link
        }

        assert [tree.place(file) for file in documents()[1:] if file.resolve() not in reached] == []


class TestReadme:
    @pytest.mark.parametrize("command", ["demo", "test"])
    def test_has_the_two_commands_on_lines_of_their_own(self, command: str) -> None:
        assert f"\npython3 manage.py {command}\n" in read("README.md")
        assert command in commands()

    def test_speaks_of_a_license_only_where_there_is_one(self) -> None:
        has_file = any(tree.ROOT.glob("LICEN[CS]E*"))

        assert bool(re.search("licen[cs]e", read("README.md"), flags=re.IGNORECASE)) == has_file


class TestInstallerGuide:
    @pytest.mark.parametrize("command", commands())
    def test_explains_every_command_and_its_options(self, command: str) -> None:
        text = read(INSTALLERS)

        assert f"manage.py {command}" in text
        assert {option for option in commands()[command] if option not in text} == set()

    def test_explains_every_setting_and_no_other(self) -> None:
        assert set(rows(INSTALLERS)) == set(settings())

    @pytest.mark.parametrize(("name", "value"), [(name, value) for name, value in settings().items() if value])
    def test_names_the_default_of_a_setting(self, name: str, value: str) -> None:
        assert f"`{value}`" in rows(INSTALLERS)[name]

    @pytest.mark.parametrize("scope", [*hubspot.SCOPES, *hubspot.OPTIONAL_SCOPES, *quickbooks.SCOPES])
    def test_names_every_scope(self, scope: str) -> None:
        assert f"`{scope}`" in read(INSTALLERS)

    def test_gives_the_hubspot_app_just_the_scopes_and_the_address_that_are_asked_for(self) -> None:
        (app,) = re.findall(r"^ *```json\n(.*?)^ *```", read(INSTALLERS), flags=re.MULTILINE | re.DOTALL)
        auth = json.loads(app)["config"]["auth"]

        assert sorted(auth["requiredScopes"]) == sorted(hubspot.SCOPES)
        assert sorted(auth["optionalScopes"]) == sorted(hubspot.OPTIONAL_SCOPES)
        assert auth["redirectUrls"] == [f"https://sync.example.com{connections.CALLBACK_PATHS[vocabulary.System.HUBSPOT]}"]

    def test_names_no_scope_that_is_not_asked_for(self) -> None:
        named = set(re.findall(r"`((?:crm|com\.intuit)\.[a-z_.]+)`", read(INSTALLERS)))

        assert named == {*hubspot.SCOPES, *hubspot.OPTIONAL_SCOPES, *quickbooks.SCOPES} - {"oauth"}

    def test_fills_in_settings_that_there_are(self) -> None:
        (filled,) = re.findall(r"^```\n(DJANGO_SETTINGS_MODULE=.*?)^```", read(INSTALLERS), flags=re.MULTILINE | re.DOTALL)

        assert {line.partition("=")[0] for line in filled.splitlines()} <= set(settings())

    @pytest.mark.parametrize("path", connections.CALLBACK_PATHS.values())
    def test_names_the_redirect_addresses(self, path: str) -> None:
        assert f"`<PUBLIC_URL>{path}`" in read(INSTALLERS)


class TestOperatorGuide:
    @pytest.mark.parametrize("words", WORDS, ids=lambda words: words.__name__)
    def test_explains_every_word_of_the_pages(self, words: type[Word]) -> None:
        assert [word.label for word in words if word.label not in read(OPERATORS)] == []

    def test_names_buttons_as_the_pages_do(self) -> None:
        pages = page_texts()
        named = {name for pair in PRESSED.findall(read(OPERATORS)) for name in pair if name}

        assert len(named) > 10
        assert sorted(name for name in named if name not in pages) == []

    def test_names_the_buttons_of_its_tables_as_the_pages_do(self) -> None:
        pages = page_texts()
        tables = re.findall(r"^\| Button \|.*\n\|[-|]+\|\n((?:\|.*\n)+)", read(OPERATORS), flags=re.MULTILINE)
        named = {name.strip() for table in tables for line in table.splitlines() for name in line.split("|")[1].split(",")}

        assert len(named) > 8
        assert sorted(name for name in named if name not in pages) == []


class TestSandboxReference:
    def test_explains_every_control_call(self) -> None:
        calls = control_calls()

        assert "tokens" in calls
        assert [call for call in calls if f"{control.PREFIX}/{call}" not in read(SANDBOX)] == []

    @pytest.mark.parametrize("kind", FaultKind)
    def test_explains_every_fault(self, kind: FaultKind) -> None:
        assert f"| `{kind.value}` |" in read(SANDBOX)

    def test_explains_every_switch(self) -> None:
        sandbox = serve.build(seed="empty")
        switches = [switch for server in (sandbox.hubspot, sandbox.quickbooks) for switch in server.face.switches]

        assert [switch.name for switch in switches if f"| `{switch.name}` (" not in read(SANDBOX)] == []

    @pytest.mark.parametrize("vendor", control.KINDS)
    def test_names_what_can_be_generated_and_limited(self, vendor: str) -> None:
        names = (*control.KINDS[vendor], *control.LIMITS[vendor])

        assert [name for name in names if f"`{name}`" not in read(SANDBOX)] == []

    def test_explains_every_option(self) -> None:
        assert {option for option in commands()["sandbox"] if f"`{option}`" not in read(SANDBOX)} == set()


class TestDecisions:
    def test_are_numbered_without_gaps_and_listed(self) -> None:
        files = sorted((tree.ROOT / "docs" / "decisions").glob("[0-9]*.md"))
        listed = re.findall(r"\((\d{4}-[^)]+)\)", read("docs/decisions/README.md"))

        assert [int(file.name[:4]) for file in files] == list(range(1, len(files) + 1))
        assert listed == [file.name for file in files]


class TestCommandsFound:
    def test_are_those_of_the_folder(self) -> None:
        assert {"demo", "serve", "test", "sandbox", "run_sync"} <= set(commands())
        assert "--preview" in commands()["run_sync"]
