"""A walk through everything that someone of the team can reach: every command, every button, and back again.

It goes as deep as it finds something new, and every way begins from the state its screen was shown in: the database
and the chat are put back before the next button is pressed.
"""

import re
import sqlite3
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache
from uuid import UUID

from babel import Locale

from bot.rendering.buttons import Buttons, PlainButton, RunButton
from dialogs import danger
from tests.bot.actions import STAFF_ACTIONS
from tests.bot.house import PEOPLE, named
from tests.bot.house import SAID as SAID_BY_PEOPLE
from tests.bot.phone import Phone
from tests.bot.rig import RECORD
from tests.bot.tongues import foreign, words
from tests.memory import Message

CHARACTERS, ROWS, LABEL = 500, 8, 64
QUOTING = 550  # characters of a screen that quotes what people said or wrote
DEEP = 60  # far enough that a way ends because nothing on it is new
ALIKE = 2  # things of one kind that are opened: the first of a list, and another
CHOICES = 6  # of one question
CHAT = frozenset({"inbox", "inbox_keys", "outbox", "panels", "audit", "dialog_versions"})
WRITTEN = " ".join(str(RECORD[key]) for key in ("name", "why", "stop_when"))
"""What the organisation wrote of itself, in the language it wrote it in."""
NAMES = words(" ".join((SAID_BY_PEOPLE, *map(named, range(PEOPLE)))))
OWN_NAMES = {"español", "english", "de", "usted", "los", "una"} | words(WRITTEN)  # and Los Angeles, Bot'una
PHRASES = re.compile(
    "|".join(rf"{re.escape(phrase[:24])}\w*…?" for tag in ("es", "en") for phrase in danger.proposed(tag))
)
"""Phrases of danger, which are shown in the language they are said in."""
SHAPES = (
    (r"[0-9a-f]{32}", "H"),
    (r"[A-Za-z0-9_-]{22}", "I"),
    (r"[0-9a-f]{8}|[0-9a-f]{20}", "d"),
    (r"\d{2,}|[3-9]", "n"),
)
SAID = {
    "text": ("Xwkq", "Xwkq zvrrt kkw xqv " * 7, "Xwkq, zvrrt\nkwx"),
    "date": {"es": ("Xwkq", "el viernes"), "en": ("Xwkq", "Friday")},
    "time": {"es": ("Xwkq", "7 de la tarde"), "en": ("Xwkq", "7 in the evening")},
    "select_one": ("Xwkq",),
}


@cache
def months() -> set[str]:
    """Return the names of months, long and short, in both languages."""
    tables = [Locale.parse(tag).months["format"][width] for tag in ("es_MX", "en") for width in ("wide", "abbreviated")]
    return words(" ".join(name for table in tables for name in table.values()))


@dataclass(frozen=True, slots=True)
class Way:
    """Something that can be done on a screen.

    Attributes:
        kind: what it is: an action with the shape of its argument, a choice of a question, words that are said.
        act: how to do it.
        abroad: what comes of it may be in another tongue than hers.
        argument: what its button carries.
    """

    kind: tuple[str, ...]
    act: Callable[[], None]
    abroad: bool = False
    argument: str = ""


@dataclass(frozen=True, slots=True)
class Saved:
    """A state of the world: all rows, and one chat."""

    rows: sqlite3.Connection
    chat: list[Message]


