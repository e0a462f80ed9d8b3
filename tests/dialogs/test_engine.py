"""One turn after another: asking, answering, refusing, passing, pausing, ending."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from time import perf_counter

import pytest

from dialogs import engine
from dialogs.context import Context, Limits
from dialogs.events import (
    Answered,
    Collected,
    Completed,
    Explained,
    Misplaced,
    Noted,
    Offered,
    Postponed,
    Prompted,
    Refused,
    Skipped,
    Stopped,
    Toggled,
)
from dialogs.model import Choice, Dialog
from dialogs.reader import read
from dialogs.replies import Pressed, Typed

from .conftest import Talk

Start = Callable[[str], Talk]

ONE = "- {type: select_one, name: one, label: Uno, choices: [{name: a, label: Sí}, {name: b, label: No}]}\n"
WORDS = "- {type: text, name: words, label: Palabras}\n"
PIECES = "- {type: text, name: pieces, label: Cuenta, appearance: multiline}\n"
MANY = (
    "- {type: select_multiple, name: many, label: Varios, "
    "choices: [{name: x, label: Equis}, {name: y, label: Ye}, {name: z, label: Zeta}]}\n"
)
AGE = (
    "- {type: integer, name: age, label: Edad, "
    "constraint: . > 17 and . < 120, constraint_message: 'De ${name}, ¿cuántos?'}\n"
)


def test_a_conversation_is_offered_first(library: Callable[[str], Dialog], context: Context) -> None:
    """A check-in asks whether she has a moment, and says how many questions at most, how long and what for."""
    talk = Talk(library("check_in"), context).begin(offer=True)
    offered = talk.event(Offered)

    assert talk.run.status == "offered"
    assert (offered.title, offered.minutes, offered.questions, offered.repeat) == ("¿Cómo vas?", 2, 4, False)
    assert talk.press("start").kinds == ["Prompted"]
    assert talk.run.status == "open"


def test_a_wizard_begins_at_once(library: Callable[[str], Dialog], context: Context) -> None:
    """Whoever opens a wizard wants it: nothing is offered first."""
    assert Talk(library("staff/ask_purpose"), context).begin(offer=True).kinds == ["Prompted"]


def test_words_are_no_yes_and_no_no(library: Callable[[str], Dialog], context: Context) -> None:
    """Something typed to an offer starts nothing: the offer is made again."""
    talk = Talk(library("check_in"), context).begin(offer=True).type("sí")

    assert talk.event(Offered).repeat
    assert talk.run.status == "offered"
    assert talk.send("sticker").event(Offered).repeat


def test_a_prompt_says_all_that_is_needed(talk: Start) -> None:
    """Question, options, ways on, to wait and out, and where she stands."""
    prompted = talk(ONE + WORDS).event(Prompted)

    assert (prompted.path, prompted.prompt, prompted.text, prompted.number, prompted.total) == ("one", 1, "Uno", 1, 2)
    assert [(each.name, each.label, each.chosen) for each in prompted.options] == [
        ("a", "Sí", False),
        ("b", "No", False),
    ]
    assert prompted.actions == ("skip", "later", "stop")
    assert not prompted.repeat


def test_a_press_answers_and_leads_on(talk: Start) -> None:
    """An answer carries the value, the words she saw and the prompt it answers; the next question follows."""
    said = talk(ONE + WORDS).choose("b")

    assert said.event(Answered) == Answered("one", 1, "b", "No", changed=False)
    assert (said.event(Prompted).path, said.event(Prompted).prompt, said.event(Prompted).number) == ("words", 2, 2)
    assert "back" in said.event(Prompted).actions
    assert said.type("Hola").kinds == ["Answered", "Completed"]
    assert said.event(Completed) == Completed(2, 2)


def test_a_note_is_said_and_passed(talk: Start) -> None:
    """Notes wait for nothing, count for nothing and are said once."""
    said = talk(
        "- {type: note, name: hello, label: 'Hola, ${name}.'}\n" + ONE + "- {type: note, name: bye, label: Ya}\n"
    )

    assert said.kinds == ["Noted", "Prompted"]
    assert said.event(Noted) == Noted("hello", "Hola, Colibrí.")
    assert said.event(Prompted).total == 1
    assert said.choose("a").kinds == ["Answered", "Noted", "Completed"]


def test_several_are_gathered(talk: Start) -> None:
    """Presses pick and drop under the same prompt, in the dialog's order; `done` answers with what is picked."""
    said = talk(MANY).choose("z")
    toggled = said.event(Toggled)

    assert (toggled.prompt, [each.name for each in toggled.options if each.chosen]) == (1, ["z"])
    assert toggled.actions[0] == "done"
    assert "done" not in said.choose("z").event(Toggled).actions
    assert said.choose("z").choose("x").press("done").event(Answered) == Answered("many", 1, ("x", "z"), "Equis, Zeta")


