"""Edits: a message that was edited corrects the answer it gave, and nothing else."""

from __future__ import annotations

from collections.abc import Sequence

from dialogs import types
from dialogs.answering import pieces_of, refuse, unsure
from dialogs.events import Amended, Misplaced
from dialogs.fuzzy_match import is_blank
from dialogs.model import Media, Piece, Step, Value
from dialogs.replies import Edited, Guess, Refusal
from dialogs.run import AnswerSource
from dialogs.turn_state import TurnState
from dialogs.types import guessed, multiline, read_words
from dialogs.wording import plain_value


def amend(passage: TurnState, edited: Edited) -> None:
    """Correct the answer that a message gave, while the run is open and for a while after its end.

    Questions that become relevant by the change are asked: at their turn, or now if the run was over.
    """
    run = passage.run
    source = run.source(edited.order)
    if run.status == "expired" or (run.status == "completed" and not passage.open_to_change):
        passage.events.append(Misplaced("closed"))
        return
    given = passage.answered(source.path) if source else None
    if source is None or given is None or given.value is None:
        passage.misplace("stale")
        return
    step, prompt = passage.plan.step(source.path), run.prompt_of(source.path)
    read = _read(passage, step, given.value, source, edited.text)
    if not isinstance(read, Refusal) and (unfit := passage.unfit(step, read[0])):
        read = unfit
    if isinstance(read, Refusal):
        refuse(passage, step, prompt, read)
        return
    value, sources = read
    if value == given.value:  # a messenger also reports edits that change no words
        return
    if source.path == run.position and run.draft and multiline(step):
        passage.change(draft=pieces_of(value))
    passage.keep(Amended(source.path, prompt, value, passage.label(step, value)), *sources)
    _go_on(passage)


def _go_on(passage: TurnState) -> None:
    """Move on if the correction made the open question irrelevant, or ask what became relevant after the end."""
    run, expected = passage.run, passage.relevance.expected
    if run.status == "open" and run.position not in passage.relevance.relevant:
        passage.onward(run.position)
    elif run.status == "completed" and (missing := next((each for each in expected if each not in run.answers), None)):
        passage.open(missing)


def _read(
    passage: TurnState, step: Step, given: Value, source: AnswerSource, text: str
) -> tuple[Value, Sequence[AnswerSource]] | Refusal:
    """Read the new words in place of the old; return the whole answer and the sources of its parts, or a refusal."""
    words = "" if is_blank(text) else text.strip()
    longest = passage.context.limits.text_length
    if not types.of(step).open_ended:
        found = read_words(step, passage.choices(step), text, passage.context)
        if isinstance(found, Guess):
            return unsure(passage, step, guessed(step, found.name))
        return found if isinstance(found, Refusal) else (found, [source])
    first, behind = source.first, source.first + source.length
    value: Value
    if isinstance(given, tuple):
        media = [each for each in given[first:behind] if isinstance(each, Media)]
        fresh: list[Piece] = [*media, *([words] if words else [])]
        value = (*given[:first], *fresh, *given[behind:])
    else:
        held = str(given).split("\n")
        fresh = [*words.split("\n")] if words else []
        value = "\n".join([*held[:first], *words.split("\n"), *held[behind:]])
    if not fresh:
        return Refusal("empty")
    if len(plain_value(value)) > longest:
        return Refusal("too_long", {"max": str(longest)})
    return value, _shifted(passage.run.sources, source, len(fresh))


def _shifted(sources: Sequence[AnswerSource], changed: AnswerSource, length: int) -> list[AnswerSource]:
    """Return the sources of one answer after one of its parts grew or shrank."""
    return [
        each._replace(length=length)
        if each == changed
        else each._replace(first=each.first + (length - changed.length if each.first > changed.first else 0))
        for each in sources
        if each.path == changed.path
    ]
