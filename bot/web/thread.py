"""A conversation as a page shows it: outbox rows, with edits folded into the messages they edit."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from bot.messengers.port import WEB, Button, Keyboard
from bot.services.chat_cleanup import OWN
from bot.services.earlier import Earlier
from bot.services.organisation import local_zone
from storage.outbox import FROM_TEAM
from storage.people import Person
from storage.thread import ThreadRow
from storage.unit import Unit

NEWEST = 200  # rows a page shows
CHOSEN = "✓ "  # begins the label of what was chosen
ASKING = 3  # the newest keyboards stay open: several messages may come at once, and each asks something of its own


@dataclass(frozen=True, slots=True)
class BubbleMedia:
    """A voice note, photo or document in a message.

    Attributes:
        name: its id in hex, the file of a recording that came with a dialog, or the file a document was put aside in.
        kind: `voice`, `photo`, `document`, or a `sheet` that is drawn to be printed.
        seconds: how long a voice note lasts, if known.
        title: a document's name once it is downloaded.
        held: what opens it (see `bot.media.attachments`); it never leaves this machine.
    """

    name: str
    kind: str
    seconds: int | None = None
    title: str = ""
    held: Mapping[str, Any] = field(default_factory=dict, repr=False, compare=False)


@dataclass(frozen=True, slots=True)
class Bubble:
    """One message on the page.

    Attributes:
        seq: the number of its row, which its buttons name.
        own: whether the person said it.
        text: plain words.
        keyboard: rows of buttons; empty when there is nothing to press.
        language: language of the words, or None where the row does not tell.
        media: what is heard or seen in it.
        tongues: the languages of its paragraphs, where each has its own.
        spent: whether its buttons were answered, or are many messages old.
        authored: the words are a dialog's or the team's to this person, and their addresses may be pressed. In anything
            else somebody's words may be quoted: an address there, pressed, would tell its owner who reads them.
    """

    seq: int
    own: bool
    text: str
    keyboard: Keyboard = ()
    language: str | None = None
    media: BubbleMedia | None = None
    authored: bool = False
    spent: bool = False
    tongues: tuple[str, ...] = ()

    @property
    def paragraphs(self) -> list[tuple[str, str]]:
        """Its paragraphs with the language of each; empty where all are in the same."""
        parts = self.text.split("\n\n")
        return list(zip(self.tongues, parts, strict=True)) if len(self.tongues) == len(parts) else []

    @property
    def over(self) -> Keyboard:
        """The rows of its keyboard that fold away once it is spent."""
        return tuple(row for row in self.keyboard if not any(button.stays for button in row))

    @property
    def staying(self) -> Keyboard:
        """The rows of its keyboard that stay: they lead to help."""
        return tuple(row for row in self.keyboard if any(button.stays for button in row))

    @property
    def chosen(self) -> str:
        """What was chosen below it, where the buttons say so; else ''."""
        label = self.keyboard[0][0].label if self.keyboard else ""
        return label if label.startswith(CHOSEN) else ""


@dataclass(frozen=True, slots=True)
class ThreadPage:
    """What a page shows when it opens.

    Attributes:
        bubbles: messages in order.
        newest: the newest row among them, edits included; 0 while there is none.
        language: the person's own, or None for someone who has not chosen.
        zone: by which zone they are written to, where a browser that goes by another may say so; else ''.
    """

    bubbles: Sequence[Bubble]
    newest: int
    language: str | None
    zone: str = ""


@dataclass(frozen=True, slots=True)
class ThreadUpdate:
    """What happened after a row.

    Attributes:
        bubbles: each new row's number with the bubble as it now stands.
        newest: the newest row.
        language: the person's own, or None for someone who has not chosen.
        gone: rows of bubbles that were removed or erased.
        taken: rows of the person's own words that were removed before the page showed more than that they are sent.
        shown: rows of all bubbles that a page now shows.
    """

    bubbles: Sequence[tuple[int, Bubble]]
    newest: int
    language: str | None
    gone: Sequence[int] = ()
    taken: Sequence[int] = ()
    shown: frozenset[int] = frozenset()


def fold(rows: Iterable[ThreadRow]) -> dict[int, Bubble]:
    """Return the bubbles by their row, in order; an edit of a row that is not among them is left out."""
    bubbles: dict[int, Bubble] = {}
    for row in rows:
        if row.kind in {"message", "echo"}:
            bubbles[row.seq] = Bubble(
                row.seq,
                row.kind == "echo",
                row.body["text"] or "",
                _keyboard(row.body),
                row.body.get("language"),
                _media(row.body),
                row.run_id is not None or str(row.body.get("what") or "").startswith(FROM_TEAM),
                tongues=tuple(row.body.get("tongues", ())),
            )
        elif row.kind == "delete":
            for seq in row.body["messages"]:
                bubbles.pop(seq, None)
        elif row.edits in bubbles:
            bubbles[row.edits] = _edited(bubbles[row.edits], row)
    return bubbles


def _edited(bubble: Bubble, edit: ThreadRow) -> Bubble:
    text = edit.body["text"]
    if text is None:
        return replace(bubble, keyboard=_keyboard(edit.body))
    return replace(bubble, text=text, keyboard=_keyboard(edit.body), language=edit.body.get("language"), tongues=())


def read(unit: Unit, chat: str) -> ThreadPage:
    """Read the end of a conversation."""
    person = unit.people.at(WEB, chat)
    rows = unit.outbox.latest(WEB, chat, NEWEST)
    newest = rows[-1].seq if rows else 0
    bubbles = _spent(tuple(fold(_open(rows, person)).values()))
    asked = person is not None and person.participation == "active" and not person.practice
    zone = local_zone(unit, person) if asked else ""
    return ThreadPage(bubbles, newest, person.language if person else None, zone)


def _spent(bubbles: Sequence[Bubble]) -> tuple[Bubble, ...]:
    """Mark the keyboards that are over: answered by a press or by words, or older than the newest few."""
    found: list[Bubble] = []
    own, later = False, 0
    for bubble in reversed(bubbles):
        over = bool(bubble.over) and bool(found) and (own or later >= ASKING or bool(bubble.chosen))
        found.append(replace(bubble, spent=True) if over else bubble)
        own = own or bubble.own
        later += bool(bubble.over) and not over
    return tuple(reversed(found))


def shown(unit: Unit, chat: str, upto: int) -> frozenset[int]:
    """Return the rows of the bubbles that a page shows once it has received everything up to a row."""
    rows = _open(unit.outbox.latest(WEB, chat, NEWEST), unit.people.at(WEB, chat))
    return frozenset(seq for seq in fold(rows) if seq <= upto)


def news(unit: Unit, chat: str, after: int, before: frozenset[int]) -> ThreadUpdate | None:
    """Return what came after a row, for a page that shows the bubbles of `before`; None if nothing did."""
    rows = unit.outbox.thread(WEB, chat, after, NEWEST)
    if not rows:
        return None
    # An edit may change an older bubble, and an erased row leaves no trace: so all the page's rows are folded. After a
    # long absence they do not reach back to everything that is new.
    person = unit.people.at(WEB, chat)
    latest = rows if not after and len(rows) < NEWEST else unit.outbox.latest(WEB, chat, NEWEST)
    page = fold(_open(latest, person))
    oldest = latest[0].seq if len(latest) == NEWEST else 0
    gone = tuple(sorted(seq for seq in before if seq >= oldest and seq not in page))
    standing = fold(_open(rows, person)) | page
    changed = [(row.seq, row.edits if row.kind == "edit" else row.seq) for row in rows]
    bubbles = tuple((seq, standing[of]) for seq, of in changed if of in standing)
    removed = (row.body for row in rows if row.kind == "delete" and row.body.get(OWN))
    taken = tuple(seq for body in removed for seq in body["messages"] if seq not in before)
    return ThreadUpdate(bubbles, rows[-1].seq, person.language if person else None, gone, taken, frozenset(standing))


def holds(unit: Unit, chat: str, name: str) -> BubbleMedia | None:
    """Find a voice note or photo in what a page of this conversation shows, or None."""
    bubbles = fold(_open(unit.outbox.latest(WEB, chat, NEWEST), unit.people.at(WEB, chat))).values()
    return next((bubble.media for bubble in bubbles if bubble.media and bubble.media.name == name), None)


def newest(unit: Unit, chat: str) -> int:
    """Return the newest row of a conversation, 0 while there is none."""
    rows = unit.outbox.latest(WEB, chat, 1)
    return rows[-1].seq if rows else 0


def answered(unit: Unit, chat: str, after: int) -> bool:
    """Return whether an answer came after a row and nothing more is about to: the person's own words do not count."""
    rows = unit.outbox.thread(WEB, chat, after, NEWEST)
    return any(row.kind != "echo" for row in rows) and not unit.outbox.on_its_way(WEB, chat)


def _open(rows: Sequence[ThreadRow], person: Person | None) -> Sequence[ThreadRow]:
    """Return the rows that may be shown: not those from before a person came back without a PIN."""
    shut = Earlier.of(person)
    return rows if shut is None else [row for row in rows if row.seq > shut.row]


def language(unit: Unit, chat: str) -> str | None:
    """Return the language that the person of a chat has chosen, or None."""
    person = unit.people.at(WEB, chat)
    return person.language if person else None


def _media(body: Mapping[str, Any]) -> BubbleMedia | None:
    told = body.get("media")
    if not told:
        return None
    if "parked" in told:
        return BubbleMedia(told["parked"].partition(":")[0], "document", title=told["name"], held=told)
    handle, kind = str(told.get("recording") or told["id"]), str(told.get("kind", "voice"))
    return BubbleMedia(handle, kind, told.get("seconds"), title=str(told.get("name") or ""), held=told)


def _keyboard(body: Mapping[str, Any]) -> Keyboard:
    return tuple(tuple(Button(*button) for button in buttons) for buttons in body.get("keyboard", ()))
