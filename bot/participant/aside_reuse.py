"""Asides that the participant gives as the answer to another question, or edits."""

from collections.abc import Sequence
from uuid import UUID

from bot.conversation.actions import Action
from bot.conversation.asides import AsideAt
from bot.conversation.turns import Turns
from bot.rendering import targets
from bot.services.permissions import EVERYONE
from dialogs.events import Answered, Collected, Event
from dialogs.model import Media
from dialogs.replies import Edited, Sent, Typed
from dialogs.run import Run
from storage.asides import Aside
from storage.people import Person
from storage.runs import RunRow
from storage.unit import Unit

WAITS = frozenset({"open", "postponed"})


ASIDE = Action(targets.ASIDE, EVERYONE, (AsideAt,))


def use(turns: Turns, unit: Unit, person: Person, argument: AsideAt) -> tuple[RunRow, Sequence[Event]] | None:
    """Give an aside as the answer to the question at which it was offered; None if that is no longer possible."""
    aside, prompt = unit.asides.get(argument.seq, person), argument.prompt
    row = unit.runs.get(aside.run_id, person) if aside else None
    if aside is None or row is None or row.status not in WAITS:
        return None
    if Run.restore(row.state, {}).question_of(prompt) != row.state["position"]:
        return None
    return _answer(turns, unit, person, row, aside, prompt)


def edited(turns: Turns, unit: Unit, person: Person, change: Edited) -> tuple[RunRow, Sequence[Event]] | None:
    """Take an edit of a message that is kept as an aside: as the answer, if its question still waits for one.

    Otherwise the new words replace the old ones. Return None where no such aside is kept.
    """
    aside = unit.asides.said_in(change.order, person)
    row = unit.runs.get(aside.run_id, person) if aside else None
    if aside is None or row is None:
        return None
    media = tuple(piece for piece in aside.pieces if isinstance(piece, Media))
    words = change.text.strip()
    if not words and not media:
        unit.asides.take(aside.seq)
        return row, ()
    changed = unit.asides.change(aside.seq, aside.path, person, (*media, *([words] if words else [])))
    run = Run.restore(row.state, turns.answers(unit, person, row))
    given = run.answers.get(aside.path)
    if row.status in WAITS and (run.position == aside.path or (given is not None and given.value is None)):
        kept = unit.asides.get(changed, person) or aside
        done = _answer(turns, unit, person, row, kept, run.prompt_of(aside.path))
        if done is not None:
            return done
    return row, ()


def _answer(
    turns: Turns, unit: Unit, person: Person, row: RunRow, aside: Aside, prompt: int
) -> tuple[RunRow, Sequence[Event]] | None:
    words = "\n".join(piece for piece in aside.pieces if isinstance(piece, str))
    media = next((piece for piece in aside.pieces if isinstance(piece, Media)), None)
    reply: Typed | Sent = Typed(words, prompt, aside.message)
    if media is not None:
        reply = Sent(media.kind, prompt, media, caption=words, order=aside.message)
    if not turns.fits(unit, person, row, reply):
        return None
    happened = turns.reply(unit, person, row, reply)
    path = next((event.path for event in happened if isinstance(event, Answered | Collected)), None)
    if path is not None:
        unit.asides.take(aside.seq)
        if media is not None:
            unit.media.move(UUID(media.id), row.id, path)
    return row, happened
