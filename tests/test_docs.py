"""The documents say what the code does, in both languages, and nothing that it does not."""

import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.core import TyperGroup, TyperOption

from bot.cli import setup_file
from bot.cli.main import app
from bot.config import SETTINGS
from bot.services import readiness
from tests.amounts import AMOUNTS

LIGHT = 60_000  # bytes
ROOT = Path(__file__).parent.parent
PAGES = ("docs/reference.md", "docs/referencia.md")
DOCUMENTS = sorted(path for path in [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
FOR_TESTS = {"HILO_BASE", "HILO_PROVE", "HILO_ALL", "HILO_TODAY", *(amount.name for amount in AMOUNTS)}
GIVEN_BY_TYPER = {"--help", "--install-completion", "--show-completion"}


def _commands(command: Any, words: tuple[str, ...] = ("hilo",)) -> Iterator[tuple[str, set[str]]]:
    """Every command that does something, in full, with its long options."""
    if isinstance(command, TyperGroup):
        for name, child in command.commands.items():
            if not child.hidden:
                yield from _commands(child, (*words, name))
        return
    options = {
        text
        for parameter in command.params
        if isinstance(parameter, TyperOption) and not parameter.hidden
        for text in (*parameter.opts, *parameter.secondary_opts)
        if text.startswith("--")
    }
    yield " ".join(words), options - GIVEN_BY_TYPER


def _documented_commands(page: str) -> dict[str, set[str]]:
    """Commands by their headings (`### `hilo x y NAME``), and the options in the tables below each."""
    text = (ROOT / page).read_text("utf-8")
    found = {}
    for section in re.split(r"^#{2,3} (?=`hilo )", text, flags=re.MULTILINE)[1:]:
        heading, _, body = section.partition("\n")
        words = re.match(r"`(hilo(?: [a-z][a-z-]*)*)", heading)
        assert words is not None, heading
        body = re.split(r"^#", body, maxsplit=1, flags=re.MULTILINE)[0]
        rows = [line.split("|")[1] for line in body.splitlines() if line.startswith("| `--")]
        found[words[1]] = {option for row in rows for option in re.findall(r"`(--[a-z-]+)", row)}
    return found


def _documented_settings(page: str) -> dict[str, str]:
    """Settings by the first cell of their row; the last cell tells the default."""
    rows = re.findall(r"^\| `([A-Z_]+)` \|.*\|([^|]*)\|$", (ROOT / page).read_text("utf-8"), re.MULTILINE)
    return dict(rows)


@pytest.mark.parametrize("page", PAGES)
def test_every_command_and_option_is_documented(page: str) -> None:
    """The commands and options of the reference are those of the program, both ways."""
    actual = dict(_commands(typer.main.get_command(app)))

    assert len(actual) >= 8
    assert _documented_commands(page) == actual


@pytest.mark.parametrize("page", PAGES)
def test_every_setting_is_documented(page: str) -> None:
    """The settings of the reference are those of the program, both ways, with their defaults."""
    documented = _documented_settings(page)

    assert sorted(documented) == sorted(setting.name for setting in SETTINGS)
    assert [
        setting.name
        for setting in SETTINGS
        if setting.default and f"`{setting.default}`" not in documented[setting.name]
    ] == []


@pytest.mark.parametrize("page", PAGES)
def test_the_example_of_a_setup_file_is_whole(page: str) -> None:
    """The answers shown for `hilo setup` are accepted as they stand, and leave nothing missing."""
    text = (ROOT / page).read_text("utf-8")
    example = next(block for block in re.findall(r"(?:^    .*\n)+", text, re.MULTILINE) if "care_card" in block)

    answers = setup_file.read(example.replace("\n    ", "\n").strip())

    assert set(readiness.RECORD) <= answers.keys()
    assert [key for key in setup_file.KEYS if key not in answers and f"`{key}`" not in text] == []


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_documents_name_only_what_exists(document: Path) -> None:
    """No document names a setting, a command, a make target or a file that is not there."""
    text = document.read_text("utf-8")
    settings = {setting.name for setting in SETTINGS} | FOR_TESTS
    commands = dict(_commands(typer.main.get_command(app)))
    targets = set(re.findall(r"^([a-z][a-z-]*):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE))
    links = [link for link in re.findall(r"(?:\]\(|<img src=\")([^)\s\"]+)[)\"]", text) if "://" not in link]

    assert {name for name in re.findall(r"\bHILO_[A-Z_]+\b", text) if name not in settings} == set()
    assert [said for said in _said(text, "hilo") if not _exists(said, commands)] == []
    assert [said for said in _said(text, "make") if said[1] not in targets] == []
    assert [link for link in links if link[0] != "#" and not (document.parent / link.partition("#")[0]).exists()] == []
    assert [link for link in links if "#" in link and not _heading_exists(document, link)] == []


def _said(text: str, program: str) -> list[list[str]]:
    """Return what a document says in code to a program: its words, placeholders (`NAME`, `…`) and all."""
    code = [*re.findall(r"`([^`\n]+)`", text), *re.findall(r"^ {4,}(\S.*)$", text, re.MULTILINE)]
    lines = [line for said in code for line in re.split(r"&&|\|", said)]
    found = [re.match(rf"\s*(?:\S*bin/)?({program} +[a-z].*)$", line) for line in lines]
    return [shlex.split(match[1], comments=True) for match in found if match]


def _exists(said: list[str], commands: dict[str, set[str]]) -> bool:
    """Say whether a command, or the family of one, is there with every option that is given to it."""
    options = {word.partition("=")[0] for word in said if word.startswith("--")} - GIVEN_BY_TYPER
    for words in range(len(said), 1, -1):
        name = " ".join(said[:words])
        if name in commands:
            return options <= commands[name]
        if any(known.startswith(f"{name} ") for known in commands):
            # A family (`hilo people …`), unless a word of it follows that is none of its commands.
            return not options and not any(word.isalpha() and word.islower() for word in said[words:])
    return False


def test_a_command_that_does_not_exist_would_be_found() -> None:
    """What the documents are searched for is found: in a sentence, in a list, after another command, with options."""
    commands = {"hilo run": {"--practice"}, "hilo dialog list": set[str]()}
    text = "Say `hilo run --practice`.\n\n1. so:\n\n       cd x && bin/hilo dialog lost\n\n    hilo run --fast  # no\n"
    said = _said(text, "hilo")

    assert said == [["hilo", "run", "--practice"], ["hilo", "dialog", "lost"], ["hilo", "run", "--fast"]]
    assert [_exists(each, commands) for each in said] == [True, False, False]
    assert _exists(["hilo", "dialog", "…"], commands)


PAIRS = {
    "README.md": "LEEME.md",
    "docs/agreeing.md": "docs/acordar.md",
    "docs/alerts.md": "docs/avisos.md",
    "docs/threats.md": "docs/amenazas.md",
    "docs/before-and-after.md": "docs/antes-y-despues.md",
    "docs/exporting.md": "docs/exportar.md",
    "docs/facilitating.md": "docs/facilitar.md",
    "docs/growing.md": "docs/crecer.md",
    "docs/inherited.md": "docs/me-toco-hilo.md",
    "docs/operating.md": "docs/operar.md",
    "docs/reference.md": "docs/referencia.md",
}


def test_every_page_leads_to_itself_in_the_other_language() -> None:
    """Both of a pair name each other at their top, have as many sections, and stand in the list of documents."""
    listed = (ROOT / "docs/README.md").read_text("utf-8")
    spare = {"docs/README.md", "docs/telegram.md", "docs/proofs.md"}
    pages = {path.relative_to(ROOT).as_posix() for path in (ROOT / "docs").glob("*.md")} - spare

    assert pages | {"README.md", "LEEME.md"} == {*PAIRS, *PAIRS.values()}
    for english, spanish in PAIRS.items():
        texts = [(ROOT / page).read_text("utf-8") for page in (english, spanish)]
        for text, other in zip(texts, (spanish, english), strict=True):
            assert f"]({Path(other).name})" in "".join(text.splitlines(keepends=True)[:4]), other
            assert f"{Path(other).name})" in listed
        assert len({len(re.findall("^#+ ", text, re.MULTILINE)) for text in texts}) == 1, english


def _heading_exists(document: Path, link: str) -> bool:
    """Say whether the part after `#` is a heading of the page the link leads to, as GitHub spells it."""
    place, _, anchor = link.partition("#")
    text = (document.parent / place if place else document).read_text("utf-8")
    headings = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    return anchor in {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", ["README.md", "LEEME.md"])
def test_the_first_page_is_short(page: str) -> None:
    """Whoever comes first can read the whole page: under 150 lines."""
    assert len((ROOT / page).read_text("utf-8").splitlines()) < 150


@pytest.mark.parametrize(("page", "language"), [("docs/avisos.md", "es"), ("docs/alerts.md", "en")])
def test_the_page_on_alerts_is_read_aloud_in_three_minutes(page: str, language: str) -> None:
    """It has at most 450 words, and pictures of its own language that exist."""
    text = (ROOT / page).read_text("utf-8")
    pictures = re.findall(r"!\[[^]]+\]\((screenshots/[^)]+)\)", text)

    assert len(text.split()) <= 450
    assert pictures
    assert all(each.endswith(f".{language}.png") and (ROOT / "docs" / each).exists() for each in pictures)


def test_pictures_of_the_team_are_light() -> None:
    """Whoever reads the guides pays for each byte: none of them is heavier than when it was made."""
    pictures = list((ROOT / "docs/screenshots").glob("team-*.png"))

    assert len(pictures) > 100
    assert {path.name: path.stat().st_size for path in pictures if path.stat().st_size >= LIGHT} == {}


def test_decisions_are_short_and_listed() -> None:
    """Each decision stays under 400 words, says how it stands, and is listed; the list names no other."""
    folder = ROOT / "docs/adr"
    pages = {path.name: path.read_text("utf-8") for path in folder.glob("[0-9]*.md")}
    listed = re.findall(r"^\| \[\d{4}\]\(([^)]+)\)", (folder / "README.md").read_text("utf-8"), re.MULTILINE)

    assert len(pages) >= 5
    assert sorted(listed) == sorted(pages)
    assert {name: len(text.split()) for name, text in pages.items() if len(text.split()) >= 400} == {}
    assert [name for name, text in pages.items() if not re.search(r"^\*?\*?Status", text, re.MULTILINE)] == []


def test_what_the_proofs_do_is_documented() -> None:
    """Each amount stands in the list of proofs with what it counts, short and long, and nothing else does."""
    text = (ROOT / "docs/proofs.md").read_text("utf-8")
    rows = re.findall(r"^\| `(HILO_\w+)` \| (.+) \| (\d+) \| (\d+) \|$", text, re.MULTILINE)

    assert rows == [(each.name, each.what, str(each.short), str(each.long)) for each in AMOUNTS]
