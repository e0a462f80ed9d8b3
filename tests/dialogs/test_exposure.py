"""What could give somebody away in a text for a whole group: the kinds, and how many of two hundred texts are marked.

The texts were written by somebody who did not know the marking; half of them were held back until it stood.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from dialogs.exposure import GroupFacts, marks

LANGUAGES = ("es", "en")
CASES = {tag: yaml.safe_load((Path(__file__).parent / f"exposing.{tag}.yaml").read_text("utf-8")) for tag in LANGUAGES}


def marked(case: Mapping[str, Any], tag: str, *, frozen: bool) -> set[str]:
    """Return the kinds of marks that a text gets."""
    facts = GroupFacts(case["answered"], case["people"], case["answers"], frozen=frozen)
    return {mark.kind for mark in marks(case["text"], tag, facts)}


def score(*held: bool, frozen: bool) -> tuple[int, int]:
    """Return how many texts that expose are marked, and how many that do not."""
    cases = [(case, tag) for tag in LANGUAGES for case in CASES[tag] if case["held"] in held]
    found = sum(bool(marked(case, tag, frozen=frozen)) for case, tag in cases if case["exposes"])
    return found, sum(bool(marked(case, tag, frozen=frozen)) for case, tag in cases if not case["exposes"])


def test_most_that_exposes_is_marked_and_little_that_does_not() -> None:
    """Of a hundred each, in both languages: at least ninety, and at most ten."""
    assert [sum(case["exposes"] is told for tag in LANGUAGES for case in CASES[tag]) for told in (True, False)] == [
        100,
        100,
    ]
    found, wrongly = score(True, False, frozen=False)

    assert found >= 90
    assert wrongly <= 10


def test_a_band_typed_by_hand_is_all_that_is_marked_beside_in_a_giving_back() -> None:
    """There a count goes by its button, so that a text that exposes nobody is marked for one in words alone."""
    cases = [(case, tag) for tag in LANGUAGES for case in CASES[tag]]
    more = [marked(*each, frozen=True) for each in cases if not marked(*each, frozen=False)]

    assert {kind for kinds in more for kind in kinds} == {"count"}
    assert score(True, False, frozen=True) == (93, 17)


def test_the_half_that_was_held_back_fares_as_the_guide_says() -> None:
    """The figures that the guide gives: what a marking finds that has never seen the texts."""
    assert score(True, frozen=False) == (43, 4)
    assert score(True, frozen=True) == (43, 9)


@pytest.mark.parametrize(
    ("text", "tag", "kind", "words"),
    [
        ("Contestaron doce. Por eso vamos el lunes.", "es", "count", "Contestaron doce"),
        ("Todas menos dos quieren ir.", "es", "count", "Todas menos dos"),
        ("El 40 % quiere otra hora.", "es", "count", "40 %"),
        ("Más de quince quieren otra hora.", "es", "", ""),
        ("Más de doce quieren otra hora.", "es", "count", "doce quieren"),
        ("Menos de cinco quieren otra hora.", "es", "count", "cinco quieren"),
        ("Entre diez y quince compañeras vinieron en 3 camionetas.", "es", "", ""),
        ("Fuimos a tres comunidades en dos días.", "es", "", ""),
        ("La presidenta municipal no vino.", "es", "", ""),
        ("La presidenta del comité no vino.", "es", "post", "La presidenta"),
        ("All but two of you came.", "en", "count", "All but two"),
        ("Over 20 of you came by bus, 3 buses in all.", "en", "", ""),
        ("Someone told us about the well.", "en", "count", "Someone told"),
        ("The midwife told us about the well.", "en", "post", "The midwife"),
    ],
)
def test_what_is_marked_and_what_is_not(text: str, tag: str, kind: str, words: str) -> None:
    """Counts in figures and words, bands of five, what is no count of people, posts of the group and of the town."""
    found = [(mark.kind, mark.words) for mark in marks(text, tag, GroupFacts(30))]

    assert found[:1] == ([(kind, words)] if kind else [])


@pytest.mark.parametrize(
    ("text", "tag", "nickname", "told"),
    [
        ("Queda lejos. Lupita no está sola.", "es", "Lupita", True),
        ("Most find it far. Lupita is not alone.", "en", "Lupita", True),
        ("Colibrí necesita un aventón.", "es", "Colibrí", True),
        ("Lluvia cerró el camino.", "es", "Lluvia", True),
        ("Lluvia y lodo: se cerró el camino.", "es", "Lluvia", False),
        ("Rain has closed the road.", "en", "Rain", True),
        ("Rain closes the road each year.", "en", "Rain", False),
        ("Nos gusta la ceiba de la plaza.", "es", "Ceiba", False),
    ],
)
def test_a_nickname_is_one_at_the_beginning_too(text: str, tag: str, nickname: str, told: bool) -> None:
    """A sentence begins with it as anywhere; only a word with which sentences do begin may be no name."""
    assert [mark.words for mark in marks(text, tag, GroupFacts(30, (nickname,)))] == [nickname] * told


def test_a_minority_is_told_only_of_eight_or_more() -> None:
    """And where it is not known how many answered, no minority is marked."""
    text = "Algunas no están de acuerdo con la fecha."

    assert [bool(marks(text, "es", GroupFacts(answered))) for answered in (3, 7, 8, 30, None)] == [
        True,
        True,
        False,
        False,
        False,
    ]


def test_six_words_in_a_row_are_a_quote_and_five_are_not() -> None:
    """Whatever their capitals, accents and commas; a longer stretch is one mark."""
    said = ["Yo digo que la bomba, lleva rota desde el martes y nadie viene."]

    assert (
        marks("Que la bomba lleva rota desde ayer.", "es", GroupFacts(30, (), said))[0].words
        == "Que la bomba lleva rota desde"
    )
    assert marks("La bomba lleva rota desde ayer.", "es", GroupFacts(30, (), said)) == []
    (mark,) = marks("Oímos: DIGO QUE LA BOMBA LLEVA ROTA DESDE EL MARTES.", "es", GroupFacts(30, (), said))
    assert mark.words == "DIGO QUE LA BOMBA LLEVA ROTA DESDE EL MARTES"


def test_a_language_without_a_table_marks_nicknames_and_quotes() -> None:
    """Its counts and posts are not known; the guide says so."""
    found = marks("Ma tlen Colibrí", "nah", GroupFacts(3, ("Colibrí",)))

    assert [mark.kind for mark in found] == ["nickname"]
