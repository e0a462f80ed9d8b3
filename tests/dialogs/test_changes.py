"""Going back, changing an answer, and words that come late: the cursor's other ways."""

from collections.abc import Callable

from dialogs.events import Answered, Collected, Misplaced, Prompted, Refused, Skipped

from .conftest import Talk

Start = Callable[[str], Talk]

STEPS = """
- {type: select_one, name: need, label: "¿Qué?", choices: [{name: call, label: Llamada}, {name: none, label: Nada}]}
- {type: text, name: about, label: "¿De qué?", relevant: "${need} = 'call'"}
- {type: text, name: story, label: "¿Cómo?", appearance: multiline}
- {type: integer, name: age, label: "¿Edad?"}
- {type: text, name: last, label: "¿Algo más?"}
"""


def _at_last(talk: Start) -> Talk:
    return talk(STEPS).choose("none").type("Así").press("done").type("30")


def test_back_leads_to_the_question_before(talk: Start) -> None:
    """Back asks the question before again, with what she said; questions that concern her no more are passed."""
    said = _at_last(talk).press("back")
    assert (said.event(Prompted).path, said.event(Prompted).previous) == ("age", "30")
    assert said.press("back").event(Prompted).path == "story"
    assert said.press("back").event(Prompted).path == "need"

    assert "back" not in said.event(Prompted).actions


def test_back_passes_what_concerns_her_no_more(talk: Start) -> None:
    """A question that a change took away is not gone back to."""
    said = talk(STEPS).choose("call").type("Agua").press("change", path="need").choose("none")

    assert said.press("back").event(Prompted).path == "need"


def test_after_going_back_nothing_is_asked_twice(talk: Start) -> None:
    """From a question she went back to, the way leads on to the first one without an answer."""
    said = _at_last(talk).press("back").press("back").press("back").choose("none")

    assert said.event(Answered).changed
    assert said.event(Prompted).path == "last"


def test_an_answer_can_be_left_as_it_is(talk: Start) -> None:
    """Whoever went back and thinks the same presses done: nothing is written, the way leads on."""
    said = _at_last(talk).press("back")
    assert "done" in said.event(Prompted).actions

    assert said.press("done").kinds == ["Prompted"]
    assert said.event(Prompted).path == "last"


def test_going_back_to_open_words_is_to_add(talk: Start) -> None:
    """After back, another message joins those sent before."""
    said = _at_last(talk).press("back").press("back").type("Y también")

    assert said.event(Collected).value == ("Así", "Y también")


def test_changing_open_words_is_to_say_them_anew(talk: Start) -> None:
    """After change, the first message replaces what was said; until it comes nothing is lost."""
    said = _at_last(talk).press("change", path="story")
    assert said.event(Prompted).previous == "Así"
    assert said.run.answers["story"].value == ("Así",)
    assert said.type("Mejor así").event(Collected).value == ("Mejor así",)

    assert said.press("done").event(Answered) == Answered("story", 5, ("Mejor así",), "Mejor así", changed=True)
    assert said.event(Prompted).path == "last"


def test_a_change_returns_to_where_she_was(talk: Start) -> None:
    """Change counts whatever its prompt; only what became relevant is asked on the way, every answer is kept."""
    said = _at_last(talk).press("change", path="need", prompt=1)
    assert (said.event(Prompted).path, said.event(Prompted).previous) == ("need", "Nada")
    assert [each.name for each in said.event(Prompted).options if each.chosen] == ["none"]
    assert said.choose("call").event(Prompted).path == "about"
    assert said.type("Agua").event(Prompted).path == "last"

    assert said.run.answers["age"].value == 30
    assert said.type("no").kinds == ["Answered", "Completed"]


def test_a_change_returns_to_a_question_that_has_an_answer(talk: Start) -> None:
    """Whoever looks at an earlier answer again, and changes one before it, comes back to where she was looking."""
    said = _at_last(talk).press("back").press("change", path="story").type("Mejor").press("done")

    assert (said.event(Prompted).path, said.event(Prompted).previous) == ("age", "30")
    said = _at_last(talk).press("back").press("back").press("change", path="need").choose("none")
    assert (said.event(Prompted).path, said.event(Prompted).previous) == ("story", "Así")


def test_a_change_out_of_a_change_returns_all_the_way(talk: Start) -> None:
    """Whoever changes one answer while changing another comes back to where she first left."""
    said = _at_last(talk).press("change", path="need").press("change", path="age").type("31")

    assert said.event(Prompted).path == "last"