class Rounds:
    """One walk of one person.

    Attributes:
        done: how often something of each kind was done.
        actions: every action that some button asked for.
        touched: for each action and argument that was pressed, the tables in which something changed; her own wizards,
            preferences and chat are left out.
        wrong: what was found wrong, each with the way that led there.
    """

    def __init__(self, phone: Phone, language: str) -> None:
        self._phone = phone
        self._rig = phone.rig
        self._language = language
        self._path: list[str] = []
        self._buttons = Buttons(phone.rig.storage.vault, "memory", phone.chat)
        self._names: dict[UUID, str] = {}
        self._found: Counter[tuple[str, ...]] = Counter()
        self.done: Counter[tuple[str, ...]] = Counter()
        self.actions: set[str] = set()
        self.touched: dict[tuple[str, str], set[str]] = {}
        self.wrong: list[str] = []

    def walk(self, commands: tuple[str, ...]) -> None:
        """Go wherever one can go from these commands, and leave the house as it was, for whoever walks next."""
        begun = self._save()
        try:
            self._from([Way((command,), lambda command=command: self._say(command)) for command in commands], DEEP)
        finally:
            self._restore(begun)
            begun.rows.close()

    def _from(self, ways: list[Way], deep: int, *, abroad: bool = False) -> None:
        # Before anything is noted as found: what is too deep on this way may be done on a shorter one.
        if not deep or not (fresh := [way for way in ways if self._is_new(way)]):
            return
        saved, depth = self._save(), len(self._path)
        for place, way in enumerate(fresh):
            if place:
                self._restore(saved)
            else:
                self._forget()  # it is as it was saved
            self._path[depth:] = [" ".join(way.kind)]
            before = {message.order: message.edits for message in self._phone.heard}
            try:
                way.act()
            except Exception as error:  # noqa: BLE001  whatever it is, it is told with the way that led to it
                self._note(f"{type(error.__cause__ or error).__name__}: {error.__cause__ or error}")
                continue
            self.done[way.kind] += 1
            if way.kind[0] in STAFF_ACTIONS:
                self.touched[way.kind[0], way.argument] = self._touched()
            gone = way.abroad or (abroad and way.kind[0] in {"run", "say"})
            shown = [each for each in self._phone.heard if before.get(each.order) != each.edits]
            self._check(shown, abroad=gone)
            self._from(self._ways(shown), deep - 1, abroad=gone)
        del self._path[depth:]
        saved.rows.close()

    def _is_new(self, way: Way) -> bool:
        self._found[way.kind] += 1
        if way.kind[0] == "run":
            return self._found[way.kind] <= CHOICES
        return self._found[way.kind] <= (ALIKE if {"H", "I"} & set("".join(way.kind[1:2])) else 1)

    # What can be done.

    def _ways(self, shown: list[Message]) -> list[Way]:
        ways = [
            self._button(button.id, button.label, message.order)
            for message in shown
            for row in message.keyboard
            for button in row
        ]
        ways = [way for way in ways if way.kind[0] in STAFF_ACTIONS or way.kind[0] in {"home", "run"}]
        with self._rig.reading() as unit:
            person = self._phone.person
            run = unit.runs.open(person)
            if run is None or run.started_by != "staff" or run.status != "open" or not run.state.get("position"):
                return ways
            dialog = self._rig.turns.dialog(unit, run.dialog_hash)
        step = dialog.step(run.state["position"])
        said = SAID.get(step.type, ())
        texts = said[self._language] if isinstance(said, dict) else said
        return [
            *(Way(("say", dialog.name, step.name, text[:9]), lambda text=text: self._say(text)) for text in texts),
            *ways,
        ]

    def _button(self, button: str, label: str, order: int) -> Way:
        pressed = self._buttons.read(button)
        act = lambda: self._phone.press_id(button, order)  # noqa: E731  it is what the way does
        if isinstance(pressed, PlainButton):
            self.actions.add(pressed.action)
            argument = pressed.argument.rstrip("~")
            other = {"es": "en", "en": "es|es-usted"}[self._language]
            shape = argument
            for pattern, sign in SHAPES:
                shape = re.sub(
                    rf"(?<![A-Za-z0-9_-])({pattern})(?![A-Za-z0-9_-])|(?<=^[a-zA-Z])({pattern})", sign, shape
                )
            alike = " ".join(sorted(words(label) - NAMES - months()))
            # What arrives is shown in the group's first language, whichever is hers; a sentence is recorded in its own.
            abroad = pressed.action == "ask_look" or bool(re.search(rf"(^|\.|[whlga])({other})(\.|$)", argument))
            return Way((pressed.action, shape, alike), act, abroad=abroad, argument=argument)
        assert isinstance(pressed, RunButton), label
        if (name := self._names.get(pressed.run_id)) is None:
            with self._rig.reading() as unit:
                run = unit.runs.get(pressed.run_id, self._phone.person)
                name = self._rig.turns.dialog(unit, run.dialog_hash).name if run else "over"
            self._names[pressed.run_id] = name
        return Way(("run", name, pressed.action, pressed.path.hex()), act)

    def _say(self, text: str) -> None:
        self._phone.say(text)

    # What is wrong.

    def _check(self, shown: list[Message], *, abroad: bool) -> None:
        if not shown and not self._phone.last.labels:  # else the screen was this one already
            self._note("nothing was said")
        if not self._phone.last.labels and not self._phone.last.attachment:
            self._note(f"no button leads on: {self._phone.last.text!r}")
        for message in shown:
            text = message.text or ""
            if len(text) > (QUOTING if SAID_BY_PEOPLE.strip() in text else CHARACTERS):
                self._note(f"{len(text)} characters: {text[:80]!r}")
            if len(message.keyboard) > ROWS:
                self._note(f"{len(message.keyboard)} rows: {message.labels}")
            for label in message.labels:
                if len(label) > LABEL and "Xkwvqz" not in label:
                    self._note(f"a label of {len(label)}: {label!r}")
            if re.search(r"[{}]", text + " ".join(message.labels)):
                self._note(f"a blank that nothing filled: {text!r} {message.labels}")
            labels = [label for label in message.labels if len(label) > 1]  # a letter is of no language
            said = PHRASES.sub(" ", " ".join((text, *labels)))
            strange = foreign(said, self._language, OWN_NAMES)
            strange = {word for word in strange if len(word) > len("an")}  # codes and names of languages have such
            if strange and not abroad:
                self._note(f"{sorted(strange)} in {text!r} {message.labels}")

    def _note(self, what: str) -> None:
        self.wrong.append(f"{' > '.join(self._path)}: {what}")

    # The state of the world.

    def _touched(self) -> set[str]:
        """Return the tables in which something changed that is not her own."""
        hers = self._phone.person.id.hex
        rows = self._rig.rows("SELECT DISTINCT name, person FROM touched")
        return {name for name, person in rows if person != hers} - CHAT

    def _save(self) -> Saved:
        rows = sqlite3.connect(":memory:")
        with sqlite3.connect(self._rig.folder / "hilo.db") as live:
            live.backup(rows)
        live.close()
        return Saved(rows, [replace(message) for message in self._phone.thread])

    def _forget(self) -> None:
        with self._rig.unit() as unit:
            unit.connection.exec_driver_sql("DELETE FROM touched")
        self._rig.storage.day_keys.clear()

    def _restore(self, saved: Saved) -> None:
        live = sqlite3.connect(self._rig.folder / "hilo.db")
        live.execute("PRAGMA synchronous = OFF")
        saved.rows.backup(live)
        live.close()
        self._forget()
        chat = self._rig.messenger._chats[self._phone.chat]  # it can be put back nowhere else
        chat[:] = [replace(message) for message in saved.chat]
