"""The page for a facilitator on alerts: read aloud in three minutes, its buttons and figures those of the program."""

import re
from pathlib import Path

import pytest

from tests.bot.sentences import danger, ordinary
from tests.bot.test_danger_measure import measured
from tests.bot.tongues import messages

DOCS = Path(__file__).parents[2] / "docs"
PAGES = {"es": "avisos.md", "en": "alerts.md"}
ALOUD = 3 * 150  # words that are read aloud in three minutes
FIGURES = {
    "es": r"de (\d+) frases de alguien en peligro suenan (\d+), otras (\d+) quedan marcadas .* vida diaria suena (\d+)",
    "en": r"of (\d+) sentences of someone in danger, (\d+) ring, (\d+) more are marked.* everyday life, (\d+) rings",
}


def page(language: str) -> str:
    """Return the page in one line."""
    return " ".join((DOCS / PAGES[language]).read_text("utf-8").split())


@pytest.mark.parametrize("language", PAGES)
def test_it_is_read_aloud_in_three_minutes(language: str) -> None:
    """Without its links and marks it has no more words than that."""
    lines = (DOCS / PAGES[language]).read_text("utf-8").splitlines()
    spoken = [line for line in lines if not line.startswith("[")]

    assert 300 < len(re.findall(r"[^\W_]+(?:'[^\W_]+)*", "\n".join(spoken))) <= ALOUD


@pytest.mark.parametrize("language", PAGES)
def test_every_button_it_names_exists(language: str) -> None:
    """What stands in bold is, word by word, on a button; what stands in italics is said."""
    said = set(messages(language).values())
    named = re.findall(r"\*\*([^*]+)\*\*", page(language))

    assert len(named) >= 8
    assert [each for each in named if each not in said] == []


@pytest.mark.parametrize("language", PAGES)
def test_its_figures_are_measured(language: str) -> None:
    """How much of 150 sentences in danger is found, and how many of ordinary life ring."""
    printed = re.search(FIGURES[language], page(language))
    assert printed is not None
    rung, marked = measured(danger())

    assert tuple(map(int, printed.groups())) == (len(danger()), rung, marked, measured(ordinary())[0])
