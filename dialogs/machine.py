"""State machines for dialogs and for participation. The only module that imports `transitions`.

A machine is made of names alone. Nothing an author wrote is ever passed to `transitions` as a callback or a condition:
it would import and call it.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache, lru_cache
from typing import Final

from transitions import Machine, MachineError

from dialogs.model import Dialog

START: Final = "START"
END: Final = "END"
"""The states before the first step and after the last; step names are lower case, so none can equal them."""

_KNOWN: Final = ("invited", "consenting", "naming", "active", "declined", "paused", "left", "unreachable")
PARTICIPATION: Final = ("stranger", *_KNOWN)
"""The states of participation, beginning with somebody never seen."""

_UNMOVED: Final = None
_MOVES: Final[tuple[tuple[str, tuple[str, ...], str | None], ...]] = (
    ("invite", ("stranger",), "invited"),
    ("choose_language", ("invited", "consenting"), "consenting"),
    ("agree", ("consenting", "declined"), "naming"),
    ("decline", ("consenting",), "declined"),
    ("reconsider", ("declined",), "consenting"),
    ("name", ("naming",), "active"),
    ("pause", ("active",), "paused"),
    ("resume", ("paused",), "active"),
    ("leave", tuple(state for state in _KNOWN if state != "left"), "left"),
    ("return", ("left",), "consenting"),
    # Blocking and unblocking are no consent and end no pause: nobody becomes active by them who was not before.
    ("block", ("active",), "unreachable"),
    ("block", tuple(state for state in _KNOWN if state != "active"), _UNMOVED),
    ("unblock", ("unreachable",), "active"),
    ("unblock", tuple(state for state in _KNOWN if state != "unreachable"), _UNMOVED),
)


class TransitionNotAllowed(Exception):
    """The event cannot happen in this state."""


class Cursor:
    """A current state: the smallest model that `transitions` can move."""

    __slots__ = ("state",)

    def __init__(self, state: str) -> None:
        self.state = state


def machine_of(dialog: Dialog) -> Machine:
    """Return the machine of a dialog: START, each step, END, joined by `next`.

    The code that moves the cursor skips steps that are not relevant; the machine knows no answers.
    """
    states = (START, *(step.name for step in dialog.steps), END)
    machine = Machine(model=None, states=list(states), initial=START, auto_transitions=False)
    machine.add_ordered_transitions(list(states), trigger="next", loop=False)
    return machine


@lru_cache(maxsize=256)
def _ways_on(dialog: Dialog) -> dict[str, tuple[str, ...]]:
    """Let the machine of a dialog move a cursor on by `next` from START to END, once per version.

    Returns:
        The steps that come after each state but END, in order.
    """
    cursor, event = Cursor(START), machine_of(dialog).events["next"]
    reached = [START]
    while event.trigger(cursor) and cursor.state != END:
        reached.append(cursor.state)
    return {state: tuple(reached[place:]) for place, state in enumerate(reached, 1)}


def steps_after(dialog: Dialog, state: str) -> Sequence[str]:
    """Return each step that is reached from a state by `next`, in order; END is not one.

    Raises:
        TransitionNotAllowed: the dialog has no such state, or it is END.
    """
    try:
        return _ways_on(dialog)[state]
    except KeyError:
        raise TransitionNotAllowed(f"no next from {state}") from None


@cache
def participation() -> Machine:
    """Return the machine of participation, made once."""
    machine = Machine(model=None, states=list(PARTICIPATION), initial=None, auto_transitions=False)
    for event, sources, target in _MOVES:
        machine.add_transition(event, list(sources), target)
    return machine


def move(state: str, event: str) -> str:
    """Return the participation state to which an event leads; some events do not change it.

    Events: invite, choose_language, agree, decline, reconsider, name, pause, resume, leave, return, block, unblock.

    Raises:
        TransitionNotAllowed: the event cannot happen in this state, or either is unknown.
    """
    machine = participation()
    if event not in machine.events or state not in machine.states:
        raise TransitionNotAllowed(f"no {event} from {state}")
    cursor = Cursor(state)
    try:
        machine.events[event].trigger(cursor)
    except MachineError as error:
        raise TransitionNotAllowed(f"no {event} from {state}") from error
    return cursor.state
