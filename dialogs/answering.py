"""Taking what a person presses, types and sends as the answer to a question."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from dialogs import lang, types
from dialogs.events import Answered, Collected, Passed, Refused, Resumed, Skipped, Toggled
from dialogs.fuzzy_match import folded, tells
from dialogs.model import Piece, Step, Value
from dialogs.replies import Guess, Read, Refusal, Sent, Typed
from dialogs.run import AnswerSource
from dialogs.turn_state import TurnState
from dialogs.types import agrees, guessed, multiline, read_sent, read_words
from dialogs.wording import plain_value

MISSES = 3
"""After so many replies in a row that cannot be read, a question is passed, with what was said beside it."""

ENOUGH = "0"
"""Typed instead of a button, this says that nothing more is to be added to a text of several messages."""


def reopen(passage: TurnState) -> None:
    """Reopen a postponed run whose open question was answered before the moment came."""
    if passage.run.status == "postponed":
        passage.change(status="open")
        passage.events.append(Resumed())


def choose(passage: TurnState, step: Step, name: str) -> None:
    """Take a pressed choice: as the answer, or, where several may be picked, as one more picked or dropped."""
    if not types.of(step).multiple:
        answer_open(passage, step, guessed(step, name))
        return
    picked = set(passage.run.draft) ^ {name}
    draft = tuple(choice.name for choice in passage.choices(step) if choice.name in picked)
    passage.change(draft=draft)
    passage.events.append(Toggled(step.name, passage.run.prompt, passage.options(step), passage.actions(step)))


def done(passage: TurnState, step: Step) -> None:
    """Finish what was gathered, or keep the earlier or proposed answer."""
    run = passage.run
    if types.of(step).multiple:
        if run.draft:
            answer_open(passage, step, run.draft)
        else:
            skip(passage, step)
    elif multiline(step) and run.draft:
        label = passage.label(step, run.draft)
        passage.events.append(Answered(step.name, run.prompt, run.draft, label, changed=run.reopened))
        passage.onward(step.name)
    elif passage.answered(step.name):
        passage.onward(step.name)
    elif (proposal := passage.proposal(step)) is not None:
        answer_open(passage, step, proposal)
    else:
        refuse(passage, step, run.prompt, Refusal("empty"))


def skip(passage: TurnState, step: Step) -> None:
    """Skip a question. If words were sent to it already, they are the answer, and `skip` only moves on."""
    if multiline(step) and passage.run.draft:
        done(passage, step)
    elif step.required:
        message = passage.words(step.required_message)
        refuse(passage, step, passage.run.prompt, Refusal("required", {"message": message}))
    else:
        passage.keep(Skipped(step.name, passage.run.prompt))
        passage.onward(step.name)


def accept(passage: TurnState, step: Step, name: str) -> None:
    """Take the suggested answer that the participant confirmed."""
    answer_open(passage, step, guessed(step, name))


def said(passage: TurnState, reply: Typed | Sent) -> None:
    """Take words, a voice note or a photo as the answer to the open question, or to an earlier one."""
    run = passage.run
    prompt = run.prompt if reply.prompt is None else reply.prompt
    path = run.question_of(prompt)
    if path is None:
        passage.misplace("stale")
        return
    step = passage.plan.step(path)
    late = path != run.position
    if not late:
        reopen(passage)
        if isinstance(reply, Typed) and prompt == run.prompt and _settled(passage, step, reply.text):
            return
        if isinstance(reply, Typed) and reply.text.strip() == ENOUGH and multiline(step) and run.draft:
            done(passage, step)
            return
    read = _read(passage, step, reply)
    if isinstance(read, Guess) and isinstance(reply, Typed) and reply.telling:
        read = unsure(passage, step, guessed(step, read.name))
    if isinstance(read, Guess):
        _guessed(passage, step, prompt, read, late=late)
    elif isinstance(read, Refusal):
        _unread(passage, step, prompt, reply, read, late=late)
    elif types.of(step).open_ended:
        _say(passage, step, prompt, read if isinstance(read, tuple) else (str(read),), reply.order, late=late)
    else:
        sources = [AnswerSource(reply.order, path)] if reply.order is not None else []
        _take(passage, step, prompt, read, sources, late=late)


def _settled(passage: TurnState, step: Step, words: str) -> bool:
    """Take a typed yes or no to a suggested answer; return whether it was one."""
    name = passage.run.near
    verdict = None if name is None else agrees(step, words)
    if verdict is None or name is None:
        return False
    if verdict:
        accept(passage, step, name)
    else:
        passage.repeat()
    return True


def _read(passage: TurnState, step: Step, reply: Typed | Sent) -> Read:
    """Read a reply with the question's type."""
    if isinstance(reply, Typed):
        choices = passage.choices(step)
        read = read_words(step, choices, reply.text, passage.context)
        if types.of(step).reads_ahead and _unfit(passage, step, read):
            ahead = read_words(step, choices, reply.text, replace(passage.context, ahead=True))
            return read if _unfit(passage, step, ahead) else ahead
        return read
    return read_sent(step, reply, passage.context)


def _unfit(passage: TurnState, step: Step, read: Read) -> bool:
    """Return whether what was read does not fit the question's constraint, or was not read at all."""
    if isinstance(read, Refusal):
        return True
    return passage.unfit(step, guessed(step, read.name) if isinstance(read, Guess) else read) is not None


