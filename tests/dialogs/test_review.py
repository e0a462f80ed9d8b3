"""Looking at all answers, and changing one after the end."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from dialogs.context import Context
from dialogs.events import Answered, Completed, Expired, Finished, Misplaced, Prompted, Reviewed, ReviewItem

from .conftest import Talk

Start = Callable[[str], Talk]

STEPS = """
- {type: select_one, name: need, label: "¿Qué?", choices: [{name: call, label: Llamada}, {name: none, label: Nada}]}
- {type: text, name: about, label: "¿De qué?", relevant: "${need} = 'call'"}
- {type: text, name: story, label: "¿Cómo?", appearance: multiline discreet}
- {type: text, name: last, label: "¿Algo más?"}
"""


def _completed(talk: Start) -> Talk:
    return talk(STEPS).choose("none").type("Así").press("done").press("skip")


def _later(said: Talk, hours: float) -> Talk:
    said.context = Context(said.context.now + timedelta(hours=hours), said.context.zone, "es")
    return said


def test_a_review_shows_every_question_that_concerns_her(talk: Start) -> None:
    """Answers in the order of the questions, the skipped ones too; it changes nothing."""
    said = _completed(talk)
    before = said.run

    assert said.press("review", path="").events == (
        Reviewed(
            (
                ReviewItem("need", "¿Qué?", "none", "Nada"),
                ReviewItem("story", "¿Cómo?", ("Así",), "Así", discreet=True),
                ReviewItem("last", "¿Algo más?", None, ""),
            ),
            ("finish",),
        ),
    )
    assert said.press("finish", path="").events == (Finished(),)
    assert said.run == before


def test_a_review_in_the_middle_leads_back(talk: Start) -> None:
    """In a run that is open, what she answered so far is shown, and the question follows."""
    said = talk(STEPS).choose("none").press("review")

    assert said.kinds == ["Reviewed", "Prompted"]
    assert [item.path for item in said.event(Reviewed).items] == ["need"]
    assert said.press("finish").kinds == ["Misplaced", "Prompted"]


def test_a_change_after_the_end_asks_only_what_it_brings_up(talk: Start) -> None:
    """The changed answer is a new one, what became relevant is asked, all else stays; the run is completed again."""
    said = _completed(talk).press("change", path="need")
    assert said.event(Prompted).previous == "Nada"
    assert said.choose("call").event(Prompted).path == "about"
    assert said.event(Answered).changed

    assert said.type("Agua").event(Completed) == Completed(3, 4, changed=True)
    assert said.run.answers["story"].value == ("Así",)


def test_an_answer_left_as_it_is_completes_again(talk: Start) -> None:
    """Whoever thinks better of changing presses done, or stop: the run is completed as it was."""
    for way in ("done", "stop"):
        said = _completed(talk).press("change", path="need").press(way)
        assert said.kinds == ["Completed"]
        assert said.run.answers["need"].value == "none"


def test_what_was_completed_stays_completed(talk: Start) -> None:
    """A change that is never finished leaves a completed run, not an expired one."""
    said = _completed(talk).press("change", path="need").choose("call").expire()

    assert said.events == (Expired(),)
    assert said.run.status == "completed"
    assert said.press("review", path="").kinds == ["Reviewed"]


@pytest.mark.parametrize(("hours", "open_still"), [(0, True), (47.9, True), (48.1, False), (9999, False)])
def test_two_days_after_the_end_the_answers_are_what_they_are(talk: Start, hours: float, *, open_still: bool) -> None:
    """Review and change count for 48 hours after the first end; leaving counts always."""
    for action in ("review", "change"):
        said = _later(_completed(talk), hours).press(action, path="need")
        assert (said.events == (Misplaced("closed"),)) is not open_still
    assert _later(_completed(talk), hours).press("finish", path="").kinds == ["Finished"]


def test_changing_again_and_again_moves_no_deadline(talk: Start) -> None:
    """The two days count from the first end."""
    said = _later(_completed(talk), 40).press("change", path="need").press("done")

    assert _later(said, 9).press("change", path="need").events == (Misplaced("closed"),)


def test_only_what_she_was_asked_can_be_changed(talk: Start) -> None:
    """A question that was never asked, or concerns her no more, is stale after the end as before."""
    for path in ("about", "nobody", ""):
        assert _completed(talk).press("change", path=path).events == (Misplaced("stale"),)


def test_what_expired_or_was_stopped_is_not_reviewed(talk: Start) -> None:
    """Only what was completed can be opened by a review."""
    for said in (talk(STEPS).choose("none").expire(), talk(STEPS).choose("none").press("stop")):
        for action in ("review", "change", "finish"):
            assert said.press(action, path="need").events == (Misplaced("closed"),)
