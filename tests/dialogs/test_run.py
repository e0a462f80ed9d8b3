"""What is remembered between turns."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialogs.run import STATE_VERSION, Answer, Run

paths = st.from_regex(r"[a-z][a-z0-9_]{0,8}", fullmatch=True)
values = st.one_of(st.none(), st.text(max_size=20), st.integers(), st.lists(st.text(max_size=9)).map(tuple))
answers = st.builds(Answer, values, st.text(max_size=20))


@st.composite
def runs(draw: st.DrawFn) -> Run:
    firsts = sorted(draw(st.sets(st.integers(1, 99), max_size=5)))
    return Run(
        status=draw(st.sampled_from(["offered", "open", "postponed", "stopped", "completed", "expired"])),
        position=draw(st.one_of(st.just(""), paths)),
        trail=tuple(draw(st.lists(paths))),
        prompt=draw(st.integers(0, 200)),
        prompts=tuple((first, draw(paths)) for first in firsts),
        draft=tuple(draw(st.lists(st.text(max_size=9)))),
        returning=draw(st.one_of(st.none(), paths)),
        reopened=draw(st.booleans()),
        answers=draw(st.dictionaries(paths, answers)),
    )


@given(runs())
def test_a_run_survives_its_rows(run: Run) -> None:
    """A run is rebuilt exactly from its state and its answers, each through JSON."""
    state = json.loads(json.dumps(run.state()))
    rows = {path: json.dumps(answer.to_dict()) for path, answer in run.answers.items()}

    assert Run.restore(state, {path: Answer.from_dict(json.loads(row)) for path, row in rows.items()}) == run


def test_the_state_holds_no_answers() -> None:
    """Answers live in rows of their own: one truth, and nothing personal in the run's state."""
    state = Run("open", "a", answers={"a": Answer("secreto", "secreto")}).state()

    assert state["v"] == STATE_VERSION
    assert "secreto" not in json.dumps(state)


def test_a_state_of_a_newer_program_is_refused() -> None:
    """A version this program does not know is never half understood."""
    with pytest.raises(ValueError, match="version 2"):
        Run.restore({**Run("open").state(), "v": 2}, {})


def test_a_prompt_number_belongs_to_the_question_it_asked() -> None:
    """Numbers in between belong to the question asked last; numbers never given belong to none."""
    run = Run("open", "b", prompt=6, prompts=((1, "a"), (4, "b"), (6, "a")))

    assert [run.question_of(number) for number in range(8)] == [None, "a", "a", "a", "b", "b", "a", None]
