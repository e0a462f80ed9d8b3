"""How much of what is said in danger is found, how often ordinary life rings, and that the guide says so."""

import re
from pathlib import Path

import pytest

from dialogs.danger import RINGS, Matcher, proposed
from tests.bot import sentences

DOCS = Path(__file__).parents[2] / "docs"
ALL = Matcher([phrase for tag in ("es", "en") for phrase in proposed(tag)])
MOST_RING = 2
GUIDES = {
    "facilitar.md": (
        r"De 150 frases de alguien en peligro suenan (\d+) y otras (\d+) quedan marcadas; "
        r"de 150 de la vida diaria, (\d+) y (\d+)"
    ),
    "facilitating.md": (
        r"Of 150 sentences of someone in danger, (\d+) ring and (\d+) more are marked; "
        r"of 150 from everyday life, (\d+) and (\d+)"
    ),
}


def measured(table: list[sentences.Sentence]) -> tuple[int, int]:
    """Count the sentences of a table that ring, and those that are marked, where everything proposed was accepted."""
    found = [seen for each in table if (seen := ALL.look(each.text)) is not None]
    rung = sum(seen.strength == RINGS for seen in found)
    return rung, len(found) - rung


def test_ordinary_life_hardly_ever_rings() -> None:
    """With every phrase accepted, at most two of 150 sentences from the mountains, workshops and teenagers ring."""
    rung, _ = measured(sentences.ordinary())

    assert rung <= MOST_RING


@pytest.mark.parametrize("guide", GUIDES)
def test_the_guide_prints_what_is_found(guide: str) -> None:
    """There is no bar for the cries that are found: the guide says how many, and that many are not."""
    printed = re.search(GUIDES[guide], " ".join((DOCS / guide).read_text("utf-8").split()))

    assert printed is not None
    assert tuple(map(int, printed.groups())) == (*measured(sentences.danger()), *measured(sentences.ordinary()))


@pytest.mark.parametrize("tag", ["es", "en"])
def test_each_phrase_rings_as_it_is_proposed(tag: str) -> None:
    """What an admin reads and accepts is found in these very words, and only by itself; nothing rings unasked."""
    for phrase in proposed(tag):
        seen = Matcher([phrase]).look(f"Oye, {phrase}!")
        assert seen is not None
        assert (seen.strength, seen.phrase) == (RINGS, phrase)
        unasked = Matcher([]).look(phrase)
        assert unasked is None or unasked.strength != RINGS


@pytest.mark.parametrize(
    ("said", "rings"),
    [
        ("mi marido me pega", True),
        ("Mi MARÍDO me pegó ANOCHE", True),
        ("me KIERE llebar a la fuersa", True),
        ("me estaaan pegandooo", True),
        ("me está\u0301 pegando", True),
        ("he\u2019s hitting me 😭", True),
        ("No, me está pegando", True),
        ("no me está pegando", False),
        ("no mi marido me pega", True),
        ("me está pegando el sol", False),
        ("me está pegando otra vez", True),
        ("mi esposo me pegó la gripe", False),
        ("matas de café", False),
        ("ya no quiero vivir en la ciudad", False),
        ("ya no quiero vivir así", True),
        ("abuso de mi confianza", False),
        ("", False),
        ("\u200b\u2060", False),
    ],
)
def test_spelling_makes_no_difference_and_what_follows_does(said: str, rings: bool) -> None:
    """Accents, capitals, drawn-out letters and letters that sound alike; a flu, the sun and a denial do not ring."""
    seen = ALL.look(said)

    assert (seen is not None and seen.strength == RINGS) is rings


def test_a_phrase_of_the_organisation_s_own_rings_whole() -> None:
    """It is found anywhere in what was said, and what was lowered is marked."""
    own = Matcher(["niño perdido"], ["se fue la luz"])
    rung, marked = own.look("Hay un NINO perdido aquí"), own.look("Otra vez se fue la luz.")

    assert rung is not None
    assert (rung.strength, rung.phrase) == (RINGS, "niño perdido")
    assert marked is not None
    assert marked.strength != RINGS
    assert own.look("niño bien perdido") is None
