"""What is noted in the state of a run beside what the engine keeps there; it is sealed with it."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from storage.runs import AGREED, PAPER

ACTED: Final = "acted"
"""That its person did something in it before it began: put it off, or asked what it is for."""
REMIND_AT: Final = "remind_at"
"""When it is said once more, if it is not finished by then."""
UNFINISHED: Final = frozenset({"offered", "open"})


def kept(state: Mapping[str, Any], status: str, *, replied: bool) -> dict[str, Any]:
    """Return what is to be noted after a turn; a reminder is over once its person said later, or no, or finished."""
    found: dict[str, Any] = of_paper(state)
    if (replied and status in {"offered", "postponed"}) or state.get(ACTED):
        found[ACTED] = True
    if status in UNFINISHED and state.get(REMIND_AT):
        found[REMIND_AT] = state[REMIND_AT]
    return found


def of_paper(state: Mapping[str, Any]) -> dict[str, Any]:
    """Return what is noted of a run that was typed in from paper: it stays as long as any answer does."""
    return {PAPER: state[PAPER]} if state.get(PAPER) else {}


def agreed(noted: Mapping[str, Any]) -> dict[str, Any]:
    """Return what is noted, with its person's word that what was typed in from paper is so."""
    return {**noted, PAPER: {**noted[PAPER], AGREED: True}}


def reminds_at(noted: Mapping[str, Any]) -> datetime | None:
    """Return when a run is said once more, or None."""
    at = noted.get(REMIND_AT)
    return datetime.fromisoformat(at) if at else None


def without_reminder(state: Mapping[str, Any]) -> dict[str, Any]:
    """Return a run's state without its reminder, which is said now or never."""
    return {name: value for name, value in state.items() if name != REMIND_AT}
