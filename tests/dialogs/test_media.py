"""Voice notes and photos as answers."""

import json
from collections.abc import Callable

import pytest

from dialogs.events import Answered, Collected, Passed, Prompted, Refused
from dialogs.model import Media
from dialogs.relevance import operand
from dialogs.replies import Sent
from dialogs.run import Answer
from dialogs.wording import plain_value

from .conftest import Talk

Start = Callable[[str], Talk]

VOICE, PHOTO = Media("voice", "5f2c", 24), Media("photo", "77aa")
PIECES = "- {type: text, name: story, label: Cuenta, appearance: multiline}\n"
WORDS = "- {type: text, name: words, label: Palabras}\n"
LAST = "- {type: text, name: last, label: Más}\n"


def test_media_are_pieces_of_an_open_answer(talk: Start) -> None:
    """Voice, photo and words stand side by side in the order they came; a caption is a piece of its own."""
    said = talk(PIECES + LAST).send("voice", VOICE).type("Y esto:").send("photo", PHOTO, caption=" Así quedó. ")
    assert said.event(Collected).value == (VOICE, "Y esto:", PHOTO, "Así quedó.")
    assert said.event(Collected).label == "Y esto:\nAsí quedó."

    assert said.press("done").event(Answered).value == (VOICE, "Y esto:", PHOTO, "Así quedó.")


def test_one_voice_note_answers_a_short_text(talk: Start) -> None:
    """A text that takes one message takes it spoken as well; a line that comes late joins it."""
    said = talk(WORDS + LAST).send("voice", VOICE)
    assert said.event(Answered) == Answered("words", 1, (VOICE,), "")

    assert said.type("y también", prompt=1).event(Answered).value == (VOICE, "y también")


def test_a_late_photo_joins_what_was_written(talk: Start) -> None:
    """A photo for an answer in words leaves the words as they are."""
    said = talk(WORDS + LAST).type("Dos\nlíneas").send("photo", PHOTO, prompt=1)

    assert said.event(Answered) == Answered("words", 1, ("Dos", "líneas", PHOTO), "Dos\nlíneas", changed=True)


@pytest.mark.parametrize(
    ("kind", "takes", "other", "code"), [("audio", VOICE, PHOTO, "not_voice"), ("image", PHOTO, VOICE, "not_photo")]
)
def test_a_question_for_one_kind_takes_that_kind(talk: Start, kind: str, takes: Media, other: Media, code: str) -> None:
    """Words, stickers and the other kind are refused, saying what is needed."""
    said = talk(f"- {{type: {kind}, name: a, label: A}}\n{LAST}")
    for refused in (said.type("hola"), said.send("sticker"), said.send(other.kind, other), said.send(takes.kind)):
        assert refused.event(Refused).code == code
        assert refused.event(Prompted).repeat

    assert said.send(takes.kind, takes).event(Answered).value == (takes,)


def test_what_was_not_kept_is_no_answer(talk: Start) -> None:
    """A voice note that could not be fetched answers nothing, and one sent to choices passes them."""
    choice = "- {type: select_one, name: one, label: x, choices: [{name: a, label: A}, {name: b, label: B}]}\n"

    assert talk(PIECES).send("voice").event(Refused).facts == {"kind": "voice"}
    assert talk(choice).send("voice").event(Refused).code == "not_text"
    assert talk(choice).send("voice", VOICE).event(Passed).path == "one"


def test_a_place_on_a_map_is_no_answer_to_words(talk: Start) -> None:
    """What a question does not read is refused by its kind, whatever came with it."""
    place = {"location": {"latitude": 17.06, "longitude": -96.72}}

    assert talk(WORDS).reply(Sent("location", content=place)).event(Refused).facts == {"kind": "location"}


def test_a_late_voice_note_is_never_lost(talk: Start) -> None:
    """What was spoken to a question of a completed run still belongs to it."""
    said = talk(PIECES).type("Así").press("done")
    assert said.run.status == "completed"

    assert said.send("voice", VOICE, prompt=1).event(Answered).value == ("Así", VOICE)


def test_an_answer_with_media_survives_its_row() -> None:
    """Kind, id and seconds come back through JSON; words and media keep their order."""
    given = Answer((VOICE, "x", PHOTO), "x")
    row = given.to_dict()

    assert row["value"] == [
        {"media": "voice", "id": "5f2c", "seconds": 24}, "x", {"media": "photo", "id": "77aa", "seconds": None},
    ]  # fmt: skip  # one list, one line
    assert Answer.from_dict(json.loads(json.dumps(row))) == given


def test_media_have_no_words_but_are_an_answer() -> None:
    """Written out they are nothing; an expression reads that there is one."""
    assert plain_value((VOICE, "x", PHOTO)) == "x"
    assert operand((VOICE,)) == "voice"
