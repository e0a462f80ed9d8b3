"""Messages that were edited after they were sent."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialogs.context import Context
from dialogs.events import Amended, Collected, Misplaced, Prompted, Refused
from dialogs.model import Media
from dialogs.reader import read
from dialogs.run import AnswerSource

from .conftest import HEAD, NOW, Talk

Start = Callable[[str], Talk]

VOICE = Media("voice", "5f2c", 24)
STEPS = """
- {type: select_one, name: need, label: "¿Qué?", choices: [{name: call, label: Llamada}, {name: none, label: Nada}]}
- {type: text, name: about, label: "¿De qué?", relevant: "${need} = 'call'"}
- {type: text, name: story, label: "¿Cómo?", appearance: multiline}
- {type: integer, name: age, label: "¿Edad?", constraint: . > 17, constraint_message: Más}
"""


def test_an_edit_corrects_its_own_piece(talk: Start) -> None:
    """The other pieces stay as they are, in a draft that is still being gathered and after it was closed."""
    said = talk(STEPS).choose("none").type("uno", order=5).send("voice", VOICE, order=6).type("tres", order=7)
    assert said.edit(5, "Uno").event(Amended) == Amended("story", 2, ("Uno", VOICE, "tres"), "Uno\ntres")
    assert said.kinds == ["Amended"]

    assert said.type("cuatro").run.answers["story"].value == ("Uno", VOICE, "tres", "cuatro")
    said.press("done")
    assert said.edit(7, "Tres").event(Amended).value == ("Uno", VOICE, "Tres", "cuatro")
    assert said.run.position == "age"


def test_an_edit_of_a_line_corrects_that_line(talk: Start) -> None:
    """In a text that a late line was added to, each message is found again, however many lines it has."""
    said = talk(STEPS).choose("call").type("del agua\ny la luz", order=5).type("y el molino", prompt=2, order=6)
    assert said.edit(5, "Del agua").event(Amended).value == "Del agua\ny el molino"
    assert said.edit(6, "y el molino\ny la leña").event(Amended).value == "Del agua\ny el molino\ny la leña"

    assert said.edit(5, "A\nB\nC").event(Amended).value == "A\nB\nC\ny el molino\ny la leña"


def test_a_caption_that_is_taken_away_leaves_its_recording(talk: Start) -> None:
    """The voice note is the answer, whatever stands or stood under it."""
    said = talk("- {type: audio, name: a, label: A}\n- {type: text, name: b, label: B}\n")
    said.send("voice", VOICE, order=5, caption="asi").send("voice", VOICE, order=6, caption="asi")

    assert [said.edit(order, "").event(Amended).value for order in (5, 6)] == [(VOICE,), (VOICE,)]


def test_a_message_that_is_a_whole_answer_is_its_one_part(talk: Start) -> None:
    """What is kept of where an answer came from begins at its beginning."""
    assert talk(STEPS).type("1", order=5).run.sources == (AnswerSource(5, "need", 0, 1),)


def test_a_caption_can_be_edited_or_added(talk: Start) -> None:
    """The photo or voice note stays; the words under it are replaced, or come to be."""
    said = talk(STEPS).choose("none").send("voice", VOICE, order=5, caption="asi").type("fin", order=6)
    assert said.edit(5, "Así").event(Amended).value == (VOICE, "Así", "fin")
    said.send("voice", VOICE, order=7)

    assert said.edit(7, "Otra").event(Amended).value == (VOICE, "Así", "fin", VOICE, "Otra")
    assert said.edit(6, "Fin").event(Amended).value == (VOICE, "Así", "Fin", VOICE, "Otra")


def test_an_edited_choice_or_number_is_read_anew(talk: Start) -> None:
    """What does not fit, or only nearly, is refused and changes nothing."""
    said = talk(STEPS).type("1", order=5)
    assert said.edit(5, "nada").event(Amended).value == "none"
    assert said.event(Prompted).path == "story", "the question it took away is passed"

    said.type("x").press("done").type("30", order=6)
    assert said.edit(6, "31").event(Amended).value == 31
    for words, code in (("como 40", "not_a_number"), ("3", "constraint"), ("mucho", "not_a_number"), (" ", "empty")):
        assert said.edit(6, words).events == (Refused("age", 4, code, said.event(Refused).facts),)
        assert said.run.answers["age"].value == 31


def test_an_edit_after_the_end_may_bring_up_a_question(talk: Start) -> None:
    """For two days an edit counts; what it makes relevant is asked, as after a change."""
    said = talk(STEPS).type("2", order=5).type("x").press("done").type("30")
    assert said.run.status == "completed"
    assert said.edit(5, "1").kinds == ["Amended", "Prompted"]
    assert said.event(Prompted).path == "about"

    assert said.type("Agua").kinds == ["Answered", "Completed"]


def test_an_edit_after_two_days_is_closed(talk: Start, context: Context) -> None:
    """Then her answers are what they are; of a run that expired, at once."""
    said = talk(STEPS).choose("none").type("x", order=5).press("done").type("30")
    said.context = Context(context.now + timedelta(hours=49), context.zone, "es")
    assert said.edit(5, "y").events == (Misplaced("closed"),)

    assert talk(STEPS).type("2", order=5).expire().edit(5, "1").events == (Misplaced("closed"),)


def test_an_edit_of_what_no_longer_stands_is_stale(talk: Start) -> None:
    """A message that answered nothing, and one whose answer was said anew or taken back, corrects nothing."""
    said = talk(STEPS).choose("none").type("uno", order=5).press("done")
    assert said.edit(99, "x").kinds == ["Misplaced", "Prompted"]
    said.press("change", path="story").type("Otra cosa", order=8)
    assert said.edit(5, "x").event(Misplaced).reason == "stale"
    assert said.edit(8, "Otra").event(Amended).value == ("Otra",)

    said.press("done").press("change", path="story").press("skip")
    assert said.edit(8, "x").event(Misplaced).reason == "stale"
    assert said.run.answers["story"].value is None


@pytest.mark.parametrize("pause", ["later", "stop"])
def test_an_edit_while_paused_counts(talk: Start, pause: str) -> None:
    """Paused or stopped, her words are still hers to correct; nothing is asked by it."""
    said = talk(STEPS).choose("none").type("uno", order=5).press("done").press(pause)

    assert said.edit(5, "Uno").kinds == ["Amended"]
    assert said.run.status == {"later": "postponed", "stop": "stopped"}[pause]


def test_an_edit_does_not_pass_the_length(talk: Start) -> None:
    """An answer has a length, however it came to be so long."""
    said = talk(STEPS).choose("none").type("uno", order=5)

    assert said.edit(5, "x" * 20_001).event(Refused).code == "too_long"
    assert said.edit(5, "x" * 20_000).event(Amended).value == ("x" * 20_000,)


def test_an_edit_of_words_that_are_being_said_anew_takes_none_of_them_up(talk: Start) -> None:
    """It corrects the answer that stands; what she says next replaces it all the same."""
    said = talk(STEPS).choose("none").type("uno", order=5).press("done").press("change", path="story")
    assert said.edit(5, "Uno").event(Amended).value == ("Uno",)

    assert said.type("dos", order=8).event(Collected).value == ("dos",)


MESSAGES = st.lists(st.lists(st.text("ab", min_size=1, max_size=3), min_size=1, max_size=3), min_size=1, max_size=5)


@given(MESSAGES, st.data(), st.booleans())
def test_an_edit_touches_its_own_piece_alone(messages: list[list[str]], data: st.DataObject, multiline: bool) -> None:
    """Whatever was sent and edited before, each edit replaces what its message gave, and nothing else."""
    look = ", appearance: multiline" if multiline else ""
    steps = f"- {{type: text, name: a, label: A{look}}}\n- {{type: text, name: b, label: B}}\n"
    dialog = read(HEAD + steps, "sample").dialog
    assert dialog
    said = Talk(dialog, Context(NOW, "UTC", "es")).begin()
    held = ["\n".join(lines) for lines in messages]
    for order, words in enumerate(held):
        said.type(words, prompt=1, order=order)
    for _ in range(data.draw(st.integers(1, 5))):
        order = data.draw(st.integers(0, len(held) - 1))
        held[order] = "\n".join(data.draw(st.lists(st.text("cd", min_size=1, max_size=3), min_size=1, max_size=3)))
        said.edit(order, held[order])

        assert said.run.answers["a"].value == (tuple(held) if multiline else "\n".join(held))


def test_an_edit_that_changes_nothing_is_none(talk: Start) -> None:
    """A messenger tells of changes that are none of the words: no answer is written and nothing is said."""
    said = talk(STEPS).choose("none").type("uno", order=5)

    assert said.edit(5, " uno ").events == ()
    assert said.run.answers["story"].value == ("uno",)


def test_an_edit_to_nothing_visible_is_refused(talk: Start) -> None:
    """Marks without width in the place of words are no words."""
    said = talk(STEPS).choose("none").type("uno", order=5)

    assert said.edit(5, "\u200b").event(Refused).code == "empty"
    assert said.run.answers["story"].value == ("uno",)
