"""A conversation as a page shows it: outbox rows, with edits folded into what they edit."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from bot.messenger import Button, Keyboard
from storage.thread import Said
from storage.unit import Unit

MESSENGER = "web"
NEWEST = 200  # rows a page shows


@dataclass(frozen=True, slots=True)
class Bubble:
    """One message on the page.

    Attributes:
        seq: the row it is, which its buttons name.
        hers: True for what the person said herself.
        text: plain words.
        keyboard: rows of buttons; empty when there is nothing to press.
        language: language of the words, or None where the row does not tell.
    """

    seq: int
    hers: bool
    text: str
    keyboard: Keyboard = ()
    language: str | None = None


@dataclass(frozen=True, slots=True)
class Conversation:
    """What a page shows when it opens.

    Attributes:
        bubbles: messages in order.
        newest: the newest row among them, edits included; 0 while there is none.
        language: the person's own, or None for someone who has not chosen.
    """

    bubbles: Sequence[Bubble]
    newest: int
    language: str | None


@dataclass(frozen=True, slots=True)
class News:
    """What happened after a row: each new row's number with the bubble as it now stands."""

    bubbles: Sequence[tuple[int, Bubble]]
    newest: int
    language: str | None


def fold(rows: Iterable[Said]) -> dict[int, Bubble]:
    """Return the bubbles by their row, in order; an edit of a row that is not among them is left out."""
    bubbles: dict[int, Bubble] = {}
    for row in rows:
        if row.kind != "edit":
            bubbles[row.seq] = Bubble(
                row.seq,
                row.kind == "echo",
                row.body["text"] or "",
                _keyboard(row.body),
                row.body.get("language"),
            )
        elif row.edits in bubbles:
            bubbles[row.edits] = _edited(bubbles[row.edits], row)
    return bubbles


def _edited(bubble: Bubble, edit: Said) -> Bubble:
    text = edit.body["text"]
    if text is None:
        return replace(bubble, keyboard=_keyboard(edit.body))
    return replace(bubble, text=text, keyboard=_keyboard(edit.body), language=edit.body.get("language"))


def read(unit: Unit, chat: str) -> Conversation:
    """Read the end of a conversation."""
    rows = unit.outbox.latest(MESSENGER, chat, NEWEST)
    newest = rows[-1].seq if rows else 0
    return Conversation(tuple(fold(rows).values()), newest, language(unit, chat))


def news(unit: Unit, chat: str, after: int) -> News | None:
    """Read what came after a row; None when nothing did."""
    rows = unit.outbox.thread(MESSENGER, chat, after, NEWEST)
    if not rows:
        return None
    if any(row.kind == "edit" for row in rows):
        # What an edit changes may be older than the news, so the edit is folded into the whole page.
        standing = fold(unit.outbox.latest(MESSENGER, chat, NEWEST))
    else:
        standing = fold(rows)
    changed = [(row.seq, row.edits if row.kind == "edit" else row.seq) for row in rows]
    bubbles = tuple((seq, standing[of]) for seq, of in changed if of in standing)
    return News(bubbles, rows[-1].seq, language(unit, chat))


def newest(unit: Unit, chat: str) -> int:
    """Return the newest row of a conversation, 0 while there is none."""
    rows = unit.outbox.latest(MESSENGER, chat, 1)
    return rows[-1].seq if rows else 0


def answered(unit: Unit, chat: str, after: int) -> bool:
    """Tell whether anything but her own words came after a row."""
    rows = unit.outbox.thread(MESSENGER, chat, after, NEWEST)
    return any(row.kind != "echo" for row in rows)


def language(unit: Unit, chat: str) -> str | None:
    """Return the language the person of a chat has chosen."""
    person = unit.people.at(MESSENGER, chat)
    return person.language if person else None


def _keyboard(body: Mapping[str, Any]) -> Keyboard:
    return tuple(tuple(Button(label, press) for label, press in buttons) for buttons in body.get("keyboard", ()))
