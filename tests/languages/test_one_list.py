"""One list of languages: no other place knows which ones there are."""

import ast
from collections.abc import Iterator
from pathlib import Path

from bot.product_languages import LANGUAGES, LOCALES
from dialogs import lang, languages

ROOT = Path(__file__).parents[2]
RULES = ROOT / "dialogs" / "lang"
TAGS = {each.tag for each in lang.RULES} | {register.tag for each in lang.RULES for register in each.registers}


def literals() -> Iterator[tuple[str, str]]:
    """Give every string of the source outside the languages' own files, with where it stands."""
    for room in ("bot", "dialogs", "storage"):
        for path in sorted((ROOT / room).rglob("*.py")):
            if path.parent == RULES:
                continue
            for node in ast.walk(ast.parse(path.read_text("utf-8"))):
                if isinstance(node, ast.Constant) and isinstance(node.value, str):
                    yield node.value, f"{path.relative_to(ROOT)}:{node.lineno}"


def test_no_code_names_a_language() -> None:
    """No tag of a language that the product speaks stands in the code, but in that language's own file."""
    found = list(literals())

    assert len(found) >= 1000
    assert {"es", "en", "es-usted"} <= TAGS
    assert [place for text, place in found if text in TAGS] == []


def test_each_language_has_rules_and_catalogs() -> None:
    """A file of rules stands in the registry and has catalogs; a catalog is of a language with rules, or a register."""
    files = {path.stem for path in RULES.glob("*.py")} - {"__init__", "rules"}
    tables = {name for name in files if name.startswith(("danger_", "promises_", "exposure_"))}

    assert files - tables == {each.tag for each in lang.RULES} == set(LANGUAGES)
    found = {"danger": [each for each in lang.RULES if each.danger.phrases]}
    found["promises"] = [each for each in lang.RULES if each.promises.kinds]
    found["exposure"] = [each for each in lang.RULES if each.exposure.posts]
    assert tables == {f"{kind}_{each.tag}" for kind, these in found.items() for each in these}
    assert {place.name for place in LOCALES.iterdir()} <= TAGS
    assert LANGUAGES == languages.LAST_RESORTS
    assert LANGUAGES[0] == languages.DEFAULT


def test_no_word_of_a_language_means_two_things_in_it() -> None:
    """What is looked up folded is written folded, and yes is never no."""
    for each in lang.RULES:
        words = [*each.yes, *each.no, *each.dates.months, *each.dates.days, *each.clock.parts, *each.numbers.small]
        assert all(word.isascii() and word == word.lower() for word in words), each.tag
    assert not lang.YES & lang.NO
