"""One turn: (dialog, run, reply or moment, context) -> (run, events)."""

from __future__ import annotations

from typing import TypeGuard

from dialogs import types
from dialogs.amending import amend
from dialogs.answering import accept, choose, done, pieces_of, reopen, said, skip
from dialogs.context import Context
from dialogs.events import Event, Expired, Explained, Finished, Misplaced, Postponed, Resumed, Stopped
from dialogs.machine import START
from dialogs.model import Dialog
from dialogs.replies import Edited, Pressed, Reply, Sent, Typed
from dialogs.run import Run
from dialogs.turn_state import TurnState
from dialogs.value_class import value_class


@value_class
class Turn:
    """The result of a turn: the run as it is now, and what happened, in order."""

    run: Run
    events: tuple[Event, ...]


def begin(dialog: Dialog, context: Context, *, offer: bool = True) -> Turn:
    """Start a run: offer it, or ask the first question at once.

    A dialog of kind `staff` is never offered: one of the team who opens a wizard wants it.
    """
    passage = TurnState(dialog, Run("offered"), context)
    if offer and dialog.kind != "staff":
        passage.offer()
    else:
        _start(passage)
    return _turn(passage)


def answer(dialog: Dialog, run: Run, reply: Reply, context: Context) -> Turn:
    """Take one reply, of any kind and at any time. A reply that does not count changes no answer."""
    passage = TurnState(dialog, run, context)
    if isinstance(reply, Pressed) and reply.action == "why":
        _explain(passage)
    elif isinstance(reply, Edited):
        amend(passage, reply)
    elif run.status in {"completed", "expired", "stopped"}:
        _over(passage, reply)
    elif not run.position:
        _offered(passage, reply)
    elif isinstance(reply, Pressed):
        _pressed(passage, reply)
    else:
        said(passage, reply)
    return _turn(passage)


def pressable(dialog: Dialog, run: Run, path: str, context: Context) -> tuple[str, ...]:
    """Return every choice that a button of a question may carry, including those it had some days ago."""
    passage = TurnState(dialog, run, context)
    step = passage.plan.step(path)
    if (names := types.of(step).pressable) is not None:
        return names(step, context.today())
    return tuple(choice.name for choice in passage.choices(step))


def offered(dialog: Dialog, run: Run, context: Context) -> frozenset[str]:
    """Return the actions on the buttons of what is open: of a question, or of a guess that waits for a yes."""
    if run.status != "open" or not run.position:
        return frozenset()
    if run.near is not None:
        return frozenset({"accept", "other"})
    passage = TurnState(dialog, run, context)
    return frozenset(passage.actions(passage.step))


def shown(dialog: Dialog, name: str, context: Context) -> Event | None:
    """Return a step, note or question, as it is shown before anything is answered; None if it would not be shown."""
    names = [step.name for step in dialog.steps]
    passage = TurnState(dialog, Run("open", position=name, trail=tuple(names[: names.index(name)])), context)
    step = passage.step
    if not step.shown or (step.waits and name not in passage.relevance.expected):
        return None
    if step.waits:
        passage.prompt()
    else:
        passage.say_note(name)
    return passage.events[-1]


def ask_again(dialog: Dialog, run: Run, context: Context) -> Turn:
    """Ask again what is open: a chosen moment has come, the person's language changed, or they start again.

    This reopens a stopped or postponed run; of a run that is over it says nothing.
    """
    passage = TurnState(dialog, run, context)
    if run.status in {"stopped", "postponed"}:
        _resume(passage)
    elif run.status in {"offered", "open"}:
        passage.repeat()
    return _turn(passage)


def expire(dialog: Dialog, run: Run, context: Context) -> Turn:
    """Close a run because its time is over. A run that is over already does not change.

    One that was completed, and reopened to change something, is completed again.
    """
    passage = TurnState(dialog, run, context)
    if run.status not in {"completed", "expired"}:
        passage.close("completed" if run.completed_at else "expired")
        passage.events.append(Expired())
    return _turn(passage)


def _over(passage: TurnState, reply: Reply) -> None:
    """Take a reply to a run that is over."""
    run = passage.run
    action = reply.action if isinstance(reply, Pressed) else ""
    if run.status == "stopped" and action == "resume":
        _resume(passage)
    elif run.status == "completed" and action == "finish":
        passage.events.append(Finished())
    elif run.status == "completed" and action == "review" and passage.open_to_change:
        passage.review()
    elif run.status == "completed" and isinstance(reply, Pressed) and action == "change" and passage.open_to_change:
        _change(passage, reply.path)
    elif _belongs_to_text(reply, passage):
        said(passage, reply)
    else:
        passage.events.append(Misplaced("closed"))