def _unread(passage: TurnState, step: Step, prompt: int, reply: Typed | Sent, refusal: Refusal, *, late: bool) -> None:
    """Pass a closed question to which something was told, and refuse any other reply that cannot be read."""
    if late or refusal.code == "empty":
        refuse(passage, step, prompt, refusal)
        return
    if not _passes(passage, step, reply):
        misses = passage.run.misses
        passage.change(misses=misses + 1)
        refuse(passage, step, prompt, refusal, misses)
        return
    passage.events.append(Passed(step.name, prompt))
    if passage.answered(step.name) is None:
        passage.keep(Skipped(step.name, passage.run.prompt))
    passage.onward(step.name)


def _passes(passage: TurnState, step: Step, reply: Typed | Sent) -> bool:
    """Return whether a reply that is no answer passes its question: a recording or picture, a sentence, "none".

    So does the third reply in a row that cannot be read. A wizard's question, one that requires an answer and one for
    which choices were picked already are not passed; no more is one that takes what people say as it comes.
    """
    if passage.dialog.kind == "staff" or step.required or passage.run.draft or types.of(step).open_ended:
        return False
    if isinstance(reply, Sent):
        return reply.media is not None
    if passage.run.misses + 1 >= MISSES:
        return True
    told = reply.telling or tells(reply.text.strip()) or folded(reply.text) in lang.NONE_OF_THESE
    return told and bool(passage.choices(step))


def _guessed(passage: TurnState, step: Step, prompt: int, guess: Guess, *, late: bool) -> None:
    """Ask whether this was meant; to a question that is no longer open, refuse the reply instead."""
    value = guessed(step, guess.name)
    if refusal := passage.unfit(step, value):
        refuse(passage, step, prompt, refusal)
    elif late:
        refuse(passage, step, prompt, unsure(passage, step, value))
    else:
        passage.guess(guess.name)


def unsure(passage: TurnState, step: Step, value: Value) -> Refusal:
    """Return the refusal for a guess where the participant cannot be asked whether it was meant."""
    return types.of(step).refusal(passage.choices(step), passage.label(step, value))


def _say(
    passage: TurnState, step: Step, prompt: int, fresh: tuple[Piece, ...], order: int | None, *, late: bool
) -> None:
    """Take words and media to an open-ended question: in pieces to a multiline one, late ones added to it."""
    given = passage.answered(step.name)
    before: Value = ()
    if multiline(step) and not late:
        before = passage.run.draft
    elif late and given:
        before = given.value or ()
    if isinstance(before, str | int):
        before = (
            str(before) if types.of(step).free_text and all(isinstance(each, str) for each in fresh) else lines(before)
        )
    value, first = _joined(step, before, fresh)
    longest = passage.context.limits.text_length
    if len(plain_value(value)) > longest:
        refuse(passage, step, prompt, Refusal("too_long", {"max": str(longest)}))
        return
    earlier = [each for each in passage.run.sources if each.path == step.name] if first else []
    length = len(value) - first if isinstance(value, tuple) else str(value).count("\n") + 1 - first
    sources = [*earlier, AnswerSource(order, step.name, first, length)] if order is not None else earlier
    if multiline(step) and not late:
        _collect(passage, step, prompt, pieces_of(value), sources)
    else:
        _take(passage, step, prompt, value, sources, late=late)


def _joined(step: Step, before: str | tuple[Piece, ...], fresh: tuple[Piece, ...]) -> tuple[Value, int]:
    """Join new pieces to earlier ones; return the result and the piece or line at which the new ones begin."""
    if isinstance(before, tuple) and (before or multiline(step)):
        return (*before, *fresh), len(before)
    if isinstance(before, str):
        return f"{before}\n{fresh[0]}", before.count("\n") + 1
    return (fresh[0], 0) if isinstance(fresh[0], str) else (fresh, 0)


def lines(value: Value) -> tuple[Piece, ...]:
    """Split a text into its lines, so that voice notes and photos can stand beside them."""
    return tuple(str(value).split("\n"))


def pieces_of(value: Value | None) -> tuple[Piece, ...]:
    """Return the pieces of an answer; empty if it has none."""
    return value if isinstance(value, tuple) else ()


def answer_open(passage: TurnState, step: Step, value: Value, sources: Sequence[AnswerSource] = ()) -> None:
    """Take an answer to the open question, and move on."""
    _take(passage, step, passage.run.prompt, value, sources, late=False)


def _take(
    passage: TurnState, step: Step, prompt: int, value: Value, sources: Sequence[AnswerSource], *, late: bool
) -> None:
    """Take an answer that fits. For an earlier question the open question stays where it is."""
    if refusal := passage.unfit(step, value):
        refuse(passage, step, prompt, refusal)
        return
    changed = passage.answered(step.name) is not None
    number = prompt if late else passage.run.prompt
    passage.keep(Answered(step.name, number, value, passage.label(step, value), changed), *sources)
    if not late:
        passage.onward(step.name)


def _collect(
    passage: TurnState, step: Step, prompt: int, pieces: tuple[Piece, ...], sources: Sequence[AnswerSource]
) -> None:
    if refusal := passage.unfit(step, pieces):
        refuse(passage, step, prompt, refusal)
        return
    passage.change(draft=pieces)
    # Under the newest number, whichever was replied to: rows of an older number are not sent any more.
    passage.keep(Collected(step.name, passage.run.prompt, pieces, passage.label(step, pieces)), *sources)


def refuse(passage: TurnState, step: Step, prompt: int, refusal: Refusal, misses: int = 0) -> None:
    """Refuse a reply and ask the open question again."""
    passage.events.append(Refused(step.name, prompt, refusal.code, refusal.facts, misses))
    passage.repeat()
