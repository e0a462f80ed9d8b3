"""Talking through a dialog in the terminal: the real engine, nothing kept."""

import io
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.cli.simulator import Simulator
from bot.content import Content
from dialogs.reader import read
from tests.bot.rig import texts

NOW = datetime(2026, 11, 24, 15, 0, tzinfo=UTC)
AGE = """spec: 1
name: age
kind: check_in
languages: [es]
minutes: 1
title: Edad
why: Para saber.
steps:
  - {type: integer, name: age, label: "¿Cuántos años tienes?", required: yes, constraint: ". > 17"}
"""

WIZARD = """spec: 1
name: pick
kind: staff
languages: [es]
facts: [cohort_label, people]
title: Escoger
steps:
  - {type: select_one, name: dialog, required: yes, choices_from: dialogs, label: "¿Cuál?"}
  - type: acknowledge
    name: sure
    label: "«${dialog}» a ${cohort_label}, ${people} personas. ¿Lo envío?"
"""


def talk(lines: list[str], language: str, name: str = "check_in", folder: Path = Path("nowhere")) -> str:
    """Talk through a dialog; returns everything that was printed."""
    out = io.StringIO()
    dialog = Content(folder).in_files().dialog(name)
    Simulator(dialog, language, texts(), NOW).run(io.StringIO("".join(f"{line}\n" for line in lines)), out)
    return out.getvalue()


@pytest.mark.parametrize(
    ("language", "lines", "thanks"),
    [
        ("es", ["2", "Hubo junta.", "Y agua.", "/listo", "que me llamen", "Por el agua."], "Contestaste 4 de 4."),
        ("en", ["2", "A meeting.", "And water.", "/done", "a call", "The water."], "You answered 4 of 4."),
    ],
)
def test_a_check_in_to_its_end(language: str, lines: list[str], thanks: str) -> None:
    """Typed answers lead through the whole conversation to the thanks, in either language."""
    told = talk(lines, language)

    assert thanks in told
    assert "1 · 😞" in told
    assert told.count("\n> ") == len(lines)


def test_every_word_is_in_one_language() -> None:
    """Ways on are commands of the same language as the questions."""
    told = talk(["/back", "/why", "x", "/stop"], "en")

    assert "/skip" in told
    assert "/saltar" not in told
    assert "1 of 4" in told
    assert texts().say("talk.left", "en") in told


def test_a_refusal_is_told_and_asked_again() -> None:
    """What does not fit is answered with what is needed, and the question stands."""
    told = talk(["blue", "9", "3"], "en")

    assert texts().say("refused.not_a_number", "en", example="3") in told
    assert texts().say("refused.out_of_range", "en", min="1", max="5") in told
    assert told.count("1 of 4") == 3


def test_every_refusal_has_words() -> None:
    """Neither a constraint nor a required question without words of its author is refused by an empty line."""
    found = read(AGE, "age").dialog
    assert found is not None
    out = io.StringIO()
    Simulator(found, "es", texts(), NOW).run(io.StringIO("12\n/saltar\n"), out)

    assert texts().say("refused.constraint", "es") in out.getvalue()
    assert texts().say("refused.required", "es") in out.getvalue()


def test_the_end_of_the_input_is_the_end() -> None:
    """Whoever closes the terminal in the middle just ends it."""
    assert talk([], "es").rstrip().endswith(">")


def test_several_choices_can_be_given_at_once() -> None:
    """A question for several choices takes them in one line."""
    told = talk(["/saltar", "/saltar", "1 y 3", "/parar"], "es", "welcome")

    assert "¿Cómo andas de señal y datos?" in told


def test_the_teams_own_dialog_can_be_talked_through(tmp_path: Path) -> None:
    """A wizard's lists have an example in the terminal, and its blanks are filled."""
    (tmp_path / "pick.yaml").write_text(WIZARD, "utf-8")
    told = talk(["1", "1"], "es", "pick", tmp_path)

    assert "${" not in told
    assert "¿Lo envío?" in told
