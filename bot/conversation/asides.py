"""Asides: what was said to a question and could not be its answer; kept, and offered to a later question."""

from collections.abc import Mapping, Sequence
from typing import ClassVar
from uuid import UUID

from bot import clock
from bot.rendering.arguments import Argument
from bot.rendering.speech import Speech
from dialogs import types
from dialogs.context import Limits
from dialogs.fuzzy_match import is_blank, tells
from dialogs.model import Media, Piece
from dialogs.replies import Edited, Reply, Sent, Typed
from dialogs.run import Answer
from dialogs.wording import plain_value
from storage.asides import Aside
from storage.people import Person
from storage.unit import Unit


class AsideAt(Argument):
    """An aside by its number, and the prompt at which it was offered."""

    layout: ClassVar[str] = "{seq}.{prompt}"
    seq: int
    prompt: int


def pieces_of(reply: Reply | None) -> tuple[Piece, ...]:
    """Return the words, voice note or photo of a reply; a press has none."""
    match reply:
        case Typed(text=words) | Edited(text=words):
            media: tuple[Piece, ...] = ()
        case Sent(media=piece, caption=words):
            media = (piece,) if piece else ()
        case _:
            return ()
    return media if is_blank(words) else (*media, words.strip())


def telling(pieces: Sequence[Piece]) -> bool:
    """Return whether pieces tell something and are more than a typing slip."""
    words = " ".join(each for each in pieces if isinstance(each, str))
    return tells(words) or any(isinstance(each, Media) for each in pieces)


def save(unit: Unit, person: Person, run_id: UUID, path: str, pieces: tuple[Piece, ...], message: int | None) -> None:
    """Keep what was said in a message as an aside to a question.

    The same words are kept once, and an edited message stays one aside.
    """
    known = [each for each in unit.asides.of(run_id, person) if each.path == path]
    edited = next((each for each in known if message is not None and each.message == message), None)
    if edited is not None:
        unit.asides.change(edited.seq, path, person, pieces)
    elif all(each.pieces != pieces for each in known):
        unit.asides.add(clock.new_id(), run_id, path, person, pieces, message)


def to_offer(unit: Unit, person: Person, run_id: UUID, path: str, kind: str) -> Aside | None:
    """Return the newest aside to another question of a run that may be meant for this one; None if there is none.

    An aside is offered at one question only, each time that one is asked.
    """
    asked = types.get(kind)
    if not asked.open_ended:
        return None
    for each in reversed(unit.asides.of(run_id, person)):
        media = [piece.kind for piece in each.pieces if isinstance(piece, Media)]
        fits = asked.media.issuperset(media) and (media or asked.free_text)
        if each.path == path or not unit.asides.is_free_for(each, path) or not (fits and telling(each.pieces)):
            continue
        if len(plain_value(each.pieces)) > Limits().text_length:
            continue
        if each.offered_to is None:
            unit.asides.offered(each, path)
        return each
    return None


def readable(found: Sequence[Aside], path: str, *, answered: bool) -> list[Aside]:
    """Return the asides to a question that are worth reading: if it was answered, without slips."""
    return [each for each in found if each.path == path and (not answered or telling(each.pieces))]


def quoted(speech: Speech, aside: Aside) -> str:
    """Return an aside in words, with its voice notes and photos named."""
    return speech.described(aside.pieces, plain_value(aside.pieces))


def counted(speech: Speech, person: Person, run_id: UUID, answers: Mapping[str, Answer]) -> str:
    """Return that what was said to questions without an answer is kept, too, after a blank; '' where nothing was."""
    said = {each.path for each in speech.unit.asides.of(run_id, person) if telling(each.pieces)}
    told = sum(path not in answers or answers[path].value is None for path in said)
    return " " + speech.texts.count("run.completed.beside", speech.language, told) if told else ""
