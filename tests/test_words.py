"""The names in code and database are the words of CONTEXT.md: none that it says to avoid, and one thing a name."""

import ast
import re
from collections import defaultdict
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from storage import tables

ROOT = Path(__file__).parent.parent
ROOMS = ("bot", "dialogs", "storage")
PRONOUNS = {"she", "her", "hers", "herself", "he", "him", "his", "himself"}

pytestmark = pytest.mark.xdist_group("words")  # what is read once serves all


def _avoided(text: str) -> dict[str, str]:
    """The words of the last column, each with the term it stands beside; those with brackets belong somewhere."""
    found = {}
    for line in text.splitlines():
        if line.startswith("| **"):
            cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
            for word in cells[3].split(", "):
                if word and word != "—" and "(" not in word and ")" not in word:
                    found[word.strip('"').lower()] = cells[0].strip("*")
    return found


def _parts(name: str) -> list[str]:
    return [part.lower() for part in re.findall(r"[A-Z]+(?![a-z])|[A-Z][a-z0-9]*|[a-z0-9]+", name)]


def _bad(name: str, avoided: dict[str, str]) -> set[str]:
    words = " ".join(_parts(name))
    return {word for word in avoided if word in words and re.search(rf"\b{re.escape(word)}s?\b", words)}


def _modules() -> Iterator[tuple[Path, ast.Module]]:
    for room in ROOMS:
        for path in sorted((ROOT / room).rglob("*.py")):
            if "migrations" not in path.parts:
                yield path.relative_to(ROOT), ast.parse(path.read_text("utf-8"))


@cache
def _named() -> tuple[tuple[str, str, bool], ...]:
    """Every name that is given to a file, a class, a function, a variable, a table or a column; whether to a class."""
    found = []
    for path, tree in _modules():
        found.append((path.stem, str(path), False))
        for node in ast.walk(tree):
            if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
                found.append((node.name, f"{path}:{node.lineno}", isinstance(node, ast.ClassDef)))
            elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
                found.append((node.id, f"{path}:{node.lineno}", False))
            elif isinstance(node, ast.arg):
                found.append((node.arg, f"{path}:{node.lineno}", False))
    for table in tables.metadata.tables.values():
        found.append((table.name, "table", False))
        found += [(column.name, f"column of {table.name}", False) for column in table.columns]
    return tuple(found)


def test_no_name_has_a_word_to_avoid() -> None:
    """A word that the glossary tells to avoid stands in no name."""
    avoided = _avoided((ROOT / "CONTEXT.md").read_text("utf-8"))
    assert len(avoided) > 30

    assert [(name, where, bad) for name, where, _ in _named() if (bad := _bad(name, avoided))] == []


def test_a_class_name_is_one_thing() -> None:
    """No two classes share a name, in whichever rooms they are."""
    where = defaultdict(list)
    for name, place, is_class in _named():
        if is_class:
            where[name].append(place)
    assert len(where) > 200

    assert {name: paths for name, paths in where.items() if len(paths) > 1} == {}


def test_no_name_is_a_pronoun() -> None:
    """People are called by their role: a name says whose it is."""
    assert [(name, where) for name, where, _ in _named() if PRONOUNS & set(_parts(name))] == []


def test_an_avoided_word_is_found() -> None:
    """The comparison sees it alone, in a compound, in the plural, and of two words; with brackets it is free."""
    avoided = _avoided("| **a** | m | — | nudge, magic link, form (a page's) |\n| **b** | m | — | — |")

    assert avoided == {"nudge": "a", "magic link": "a"}
    assert _bad("OrderNudge", avoided) == _bad("_nudges", avoided) == {"nudge"}
    assert _bad("magic_link_of", avoided) == {"magic link"}
    assert _bad("form", avoided) == _bad("nudged", avoided) == set()