def test_a_later_answer_can_be_changed_from_an_earlier_question(talk: Start) -> None:
    """Having gone back, she may change what lies ahead, and returns to the question she had gone back to."""
    said = _at_last(talk).press("back").press("back").press("change", path="age").type("31")
    assert said.event(Prompted).path == "story"

    assert said.press("done").event(Prompted).path == "last"


def test_a_change_that_takes_her_place_away_leads_on(talk: Start) -> None:
    """If the question she was at concerns her no more, she goes on to the next."""
    said = talk(STEPS).choose("call").press("change", path="need").choose("none")

    assert said.event(Prompted).path == "story"


def test_changing_the_open_question_asks_it_again(talk: Start) -> None:
    """Change of the question she is at, reached by back, leads on as usual."""
    said = _at_last(talk).press("back").press("change", path="age").type("31")

    assert said.event(Answered).changed
    assert said.event(Prompted).path == "last"


def test_only_what_was_answered_can_be_changed(talk: Start) -> None:
    """Change of a question not yet asked, not there, or of no concern any more, counts as stale."""
    said = talk(STEPS).choose("call").type("Agua").press("change", path="need").choose("none")
    for path in ("age", "nobody", "about", ""):
        assert said.press("change", path=path).event(Misplaced).reason == "stale"
    assert talk(STEPS).press("change", path="need").event(Misplaced).reason == "stale"


def test_changing_several_starts_from_what_was_picked(talk: Start) -> None:
    """The earlier picks are there to be dropped one by one; none left is a skip."""
    steps = "- {type: select_multiple, name: m, label: x, choices: [{name: a, label: A}, {name: b, label: B}]}\n"
    said = talk(steps + "- {type: text, name: t, label: y}").choose("a").press("done").press("change", path="m")
    assert [each.name for each in said.event(Prompted).options if each.chosen] == ["a"]

    assert said.choose("a").press("done").event(Skipped).path == "m"
    assert said.event(Prompted).path == "t"


def test_an_answer_taken_back_is_skipped(talk: Start) -> None:
    """Skip on a changed question takes its answer back."""
    said = _at_last(talk).press("change", path="age").press("skip")

    assert said.run.answers["age"].value is None
    assert said.event(Prompted).path == "last"


def test_a_second_line_belongs_to_the_question_she_had_seen(talk: Start) -> None:
    """A line that answers an older prompt joins that answer by a new line; the open question stays as it was."""
    said = talk(STEPS).choose("call").type("Del agua").type("y de la luz", prompt=2)

    assert said.events == (Answered("about", 2, "Del agua\ny de la luz", "Del agua\ny de la luz", changed=True),)
    assert said.run.position == "story"
    assert said.type("Así").event(Collected).prompt == 3


def test_a_late_piece_is_one_more(talk: Start) -> None:
    """A late line to a multiline text is one more piece; to a skipped one it is the first."""
    said = _at_last(talk).type("Otra cosa", prompt=2)
    assert said.event(Answered).value == ("Así", "Otra cosa")

    late = talk(STEPS).choose("none").press("skip").type("Sí hubo", prompt=2)
    assert late.events == (Answered("story", 2, ("Sí hubo",), "Sí hubo", changed=False),)


def test_a_closed_question_is_answered_anew(talk: Start) -> None:
    """A late reply to choices or numbers replaces the answer; what became relevant is asked before the end."""
    said = _at_last(talk).type("1", prompt=1)
    assert said.event(Answered) == Answered("need", 1, "call", "Llamada", changed=True)
    assert said.run.position == "last"

    assert said.type("no").event(Prompted).path == "about"
    assert said.type("Agua").kinds == ["Answered", "Completed"]


def test_a_late_reply_that_does_not_fit_is_refused(talk: Start) -> None:
    """The refusal names the older question; the open one follows."""
    said = _at_last(talk).type("como treinta", prompt=3)

    assert (said.event(Refused).path, said.event(Refused).prompt) == ("age", 3)
    assert (said.event(Prompted).path, said.event(Prompted).repeat) == ("last", True)


def test_words_older_than_any_prompt_answer_nothing(talk: Start) -> None:
    """What was typed before the first question, or under a number never given, is no answer."""
    for prompt in (0, -1, 99):
        said = talk(STEPS).type("1", prompt=prompt)
        assert said.kinds == ["Misplaced", "Prompted"]
        assert not said.run.answers


def test_a_line_to_the_same_question_under_an_older_number_is_for_it(talk: Start) -> None:
    """Asked twice, a question takes words to either message as its answer."""
    assert talk(STEPS).type("zzz").type("2", prompt=1).event(Prompted).path == "story"