def test_typed_several_are_the_whole_answer(talk: Start) -> None:
    """What is typed replaces what was picked by buttons."""
    assert talk(MANY).choose("z").type("1 y 2").event(Answered).value == ("x", "y")


def test_pieces_are_gathered(talk: Start) -> None:
    """Each message of an open answer is kept at once; `done` closes it and gives the whole once more."""
    said = talk(PIECES + ONE).type("Hubo junta.")
    assert said.events == (Collected("pieces", 1, ("Hubo junta.",), "Hubo junta."),)
    said.type("Y faltó agua.")

    assert said.event(Collected).value == ("Hubo junta.", "Y faltó agua.")
    assert said.press("done").event(Answered) == Answered(
        "pieces", 1, ("Hubo junta.", "Y faltó agua."), "Hubo junta.\nY faltó agua."
    )
    assert said.kinds == ["Answered", "Prompted"]


def test_a_nought_closes_what_is_gathered(talk: Start) -> None:
    """Where buttons cannot be pressed, 0 says that this was all; before anything was said it is a piece itself."""
    assert talk(PIECES + ONE).type("Hubo junta.").type("0").event(Answered).value == ("Hubo junta.",)
    assert talk(PIECES + ONE).type("0").event(Collected).value == ("0",)
    assert talk(PIECES + ONE).type("Hubo junta.").type("!").event(Collected).value == ("Hubo junta.", "!")


def test_pieces_together_have_a_length(make: Callable[[str], Dialog], context: Context) -> None:
    """What makes an answer too long is refused, and what was gathered before it stays."""
    said = Talk(make(PIECES + WORDS), replace(context, limits=Limits(text_length=10))).begin().type("12345")
    assert said.type("678901").event(Refused).code == "too_long"
    assert said.run.draft == ("12345",)

    assert said.type("6789").event(Collected).value == ("12345", "6789")


def test_skipping_after_words_were_sent_keeps_them(talk: Start) -> None:
    """The skip button that still stands above what she wrote only moves on."""
    said = talk(PIECES + ONE).type("Hubo junta.").press("skip")

    assert said.kinds == ["Answered", "Prompted"]
    assert said.run.answers["pieces"].value == ("Hubo junta.",)


@pytest.mark.parametrize(
    ("words", "code", "facts"),
    [
        ("muchos", "not_a_number", {"example": "30"}),
        ("9", "constraint", {"message": "De Colibrí, ¿cuántos?"}),
        (" ", "empty", {}),
        ("9" * 200, "too_long", {"max": "150"}),
    ],
)
def test_what_does_not_fit_is_refused_and_asked_again(
    make: Callable[[str], Dialog], context: Context, words: str, code: str, facts: dict[str, str]
) -> None:
    """A refusal says why and changes nothing; the question follows under a new number, as a repeat."""
    said = Talk(make(AGE), replace(context, limits=Limits(text_length=150))).begin().type(words)
    refused, prompted = said.events

    assert isinstance(refused, Refused)
    assert isinstance(prompted, Prompted)
    assert (refused.code, refused.facts, refused.prompt) == (code, facts, 1)
    assert (prompted.path, prompted.prompt, prompted.repeat) == ("age", 2, True)
    assert not said.run.answers
    assert said.type("30").event(Answered).prompt == 2


def test_a_sticker_is_no_answer(talk: Start) -> None:
    """What is no words is refused by its kind, also by a question that takes words."""
    assert talk(PIECES).send("sticker").event(Refused).facts == {"kind": "sticker"}


def test_what_is_required_cannot_be_skipped(talk: Start) -> None:
    """A required question offers no skip, and refuses one with the author's words; later and stop stay."""
    said = talk("- {type: text, name: words, label: x, required: yes, required_message: 'Hace falta, ${name}.'}")
    assert said.event(Prompted).actions == ("later", "stop")

    assert said.press("skip").event(Refused).facts == {"message": "Hace falta, Colibrí."}
    assert said.run.status == "open"


def test_a_skip_is_an_answer_of_its_own(talk: Start) -> None:
    """A skipped question is passed for good, counted as asked and not as answered."""
    said = talk(ONE + WORDS).press("skip")

    assert said.event(Skipped) == Skipped("one", 1)
    assert said.run.answers["one"].value is None
    assert said.type("x").event(Completed) == Completed(1, 2)


