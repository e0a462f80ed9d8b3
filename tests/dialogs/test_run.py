"""What is remembered between turns."""

import json
from datetime import UTC

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialogs.model import Media
from dialogs.run import STATE_VERSION, Answer, AnswerSource, Run

paths = st.from_regex(r"[a-z][a-z0-9_]{0,8}", fullmatch=True)
media = st.builds(
    Media, st.sampled_from(["voice", "photo"]), st.text("0a", max_size=4), st.one_of(st.none(), st.integers())
)
pieces = st.lists(st.one_of(st.text(max_size=9), media)).map(tuple)
values = st.one_of(st.none(), st.text(max_size=20), st.integers(), pieces)
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
        draft=draw(pieces),
        returning=draw(st.one_of(st.none(), paths)),
        reopened=draw(st.booleans()),
        near=draw(st.one_of(st.none(), st.text(max_size=5))),
        completed_at=draw(st.one_of(st.none(), st.datetimes(timezones=st.just(UTC)))),
        sources=tuple(draw(st.lists(st.builds(AnswerSource, st.integers(), paths, st.integers(), st.integers())))),
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


@pytest.mark.parametrize("version", [0, 3])
def test_a_state_of_another_program_is_refused(version: int) -> None:
    """A version this program does not know is never half understood."""
    with pytest.raises(ValueError, match=f"version {version}"):
        Run.restore({**Run("open").state(), "v": version}, {})


def test_a_state_of_the_first_version_is_still_read() -> None:
    """A run that was saved before there were guesses, reviews and edits goes on where it was."""
    state = {
        "v": 1, "status": "open", "position": "b", "trail": ["a", "b"], "prompt": 2, "prompts": [[1, "a"], [2, "b"]],
        "draft": ["Hubo junta."], "returning": None, "reopened": False,
    }  # fmt: skip  # as it was saved

    run = Run.restore(state, {"a": Answer("x", "x")})

    assert run == Run(
        "open", "b", ("a", "b"), 2, ((1, "a"), (2, "b")), ("Hubo junta.",), answers={"a": Answer("x", "x")}
    )
    assert Run.restore(run.state(), run.answers) == run


def test_the_newest_prompt_of_a_question_is_known() -> None:
    """A question asked twice has the number of its last time; one that was never asked has none."""
    run = Run("open", "b", prompt=6, prompts=((1, "a"), (4, "b"), (6, "a")))

    assert [run.prompt_of(path) for path in ("a", "b", "c")] == [6, 5, 0]


def test_a_prompt_number_belongs_to_the_question_it_asked() -> None:
    """Numbers in between belong to the question asked last; numbers never given belong to none."""
    run = Run("open", "b", prompt=6, prompts=((1, "a"), (4, "b"), (6, "a")))

    assert [run.question_of(number) for number in range(8)] == [None, "a", "a", "a", "b", "b", "a", None]
