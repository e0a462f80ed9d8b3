"""What the next words are taken for: kept in a person's preferences."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from bot.conversation.actions import Action
from bot.conversation.screen import Screen
from bot.rendering.arguments import Argument
from bot.rendering.speech import rows
from storage.meant import QuestionMeant
from storage.people import Person
from storage.runs import RunRow
from storage.unit import Unit

WAITING = "waiting"
ASKED = "asked"  # value of "for": the next words answer what a screen asks
WORDS = "words"  # words that were typed on a screen, until it is known what they are for
PATIENCE = timedelta(hours=1)  # after so long, words are no longer taken for what was asked


def wait(
    screen: Screen,
    action: Action,
    to: UUID | None = None,
    *,
    about: UUID | None = None,
    meant: QuestionMeant | None = None,
) -> None:
    """Take the next words for what an action asks for.

    `to` is the message they reply to, `about` a decision, and `meant` what they say of a question.
    """
    named = {"to": to.hex} if to else {}
    if about is not None:
        named["about"] = about.hex
    if meant is not None:
        named |= {
            "meant": meant.kind,
            "asked": meant.broadcast_id.hex if meant.broadcast_id else "",
            "path": meant.path,
        }
    waiting = {"for": action.name, **_since(screen), **named}
    screen.unit.people.prefer(screen.person, **{WAITING: waiting})


def meant_by(waiting: Mapping[str, Any]) -> QuestionMeant | None:
    """Return what the words that are waited for say of a question, or None."""
    if not waiting.get("meant"):
        return None
    return QuestionMeant(waiting["meant"], UUID(waiting["asked"]) if waiting["asked"] else None, waiting["path"])


def ask(screen: Screen, action: Action, argument: Argument | None = None, *, for_others: bool = True) -> None:
    """Take the next words as the answer to a screen: its action is asked for, with them.

    `for_others` says that whatever is typed there is written for others, and so is never the writer's own cry for help.
    """
    waiting = {
        "for": ASKED,
        **_since(screen),
        "action": action.name,
        "argument": argument.encoded() if argument else "",
        "others": for_others,
    }
    screen.unit.people.prefer(screen.person, **{WAITING: waiting})


def _since(screen: Screen) -> dict[str, Any]:
    """Return since when words are waited for, and which question was the newest then."""
    row = screen.unit.runs.open(screen.person)
    return {"at": screen.unit.now.isoformat(), "question": _question(row)}


def _question(row: RunRow | None) -> str:
    return f"{row.id.hex}:{row.prompt}" if row is not None else ""


def written_for_others(unit: Unit, person: Person) -> bool:
    """Return whether the next words answer a screen on which one writes for others."""
    waiting = person.preferences.get(WAITING) or {}
    fresh = waiting.get("for") == ASKED and unit.now - datetime.fromisoformat(waiting["at"]) <= PATIENCE
    return fresh and bool(waiting["others"])


def keep_words(unit: Unit, person: Person, words: str) -> Person:
    """Keep what was typed on a screen until it is known what it is for."""
    return unit.people.prefer(person, **{WORDS: {"at": unit.now.isoformat(), "words": words}})


def kept_words(screen: Screen) -> tuple[Person, str]:
    """Return the words that were kept of a person, '' for none or old ones; they are kept no longer."""
    kept = screen.person.preferences.get(WORDS)
    if not kept:
        return screen.person, ""
    fresh = screen.unit.now - datetime.fromisoformat(kept["at"]) <= PATIENCE
    return screen.unit.people.prefer(screen.person, **{WORDS: None}), kept["words"] if fresh else ""


def is_waiting(unit: Unit, person: Person, action: str) -> UUID | None:
    """Return what the next words are about, if they are waited for by an action; the person, if it is nothing else."""
    waiting = person.preferences.get(WAITING) or {}
    if waiting.get("for") != action or unit.now - datetime.fromisoformat(waiting["at"]) > PATIENCE:
        return None
    return UUID(waiting["to"]) if waiting.get("to") else person.id


def is_past(unit: Unit, waiting: Mapping[str, Any], row: RunRow | None) -> bool:
    """Return whether a question is too old to be answered by new words, or a newer one asks."""
    asked = datetime.fromisoformat(waiting["at"])
    if unit.now - asked > PATIENCE:
        return True
    if row is None or row.status == "postponed":
        return False
    # Not by the run's moment, which tells the minute alone.
    return row.active_at > asked if "question" not in waiting else _question(row) != waiting["question"]


def forget(unit: Unit, person: Person) -> Person:
    """Stop waiting for words, as the person went elsewhere."""
    if not person.preferences.get(WAITING):
        return person
    return unit.people.prefer(person, **{WAITING: None})


def cancel(screen: Screen) -> None:
    """Stop waiting for words, and say so."""
    forget(screen.unit, screen.person)
    screen.show(screen.words("leader.words.cancelled"), rows(screen.menu()))