def test_later_waits_and_comes_again(talk: Start, context: Context) -> None:
    """Postponing says until when; when the moment comes the same question is asked again."""
    said = talk(ONE + WORDS).choose("a").press("later")
    assert said.event(Postponed).until == context.now + timedelta(hours=3)
    assert said.run.status == "postponed"

    assert said.again().kinds == ["Resumed", "Prompted"]
    assert (said.event(Prompted).path, said.event(Prompted).repeat, said.run.status) == ("words", True, "open")


def test_an_answer_before_its_time_is_welcome(talk: Start) -> None:
    """Whoever asked for later may answer sooner: the run is open again by it."""
    assert talk(ONE + WORDS).press("later").choose("a").kinds == ["Resumed", "Answered", "Prompted"]
    assert talk(ONE + WORDS).press("later").type("no").kinds == ["Resumed", "Answered", "Prompted"]
    assert talk(ONE + WORDS).press("later").press("start", path="", prompt=0).kinds == ["Resumed", "Prompted"]
    assert talk(ONE + WORDS).press("later").press("skip").kinds == ["Resumed", "Skipped", "Prompted"]
    assert talk(ONE + WORDS).choose("a").press("later").press("back").kinds == ["Resumed", "Prompted"]
    assert talk(PIECES + ONE).type("Uno").press("later").press("done").kinds == ["Resumed", "Answered", "Prompted"]


def test_a_postponed_offer_is_offered_again(library: Callable[[str], Dialog], context: Context) -> None:
    """What was never begun is not resumed but offered, whether its moment came or she presses start herself."""
    said = Talk(library("check_in"), context).begin(offer=True).press("later")
    assert said.run.status == "postponed"
    assert said.again().event(Offered).repeat
    assert said.run.status == "offered"

    assert said.press("later").press("start").kinds == ["Prompted"]


def test_stopping_keeps_what_was_answered(talk: Start) -> None:
    """A stopped run tells what it has, takes nothing more, and goes on where it was when she resumes."""
    said = talk(ONE + WORDS).choose("a").press("stop")
    assert said.event(Stopped) == Stopped(1, 2)
    assert said.type("más").events == (Misplaced("closed"),)
    assert said.run.answers.keys() == {"one"}

    assert said.press("resume", path="", prompt=0).kinds == ["Resumed", "Prompted"]
    assert said.type("más").kinds == ["Answered", "Completed"]


def test_what_is_over_is_closed(talk: Start) -> None:
    """A completed or expired run takes no answer and no start; saying it again says nothing."""
    for over in (talk(ONE).choose("a"), talk(WORDS).type("x"), talk(ONE).expire()):
        before = over.run
        for press in ("start", "resume", "choose", "stop", "later", "back", "accept", "other"):
            assert over.press(press, path="one", choice="b").events == (Misplaced("closed"),)
        assert over.type("b").events == (Misplaced("closed"),)
        assert over.again().events == ()
        assert over.expire().events == ()
        assert over.run == before


def test_words_to_a_question_of_what_is_over_are_closed(talk: Start) -> None:
    """Only a completed run takes one line more, and only to a question that it asked."""
    for over in (talk(WORDS + ONE).type("x").expire(), talk(WORDS + ONE).type("x").press("stop")):
        assert over.type("y", prompt=1).events == (Misplaced("closed"),)
        assert over.run.answers["words"].value == "x"
    assert talk(WORDS).type("x").type("y", prompt=9).events == (Misplaced("closed"),)
    assert talk(ONE).choose("a").type("b", prompt=1).events == (Misplaced("closed"),)
    assert talk(WORDS).type("x").type("y", prompt=1).event(Answered).value == "x\ny"


def test_what_it_is_for_is_always_told(talk: Start) -> None:
    """`why` is answered at any time, changes no answer, and what is open follows."""
    said = talk(ONE)
    assert said.press("why").kinds == ["Explained", "Prompted"]
    assert said.event(Explained).why == "Para probar."

    assert said.choose("a").press("why").kinds == ["Explained"]


def test_asked_again_a_question_is_noted_once(talk: Start) -> None:
    """What is kept of numbers grows with the questions, not with how often each was said."""
    assert talk(ONE + AGE).choose("a").type("9").type("9").run.prompts == ((1, "one"), (2, "age"))


def test_a_step_is_shown_by_itself(make: Callable[[str], Dialog], context: Context) -> None:
    """Notes and questions are shown as they will come; what is not asked of anybody yet is not."""
    dialog = make(
        "- {type: note, name: hi, label: Hola}\n" + ONE + "- {type: calculate, name: c, calculation: 1 + 1}\n"
        "- {type: text, name: never, label: N, relevant: 1 = 2}\n" + AGE
    )
    found = {step.name: engine.shown(dialog, step.name, context) for step in dialog.steps}

    assert found["hi"] == Noted("hi", "Hola")
    assert [type(found[name]) for name in ("one", "age")] == [Prompted, Prompted]
    assert (found["c"], found["never"]) == (None, None)


