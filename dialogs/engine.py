"""One turn: (dialog, run, reply or moment, context) -> (run, events)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TypeGuard

from dialogs.context import Context
from dialogs.events import (
    Answered,
    Collected,
    Event,
    Expired,
    Explained,
    Misplaced,
    Postponed,
    Refused,
    Resumed,
    Skipped,
    Stopped,
    Toggled,
)
from dialogs.machine import START
from dialogs.model import Dialog, Step, Value
from dialogs.passage import Passage
from dialogs.relevance import operand
from dialogs.replies import Pressed, Refusal, Reply, Sent, Typed, read_words
from dialogs.run import Run
from dialogs.wording import plain


@dataclass(frozen=True, slots=True)
class Turn:
    """What a turn came to: the run as it now is, and what happened, in order."""

    run: Run
    events: tuple[Event, ...]


def begin(dialog: Dialog, context: Context, *, offer: bool = True) -> Turn:
    """Start a run: ask whether she has a moment, or ask the first question at once.

    A dialog of kind `staff` is never offered: whoever opens a wizard wants it.
    """
    passage = Passage(dialog, Run("offered"), context)
    if offer and dialog.kind != "staff":
        passage.offer()
    else:
        _start(passage)
    return _turn(passage)


def answer(dialog: Dialog, run: Run, reply: Reply, context: Context) -> Turn:
    """Take one reply, whatever it is and whenever it comes. What does not count changes no answer."""
    passage = Passage(dialog, run, context)
    if isinstance(reply, Pressed) and reply.action == "why":
        _explain(passage)
    elif run.status in {"completed", "expired", "stopped"}:
        if run.status == "stopped" and isinstance(reply, Pressed) and reply.action == "resume":
            _resume(passage)
        elif _belongs_to_text(reply, passage):
            _said(passage, reply)
        else:
            passage.events.append(Misplaced("closed"))
    elif not run.position:
        _offered(passage, reply)
    elif isinstance(reply, Pressed):
        _pressed(passage, reply)
    else:
        _said(passage, reply)
    return _turn(passage)


def again(dialog: Dialog, run: Run, context: Context) -> Turn:
    """Say again what is open: a moment she asked for has come, her language changed, she starts anew.

    A stopped or postponed run is open again by it; of a run that is over there is nothing to say.
    """
    passage = Passage(dialog, run, context)
    if run.status in {"stopped", "postponed"}:
        _resume(passage)
    elif run.status in {"offered", "open"}:
        passage.repeat()
    return _turn(passage)


def expire(dialog: Dialog, run: Run, context: Context) -> Turn:
    """Close a run because its time is over. A run that is over already stays as it was."""
    passage = Passage(dialog, run, context)
    if run.status not in {"completed", "expired"}:
        passage.change(status="expired", position="", draft=(), returning=None, reopened=False)
        passage.events.append(Expired())
    return _turn(passage)


def _belongs_to_text(reply: Reply, passage: Passage) -> TypeGuard[Typed]:
    """Tell whether words are a further line to an open text of a completed run, which she had in front of her."""
    if passage.run.status != "completed" or not isinstance(reply, Typed) or reply.prompt is None:
        return False
    path = passage.run.question_of(reply.prompt)
    return path is not None and passage.plan.step(path).type == "text"


def _turn(passage: Passage) -> Turn:
    return Turn(passage.run, tuple(passage.events))


def _start(passage: Passage) -> None:
    passage.change(status="open")
    passage.onward(START)


def _explain(passage: Passage) -> None:
    passage.events.append(Explained(passage.words(passage.dialog.why)))
    if passage.run.status in {"offered", "open", "postponed"}:
        passage.repeat()


def _resume(passage: Passage) -> None:
    """Take a run up again where it was; what was never begun is offered again."""
    if passage.run.position:
        passage.change(status="open")
        passage.events.append(Resumed())
    else:
        passage.change(status="offered")
    passage.repeat()


def _offered(passage: Passage, reply: Reply) -> None:
    """Take a reply to an offer. Words are no yes and no no: she is asked again."""
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


def _postpone(passage: Passage) -> None:
    passage.change(status="postponed")
    passage.events.append(Postponed(passage.context.now + passage.context.limits.later))


def _stop(passage: Passage) -> None:
    answered, total = passage.counts()
    passage.change(status="stopped")
    passage.events.append(Stopped(answered, total))


def _reopen(passage: Passage) -> None:
    """Take a postponed run up again because its open question was answered before the moment came."""
    if passage.run.status == "postponed":
        passage.change(status="open")
        passage.events.append(Resumed())


def _pressed(passage: Passage, press: Pressed) -> None:
    run = passage.run
    if press.action in {"start", "resume"}:
        if run.status == "postponed":
            _resume(passage)
        else:
            passage.misplace("running")
        return
    if press.action == "change":
        _change(passage, press.path)
        return
    if press.path != run.position or press.prompt != run.prompt:
        passage.misplace("stale")
        return
    if press.action == "later":
        _postpone(passage)
    elif press.action == "stop":
        _stop(passage)
    else:
        _pressed_open(passage, press)


def _pressed_open(passage: Passage, press: Pressed) -> None:
    """Take a press that answers the open question, or moves from it."""
    step = passage.step
    if press.action == "choose" and press.choice in {choice.name for choice in passage.choices(step)}:
        _reopen(passage)
        _choose(passage, step, str(press.choice))
    elif press.action == "back" and (earlier := passage.earlier()):
        _reopen(passage)
        given = passage.answered(earlier)
        pieces = given.value if given and passage.plan.step(earlier).multiline else ()
        # Going back is to add; `change` is to say it anew.
        passage.open(earlier, draft=_pieces(pieces), returning=_unless(passage.run.returning, earlier))
    elif press.action == "done":
        _reopen(passage)
        _done(passage, step)
    elif press.action == "skip":
        _reopen(passage)
        _skip(passage, step)
    else:
        passage.misplace("stale")


def _pieces(value: Value | None) -> tuple[str, ...]:
    return value if isinstance(value, tuple) else ()


def _unless(returning: str | None, path: str) -> str | None:
    """Give the place to return to, unless it is where she goes anyway."""
    return None if returning == path else returning


def _choose(passage: Passage, step: Step, name: str) -> None:
    if step.type != "select_multiple":
        _answer_open(passage, step, int(name) if step.type == "range" else name)
        return
    picked = set(passage.run.draft) ^ {name}
    draft = tuple(choice.name for choice in passage.choices(step) if choice.name in picked)
    passage.change(draft=draft)
    passage.events.append(Toggled(step.name, passage.run.prompt, passage.options(step), passage.actions(step)))


def _done(passage: Passage, step: Step) -> None:
    """Close what was gathered, or leave an earlier answer as it is."""
    run = passage.run
    if step.type == "select_multiple":
        if run.draft:
            _answer_open(passage, step, run.draft)
        else:
            _skip(passage, step)
    elif step.multiline and run.draft:
        label = passage.label(step, run.draft)
        passage.events.append(Answered(step.name, run.prompt, run.draft, label, changed=run.reopened))
        passage.onward(step.name)
    elif passage.answered(step.name):
        passage.onward(step.name)
    else:
        _refuse(passage, step, run.prompt, Refusal("empty"))


def _skip(passage: Passage, step: Step) -> None:
    """Pass a question. Words that were sent to it already are an answer: `skip` then only moves on."""
    if step.multiline and passage.run.draft:
        _done(passage, step)
    elif step.required:
        message = passage.words(step.required_message)
        _refuse(passage, step, passage.run.prompt, Refusal("required", {"message": message}))
    else:
        passage.keep(step.name, None, "")
        passage.events.append(Skipped(step.name, passage.run.prompt))
        passage.onward(step.name)


def _change(passage: Passage, path: str) -> None:
    """Go to a question answered before, to come back to where she was."""
    run = passage.run
    if path not in run.trail or path not in run.answers or path not in passage.survey.relevant:
        passage.misplace("stale")
        return
    _reopen(passage)
    returning = run.returning if path == run.position else run.returning or run.position
    passage.open(path, returning=_unless(returning, path))


def _said(passage: Passage, reply: Typed | Sent) -> None:
    run = passage.run
    prompt = run.prompt if reply.prompt is None else reply.prompt
    path = run.question_of(prompt)
    if path is None:
        passage.misplace("stale")
        return
    step = passage.plan.step(path)
    late = path != run.position
    if not late:
        _reopen(passage)
    if isinstance(reply, Sent):
        _refuse(passage, step, prompt, Refusal("not_text", {"kind": reply.kind}))
        return
    context = passage.context
    value = read_words(step, passage.choices(step), reply.text, context.language, context.limits.text_length)
    if not isinstance(value, Refusal) and isinstance(value, str) and step.type == "text":
        value = _added(passage, step, value, late=late)
    if isinstance(value, Refusal):
        _refuse(passage, step, prompt, value)
    elif late:
        _answer_late(passage, step, prompt, value)
    elif step.multiline:
        _collect(passage, step, prompt, _pieces(value))
    else:
        _answer_open(passage, step, value)


def _added(passage: Passage, step: Step, words: str, *, late: bool) -> Value | Refusal:
    """Add words to what was said before: pieces to a multiline text, late lines to any text."""
    given = passage.answered(step.name)
    value: Value = words
    if step.multiline:
        value = (*(_pieces(given.value if given else None) if late else passage.run.draft), words)
    elif late and given:
        value = f"{given.value}\n{words}"
    longest = passage.context.limits.text_length
    if len(plain(value)) > longest:
        return Refusal("too_long", {"max": str(longest)})
    return value


def _unfit(passage: Passage, step: Step, value: Value) -> Refusal | None:
    """Say why an answer of the right type does not fit its constraint."""
    condition = passage.plan.constraint[passage.plan.places[step.name]]
    if condition is None:
        return None
    scope = passage.survey.scope
    own = operand(value)
    if condition.holds(replace(scope, own=own, values={**scope.values, step.name: own})):
        return None
    return Refusal("constraint", {"message": passage.words(step.constraint_message)})


def _answer_open(passage: Passage, step: Step, value: Value) -> None:
    prompt = passage.run.prompt
    if refusal := _unfit(passage, step, value):
        _refuse(passage, step, prompt, refusal)
        return
    _keep(passage, step, prompt, value)
    passage.onward(step.name)


def _answer_late(passage: Passage, step: Step, prompt: int, value: Value) -> None:
    """Take what answers a question before the open one: the cursor stays where it is."""
    if refusal := _unfit(passage, step, value):
        _refuse(passage, step, prompt, refusal)
    else:
        _keep(passage, step, prompt, value)


def _keep(passage: Passage, step: Step, prompt: int, value: Value) -> None:
    changed = passage.answered(step.name) is not None
    label = passage.label(step, value)
    passage.keep(step.name, value, label)
    passage.events.append(Answered(step.name, prompt, value, label, changed))


def _collect(passage: Passage, step: Step, prompt: int, pieces: tuple[str, ...]) -> None:
    if refusal := _unfit(passage, step, pieces):
        _refuse(passage, step, prompt, refusal)
        return
    label = passage.label(step, pieces)
    passage.keep(step.name, pieces, label)
    passage.change(draft=pieces)
    passage.events.append(Collected(step.name, prompt, pieces, label))


def _refuse(passage: Passage, step: Step, prompt: int, refusal: Refusal) -> None:
    passage.events.append(Refused(step.name, prompt, refusal.code, refusal.facts))
    passage.repeat()
