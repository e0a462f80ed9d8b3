"""What circles said: to what was asked, and to what was told back. It stands beside people's words, and in no count."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

from bot.services.acts import Actor, require
from bot.services.permissions import FACILITATORS
from dialogs.run import Answer
from storage.broadcasts import Broadcast
from storage.decisions import Decision
from storage.sheets import Sheet
from storage.unit import Unit


@dataclass(frozen=True, slots=True)
class CircleWord:
    """What one circle said.

    Attributes:
        sheet_id: by the code of which sheet it is taken back.
        day: when it was typed in.
        refused: whether they did not want to: nothing else is known then.
        present: how many were there.
        against: what was said against it; of what was told back, whatever was said to it.
        fine: whether what was told back is fine with them.
        answers: what it answered to each question, in words or choices.
    """

    sheet_id: UUID
    day: date
    refused: bool
    present: int = 0
    against: str = ""
    fine: bool = False
    answers: Mapping[str, Answer] = field(default_factory=dict)


def to_asked(unit: Unit, broadcast: Broadcast) -> list[CircleWord]:
    """Return what circles said to what was asked, the first that was typed in first."""
    return _about(unit, broadcast.cohort_id, "asked", broadcast.id.hex)


def to_told(unit: Unit, decision: Decision) -> list[CircleWord]:
    """Return what circles said to what they were told, the first that was typed in first."""
    return _about(unit, decision.cohort_id, "decision", decision.id.hex)


def any_asked(unit: Unit, broadcast: Broadcast) -> bool:
    """Return whether a circle said something to what was asked."""
    return any(not each.refused for each in to_asked(unit, broadcast))


def words_to(unit: Unit, broadcast: Broadcast) -> Iterator[str]:
    """Yield what circles said to a broadcast, and to what they were told of it, in their own words."""
    told = [each.id.hex for each in unit.decisions.because_of(broadcast.id)]
    for each in (*to_asked(unit, broadcast), *_about(unit, broadcast.cohort_id, "decision", *told)):
        yield from _words(each)


def words_on(sheet: Sheet) -> Iterator[str]:
    """Yield what a circle said in its own words, as it was typed in from a sheet."""
    word = _word(sheet)
    return _words(word) if word is not None else iter(())


def _words(word: CircleWord) -> Iterator[str]:
    yield word.against
    for answer in word.answers.values():
        pieces = answer.value if isinstance(answer.value, tuple) else (answer.value,)
        yield from (piece for piece in pieces if isinstance(piece, str))


def present_at(unit: Unit, broadcast: Broadcast) -> int:
    """Return how many people were in the circles that said something to a broadcast."""
    return sum(each.present for each in to_asked(unit, broadcast))


def since(unit: Unit, cohort_ids: list[UUID], day: date) -> list[tuple[UUID, CircleWord]]:
    """Return what circles of some cohorts said to what was asked since a day, each with the broadcast's id."""
    found = ((each, _word(each)) for each in unit.sheets.typed_in(cohort_ids) if each.body.get("asked"))
    return [(UUID(each.body["asked"]), word) for each, word in found if word is not None and word.day >= day]


def look(unit: Unit, by: Actor, broadcast: Broadcast, tried: str) -> list[CircleWord]:
    """Return what circles said to a broadcast, for somebody of the team to read; raises NotAllowed."""
    require(unit, by, FACILITATORS, tried, broadcast.cohort_id)
    return to_asked(unit, broadcast)


def _about(unit: Unit, cohort_id: UUID, name: str, *things: str) -> list[CircleWord]:
    sheets = [each for each in unit.sheets.typed_in([cohort_id]) if each.body.get(name) in things]
    words = filter(None, map(_word, sheets))
    return sorted(words, key=lambda each: (each.day, each.sheet_id))


def _word(sheet: Sheet) -> CircleWord | None:
    """Return what was typed in from a sheet; None where it is damaged."""
    on = sheet.body.get("on")
    if not on:
        return None
    day = date.fromisoformat(str(on))
    if sheet.state == "refused":
        return CircleWord(sheet.id, day, refused=True)
    circle: Mapping[str, Any] = sheet.body.get("circle") or {}
    return CircleWord(
        sheet.id,
        day,
        refused=False,
        present=int(circle.get("present") or 0),
        against=str(circle.get("against") or ""),
        fine=bool(circle.get("fine")),
        answers={path: Answer.from_dict(each) for path, each in (sheet.body.get("answers") or {}).items()},
    )
