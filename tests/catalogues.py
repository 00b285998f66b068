"""The catalogues of translations: what the code says, and what the files in `syncapp/locale` know of it.

    python -m tests.catalogues             tells what is missing and what nobody says any more
    python -m tests.catalogues --update    takes the code's texts into the catalogues and compiles them
    python -m tests.catalogues --update --take FILE …    with the translations of these files too

Owns how texts are found: calls of the engine's wording, labels of words, templates, and what the theme says.
"""

from __future__ import annotations

import argparse
import ast
import io
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_python
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from django.utils.translation.template import templatize

from tests.architecture import tree

FOLDER = tree.ROOT / "syncapp" / "locale"
LANGUAGES = ("en", "pl")
HEADER = """msgid ""
msgstr ""
"Language: {language}\\n"
"Plural-Forms: {plurals}\\n"
"Content-Type: text/plain; charset=utf-8\\n"

"""
CALLS = ("say", "later", "count")
IN_TEMPLATES = ("gettext", "ngettext", "_")
COUNTED = ("count", "ngettext")

Text = str | tuple[str, str]

# What the theme says on our pages. It has no catalogues of its own, and Django's do not know these.
THEME: tuple[Text, ...] = (
    "Select record", "Select all rows", "Select action", "Select action to run", "Select value", "Run", "More actions", "Filters",
    "Apply Filters", "Reset filters", "Type to search", "Search apps and models...", "Recent searches", "No recent searches",
    "No results matching your query", "Loading more results...", "No results found",
    ("\n                Found %(counter)s result in %(time)s seconds\n            ",
     "\n                Found %(counter)s results in %(time)s seconds\n            "),
    "This page yielded into no results. Create a new item or reset your filters.", "All applications", "Go back", "Previous", "Next",
    "Expand row", "Add row", "This item will be deleted.", "Click to cancel", "Cancel", "True", "False", "General", "Light", "Dark",
    "System", "Welcome back to", "You have been successfully logged out from the administration", "Toggle password visibility",
    "Choose file to upload", "Date", "Date from", "Date to", "From", "To", "Value", "Current file",
    "After you've created a user, you’ll be able to edit more user options.",
    "Raw passwords are not stored, so there is no way to see this user’s password, but you can change the password using "
    '<a href="{}" class="text-primary-600 dark:text-primary-500">this form</a>.',
)

# What Django says on our pages, and we say otherwise: its groups are our roles, and some of its Polish leaves the gender open.
DJANGO: tuple[Text, ...] = (
    "Authentication and Authorization", "group", "groups", "Add another %(verbose_name)s", "Add another %(model)s",
    "Change selected %(model)s", "Delete selected %(model)s", "View selected %(model)s", "Delete selected %(verbose_name_plural)s",
    "Select all %(total_count)s %(module_name)s", "Add %s", "Change %s", "View %s", "Select %s to change", "Select %s to view",
    "The {name} “{obj}” was added successfully.", "The {name} “{obj}” was added successfully. You may add another {name} below.",
    "The {name} “{obj}” was changed successfully.", "The {name} “{obj}” was changed successfully. You may edit it again below.",
    "The {name} “{obj}” was changed successfully. You may add another {name} below.",
    "The %(name)s “%(obj)s” was deleted successfully.", "%(name)s with ID “%(key)s” doesn’t exist. Perhaps it was deleted?",
    "Deleting the selected %(objects_name)s would result in deleting related objects, but your account doesn't have permission to delete "
    "the following types of objects:",
    "Deleting the selected %(objects_name)s would require deleting the following protected related objects:",
    "Are you sure you want to delete the selected %(objects_name)s? All of the following objects and their related items will be deleted:",
    "Logged out",
)


def file_of(language: str) -> Path:
    """The catalogue of a language."""
    return FOLDER / language / "LC_MESSAGES" / "django.po"


def read(path: Path, language: str) -> Catalog:
    """Read a catalogue, empty where there is none yet."""
    if not path.exists():
        return Catalog(locale=language)
    with path.open("rb") as file:
        return read_po(file, locale=language)


@cache
def said() -> dict[Text, list[str]]:
    """Everything that the code says to people, with the files that say it, in the order of the files."""
    found: dict[Text, list[str]] = {}
    for path in _files():
        name = path.relative_to(tree.ROOT).as_posix()
        for text in _in_python(path) if path.suffix == ".py" else _in_template(path):
            files = found.setdefault(text, [])
            files += [] if name in files else [name]
    for text, sayer in [*((text, "unfold") for text in THEME), *((text, "django") for text in DJANGO)]:
        found.setdefault(text, []).append(sayer)
    counted = {text[0] for text in found if not isinstance(text, str)}  # a text that is counted elsewhere is found by its form for one
    return {text: files for text, files in found.items() if text not in counted}


