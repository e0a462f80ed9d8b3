"""Near misses: offered, never corrected."""

from collections.abc import Callable

import pytest

from dialogs.events import Answered, Misplaced, Passed, Prompted, Refused, Skipped, Suggested
from dialogs.replies import Typed

from .conftest import Talk

Start = Callable[[str], Talk]

AGE = "- {type: integer, name: age, label: Edad, constraint: . > 17, constraint_message: 'De 18 en adelante.'}\n"
NEED = (
    "- {type: select_one, name: need, label: Qué, "
    "choices: [{name: call, label: Llamada}, {name: info, label: Información}, {name: none, label: Nada}]}\n"
)
MANY = "- {type: select_multiple, name: many, label: Y, choices: [{name: a, label: Agua}, {name: b, label: Barrio}]}\n"
LAST = "- {type: text, name: last, label: Más}\n"


def test_a_number_in_a_sentence_is_asked_back(talk: Start) -> None:
    """Under a number of its own she is asked whether she meant it; nothing is answered until she says so."""
    said = talk(AGE + LAST).type("como 30")

    assert said.events == (Suggested("age", 2, "30", "30"),)
    assert not said.run.answers
    assert said.press("accept").event(Answered) == Answered("age", 2, 30, "30")
    assert said.event(Prompted).path == "last"


@pytest.mark.parametrize("yes", ["sí", "Si", "yes", "claro"])
def test_a_typed_yes_accepts(talk: Start, yes: str) -> None:
    """Yes in words is as good as the button."""
    assert talk(AGE + LAST).type("como 30").type(yes).event(Answered).value == 30


def test_a_no_asks_again(talk: Start) -> None:
    """`other`, or a typed no, asks the question again."""
    said = talk(AGE + LAST).type("como 30").press("other")
    assert said.kinds == ["Prompted"]
    assert said.event(Prompted).repeat

    assert said.type("como 40").type("no").kinds == ["Prompted"]
    assert said.press("accept").event(Misplaced).reason == "stale"


def test_anything_else_is_a_new_reply(talk: Start) -> None:
    """What is neither yes nor no is taken as the answer itself, a digit included where numbers are asked for."""
    assert talk(AGE + LAST).type("como 30").type("31").event(Answered).value == 31
    assert talk(AGE + LAST).type("como 30").type("casi 40").event(Suggested).label == "40"
    assert talk(NEED + LAST).type("informasion").type("llamada").event(Answered).value == "call"


def test_digits_stand_for_yes_and_no_where_none_are_asked_for(talk: Start) -> None:
    """Of choices, days and hours, 1 is yes and 2 is no to what was asked last."""
    assert talk(NEED + LAST).type("informasion").type("1").event(Answered).value == "info"
    assert talk(NEED + LAST).type("informasion").type("2").event(Prompted).path == "need"


def test_a_slip_among_several_is_asked_back(talk: Start) -> None:
    """One picked by a slip is the whole answer, once she says yes."""
    assert talk(MANY + LAST).type("varrio").press("accept").event(Answered).value == ("b",)


def test_the_buttons_above_no_longer_count(talk: Start) -> None:
    """The question's own keyboard, and the yes to an earlier guess, stand under older numbers."""
    said = talk(NEED + LAST).type("informasion")
    assert said.press("choose", choice="call", prompt=1).kinds == ["Misplaced", "Prompted"]

    said = talk(AGE + LAST).type("como 30").type("como 40")
    assert said.press("accept", prompt=2).kinds == ["Misplaced", "Prompted"]
    assert not said.run.answers


def test_a_yes_to_an_older_prompt_is_no_yes(talk: Start) -> None:
    """What was typed before she had seen the guess answers the question, not the guess."""
    said = talk(AGE + LAST).type("como 30").reply(Typed("sí", 1))

    assert said.event(Refused).code == "not_a_number"
    assert not said.run.answers


def test_what_cannot_be_is_not_guessed(talk: Start) -> None:
    """A guess that the constraint rules out is refused with the author's words."""
    assert talk(AGE + LAST).type("como 15").event(Refused).facts == {"message": "De 18 en adelante."}


def test_skipping_and_waiting_are_still_open(talk: Start) -> None:
    """A guess is no trap: skip, back, later and stop count under its number."""
    assert talk(AGE + LAST).type("como 30").press("skip").kinds == ["Skipped", "Prompted"]
    said = talk(AGE + LAST).type("como 30").press("later")
    assert said.run.status == "postponed"
    assert said.again().kinds == ["Resumed", "Prompted"]
    assert said.run.near is None


def test_a_late_slip_is_refused_with_what_was_near(talk: Start) -> None:
    """A question that is no longer open cannot ask back: the refusal names what was near."""
    said = talk(NEED + AGE + LAST).choose("call").type("informasion", prompt=1)
    assert said.event(Refused).facts == {"max": "3", "near": "Información"}

    assert said.type("30").type("como 40", prompt=2).event(Refused).facts == {"example": "40"}


@pytest.mark.parametrize(
    ("said", "name"), [("pues llamada", "call"), ("informacion por favor", "info"), ("de agua", "")]
)
def test_a_choice_that_is_a_part_of_what_was_said_is_offered(talk: Start, said: str, name: str) -> None:
    """Where just one label stands whole in her words, or her words in it, she is asked whether she meant it."""
    turn = talk(NEED + LAST).type(said)

    if name:
        assert turn.event(Suggested).value_name == name
    else:
        assert turn.event(Refused).code == "not_a_choice"
    assert not turn.run.answers


def test_words_that_hold_two_choices_are_no_guess(talk: Start) -> None:
    """What names two choices of which one is asked for is never chosen for her: it stays beside the question."""
    turn = talk(NEED + LAST).type("informacion y tambien llamada")
    assert turn.event(Passed).path == "need"
    assert turn.event(Skipped).path == "need"