def test_a_press_counts_only_under_the_newest_prompt(talk: Start) -> None:
    """An old keyboard changes nothing; she is told, and the open question follows."""
    said = talk(ONE + WORDS).choose("a")
    for stale in (Pressed("choose", "one", 1, "b"), Pressed("skip", "words", 1), Pressed("done", "one", 2)):
        assert said.reply(stale).kinds == ["Misplaced", "Prompted"]
        assert said.event(Misplaced).reason == "stale"

    assert said.run.answers["one"].value == "a"


def test_a_button_nobody_gave_changes_nothing(talk: Start) -> None:
    """A choice or an action that is not on offer counts as stale."""
    assert talk(ONE).choose("c").event(Misplaced).reason == "stale"
    assert talk(ONE).choose("A").event(Misplaced).reason == "stale"
    assert talk(ONE).press("dance").event(Misplaced).reason == "stale"
    assert talk(ONE).press("vanish").event(Misplaced).reason == "stale"
    assert talk(AGE).type("como 30").press("dance").event(Misplaced).reason == "stale"
    for action in ("back", "accept", "other"):
        assert talk(ONE).press(action).event(Misplaced).reason == "stale"


def test_only_choosing_chooses(talk: Start) -> None:
    """A choice beside another action is not taken for the answer."""
    assert talk(ONE + WORDS).press("skip", choice="a").event(Skipped).path == "one"
    assert talk(ONE + WORDS).press("later", choice="a").kinds == ["Postponed"]


def test_what_is_under_way_is_not_started_again(talk: Start) -> None:
    """Start and resume of an open run say that it is running, and where."""
    assert talk(ONE).press("start").event(Misplaced).reason == "running"
    assert talk(ONE).press("resume").kinds == ["Misplaced", "Prompted"]


def test_another_language_is_spoken_from_now_on(library: Callable[[str], Dialog], context: Context) -> None:
    """Said again in another language, the open question comes in it; one that is not asked there is passed."""
    said = Talk(library("welcome"), context).begin()
    for _ in range(4):
        said.press("skip")
    assert said.run.position == "register"
    said.context = replace(context, language="en")

    assert said.again().event(Prompted).text == "How should we refer to you?"


LISTS = """
spec: 1
name: lists
kind: staff
languages: [es]
facts: [people]
title: Listas
steps:
- {type: select_one, name: dialog, choices_from: dialogs, label: "¿Cuál?"}
- {type: select_one, name: cohort, choices_from: cohorts, label: "¿A qué grupo?"}
- {type: text, name: purpose, label: "¿Para qué?", constraint: string-length(.) > 10}
- type: select_one
  name: confirm
  label: Se va a enviar «${dialog}» a ${cohort}. Personas «${people}». ¿Lo envío?
  hint: Es para «${purpose}».
  choices: [{name: send, label: Enviar}]
"""


def test_choices_come_from_lists(context: Context) -> None:
    """A wizard's choices are looked up, knowing the answers so far; labels and digits choose among them."""
    asked: list[tuple[str, dict[str, object]]] = []

    def lookup(name: str, answers: object) -> list[Choice]:
        asked.append((name, dict(answers)))  # type: ignore[call-overload]  # a mapping
        return [Choice(f"{name}-{number}", {"es": f"{name} {number}"}) for number in range(1, 8)]

    context = replace(context, lookup=lookup, facts={"people": "14"})
    wizard = read(LISTS, "lists").dialog
    assert wizard
    said = Talk(wizard, context).begin().type("dialogs 3").type("7").type("corto")
    assert said.event(Refused).code == "constraint"
    said.type("Para saber si el horario queda bien")

    assert said.event(Prompted).text == "Se va a enviar «dialogs 3» a cohorts 7. Personas «14». ¿Lo envío?"
    assert said.event(Prompted).hint == "Es para «Para saber si el horario queda bien»."
    assert said.choose("send").kinds == ["Answered", "Completed"]
    assert ("cohorts", {"dialog": "dialogs-3"}) in asked


def test_a_turn_is_quick(library: Callable[[str], Dialog], context: Context) -> None:
    """A turn costs well under a millisecond, whatever else the machine is doing (about 0.06 ms when it is idle)."""
    dialog = library("check_in")
    run = engine.begin(dialog, context, offer=False).run
    best = 1.0
    for _ in range(200):
        began = perf_counter()
        engine.answer(dialog, run, Typed("2"), context)
        best = min(best, perf_counter() - began)

    assert best < 0.000_5