def _files() -> list[Path]:
    return sorted([*tree.modules("syncapp"), *tree.templates()])


def _in_python(path: Path) -> Iterator[Text]:
    for node in ast.walk(tree.parsed(path)):
        if isinstance(node, ast.Call) and (call := _called(node.func)):
            texts = [ast.literal_eval(argument) for argument in node.args[: 2 if call in COUNTED else 1] if _is_text(argument)]
            if len(texts) == 2:
                yield texts[0], texts[1]
            else:
                yield from texts
        elif isinstance(node, ast.ClassDef) and any(isinstance(base, ast.Name) and base.id == "Word" for base in node.bases):
            yield from _labels(node)


def _called(function: ast.expr) -> str:
    """The name of the call where it puts a text into words, else nothing."""
    if isinstance(function, ast.Name):
        return function.id if function.id in CALLS else ""
    known = isinstance(function, ast.Attribute) and isinstance(function.value, ast.Name) and function.value.id == "wording"
    return function.attr if known and function.attr in CALLS else ""


def _is_text(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, str) and bool(node.value)


def _labels(word: ast.ClassDef) -> Iterator[str]:
    for line in word.body:
        parts = line.value.elts[1:2] if isinstance(line, ast.Assign) and isinstance(line.value, ast.Tuple) else []
        yield from (ast.literal_eval(part) for part in parts if _is_text(part))


def _in_template(path: Path) -> Iterator[Text]:
    calls = templatize(path.read_text(encoding="utf-8"), origin=str(path))
    source = "\n".join(line.strip() for line in calls.splitlines())  # the indents of a template are none of Python's
    for _, call, texts, _ in extract_python(io.BytesIO(source.encode()), list(IN_TEMPLATES), [], {"encoding": "utf-8"}):
        if call in COUNTED and isinstance(texts, tuple):
            yield str(texts[0]), str(texts[1])
        else:
            yield str(texts[0] if isinstance(texts, tuple) else texts)


def updated(language: str, texts: dict[Text, list[str]], others: Iterable[Catalog]) -> Catalog:
    """The catalogue of a language with exactly these texts: what is translated stays so, the rest is taken from the others or empty."""
    known = [read(file_of(language), language), *others]
    made = Catalog(locale=language)
    for text, files in texts.items():
        found = [one.string for catalogue in known if (one := _known(catalogue, text)) and _is_whole(one)]
        made.add(text, string=found[0] if found else None, locations=[(name, 0) for name in files])
    return made


def _known(catalogue: Catalog, text: Text) -> Message | None:
    found = catalogue.get(text if isinstance(text, str) else text[0])
    return found if found is not None and (found.id == text or list(found.id) == list(text)) else None


def _is_whole(message: Message) -> bool:
    return all(message.string) if isinstance(message.string, list | tuple) else bool(message.string)


def missing(language: str, texts: Iterable[Text]) -> list[Text]:
    """What the code says and the catalogue of a language does not know. English is what stands in the code, so it needs no words."""
    catalogue = read(file_of(language), language)
    return [text for text in texts if not (known := _known(catalogue, text)) or (language != "en" and not _is_whole(known))]


def save(language: str, catalogue: Catalog) -> None:
    """Write the catalogue and what it compiles to. The same texts make the same files, whenever and wherever."""
    path = file_of(language)
    path.parent.mkdir(parents=True, exist_ok=True)
    texts = io.BytesIO()
    write_po(texts, catalogue, width=0, omit_header=True, include_lineno=False)
    path.write_bytes(HEADER.format(language=language, plurals=catalogue.plural_forms).encode() + texts.getvalue())
    with path.with_suffix(".mo").open("wb") as file:
        write_mo(file, read(path, language))


def main() -> None:
    """Tell how complete the catalogues are, or bring them up to date."""
    parser = argparse.ArgumentParser(description="Translations of the texts that people read.")
    parser.add_argument("--update", action="store_true", help="take the code's texts into the catalogues and compile them")
    parser.add_argument("--take", nargs="*", type=Path, default=[], help="Polish catalogues whose translations are taken too")
    asked = parser.parse_args()
    texts = said()
    for language in LANGUAGES:
        if asked.update:
            save(language, updated(language, texts, [read(path, language) for path in asked.take] if language == "pl" else []))
        lacking = missing(language, texts)
        print(f"{language}: {len(texts)} texts, {len(lacking)} not translated")
        for text in lacking:
            print(f"    {text}")


if __name__ == "__main__":
    main()