def _belongs_to_text(reply: Reply, passage: TurnState) -> TypeGuard[Typed | Sent]:
    """Return whether a reply is one more line for an open text of a completed run, by its prompt number."""
    if passage.run.status != "completed" or not isinstance(reply, Typed | Sent) or reply.prompt is None:
        return False
    path = passage.run.question_of(reply.prompt)
    return path is not None and types.of(passage.plan.step(path)).free_text


def _turn(passage: TurnState) -> Turn:
    return Turn(passage.run, tuple(passage.events))


def _start(passage: TurnState) -> None:
    passage.change(status="open")
    passage.calculate({})
    passage.onward(START)


def _explain(passage: TurnState) -> None:
    passage.events.append(Explained(passage.words(passage.dialog.why)))
    if passage.run.status in {"offered", "open", "postponed"}:
        passage.repeat()


def _resume(passage: TurnState) -> None:
    """Resume a run where it was; one that never began is offered again."""
    if passage.run.position:
        passage.change(status="open")
        passage.events.append(Resumed())
    else:
        passage.change(status="offered")
    passage.repeat()


def _offered(passage: TurnState, reply: Reply) -> None:
    """Take a reply to an offer. Words are neither a yes nor a no, so the offer is repeated."""
    if not isinstance(reply, Pressed):
        passage.repeat()
    elif reply.action in {"start", "resume"}:
        _start(passage)
    elif reply.action == "later":
        _postpone(passage)
    elif reply.action == "stop":
        _stop(passage)
    else:
        passage.misplace("stale")


def _postpone(passage: TurnState) -> None:
    passage.change(status="postponed")
    passage.events.append(Postponed(passage.context.now + passage.context.limits.later))


def _stop(passage: TurnState) -> None:
    """Stop a run; one that was completed before is completed again as it stands."""
    if passage.run.completed_at:
        passage.complete()
        return
    answered, total = passage.counts()
    passage.change(status="stopped")
    passage.events.append(Stopped(answered, total))


def _pressed(passage: TurnState, press: Pressed) -> None:
    run = passage.run
    if press.action in {"start", "resume"}:
        if run.status == "postponed":
            _resume(passage)
        else:
            passage.misplace("running")
    elif press.action == "change":
        _change(passage, press.path)
    elif press.action == "review":
        passage.review()
    elif press.path != run.position or press.prompt != run.prompt:
        passage.misplace("stale")
    elif press.action == "later":
        _postpone(passage)
    elif press.action == "stop":
        _stop(passage)
    else:
        _pressed_open(passage, press)


def _pressed_open(passage: TurnState, press: Pressed) -> None:
    """Take a press that answers the open question, or moves away from it."""
    step = passage.step
    if press.action == "choose" and press.choice is not None and passage.offers(step, press.choice):
        reopen(passage)
        choose(passage, step, press.choice)
    elif press.action == "back" and (earlier := passage.earlier()):
        reopen(passage)
        given = passage.answered(earlier)
        pieces = given.value if given and types.multiline(passage.plan.step(earlier)) else ()
        # `back` is for adding to an answer, `change` for giving it anew.
        passage.open(earlier, draft=pieces_of(pieces), returning=_unless(passage.run.returning, earlier))
    elif press.action == "done":
        reopen(passage)
        done(passage, step)
    elif press.action == "skip":
        reopen(passage)
        skip(passage, step)
    elif press.action == "accept" and passage.run.near is not None:
        reopen(passage)
        accept(passage, step, passage.run.near)
    elif press.action == "other" and passage.run.near is not None:
        reopen(passage)
        passage.repeat()
    else:
        passage.misplace("stale")


def _unless(returning: str | None, path: str) -> str | None:
    """Return the question to return to, unless it is the one that is opened anyway."""
    return None if returning == path else returning


def _change(passage: TurnState, path: str) -> None:
    """Open an earlier question to change its answer, and return afterwards to the open question or the end."""
    run = passage.run
    if path not in run.trail or path not in run.answers or path not in passage.relevance.relevant:
        passage.misplace("stale")
        return
    reopen(passage)
    returning = run.returning if path == run.position else run.returning or run.position or None
    passage.open(path, returning=_unless(returning, path))
