"""The two machines: through a dialog, and through taking part."""

import itertools
from collections.abc import Callable

import pytest
from transitions import Machine

from dialogs.machine import (
    END,
    PARTICIPATION,
    START,
    TransitionNotAllowed,
    machine_of,
    move,
    participation,
    steps_after,
)
from dialogs.model import Dialog, Step


def test_a_dialog_is_one_chain(library: Callable[[str], Dialog]) -> None:
    """From the start, `next` leads through each step in order, to the end and no further."""
    dialog = library("check_in")
    names = [step.name for step in dialog.steps]

    assert list(steps_after(dialog, START)) == names
    assert list(steps_after(dialog, names[2])) == names[3:]
    assert list(steps_after(dialog, names[-1])) == []
    for state in (END, "nobody"):
        with pytest.raises(TransitionNotAllowed):
            list(steps_after(dialog, state))


def test_a_dialog_without_steps_ends_at_once() -> None:
    """An empty chain leads from the start to the end."""
    assert list(steps_after(Dialog("x", "reflection", {}, {}, 1, ("es",), ()), START)) == []


def test_every_step_is_reached_whatever_it_is_called() -> None:
    """The end is a state of its own: no name of a step is taken for it, wherever it stands in the alphabet."""
    steps = (Step("text", "Cohort", {}), Step("text", "a", {}), Step("text", "Z", {}))

    dialog = Dialog("x", "reflection", {}, {}, 1, ("es",), steps)

    assert list(steps_after(dialog, START)) == ["Cohort", "a", "Z"]
    assert list(steps_after(dialog, "Cohort")) == ["a", "Z"]


def test_one_machine_serves_all_runs_of_a_version(library: Callable[[str], Dialog]) -> None:
    """The machine is asked once per version, holds nobody's model and has no transition but `next`."""
    one, same = library("check_in"), library("check_in")
    machine = machine_of(one)

    assert steps_after(one, START) is steps_after(same, START)
    assert machine.models == []
    assert set(machine.events) == {"next"}
    assert machine.get_transitions("next", source=END) == []


def test_no_words_of_a_dialog_become_a_callback() -> None:
    """A step named like something callable is a state and nothing else."""
    steps = (Step("text", "exit", {"es": "builtins.exit"}, relevant="'platform.node'"), Step("text", "is_exit", {}))
    machine = machine_of(Dialog("x", "reflection", {}, {}, 1, ("es",), steps))

    assert _callbacks(machine) == []


def test_no_callback_hangs_on_taking_part() -> None:
    """The participation machine is made of names alone, too."""
    assert _callbacks(participation()) == []


def _callbacks(machine: Machine) -> list[object]:
    found: list[object] = [*machine.before_state_change, *machine.after_state_change, *machine.finalize_event]
    found += [*machine.prepare_event, *machine.on_exception, *machine.on_final]
    for state in machine.states.values():
        found += [*state.on_enter, *state.on_exit]
    for event in machine.events.values():
        for transition in itertools.chain(*event.transitions.values()):
            found += [*transition.before, *transition.after, *transition.prepare, *transition.conditions]
    return found


@pytest.mark.parametrize(
    ("state", "event", "after"),
    [
        ("stranger", "invite", "invited"),
        ("invited", "choose_language", "consenting"),
        ("consenting", "choose_language", "consenting"),
        ("consenting", "agree", "naming"),
        ("consenting", "decline", "declined"),
        ("declined", "agree", "naming"),
        ("declined", "reconsider", "consenting"),
        ("naming", "name", "active"),
        ("active", "pause", "paused"),
        ("paused", "resume", "active"),
        ("active", "leave", "left"),
        ("paused", "leave", "left"),
        ("unreachable", "leave", "left"),
        ("left", "return", "consenting"),
        ("active", "block", "unreachable"),
        ("unreachable", "unblock", "active"),
    ],
)
def test_taking_part_moves(state: str, event: str, after: str) -> None:
    """Each event leads where it should."""
    assert move(state, event) == after


def test_nobody_becomes_active_without_consent() -> None:
    """From any state, block and unblock never make someone active who was not; only a name or a resume does."""
    for state in PARTICIPATION[1:]:
        if state not in {"active", "unreachable"}:
            assert move(move(state, "block"), "unblock") == state
    reaches_active = {
        (state, event)
        for state in PARTICIPATION
        for event in participation().events
        if state != "active" and _moves(state, event) == "active"
    }

    assert reaches_active == {("naming", "name"), ("paused", "resume"), ("unreachable", "unblock")}


def _moves(state: str, event: str) -> str | None:
    try:
        return move(state, event)
    except TransitionNotAllowed:
        return None


@pytest.mark.parametrize(
    ("state", "event"),
    [("active", "agree"), ("stranger", "agree"), ("left", "resume"), ("left", "leave"), ("no", "agree"), ("left", "x")],
)
def test_what_cannot_happen_is_not_allowed(state: str, event: str) -> None:
    """An event out of place raises, and so does a name nobody knows."""
    with pytest.raises(TransitionNotAllowed):
        move(state, event)
